//! The state of a wearer at some time, from which later evidence can be judged again.

use std::collections::BTreeMap;

use model::registry::Order;
use model::{ConditionId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use super::lane::Lanes;
use crate::SnapshotError;
use crate::ledger::{EpisodeKey, Told};
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
    #[serde(with = "serde_bytes")]
    state: Vec<u8>,
    pub(super) changes: Vec<(Timestamp, Change)>,
}

/// A change in what is demanded of a wearer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Change {
    Order(Box<Order>),
    /// The authorised absences from a condition, all of them.
    Lifted(ConditionId, Vec<Span>),
}

#[derive(Serialize)]
struct Kept<'a> {
    orders: &'a BTreeMap<OrderId, Box<Docket>>,
    trail: &'a Trail,
    pace: Pace,
    open: BTreeMap<EpisodeKey, Told>,
    lifted: Lifted,
}

/// A state that evidence can be judged from.
#[derive(Deserialize)]
pub(super) struct State {
    pub(super) orders: BTreeMap<OrderId, Box<Docket>>,
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
        let state = snapshot::write(&Kept {
            orders: &wearer.orders,
            trail: &wearer.trail,
            pace: wearer.pace,
            open: wearer.ledger.open_of_conditions(),
            lifted: concerned.collect(),
        })?;
        Ok(Self {
            taken,
            head,
            next: wearer.ledger.next_key(),
            state,
            changes: Vec::new(),
        })
    }

    pub(super) fn state(&self) -> Result<State, SnapshotError> {
        snapshot::read(&self.state)
    }
}
