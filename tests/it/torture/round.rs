//! A round from beginning to verdict.

use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use model::Timestamp;

use super::plan::{Autosave, Incident, Plan};
use super::story::say;
use super::tags::{Tags, Upload, walks};
use super::verdict::Verdict;
use super::world::World;
use crate::harness::PATIENCE;

/// Connected, and nothing has come for so long: nothing more comes.
const QUIET: Duration = Duration::from_secs(2);

/// Late evidence is judged so long after it came: `late.settle_s` of the rules shipped, and a moment.
const LATE: Duration = Duration::from_secs(12);

/// What the broker saves every so often, as shipped and as `EverySecond` has it, and a second for the
/// saving.
const SHIPPED_AUTOSAVE: Duration = Duration::from_secs(31);
const FREQUENT_AUTOSAVE: Duration = Duration::from_secs(2);

/// How long an acknowledgement is on its way to the tag that notes it: milliseconds, and more on a busy
/// machine.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

/// From the end of all judging to the order to stop: a timer due by then has fired.
const SETTLE: TimeDelta = TimeDelta::milliseconds(500);

/// How a round went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Balanced,
    /// A disk cannot be mounted here.
    Skipped,
}

/// Runs a round.
///
/// Panics when the books do not balance, having printed what was done, what was seen, and the command
/// that repeats it; its folder is kept.
pub(super) fn run(plan: &Plan) -> Outcome {
    let Some(mut world) = World::make(plan) else {
        return Outcome::Skipped;
    };
    let judged = catch_unwind(AssertUnwindSafe(|| judge(plan, &mut world)));
    if let Err(panic) = judged {
        say(&world.story.text());
        let folder = keep(world);
        say(&format!("seed {}: FAILED; kept in {folder}", plan.seed));
        say(&format!("repeat with: {}", plan.command()));
        resume_unwind(panic);
    }
    if std::env::var_os("TORTURE_TELL").is_some() {
        say(&world.story.text());
        say(&world.complaints());
    }
    Outcome::Balanced
}

/// Keeps the folder of a failed round with what the processes said.
fn keep(mut world: World) -> String {
    let mut words = String::new();
    for said in &world.last_words {
        writeln!(words, "{said}\n--- the next process").unwrap();
    }
    words.push_str(&world.service.output());
    drop(fs::write(world.folder.path().join("tagwatch.log"), words));
    let broker = world.broker.process.output();
    drop(fs::write(world.folder.path().join("mosquitto.log"), broker));
    if let Some(server) = &world.server {
        drop(fs::write(
            world.folder.path().join("postgres.log"),
            server.log(),
        ));
    }
    world.folder.disable_cleanup(true);
    world.folder.path().display().to_string()
}

fn judge(plan: &Plan, world: &mut World) {
    world.story.tell(&format!("{plan:?}"));
    let tags = Tags::walk(world.broker.port, walks(plan.wearers, plan.partitions));
    suffer(plan, world);
    let mut uploads = finish(tags, world);
    if let Some(killed) = world.broker_killed {
        make_good(plan, world, killed, &mut uploads);
    }
    wait_for(world, uploads.len(), "all readings are journaled");
    let until = settle(world);
    let status = world.service.terminate();
    assert!(status.success(), "{}", world.service.output());
    world.story.tell("stopped");
    nothing_wrong_was_seen(world);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = world.books.open().await;
        let verdict = Verdict::new(plan, &world.books, &*store, until);
        verdict.hold(&uploads).await;
    });
}

/// Lets what is planned happen, each in its time.
fn suffer(plan: &Plan, world: &mut World) {
    let began = Instant::now();
    let mut ahead: Vec<(Duration, bool, Incident)> = Vec::new();
    for incident in &plan.incidents {
        ahead.push((incident.begins, true, *incident));
        ahead.push((incident.begins + incident.lasts, false, *incident));
    }
    ahead.sort_by_key(|(at, _, _)| *at);
    for (at, begins, incident) in ahead {
        while began.elapsed() < at {
            world.keep();
        }
        if begins {
            world.begin(&incident);
        } else {
            world.heal(&incident);
        }
    }
}

/// Waits until the broker has acknowledged everything.
fn finish(tags: Tags, world: &mut World) -> Vec<Upload> {
    let began = Instant::now();
    while !tags.is_done() {
        assert!(began.elapsed() < PATIENCE, "tags do not get rid of it all");
        world.keep();
    }
    world.story.tell("everything is with the broker");
    tags.finish()
}

/// A broker that was killed has forgotten what it acknowledged since it last saved, and, where that
/// was never, for whom: until tagwatch subscribes again, what it acknowledges goes to nobody. Nothing
/// else may be missing; and when tags upload that time again, nothing at all.
fn make_good(plan: &Plan, world: &mut World, killed: Instant, uploads: &mut [Upload]) {
    world.wait_for_connections(plan);
    wait_until_quiet(world);
    let autosave = match plan.autosave {
        Autosave::Shipped => SHIPPED_AUTOSAVE,
        Autosave::EverySecond => FREQUENT_AUTOSAVE,
    };
    let subscribed = world.seen.lock().unwrap().subscribed.clone();
    let again = *subscribed.values().max().unwrap() + ON_ITS_WAY;
    let in_doubt = |upload: &Upload| {
        let at = upload.acknowledged.unwrap();
        killed.checked_sub(autosave).is_none_or(|from| from <= at) && at <= again
    };
    let facts: Vec<_> = uploads.iter().map(Upload::fact).collect();
    let missing = world.books.lacks(&facts);
    let (doubtful, certain): (Vec<&Upload>, Vec<&Upload>) =
        uploads.iter().partition(|upload| in_doubt(upload));
    world.story.tell(&format!(
        "the broker forgot {} of {} messages; {} are in doubt",
        missing.len(),
        uploads.len(),
        doubtful.len()
    ));
    for upload in certain {
        let fact = upload.fact();
        assert!(!missing.contains(&&fact), "lost: {fact:?}");
    }
    let repeated = doubtful.into_iter().cloned().collect();
    let port = world.broker.port;
    finish(Tags::hurry(port, repeated), world);
    wait_for(world, uploads.len(), "what was forgotten came again");
    std::thread::sleep(LATE);
}

fn wait_until_quiet(world: &mut World) {
    let (mut count, mut since) = (world.books.readings(), Instant::now());
    while since.elapsed() < QUIET {
        world.keep();
        let now = world.books.readings();
        if now != count {
            (count, since) = (now, Instant::now());
        }
    }
}

/// Waits until as many readings are journaled as there are uploads that are readings.
fn wait_for(world: &mut World, uploads: usize, what: &str) {
    let readings = uploads - super::tags::junk_in_all();
    let began = Instant::now();
    while world.books.readings() < readings {
        let kept = world.books.readings();
        assert!(
            began.elapsed() < PATIENCE,
            "it never happened that {what}: {kept} of {readings}"
        );
        world.keep();
    }
    world.story.tell(what);
}

/// Lets what is due be decided, and tells up to when that is so.
fn settle(world: &mut World) -> Timestamp {
    let now = Timestamp::from_chrono(chrono::Utc::now()).unwrap();
    std::thread::sleep(SETTLE.to_std().unwrap());
    world.keep();
    now
}

fn nothing_wrong_was_seen(world: &World) {
    let seen = world.seen.lock().unwrap();
    assert!(seen.findings.is_empty(), "{}", seen.findings.join("\n"));
    assert!(seen.acknowledged > 0, "the tap saw nothing");
    for (client, count) in &seen.outstanding {
        assert_eq!(*count, 0, "delivered to {client} and never acknowledged");
    }
    let said = world.last_words.iter().cloned();
    for words in said.chain([world.service.output()]) {
        assert!(!words.contains("panicked"), "{words}");
        // Whatever ended in the middle of a commit, nothing half done is left.
        assert!(!words.contains("stored data unreadable"), "{words}");
    }
}
