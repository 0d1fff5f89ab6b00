//! A desk in the middle of a day, written by plain INSERTs.
//!
//! Every table has rows, of every kind that the program writes. The hashes are dummies.

use crate::schema_fixture::{Move, SchemaFixture, digest};
use rusqlite::types::Null;

/// Queues 1 billing, 2 front, 3 dropped; agents 1 alice, 2 bob, 3 dropped; workstreams 1 chat on omnichannel, 2 sms on
/// unified, 3 chat on topic (bot, wrap-up), 4 voice on dispatch, 5 records. Conversations: 1 Open, 2 Active with
/// alice, 3 Waiting (sms), 4 Created, 5 On Hold with bob, 6 Dispatching, 7 a closed record whose note is archived, 8 in
/// Wrap-up with alice, 9 Active with bob. Lifecycles 1, which workstream 6 uses,
/// 2, which was dropped, and 3, which nothing uses. Conversation 6 is offered to bob, who has one unit more than the others.
pub fn desk() -> SchemaFixture {
    let desk = SchemaFixture::new();
    people(&desk);
    workstreams(&desk);
    conversations(&desk);
    details(&desk);
    archived(&desk);
    erasures(&desk);
    reports(&desk);
    desk
}

/// Report 1 has a question, report 2 waits for one.
fn reports(desk: &SchemaFixture) {
    for (id, name) in [(1, "late"), (2, "spare")] {
        desk.logged(|desk| desk.change("report", id, Null, "created", name.to_owned()));
    }
    desk.logged(|desk| desk.change("report", 1, Null, "sql", 1));
}

fn people(desk: &SchemaFixture) {
    desk.logged(|desk| desk.change("site", -1, Null, "time_zone", "Europe/Berlin".to_owned()));
    for (id, name) in [(1, "billing"), (2, "front"), (3, "old")] {
        desk.logged(|desk| desk.change("queue", id, Null, "created", name.to_owned()));
    }
    for (id, name) in [(1, "alice"), (2, "bob"), (3, "gone")] {
        desk.logged(|desk| desk.change("agent", id, Null, "created", name.to_owned()));
        desk.logged(|desk| desk.change("agent", id, Null, "capacity", if id == 2 { 4 } else { 3 }));
        desk.logged(|desk| desk.change("member", 1, id, "joined", Null));
    }
    for (id, name) in [(1, "maria"), (2, "nick")] {
        desk.logged(|desk| desk.change("supervisor", id, Null, "created", name.to_owned()));
    }
    desk.logged(|desk| desk.change("service", 1, Null, "created", "web".to_owned()));
    desk.logged(|desk| desk.change("service", 2, Null, "created", "phone".to_owned()));
    desk.logged(|desk| desk.change("agent", 1, Null, "presence", "available".to_owned()));
    desk.logged(|desk| desk.change("member", 2, 1, "joined", Null));
    desk.logged(|desk| desk.change("member", 2, 1, "left", Null));
    desk.logged(|desk| desk.change("queue", 3, Null, "dropped", Null));
    desk.logged(|desk| desk.change("agent", 3, Null, "dropped", Null));
}

fn workstreams(desk: &SchemaFixture) {
    desk.logged(|desk| desk.lifecycle(1, "errand"));
    desk.logged(|desk| desk.lifecycle(2, "old"));
    desk.logged(|desk| desk.lifecycle(3, "spare"));
    desk.logged(|desk| desk.change("lifecycle", 2, Null, "dropped", Null));
    let lines = [
        (1, "chat", -1, 1),
        (2, "sms", -4, 2),
        (3, "chat", -3, 1),
        (4, "voice", -2, 2),
        (5, "record", -1, 1),
        (6, "chat", 1, 1),
    ];
    for (id, channel, lifecycle, queue) in lines {
        desk.logged(|desk| {
            desk.change("workstream", id, Null, "created", format!("{channel} {id}"))?;
            desk.change("workstream", id, Null, "channel", channel.to_owned())?;
            desk.change("workstream", id, Null, "lifecycle", lifecycle)?;
            desk.change("workstream", id, Null, "queue", queue)
        });
    }
    for name in ["bot", "wrapup"] {
        desk.logged(|desk| desk.change("workstream", 3, Null, name, "on".to_owned()));
    }
    desk.logged(|desk| desk.change("workstream", 1, Null, "queue_timeout", 60000));
}

fn conversations(desk: &SchemaFixture) {
    for handle in ["ann", "bo", "cy", "to be erased"] {
        desk.logged(|desk| {
            if handle == "bo" {
                desk.key("keyed")?;
            }
            desk.customer(handle)
        });
    }
    opened(desk, 1, 1, Move::new(1, "open", "Open", 1));
    opened(desk, 1, 2, Move::new(2, "open", "Open", 1));
    opened(desk, 2, 1, Move::new(3, "open", "Open", 2));
    opened(desk, 3, 2, Move::new(4, "open", "Created", 1));
    opened(desk, 3, 3, Move::new(5, "open_queued", "Inactive", 1));
    opened(desk, 4, 3, Move::new(6, "open_queued", "Waiting", 2));
    opened(desk, 5, 1, Move::new(7, "open", "Open", 1));
    opened(desk, 1, 3, Move::new(8, "open", "Open", 1));
    opened(desk, 2, 2, Move::new(9, "open", "Open", 2));
    let moves = [
        Move::new(2, "pick", "Active", 1).with(1, 1),
        Move::new(3, "pick", "Active", 2).with(2, 1),
        Move::new(3, "close", "Waiting", 2),
        Move::new(5, "pick", "Active", 1).with(2, 1),
        Move::new(5, "hold", "On Hold", 1).with(2, 1),
        Move::new(6, "dispatch", "Dispatching", 2),
        Move::new(7, "pick", "Active", 1).with(1, 1),
        Move::new(8, "pick", "Active", 1).with(1, 1),
        Move::new(8, "end", "Wrap-up", 1).with(1, 1),
        Move::new(9, "pick", "Active", 2).with(2, 1),
    ];
    for step in &moves {
        desk.logged(|desk| desk.transition(step));
    }
}

fn opened(desk: &SchemaFixture, workstream: i64, customer: i64, first: Move) {
    desk.logged(|desk| {
        desk.opening(workstream, customer)?;
        desk.transition(&first)
    });
}

fn details(desk: &SchemaFixture) {
    for body in ["hello", "a reason", "private"] {
        desk.logged(|desk| desk.text(body));
    }
    for conversation in [1, 2, 2, 5, 9] {
        desk.logged(|desk| desk.message(conversation, 1));
    }
    desk.logged(|desk| desk.change("conversation", 2, Null, "subject", 1));
    desk.logged(|desk| desk.change("conversation", 2, Null, "sentiment", "negative".to_owned()));
    for (conversation, channel, name) in [
        (1, "chat", "connected"),
        (2, "chat", "connected"),
        (2, "sms", "connected"),
        (2, "sms", "ended"),
        (5, "chat", "connected"),
        (5, "chat", "disconnected"),
    ] {
        desk.logged(|desk| desk.change("session", conversation, channel.to_owned(), name, Null));
    }
    for (conversation, name, role) in [(2, "Bob", "consultant"), (2, "maria", "monitor"), (4, "web", "bot")] {
        desk.logged(|desk| {
            desk.change("participant", conversation, name.to_owned(), "joined", role.to_owned())
        });
    }
    desk.logged(|desk| desk.change("participant", 2, "bob".to_owned(), "left", Null));
    desk.logged(|desk| desk.change("offer", 6, 2, "made", 1));
    for (conversation, timer, name, value) in [
        (1, "queue_timeout", "started", 90_000),
        (5, "customer_timeout", "started", 90_001),
        (5, "response_timeout", "paused", 20_000),
        (8, "wrapup_timeout", "started", 90_002),
        (9, "agent_timeout", "started", 90_003),
    ] {
        desk.logged(|desk| desk.change("timer", conversation, timer.to_owned(), name, value));
    }
}

fn archived(desk: &SchemaFixture) {
    desk.logged(|desk| desk.text("to be archived"));
    desk.logged(|desk| desk.message(7, 4));
    desk.logged(|desk| desk.transition(&Move::new(7, "end", "Closed", 1)));
    desk.logged(|desk| {
        desk.change("conversation", 7, Null, "archived", 7)?;
        desk.archive(7, &[1, 2, 3])?;
        desk.pack(7)
    });
}

fn erasures(desk: &SchemaFixture) {
    desk.logged(|desk| desk.change("text", 3, Null, "erased", digest(3)));
    desk.logged(|desk| desk.change("customer", 4, Null, "erased", digest(4)));
    desk.logged(|desk| desk.change("entry", 1, Null, "purged", digest(1)));
}
