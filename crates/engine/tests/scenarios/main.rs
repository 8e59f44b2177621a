//! Scenarios: what a wearer does, what devices send of it and when, and what must be concluded.

// `cfg(test)` tells the lints that these are tests throughout, helpers included.
#[cfg(test)]
mod alcohol;
#[cfg(test)]
mod attendance;
#[cfg(test)]
mod check_in;
#[cfg(test)]
mod curfew;
#[cfg(test)]
mod device;
#[cfg(test)]
mod faults;
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
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod script;
#[cfg(test)]
mod variation;
#[cfg(test)]
mod zone;
#[cfg(test)]
mod zone_unknown;
