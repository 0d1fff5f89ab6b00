//! Queries about customers: by their handles, and their conversations.
//!
//! Invariant: a customer is found by any of their handles, and everything about them is that of all
//! their handles.

use super::Snapshot;
use crate::domain::handle::compared;
use crate::domain::refusal::Fault;
use crate::domain::workstream::Workstream;

/// The ids of all handles of the customer to whom the handle `?1` belongs, removed ones included.
macro_rules! handles {
    () => {
        "(SELECT customer FROM handle WHERE id = ?1 UNION ALL
            SELECT other.id FROM handle AS given JOIN handle AS other ON other.customer = given.customer AND other.customer <> other.id
            WHERE given.id = ?1)"
    };
}

/// Returns the scope in which a customer's conversations are searched: the workstream or, with one
/// conversation per customer, its lifecycle.
fn joined_on(on: &Workstream) -> (Option<i64>, Option<i64>) {
    match on.lifecycle.options.one_per_customer {
        true => (None, Some(on.lifecycle.id)),
        false => (Some(on.named.id), None),
    }
}

impl Snapshot<'_> {
    /// Returns the id of a handle that names a customer.
    pub fn handle_named(&self, handle: &str) -> Result<Option<i64>, Fault> {
        self.one("SELECT id FROM handle WHERE compared = ?1", [compared(handle)], |row| row.get(0))
    }

    /// Returns the customer to whom a handle belongs.
    pub fn customer_of(&self, handle: i64) -> Result<i64, Fault> {
        self.number("SELECT customer FROM handle WHERE id = ?1", [handle])
    }

    /// Returns the handle by which the customer to whom a handle belongs is shown.
    pub fn shown_handle(&self, handle: i64) -> Result<Option<String>, Fault> {
        let sql = "SELECT handle FROM shown_customer WHERE id = ?1";
        self.one(sql, [handle], |row| row.get(0)).map(Option::flatten)
    }

    /// Returns the text that is the name of a customer.
    pub fn name_of_customer(&self, customer: i64) -> Result<Option<i64>, Fault> {
        let sql = "SELECT value FROM setting WHERE kind = 'customer' AND object = ?1 AND name = 'name'";
        self.one(sql, [customer], |row| row.get(0)).map(Option::flatten)
    }

    /// Returns the handle with this id as it was first written, or `None` once it is erased.
    pub fn handle(&self, id: i64) -> Result<Option<String>, Fault> {
        self.one("SELECT handle FROM customer WHERE id = ?1", [id], |row| row.get(0)).map(Option::flatten)
    }

    /// Returns the ids of the handles that name the customer to whom a handle belongs, in the order in
    /// which they were first written.
    pub fn handles_beside(&self, handle: i64) -> Result<Vec<i64>, Fault> {
        let sql = concat!(
            "SELECT id FROM handle WHERE id IN ",
            handles!(),
            " AND compared IS NOT NULL ORDER BY id"
        );
        self.many(sql, [handle], |row| row.get(0))
    }

    /// Returns the lifecycles that allow one conversation per customer and in which the customer to
    /// whom a handle belongs has an open one, each with its newest.
    pub fn only_conversations(&self, handle: i64) -> Result<Vec<(i64, i64)>, Fault> {
        let sql = concat!(
            "SELECT opening.lifecycle, max(opening.id) FROM opening JOIN conversation ON conversation.id = opening.id
                JOIN setting ON setting.kind = 'lifecycle' AND setting.object = opening.lifecycle
                    AND setting.name = 'one_per_customer' AND setting.value = 'on'
                WHERE opening.customer IN ",
            handles!(),
            " AND conversation.phase NOT IN ('closing', 'closed') GROUP BY opening.lifecycle ORDER BY opening.lifecycle"
        );
        self.many(sql, [handle], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Returns the open conversations on a workstream of the customer to whom a handle belongs, the
    /// newest first. With one conversation per customer, those of its lifecycle on any workstream are
    /// included.
    pub fn open_of(&self, handle: i64, on: &Workstream) -> Result<Vec<i64>, Fault> {
        let (workstream, lifecycle) = joined_on(on);
        let sql = concat!(
            "SELECT conversation.id FROM opening JOIN conversation ON conversation.id = opening.id
                WHERE opening.customer IN ",
            handles!(),
            " AND (?2 IS NULL OR opening.workstream = ?2) AND (?3 IS NULL OR opening.lifecycle = ?3)
                    AND conversation.phase NOT IN ('closing', 'closed')
                ORDER BY opening.id DESC LIMIT 100"
        );
        self.many(sql, (handle, workstream, lifecycle), |row| row.get(0))
    }

    /// Returns that customer's last conversation in the same scope, open or not.
    pub fn last_of(&self, handle: i64, on: &Workstream) -> Result<Option<i64>, Fault> {
        let (workstream, lifecycle) = joined_on(on);
        let sql = concat!(
            "SELECT max(id) FROM opening WHERE customer IN ",
            handles!(),
            " AND (?2 IS NULL OR workstream = ?2) AND (?3 IS NULL OR lifecycle = ?3)"
        );
        self.one(sql, (handle, workstream, lifecycle), |row| row.get(0)).map(Option::flatten)
    }

    /// Returns the agent of that customer's last conversation on a workstream that was assigned to
    /// one.
    pub fn last_agent_of(&self, handle: i64, workstream: i64) -> Result<Option<i64>, Fault> {
        let sql = concat!(
            "SELECT last_agent FROM opening JOIN conversation USING (id)
                WHERE opening.customer IN ",
            handles!(),
            " AND opening.workstream = ?2 AND last_agent IS NOT NULL ORDER BY opening.id DESC LIMIT 1"
        );
        self.one(sql, [handle, workstream], |row| row.get(0))
    }
}
