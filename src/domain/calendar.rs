//! Hours and days in the time zone of the site.
//!
//! Invariant: an hour or a day is identified by the time at which it begins. An hour that is
//! repeated when clocks are set back is two hours with different begins, and a day has as many
//! hours as that gives. This module deliberately does not know the current date.

use chrono::{LocalResult, NaiveDate, NaiveTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::moment::{Duration, Moment};

const HOUR: Duration = Duration(3_600_000);

/// The hours and days of a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
}

impl Calendar {
    /// Returns the calendar of an IANA time zone (`Europe/Berlin`), or of UTC if the name is
    /// unknown.
    pub fn of(zone: &str) -> Calendar {
        Calendar { zone: zone.parse().unwrap_or(Tz::UTC) }
    }

    fn local(self, moment: Moment) -> chrono::DateTime<Tz> {
        self.zone
            .from_utc_datetime(&Utc.timestamp_millis_opt(moment.0).single().unwrap_or_default().naive_utc())
    }

    /// Returns when the hour that contains `moment` began: a full hour of local time, or the clock
    /// change if the clock was set by less than an hour since then.
    pub fn hour(self, moment: Moment) -> Moment {
        let local = self.local(moment);
        let seconds = i64::from(local.minute()) * 60 + i64::from(local.second());
        let begin = Moment(moment.0 - seconds * 1_000 - moment.0.rem_euclid(1_000));
        let offset = |at: i64| self.local(Moment(at)).offset().fix();
        if offset(begin.0) == offset(moment.0) {
            return begin;
        }
        // The clock was set within this hour. A binary search finds when, to the millisecond.
        let (mut before, mut after) = (begin.0, moment.0);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            *(if offset(middle) == offset(moment.0) { &mut after } else { &mut before }) = middle;
        }
        Moment(after)
    }

    /// Returns when the day that contains `moment` began.
    pub fn day(self, moment: Moment) -> Moment {
        self.begin(self.date(moment))
    }

    /// Returns the local date.
    pub fn date(self, moment: Moment) -> NaiveDate {
        self.local(moment).date_naive()
    }

    /// Returns when a date begins. If clocks are set forward at midnight, it begins after the gap.
    pub fn begin(self, date: NaiveDate) -> Moment {
        let midnight = date.and_time(NaiveTime::MIN);
        // The longest gap on record is a whole day: Samoa skipped one when it crossed the date
        // line.
        let begins = (0..=100).find_map(|quarters| {
            let local = midnight + chrono::Duration::minutes(15 * quarters);
            self.zone.from_local_datetime(&local).earliest()
        });
        begins.map_or(Moment(midnight.and_utc().timestamp_millis()), |at| Moment(at.timestamp_millis()))
    }

    /// Returns when the hours of a date begin, and when the last one ends.
    pub fn hours(self, date: NaiveDate) -> (Vec<Moment>, Moment) {
        let end = date.succ_opt().map_or(Moment::LATEST, |next| self.begin(next));
        let within = |hour: Moment| (hour < end).then_some(hour);
        let following = |hour: &Moment| self.next_hour(*hour).and_then(within);
        (std::iter::successors(within(self.begin(date)), following).collect(), end)
    }

    /// Returns when the following hour begins, or `None` at the end of time. It is looked up rather
    /// than added, because some clocks are set by half an hour.
    pub fn next_hour(self, hour: Moment) -> Option<Moment> {
        let next = self.hour(hour.plus(HOUR));
        let next = if next > hour { next } else { hour.plus(HOUR) };
        (next > hour && next < Moment::LATEST).then_some(next)
    }

    /// Returns when the following day begins, or `None` at the end of time.
    pub fn next_day(self, day: Moment) -> Option<Moment> {
        let next = self.begin(self.date(day).succ_opt()?);
        (next > day && next < Moment::LATEST).then_some(next)
    }

    /// Formats the local date and time: `2026-03-02 09:14:07`, with the offset if it is repeated.
    pub fn written(self, moment: Moment) -> String {
        format!("{}{}", self.local(moment).format("%Y-%m-%d %H:%M:%S"), self.repeated(moment))
    }

    /// Returns the offset of a local time that occurs twice because clocks are set back (`+01:00`), and
    /// otherwise nothing.
    fn repeated(self, moment: Moment) -> String {
        let local = self.local(moment);
        match self.zone.from_local_datetime(&local.naive_local()) {
            LocalResult::Ambiguous(..) => local.format("%:z").to_string(),
            _ => String::new(),
        }
    }

    /// Returns whether the zone has that date: some clocks skipped one at the date line.
    pub fn has(self, date: NaiveDate) -> bool {
        self.date(self.begin(date)) == date
    }

    /// Returns the IANA name of the zone.
    pub fn zone(self) -> &'static str {
        self.zone.name()
    }

    /// Formats the local hour: `09`, with the minutes if they are not zero, and with the offset if the
    /// hour is repeated: `02+01:00`.
    pub fn hour_label(self, moment: Moment) -> String {
        let local = self.local(moment);
        let offset = self.repeated(moment);
        match local.minute() {
            0 => format!("{:02}{offset}", local.hour()),
            minute => format!("{:02}:{minute:02}{offset}", local.hour()),
        }
    }

    /// Formats the local date and hour: `2026-03-02 09`.
    pub fn moment_label(self, moment: Moment) -> String {
        format!("{} {}", self.day_label(moment), self.hour_label(moment))
    }

    /// Formats the local date: `2026-03-02`.
    pub fn day_label(self, moment: Moment) -> String {
        self.date(moment).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn hours_and_days_begin_where_the_zone_says() {
        for (zone, moment, hour, day) in [
            ("UTC", "2026-03-02T09:15:31.204Z", "2026-03-02T09:00:00Z", "2026-03-02T00:00:00Z"),
            ("Europe/Berlin", "2026-03-02T23:30:00Z", "2026-03-02T23:00:00Z", "2026-03-02T23:00:00Z"),
            ("Asia/Kolkata", "2026-03-02T09:15:00Z", "2026-03-02T08:30:00Z", "2026-03-01T18:30:00Z"),
            // In Beirut clocks are set forward at midnight, so the day begins at one.
            ("Asia/Beirut", "2026-03-29T05:00:00Z", "2026-03-29T05:00:00Z", "2026-03-28T22:00:00Z"),
            ("UTC", "1969-12-31T23:59:59.999Z", "1969-12-31T23:00:00Z", "1969-12-31T00:00:00Z"),
        ] {
            let calendar = Calendar::of(zone);
            assert_eq!(calendar.hour(at(moment)), at(hour), "{zone} {moment}");
            assert_eq!(calendar.day(at(moment)), at(day), "{zone} {moment}");
        }
    }

    #[test]
    fn a_repeated_hour_shows_its_offset() {
        let berlin = Calendar::of("Europe/Berlin");
        for (moment, hour, written) in [
            ("2026-10-24T23:59:59Z", "01", "2026-10-25 01:59:59"),
            ("2026-10-25T00:00:00Z", "02+02:00", "2026-10-25 02:00:00+02:00"),
            ("2026-10-25T01:00:00Z", "02+01:00", "2026-10-25 02:00:00+01:00"),
            ("2026-10-25T02:00:00Z", "03", "2026-10-25 03:00:00"),
        ] {
            assert_eq!(berlin.hour_label(berlin.hour(at(moment))), hour, "{moment}");
            assert_eq!(berlin.written(at(moment)), written);
        }
    }

    #[test]
    fn a_skipped_day_is_known() {
        let samoa = Calendar::of("Pacific/Apia");
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(
            !samoa.has(date("2011-12-30")) && samoa.has(date("2011-12-29")) && samoa.has(date("2011-12-31"))
        );
        assert!(Calendar::of("Asia/Beirut").has(date("2026-03-29")));
    }

    #[test]
    fn a_day_has_as_many_hours_as_it_has() {
        let berlin = Calendar::of("Europe/Berlin");
        for (date, count) in [("2026-03-02", 24), ("2026-03-29", 23), ("2026-10-25", 25)] {
            let (hours, end) = berlin.hours(date.parse().unwrap());
            assert_eq!(hours.len(), count, "{date}");
            assert_eq!(end.since(hours[0]).0, count as i64 * 3_600_000, "{date}");
            assert!(hours.iter().all(|hour| berlin.hour(*hour) == *hour), "{date}");
        }
        // On Lord Howe Island clocks are set by half an hour; Apia skipped that day; time has an
        // end.
        let lord_howe = Calendar::of("Australia/Lord_Howe");
        let (hours, _) = lord_howe.hours("2026-04-05".parse().unwrap());
        assert!(hours.iter().all(|hour| lord_howe.hour(*hour) == *hour), "{hours:?}");
        assert_eq!(hours.len(), 25);
        assert_eq!(lord_howe.hour(at("2026-04-04T15:20:00Z")), at("2026-04-04T15:00:00Z"));
        assert_eq!(Calendar::of("Pacific/Apia").hours("2011-12-30".parse().unwrap()).0, []);
        for zone in ["UTC", "America/New_York", "Pacific/Kiritimati"] {
            let (hours, _) = Calendar::of(zone).hours("9999-12-31".parse().unwrap());
            assert!((10..=24).contains(&hours.len()), "{zone}: {}", hours.len());
        }
        let labels: Vec<String> = berlin
            .hours("2026-10-25".parse().unwrap())
            .0
            .iter()
            .map(|hour| berlin.hour_label(*hour))
            .collect();
        assert_eq!(labels[1..5], ["01", "02+02:00", "02+01:00", "03"]);
        assert_eq!(Calendar::of("Australia/Lord_Howe").hours("2026-10-04".parse().unwrap()).0.len(), 24);
    }
}
