//! Floor 3: the whole flow of a statement, from its text to its reply.
//!
//! Invariant: text, one page, look, decide, change, seal, reply; nothing is written before everything is decided.
//! It deliberately does not know any single statement, nor a terminal.

mod archiving;
mod candidates;
mod execute;
mod query;
mod replies;
mod reporting;
mod routing;
mod spans;
mod sweeping;

use std::ops::Range;
use std::path::Path;

use crate::domain::context::Context;
use crate::domain::follow::Follow;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::Reply;
use crate::language::arguments::{Arguments, Parameters};
use crate::language::matcher::Catalogue;
use crate::statement::{self, Handler, StatementDef};
use crate::store::{Query, Store};

pub use crate::store::{BatchEnd, Creation, OpenOptions};

/// What SQLite calls the explanation of a SELECT.
const PLAN: &str = "EXPLAIN QUERY PLAN ";

/// The most rows that one statement answers.
pub const MOST_ROWS: usize = 1_000_000;

/// Why a statement has no reply, and where in its text the fault lies (bytes).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    /// What.
    pub error: Error,
    /// Where in the statement's text.
    pub span: Range<usize>,
}

/// What the shell has to know about a statement before it runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementTraits {
    /// It only looks.
    pub looks: bool,
    /// It may make the file (CREATE …).
    pub creates: bool,
    /// A prompt asks before it runs (FORCE CLOSE).
    pub asks: bool,
    /// It goes on until it is stopped (FOLLOW).
    pub follows: bool,
}

/// An open file, and the statements that work it.
pub struct Switchboard {
    store: Store,
}

impl Switchboard {
    /// Opens a file, or makes one.
    ///
    /// # Errors
    /// `not_found`, `not_ours`, `newer`, `damaged`, `readonly`, `busy`, `disk_full`: what is wrong with the file.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Switchboard, Error> {
        Ok(Switchboard { store: Store::open(path, options)? })
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// A refusal or an accident, with its place in the text. Then nothing has changed.
    pub fn run(&mut self, text: &str, parameters: &Parameters, context: &Context) -> Result<Reply, Failure> {
        let (definition, arguments) =
            parse(text, parameters).map_err(|error| spans::failure(error, text, None))?;
        self.perform(definition, text, &arguments, parameters, context)
            .map_err(|error| spans::failure(error, text, Some(&arguments)))
    }

    fn perform(
        &mut self,
        definition: &'static StatementDef,
        text: &str,
        arguments: &Arguments,
        parameters: &Parameters,
        context: &Context,
    ) -> Result<Reply, Error> {
        match definition.handler {
            Handler::Read(handler) => {
                self.store.read(|snapshot| query::run(snapshot, definition, handler, arguments, context))
            }
            Handler::Write(decide) => {
                self.check_kept_select(text, arguments, context)?;
                self.store
                    .change(|writer| {
                        refused_apart(execute::change(writer, definition, decide, arguments, context))
                    })?
                    .map_err(Error::from)
            }
            Handler::Sweep => {
                self.store.change(|writer| sweeping::sweep(writer, definition, arguments, context))
            }
            Handler::Select => self.select(text, 0, parameters, context),
            Handler::Report => reporting::show(&mut self.store, arguments, context),
            Handler::Verify => {
                let head = statement::head_line(arguments)?;
                Ok(statement::verified(&self.store.verify(head.as_ref())?)?)
            }
            Handler::Explain => self.explain(arguments, parameters, context),
            Handler::Follow(_) if self.store.in_batch() => Err(not_committed().into()),
            Handler::Follow(begin) => {
                self.store.read(|snapshot| query::run(snapshot, definition, begin, arguments, context))
            }
        }
    }

    /// What was committed since the last pass of a FOLLOW: a reply like that of the statement itself, which says where
    /// the next one goes on.
    ///
    /// # Errors
    /// `not_allowed` within a batch; accidents of the file.
    pub fn follow(&mut self, follow: &Follow) -> Result<Reply, Error> {
        if self.store.in_batch() {
            return Err(not_committed().into());
        }
        self.store.read(|snapshot| Ok(snapshot.pass(follow)?))
    }

    /// A number that changes when another program has written, for whoever waits: much cheaper than a pass.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn version(&self) -> Result<i64, Error> {
        Ok(self.store.version()?)
    }

    fn select(
        &mut self,
        text: &str,
        offset: usize,
        parameters: &Parameters,
        context: &Context,
    ) -> Result<Reply, Error> {
        let now = self.store.read(|snapshot| Ok(query::time_of_query(snapshot, context)?))?;
        let parameters = &|name: &str| parameters.get(name).cloned();
        self.store.select(&Query { text, offset, parameters, now, rows_limit: MOST_ROWS })
    }

    /// A SELECT that a statement keeps is one that could be run, with the parameters that it will have. What is refused
    /// anyway is told first.
    fn check_kept_select(
        &mut self,
        text: &str,
        arguments: &Arguments,
        context: &Context,
    ) -> Result<(), Error> {
        let Some((select, begin)) = arguments.rest("rest").zip(arguments.rest_offset("rest")) else {
            return Ok(());
        };
        if self.would_refuse(text, context)? {
            return Ok(());
        }
        reporting::check(&mut self.store, select).map_err(|error| spans::moved(error, 0, begin))
    }

    fn explain(
        &mut self,
        arguments: &Arguments,
        parameters: &Parameters,
        context: &Context,
    ) -> Result<Reply, Error> {
        let (text, offset) =
            (arguments.rest("rest").unwrap_or_default(), arguments.rest_offset("rest").unwrap_or_default());
        let (definition, inner) = parse(text, parameters).map_err(|error| spans::moved(error, 0, offset))?;
        let told = match definition.handler {
            Handler::Select => {
                let plan = self.select(&format!("{PLAN}{text}"), 0, parameters, context);
                return plan.map_err(|error| spans::moved(error, PLAN.len(), offset));
            }
            Handler::Write(decide) => {
                let checked = self.check_kept_select(text, &inner, context);
                checked.map_err(|error| spans::moved(error, 0, offset))?;
                self.store.dry_run(|writer| execute::dry_run(writer, definition, decide, &inner, context))
            }
            Handler::Sweep => {
                self.store.dry_run(|writer| sweeping::dry_run(writer, definition, &inner, context))
            }
            Handler::Read(_) | Handler::Report | Handler::Verify | Handler::Explain | Handler::Follow(_) => {
                Ok(Reply::prose("explanation", "this statement is read-only"))
            }
        };
        match told {
            Err(Error::Refused(refusal)) => Ok(statement::would_be_refused(&refusal)),
            other => other,
        }
    }

    /// Begins a batch: every statement until `end_batch` is one transaction.
    ///
    /// # Errors
    /// `busy`, and accidents of the file.
    pub fn begin_batch(&mut self) -> Result<(), Error> {
        Ok(self.store.begin_batch()?)
    }

    /// Ends the batch: commits it, or takes all of it back.
    ///
    /// # Errors
    /// Accidents of the file; then nothing of the batch is left.
    pub fn end_batch(&mut self, outcome: BatchEnd) -> Result<(), Error> {
        Ok(self.store.end_batch(outcome)?)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// What is unusual about the file, a sentence each; told once.
    pub fn take_warnings(&mut self) -> Vec<String> {
        self.store.take_warnings()
    }

    /// Whether the file has a supervisor.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn supervised(&mut self) -> Result<bool, Error> {
        self.store.read(|snapshot| Ok(snapshot.supervisors()?.0 > 0))
    }

    /// Whether that name is a supervisor, and, where that one has a login, the operating-system user is it.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn supervises(&mut self, name: &str, login: Option<&str>) -> Result<bool, Error> {
        self.store.read(|snapshot| {
            let (actor, logins) = snapshot.actor(name)?;
            let is_it =
                login.is_none_or(|user| logins.is_empty() || logins.iter().any(|login| login == user));
            Ok(actor.supervisor && is_it)
        })
    }

    /// The live things of that kind (agent, queue, workstream, conversation, …), each with its state in a few words.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn live(&mut self, kind: &str) -> Result<Vec<(String, String)>, Error> {
        self.store.read(|snapshot| candidates::live(snapshot, kind))
    }

    /// Whether that statement would be refused now, or, where it is only begun, whatever would follow: what a prompt need
    /// not offer. What only looks would not be.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn would_refuse(&mut self, text: &str, context: &Context) -> Result<bool, Error> {
        self.store.read(|snapshot| {
            let now = query::time_of_query(snapshot, context)?;
            let actor = execute::reader(snapshot, context)?;
            statement::is_refused(snapshot, text, &actor, now, context)
        })
    }

    /// The text of docs/LIFECYCLES.md.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn gallery(&mut self) -> Result<String, Error> {
        self.store.read(|snapshot| Ok(statement::gallery::document(&snapshot.built_in_lifecycles()?)))
    }

    /// The site's time zone, by its IANA name.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn time_zone(&mut self) -> Result<String, Error> {
        self.store.read(|snapshot| Ok(snapshot.time_zone()?))
    }

    /// A function that stops the running statement, for another thread to call.
    pub fn stopper(&self) -> Box<dyn Fn() + Send + Sync> {
        self.store.stopper()
    }

    /// The views that SELECT reads, with their columns.
    ///
    /// # Errors
    /// Accidents of the file.
    pub fn views(&mut self) -> Result<Vec<(String, Vec<String>)>, Error> {
        self.store.read(|snapshot| Ok(snapshot.views()?))
    }
}

/// A refusal as an answer, so that what was due before the statement is committed all the same.
fn refused_apart(answer: Result<Reply, Error>) -> Result<Result<Reply, Refusal>, Error> {
    match answer {
        Ok(reply) => Ok(Ok(reply)),
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(fault) => Err(fault),
    }
}

/// Why a batch follows nothing.
fn not_committed() -> Refusal {
    Refusal::new(Code::NotAllowed, "FOLLOW shows committed entries and cannot run inside a transaction")
        .hint("run FOLLOW on its own, without --atomic")
}

fn parse(text: &str, parameters: &Parameters) -> Result<(&'static StatementDef, Arguments), Error> {
    let (index, arguments) = statement::catalogue().parse(text, parameters)?;
    Ok((statement::statements()[index], arguments))
}

/// The syntax of all statements.
pub fn catalogue() -> &'static Catalogue {
    statement::catalogue()
}

/// What the shell has to know about a statement before it runs it; none: it does not parse.
pub fn traits(text: &str, parameters: &Parameters) -> Option<StatementTraits> {
    let (definition, _) = parse(text, parameters).ok()?;
    let looks = !matches!(definition.handler, Handler::Write(_) | Handler::Sweep);
    Some(StatementTraits {
        looks,
        creates: definition.syntax.starts_with("CREATE"),
        asks: definition.syntax.starts_with("FORCE CLOSE"),
        follows: matches!(definition.handler, Handler::Follow(_)),
    })
}

/// The text of docs/REPORTS.md.
pub fn definitions() -> String {
    statement::support::columns::document()
}

/// The text of docs/STATEMENTS.md.
pub fn manual(views: &[(String, Vec<String>)]) -> String {
    statement::support::manual::document(views)
}
