//! How the customer feels, from what he wrote last: a word of five.
//!
//! Invariant: the same messages give the same word, on any machine. It does not know where messages stand, nor who
//! may say otherwise by hand.

mod scorer;
#[cfg(test)]
mod tests;

use super::closed_lists::Sentiment;

/// Of how many messages the customer wrote last.
pub const WINDOW: usize = 6;

/// How many characters of a message are read. Whoever is angry says so in the first thousand; what follows could
/// only make a statement slow.
pub const READ: usize = 1_000;

/// From here on a score (−10,000 to 10,000) is a mood: "not good" (−3,412) and "thank you" (3,612) are, "no" (−2,960)
/// and "ok" (2,960) are answers.
const MOOD: i64 = 3_300;

/// From here on it is a strong one: "terrible" (−4,767) and "perfect" (5,719) alone are not, "I hate this, it is
/// terrible" (−7,783) and "great, thank you so much" (7,603) are.
const STRONG: i64 = 7_000;

/// The mean of the moods among the last six messages, the newest last. A message without a mood takes its place in
/// the window and says nothing; none: no message says anything.
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

/// What stands after the newest of these messages, given what stood before it: the sentiment of the last six; where
/// they say nothing, what stood, until six in a row have said nothing, which makes it neutral.
pub fn after(stood: Option<Sentiment>, messages: &[&str]) -> Option<Sentiment> {
    of(messages).or(match stood {
        Some(_) if messages.len() >= WINDOW => Some(Sentiment::Neutral),
        stood => stood,
    })
}
