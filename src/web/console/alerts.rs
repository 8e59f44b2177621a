//! The list of alerts, and one alert.

use std::cmp::Reverse;

use axum::extract::{Path, State};
use maud::{Markup, html};
use model::{AlertId, Decision, Phase, Severity, Stage, Step, Timestamp};
use serde::Deserialize;

use super::super::WebState;
use super::super::alerts::{self as api, AlertHistory, AlertParams};
use super::super::disclosure::Reader;
use super::super::extract::{LIMIT_MAX, Params};
use super::layout::{Page, Refusal};
use super::words::{london, span, title, words};
use crate::store::AlertRecord;

/// The stages of work, as the tabs of the list.
const TABS: [(Stage, &str); 3] = [
    (Stage::New, "To take on"),
    (Stage::Acknowledged, "In hand"),
    (Stage::Resolved, "Dealt with"),
];

/// Which alerts the list is to show.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ListParams {
    /// Those on which the work stands there.
    stage: Stage,
}

/// The alerts on which the work stands at one stage, most urgent first.
pub(super) async fn list(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<ListParams>,
) -> Result<Page, Refusal> {
    let wanted = AlertParams {
        stage: Some(params.stage),
        limit: Some(LIMIT_MAX),
        ..AlertParams::default()
    };
    let now = state.tags_clock.now();
    let found = api::list(State(state), reader, Params(wanted)).await?;
    let mut alerts = found.0.alerts;
    let cut = alerts.len() == LIMIT_MAX;
    alerts.retain(stands_for_itself);
    alerts.sort_by_key(urgency);
    Ok(Page::new(
        "Alerts",
        html! {
            (tabs(params.stage))
            @if cut { p.inset { "There are more than " (LIMIT_MAX) ": these are the ones that changed last." } }
            @if alerts.is_empty() { p { "None." } } @else { (table(&alerts, now)) }
        },
    ))
}

/// What is gathered under another alert is shown there; what is critical, here as well.
fn stands_for_itself(alert: &AlertRecord) -> bool {
    alert.listed_under.is_none() || alert.severity == Severity::Critical
}

/// Orders alerts: the most severe first, then by when somebody must have been told, then the oldest.
fn urgency(
    alert: &AlertRecord,
) -> (
    Reverse<Severity>,
    bool,
    Option<Timestamp>,
    Timestamp,
    AlertId,
) {
    let by = alert.notify_by;
    (
        Reverse(alert.severity),
        by.is_none(),
        by,
        alert.onset,
        alert.alert,
    )
}

fn tabs(shown: Stage) -> Markup {
    html! {
        nav.tabs aria-label="Stage" {
            @for (stage, name) in TABS {
                a href={ "/?stage=" (stage.as_str()) } aria-current=[(stage == shown).then_some("page")] { (name) }
            }
        }
    }
}

fn table(alerts: &[AlertRecord], now: Timestamp) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "Severity" }
                th scope="col" { "Alert" }
                th scope="col" { "Wearer" }
                th scope="col" { "Since" }
                th scope="col" { "Tell by" }
            } }
            tbody { @for alert in alerts { (row(alert, now)) } }
        }
    }
}

fn row(alert: &AlertRecord, now: Timestamp) -> Markup {
    html! {
        tr {
            td { (severity(alert.severity)) }
            th scope="row" {
                a href={ "/alerts/" (alert.alert) } { (title(alert.kind)) }
                @if alert.lists > 0 { " and " (alert.lists) " more" }
                br;
                small { (words(alert.state.as_str())) @if alert.triage.late { ", late" } }
            }
            td { (alert.wearer) }
            td { (london(alert.onset)) br; small { (span(alert.onset, now)) " ago" } }
            td { (tell_by(alert, now)) }
        }
    }
}

/// The time by which somebody must have been told, and how much of it is left.
fn tell_by(alert: &AlertRecord, now: Timestamp) -> Markup {
    let Some(by) = alert.notify_by else {
        return html! { "–" };
    };
    html! {
        (london(by))
        @if alert.triage.stage == Stage::New {
            br;
            @if by > now { small { "in " (span(now, by)) } } @else { strong { (span(by, now)) " over" } }
        }
    }
}

/// A severity, told by its word and its border, not by colour alone.
fn severity(severity: Severity) -> Markup {
    html! { strong class={ "tag " (severity.as_str()) } { (words(severity.as_str())) } }
}

/// One alert: what, what people did, how it was decided.
pub(super) async fn one(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Page, Refusal> {
    let found = api::one(State(state), reader, Path(id)).await?;
    let AlertHistory {
        record,
        decisions,
        steps,
    } = found.0;
    let heading = format!("{}: {}", title(record.kind), record.wearer);
    Ok(Page::new(
        heading,
        html! {
            p { (severity(record.severity)) " " (sentence(&record)) }
            (summary(&record))
            h2 { "What people did" }
            @if steps.is_empty() { p { "Nothing yet: nobody has acknowledged it." } }
            ol.history { @for step in &steps { (taken(step)) } }
            h2 { "How it was decided" }
            ol.history { @for decision in &decisions { (decided(decision)) } }
        },
    ))
}

fn sentence(alert: &AlertRecord) -> String {
    let since = london(alert.onset);
    let stands = words(alert.state.as_str()).to_lowercase();
    format!("Since {since}; it is {stands}.")
}

fn summary(alert: &AlertRecord) -> Markup {
    let decision = &alert.decision;
    html! {
        dl {
            dt { "Order" }
            dd { @match &decision.order {
                Some(order) => { (order) @if let Some(version) = decision.order_version { ", version " (version) } },
                None => "none",
            } }
            dt { "Condition" }
            dd { @match &decision.condition { Some(condition) => (condition), None => "none" } }
            dt { "First concluded" } dd { (london(alert.opened)) }
            dt { "Last changed" } dd { (london(alert.changed)) }
            dt { "Tell by" } dd { @match alert.notify_by { Some(by) => (london(by)), None => "not said" } }
            dt { "Work" } dd { (words(alert.triage.stage.as_str())) @if alert.triage.late { ", late" } }
            @if let Some(under) = alert.listed_under {
                dt { "Listed under" } dd { a href={ "/alerts/" (under) } { "another alert" } }
            }
        }
    }
}

fn taken(step: &Step) -> Markup {
    html! {
        li {
            strong { (words(step.action.as_str())) } " by " (step.actor) ", " (london(step.at))
            @if let Some(comment) = &step.comment { p { (comment) } }
        }
    }
}

fn decided(decision: &Decision) -> Markup {
    html! {
        li {
            strong { (words(decision.phase.as_str())) } ", " (london(decision.decided))
            @if decision.late { ", from late readings" }
            @if decision.phase == Phase::Opened { " (" (span(decision.onset, decision.decided)) " after it began)" }
            details {
                summary { "Evidence" }
                pre { (evidence(decision)) }
            }
        }
    }
}

/// The evidence as it is kept, which leaves nothing out.
fn evidence(decision: &Decision) -> String {
    serde_json::to_string_pretty(&decision.evidence).unwrap_or_else(|error| error.to_string())
}
