//! What the log has after an entry, read from the server's rows.

use tokio_postgres::Row;

use crate::domain::journal::Hash;
use crate::domain::shared_entry::{SharedEntry, Word, WordContent, WordKind};

/// What the log has after an entry.
#[derive(Debug, Default)]
pub struct News {
    /// The hash of that entry, or the start of the chain; `None` if the log is shorter.
    pub hash: Option<Hash>,
    /// The id of the log.
    pub desk: String,
    /// The server's clock, in ms since 1970 UTC.
    pub clock: i64,
    /// The timeline of the server.
    pub timeline: i64,
    /// The format in which hosts write.
    pub format: i64,
    /// The first entry that has it.
    pub format_since: i64,
    /// The last entry of the log.
    pub last: i64,
    /// The next entries.
    pub entries: Vec<SharedEntry>,
}

impl News {
    /// Returns whether the log has more entries after these.
    pub fn more(&self, head: i64) -> bool {
        self.entries.last().map_or(head, |entry| entry.seq) < self.last
    }
}

/// Reads the rows of `switchboard.newer`.
///
/// # Errors
/// A column has another type.
pub fn read(rows: &[Row]) -> Result<News, tokio_postgres::Error> {
    let mut news = News::default();
    let Some((about, rows)) = rows.split_first() else { return Ok(news) };
    news.hash = about.try_get::<_, Option<&[u8]>>("hash")?.and_then(hash);
    news.desk = about.try_get("desk")?;
    news.clock = about.try_get("clock")?;
    news.timeline = about.try_get("timeline")?;
    news.format = about.try_get("format")?;
    news.format_since = about.try_get("format_since")?;
    news.last = about.try_get("last")?;
    for row in rows {
        let seq: i64 = row.try_get(0)?;
        if news.entries.last().is_none_or(|entry| entry.seq != seq) {
            news.entries.push(SharedEntry {
                seq,
                hash: hash(row.try_get(1)?).unwrap_or_default(),
                rows: row.try_get(2)?,
                words: Vec::new(),
                host: row.try_get(3)?,
            });
        }
        if let (Some(word), Some(entry)) = (word(row)?, news.entries.last_mut()) {
            entry.words.push(word);
        }
    }
    Ok(news)
}

fn hash(bytes: &[u8]) -> Option<Hash> {
    bytes.try_into().ok()
}

/// Reads the word of a row; bytes that are none give no word, and the entry is then refused.
fn word(row: &Row) -> Result<Option<Word>, tokio_postgres::Error> {
    let Some(kind) = row.try_get::<_, Option<i8>>(4)?.and_then(WordKind::from_letter) else {
        return Ok(None);
    };
    let id = row.try_get(5)?;
    let salt: Option<Vec<u8>> = row.try_get(6)?;
    let body: Option<Vec<u8>> = row.try_get(7)?;
    let digest = row.try_get::<_, Option<&[u8]>>(8)?.and_then(hash);
    let content = match (salt, body.map(String::from_utf8), digest) {
        (Some(salt), Some(Ok(body)), _) => WordContent::Present { salt, body },
        (_, None, Some(digest)) => WordContent::Erased(digest),
        _ => return Ok(None),
    };
    Ok(Some(Word { kind, id, content }))
}
