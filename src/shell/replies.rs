//! Where everything goes that is said: replies to stdout or a file, all else to stderr.
//!
//! Invariant: a reply is flushed before the next statement runs, except for those that are kept
//! until a commit; and a statement's rows stand before what is said about it. It deliberately does
//! not know statements, nor what an answer means.

pub mod headings;
pub mod polls;

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use headings::Results;

use super::options::CommandLine;
use super::output::{Output, READER_LEFT};
use super::render::escape::{harmless, harmless_lines};
use super::render::time::DisplayClock;
use super::render::{self, Audience, Color, Format, Problem, Quiet, RenderOptions};
use super::terminal::{self, ColorWish};
use crate::domain::calendar::Calendar;
use crate::domain::refusal::Code;
use crate::domain::reply::Reply;
use crate::engine::clock;

/// How long replies go to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// For one reply.
    Once,
    /// Until told otherwise.
    UntilTold,
}

struct Diversion {
    output: Output,
    lasting: Lasting,
}

/// What is kept until a commit.
struct Kept {
    rows: Output,
    notes: Output,
}

/// How replies look, apart from what the terminal says.
struct ReplyFormat {
    format: Option<Format>,
    quiet: Quiet,
    reader: Audience,
    notes_reader: Audience,
    row_color: Color,
    note_color: Color,
    /// The file's name, for the head of a document.
    file: String,
    /// In whose hours and days people are shown moments.
    calendar: Calendar,
    /// What `.echo` set.
    echo: Option<bool>,
    /// Several results are expected, with nothing between them that tells them apart.
    expected: Results,
    /// Whether a result was headed already.
    headed: bool,
}

/// The way out for everything that is said.
pub struct Replies {
    stdout: Output,
    stderr: Output,
    diverted: Option<Diversion>,
    kept: Option<Kept>,
    traits: ReplyFormat,
}

impl Replies {
    /// Replies to the standard streams.
    pub fn new(options: &CommandLine) -> Replies {
        Replies::with(options.format, options.quiet, options.color, file_name(options))
    }

    /// The same, before anybody has said how.
    pub fn plain() -> Replies {
        Replies::with(None, Quiet::Off, ColorWish::Auto, String::new())
    }

    fn with(format: Option<Format>, quiet: Quiet, color: ColorWish, file: String) -> Replies {
        let reader = terminal::audience(&io::stdout());
        let row_color = terminal::color(color, reader);
        let notes_reader = terminal::audience(&io::stderr());
        let note_color = terminal::color(color, notes_reader);
        let traits = ReplyFormat {
            format,
            quiet,
            reader,
            notes_reader,
            row_color,
            note_color,
            file,
            calendar: utc(),
            echo: None,
            expected: Results::One,
            headed: false,
        };
        let stderr = Output::to(io::stderr());
        Replies { stdout: Output::stdout(), stderr, diverted: None, kept: None, traits }
    }

    /// Replies that stay in memory, as for a pipe.
    #[cfg(test)]
    pub(super) fn memory(options: &CommandLine) -> Replies {
        let traits = ReplyFormat {
            format: options.format,
            quiet: options.quiet,
            reader: Audience::Machines,
            notes_reader: Audience::Machines,
            row_color: Color::Off,
            note_color: Color::Off,
            file: file_name(options),
            calendar: utc(),
            echo: None,
            expected: Results::One,
            headed: false,
        };
        Replies { stdout: Output::memory(), stderr: Output::memory(), diverted: None, kept: None, traits }
    }

    /// What memory has kept of both streams.
    #[cfg(test)]
    pub(super) fn taken(&mut self) -> [String; 2] {
        [&mut self.stdout, &mut self.stderr].map(|output| String::from_utf8(output.taken()).unwrap())
    }

    /// Writes an answer, and what belongs to it.
    ///
    /// # Errors
    /// A file to which replies were diverted can't be written. (Of stdout see [`Replies::failure`].)
    pub fn reply(&mut self, reply: &Reply, statement: &str) -> io::Result<()> {
        let look = RenderOptions { statement: statement.to_owned(), ..self.look() };
        let heading = self.heading(reply, &look);
        let (rows, notes) = match &mut self.kept {
            Some(kept) => (&mut kept.rows, &mut kept.notes),
            None => (&mut self.stdout, &mut self.stderr),
        };
        let file = &self.traits.file;
        let write = |out: &mut Output| {
            // A document begins once in each place where answers go.
            if look.format == Format::Html && out.begin_document() {
                render::html_head(out, file, clock::now(), &look.wall)?;
            }
            out.write_all(heading.as_bytes())?;
            render::reply(out, reply, &look)
        };
        match self.diverted.take() {
            Some(diversion) => self.diverted = diversion.write(write)?,
            // A stdout that fails remembers it.
            None => write(rows).and_then(|()| rows.flush()).unwrap_or_default(),
        }
        render::notes(notes, reply).and_then(|()| notes.flush()).unwrap_or_default();
        Ok(())
    }

    /// Writes lines as they are to where replies go; a document takes them as a reply.
    ///
    /// # Errors
    /// As [`Replies::reply`].
    pub fn lines(&mut self, text: &str) -> io::Result<()> {
        if self.format() == Format::Html {
            return self.reply(&Reply::lines("line", text.trim_end_matches('\n')), "");
        }
        let people = self.reader() == Audience::People;
        let text = if people { harmless_lines(text) } else { text.into() };
        let write = |out: &mut Output| text.lines().try_for_each(|line| writeln!(out, "{line}"));
        let rows = self.kept.as_mut().map_or(&mut self.stdout, |kept| &mut kept.rows);
        match self.diverted.take() {
            Some(diversion) => self.diverted = diversion.write(write)?,
            None => write(rows).and_then(|()| rows.flush()).unwrap_or_default(),
        }
        Ok(())
    }

    /// Writes exactly these bytes to the terminal at stdout.
    pub fn paint(&mut self, bytes: &[u8]) {
        self.stdout.write_all(bytes).and_then(|()| self.stdout.flush()).unwrap_or_default();
    }

    /// The answer as people at the terminal would see it.
    pub fn rendered(&self, reply: &Reply) -> Vec<u8> {
        let mut picture = Vec::new();
        let look = RenderOptions { quiet: Quiet::Off, ..self.look() };
        // Writing to memory cannot fail.
        render::reply(&mut picture, reply, &look).unwrap_or_default();
        picture
    }

    /// Says a sentence on stderr; with `--atomic` after the commit.
    pub fn note(&mut self, sentence: &str) {
        let notes = self.kept.as_mut().map_or(&mut self.stderr, |kept| &mut kept.notes);
        writeln!(notes, "{}", harmless(sentence)).and_then(|()| notes.flush()).unwrap_or_default();
    }

    /// Begins a new line after the `^C` that a terminal has just shown.
    pub fn after_key(&mut self) {
        if self.traits.notes_reader == Audience::People {
            writeln!(self.stderr).unwrap_or_default();
        }
    }

    /// Says at once what went wrong.
    pub fn problem(&mut self, problem: &Problem) {
        let look = RenderOptions { color: self.traits.note_color, width: self.notes_width(), ..self.look() };
        let written = render::problem(&mut self.stderr, problem, &look);
        written.and_then(|()| self.stderr.flush()).unwrap_or_default();
    }

    /// Says at once, in this very form, what clap has to say.
    pub fn usage(&mut self, error: &clap::Error) {
        let wrong = error.use_stderr();
        let color = if wrong { self.traits.note_color } else { self.traits.row_color };
        let out = if wrong { &mut self.stderr } else { &mut self.stdout };
        let text = error.render();
        let text = if color == Color::On { text.ansi().to_string() } else { text.to_string() };
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).unwrap_or_default();
    }

    /// From now on everything is kept back until [`Replies::release`].
    pub fn keep(&mut self) {
        self.kept = Some(Kept { rows: Output::memory(), notes: Output::memory() });
    }

    /// Whether answers are kept back.
    pub fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Writes what was kept.
    pub fn release(&mut self) {
        if let Some(mut kept) = self.kept.take() {
            // What was kept brings the head of its document with it.
            if !kept.rows.begin_document() {
                self.stdout.begin_document();
            }
            self.stdout.write_all(&kept.rows.taken()).and_then(|()| self.stdout.flush()).unwrap_or_default();
            self.stderr.write_all(&kept.notes.taken()).and_then(|()| self.stderr.flush()).unwrap_or_default();
        }
    }

    /// Forgets what was kept.
    pub fn discard(&mut self) {
        self.kept = None;
    }

    /// What went wrong with stdout, if anything did.
    pub fn failure(&self) -> Option<ErrorKind> {
        self.stdout.failure()
    }

    /// The exit status, if stdout could not be written; it is said why, unless the reader went away.
    pub fn unwritten(&mut self) -> Option<u8> {
        let kind = self.stdout.failure()?;
        if self.stdout.reader_left() {
            return Some(READER_LEFT);
        }
        let code = Code::DiskFull;
        let message = format!("cannot write to standard output: {kind}");
        let excerpt = None;
        self.problem(&Problem {
            code,
            message,
            hint: None,
            line: None,
            column: None,
            statement: None,
            excerpt,
        });
        Some(code.exit_status())
    }

    /// Answers go to that file; it is emptied.
    ///
    /// # Errors
    /// The file can't be made.
    pub fn divert(&mut self, path: &Path, lasting: Lasting) -> io::Result<()> {
        let output = Output::to(File::create(path)?);
        self.diverted = Some(Diversion { output, lasting });
        Ok(())
    }

    /// Answers go to stdout again.
    pub fn undivert(&mut self) {
        self.diverted = None;
    }

    /// From now on moments are shown in the hours and days of that time zone.
    pub fn set_time_zone(&mut self, zone: &str) {
        self.traits.calendar = Calendar::of(zone);
    }

    /// Whether moments are shown to people.
    pub fn shows_clocks(&self) -> bool {
        self.reader() == Audience::People || self.format() == Format::Html
    }

    /// What is on the clock on the wall.
    pub fn clock(&self) -> (String, &'static str) {
        let now = clock::now();
        let written = self.traits.calendar.written(now);
        let time = written.split_once(' ').map_or(written.as_str(), |(_, time)| time);
        (time.to_owned(), self.traits.calendar.zone())
    }

    /// The format of what comes next.
    pub fn format(&self) -> Format {
        let default = match self.reader() {
            Audience::People => Format::Table,
            Audience::Machines => Format::Tsv,
        };
        self.traits.format.unwrap_or(default)
    }

    /// Asks for a format.
    pub fn set_format(&mut self, format: Format) {
        self.traits.format = Some(format);
    }

    /// Whether colour is written to stdout.
    pub fn color(&self) -> Color {
        self.traits.row_color
    }

    /// Whether less is said.
    pub fn quiet(&self) -> Quiet {
        self.traits.quiet
    }

    /// Who reads the answers now.
    pub fn reader(&self) -> Audience {
        if self.diverted.is_some() { Audience::Machines } else { self.traits.reader }
    }

    /// The columns of the terminal that shows errors; 0 where there is none.
    pub fn notes_width(&self) -> usize {
        match self.traits.notes_reader {
            Audience::People => terminal::size().map_or(0, |size| size.columns),
            Audience::Machines => 0,
        }
    }

    fn look(&self) -> RenderOptions {
        let people = self.reader();
        let (width, color) = match people {
            Audience::People => (terminal::size().map_or(0, |size| size.columns), self.traits.row_color),
            Audience::Machines => (0, Color::Off),
        };
        let wall = DisplayClock { calendar: self.traits.calendar, now: Some(clock::now()) };
        RenderOptions {
            format: self.format(),
            width,
            color,
            people,
            quiet: self.traits.quiet,
            wall,
            statement: String::new(),
        }
    }
}

/// Until the site says otherwise.
fn utc() -> Calendar {
    DisplayClock::anywhere().calendar
}

impl Diversion {
    /// Writes; answers the diversion if it lasts.
    fn write(mut self, action: impl FnOnce(&mut Output) -> io::Result<()>) -> io::Result<Option<Diversion>> {
        action(&mut self.output)?;
        self.output.flush()?;
        Ok(Some(self).filter(|diversion| diversion.lasting == Lasting::UntilTold))
    }
}

fn file_name(options: &CommandLine) -> String {
    options.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
