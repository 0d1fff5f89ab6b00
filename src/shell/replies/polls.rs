//! The way out for what is followed: pass after pass, to a reader who may be slow, or leave.
//!
//! Invariant: whoever waits for a reader can be told to stop; what is out then ends with a whole line, unless a line is
//! longer than a pipe takes at once. It deliberately does not know where the passes come from.

use std::io::{self, Write};
use std::time::Duration;

use super::super::render::{self, Format, StreamState};
use super::super::terminal::{self, ReaderState};
use super::{Lasting, Replies};
use crate::domain::reply::Reply;
use crate::engine::clock;

/// As much as a pipe that takes anything takes at once.
const AT_ONCE: usize = 4096;
/// How long a reader that takes nothing is waited for before it is asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(100);

/// What became of a pass that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// All of it is out.
    All,
    /// The reader took nothing, and it was told to stop.
    Stopped,
    /// It cannot be written; see [`Replies::failure`].
    Unread,
}

impl Replies {
    /// Writes a pass of what is followed. A reader that takes nothing is waited for until `stop` says otherwise: he may
    /// be a pager that somebody has left standing.
    ///
    /// # Errors
    /// As [`Replies::reply`].
    pub fn pass(
        &mut self,
        reply: &Reply,
        told: &mut StreamState,
        stop: impl Fn() -> bool,
    ) -> io::Result<Sent> {
        let look = self.look();
        let mut bytes = Vec::new();
        let out = self.diverted.as_mut().map_or(&mut self.stdout, |diversion| &mut diversion.output);
        // A document begins once in each place where answers go.
        if look.format == Format::Html && out.begin_document() {
            render::html_head(&mut bytes, &self.traits.file, clock::now(), &look.wall)?;
        }
        if let Some(diversion) = &mut self.diverted {
            diversion.output.write_all(&bytes)?;
            render::pass(&mut diversion.output, reply, &look, told)?;
            return diversion.output.flush().map(|()| Sent::All);
        }
        render::pass(&mut bytes, reply, &look, told)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match terminal::reader(PATIENCE) {
                ReaderState::Slow if stop() => return Ok(Sent::Stopped),
                ReaderState::Slow => continue,
                // Of one that went away the writing knows why.
                ReaderState::Ready | ReaderState::Gone => {}
            }
            let (now, later) = rest.split_at(whole_lines(rest));
            if self.stdout.write_all(now).and_then(|()| self.stdout.flush()).is_err() {
                return Ok(Sent::Unread);
            }
            rest = later;
        }
        Ok(Sent::All)
    }

    /// Whether anybody reads the answers: asked while there are none.
    pub fn is_read(&mut self) -> bool {
        if self.diverted.is_none() && terminal::reader(Duration::ZERO) == ReaderState::Gone {
            self.stdout.reader_went_away();
        }
        self.failure().is_none()
    }

    /// All passes are out: together they were one answer.
    pub fn followed(&mut self) {
        self.diverted = self.diverted.take().filter(|diversion| diversion.lasting == Lasting::UntilTold);
    }
}

/// How much is written at once: whole lines, as long as they are no longer than that.
fn whole_lines(bytes: &[u8]) -> usize {
    let most = bytes.len().min(AT_ONCE);
    bytes[..most].iter().rposition(|byte| *byte == b'\n').map_or(most, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_written_whole_as_long_as_they_are_short() {
        assert_eq!(whole_lines(b"one\ntwo\nthr"), 8);
        assert_eq!(whole_lines(b"one"), 3);
        let long = [b"one\n".to_vec(), vec![b'x'; 9_000]].concat();
        assert_eq!(whole_lines(&long), 4);
        assert_eq!(whole_lines(&long[4..]), AT_ONCE);
    }
}
