//! The one test binary. Each module says what it holds; scripts with their expected output stand in fixtures/.

mod bank_day;
mod bare;
mod day;
mod desk;
mod followed;
mod foreign;
mod manual;
mod refused;
mod schema;
mod scripts;
mod support;
mod tables;
mod temporary;
