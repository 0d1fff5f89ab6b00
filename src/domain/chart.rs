//! How a reply may be drawn as a chart: a row of bars for each of a few columns.
//!
//! Invariant: a chart names columns and labels rows but computes nothing; the numbers are those of
//! the reply. This module deliberately does not know any output format, nor how bars are rendered.

/// How a chart relates to the rows that it is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartPlacement {
    /// The chart shows everything the rows do. If there is room for only one, people see the chart.
    InTheirPlace,
    /// The chart shows a part of the rows. If there is room for only one, people see the rows.
    BesideThem,
}

/// How a reply may be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The title for people (`2026-03-02, Europe/Berlin`); empty: no title.
    pub title: String,
    /// The column of the horizontal axis.
    pub along: &'static str,
    /// The label of each row, in order: the local hour, a queue.
    pub labels: Vec<String>,
    /// The numeric columns to draw as bars. Values are not negative; each column has its own scale.
    pub bars: &'static [&'static str],
    /// How the chart relates to the rows.
    pub placement: ChartPlacement,
}
