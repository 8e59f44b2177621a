//! Putting a batch together: messages and changes become journal entries, handed to the engine on
//! the way, and dead letters.

use backon::BackoffBuilder;
use engine::Outcome;
use model::{PolicyChange, Reading, ReceivedAt, Timestamp};
use tokio_util::sync::CancellationToken;
use wire::topic::{NativeTopic, Topic};

use super::flight::Acks;
use super::inbox::Source;
use super::known::{self, Novelty};
use super::partition::{Ended, Partition};
use super::retry;
use super::strays;
use crate::ingest::{Burial, Directory, Message, Place, TakenIn, take_in};
use crate::metrics::{MessageResult, ReadingOutcome};
use crate::store::{DeadLetter, DeadLetterReason, JournalEntry, JournalInput};

/// A batch that is being put together.
#[derive(Default)]
pub(super) struct Assembly {
    /// What it comes of.
    pub(super) source: Source,
    pub(super) entries: Vec<JournalEntry>,
    pub(super) dead_letters: Vec<DeadLetter>,
    /// Readings that are not in the journal yet.
    pub(super) fresh: usize,
}

impl Assembly {
    pub(super) const fn is_empty(&self) -> bool {
        self.source.is_empty() && self.entries.is_empty() && self.dead_letters.is_empty()
    }
}

impl Partition {
    pub(super) async fn handle_messages(
        &mut self,
        messages: &[Message],
        directory: &Directory,
        now: Timestamp,
        (acks, stop): (&Acks, &CancellationToken),
    ) -> Result<(), Ended> {
        let (partition, partitions) = (self.id, self.shared.partitions);
        let place = Place {
            partition,
            partitions,
            directory,
        };
        let taken_in: Vec<TakenIn<'_>> = messages
            .iter()
            .map(|message| take_in(message, place))
            .collect();
        let readings: Vec<&Reading> = taken_in.iter().flat_map(|taken| &taken.readings).collect();
        let mut novelties = self.sift(&readings, acks, stop).await?.into_iter();
        self.engine.foresee(&readings);
        self.assembly.entries.reserve(readings.len());
        for TakenIn {
            readings,
            mut burial,
        } in taken_in
        {
            let any_readable = !readings.is_empty();
            for reading in readings {
                let novelty = novelties.next().unwrap_or(Novelty::Duplicate);
                self.handle_reading(reading, novelty, now, &mut burial);
            }
            let letters = burial.into_letters();
            self.shared
                .metrics
                .message(match (letters.is_empty(), any_readable) {
                    (true, _) => MessageResult::Used,
                    (false, true) => MessageResult::PartlyUsed,
                    (false, false) => MessageResult::DeadLetter,
                });
            self.tell_strays(&letters, now);
            self.assembly.dead_letters.extend(letters);
        }
        Ok(())
    }

    /// Tells the engine of devices that are nobody's here.
    fn tell_strays(&mut self, letters: &[DeadLetter], now: Timestamp) {
        for letter in letters {
            let Some(reason) = strays::reason(letter.reason) else {
                continue;
            };
            let Ok(Topic::Native(NativeTopic { device, .. })) = Topic::parse(&letter.topic) else {
                continue;
            };
            if self.strays.is_due(&device, reason, now) {
                let partition = self.id;
                let change = PolicyChange::Stray {
                    partition,
                    device,
                    reason,
                };
                self.handle_change(change, now);
            }
        }
    }

    /// Tells what each reading is. The store is asked where that is not known, and has everything that came before.
    async fn sift(
        &mut self,
        readings: &[&Reading],
        acks: &Acks,
        stop: &CancellationToken,
    ) -> Result<Vec<Novelty>, Ended> {
        let unknown = self.known.unknown(readings);
        if !unknown.is_empty() {
            self.flush(acks, stop).await?;
            let mut waits = retry::waits().build();
            while let Err(error) = self.known.learn(&*self.shared.store, &unknown).await {
                self.sit_out(error, &mut waits, stop).await?;
            }
        }
        let doubtful = self.known.note(readings);
        if doubtful.is_empty() {
            return Ok(vec![Novelty::Fresh; readings.len()]);
        }
        self.flush(acks, stop).await?;
        let mut waits = retry::waits().build();
        loop {
            match known::look_up(&*self.shared.store, readings, &doubtful).await {
                Ok(novelties) => return Ok(novelties),
                Err(error) => self.sit_out(error, &mut waits, stop).await?,
            }
        }
    }

    pub(super) fn handle_change(&mut self, change: PolicyChange, now: Timestamp) {
        self.engine.handle_policy(&change, now);
        self.profiles.apply(&change);
        if let PolicyChange::Activation(activation) = &change {
            self.known.forget(&activation.device);
        }
        let position = self.next_position();
        let input = JournalInput::Policy(change);
        self.assembly.entries.push(JournalEntry {
            position,
            at: now,
            input,
        });
    }

    fn handle_reading(
        &mut self,
        reading: Reading,
        novelty: Novelty,
        now: Timestamp,
        burial: &mut Burial<'_>,
    ) {
        let metrics = &self.shared.metrics;
        let kind = reading.report.body.kind();
        match novelty {
            Novelty::Duplicate => return metrics.reading(kind, ReadingOutcome::Duplicate),
            Novelty::SequenceReused => {
                metrics.reading(kind, ReadingOutcome::DeadLetter);
                return burial.bury(DeadLetterReason::SequenceReused, &sequence_reused(&reading));
            }
            Novelty::Fresh => {}
        }
        let outcome = self.engine.handle_reading(&reading, now);
        metrics.reading(kind, ReadingOutcome::Journaled);
        metrics.judged(outcome.as_str());
        metrics.intake_lag(ReceivedAt(now), reading.report.observed_at);
        if let Outcome::Invalid(why) = &outcome {
            burial.bury(reason_of_invalid(&reading, now), why);
        }
        self.assembly.fresh += 1;
        let position = self.next_position();
        let input = JournalInput::Reading(reading);
        self.assembly.entries.push(JournalEntry {
            position,
            at: now,
            input,
        });
    }

    const fn next_position(&mut self) -> u64 {
        self.position += 1;
        self.position
    }
}

fn sequence_reused(reading: &Reading) -> String {
    let report = &reading.report;
    let seq = report.seq.unwrap_or_default();
    let (device, observed_at) = (&report.device, report.observed_at);
    format!(
        "device {device} used sequence number {seq} before, for another time than {observed_at}"
    )
}

fn reason_of_invalid(reading: &Reading, now: Timestamp) -> DeadLetterReason {
    if reading.report.observed_at.0 > now {
        DeadLetterReason::ObservedInFuture
    } else {
        DeadLetterReason::ImpossibleValue
    }
}
