//! How the program is linked where that can be said for the program alone.
//!
//! On Linux it stands at a fixed address. Otherwise a megabyte of pointers (the tables of the time zones, mostly) is
//! relocated at every start, which is a third of what starting takes. Libraries, stack and heap still are where they
//! like. It is said here and not among the flags of `.cargo/config.toml`, because those are for macros as well, which
//! are libraries and could not be linked so.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let linux = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if linux && is("CARGO_CFG_TARGET_ARCH", "x86_64") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
