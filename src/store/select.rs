//! A user's SELECT: SQLite's own SQL, read-only, on the views only, with a time limit.
//!
//! Invariant: a SELECT can read exactly what the views read. SQLite's authorizer names the view on
//! whose behalf a column is read. But it takes a common table expression with a view's name for
//! that view, and columns read by NATURAL JOIN or USING are not reported to it. Therefore the exact
//! reads (view, table, column) of each view that a query names are recorded, and a query must
//! neither name a table of the file nor define anything with the name of one.

mod asked;
mod functions;
mod limits;
mod parameters;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, Statement};

use super::archive::UNPACKED;
use super::convert::value;
use super::format::Formats;
use super::schema::INTERNAL_VIEWS;
use super::sql_lexer::{SqlWord, sources, table_expressions, words};
use super::sqlite_error::sqlite_fault;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::domain::reply::{Column, Reply};
use crate::domain::value::Value;
use limits::Usage;
use parameters::bind;

/// Functions that read files, load code, describe the library, or block; reports never need them.
const FORBIDDEN_FUNCTIONS: [&str; 8] = [
    "load_extension",
    "readfile",
    "writefile",
    "edit",
    "fts3_tokenizer",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    "randomblob",
];

/// Functions that can be used in place of a table.
const TABLE_FUNCTIONS: [&str; 2] = ["json_each", "json_tree"];

type TableRead = (String, String, String);
type FunctionCall = (String, String);

#[derive(Default)]
struct Authorizer {
    /// Whether a user's SELECT is being prepared or run. Everything else is the program's own SQL.
    asked: bool,
    allowed: HashSet<TableRead>,
    /// Which view calls which function of ours that is for it alone.
    calls: HashSet<FunctionCall>,
    /// Views whose reads are known.
    recorded: HashSet<String>,
    recording: Option<String>,
    refused: Option<String>,
    views: HashSet<String>,
    /// The names of all objects of the file, including views and internal ones.
    names: HashSet<String>,
}

/// A user's SELECT with its inputs.
pub struct Query<'a> {
    /// The text of the statement.
    pub text: &'a str,
    /// The byte offset in it at which the SELECT begins.
    pub offset: usize,
    /// Returns the value of a parameter, by name.
    pub parameters: &'a dyn Fn(&str) -> Option<Value>,
    /// The time from which the view of ongoing conversations counts.
    pub now: Moment,
    /// The maximum number of rows returned.
    pub rows_limit: usize,
}

/// Decides which SELECTs are allowed.
pub struct Guard {
    judge: Arc<Mutex<Authorizer>>,
}

impl Guard {
    /// Installs the guard. It stays on the connection but is active only during a SELECT: removing
    /// and adding it would make SQLite prepare all other statements again.
    pub(super) fn new(connection: &mut Connection, format: &Formats) -> Result<Guard, Fault> {
        let judge = Authorizer {
            views: views(connection, format)?,
            names: names(connection)?,
            ..Authorizer::default()
        };
        let judge = Arc::new(Mutex::new(judge));
        functions::add(connection).map_err(sqlite_fault)?;
        install(connection, &judge)?;
        Ok(Guard { judge })
    }

    /// Runs a SELECT. It sees what was committed last or, in a batch, what the batch has written.
    pub(super) fn run(&self, connection: &mut Connection, query: &Query<'_>) -> Result<Reply, Error> {
        let usage = Arc::default();
        self.watched(connection, &usage, |connection| self.answer(connection, query, &usage))
    }

    /// Checks that a text is a SELECT that could be run.
    pub(super) fn check(&self, connection: &mut Connection, query: &Query<'_>) -> Result<(), Error> {
        let usage = Arc::default();
        self.watched(connection, &usage, |connection| self.prepared(connection, query, &usage).map(|_| ()))
    }

    /// Calls `ask` with the guard and the limits active.
    fn watched<T>(
        &self,
        connection: &mut Connection,
        usage: &Arc<Usage>,
        ask: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.judge_is(true)?;
        let answer = limits::within(connection, usage, ask);
        self.judge_is(false)?;
        answer.map_err(sqlite_fault)?
    }

    fn judge_is(&self, asked: bool) -> Result<(), Fault> {
        self.lock()?.asked = asked;
        Ok(())
    }

    fn lock(&self) -> Result<MutexGuard<'_, Authorizer>, Fault> {
        self.judge.lock().map_err(|_| Fault::new(Code::Internal, "the guard of SELECT is gone"))
    }

    /// Prepares a SELECT and binds its parameters, or refuses it if it does more than read what it
    /// may.
    fn prepared<'c>(
        &self,
        connection: &'c Connection,
        query: &Query<'_>,
        usage: &Usage,
    ) -> Result<Statement<'c>, Error> {
        let Query { text, offset, parameters, .. } = *query;
        for view in self.refuse_names(text, offset)? {
            self.record(connection, &view)?;
        }
        let mut statement =
            connection.prepare(&text[offset..]).map_err(|error| self.refusal(error, offset, usage))?;
        if !statement.readonly() || statement.is_explain() == 1 {
            return Err(Refusal::new(Code::Sql, "only SELECT is allowed here")
                .hint("use the statements that HELP lists to change something")
                .into());
        }
        bind(&mut statement, parameters, text, offset)?;
        Ok(statement)
    }

    fn answer(&self, connection: &Connection, query: &Query<'_>, usage: &Usage) -> Result<Reply, Error> {
        let Query { offset, rows_limit, .. } = *query;
        let mut statement = self.prepared(connection, query, usage)?;
        let mut reply = Reply::with_columns(&[]);
        reply.columns = statement.column_names().map(Column::new).collect();
        let count = reply.columns.len();
        let mut rows = statement.raw_query();
        loop {
            match rows.next() {
                Ok(Some(_)) if reply.rows.len() == rows_limit => {
                    reply.notes.push(format!(
                        "only the first {rows_limit} rows are shown; add LIMIT or a condition"
                    ));
                    break;
                }
                Ok(Some(row)) => {
                    let values =
                        (0..count).map(|index| value(row, index)).collect::<rusqlite::Result<Vec<_>>>();
                    let values = values.map_err(sqlite_fault)?;
                    usage.keep(&values)?;
                    reply.rows.push(values);
                }
                Ok(None) => break,
                Err(error) => return Err(self.refusal(error, offset, usage)),
            }
        }
        Ok(reply)
    }

    /// Checks the names in the query's text before SQLite sees it, and returns the views it names.
    /// The authorizer could not tell `WITH ongoing AS (…)` from the view, and does not report a
    /// table that is only counted, or only joined by the names of its columns.
    fn refuse_names(&self, text: &str, offset: usize) -> Result<Vec<String>, Refusal> {
        let guard =
            self.judge.lock().map_err(|_| Refusal::new(Code::Internal, "a SELECT failed before this one"))?;
        let words = words(&text[offset..]);
        let span = |place: &Range<usize>| offset + place.start..offset + place.end;
        let expressions = table_expressions(&words);
        let taken = |word: &&&SqlWord| guard.names.contains(&word.text) || is_reserved(&word.text);
        if let Some(word) = expressions.iter().find(taken) {
            let kind = if guard.views.contains(&word.text) { "view" } else { "table of the file" };
            return Err(Refusal::new(
                Code::Sql,
                format!("{} is a {kind}; a WITH clause cannot use its name", word.text),
            )
            .hint("use another name")
            .at_span(span(&word.place)));
        }
        let known = |name: &String| {
            guard.views.contains(name)
                || TABLE_FUNCTIONS.contains(&name.as_str())
                || expressions.iter().any(|word| word.text == *name)
        };
        let sources = sources(&words);
        match sources.iter().find(|word| !known(&word.text)) {
            Some(word) => Err(Refusal::new(Code::Sql, format!("view {} does not exist", word.text))
                .hint(nearest(&word.text, &guard.views).unwrap_or_else(|| listed(&guard.views)))
                .at_span(span(&word.place))),
            None => {
                let named = sources.into_iter().filter(|word| guard.views.contains(&word.text));
                Ok(named.map(|word| word.text.clone()).collect())
            }
        }
    }

    /// Prepares a view once and records what it reads. A SELECT needs only the views that it names.
    fn record(&self, connection: &Connection, view: &str) -> Result<(), Fault> {
        if self.lock()?.recorded.contains(view) {
            return Ok(());
        }
        self.lock()?.recording = Some(view.to_owned());
        let prepared =
            connection.prepare(&format!("SELECT * FROM \"{view}\"")).map(|_| ()).map_err(sqlite_fault);
        let mut judge = self.lock()?;
        judge.recording = None;
        judge.recorded.insert(view.to_owned());
        prepared
    }

    fn refusal(&self, error: rusqlite::Error, offset: usize, usage: &Usage) -> Error {
        let forbidden = self.judge.lock().ok().and_then(|mut guard| guard.refused.take());
        match (error, forbidden) {
            (rusqlite::Error::SqlInputError { msg, offset: at, .. }, forbidden) => {
                let refusal = Refusal::new(Code::Sql, forbidden.unwrap_or(msg)).hint(self.hint());
                match usize::try_from(at) {
                    Ok(at) => refusal.at_span(offset + at..offset + at + 1).into(),
                    Err(_) => refusal.into(),
                }
            }
            (_, Some(what)) => Refusal::new(Code::Sql, what).hint(self.hint()).into(),
            (rusqlite::Error::SqliteFailure(failure, _), None)
                if failure.code == rusqlite::ErrorCode::OperationInterrupted =>
            {
                usage.interrupted()
            }
            (rusqlite::Error::SqliteFailure(failure, _), None)
                if failure.code == rusqlite::ErrorCode::TooBig =>
            {
                limits::value_too_long().into()
            }
            (rusqlite::Error::SqliteFailure(failure, Some(words)), None)
                if matches!(
                    failure.code,
                    rusqlite::ErrorCode::Unknown | rusqlite::ErrorCode::TypeMismatch
                ) =>
            {
                limits::pattern_too_long(&words)
                    .unwrap_or_else(|| Refusal::new(Code::Sql, words).hint(self.hint()))
                    .into()
            }
            (rusqlite::Error::MultipleStatement, None) => {
                Refusal::new(Code::Sql, "only one SELECT is allowed").into()
            }
            (other, None) => sqlite_fault(other).into(),
        }
    }

    fn hint(&self) -> String {
        self.judge.lock().map(|guard| listed(&guard.views)).unwrap_or_default()
    }
}

/// Returns whether a name is one under which SQLite exposes its own tables and settings.
fn is_reserved(name: &str) -> bool {
    let begins = |start: &str| name.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    begins("sqlite_") || begins("pragma_")
}

fn nearest(name: &str, views: &HashSet<String>) -> Option<String> {
    let distance = |view: &&String| strsim::damerau_levenshtein(name, view);
    let near = views.iter().min_by_key(distance).filter(|view| distance(view) <= 2)?;
    Some(format!("did you mean {near}?"))
}

fn listed(views: &HashSet<String>) -> String {
    let mut views: Vec<&str> = views.iter().map(String::as_str).collect();
    views.sort();
    format!("SELECT can read {}", views.join(", "))
}

/// Adds the SQL function that returns the statement's timestamp, in ms. It is marked as innocuous,
/// because views may call only such functions.
pub(super) fn add_now(connection: &Connection, now: Arc<AtomicI64>) -> Result<(), Fault> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    connection
        .create_scalar_function("switchboard_now", 0, flags, move |_| Ok(now.load(Ordering::Relaxed)))
        .map_err(sqlite_fault)
}

fn views(connection: &Connection, format: &Formats) -> Result<HashSet<String>, Fault> {
    let mut sql =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").map_err(sqlite_fault)?;
    let ours = |name: &String| format.newest.has("view", name) && !INTERNAL_VIEWS.contains(&name.as_str());
    let names = sql.query_map([], |row| row.get::<_, String>(0)).map_err(sqlite_fault)?;
    let names = names.collect::<rusqlite::Result<Vec<String>>>().map_err(sqlite_fault)?;
    Ok(names.into_iter().filter(ours).collect())
}

fn names(connection: &Connection) -> Result<HashSet<String>, Fault> {
    let mut sql = connection.prepare("SELECT lower(name) FROM sqlite_schema").map_err(sqlite_fault)?;
    let names = sql.query_map([], |row| row.get::<_, String>(0)).map_err(sqlite_fault)?;
    names.collect::<rusqlite::Result<_>>().map_err(sqlite_fault)
}

fn install(connection: &mut Connection, guard: &Arc<Mutex<Authorizer>>) -> Result<(), Fault> {
    let guard = guard.clone();
    connection
        .authorizer(Some(move |context: AuthContext<'_>| match guard.lock() {
            Ok(mut guard) if guard.asked => guard.judge(&context),
            Ok(_) => Authorization::Allow,
            Err(_) => Authorization::Deny,
        }))
        .map_err(sqlite_fault)
}

impl Authorizer {
    fn judge(&mut self, context: &AuthContext<'_>) -> Authorization {
        match context.action {
            AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
            AuthAction::Function { function_name } => self.judge_function(function_name, context.accessor),
            AuthAction::Read { table_name, column_name } => {
                self.judge_read(table_name, column_name, context.accessor)
            }
            _ => {
                self.refused.get_or_insert_with(|| "only SELECT is allowed here".to_owned());
                Authorization::Deny
            }
        }
    }

    fn judge_function(&mut self, name: &str, accessor: Option<&str>) -> Authorization {
        let call = (accessor.unwrap_or_default().to_ascii_lowercase(), name.to_ascii_lowercase());
        let ours = call.1 == UNPACKED;
        if ours && self.recording.is_some() {
            self.calls.insert(call);
        } else if ours && !self.calls.contains(&call)
            || FORBIDDEN_FUNCTIONS.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden))
        {
            self.refused = Some(format!("function {name} is not allowed in SELECT"));
            return Authorization::Deny;
        }
        Authorization::Allow
    }

    fn judge_read(&mut self, table: &str, column: &str, accessor: Option<&str>) -> Authorization {
        // SQLite spells the name of the view as the query does.
        let view = accessor.unwrap_or_default().to_ascii_lowercase();
        let read = (view, table.to_owned(), column.to_owned());
        if self.recording.is_some() {
            self.allowed.insert(read);
            return Authorization::Allow;
        }
        let free = |name: &str| self.views.contains(name) || TABLE_FUNCTIONS.contains(&name);
        // Something that is only counted, or a join within a view of which no column is used. The
        // query names no table of the file, so it is a table expression or belongs to the view.
        let unused = column.is_empty() && !is_reserved(table);
        if free(&table.to_ascii_lowercase()) || unused || self.allowed.contains(&read) {
            return Authorization::Allow;
        }
        self.refused = Some(format!("{table} is not a view"));
        Authorization::Deny
    }
}
