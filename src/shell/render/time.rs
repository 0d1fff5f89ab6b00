//! Durations and times for people: `4m 10s`, `09:14:07`.
//!
//! Invariant: an age is truncated, never rounded up, so that nothing looks older than it is. This
//! module deliberately does not read a clock; the caller passes the current time.

use crate::domain::calendar::Calendar;
use crate::domain::moment::Moment;

/// Formats a duration in ms with its two largest units: `0m 31s`, `4m 10s`, `1h 05m`, `2d 03h`;
/// `-4m 10s` if negative.
pub fn age(milliseconds: i64) -> String {
    let total = milliseconds.unsigned_abs() / 1_000;
    let (days, hours, minutes, seconds) = (total / 86_400, total / 3_600 % 24, total / 60 % 60, total % 60);
    let sign = if milliseconds < 0 && total > 0 { "-" } else { "" };
    if days > 0 {
        format!("{sign}{days}d {hours:02}h")
    } else if hours > 0 {
        format!("{sign}{hours}h {minutes:02}m")
    } else {
        format!("{sign}{minutes}m {seconds:02}s")
    }
}

/// The time zone in which people see timestamps, and the day that is omitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayClock {
    /// The hours and days of the site.
    pub calendar: Calendar,
    /// The current time, used to omit today's date. `None` if the output is read later: the date is
    /// omitted if all timestamps have the same one.
    pub now: Option<Moment>,
}

impl DisplayClock {
    /// Returns a clock in UTC without a current time.
    pub fn anywhere() -> DisplayClock {
        DisplayClock { calendar: Calendar::of("UTC"), now: None }
    }

    /// Formats timestamps that are displayed together: as time of day if all are on the same day
    /// and that is today, otherwise with the date.
    pub fn clocks(&self, moments: &[Option<Moment>]) -> Vec<Option<String>> {
        let mut days = moments.iter().flatten().map(|moment| self.calendar.date(*moment));
        let first = self.now.map(|now| self.calendar.date(now)).or_else(|| days.next());
        let of_one_day = days.all(|day| Some(day) == first);
        self.shown(moments, of_one_day)
    }

    /// Formats timestamps with date and time of day.
    pub fn dated(&self, moments: &[Option<Moment>]) -> Vec<Option<String>> {
        self.shown(moments, false)
    }

    fn shown(&self, moments: &[Option<Moment>], of_one_day: bool) -> Vec<Option<String>> {
        let shown = |moment: &Moment| {
            let text = self.calendar.written(*moment);
            match text.split_once(' ') {
                Some((_, time)) if of_one_day => time.to_owned(),
                _ => text,
            }
        };
        moments.iter().map(|moment| moment.as_ref().map(shown)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_two_units() {
        for (milliseconds, shown) in [
            (0, "0m 00s"),
            (999, "0m 00s"),
            (31_999, "0m 31s"),
            (250_000, "4m 10s"),
            (3_599_999, "59m 59s"),
            (3_900_000, "1h 05m"),
            (183_600_000, "2d 03h"),
            (-250_000, "-4m 10s"),
            (-5, "0m 00s"),
            (i64::MIN, "-106751991167d 07h"),
        ] {
            assert_eq!(age(milliseconds), shown);
        }
    }

    #[test]
    fn the_day_is_shown_only_where_it_differs() {
        let at = |text: &str| Some(Moment::parse(text).unwrap());
        let (morning, night) = (at("2026-03-02T09:14:07.204Z"), at("2026-03-02T23:59:59.999Z"));
        let on = |display_clock: &DisplayClock, moments: &[_]| {
            display_clock.clocks(moments).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>()
        };
        let shown = |moments: &[_]| on(&DisplayClock::anywhere(), moments);
        assert_eq!(shown(&[morning, None, night]), ["09:14:07", "", "23:59:59"]);
        assert_eq!(
            shown(&[night, at("2026-03-03T00:00:00Z")]),
            ["2026-03-02 23:59:59", "2026-03-03 00:00:00"]
        );
        assert_eq!(
            shown(&[at("1969-12-31T23:59:59Z"), at("1970-01-01T00:00:00Z")])[0],
            "1969-12-31 23:59:59"
        );
        assert!(shown(&[]).is_empty());
        // A reader on another day sees the date, and a reader elsewhere sees local time.
        let berlin = |now: &str| DisplayClock { calendar: Calendar::of("Europe/Berlin"), now: at(now) };
        assert_eq!(on(&berlin("2026-03-02T12:00:00Z"), &[morning]), ["10:14:07"]);
        assert_eq!(on(&berlin("2026-03-03T12:00:00Z"), &[morning]), ["2026-03-02 10:14:07"]);
        assert_eq!(on(&berlin("2026-03-03T12:00:00Z"), &[night]), ["00:59:59"]);
    }
}
