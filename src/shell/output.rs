//! The buffered writer for stdout that all replies use.
//!
//! Invariant: the first failure is kept. After it nothing more is written, every write returns the
//! same kind of error, and the caller decides with [`Output::failure`] how to end. A reader that
//! closed the pipe is not a fault: the program ends silently with [`READER_LEFT`]. The output also
//! records whether a document was begun in it, because its head is written only once. This module
//! deliberately does not know what is written, and does not flush at the end of a reply.

use std::io::{self, BufWriter, Write};

/// The exit status if the reader of stdout has closed the pipe (`| head`).
pub const READER_LEFT: u8 = 141;

/// The size of the buffer, in bytes; large enough that a long reply needs few system calls.
const BUFFER: usize = 64 * 1024;

/// A destination of replies.
pub struct Output {
    target: Target,
    failure: Option<io::ErrorKind>,
    document: bool,
}

enum Target {
    Writer(BufWriter<Box<dyn Write>>),
    Memory(Vec<u8>),
}

impl Output {
    /// Creates an output to stdout.
    pub fn stdout() -> Self {
        Output::to(io::stdout())
    }

    /// Creates an output to a writer (`.output FILE`).
    pub fn to(writer: impl Write + 'static) -> Self {
        let boxed: Box<dyn Write> = Box::new(writer);
        Output {
            target: Target::Writer(BufWriter::with_capacity(BUFFER, boxed)),
            failure: None,
            document: false,
        }
    }

    /// Creates an output that is kept in memory, for tests and for deferred output; see
    /// [`Output::taken`].
    pub fn memory() -> Self {
        Output { target: Target::Memory(Vec::new()), failure: None, document: false }
    }

    /// Returns what a memory output has collected since the last call; empty for other outputs.
    pub fn taken(&mut self) -> Vec<u8> {
        match &mut self.target {
            Target::Memory(bytes) => std::mem::take(bytes),
            Target::Writer(_) => Vec::new(),
        }
    }

    /// Marks the document as begun. Returns whether this is the first call.
    pub fn begin_document(&mut self) -> bool {
        !std::mem::replace(&mut self.document, true)
    }

    /// Returns the first failure.
    pub fn failure(&self) -> Option<io::ErrorKind> {
        self.failure
    }

    /// Records that the reader has closed the pipe, if this was detected by other means.
    pub fn reader_went_away(&mut self) {
        self.failure.get_or_insert(io::ErrorKind::BrokenPipe);
    }

    /// Returns whether the reader has closed the pipe. The program then ends silently with
    /// [`READER_LEFT`].
    pub fn reader_left(&self) -> bool {
        self.failure == Some(io::ErrorKind::BrokenPipe)
    }

    fn attempt<T>(&mut self, action: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        if let Some(kind) = self.failure {
            return Err(kind.into());
        }
        let result = match &mut self.target {
            Target::Writer(writer) => action(writer),
            Target::Memory(bytes) => action(bytes),
        };
        if let Err(error) = &result {
            // An interrupted call is repeated; every other error is final.
            self.failure = Some(error.kind()).filter(|kind| *kind != io::ErrorKind::Interrupted);
        }
        result
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(|target| target.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(|target| target.flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    /// A reader that is gone from the start, and counts the writes.
    struct Gone(Rc<Cell<usize>>);

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.0.set(self.0.get() + 1);
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_left_is_remembered_and_not_spoken_to_again() {
        let calls = Rc::new(Cell::new(0));
        let mut output = Output::to(Gone(calls.clone()));
        output.write_all(b"a row\n").unwrap();
        assert!(!output.reader_left());
        assert_eq!(output.flush().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert!(output.reader_left());
        assert_eq!(output.write_all(b"more\n").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(calls.get(), 1);
    }

    #[test]
    fn memory_gives_what_was_written() {
        let mut output = Output::memory();
        output.write_all(b"a row\n").unwrap();
        output.flush().unwrap();
        assert_eq!(output.taken(), b"a row\n");
        assert_eq!(output.taken(), b"");
        assert_eq!(output.failure(), None);
    }

    #[test]
    fn a_document_is_begun_once() {
        let mut output = Output::memory();
        assert_eq!([output.begin_document(), output.begin_document()], [true, false]);
    }
}
