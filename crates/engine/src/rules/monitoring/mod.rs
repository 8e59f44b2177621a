//! Is anybody watching? An order in force whose wearer has no activated device, or whose devices have
//! all been silent for a day, by engine time.
//!
//! It hangs on when things arrived and on what devices are worn, never on what readings show: late
//! evidence changes nothing here.

mod cover;

use model::registry::{Activation, Order};
use model::{DecisionKind, DeviceId, Evidence, OrderId, OversightEvidence, Timestamp};
use serde::{Deserialize, Serialize};

use self::cover::{Cover, State};
use super::FaultDesk;
use crate::TimerReason;
use crate::episode::{Desk, Episode, Subject};
use crate::few::Few;
use crate::windows::{Span, cut};

/// Whether a wearer's orders are watched.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Monitoring {
    contacts: Few<DeviceId, Contact>,
    watches: Few<OrderId, Watch>,
    due: Option<Timestamp>,
}

/// When a device was heard.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Contact {
    /// Silent since, at the longest: heard, or heard of.
    since: Timestamp,
    heard: Option<Timestamp>,
}

/// Why nobody watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Cause {
    NoDevice,
    Silent,
}

/// One order.
#[derive(Debug, Serialize, Deserialize)]
struct Watch {
    /// When it was heard of.
    since: Timestamp,
    open: Option<(Episode, Cause)>,
}

impl Monitoring {
    /// Anything a device sends is a sign of life; whether it ends an episode is to be reviewed.
    pub(crate) fn heard(&mut self, device: &DeviceId, now: Timestamp) -> bool {
        let contact = Contact {
            since: now,
            heard: Some(now),
        };
        match self.contacts.get_mut(device) {
            Some(known) => *known = contact,
            None => {
                self.contacts.insert(device.clone(), contact);
            }
        }
        self.is_told()
    }

    /// Whether it is told of an order that nobody watches it.
    pub(crate) fn is_told(&self) -> bool {
        self.watches.values().any(|watch| watch.open.is_some())
    }

    /// A device is to be worn: it has its time to be heard.
    pub(crate) fn heard_of(&mut self, device: &DeviceId, now: Timestamp) {
        let contact = Contact {
            since: now,
            heard: None,
        };
        self.contacts.insert(device.clone(), contact);
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        self.due.map(|due| (due, TimerReason::Unwatched))
    }

    /// Opens and clears what devices, orders and time call for, and works out when to look again.
    pub(crate) fn review<'a>(
        &mut self,
        orders: impl Iterator<Item = &'a Order>,
        activations: &[Activation],
        intake_resumed: Option<Timestamp>,
        desk: &mut FaultDesk<'_>,
    ) {
        let now = desk.now;
        let mut next = activations
            .iter()
            .filter_map(|worn| boundary(worn, now))
            .min();
        for order in orders {
            self.watches.meet(&order.id, || Watch {
                since: now,
                open: None,
            });
            let Some(watch) = self.watches.get_mut(&order.id) else {
                continue;
            };
            let cover = Cover {
                contacts: &self.contacts,
                activations,
                policy: desk.policy,
                intake_resumed,
                told_of: watch.since,
                now,
            };
            let again = watch.review(order, &cover, desk);
            next = [next, again].into_iter().flatten().min();
        }
        self.due = next;
    }
}

/// The next instant after `now` at which a device is put on or taken off.
fn boundary(worn: &Activation, now: Timestamp) -> Option<Timestamp> {
    let ahead = [Some(worn.from), worn.to].into_iter().flatten();
    ahead.filter(|at| *at > now).min()
}

impl Watch {
    /// Opens or clears; gives the time to look again.
    fn review(
        &mut self,
        order: &Order,
        cover: &Cover<'_>,
        desk: &mut FaultDesk<'_>,
    ) -> Option<Timestamp> {
        let now = cover.now;
        let Demand { since, boundary } = Demand::of(order, now);
        let Some(start) = since else {
            let note = || "nothing of the order is in force any more".to_owned();
            self.clear(order, note, cover, desk);
            return boundary;
        };
        let due = match cover.state(start) {
            State::Watched { until } => {
                self.clear(order, || cover.watched_again(), cover, desk);
                Some(until)
            }
            State::Unwatched { cause, from, due } => {
                let kept = self.open.as_ref().is_some_and(|(_, told)| *told == cause);
                if !kept && due <= now {
                    self.tell(order, cause, from, cover, desk);
                }
                Some(due)
            }
        };
        let due = due.filter(|due| *due > now);
        [due, boundary].into_iter().flatten().min()
    }

    fn tell(
        &mut self,
        order: &Order,
        cause: Cause,
        from: Timestamp,
        cover: &Cover<'_>,
        desk: &mut FaultDesk<'_>,
    ) {
        let why = cover.evidence(cause, from);
        let mut desk = desk.about_order(order);
        let episode = match self.open.take() {
            Some((mut episode, _)) => {
                desk.update(&mut episode, why);
                episode
            }
            None => desk.open_unheard(DecisionKind::NotMonitored, from, why),
        };
        self.open = Some((episode, cause));
    }

    fn clear(
        &mut self,
        order: &Order,
        note: impl FnOnce() -> String,
        cover: &Cover<'_>,
        desk: &mut FaultDesk<'_>,
    ) {
        if let Some((episode, _)) = self.open.take() {
            let why = Evidence::Oversight(OversightEvidence {
                devices: cover.devices(),
                ..OversightEvidence::new(&cover.policy.version, note())
            });
            desk.about_order(order).clear(episode, why);
        }
    }
}

/// What an order demands now: the times of its conditions, of which some may lie apart, but for when it is suspended.
struct Demand {
    /// Something is in force, since then.
    since: Option<Timestamp>,
    /// The next time at which that may change.
    boundary: Option<Timestamp>,
}

impl Demand {
    fn of(order: &Order, now: Timestamp) -> Self {
        let conditions = order.conditions.iter();
        let bounds = conditions.map(|condition| super::bounds(order, condition));
        let bounds = bounds.filter(|span| !span.is_empty());
        if order.suspensions.is_empty() {
            return Self::among(bounds, now);
        }
        let mut spans = bounds.collect();
        for suspension in super::suspensions(order) {
            cut(&mut spans, &suspension);
        }
        Self::among(spans.into_iter(), now)
    }

    fn among(spans: impl Iterator<Item = Span>, now: Timestamp) -> Self {
        let none = Self {
            since: None,
            boundary: None,
        };
        spans.fold(none, |demand, span| {
            let since = span.contains(now).then_some(span.start);
            let ahead = |at: &Timestamp| *at > now && *at < Timestamp::MAX;
            let ahead = [span.start, span.end].into_iter().filter(ahead);
            Self {
                since: demand.since.into_iter().chain(since).min(),
                boundary: demand.boundary.into_iter().chain(ahead).min(),
            }
        })
    }
}

impl FaultDesk<'_> {
    fn about_order<'b>(&'b mut self, order: &'b Order) -> Desk<'b> {
        Desk {
            wearer: self.wearer,
            subject: Subject::Order {
                order: &order.id,
                version: order.version,
            },
            now: self.now,
            ledger: self.ledger,
            out: self.out,
        }
    }
}
