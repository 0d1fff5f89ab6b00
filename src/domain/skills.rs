//! Skills with levels: `billing:4, spanish`.
//!
//! Invariant: stored texts are in the form that `normal` writes. A skill without a level is met by
//! any level if it is required, and counts as level 1 if an agent has it.

/// The highest level; the lowest is 1.
pub const HIGHEST_LEVEL: u8 = 10;

/// A skill that an agent has or a conversation requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// The name, in lower case.
    pub name: String,
    /// The level; `None` if none was given.
    pub level: Option<u8>,
}

/// Parses a list of skills.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn parse(text: &str) -> Result<Vec<Skill>, String> {
    let mut skills: Vec<Skill> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, level) = match part.split_once(':') {
            Some((name, level)) => (name.trim(), Some(read_level(level.trim(), part)?)),
            None => (part, None),
        };
        let name = name.to_lowercase();
        if name.is_empty() || name.chars().any(|letter| letter.is_control() || letter == '\'') {
            return Err(format!(
                "'{part}' is not a valid skill; expected a list such as 'billing:4, spanish'"
            ));
        }
        if skills.iter().any(|skill| skill.name == name) {
            return Err(format!("skill {name} is listed twice"));
        }
        skills.push(Skill { name, level });
    }
    Ok(skills)
}

fn read_level(level: &str, part: &str) -> Result<u8, String> {
    match level.parse::<u8>() {
        Ok(level @ 1..=HIGHEST_LEVEL) => Ok(level),
        _ => Err(format!("the level of '{part}' is not between 1 and {HIGHEST_LEVEL}")),
    }
}

/// Returns the text that is stored for these skills, or `None` for an empty list.
pub fn normal(skills: &[Skill]) -> Option<String> {
    let parts: Vec<String> = skills
        .iter()
        .map(|skill| match skill.level {
            Some(level) => format!("{}:{level}", skill.name),
            None => skill.name.clone(),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_are_read_and_written_in_one_form() {
        assert_eq!(normal(&parse("Billing:4 ,spanish,").unwrap()), Some("billing:4, spanish".into()));
        assert_eq!(normal(&parse("").unwrap()), None);
        for wrong in ["billing:0", "billing:11", "billing:x", ":4", "a, A", "it's"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
