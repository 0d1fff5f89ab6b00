//! Several hosts and one log, on PostgreSQL servers that the tests start and stop themselves.
//!
//! A machine without PostgreSQL's programs leaves these tests out, and each of them says so; with
//! `POSTGRESQL=required` that is a failure.

// Tests stop at the first thing that is not as expected.
#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used)]

mod cluster;
mod equality;
mod history;
mod host;

mod faults;
mod messages;
mod network;
mod protocol;
mod replay;
mod rogue;
mod tls;
mod upgrade;
