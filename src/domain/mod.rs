//! Layer 0: values and rules. What a conversation may do, independent of SQL, text and terminals.
//!
//! Invariant: nothing here reads a clock, a file or the environment; everything is passed in as an
//! argument. This layer deliberately does not know how statements are written or how rows are
//! stored.

pub mod agent_presence;
pub mod archive;
pub mod calendar;
pub mod change;
pub mod chart;
pub mod closed_lists;
pub mod config;
pub mod context;
pub mod conversation;
pub mod counting;
pub mod day_report;
pub mod definition;
pub mod document;
pub mod eligibility;
pub mod failure;
pub mod follow;
pub mod handle;
pub mod journal;
pub mod json;
pub mod lifecycle;
pub mod metrics;
pub mod moment;
pub mod permissions;
pub mod progress;
pub mod reach;
pub mod refusal;
pub mod reply;
pub mod routing;
pub mod row;
pub mod sentiment;
pub mod settings;
#[cfg(feature = "shared")]
pub mod shared_entry;
pub mod skills;
pub mod timeline;
pub mod timer;
pub mod validation;
pub mod value;
pub mod workstream;
