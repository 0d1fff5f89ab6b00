//! Queries for erasing a customer: what is kept about them, and where else they are mentioned.
//!
//! Invariant: every text is listed with the digest that stands in the chain for it, so that the log
//! verifies without it.

use super::Snapshot;
use crate::domain::handle::compared;
use crate::domain::journal::{Hash, salted_digest};
use crate::domain::refusal::Fault;
use crate::domain::reply::Reply;

/// The conversations of the customer ?1.
const CONVERSATIONS: &str = "(SELECT opening.id FROM handle JOIN opening ON opening.customer = handle.id
        WHERE handle.id = ?1 OR handle.customer = ?1 AND handle.customer <> handle.id)";

/// The handles of the customer ?1.
const HANDLES: &str = "SELECT id FROM handle WHERE id = ?1 OR customer = ?1 AND customer <> id";

/// Something personal: its id, and the digest that the chain covers.
pub type Words = (i64, Hash);

/// A report whose SELECT names a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamingReport {
    /// The name of the report.
    pub report: String,
    /// Its SELECT.
    pub select: Words,
}

/// A conversation of somebody else in which a customer is mentioned, and how often.
pub type Mention = (i64, i64);

impl Snapshot<'_> {
    /// Returns a customer's open conversations.
    pub fn open_conversations(&self, customer: i64) -> Result<Vec<i64>, Fault> {
        let sql = format!(
            "SELECT id FROM conversation WHERE id IN {CONVERSATIONS} AND phase <> 'closed' ORDER BY id"
        );
        self.many(&sql, [customer], |row| row.get(0))
    }

    /// Returns a customer's conversations that are archived.
    pub fn archived_conversations(&self, customer: i64) -> Result<Vec<i64>, Fault> {
        let sql =
            format!("SELECT conversation FROM archive WHERE conversation IN {CONVERSATIONS} ORDER BY 1");
        self.many(&sql, [customer], |row| row.get(0))
    }

    /// Returns the handles of a customer that are not erased, removed ones included.
    pub fn handles_to_erase(&self, customer: i64) -> Result<Vec<(Words, String)>, Fault> {
        let sql = format!(
            "SELECT id, salt, handle FROM customer WHERE id IN ({HANDLES}) AND handle IS NOT NULL ORDER BY id"
        );
        self.many(&sql, [customer], |row| {
            let (salt, handle): (Vec<u8>, String) = (row.get(1)?, row.get(2)?);
            Ok(((row.get(0)?, salted_digest(&salt, &handle)), handle))
        })
    }

    /// Returns the texts about a customer: their name, and the subjects, bodies and reasons of their
    /// conversations.
    pub fn texts_to_erase(&self, customer: i64) -> Result<Vec<Words>, Fault> {
        let sql = format!(
            "SELECT text.id, salt, coalesce(body, switchboard_unpacked(bodies, text.id)) FROM text
                LEFT JOIN message ON message.id = text.message LEFT JOIN archive ON archive.conversation = message.conversation
                WHERE salt IS NOT NULL AND text.id IN (
                    SELECT subject FROM opening WHERE id IN {CONVERSATIONS}
                    UNION ALL SELECT value FROM change WHERE object IN {CONVERSATIONS} AND kind = 'conversation' AND name = 'subject'
                    UNION ALL SELECT text FROM message WHERE message.conversation IN {CONVERSATIONS}
                    UNION ALL SELECT reason FROM transition WHERE transition.conversation IN {CONVERSATIONS}
                    UNION ALL SELECT value FROM change WHERE object IN ({HANDLES}) AND kind = 'customer' AND name = 'name')
                ORDER BY text.id"
        );
        self.many(&sql, [customer], |row| {
            let (salt, body): (Vec<u8>, String) = (row.get(1)?, row.get(2)?);
            Ok((row.get(0)?, salted_digest(&salt, &body)))
        })
    }

    /// Returns the keys of statements about a customer, and how many of entries of format 1 have to
    /// stay, because their hash covers the key itself.
    pub fn keys_to_erase(&self, customer: i64) -> Result<(Vec<Words>, usize), Fault> {
        let about = entries_about();
        let sql = format!(
            "SELECT entry, salt, key FROM key WHERE key IS NOT NULL AND entry IN ({about}) ORDER BY entry"
        );
        let found: Vec<(i64, Option<Vec<u8>>, String)> =
            self.many(&sql, [customer], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let all = found.len();
        let keys: Vec<Words> =
            found.into_iter().filter_map(|(id, salt, key)| Some((id, salted_digest(&salt?, &key)))).collect();
        let stay = all - keys.len();
        Ok((keys, stay))
    }

    /// Returns the keys of statements about a customer as rows: `key, at, actor`.
    pub fn keys_about(&self, customer: i64) -> Result<Reply, Fault> {
        let about = entries_about();
        let sql = format!(
            "SELECT key, at, actor FROM journal WHERE key IS NOT NULL AND seq IN ({about}) ORDER BY seq"
        );
        self.query(&sql, &[customer.into()])
    }

    /// Returns a customer's conversations.
    pub fn conversations_of(&self, customer: i64) -> Result<Vec<i64>, Fault> {
        self.many(
            &format!("SELECT id FROM conversation WHERE id IN {CONVERSATIONS} ORDER BY id"),
            [customer],
            |row| row.get(0),
        )
    }

    /// Returns the reports whose SELECT, present or past, names one of the handles.
    pub fn reports_naming(&self, handles: &[String]) -> Result<Vec<NamingReport>, Fault> {
        let sql = "SELECT object.name, text.id, salt, body FROM change JOIN text ON text.id = change.value
                JOIN object ON object.kind = 'report' AND object.id = change.object
            WHERE change.kind = 'report' AND change.name = 'sql' AND salt IS NOT NULL AND body IS NOT NULL ORDER BY text.id";
        let found: Vec<(String, i64, Vec<u8>, String)> =
            self.many(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let wanted = needles(handles);
        let naming = found.into_iter().filter(|(_, _, _, body)| mentions(body, &wanted));
        Ok(naming
            .map(|(report, id, salt, body)| NamingReport {
                report,
                select: (id, salted_digest(&salt, &body)),
            })
            .collect())
    }

    /// Returns the conversations of other customers whose messages, notes or subject mention one of the
    /// handles, with how many texts do.
    pub fn mentions_elsewhere(&self, customer: i64, handles: &[String]) -> Result<Vec<Mention>, Fault> {
        let sql = format!(
            "SELECT written.conversation, coalesce(body, switchboard_unpacked(bodies, text.id)) FROM (
                    SELECT conversation, text FROM message WHERE text IS NOT NULL AND conversation NOT IN {CONVERSATIONS}
                    UNION ALL SELECT id, subject FROM conversation WHERE subject IS NOT NULL AND id NOT IN {CONVERSATIONS}) AS written
                JOIN text ON text.id = written.text
                LEFT JOIN message ON message.id = text.message LEFT JOIN archive ON archive.conversation = message.conversation
                WHERE salt IS NOT NULL ORDER BY written.conversation"
        );
        let wanted = needles(handles);
        let found: Vec<Option<i64>> = self.many(&sql, [customer], |row| {
            let body: Option<String> = row.get(1)?;
            let names = body.is_some_and(|body| mentions(&body, &wanted));
            names.then(|| row.get(0)).transpose()
        })?;
        let mut counted: Vec<Mention> = Vec::new();
        for conversation in found.into_iter().flatten() {
            match counted.last_mut().filter(|(last, _)| *last == conversation) {
                Some((_, count)) => *count += 1,
                None => counted.push((conversation, 1)),
            }
        }
        Ok(counted)
    }
}

/// The entries that opened a conversation of the customer ?1, wrote in one, or connected them to one.
fn entries_about() -> String {
    format!(
        "SELECT entry FROM opening WHERE id IN {CONVERSATIONS}
            UNION ALL SELECT entry FROM message WHERE conversation IN {CONVERSATIONS}
            UNION ALL SELECT entry FROM change WHERE object IN {CONVERSATIONS} AND kind = 'session'"
    )
}

/// What to look for: each handle as written and as compared, without case.
fn needles(handles: &[String]) -> Vec<String> {
    let mut needles: Vec<String> =
        handles.iter().flat_map(|handle| [handle.to_lowercase(), compared(handle)]).collect();
    needles.sort_unstable();
    needles.dedup();
    needles
}

fn mentions(body: &str, needles: &[String]) -> bool {
    let body = body.to_lowercase();
    needles.iter().any(|needle| body.contains(needle.as_str()))
}
