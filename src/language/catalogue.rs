//! All syntax lines, and the parser of statements.

use super::arguments::{Arguments, Parameters};
use super::expected;
use super::lines::Lines;
use super::matcher::MatcherRun;
use super::reading::ArgumentReader;
use super::token::{Token, tokens};
use crate::domain::refusal::{Code, Refusal};

/// All syntax lines, ready to be matched.
#[derive(Debug)]
pub struct Catalogue {
    pub(super) lines: Lines,
}

impl Catalogue {
    /// A catalogue of these lines, in the notation of `grammar`. They are read when they are needed: one that is wrong
    /// panics then, as a bug of this program.
    pub fn new(lines: &[&'static str]) -> Catalogue {
        Catalogue { lines: Lines::new(lines) }
    }

    /// Which line the statement matches (the first, should there be several), and its arguments.
    ///
    /// # Errors
    /// Where and why it matches none, or which value is not of its kind.
    pub fn parse(&self, text: &str, parameters: &Parameters) -> Result<(usize, Arguments), Refusal> {
        let tokens = statement_tokens(text)?;
        let run = self.run(text, &tokens)?;
        match run.finished().next() {
            Some(thread) => {
                let reading = ArgumentReader { lines: &self.lines, text, tokens: &tokens, parameters };
                Ok((thread.line, reading.arguments(thread.line, &run.steps_of(thread))?))
            }
            None => Err(expected::refusal(&self.lines, &run, text, &tokens, tokens.len())),
        }
    }

    /// Every line that the statement matches: a well-made catalogue has one for each statement.
    ///
    /// # Errors
    /// As [`Catalogue::parse`], but values are not judged.
    pub fn lines_matching(&self, text: &str) -> Result<Vec<usize>, Refusal> {
        let tokens = statement_tokens(text)?;
        let run = self.run(text, &tokens)?;
        let mut lines: Vec<usize> = run.finished().map(|thread| thread.line).collect();
        lines.dedup();
        Ok(lines)
    }

    /// The syntax of a line as people read it.
    pub fn written(&self, line: usize) -> Option<&str> {
        (line < self.lines.len()).then(|| self.lines.program(line).written.as_str())
    }

    /// The run over all tokens: of the lines that may match, or, where none does, of all that an error has to speak of.
    fn run(&self, text: &str, tokens: &[Token]) -> Result<MatcherRun<'_>, Refusal> {
        let mut run = MatcherRun::of(&self.lines, self.lines.that_may_match(tokens));
        if run.feed(tokens).is_ok() && run.finished().next().is_some() {
            return Ok(run);
        }
        let mut run = MatcherRun::of(&self.lines, self.lines.begun_by(tokens.first()));
        match run.feed(tokens) {
            Ok(()) => Ok(run),
            Err(at) => Err(expected::refusal(&self.lines, &run, text, tokens, at)),
        }
    }
}

/// The tokens of one statement, without its `;`.
fn statement_tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = tokens(text)?;
    tokens.pop_if(|last| last.is_symbol(';'));
    match tokens.iter().find(|token| token.is_symbol(';')) {
        Some(end) => Err(Refusal::new(Code::Syntax, "unexpected text after the end of the statement")
            .hint("only one statement is allowed here")
            .at_span(end.span.clone())),
        None => Ok(tokens),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::new(&crate::language::grammar::examples::LINES)
    }

    fn check(text: &str, expected: &str) {
        let shown = match catalogue().parse(text, &Parameters::new()) {
            Ok((line, _)) => catalogue().written(line).unwrap_or_default().to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        assert!(shown.starts_with(expected), "{text}\n{shown}\n{expected}");
        assert!(catalogue().lines_matching(text).map_or(0, |lines| lines.len()) <= 1, "{text}");
    }

    #[test]
    fn one_line_matches_and_names_may_be_keywords() {
        check("assign 12 to agent alice", "ASSIGN");
        check("assign #12 to agent agent override;", "ASSIGN");
        check("create queue next", "CREATE QUEUE");
        check("create queue if", "CREATE QUEUE");
        check("create queue if not exists if with (priority = 3, method = 90 seconds)", "CREATE QUEUE");
        check("open on by for for by alice key 'x' subject 'y'", "OPEN");
        check("pick next by next from from", "PICK");
        check("\"assign\" 12", "syntax: a statement must begin with a keyword");
        check("assign 12 \"to\" agent alice", "syntax: expected TO");
        check("select * from ongoing where a@b = :x", "SELECT ...");
        check("explain explain select 1", "EXPLAIN <statement>");
        check("help", "HELP");
        check("hold 12 for 90 seconds", "HOLD");
        check("hold 12 for 90", "syntax: unexpected end of statement; expected a unit of time");
    }

    #[test]
    fn optional_neighbours_come_in_any_order_each_once() {
        check("open on chat for ann queue q by b priority 3", "OPEN");
        check(
            "open on chat for ann by b by c",
            "syntax: expected SUBJECT, QUEUE, PRIORITY, SKILLS, KEY or ;",
        );
    }

    #[test]
    fn a_comma_goes_to_the_list_that_can_go_on() {
        check(
            "create lifecycle l (state state phase queued channel chat, sms, state b phase closed, \
             on open to state, on on from state, b to b after 90s)",
            "CREATE LIFECYCLE",
        );
    }

    /// The steps that matching took.
    fn steps(text: &str) -> usize {
        let tokens = statement_tokens(text).unwrap();
        catalogue().run(text, &tokens).map_or(0, |run| run.steps_taken())
    }

    #[test]
    fn hostile_lists_are_linear() {
        let statements: [fn(usize) -> String; 3] = [
            |count| format!("add {} a to q", "a,".repeat(count)),
            |count| format!("create queue q with ({}b=1)", "a=1,".repeat(count)),
            |count| format!("create lifecycle l ({} on a to b)", "on a to b,".repeat(count)),
        ];
        for statement in statements {
            let (few, many) = (steps(&statement(1_000)), steps(&statement(10_000)));
            assert!(few > 1_000 && many < few * 11, "{}: {few}, then {many}", statement(1));
        }
        check(&format!("add {} a to q", "a,".repeat(100_000)), "ADD");
        check(&"select ".repeat(37_000), "SELECT");
        check(&"(".repeat(200_000), "syntax");
    }
}
