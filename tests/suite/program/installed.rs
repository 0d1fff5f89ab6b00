//! What is installed next to the program: its manual page, and the completions of shells.

use std::process::{Command, Stdio};

use super::{Place, Run, fed, finished};

/// Runs the program with nothing but these arguments.
fn printed(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    finished(command.args(arguments).stdin(Stdio::null()).output().expect("the program starts"))
}

#[test]
fn the_page_and_the_completions_are_printed_without_a_file() {
    for (arguments, begin) in [
        (&["--man"][..], ".ie \\n(.g .ds Aq \\(aq\n"),
        (&["--completions", "bash"], "_switchboard() {\n"),
        (&["--completions", "zsh"], "#compdef switchboard\n"),
        (&["--completions", "fish"], "complete -c switchboard "),
    ] {
        let run = printed(arguments);
        assert!(
            run.status == 0 && run.out.starts_with(begin) && run.err.is_empty(),
            "{arguments:?}: {run:?}"
        );
        assert_eq!(run.out, printed(arguments).out);
    }
    let run = printed(&["--completions", "tcsh"]);
    assert!(run.status == 2 && run.out.is_empty() && run.err.contains("bash, zsh, fish"), "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let run = finished(command.arg("--man").stdout(full).output().expect("the program starts"));
    assert!(run.status == 3 && run.err.starts_with("error[disk_full]"), "{run:?}");
}

/// Whether a program is on the path.
fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// What bash would put in place of the last word; a bar parts the candidates.
fn completed(place: &Place, words: &[&str]) -> String {
    let quoted = |word: &&str| format!("'{}'", word.replace('\'', "'\\''"));
    let words = ["switchboard"].iter().chain(words).map(quoted).collect::<Vec<_>>().join(" ");
    // Bash gives the function the word without its opening quote.
    let script = format!(
        "{}\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         word=${{COMP_WORDS[COMP_CWORD]}}\n\
         _switchboard_arguments switchboard \"${{word#[\\'\\\"]}}\" \"${{COMP_WORDS[COMP_CWORD - 1]}}\"\n\
         IFS='|'; echo \"${{COMPREPLY[*]}}\"\n",
        printed(&["--completions", "bash"]).out
    );
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc"]).current_dir(place.path(".")).env("LC_ALL", "C");
    let run = fed(&mut bash, script.as_bytes());
    assert!(run.status == 0 && run.err.is_empty(), "{run:?}");
    run.out.trim_end_matches('\n').to_owned()
}

#[test]
fn bash_completes_options_the_file_and_statements() {
    if !installed("bash") {
        return;
    }
    let place = Place::new();
    for (words, candidates) in [
        (&["--for"][..], "--format"),
        (&["desk.db", "-f", "json"], "json|jsonl"),
        (&["desk.db", "--color", "a"], "auto|always"),
        (&["--completions", ""], "bash|zsh|fish"),
        // Nothing of our own: a file.
        (&["desk"], ""),
        (&["--as", "maria", "-p", "text", "=", "SHOW", "SHOW HEA"], ""),
        (&["--as", "=", "maria", "SHOW HEA"], ""),
        // After the file, a statement.
        (&["desk.db", "SHOW HEA"], "'SHOW HEAD'"),
        (&["desk.db", "'SHOW HEA"], "SHOW HEAD"),
        (&["desk.db", "\"show hea"], "show head"),
        (&["desk.db", "SHOW\\ HEA"], "'SHOW HEAD'"),
        (&["--as", "maria", "--quiet", "-p", "text", "=", "SHOW", "desk.db", "SHOW HEA"], "'SHOW HEAD'"),
        (&["--as", "=", "maria", "desk.db", "SHOW HEAD", "'VALU"], "VALUES |VALUES ..."),
        (&["desk.db", "'HOLD"], "HOLD |HOLD <conversation> [FOR <duration>]"),
        (
            &["desk.db", "'MESSAGE O"],
            "MESSAGE ON |MESSAGE ON <workstream> (FROM <customer> | TO <customer> BY <agent>) <body> [AUTOMATIC] [KEY <key>]",
        ),
        (&["desk.db", "'DROP S"], "DROP SUPERVISOR |DROP SERVICE "),
        (&["desk.db", ".he"], "'.help |'.head'"),
        (&["desk.db", "'HOLD 12 "], ""),
    ] {
        assert_eq!(completed(&place, words), candidates, "{words:?}");
    }
}

#[test]
fn the_scripts_are_read_without_an_error() {
    for shell in ["bash", "zsh", "fish"].into_iter().filter(|shell| installed(shell)) {
        let script = printed(&["--completions", shell]).out;
        let run = fed(Command::new(shell).arg("-n"), script.as_bytes());
        assert!(run.status == 0 && run.err.is_empty(), "{shell}: {run:?}");
    }
}

#[test]
fn formatters_have_nothing_to_complain_about() {
    let page = printed(&["--man"]).out;
    for (program, arguments) in
        [("mandoc", &["-T", "lint", "-W", "style"][..]), ("groff", &["-ww", "-man", "-Tascii"])]
    {
        if installed(program) {
            let run = fed(Command::new(program).args(arguments), page.as_bytes());
            let complaints = if program == "mandoc" { &run.out } else { &run.err };
            assert_eq!((run.status, complaints.as_str()), (0, ""), "{program}");
        }
    }
}
