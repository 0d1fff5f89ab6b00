//! A drawing in a document: a panel of bars for each column, side by side where there is room.
//!
//! Invariant: every bar says on being pointed at what it is, exactly; what is drawn can also be read in the table
//! below it. Bars stand along time and where their labels are short; else they lie, each label before its bar. It
//! deliberately knows no colour: the style has them.

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

/// How wide a panel is in its own units; about a telephone's width in points, so that letters keep their size there.
const WIDTH: f64 = 360.0;

/// How high standing bars may become.
const TALLEST: f64 = 140.0;

/// What a letter takes, and the room above the highest bar.
const LETTER: f64 = 6.3;
const ABOVE: f64 = 8.0;

/// How far apart lying bars are, and how thick.
const APART: f64 = 22.0;
const THICK: f64 = 14.0;

/// The longest label before a lying bar, in letters.
const LONGEST_LABEL: usize = 18;

/// How many classes of colours the style has.
const COLORS: usize = 4;

/// Steps between labels that people can count by, in hours or days.
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
            panel.told(column)
        )?;
        writeln!(out, "{drawing}</svg></figure>")?;
    }
    writeln!(out, "</div>")
}

/// Labels that all begin with the same word (hours with their day) without it, and the word.
fn without_their_day(labels: Vec<String>) -> (Option<String>, Vec<String>) {
    let day = labels.first().and_then(|label| label.split_once(' ')).map(|(day, _)| day.to_owned());
    let rest = |label: &String| Some(label.strip_prefix(day.as_deref()?)?.strip_prefix(' ')?.to_owned());
    match labels.iter().map(rest).collect() {
        Some(rest) if labels.len() > 1 => (day, rest),
        _ => (None, labels),
    }
}

/// Where standing bars begin, to the right of their scale.
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
    /// The room for each standing bar.
    fn slot(&self, left: f64) -> f64 {
        (WIDTH - left - 2.0) / count(self.labels.len().max(1))
    }

    /// Every how many bars there is room for a label.
    fn stride(&self, slot: f64) -> usize {
        let letters = self.labels.iter().map(|label| width::width(label)).max().unwrap_or(0);
        let wanted = LETTER * count(letters) + 5.0;
        let fits = |stride: &usize| count(*stride) * slot >= wanted;
        let stride = STRIDES.into_iter().find(fits);
        stride.or_else(|| (1..=self.labels.len()).find(fits)).unwrap_or(self.labels.len().max(1))
    }

    /// What somebody is told who does not see it.
    fn told(&self, column: &Series) -> String {
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
                // What stands at an end must not stick out.
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

    /// A bar, in the room where pointing means it.
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

/// What is not nothing is seen.
fn visible(length: f64) -> f64 {
    if length > 0.0 { length.max(1.0) } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "rows and letters are few")]
fn count(number: usize) -> f64 {
    number as f64
}
