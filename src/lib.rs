//! Switchboard: the conversations, agents, queues and the audit log of a small contact centre, in one SQLite file.
//!
//! A file is opened, statements of its language are run on it, and each is answered by a [`Reply`] or refused with
//! a code, a message and a hint:
//!
//! ```
//! use switchboard::{Code, Context, Creation, Moment, OpenOptions, Parameters, Switchboard};
//!
//! let folder = tempfile::tempdir()?;
//! let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! let mut desk = Switchboard::open(&folder.path().join("desk.db"), &options)?;
//!
//! let none = Parameters::new();
//! let morning = Context::given(Moment::parse("2026-03-02T09:00:00Z")?, "maria");
//! for statement in [
//!     "CREATE QUEUE billing",
//!     "CREATE AGENT alice WITH (presence = available) IN billing",
//!     "CREATE WORKSTREAM webchat WITH (channel = chat, lifecycle = omnichannel, queue = billing)",
//! ] {
//!     desk.run(statement, &none, &morning)?;
//! }
//!
//! // Values from outside are parameters: they never become syntax.
//! let mut customer = Parameters::new();
//! customer.insert("who", "ann@example.com");
//! let reply = desk.run("OPEN ON webchat FOR :who", &customer, &morning)?;
//! assert_eq!(reply.value(0, "to_state").and_then(|value| value.as_text()), Some("Open"));
//!
//! // A refusal changes nothing and says what to do.
//! let refused = desk.run("END 1", &none, &morning).unwrap_err();
//! assert_eq!(refused.error.code(), Code::NoEdge);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Several statements in one transaction are a batch:
//!
//! ```
//! # use switchboard::{Context, Creation, Moment, OpenOptions, BatchEnd, Parameters, Switchboard};
//! # let folder = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(&folder.path().join("desk.db"), &options)?;
//! # let (none, morning) = (Parameters::new(), Context::given(Moment::parse("2026-03-02T09:00:00Z")?, "maria"));
//! desk.begin_batch()?;
//! desk.run("CREATE QUEUE front", &none, &morning)?;
//! desk.run("CREATE QUEUE billing", &none, &morning)?;
//! desk.end_batch(BatchEnd::Commit)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! FOLLOW answers what was committed so far, and where to go on; whoever waits asks [`Switchboard::version`] now and then
//! whether there is news:
//!
//! ```
//! # use switchboard::{Context, Creation, Moment, OpenOptions, Parameters, Switchboard};
//! # let folder = tempfile::tempdir()?;
//! # let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
//! # let mut desk = Switchboard::open(&folder.path().join("desk.db"), &options)?;
//! # let (none, morning) = (Parameters::new(), Context::given(Moment::parse("2026-03-02T09:00:00Z")?, "maria"));
//! desk.run("CREATE QUEUE front", &none, &morning)?;
//! let mut pass = desk.run("FOLLOW ALL SINCE 0", &none, &morning)?;
//! assert_eq!(pass.value(0, "statement").and_then(|value| value.as_text()), Some("CREATE QUEUE front"));
//! while let Some(follow) = pass.follow.filter(|follow| follow.more) {
//!     pass = desk.follow(&follow)?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The floors, each of which knows only those below it: `domain` ← `language`, `store` ← `statement` ← `engine` ←
//! `shell`. ARCHITECTURE.md tells the rest.

pub mod domain;
pub mod engine;
pub mod language;
pub mod shell;
pub mod statement;
pub mod store;

pub use domain::context::{Clock, Context};
pub use domain::follow::{Follow, Subject};
pub use domain::moment::{Duration, Moment};
pub use domain::refusal::{Code, Error, Fault, Refusal};
pub use domain::reply::{Column, ColumnKind, Reply, Shape};
pub use domain::value::Value;
pub use engine::{BatchEnd, Creation, Failure, OpenOptions, Switchboard};
pub use language::arguments::Parameters;
