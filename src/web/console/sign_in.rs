//! Signing in and out.

use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tower_sessions::Session;

use super::super::WebState;
use super::super::listener::Peer;
use super::super::problem::Problem;
use super::super::session::{self, SignedIn};
use super::super::sign_in::Access;
use super::layout::{Page, Refusal};
use crate::store::AuditEntry;

/// Where people sign in.
const PATH: &str = "/sign-in";

/// The longest name of whoever signs in, in bytes; as in the header `X-Actor`.
const ACTOR_BYTES_MAX: usize = 128;

/// Where to go on to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Next {
    next: String,
}

/// What somebody who signs in shows.
#[derive(Deserialize)]
pub(in crate::web) struct Shown {
    token: String,
    actor: String,
    #[serde(default)]
    next: String,
}

/// What somebody who signs out shows.
#[derive(Deserialize)]
pub(in crate::web) struct Leaving {
    csrf: String,
}

/// The address at which to sign in, and then to go on to `wanted`.
pub(in crate::web) fn path(wanted: &str) -> String {
    format!(
        "{PATH}?next={}",
        utf8_percent_encode(wanted, NON_ALPHANUMERIC)
    )
}

/// The page to sign in at.
pub(super) async fn form(State(state): State<WebState>, Query(next): Query<Next>) -> Response {
    match state.access {
        Access::Open => Redirect::to("/").into_response(),
        Access::Tokens(_) => page(&next.next, "", None).into_response(),
    }
}

/// Signs somebody in.
pub(super) async fn sign_in(
    State(state): State<WebState>,
    session: Session,
    peer: ConnectInfo<Peer>,
    Form(shown): Form<Shown>,
) -> Result<Response, Refusal> {
    let ConnectInfo(Peer(from)) = peer;
    let actor = shown.actor.trim().to_owned();
    let next = local(&shown.next);
    if actor.is_empty() || actor.len() > ACTOR_BYTES_MAX || actor.chars().any(char::is_control) {
        return Ok(
            page(next, &actor, Some("Enter your name, of 128 bytes at most")).into_response(),
        );
    }
    let Access::Tokens(tokens) = &state.access else {
        return Ok(Redirect::to(next).into_response());
    };
    let Some(record) = tokens.tried(&state, &shown.token, Some(from.ip())).await? else {
        let fault = "The token is unknown, revoked or past its time";
        return Ok(page(next, &actor, Some(fault)).into_response());
    };
    note(&state, "session.begin", format!("{}: {actor}", record.name)).await?;
    SignedIn::begin(&session, &record.id, actor).await?;
    Ok(Redirect::to(next).into_response())
}

/// The page to sign out at.
pub(super) async fn leave(session: Session) -> Result<Response, Refusal> {
    let Some(signed_in) = SignedIn::of(Some(&session)).await? else {
        return Ok(Redirect::to("/").into_response());
    };
    let content = html! {
        p { "You are signed in as " strong { (signed_in.actor) } "." }
        form method="post" action="/sign-out" {
            input type="hidden" name="csrf" value=(signed_in.csrf);
            button type="submit" { "Sign out" }
        }
    };
    Ok(Page::new("Sign out", content).into_response())
}

/// Signs somebody out.
pub(super) async fn sign_out(
    State(state): State<WebState>,
    session: Session,
    Form(leaving): Form<Leaving>,
) -> Result<Response, Refusal> {
    if let Some(signed_in) = SignedIn::of(Some(&session)).await? {
        if !signed_in.is_csrf(leaving.csrf.as_bytes()) {
            return Err(Problem::cross_site().into());
        }
        note(&state, "session.end", signed_in.actor).await?;
        session::end(&session).await?;
    }
    Ok(Redirect::to(PATH).into_response())
}

async fn note(state: &WebState, action: &str, actor: String) -> Result<(), Problem> {
    let entry = AuditEntry {
        at: state.clock.now(),
        actor,
        action: action.to_owned(),
        subject: "session".to_owned(),
        reason: None,
    };
    Ok(state.store.audit(entry).await?)
}

/// An address of this installation; nobody is sent elsewhere.
fn local(next: &str) -> &str {
    let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    if ours { next } else { "/" }
}

fn page(next: &str, actor: &str, fault: Option<&str>) -> Page {
    Page::new("Sign in", form_of(local(next), actor, fault)).at_the_door()
}

fn form_of(next: &str, actor: &str, fault: Option<&str>) -> Markup {
    html! {
        @if let Some(fault) = fault { p.fault role="alert" { strong { "There is a problem: " } (fault) "." } }
        form method="post" action=(PATH) {
            input type="hidden" name="next" value=(next);
            p {
                label for="actor" { "Your name or number" }
                br;
                input id="actor" name="actor" value=(actor) autocomplete="username" required maxlength=(ACTOR_BYTES_MAX);
            }
            p {
                label for="token" { "Token" }
                br;
                small id="hint" { "It begins with tw_. Whoever runs the installation makes one for you: " code { "tagwatch token create" } }
                br;
                input id="token" name="token" type="password" autocomplete="current-password" required aria-describedby="hint";
            }
            button type="submit" { "Sign in" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for ours in ["/", "/alerts/1?x=//y", "/console/#/wall"] {
            assert_eq!(local(ours), ours);
        }
        for other in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:1",
        ] {
            assert_eq!(local(other), "/");
        }
    }
}
