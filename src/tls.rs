//! Whom certificates are trusted by.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The authorities in a PEM file.
///
/// # Errors
/// In words, with the file's name: when it cannot be read, or there is no certificate in it.
pub fn roots(file: &Path) -> Result<RootCertStore, String> {
    let unusable = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() {
        return Err(unusable(&"no certificate in it"));
    }
    Ok(roots)
}
