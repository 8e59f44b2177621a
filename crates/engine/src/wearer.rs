//! One wearer: devices, orders, the trail of fixes, and the state of every condition.

mod calm;
mod late;
mod mishaps;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use model::registry::{
    self, Activation, BrokerDropped, Condition, DeviceKind, Mappa, Order, StrayReason,
};
use model::{
    Alcohol, CheckIn, ConditionId, Decision, DeviceCommand, DeviceEvent, DeviceId, EventCode,
    GeoPoint, OrderId, Position, Reading, ReadingBody, Timestamp, WearerId,
};
use serde::{Deserialize, Serialize};

use crate::atlas::Atlas;
use crate::episode::{Desk, Subject};
use crate::few::Few;
use crate::ledger::Ledger;
use crate::policy::{Cohorts, Membership};
use crate::rules::{Contacts, FaultDesk, Monitoring, Planning, Rule, Scene, suspensions};
use crate::timers::Earliest;
use crate::trail::{Fix, Pace, Taken, Trail};
use crate::windows::Span;
use crate::{Outcome, RulesPolicy, TimerReason};

use self::calm::Rest;
pub use self::late::HistoryRequest;
use self::late::{Change, Past};
use self::mishaps::Mishaps;

/// One wearer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Wearer {
    id: WearerId,
    profile: Profile,
    activations: Vec<Activation>,
    orders: Few<OrderId, Docket>,
    trail: Trail,
    pace: Pace,
    /// While fixes say nothing new to the rules, which are not asked about them.
    rest: Option<Rest>,
    /// Since when fixes have been older than uploads explain.
    backlog_since: Option<Timestamp>,
    mishaps: Option<Box<Mishaps>>,
    contacts: Contacts,
    monitoring: Monitoring,
    ledger: Ledger,
    past: Past,
}

/// An order with the state of its conditions, in their order.
#[derive(Debug, Serialize, Deserialize)]
struct Docket {
    order: Arc<Order>,
    rules: Vec<Rule>,
    #[serde(skip)]
    membership: Membership,
}

/// What of a wearer's profile decides which thresholds are theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) flags: BTreeSet<String>,
    pub(crate) mappa: Option<Mappa>,
}

/// What the engine lends a wearer for one event.
#[derive(Debug)]
pub(crate) struct Loan<'a> {
    pub(crate) policy: &'a RulesPolicy,
    pub(crate) cohorts: &'a Cohorts,
    pub(crate) atlas: &'a Atlas,
    pub(crate) lifted: &'a Lifted,
    pub(crate) now: Timestamp,
    pub(crate) intake_resumed: Option<Timestamp>,
    pub(crate) out: &'a mut VecDeque<Decision>,
    pub(crate) commands: &'a mut VecDeque<DeviceCommand>,
    /// What is to be known of a wearer's past.
    pub(crate) requests: &'a mut VecDeque<HistoryRequest>,
    /// When what is taken in came: `now`, or before it where the past is gone through again.
    pub(crate) heard: Timestamp,
}

impl Loan<'_> {
    fn scene<'a>(
        &'a mut self,
        wearer: &'a WearerId,
        trail: &'a Trail,
        subject: Subject<'a>,
        ledger: &'a mut Ledger,
    ) -> Scene<'a> {
        Scene {
            policy: self.policy,
            trail,
            pace: Pace::default(),
            activations: &[],
            backlog_since: None,
            intake_resumed: self.intake_resumed,
            commands: self.commands,
            heard: self.heard,
            desk: Desk {
                wearer,
                subject,
                now: self.now,
                ledger,
                out: self.out,
            },
        }
    }
}

/// Authorised absences by condition.
pub(crate) type Lifted = BTreeMap<ConditionId, Vec<Span>>;

impl Wearer {
    pub(crate) fn new(id: WearerId) -> Self {
        Self {
            id,
            profile: Profile::default(),
            activations: Vec::new(),
            orders: Few::default(),
            trail: Trail::default(),
            pace: Pace::default(),
            rest: None,
            backlog_since: None,
            mishaps: None,
            contacts: Contacts::default(),
            monitoring: Monitoring::default(),
            ledger: Ledger::default(),
            past: Past::default(),
        }
    }

    pub(crate) const fn id(&self) -> &WearerId {
        &self.id
    }

    /// Conditions watched.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.orders
            .values()
            .flat_map(|docket| &docket.order.conditions)
    }

    /// Takes in a profile, or a change of one.
    pub(crate) fn meet(&mut self, profile: &registry::Wearer, loan: &mut Loan<'_>) {
        self.profile = Profile {
            flags: profile.flags.clone(),
            mappa: profile.mappa,
        };
        self.assign(loan.cohorts);
        self.on_time(loan);
    }

    /// Finds the cohorts that its orders belong to.
    pub(crate) fn assign(&mut self, cohorts: &Cohorts) {
        for docket in self.orders.values_mut() {
            docket.membership = cohorts.membership(&docket.order, &self.profile);
        }
    }

    /// Takes in an activation, or a change of one.
    pub(crate) fn activate(&mut self, activation: &Activation, loan: &mut Loan<'_>) {
        let same =
            |known: &Activation| known.device == activation.device && known.from == activation.from;
        let known = self.activations.iter_mut().find(|known| same(known));
        let is_news = known.is_none();
        match known {
            Some(known) => known.clone_from(activation),
            None => {
                self.activations.reserve_exact(1);
                self.activations.push(activation.clone());
                self.monitoring.heard_of(&activation.device, loan.now);
            }
        }
        self.contacts.note(activation, is_news, loan.now);
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        self.contacts.on_time(&self.activations, &mut desk);
        let locates = match activation.kind {
            DeviceKind::Gps | DeviceKind::NonFitted => true,
            DeviceKind::Rf | DeviceKind::Alcohol => false,
        };
        if locates && self.trail.last().is_none() {
            self.pace = Pace::of(activation);
        }
        if activation.kind == DeviceKind::Rf {
            self.each_rule(loan, |_, _, rule, scene| {
                if let Some(rule) = rule.curfew() {
                    rule.on_activation(scene);
                }
            });
        }
        if activation.kind == DeviceKind::Alcohol {
            self.each_rule(loan, |_, _, rule, scene| {
                if let Some(rule) = rule.alcohol() {
                    rule.reconsider(scene);
                }
            });
        }
        self.review_monitoring(loan);
    }

    /// Takes in an order, or a variation of one; false when it is not newer than what is known.
    /// An activation was entered in error: it ends as it begins.
    pub(crate) fn never_wore(&mut self, device: &DeviceId, from: Timestamp, loan: &mut Loan<'_>) {
        let same = |known: &&Activation| known.device == *device && known.from == from;
        if let Some(known) = self.activations.iter().find(same) {
            let mut never = known.clone();
            never.to = Some(from);
            self.activate(&never, loan);
        }
    }

    pub(crate) fn put_order(&mut self, order: &Order, loan: &mut Loan<'_>) -> bool {
        let known = self.orders.get(&order.id);
        if known.is_some_and(|known| known.order.version >= order.version) {
            return false;
        }
        let order = &Arc::new(order.clone());
        self.note_order(order, loan);
        let mut before = self.take_rules(&order.id);
        let mut rules = Vec::with_capacity(order.conditions.len());
        for condition in &order.conditions {
            let fresh = || Rule::new(&condition.duty, loan.now);
            let mut rule = before.remove(&condition.id).unwrap_or_else(fresh);
            let plan = planning(loan.atlas, order, condition, loan.lifted);
            if !rule.equip(&plan) {
                before.insert(condition.id.clone(), std::mem::replace(&mut rule, fresh()));
                rule.equip(&plan);
            }
            rules.push(rule);
        }
        for (condition, mut rule) in before {
            let note = format!("not in version {} of the order", order.version);
            self.close_rule(order, &condition, &mut rule, &note, loan);
        }
        let docket = Docket {
            order: Arc::clone(order),
            rules,
            membership: loan.cohorts.membership(order, &self.profile),
        };
        self.orders.insert(order.id.clone(), docket);
        self.reconsider(|docket, _| docket.id == order.id, loan);
        self.review_monitoring(loan);
        true
    }

    /// Keeps an order, and what is lifted of it, for when the past is judged again.
    fn note_order(&mut self, order: &Arc<Order>, loan: &Loan<'_>) {
        for condition in &order.conditions {
            if loan.lifted.contains_key(&condition.id) {
                self.note_lifted(&condition.id, loan);
            }
        }
        let change = Change::Order(Arc::clone(order));
        self.past.note(loan.now, &change);
    }

    /// Keeps what is lifted of a condition, for when the past is judged again.
    pub(crate) fn note_lifted(&mut self, condition: &ConditionId, loan: &Loan<'_>) {
        let lifted = loan.lifted.get(condition).cloned().unwrap_or_default();
        let change = Change::Lifted(condition.clone(), lifted);
        self.past.note(loan.now, &change);
    }

    fn close_rule(
        &mut self,
        order: &Order,
        condition: &ConditionId,
        rule: &mut Rule,
        note: &str,
        loan: &mut Loan<'_>,
    ) {
        let subject = Subject::Condition {
            order: &order.id,
            version: order.version,
            condition,
        };
        let (cohorts, everybody) = (loan.cohorts, loan.policy);
        let policy = cohorts.policy(cohorts.membership(order, &self.profile), everybody);
        let mut scene = loan.scene(&self.id, &self.trail, subject, &mut self.ledger);
        scene.pace = self.pace;
        scene.activations = &self.activations;
        scene.backlog_since = self.backlog_since;
        scene.policy = policy;
        rule.close(note, &mut scene);
    }

    fn take_rules(&mut self, order: &OrderId) -> BTreeMap<ConditionId, Rule> {
        let Some(docket) = self.orders.remove(order) else {
            return BTreeMap::new();
        };
        let ids = docket.order.conditions.iter();
        let ids = ids.map(|condition| condition.id.clone());
        ids.zip(docket.rules).collect()
    }

    /// Lays the plans of all conditions under their states again.
    pub(crate) fn equip(&mut self, atlas: &Atlas, lifted: &Lifted) {
        for docket in self.orders.values_mut() {
            let Docket { order, rules, .. } = docket;
            for (condition, rule) in order.conditions.iter().zip(rules) {
                rule.equip(&planning(atlas, order, condition, lifted));
            }
        }
    }

    /// Lays the plans of conditions that `concerns` under their states again, and lets them
    /// reconsider.
    pub(crate) fn replan(&mut self, concerns: impl Fn(&Condition) -> bool, loan: &mut Loan<'_>) {
        for docket in self.orders.values_mut() {
            let Docket { order, rules, .. } = docket;
            for (condition, rule) in order.conditions.iter().zip(rules) {
                if concerns(condition) {
                    rule.equip(&planning(loan.atlas, order, condition, loan.lifted));
                }
            }
        }
        self.reconsider(|_, condition| concerns(condition), loan);
    }

    fn reconsider(&mut self, concerns: impl Fn(&Order, &Condition) -> bool, loan: &mut Loan<'_>) {
        self.each_rule(loan, |order, condition, rule, scene| {
            if concerns(order, condition) {
                rule.reconsider(scene);
            }
        });
    }

    fn each_rule(
        &mut self,
        loan: &mut Loan<'_>,
        mut act: impl FnMut(&Order, &Condition, &mut Rule, &mut Scene<'_>),
    ) {
        let (cohorts, everybody) = (loan.cohorts, loan.policy);
        for docket in self.orders.values_mut() {
            let Docket {
                order,
                rules,
                membership,
            } = docket;
            let policy = cohorts.policy(*membership, everybody);
            for (condition, rule) in order.conditions.iter().zip(rules) {
                let subject = Subject::Condition {
                    order: &order.id,
                    version: order.version,
                    condition: &condition.id,
                };
                let mut scene = loan.scene(&self.id, &self.trail, subject, &mut self.ledger);
                scene.pace = self.pace;
                scene.activations = &self.activations;
                scene.backlog_since = self.backlog_since;
                scene.policy = policy;
                act(order, condition, rule, &mut scene);
            }
        }
    }

    /// Takes in a reading.
    pub(crate) fn take_in(&mut self, reading: &Reading, loan: &mut Loan<'_>) -> Outcome {
        self.keep_bases(loan);
        let outcome = self.judge(reading, loan);
        self.hear(reading, &outcome, loan);
        let outcome = self.mind_order(reading, outcome, loan);
        if outcome == Outcome::Used && matches!(reading.report.body, ReadingBody::Position(_)) {
            self.settle_down(reading, loan);
        }
        outcome
    }

    /// Judges a reading by what is known at its time, or says that it is late.
    fn judge(&mut self, reading: &Reading, loan: &mut Loan<'_>) -> Outcome {
        match &reading.report.body {
            ReadingBody::Position(position) => self.position(reading, position, loan),
            ReadingBody::CheckIn(answer) => self.check_in(reading, answer, loan),
            ReadingBody::Alcohol(alcohol) => self.alcohol(reading, alcohol, loan),
            ReadingBody::Event(event) => self.event(reading, *event, loan),
            ReadingBody::Presence { in_range } => self.presence(reading, *in_range, loan),
        }
    }

    /// Takes in a position.
    fn position(&mut self, reading: &Reading, position: &Position, loan: &mut Loan<'_>) -> Outcome {
        let rules = &loan.policy.zone;
        let point = match sane(reading, position, loan) {
            Ok(point) => point,
            Err(wrong) => return self.wrong(wrong, reading, loan),
        };
        self.clock_is_right(&reading.report.device, loan);
        match self.trail.take(&reading.report, position, point, rules) {
            Taken::Duplicate => Outcome::Duplicate,
            Taken::Late => Outcome::Late,
            Taken::Coarse => Outcome::Coarse,
            Taken::Held => Outcome::Quarantined,
            Taken::Counts { released, fix } => {
                self.keep_pace(&reading.report.device, fix.at);
                self.notice_backlog(fix.at, loan);
                for fix in released.into_iter().chain([fix]) {
                    self.fix(fix, loan);
                }
                Outcome::Used
            }
        }
    }

    /// Tells of a position that cannot be true.
    fn wrong(&mut self, wrong: Wrong, reading: &Reading, loan: &mut Loan<'_>) -> Outcome {
        let reason = match wrong {
            Wrong::Clock(reason) => {
                self.clock_is_wrong(&reason, reading, loan);
                reason
            }
            Wrong::Value(reason) => {
                let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
                let mishaps = self.mishaps.get_or_insert_default();
                mishaps.troubles.found(&reason, reading, &mut desk);
                reason
            }
        };
        Outcome::Invalid(reason)
    }

    /// A reading was observed too far in the future.
    fn clock_is_wrong(&mut self, reason: &str, reading: &Reading, loan: &mut Loan<'_>) {
        let desk = fault_desk(&self.id, &mut self.ledger, loan);
        let mishaps = self.mishaps.get_or_insert_default();
        mishaps.faults.found(reason, reading, desk);
    }

    /// A reading of `device` was not.
    fn clock_is_right(&mut self, device: &DeviceId, loan: &mut Loan<'_>) {
        if let Some(mishaps) = &mut self.mishaps
            && !mishaps.faults.is_empty()
        {
            let desk = fault_desk(&self.id, &mut self.ledger, loan);
            mishaps.faults.cleared(device, desk);
        }
    }

    /// Takes in an answer to a prompt. A wrong clock is told of; when the answer came in tells enough
    /// of when it was given.
    fn check_in(&mut self, reading: &Reading, answer: &CheckIn, loan: &mut Loan<'_>) -> Outcome {
        let ahead = ahead(reading, loan);
        let device = &reading.report.device;
        if let Some(reason) = &ahead {
            self.clock_is_wrong(reason, reading, loan);
        } else {
            self.clock_is_right(device, loan);
        }
        let mut outcome = Outcome::NotJudged;
        self.each_rule(loan, |_, _, rule, scene| {
            if let Rule::CheckIn(rule) = rule
                && let Some(judged) = rule.on_answer(reading, answer, scene)
            {
                outcome = judged;
            }
        });
        outcome
    }

    /// Takes in a reading of alcohol.
    fn alcohol(&mut self, reading: &Reading, alcohol: &Alcohol, loan: &mut Loan<'_>) -> Outcome {
        if let Some(reason) = ahead(reading, loan) {
            self.clock_is_wrong(&reason, reading, loan);
            return Outcome::Invalid(reason);
        }
        self.clock_is_right(&reading.report.device, loan);
        let mut outcome = Outcome::NotJudged;
        self.each_rule(loan, |_, _, rule, scene| {
            let Some(rule) = rule.alcohol() else {
                return;
            };
            let told = rule.on_alcohol(reading, alcohol, scene);
            if outcome == Outcome::NotJudged || told == Outcome::Used {
                outcome = told;
            }
        });
        outcome
    }

    /// Takes in whether a home unit hears its wearer's tag.
    fn presence(&mut self, reading: &Reading, in_range: bool, loan: &mut Loan<'_>) -> Outcome {
        let (device, at) = (&reading.report.device, reading.report.observed_at.0);
        if let Some(reason) = ahead(reading, loan) {
            self.clock_is_wrong(&reason, reading, loan);
            return Outcome::Invalid(reason);
        }
        self.clock_is_right(device, loan);
        let mut outcome = Outcome::NotJudged;
        self.each_rule(loan, |_, _, rule, scene| {
            if let Some(rule) = rule.curfew() {
                let told = rule.on_presence(device, in_range, at, scene);
                if outcome == Outcome::NotJudged || told == Outcome::Used {
                    outcome = told;
                }
            }
        });
        outcome
    }

    /// Takes in what happened to a home unit.
    fn home_unit(&mut self, reading: &Reading, code: EventCode, loan: &mut Loan<'_>) {
        let (device, at) = (&reading.report.device, reading.report.observed_at.0);
        let matters = matches!(
            code,
            EventCode::HmuMoved | EventCode::MainsLost | EventCode::MainsRestored
        );
        let worn = |known: &Activation| {
            known.kind == DeviceKind::Rf && known.device == *device && known.covers(at)
        };
        if !matters || !self.activations.iter().any(worn) || ahead(reading, loan).is_some() {
            return;
        }
        self.each_rule(loan, |_, _, rule, scene| {
            if let Some(rule) = rule.curfew() {
                rule.on_unit_event(device, code, at, scene);
            }
        });
    }

    /// Takes in what a device says happened to it. However wrong its clock, a tamper is told of.
    fn event(&mut self, reading: &Reading, event: DeviceEvent, loan: &mut Loan<'_>) -> Outcome {
        if let Some(reason) = ahead(reading, loan) {
            self.clock_is_wrong(&reason, reading, loan);
        }
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        let mishaps = self.mishaps.get_or_insert_default();
        mishaps.troubles.on_event(reading, event, &mut desk);
        mishaps.charges.on_event(reading, event, &mut desk);
        self.alcohol_strap(reading, event.code, loan);
        self.home_unit(reading, event.code, loan);
        Outcome::Used
    }

    /// Takes in what an alcohol device says of its strap. With a clock that runs ahead, it happened
    /// when it came in, as far as anybody can tell.
    fn alcohol_strap(&mut self, reading: &Reading, code: EventCode, loan: &mut Loan<'_>) {
        let device = &reading.report.device;
        let at = match ahead(reading, loan) {
            Some(_) => loan.now,
            None => reading.report.observed_at.0,
        };
        let is_strap = matches!(code, EventCode::StrapCut | EventCode::StrapRestored);
        let worn = |known: &Activation| {
            known.kind == DeviceKind::Alcohol && known.device == *device && known.covers(at)
        };
        if !is_strap || !self.activations.iter().any(worn) {
            return;
        }
        self.each_rule(loan, |_, _, rule, _| {
            if let Some(rule) = rule.alcohol() {
                rule.on_strap(device, code, at);
            }
        });
    }

    /// Hears from a device, whatever it says; `outcome` is what became of that.
    fn hear(&mut self, reading: &Reading, outcome: &Outcome, loan: &mut Loan<'_>) {
        let counts = matches!(outcome, Outcome::Used | Outcome::Late);
        let is_fix = counts && matches!(reading.report.body, ReadingBody::Position(_));
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        self.contacts
            .hear(reading, is_fix, &self.activations, &mut desk);
        if self.monitoring.heard(&reading.report.device, loan.now) {
            self.review_monitoring(loan);
        } else {
            self.lay_aside(loan);
        }
    }

    /// A backlog is told by its first fix: one that comes in for longer than an upload interval,
    /// such as that of a device whose clock is slow, explains no silence.
    fn notice_backlog(&mut self, at: Timestamp, loan: &Loan<'_>) {
        if loan.now.seconds_since(at) <= f64::from(self.usual_age_s(loan.policy)) {
            self.backlog_since = None;
        } else {
            self.backlog_since.get_or_insert(loan.now);
        }
    }

    /// The greatest age in seconds of a fix that uploads explain.
    fn usual_age_s(&self, policy: &RulesPolicy) -> u32 {
        let fresh_s = policy.zone.fresh_s(self.pace.cadence_s);
        self.pace.upload_s.saturating_add(fresh_s)
    }

    fn keep_pace(&mut self, device: &DeviceId, at: Timestamp) {
        let worn = |known: &&Activation| known.device == *device && known.covers(at);
        if let Some(activation) = self.activations.iter().find(worn) {
            self.pace = Pace::of(activation);
        }
    }

    fn fix(&mut self, fix: Fix, loan: &mut Loan<'_>) {
        let step = self.trail.append(fix, self.pace, &loan.policy.zone);
        self.each_rule(loan, |_, _, rule, scene| rule.on_fix(&step, scene));
    }

    /// Does what is due.
    pub(crate) fn on_time(&mut self, loan: &mut Loan<'_>) {
        let shown = self.ledger.shown();
        self.each_rule(loan, |_, _, rule, scene| rule.on_time(scene));
        if self.ledger.shown() > shown {
            self.past.concluded(loan.now);
        }
        self.ask_history(loan);
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        if let Some(mishaps) = &mut self.mishaps {
            mishaps.on_time(&self.activations, &mut desk);
        }
        self.contacts.on_time(&self.activations, &mut desk);
        self.review_monitoring(loan);
    }

    /// Tells, in the place of a wearer, of a gap in our own intake.
    pub(crate) fn tell_gap(&mut self, from: Timestamp, to: Timestamp, loan: &mut Loan<'_>) {
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        let mishaps = self.mishaps.get_or_insert_default();
        mishaps.gap.begin(from, to, &mut desk);
    }

    /// Tells, in the place of a wearer, that our own intake has caught up.
    pub(crate) fn end_gap(&mut self, to: Timestamp, loan: &mut Loan<'_>) {
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        if let Some(mishaps) = &mut self.mishaps {
            mishaps.gap.end(to, &mut desk);
        }
    }

    /// Tells, in the place of a wearer, of messages that the broker dropped.
    pub(crate) fn tell_broker_loss(&mut self, seen: &BrokerDropped, loan: &mut Loan<'_>) {
        fault_desk(&self.id, &mut self.ledger, loan).tell_broker_loss(seen);
    }

    /// Tells, in the place of a wearer, of a device that is nobody's here.
    pub(crate) fn stray(&mut self, device: &DeviceId, reason: StrayReason, loan: &mut Loan<'_>) {
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        let mishaps = self.mishaps.get_or_insert_default();
        mishaps.strays.found(device, reason, &mut desk);
    }

    /// Ends what is open about devices that are no longer worn.
    fn lay_aside(&mut self, loan: &mut Loan<'_>) {
        if let Some(mishaps) = &mut self.mishaps {
            let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
            mishaps.taken_off(&self.activations, &mut desk);
        }
    }

    /// Looks whether what is demanded is watched.
    fn review_monitoring(&mut self, loan: &mut Loan<'_>) {
        self.lay_aside(loan);
        let resumed = loan.intake_resumed;
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        let orders = self.orders.values().map(|docket| &*docket.order);
        self.monitoring
            .review(orders, &self.activations, resumed, &mut desk);
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let mut first = Earliest::default()
            .or_that(self.mishaps.as_ref().and_then(|mishaps| mishaps.deadline()))
            .or_that(self.contacts.deadline())
            .or_that(self.past.deadline())
            .or_that(self.monitoring.deadline());
        for rule in self.orders.values().flat_map(|docket| &docket.rules) {
            first = first.or_that(rule.deadline());
        }
        first.get()
    }
}

fn planning<'a>(
    atlas: &'a Atlas,
    order: &'a Order,
    condition: &'a Condition,
    lifted: &'a Lifted,
) -> Planning<'a> {
    let absences = lifted.get(&condition.id).into_iter().flatten().copied();
    let lifted = absences.chain(suspensions(order)).collect();
    Planning {
        atlas,
        order,
        condition,
        lifted,
    }
}

fn fault_desk<'a>(
    wearer: &'a WearerId,
    ledger: &'a mut Ledger,
    loan: &'a mut Loan<'_>,
) -> FaultDesk<'a> {
    FaultDesk {
        policy: loan.policy,
        wearer,
        now: loan.now,
        intake_resumed: loan.intake_resumed,
        ledger,
        out: loan.out,
    }
}

/// What is wrong with a position, in words.
enum Wrong {
    /// It is from the future.
    Clock(String),
    /// It is no place on Earth.
    Value(String),
}

/// The point of a position that can be true, or what is wrong with it.
fn sane(reading: &Reading, position: &Position, loan: &Loan<'_>) -> Result<GeoPoint, Wrong> {
    if let Some(reason) = ahead(reading, loan) {
        return Err(Wrong::Clock(reason));
    }
    let point = position.point();
    point.map_err(|bad| Wrong::Value(bad.to_string()))
}

/// What is wrong with a reading that was observed too far in the future.
fn ahead(reading: &Reading, loan: &Loan<'_>) -> Option<String> {
    let ahead_s = reading.report.observed_at.0.seconds_since(loan.now);
    let limit_s = loan.policy.zone.future_max_s;
    let observed_at = reading.report.observed_at;
    (ahead_s > f64::from(limit_s)).then(|| {
        format!("observed at {observed_at}, {ahead_s} s in the future, more than {limit_s} s")
    })
}
