//! The tokens of a demo that asks for them.

use model::Timestamp;

use crate::access::Role;
use crate::commands::token::{Wish, issue};
use crate::store::Store;

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
        let shown = role.to_string();
        let wish = Wish {
            name: name.to_owned(),
            role,
            specials: true,
            expires: None,
        };
        let token = issue(wish, "demo".to_owned(), store, now).await?;
        made.push((shown, token.reveal()));
    }
    Ok(made)
}
