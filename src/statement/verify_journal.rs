//! VERIFY JOURNAL: recomputes the hash of every entry, and the state from the log, and compares both with the file.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Handler, StatementDef};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "VERIFY JOURNAL [AGAINST <head:plain>]",
    summary: "Recomputes the hash of every entry, and the state from the log, and compares both with the file. AGAINST: also checks that the given head was one of this file.",
    example: "VERIFY JOURNAL",
    right: Right::Anybody,
    handler: Handler::Verify,
};
