//! What a breach report needs besides the decision: what was ordered, for how long it was broken, and what
//! there was before.

use chrono::TimeDelta;
use model::registry::{Condition, Order, OrderType, RegistryKey};
use model::{
    AlertId, AlertState, Decision, DecisionKind, Evidence, Finding, KindGroup, OrderId, Outcome,
    PolicyChange, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::store::{AlertQuery, AlertRecord, Store, StoreError};

/// How far back the history goes: ATV budgets, and breach decisions, look at four weeks.
const HISTORY: TimeDelta = TimeDelta::days(28);

/// Alerts of a wearer that are looked through for those of the condition.
const ALERTS_MAX: usize = 200;

/// What a breach report needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The order.
    pub order: Ordered,
    /// The condition, as it was registered in that version of the order.
    pub condition: Option<Condition>,
    /// Whole minutes for which it was broken, as far as it is known: of time away those that count, of
    /// anything else from onset to the decision.
    pub minutes: i64,
    /// Alerts about the same condition in the four weeks before, newest first.
    pub history: Vec<Earlier>,
}

/// An order, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The order.
    pub id: OrderId,
    /// Its version.
    pub version: u32,
    /// What it is.
    #[serde(rename = "type")]
    pub order_type: OrderType,
    /// Since when it is in force.
    pub from: Timestamp,
    /// Until when.
    pub to: Option<Timestamp>,
}

/// An alert of before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The alert.
    pub alert: AlertId,
    /// What was concluded.
    pub kind: DecisionKind,
    /// When it began.
    pub onset: Timestamp,
    /// Where it stands.
    pub state: AlertState,
    /// What it was found to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// The report on what was decided; nothing for a decision that is about no order, or about equipment.
///
/// # Errors
/// When the store fails.
pub async fn report(store: &dyn Store, decision: &Decision) -> Result<Option<Report>, StoreError> {
    let is_breach = match decision.kind.group() {
        KindGroup::Zone
        | KindGroup::Curfew
        | KindGroup::Alcohol
        | KindGroup::Attendance
        | KindGroup::CheckIn => true,
        KindGroup::Device | KindGroup::Oversight => false,
    };
    if !is_breach {
        return Ok(None);
    }
    let Some(order) = ordered(store, decision).await? else {
        return Ok(None);
    };
    let is_broken = |condition: &&Condition| Some(&condition.id) == decision.condition.as_ref();
    Ok(Some(Report {
        condition: order.conditions.iter().find(is_broken).cloned(),
        order: Ordered {
            id: order.id,
            version: order.version,
            order_type: order.order_type,
            from: order.from,
            to: order.to,
        },
        minutes: broken_for(decision).num_minutes(),
        history: history(store, decision).await?,
    }))
}

/// The order in the version under which it was decided.
async fn ordered(store: &dyn Store, decision: &Decision) -> Result<Option<Order>, StoreError> {
    let Some(id) = &decision.order else {
        return Ok(None);
    };
    let versions = store
        .registry_history(&RegistryKey::Order(id.clone()))
        .await?;
    let orders = versions.into_iter().filter_map(|part| match part.change {
        Some(PolicyChange::Order(order)) => Some(order),
        Some(_) | None => None,
    });
    let judged = |order: &Order| Some(order.version) == decision.order_version;
    Ok(orders.into_iter().find(judged))
}

fn broken_for(decision: &Decision) -> TimeDelta {
    if let Evidence::Curfew(curfew) = &decision.evidence {
        TimeDelta::seconds(curfew.absent_s)
    } else if let Evidence::Atv(atv) = &decision.evidence {
        TimeDelta::seconds(atv.counted_s)
    } else if let Evidence::Attendance(attendance) = &decision.evidence {
        TimeDelta::seconds(attendance.away_s)
    } else {
        decision.decided.since(decision.onset)
    }
}

async fn history(store: &dyn Store, decision: &Decision) -> Result<Vec<Earlier>, StoreError> {
    let query = AlertQuery {
        wearer: Some(decision.wearer.clone()),
        limit: ALERTS_MAX,
        ..AlertQuery::default()
    };
    let since = decision.onset.minus(HISTORY);
    let of_condition = |record: &AlertRecord| {
        record.condition.is_some()
            && record.condition == decision.condition
            && record.alert != decision.alert
            && record.onset >= since
            && record.onset <= decision.onset
    };
    let records = store.alerts(&query).await?.into_iter().filter(of_condition);
    let mut earlier: Vec<Earlier> = records
        .map(|record| Earlier {
            alert: record.alert,
            kind: record.kind,
            onset: record.onset,
            state: record.state,
            finding: record.triage.finding,
            outcome: record.triage.outcome,
        })
        .collect();
    earlier.sort_by_key(|earlier| std::cmp::Reverse(earlier.onset));
    Ok(earlier)
}
