//! A private RabbitMQ, with an `epmd` of its own.

use std::net::TcpStream;
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use super::{Process, free_port, wait_until};

/// Debian's wrapper in the PATH changes to a user of its own; this is what it wraps.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A running broker; ends, and its folder goes, when dropped.
pub(crate) struct RabbitMq {
    pub(crate) port: u16,
    process: Process,
    /// Where Erlang's nodes find each other.
    _epmd: Process,
    ports: [u16; 2],
    folder: TempDir,
}

impl RabbitMq {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, epmd_port, node_port) = (free_port(), free_port(), free_port());
        let mut epmd = Command::new("epmd");
        epmd.args(["-address", "127.0.0.1", "-port", &epmd_port.to_string()]);
        let epmd = Process::start(&mut epmd);
        wait_until("epmd listens", || listens(epmd_port));
        let ports = [epmd_port, node_port];
        let process = serve(&folder, port, ports);
        Self {
            port,
            process,
            _epmd: epmd,
            ports,
            folder,
        }
    }

    /// Where a client finds it.
    pub(crate) fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    /// Says nothing and does nothing any more, with its connections open.
    pub(crate) fn freeze(&self) {
        self.process.signal(Signal::STOP);
    }

    /// Stops in good order.
    pub(crate) fn terminate(&mut self) {
        self.process.terminate();
    }

    /// Dies without last words.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts again with what it had kept.
    pub(crate) fn restart(&mut self) {
        self.process = serve(&self.folder, self.port, self.ports);
    }
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn serve(folder: &TempDir, port: u16, [epmd_port, node_port]: [u16; 2]) -> Process {
    let within = |name: &str| folder.path().join(name);
    let mut command = Command::new(SERVER);
    command
        .env("HOME", folder.path())
        // It is the broker then, not a shell that watches over it.
        .env("RUNNING_UNDER_SYSTEMD", "true")
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("ERL_EPMD_PORT", epmd_port.to_string())
        .env("RABBITMQ_NODENAME", format!("tagwatch-{port}@localhost"))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", port.to_string())
        .env("RABBITMQ_DIST_PORT", node_port.to_string())
        .env(
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            "-kernel inet_dist_use_interface {127,0,0,1}",
        )
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_CONFIG_FILE", within("rabbitmq"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", within("plugins"))
        .env("RABBITMQ_MNESIA_BASE", within("mnesia"))
        .env("RABBITMQ_LOG_BASE", within("log"))
        .env("RABBITMQ_LOGS", "-")
        .env("RABBITMQ_PID_FILE", within("pid"));
    let mut process = Process::start(&mut command);
    process.wait_for_line("Server startup complete");
    assert!(listens(port), "{}", process.output());
    process
}
