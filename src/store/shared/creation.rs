//! Creates the shared log in a database, and tells a host that joins what it is.
//!
//! Invariant: the log is created with all its entries in one transaction of the server.

use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use super::collect::Collected;
use super::desk::AboutLog;
use super::failures::LinkError;
use super::link::{ServerLink, ServerSession, prepared};
use super::requests::{ANSWER_TIMEOUT, COMMIT_TIMEOUT, appended};
use crate::domain::refusal::{Code, Fault};
use crate::store::genesis::Genesis;

/// What creates the log in a database.
const LOG: &str = include_str!("log.sql");

impl ServerLink {
    /// Begins a transaction that creates the log, and returns its id.
    ///
    /// # Errors
    /// `exists` if the database contains one; why the server does not allow it.
    pub fn create(&mut self, start: &Genesis, format: i64, since: i64) -> Result<Uuid, Fault> {
        let client = self.plain()?;
        let exists = "SELECT to_regnamespace('switchboard') IS NOT NULL";
        let exists = self.wait(ANSWER_TIMEOUT, client.query_one(exists, &[]))?;
        if exists.try_get(0).unwrap_or(true) {
            return Err(Fault::new(Code::Exists, "the database already contains a shared log")
                .hint(".desk join makes a file a replica of it"));
        }
        let created = self.wait(ANSWER_TIMEOUT, client.batch_execute(&format!("BEGIN; {LOG}")));
        created.map_err(|error| match error {
            LinkError::Refused(error) if *error.code() == SqlState::INSUFFICIENT_PRIVILEGE => {
                Fault::new(Code::NotAllowed, "this role may not create a shared log in the database")
                    .hint("use the role that owns the database; hosts join with roles of their own")
            }
            error => error.fault(),
        })?;
        let sql = "INSERT INTO switchboard.desk (id, genesis_format, genesis, format, format_since)
            VALUES (gen_random_uuid(), $1, $2, $3, $4) RETURNING id::text";
        let digest = start.digest.as_slice();
        let row =
            self.wait(ANSWER_TIMEOUT, client.query_one(sql, &[&start.format, &digest, &format, &since]))?;
        let id: String = row.try_get(0).unwrap_or_default();
        let prepared = self.wait(ANSWER_TIMEOUT, prepared(&client))?;
        self.session = Some(ServerSession::new(client, prepared));
        Uuid::parse_str(&id).map_err(|error| Fault::new(Code::Internal, error.to_string()))
    }

    /// Sends entries in the running transaction.
    ///
    /// # Errors
    /// Why they did not arrive.
    pub fn send(&mut self, entries: &[Collected], format: i64) -> Result<(), Fault> {
        match entries.is_empty() {
            true => Ok(()),
            false => {
                Ok(self
                    .ask_within(ANSWER_TIMEOUT, async |session| appended(session, entries, format).await)?)
            }
        }
    }

    /// Returns the timeline of the server.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn timeline(&mut self) -> Result<i64, LinkError> {
        self.ask_within(ANSWER_TIMEOUT, async |session| {
            session.client.query_one("SELECT switchboard.timeline()", &[]).await?.try_get(0)
        })
    }

    /// Commits the log that was created.
    ///
    /// # Errors
    /// `unknown` if it was not answered.
    pub fn commit_created(&mut self) -> Result<(), Fault> {
        // The owner is not a host.
        let end = "DELETE FROM switchboard.host; COMMIT";
        let committed =
            self.ask_within(COMMIT_TIMEOUT, async |session| session.client.batch_execute(end).await);
        committed.map_err(|error| match error {
            LinkError::Refused(_) => error.fault(),
            _ => Fault::new(
                Code::Unknown,
                "the server did not answer: whether the shared log was made is not known",
            )
            .hint(".desk join tells: it makes the file a replica if the log is there"),
        })
    }

    /// Returns the log as a whole.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn about(&mut self) -> Result<AboutLog, Fault> {
        let sql = "SELECT id, genesis_format, genesis, format, timeline FROM switchboard.about()";
        let rows = self.rows(sql)?;
        let read = |row: &Row| -> Result<AboutLog, Box<dyn std::error::Error>> {
            let digest: &[u8] = row.try_get(2)?;
            Ok(AboutLog {
                desk: Uuid::parse_str(row.try_get(0)?)?,
                genesis: Genesis { format: row.try_get(1)?, digest: digest.try_into()? },
                format: row.try_get(3)?,
                timeline: row.try_get(4)?,
            })
        };
        let row = rows.first().ok_or_else(|| {
            Fault::new(Code::NotFound, "the database contains no shared log")
                .hint(".desk create puts the journal of a file there")
        })?;
        read(row).map_err(|error| Fault::new(Code::Damaged, format!("the shared log is damaged: {error}")))
    }
}
