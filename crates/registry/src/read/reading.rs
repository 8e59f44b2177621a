//! What has been read so far: the changes with their places, and what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::PolicyChange;
use model::registry::{Order, RegistryKey};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::path::Path;
use super::source::Source;
use super::strike;
use super::words::{About, Said, reworded};
use crate::meter::Meter;
use crate::problem::{Problem, Severity};

/// A value longer than this many characters is cut where it is shown.
const VALUE_SHOWN: usize = 60;

/// A part of a text: where it is, and what leads to it.
#[derive(Debug, Clone)]
pub(crate) struct Spot<'a> {
    pub(crate) source: &'a Arc<Source>,
    pub(crate) path: Path,
    pub(crate) value: &'a RawValue,
}

impl<'a> Spot<'a> {
    /// A part of this part.
    pub(crate) fn inner(&self, path: Path, value: &'a RawValue) -> Self {
        Self {
            source: self.source,
            path,
            value,
        }
    }

    /// A problem with what `further` leads to from here.
    pub(crate) fn problem(&self, further: &Path, said: Said) -> Problem {
        let found = further.find(self.value);
        let path = self.path.join(further);
        let offset = match (said.about, path.last_field()) {
            (About::Name, Some(name)) => self.source.name_offset(found, name),
            (About::Name, None) | (About::Value | About::Nothing, _) => {
                self.source.offset(found.get())
            }
        };
        let value = match said.about {
            About::Value => shown(found.get()),
            About::Name | About::Nothing => None,
        };
        Problem {
            severity: Severity::Error,
            file: self.source.file(),
            at: self.source.shown(offset),
            path: path.to_string(),
            message: said.message,
            part: None,
            further: Path::default(),
            value,
            help: said.help,
        }
    }

    /// A problem with what was read here, where it stands.
    pub(crate) fn placed(&self, problem: Problem) -> Problem {
        let found = problem.further.find(self.value);
        // What the message says already is not shown again.
        let value = shown(found.get()).filter(|value| {
            let bare = value.trim_matches('"');
            !problem.message.contains(bare)
        });
        Problem {
            file: self.source.file(),
            at: self.source.shown(self.source.offset(found.get())),
            path: self.path.join(&problem.further).to_string(),
            value,
            ..problem
        }
    }

    /// Where this is, for whoever looks at `other`: `orders[3] on line 17`.
    fn seen_from(&self, other: &Self) -> String {
        let Problem { file, at, path, .. } = self.problem(&Path::default(), fault("", None));
        let line = at.map_or_else(String::new, |at| format!(" on line {}", at.line));
        match file.filter(|file| other.source.file().as_ref() != Some(file)) {
            Some(file) => format!("{path}{line} of {file}"),
            None => format!("{path}{line}"),
        }
    }

    /// Where in the text it starts.
    pub(crate) fn origin(&self) -> Origin {
        let start = self.source.offset(self.value.get());
        Origin {
            source: Arc::clone(self.source),
            path: self.path.clone(),
            range: start..start + self.value.get().len(),
            conditions: None,
        }
    }
}

/// A value as a problem shows it: nothing of objects and lists, which stand in the file for all to see.
fn shown(json: &str) -> Option<String> {
    if json.starts_with(['{', '[']) {
        return None;
    }
    let mut cut: String = json.chars().take(VALUE_SHOWN).collect();
    if cut.len() < json.len() {
        cut.push('…');
    }
    Some(cut)
}

/// Where a change was read.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) source: Arc<Source>,
    pub(crate) path: Path,
    range: std::ops::Range<usize>,
    /// Which of its conditions were read, where not all of an order's were.
    conditions: Option<Arc<[usize]>>,
}

impl Origin {
    /// A problem with what was read here, where it stands.
    pub(crate) fn placed(&self, mut problem: Problem) -> Problem {
        if let Some(read) = &self.conditions {
            problem.further = problem.further.with_index_of("conditions", read);
        }
        match self.spot() {
            Some(spot) => spot.placed(problem),
            None => problem,
        }
    }

    /// The part of the text it was read from; nothing, where that is no JSON.
    pub(crate) fn spot(&self) -> Option<Spot<'_>> {
        let text = self.source.text().get(self.range.clone())?;
        Some(Spot {
            source: &self.source,
            path: self.path.clone(),
            value: serde_json::from_str(text).ok()?,
        })
    }
}

/// What has been read so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) changes: Vec<PolicyChange>,
    pub(crate) origins: Vec<Origin>,
    pub(crate) problems: Vec<Problem>,
    /// Which of the changes each part is.
    pub(crate) places: BTreeMap<RegistryKey, usize>,
    /// Parts that are there, and cannot be read or not all of them.
    pub(crate) unread: BTreeSet<RegistryKey>,
    /// Bytes of the parts that were read.
    pub(crate) meter: Meter,
}

impl Reading {
    /// Takes in what was read at `spot`. The same thing twice is told of.
    pub(crate) fn add(&mut self, change: PolicyChange, spot: &Spot<'_>) {
        self.take(change, spot.origin());
    }

    /// Takes in an order at `spot` of which only some `conditions` could be read.
    pub(crate) fn add_partly(&mut self, order: Order, conditions: &[usize], spot: &Spot<'_>) {
        let origin = Origin {
            conditions: Some(conditions.into()),
            ..spot.origin()
        };
        self.unread.insert(RegistryKey::Order(order.id.clone()));
        self.take(PolicyChange::Order(order), origin);
    }

    /// Keeps in mind that a part of that kind is at `spot`, which cannot be read.
    pub(crate) fn unread(&mut self, kind: &str, spot: &Spot<'_>) {
        let value: Value = serde_json::from_str(spot.value.get()).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let id = match (text("device"), text("wearer"), text("from")) {
            (Some(device), Some(wearer), Some(from)) => format!("{device}/{wearer}/{from}"),
            _ => text("id").unwrap_or_default().to_owned(),
        };
        self.unread.extend(RegistryKey::new(kind, &id).ok());
    }

    fn take(&mut self, change: PolicyChange, origin: Origin) {
        if let Some(key) = change.key() {
            let place = self.changes.len();
            match self.places.get(&key).copied() {
                Some(first) => return self.twice(&key, first, &change, &origin),
                None => self.places.insert(key, place),
            };
        }
        self.changes.push(change);
        self.origins.push(origin);
    }

    /// Takes in all that another text said.
    pub(crate) fn join(&mut self, other: Self) {
        self.problems.extend(other.problems);
        self.unread.extend(other.unread);
        for (change, origin) in other.changes.into_iter().zip(other.origins) {
            self.take(change, origin);
        }
    }

    fn twice(&mut self, key: &RegistryKey, first: usize, change: &PolicyChange, again: &Origin) {
        let same = self.changes.get(first) == Some(change);
        let there = self.origins.get(first).and_then(Origin::spot);
        let (Some(there), Some(here)) = (there, again.spot()) else {
            return;
        };
        let what = if same { "the same" } else { "something else" };
        let message = format!(
            "{key} is here twice: {} says {what}",
            there.seen_from(&here)
        );
        let mut problem = here.problem(&Path::default(), fault(message, None));
        if same {
            problem.severity = Severity::Warning;
        }
        self.problems.push(problem);
    }

    /// Takes the value at `spot` for what it should be; says all that is wrong with it.
    pub(crate) fn value<T: DeserializeOwned>(&mut self, spot: &Spot<'_>) -> Option<T> {
        let mut json = serde_json::Deserializer::from_str(spot.value.get());
        let read = serde_path_to_error::deserialize(&mut json);
        self.settled(read, spot, &|value| value)
    }

    /// The same for a value of which `part` of that at `spot` was read.
    pub(crate) fn settled<T: DeserializeOwned>(
        &mut self,
        read: Result<T, serde_path_to_error::Error<serde_json::Error>>,
        spot: &Spot<'_>,
        part: &dyn Fn(Value) -> Value,
    ) -> Option<T> {
        let error = match read {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let first = Path::from(error.path());
        let whole = serde_json::from_str(spot.value.get()).unwrap_or_default();
        let faults = strike::faults::<T>(&part(whole));
        if faults.iter().all(|(path, _)| *path != first) {
            self.wrong(spot, &first, reworded(&error.inner().to_string()));
        }
        for (path, message) in faults {
            self.wrong(spot, &path, reworded(&message));
        }
        None
    }

    /// Notes what is wrong at `spot`.
    pub(crate) fn wrong(&mut self, spot: &Spot<'_>, further: &Path, said: Said) {
        self.problems.push(spot.problem(further, said));
    }
}

/// A message in words of our own, that says all there is to say.
pub(crate) fn fault(message: impl Into<String>, help: Option<String>) -> Said {
    Said {
        message: message.into(),
        help,
        about: About::Nothing,
    }
}
