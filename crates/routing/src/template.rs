//! Recipients as the policy writes them: `court`, `police/{police_force}`.

use std::fmt;

use model::Recipient;
use model::registry::{Order, ResponsibleOrganisation, Wearer};

/// A recipient with places for what the wearer's profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Fixed(String),
    Field(Field),
}

/// What a template can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    PoliceForce,
    ProbationRegion,
    ResponsibleOrganisation,
}

/// Why a template gives no recipient for a wearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotFilled {
    pub(crate) field: &'static str,
    /// What the profile has in its place, where that cannot stand in a queue's name.
    pub(crate) value: Option<String>,
}

impl Field {
    const ALL: [Self; 3] = [
        Self::PoliceForce,
        Self::ProbationRegion,
        Self::ResponsibleOrganisation,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::PoliceForce => "police_force",
            Self::ProbationRegion => "probation_region",
            Self::ResponsibleOrganisation => "responsible_organisation",
        }
    }

    fn value<'a>(self, wearer: Option<&'a Wearer>, order: Option<&Order>) -> Option<&'a str> {
        match self {
            Self::PoliceForce => wearer?.police_force.as_deref(),
            Self::ProbationRegion => wearer?.probation_region.as_deref(),
            Self::ResponsibleOrganisation => {
                Some(organisation_queue(order?.responsible_organisation?))
            }
        }
    }
}

const fn organisation_queue(organisation: ResponsibleOrganisation) -> &'static str {
    match organisation {
        ResponsibleOrganisation::Yjs => "yjs",
        ResponsibleOrganisation::Ycs => "ycs",
        ResponsibleOrganisation::Probation => "probation",
        ResponsibleOrganisation::FieldMonitoringService => "field-monitoring-service",
        ResponsibleOrganisation::HomeOffice => "home-office",
        ResponsibleOrganisation::Police => "police",
    }
}

impl Template {
    /// Reads a template; says what is wrong when it is none.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((fixed, after)) = rest.split_once('{') {
            let Some((field, after)) = after.split_once('}') else {
                return Err("has a '{' without its '}'".to_owned());
            };
            parts.push(Part::Fixed(fixed.to_owned()));
            parts.push(Part::Field(parse_field(field)?));
            rest = after;
        }
        parts.push(Part::Fixed(rest.to_owned()));
        let template = Self {
            text: text.to_owned(),
            parts,
        };
        // Any plain word in the place of the fields must give the name of a queue.
        let sample = template.join(|_field| Some("x"));
        match sample.map(Recipient::new) {
            Some(Ok(_)) => Ok(template),
            Some(Err(_)) | None => Err(
                "is not a recipient: lower-case letters, digits, '-' and {fields} in one or two parts joined by '/'"
                    .to_owned(),
            ),
        }
    }

    /// The recipient for this wearer under this order.
    pub(crate) fn fill(
        &self,
        wearer: Option<&Wearer>,
        order: Option<&Order>,
    ) -> Result<Recipient, NotFilled> {
        for field in self.fields() {
            match field.value(wearer, order) {
                None => return Err(not_filled(field, None)),
                Some(value) if !is_one_part(value) => return Err(not_filled(field, Some(value))),
                Some(_) => {}
            }
        }
        let name = self.join(|field| field.value(wearer, order));
        // Too long as a whole, although each part is fine: the last field is as good as any to name.
        name.and_then(|name| Recipient::new(name).ok())
            .ok_or_else(|| {
                let field = self.fields().last().unwrap_or(Field::PoliceForce);
                not_filled(field, field.value(wearer, order))
            })
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        self.parts.iter().filter_map(|part| match part {
            Part::Fixed(_) => None,
            Part::Field(field) => Some(*field),
        })
    }

    fn join<'a>(&self, value: impl Fn(Field) -> Option<&'a str>) -> Option<String> {
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Fixed(text) => name.push_str(text),
                Part::Field(field) => name.push_str(value(*field)?),
            }
        }
        Some(name)
    }
}

fn not_filled(field: Field, value: Option<&str>) -> NotFilled {
    NotFilled {
        field: field.name(),
        value: value.map(str::to_owned),
    }
}

/// A value with a '/' could name the queue of somebody else.
fn is_one_part(value: &str) -> bool {
    !value.contains('/') && Recipient::new(value).is_ok()
}

fn parse_field(name: &str) -> Result<Field, String> {
    Field::ALL
        .into_iter()
        .find(|field| field.name() == name)
        .ok_or_else(|| {
            let known: Vec<_> = Field::ALL.iter().map(|field| field.name()).collect();
            format!(
                "asks for {{{name}}}, which is not one of {}",
                known.join(", ")
            )
        })
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
