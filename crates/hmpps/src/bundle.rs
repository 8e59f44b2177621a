//! Which wearer belongs to which order: the forms in which the two come.

use serde_json::Value;

use crate::findings::Findings;

/// An order and its wearer, each with its path.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) order: (String, &'a Value),
    pub(crate) wearer: (String, &'a Value),
    /// The monitoring company's own case number.
    pub(crate) case_id: Option<&'a str>,
}

/// Whether a JSON document is one of the service's, rather than a registry document.
#[must_use]
pub fn is_order(value: &Value) -> bool {
    match value {
        Value::Array(entries) => entries.iter().any(is_order),
        Value::Object(_) => !matches!(Part::of(value), Part::Neither),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

enum Part {
    /// `{"case_id", "device_wearer": {…}, "monitoring_order": {…}}`, as the service asks for them back.
    Both,
    /// `{"order_id", …, "wearer": {…}}` or with `device_wearer` as an object.
    OrderWithWearer(&'static str),
    /// As it is sent, its `device_wearer` a name.
    Order,
    /// As it is sent.
    Wearer,
    Neither,
}

impl Part {
    fn of(value: &Value) -> Self {
        let has = |key: &str| value.get(key).is_some();
        if has("monitoring_order") {
            return Self::Both;
        }
        if has("order_request_type") || has("enforceable_condition") {
            let inside = ["wearer", "device_wearer"];
            let found = inside
                .into_iter()
                .find(|key| value.get(key).is_some_and(Value::is_object));
            return found.map_or(Self::Order, Self::OrderWithWearer);
        }
        if has("risk_categories") || has("first_name") {
            return Self::Wearer;
        }
        Self::Neither
    }
}

/// The orders of a document, each with its wearer. What belongs to nothing is a fault.
pub(crate) fn pairs<'a>(value: &'a Value, findings: &mut Findings) -> Vec<Pair<'a>> {
    let entries: Vec<(String, &Value)> = match value {
        Value::Array(entries) => entries
            .iter()
            .enumerate()
            .map(|(index, entry)| (format!("$[{index}]"), entry))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![("$".to_owned(), value)]
        }
    };
    let mut pairs = Vec::new();
    let (mut orders, mut wearers) = (Vec::new(), Vec::new());
    for (path, entry) in entries {
        match Part::of(entry) {
            Part::Both => pairs.extend(both(&path, entry, findings)),
            Part::OrderWithWearer(key) => pairs.push(embedded(&path, entry, key)),
            Part::Order => orders.push((path, entry)),
            Part::Wearer => wearers.push((path, entry)),
            Part::Neither => {
                findings.fault(path, kind(entry), "should be an order with its wearer");
            }
        }
    }
    match_up(orders, &wearers, &mut pairs, findings);
    pairs
}

fn both<'a>(path: &str, entry: &'a Value, findings: &mut Findings) -> Option<Pair<'a>> {
    let order = entry.get("monitoring_order")?;
    let Some(wearer) = entry.get("device_wearer") else {
        findings.fault(
            format!("{path}.device_wearer"),
            Value::Null,
            "should be the wearer",
        );
        return None;
    };
    Some(Pair {
        order: (format!("{path}.monitoring_order"), order),
        wearer: (format!("{path}.device_wearer"), wearer),
        case_id: text(entry, "case_id").or_else(|| text(order, "case_id")),
    })
}

fn embedded<'a>(path: &str, entry: &'a Value, key: &str) -> Pair<'a> {
    Pair {
        order: (path.to_owned(), entry),
        wearer: (
            format!("{path}.{key}"),
            entry.get(key).unwrap_or(&Value::Null),
        ),
        case_id: text(entry, "case_id"),
    }
}

/// The two as they are sent, one after the other: they belong together by case number, or else by the
/// wearer's name in the order; a single wearer belongs to every order.
fn match_up<'a>(
    orders: Vec<(String, &'a Value)>,
    wearers: &[(String, &'a Value)],
    pairs: &mut Vec<Pair<'a>>,
    findings: &mut Findings,
) {
    for (path, order) in orders {
        let mut fitting: Vec<_> = wearers
            .iter()
            .filter(|(_, wearer)| belongs(order, wearer))
            .collect();
        if let ([], [only]) = (fitting.as_slice(), wearers) {
            fitting.push(only);
        }
        match fitting.as_slice() {
            [wearer] => pairs.push(Pair {
                order: (path, order),
                wearer: (*wearer).clone(),
                case_id: text(order, "case_id"),
            }),
            found => findings.fault(
                format!("{path}.device_wearer"),
                order.get("device_wearer").unwrap_or(&Value::Null),
                format!(
                    "should be the name of one wearer of the document, and is that of {}",
                    found.len()
                ),
            ),
        }
    }
    for (path, _) in wearers {
        if !pairs.iter().any(|pair| pair.wearer.0 == *path) {
            findings.note(path.clone(), "a wearer without an order: not used");
        }
    }
}

fn belongs(order: &Value, wearer: &Value) -> bool {
    match (text(order, "case_id"), text(wearer, "case_id")) {
        (Some(order), Some(wearer)) => order == wearer,
        (Some(_) | None, None) | (None, Some(_)) => {
            let Some(name) = text(order, "device_wearer").map(words) else {
                return false;
            };
            let with_middle = full_name(wearer, &["first_name", "middle_name", "last_name"]);
            name == with_middle || name == full_name(wearer, &["first_name", "last_name"])
        }
    }
}

/// What an order calls its wearer: earlier versions of the service left the middle name out.
fn full_name(wearer: &Value, keys: &[&str]) -> String {
    let names: Vec<&str> = keys.iter().filter_map(|key| text(wearer, key)).collect();
    words(&names.join(" "))
}

fn words(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    let text = value.get(key)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
