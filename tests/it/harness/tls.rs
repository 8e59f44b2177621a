//! TLS: a certificate of our own, and a door that takes it off before a server that speaks without.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A certificate for loopback that vouches for itself, and its key, as files.
pub(crate) struct Certificate(TempDir);

impl Certificate {
    pub(crate) fn new() -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
        let key = made.signing_key.serialize_pem();
        std::fs::write(folder.path().join("key.pem"), key).unwrap();
        Self(folder)
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.0.path().join("certificate.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.0.path().join("key.pem")
    }

    fn server(&self) -> ServerConfig {
        let chain = vec![CertificateDer::from_pem_file(self.certificate()).unwrap()];
        let key = PrivateKeyDer::from_pem_file(self.key()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap()
    }
}

/// A door with TLS before a port without; ends, with its connections, when dropped.
pub(crate) struct TlsDoor {
    pub(crate) port: u16,
    _runtime: Runtime,
}

impl TlsDoor {
    pub(crate) fn before(port: u16, certificate: &Certificate) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let own = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(certificate.server()));
        runtime.spawn(async move {
            while let Ok((client, _from)) = listener.accept().await {
                tokio::spawn(pass(acceptor.clone(), client, port));
            }
        });
        Self {
            port: own,
            _runtime: runtime,
        }
    }
}

async fn pass(acceptor: TlsAcceptor, client: TcpStream, port: u16) {
    // One who does not trust the certificate hangs up.
    if let Ok(mut client) = acceptor.accept(client).await
        && let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await
    {
        let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    }
}
