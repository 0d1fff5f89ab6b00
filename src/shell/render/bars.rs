//! Bar charts for a terminal: one line per row, one group of bars per column, each with its own
//! scale.
//!
//! Invariant: no line is wider than the terminal or `LONGEST_LINE`. A bar is never longer than
//! its scale, which is labelled with its end. A value other than zero is never drawn as an empty
//! bar. If bars would be too short to compare, nothing is drawn. This module deliberately does not
//! know what the rows are.

use std::io::{self, Write};

use super::paint::Paint;
use super::series::{self, Series};
use super::{Color, RenderOptions, cells, width};
use crate::domain::chart::Chart;
use crate::domain::reply::Reply;

/// The maximum width of a line, in columns, however wide the terminal is.
const LONGEST_LINE: usize = 160;

/// The maximum length of a bar, in columns.
const LONGEST_BAR: usize = 60;

/// The minimum length of the longest bar; shorter bars could not be compared.
const SHORTEST_BAR: usize = 4;

/// The maximum width of a label, in columns.
const LONGEST_LABEL: usize = 24;

/// The number of blanks between two groups.
const GAP: usize = 3;

/// The end of a bar, in eighths of a column.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Writes the bars if there is room for them. Returns whether there was.
pub(super) fn write(
    out: &mut dyn Write,
    reply: &Reply,
    chart: &Chart,
    options: &RenderOptions,
) -> io::Result<bool> {
    let Some(picture) = Picture::of(reply, chart, options) else { return Ok(false) };
    picture.title(out, chart)?;
    picture.heading(out)?;
    picture.scale(out)?;
    (0..reply.rows.len()).try_for_each(|row| picture.row(out, row))?;
    Ok(true)
}

struct Picture {
    along: String,
    labels: Vec<String>,
    label_width: usize,
    groups: Vec<Group>,
    bar_width: usize,
    line_width: usize,
    color: Color,
}

struct Group {
    series: Series,
    /// The width of the longest text beside a bar.
    text_width: usize,
}

impl Picture {
    fn of(reply: &Reply, chart: &Chart, options: &RenderOptions) -> Option<Picture> {
        let line_width = options.columns().min(LONGEST_LINE);
        let short = |text: &str| width::shortened(text, LONGEST_LABEL).into_owned();
        let along = reply.columns.iter().find(|column| column.name == chart.along).map(cells::header)?;
        let along = short(&along);
        let labels: Vec<String> = series::labels(reply, chart).iter().map(|label| short(label)).collect();
        let label_width = widest(labels.iter().chain([&along]));
        let groups: Vec<Group> = series::series(reply, chart).into_iter().map(Group::of).collect();
        let taken: usize = groups.iter().map(|group| GAP + 1 + group.text_width).sum();
        let room = line_width.saturating_sub(1 + label_width + taken);
        let bar_width = room.checked_div(groups.len())?.min(LONGEST_BAR);
        let color = options.color_for_rows();
        let picture = Picture { along, labels, label_width, groups, bar_width, line_width, color };
        (bar_width >= SHORTEST_BAR).then_some(picture)
    }

    fn title(&self, out: &mut dyn Write, chart: &Chart) -> io::Result<()> {
        if chart.title.is_empty() {
            return Ok(());
        }
        let title = super::escape::harmless(&chart.title);
        writeln!(out, " {}\n", width::shortened(&title, self.line_width.saturating_sub(1)))
    }

    fn heading(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = format!(" {}", width::left(&self.along, self.label_width));
        for group in &self.groups {
            let width = self.bar_width + 1 + group.text_width;
            let name = width::shortened(&group.series.name, width);
            line.push_str(&" ".repeat(GAP));
            line.push_str(&width::left(&name, width));
        }
        writeln!(out, "{}", line.trim_end())
    }

    /// Writes the line below the heading. It is as long as the longest bar, and labelled with its
    /// value.
    fn scale(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = format!(" {}", "─".repeat(self.label_width));
        for group in &self.groups {
            let rule = "─".repeat(self.bar_width);
            let most = width::left(&group.series.most, group.text_width);
            line.push_str(&format!("{}{rule} {most}", " ".repeat(GAP)));
        }
        writeln!(out, "{}", Paint::Frame.on(line.trim_end(), self.color))
    }

    fn row(&self, out: &mut dyn Write, row: usize) -> io::Result<()> {
        let label = &self.labels[row];
        let quiet = self.groups.iter().all(|group| group.series.sizes[row] == 0.0);
        let painted = |text: &str, quiet: bool| match quiet {
            true => Paint::Frame.on(text, self.color).into_owned(),
            false => text.to_owned(),
        };
        let mut line = format!(" {}", painted(label, quiet));
        // Blanks are written only before other text, so that no line ends with blanks.
        let mut blanks = self.label_width - width::width(label);
        for group in &self.groups {
            let bar = self.bar(group.series.share(row));
            let text = &group.series.texts[row];
            let between = if bar.is_empty() { "" } else { " " };
            let shown = painted(text, bar.is_empty());
            line.push_str(&format!("{}{bar}{between}{shown}", " ".repeat(blanks + GAP)));
            let taken = width::width(&bar) + between.len() + width::width(text);
            blanks = self.bar_width + 1 + group.text_width - taken;
        }
        writeln!(out, "{line}")
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 1")]
    #[expect(clippy::cast_precision_loss, reason = "a bar has a few hundred eighths")]
    fn bar(&self, share: f64) -> String {
        if share <= 0.0 {
            return String::new();
        }
        let eighths = ((share * (self.bar_width * 8) as f64).round() as usize).clamp(1, self.bar_width * 8);
        format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
    }
}

impl Group {
    fn of(series: Series) -> Group {
        let text_width = widest(series.texts.iter().chain([&series.most]));
        Group { series, text_width }
    }
}

fn widest<'a>(texts: impl Iterator<Item = &'a String>) -> usize {
    texts.map(|text| width::width(text)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::value::Value;
    use crate::shell::render::examples::{at_terminal, day, shown};

    /// Returns the chart of a day with these rows: the label of the hour, and the values of its
    /// columns.
    fn drawn(rows: &[(&str, [Value; 3])], width: usize) -> String {
        let mut reply = day();
        let row = |(label, values): &(&str, [Value; 3])| [&[(*label).into()], values.as_slice()].concat();
        reply.rows = rows.iter().map(row).collect();
        if let Some(chart) = &mut reply.chart {
            chart.labels = rows.iter().map(|(label, _)| (*label).to_owned()).collect();
        }
        shown(&reply, &at_terminal(width))
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_and_nothing_is_quiet() {
        let rows = [
            ("08", [Value::Integer(0), Value::Real(0.0), Value::Integer(0)]),
            ("09", [Value::Integer(12), Value::Real(4.5), Value::Null]),
            ("10", [Value::Integer(7), Value::Real(0.01), Value::Integer(3)]),
        ];
        let picture = " 2026-03-02, Europe/Berlin

 hour   arrivals       waiting         busy
 ────   ───────── 12   ───────── 4.5   ───────── 3
 08     0              0               0
 09     █████████ 12   █████████ 4.5   –
 10     █████▎ 7       ▏ 0.0           █████████ 3
";
        assert_eq!(drawn(&rows, 50), picture);
    }

    #[test]
    fn colour_is_only_around_the_scale_and_what_is_nothing() {
        let options = RenderOptions { color: Color::On, ..at_terminal(80) };
        let text = shown(&day(), &options);
        assert!(text.contains("\n \x1b[2m00\x1b[0m     \x1b[2m0\x1b[0m  "), "{text}");
        let plain = text.replace("\x1b[2m", "").replace("\x1b[0m", "");
        assert_eq!(plain, shown(&day(), &at_terminal(80)));
    }

    #[test]
    fn lines_are_as_long_as_the_terminal_and_an_eye_allow() {
        for (width, longest) in [(40, 40), (80, 80), (200, LONGEST_LINE)] {
            let text = shown(&day(), &at_terminal(width));
            let widths = || text.lines().map(width::width);
            assert!(widths().max() <= Some(longest) && widths().max() > Some(longest - 6), "{width}: {text}");
            assert!(text.lines().all(|line| !line.ends_with(' ')), "{text}");
        }
    }

    #[test]
    fn one_row_and_huge_numbers_fit() {
        let vast = [Value::Integer(i64::MAX), Value::Real(f64::MAX), Value::Real(f64::NAN)];
        for width in [40, 80, 200] {
            let text = drawn(&[("a label that is longer than any label should be", vast.clone())], width);
            assert!(text.lines().all(|line| width::width(line) <= width), "{width}: {text}");
            // If bars would be too short, a table is shown.
            assert_eq!(text.contains('█'), width > 40, "{text}");
        }
    }

    #[test]
    fn nothing_is_said_of_no_rows() {
        assert_eq!(drawn(&[], 80), "nothing\n");
    }
}
