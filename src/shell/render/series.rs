//! The columns of a reply that a chart draws: the size of each bar, and the text beside it.
//!
//! Invariant: sizes are finite and not negative, and `largest` is their maximum; a bar of size zero
//! still has its text. This module deliberately does not know how bars are drawn.

use super::cells::{self, NOTHING};
use super::escape::harmless;
use super::time;
use crate::domain::chart::Chart;
use crate::domain::reply::{ColumnKind, Reply};
use crate::domain::value::Value;

/// The value from which a fraction is written as a power of ten.
const VAST: f64 = 1e15;

/// A column to draw.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    /// The name for people.
    pub name: String,
    /// Whether the values are numbers, shares or durations.
    pub kind: ColumnKind,
    /// The size of each row's bar.
    pub sizes: Vec<f64>,
    /// The value of each row's bar, for people.
    pub texts: Vec<String>,
    /// The largest size.
    pub largest: f64,
    /// The value of the largest bar, for people.
    pub most: String,
}

impl Series {
    /// Returns the size of a row's bar as a share of the largest, from 0 to 1.
    pub fn share(&self, row: usize) -> f64 {
        let size = self.sizes.get(row).copied().unwrap_or(0.0);
        if self.largest > 0.0 { size / self.largest } else { 0.0 }
    }
}

/// Returns the columns to draw, in the order of the chart, without those that the reply does not
/// have.
pub(super) fn series(reply: &Reply, chart: &Chart) -> Vec<Series> {
    let place = |name: &&str| reply.columns.iter().position(|column| column.name == *name);
    chart.bars.iter().filter_map(place).map(|index| one(reply, index)).collect()
}

/// Returns one label per row.
pub(super) fn labels(reply: &Reply, chart: &Chart) -> Vec<String> {
    let label =
        |row: usize| chart.labels.get(row).map(|label| harmless(label).into_owned()).unwrap_or_default();
    (0..reply.rows.len()).map(label).collect()
}

fn one(reply: &Reply, index: usize) -> Series {
    let kind = reply.columns[index].kind;
    let sizes: Vec<f64> = cells::values(reply, index).map(size).collect();
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    let whole = !cells::values(reply, index).any(|value| matches!(value, Value::Real(_)));
    let decimals = match largest {
        _ if whole => 0,
        // One decimal is not enough for a share.
        share if share <= 1.0 => 2,
        _ => 1,
    };
    let text = |value: &Value| match value {
        Value::Integer(number) if kind == ColumnKind::DurationMs => time::age(*number),
        Value::Integer(number) if whole => number.to_string(),
        Value::Integer(0) | Value::Real(0.0) => "0".to_owned(),
        Value::Integer(_) | Value::Real(_) => fraction(value, decimals),
        Value::Null | Value::Text(_) | Value::Blob(_) => NOTHING.to_owned(),
    };
    let texts: Vec<String> = cells::values(reply, index).map(text).collect();
    let row = sizes.iter().position(|size| *size >= largest && largest > 0.0);
    let most = row.map_or_else(|| "0".to_owned(), |row| texts[row].clone());
    Series { name: cells::header(&reply.columns[index]), kind, sizes, texts, largest, most }
}

fn fraction(value: &Value, decimals: usize) -> String {
    let number = number(value);
    if !number.is_finite() {
        return cells::exact(value).into_owned();
    }
    if number.abs() < VAST { format!("{number:.decimals$}") } else { format!("{number:.1e}") }
}

fn size(value: &Value) -> f64 {
    Some(number(value)).filter(|number| number.is_finite() && *number > 0.0).unwrap_or(0.0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a bar is less exact than that, and the text beside it is exact"
)]
fn number(value: &Value) -> f64 {
    match value {
        Value::Integer(number) => *number as f64,
        Value::Real(number) => *number,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chart::ChartPlacement;

    fn of(values: &[Value]) -> Series {
        let mut reply = Reply::with_columns(&["hour", "busy"]);
        reply.rows = values.iter().map(|value| vec![Value::Null, value.clone()]).collect();
        let chart = Chart {
            title: String::new(),
            along: "hour",
            labels: Vec::new(),
            bars: &["absent", "busy"],
            placement: ChartPlacement::InTheirPlace,
        };
        assert_eq!(labels(&reply, &chart), vec![String::new(); values.len()]);
        series(&reply, &chart).remove(0)
    }

    #[test]
    fn whole_numbers_stay_whole_and_fractions_are_short() {
        let whole = of(&[Value::Integer(3), Value::Integer(12), Value::Null]);
        assert_eq!((whole.texts, whole.most.as_str()), (vec!["3".into(), "12".into(), "–".into()], "12"));
        let mixed = of(&[Value::Real(4.25), Value::Integer(2), Value::Real(1e300)]);
        assert_eq!(mixed.texts, ["4.2", "2.0", "1.0e300"]);
        assert_eq!(of(&[Value::Real(0.875), Value::Integer(0)]).texts, ["0.88", "0"]);
    }

    #[test]
    fn what_is_no_size_has_no_bar() {
        let odd =
            of(&[Value::Real(f64::NAN), Value::Real(f64::INFINITY), Value::Integer(-2), Value::from("x")]);
        assert_eq!((odd.sizes.as_slice(), odd.largest, odd.most.as_str()), ([0.0; 4].as_slice(), 0.0, "0"));
        assert_eq!(odd.texts, ["", "Inf", "-2.00", "–"]);
        assert_eq!((odd.share(1), odd.share(9)), (0.0, 0.0));
        assert_eq!(of(&[]).largest, 0.0);
    }
}
