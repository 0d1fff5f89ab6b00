//! What the triggers refuse about customers and their handles, and about the room of an accepted offer.

use super::{assert_refused, taken_back};
use crate::desk_fixture::desk;
use crate::schema_fixture::{Answer, Move, SchemaFixture, code};
use rusqlite::types::Null;

/// Customer 5 with the handles 6 and 7.
fn family(file: &SchemaFixture) -> Answer {
    file.customer("eve")?;
    file.customer("eve at work")?;
    file.change("customer", 6, Null, "merged", 5)?;
    file.customer("eve at home")?;
    file.change("customer", 7, Null, "merged", 5)
}

#[test]
fn merges_and_removals() {
    assert_refused(&[
        ("into oneself", "unknown_customer", |file| file.change("customer", 1, Null, "merged", 1)),
        ("into nobody", "unknown_customer", |file| file.change("customer", 1, Null, "merged", 99)),
        ("nobody", "unknown_customer", |file| file.change("customer", 99, Null, "merged", 1)),
        ("both have an open conversation of topic", "in_use", |file| {
            file.change("customer", 2, Null, "merged", 3)
        }),
        ("both have one, and the first handle of one is removed", "in_use", |file| {
            taken_back(file, |file| {
                file.customer("cy at work")?;
                file.change("customer", 5, Null, "merged", 3)?;
                file.change("customer", 3, Null, "removed", Null)?;
                file.change("customer", 3, Null, "merged", 2)
            })
        }),
        ("a conversation for a removed handle", "unknown_customer", |file| {
            taken_back(file, |file| {
                family(file)?;
                file.change("customer", 6, Null, "removed", Null)?;
                file.opening(1, 6)
            })
        }),
        ("a handle that is not the first", "unknown_customer", |file| {
            taken_back(file, |file| {
                family(file)?;
                file.change("customer", 6, Null, "merged", 1)
            })
        }),
        ("into a handle that is not the first", "unknown_customer", |file| {
            taken_back(file, |file| {
                family(file)?;
                file.change("customer", 1, Null, "merged", 6)
            })
        }),
        ("the only handle", "in_use", |file| file.change("customer", 1, Null, "removed", Null)),
        ("the last of three", "in_use", |file| {
            taken_back(file, |file| {
                family(file)?;
                file.change("customer", 5, Null, "removed", Null)?;
                file.change("customer", 7, Null, "removed", Null)?;
                file.change("customer", 6, Null, "removed", Null)
            })
        }),
        ("the name of a handle that is not the first", "unknown_customer", |file| {
            taken_back(file, |file| {
                family(file)?;
                file.change("customer", 6, Null, "name", 1)
            })
        }),
        ("a name that is no text", "invalid_value", |file| file.change("customer", 1, Null, "name", 99)),
        ("a handle of somebody else", "unlogged", |file| {
            file.run("UPDATE handle SET customer = 1 WHERE id = 2")
        }),
        ("another form of a handle", "unlogged", |file| {
            file.run("UPDATE handle SET compared = 'x' WHERE id = 2")
        }),
        ("a handle of its own", "unlogged", |file| file.run("INSERT INTO handle VALUES (9, 9, 'x', 0)")),
        ("a handle that is deleted", "unlogged", |file| file.run("DELETE FROM handle WHERE id = 1")),
        ("an erased customer with open conversations under another handle", "in_use", |file| {
            taken_back(file, |file| {
                file.customer("ann at work")?;
                file.change("customer", 5, Null, "merged", 1)?;
                file.change("customer", 5, Null, "erased", crate::schema_fixture::digest(0))
            })
        }),
    ]);
}

#[test]
fn a_removed_handle_can_be_somebody_elses() {
    let file = desk();
    file.logged(family);
    file.logged(|file| file.change("customer", 6, Null, "removed", Null));
    file.logged(|file| file.customer("EVE at work"));
    assert_eq!(file.number("SELECT customer FROM handle WHERE compared = 'eve at work'"), 8);
    assert_eq!(code(&file.customer("eve at home")), "exists");
}

/// Conversation 6 is offered to bob for one unit; then bob has no capacity and the workstream costs three.
fn offered() -> SchemaFixture {
    let file = desk();
    file.logged(|file| file.change("agent", 2, Null, "capacity", 0));
    file.logged(|file| file.change("workstream", 4, Null, "units", 3));
    file.begin(80_000);
    file
}

#[test]
fn an_accepted_offer_keeps_its_room_and_nothing_else_has_it() {
    let accept = |units: i64| Move::new(6, "accept", "Processing", 2).with(2, units);
    let file = offered();
    file.change("offer", 6, 2, "accepted", Null).expect("an answer");
    for units in [0, 2, 3] {
        assert_eq!(code(&file.transition(&accept(units))), "at_capacity", "{units} units");
    }
    file.transition(&accept(1)).expect("the units of the offer");
    file.close().expect("closed");
    // It is for the next move only.
    let file = offered();
    file.change("offer", 6, 2, "accepted", Null).expect("an answer");
    file.transition(&accept(1)).expect("the units of the offer");
    file.transition(&Move::new(6, "release", "Waiting", 2)).expect("given back");
    assert_eq!(code(&file.transition(&accept(1))), "at_capacity", "a second time");
    // Without an offer, after another answer, by another event or agent, and in a later entry there is no such room.
    for (answer, step, closes) in [
        ("withdrawn", accept(1), false),
        ("declined", accept(3), false),
        ("accepted", Move::new(6, "pick", "Processing", 2).with(2, 1), false),
        ("accepted", Move::new(6, "accept", "Processing", 2).with(1, 1), false),
        ("accepted", accept(1), true),
    ] {
        let file = offered();
        file.change("offer", 6, 2, answer, Null).expect("an answer");
        if closes {
            file.close().expect("closed");
        }
        assert_eq!(code(&file.transition(&step)), "at_capacity", "{answer}");
    }
}
