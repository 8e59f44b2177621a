//! Dead letters: what came in and could not be used.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::WebState;
use super::disclosure::{Reader, ReaderHeaders};
use super::extract::{Params, limit};
use super::problem::{Problem, Problems};
use crate::access::Action;
use crate::store::{DeadLetterReason, DeadLetterRecord};

/// How much of a payload is shown in the list, in bytes.
const PAYLOAD_BYTES_MAX: usize = 4096;

/// The most dead letters of one list: fewer than of other things, because the store reads their
/// payloads whole, and one may have megabytes.
const LIMIT_MAX: usize = 100;

const LIMIT_DEFAULT: usize = 20;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeadLetterParams {
    /// How many at most: 1 to 100, 20 if it is not said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// Dead letters, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeadLetterList {
    /// The dead letters.
    dead_letters: Vec<DeadLetter>,
}

/// A message, or a part of one, that could not be used.
#[derive(Debug, Serialize, ToSchema)]
struct DeadLetter {
    /// Counts dead letters from 1.
    id: u64,
    /// When it was taken in.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The topic it came on.
    #[schema(example = "em/v1/3/GPS-7/position")]
    topic: String,
    /// Why it could not be used.
    #[schema(value_type = String, example = "undecodable")]
    reason: DeadLetterReason,
    /// The reason in words.
    detail: String,
    /// The beginning of its payload.
    payload: String,
    /// How the payload is written.
    payload_encoding: Encoding,
    /// The length of the whole payload in bytes.
    payload_bytes: usize,
    /// Whether `payload` is only the beginning, the first 4096 bytes.
    payload_cut: bool,
}

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// They are text.
    Utf8,
    /// They are not.
    Base64,
}

/// The newest dead letters. As their payloads may hold positions, reading them is written to the
/// audit trail.
#[utoipa::path(get, path = "/v1/dead-letters", operation_id = "list_dead_letters", tag = "oversight",
    params(DeadLetterParams, ReaderHeaders),
    responses((status = 200, description = "the dead letters", body = DeadLetterList), Problems))]
pub(super) async fn list(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<DeadLetterParams>,
) -> Result<Json<DeadLetterList>, Problem> {
    reader.may(&state, Action::ReadDeadLetters).await?;
    let limit = limit(params.limit, LIMIT_DEFAULT, LIMIT_MAX)?;
    let records = state.store.dead_letters(limit).await?;
    let subject = format!("dead-letters?limit={limit}");
    reader.shown(&state, "dead_letters.list", subject).await?;
    let dead_letters = records.into_iter().map(DeadLetter::from).collect();
    Ok(Json(DeadLetterList { dead_letters }))
}

impl From<DeadLetterRecord> for DeadLetter {
    fn from(record: DeadLetterRecord) -> Self {
        let (payload, payload_encoding) = written(&record.payload);
        Self {
            id: record.id,
            received_at: record.received_at,
            topic: record.topic,
            reason: record.reason,
            detail: record.detail,
            payload,
            payload_encoding,
            payload_bytes: record.payload.len(),
            payload_cut: record.payload.len() > PAYLOAD_BYTES_MAX,
        }
    }
}

/// The beginning of a payload as text; a character at the cut is left out whole.
fn written(payload: &[u8]) -> (String, Encoding) {
    let shown = payload.get(..PAYLOAD_BYTES_MAX).unwrap_or(payload);
    let Err(error) = std::str::from_utf8(shown) else {
        return (String::from_utf8_lossy(shown).into_owned(), Encoding::Utf8);
    };
    let only_cut = shown.len() < payload.len() && error.error_len().is_none();
    match shown.get(..error.valid_up_to()) {
        Some(text) if only_cut => (String::from_utf8_lossy(text).into_owned(), Encoding::Utf8),
        Some(_) | None => (STANDARD.encode(shown), Encoding::Base64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_up_to_the_cut_and_bytes_are_written_in_base64() {
        assert_eq!(
            written(b"{\"seq\":"),
            ("{\"seq\":".to_owned(), Encoding::Utf8)
        );
        assert_eq!(
            written(&[0xff, 0xfe]),
            ("//4=".to_owned(), Encoding::Base64)
        );
        let long = format!("x{}", "ü".repeat(PAYLOAD_BYTES_MAX));
        let (text, encoding) = written(long.as_bytes());
        assert_eq!(
            (text.len(), encoding),
            (PAYLOAD_BYTES_MAX - 1, Encoding::Utf8)
        );
        // A message that ends in the middle of a character is not text.
        assert_eq!(written(&"ü".as_bytes()[..1]).1, Encoding::Base64);
    }
}
