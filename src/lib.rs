//! The tagwatch service: the rooms around the pure core, joined by the runtime.

pub mod dispatch;
pub mod metrics;
pub mod runtime;
pub mod store;
pub mod web;
