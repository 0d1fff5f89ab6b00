//! The day of `fixtures/day.script`: nothing in it is refused, every statement occurs in it, and its end is as
//! expected.

use std::collections::BTreeSet;

use switchboard::Parameters;
use switchboard::testing::engine::catalogue;
use switchboard::testing::statement::statements;

use crate::support::World;
use crate::support::script::{Step, steps};

const DAY: &str = include_str!("../../fixtures/day.script");

#[test]
fn the_day_runs_and_ends_as_expected() {
    let mut world = World::new();
    world.play(DAY);
    assert_eq!(
        world.rows("SELECT workstream, state, count(*) FROM conversations GROUP BY 1, 2"),
        [
            "callback|Closed|1",
            "cases|Closed|1",
            "forms|Active|1",
            "forms|Closed|2",
            "hotline|Finished|2",
            "leads|Closed|1",
            "texts|Active|1",
            "texts|Closed|1",
            "webchat|Active|1",
            "webchat|Closed|4",
            "webchat|Open|1",
        ]
    );
    assert_eq!(world.rows("SELECT agent, load FROM agents"), ["alice|1", "bob|0", "dana|3"]);
    assert_eq!(world.refused("ASSIGN 15 TO AGENT bob"), "no_edge");
}

#[test]
fn every_statement_that_changes_something_has_its_place_in_the_day() {
    let mut used = BTreeSet::new();
    for step in steps(DAY) {
        if let Step::Statement(source) = step {
            let (definition, _) =
                catalogue().parse(&source.text, &Parameters::new()).expect("it runs, so it parses");
            used.insert(definition);
        }
    }
    let changes = |definition: &usize| !statements()[*definition].is_read_only();
    let missing: Vec<&str> = (0..statements().len())
        .filter(changes)
        .filter(|definition| !used.contains(definition))
        .map(|definition| statements()[definition].syntax)
        .collect();
    assert!(missing.is_empty(), "not in the day: {missing:?}");
}
