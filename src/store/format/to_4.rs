//! From format 3 to 4: a file can be the replica of a log that several hosts share.
//!
//! Invariant: the log keeps its rows, and the file stands alone as before. A statement that was purged
//! in a format before 3 gets its digest beside it, as it has since, so that a replica has the same rows.

use super::Migration;

const SQL: &str = "
    UPDATE entry SET digest = (SELECT value FROM change WHERE object = entry.seq AND kind = 'entry' AND name = 'purged')
        WHERE statement IS NULL AND digest IS NULL;
    INSERT INTO change_kind (kind, name, follows, item, value, optional, minimum, maximum, choices, initial) VALUES
        ('site', 'left', 'setting', '', 'text', 0, 36, 36, '', NULL);";

pub(super) fn migration() -> Migration {
    Migration { to: 4, created: vec!["replica".to_owned()], sql: SQL.to_owned(), ..Migration::default() }
}
