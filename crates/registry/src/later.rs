//! Changes that come later: what a replay hands in at its time.

use std::path::Path as FilePath;
use std::sync::Arc;

use model::registry::StrayReason;
use model::{DeviceId, PartitionId, PolicyChange, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::document::{self, Document, RegistryError};
use crate::problem::{Problem, Problems};
use crate::read::{self, Path, Reading, Source, Spot};

/// What a line may hold: when it is known, what is registered or varied, between which instants nothing
/// was taken in, and a device that reported and is nobody's here, which a file of readings cannot show,
/// because it names no partition.
const FIELDS: [&str; 4] = ["at", "registry", "intake_gap", "stray"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stray {
    partition: PartitionId,
    device: DeviceId,
    reason: StrayReason,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    from: Timestamp,
    to: Timestamp,
}

impl From<Stray> for PolicyChange {
    fn from(stray: Stray) -> Self {
        let Stray {
            partition,
            device,
            reason,
        } = stray;
        Self::Stray {
            partition,
            device,
            reason,
        }
    }
}

impl From<Gap> for PolicyChange {
    fn from(Gap { from, to }: Gap) -> Self {
        Self::IntakeGap {
            from,
            to,
            ongoing: false,
            told_by: Some(PartitionId(0)),
        }
    }
}

/// Reads a file of changes, one a line (JSONL), in order of time: `{"at": …, "registry": {…}}` with a
/// registry document, or `{"at": …, "intake_gap": {"from": …, "to": …}}`.
///
/// # Errors
/// When the file cannot be read, and with everything in it that is not what it should be, such as a time
/// before the one above.
pub fn load_later(path: &FilePath) -> Result<Vec<(Timestamp, Vec<PolicyChange>)>, RegistryError> {
    let text = document::text(path)?;
    let source = Arc::new(Source::new(path.display().to_string(), text));
    let folder = path.parent().unwrap_or(FilePath::new(""));
    let mut later = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    let mut latest = None;
    for text in source.text().lines().filter(|line| !line.trim().is_empty()) {
        let mut reading = Reading::default();
        let at = line(&source, text, folder, &mut latest, &mut reading);
        match (at, Document(reading).sound()) {
            (Some(at), Ok(document)) => later.push((at, document.into_changes())),
            (None, Ok(_)) => {}
            (_, Err(RegistryError::Problems(found))) => problems.extend(found),
            (_, Err(other)) => return Err(other),
        }
    }
    if problems.is_empty() {
        return Ok(later);
    }
    Err(RegistryError::Problems(Problems::from_iter(problems)))
}

/// One line: what is in it is read into `reading`, and its time is given.
fn line(
    source: &Arc<Source>,
    text: &str,
    folder: &FilePath,
    latest: &mut Option<Timestamp>,
    reading: &mut Reading,
) -> Option<Timestamp> {
    let spot = read::part(source, text, reading)?;
    let members = read::members(&spot, reading)?;
    read::known_once(&members, &spot, &FIELDS, reading);
    let member =
        |name: &'static str| Some(spot.inner(Path::default().field(name), members.get(name)?));
    if let Some(registry) = member("registry") {
        read::document(&registry, Some(folder), reading);
    }
    if let Some(gap) = member("intake_gap") {
        single::<Gap>(&gap, reading);
    }
    if let Some(stray) = member("stray") {
        single::<Stray>(&stray, reading);
    }
    let Some(at) = member("at") else {
        let said = read::fault("the field `at` is missing", None);
        reading.wrong(&spot, &Path::default(), said);
        return None;
    };
    let time: Timestamp = reading.value(&at)?;
    if latest.is_some_and(|latest| time < latest) {
        let said = read::fault(format!("at {time} is before the line above"), None);
        reading.wrong(&at, &Path::default(), said);
    }
    *latest = (*latest).max(Some(time));
    Some(time)
}

fn single<T: DeserializeOwned + Into<PolicyChange>>(spot: &Spot<'_>, reading: &mut Reading) {
    if let Some(value) = reading.value::<T>(spot) {
        reading.add(value.into(), spot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("changes.jsonl");
        std::fs::write(&path, text).unwrap();
        match load_later(&path) {
            Ok(_) => Vec::new(),
            Err(RegistryError::Problems(problems)) => problems
                .iter()
                .map(|problem| {
                    problem
                        .to_string()
                        .replace(&*path.to_string_lossy(), "changes.jsonl")
                })
                .collect(),
            Err(other) => vec![other.to_string()],
        }
    }

    #[test]
    fn what_is_right_is_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("changes.jsonl");
        let text = concat!(
            r#"{"at": "2026-03-01T00:00:00Z", "registry": {"wearers": [{"id": "W-1"}]}}"#,
            "\n\n",
            r#"{"at": "2026-03-02T00:00:00Z", "intake_gap": {"from": 0, "to": 1000}}"#,
        );
        std::fs::write(&path, text).unwrap();
        let later = load_later(&path).unwrap();
        let counts: Vec<usize> = later.iter().map(|(_, changes)| changes.len()).collect();
        assert_eq!(counts, [1, 1]);
    }

    #[test]
    fn every_line_that_is_wrong_is_told_with_its_place_in_the_file() {
        let lines = [
            r#"{"at": "2026-03-02T00:00:00Z", "registry": {"wearers": [{"id": "W 1"}]}}"#,
            r#"{"at": "2026-03-01T00:00:00Z"}"#,
            r#"{"registry": {}}"#,
            r#"{"at": "soon"}"#,
            r#"{"at": "2026-03-03T00:00:00Z", "regsitry": {}}"#,
            r#"{"at": "2026-03-03T00:00:00Z""#,
        ];
        assert_eq!(
            told(&lines.join("\n")),
            [
                "changes.jsonl:1:64: registry.wearers[0].id: id \"W 1\" has a space, control character, '/', '+' or '#'",
                "changes.jsonl:2:8: at: at 2026-03-01T00:00:00Z is before the line above",
                "changes.jsonl:3:1: the field `at` is missing",
                "changes.jsonl:4:8: at: \"soon\" is neither an RFC 3339 time with an offset nor epoch milliseconds",
                "changes.jsonl:5:32: regsitry: unknown field `regsitry`; did you mean `registry`?",
                "changes.jsonl:6:29: not JSON: EOF while parsing an object",
            ]
        );
    }
}
