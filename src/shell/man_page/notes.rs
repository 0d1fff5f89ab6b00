//! The texts of the manual page that follow from no definition: files, environment, examples.
//!
//! Invariant: the exit statuses and files are those of docs/OPERATIONS.md; a test compares them. This
//! module deliberately does not know how a page is laid out beyond its own sections.

use clap_mangen::roff::{Roff, bold, roman};

use super::{entry, prose};

pub const DESCRIPTION: [&str; 2] = [
    "\
switchboard keeps the conversations, agents and queues of a small contact centre, and an audit log \
of every transition, in one SQLite file.",
    "\
It runs the statements and dot commands that are given as arguments. Without them it starts a \
prompt at a terminal, and otherwise reads statements from standard input, each ended by a semicolon. \
Replies are written to standard output, everything else to standard error. The first error ends a run; \
what earlier statements did remains.",
];

pub const NOTATION: &str = "\
Keywords may be written in any case. [ ] is optional, ( | ) is a choice, and what stands before \", ...\" \
may be repeated. Write a name of several words in double quotes, and text in single quotes. A parameter \
:name may replace any value, name or id. HELP and the first words of a statement shows its columns and an \
example.";

pub const SETTINGS: &str = "Each list is headed by the first statement that takes the settings.";

pub const DOT_COMMANDS: &str = "They work at the prompt, in a script and as arguments, one to a line.";

pub const CODES: &str = "An error begins with its code; the exit status of a run follows from it.";

/// The exit statuses of the program.
pub const EXIT_STATUSES: &[(u8, &str)] = &[
    (0, "success"),
    (1, "a statement was refused"),
    (2, "usage or syntax error"),
    (3, "the file: missing, not a Switchboard file, newer, damaged, or no space left"),
    (4, "busy: other programs held the write lock for 30 seconds"),
    (5, "nothing was waiting (PICK NEXT)"),
    (70, "an internal error; please report it"),
    (130, "interrupted by Ctrl-C"),
    (141, "the reader of the output went away"),
    (143, "terminated by a signal"),
];

const AFTER_KEEP_GOING: &str = "\
After a run with --keep-going that had different errors it is 2 if there was a syntax error, else 1.";

/// The variables that the program reads.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("SWITCHBOARD_AS", "the name to act under, unless --as gives one"),
    ("NO_COLOR", "if set and not empty, no colour is used, unless --color asks for it"),
    ("TERM", "if it is dumb, no colour is used, unless --color asks for it"),
    ("USER", "which login name is meant if the user id has several"),
    ("XDG_CONFIG_HOME", "the directory of the init file; ~/.config by default"),
    ("XDG_STATE_HOME", "the directory of the history; ~/.local/state by default"),
];

/// The files, `desk.db` being the database.
pub const FILES: &[(&str, &str)] = &[
    ("desk.db", "the database"),
    (
        "desk.db-wal, desk.db-shm",
        "SQLite's write-ahead log and its index, while a process has the file open. After a crash the log \
         remains; it is part of the data.",
    ),
    ("desk.db-lock", "the lock file at which writers wait for each other; it is empty"),
    ("desk.db.format-1", "a copy of the file from before an upgrade"),
    ("desk.db.before-restore", "what the file contained before .restore"),
    ("desk.db-erase", "while purged or erased words may still be in unused bytes of the file"),
    ("~/.config/switchboard/init", "what runs when the prompt opens; below $XDG_CONFIG_HOME if set"),
    ("~/.local/state/switchboard/history", "the history of the prompt; below $XDG_STATE_HOME if set"),
];

/// Command lines, each with what it does.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("Open a prompt; a new file is created:", "switchboard desk.db"),
    ("Show what is going on:", "switchboard desk.db 'SHOW ONGOING'"),
    (
        "Pass text from outside as a parameter:",
        "switchboard desk.db -p text=\"$BODY\" 'MESSAGE 12 FROM CUSTOMER :text'",
    ),
    ("Run a script, all of it or nothing:", "switchboard --atomic desk.db < setup.script"),
    (
        "Open a conversation for each row of a file:",
        "switchboard desk.db --each new.csv 'OPEN ON mail FOR :email KEY :id'",
    ),
    (
        "Fire the timers that are due, every minute from cron:",
        "* * * * *  switchboard /srv/desk/desk.db --as cron 'SWEEP TIMEOUTS'",
    ),
    ("Query with SQL, and write CSV:", "switchboard --readonly -f csv desk.db 'SELECT * FROM ongoing'"),
    ("Verify the audit log:", "switchboard desk.db 'VERIFY JOURNAL'"),
];

/// Writes the sections after those of the definitions.
pub fn write(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in EXIT_STATUSES {
        entry(roff, [bold(status.to_string())], meaning);
    }
    roff.control("PP", []).text([roman(prose(AFTER_KEEP_GOING))]);
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        entry(roff, [bold(*name)], meaning);
    }
    roff.control("SH", ["FILES"]);
    for (path, meaning) in FILES {
        entry(roff, [bold(*path)], meaning);
    }
    roff.control("SH", ["EXAMPLES"]);
    for (index, (purpose, line)) in EXAMPLES.iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(*purpose)]);
        roff.control("PP", []).control("RS", ["4"]).control("nf", []);
        roff.text([roman(*line)]).control("fi", []).control("RE", []);
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("sqlite3"), roman("(1), "), bold("crontab"), roman("(5)")]);
}
