//! Is anybody watching? An order in force whose wearer has no activated device, or whose devices have
//! all been silent for a day, by engine time.
//!
//! It hangs on when things arrived and on what devices are worn, never on what readings show: late
//! evidence changes nothing here.

mod cover;

use std::collections::BTreeMap;

use model::registry::{Activation, Order};
use model::{DecisionKind, DeviceId, Evidence, OrderId, OversightEvidence, Timestamp};
use serde::{Deserialize, Serialize};

use self::cover::{Cover, State};
use super::FaultDesk;
use crate::TimerReason;
use crate::episode::{Desk, Episode, Subject};
use crate::windows::{Span, cut};

/// Whether a wearer's orders are watched.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Monitoring {
    contacts: BTreeMap<DeviceId, Contact>,
    watches: BTreeMap<OrderId, Watch>,
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
            let watch = self.watches.entry(order.id.clone()).or_insert(Watch {
                since: now,
                open: None,
            });
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
        let spans = demanded(order);
        let now = cover.now;
        let ahead = spans.iter().flat_map(|span| [span.start, span.end]);
        let boundary = ahead.filter(|at| *at > now && *at < Timestamp::MAX).min();
        let covered = spans
            .iter()
            .filter(|span| span.start <= now && now < span.end);
        let Some(start) = covered.map(|span| span.start).min() else {
            self.clear(
                order,
                "nothing of the order is in force any more",
                cover,
                desk,
            );
            return boundary;
        };
        let due = match cover.state(start) {
            State::Watched { until } => {
                self.clear(order, &cover.watched_again(), cover, desk);
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

    fn clear(&mut self, order: &Order, note: &str, cover: &Cover<'_>, desk: &mut FaultDesk<'_>) {
        if let Some((episode, _)) = self.open.take() {
            let why = Evidence::Oversight(OversightEvidence {
                devices: cover.devices(),
                ..OversightEvidence::new(&cover.policy.version, note.to_owned())
            });
            desk.about_order(order).clear(episode, why);
        }
    }
}

/// When something of an order is in force: the times of its conditions, of which some may lie apart, but
/// for when it is suspended.
fn demanded(order: &Order) -> Vec<Span> {
    let conditions = order.conditions.iter();
    let bounds = conditions.map(|condition| super::bounds(order, condition));
    let mut spans = bounds.filter(|span| span.start < span.end).collect();
    for suspension in super::suspensions(order) {
        cut(&mut spans, &suspension);
    }
    spans
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
