//! An installation in one process: every partition with its session, the OwnTracks adapter, the
//! HTTP interface.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};

use model::{PartitionId, PolicyChange, Timestamp};
use routing::RoutingPolicy;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::broker_loss;
use super::clock::Clock;
use super::follow::Follower;
use super::gathering;
use super::inbox::Inbox;
use super::intake::Intake;
use super::partitions;
use super::readiness::Readiness;
use super::reload::Reload;
use super::retention;
use super::shared::Shared;
use super::supervisor::{Charge, supervise};
use super::teller::Teller;
use crate::config::{Config, Policies, SinkConfig};
use crate::dispatch::sink::{Worker, WorkerParts};
use crate::dispatch::{Bell, Queues};
use crate::ingest::{
    BrokerWatch, CommandPublisher, Counted, OwnTracksAdapter, Session, SessionOptions,
};
use crate::metrics::Metrics;
use crate::registrar::{Refusal, Registrar, Who};

use crate::store::{Store, StoreError};
use crate::triage::{Desk, Watch};
use crate::web;

/// Changes that other parts of the process make and that wait for a partition.
const CHANGES_MAX: usize = 16;

/// Why an installation did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot serve HTTP on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The registry documents say what cannot be; what it is, is about people, and not for a log.
    #[error(
        "errors in the registry documents, seen together with what is registered: {0}; \
         `tagwatch import --dry-run` shows them"
    )]
    Documents(usize),
    /// The registry could not be changed.
    #[error("registry: {0}")]
    Registry(Refusal),
    /// The journal was written with another number of partitions.
    #[error(
        "wearers in the journal of partition {found} belong to {expected} of {partitions}: the \
         number of partitions cannot change"
    )]
    Partitions {
        /// Where a wearer is journaled.
        found: PartitionId,
        /// Where it would belong.
        expected: PartitionId,
        /// The configured number.
        partitions: NonZeroU16,
    },
    /// A sink's settings are wrong.
    #[error("{0}")]
    Sink(String),
    /// A metric cannot be registered.
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
}

/// What an installation is made of.
pub struct Parts {
    /// Its configuration.
    pub config: Config,
    /// Its policies.
    pub policies: Policies,
    /// The registry it starts with, besides what is journaled.
    pub registry: Vec<PolicyChange>,
    /// Its store.
    pub store: Arc<dyn Store>,
    /// Its clock.
    pub clock: Clock,
}

/// A running installation.
pub struct Service {
    shared: Shared,
    http: SocketAddr,
    newest_event: watch::Receiver<u64>,
    intake: JoinSet<Result<(), StoreError>>,
    serving: JoinSet<()>,
    /// Ends with the service.
    _publishing: AbortOnDropHandle<()>,
    stop_intake: CancellationToken,
    stop_serving: CancellationToken,
}

impl Service {
    /// Starts everything.
    ///
    /// # Errors
    /// When something cannot start; nothing runs then.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts {
            config,
            policies,
            registry,
            store,
            clock,
        } = parts;
        check(&*store, config.partitions).await?;
        let registrar = Registrar::new(Arc::clone(&store));
        register(&registrar, &registry, clock.now()).await?;
        let listener = listen(config.http.listen).await?;
        let recorded = broker_loss::recorded(&*store).await?;
        let (newest, newest_out) = watch::channel(0);
        let follower = Follower::new(&store, &registrar, newest);
        follower.catch_up().await?;
        let (publisher, commands) =
            CommandPublisher::new(&config.installation, config.mqtt.clone());
        let (newest_event, newest_event_out) = watch::channel(store.newest_event().await?);
        let (routing, routing_out) = watch::channel(Arc::clone(&policies.routing));
        let gatherer = gathering::resumed(&*store, &policies.routing, clock.now()).await?;
        let shared = Shared {
            gatherer: Arc::new(Mutex::new(gatherer)),
            store,
            routing: routing_out,
            directory: follower.directory.clone(),
            commands,
            clock,
            metrics: Arc::new(Metrics::new()?),
            partitions: config.partitions,
            newest_event: Arc::new(newest_event),
            readiness: Readiness::starting((0..config.partitions.get()).map(PartitionId)),
            bell: Bell::default(),
            teller: Teller::default(),
            checkpoint_every: config.store.checkpoint_every,
        };
        let mut service = Self {
            http: listener.0,
            newest_event: newest_event_out,
            shared,
            intake: JoinSet::new(),
            serving: JoinSet::new(),
            _publishing: AbortOnDropHandle::new(tokio::spawn(publisher.run())),
            stop_intake: CancellationToken::new(),
            stop_serving: CancellationToken::new(),
        };
        service.start_partitions(&config, &policies, &newest_out, recorded);
        service.start_follower(follower);
        service.start_adapter(&config);
        service.start_retention(&config);
        service.start_reload(&config, routing);
        let desk = service.start_desk(registrar.clone());
        service.start_sinks(&config)?;
        service.start_web(&config, &policies, registrar, desk, listener.1);
        Ok(service)
    }

    /// Where the API is served.
    #[must_use]
    pub const fn http(&self) -> SocketAddr {
        self.http
    }

    /// Whether readings are taken in.
    #[must_use]
    pub const fn readiness(&self) -> &Readiness {
        &self.shared.readiness
    }

    /// Messages acknowledged to the broker so far.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.shared.metrics.acks_sent()
    }

    /// Follows the number of the newest event of the live stream.
    #[must_use]
    pub fn newest_event(&self) -> watch::Receiver<u64> {
        self.newest_event.clone()
    }

    /// Waits until a partition has to be given up.
    ///
    /// # Errors
    /// Always: with the reason.
    pub async fn failure(&mut self) -> Result<(), StoreError> {
        while let Some(ended) = self.intake.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(error),
                Err(error) => return Err(StoreError::Unavailable(error.to_string())),
            }
        }
        std::future::pending().await
    }

    /// Stops in good order: intake first, committed and acknowledged to its end, then the API.
    pub async fn stop(mut self) {
        self.stop_intake.cancel();
        while let Some(ended) = self.intake.join_next().await {
            if let Ok(Err(error)) = ended {
                tracing::error!(%error, "a partition did not end well");
            }
        }
        self.stop_serving.cancel();
        while self.serving.join_next().await.is_some() {}
    }

    fn start_partitions(
        &mut self,
        config: &Config,
        policies: &Policies,
        registry: &watch::Receiver<u64>,
        mut recorded: Option<Counted>,
    ) {
        self.shared
            .metrics
            .set_partitions(config.partitions.get().into());
        for id in (0..config.partitions.get()).map(PartitionId) {
            let options = SessionOptions {
                client_id: format!("{}-{id}", config.installation),
                filter: wire::topic::partition_filter(id),
                mqtt: config.mqtt.clone(),
            };
            let metrics = Arc::clone(&self.shared.metrics);
            let (session, ends) = Session::new(options, self.shared.clock, metrics);
            let (changes, changes_out) = mpsc::channel(CHANGES_MAX);
            if id == broker_loss::TELLER {
                self.start_broker_watch(config, recorded.take(), changes);
            }
            let intake = Intake::new(id, self.shared.clock, self.shared.teller.clone());
            let inbox = Inbox::new(ends, changes_out, registry.clone(), intake);
            let charge = Charge {
                partition: id,
                rules: policies.rules.clone(),
            };
            let (shared, stop) = (self.shared.clone(), self.stop_intake.clone());
            self.intake.spawn(supervise(charge, shared, inbox, stop));
            self.intake.spawn(async move {
                session.run().await;
                Ok(())
            });
        }
    }

    fn start_broker_watch(
        &mut self,
        config: &Config,
        recorded: Option<Counted>,
        journal: mpsc::Sender<Vec<PolicyChange>>,
    ) {
        let (installation, mqtt) = (&config.installation, config.mqtt.clone());
        let (watch, heard) = BrokerWatch::new(installation, mqtt, self.shared.clock, recorded);
        let (shared, stop) = (self.shared.clone(), self.stop_intake.clone());
        self.intake.spawn(async move {
            tokio::join!(watch.run(stop), broker_loss::tell(heard, journal, shared));
            Ok(())
        });
    }

    fn start_follower(&mut self, follower: Follower) {
        let stop = self.stop_intake.clone();
        self.intake.spawn(async move {
            follower.run(stop).await;
            Ok(())
        });
    }

    fn start_adapter(&mut self, config: &Config) {
        if !config.mqtt.owntracks {
            return;
        }
        let adapter = OwnTracksAdapter {
            installation: config.installation.clone(),
            mqtt: config.mqtt.clone(),
            partitions: config.partitions,
            directory: self.shared.directory.clone(),
            store: Arc::clone(&self.shared.store),
            clock: self.shared.clock,
            metrics: Arc::clone(&self.shared.metrics),
        };
        let stop = self.stop_intake.clone();
        self.intake.spawn(async move {
            adapter.run(stop).await;
            Ok(())
        });
    }

    fn start_retention(&mut self, config: &Config) {
        if let Some(keep) = config.retention.readings() {
            let store = Arc::clone(&self.shared.store);
            let stop = self.stop_serving.clone();
            self.serving
                .spawn(retention::run(store, self.shared.clock, keep, stop));
        }
    }

    /// Takes a new routing policy up, where it is in a file.
    fn start_reload(&mut self, config: &Config, policy: watch::Sender<Arc<RoutingPolicy>>) {
        let metrics = Arc::clone(&self.shared.metrics);
        metrics.policy_taken_up(policy.borrow().version());
        let Some(path) = config.policies.routing.clone() else {
            return;
        };
        let reload = Reload {
            path,
            policy,
            gatherer: Arc::clone(&self.shared.gatherer),
            metrics,
        };
        self.serving.spawn(reload.run(self.stop_serving.clone()));
    }

    /// Opens the desk where steps about alerts are taken, and sees to it that alerts that nobody
    /// acknowledges go up the ladder.
    fn start_desk(&mut self, registrar: Registrar) -> Desk {
        let store = Arc::clone(&self.shared.store);
        let newest_event = Arc::clone(&self.shared.newest_event);
        let clock = self.shared.clock;
        let desk = Desk::new(Arc::clone(&store), registrar, newest_event, clock);
        let watch = Watch {
            store,
            desk: desk.clone(),
            clock: self.shared.clock,
            metrics: Arc::clone(&self.shared.metrics),
        };
        self.serving.spawn(watch.run(self.stop_serving.clone()));
        desk
    }

    fn start_sinks(&mut self, config: &Config) -> Result<(), StartError> {
        if let Some(problem) = SinkConfig::problems(&config.sink).into_iter().next() {
            return Err(StartError::Sink(problem));
        }
        for sink in &config.sink {
            let parts = WorkerParts {
                installation: config.installation.clone(),
                queues: self.queues(config),
                newest_event: self.newest_event.clone(),
                metrics: Arc::clone(&self.shared.metrics),
            };
            let worker = Worker::new(sink, parts).map_err(StartError::Sink)?;
            self.serving.spawn(worker.run(self.stop_serving.clone()));
        }
        Ok(())
    }

    fn queues(&self, config: &Config) -> Queues {
        let (store, metrics) = (&self.shared.store, &self.shared.metrics);
        let attempts_max = config.queues.attempts_max.get();
        Queues::new(Arc::clone(store), attempts_max, Arc::clone(metrics))
    }

    fn start_web(
        &mut self,
        config: &Config,
        policies: &Policies,
        registrar: Registrar,
        desk: Desk,
        listener: TcpListener,
    ) {
        let store = Arc::clone(&self.shared.store);
        let feed = Arc::new(web::Feed::new(Arc::clone(&store)));
        let feeding = Arc::clone(&feed).run(self.newest_event.clone(), self.stop_serving.clone());
        self.serving.spawn(feeding);
        let state = web::WebState {
            queues: self.queues(config),
            bell: self.shared.bell.clone(),
            desk,
            access: web::Access::of(&config.http, Arc::clone(&store)),
            registrar,
            rules: Arc::new(policies.rules.policy.clone()),
            partitions: config.partitions,
            hmpps: Arc::new(config.hmpps.settings()),
            store,
            feed,
            metrics: Arc::clone(&self.shared.metrics),
            readiness: self.shared.readiness.clone(),
            installation: config.installation.clone(),
            clock: Clock::system(),
            tags_clock: self.shared.clock,
            hosts: config.http.hosts.clone().into(),
            tiles: config.http.tiles.clone().map(Arc::new),
            shutdown: self.stop_serving.clone(),
        };
        let stop = self.stop_serving.clone();
        let listener = web::PatientListener::new(listener);
        self.serving.spawn(async move {
            if let Err(error) = web::serve(listener, web::router(state), stop).await {
                tracing::error!(%error, "the HTTP interface ended");
            }
        });
    }
}

async fn listen(address: SocketAddr) -> Result<(SocketAddr, TcpListener), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    Ok((listener.local_addr().map_err(failed)?, listener))
}

async fn check(store: &dyn Store, partitions: NonZeroU16) -> Result<(), StartError> {
    match partitions::misplaced(store, partitions).await? {
        None => Ok(()),
        Some((found, expected)) => Err(StartError::Partitions {
            found,
            expected,
            partitions,
        }),
    }
}

/// Takes in what the installation is started with.
async fn register(
    registrar: &Registrar,
    documents: &[PolicyChange],
    at: Timestamp,
) -> Result<(), StartError> {
    let who = |reason: &str| Who {
        actor: "tagwatch".to_owned(),
        reason: Some(reason.to_owned()),
        at,
    };
    let taken_over = registrar.take_over_journal(&who("journaled before")).await;
    taken_over.map_err(refused)?;
    let configured = who("configured");
    let taken_in = registrar.take_in_again(documents, &configured).await;
    taken_in.map_err(refused)?;
    Ok(())
}

fn refused(refusal: Refusal) -> StartError {
    match refusal {
        Refusal::Store(error) => StartError::Store(error),
        Refusal::Problems(problems) => StartError::Documents(problems.errors()),
        other @ (Refusal::Stale { .. } | Refusal::Busy) => StartError::Registry(other),
    }
}
