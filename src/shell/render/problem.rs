//! Errors on stderr: the message, the place in the statement, and a hint.
//!
//! Invariant: the text is made harmless before it is coloured, and only the first line begins with
//! `error[`. Programs get one JSON object on one line, with every key. This module deliberately
//! does not know where in a statement an error is: the lines with the carets are rendered by the
//! caller.

use std::io::{self, Write};

use super::escape::harmless_lines;
use super::paint::Paint;
use super::{Color, Format, RenderOptions, json, wrap};
use crate::domain::refusal::Code;

/// A refusal or fault to display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The code.
    pub code: Code,
    /// The message.
    pub message: String,
    /// The hint at what to type next.
    pub hint: Option<String>,
    /// The line in the input, from 1.
    pub line: Option<usize>,
    /// The column in that line, from 1.
    pub column: Option<usize>,
    /// The number of the row, with `--each`.
    pub row: Option<u64>,
    /// The text of the statement.
    pub statement: Option<String>,
    /// The whole error as text with carets, or only the lines with the carets. In the second case
    /// the first line and the hint are added.
    pub excerpt: Option<String>,
}

impl Problem {
    /// A problem that does not belong to a place in a statement.
    pub fn without_place(code: Code, message: String, hint: Option<&str>) -> Problem {
        let hint = hint.map(str::to_owned);
        Problem { code, message, hint, row: None, line: None, column: None, statement: None, excerpt: None }
    }
}

/// Writes the problem to the writer for stderr: an object for JSON formats, lines for all others.
///
/// # Errors
/// Those of the writer.
pub fn problem(out: &mut dyn Write, problem: &Problem, options: &RenderOptions) -> io::Result<()> {
    match options.format {
        Format::Json | Format::Jsonl => object(out, problem),
        _ => {
            let lines = lines(problem);
            let last = lines.len().saturating_sub(1);
            lines.iter().enumerate().try_for_each(|(index, line)| match index {
                0 => write_wrapped(out, line, options, head),
                _ if index == last && hint_start(line).is_some() => write_wrapped(out, line, options, rest),
                _ => writeln!(out, "{}", rest(line, options.color)),
            })
        }
    }
}

/// Writes a line wrapped at words. Lines of an excerpt must not be wrapped.
fn write_wrapped(
    out: &mut dyn Write,
    line: &str,
    options: &RenderOptions,
    paint: fn(&str, Color) -> String,
) -> io::Result<()> {
    wrap::folded(line, options.width).iter().enumerate().try_for_each(|(index, piece)| match index {
        0 => writeln!(out, "{}", paint(piece, options.color)),
        _ if hint_start(line).is_some() => {
            let text = piece.trim_start();
            let lead = &piece[..piece.len() - text.len()];
            writeln!(out, "{lead}{}", Paint::Hint.on(text, options.color))
        }
        _ => writeln!(out, "{piece}"),
    })
}

fn object(out: &mut dyn Write, problem: &Problem) -> io::Result<()> {
    let text = |value: Option<&str>| value.map_or_else(|| "null".to_owned(), json::text);
    let number = |value: Option<usize>| value.map_or_else(|| "null".to_owned(), |count| count.to_string());
    let row = problem.row.map_or_else(String::new, |number| format!(r#","row":{number}"#));
    writeln!(
        out,
        r#"{{"error":{{"code":{},"message":{},"hint":{},"line":{},"column":{},"statement":{}{row}}}}}"#,
        json::text(problem.code.name()),
        json::text(&problem.message),
        text(problem.hint.as_deref()),
        number(problem.line),
        number(problem.column),
        text(problem.statement.as_deref()),
    )
}

/// Returns the lines of the error, harmless but without colours.
fn lines(problem: &Problem) -> Vec<String> {
    let first = format!("error[{}]", problem.code);
    let excerpt = problem.excerpt.as_deref().map(harmless_lines).unwrap_or_default();
    let mut lines: Vec<String> = excerpt.lines().map(str::to_owned).collect();
    if excerpt.starts_with(&first) {
        return lines;
    }
    let message = format!("{first}: {}", harmless_lines(&problem.message));
    lines.splice(0..0, indented(&message));
    if let Some(hint) = &problem.hint
        && lines.last().is_none_or(|line| hint_start(line).is_none())
    {
        lines.extend(indented(&format!("  hint: {}", harmless_lines(hint))));
    }
    lines
}

/// Indents all lines after the first, so that no text from a customer looks like an error message.
fn indented(text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines.map(|(index, line)| if index == 0 { line.to_owned() } else { format!("    {line}") }).collect()
}

fn head(line: &str, color: Color) -> String {
    match line.split_once(": ") {
        Some((write_wrapped, message)) => format!("{}: {message}", Paint::Fault.on(write_wrapped, color)),
        None => Paint::Fault.on(line, color).into_owned(),
    }
}

fn rest(line: &str, color: Color) -> String {
    let (start, paint) = if let Some(start) = hint_start(line) {
        (start, Paint::Hint)
    } else if let Some(start) = caret_start(line) {
        (start, Paint::Caret)
    } else {
        return line.to_owned();
    };
    format!("{}{}", &line[..start], paint.on(&line[start..], color))
}

/// Returns where the hint begins in a line `  hint: …` or `  = hint: …`.
fn hint_start(line: &str) -> Option<usize> {
    let text = line.trim_start();
    let text = text.strip_prefix("= ").unwrap_or(text);
    text.starts_with("hint: ").then(|| line.len() - text.len())
}

/// Returns where the carets begin in a line of carets (and the frame at its left).
fn caret_start(line: &str) -> Option<usize> {
    let frame_only = line.chars().all(|character| matches!(character, ' ' | '|' | '^'));
    line.find('^').filter(|_| frame_only)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::render::examples::{at_terminal, in_pipe};

    fn shown(said: &Problem, options: &RenderOptions) -> String {
        let mut out = Vec::new();
        problem(&mut out, said, options).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn refused() -> Problem {
        Problem {
            code: Code::NoEdge,
            message: "conversation 12 is Active with dana; assign moves Open conversations".to_owned(),
            hint: Some("TRANSFER 12 TO AGENT alice".to_owned()),
            line: Some(1),
            column: Some(8),
            statement: Some("assign 12 to agent alice".to_owned()),
            row: None,
            excerpt: Some("  assign 12 to agent alice;\n         ^^".to_owned()),
        }
    }

    #[test]
    fn an_error_is_its_message_the_place_and_the_way_out() {
        let expected = "error[no_edge]: conversation 12 is Active with dana; assign moves Open conversations\n\
                        \x20 assign 12 to agent alice;\n\
                        \x20        ^^\n\
                        \x20 hint: TRANSFER 12 TO AGENT alice\n";
        assert_eq!(shown(&refused(), &at_terminal(100)), expected);
        let whole = Problem { excerpt: Some(expected.to_owned()), ..refused() };
        assert_eq!(shown(&whole, &at_terminal(100)), expected);
        let bare = Problem { excerpt: None, hint: None, ..refused() };
        assert_eq!(shown(&bare, &at_terminal(100)), expected[..expected.find('\n').unwrap() + 1]);
    }

    #[test]
    fn a_narrow_terminal_breaks_sentences_at_words_and_leaves_the_place() {
        let hint = "possible now: RELEASE 12, END 12, TRANSFER 12 TO AGENT …".to_owned();
        let options = RenderOptions { color: Color::On, ..at_terminal(40) };
        assert_eq!(
            shown(&Problem { hint: Some(hint), ..refused() }, &options),
            "\x1b[1;31merror[no_edge]\x1b[0m: conversation 12 is\n    Active with dana; assign moves Open\n    conversations\n\
             \x20 assign 12 to agent alice;\n\
             \x20        \x1b[31m^^\x1b[0m\n\
             \x20 \x1b[36mhint: possible now: RELEASE 12, END\x1b[0m\n\
             \x20       \x1b[36m12, TRANSFER 12 TO AGENT …\x1b[0m\n"
        );
    }

    #[test]
    fn colour_marks_the_code_the_carets_and_the_hint() {
        let options = RenderOptions { color: Color::On, ..at_terminal(100) };
        assert_eq!(
            shown(&refused(), &options),
            "\x1b[1;31merror[no_edge]\x1b[0m: conversation 12 is Active with dana; assign moves Open conversations\n\
             \x20 assign 12 to agent alice;\n\
             \x20        \x1b[31m^^\x1b[0m\n\
             \x20 \x1b[36mhint: TRANSFER 12 TO AGENT alice\x1b[0m\n"
        );
        let framed =
            Problem { excerpt: Some(" --> line 3, column 8\n  |   ^^\n  = hint: x".to_owned()), ..refused() };
        assert!(shown(&framed, &options).ends_with("  |   \x1b[31m^^\x1b[0m\n  = \x1b[36mhint: x\x1b[0m\n"));
    }

    #[test]
    fn programs_get_one_object_on_one_line() {
        let mut said = refused();
        said.message = "no 'a\n\x1b[2J\u{202e}'".to_owned();
        (said.hint, said.column) = (None, None);
        assert_eq!(
            shown(&said, &in_pipe(Format::Jsonl)),
            "{\"error\":{\"code\":\"no_edge\",\"message\":\"no 'a\\n\\u001b[2J\\u202e'\",\"hint\":null,\
             \"line\":1,\"column\":null,\"statement\":\"assign 12 to agent alice\"}}\n"
        );
    }

    #[test]
    fn a_customers_text_cannot_pass_for_an_error_of_ours() {
        let said = Problem {
            message: "there is no customer 'a\nerror[internal]: \x1b[2Jcall 555'".to_owned(),
            excerpt: None,
            hint: None,
            ..refused()
        };
        assert_eq!(
            shown(&said, &at_terminal(80)),
            "error[no_edge]: there is no customer 'a\n    error[internal]: \\x1b[2Jcall 555'\n"
        );
    }
}
