//! Floor 0: values and rules. What a conversation may do, said without SQL, text or a terminal.
//!
//! Invariant: nothing in here reads a clock, a file or the environment; everything comes in as an
//! argument. It deliberately does not know how statements are written or how rows are stored.

pub mod absence;
pub mod archive;
pub mod busy;
pub mod calendar;
pub mod change;
pub mod chart;
pub mod context;
pub mod conversation;
pub mod course;
pub mod drawing;
pub mod figures;
pub mod follow;
pub mod guard;
pub mod journal;
pub mod lifecycle;
pub mod moment;
pub mod offers;
pub mod reach;
pub mod refusal;
pub mod reply;
pub mod rights;
pub mod routing;
pub mod sentiment;
pub mod sessions;
pub mod settings;
pub mod site;
pub mod skills;
pub mod soundness;
pub mod timing;
pub mod value;
pub mod words;
pub mod workstream;
