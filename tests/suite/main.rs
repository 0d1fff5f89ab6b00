//! The integration tests, in one binary. Scripts with their expected output are in `fixtures/scripts`.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod actions;
mod archive;
mod as_of;
mod bank_day;
mod change_effects;
mod clock;
mod custom_lifecycles;
mod day;
mod desk_fixture;
mod edges;
mod erasing;
mod errors;
mod figures;
mod follow;
mod guards;
mod interface;
mod io_errors;
mod journal;
mod limits;
mod log_copy;
mod manual;
mod other_programs;
mod power_cuts;
mod program;
mod purging;
mod random_lifecycles;
mod refusals;
mod replay;
mod rights;
mod rollback;
mod routing;
mod schedule;
mod schema;
mod schema_fixture;
mod scripts;
mod select;
mod simulation;
mod support;
mod temp_triggers;
mod tidy;
mod timers;
mod upgrade;
mod verdicts;
mod words;
