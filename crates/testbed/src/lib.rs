//! Private servers for tests and benches: started on free loopback ports in temporary folders, and
//! gone with the process that started them, however that ends.
//!
//! Used by tests and benches only.

mod postgres;

pub use postgres::{Database, Durability, Postgres};
