//! Where in a document: a path, and the part of the text that it leads to.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use super::members::{Members, elements};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// To a member of an object.
    Field(Cow<'static, str>),
    /// To an element of a list, counted from 0.
    Index(usize),
}

/// A path through a document: `orders[3].conditions[0]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Path(Vec<Step>);

impl Path {
    /// This path, and a member further.
    pub(crate) fn field(&self, name: impl Into<Cow<'static, str>>) -> Self {
        self.step(Step::Field(name.into()))
    }

    /// This path, and an element further.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// This path, and another one further.
    pub(crate) fn join(&self, further: &Self) -> Self {
        Self(self.0.iter().chain(&further.0).cloned().collect())
    }

    /// What the path leads to, from `value` on: as far as there is such a way.
    pub(crate) fn find<'a>(&self, value: &'a RawValue) -> &'a RawValue {
        let mut found = value;
        for step in &self.0 {
            match step.take(found) {
                Some(next) => found = next,
                None => break,
            }
        }
        found
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path goes by where `other` leads.
    pub(crate) fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The same path where the elements of the list `name`, with which it begins, have other places.
    pub(crate) fn with_index_of(&self, name: &str, places: &[usize]) -> Self {
        let mut steps = self.0.clone();
        if let [Step::Field(first), Step::Index(index), ..] = steps.as_mut_slice()
            && first == name
            && let Some(place) = places.get(*index)
        {
            *index = *place;
        }
        Self(steps)
    }

    /// The last step, when it is one to a member.
    pub(crate) fn last_field(&self) -> Option<&str> {
        match self.0.last()? {
            Step::Field(name) => Some(name),
            Step::Index(_) => None,
        }
    }
}

impl Step {
    fn take<'a>(&self, value: &'a RawValue) -> Option<&'a RawValue> {
        match self {
            Self::Field(name) => Members::of(value).ok()?.get(name),
            Self::Index(index) => elements(value).ok()?.get(*index).copied(),
        }
    }
}

impl From<&serde_path_to_error::Path> for Path {
    fn from(path: &serde_path_to_error::Path) -> Self {
        let step = |segment: &Segment| match segment {
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Map { key } => Some(Step::Field(Cow::Owned(key.clone()))),
            Segment::Enum { .. } | Segment::Unknown => None,
        };
        Self(path.iter().map_while(step).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if place == 0 => write!(f, "{name}")?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
