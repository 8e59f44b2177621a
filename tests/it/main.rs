//! What an outsider sees: the programs as they are run, with real brokers, started privately.

mod bad_input;
mod brokers;
mod command_line;
mod deployment;
mod harness;
mod kill;
mod replay;
mod rooms;
mod walk_in;
