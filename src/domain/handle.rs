//! Customers' handles: how they are kept, and how they are compared.
//!
//! Invariant: two handles name the same customer exactly if their compared forms are equal. The
//! compared form is stored beside each handle, so a change of these rules is a new file format.

use unicode_normalization::UnicodeNormalization;

/// A handle of only these characters with at least `PHONE_DIGITS` digits is a phone number.
const PHONE: &str = "0123456789 +-()./\u{a0}";

/// The smallest number of digits of a phone number.
const PHONE_DIGITS: usize = 5;

/// Returns a handle as it is kept: in NFC, without what cannot be seen at its ends.
pub fn kept(handle: &str) -> String {
    let handle: String = handle.nfc().collect();
    match handle.trim_matches(is_blank) {
        // One that cannot be seen at all is kept.
        "" => handle.trim().to_owned(),
        seen => seen.to_owned(),
    }
}

/// Returns the form in which a handle is compared: without what cannot be seen, in NFC and without
/// case; a phone number as its digits, with a leading `00` as `+`.
pub fn compared(handle: &str) -> String {
    let seen: String =
        handle.trim_matches(is_blank).chars().filter(|&letter| !is_invisible(letter)).collect();
    let seen = if seen.is_empty() { handle.trim().to_owned() } else { seen };
    phone_number(&seen).unwrap_or_else(|| {
        let folded: String = seen.nfc().flat_map(char::to_lowercase).collect();
        folded.nfc().collect()
    })
}

fn phone_number(handle: &str) -> Option<String> {
    let digits: String = handle.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < PHONE_DIGITS || !handle.chars().all(|letter| PHONE.contains(letter)) {
        return None;
    }
    let international = handle
        .find('+')
        .is_some_and(|plus| plus < handle.find(|letter: char| letter.is_ascii_digit()).unwrap_or(0));
    Some(match digits.strip_prefix("00") {
        _ if international => format!("+{digits}"),
        Some(number) if !number.is_empty() => format!("+{number}"),
        _ => digits,
    })
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || is_invisible(letter)
}

/// Returns whether a character is never visible: zero-width characters, and those that only set the
/// direction of a text.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_ends_and_invisible_characters_do_not_count() {
        for other in [
            "Ann@Example.com",
            " ann@example.com\n",
            "\u{feff}ann@ex\u{200b}ample.com\t",
            "ANN@EXAMPLE.COM\u{a0}",
        ] {
            assert_eq!(compared(other), "ann@example.com", "{other:?}");
        }
        assert_eq!(compared("ZO\u{cb}"), compared("zoe\u{308}"));
        assert_ne!(compared("ann @example.com"), compared("ann@example.com"));
    }

    #[test]
    fn phone_numbers_are_compared_by_their_digits() {
        for other in ["+491705550199", "0049 170 5550199", "(+49) 170/555-01.99", "+49\u{a0}170 555 0199 "] {
            assert_eq!(compared(other), "+491705550199", "{other:?}");
        }
        assert_eq!(compared("0170 5550199"), "01705550199");
        assert_eq!(compared("12345"), "12345");
        assert_eq!(compared("00000"), "+000");
    }

    #[test]
    fn fewer_than_five_digits_and_other_characters_are_no_phone_number() {
        for handle in ["1-2-3-4", "+1 23", "12345x", "#12345", "1234 5678 ann"] {
            assert_eq!(compared(handle), handle, "{handle:?}");
        }
    }

    #[test]
    fn the_compared_form_is_its_own() {
        for handle in ["Stra\u{df}e", "\u{130}stanbul", "00 49 170 1234", "\u{3a3}\u{3a3}", "0\u{301}12345"] {
            let once = compared(handle);
            assert_eq!(compared(&once), once, "{handle:?}");
        }
    }

    #[test]
    fn a_handle_is_kept_as_written_but_for_its_ends() {
        assert_eq!(kept("  Ann Lee \u{200b}\r\n"), "Ann Lee");
        assert_eq!(kept(" \u{200b} "), "\u{200b}");
        assert_eq!(kept(" \n"), "");
        assert_eq!(compared(" \u{200b}"), "\u{200b}");
    }
}
