//! The wearers' profiles and orders, as routing needs them.

use std::collections::BTreeMap;

use model::registry::{Order, Wearer};
use model::{Decision, OrderId, PartitionId, PolicyChange, WearerId};

use super::retry::while_unavailable;
use super::shared::Shared;
use crate::store::StoreError;
use crate::store::registry::{RegistryQuery, Share};

/// Parts of the registry read at once.
const PAGE: usize = 5_000;

/// Profiles and orders by id.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    wearers: BTreeMap<WearerId, Wearer>,
    orders: BTreeMap<OrderId, Order>,
}

impl Profiles {
    /// Those of a partition's wearers, as registered as of `revision`.
    ///
    /// # Errors
    /// When the store has what it cannot read.
    pub(super) async fn read(
        shared: &Shared,
        partition: PartitionId,
        revision: u64,
    ) -> Result<Self, StoreError> {
        let mut profiles = Self::default();
        for kind in ["wearer", "order"] {
            let mut query = RegistryQuery {
                kind,
                wearer: None,
                share: Some(Share {
                    partition,
                    partitions: shared.partitions,
                }),
                after: None,
                visible_to: None,
                limit: PAGE,
            };
            loop {
                let page = while_unavailable("reading the registry", || {
                    shared.store.registry_at(revision, &query)
                });
                let page = page.await?;
                let Some(last) = page.last() else {
                    break;
                };
                query.after = Some(last.key.id());
                page.iter()
                    .filter_map(|part| part.change.as_ref())
                    .for_each(|change| profiles.apply(change));
            }
        }
        Ok(profiles)
    }

    /// Takes in what a change says about wearers and orders.
    pub(super) fn apply(&mut self, change: &PolicyChange) {
        match change {
            PolicyChange::Wearer(wearer) => {
                self.wearers.insert(wearer.id.clone(), wearer.clone());
            }
            PolicyChange::Order(order) => {
                let known = self.orders.get(&order.id).map_or(0, |known| known.version);
                if order.version > known {
                    self.orders.insert(order.id.clone(), order.clone());
                }
            }
            PolicyChange::Zone(_)
            | PolicyChange::ZoneSet { .. }
            | PolicyChange::Place(_)
            | PolicyChange::Activation(_)
            | PolicyChange::Absence(_)
            | PolicyChange::Removed(_)
            | PolicyChange::Revision { .. }
            | PolicyChange::Rules { .. }
            | PolicyChange::IntakeGap { .. }
            | PolicyChange::BrokerDropped(_)
            | PolicyChange::Stray { .. } => {}
        }
    }

    /// The profile of a wearer.
    #[must_use]
    pub(super) fn wearer(&self, id: &WearerId) -> Option<&Wearer> {
        self.wearers.get(id)
    }

    /// The order a decision is about, in its newest version; for a decision about a device, an order
    /// of the wearer's that was in force, because that says who supervises them.
    #[must_use]
    pub(super) fn order(&self, decision: &Decision) -> Option<&Order> {
        if let Some(id) = &decision.order {
            return self.orders.get(id);
        }
        let at = decision.decided;
        let in_force = |order: &&Order| {
            order.wearer == decision.wearer && order.from <= at && order.to.is_none_or(|to| at < to)
        };
        self.orders.values().find(in_force)
    }
}
