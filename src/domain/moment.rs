//! Timestamps and durations: integer milliseconds, UTC, years 0000 to 9999.
//!
//! Invariant: a timestamp written as text reads back as the same timestamp; a precision finer than
//! milliseconds is refused, never rounded. This module deliberately does not know any clock.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};

use super::failure::Failure;
use super::refusal::{Code, Refusal};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
///
/// It is read from RFC 3339 text with `Z` or an offset and at most three fractional digits, and
/// written in UTC with milliseconds. [`Row::get`](crate::Row::get) reads it from columns of
/// timestamps, as text or in ms, and it can be a parameter.
///
/// ```
/// use switchboard::Moment;
///
/// let moment: Moment = "2026-03-02T10:15:00+01:00".parse()?;
/// assert_eq!(moment.to_string(), "2026-03-02T09:15:00.000Z");
/// # Ok::<(), switchboard::Failure>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// The earliest timestamp that can be written: the start of the year 0000.
    pub const EARLIEST: Moment = Moment(-62_167_219_200_000);
    /// The latest timestamp that can be written: the end of the year 9999.
    pub const LATEST: Moment = Moment(253_402_300_799_999);

    /// Parses RFC 3339 text with `Z` or an offset and at most three fractional digits.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<Moment, String> {
        let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
        if fraction.bytes().take_while(u8::is_ascii_digit).count() > 3 {
            return Err(format!("'{text}' is more precise than a millisecond"));
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| {
            format!("'{text}' is not a valid timestamp; expected date, time and offset, e.g. '2026-03-02T09:15:00Z'")
        })?;
        if text.contains(":60") {
            return Err(format!("'{text}' is a leap second, which cannot be stored"));
        }
        Moment(parsed.timestamp_millis()).checked(text)
    }

    fn checked(self, text: &str) -> Result<Moment, String> {
        if (Moment::EARLIEST..=Moment::LATEST).contains(&self) {
            Ok(self)
        } else {
            Err(format!("'{text}' is outside the years 0000 to 9999"))
        }
    }

    /// Adds a duration; the result is at most [`Moment::LATEST`].
    pub(crate) fn plus(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(duration.0).min(Moment::LATEST.0))
    }

    /// Returns the time since `earlier`; negative if `earlier` is later.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration(self.0 - earlier.0)
    }
}

impl FromStr for Moment {
    type Err = Failure;

    /// Reads RFC 3339 text.
    ///
    /// # Errors
    /// `invalid_value`: the text is no timestamp, is more precise than a millisecond or is outside
    /// the years 0000 to 9999.
    fn from_str(text: &str) -> Result<Moment, Failure> {
        Moment::parse(text).map_err(|message| Refusal::new(Code::InvalidValue, message).into())
    }
}

impl fmt::Display for Moment {
    /// Writes RFC 3339 text in UTC with milliseconds.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Utc.timestamp_millis_opt(self.0).single() {
            Some(moment) => formatter.write_str(&moment.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(formatter, "{} ms", self.0),
        }
    }
}

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(pub i64);

const UNITS: [(&str, i64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const UNIT_WORDS: [(&str, i64); 5] =
    [("MILLISECOND", 1), ("SECOND", 1_000), ("MINUTE", 60_000), ("HOUR", 3_600_000), ("DAY", 86_400_000)];

impl Duration {
    /// The longest duration: a hundred years of 365 days.
    pub const LONGEST: Duration = Duration(36_500 * 86_400_000);

    /// Parses `90s`, `3m`, `24h`, `1d`, `1h30m`, `250ms`, or `90 SECONDS`, `24 hours`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Duration, String> {
        let wrong = || format!("'{text}' is not a valid duration; expected e.g. 90s, 3m, 1h30m or 1d");
        let mut rest = text.trim();
        let mut total: i64 = 0;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let count: i64 = rest[..digits].parse().map_err(|_| wrong())?;
            let unit = rest[digits..].trim_start();
            let letters = unit.bytes().take_while(u8::is_ascii_alphabetic).count();
            let scale = unit_scale(&unit[..letters]).ok_or_else(wrong)?;
            total = count
                .checked_mul(scale)
                .and_then(|part| total.checked_add(part))
                .filter(|sum| *sum <= Duration::LONGEST.0)
                .ok_or_else(|| format!("'{text}' is longer than 36500 days"))?;
            rest = unit[letters..].trim_start();
        }
        Ok(Duration(total))
    }
}

fn unit_scale(unit: &str) -> Option<i64> {
    let upper = unit.to_ascii_uppercase();
    let short = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let word = UNIT_WORDS.iter().find(|(name, _)| upper == *name || upper.strip_suffix('S') == Some(name));
    short.or(word).map(|(_, scale)| *scale)
}

impl fmt::Display for Duration {
    /// Writes the shortest text that reads back as the same duration: `1h30m`, `0s`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 <= 0 {
            return formatter.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, scale) in UNITS.iter().rev() {
            if rest >= *scale {
                write!(formatter, "{}{unit}", rest / scale)?;
                rest %= scale;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_as_it_was_written() {
        for text in ["0000-01-01T00:00:00.000Z", "2026-03-02T09:15:31.204Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Moment::parse("2026-03-02T10:15:31.2+01:00").unwrap().to_string(),
            "2026-03-02T09:15:31.200Z"
        );
    }

    #[test]
    fn finer_digits_other_years_and_other_words_are_refused() {
        for text in [
            "2026-03-02T09:15:31.2041Z",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "2026-03-02T09:15:60Z",
            "2026-03-02 09:15",
            "yesterday",
            "",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_read_in_every_form_and_write_the_shortest() {
        for (text, ms, shortest) in [
            ("90s", 90_000, "1m30s"),
            ("1h30m", 5_400_000, "1h30m"),
            ("24 HOURS", 86_400_000, "1d"),
            ("90 seconds", 90_000, "1m30s"),
            ("1 day", 86_400_000, "1d"),
            ("250ms", 250, "250ms"),
            ("0s", 0, "0s"),
        ] {
            assert_eq!(Duration::parse(text), Ok(Duration(ms)), "{text}");
            assert_eq!(Duration(ms).to_string(), shortest);
        }
        for text in ["", "3", "m", "-3m", "3 fortnights", "99999999999d", "3m!"] {
            assert!(Duration::parse(text).is_err(), "{text}");
        }
    }
}
