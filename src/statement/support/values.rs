//! Settings of a conversation and of the site.

use crate::domain::refusal::{Code, Refusal};
use crate::domain::skills;

/// # Errors
/// `invalid_value`, where it is out of range.
pub fn in_range(priority: i64) -> Result<i64, Refusal> {
    if (-1_000_000..=1_000_000).contains(&priority) {
        return Ok(priority);
    }
    Err(Refusal::new(Code::InvalidValue, format!("priority {priority} is not between -1000000 and 1000000"))
        .at("priority"))
}

/// # Errors
/// `invalid_value`, where they are no skills.
pub fn read_skills(text: &str) -> Result<Option<String>, Refusal> {
    let wrong = |words: String| Refusal::new(Code::InvalidValue, words).at("skills");
    let normal = skills::normal(&skills::parse(text).map_err(wrong)?);
    if normal.as_ref().is_some_and(|skills| skills.chars().count() > 1000) {
        return Err(Refusal::new(Code::TooLarge, "the list of skills exceeds 1000 characters").at("skills"));
    }
    Ok(normal)
}
