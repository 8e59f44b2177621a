//! What has been read so far: the changes with their places, and what is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::PolicyChange;
use model::registry::RegistryKey;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::path::Path;
use super::source::Source;
use super::words::{About, Said, reworded};
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
}

impl Origin {
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
}

impl Reading {
    /// Takes in what was read at `spot`. The same thing twice is told of.
    pub(crate) fn add(&mut self, change: PolicyChange, spot: &Spot<'_>) {
        self.take(change, spot.origin());
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

    /// Takes the value at `spot` for what it should be; says what is wrong with it.
    pub(crate) fn value<'a, T: Deserialize<'a>>(&mut self, spot: &Spot<'a>) -> Option<T> {
        let mut json = serde_json::Deserializer::from_str(spot.value.get());
        let read = serde_path_to_error::deserialize(&mut json);
        self.settled(read, spot)
    }

    /// The same for a value that was put together from parts of that at `spot`.
    pub(crate) fn settled<T>(
        &mut self,
        read: Result<T, serde_path_to_error::Error<serde_json::Error>>,
        spot: &Spot<'_>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                let said = reworded(&error.inner().to_string());
                let problem = spot.problem(&Path::from(error.path()), said);
                self.problems.push(problem);
                None
            }
        }
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
