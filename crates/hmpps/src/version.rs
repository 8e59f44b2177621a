//! Which version of an order a message is.

use chrono::{Datelike, NaiveDate};
use model::registry::Order;

/// Variations of one day that have numbers of their own.
const A_DAY: u32 = 100;

/// Numbers an order as it was first requested: from 1.
const FIRST: u32 = 1;

/// The version of `order`, requested first or varied on a date. The service numbers nothing, so a
/// variation is numbered as DNS zones are (RFC 1912, 2.2): `2026031500`, the next of that day `2026031501`. So an
/// earlier variation that is sent again never replaces a later one, and what is registered already
/// keeps its version.
pub(crate) fn of(order: &Order, varied: Option<NaiveDate>, known: Option<&Order>) -> u32 {
    let first = varied.map_or(FIRST, serial);
    let Some(known) = known else {
        return first;
    };
    let of_the_day = (first..first.saturating_add(A_DAY)).contains(&known.version);
    match (of_the_day, says_the_same(order, known)) {
        (true, true) => known.version,
        (true, false) => known.version.saturating_add(1),
        (false, _) => first,
    }
}

fn says_the_same(order: &Order, known: &Order) -> bool {
    let mut order = order.clone();
    order.version = known.version;
    order == *known
}

fn serial(date: NaiveDate) -> u32 {
    let year = u32::try_from(date.year()).unwrap_or(0).min(9999);
    // The year 4294 is the last that fits; whoever varies an order in it has other troubles.
    ((year * A_DAY + date.month()) * A_DAY + date.day()).saturating_mul(A_DAY)
}
