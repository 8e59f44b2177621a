//! What every store must do: one suite for all of them. A test here gets a store fresh and empty.

pub(crate) mod sample;
