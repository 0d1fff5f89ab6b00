//! Parses values by the rules of their slot, from tokens or from parameters.
//!
//! Invariant: a parameter is parsed by the rules of its slot and never becomes syntax. An invalid
//! value is refused at its own place or that of its parameter. This module deliberately does not
//! know whether the object with a name exists.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::arguments::{
    Argument, Arguments, ConversationRef, Parameters, Part, SettingArgument, SettingValue,
};
use super::lines::Lines;
use super::program::{Instruction, Program, SlotPart};
use super::slot::SlotKind;
use super::suggest::{nearest, short};
use super::token::{LONGEST_TEXT, Token, TokenKind};
use crate::domain::handle::kept;
use crate::domain::moment::{Duration, Moment};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::value::Value;

/// The maximum length of a name, in bytes of its NFC form.
const LONGEST_NAME: usize = 64;
/// The maximum length of a customer's handle, in bytes of its NFC form.
const LONGEST_CUSTOMER: usize = 255;

/// The maximum length of a KEY, in characters.
const LONGEST_KEY: usize = 255;

/// The slots of optional parts that only describe something.
const DESCRIPTIVE: [&str; 4] = ["subject", "priority", "skills", "reason"];

/// The maximum number of tokens before the value of an optional part that can be left out, and it.
const MOST_LEFT_OUT: usize = 4;

/// Converts the steps of a matched statement to arguments.
pub(super) struct ArgumentReader<'a> {
    pub(super) lines: &'a Lines,
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) parameters: &'a Parameters,
}

impl ArgumentReader<'_> {
    /// Returns the arguments of a statement that matched line `page` with these steps.
    pub(super) fn arguments(&self, page: usize, taken: &[(usize, usize)]) -> Result<Arguments, Refusal> {
        let program = self.lines.program(page);
        let mut parts = Vec::with_capacity(taken.len());
        let mut settings_seen = BTreeSet::new();
        let mut at = 0;
        while at < taken.len() {
            let (index, step) = taken[at];
            let left_out = self.left_out(program, &taken[at..]);
            if left_out > 0 {
                at += left_out;
                continue;
            }
            let token = &self.tokens[index];
            let mut length = 1;
            match &program.steps[step] {
                Instruction::Keyword(word) => {
                    parts.push(Part::Keyword { word: word.clone(), span: token.span.clone() });
                }
                Instruction::Slot { slot, piece } => {
                    let (name, kind) = &program.slots[*slot];
                    length = match piece {
                        SlotPart::SettingName if program.is_count(taken, at + 2) => 4,
                        SlotPart::SettingName => 3,
                        SlotPart::Count => 2,
                        _ if kind.is_rest() => self.tokens.len() - index,
                        _ => 1,
                    };
                    let tokens = &self.tokens[index..index + length];
                    let value = if *piece == SlotPart::SettingName {
                        Argument::Setting(self.setting(tokens, &mut settings_seen)?)
                    } else {
                        self.value(name, kind, tokens)?
                    };
                    let guarded = token.kind != TokenKind::Word && self.is_keyword(&value);
                    parts.push(Part::Argument { slot: name.clone(), value, span: span_of(tokens), guarded });
                }
                _ => parts.extend(token.text.chars().next().map(Part::Symbol)),
            }
            at += length;
        }
        Ok(Arguments::new(parts))
    }

    /// Returns how many tokens to leave out: those of an optional part whose only value is a parameter
    /// that is null, if the part only describes something. Others are never left out: without them the
    /// statement would be about more, or be run twice.
    fn left_out(&self, program: &Program, taken: &[(usize, usize)]) -> usize {
        let is_null = |token: &Token| {
            token.kind == TokenKind::Parameter && self.parameters.get(&token.text) == Some(&Value::Null)
        };
        let Some((first, rest)) = taken.split_first() else { return 0 };
        // Most statements have no such parameter.
        if !rest.iter().take(MOST_LEFT_OUT).any(|(index, _)| is_null(&self.tokens[*index])) {
            return 0;
        }
        let Some(part) = program.optional_from(first.1) else { return 0 };
        let length = taken.iter().take_while(|(_, step)| part.contains(step)).count();
        let mut values = taken[..length].iter().filter_map(|(index, step)| match &program.steps[*step] {
            Instruction::Slot { slot, .. } => Some((&self.tokens[*index], &*program.slots[*slot].0)),
            _ => None,
        });
        let alone = values.next().is_some_and(|(token, slot)| is_null(token) && DESCRIPTIVE.contains(&slot));
        if alone && values.next().is_none() { length } else { 0 }
    }

    fn is_keyword(&self, value: &Argument) -> bool {
        let Argument::Name(name) = value else { return false };
        self.lines.have_keyword(&name.to_ascii_uppercase())
    }

    fn value(&self, slot: &str, kind: &SlotKind, tokens: &[Token]) -> Result<Argument, Refusal> {
        let span = span_of(tokens);
        if kind.is_rest() {
            return Ok(Argument::Rest(self.text[span].to_owned()));
        }
        let [first, unit @ ..] = tokens else { return Err(invalid("a value is missing")) };
        if let [unit] = unit {
            let text = format!("{} {}", first.text, unit.text);
            return duration(&text).map(Argument::Duration).map_err(|refusal| refusal.at_span(span));
        }
        let given = match first.kind {
            TokenKind::Parameter => self.parameter(first, &kind.describe(slot))?,
            _ => first.text.clone(),
        };
        read(kind, &given, first).map_err(|refusal| refusal.at_span(span))
    }

    /// Returns a parameter's value as text; the rules of the slot decide whether it is valid.
    fn parameter(&self, token: &Token, wanted: &str) -> Result<String, Refusal> {
        let name = short(&token.text);
        match self.parameter_value(token)? {
            Value::Text(text) => Ok(text.clone()),
            Value::Integer(number) => Ok(number.to_string()),
            Value::Null => Err(invalid(format!("parameter :{name} is null; expected {wanted}"))),
            _ => Err(invalid(format!("parameter :{name} is neither text nor an integer; expected {wanted}"))),
        }
        .map_err(|refusal| refusal.at_span(token.span.clone()))
    }

    fn parameter_value(&self, token: &Token) -> Result<&Value, Refusal> {
        let name = &token.text;
        self.parameters.get(name).ok_or_else(|| {
            let hint = match nearest(name, self.parameters.names()) {
                Some(near) => format!("did you mean :{near}?"),
                None => format!("set it with --param {}=VALUE", short(name)),
            };
            Refusal::new(Code::UnknownParameter, format!("parameter :{} is not set", short(name)))
                .hint(hint)
                .at_span(token.span.clone())
        })
    }

    /// Parses `name = value`, or `name = 90 SECONDS`.
    fn setting(&self, tokens: &[Token], seen: &mut BTreeSet<String>) -> Result<SettingArgument, Refusal> {
        let span = span_of(tokens);
        let [name, _, value, unit @ ..] = tokens else { return Err(invalid("a setting is incomplete")) };
        let key = checked_name(&name.text).map_err(|refusal| refusal.at_span(name.span.clone()))?;
        if !seen.insert(key.to_ascii_lowercase()) {
            let message = format!("{key} is set twice");
            return Err(invalid(message).at_span(name.span.clone()));
        }
        let value = match unit {
            [unit] => SettingValue::Number(format!("{} {}", value.text, unit.text)),
            _ => self.setting_value(value)?,
        };
        Ok(SettingArgument { name: key, value, span })
    }

    fn setting_value(&self, token: &Token) -> Result<SettingValue, Refusal> {
        let text = token.text.clone();
        Ok(match token.kind {
            TokenKind::Word if token.is_keyword("NULL") => SettingValue::Null,
            TokenKind::Word | TokenKind::QuotedName => SettingValue::Word(text),
            TokenKind::Number => SettingValue::Number(text),
            TokenKind::Parameter => match self.parameter_value(token)? {
                Value::Null => SettingValue::Null,
                Value::Integer(number) => SettingValue::Number(number.to_string()),
                _ => {
                    let text = self.parameter(token, "a value")?;
                    let refused = |refusal: Refusal| refusal.at_span(token.span.clone());
                    SettingValue::Text(checked_text(&text, "the value").map_err(refused)?)
                }
            },
            _ => {
                let refused = |refusal: Refusal| refusal.at_span(token.span.clone());
                SettingValue::Text(checked_text(&text, "the value").map_err(refused)?)
            }
        })
    }
}

impl super::program::Program {
    fn is_count(&self, taken: &[(usize, usize)], at: usize) -> bool {
        let step = taken.get(at).map(|(_, step)| &self.steps[*step]);
        matches!(step, Some(Instruction::Slot { piece: SlotPart::Count, .. }))
    }
}

fn span_of(tokens: &[Token]) -> Range<usize> {
    match tokens {
        [] => 0..0,
        [first, ..] => first.span.start..tokens[tokens.len() - 1].span.end,
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::InvalidValue, message)
}

/// Parses a value from one token, or from a parameter.
fn read(kind: &SlotKind, given: &str, token: &Token) -> Result<Argument, Refusal> {
    Ok(match kind {
        SlotKind::Conversation => Argument::Conversation(conversation(given, token.kind)?),
        SlotKind::Name(_) => Argument::Name(checked_name(given)?),
        SlotKind::Text => Argument::Text(checked_text(given, "the text")?),
        SlotKind::Plain => Argument::Plain(checked_text(given, "the text")?),
        SlotKind::Customer => Argument::Customer(customer(given)?),
        SlotKind::Key => Argument::Key(key(given)?),
        SlotKind::Integer => Argument::Integer(integer(given, token.kind)?),
        SlotKind::Duration => Argument::Duration(duration(given)?),
        SlotKind::Moment => Argument::Moment(moment(given)?),
        SlotKind::Settings(_) | SlotKind::RestStatement | SlotKind::RestSelect | SlotKind::RestWords => {
            Argument::Rest(given.to_owned())
        }
    })
}

fn conversation(given: &str, kind: TokenKind) -> Result<ConversationRef, Refusal> {
    let number = given.strip_prefix('#').unwrap_or(given);
    let digits = number.strip_prefix('-').unwrap_or(number);
    if kind != TokenKind::Text && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match number.parse::<i64>() {
            Ok(id) if id >= 1 => Ok(ConversationRef::Id(id)),
            _ => Err(invalid(format!("{} is not a conversation number; numbers start at 1", short(given)))),
        };
    }
    if is_uuid(given) {
        return Ok(ConversationRef::Topic(given.to_ascii_lowercase()));
    }
    let refusal = invalid(format!("'{}' is not a valid topic id", short(given)));
    Err(match kind {
        TokenKind::Text if number.parse::<i64>().is_ok() => {
            refusal.hint(format!("a conversation number is written without quotes: {number}"))
        }
        _ => refusal.hint("expected 12, #12 or a topic id in quotes"),
    })
}

fn is_uuid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match dashes.contains(&index) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

fn integer(given: &str, kind: TokenKind) -> Result<i64, Refusal> {
    match given.parse::<i64>() {
        // A parameter is an integer only in the form that reads back the same.
        Ok(number) if kind != TokenKind::Parameter || number.to_string() == given => Ok(number),
        Err(error) if *error.kind() != std::num::IntErrorKind::InvalidDigit && !given.is_empty() => {
            Err(invalid(format!("{} is out of range", short(given))))
        }
        _ => Err(invalid(format!("'{}' is not a whole number", short(given)))),
    }
}

fn duration(given: &str) -> Result<Duration, Refusal> {
    if given.len() > LONGEST_NAME {
        return Err(invalid(format!(
            "'{}' is not a valid duration; expected e.g. 90s, 3m, 1h30m or 1d",
            short(given)
        )));
    }
    Duration::parse(given).map_err(invalid)
}

fn moment(given: &str) -> Result<Moment, Refusal> {
    // No timestamp is as long as a name may be; a longer text is only quoted in part.
    let text = if given.len() > LONGEST_NAME { short(given) } else { given.to_owned() };
    Moment::parse(&text).map_err(invalid)
}

/// Returns a name in NFC after checking its length and that it has no control characters.
fn checked_name(given: &str) -> Result<String, Refusal> {
    let name: String = given.nfc().collect();
    if name.trim().is_empty() {
        Err(invalid("the name is empty"))
    } else if name.len() > LONGEST_NAME {
        Err(invalid(format!("the name exceeds {LONGEST_NAME} bytes; it has {}", name.len())))
    } else if name.chars().any(char::is_control) {
        Err(invalid("the name contains a control character"))
    } else {
        Ok(name)
    }
}

fn customer(given: &str) -> Result<String, Refusal> {
    let customer = kept(&checked_text(given, "the customer")?);
    match customer.len() {
        0 => Err(invalid("the customer is empty")),
        1..=LONGEST_CUSTOMER => Ok(customer),
        length => Err(invalid(format!("the customer exceeds {LONGEST_CUSTOMER} bytes; it has {length}"))),
    }
}

fn key(given: &str) -> Result<String, Refusal> {
    let key = checked_text(given, "the key")?;
    match key.chars().count() {
        1.. if key.trim().is_empty() => Err(invalid("the key is blank")),
        1..=LONGEST_KEY => Ok(key),
        count => Err(invalid(format!("a key must have 1 to {LONGEST_KEY} characters; this one has {count}"))),
    }
}

fn checked_text(given: &str, what: &str) -> Result<String, Refusal> {
    if given.len() > LONGEST_TEXT {
        let message = format!("{what} has {} bytes; the limit is {LONGEST_TEXT}", given.len());
        Err(Refusal::new(Code::TooLarge, message))
    } else if given.contains('\0') {
        Err(invalid(format!("{what} contains the character U+0000")))
    } else {
        Ok(given.to_owned())
    }
}

#[cfg(test)]
#[path = "reading/tests.rs"]
mod tests;
