//! The first place at which two JSON texts differ.

use serde_json::Value;

/// Where, and what stands there on either side. The place is a JSON pointer; empty when only the
/// writing differs.
pub(super) fn first(kept: &str, replayed: &str) -> (String, String, String) {
    let parsed = |text: &str| serde_json::from_str::<Value>(text);
    let (Ok(a), Ok(b)) = (parsed(kept), parsed(replayed)) else {
        return (String::new(), kept.to_owned(), replayed.to_owned());
    };
    let mut path = String::new();
    match descend(&a, &b, &mut path) {
        Some((a, b)) => (path, shown(a), shown(b)),
        None => (String::new(), kept.to_owned(), replayed.to_owned()),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

type Sides<'a> = (Option<&'a Value>, Option<&'a Value>);

fn descend<'a>(a: &'a Value, b: &'a Value, path: &mut String) -> Option<Sides<'a>> {
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let names = left.keys().chain(right.keys());
            names
                .map(|name| (name.clone(), left.get(name), right.get(name)))
                .find_map(|(name, a, b)| within(&name, a, b, path))
        }
        (Value::Array(left), Value::Array(right)) => {
            let longest = left.len().max(right.len());
            (0..longest).find_map(|n| within(&n.to_string(), left.get(n), right.get(n), path))
        }
        _ => (a != b).then_some((Some(a), Some(b))),
    }
}

fn within<'a>(
    name: &str,
    a: Option<&'a Value>,
    b: Option<&'a Value>,
    path: &mut String,
) -> Option<Sides<'a>> {
    let length = path.len();
    path.push('/');
    path.push_str(name);
    let found = match (a, b) {
        (Some(a), Some(b)) => descend(a, b, path),
        (None, None) => None,
        (a, b) => Some((a, b)),
    };
    if found.is_none() {
        path.truncate(length);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kept: &str, replayed: &str, expected: (&str, &str, &str)) {
        let (field, a, b) = first(kept, replayed);
        assert_eq!((field.as_str(), a.as_str(), b.as_str()), expected);
    }

    #[test]
    fn the_first_field_that_differs_is_named_with_both_values() {
        check(
            r#"{"a":1,"e":{"fixes":[{"lat":1.5},{"lat":2.5}]}}"#,
            r#"{"a":1,"e":{"fixes":[{"lat":1.5},{"lat":2.25}]}}"#,
            ("/e/fixes/1/lat", "2.5", "2.25"),
        );
    }

    #[test]
    fn what_stands_on_one_side_only_is_held_against_nothing() {
        check(r#"{"a":[1,2]}"#, r#"{"a":[1]}"#, ("/a/1", "2", "nothing"));
        check(r#"{}"#, r#"{"b":null}"#, ("/b", "nothing", "null"));
    }

    #[test]
    fn what_is_only_written_otherwise_has_no_field() {
        check("{\"a\": 1}", "{\"a\":1}", ("", "{\"a\": 1}", "{\"a\":1}"));
        check("{\"a\":", "{}", ("", "{\"a\":", "{}"));
    }
}
