//! When a route applies.

use std::collections::BTreeSet;

use model::registry::{NotifyingOrganisation, Order, OrderType, ResponsibleOrganisation, Wearer};
use model::{Decision, DecisionKind, KindGroup, Phase};

/// A list of which any is enough; absent, anything is.
pub(crate) type AnyOf<T> = Option<BTreeSet<T>>;

/// The `when` of a route: all that is present must hold.
///
/// What is not known does not hold: a route that asks for an order type does not apply to a
/// decision about no order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct When {
    pub(crate) flags: AnyOf<String>,
    pub(crate) kind: AnyOf<DecisionKind>,
    pub(crate) group: AnyOf<KindGroup>,
    pub(crate) phase: AnyOf<Phase>,
    pub(crate) order_type: AnyOf<OrderType>,
    pub(crate) hdc: Option<bool>,
    pub(crate) responsible_organisation: AnyOf<ResponsibleOrganisation>,
    pub(crate) notifying_organisation: AnyOf<NotifyingOrganisation>,
    pub(crate) mappa_level: AnyOf<u8>,
    pub(crate) mappa_category: AnyOf<u8>,
}

impl When {
    pub(crate) fn matches(
        &self,
        decision: &Decision,
        wearer: Option<&Wearer>,
        order: Option<&Order>,
    ) -> bool {
        self.takes_kind(decision.kind)
            && any_of(self.phase.as_ref(), Some(decision.phase))
            && self.matches_wearer(wearer)
            && self.matches_order(order)
    }

    /// Whether decisions of `kind` can be meant, by kind and by group.
    pub(crate) fn takes_kind(&self, kind: DecisionKind) -> bool {
        any_of(self.kind.as_ref(), Some(kind)) && any_of(self.group.as_ref(), Some(kind.group()))
    }

    fn matches_wearer(&self, wearer: Option<&Wearer>) -> bool {
        let mappa = wearer.and_then(|wearer| wearer.mappa);
        self.matches_flags(wearer)
            && any_of(self.mappa_level.as_ref(), mappa.map(|mappa| mappa.level))
            && any_of(
                self.mappa_category.as_ref(),
                mappa.map(|mappa| mappa.category),
            )
    }

    fn matches_flags(&self, wearer: Option<&Wearer>) -> bool {
        let Some(flags) = &self.flags else {
            return true;
        };
        wearer.is_some_and(|wearer| !wearer.flags.is_disjoint(flags))
    }

    fn matches_order(&self, order: Option<&Order>) -> bool {
        any_of(
            self.order_type.as_ref(),
            order.map(|order| order.order_type),
        ) && self
            .hdc
            .is_none_or(|hdc| order.is_some_and(|order| order.hdc == hdc))
            && any_of(
                self.responsible_organisation.as_ref(),
                order.and_then(|order| order.responsible_organisation),
            )
            && any_of(
                self.notifying_organisation.as_ref(),
                order.and_then(|order| order.notifying_organisation),
            )
    }
}

fn any_of<T: Ord>(wanted: Option<&BTreeSet<T>>, found: Option<T>) -> bool {
    wanted.is_none_or(|wanted| found.is_some_and(|found| wanted.contains(&found)))
}
