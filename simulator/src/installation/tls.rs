//! Whom certificates are trusted by, of a broker and of an API alike.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Why nobody can be trusted.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file of authorities cannot be used.
    #[error("{}: {why}", .file.display())]
    Authorities {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
    /// TLS cannot be had at all.
    #[error("TLS")]
    Unavailable(#[from] rustls::Error),
}

/// Connections that trust the authorities in a PEM file, or without one those of the machine.
///
/// # Errors
/// When the file cannot be read, or has no certificate in it.
pub(crate) fn trusting(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let roots = match authorities {
        Some(file) => of_file(file).map_err(|why| TlsError::Authorities {
            file: file.to_owned(),
            why,
        })?,
        None => of_machine(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn of_file(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() {
        return Err("no certificate in it".to_owned());
    }
    Ok(roots)
}

fn of_machine() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // A machine without any still reaches what asks for none.
    let _how_many = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
