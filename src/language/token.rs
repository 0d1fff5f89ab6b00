//! The lexer: splits the text of one statement into tokens with their positions.
//!
//! Invariant: it makes one pass, linear in the length of the text, and no input makes it panic.
//! Spans are byte ranges of the given text and lie on character boundaries. This module
//! deliberately does not know keywords: whether a word is one depends on its position.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::refusal::{Code, Refusal};

/// The maximum length of a statement, in bytes. A text of the maximum length fits even if each of its
/// characters is a quote.
pub const LONGEST_STATEMENT: usize = 4 << 20;

/// The maximum length of a text, in bytes.
pub const LONGEST_TEXT: usize = 1 << 20;

/// The maximum number of words, values and symbols of a statement.
pub const MOST_TOKENS: usize = 1 << 18;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A bare word: a keyword or a name.
    Word,
    /// A name in double quotes, which is never a keyword.
    QuotedName,
    /// Text in single quotes.
    Text,
    /// Digits, possibly with letters (`12`, `-3`, `1h30m`), as written.
    Number,
    /// A number sign and digits, `#12`; the token's text is what follows the number sign.
    Hash,
    /// A parameter, `:name`; the token's text is the name.
    Parameter,
    /// One character of punctuation.
    Symbol,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The kind.
    pub kind: TokenKind,
    /// The byte range in the statement.
    pub span: Range<usize>,
    /// The meaning: without quotes, doubled quotes undone, names in NFC.
    pub text: String,
}

impl Token {
    /// Returns whether this is a symbol.
    pub fn is_symbol(&self, symbol: char) -> bool {
        self.kind == TokenKind::Symbol && self.text.starts_with(symbol)
    }

    /// Returns whether this is a keyword, in any case.
    pub fn is_keyword(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Returns whether this is a number of digits only, possibly with a minus sign.
    pub fn is_whole_number(&self) -> bool {
        let digits = self.text.strip_prefix('-').unwrap_or(&self.text);
        self.kind == TokenKind::Number && digits.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Splits the text of one statement into tokens; comments and blanks are dropped.
///
/// # Errors
/// `syntax` for quotes and comments that are never closed and for characters without a meaning;
/// `too_large` for text longer than [`LONGEST_STATEMENT`], or with more than [`MOST_TOKENS`] tokens.
pub fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    if text.len() > LONGEST_STATEMENT {
        let message = format!("the statement exceeds {LONGEST_STATEMENT} bytes");
        return Err(Refusal::new(Code::TooLarge, message).hint("pass long text as a parameter"));
    }
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    while let Some(first) = text[lexer.at..].chars().next() {
        lexer.take(first)?;
        if lexer.tokens.len() > MOST_TOKENS {
            let message = format!("the statement has more than {MOST_TOKENS} words, values and symbols");
            return Err(Refusal::new(Code::TooLarge, message).hint("split it into several statements"));
        }
    }
    Ok(lexer.tokens)
}

/// Returns whether a character only separates tokens.
pub fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r') || (character.is_whitespace() && !character.is_control())
}

/// Returns whether a text can be written as a name without quotes and reads back unchanged.
pub fn is_bare_word(text: &str) -> bool {
    !text.is_empty() && word_length(text) == text.len() && text.nfc().eq(text.chars())
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn take(&mut self, first: char) -> Result<(), Refusal> {
        let rest = &self.text[self.at..];
        match first {
            blank if is_blank(blank) => self.at += blank.len_utf8(),
            '-' if rest.starts_with("--") => self.at += rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => return self.comment(),
            '\'' | '"' => return self.quoted(first),
            ':' if word_length(&rest[1..]) > 0 => {
                self.push(TokenKind::Parameter, 1, 1 + word_length(&rest[1..]));
            }
            '#' if starts_with_digit(&rest[1..]) => {
                self.push(TokenKind::Hash, 1, 1 + number_length(&rest[1..]));
            }
            '-' if starts_with_digit(&rest[1..]) => {
                self.push(TokenKind::Number, 0, 1 + number_length(&rest[1..]));
            }
            digit if digit.is_ascii_digit() => self.push(TokenKind::Number, 0, number_length(rest)),
            '@' if self.tokens.is_empty() => return Err(self.moment_line()),
            symbol if symbol.is_ascii_punctuation() && symbol != '_' => {
                self.push(TokenKind::Symbol, 0, 1);
            }
            _ => match word_length(rest) {
                0 => return Err(self.meaningless(self.at, first)),
                length => self.push(TokenKind::Word, 0, length),
            },
        }
        Ok(())
    }

    fn push(&mut self, kind: TokenKind, skip: usize, length: usize) {
        let span = self.at..self.at + length;
        let raw = &self.text[self.at + skip..span.end];
        self.tokens.push(Token { kind, span: span.clone(), text: composed(raw) });
        self.at = span.end;
    }

    fn comment(&mut self) -> Result<(), Refusal> {
        match self.text[self.at + 2..].find("*/") {
            Some(length) => {
                self.at += length + 4;
                Ok(())
            }
            None => Err(self.open("comment", 2, "close it with */")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<(), Refusal> {
        let begin = self.at + 1;
        let Some(length) = quoted_length(&self.text[begin..], quote) else {
            return Err(if quote == '\'' {
                self.open("text", 1, "close it with '; write a quote inside as ''")
            } else {
                self.open("name", 1, "close it with \"; write a quote inside as \"\"")
            });
        };
        let raw = &self.text[begin..begin + length];
        if let Some(position) = raw.find('\0') {
            return Err(self.meaningless(begin + position, '\0'));
        }
        let (kind, text) = match quote {
            '\'' => (TokenKind::Text, raw.replace("''", "'")),
            _ => (TokenKind::QuotedName, composed(&raw.replace("\"\"", "\""))),
        };
        let end = begin + length + 1;
        self.tokens.push(Token { kind, span: self.at..end, text });
        self.at = end;
        Ok(())
    }

    fn open(&self, what: &str, width: usize, hint: &str) -> Refusal {
        Refusal::new(Code::Syntax, format!("unterminated {what}"))
            .hint(hint)
            .at_span(self.at..self.at + width)
    }

    fn moment_line(&self) -> Refusal {
        Refusal::new(Code::Syntax, "a statement cannot begin with @")
            .hint("use --replay to run lines that begin with @")
            .at_span(self.at..self.at + 1)
    }

    fn meaningless(&self, at: usize, character: char) -> Refusal {
        let number = format!("U+{:04X}", u32::from(character));
        let message = if character.is_control() {
            format!("unexpected character {number}")
        } else {
            format!("unexpected character {character} ({number})")
        };
        let refusal = Refusal::new(Code::Syntax, message).at_span(at..at + character.len_utf8());
        match character {
            '\u{2018}' | '\u{2019}' | '\u{201c}'..='\u{201e}' => refusal.hint("use straight quotes: 'text'"),
            _ => refusal,
        }
    }
}

/// Returns a name in NFC, so that names are equal however they were typed.
fn composed(raw: &str) -> String {
    if raw.is_ascii() { raw.to_owned() } else { raw.nfc().collect() }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|character: char| character.is_ascii_digit())
}

fn number_length(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_alphanumeric).count()
}

/// Returns the number of bytes up to the closing quote; a doubled quote does not close.
fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].find(quote)?;
        if !text[at + 1..].starts_with(quote) {
            return Some(at);
        }
        at += 2;
    }
}

/// Returns the length in bytes of the bare word at the beginning of the text; 0 if there is none.
fn word_length(text: &str) -> usize {
    if !text.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return 0;
    }
    let mut length = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '.' => {}
            // Two dashes begin a comment even in the middle of a word.
            '-' if characters.peek().is_some_and(|(_, next)| *next == '-') => break,
            '-' => {}
            // A combining mark that stays separate in NFD input is still part of the word.
            _ if character.is_alphanumeric() || character == '_' || is_combining_mark(character) => {
                length = at + character.len_utf8();
            }
            _ => break,
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Place;

    fn check(text: &str, expected: &str) {
        let shown = match tokens(text) {
            Ok(tokens) => tokens
                .iter()
                .map(|token| format!("{:?} {}", token.kind, token.text))
                .collect::<Vec<_>>()
                .join(", "),
            Err(refusal) => {
                let Place::Span(span) = &refusal.place else { panic!("{refusal} has no span") };
                format!("{refusal} at {span:?}")
            }
        };
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn every_kind_of_token() {
        check("ASSIGN #12, -3 1h30m", "Word ASSIGN, Hash 12, Symbol ,, Number -3, Number 1h30m");
        check("'it''s' \"a\"\"b\" :who ''", "Text it's, QuotedName a\"b, Parameter who, Text ");
        check("a = (b);", "Word a, Symbol =, Symbol (, Word b, Symbol ), Symbol ;");
        check(
            "x'00' <> y*2.5",
            "Word x, Text 00, Symbol <, Symbol >, Word y, Symbol *, Number 2, Symbol ., Number 5",
        );
        check("a.b-c_ d- e. _f", "Word a.b-c_, Word d, Symbol -, Word e, Symbol ., Word _f");
        check("a@b : :1", "Word a, Symbol @, Word b, Symbol :, Symbol :, Number 1");
        check("", "");
    }

    #[test]
    fn comments_and_blanks_fall_away() {
        check("a--b\nc", "Word a, Word c");
        check("a/* ' ; */b -- '", "Word a, Word b");
        check("1--2", "Number 1");
        check("a\u{a0}b", "Word a, Word b");
        check("/*/ x", "syntax: unterminated comment at 0..2");
    }

    #[test]
    fn names_are_composed() {
        check("Jose\u{301} \"e\u{301}\" 'e\u{301}'", "Word Jos\u{e9}, QuotedName \u{e9}, Text e\u{301}");
        check("müller 北京", "Word müller, Word 北京");
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        check("a 'b", "syntax: unterminated text at 2..3");
        check("a 'b''", "syntax: unterminated text at 2..3");
        check("\"b", "syntax: unterminated name at 0..1");
        check("a \u{0}", "syntax: unexpected character U+0000 at 2..3");
        check("'a\u{0}'", "syntax: unexpected character U+0000 at 2..3");
        check("a\u{1b}[", "syntax: unexpected character U+001B at 1..2");
        check("say \u{201c}hi", "syntax: unexpected character \u{201c} (U+201C) at 4..7");
        check("@ 2026", "syntax: a statement cannot begin with @ at 0..1");
    }

    #[test]
    fn a_statement_has_a_limit() {
        assert!(tokens(&"a".repeat(LONGEST_STATEMENT)).is_ok());
        let refusal = tokens(&"a".repeat(LONGEST_STATEMENT + 1)).unwrap_err();
        assert_eq!(refusal.code, Code::TooLarge);
    }

    #[test]
    fn hostile_text_is_read_in_one_pass() {
        for unit in
            ["a.", ".", "'", "''", "-", "/*", "*/", ":", "#", "\"", "a--\n", "(", "\u{301}", "9", "@a"]
        {
            let _ = tokens(&unit.repeat(LONGEST_STATEMENT / unit.len()));
        }
    }

    #[test]
    fn a_bare_word_reads_back_as_itself() {
        for (text, bare) in
            [("alice", true), ("a-b", true), ("a-", false), ("1a", false), ("a--b", false), ("", false)]
        {
            assert_eq!(is_bare_word(text), bare, "{text}");
        }
        assert!(!is_bare_word("e\u{301}"));
    }
}
