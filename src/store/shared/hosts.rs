//! The hosts of the shared log: how far this one has come, and all of them.

use std::time::{Duration, Instant};

use super::failures::LinkError;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Fault};
use crate::domain::reply::Reply;
use crate::domain::value::Value;
use crate::store::Store;
use crate::store::replica::{HOSTS, no_hosts};

/// How often a host tells how far it has come, at most.
const REPORT: Duration = Duration::from_secs(1);
/// How long it is silent at most while it queries.
const SILENCE: Duration = Duration::from_secs(10);

impl Store {
    /// Tells the log how far this host has come, now and then.
    pub(super) fn report(&mut self, head: i64, has_news: bool) {
        let Some(shared) = &mut self.shared else { return };
        let pause = if has_news { REPORT } else { SILENCE };
        if shared.reported.is_none_or(|last| last.elapsed() > pause) {
            shared.reported = Some(Instant::now());
            // It is only for SHOW HOSTS.
            let _ = shared.link.seen(head);
        }
    }

    /// Lets the log tell of entries of other hosts from now on.
    pub fn listen(&mut self) {
        if let Some(shared) = &mut self.shared {
            shared.link.listen();
        }
    }

    /// Returns how often the log told of entries, or was played.
    pub(in crate::store) fn notified(&mut self) -> i64 {
        self.shared.as_mut().map_or(0, |shared| shared.link.notified() + shared.plays)
    }

    /// Returns the hosts of the log.
    ///
    /// # Errors
    /// `busy` if the log cannot be reached.
    pub fn hosts(&mut self) -> Result<Reply, Error> {
        let Some(shared) = &mut self.shared else { return Ok(no_hosts(self.replica.as_ref())) };
        let sql = "SELECT host::text, seen, last, at, own FROM switchboard.hosts()";
        let rows = shared.link.rows(sql).map_err(LinkError::fault)?;
        let mut reply = Reply::with_columns(&HOSTS);
        for row in rows {
            let read = || -> Result<Vec<Value>, tokio_postgres::Error> {
                let (seen, last): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
                let own = if row.try_get(4)? { "yes" } else { "no" };
                Ok(vec![
                    row.try_get::<_, String>(0)?.into(),
                    seen.into(),
                    (last - seen).max(0).into(),
                    Moment(row.try_get(3)?).to_string().into(),
                    own.into(),
                ])
            };
            let read = read().map_err(|error| Fault::new(Code::Internal, error.to_string()))?;
            reply.rows.push(read);
        }
        Ok(reply)
    }
}
