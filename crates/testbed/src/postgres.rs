//! A private PostgreSQL.

use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Where Debian keeps the binaries, by major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The account the server runs as when the tests run as root, which it refuses.
const ACCOUNT: &str = "postgres";

/// The database user that owns everything.
const USER: &str = "tagwatch";

/// How long the server may take to start: generous, for busy machines.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the server until standard input ends, which it does when whoever holds the other end of the
/// pipe is gone, in whatever way; then ends the server, even if it was stopped, and removes its
/// folder. `$1` is the folder, the rest the server's command. Each line of input starts a server again
/// that has ended.
const KEEPER: &str = r#"folder=$1; shift
"$@" & server=$!
while read -r again; do wait $server; "$@" & server=$!; done
kill -CONT $server; kill -QUIT $server; wait $server
rm -rf "$folder""#;

/// Whether the server syncs to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production.
    Synced,
    /// Not at all: for tests in which the machine does not lose its power.
    Unsynced,
}

/// A running server; ends when dropped, and at the latest with this process.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    keeper: Child,
    databases: AtomicU32,
}

/// An empty database of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// `postgres://…`, over TCP on loopback.
    pub url: String,
}

impl Postgres {
    /// Starts a server, with these lines at the end of its configuration.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; says what it said.
    pub fn start(durability: Durability, settings: &str) -> io::Result<Self> {
        Self::start_in(&std::env::temp_dir(), durability, settings)
    }

    /// Starts a server that keeps its data in a new folder inside of this one.
    ///
    /// # Errors
    /// As for [`Postgres::start`].
    pub fn start_in(parent: &Path, durability: Durability, settings: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("tagwatch-postgres-")
            .tempdir_in(parent)?
            .keep();
        let data = folder.join("data");
        give(&folder)?;
        let mut init = as_account(&binary("initdb")?);
        init.args([
            "-A",
            "trust",
            "-U",
            USER,
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
            "-D",
        ]);
        succeed(init.arg(&data).output()?)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        configure(&data, &folder, port, durability, settings)?;
        let server = Self {
            keeper: keep(&folder, &data)?,
            folder,
            port,
            databases: AtomicU32::new(0),
        };
        server.wait()?;
        Ok(server)
    }

    /// Makes a database.
    ///
    /// # Errors
    /// When the server does not.
    pub fn database(&self) -> io::Result<Database> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("site_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(Database {
            url: format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port),
        })
    }

    /// Runs SQL in a database, by its name, and returns what it printed, unadorned.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        let output = Command::new(binary("psql")?)
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER])
            .args(["-d", database, "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .output()?;
        let output = succeed(output)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// A client program of the server's own version, such as `pg_dump`.
    ///
    /// # Errors
    /// When Debian's folder of them cannot be read.
    pub fn tool(name: &str) -> io::Result<Command> {
        Ok(Command::new(binary(name)?))
    }

    /// Makes a file one that a server will take for its key: its own, and nobody else's to read.
    ///
    /// # Errors
    /// When its owner or mode cannot be changed.
    pub fn own(file: &Path) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
        give(file)
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server.
    ///
    /// # Errors
    /// When it is not running.
    pub fn pid(&self) -> io::Result<u32> {
        let text = fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        let first = text.lines().next().unwrap_or_default();
        first.parse().map_err(io::Error::other)
    }

    /// Sends a signal, such as STOP, to the server and every process of it.
    ///
    /// # Errors
    /// When it is not running.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        let pid = self.pid()?;
        // Those that the server forks at this moment are stopped or ended by it, or find it gone.
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        let signal = format!("-{name}");
        let mut kill = Command::new("kill");
        succeed(kill.arg(&signal).arg(pid.to_string()).output()?)?;
        if !children.is_empty() {
            // Those that have ended meanwhile cannot be told.
            let mut kill = Command::new("kill");
            kill.arg(&signal)
                .args(children.split_whitespace())
                .output()?;
        }
        Ok(())
    }

    /// Kills the server and every process of it: no last words, and nothing is saved any more.
    ///
    /// # Errors
    /// When it is not running.
    pub fn kill(&self) -> io::Result<()> {
        self.signal("KILL")
    }

    /// Whether the server has ended, in whatever way.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let Ok(pid) = self.pid() else {
            return true;
        };
        // Its keeper takes note of its end only when it is to start another.
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let state = status.lines().find(|line| line.starts_with("State:"));
        state.is_none_or(|state| state.contains('Z'))
    }

    /// Starts the server again on its data, once it has ended.
    ///
    /// # Errors
    /// When it does not start; says what it said.
    pub fn restart(&mut self) -> io::Result<()> {
        if let Some(keeper) = &mut self.keeper.stdin {
            keeper.write_all(b"again\n")?;
        }
        self.wait()
    }

    /// What the server wrote to its log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn log(&self) -> io::Result<String> {
        fs::read_to_string(self.folder.join("log"))
    }

    fn wait(&self) -> io::Result<()> {
        let started = Instant::now();
        loop {
            match self.sql("postgres", "SELECT 1") {
                Ok(_) => return Ok(()),
                Err(error) if started.elapsed() > PATIENCE => return Err(error),
                Err(_) => thread::sleep(Duration::from_millis(30)),
            }
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

fn configure(
    data: &Path,
    folder: &Path,
    port: u16,
    durability: Durability,
    settings: &str,
) -> io::Result<()> {
    let synced = match durability {
        Durability::Synced => "on",
        Durability::Unsynced => "off",
    };
    let file = data.join("postgresql.conf");
    let text = fs::read_to_string(&file)?;
    let text = format!(
        "{text}\nlisten_addresses = '127.0.0.1'\nport = {port}\nmax_connections = 300\n\
         unix_socket_directories = '{}'\nfsync = {synced}\n{settings}\n",
        folder.display()
    );
    fs::write(&file, text)
}

fn keep(folder: &Path, data: &Path) -> io::Result<Child> {
    let mut server = Command::new("sh");
    server.args(["-c", KEEPER, "keeper"]).arg(folder);
    let postgres = as_account(&binary("postgres")?);
    server.arg(postgres.get_program()).args(postgres.get_args());
    let log = fs::File::create(folder.join("log"))?;
    server
        .arg("-D")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
}

/// The command, run by an account the server accepts. What it needs is its own.
fn as_account(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups"])
        .arg(program);
    command
}

fn give(folder: &Path) -> io::Result<()> {
    if is_root() {
        let mut chown = Command::new("chown");
        succeed(chown.arg(ACCOUNT).arg(folder).output()?)?;
    }
    Ok(())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn succeed(output: Output) -> io::Result<Output> {
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(said))
}

/// The newest of Debian's, or what the path has.
fn binary(name: &str) -> io::Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = match fs::read_dir(DEBIAN) {
        Ok(folders) => folders
            .filter_map(Result::ok)
            .filter_map(|folder| {
                let version = folder.file_name().to_str()?.parse().ok()?;
                Some((version, folder.path().join("bin").join(name)))
            })
            .filter(|(_, path)| path.exists())
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    versions.sort();
    Ok(versions
        .pop()
        .map_or_else(|| PathBuf::from(name), |(_, path)| path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_ends_and_its_folder_goes_with_the_value_that_stands_for_it() {
        let server = Postgres::start(Durability::Unsynced, "").unwrap();
        let database = server.database().unwrap();
        assert!(database.url.ends_with("/site_0"));
        let (folder, pid) = (server.folder.clone(), server.pid().unwrap());
        let process = PathBuf::from(format!("/proc/{pid}"));
        assert!(folder.exists() && process.exists());
        drop(server);
        assert!(!folder.exists() && !process.exists());
    }

    #[test]
    fn a_server_that_was_killed_starts_again_on_its_data() {
        let mut server = Postgres::start(Durability::Synced, "").unwrap();
        server.database().unwrap();
        server.sql("site_0", "CREATE TABLE kept ()").unwrap();
        let killed = server.pid().unwrap();
        server.kill().unwrap();
        let started = Instant::now();
        while !server.has_ended() {
            assert!(started.elapsed() < PATIENCE);
            thread::sleep(Duration::from_millis(10));
        }
        server.restart().unwrap();
        assert_ne!(server.pid().unwrap(), killed);
        assert!(!server.has_ended());
        server.sql("site_0", "SELECT FROM kept").unwrap();
    }
}
