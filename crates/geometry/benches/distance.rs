//! What measuring costs.
fn main() {}
