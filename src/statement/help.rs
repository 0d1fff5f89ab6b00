//! HELP: lists the statements, or explains those that begin with the given words.

use crate::domain::permissions::Right;
use crate::domain::refusal::Error;
use crate::domain::reply::Reply;
use crate::statement::support::columns;
use crate::statement::support::help::{codes, contents, entry, is_about, unknown};
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits, statements};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "HELP [<rest:words>]",
    summary: "Lists the statements, or shows the syntax, settings and an example of those that begin with the given words. HELP ERRORS lists the codes; HELP and a column of a report explains the column.",
    example: "HELP ASSIGN",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Read(help),
};

fn help(request: &Request<'_>) -> Result<Reply, Error> {
    let words: Vec<String> = request
        .arguments
        .rest("rest")
        .unwrap_or_default()
        .split_whitespace()
        .map(|word| word.trim_end_matches(';').to_ascii_uppercase())
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return Ok(Reply::prose("help", &contents()));
    }
    if words == ["ERRORS"] || words == ["CODES"] {
        return Ok(Reply::prose("help", &codes()));
    }
    let found: Vec<&StatementDef> =
        statements().iter().copied().filter(|definition| is_about(definition, &words)).collect();
    if found.is_empty() {
        let named = columns::named(&words.join("_"));
        if !named.is_empty() {
            return Ok(Reply::prose("help", &named.join("\n\n")));
        }
        return Err(unknown(&words).into());
    }
    Ok(Reply::prose(
        "help",
        &found.iter().map(|definition| entry(definition)).collect::<Vec<_>>().join("\n\n"),
    ))
}
