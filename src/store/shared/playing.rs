//! Plays what is new in the log into the file, in the running transaction.
//!
//! Invariant: entries are played in order, all of them that the file accepts; the first one that it
//! refuses is named, and nothing after it is played.

use super::news::News;
use super::play::{Rules, Unplayed, play};
use crate::domain::progress::{ProgressListener, Step, Unit};
use crate::domain::refusal::{Code, Fault};
use crate::domain::shared_entry::SharedEntry;
use crate::store::scrub::{self, Scrub};
use crate::store::snapshot::{Head, Snapshot};
use crate::store::sqlite_error::sqlite_fault;
use crate::store::{Store, as_of, file, schema};

impl Store {
    /// Plays news in the running transaction and commits it. Returns whether erased words had to be
    /// removed from the free space of the file, which takes long.
    pub(super) fn play(&mut self, news: &News, progress: &ProgressListener) -> Result<bool, Fault> {
        let head = self.head()?;
        if head.left_open {
            return Err(Fault::new(
                Code::Unlogged,
                format!("another program left entry {} of the file open", head.entry + 1),
            )
            .hint("move the file away and .desk join again (docs/OPERATIONS.md)"));
        }
        // Another program of this host may have played some of them.
        let from = news.entries.iter().position(|entry| entry.seq > head.entry).unwrap_or(news.entries.len());
        let entries = &news.entries[from..];
        let since = self.rules_since(news);
        match self.play_all(entries, since, &head, progress) {
            Ok(scrub) => self.commit_played(scrub),
            Err((_, Unplayed::Failed(fault))) => Err(fault),
            Err((place, Unplayed::Refused(words))) => {
                // What comes before it is played.
                file::end(&self.connection, "ROLLBACK")?;
                self.execute("BEGIN IMMEDIATE")?;
                let scrub = self
                    .play_all(&entries[..place], since, &head, progress)
                    .map_err(|(_, error)| poison(&entries[place], error))?;
                self.commit_played(scrub)?;
                self.execute("BEGIN IMMEDIATE")?;
                Err(poison(&entries[place], Unplayed::Refused(words)))
            }
        }
    }

    /// Returns the first entry that the rules of this program's format check. Earlier ones were checked by
    /// those of their own format; until a host has upgraded the log, these are all.
    fn rules_since(&self, news: &News) -> i64 {
        if news.format < self.format.newest.number { i64::MAX } else { news.format_since }
    }

    /// Plays entries after the head. An error comes with the place of its entry.
    fn play_all(
        &mut self,
        entries: &[SharedEntry],
        format_since: i64,
        head: &Head,
        progress: &ProgressListener,
    ) -> Result<Scrub, (usize, Unplayed)> {
        let (mut previous, mut scrub) = (head.hash, Scrub::None);
        let earlier = entries.iter().filter(|entry| entry.seq < format_since).count();
        let mut rules = Vec::new();
        self.cache.clear();
        self.head = None;
        if earlier > 0 {
            rules = self.without_rules().map_err(|fault| (0, fault.into()))?;
        }
        for (place, entry) in entries.iter().enumerate() {
            if place == earlier {
                self.create_again(&std::mem::take(&mut rules)).map_err(|fault| (place, fault.into()))?;
            }
            let with = if place < earlier { Rules::Earlier } else { Rules::Present };
            let snapshot = Snapshot::new(&self.connection, &self.cache, self.format);
            scrub = scrub.max(play(&snapshot, entry, &previous, with).map_err(|unplayed| (place, unplayed))?);
            previous = entry.hash;
            let done = entry.seq.unsigned_abs();
            progress.tell(Step { doing: "playing the log", done, total: None, unit: Unit::Entries });
        }
        self.create_again(&rules).map_err(|fault| (entries.len(), fault.into()))?;
        Ok(scrub)
    }

    /// Drops the rules of the schema and returns the SQL that creates them again.
    fn without_rules(&self) -> Result<Vec<String>, Fault> {
        let mut dropped = Vec::new();
        for rule in schema::objects(&self.connection)?.into_iter().filter(as_of::is_rule) {
            self.connection
                .execute_batch(&format!("DROP {} \"{}\"", rule.kind, rule.name))
                .map_err(sqlite_fault)?;
            dropped.push(rule.sql);
        }
        Ok(dropped)
    }

    fn create_again(&self, rules: &[String]) -> Result<(), Fault> {
        rules.iter().try_for_each(|sql| self.connection.execute_batch(sql).map_err(sqlite_fault))
    }

    fn commit_played(&mut self, scrub: Scrub) -> Result<bool, Fault> {
        if scrub > Scrub::None {
            scrub::announce(&self.path)?;
        }
        self.execute("COMMIT")?;
        if scrub == Scrub::AtCommit {
            self.warnings.extend(scrub::finish(&self.connection, &self.path));
            self.version = None;
        }
        if let Some(shared) = &mut self.shared {
            shared.plays += 1;
            shared.unscrubbed |= scrub == Scrub::Later;
        }
        Ok(scrub == Scrub::AtCommit)
    }
}

/// Returns the fault of an entry that no host accepts.
fn poison(entry: &SharedEntry, error: Unplayed) -> Fault {
    let words = match error {
        Unplayed::Refused(words) => words,
        Unplayed::Failed(fault) => return fault,
    };
    let SharedEntry { seq, host, .. } = entry;
    Fault::new(
        Code::Damaged,
        format!("entry {seq} of the shared log, which host {host} appended, is invalid: {words}"),
    )
    .hint(format!(
        "if other hosts accept it, this file is at fault: move it away and .desk join again; if none does, the owner of the log sets it aside: SELECT switchboard.set_aside({seq}, 'why') (docs/OPERATIONS.md)"
    ))
}
