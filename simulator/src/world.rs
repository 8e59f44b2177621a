//! The world: everybody, their tags, and time.

use std::collections::BTreeSet;

use model::registry::FeatureSource;
use model::{DeviceCommand, RegistryDocument, Timestamp, WearerId};
use serde_json::{Value, json};

use crate::life::diary::Diary;
use crate::person::Person;
use crate::tag::{AlcoholTag, EventReports, HomeUnit, Phone, Tag};
use crate::{PlannedBreach, Upload, WorldConfig, visitor};

/// An imaginary town and the people in it who are monitored.
#[derive(Debug, Clone)]
pub struct World {
    config: WorldConfig,
    inhabitants: Vec<Inhabitant>,
    plan: Vec<PlannedBreach>,
}

/// Somebody, and what they wear.
#[derive(Debug, Clone)]
struct Inhabitant {
    person: Person,
    tag: Tag,
    events: EventReports,
    alcohol_tag: Option<AlcoholTag>,
    home_unit: Option<HomeUnit>,
    phone: Option<Phone>,
}

impl Inhabitant {
    fn new(person: Person, config: &WorldConfig) -> Self {
        let own = person.abstinence.as_ref();
        let unit = person.home_unit.as_ref();
        let own_check_ins = person.check_ins.as_ref();
        Self {
            tag: Tag::new(&person, config),
            events: EventReports::new(&person),
            alcohol_tag: own.map(|own| AlcoholTag::new(&person, own, config)),
            phone: own_check_ins.map(|own| Phone::new(&person, own, config)),
            home_unit: unit.map(|own| HomeUnit::new(&person, own, config)),
            person,
        }
    }

    fn advance(&mut self, to: Timestamp, config: &WorldConfig, uploads: &mut Vec<Upload>) {
        self.tag.run(to, &self.person, config, uploads);
        self.events.run(to, &self.person, uploads);
        if let Some((tag, own)) = self
            .alcohol_tag
            .as_mut()
            .zip(self.person.abstinence.as_ref())
        {
            tag.run(to, own, uploads);
        }
        if let Some((unit, own)) = self.home_unit.as_mut().zip(self.person.home_unit.as_ref()) {
            unit.run(to, (&self.person, own), config, uploads);
        }
        if let Some((phone, own)) = self.phone.as_mut().zip(self.person.check_ins.as_ref()) {
            phone.run(to, (&self.person, own), config, uploads);
        }
    }

    fn prompted(&mut self, command: &DeviceCommand) -> Option<PlannedBreach> {
        let own = self.person.check_ins.as_ref()?;
        let phone = self
            .phone
            .as_mut()
            .filter(|_phone| own.device == command.device)?;
        phone.shows(command, (&self.person, own))
    }

    fn flush(&mut self, at: Timestamp, uploads: &mut Vec<Upload>) {
        self.tag.flush(at, uploads);
        if let Some(tag) = &mut self.alcohol_tag {
            tag.flush(at, uploads);
        }
    }
}

impl World {
    /// The world that follows from `config`.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        let count = u64::try_from(config.wearers).unwrap_or(u64::MAX);
        // Their ids are letters and digits, so everybody comes about.
        let people = (0..count).filter_map(|index| Person::new(&config, index).ok());
        let inhabitants: Vec<Inhabitant> = people
            .map(|person| Inhabitant::new(person, &config))
            .collect();
        let mut plan: Vec<PlannedBreach> = inhabitants
            .iter()
            .flat_map(|inhabitant| breaches(&inhabitant.person, &config))
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
        let people = || self.inhabitants.iter().map(|inhabitant| &inhabitant.person);
        let seed = self.config.seed;
        let mut registry = RegistryDocument {
            wearers: people().map(|p| p.wearer_record(seed)).collect(),
            activations: people().flat_map(Person::activation_records).collect(),
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
        for inhabitant in &mut self.inhabitants {
            inhabitant.advance(to, &self.config, &mut uploads);
        }
        uploads.sort_by_key(|upload| upload.at);
        uploads
    }

    /// A device is told to ask its wearer. What must be told, where they are going to ignore it; nothing,
    /// where they answer, or where it came before.
    pub fn prompted(&mut self, command: &DeviceCommand) -> Option<PlannedBreach> {
        let mut inhabitants = self.inhabitants.iter_mut();
        inhabitants.find_map(|inhabitant| inhabitant.prompted(command))
    }

    /// Advances to `to`, and has every tag upload then what it still holds: the end of a run.
    pub fn flush(&mut self, to: Timestamp) -> Vec<Upload> {
        let mut uploads = self.advance(to);
        for inhabitant in &mut self.inhabitants {
            inhabitant.flush(to, &mut uploads);
        }
        uploads
    }

    /// Those who walk a way of the user's own: whatever is told of them, nobody planned it.
    pub(crate) fn walkers(&self) -> BTreeSet<WearerId> {
        let walks =
            |inhabitant: &&Inhabitant| self.config.walks.contains_key(&inhabitant.person.index);
        let walkers = self.inhabitants.iter().filter(walks);
        walkers
            .map(|inhabitant| inhabitant.person.wearer.clone())
            .collect()
    }

    pub(crate) fn is_visitor(wearer: &WearerId) -> bool {
        wearer.as_str() == visitor::VISITOR
    }

    #[cfg(test)]
    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.inhabitants.iter().map(|inhabitant| &inhabitant.person)
    }
}

/// What one wearer is going to breach.
fn breaches(person: &Person, config: &WorldConfig) -> Vec<PlannedBreach> {
    if config.walks.contains_key(&person.index) {
        return Vec::new();
    }
    let mut diary = Diary::new(config);
    let mut found = Vec::new();
    while diary.days() < u64::from(config.plan_days.max(1)) {
        found.extend(diary.next_page(person, config).breaches);
    }
    for breach in &mut found {
        person.battery.excuse(breach);
    }
    found.extend(person.device_breaches(config));
    found
}

#[cfg(test)]
mod tests;
