//! A TCP proxy on loopback whose line can be spoiled: slow, dead, reset, or lost to one end only.

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// Bytes read at once: several MQTT packets.
const CHUNK_BYTES: usize = 16 * 1024;

/// What the line does to bytes, now and until told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// Passes them on.
    Clear,
    /// Passes them on so much later, each way.
    Slow(Duration),
    /// Holds them back and says nothing to either end.
    Dead,
}

/// What is done, once, to the connections there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Both ends are told (RST).
    Both,
    /// The server is told; the client goes on talking to nobody.
    ServerOnly,
    /// The client is told; the server waits for a client that is gone.
    ClientOnly,
}

/// Sees the bytes of one connection before they are passed on.
pub(crate) trait Tap: Send {
    fn client_says(&mut self, bytes: &[u8]);
    fn server_says(&mut self, bytes: &[u8]);
}

/// Nobody listens.
impl Tap for () {
    fn client_says(&mut self, _bytes: &[u8]) {}
    fn server_says(&mut self, _bytes: &[u8]) {}
}

#[derive(Debug, Clone, Copy)]
struct State {
    line: Line,
    /// Counts cuts, so that each connection sees each.
    cuts: u64,
    cut: Cut,
}

/// A running proxy; ends, with its connections, when dropped.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: watch::Sender<State>,
    _runtime: Runtime,
}

impl Proxy {
    /// Passes connections on to the server on `server_port`, each under a tap of its own.
    pub(crate) fn start<T: Tap + 'static>(
        server_port: u16,
        tap: impl Fn() -> T + Send + 'static,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime
            .block_on(TcpListener::bind(("127.0.0.1", 0)))
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = watch::Sender::new(State {
            line: Line::Clear,
            cuts: 0,
            cut: Cut::Both,
        });
        let watching = state.subscribe();
        runtime.spawn(async move {
            while let Ok((client, _from)) = listener.accept().await {
                let watching = watching.clone();
                tokio::spawn(connection(client, server_port, watching, tap()));
            }
        });
        Self {
            port,
            state,
            _runtime: runtime,
        }
    }

    pub(crate) fn set(&self, line: Line) {
        self.state.send_modify(|state| state.line = line);
    }

    pub(crate) fn cut(&self, cut: Cut) {
        self.state.send_modify(|state| {
            state.cuts += 1;
            state.cut = cut;
        });
    }
}

async fn connection(
    mut client: TcpStream,
    server_port: u16,
    mut state: watch::Receiver<State>,
    tap: impl Tap,
) {
    let cuts = state.borrow().cuts;
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server_port)).await else {
        return reset(&client);
    };
    let tap = Mutex::new(tap);
    let cut = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = pump(from_client, to_server, state.clone(), |bytes| {
            tap.lock().unwrap().client_says(bytes);
        });
        let down = pump(from_server, to_client, state.clone(), |bytes| {
            tap.lock().unwrap().server_says(bytes);
        });
        tokio::select! {
            _ended = up => None,
            _ended = down => None,
            cut = next_cut(&mut state, cuts) => Some(cut),
        }
    };
    match cut {
        None => {}
        Some(Cut::Both) => {
            reset(&client);
            reset(&server);
        }
        Some(Cut::ServerOnly) => {
            drop(server);
            swallow(client).await;
        }
        Some(Cut::ClientOnly) => {
            reset(&client);
            drop(client);
            swallow(server).await;
        }
    }
}

/// Has the socket reset when it is dropped, rather than closed in good order.
fn reset(stream: &TcpStream) {
    drop(stream.set_zero_linger());
}

async fn next_cut(state: &mut watch::Receiver<State>, seen: u64) -> Cut {
    match state.wait_for(|state| state.cuts > seen).await {
        Ok(state) => state.cut,
        Err(_ended) => Cut::Both,
    }
}

/// Reads what the other end says until it gives up.
async fn swallow(mut stream: TcpStream) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while stream.read(&mut chunk).await.is_ok_and(|count| count > 0) {}
}

async fn pump(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut state: watch::Receiver<State>,
    see: impl Fn(&[u8]),
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = from.read(&mut chunk).await?;
        if count == 0 {
            return Ok(());
        }
        if let Line::Slow(late) = passable(&mut state).await {
            tokio::time::sleep(late).await;
        }
        see(&chunk[..count]);
        to.write_all(&chunk[..count]).await?;
    }
}

/// Waits while the line is dead.
async fn passable(state: &mut watch::Receiver<State>) -> Line {
    match state.wait_for(|state| state.line != Line::Dead).await {
        Ok(state) => state.line,
        Err(_ended) => Line::Clear,
    }
}
