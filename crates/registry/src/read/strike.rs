//! Finding more than the first fault of a value: what is wrong is struck out, and the rest is read again.

use serde::Deserialize;
use serde_json::Value;

use super::path::{Path, Step};

/// Faults looked for in one part: a part with more is not one of ours.
const FAULTS_MAX: usize = 50;

/// A fault that a reader of `T` finds: where, and what it says.
type Fault = (Path, String);

/// All that keeps `value` from being a `T`, apart from what only follows from something struck out.
pub(crate) fn faults<T: for<'de> Deserialize<'de>>(value: &Value) -> Vec<Fault> {
    let mut struck: Vec<Path> = Vec::new();
    let mut faults = Vec::new();
    for _round in 0..FAULTS_MAX {
        let left = without(value, &Path::default(), &struck);
        let Err(error) = serde_path_to_error::deserialize::<_, T>(left) else {
            break;
        };
        let path = original(&Path::from(error.path()), &struck);
        let follows = struck.iter().any(|gone| gone.starts_with(&path));
        if !follows {
            faults.push((path.clone(), error.inner().to_string()));
        }
        if path.is_empty() {
            break;
        }
        struck.push(path);
    }
    faults
}

/// `value`, which `here` leads to, without what is struck out.
fn without(value: &Value, here: &Path, struck: &[Path]) -> Value {
    let stays = |path: &Path| !struck.contains(path);
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name, value, here.field(name.clone())))
            .filter(|(_, _, path)| stays(path))
            .map(|(name, value, path)| (name.clone(), without(value, &path, struck)))
            .collect(),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .map(|(index, value)| (value, here.index(index)))
            .filter(|(_, path)| stays(path))
            .map(|(value, path)| without(value, &path, struck))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The path in the whole value to what `path` leads to in one without what is struck out.
fn original(path: &Path, struck: &[Path]) -> Path {
    path.steps()
        .iter()
        .fold(Path::default(), |before, step| match step {
            Step::Field(name) => before.field(name.clone()),
            Step::Index(index) => {
                let kept = (0..).map(|index| before.index(index));
                let mut kept = kept.filter(|path| !struck.contains(path));
                kept.nth(*index).unwrap_or_else(|| before.index(*index))
            }
        })
}

#[cfg(test)]
mod tests {
    use model::registry::Condition;
    use serde_json::json;

    use super::*;

    fn told(value: &Value) -> Vec<String> {
        let told = |(path, message): Fault| format!("{path}: {message}");
        faults::<Condition>(value).into_iter().map(told).collect()
    }

    #[test]
    fn every_fault_is_found_once_and_nothing_that_only_follows_from_one() {
        let window = |start: &str| json!({"days": ["Mon"], "start": start, "end": "07:00"});
        let curfew = json!({
            "id": "C 1", "kind": "curfew", "place": "P-1", "to": "soon",
            "windows": [window("25:00"), window("19:00"), window("half past"), {"days": ["Mun"], "start": "1"}],
        });
        assert_eq!(
            told(&curfew),
            [
                "id: id \"C 1\" has a space, control character, '/', '+' or '#'",
                "to: \"soon\" is neither an RFC 3339 time with an offset nor epoch milliseconds",
                "windows[0].start: \"25:00\" is not a time of day from 00:00 to 24:00",
                "windows[2].start: \"half past\" is not a time of day from 00:00 to 24:00",
                "windows[3].days[0]: unknown variant `Mun`, expected one of `Mon`, `Tue`, `Wed`, `Thu`, `Fri`, `Sat`, `Sun`",
                "windows[3].start: \"1\" is not a time of day from 00:00 to 24:00",
            ]
        );
    }
}
