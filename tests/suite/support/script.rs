//! Scripts in tests: split into steps, and run with their output written between their lines.
//!
//! A line that begins with `--|` is expected output; to the program it is a comment. `UPDATE=1
//! cargo test` writes the actual output into the fixtures; read the difference before you commit
//! it.

use std::fs;
use std::path::Path;

use switchboard::testing::domain::calendar::Calendar;
use switchboard::testing::language::diagnostic::{Style, locate, render};
use switchboard::testing::language::script::{ScriptItem, Source, Splitter};
use switchboard::testing::shell::render::time::DisplayClock;
use switchboard::testing::shell::render::{
    Audience, Color, Format, Quiet, RenderOptions, SpreadsheetCells, reply,
};

use super::{World, at};

/// A step of a script.
pub enum Step {
    Moment(String, Option<String>),
    Statement(Source),
}

/// Splits a script into its steps.
pub fn steps(script: &str) -> Vec<Step> {
    let mut splitter = Splitter::new(true);
    splitter.push(script);
    let mut pieces: Vec<ScriptItem> = splitter.by_ref().collect();
    pieces.extend(std::iter::from_fn(|| splitter.finish()));
    pieces.into_iter().map(step).collect()
}

fn step(piece: ScriptItem) -> Step {
    match piece {
        ScriptItem::Statement(source) => Step::Statement(source),
        ScriptItem::Moment { moment, actor, .. } => Step::Moment(moment, actor),
        ScriptItem::Dot(source) => panic!("dot commands are tested at the command line: {}", source.text),
    }
}

/// Creates a world for a script.
///
/// If the first line is `-- desk: PATH`, relative to the repository, that script is played first,
/// without comparing its output.
pub fn world_of(script: &str) -> World {
    let mut world = World::new();
    if let Some(desk) = script.lines().next().and_then(|line| line.strip_prefix("-- desk: ")) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(desk.trim_end());
        let desk = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        world.play(&desk);
    }
    world
}

/// Runs a script, and returns it with the actual output between its lines.
pub fn answered(world: &mut World, script: &str) -> String {
    let mut whole = String::new();
    let mut splitter = Splitter::new(true);
    for line in script.lines().filter(|line| !line.starts_with("--|")) {
        whole.push_str(line);
        whole.push('\n');
        splitter.push(line);
        splitter.push("\n");
        let pieces: Vec<ScriptItem> = splitter.by_ref().collect();
        for piece in pieces {
            for line in answer(world, piece).lines() {
                whole.push_str(format!("--| {line}").trim_end());
                whole.push('\n');
            }
        }
    }
    whole
}

fn answer(world: &mut World, piece: ScriptItem) -> String {
    let source = match step(piece) {
        Step::Moment(moment, actor) => {
            world.now = at(&moment);
            world.actor = actor.unwrap_or_else(|| world.actor.clone());
            return String::new();
        }
        Step::Statement(source) => source,
    };
    match world.try_run(&source.text) {
        Ok(answered) => {
            let options = RenderOptions {
                format: Format::Table,
                width: 150,
                color: Color::Off,
                people: Audience::People,
                quiet: Quiet::Off,
                cells: SpreadsheetCells::Exact,
                display_clock: DisplayClock {
                    calendar: Calendar::of(&world.desk.time_zone().expect("a query")),
                    now: Some(world.now),
                },
                statement: String::new(),
            };
            let mut out = Vec::new();
            reply(&mut out, &answered, &options).expect("memory takes everything");
            let mut text = String::from_utf8(out).expect("UTF-8");
            for note in &answered.notes {
                text.push_str(&format!("({note})\n"));
            }
            text
        }
        Err(failure) => {
            let location = locate(&source, failure.span);
            let error = &failure.error;
            render(error.code(), error.message(), error.hint(), Some(&location), Style::Prompt)
        }
    }
}
