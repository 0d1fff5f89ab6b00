//! The output of FOLLOW: pass after pass, to a reader that may be slow or go away.
//!
//! Invariant: waiting for a slow reader can be stopped. What was written then ends with a complete
//! line, unless a line is longer than a pipe accepts at once. This module deliberately does not
//! know where the passes come from.

use std::io::{self, Write};
use std::time::Duration;

use super::super::render::{self, Format, StreamState};
use super::super::terminal::{self, ReaderState};
use super::{Lasting, Replies};
use crate::domain::reply::Reply;
use crate::engine::clock;

/// The number of bytes that a pipe accepts at once if it accepts any.
const AT_ONCE: usize = 4096;
/// The time to wait for a slow reader between two checks whether to stop.
const PATIENCE: Duration = Duration::from_millis(100);

/// The result of writing a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It was written completely.
    All,
    /// The reader accepted nothing, and `stop` returned true.
    Stopped,
    /// It cannot be written; see [`Replies::failure`].
    Unread,
}

impl Replies {
    /// Writes a pass of FOLLOW. Waits for a slow reader until `stop` returns true, because it may
    /// be a pager that somebody has left open.
    ///
    /// # Errors
    /// The same as [`Replies::reply`].
    pub fn pass(
        &mut self,
        reply: &Reply,
        stream: &mut StreamState,
        stop: impl Fn() -> bool,
    ) -> io::Result<Sent> {
        let options = self.options();
        let mut bytes = Vec::new();
        let out = self.diverted.as_mut().map_or(&mut self.stdout, |diversion| &mut diversion.output);
        // A document has one head per destination.
        if options.format == Format::Html && out.begin_document() {
            render::html_head(&mut bytes, &self.settings.file, clock::now(), &options.display_clock)?;
        }
        if let Some(diversion) = &mut self.diverted {
            diversion.output.write_all(&bytes)?;
            render::pass(&mut diversion.output, reply, &options, stream)?;
            return diversion.output.flush().map(|()| Sent::All);
        }
        render::pass(&mut bytes, reply, &options, stream)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match terminal::reader(PATIENCE) {
                ReaderState::Slow if stop() => return Ok(Sent::Stopped),
                ReaderState::Slow => continue,
                // If the reader is gone, the write below fails and records why.
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

    /// Returns whether the output is still read. It is called while there is nothing to write.
    pub fn is_read(&mut self) -> bool {
        if self.diverted.is_none() && terminal::reader(Duration::ZERO) == ReaderState::Gone {
            self.stdout.reader_went_away();
        }
        self.failure().is_none()
    }

    /// Ends a diversion for one reply after the last pass, because all passes are one reply.
    pub fn followed(&mut self) {
        self.diverted = self.diverted.take().filter(|diversion| diversion.lasting == Lasting::UntilTold);
    }
}

/// Returns how many bytes to write at once: complete lines, unless a line is longer than
/// [`AT_ONCE`].
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
