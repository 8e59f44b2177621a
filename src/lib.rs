//! The tagwatch service: the rooms around the pure core, joined by the runtime.

pub mod dispatch;
pub mod runtime;
pub mod store;
