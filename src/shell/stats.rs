//! Counts statements and refusals, and derives the exit status.
//!
//! Invariant: the status is that of the error that stopped the run. A run that continued after
//! refusals returns the most severe one, in the order of the contract. This module deliberately
//! does not know what a statement is.

use crate::domain::refusal::Code;

/// The maximum number of places of refusals in the summary.
const PLACES: usize = 5;

/// The exit status of a statement that does not parse.
const SYNTAX: u8 = 2;
/// The exit status of a refusal.
const REFUSED: u8 = 1;

/// The counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunStats {
    done: u64,
    refused: u64,
    places: Vec<String>,
    statuses: Vec<u8>,
    ended_by: Option<Code>,
}

/// Returns whether `--keep-going` continues after this code. A fault of the file ends every run.
pub fn goes_on_after(code: Code) -> bool {
    [REFUSED, SYNTAX, Code::NothingWaiting.exit_status()].contains(&code.exit_status())
}

impl RunStats {
    /// Counts a successful statement.
    pub fn done(&mut self) {
        self.done += 1;
    }

    /// Counts successful rows.
    pub fn rows_done(&mut self, rows: u64) {
        self.done += rows;
    }

    /// Counts a refused statement with its place.
    pub fn refused(&mut self, code: Code, place: String) {
        self.refused += 1;
        if self.places.len() <= PLACES && self.places.last() != Some(&place) {
            self.places.push(place);
        }
        if !self.statuses.contains(&code.exit_status()) {
            self.statuses.push(code.exit_status());
        }
    }

    /// Records that the last refusal ended the run.
    pub fn ended(&mut self, code: Code) {
        self.ended_by = Some(code);
    }

    /// Returns the code that ended the run early.
    pub fn ended_by(&self) -> Option<Code> {
        self.ended_by
    }

    /// Returns the number of successful statements.
    pub fn successes(&self) -> u64 {
        self.done
    }

    /// Returns the number of statements.
    pub fn statements(&self) -> u64 {
        self.done + self.refused
    }

    /// Returns the exit status.
    pub fn exit_status(&self) -> u8 {
        match (self.ended_by, self.statuses.as_slice()) {
            (_, []) => 0,
            (_, [only]) => *only,
            (Some(code), _) if !goes_on_after(code) => code.exit_status(),
            (_, several) if several.contains(&SYNTAX) => SYNTAX,
            _ => REFUSED,
        }
    }

    /// Returns the summary: `12 ok, 1 refused at line 4`.
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
            [
                "not_found",
                "not_ours",
                "newer",
                "damaged",
                "disk_full",
                "io_error",
                "busy",
                "unknown",
                "interrupted",
                "internal"
            ]
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
