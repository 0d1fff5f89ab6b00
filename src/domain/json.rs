//! Values as JSON: numbers as numbers, text as text.
//!
//! Invariant: characters that act on a terminal are always written as `\uXXXX`, which reads back as the
//! same text, so a terminal can display the output safely. This module deliberately does not know what
//! the values belong to.

use super::journal::hex;
use super::value::Value;

/// Returns whether a character affects a terminal or is invisible.
///
/// The joiners U+200C and U+200D are not included: Persian, Indic scripts and emoji need them, and
/// they reorder nothing.
pub fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{180e}'                     // Arabic letter mark, Mongolian separator
            | '\u{200b}' | '\u{200e}' | '\u{200f}'     // zero width space, direction marks
            | '\u{2028}'..='\u{202e}'                  // line separators, embeddings, overrides
            | '\u{2060}'..='\u{206f}'                  // word joiner, invisible operators, isolates
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'     // byte order mark, annotations
            | '\u{e0000}'..='\u{e007f}')
}

/// Returns the text as a JSON string.
pub fn text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    if !quoted.contains(acts) {
        return quoted;
    }
    let mut escaped = String::with_capacity(quoted.len() + 16);
    for character in quoted.chars() {
        if acts(character) {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units);
            escaped.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Returns a value as JSON. Bytes are hexadecimal text.
pub fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        // JSON has no infinity and no NaN; serde_json writes null.
        Value::Real(number) => serde_json::Value::from(*number).to_string(),
        Value::Text(content) => text(content),
        Value::Blob(bytes) => text(&hex(bytes)),
    }
}
