//! The command line of tagwatch.

fn main() {}
