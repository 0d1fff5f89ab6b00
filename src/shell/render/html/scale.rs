//! The scale beside bars: a few round numbers or durations, from zero to at least the largest
//! value.
//!
//! Invariant: the top is finite, positive and at least the largest value; the marks ascend from 0
//! to the top. This module deliberately does not know how long a bar is.

use super::super::series::Series;
use super::super::time;
use crate::domain::reply::ColumnKind;

/// The approximate number of steps up to the largest value.
const STEPS: f64 = 3.0;

/// The range of largest values for which there are marks; beyond it floating-point numbers are too
/// coarse.
const MEASURED: std::ops::Range<f64> = 1e-9..1e300;

/// Common steps of durations, in seconds.
const DURATIONS: [f64; 14] =
    [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0];

/// A scale that begins at 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    /// The end of the scale.
    pub top: f64,
    /// The marks from 0 to the top, with their labels.
    pub marks: Vec<(f64, String)>,
}

impl Scale {
    /// Returns the scale for a series.
    pub fn of(series: &Series) -> Scale {
        let zero = (0.0, "0".to_owned());
        if !MEASURED.contains(&series.largest) {
            let top = if series.largest > 0.0 { series.largest } else { 1.0 };
            return Scale { top, marks: vec![zero] };
        }
        let step = step(series);
        let count = (series.largest / step).ceil();
        let mut marks = vec![zero];
        let mut number = 1.0;
        while number <= count {
            let at = step * number;
            marks.push((at, text(at, step, series.kind)));
            number += 1.0;
        }
        Scale { top: step * count, marks }
    }
}

fn step(series: &Series) -> f64 {
    let least = series.largest / STEPS;
    if series.kind == ColumnKind::DurationMs {
        let known = DURATIONS.iter().map(|seconds| seconds * 1_000.0).find(|step| *step >= least);
        return known.unwrap_or_else(|| round(least / 3_600_000.0) * 3_600_000.0);
    }
    let step = round(least);
    let whole = series.sizes.iter().all(|size| size.fract() == 0.0);
    if whole { step.max(1.0) } else { step }
}

/// Returns the next number of the form 1, 2 or 5 times a power of ten.
fn round(least: f64) -> f64 {
    let unit = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * unit).find(|step| *step >= least).unwrap_or(10.0 * unit)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a duration is far below the largest integer, or ends there"
)]
#[expect(
    clippy::cast_sign_loss,
    reason = "a step below one has as many decimals as its logarithm is negative"
)]
fn text(at: f64, step: f64, kind: ColumnKind) -> String {
    if kind == ColumnKind::DurationMs {
        return time::age(at as i64);
    }
    let decimals = |step: f64| (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    match at {
        _ if step >= 1e9 => format!("{at:.0e}"),
        _ if step >= 1e6 => format!("{:.0}M", at / 1e6),
        _ if step >= 1e3 => format!("{:.0}k", at / 1e3),
        _ => format!("{at:.*}", decimals(step)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(kind: ColumnKind, sizes: &[f64]) -> (f64, String) {
        let largest = sizes.iter().copied().fold(0.0, f64::max);
        let (name, texts, most) = (String::new(), Vec::new(), String::new());
        let scale = Scale::of(&Series { name, kind, sizes: sizes.to_vec(), texts, largest, most });
        assert!(scale.top >= largest && scale.top.is_finite() && scale.top > 0.0, "{scale:?}");
        assert!(scale.marks.is_sorted_by(|(before, _), (after, _)| before < after), "{scale:?}");
        let texts: Vec<String> = scale.marks.into_iter().map(|(_, text)| text).collect();
        (scale.top, texts.join(" "))
    }

    #[test]
    fn marks_are_round() {
        for (sizes, top, marks) in [
            ([0.0, 14.0], 15.0, "0 5 10 15"),
            ([0.0, 1.0], 1.0, "0 1"),
            ([0.5, 4.5], 6.0, "0 2 4 6"),
            ([0.02, 0.9], 1.0, "0 0.5 1.0"),
            ([1.0, 1_234_567.0], 1_500_000.0, "0 500k 1000k 1500k"),
            ([1.0, 9e18], 1e19, "0 5e18 1e19"),
            ([0.0, 0.0], 1.0, "0"),
            ([0.0, 1e-300], 1e-300, "0"),
            ([0.0, f64::MAX], f64::MAX, "0"),
        ] {
            assert_eq!(scale(ColumnKind::Plain, &sizes), (top, marks.to_owned()), "{sizes:?}");
        }
    }

    #[test]
    fn durations_have_steps_of_the_clock() {
        for (sizes, marks) in [
            ([0.0, 45_000.0], "0 0m 20s 0m 40s 1m 00s"),
            ([0.0, 250_000.0], "0 2m 00s 4m 00s 6m 00s"),
            ([0.0, 400_000_000.0], "0 2d 02h 4d 04h 6d 06h"),
        ] {
            assert_eq!(scale(ColumnKind::DurationMs, &sizes).1, marks, "{sizes:?}");
        }
    }
}
