//! Whether a session's broker can be reached.

use tokio::sync::watch;

/// Whether a session's broker can be reached now.
#[derive(Debug, Clone)]
pub struct Link(watch::Receiver<bool>);

/// The end that says so. Goes down with its session.
#[derive(Debug)]
pub(super) struct LinkState(watch::Sender<bool>);

impl LinkState {
    /// A link that is down.
    pub(super) fn down() -> (Self, Link) {
        let (state, link) = watch::channel(false);
        (Self(state), Link(link))
    }

    pub(super) fn set(&self, is_up: bool) {
        self.0.send_replace(is_up);
    }
}

impl Link {
    /// The broker can send.
    #[must_use]
    pub fn is_up(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until that changes.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The session has ended; nothing will change any more.
            std::future::pending::<()>().await;
        }
    }
}
