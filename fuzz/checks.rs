//! What must be true of any bytes: of a statement, a script, and a file. The fuzz targets and a test
//! of the suite, which runs the corpus, both call these functions.
//!
//! Invariant: no input panics or is answered with `internal`. The functions check properties, never
//! particular answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use switchboard::testing::engine::Prepared;
use switchboard::testing::language::diagnostic::{Style, locate, render};
use switchboard::testing::language::script::{ScriptItem, Splitter};
use switchboard::testing::statement::support::manual::DESK;
use switchboard::testing::store::tolerate_contradictions;
use switchboard::{Code, Context, Creation, Failure, Moment, OpenOptions, Parameters, Switchboard};

/// What a file is asked for; it must answer or say why it cannot.
const ASKED: [&str; 10] = [
    "VERIFY JOURNAL",
    "SHOW ONGOING ALL",
    "SHOW JOURNAL",
    "SHOW CONVERSATION 2",
    "SHOW TIMERS",
    "SHOW SUMMARY",
    "SELECT * FROM messages",
    "NOTE 2 'It can be written.'",
    "OPEN ON texts FOR 'new@example.com'",
    "SWEEP",
];

/// Parses a statement and runs it on a desk: an error is never `internal`, its place is between
/// characters, and what is shown of it cannot control a terminal.
pub fn statement(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(failure) = Prepared::new(text, &Parameters::new()) {
        check_failure(text, &failure);
        return;
    }
    // It would write a file.
    if ["backup", "export"].iter().any(|word| text.to_lowercase().contains(word)) {
        return;
    }
    let path = copy_of_desk();
    let mut desk = Switchboard::open(&path, &OpenOptions::default()).expect("the desk");
    let answer = desk.run(text, &Parameters::new(), &context());
    drop(desk);
    remove(&path);
    if let Err(failure) = answer {
        check_failure(text, &failure);
    }
}

fn check_failure(text: &str, failure: &Failure) {
    assert_ne!(failure.code(), Code::Internal, "{text:?}: {failure}");
    assert!(text.get(failure.span.clone()).is_some(), "{text:?}: {:?}", failure.span);
    assert!(failure.message().len() < 1_000, "{text:?}: {}", failure.message());
}

/// Splits a script: in one piece and character by character it has the same statements, and every
/// error in one of them can be shown.
pub fn script(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for replay in [false, true] {
        let whole = pieces(replay, [text]);
        let single = text.char_indices().map(|(at, character)| &text[at..at + character.len_utf8()]);
        assert_eq!(whole, pieces(replay, single), "{text:?}");
        for piece in whole {
            let ScriptItem::Statement(source) = piece else { continue };
            if let Err(failure) = Prepared::new(&source.text, &Parameters::new()) {
                check_failure(&source.text, &failure);
                let location = locate(&source, failure.span.clone());
                let shown =
                    render(failure.code(), failure.message(), failure.hint(), Some(&location), Style::File);
                assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
            }
        }
    }
}

fn pieces<'a>(replay: bool, parts: impl IntoIterator<Item = &'a str>) -> Vec<ScriptItem> {
    let mut splitter = Splitter::new(replay);
    let mut found = Vec::new();
    for part in parts {
        splitter.push(part);
        found.extend(splitter.by_ref());
    }
    found.extend(std::iter::from_fn(|| splitter.finish()));
    found
}

/// Opens a file and looks at it: nothing is `internal`. The input changes bytes of a desk: three for
/// a position, one for the new byte. An input that begins with a zero is a file itself.
pub fn file(bytes: &[u8]) {
    tolerate_contradictions();
    let path = copy_of_desk();
    match bytes {
        [0, file @ ..] => fs::write(&path, file).expect("a file"),
        changes => {
            let mut file = desk().to_vec();
            for change in changes.chunks_exact(4) {
                let at = u32::from_be_bytes([0, change[0], change[1], change[2]]) as usize % file.len();
                file[at] = change[3];
            }
            fs::write(&path, file).expect("a file");
        }
    }
    look_at(&path);
    remove(&path);
}

/// Asks a file for everything, read-only and then writable.
pub fn look_at(path: &Path) {
    for readonly in [true, false] {
        let options = OpenOptions { readonly, creation: Creation::IfMissing, ..OpenOptions::default() };
        let mut desk = match Switchboard::open(path, &options) {
            Ok(desk) => desk,
            Err(failure) => {
                assert_ne!(failure.code(), Code::Internal, "open: {failure}");
                continue;
            }
        };
        for statement in ASKED {
            if let Err(failure) = desk.run(statement, &Parameters::new(), &context()) {
                assert_ne!(failure.code(), Code::Internal, "{statement}: {failure}");
            }
        }
    }
}

fn context() -> Context {
    Context::given(at("2026-03-02T12:00:00Z"), "maria")
}

/// The content of the desk of the manual.
fn desk() -> &'static [u8] {
    static DESK_FILE: OnceLock<Vec<u8>> = OnceLock::new();
    DESK_FILE.get_or_init(|| {
        let path = place();
        let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
        let mut desk = Switchboard::open(&path, &options).expect("a new file");
        let mut splitter = Splitter::new(true);
        splitter.push(DESK);
        let (mut now, mut who) = (context(), "maria".to_owned());
        for piece in splitter.by_ref() {
            match piece {
                ScriptItem::Moment { moment, actor, .. } => {
                    who = actor.unwrap_or(who);
                    now = Context::given(at(&moment), &who);
                }
                ScriptItem::Statement(source) => {
                    desk.run(&source.text, &Parameters::new(), &now).expect("a statement of the desk");
                }
                ScriptItem::Dot(_) => {}
            }
        }
        drop(desk);
        let bytes = fs::read(&path).expect("the file");
        remove(&path);
        bytes
    })
}

/// A path of its own for each thread, in memory if possible.
fn place() -> PathBuf {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
    });
    let name = format!("{:?}.db", std::thread::current().id());
    folder.path().join(name.replace(['(', ')'], ""))
}

fn copy_of_desk() -> PathBuf {
    let bytes = desk();
    let path = place();
    fs::write(&path, bytes).expect("a copy of the desk");
    path
}

fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-lock", "-journal", "-erase"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // Most of them do not exist.
        let _ = fs::remove_file(PathBuf::from(name));
    }
}

fn at(text: &str) -> Moment {
    text.parse().expect("a timestamp")
}
