//! What was told, held against what all the readings show.

use std::collections::{BTreeMap, VecDeque};

use model::{AlertState, Decision, DecisionKind, Evidence, Phase, Timestamp, WearerId};

use crate::ledger::{EpisodeKey, Ledger, Told};

/// Tells where episodes, as told, differ from what is shown.
pub(super) struct Difference<'a> {
    pub(super) wearer: &'a WearerId,
    pub(super) decided: Timestamp,
    pub(super) ledger: &'a mut Ledger,
    pub(super) out: &'a mut VecDeque<Decision>,
}

impl Difference<'_> {
    /// Tells of each difference, oldest onset first and withdrawals before the rest; gives the episodes
    /// as they stand now.
    pub(super) fn tell(
        mut self,
        mut told: BTreeMap<EpisodeKey, Told>,
        mut shown: BTreeMap<EpisodeKey, Told>,
    ) -> BTreeMap<EpisodeKey, Told> {
        let stands = |told: &Told| told.state != AlertState::Withdrawn;
        told.retain(|_, told| stands(told));
        shown.retain(|_, shown| stands(shown));
        let mut pairs = pair(&mut told, &shown);
        let mut gone: Vec<Told> = told.into_values().filter(is_worth_telling).collect();
        gone.sort_by_key(|told| told.onset);
        for told in &mut gone {
            told.decided = self.decided;
            self.out
                .push_back(told.step(self.wearer, Phase::Withdrawn, true));
        }
        let mut order: Vec<(EpisodeKey, Told)> = shown.into_iter().collect();
        order.sort_by_key(|(key, shown)| (shown.onset, *key));
        let mut kept = BTreeMap::new();
        for (key, shown) in order {
            let now = match pairs.remove(&key) {
                Some(told) => self.correct(&told, shown),
                None if is_worth_telling(&shown) => self.open(shown),
                None => continue,
            };
            kept.insert(key, now);
        }
        kept
    }

    /// An episode that was not told of.
    fn open(&mut self, mut shown: Told) -> Told {
        let subject = shown.about.subject();
        shown.alert = self.ledger.new_alert(self.wearer, subject, shown.kind);
        shown.revision = 0;
        shown.decided = self.decided;
        let over = shown.state == AlertState::Cleared;
        self.say(&mut shown, Phase::Opened);
        if over {
            self.say(&mut shown, Phase::Cleared);
        }
        shown
    }

    /// An episode that was told of, perhaps otherwise.
    fn correct(&mut self, told: &Told, mut shown: Told) -> Told {
        shown.alert = told.alert;
        shown.revision = told.revision;
        let (was_over, is_over) = (told.state, shown.state);
        let phase = match (was_over, is_over) {
            (AlertState::Open, AlertState::Cleared) => Phase::Cleared,
            (AlertState::Cleared, AlertState::Open) => Phase::Updated,
            _ if is_worth_telling(&shown) && differ(told, &shown) => Phase::Amended,
            _ => return shown,
        };
        shown.decided = self.decided;
        self.say(&mut shown, phase);
        shown
    }

    fn say(&mut self, shown: &mut Told, phase: Phase) {
        self.out.push_back(shown.step(self.wearer, phase, true));
    }
}

/// Whether there is a point in telling of it with hindsight. What was provisional and is over is not
/// told of: what became of it is.
fn is_worth_telling(told: &Told) -> bool {
    let provisional = matches!(
        told.kind,
        DecisionKind::ExclusionZonePossible | DecisionKind::AlcoholDetected
    );
    !provisional || told.state == AlertState::Open
}

/// Takes out of `told` the episodes that are the same as one that is shown: known by their key, or
/// else about the same thing at the same time.
fn pair(
    told: &mut BTreeMap<EpisodeKey, Told>,
    shown: &BTreeMap<EpisodeKey, Told>,
) -> BTreeMap<EpisodeKey, Told> {
    let mut pairs = BTreeMap::new();
    for key in shown.keys() {
        if let Some(same) = told.remove(key) {
            pairs.insert(*key, same);
        }
    }
    let mut rest: Vec<_> = shown
        .iter()
        .filter(|(key, _)| !pairs.contains_key(*key))
        .collect();
    rest.sort_by_key(|(key, shown)| (shown.onset, **key));
    for (key, shown) in rest {
        let near = told
            .iter()
            .filter(|(_, told)| {
                told.kind == shown.kind && told.about.subject() == shown.about.subject()
            })
            .filter(|(_, told)| overlap(told, shown))
            .min_by_key(|(key, told)| (told.onset.since(shown.onset).abs(), **key));
        if let Some(found) = near.map(|(key, _)| *key)
            && let Some(same) = told.remove(&found)
        {
            pairs.insert(*key, same);
        }
    }
    pairs
}

fn overlap(a: &Told, b: &Told) -> bool {
    a.onset <= ended(b) && b.onset <= ended(a)
}

/// When the episode was over: as its evidence shows it, or else when that was decided.
fn ended(told: &Told) -> Timestamp {
    match told.state {
        AlertState::Open => Timestamp::MAX,
        AlertState::Cleared | AlertState::Withdrawn => end_shown(&told.evidence)
            .unwrap_or(told.decided)
            .max(told.onset),
    }
}

fn end_shown(evidence: &Evidence) -> Option<Timestamp> {
    match evidence {
        Evidence::Zone(zone) => zone.ended,
        Evidence::Transit(transit) => Some(transit.after.observed_at.0),
        Evidence::Curfew(curfew) => curfew.absent_to,
        Evidence::Attendance(visit) => Some(visit.appointment_end),
        Evidence::Alcohol(alcohol) => alcohol.closed,
        Evidence::AlcoholGap(gap) => gap.to,
        Evidence::Atv(_)
        | Evidence::CheckIn(_)
        | Evidence::Device(_)
        | Evidence::Contact(_)
        | Evidence::Charge(_)
        | Evidence::Oversight(_)
        | Evidence::BrokerLoss(_)
        | Evidence::Obstruction(_)
        | Evidence::SensorFault(_) => None,
    }
}

/// Whether the two differ in what somebody would act on: times, and the numbers that decide.
fn differ(told: &Told, shown: &Told) -> bool {
    told.onset != shown.onset || !agree(&told.evidence, &shown.evidence)
}

fn agree(told: &Evidence, shown: &Evidence) -> bool {
    match (told, shown) {
        (Evidence::Zone(a), Evidence::Zone(b)) => (&a.zone, a.ended) == (&b.zone, b.ended),
        (Evidence::Transit(a), Evidence::Transit(b)) => {
            a.before.observed_at == b.before.observed_at
                && a.after.observed_at == b.after.observed_at
        }
        (Evidence::Curfew(a), Evidence::Curfew(b)) => {
            (a.absent_from, a.absent_to, a.absent_s) == (b.absent_from, b.absent_to, b.absent_s)
        }
        (Evidence::Atv(a), Evidence::Atv(b)) => {
            (a.threshold_s, a.excused_s) == (b.threshold_s, b.excused_s)
        }
        (Evidence::Attendance(a), Evidence::Attendance(b)) => {
            (a.arrived, a.left, a.away_s) == (b.arrived, b.left, b.away_s)
        }
        (Evidence::Alcohol(a), Evidence::Alcohol(b)) => {
            (a.peak, a.peak_at, a.closed, &a.qualified, a.goes_on_from)
                == (b.peak, b.peak_at, b.closed, &b.qualified, b.goes_on_from)
        }
        (Evidence::AlcoholGap(a), Evidence::AlcoholGap(b)) => (a.from, a.to) == (b.from, b.to),
        (told, shown) => std::mem::discriminant(told) == std::mem::discriminant(shown),
    }
}
