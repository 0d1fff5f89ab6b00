//! Charts in a document: a panel of bars per column, side by side if there is room.
//!
//! Invariant: every bar has a tooltip with its exact value, and the table below contains everything
//! that is drawn. Bars are vertical along time and if their labels are short; otherwise they are
//! horizontal, each after its label. This module deliberately knows no colours; the style defines
//! them.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::cells;
use super::super::escape::harmless;
use super::super::series::{self, Series};
use super::super::width;
use super::escaped;
use super::scale::Scale;
use crate::domain::chart::Chart;
use crate::domain::reply::{ColumnKind, Reply};

/// The width of a panel in its own units: about the width of a phone in points, so that letters
/// keep their size there.
const WIDTH: f64 = 360.0;

/// The maximum height of vertical bars.
const TALLEST: f64 = 140.0;

/// The width of a letter, and the room above the highest bar.
const LETTER: f64 = 6.3;
const ABOVE: f64 = 8.0;

/// The distance between horizontal bars, and their thickness.
const APART: f64 = 22.0;
const THICK: f64 = 14.0;

/// The maximum length of a label before a horizontal bar, in letters.
const LONGEST_LABEL: usize = 18;

/// The number of colour classes in the style.
const COLORS: usize = 4;

/// Steps between labels that are easy to count, in hours or days.
const STRIDES: [usize; 10] = [1, 2, 3, 4, 6, 7, 12, 14, 24, 28];

/// Writes the chart's title and its panels.
pub(super) fn write(out: &mut dyn Write, reply: &Reply, chart: &Chart) -> io::Result<()> {
    if !chart.title.is_empty() {
        writeln!(out, "<h3>{}</h3>", escaped(&harmless(&chart.title)))?;
    }
    let columns = series::series(reply, chart);
    if reply.rows.is_empty() || columns.is_empty() {
        return Ok(());
    }
    let along = reply.columns.iter().find(|column| column.name == chart.along);
    let over_time = along.is_some_and(|column| column.kind == ColumnKind::Moment);
    let (day, labels) = without_their_day(series::labels(reply, chart));
    if let Some(day) = day.filter(|_| chart.title.is_empty()) {
        writeln!(out, "<h3>{}</h3>", escaped(&day))?;
    }
    let panel = Panel { along: along.map(cells::header).unwrap_or_default(), labels };
    writeln!(out, "<div class=\"panels\">")?;
    for (number, column) in columns.iter().enumerate() {
        let upright = over_time || panel.stride(panel.slot(left_of(&Scale::of(column)))) == 1;
        let (height, drawing) = if upright { panel.upright(column) } else { panel.lying(column) };
        let name = escaped(&column.name);
        writeln!(out, "<figure class=\"c{}\"><figcaption>{name}</figcaption>", number % COLORS)?;
        writeln!(
            out,
            "<svg viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{}\">",
            panel.stream(column)
        )?;
        writeln!(out, "{drawing}</svg></figure>")?;
    }
    writeln!(out, "</div>")
}

/// Removes a first word that all labels share (the day of hours). Returns that word and the labels.
fn without_their_day(labels: Vec<String>) -> (Option<String>, Vec<String>) {
    let day = labels.first().and_then(|label| label.split_once(' ')).map(|(day, _)| day.to_owned());
    let rest = |label: &String| Some(label.strip_prefix(day.as_deref()?)?.strip_prefix(' ')?.to_owned());
    match labels.iter().map(rest).collect() {
        Some(rest) if labels.len() > 1 => (day, rest),
        _ => (None, labels),
    }
}

/// Returns where vertical bars begin, to the right of their scale.
fn left_of(scale: &Scale) -> f64 {
    let letters = scale.marks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
    8.0 + LETTER * count(letters)
}

/// What all panels have in common.
struct Panel {
    along: String,
    labels: Vec<String>,
}

impl Panel {
    /// Returns the room for each vertical bar.
    fn slot(&self, left: f64) -> f64 {
        (WIDTH - left - 2.0) / count(self.labels.len().max(1))
    }

    /// Returns the number of bars per label, so that the labels do not overlap.
    fn stride(&self, slot: f64) -> usize {
        let letters = self.labels.iter().map(|label| width::width(label)).max().unwrap_or(0);
        let wanted = LETTER * count(letters) + 5.0;
        let fits = |stride: &usize| count(*stride) * slot >= wanted;
        let stride = STRIDES.into_iter().find(fits);
        stride.or_else(|| (1..=self.labels.len()).find(fits)).unwrap_or(self.labels.len().max(1))
    }

    /// Returns the description of a panel for screen readers.
    fn stream(&self, column: &Series) -> String {
        let row = column.sizes.iter().position(|size| *size > 0.0 && *size >= column.largest);
        let most = match row {
            Some(row) => format!("most {}, at {}", column.texts[row], self.labels[row]),
            None => "nothing".to_owned(),
        };
        escaped(&format!("{} by {}: {most}", column.name, self.along))
    }

    fn upright(&self, column: &Series) -> (f64, String) {
        let scale = Scale::of(column);
        let left = left_of(&scale);
        let (slot, floor) = (self.slot(left), ABOVE + TALLEST);
        let mut drawing = String::new();
        for (at, text) in &scale.marks {
            let y = floor - TALLEST * (at / scale.top);
            // Writing to a String cannot fail.
            _ = writeln!(
                drawing,
                "<line class=\"grid\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{WIDTH}\" y2=\"{y:.1}\"/>\
                 <text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
                left - 4.0,
                y + 4.0
            );
        }
        let stride = self.stride(slot);
        for (row, label) in self.labels.iter().enumerate() {
            let x = left + slot * count(row);
            let height = visible(TALLEST * (column.sizes[row] / scale.top));
            let bar = [x + slot * 0.12, floor - height, slot * 0.76, height];
            self.push(&mut drawing, column, row, [x, ABOVE, slot, TALLEST], bar);
            if row % stride == 0 {
                // A label at the edge must stay within the panel.
                let half = LETTER * count(width::width(label)) / 2.0;
                let middle = (x + slot / 2.0).clamp(half.min(WIDTH / 2.0), (WIDTH - half).max(WIDTH / 2.0));
                let (below, label) = (floor + 15.0, escaped(label));
                _ = writeln!(
                    drawing,
                    "<text class=\"middle\" x=\"{middle:.1}\" y=\"{below:.1}\">{label}</text>"
                );
            }
        }
        (floor + 20.0, drawing)
    }

    fn lying(&self, column: &Series) -> (f64, String) {
        let short = |label: &String| width::shortened(label, LONGEST_LABEL).into_owned();
        let labels: Vec<String> = self.labels.iter().map(short).collect();
        let letters = labels.iter().map(|label| width::width(label)).max().unwrap_or(0);
        let after = column.texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let left = 8.0 + LETTER * count(letters);
        let longest = (WIDTH - left - 12.0 - LETTER * count(after)).max(LETTER);
        let mut drawing = String::new();
        for (row, label) in labels.iter().enumerate() {
            let y = APART * count(row);
            let length = visible(longest * column.share(row));
            self.push(&mut drawing, column, row, [0.0, y, WIDTH, APART], [left, y + 4.0, length, THICK]);
            let (label, text) = (escaped(label), escaped(&column.texts[row]));
            _ = writeln!(
                drawing,
                "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{label}</text><text x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
                left - 6.0,
                y + 15.0,
                left + length + 5.0,
                y + 15.0
            );
        }
        (APART * count(labels.len()), drawing)
    }

    /// Draws a bar, and the area around it in which its tooltip is shown.
    fn push(&self, drawing: &mut String, column: &Series, row: usize, room: [f64; 4], bar: [f64; 4]) {
        let said = escaped(&format!("{}: {} {}", self.labels[row], column.texts[row], column.name));
        _ = write!(drawing, "<g><title>{said}</title>");
        for (class, [x, y, width, height]) in [("room", room), ("bar", bar)] {
            if height > 0.0 && width > 0.0 {
                let size = format!("width=\"{width:.1}\" height=\"{height:.1}\"");
                _ = write!(drawing, "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" {size}/>");
            }
        }
        drawing.push_str("</g>\n");
    }
}

/// Makes every bar that is not zero visible.
fn visible(length: f64) -> f64 {
    if length > 0.0 { length.max(1.0) } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "rows and letters are few")]
fn count(number: usize) -> f64 {
    number as f64
}
