//! Values that several statements set on a conversation: priority and skills.

use crate::domain::refusal::{Code, Refusal};
use crate::domain::skills;

/// Checks the range of a priority.
///
/// # Errors
/// `invalid_value`.
pub fn in_range(priority: i64) -> Result<i64, Refusal> {
    if (-1_000_000..=1_000_000).contains(&priority) {
        return Ok(priority);
    }
    Err(Refusal::new(Code::InvalidValue, format!("priority {priority} is not between -1000000 and 1000000"))
        .at("priority"))
}

/// Parses a list of skills and returns it in normal form; None if it is empty.
///
/// # Errors
/// `invalid_value`; `too_large` for more than 1000 characters.
pub fn read_skills(text: &str) -> Result<Option<String>, Refusal> {
    let wrong = |words: String| Refusal::new(Code::InvalidValue, words).at("skills");
    let normal = skills::normal(&skills::parse(text).map_err(wrong)?);
    if normal.as_ref().is_some_and(|skills| skills.chars().count() > 1000) {
        return Err(Refusal::new(Code::TooLarge, "the list of skills exceeds 1000 characters").at("skills"));
    }
    Ok(normal)
}
