//! The one test binary. Each module says what it holds; scripts with their expected output stand in fixtures/.

mod bank_day;
mod bare;
mod clock;
mod day;
mod desk;
mod edges;
mod followed;
mod foreign;
mod journal;
mod manual;
mod program;
mod refusals;
mod refused;
mod replay;
mod rights;
mod schedule;
mod schema;
mod scripts;
mod select;
mod support;
mod tables;
mod temporary;
mod tidy;
mod timers;
mod verdicts;
mod words;
