//! Connections, given up where the other end has stopped reading.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

/// For how long the other end may take nothing of what waits for it. A live stream says something every
/// quarter of a minute, so a viewer is asleep that has taken nothing for two of them.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Accepts connections, and gives up those that have stopped reading: each holds buffers and a place.
pub struct PatientListener {
    listener: TcpListener,
    write_timeout: Duration,
}

/// Whose connection it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl PatientListener {
    /// With the patience that suits people and their networks.
    #[must_use]
    pub const fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            write_timeout: WRITE_TIMEOUT,
        }
    }

    /// With another patience.
    #[cfg(test)]
    pub(super) fn with_write_timeout(self, write_timeout: Duration) -> Self {
        Self {
            write_timeout,
            ..self
        }
    }
}

impl Listener for PatientListener {
    type Io = Pin<Box<TimeoutStream<TcpStream>>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.write_timeout));
        (Box::pin(stream), address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, PatientListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, PatientListener>) -> Self {
        Self(*stream.remote_addr())
    }
}
