//! Standard input, read on demand and decoded to text.
//!
//! Invariant: nothing is read before it is requested, so that a program at the other end gets its
//! reply before more input is awaited. Reading never blocks an interrupt, because it runs in its
//! own thread. This module deliberately does not know statements.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::interrupt::Interrupts;

/// The maximum number of bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Replaces invalid bytes in the text. No statement can contain this character.
pub const NO_TEXT: char = '\0';

/// The result of a read.
#[derive(Debug)]
pub enum Arrival {
    /// Bytes were read.
    Bytes(Vec<u8>),
    /// The end of the input.
    End,
    /// Reading failed.
    Failed(io::Error),
    /// A signal asked the program to stop.
    Stopped,
}

/// A source of statements.
pub trait Input {
    /// Waits for more input.
    fn more(&mut self) -> Arrival;
}

/// Standard input, read in a separate thread.
pub struct StandardInput {
    wanted: Sender<()>,
    arrivals: Receiver<Arrival>,
}

impl StandardInput {
    /// Opens standard input; a signal ends the wait for it.
    ///
    /// # Errors
    /// The operating system cannot create a thread.
    pub fn open(interrupts: &Interrupts) -> io::Result<StandardInput> {
        let (wanted, wishes) = channel();
        let (sender, arrivals) = channel();
        let waker = sender.clone();
        interrupts.wake(Box::new(move || waker.send(Arrival::Stopped).unwrap_or_default()));
        let reading = move || {
            let mut stdin = io::stdin();
            while wishes.recv().is_ok() && sender.send(chunk(&mut stdin)).is_ok() {}
        };
        thread::Builder::new().name("input".to_owned()).spawn(reading)?;
        Ok(StandardInput { wanted, arrivals })
    }
}

impl Input for StandardInput {
    fn more(&mut self) -> Arrival {
        if self.wanted.send(()).is_err() {
            return Arrival::End;
        }
        self.arrivals.recv().unwrap_or(Arrival::End)
    }
}

/// An input that is read in the calling thread.
pub struct ReaderInput<R>(pub R);

impl<R: Read> Input for ReaderInput<R> {
    fn more(&mut self) -> Arrival {
        chunk(&mut self.0)
    }
}

fn chunk(from: &mut impl Read) -> Arrival {
    let mut bytes = vec![0; CHUNK];
    loop {
        match from.read(&mut bytes) {
            Ok(0) => return Arrival::End,
            Ok(length) => {
                bytes.truncate(length);
                return Arrival::Bytes(bytes);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Arrival::Failed(error),
        }
    }
}

/// Decodes bytes that arrive in pieces; invalid UTF-8 becomes [`NO_TEXT`].
#[derive(Debug, Default)]
pub struct Decoder {
    /// The first bytes of an incomplete character.
    held: Vec<u8>,
}

impl Decoder {
    /// Returns the text up to the last complete character.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut text = String::with_capacity(held.len());
        let mut read = 0;
        for piece in held.utf8_chunks() {
            text.push_str(piece.valid());
            read += piece.valid().len();
            let rest = &held[read..];
            let unfinished = std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
            if unfinished && rest.len() == piece.invalid().len() {
                self.held = rest.to_vec();
            } else if !piece.invalid().is_empty() {
                text.push(NO_TEXT);
            }
            read += piece.invalid().len();
        }
        text
    }

    /// Returns what is left at the end: a character that was never completed.
    pub fn end(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() { String::new() } else { NO_TEXT.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], size: usize) -> String {
        let mut decoder = Decoder::default();
        let mut text: String = bytes.chunks(size).map(|chunk| decoder.decode(chunk)).collect();
        text.push_str(&decoder.end());
        text
    }

    #[test]
    fn characters_may_come_in_pieces() {
        for (bytes, text) in [
            (&b"a\xc3\xa9\xe6\x97\xa5\xf0\x9f\x94\xa7"[..], "aé日🔧"),
            (b"M\xfcller;", "M\0ller;"),
            (b"a\xe6\x97", "a\0"),
            (b"\xff\xfe", "\0\0"),
            (b"", ""),
        ] {
            for size in [1, 2, 3, 99] {
                assert_eq!(decoded(bytes, size), text, "{bytes:?} by {size}");
            }
        }
    }
}
