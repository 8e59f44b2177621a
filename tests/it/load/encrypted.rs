//! A load over TLS, of a broker and an API whose certificate no machine knows.

use super::{SHORT, lost_nothing, read, run};
use crate::harness::{Certificate, Mosquitto, SHIPPED, Tagwatch, TlsDoor, free_port};

struct Installation {
    certificate: Certificate,
    mqtts: u16,
    https: TlsDoor,
    /// Taken down after those that talk to it.
    tagwatch: Tagwatch,
    _broker: Mosquitto,
}

fn installation() -> Installation {
    let certificate = Certificate::new();
    let mqtts = free_port();
    let settings = format!(
        "{SHIPPED}\nlistener {mqtts} 127.0.0.1\ncertfile {}\nkeyfile {}\n",
        certificate.certificate().display(),
        certificate.key().display(),
    );
    let broker = Mosquitto::with(&settings);
    let tagwatch = Tagwatch::start(broker.port, 2, "{}");
    std::fs::write(tagwatch.folder.path().join("short.toml"), SHORT).unwrap();
    let port = tagwatch.api.base().rsplit(':').next().unwrap();
    let https = TlsDoor::before(port.parse().unwrap(), &certificate);
    Installation {
        certificate,
        mqtts,
        https,
        tagwatch,
        _broker: broker,
    }
}

#[test]
fn a_load_over_tls_trusts_the_authorities_it_is_given() {
    let on = installation();
    let folder = on.tagwatch.folder.path();
    let config = folder.join("tagwatch.toml");
    let script = format!(
        "simulator registry --scenario short.toml > registry.json\n\
         tagwatch import --config {} --by test --reason test registry.json\n\
         simulator load --scenario short.toml --broker mqtts://localhost:{} --api https://localhost:{} \
         --ca {} --report told || test $? -eq 1",
        config.display(),
        on.mqtts,
        on.https.port,
        on.certificate.certificate().display(),
    );
    let output = run(&script, folder);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{why}");
    lost_nothing(&read(&folder.join("told/report.json")));
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_and_said_so() {
    let on = installation();
    let folder = on.tagwatch.folder.path();
    for target in [
        format!("--broker mqtts://localhost:{}", on.mqtts),
        format!(
            "--broker mqtt://127.0.0.1:1 --api https://localhost:{}",
            on.https.port
        ),
    ] {
        let command = format!("simulator load --scenario short.toml {target}");
        let output = run(&command, folder);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success());
        assert!(said.contains("certificate"), "{command}: {said}");
    }
}
