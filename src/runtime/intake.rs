//! Whether what devices send is taken in as it is sent. While it is not, nobody's silence means
//! anything, and the journal says so.
//!
//! A gap begins when nothing could be taken in for a while: the broker was away, the store was, or this
//! process itself. It goes on while what was sent meanwhile is coming in, and is over when readings are
//! as fresh as they are sent, or nothing more comes.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{DeviceId, PartitionId, PolicyChange, Timestamp};

use super::clock::Clock;
use super::teller::Teller;

/// Nothing could be taken in for so long, in real time: a gap. Shorter ones are within what every rule
/// about silence lets pass.
const GAP: Duration = Duration::from_secs(60);

/// A reading observed so lately is as fresh as it was sent.
const FRESH: Duration = Duration::from_secs(60);

/// So many devices send fresh readings: one alone may have a clock that is ahead.
const FRESH_DEVICES: usize = 3;

/// Nothing came for so long while the broker could send: there is no more to come.
const IDLE: Duration = Duration::from_secs(5);

/// A partition's view of its own intake.
#[derive(Debug)]
pub(super) struct Intake {
    partition: PartitionId,
    clock: Clock,
    teller: Teller,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was ever taken in, so there is nothing to miss.
    Starting,
    /// It takes readings in; it last did, or could have, at this instant.
    Open(Timestamp),
    /// Since this instant it does not, or not as they are sent.
    Behind(Behind),
}

#[derive(Debug)]
struct Behind {
    from: Timestamp,
    /// Devices that sent something fresh.
    fresh: BTreeSet<DeviceId>,
    /// How long it has waited since the last message, with the broker able to send.
    waited: Duration,
}

impl Behind {
    const fn since(from: Timestamp) -> Self {
        Self {
            from,
            fresh: BTreeSet::new(),
            waited: Duration::ZERO,
        }
    }
}

impl Intake {
    /// Nothing is known of what was before.
    pub(super) const fn new(partition: PartitionId, clock: Clock, teller: Teller) -> Self {
        Self {
            partition,
            clock,
            teller,
            state: State::Starting,
        }
    }

    /// The process starts. `last` is the engine time of the journal's last entry, if it has any: what to
    /// tell the engine first.
    pub(super) fn resume(&mut self, last: Timestamp, now: Timestamp) -> Option<PolicyChange> {
        if last == Timestamp::default() || now <= last {
            return None;
        }
        self.state = State::Behind(Behind::since(last));
        Some(self.gap(last, now, true))
    }

    /// Looks where intake stands, before time runs on to `now`; what to tell the engine of it.
    /// `connected`: the broker can send.
    pub(super) fn look(&mut self, now: Timestamp, connected: bool) -> Option<PolicyChange> {
        match &mut self.state {
            State::Starting => {
                if connected {
                    self.state = State::Open(now);
                }
                None
            }
            State::Open(at) if now.since(*at) > self.clock.in_real(GAP) => {
                let from = *at;
                self.state = State::Behind(Behind::since(from));
                Some(self.gap(from, now, true))
            }
            State::Open(at) => {
                if connected {
                    *at = now;
                }
                None
            }
            State::Behind(behind) => {
                let from = behind.from;
                if !connected {
                    *behind = Behind::since(from);
                    return None;
                }
                if behind.waited < IDLE && behind.fresh.len() < FRESH_DEVICES {
                    return None;
                }
                self.state = State::Open(now);
                Some(self.gap(from, now, false))
            }
        }
    }

    /// It has waited for messages, and some came or none.
    pub(super) fn waited(&mut self, time: Duration, came: bool) {
        if let State::Behind(behind) = &mut self.state {
            behind.waited = if came {
                Duration::ZERO
            } else {
                behind.waited.saturating_add(time)
            };
        }
    }

    /// A reading of `device`, observed at `observed_at`, was taken in at `now`.
    pub(super) fn saw(&mut self, device: &DeviceId, observed_at: Timestamp, now: Timestamp) {
        if let State::Behind(behind) = &mut self.state
            && behind.fresh.len() < FRESH_DEVICES
            && now.since(observed_at) <= self.clock.in_real(FRESH)
        {
            behind.fresh.insert(device.clone());
        }
    }

    /// Whether what was sent during a gap is still coming in.
    pub(super) const fn is_behind(&self) -> bool {
        matches!(self.state, State::Behind(_))
    }

    fn gap(&self, from: Timestamp, to: Timestamp, ongoing: bool) -> PolicyChange {
        let tells = if ongoing {
            self.teller.takes(self.partition)
        } else {
            self.teller.leaves(self.partition)
        };
        PolicyChange::IntakeGap {
            from,
            to,
            ongoing,
            told_by: tells.then_some(self.partition),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const PARTITION: PartitionId = PartitionId(2);

    fn at(time: &str) -> Timestamp {
        format!("2026-03-02T{time}Z").parse().unwrap()
    }

    fn intake() -> Intake {
        Intake::new(PARTITION, Clock::system(), Teller::default())
    }

    /// One that has taken readings in until ten.
    fn open() -> Intake {
        let mut intake = intake();
        assert_eq!(intake.look(at("10:00:00"), true), None);
        intake
    }

    fn gap(from: &str, to: &str, ongoing: bool) -> Option<PolicyChange> {
        Some(PolicyChange::IntakeGap {
            from: at(from),
            to: at(to),
            ongoing,
            told_by: Some(PARTITION),
        })
    }

    fn device(number: usize) -> DeviceId {
        DeviceId::new(format!("GPS-{number}")).unwrap()
    }

    #[test]
    fn a_first_start_is_no_gap_and_a_later_one_is() {
        assert_eq!(intake().resume(Timestamp::default(), at("10:00:00")), None);
        let mut intake = intake();
        let told = intake.resume(at("09:30:00"), at("10:00:00"));
        assert_eq!(told, gap("09:30:00", "10:00:00", true));
        assert!(intake.is_behind());
    }

    #[test]
    fn a_broker_that_is_away_for_longer_than_a_minute_is_a_gap_from_when_it_was_last_there() {
        let mut intake = open();
        assert_eq!(intake.look(at("10:00:30"), false), None);
        assert_eq!(intake.look(at("10:01:00"), false), None);
        let told = intake.look(at("10:01:01"), false);
        assert_eq!(told, gap("10:00:00", "10:01:01", true));
        assert_eq!(intake.look(at("11:00:00"), false), None);
    }

    #[test]
    fn a_short_break_is_none() {
        let mut intake = open();
        assert_eq!(intake.look(at("10:00:50"), false), None);
        assert_eq!(intake.look(at("10:00:55"), true), None);
        assert_eq!(intake.look(at("10:01:50"), true), None);
        assert!(!intake.is_behind());
    }

    #[test]
    fn a_loop_that_stood_still_is_a_gap_although_the_broker_was_there() {
        let told = open().look(at("10:30:00"), true);
        assert_eq!(told, gap("10:00:00", "10:30:00", true));
    }

    #[test]
    fn a_gap_is_over_when_several_devices_send_what_is_fresh() {
        let mut intake = open();
        intake.look(at("10:30:00"), true);
        for number in 0..10 {
            intake.saw(&device(number), at("10:05:00"), at("10:30:01"));
        }
        // A clock that is half an hour ahead.
        intake.saw(&device(1), at("10:30:00"), at("10:30:01"));
        intake.saw(&device(1), at("10:30:01"), at("10:30:02"));
        assert_eq!(intake.look(at("10:30:02"), true), None);
        for number in 2..4 {
            intake.saw(&device(number), at("10:30:00"), at("10:30:40"));
        }
        let over = intake.look(at("10:30:40"), true);
        assert_eq!(over, gap("10:00:00", "10:30:40", false));
        assert!(!intake.is_behind());
    }

    #[test]
    fn a_gap_is_over_when_nothing_more_comes_from_a_broker_that_is_there() {
        let mut intake = open();
        intake.look(at("10:30:00"), false);
        intake.waited(IDLE, false);
        assert_eq!(intake.look(at("10:30:05"), false), None);
        assert_eq!(intake.look(at("10:30:06"), true), None);
        intake.waited(IDLE / 2, false);
        intake.waited(IDLE / 2, true);
        intake.waited(IDLE / 2, false);
        assert_eq!(intake.look(at("10:30:14"), true), None);
        intake.waited(IDLE / 2, false);
        let over = intake.look(at("10:30:16"), true);
        assert_eq!(over, gap("10:00:00", "10:30:16", false));
    }

    #[test]
    fn of_partitions_that_are_behind_together_one_tells() {
        let (clock, teller) = (Clock::system(), Teller::default());
        let mut told = Vec::new();
        let mut intakes = [0, 1].map(|id| Intake::new(PartitionId(id), clock, teller.clone()));
        for intake in &mut intakes {
            told.push(intake.resume(at("09:00:00"), at("10:00:00")));
        }
        for intake in &mut intakes {
            intake.waited(IDLE, false);
            told.push(intake.look(at("10:00:06"), true));
        }
        let tellers: Vec<Option<PartitionId>> = told
            .into_iter()
            .map(|change| match change {
                Some(PolicyChange::IntakeGap { told_by, .. }) => told_by,
                other => panic!("{other:?}"),
            })
            .collect();
        let first = Some(PartitionId(0));
        assert_eq!(tellers, [first, None, first, None]);
    }

    #[test]
    fn a_faster_clock_counts_in_its_own_time() {
        let origin = at("10:00:00");
        let clock = Clock::scaled(origin, 60);
        let mut intake = Intake::new(PARTITION, clock, Teller::default());
        intake.look(origin, true);
        assert_eq!(
            intake.look(origin.plus(TimeDelta::minutes(59)), false),
            None
        );
        let long = origin.plus(TimeDelta::minutes(61));
        assert!(intake.look(long, false).is_some());
    }
}
