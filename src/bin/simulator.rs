//! The program `simulator`: everything is in its crate, which shares nothing with the service.

fn main() -> anyhow::Result<()> {
    simulator::cli::main()
}
