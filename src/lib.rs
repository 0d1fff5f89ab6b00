//! Switchboard runs the conversations of a small contact centre: conversations, agents, queues and
//! an audit log of every transition, in one SQLite file.
//!
//! Open a file with [`Switchboard::open`], run statements of its language, and read the [`Reply`].
//! A statement that cannot be done is refused with a code, a message and a hint, and changes
//! nothing.
//!
//! The reference of the language is `docs/STATEMENTS.md` in the repository: each statement with its
//! columns, and each code. `HELP`, `HELP ASSIGN` and `HELP ERRORS` are statements that reply with
//! the same; run them like any other. `docs/GUIDE.md` explains what to do with them.
//!
//! # Opening a file and running statements
//!
//! [`Switchboard::run`] takes one statement; a `;` at its end and comments are allowed. There is no
//! BEGIN or COMMIT in the language: each statement is committed by itself, or as part of a
//! [`Transaction`] (see below).
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
//! Pass values from outside as [`Parameters`]: they never become syntax. Read rows by column name
//! and type ([`FromValue`]); the columns of each statement are part of its contract. Every error is
//! a [`Failure`], so `?` works throughout a function that returns one.
//!
//! ```
//! use switchboard::{Context, Failure, Moment, Parameters, Switchboard};
//!
//! fn open_and_show(desk: &mut Switchboard) -> Result<(), Failure> {
//!     let parameters = Parameters::from([("who", "ann@example.com")]);
//!     let reply = desk.run("OPEN ON webchat FOR :who", &parameters, &Context::now("maria")?)?;
//!     if let Some(row) = reply.first() {
//!         println!("{} is opened at {}", row.get::<i64>("conversation")?, row.get::<Moment>("at")?);
//!     }
//!     let reply = desk.run("SHOW ONGOING", &Parameters::new(), &Context::now("maria")?)?;
//!     for row in &reply {
//!         let conversation: i64 = row.get("conversation")?;
//!         let agent: Option<&str> = row.get("agent")?; // null while nobody has it
//!         println!("{conversation} is assigned to {}", agent.unwrap_or("nobody"));
//!     }
//! #   assert_eq!(reply.first().map(|row| row.get("state")), Some(Ok("Open")));
//!     Ok(())
//! }
//! # use switchboard::{Creation, OpenOptions};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(directory.path().join("desk.db"), &options)?;
//! # let none = Parameters::new();
//! # for statement in ["CREATE QUEUE billing", "CREATE WORKSTREAM webchat WITH (channel = chat, lifecycle = omnichannel, queue = billing)"] {
//! #     desk.run(statement, &none, &Context::now("maria")?)?;
//! # }
//! # open_and_show(&mut desk)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Refusals
//!
//! ```
//! # use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(directory.path().join("desk.db"), &options)?;
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
//! All of them are committed, or none. Many statements in one transaction are several times faster
//! than one by one.
//!
//! ```
//! # use switchboard::{Context, Creation, OpenOptions, Parameters, Switchboard};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(directory.path().join("desk.db"), &options)?;
//! # let none = Parameters::new();
//! let mut transaction = desk.transaction()?;
//! transaction.run("CREATE QUEUE front", &none, &Context::now("maria")?)?;
//! transaction.run("CREATE QUEUE billing", &none, &Context::now("maria")?)?;
//! transaction.commit()?; // dropped without this, it is rolled back
//! # assert_eq!(desk.run("SHOW QUEUES", &none, &Context::now("maria")?)?.rows.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Following what is committed
//!
//! [`Switchboard::follow`] replies with the entries of the journal that were committed after a given
//! one, and says where to continue. [`Switchboard::version`] is cheap and changes when another
//! `Switchboard` has written. Read it before the entries: then nothing that is committed in between
//! is missed.
//!
//! ```
//! use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
//! use std::{thread, time::Duration};
//! use switchboard::{Failure, Follow, Switchboard};
//!
//! /// Prints every statement that is committed, from the first one on, until `stop` is set.
//! fn print(desk: &mut Switchboard, stop: &AtomicBool) -> Result<(), Failure> {
//!     let mut follow = Follow::all(0);
//!     loop {
//!         let version = desk.version()?;
//!         follow.more = true;
//!         while follow.more {
//!             let reply = desk.follow(&follow)?;
//!             for row in &reply {
//!                 if row.get::<&str>("kind")? == "entry" {
//!                     println!("{} {}", row.get::<i64>("seq")?, row.get::<&str>("statement")?);
//!                 }
//!             }
//!             follow = reply.follow.unwrap_or(follow);
//!         }
//! #       assert_eq!(follow.after, 1);
//!         while desk.version()? == version {
//!             if stop.load(Relaxed) {
//!                 return Ok(());
//!             }
//!             thread::sleep(Duration::from_millis(100));
//!         }
//!     }
//! }
//! # use switchboard::{Context, Creation, OpenOptions, Parameters};
//! # let directory = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(directory.path().join("desk.db"), &options)?;
//! # desk.run("CREATE QUEUE front", &Parameters::new(), &Context::now("maria")?)?;
//! # print(&mut desk, &AtomicBool::new(true))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this `Switchboard` itself commits does not change its version. The statement FOLLOW begins
//! like this, too, and can follow a queue; [`Reply::follow`] is then where to continue.
//!
//! # Threads
//!
//! A [`Switchboard`] is `Send`, but not `Sync`: move it into the thread that uses it, or open the
//! file once in every thread. A write waits up to 30 s for the writers before it
//! ([`OpenOptions::busy_timeout`]) and then fails with `busy`; queries never wait.
//!
//! # Limits
//!
//! A query returns at most 1,000,000 rows ([`Reply::notes`] says if there are more) and runs at most
//! 60 s; one pass of FOLLOW returns 1,000 entries ([`Follow::more`]). `docs/STATEMENTS.md` lists all
//! limits.
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
pub use engine::{
    Creation, OpenOptions, Prepared, SharedDesk, SharedOptions, StaleQueries, Switchboard, Transaction,
};
pub use language::arguments::Parameters;

/// Runs the `switchboard` program.
#[doc(hidden)]
pub fn run() -> std::process::ExitCode {
    shell::run()
}
