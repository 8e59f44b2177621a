//! The tagwatch service: the rooms around the pure core, joined by the runtime.
//!
//! `broker` (the one in the process) and `ingest` bring readings in, `runtime` drives the engine and
//! commits to the `store`, `dispatch` hands notifications out, `access` says who may do
//! what, `web` serves it all, `commands` is the
//! command line.

pub mod access;
pub mod broker;
pub mod commands;
pub mod config;
pub mod dispatch;
pub mod ingest;
pub mod metrics;
pub mod registrar;
pub mod runtime;
pub mod store;
pub mod tls;
pub mod triage;
pub mod web;
