//! The destinations of all output: replies to stdout or a file, everything else to stderr.
//!
//! Invariant: a reply is flushed before the next statement runs, unless it is held back until a
//! commit; and the rows of a statement are written before messages about it. This module
//! deliberately does not know statements, nor what a reply means.

mod documents;
pub mod headings;
pub mod polls;
pub mod rows;

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use headings::Results;

use super::options::CommandLine;
use super::output::{Output, READER_LEFT};
use super::render::escape::harmless_lines;
use super::render::time::DisplayClock;
use super::render::{self, Audience, Color, Format, Problem, Quiet, RenderOptions, SpreadsheetCells};
use super::terminal::{self, ColorWish};
use crate::domain::calendar::Calendar;
use crate::domain::refusal::Code;
use crate::domain::reply::Reply;
use crate::engine::clock;

/// How long replies are written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// For one reply.
    Once,
    /// Until `.output` is run again.
    UntilTold,
}

struct Diversion {
    output: Output,
    lasting: Lasting,
}

/// Output that is held back until a commit.
struct Kept {
    rows: Output,
    notes: Output,
}

/// How replies are rendered, apart from the properties of the terminal.
struct ReplyFormat {
    format: Option<Format>,
    quiet: Quiet,
    cells: SpreadsheetCells,
    reader: Audience,
    notes_reader: Audience,
    row_color: Color,
    note_color: Color,
    /// The name of the database file, for the head of a document.
    file: String,
    /// The site's time zone, in which people see timestamps.
    calendar: Calendar,
    /// What `.echo` set.
    echo: Option<bool>,
    /// Several results are expected, with nothing between them that tells them apart.
    expected: Results,
    /// Whether a result was headed already.
    headed: bool,
}

/// The destinations of all output.
pub struct Replies {
    stdout: Output,
    stderr: Output,
    diverted: Option<Diversion>,
    kept: Option<Kept>,
    settings: ReplyFormat,
}

impl Replies {
    /// Creates the destinations for the standard streams.
    pub fn new(options: &CommandLine) -> Replies {
        let mut replies = Replies::with(options.format, options.quiet, options.color, file_name(options));
        replies.settings.cells = options.cells;
        replies
    }

    /// Creates the same with defaults, before the command line was parsed.
    pub fn plain() -> Replies {
        Replies::with(None, Quiet::Off, ColorWish::Auto, String::new())
    }

    fn with(format: Option<Format>, quiet: Quiet, color: ColorWish, file: String) -> Replies {
        let reader = terminal::audience(&io::stdout());
        let row_color = terminal::color(color, reader);
        let notes_reader = terminal::audience(&io::stderr());
        let note_color = terminal::color(color, notes_reader);
        let settings = ReplyFormat {
            format,
            quiet,
            cells: SpreadsheetCells::Exact,
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
        Replies { stdout: Output::stdout(), stderr, diverted: None, kept: None, settings }
    }

    /// Creates destinations in memory that behave like a pipe.
    #[cfg(test)]
    pub(super) fn memory(options: &CommandLine) -> Replies {
        let settings = ReplyFormat {
            format: options.format,
            quiet: options.quiet,
            cells: options.cells,
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
        Replies { stdout: Output::memory(), stderr: Output::memory(), diverted: None, kept: None, settings }
    }

    /// Returns what both streams have collected in memory.
    #[cfg(test)]
    pub(super) fn taken(&mut self) -> [String; 2] {
        [&mut self.stdout, &mut self.stderr].map(|output| String::from_utf8(output.taken()).unwrap())
    }

    /// Writes a reply and its notes.
    ///
    /// # Errors
    /// The file that replies are diverted to cannot be written. (For stdout see
    /// [`Replies::failure`].)
    pub fn reply(&mut self, reply: &Reply, statement: &str) -> io::Result<()> {
        let options = RenderOptions { statement: statement.to_owned(), ..self.options() };
        let heading = self.heading(reply, &options);
        let width = self.notes_width();
        let (rows, notes) = match &mut self.kept {
            Some(kept) => (&mut kept.rows, &mut kept.notes),
            None => (&mut self.stdout, &mut self.stderr),
        };
        let file = &self.settings.file;
        let write = |out: &mut Output| {
            // A document has one head per destination.
            if options.format == Format::Html && out.begin_document() {
                render::html_head(out, file, clock::now(), &options.display_clock)?;
            }
            out.write_all(heading.as_bytes())?;
            render::reply(out, reply, &options)
        };
        match self.diverted.take() {
            Some(diversion) => self.diverted = diversion.write(write)?,
            // A failure of stdout is recorded there.
            None => write(rows).and_then(|()| rows.flush()).unwrap_or_default(),
        }
        render::notes(notes, reply, width).and_then(|()| notes.flush()).unwrap_or_default();
        Ok(())
    }

    /// Writes lines unchanged to the destination of replies; in a document they are a section.
    ///
    /// # Errors
    /// The same as [`Replies::reply`].
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

    /// Writes exactly these bytes to stdout, which must be a terminal.
    pub fn paint(&mut self, bytes: &[u8]) {
        self.stdout.write_all(bytes).and_then(|()| self.stdout.flush()).unwrap_or_default();
    }

    /// Returns the reply as people see it at a terminal.
    pub fn rendered(&self, reply: &Reply) -> Vec<u8> {
        let mut picture = Vec::new();
        let options = RenderOptions { quiet: Quiet::Off, ..self.options() };
        // Writing to memory cannot fail.
        render::reply(&mut picture, reply, &options).unwrap_or_default();
        picture
    }

    /// Writes a note to stderr; with `--atomic` after the commit.
    pub fn note(&mut self, sentence: &str) {
        let width = self.notes_width();
        let notes = self.kept.as_mut().map_or(&mut self.stderr, |kept| &mut kept.notes);
        render::note(notes, sentence, width).and_then(|()| notes.flush()).unwrap_or_default();
    }

    /// Begins a new line after the `^C` that a terminal has just echoed.
    pub fn after_key(&mut self) {
        if self.settings.notes_reader == Audience::People {
            writeln!(self.stderr).unwrap_or_default();
        }
    }

    /// Writes a problem to stderr immediately.
    pub fn problem(&mut self, problem: &Problem) {
        let options =
            RenderOptions { color: self.settings.note_color, width: self.notes_width(), ..self.options() };
        let written = render::problem(&mut self.stderr, problem, &options);
        written.and_then(|()| self.stderr.flush()).unwrap_or_default();
    }

    /// Writes clap's message immediately and unchanged.
    pub fn usage(&mut self, error: &clap::Error) {
        let wrong = error.use_stderr();
        let color = if wrong { self.settings.note_color } else { self.settings.row_color };
        let out = if wrong { &mut self.stderr } else { &mut self.stdout };
        let text = error.render();
        let text = if color == Color::On { text.ansi().to_string() } else { text.to_string() };
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).unwrap_or_default();
    }

    /// Writes a text to stdout immediately and unchanged.
    pub fn text(&mut self, text: &str) {
        self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()).unwrap_or_default();
    }

    /// Holds back all output until [`Replies::release`].
    pub fn keep(&mut self) {
        self.kept = Some(Kept { rows: Output::memory(), notes: Output::memory() });
    }

    /// Returns whether output is held back.
    pub fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Writes the output that was held back.
    pub fn release(&mut self) {
        if let Some(mut kept) = self.kept.take() {
            // This output contains the head of its document.
            if !kept.rows.begin_document() {
                self.stdout.begin_document();
            }
            self.stdout.write_all(&kept.rows.taken()).and_then(|()| self.stdout.flush()).unwrap_or_default();
            self.stderr.write_all(&kept.notes.taken()).and_then(|()| self.stderr.flush()).unwrap_or_default();
        }
    }

    /// Discards the output that was held back.
    pub fn discard(&mut self) {
        self.kept = None;
    }

    /// Returns the failure of stdout, if any.
    pub fn failure(&self) -> Option<ErrorKind> {
        self.stdout.failure()
    }

    /// Returns the exit status if stdout could not be written. The failure is reported, with the number
    /// of statements that were done, unless the reader has closed the pipe.
    pub fn unwritten(&mut self, done: u64) -> Option<u8> {
        let kind = self.stdout.failure()?;
        if self.stdout.reader_left() {
            return Some(READER_LEFT);
        }
        let code = Code::of_io(kind);
        let message = format!("cannot write to standard output: {kind}");
        let hint = match done {
            0 => None,
            1 => Some("1 statement was done, also if its result is missing".to_owned()),
            _ => Some(format!("{done} statements were done, also those whose results are missing")),
        };
        self.problem(&Problem::without_place(code, message, hint.as_deref()));
        Some(code.exit_status())
    }

    /// Diverts replies to a file, which is truncated.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn divert(&mut self, path: &Path, lasting: Lasting) -> io::Result<()> {
        let output = Output::to(File::create(path)?);
        self.diverted = Some(Diversion { output, lasting });
        Ok(())
    }

    /// Writes replies to stdout again.
    pub fn undivert(&mut self) {
        self.diverted = None;
    }

    /// Sets the time zone in which people see timestamps.
    pub fn set_time_zone(&mut self, zone: &str) {
        self.settings.calendar = Calendar::of(zone);
    }

    /// Returns whether the output contains times for people.
    pub fn shows_clocks(&self) -> bool {
        self.reader() == Audience::People || self.format() == Format::Html
    }

    /// Returns the local time of day, and the name of the time zone.
    pub fn clock(&self) -> (String, &'static str) {
        let now = clock::now();
        let written = self.settings.calendar.written(now);
        let time = written.split_once(' ').map_or(written.as_str(), |(_, time)| time);
        (time.to_owned(), self.settings.calendar.zone())
    }

    /// Returns the format of the next reply.
    pub fn format(&self) -> Format {
        let default = match self.reader() {
            Audience::People => Format::Table,
            Audience::Machines => Format::Tsv,
        };
        self.settings.format.unwrap_or(default)
    }

    /// Sets the format.
    pub fn set_format(&mut self, format: Format) {
        self.settings.format = Some(format);
    }

    /// Returns whether colour is written to stdout.
    pub fn color(&self) -> Color {
        self.settings.row_color
    }

    /// Returns whether `--quiet` was given.
    pub fn quiet(&self) -> Quiet {
        self.settings.quiet
    }

    /// Returns who reads the replies at present.
    pub fn reader(&self) -> Audience {
        if self.diverted.is_some() { Audience::Machines } else { self.settings.reader }
    }

    /// Returns the width of the terminal that shows errors; 0 if there is none.
    pub fn notes_width(&self) -> usize {
        match self.settings.notes_reader {
            Audience::People => terminal::size().map_or(0, |size| size.columns),
            Audience::Machines => 0,
        }
    }

    fn options(&self) -> RenderOptions {
        let people = self.reader();
        let (width, color) = match people {
            Audience::People => (terminal::size().map_or(0, |size| size.columns), self.settings.row_color),
            Audience::Machines => (0, Color::Off),
        };
        let display_clock = DisplayClock { calendar: self.settings.calendar, now: Some(clock::now()) };
        RenderOptions {
            format: self.format(),
            width,
            color,
            people,
            quiet: self.settings.quiet,
            cells: self.settings.cells,
            display_clock,
            statement: String::new(),
        }
    }
}

/// The time zone until the site's is known.
fn utc() -> Calendar {
    DisplayClock::anywhere().calendar
}

impl Diversion {
    /// Writes and flushes. Returns the diversion, if it continues.
    fn write(mut self, action: impl FnOnce(&mut Output) -> io::Result<()>) -> io::Result<Option<Diversion>> {
        action(&mut self.output)?;
        self.output.flush()?;
        Ok(Some(self).filter(|diversion| diversion.lasting == Lasting::UntilTold))
    }
}

fn file_name(options: &CommandLine) -> String {
    options.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
