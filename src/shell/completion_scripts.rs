//! The completions for shells: what `switchboard --completions SHELL` prints.
//!
//! Invariant: options, and what statements and dot commands begin with, follow from the definitions
//! that the program itself uses; the first argument is a file, every other one a statement. This
//! module deliberately does not open a file: a shell completes no names or ids, the prompt does.

use clap::{Arg, ValueHint};
use clap_complete::Generator;
use clap_complete::shells::{Bash, Fish, Zsh};

use super::dot::COMMANDS;
use super::options::{self, Shell};
use crate::statement::statements;
use crate::statement::support::help;

/// The name under which the completions are registered.
const PROGRAM: &str = "switchboard";

/// Returns the script for a shell.
pub fn text(shell: Shell) -> String {
    match shell {
        Shell::Bash => bash(),
        Shell::Zsh => zsh(),
        Shell::Fish => fish(),
    }
}

/// What a statement or dot command begins with.
struct FirstWords {
    words: String,
    /// The rest of the syntax; empty: nothing follows.
    rest: String,
    about: &'static str,
}

fn first_words() -> Vec<FirstWords> {
    let statements = statements().iter().map(|definition| {
        let words = help::first_words(definition);
        let rest = help::syntax(definition).split_at(words.len()).1.trim_start().to_owned();
        FirstWords { words, rest, about: definition.summary }
    });
    let commands = COMMANDS.iter().map(|command| FirstWords {
        words: format!(".{}", command.name),
        rest: command.syntax.to_owned(),
        about: command.help,
    });
    statements.chain(commands).collect()
}

impl FirstWords {
    fn is_whole(&self) -> bool {
        self.rest.is_empty()
    }

    /// Returns the first sentence of the description, which is enough for a list.
    fn about(&self) -> &'static str {
        self.about.split_once(". ").map_or(self.about, |(first, _)| first).trim_end_matches('.')
    }
}

fn generated(generator: impl Generator, command: &mut clap::Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(generator, command, PROGRAM, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

fn lines(all: impl Iterator<Item = String>) -> String {
    all.collect::<Vec<_>>().join("\n")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn bash() -> String {
    let mut command = options::command();
    let script = generated(Bash, &mut command);
    let names = |option: &Arg| {
        let short = option.get_short().map(|letter| format!("-{letter}"));
        short.into_iter().chain(option.get_long().map(|long| format!("--{long}"))).collect::<Vec<_>>()
    };
    let valued: Vec<String> = command.get_opts().flat_map(names).collect();
    let line = |begin: FirstWords| quoted(&format!("{}|{}", begin.words, begin.rest));
    let all = lines(first_words().into_iter().map(line));
    let ours = include_str!("completion_scripts/bash.sh").replace("@FIRST_WORDS@", &all);
    script + &ours.replace("@VALUED@", &valued.join(" | "))
}

fn zsh() -> String {
    // No argument is a command line, so the action for one marks the place of ours.
    let hint = |statements: Arg| statements.value_hint(ValueHint::CommandString);
    let script = generated(Zsh, &mut options::command().mut_arg("statements", hint));
    let (whole, begun): (Vec<_>, Vec<_>) = first_words().into_iter().partition(FirstWords::is_whole);
    let line = |begin: FirstWords| quoted(&format!("{}:{}", begin.words, begin.about()));
    let ours = include_str!("completion_scripts/zsh.sh")
        .replace("@BEGUN@", &lines(begun.into_iter().map(line)))
        .replace("@WHOLE@", &lines(whole.into_iter().map(line)));
    // With one colon, options are completed after statements, too. The first line has to stay the first, and
    // the script may call itself at its end, so ours comes between.
    let script = script.replace("'*::statements", "'*:statements");
    script.replace(":_cmdstring'", ":_switchboard_statements'").replacen('\n', &format!("\n{ours}"), 1)
}

fn fish() -> String {
    let mut command = options::command();
    let script = generated(Fish, &mut command);
    let options = command.get_arguments().filter_map(|option| {
        let long = option.get_long()?;
        let short = option.get_short().map(|letter| format!("{letter}/")).unwrap_or_default();
        let value = if option.get_action().takes_values() { "=+" } else { "" };
        Some(format!("{short}{long}{value}"))
    });
    let options = options.collect::<Vec<_>>().join(" ");
    let escaped = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let line = |begin: FirstWords| format!("{} {}", escaped(&begin.words), escaped(begin.about()));
    let all = first_words().into_iter().map(line).collect::<Vec<_>>().join(" \\\n");
    let ours = include_str!("completion_scripts/fish.fish").replace("@FIRST_WORDS@", &all);
    script + &ours.replace("@OPTIONS@", &options)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

    #[test]
    fn every_option_and_statement_is_in_every_script() {
        for shell in SHELLS {
            let script = text(shell);
            for name in options::command().get_arguments().filter_map(Arg::get_long) {
                let flag = if shell == Shell::Fish { format!("-l {name} ") } else { format!("--{name}") };
                assert!(script.contains(&flag), "{shell:?}: {flag}");
            }
            for begin in first_words() {
                assert!(script.contains(&format!("'{}", begin.words)), "{shell:?}: {}", begin.words);
            }
            let placeholder = |word: &str| word.len() > 2 && word.starts_with('@') && word.ends_with('@');
            assert!(!script.split_whitespace().any(placeholder), "{shell:?}");
        }
    }

    #[test]
    fn the_first_words_are_keywords() {
        let all = first_words();
        let rest = |words: &str| all.iter().find(|begin| begin.words == words).map(|found| &*found.rest);
        assert_eq!(rest("SHOW HEAD"), Some(""));
        assert_eq!(rest("SELECT"), Some("..."));
        assert_eq!(rest("PICK"), Some("(NEXT | <conversation>) BY <agent> [FROM <queue>]"));
        assert_eq!(rest(".mode"), Some("[format]"));
        let parted = |begin: &FirstWords| begin.words.contains(['|', ':', '\'']) || begin.words.is_empty();
        assert!(!all.iter().any(parted), "the scripts part the words from the rest there");
    }

    /// The generator's part is changed in two places.
    #[test]
    fn zsh_completes_the_file_and_then_statements() {
        let script = text(Shell::Zsh);
        assert!(script.starts_with("#compdef switchboard\n"), "{script}");
        assert!(script.contains("creates it:_files' "), "{script}");
        assert!(
            script.contains("'*:statements -- Statements and dot commands:_switchboard_statements' "),
            "{script}"
        );
    }
}
