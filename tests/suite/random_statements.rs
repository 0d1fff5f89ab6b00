//! Random statements: the examples of the manual, cut, repeated, exchanged and mixed with what may break something. No
//! answer is `internal`, every error has its place between two characters, and what is refused has changed nothing.

use switchboard::testing::statement::statements;

use crate::support::World;
use crate::support::session::{Numbers, seeds};

/// Statements of a seed.
const STATEMENTS: usize = 4_000;

const PIECES: [&str; 32] = [
    "é",
    "北",
    "🙂",
    "e\u{301}",
    "\u{202e}",
    "\u{feff}",
    "\u{0}",
    "'",
    "''",
    "\"",
    "`",
    ";",
    "--",
    "/*",
    "*/",
    "(",
    ")",
    ",",
    "=",
    ":a",
    "#1",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "1.5",
    "90s",
    "NULL",
    "SELECT",
    "x'00'",
    "@",
    "\n",
    "2026-02-30T25:00:00Z",
];

fn mutated(numbers: &mut Numbers, examples: &[Vec<&str>]) -> String {
    let mut words: Vec<String> =
        examples[numbers.below(examples.len())].iter().map(|word| (*word).to_owned()).collect();
    for _ in 0..numbers.below(4) {
        let at = numbers.below(words.len());
        match numbers.below(6) {
            0 if words.len() > 1 => drop(words.remove(at)),
            1 => words.insert(at, words[at].clone()),
            2 => words.insert(at, PIECES[numbers.below(PIECES.len())].to_owned()),
            3 => words[at] = PIECES[numbers.below(PIECES.len())].to_owned(),
            4 => {
                let other = &examples[numbers.below(examples.len())];
                words[at] = other[numbers.below(other.len())].to_owned();
            }
            _ => {
                let place = words[at].char_indices().map(|(place, _)| place).nth(numbers.below(4));
                words[at].insert_str(place.unwrap_or_default(), PIECES[numbers.below(PIECES.len())]);
            }
        }
    }
    words.join(" ")
}

#[test]
fn no_random_statement_is_internal_and_every_error_has_a_place() {
    // Those two write files.
    let writes = |example: &str| ["BACKUP", "EXPORT"].iter().any(|word| example.starts_with(word));
    let examples: Vec<Vec<&str>> = statements()
        .iter()
        .flat_map(|definition| definition.example.split("; "))
        .filter(|example| !writes(example))
        .map(|example| example.split(' ').collect())
        .collect();
    for seed in seeds("RANDOM_STATEMENTS", 2) {
        let mut numbers = Numbers::new(seed);
        let mut world = World::with_desk();
        let (mut done, mut refused) = (0, 0);
        for _ in 0..STATEMENTS {
            let statement = mutated(&mut numbers, &examples);
            let before = world.run("SHOW HEAD").rows;
            let Err(failure) = world.try_run(&statement) else {
                done += 1;
                continue;
            };
            refused += 1;
            let context = format!("RANDOM_STATEMENTS_SEED={seed}: {statement:?}: {failure}");
            assert_ne!(failure.error.code().name(), "internal", "{context}");
            assert!(statement.get(failure.span.clone()).is_some(), "{context}: {:?}", failure.span);
            assert_eq!(world.run("SHOW HEAD").rows, before, "{context}");
        }
        println!("{done} done, {refused} refused");
        assert!(done > STATEMENTS / 10 && refused > STATEMENTS / 4, "{done} done, {refused} refused");
    }
}
