//! The world: everybody, their tags, and time.

use model::registry::FeatureSource;
use model::{RegistryDocument, Timestamp, WearerId};
use serde_json::{Value, json};

use crate::life::diary::Diary;
use crate::person::Person;
use crate::tag::Tag;
use crate::{PlannedBreach, Upload, WorldConfig, visitor};

/// An imaginary town and the people in it who are monitored.
#[derive(Debug, Clone)]
pub struct World {
    config: WorldConfig,
    inhabitants: Vec<(Person, Tag)>,
    plan: Vec<PlannedBreach>,
}

impl World {
    /// The world that follows from `config`.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        let count = u64::try_from(config.wearers).unwrap_or(u64::MAX);
        // Their ids are letters and digits, so everybody comes about.
        let people = (0..count).filter_map(|index| Person::new(&config, index).ok());
        let inhabitants: Vec<(Person, Tag)> = people
            .map(|person| {
                let tag = Tag::new(&person, &config);
                (person, tag)
            })
            .collect();
        let mut plan: Vec<PlannedBreach> = inhabitants
            .iter()
            .flat_map(|(person, _)| breaches(person, &config))
            .collect();
        plan.sort_by_key(|breach| breach.onset);
        Self {
            config,
            inhabitants,
            plan,
        }
    }

    /// What it was made from.
    #[must_use]
    pub const fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// What the service must know about everybody, the visitor included, to be imported before the
    /// start.
    #[must_use]
    pub fn registry(&self) -> RegistryDocument {
        let mut registry = self.registry_of_town();
        let visitors = visitor::add(&mut registry, self.config.start);
        if let (Ok(zone), Some(FeatureSource::Inline(zones))) = (visitors, &mut registry.zones)
            && let Some(features) = zones.get_mut("features").and_then(Value::as_array_mut)
        {
            features.push(zone);
        }
        registry
    }

    /// The same without the visitor.
    #[must_use]
    pub fn registry_of_town(&self) -> RegistryDocument {
        let people = || self.inhabitants.iter().map(|(person, _)| person);
        let seed = self.config.seed;
        let mut registry = RegistryDocument {
            wearers: people().map(|p| p.wearer_record(seed)).collect(),
            activations: people().map(Person::activation_record).collect(),
            orders: people().map(|p| p.order_record(seed)).collect(),
            places: people().filter_map(Person::place_record).collect(),
            ..RegistryDocument::default()
        };
        let features: Vec<Value> = people().flat_map(Person::features).collect();
        let collection = json!({"type": "FeatureCollection", "features": features});
        registry.zones = Some(FeatureSource::Inline(collection));
        registry
    }

    /// Every breach planned, in order of onset; known in advance, from the seed alone.
    #[must_use]
    pub fn plan(&self) -> &[PlannedBreach] {
        &self.plan
    }

    /// Everything the tags upload until `to`, in order of upload time. Advancing in many small
    /// steps or one large one gives the same uploads.
    pub fn advance(&mut self, to: Timestamp) -> Vec<Upload> {
        let mut uploads = Vec::new();
        for (person, tag) in &mut self.inhabitants {
            tag.run(to, person, &self.config, &mut uploads);
        }
        uploads.sort_by_key(|upload| upload.at);
        uploads
    }

    /// Advances to `to`, and has every tag upload then what it still holds: the end of a run.
    pub fn flush(&mut self, to: Timestamp) -> Vec<Upload> {
        let mut uploads = self.advance(to);
        for (_, tag) in &mut self.inhabitants {
            tag.flush(to, &mut uploads);
        }
        uploads
    }

    pub(crate) fn is_visitor(wearer: &WearerId) -> bool {
        wearer.as_str() == visitor::VISITOR
    }

    #[cfg(test)]
    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.inhabitants.iter().map(|(person, _)| person)
    }
}

/// What one wearer is going to breach.
fn breaches(person: &Person, config: &WorldConfig) -> Vec<PlannedBreach> {
    let mut diary = Diary::new(config);
    let mut found = Vec::new();
    while diary.days() < u64::from(config.plan_days.max(1)) {
        found.extend(diary.next_page(person, config).breaches);
    }
    found
}

#[cfg(test)]
mod tests;
