//! Signatures as [Standard Webhooks](https://www.standardwebhooks.com) has them: HMAC-SHA-256 over
//! `id.timestamp.body`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

/// What the text of a key begins with.
const PREFIX: &str = "whsec_";

/// How long a key is, in bytes, by the specification.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A key that sender and receiver share. Shown as stars.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// Why a text is no key. Does not show it.
#[derive(Debug, Error)]
pub enum SigningKeyError {
    /// It has another form.
    #[error("the secret is not {PREFIX} and base64")]
    Form,
    /// It is too short to keep anybody out, or longer than allowed.
    #[error("the secret has {0} bytes, not {min} to {max}", min = KEY_BYTES.start(), max = KEY_BYTES.end())]
    Length(usize),
}

impl SigningKey {
    /// Takes the text form: `whsec_` and base64.
    ///
    /// # Errors
    /// When it has another form or length.
    pub fn parse(text: &str) -> Result<Self, SigningKeyError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(SigningKeyError::Form)?;
        let key = STANDARD
            .decode(encoded)
            .map_err(|_why| SigningKeyError::Form)?;
        if !KEY_BYTES.contains(&key.len()) {
            return Err(SigningKeyError::Length(key.len()));
        }
        let hmac = Hmac::new_from_slice(&key).map_err(|_why| SigningKeyError::Length(key.len()))?;
        Ok(Self(hmac))
    }

    /// The signature of a message sent at `timestamp_s`, in seconds since 1970.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mut hmac = self.0.clone();
        hmac.update(format!("{id}.{timestamp_s}.").as_bytes());
        hmac.update(body);
        let code = hmac.finalize().into_bytes();
        format!("v1,{}", STANDARD.encode(code))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn a_signature_is_as_the_specification_has_it() {
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_key_that_keeps_nobody_out_is_refused_and_never_shown() {
        for text in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_%",
            "whsec_c2hvcnQ=",
        ] {
            let refused = SigningKey::parse(text).unwrap_err().to_string();
            assert!(!refused.contains("c2hvcnQ"), "{refused}");
        }
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{key:?}"), "***");
    }
}
