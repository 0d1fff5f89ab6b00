//! Switchboard runs the conversations of a small contact centre: conversations, agents, queues and
//! an audit log of every transition, in one SQLite file.
//!
//! Open a file, run statements of its language, and read the reply. A statement that cannot be done
//! is refused with a code, a message and a hint, and changes nothing. `docs/STATEMENTS.md` is the
//! reference of the language.
//!
//! # Opening a file and running statements
//!
//! ```
//! use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("desk.db");
//! let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! let mut desk = Switchboard::open(&path, &options)?;
//!
//! let none = Parameters::new();
//! for statement in [
//!     "CREATE QUEUE billing",
//!     "CREATE AGENT alice WITH (presence = available) IN billing",
//!     "CREATE WORKSTREAM webchat WITH (channel = chat, lifecycle = omnichannel, queue = billing)",
//! ] {
//!     desk.run(statement, &none, &Context::now("maria")?)?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Parameters and rows
//!
//! Pass values from outside as parameters: they never become syntax. Read rows by column name and
//! type; the columns of each statement are part of its contract.
//!
//! ```
//! # use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(&directory.path().join("desk.db"), &options)?;
//! # let none = Parameters::new();
//! # for statement in ["CREATE QUEUE billing", "CREATE WORKSTREAM webchat WITH (channel = chat, lifecycle = omnichannel, queue = billing)"] {
//! #     desk.run(statement, &none, &Context::now("maria")?)?;
//! # }
//! let mut parameters = Parameters::new();
//! parameters.insert("who", "ann@example.com");
//! desk.run("OPEN ON webchat FOR :who", &parameters, &Context::now("maria")?)?;
//!
//! let reply = desk.run("SHOW ONGOING", &Parameters::new(), &Context::now("maria")?)?;
//! for row in &reply {
//!     let conversation: i64 = row.get("conversation")?;
//!     let agent: Option<&str> = row.get("agent")?;
//!     println!("{conversation} is assigned to {}", agent.unwrap_or("nobody"));
//! }
//! # assert_eq!(reply.into_iter().next().unwrap().get::<&str>("state")?, "Open");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Refusals
//!
//! ```
//! # use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(&directory.path().join("desk.db"), &options)?;
//! # desk.run("CREATE QUEUE billing", &Parameters::new(), &Context::now("maria")?)?;
//! use switchboard::Code;
//!
//! match desk.run("END 7", &Parameters::new(), &Context::now("maria")?) {
//!     Ok(reply) => println!("{} rows", reply.rows.len()),
//!     Err(failure) if failure.code() == Code::UnknownConversation => {
//!         println!("{}; {}", failure.message(), failure.hint().unwrap_or_default());
//! #       assert_eq!(failure.message(), "conversation 7 does not exist");
//!     }
//!     Err(failure) => return Err(failure.into()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Several statements in one transaction
//!
//! ```
//! # use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(&directory.path().join("desk.db"), &options)?;
//! # let none = Parameters::new();
//! let mut transaction = desk.transaction()?;
//! transaction.run("CREATE QUEUE front", &none, &Context::now("maria")?)?;
//! transaction.run("CREATE QUEUE billing", &none, &Context::now("maria")?)?;
//! transaction.commit()?; // dropped without this, it is rolled back
//! # assert_eq!(desk.run("SHOW QUEUES", &none, &Context::now("maria")?)?.rows.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Following what other programs commit
//!
//! FOLLOW replies with the entries committed so far and where to continue. [`Switchboard::version`]
//! is cheap and changes when another program has written.
//!
//! ```
//! # use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(&directory.path().join("desk.db"), &options)?;
//! # let none = Parameters::new();
//! desk.run("CREATE QUEUE front", &none, &Context::now("maria")?)?;
//! let mut reply = desk.run("FOLLOW ALL SINCE 0", &none, &Context::now("maria")?)?;
//! # assert_eq!(reply.into_iter().next().unwrap().get::<&str>("statement")?, "CREATE QUEUE front");
//! while let Some(follow) = reply.follow.filter(|follow| follow.more) {
//!     reply = desk.follow(&follow)?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Platforms
//!
//! Unix only: Linux and macOS. Files are locked with `flock`.

#![forbid(unsafe_code)]

#[cfg(not(unix))]
compile_error!("Switchboard needs a Unix system: its files are locked with flock");

mod domain;
mod engine;
mod language;
mod shell;
mod statement;
mod store;

#[doc(hidden)]
pub mod testing;

pub use domain::context::Context;
pub use domain::failure::Failure;
pub use domain::follow::Follow;
pub use domain::moment::Moment;
pub use domain::refusal::Code;
pub use domain::reply::{Column, Reply};
pub use domain::row::{FromValue, Row, Rows};
pub use domain::value::Value;
pub use engine::{Creation, OpenOptions, Prepared, Switchboard, Transaction};
pub use language::arguments::Parameters;

/// Runs the `switchboard` program.
#[doc(hidden)]
pub fn run() -> std::process::ExitCode {
    shell::run()
}
