//! Reading a policy's text, with everything that is wrong with it.
//!
//! The TOML is walked by hand rather than deserialized, because deserializing stops at the first
//! mistake and people mend files faster when they see all of them.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use model::Severity;
use toml::Spanned;
use toml::de::DeTable;

use crate::RoutingPolicy;
use crate::matching::When;
use crate::policy::{Escalation, IncidentRule, Route, version};
use crate::problem::{PolicyError, line_and_column};
use crate::span::parse_span;
use crate::template::Template;
use crate::values::{Reader, Value, read_name};

const ROUTE_FIELDS: &[&str] = &[
    "name",
    "when",
    "to",
    "severity",
    "notify_within",
    "escalate",
    "exclusive",
];
const RUNG_FIELDS: &[&str] = &["to", "within"];
const INCIDENT_FIELDS: &[&str] = &["name", "kind", "threshold", "within", "quiet"];
const REPEATS_FIELDS: &[&str] = &["within"];

/// Alerts of a few wearers are no incident: they are looked at one by one.
const THRESHOLD_MIN: u32 = 3;

/// No more than all the wearers there may be.
const THRESHOLD_MAX: u32 = 1_000_000;
const WHEN_FIELDS: &[&str] = &[
    "flags",
    "kind",
    "group",
    "phase",
    "order_type",
    "hdc",
    "responsible_organisation",
    "notifying_organisation",
    "mappa_level",
    "mappa_category",
];

impl RoutingPolicy {
    /// Reads a policy from TOML. Unknown fields are refused: a misspelt condition would otherwise
    /// send a wearer's data to more people than meant.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each with line, column, field and value.
    pub fn parse(toml: &str) -> Result<Self, PolicyError> {
        let mut reader = Reader {
            text: toml,
            problems: Vec::new(),
        };
        let (document, errors) = DeTable::parse_recoverable(toml);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            reader.problem(span, "", "", error.message().to_owned());
        }
        // What a parser recovers to is not what was written: its meaning is not judged.
        let policy = if reader.problems.is_empty() {
            Self {
                version: version(toml),
                routes: reader.document(&document),
                incidents: reader.incidents(document.get_ref()),
                repeats_within: reader.repeats(document.get_ref()),
            }
        } else {
            Self::default()
        };
        let mut problems = reader.problems;
        if problems.is_empty() {
            return Ok(policy);
        }
        problems.sort_by_key(|problem| problem.span.start);
        Err(PolicyError { problems })
    }
}

impl Reader<'_> {
    fn document(&mut self, document: &Spanned<DeTable<'_>>) -> Vec<Route> {
        let known = ["route", "incident", "repeats"];
        self.known_fields(document.get_ref(), "", &known);
        let Some(value) = document.get_ref().get("route") else {
            let message = "holds no route; write [[route]]".to_owned();
            self.problem(0..0, "policy", "", message);
            return Vec::new();
        };
        let Some(routes) = self.array(value, "route", "[[route]]") else {
            return Vec::new();
        };
        if routes.is_empty() {
            self.wrong(value, "route", "holds no route; write [[route]]");
        }
        let mut read = Vec::new();
        for (index, value) in routes.iter().enumerate() {
            let path = format!("route[{}]", index + 1);
            match value.get_ref().as_table() {
                Some(table) => read.extend(self.route(value, table, &path)),
                None => self.wrong(value, &path, "is not a table; write [[route]]"),
            }
        }
        read
    }

    fn route(&mut self, value: &Value<'_>, table: &DeTable<'_>, path: &str) -> Option<Route> {
        self.known_fields(table, path, ROUTE_FIELDS);
        let name = self.name(value, table, path);
        let to = self.recipients(value, table, path);
        let when = table.get("when").map(|when| self.when(when, path));
        let severity = table
            .get("severity")
            .and_then(|value| self.word(value, &format!("{path}.severity"), read_name::<Severity>));
        let notify_within = table
            .get("notify_within")
            .and_then(|value| self.word(value, &format!("{path}.notify_within"), parse_span));
        let exclusive = table
            .get("exclusive")
            .and_then(|value| self.boolean(value, &format!("{path}.exclusive")));
        let escalate = table
            .get("escalate")
            .map(|rungs| self.ladder(rungs, &format!("{path}.escalate")));
        if let (Some(rungs), None) = (table.get("escalate"), table.get("notify_within")) {
            let message = "needs `notify_within`: the first rung is told when that has passed";
            self.wrong(rungs, &format!("{path}.escalate"), message);
        }
        let (line, _column) = line_and_column(self.text, value.span().start);
        Some(Route {
            name: name?,
            line,
            when: when.unwrap_or_default(),
            to: to?,
            severity: severity.unwrap_or_default(),
            notify_within,
            escalate: escalate.unwrap_or_default(),
            exclusive: exclusive.unwrap_or(false),
        })
    }

    fn name(&mut self, route: &Value<'_>, table: &DeTable<'_>, path: &str) -> Option<String> {
        let field = format!("{path}.name");
        let Some(value) = table.get("name") else {
            let message = "is missing: notifications say by it why they were sent".to_owned();
            self.problem(route.span(), &field, "", message);
            return None;
        };
        self.word(value, &field, |text| {
            if text.trim().is_empty() {
                return Err("is empty".to_owned());
            }
            Ok(text.to_owned())
        })
    }

    fn recipients(
        &mut self,
        route: &Value<'_>,
        table: &DeTable<'_>,
        path: &str,
    ) -> Option<Vec<Template>> {
        let field = format!("{path}.to");
        let Some(value) = table.get("to") else {
            let message = "is missing: a list of recipients, such as [\"operators\"]".to_owned();
            self.problem(route.span(), &field, "", message);
            return None;
        };
        let items = self.array(value, &field, "[\"operators\"]")?;
        if items.is_empty() {
            self.wrong(value, &field, "names nobody; name at least one recipient");
        }
        let mut templates = Vec::new();
        for item in items.iter() {
            templates.extend(self.word(item, &field, Template::parse));
        }
        Some(templates)
    }

    fn ladder(&mut self, value: &Value<'_>, path: &str) -> Vec<Escalation> {
        let example = "[{ to = [\"operators\"], within = \"5m\" }, { to = [\"duty-manager\"] }]";
        let Some(rungs) = self.array(value, path, example) else {
            return Vec::new();
        };
        let mut ladder = Vec::new();
        let last = rungs.len();
        for (index, value) in rungs.iter().enumerate() {
            let path = format!("{path}[{}]", index + 1);
            let Some(table) = value.get_ref().as_table() else {
                self.wrong(
                    value,
                    &path,
                    "is not a table, such as { to = [\"operators\"] }",
                );
                continue;
            };
            self.known_fields(table, &path, RUNG_FIELDS);
            let to = self.recipients(value, table, &path);
            let within = self.span(table, &path, "within");
            if within.is_none() && index + 1 < last && !table.contains_key("within") {
                self.wrong(
                    value,
                    &path,
                    "needs `within`: the next rung is told when that has passed",
                );
            }
            ladder.extend(to.map(|to| Escalation { to, within }));
        }
        ladder
    }

    fn span(&mut self, table: &DeTable<'_>, path: &str, name: &str) -> Option<TimeDelta> {
        let value = table.get(name)?;
        self.word(value, &format!("{path}.{name}"), parse_span)
    }

    fn repeats(&mut self, document: &DeTable<'_>) -> Option<TimeDelta> {
        let value = document.get("repeats")?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value, "repeats", "is not a table; write [repeats]");
            return None;
        };
        self.known_fields(table, "repeats", REPEATS_FIELDS);
        self.required_span(value, table, "repeats", "within")
    }

    fn required_span(
        &mut self,
        of: &Value<'_>,
        table: &DeTable<'_>,
        path: &str,
        name: &str,
    ) -> Option<TimeDelta> {
        if !table.contains_key(name) {
            let message = "is missing: a time, such as \"10m\"".to_owned();
            self.problem(of.span(), &format!("{path}.{name}"), "", message);
        }
        self.span(table, path, name)
    }

    fn incidents(&mut self, document: &DeTable<'_>) -> Vec<IncidentRule> {
        let Some(value) = document.get("incident") else {
            return Vec::new();
        };
        let Some(rules) = self.array(value, "incident", "[[incident]]") else {
            return Vec::new();
        };
        let mut read: Vec<IncidentRule> = Vec::new();
        for (index, value) in rules.iter().enumerate() {
            let path = format!("incident[{}]", index + 1);
            let Some(table) = value.get_ref().as_table() else {
                self.wrong(value, &path, "is not a table; write [[incident]]");
                continue;
            };
            let Some(rule) = self.incident(value, table, &path) else {
                continue;
            };
            if read.iter().any(|earlier| earlier.name == rule.name) {
                self.wrong(value, &path, "has the name of an earlier one");
            }
            read.push(rule);
        }
        read
    }

    fn incident(
        &mut self,
        value: &Value<'_>,
        table: &DeTable<'_>,
        path: &str,
    ) -> Option<IncidentRule> {
        self.known_fields(table, path, INCIDENT_FIELDS);
        let name = self.name(value, table, path);
        let kinds = self.words(table, path, "kind", read_name);
        if kinds.as_ref().is_none_or(BTreeSet::is_empty) {
            let message = "is missing: a list of kinds, such as [\"no_contact\"]".to_owned();
            self.problem(value.span(), &format!("{path}.kind"), "", message);
        }
        let field = format!("{path}.threshold");
        let threshold = match table.get("threshold") {
            Some(threshold) => self.whole(threshold, &field, THRESHOLD_MIN, THRESHOLD_MAX),
            None => {
                let message = "is missing: of how many wearers at least".to_owned();
                self.problem(value.span(), &field, "", message);
                None
            }
        };
        let within = self.required_span(value, table, path, "within");
        let quiet = self.required_span(value, table, path, "quiet");
        Some(IncidentRule {
            name: name?,
            kinds: kinds?,
            threshold: usize::try_from(threshold?).unwrap_or(usize::MAX),
            within: within?,
            quiet: quiet?,
        })
    }

    fn when(&mut self, value: &Value<'_>, path: &str) -> When {
        let path = format!("{path}.when");
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(
                value,
                &path,
                "is not a table, such as { kind = [\"strap_tamper\"] }",
            );
            return When::default();
        };
        self.known_fields(table, &path, WHEN_FIELDS);
        When {
            flags: self.words(table, &path, "flags", read_flag),
            kind: self.words(table, &path, "kind", read_name),
            group: self.words(table, &path, "group", read_name),
            phase: self.words(table, &path, "phase", read_name),
            order_type: self.words(table, &path, "order_type", read_name),
            hdc: table
                .get("hdc")
                .and_then(|value| self.boolean(value, &format!("{path}.hdc"))),
            responsible_organisation: self.words(
                table,
                &path,
                "responsible_organisation",
                read_name,
            ),
            notifying_organisation: self.words(table, &path, "notifying_organisation", read_name),
            mappa_level: self.numbers(table, &path, "mappa_level", 3),
            mappa_category: self.numbers(table, &path, "mappa_category", 4),
        }
    }
}

fn read_flag(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    Ok(text.to_owned())
}
