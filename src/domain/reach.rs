//! The texts of required skills that an agent can meet, in the order of an index, so that a search
//! can skip the others.
//!
//! Invariant: among texts in the form that `skills::normal` writes, none that the agent meets is
//! skipped. This module deliberately does not know what the texts belong to, nor how they are
//! looked up.

use super::routing::Distance;
use super::skills::{self, Skill};

/// The texts that an agent with certain skills can meet.
#[derive(Debug, Clone)]
pub struct Reach<'a> {
    had: &'a [Skill],
    /// The prefixes of texts whose first skill is one of the agent's, sorted: the name alone, which
    /// is a whole text, and the name with each character that can follow it.
    starts: Vec<String>,
}

impl<'a> Reach<'a> {
    /// Returns the reach of an agent with these skills.
    pub fn of(had: &'a [Skill]) -> Self {
        let mut starts = Vec::with_capacity(3 * had.len());
        for Skill { name, .. } in had {
            starts.extend(["", ",", ":"].map(|after| [name, after].concat()));
        }
        starts.sort_unstable();
        Reach { had, starts }
    }

    /// Returns the first position at or after `text` where the agent may meet a text, or `None` if
    /// they meet nothing from there on.
    pub fn at_or_behind(&self, text: &str) -> Option<String> {
        let begins = |start: &String| start.ends_with([',', ':']) && text.starts_with(start.as_str());
        let ended = |start: &String| start.as_str() < text && !begins(start);
        let start = &self.starts[self.starts.partition_point(ended)..];
        Some(start.first()?.as_str().max(text).to_owned())
    }

    /// Returns the first position after `text` where the agent may meet another text, or `None` if
    /// they meet nothing after it.
    ///
    /// It skips the texts that begin with the same skills, up to and including the first one the
    /// agent lacks.
    pub fn behind(&self, text: &str) -> Option<String> {
        let mut end = 0;
        for part in text.split(", ") {
            end += part.len();
            if !self.meets(part) {
                break;
            }
            end += ", ".len();
        }
        match text.get(end..) {
            Some(rest) if rest.starts_with(',') => self.at_or_behind(&[&text[..end], "-"].concat()),
            _ => self.at_or_behind(&[text, "\0"].concat()),
        }
    }

    fn meets(&self, part: &str) -> bool {
        skills::parse(part).is_ok_and(|asked| Distance::between(self.had, &asked).unmet == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns every text of up to two of these skills, whose characters sort around the
    /// separators.
    fn texts() -> Vec<String> {
        let skills = ["a", "a b", "a+", "a-b", "a:1", "a:4", "aa", "b", "b:2", "b:10", "c", "ä"];
        let pairs = skills.iter().flat_map(|first| skills.map(|second| format!("{first}, {second}")));
        let mut texts: Vec<String> = skills.iter().map(|&skill| skill.to_owned()).chain(pairs).collect();
        texts.sort_unstable();
        texts
    }

    #[test]
    fn leaping_finds_what_looking_at_every_text_finds() {
        let texts = texts();
        for had in ["a", "a:3", "a b", "a, b", "a:4, b:2, c", "a-b, ä", "b:9", "d", ""] {
            let had = skills::parse(had).unwrap();
            let meets = |text: &&String| {
                let asked: Vec<Skill> =
                    text.split(", ").flat_map(|part| skills::parse(part).unwrap()).collect();
                Distance::between(&had, &asked).unmet == 0
            };
            let reach = Reach::of(&had);
            let (mut found, mut looked) = (Vec::new(), 0);
            let mut place = reach.at_or_behind("");
            while let Some(text) = place.and_then(|place| texts.iter().find(|text| **text >= place)) {
                looked += 1;
                found.extend(Some(text).filter(meets));
                place = reach.behind(text);
            }
            assert_eq!(found, texts.iter().filter(meets).collect::<Vec<_>>(), "{had:?}");
            let leapt = texts.len() - looked;
            assert!(
                leapt > (texts.len() - found.len()) / 2,
                "{had:?}: {looked} looked at, {} found",
                found.len()
            );
        }
    }
}
