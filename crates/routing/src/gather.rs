//! Many alerts of one cause become one: an incident across wearers, and what one wearer repeats.
//!
//! Nothing is lost by it. What is gathered is listed under what gathers it; what is critical is told on its
//! own all the same; and what is still open when it is over is told then.
//!
//! Architecture invariant: a pure state machine. Time is an argument.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use model::{
    AlertId, Decision, DecisionKind, Evidence, OversightEvidence, Phase, Severity, Timestamp,
    WearerId,
};

use crate::RoutingPolicy;
use crate::policy::IncidentRule;

/// Repeats of so many kinds of alert are followed; beyond that the one that has been quiet for longest is
/// over early.
const SERIES_MAX: usize = 100_000;

/// What becomes of an alert that opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stands alone.
    Alone,
    /// It is listed under another alert, and told.
    Told(AlertId),
    /// It is listed under another alert, which tells of it.
    Held(AlertId),
}

/// What there is to tell of what gathers.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// An incident has begun, has grown or is over: a decision of its own. Alerts that were told before it
    /// began are listed under it.
    Incident {
        /// The decision.
        decision: Box<Decision>,
        /// Alerts that opened before.
        before: Vec<AlertId>,
    },
    /// What is listed under this alert and still open is to be told.
    Over(AlertId),
}

/// Gathers alerts by the policy.
#[derive(Debug, Default)]
pub struct Gatherer {
    rules: Vec<IncidentRule>,
    repeats_within: Option<TimeDelta>,
    storms: BTreeMap<String, Storm>,
    series: BTreeMap<SeriesKey, Series>,
    news: Vec<News>,
}

/// Alerts of one rule.
#[derive(Debug, Default)]
struct Storm {
    /// The newest alert of each wearer, as far as they are not older than the rule asks for: fewer than its
    /// threshold.
    recent: BTreeMap<WearerId, (Timestamp, AlertId)>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    newest: Decision,
    /// Alerts listed under it.
    count: u32,
    /// Told of at so many, next.
    tell_at: u32,
    last: Timestamp,
}

type SeriesKey = (WearerId, DecisionKind, String);

#[derive(Debug)]
struct Series {
    first: AlertId,
    count: u32,
    last: Timestamp,
}

impl Gatherer {
    /// Gathers by what this policy says from now on. What has begun goes on.
    pub fn set_policy(&mut self, policy: &RoutingPolicy) {
        self.rules.clone_from(&policy.incidents);
        self.repeats_within = policy.repeats_within;
    }

    /// Takes up an incident that was going on: its newest decision, and how many alerts are listed under it.
    pub fn resume(&mut self, newest: Decision, count: u32, now: Timestamp) {
        let rule = self.rules.iter().find(|rule| {
            matches!(&newest.evidence, Evidence::Oversight(evidence) if evidence.policy == rule.name)
        });
        match rule {
            Some(rule) => {
                let storm = self.storms.entry(rule.name.clone()).or_default();
                storm.running = Some(Running {
                    newest,
                    count,
                    tell_at: count.saturating_mul(2),
                    last: now,
                });
            }
            None => self.news.push(ended(&newest, count, now)),
        }
    }

    /// What becomes of what was decided; only an alert that opens is ever gathered.
    pub fn observe(&mut self, decision: &Decision, severity: Severity, now: Timestamp) -> Verdict {
        if decision.phase != Phase::Opened || decision.kind == DecisionKind::Incident {
            return Verdict::Alone;
        }
        let verdict = match self.storm(decision, now) {
            Some(under) => Verdict::Held(under),
            None => self.repeat(decision, severity, now),
        };
        match verdict {
            Verdict::Held(under) if severity == Severity::Critical => Verdict::Told(under),
            verdict @ (Verdict::Alone | Verdict::Told(_) | Verdict::Held(_)) => verdict,
        }
    }

    /// Takes back what could not be told: it is told with the next.
    pub fn put_back(&mut self, mut news: Vec<News>) {
        news.append(&mut self.news);
        self.news = news;
    }

    /// Something was gathered under this alert before a restart, and is to be told if it is still open.
    pub fn let_go(&mut self, under: AlertId) {
        self.news.push(News::Over(under));
    }

    /// What there is to tell by now.
    pub fn poll(&mut self, now: Timestamp) -> Vec<News> {
        let quiet: BTreeMap<&str, TimeDelta> = self
            .rules
            .iter()
            .map(|rule| (rule.name.as_str(), rule.quiet))
            .collect();
        for (name, storm) in &mut self.storms {
            // A rule that is no more ends what it began.
            let quiet = quiet.get(name.as_str()).copied().unwrap_or_default();
            if let Some(running) = storm
                .running
                .take_if(|running| running.last.plus(quiet) <= now)
            {
                self.news.push(ended(&running.newest, running.count, now));
            }
        }
        self.storms
            .retain(|_, storm| storm.running.is_some() || !storm.recent.is_empty());
        self.end_series(now);
        std::mem::take(&mut self.news)
    }

    /// The incident that the alert belongs to, where there is one by now.
    fn storm(&mut self, decision: &Decision, now: Timestamp) -> Option<AlertId> {
        let rule = self
            .rules
            .iter()
            .find(|rule| rule.kinds.contains(&decision.kind))?;
        let storm = self.storms.entry(rule.name.clone()).or_default();
        if let Some(running) = &mut storm.running {
            running.count = running.count.saturating_add(1);
            running.last = running.last.max(now);
            if running.count >= running.tell_at {
                running.tell_at = running.tell_at.saturating_mul(2);
                running.newest = goes_on(&running.newest, running.count, now);
                self.news.push(News::Incident {
                    decision: Box::new(running.newest.clone()),
                    before: Vec::new(),
                });
            }
            return Some(running.newest.alert);
        }
        let since = now.minus(rule.within);
        storm.recent.retain(|_, (at, _)| *at > since);
        let opened = (now, decision.alert);
        storm.recent.insert(decision.wearer.clone(), opened);
        if storm.recent.len() < rule.threshold {
            return None;
        }
        let before = std::mem::take(&mut storm.recent).into_values();
        let before: Vec<AlertId> = before.map(|(_, alert)| alert).collect();
        let count = u32::try_from(before.len()).unwrap_or(u32::MAX);
        let newest = begun(rule, count, now);
        let under = newest.alert;
        self.news.push(News::Incident {
            decision: Box::new(newest.clone()),
            before: before
                .into_iter()
                .filter(|alert| *alert != decision.alert)
                .collect(),
        });
        storm.running = Some(Running {
            newest,
            count,
            tell_at: count.saturating_mul(2),
            last: now,
        });
        Some(under)
    }

    /// Whether a wearer repeats what they did, or what happened to them, a while ago. The second, fourth,
    /// eighth … time is told: it is known to go on, and nobody hears of every one.
    fn repeat(&mut self, decision: &Decision, severity: Severity, now: Timestamp) -> Verdict {
        let Some(within) = self
            .repeats_within
            .filter(|_| severity < Severity::Critical)
        else {
            return Verdict::Alone;
        };
        let key = series_of(decision);
        if let Some(series) = self.series.get_mut(&key)
            && series.last.plus(within) > now
        {
            series.count = series.count.saturating_add(1);
            series.last = series.last.max(now);
            return if series.count.is_power_of_two() {
                Verdict::Told(series.first)
            } else {
                Verdict::Held(series.first)
            };
        }
        if let Some(over) = self.series.remove(&key) {
            self.news.extend(over.over());
        }
        if self.series.len() >= SERIES_MAX {
            self.end_quietest();
        }
        let begins = Series {
            first: decision.alert,
            count: 1,
            last: now,
        };
        self.series.insert(key, begins);
        Verdict::Alone
    }

    fn end_series(&mut self, now: Timestamp) {
        let within = self.repeats_within.unwrap_or_default();
        let news = &mut self.news;
        self.series.retain(|_, series| {
            let goes_on = series.last.plus(within) > now;
            if !goes_on {
                news.extend(series.over());
            }
            goes_on
        });
    }

    fn end_quietest(&mut self) {
        let quietest = self.series.iter().min_by_key(|(_, series)| series.last);
        if let Some(key) = quietest.map(|(key, _)| key.clone())
            && let Some(over) = self.series.remove(&key)
        {
            self.news.extend(over.over());
        }
    }
}

impl Series {
    /// That it is over, where there was more than one.
    fn over(&self) -> Option<News> {
        (self.count > 1).then_some(News::Over(self.first))
    }
}

fn series_of(decision: &Decision) -> SeriesKey {
    let condition = decision.condition.as_ref().map(ToString::to_string);
    let device = decision.device.as_ref().map(ToString::to_string);
    let subject = condition.or(device).unwrap_or_default();
    (decision.wearer.clone(), decision.kind, subject)
}

fn begun(rule: &IncidentRule, count: u32, now: Timestamp) -> Decision {
    let wearer = WearerId::of_installation();
    // One a second of a rule at most, until 2106.
    let ordinal = u32::try_from(now.epoch_ms() / 1000).unwrap_or(u32::MAX);
    let kinds: Vec<&str> = rule.kinds.iter().map(|kind| kind.as_str()).collect();
    let (threshold, minutes) = (rule.threshold, rule.within.num_minutes());
    let reason = format!(
        "{threshold} wearers within {minutes} min: {}",
        kinds.join(", ")
    );
    let evidence = OversightEvidence {
        limit_s: u32::try_from(rule.within.num_seconds()).ok(),
        count: Some(count),
        ..OversightEvidence::new(&rule.name, reason)
    };
    Decision {
        alert: AlertId::derive(&wearer, &rule.name, DecisionKind::Incident, ordinal),
        revision: 1,
        wearer,
        order: None,
        order_version: None,
        registry: None,
        condition: None,
        device: None,
        kind: DecisionKind::Incident,
        phase: Phase::Opened,
        onset: now,
        decided: now,
        late: false,
        evidence: Evidence::Oversight(evidence),
    }
}

fn goes_on(newest: &Decision, count: u32, now: Timestamp) -> Decision {
    after(newest, Phase::Updated, count, now)
}

fn ended(newest: &Decision, count: u32, now: Timestamp) -> News {
    News::Incident {
        decision: Box::new(after(newest, Phase::Cleared, count, now)),
        before: Vec::new(),
    }
}

fn after(newest: &Decision, phase: Phase, count: u32, now: Timestamp) -> Decision {
    let mut evidence = newest.evidence.clone();
    if let Evidence::Oversight(oversight) = &mut evidence {
        oversight.count = Some(count);
    }
    Decision {
        revision: newest.revision.saturating_add(1),
        phase,
        decided: now.max(newest.decided),
        evidence,
        ..newest.clone()
    }
}
