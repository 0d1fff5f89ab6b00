//! The `switchboard` program.

use std::process::ExitCode;

/// Here and not in the library, which leaves the choice to the program that embeds it.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    switchboard::run()
}
