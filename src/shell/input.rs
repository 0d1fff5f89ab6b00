//! Standard input as it arrives, and as text.
//!
//! Invariant: nothing is read before it is asked for, so that a program at the other end has its
//! answer before we wait for more. Reading never blocks the interruption of a run: it happens on a
//! thread of its own. It deliberately does not know statements.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::interrupt::Interrupts;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// Stands in the text for bytes that are none. No statement can hold this character.
pub const NO_TEXT: char = '\0';

/// What came in.
#[derive(Debug)]
pub enum Arrival {
    /// Bytes.
    Bytes(Vec<u8>),
    /// There is no more.
    End,
    /// Reading failed.
    Failed(io::Error),
    /// Somebody wants us to stop.
    Stopped,
}

/// Where statements come from.
pub trait Input {
    /// Waits for more.
    fn more(&mut self) -> Arrival;
}

/// Standard input, read on a thread of its own.
pub struct StandardInput {
    wanted: Sender<()>,
    arrivals: Receiver<Arrival>,
}

impl StandardInput {
    /// Standard input; a signal ends the waiting.
    ///
    /// # Errors
    /// The operating system gives us no thread.
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

/// Whatever can be read, read where it is asked for.
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

/// Makes text of bytes that come in pieces; what is no UTF-8 becomes [`NO_TEXT`].
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a character whose rest has not come yet.
    held: Vec<u8>,
}

impl Decoder {
    /// The text up to the last whole character.
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

    /// What is left at the end: a character that never became whole.
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
