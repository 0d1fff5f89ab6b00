//! The one buffered writer towards stdout that everything uses.
//!
//! Invariant: the first failure stays: after it nothing more is tried, every write gives the same
//! kind of error, and the caller asks [`Output::failure`] how to end. A reader that went away is no
//! fault: it ends the program quietly with [`READER_LEFT`]. It remembers whether a document was begun
//! in it, since that is said once. It deliberately does not know what is written, and it never flushes
//! by itself when a reply ends.

use std::io::{self, BufWriter, Write};

/// The process's exit status when the reader of stdout went away (`| head`).
pub const READER_LEFT: u8 = 141;

/// Large enough that a long reply costs few system calls.
const BUFFER: usize = 64 * 1024;

/// Where replies go.
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
    /// Replies go to stdout.
    pub fn stdout() -> Self {
        Output::to(io::stdout())
    }

    /// Replies go to this writer (`.output FILE`).
    pub fn to(writer: impl Write + 'static) -> Self {
        let boxed: Box<dyn Write> = Box::new(writer);
        Output {
            target: Target::Writer(BufWriter::with_capacity(BUFFER, boxed)),
            failure: None,
            document: false,
        }
    }

    /// Replies are kept, for tests and for what is shown later; see [`Output::taken`].
    pub fn memory() -> Self {
        Output { target: Target::Memory(Vec::new()), failure: None, document: false }
    }

    /// What a memory output has kept since it was last asked; nothing for the others.
    pub fn taken(&mut self) -> Vec<u8> {
        match &mut self.target {
            Target::Memory(bytes) => std::mem::take(bytes),
            Target::Writer(_) => Vec::new(),
        }
    }

    /// Begins a document, which every output is once; answers whether that was still to be done.
    pub fn begin_document(&mut self) -> bool {
        !std::mem::replace(&mut self.document, true)
    }

    /// What went wrong first, if anything did.
    pub fn failure(&self) -> Option<io::ErrorKind> {
        self.failure
    }

    /// It was seen otherwise that the reader went away.
    pub fn reader_went_away(&mut self) {
        self.failure.get_or_insert(io::ErrorKind::BrokenPipe);
    }

    /// Whether the reader went away: end without a word, with [`READER_LEFT`].
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
            // An interrupted call is to be repeated; everything else is final.
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

    /// A reader that is gone from the start, and counts how often it was spoken to.
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
