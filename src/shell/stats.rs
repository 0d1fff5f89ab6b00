//! What was done and what was refused, and the exit status that follows.
//!
//! Invariant: the status is that of what stopped the run; a run that went on past refusals says the
//! worst of them in the contract's order. It deliberately does not know what a statement is.

use crate::domain::refusal::Code;

/// How many places of refusals are named in the summary.
const PLACES: usize = 5;

/// The exit status of a statement that does not parse.
const SYNTAX: u8 = 2;
/// The exit status of a refusal.
const REFUSED: u8 = 1;

/// The count of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunStats {
    done: u64,
    refused: u64,
    places: Vec<String>,
    statuses: Vec<u8>,
    ended_by: Option<Code>,
}

/// Whether a run that keeps going goes on after that: an accident of the file ends every run.
pub fn goes_on_after(code: Code) -> bool {
    [REFUSED, SYNTAX, Code::NothingWaiting.exit_status()].contains(&code.exit_status())
}

impl RunStats {
    /// One more was done.
    pub fn done(&mut self) {
        self.done += 1;
    }

    /// One more was refused, at that place.
    pub fn refused(&mut self, code: Code, place: String) {
        self.refused += 1;
        if self.places.len() <= PLACES && self.places.last() != Some(&place) {
            self.places.push(place);
        }
        if !self.statuses.contains(&code.exit_status()) {
            self.statuses.push(code.exit_status());
        }
    }

    /// The last refusal ended the run.
    pub fn ended(&mut self, code: Code) {
        self.ended_by = Some(code);
    }

    /// What ended the run before its input did.
    pub fn ended_by(&self) -> Option<Code> {
        self.ended_by
    }

    /// How many statements there were.
    pub fn statements(&self) -> u64 {
        self.done + self.refused
    }

    /// The process's exit status.
    pub fn exit_status(&self) -> u8 {
        match (self.ended_by, self.statuses.as_slice()) {
            (_, []) => 0,
            (_, [only]) => *only,
            (Some(code), _) if !goes_on_after(code) => code.exit_status(),
            (_, several) if several.contains(&SYNTAX) => SYNTAX,
            _ => REFUSED,
        }
    }

    /// `12 ok, 1 refused at line 4`.
    pub fn summary(&self) -> String {
        let done = format!("{} ok", self.done);
        if self.refused == 0 {
            return done;
        }
        let mut places = self.places.iter().take(PLACES).cloned().collect::<Vec<_>>().join(", ");
        if self.places.len() > PLACES {
            places.push_str(", …");
        }
        format!("{done}, {} refused at {places}", self.refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(codes: &[Code], ended_by: Option<Code>) -> u8 {
        let mut tally = RunStats::default();
        tally.done();
        for code in codes {
            tally.refused(*code, "line 1".to_owned());
        }
        if let Some(code) = ended_by {
            tally.ended(code);
        }
        tally.exit_status()
    }

    #[test]
    fn the_status_is_that_of_what_stopped_the_run() {
        assert_eq!(status(&[], None), 0);
        for code in Code::ALL {
            assert_eq!(status(&[*code], Some(*code)), code.exit_status(), "{code}");
        }
        use Code::{Busy, NoEdge, NothingWaiting, Syntax};
        for (codes, ended_by, expected) in [
            (&[NothingWaiting][..], None, 5),
            (&[NothingWaiting, NothingWaiting], None, 5),
            (&[NothingWaiting, NoEdge], None, 1),
            (&[NoEdge, Syntax], None, 2),
            (&[Syntax, NothingWaiting], None, 2),
            (&[Syntax, Busy], Some(Busy), 4),
        ] {
            assert_eq!(status(codes, ended_by), expected, "{codes:?}");
        }
    }

    #[test]
    fn only_refusals_can_be_passed_over() {
        let fatal: Vec<&str> =
            Code::ALL.iter().filter(|code| !goes_on_after(**code)).map(|code| code.name()).collect();
        assert_eq!(
            fatal,
            ["not_found", "not_ours", "newer", "damaged", "disk_full", "busy", "interrupted", "internal"]
        );
    }

    #[test]
    fn the_summary_names_the_first_places() {
        let mut tally = RunStats::default();
        tally.done();
        assert_eq!(tally.summary(), "1 ok");
        for line in 4..11 {
            tally.refused(Code::NoEdge, format!("line {line}"));
        }
        assert_eq!(tally.summary(), "1 ok, 7 refused at line 4, line 5, line 6, line 7, line 8, …");
    }
}
