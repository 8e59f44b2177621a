//! Encryption: with an authority of our own, and one that nobody trusts.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::config::SslMode;

/// Makes an authority, and a certificate by it for `localhost`, in a folder that everybody may read:
/// the server runs as another user.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let authority = Self { folder };
        authority.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout ca.key -out ca.pem -subj /CN=authority -days 2",
        );
        authority.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout server.key -out server.csr -subj /CN=localhost",
        );
        let names = authority.folder.path().join("names");
        std::fs::write(names, "subjectAltName=DNS:localhost\n").unwrap();
        authority.openssl(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
             -extfile names -out server.pem -days 2",
        );
        authority
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn encrypting_server(authority: &Authority) -> Postgres {
    let settings = |key: &Path| {
        format!(
            "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'",
            authority.file("server.pem").display(),
            key.display()
        )
    };
    // The server takes a key only from a file of its own, which no other may read.
    let key = authority.file("server.key");
    Postgres::own(&key).unwrap();
    Postgres::start(Durability::Unsynced, &settings(&key)).unwrap()
}

async fn is_encrypted(
    url: &str,
    sslmode: SslMode,
    ca_file: Option<PathBuf>,
) -> Result<bool, StoreError> {
    let config = PostgresConfig {
        sslmode,
        ca_file,
        ..PostgresConfig::default()
    };
    let store = PostgresStore::open(&Secret::new(url), &config).await?;
    let mut session = store.sessions.open().await?;
    let row = session
        .client()?
        .query_one(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
            &[],
        )
        .await?;
    Ok(row.try_get(0)?)
}

#[tokio::test]
async fn the_right_authority_is_accepted_and_any_other_refused() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = encrypting_server(&ours);
    let by_address = server.database().unwrap().url;
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let verify = SslMode::VerifyFull;
    let trusting = |authority: &Authority| Some(authority.file("ca.pem"));

    assert!(
        is_encrypted(&by_name, verify, trusting(&ours))
            .await
            .unwrap()
    );
    let refused = is_encrypted(&by_name, verify, trusting(&theirs)).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    let of_another_host = is_encrypted(&by_address, verify, trusting(&ours)).await;
    assert!(matches!(of_another_host, Err(StoreError::Unavailable(_))));
    assert!(is_encrypted(&by_name, verify, None).await.is_err());

    assert!(
        is_encrypted(&by_address, SslMode::Require, None)
            .await
            .unwrap()
    );
    assert!(
        is_encrypted(&by_address, SslMode::Prefer, None)
            .await
            .unwrap()
    );
    assert!(
        !is_encrypted(&by_address, SslMode::Disable, None)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_server_that_cannot_encrypt_is_refused_where_it_must() {
    let url = server().database().unwrap().url;
    assert!(!is_encrypted(&url, SslMode::Prefer, None).await.unwrap());
    let refused = is_encrypted(&url, SslMode::Require, None).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
}
