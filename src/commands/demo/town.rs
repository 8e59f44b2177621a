//! The other end of the wire: the simulated town, its tags' connections, and its oracle.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use model::{DeviceId, IdError, PartitionId, ReadingKind, RegistryDocument, Timestamp, WearerId};
use simulator::driver::{Commands, Driver, DriverOptions};
use simulator::scenario::Scenario;
use simulator::visitor::{VISITOR, VISITOR_DEVICE, VISITOR_ZONE_CENTRE, VISITOR_ZONE_RADIUS_M};
use simulator::{Oracle, Verdict, World, WorldConfig};
use wire::topic::NativeTopic;

use super::Demo;
use crate::config::Config;
use crate::runtime::clock::Clock;

/// Real seconds that an alert may take through broker, engine and store on a busy machine.
const PROCESSING_ALLOWANCE_S: u32 = 5;

/// The town while it is being played.
pub(super) struct Town {
    world: World,
    registry: RegistryDocument,
    oracle: Oracle,
    driver: Driver,
    commands: Commands,
    clock: Clock,
}

impl Town {
    pub(super) fn new(
        arguments: &Demo,
        scenario: &Scenario,
        config: &Config,
        clock: Clock,
        broker: SocketAddr,
    ) -> Self {
        let mut world_config = WorldConfig {
            partitions: config.partitions,
            ..scenario.world(scenario.start)
        };
        world_config.processing_allowance_s = PROCESSING_ALLOWANCE_S * arguments.speed.max(12);
        let world = World::new(world_config);
        let oracle = Oracle::new(&world);
        let registry = world.registry();
        let options = DriverOptions::new(broker.ip().to_string(), broker.port());
        let (driver, commands) = (Driver::start(&options), Commands::listen(&options));
        Self {
            world,
            registry,
            oracle,
            driver,
            commands,
            clock,
        }
    }

    pub(super) const fn registry(&self) -> &RegistryDocument {
        &self.registry
    }

    pub(super) const fn oracle(&mut self) -> &mut Oracle {
        &mut self.oracle
    }

    /// Shows prompts, moves the world on to the present and publishes what its tags upload.
    pub(super) async fn tick(&mut self) -> anyhow::Result<()> {
        while let Some(command) = self.commands.take() {
            if let Some(breach) = self.world.prompted(&command) {
                self.oracle.expect(breach);
            }
        }
        for upload in self.world.advance(self.clock.now()) {
            self.oracle.sent(&upload);
            self.driver.publish(upload).await?;
        }
        Ok(())
    }

    /// Stops the world; returns when. What it published is with the broker then.
    pub(super) async fn stop(&self, patience: Duration) -> Timestamp {
        let until = self.clock.now();
        self.driver.drain(patience).await;
        until
    }

    /// Messages that the broker acknowledged.
    pub(super) fn acknowledged(&self) -> u64 {
        self.driver.counts().acknowledged
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn verdict(&self, until: Timestamp) -> Verdict {
        self.oracle.verdict(until)
    }
}

/// The topic on which the visitor's tag, which nobody simulates, publishes its positions.
///
/// # Errors
/// Never: the visitor's ids are ids.
pub(super) fn visitor_topic(partitions: NonZeroU16) -> Result<String, IdError> {
    let partition = PartitionId::of(&WearerId::new(VISITOR)?, partitions);
    let device = DeviceId::new(VISITOR_DEVICE)?;
    Ok(NativeTopic {
        partition,
        device,
        kind: ReadingKind::Position,
    }
    .to_string())
}

/// The middle of the visitor's exclusion zone, for people.
pub(super) fn visitor_zone() -> String {
    let (lat, lon) = VISITOR_ZONE_CENTRE;
    format!("{VISITOR_ZONE_RADIUS_M} m around {lat:.4}, {lon:.4}")
}
