//! BACKUP TO: writes a verified copy of the file, while others write.
//!
//! Invariant: the reply is that of a whole backup. This module deliberately does not know how a file
//! is copied.

use std::path::Path;

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::definition::Services;
use crate::statement::{Call, Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Care,
    syntax: "BACKUP TO <file:plain> [OVERWRITE]",
    summary: "Writes a compact copy of the file as it is now, while others write, and verifies it. The name is given to it only when it is whole. OVERWRITE: replaces an earlier backup. Keep the head that it returns elsewhere: VERIFY JOURNAL AGAINST it proves that nothing was lost.",
    example: "BACKUP TO 'backup.db' OVERWRITE",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Direct { run: backup, explain: None, writes: false },
};

fn backup(services: &mut dyn Services, call: &Call<'_>) -> Result<Reply, Error> {
    let file = call.arguments.text("file").unwrap_or_default();
    let made = services.backup(call, Path::new(file), call.arguments.has("OVERWRITE"))?;
    let mut reply = Reply::with_columns(&["file", "entries", "head", "bytes"]);
    reply.rows.push(vec![
        file.into(),
        made.entries.into(),
        format!("{}:{}", made.entries, made.head).into(),
        i64::try_from(made.bytes).unwrap_or(i64::MAX).into(),
    ]);
    Ok(reply)
}
