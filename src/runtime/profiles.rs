//! The wearers' profiles and orders, as routing needs them.

use std::collections::BTreeMap;

use model::registry::{Order, Wearer};
use model::{OrderId, PolicyChange, WearerId};

/// Profiles and orders by id.
#[derive(Debug, Default)]
pub struct Profiles {
    wearers: BTreeMap<WearerId, Wearer>,
    orders: BTreeMap<OrderId, Order>,
}

impl Profiles {
    /// Takes in what a change says about wearers and orders.
    pub fn apply(&mut self, change: &PolicyChange) {
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
            | PolicyChange::Rules { .. }
            | PolicyChange::IntakeGap { .. } => {}
        }
    }

    /// The profile of a wearer.
    #[must_use]
    pub fn wearer(&self, id: &WearerId) -> Option<&Wearer> {
        self.wearers.get(id)
    }

    /// An order, in its newest version.
    #[must_use]
    pub fn order(&self, id: &OrderId) -> Option<&Order> {
        self.orders.get(id)
    }
}
