//! The commands: each reads its arguments, joins rooms together and says how it went.

mod audit;
mod backup;
mod check_config;
mod demo;
mod erase;
mod explain_route;
mod import;
mod journal;
mod migrate;
mod output;
mod place;
mod prune;
mod quality;
mod queue;
mod replay;
mod run;
mod start;
mod token;
mod verify;

pub use backup::{Backup, backup};
pub use check_config::{CheckConfig, check_config};
pub use demo::{Demo, demo};
pub use erase::{Erase, erase};
pub use explain_route::{ExplainRoute, explain_route};
pub use import::{Import, import};
pub use journal::{Journal, journal};
pub use migrate::{Migrate, migrate};
pub use output::report;
pub use prune::{Prune, prune};
pub use quality::{Quality, quality};
pub use queue::{Queue, queue};
pub use replay::{Replay, replay};
pub use run::{Run, run};
pub use token::{TokenArguments, token};
pub use verify::{Verify, verify};
