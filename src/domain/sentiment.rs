//! How the customer feels, derived from their latest messages: one of five words.
//!
//! Invariant: the same messages give the same word on any machine. This module deliberately does
//! not know where messages are stored, nor who may set the sentiment by hand.

mod scorer;
#[cfg(test)]
mod tests;

use super::closed_lists::Sentiment;

/// How many of the customer's latest messages are scored.
pub const WINDOW: usize = 6;

/// How many characters of a message are read. An angry customer says so in the first thousand;
/// reading more would only make statements slow.
pub const READ: usize = 1_000;

/// A score (−10,000 to 10,000) of at least this size is a mood: "not good" (−3,412) and "thank you"
/// (3,612) are moods, "no" (−2,960) and "ok" (2,960) are answers.
const MOOD: i64 = 3_300;

/// A mean of at least this size is a strong mood: "terrible" (−4,767) and "perfect" (5,719) alone
/// are not, "I hate this, it is terrible" (−7,783) and "great, thank you so much" (7,603) are.
const STRONG: i64 = 7_000;

/// Returns the mean mood of the last six messages; the newest is last in `messages`.
///
/// A message without a mood takes its place in the window but does not count. Returns `None` if no
/// message has a mood.
pub fn of(messages: &[&str]) -> Option<Sentiment> {
    let window = &messages[messages.len().saturating_sub(WINDOW)..];
    let scores = window.iter().map(|message| scorer::score(message));
    let moods: Vec<i64> = scores.filter(|score| score.abs() >= MOOD).collect();
    let count = i64::try_from(moods.len()).unwrap_or(i64::MAX);
    let mean = moods.iter().sum::<i64>().checked_div(count)?;
    Some(match mean {
        mean if mean <= -STRONG => Sentiment::VeryNegative,
        mean if mean <= -MOOD => Sentiment::Negative,
        mean if mean >= STRONG => Sentiment::VeryPositive,
        mean if mean >= MOOD => Sentiment::Positive,
        _ => Sentiment::Neutral,
    })
}

/// Returns the sentiment after the newest of these messages, given the previous one.
///
/// If the last six have no mood, the previous sentiment stays; after a full window without a mood
/// it becomes neutral.
pub fn after(stood: Option<Sentiment>, messages: &[&str]) -> Option<Sentiment> {
    of(messages).or(match stood {
        Some(_) if messages.len() >= WINDOW => Some(Sentiment::Neutral),
        stood => stood,
    })
}
