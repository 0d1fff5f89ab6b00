//! How a reply may be drawn: bars along its rows, one small drawing for each of a few columns.
//!
//! Invariant: it names columns and says what the rows are called, and computes nothing; the numbers are the
//! reply's own. It deliberately does not know any output format, nor how a bar looks.

/// What a drawing is to the rows that it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartPlacement {
    /// It says all that they say: where there is room for one of both, people see the drawing.
    InTheirPlace,
    /// It shows a part of them: where there is room for one of both, people see the rows.
    BesideThem,
}

/// How a reply may be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What it is about, in a few words for people (`2026-03-02, Europe/Berlin`); empty: nothing is said.
    pub title: String,
    /// The column along which it is drawn.
    pub along: &'static str,
    /// What people call each row, from the first to the last: the hour on the site's clocks, a queue.
    pub labels: Vec<String>,
    /// The columns of numbers, not negative, that become bars; each has a scale of its own.
    pub bars: &'static [&'static str],
    /// What it is to the rows.
    pub standing: ChartPlacement,
}
