//! What every partition of an installation shares.

use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};

use routing::{Gatherer, RoutingPolicy};
use tokio::sync::watch;

use super::clock::Clock;
use super::readiness::Readiness;
use super::teller::Teller;
use crate::dispatch::Bell;
use crate::ingest::{Commands, SharedDirectory};
use crate::metrics::Metrics;
use crate::store::Store;

/// What every partition of an installation shares.
#[derive(Clone)]
pub(super) struct Shared {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Who is told.
    pub routing: watch::Receiver<Arc<RoutingPolicy>>,
    /// Who wears which device.
    pub directory: SharedDirectory,
    /// Where commands to devices go.
    pub commands: Commands,
    /// The present.
    pub clock: Clock,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// How many partitions there are.
    pub partitions: NonZeroU16,
    /// Gathers alerts of one cause.
    pub gatherer: Arc<Mutex<Gatherer>>,
    /// The newest event of the live stream, for those who follow it.
    pub newest_event: Arc<watch::Sender<u64>>,
    /// Wakes those who wait for something in a queue.
    pub bell: Bell,
    /// Who tells the operators of a gap in intake.
    pub teller: Teller,
    /// Whether readings are taken in.
    pub readiness: Readiness,
    /// Journal entries after which a checkpoint is written, where that is not left to us.
    pub checkpoint_every: Option<u64>,
}
