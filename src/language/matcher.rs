//! Matches a statement's tokens against all syntax lines at once.
//!
//! Invariant: time is linear in the number of tokens, and there is no recursion over them. All
//! programs advance in lockstep, threads in the same state are merged, and what a thread has
//! consumed is a chain of indices. The statement is wrong where the last thread dies. This module
//! deliberately does not know what any statement means.

use super::arguments::{Arguments, Parameters};
use super::expected;
use super::lines::Lines;
use super::program::Instruction;
use super::reading::ArgumentReader;
use super::token::{Token, tokens};
use crate::domain::refusal::{Code, Refusal};

/// All syntax lines, ready to be matched.
#[derive(Debug)]
pub struct Catalogue {
    pub(super) lines: Lines,
}

impl Catalogue {
    /// Creates a catalogue of these lines, in the notation of `grammar`. Lines are parsed when they
    /// are needed; an invalid line then panics, because it is a bug in this program.
    pub fn new(lines: &[&'static str]) -> Catalogue {
        Catalogue { lines: Lines::new(lines) }
    }

    /// Returns the index of the line that the statement matches (the first, if there are several),
    /// and its arguments.
    ///
    /// # Errors
    /// `syntax` if no line matches; `invalid_value`, `unknown_parameter` or `too_large` for a
    /// value; each with its place.
    pub fn parse(&self, text: &str, parameters: &Parameters) -> Result<(usize, Arguments), Refusal> {
        let tokens = statement_tokens(text)?;
        let run = self.run(text, &tokens)?;
        match run.finished().next() {
            Some(thread) => {
                let reading = ArgumentReader { catalogue: self, text, tokens: &tokens, parameters };
                Ok((thread.page, reading.arguments(thread.page, &run.steps_of(thread))?))
            }
            None => Err(expected::refusal(self, &run, text, &tokens, tokens.len())),
        }
    }

    /// Returns every line that the statement matches; in a correct catalogue there is exactly one.
    ///
    /// # Errors
    /// The same as [`Catalogue::parse`], but values are not validated.
    pub fn pages_matching(&self, text: &str) -> Result<Vec<usize>, Refusal> {
        let tokens = statement_tokens(text)?;
        let run = self.run(text, &tokens)?;
        let mut pages: Vec<usize> = run.finished().map(|thread| thread.page).collect();
        pages.dedup();
        Ok(pages)
    }

    /// Returns the syntax of a line for people.
    pub fn written(&self, line: usize) -> Option<&str> {
        (line < self.lines.len()).then(|| self.lines.program(line).written.as_str())
    }

    /// Runs all tokens over the lines that may match or, if none matches, over all lines that an
    /// error must mention.
    fn run(&self, text: &str, tokens: &[Token]) -> Result<MatcherRun<'_>, Refusal> {
        let mut run = MatcherRun::of(self, self.lines.that_may_match(tokens));
        if run.feed(tokens).is_ok() && run.finished().next().is_some() {
            return Ok(run);
        }
        let mut run = MatcherRun::of(self, self.lines.begun_by(tokens.first()));
        match run.feed(tokens) {
            Ok(()) => Ok(run),
            Err(at) => Err(expected::refusal(self, &run, text, tokens, at)),
        }
    }
}

/// Returns the tokens of one statement, without its `;`.
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

/// One way of reading the tokens so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread {
    pub(super) page: usize,
    pub(super) step: usize,
    /// A bit set of the optional parts that were used.
    pub(super) used: u64,
    /// The last link in the chain of what it has consumed.
    trail: Option<u32>,
}

impl Thread {
    fn same_state(&self, other: &Thread) -> bool {
        (self.page, self.step, self.used) == (other.page, other.step, other.used)
    }
}

struct Link {
    before: Option<u32>,
    token: usize,
    step: usize,
}

/// All threads after the tokens so far.
pub(super) struct MatcherRun<'a> {
    catalogue: &'a Catalogue,
    pub(super) threads: Vec<Thread>,
    /// The threads right after the last token, before branching.
    pub(super) arrivals: Vec<Thread>,
    links: Vec<Link>,
}

impl<'a> MatcherRun<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        MatcherRun::of(catalogue, (0..catalogue.lines.len()).collect())
    }

    fn of(catalogue: &'a Catalogue, pages: Vec<usize>) -> Self {
        let start = |page| Thread { page, step: 0, used: 0, trail: None };
        let arrivals = pages.into_iter().map(start).collect();
        let mut run = MatcherRun { catalogue, threads: Vec::new(), arrivals, links: Vec::new() };
        run.branch();
        run
    }

    /// Consumes tokens. Returns the index of the first one that no thread accepts; the threads are
    /// then those before it.
    pub(super) fn feed(&mut self, tokens: &[Token]) -> Result<(), usize> {
        for (index, token) in tokens.iter().enumerate() {
            let mut arrivals = Vec::with_capacity(self.threads.len());
            for thread in &self.threads {
                if self.catalogue.lines.program(thread.page).takes(thread.step, token) {
                    let trail = u32::try_from(self.links.len()).ok();
                    self.links.push(Link { before: thread.trail, token: index, step: thread.step });
                    arrivals.push(Thread { step: thread.step + 1, trail, ..*thread });
                }
            }
            if arrivals.is_empty() {
                return Err(index);
            }
            self.arrivals = arrivals;
            self.branch();
        }
        Ok(())
    }

    /// Follows every step that does not consume a token, the first alternative first.
    fn branch(&mut self) {
        self.threads.clear();
        let mut seen: Vec<Thread> = Vec::new();
        for arrival in &self.arrivals {
            let mut open = vec![*arrival];
            while let Some(thread) = open.pop() {
                // Threads are ordered by line, so only the tail can contain the same state.
                let mut tail = seen.iter().rev().take_while(|other| other.page == thread.page);
                if tail.any(|other| thread.same_state(other)) {
                    continue;
                }
                seen.push(thread);
                match &self.catalogue.lines.program(thread.page).steps[thread.step] {
                    Instruction::Jump(target) => open.push(Thread { step: *target, ..thread }),
                    Instruction::Choose(starts) => {
                        open.extend(starts.iter().rev().map(|step| Thread { step: *step, ..thread }));
                    }
                    Instruction::Optionals(optionals) => {
                        let used = thread.used & !optionals.bits;
                        open.push(Thread { step: optionals.next, used, ..thread });
                        let free = optionals.ways.iter().rev().filter(|(_, bit, _)| thread.used & bit == 0);
                        open.extend(free.map(|(step, bit, _)| Thread {
                            step: *step,
                            used: thread.used | bit,
                            ..thread
                        }));
                    }
                    _ => self.threads.push(thread),
                }
            }
        }
    }

    /// Returns the threads that are at the end of their line.
    pub(super) fn finished(&self) -> impl Iterator<Item = &Thread> {
        let lines = &self.catalogue.lines;
        let at_end =
            |thread: &&Thread| matches!(lines.program(thread.page).steps[thread.step], Instruction::End);
        self.threads.iter().filter(at_end)
    }

    /// Returns what a thread has consumed: pairs of a token and the step that accepted it, in
    /// order.
    pub(super) fn steps_of(&self, thread: &Thread) -> Vec<(usize, usize)> {
        let mut taken = Vec::new();
        let mut at = thread.trail;
        while let Some(link) = at.and_then(|index| self.links.get(index as usize)) {
            taken.push((link.token, link.step));
            at = link.before;
        }
        taken.reverse();
        taken
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
        assert!(catalogue().pages_matching(text).map_or(0, |pages| pages.len()) <= 1, "{text}");
    }

    #[test]
    fn one_page_matches_and_names_may_be_keywords() {
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

    #[test]
    fn hostile_lists_are_linear() {
        let started = std::time::Instant::now();
        let names = "a,".repeat(100_000);
        check(&format!("add {names} a to q"), "ADD");
        let settings: Vec<String> = (0..20_000).map(|index| format!("a{index}=1")).collect();
        check(&format!("create queue q with ({})", settings.join(",")), "CREATE QUEUE");
        check(&format!("create lifecycle l ({} on a to b)", "on a to b,".repeat(20_000)), "CREATE LIFECYCLE");
        check(&"select ".repeat(37_000), "SELECT");
        check(&"(".repeat(200_000), "syntax");
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}
