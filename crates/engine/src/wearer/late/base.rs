//! The state of a wearer at some time, from which later evidence can be judged again.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::registry::Order;
use model::{ConditionId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use super::lane::Lanes;
use crate::SnapshotError;
use crate::few::Few;
use crate::ledger::{EpisodeKey, Told};
use crate::policy::Membership;
use crate::rules::Rule;
use crate::snapshot;
use crate::trail::{Pace, Trail};
use crate::wearer::{Docket, Lifted, Wearer};
use crate::windows::Span;

/// The state of a wearer at some time, as bytes, and what has changed since in what is demanded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Base {
    /// Engine time of the first reading that is not in it.
    pub(super) taken: Timestamp,
    /// Evidence was judged up to here, by readings or by timers.
    pub(super) head: Lanes,
    /// The key that the next episode got.
    pub(super) next: EpisodeKey,
    /// The orders in force, shared with whoever else holds them.
    orders: Vec<Arc<Order>>,
    /// All else, compressed: two of these are most of what is kept of an ordinary wearer.
    #[serde(with = "serde_bytes")]
    state: Box<[u8]>,
    pub(super) changes: Vec<(Timestamp, Change)>,
}

/// A change in what is demanded of a wearer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Change {
    Order(Arc<Order>),
    /// The authorised absences from a condition, all of them.
    Lifted(ConditionId, Vec<Span>),
}

#[derive(Serialize)]
struct Kept<'a> {
    /// Of each order, those of its conditions.
    rules: Vec<&'a [Rule]>,
    trail: &'a Trail,
    pace: Pace,
    open: BTreeMap<EpisodeKey, Told>,
    lifted: Lifted,
}

#[derive(Deserialize)]
struct KeptState {
    rules: Vec<Vec<Rule>>,
    trail: Trail,
    pace: Pace,
    open: BTreeMap<EpisodeKey, Told>,
    lifted: Lifted,
}

/// A state that evidence can be judged from.
pub(super) struct State {
    pub(super) orders: Few<OrderId, Docket>,
    pub(super) trail: Trail,
    pub(super) pace: Pace,
    /// The episodes that were open.
    pub(super) open: BTreeMap<EpisodeKey, Told>,
    /// The absences that were authorised.
    pub(super) lifted: Lifted,
}

impl Base {
    /// Keeps the state of `wearer`, judged up to `head`, before the reading handed in at `taken`.
    pub(super) fn keep(
        wearer: &Wearer,
        lifted: &Lifted,
        (taken, head): (Timestamp, Lanes),
    ) -> Result<Self, SnapshotError> {
        let concerned = wearer.conditions().filter_map(|condition| {
            let lifted = lifted.get(&condition.id)?;
            Some((condition.id.clone(), lifted.clone()))
        });
        let dockets = || wearer.orders.values();
        let state = snapshot::write(&Kept {
            rules: dockets().map(|docket| docket.rules.as_slice()).collect(),
            trail: &wearer.trail,
            pace: wearer.pace,
            open: wearer.ledger.open_of_conditions(),
            lifted: concerned.collect(),
        })?;
        Ok(Self {
            taken,
            head,
            next: wearer.ledger.next_key(),
            orders: dockets().map(|docket| Arc::clone(&docket.order)).collect(),
            state: lz4_flex::compress_prepend_size(&state).into_boxed_slice(),
            changes: Vec::new(),
        })
    }

    /// Shares orders with `held`, as far as they are the same.
    pub(super) fn share(&mut self, held: &Few<OrderId, Docket>) {
        for order in &mut self.orders {
            let same = held.get(&order.id).filter(|docket| docket.order == *order);
            if let Some(docket) = same {
                *order = Arc::clone(&docket.order);
            }
        }
    }

    pub(super) fn state(&self) -> Result<State, SnapshotError> {
        let state = lz4_flex::decompress_size_prepended(&self.state)?;
        let KeptState {
            rules,
            trail,
            pace,
            open,
            lifted,
        } = snapshot::read(&state)?;
        let mut orders = Few::default();
        for (order, rules) in self.orders.iter().zip(rules) {
            let docket = Docket {
                order: Arc::clone(order),
                rules,
                membership: Membership::default(),
            };
            orders.insert(order.id.clone(), docket);
        }
        Ok(State {
            orders,
            trail,
            pace,
            open,
            lifted,
        })
    }
}
