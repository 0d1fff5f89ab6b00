//! The one test binary. Each module says what it holds; scripts with their expected output stand in fixtures/.

mod bank_day;
mod manual;
mod schema;
mod scripts;
mod support;
