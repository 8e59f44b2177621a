//! `tagwatch token`: makes, lists and revokes what programs and people show to say who they are.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use model::Timestamp;

use super::audit::whoever_runs_this;
use super::output::{print, say};
use crate::access::{Role, Token, TokenId, TokenRecord};
use crate::config;
use crate::runtime::clock::Clock;
use crate::store::{AuditEntry, Store, StoreAddress};

/// The longest life of a token that has an end, in days: ten years.
const EXPIRES_DAYS_MAX: i64 = 3_650;

/// Arguments of `tagwatch token`.
#[derive(Debug, Args)]
pub struct TokenArguments {
    /// Configuration file (TOML); the installation may be running
    #[arg(long, global = true, default_value = "tagwatch.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a token and print it: it is shown this once
    Create(Create),
    /// List the tokens, without their secrets
    Ls,
    /// Revoke a token: it opens nothing any more, within two seconds
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct Create {
    /// Whose it is: "Control room 3"
    #[arg(long)]
    name: String,
    /// What they are: operator, police, probation, desk, auditor or admin
    #[arg(long)]
    role: String,
    /// The police force of --role police, as it names a queue
    #[arg(long)]
    force: Option<String>,
    /// The region of --role probation, as it names a queue
    #[arg(long)]
    region: Option<String>,
    /// The queue of --role desk: court, offender-managers/kent
    #[arg(long)]
    queue: Option<String>,
    /// Show the people whom only those named may see (flags nsd and specials)
    #[arg(long)]
    specials: bool,
    /// For how many days it is good: 90d; without it, until it is revoked
    #[arg(long, value_parser = days)]
    expires: Option<TimeDelta>,
    /// Who makes it, for the audit trail
    #[arg(long)]
    by: Option<String>,
}

#[derive(Debug, Args)]
struct Revoke {
    /// Its public part, as `token ls` has it
    id: TokenId,
    /// Who revokes it, for the audit trail
    #[arg(long)]
    by: Option<String>,
}

/// Does what is asked of tokens.
///
/// # Errors
/// When the store fails, or there is no such role or token.
pub fn token(arguments: &TokenArguments) -> anyhow::Result<ExitCode> {
    let config = config::load(&arguments.config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let address = StoreAddress::of(&config.store)?;
        let store = address.open(&config.store.postgres).await?;
        let now = Clock::system().now();
        let done = match &arguments.command {
            Command::Create(create) => make(create, &*store, now).await,
            Command::Ls => list(&*store, now).await,
            Command::Revoke(revoke) => end(revoke, &*store, now).await,
        };
        store.close().await;
        done.map(|()| ExitCode::SUCCESS)
    })
}

async fn make(create: &Create, store: &dyn Store, now: Timestamp) -> anyhow::Result<()> {
    let role = create.role()?;
    if create.name.trim().is_empty() || create.name.chars().any(char::is_control) {
        bail!("--name says nothing, or has a control character");
    }
    let wish = Wish {
        name: create.name.trim().to_owned(),
        role,
        specials: create.specials,
        expires: create.expires.map(|life| now.plus(life)),
    };
    let by = create.by.clone().unwrap_or_else(whoever_runs_this);
    let token = issue(wish, by, store, now).await?;
    say("This is the token. It is shown this once:");
    print(&token.reveal())?;
    Ok(())
}

/// A token that is wanted.
pub(super) struct Wish {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) specials: bool,
    pub(super) expires: Option<Timestamp>,
}

/// Makes a token, and says so in the audit trail.
///
/// # Errors
/// When the store fails, or the machine has no randomness.
pub(super) async fn issue(
    wish: Wish,
    by: String,
    store: &dyn Store,
    now: Timestamp,
) -> anyhow::Result<Token> {
    let token = Token::draw()?;
    let record = TokenRecord {
        id: token.id.clone(),
        hash: token.hash(),
        name: wish.name,
        role: wish.role,
        specials: wish.specials,
        created: now,
        created_by: by.clone(),
        expires: wish.expires,
        revoked: None,
        last_used: None,
    };
    let audit = note(now, by, "token.create", in_words(&record));
    store.add_token(&record, &audit).await?;
    Ok(token)
}

async fn list(store: &dyn Store, now: Timestamp) -> anyhow::Result<()> {
    for record in store.tokens().await? {
        let state = match (record.revoked, record.expires) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) if at <= now => format!("expired {at}"),
            (None, Some(at)) => format!("good until {at}"),
            (None, None) => "good".to_owned(),
        };
        let used = record
            .last_used
            .map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
        print(&format!("{}  {state}, {used}", in_words(&record)))?;
    }
    Ok(())
}

async fn end(revoke: &Revoke, store: &dyn Store, now: Timestamp) -> anyhow::Result<()> {
    let Some(record) = store.token(&revoke.id).await? else {
        bail!("there is no token {}", revoke.id);
    };
    let by = revoke.by.clone().unwrap_or_else(whoever_runs_this);
    let audit = note(now, by, "token.revoke", in_words(&record));
    if !store.revoke_token(&revoke.id, now, &audit).await? {
        bail!("token {} is revoked already", revoke.id);
    }
    print(&format!("revoked: {}", in_words(&record)))?;
    Ok(())
}

fn in_words(record: &TokenRecord) -> String {
    let specials = if record.specials { ", specials" } else { "" };
    let TokenRecord { id, name, role, .. } = record;
    format!("{id}  {name:?}, {role}{specials}")
}

fn note(at: Timestamp, actor: String, action: &str, subject: String) -> AuditEntry {
    AuditEntry {
        at,
        actor,
        action: action.to_owned(),
        subject,
        reason: None,
    }
}

impl Create {
    /// The role that the options name together; an option that it has no use for is an error.
    fn role(&self) -> anyhow::Result<Role> {
        let given = [
            ("--force", &self.force),
            ("--region", &self.region),
            ("--queue", &self.queue),
        ];
        let needed = match self.role.as_str() {
            "police" => Some("--force"),
            "probation" => Some("--region"),
            "desk" => Some("--queue"),
            _ => None,
        };
        let mut text = self.role.clone();
        for (option, value) in given {
            match value {
                Some(value) if needed == Some(option) => text = format!("{text}/{value}"),
                Some(_) => bail!("--role {} has no use for {option}", self.role),
                None if needed == Some(option) => bail!("--role {} needs {option}", self.role),
                None => {}
            }
        }
        Ok(text.parse()?)
    }
}

/// A number of days such as `90d`.
fn days(text: &str) -> Result<TimeDelta, String> {
    let number = text
        .strip_suffix('d')
        .and_then(|number| number.parse().ok());
    match number {
        Some(days) if (1..=EXPIRES_DAYS_MAX).contains(&days) => Ok(TimeDelta::days(days)),
        Some(_) | None => Err(format!(
            "{text:?} is not a number of days such as 90d, up to {EXPIRES_DAYS_MAX}d"
        )),
    }
}
