//! Scenarios: what a wearer does, what devices send of it and when, and what must be concluded.

mod curfew;
mod faults;
mod machine;
mod schedule;
mod script;
mod variation;
mod zone;
