//! Connections: a pool of them, each request with a bound on how long it may take.
//!
//! The server cancels a statement that takes too long. A server that says nothing at all (stopped,
//! unplugged) keeps its TCP connections alive for a long time, so each request is also given up on
//! from here, and the connection it was made on is thrown away, whatever state it was in.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use deadpool_postgres::{
    Client, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
    Timeouts,
};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{fault, tls};
use crate::config::{PostgresConfig, Secret};
use crate::store::StoreError;

/// A request is given up after this many times what one of its statements may take: by then the
/// server has cancelled whatever it can.
const REQUEST_STATEMENTS: u32 = 2;

/// How long an idle connection is quiet before it is probed, and how often then: half a minute after
/// a server has vanished its idle connections are known to be dead.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;

/// The pool.
pub(super) struct Sessions {
    pool: Pool,
    request_max: Duration,
}

/// A connection for one request.
pub(super) struct Session {
    // None only while it is being put away.
    client: Option<Object>,
}

impl Sessions {
    /// Connects to nothing yet.
    pub(super) fn new(url: &Secret, options: &PostgresConfig) -> Result<Self, StoreError> {
        let config = connection(url, options)?;
        let how = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = match tls::connector(options)? {
            Some(client) => Manager::from_config(config, MakeRustlsConnect::new(client), how),
            None => Manager::from_config(config, NoTls, how),
        };
        let timeouts = Timeouts {
            wait: Some(options.statement_timeout()),
            create: Some(options.connect_timeout()),
            recycle: Some(options.connect_timeout()),
        };
        let pool = Pool::builder(manager)
            .max_size(options.connections)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(unavailable)?;
        Ok(Self {
            pool,
            request_max: options.statement_timeout() * REQUEST_STATEMENTS,
        })
    }

    /// Takes a connection.
    pub(super) async fn open(&self) -> Result<Session, StoreError> {
        let client = self.pool.get().await.map_err(|error| refused(&error))?;
        Ok(Session {
            client: Some(client),
        })
    }

    /// Waits for `request`, but not for ever.
    pub(super) async fn within<T, E: From<StoreError>>(
        &self,
        request: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        match tokio::time::timeout(self.request_max, request).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(StoreError::Unavailable(format!(
                "no answer from the server for {:?}",
                self.request_max
            ))
            .into()),
        }
    }

    /// Lets no further request in.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

impl Session {
    /// The connection.
    pub(super) fn client(&mut self) -> Result<&mut Client, StoreError> {
        self.client
            .as_mut()
            .ok_or_else(|| StoreError::Unavailable("the connection was put away".to_owned()))
    }

    /// Keeps the connection for the next request, if this one came to its end.
    pub(super) fn close<T, E>(mut self, answer: Result<T, E>) -> Result<T, E> {
        if answer.is_ok() {
            drop(self.client.take());
        }
        answer
    }
}

impl Drop for Session {
    /// Whatever did not come to a good end may have left a transaction open.
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

fn connection(url: &Secret, options: &PostgresConfig) -> Result<Config, StoreError> {
    // What is wrong with the address is not repeated: it may hold a password.
    let mut config: Config =
        url.expose()
            .parse()
            .map_err(|_quotes_it: tokio_postgres::Error| {
                StoreError::Unavailable("the store's url is not one of PostgreSQL's".to_owned())
            })?;
    if let Some(password) = &options.password {
        config.password(password.expose());
    }
    let statement_ms = options.statement_timeout().as_millis();
    let given = config.get_options().unwrap_or_default();
    // A commit that was answered survives the loss of power, whatever the server's default; a
    // process that stands still must not hold its locks for ever.
    let settings = format!(
        "{given} -c synchronous_commit=on -c statement_timeout={statement_ms} \
         -c idle_in_transaction_session_timeout={statement_ms}"
    );
    config
        .options(settings.trim())
        .application_name("tagwatch")
        .connect_timeout(options.connect_timeout())
        .tcp_user_timeout(options.statement_timeout())
        .keepalives(true)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .ssl_mode(tls::mode(options.sslmode));
    Ok(config)
}

/// No connection: in the server's words where it spoke. Whatever they are, it may speak otherwise soon.
fn refused(error: &PoolError) -> StoreError {
    match error {
        PoolError::Backend(refusal) => unavailable(fault::said(refusal)),
        PoolError::Timeout(TimeoutType::Wait) => unavailable("all connections are in use"),
        PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
            unavailable("the server cannot be reached in time")
        }
        PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            unavailable(error)
        }
    }
}

fn unavailable(error: impl Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
