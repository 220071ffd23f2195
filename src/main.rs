//! The `ninefold` command.

/// Parsing and emitting allocate many small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    ninefold::cli::main()
}
