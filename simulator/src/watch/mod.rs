//! What is seen of a run from aside: the machine, the processes, the installation's counters, the
//! broker's queue.

mod broker;
mod counters;
mod machine;
mod process;

pub use broker::BrokerWatch;
pub use counters::Counters;
pub(crate) use counters::version;
pub use machine::Machine;
pub use process::{ProcessUse, WatchedProcess, WatchedProcessError};
