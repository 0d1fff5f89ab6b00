//! Tests of the mood of messages, from tables, and of hostile texts.
//!
//! The tables contain what contact centres receive. The analyzer's own rules have tests of their
//! own.

use super::scorer::{ENGLISH, FOREIGN, score};
use super::*;
use Sentiment::{Negative, Neutral, Positive, VeryNegative, VeryPositive};

#[track_caller]
fn all(cases: &[(&str, Option<Sentiment>)]) {
    for (message, wanted) in cases {
        assert_eq!(of(&[message]), *wanted, "{message}: {}", score(message));
    }
}

#[test]
fn a_message_has_the_mood_of_its_words() {
    all(&[
        ("I hate this, worst service ever!!!", Some(VeryNegative)),
        ("This is terrible.", Some(Negative)),
        ("My package is damaged.", Some(Negative)),
        ("Thank you.", Some(Positive)),
        ("Great, thank you so much!", Some(VeryPositive)),
        ("at least it is smart", Some(Positive)),
        ("Where is my order?", None),
        ("x", None),
        ("", None),
        ("   \n\t ", None),
    ]);
}

#[test]
fn negations_turn_it_whatever_the_apostrophe() {
    all(&[
        ("good", Some(Positive)),
        ("not good", Some(Negative)),
        ("It isn't good.", Some(Negative)),
        ("It isn’t good.", Some(Negative)),
        ("not bad", Some(Positive)),
    ]);
}

#[test]
fn stress_makes_it_stronger() {
    let rising = ["the service is a little bad", "the service is bad", "the service is very bad"];
    let shouted = ["the service is BAD", "the service is BAD!!!"];
    for (weak, strong) in
        [(rising[0], rising[1]), (rising[1], rising[2]), (rising[1], shouted[0]), (shouted[0], shouted[1])]
    {
        assert!(score(strong) < score(weak), "{strong}");
    }
    assert_eq!(score("GOOD"), score("good"), "who always shouts stresses nothing");
}

#[test]
fn emoji_and_smileys_speak() {
    all(&[
        ("🙂", Some(Positive)),
        (":)", Some(Positive)),
        ("👍🏽", Some(Positive)),
        ("❤️", Some(Positive)),
        (":-(", Some(Negative)),
        ("😡", Some(Negative)),
        ("👎", Some(Negative)),
        ("😡😡😡", Some(VeryNegative)),
        ("👨‍👩‍👧", None),
    ]);
}

#[test]
fn forms_are_no_mood() {
    all(&[
        ("Hello, can you please help me with my order?", None),
        ("I would like to return a jacket.", None),
        ("Dear team, best regards", None),
        ("Yes, please!", None),
        ("No.", None),
        ("Good morning. The gift card does not work.", None),
    ]);
}

#[test]
fn other_languages_say_nothing_but_their_signs_do() {
    all(&[
        ("Wo ist die Lieferung?", None),
        ("Die Rechnung fehlt", None),
        ("Das war nichts", None),
        ("El pedido no ha llegado", None),
        ("Où est ma commande ?", None),
        ("Спасибо большое", None),
        ("谢谢", None),
        ("شكرا", None),
        ("Das ist schlecht 😡", Some(Negative)),
        ("Спасибо :)", Some(Positive)),
        ("José is great", Some(Positive)),
        ("I will die waiting for you", Some(Negative)),
    ]);
}

#[test]
fn it_is_the_mean_of_the_moods_among_the_last_six() {
    let (bad, good, plain) = ("This is terrible.", "Great, thank you so much!", "Where is it?");
    let worst = "I hate this, it is terrible!";
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[plain; 6]), None);
    assert_eq!(of(&[bad, plain, plain]), Some(Negative), "what says nothing takes nothing back");
    assert_eq!(of(&[worst, bad]), Some(Negative));
    assert_eq!(of(&[bad, good]), Some(Neutral), "they balance");
    assert_eq!(of(&[bad, good, good, good]), Some(Positive));
    assert_eq!(of(&[worst, plain, plain, plain, plain, good]), Some(Neutral), "six ago still counts");
    assert_eq!(
        of(&[worst, plain, plain, plain, plain, plain, good]),
        Some(VeryPositive),
        "seven ago does not"
    );
}

#[test]
fn what_stood_stays_until_six_have_said_nothing() {
    let plain = ["Where is it?"; 7];
    assert_eq!(after(None, &plain), None, "nothing has been said yet");
    assert_eq!(after(Some(VeryNegative), &plain[..1]), Some(VeryNegative));
    assert_eq!(after(Some(VeryNegative), &plain[..5]), Some(VeryNegative));
    assert_eq!(after(Some(VeryNegative), &plain[..6]), Some(Neutral));
    assert_eq!(after(Some(VeryNegative), &["Thanks!"]), Some(Positive));
}

#[test]
fn a_thousand_characters_are_read() {
    let begins = |with: &str| format!("{with}{}", " ok, and".repeat(8_000));
    assert_eq!(score(&begins("terrible")), score(&begins("terrible")[..READ]));
    assert_eq!(of(&[&format!("{}terrible", " ".repeat(READ))]), None);
    assert_eq!(of(&[&format!("{}terrible", "ü ".repeat(READ))]), None);
}

/// Texts that could take long, or that could be cut within a character.
#[test]
fn no_text_is_too_hostile() {
    for piece in [
        "!", "?", "a", "Σ", "İ", "😡", "\u{301}", "\u{200d}", "but ok ", "no ", "'", "’", "credit ", "I'd ",
        ":D", "\u{202e}", "\0",
    ] {
        let text = piece.repeat(65_536 / piece.len());
        assert!((-10_000..=10_000).contains(&score(&text)), "{piece}");
    }
    let mut state: u32 = 17;
    for _ in 0..2_000 {
        let random = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from_u32(state >> 8 & 0x1f_ffff).unwrap_or(' ')
        };
        let text: String = (0..60).map(random).collect();
        assert!((-10_000..=10_000).contains(&score(&text)), "{text:?}");
    }
}

#[test]
fn the_lists_of_words_are_in_order() {
    assert!(ENGLISH.is_sorted() && FOREIGN.is_sorted());
    assert!(FOREIGN.iter().all(|word| !ENGLISH.contains(word)));
}
