//! The tokens of a demo that asks for them.

use model::Timestamp;

use crate::access::{Role, Token, TokenRecord};
use crate::store::{AuditEntry, Store};

/// Whom they are for.
const ROLES: [(Role, &str); 2] = [
    (Role::Operator, "Demo operator"),
    (Role::Admin, "Demo administrator"),
];

/// Makes a token for each; gives role and token, as they are shown once.
///
/// # Errors
/// When the store fails, or the machine has no randomness.
pub(super) async fn make(
    store: &dyn Store,
    now: Timestamp,
) -> anyhow::Result<Vec<(String, String)>> {
    let mut made = Vec::new();
    for (role, name) in ROLES {
        let token = Token::draw()?;
        let shown = (role.to_string(), token.reveal());
        let record = TokenRecord {
            id: token.id.clone(),
            hash: token.hash(),
            name: name.to_owned(),
            role,
            specials: true,
            created: now,
            created_by: "demo".to_owned(),
            expires: None,
            revoked: None,
            last_used: None,
        };
        let audit = AuditEntry {
            at: now,
            actor: "demo".to_owned(),
            action: "token.create".to_owned(),
            subject: format!("token {} of {name}", record.id.as_str()),
            reason: None,
        };
        store.add_token(&record, &audit).await?;
        made.push(shown);
    }
    Ok(made)
}
