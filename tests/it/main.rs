//! What an outsider sees: the programs as they are run, with real brokers, started privately.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "tests say what must hold by panicking"
)]

mod ahead;
mod backlog;
mod backup;
mod bad_input;
mod broker_loss;
mod brokers;
mod check_live;
mod command_line;
mod county;
mod deployment;
mod erase;
mod harness;
mod import;
mod kill;
mod late;
mod load;
mod outage;
mod prompt;
mod prune;
mod quality;
mod queue;
mod registry_live;
mod replay;
mod rooms;
mod scenarios;
mod sinks;
mod token;
mod torture;
mod triage;
mod verify;
mod walk_in;
