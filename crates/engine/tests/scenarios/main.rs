//! Scenarios: what a wearer does, what devices send of it and when, and what must be concluded.

// `cfg(test)` tells the lints that these are tests throughout, helpers included.
#[cfg(test)]
mod alcohol;
#[cfg(test)]
mod attendance;
#[cfg(test)]
mod bad_readings;
#[cfg(test)]
mod charge;
#[cfg(test)]
mod check_in;
#[cfg(test)]
mod cohort;
#[cfg(test)]
mod contact;
#[cfg(test)]
mod curfew;
#[cfg(test)]
mod curfew_atv;
#[cfg(test)]
mod curfew_plan;
#[cfg(test)]
mod curfew_rf;
#[cfg(test)]
mod curfew_stories;
#[cfg(test)]
mod device;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod home;
#[cfg(test)]
mod late;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod monitoring;
#[cfg(test)]
mod presence;
#[cfg(test)]
mod real_drive;
mod registry;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod script;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod symmetry;
#[cfg(test)]
mod variation;
#[cfg(test)]
mod zone;
#[cfg(test)]
mod zone_unknown;
