//! Carries out the dot commands.
//!
//! Invariant: a command that fails is a refusal like any other, with a code, a place and an effect
//! on the exit status. This module deliberately does not know the syntax of commands; see `dot`.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::dot::{self, Command, Dot, VIEWS};
use super::input::ReaderInput;
use super::options::Timing;
use super::render::Format;
use super::replies::Lasting;
use super::session::{End, Origin, Session};
use super::terminal;
use crate::domain::failure::Failure;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::language::diagnostic::span_of;
use crate::language::script::Source;
use crate::language::suggest::quote_text;

/// The maximum nesting depth of `.read`.
const DEEPEST: usize = 16;

/// The schema from which files are created.
const SCHEMA: &str = include_str!("../../schema.sql");

/// What `.desk` does, for its help.
const DESK: &str = "
create   put the journal of the file into a database, as the shared log
join     make the file, new or old, a replica of the log that is there
leave    let the replica stand alone again";

/// The result of a command: whether the input continues.
type Carried = Result<ControlFlow<End>, Error>;

const ON: Carried = Ok(ControlFlow::Continue(()));

impl Session {
    /// Carries out a line that begins with a dot.
    pub fn command(&mut self, source: &Source) -> ControlFlow<End> {
        let carried = dot::read(&source.text).map_err(Error::from).and_then(|dot| self.carry_out(dot));
        match carried {
            Ok(ControlFlow::Continue(())) if self.replies.failure().is_some() => {
                ControlFlow::Break(End::Unwritten)
            }
            Ok(flow) => flow,
            Err(error) => {
                let span = match &error {
                    Error::Refused(refusal) => span_of(&refusal.place, &source.text, None),
                    Error::Fault(_) => 0..source.text.len(),
                };
                self.refuse(source, Failure { error, span })
            }
        }
    }

    fn carry_out(&mut self, dot: Dot) -> Carried {
        match dot {
            Dot::Help(command) => self.say(&command.map_or_else(dot::help_text, described)),
            Dot::Schema => self.say(SCHEMA),
            Dot::Views => self.say(&VIEWS.join("\n")),
            Dot::Mode(None) => self.say(self.replies.format().name()),
            Dot::Mode(Some(format)) => {
                self.replies.set_format(format);
                ON
            }
            Dot::Output(None) => {
                self.replies.undivert();
                ON
            }
            Dot::Output(Some(path)) => self.divert(&path, Lasting::UntilTold),
            Dot::Once(path) => self.divert(&path, Lasting::Once),
            Dot::Read(path) => self.read(&path),
            Dot::As(None) => self.say(&self.actor.clone()),
            Dot::As(Some(name)) => {
                self.actor = name;
                self.warn_of_unknown_actor();
                ON
            }
            Dot::Echo(None) => self.say(if self.replies.echoes() { "on" } else { "off" }),
            Dot::Echo(Some(echo)) => {
                self.replies.set_echo(echo);
                ON
            }
            Dot::Timing(None) => self.say(if self.timing == Timing::On { "on" } else { "off" }),
            Dot::Timing(Some(timing)) => {
                self.timing = timing;
                ON
            }
            Dot::Watch { every, statement } => match terminal::interactive() {
                true => Ok(self.watch(every, &statement)),
                false => Err(Refusal::new(Code::NotAllowed, ".watch needs a terminal").into()),
            },
            Dot::Param(which) => self.param(which),
            Dot::Head => Ok(self.statement(&Source::alone("SHOW HEAD"))),
            Dot::Backup(file) => {
                Ok(self.statement(&Source::alone(&format!("BACKUP TO {}", quote_text(&file)))))
            }
            Dot::Restore(file) => {
                let told = self.restore(&file)?;
                self.say(&told)
            }
            Dot::Desk(action) => {
                let told = self.desk(action)?;
                self.say(&told)
            }
            Dot::Dump => Ok(self.statement(&Source::alone("SHOW JOURNAL AS SCRIPT"))),
            Dot::Quit => Ok(ControlFlow::Break(End::Left)),
        }
    }

    fn say(&mut self, text: &str) -> Carried {
        match self.replies.lines(text) {
            Ok(()) => ON,
            Err(error) => {
                Err(Fault::new(Code::of_io(error.kind()), format!("cannot open the output file: {error}"))
                    .into())
            }
        }
    }

    fn divert(&mut self, path: &Path, lasting: Lasting) -> Carried {
        if self.replies.keeps() {
            return Err(Refusal::new(Code::NotAllowed, "the output cannot be changed with --atomic").into());
        }
        self.replies.divert(path, lasting).map_err(|error| unusable(path, &error))?;
        ON
    }

    fn param(&mut self, which: Option<(String, Option<String>)>) -> Carried {
        let line = |name: &str, session: &Session| {
            let value = session.parameters.get(name);
            value.and_then(|value| value.as_text()).map(|value| format!("{name} = {value}\n"))
        };
        match which {
            None => {
                let names: Vec<String> = self.parameters.names().map(str::to_owned).collect();
                self.say(&names.iter().filter_map(|name| line(name, self)).collect::<String>())
            }
            Some((name, None)) => match line(&name, self) {
                Some(line) => self.say(&line),
                None => Err(Refusal::new(Code::UnknownParameter, format!("parameter {name} is not set"))
                    .hint(format!("set it with .param {name} VALUE"))
                    .into()),
            },
            Some((name, Some(value))) => {
                self.parameters.insert(&name, value);
                ON
            }
        }
    }

    /// Runs the statements of a file. The first refusal ends it, unless `--keep-going` is set.
    pub fn read(&mut self, path: &Path) -> Carried {
        if self.depth >= DEEPEST {
            return Err(Refusal::new(Code::TooLarge, ".read is nested too deeply (cycle?)").into());
        }
        let mut file = ReaderInput(File::open(path).map_err(|error| unusable(path, &error))?);
        let outer = std::mem::replace(&mut self.origin, Origin::File(path.to_owned()));
        let alone = self.replies.expect_several();
        self.depth += 1;
        let flow = self.feed(&mut file);
        self.depth -= 1;
        self.replies.expect(alone);
        self.origin = outer;
        Ok(flow)
    }
}

fn described(command: &'static Command) -> String {
    let formats = Format::ALL.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
    let more = match command.name {
        "mode" => format!(": {formats}"),
        "desk" => DESK.to_owned(),
        _ => String::new(),
    };
    format!("{}   {}{more}", command.written(), command.help)
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Fault::new(Code::NotFound, format!("{}: {error}", path.display())).into()
}
