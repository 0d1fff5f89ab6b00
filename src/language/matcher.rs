//! Matches a statement against every syntax line at once.
//!
//! Invariant: time is linear in the tokens, without recursion over them: all programs advance in
//! lockstep, threads in the same state are merged, and what a thread took is a chain of indices.
//! Where the last thread dies is where the statement is wrong. This module deliberately does not know
//! what any statement means.

use super::lines::Lines;
use super::program::Instruction;
use super::token::Token;

/// One way of reading the tokens so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thread {
    pub(super) line: usize,
    pub(super) step: usize,
    /// A bit set of the optional parts that were used.
    pub(super) used: u64,
    /// The last link in the chain of what it has consumed.
    trail: Option<u32>,
}

impl Thread {
    fn same_state(&self, other: &Thread) -> bool {
        (self.line, self.step, self.used) == (other.line, other.step, other.used)
    }
}

struct Link {
    before: Option<u32>,
    token: usize,
    step: usize,
}

/// All threads after the tokens so far.
pub(super) struct MatcherRun<'a> {
    lines: &'a Lines,
    pub(super) threads: Vec<Thread>,
    /// The threads right after the last token, before branching.
    pub(super) arrivals: Vec<Thread>,
    links: Vec<Link>,
}

impl<'a> MatcherRun<'a> {
    pub(super) fn new(lines: &'a Lines) -> Self {
        MatcherRun::of(lines, (0..lines.len()).collect())
    }

    pub(super) fn of(lines: &'a Lines, indices: Vec<usize>) -> Self {
        let start = |line| Thread { line, step: 0, used: 0, trail: None };
        let arrivals = indices.into_iter().map(start).collect();
        let mut run = MatcherRun { lines, threads: Vec::new(), arrivals, links: Vec::new() };
        run.branch();
        run
    }

    /// Consumes tokens. Returns the index of the first one that no thread accepts; the threads are
    /// then those before it.
    pub(super) fn feed(&mut self, tokens: &[Token]) -> Result<(), usize> {
        for (index, token) in tokens.iter().enumerate() {
            let mut arrivals = Vec::with_capacity(self.threads.len());
            for thread in &self.threads {
                if self.lines.program(thread.line).takes(thread.step, token) {
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
                // Threads come line by line, so only the tail can hold the same state.
                let mut tail = seen.iter().rev().take_while(|other| other.line == thread.line);
                if tail.any(|other| thread.same_state(other)) {
                    continue;
                }
                seen.push(thread);
                match &self.lines.program(thread.line).steps[thread.step] {
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
        let lines = self.lines;
        let at_end =
            |thread: &&Thread| matches!(lines.program(thread.line).steps[thread.step], Instruction::End);
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

    /// The steps that were recorded, for tests of its cost.
    #[cfg(test)]
    pub(super) fn steps_taken(&self) -> usize {
        self.links.len()
    }
}
