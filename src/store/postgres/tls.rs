//! Encryption of the way to the server.

use std::fmt::Display;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode as Encryption;

use crate::config::{PostgresConfig, SslMode};
use crate::store::StoreError;
use crate::tls;

/// What the connection itself is asked for.
pub(super) const fn mode(mode: SslMode) -> Encryption {
    match mode {
        SslMode::Disable => Encryption::Disable,
        SslMode::Prefer => Encryption::Prefer,
        SslMode::Require | SslMode::VerifyFull => Encryption::Require,
    }
}

/// How certificates are judged; `None` where nothing is encrypted.
pub(super) fn connector(config: &PostgresConfig) -> Result<Option<ClientConfig>, StoreError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    Ok(match config.sslmode {
        SslMode::Disable => None,
        SslMode::Prefer | SslMode::Require => Some(
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
                .with_no_client_auth(),
        ),
        SslMode::VerifyFull => Some(
            builder
                .with_root_certificates(roots(config)?)
                .with_no_client_auth(),
        ),
    })
}

fn roots(config: &PostgresConfig) -> Result<RootCertStore, StoreError> {
    let file = config
        .ca_file
        .as_ref()
        .ok_or_else(|| unusable("sslmode verify-full needs a ca_file"))?;
    tls::roots(file).map_err(unusable)
}

fn unusable(why: impl Display) -> StoreError {
    StoreError::Unavailable(format!("tls: {why}"))
}

/// Takes any certificate, as `prefer` and `require` do everywhere with PostgreSQL: nobody listens in,
/// but who answers is not known.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
