//! Scores the mood of one message, from −10,000 to 10,000.
//!
//! Invariant: the running time is bounded for any input, and nothing here can fail. The analyzer
//! knows only the English of social media. Whatever else contact centres receive (phrases of asking
//! and greeting, other languages, typographic apostrophes, more emoji) is normalized before it is
//! analyzed. This module deliberately does not know what a score is called.

use std::sync::LazyLock;

use vader_parity::SentimentIntensityAnalyzer;

use super::READ;

/// Its tables take 3 ms to build, so they are built only when the first message is scored.
static ANALYZER: LazyLock<SentimentIntensityAnalyzer> = LazyLock::new(SentimentIntensityAnalyzer::new);

/// Emoji whose names do not convey their meaning, replaced with words that the analyzer knows.
const SIGNS: [(&str, &str); 8] = [
    ("😡🤬😤🖕", " furious "),
    ("👎", " bad "),
    ("🤮💩", " disgusting "),
    ("😒🙄", " annoyed "),
    ("🙁☹😔😩", " sad "),
    ("💔", " heartbroken "),
    ("👍👏", " good "),
    ("❤♥💕", " love "),
];

/// Phrases that people write whatever they feel: asking, agreeing, greeting, and the names of
/// things.
const FORMS: [&[&str]; 27] = [
    &["debt"],
    &["fraud"],
    &["alarm"],
    &["gift"],
    &["free"],
    &["please"],
    &["help"],
    &["support"],
    &["yes"],
    &["hope"],
    &["dear"],
    &["would", "like"],
    &["i'd", "like"],
    &["we'd", "like"],
    &["good", "morning"],
    &["good", "afternoon"],
    &["good", "evening"],
    &["good", "day"],
    &["nice", "day"],
    &["kind", "regards"],
    &["best", "regards"],
    &["best", "wishes"],
    &["yours", "sincerely"],
    &["yours", "truly"],
    &["yours", "faithfully"],
    &["credit", "card"],
    &["gift", "card"],
];

/// Words that occur in almost every English sentence, but rarely in other languages. Sorted.
pub(super) const ENGLISH: [&str; 40] = [
    "and", "are", "at", "be", "been", "but", "can", "did", "does", "for", "from", "had", "have", "how", "i",
    "i'm", "is", "it", "just", "my", "not", "of", "she", "that", "the", "there", "they", "this", "to",
    "very", "we", "were", "what", "when", "where", "why", "will", "with", "you", "your",
];

/// The same for German, Spanish, French, Italian, Portuguese and Dutch. Without them the analyzer
/// would read "die" as dying and "war" as war. Sorted.
pub(super) const FOREIGN: [&str; 98] = [
    "aber", "auch", "auf", "avec", "bin", "bitte", "che", "com", "con", "danke", "das", "dat", "de", "del",
    "della", "dem", "den", "der", "des", "di", "die", "dove", "du", "een", "ein", "eine", "el", "elle", "em",
    "en", "es", "est", "et", "gli", "habe", "het", "hola", "ich", "ihr", "ik", "il", "ist", "je", "kein",
    "keine", "la", "las", "le", "les", "los", "maar", "mais", "mein", "meine", "meu", "mi", "mijn", "minha",
    "mio", "mit", "mon", "muy", "ne", "nicht", "niet", "nix", "noch", "non", "nous", "pas", "pedido", "per",
    "pero", "por", "pour", "que", "questo", "qui", "sehr", "sie", "sind", "sono", "sur", "um", "uma", "un",
    "una", "und", "une", "van", "voor", "vous", "war", "warum", "wir", "wo", "y", "zu",
];

/// Returns the mood of a message: negative is bad, positive is good, zero says nothing.
pub(super) fn score(message: &str) -> i64 {
    let text: String = message.chars().take(READ).map(straight).collect();
    let heard = if is_foreign(&text) { signs_alone(&text) } else { without_forms(&text) };
    let heard = heard.chars().fold(String::new(), with_words_for_signs);
    // The analyzer's four decimals become whole ten-thousandths, so that means do not depend on
    // floating-point arithmetic.
    (ANALYZER.polarity_scores(&heard).compound * 10_000.0).round() as i64
}

/// Phones write ’ where the analyzer expects ' ("isn't", "don't").
fn straight(character: char) -> char {
    if matches!(character, '’' | '‘' | 'ʼ' | '＇' | '´' | '`') { '\'' } else { character }
}

fn with_words_for_signs(mut heard: String, sign: char) -> String {
    match SIGNS.iter().find(|(signs, _)| !sign.is_ascii() && signs.contains(sign)) {
        Some((_, words)) => heard.push_str(words),
        None => heard.push(sign),
    }
    heard
}

/// Returns a word in the form of the lists.
fn bare(word: &str) -> String {
    word.trim_matches(|character: char| !character.is_alphanumeric()).to_lowercase()
}

/// Returns whether more words are foreign, by the lists or by their letters, than English.
fn is_foreign(text: &str) -> bool {
    let (mut english, mut foreign) = (0, 0);
    for word in text.split_whitespace().map(bare) {
        let known = |list: &[&str]| list.binary_search(&word.as_str()).is_ok();
        if known(&ENGLISH) {
            english += 1;
        } else if known(&FOREIGN) || word.chars().any(|letter| letter.is_alphabetic() && !letter.is_ascii()) {
            foreign += 1;
        }
    }
    foreign > english
}

/// Keeps only smileys and emoji, which are the same in every language.
fn signs_alone(text: &str) -> String {
    text.chars().map(|character| if character.is_alphanumeric() { ' ' } else { character }).collect()
}

fn without_forms(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let mut heard = String::with_capacity(text.len());
    let mut place = 0;
    while place < words.len() {
        match FORMS
            .iter()
            .find(|form| bare[place..].iter().zip(**form).filter(|(a, b)| a == *b).count() == form.len())
        {
            Some(form) => place += form.len(),
            None => {
                heard.push_str(words[place]);
                heard.push(' ');
                place += 1;
            }
        }
    }
    heard
}
