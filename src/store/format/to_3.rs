//! From format 2 to 3: closed conversations can be purged, by a statement or after the retention time.
//!
//! Invariant: the log keeps its rows. A statement that a change had purged gets its digest beside it.

use super::Migration;

const SQL: &str = "
    CREATE INDEX conversation_unpurged ON conversation (closed_at) WHERE closed_at IS NOT NULL AND archived < 3;
    INSERT INTO change_kind (kind, name, follows, item, value, optional, minimum, maximum, choices, initial) VALUES
        ('site', 'retention', 'setting', '', 'integer', 0, 2592000000, 3153600000000, 'off', 'off'),
        ('conversation', 'purged', 'conversation', '', 'none', 0, 0, 0, '', NULL);";

pub(super) fn migration() -> Migration {
    Migration { to: 3, sql: SQL.to_owned(), rebuilt: vec!["entry".to_owned()], ..Migration::default() }
}
