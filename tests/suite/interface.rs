//! The public interface, used as a program that links the crate uses it.
//!
//! What statements do is tested by scripts; here is what only such a program sees.

use std::time::Duration;

use switchboard::{
    Code, Context, Failure, Follow, Moment, OpenOptions, Parameters, Prepared, Reply, Switchboard, Value,
};

use crate::support::{World, at};

fn with_desk() -> World {
    let mut world = World::new();
    world.play(
        "CREATE QUEUE front;
         CREATE WORKSTREAM chats WITH (channel = chat, lifecycle = omnichannel, queue = front);",
    );
    world
}

/// Another `Switchboard` on the file of a world.
fn opened(world: &World, options: &OpenOptions) -> Switchboard {
    Switchboard::open(world.path(), options).expect("the file opens")
}

fn code(result: Result<Reply, Failure>) -> Option<Code> {
    result.err().map(|failure| failure.code())
}

#[test]
fn a_question_mark_is_enough_for_every_error() {
    fn opened_at(world: &mut World) -> Result<Moment, Failure> {
        let context = Context { login: None, ..Context::now("maria")? };
        assert!(!format!("{context:?}").contains("seed"), "{context:?}");
        let given = Context::given("2026-03-02T09:15:00Z".parse()?, "maria");
        let parameters = Parameters::from([("who", "ann")]);
        let prepared = Prepared::new("OPEN ON chats FOR :who", &parameters)?;
        assert!(!format!("{prepared:?}").contains("ann"), "{prepared:?}");
        assert!(!world.desk.would_refuse(&prepared, &given)?);
        let reply = world.desk.run_prepared(&prepared, &given)?;
        reply.iter().next().expect("a row").get("at")
    }
    assert_eq!(opened_at(&mut with_desk()), Ok(at("2026-03-02T09:15:00Z")));
    let failure = "yesterday".parse::<Moment>().expect_err("no timestamp");
    assert_eq!((failure.code(), failure.is_refusal()), (Code::InvalidValue, true));
}

#[test]
fn a_moment_is_read_from_text_and_from_milliseconds_and_is_a_parameter() {
    let mut world = with_desk();
    let now = world.now;
    world.run("OPEN ON chats FOR ann");
    let parameters = Parameters::from([("at", now)]);
    let context = Context::given(now, "maria");
    let select = "SELECT opened_at, opened_at_ms, 9e18 AS real FROM conversations WHERE opened_at = :at";
    let reply = world.desk.run(select, &parameters, &context).expect("a row");
    let row = reply.first().expect("a row");
    assert_eq!((row.get("opened_at"), row.get("opened_at_ms")), (Ok(now), Ok(now)));
    assert_eq!(row.get::<Moment>("real").map_err(|failure| failure.code()), Err(Code::InvalidValue));
    let past = world.desk.run("SHOW QUEUES AS OF :at", &parameters, &context);
    assert_eq!(past.expect("a reply").rows.len(), 1);
}

#[test]
fn changed_says_whether_an_entry_was_written() {
    let mut world = with_desk();
    assert!(world.run("OPEN ON chats FOR ann KEY 'k-1'").changed);
    let repeated = world.run("OPEN ON chats FOR ann KEY 'k-1'");
    assert_eq!((repeated.changed, repeated.rows.len()), (false, 1), "a duplicate KEY");
    assert!(!world.run("SHOW ONGOING").changed);
    assert!(!world.run("ROUTE").changed, "nothing can be assigned");
    assert!(!world.run("EXPLAIN FORCE CLOSE 1 REASON 'spam'").changed);
    assert!(!world.run("SWEEP TIMEOUTS").changed, "nothing is due");
    world.run("MESSAGE 1 FROM CUSTOMER 'Where is it?'");
    world.run("FORCE CLOSE 1 REASON 'spam'");
    world.now = at("2026-03-04T09:00:00Z");
    assert!(!world.run("EXPLAIN SWEEP TIMEOUTS").changed);
    assert!(world.run("SWEEP TIMEOUTS").changed, "the messages are archived");
}

#[test]
fn a_file_that_was_opened_read_only_has_no_transactions() {
    let mut world = with_desk();
    let mut reader = opened(&world, &OpenOptions { readonly: true, ..OpenOptions::default() });
    let refused = reader.transaction().map(drop).map_err(|failure| failure.code());
    assert_eq!(refused, Err(Code::Readonly));
    let context = Context::given(world.now, "maria");
    let none = Parameters::new();
    assert_eq!(code(reader.run("CREATE QUEUE spare", &none, &context)), Some(Code::Readonly));
    assert_eq!(code(reader.run("SHOW QUEUES", &none, &context)), None);
    // What a writer could do is another question.
    let prepared = Prepared::new("OPEN ON chats FOR ann", &none).expect("it parses");
    assert_eq!(reader.would_refuse(&prepared, &context), Ok(false));
    world.desk.transaction().expect("the other one writes").rollback().expect("rolled back");
}

#[test]
fn a_write_that_may_not_wait_fails_with_busy_and_a_query_does_not() {
    let mut world = with_desk();
    let hurried = OpenOptions { busy_timeout: Duration::ZERO, ..OpenOptions::default() };
    let mut other = opened(&world, &hurried);
    let context = Context::given(world.now, "maria");
    let none = Parameters::new();
    let mut transaction = world.desk.transaction().expect("nobody writes");
    transaction.run("CREATE QUEUE spare", &none, &context).expect("a queue");
    let failure = other.run("CREATE QUEUE back", &none, &context).expect_err("the lock is held");
    assert_eq!((failure.code(), failure.is_refusal()), (Code::Busy, false));
    assert_eq!(other.run("SHOW QUEUES", &none, &context).expect("a query").rows.len(), 1);
    transaction.commit().expect("committed");
    other.run("CREATE QUEUE back", &none, &context).expect("the lock is free");
    // A program that does not know the write lock holds SQLite's own.
    let foreign = rusqlite::Connection::open(world.path()).expect("the file");
    foreign.execute_batch("BEGIN IMMEDIATE").expect("nobody writes");
    assert_eq!(code(other.run("CREATE QUEUE more", &none, &context)), Some(Code::Busy));
    assert_eq!(OpenOptions::default().busy_timeout, Duration::from_secs(30));
    opened(&world, &OpenOptions { busy_timeout: Duration::MAX, ..OpenOptions::default() });
}

#[test]
fn the_version_changes_with_the_commits_of_others_only() {
    let mut world = with_desk();
    let mut other = opened(&world, &OpenOptions::default());
    let (own, others) = (world.desk.version(), other.version());
    world.run("CREATE QUEUE spare");
    assert_eq!(world.desk.version(), own);
    assert_ne!(other.version(), others);
    let context = Context::given(world.now, "maria");
    other.run("CREATE QUEUE back", &Parameters::new(), &context).expect("a queue");
    assert_ne!(world.desk.version(), own);
}

#[test]
fn following_begins_with_a_constructor_as_with_the_statement() {
    let mut world = with_desk();
    world.run("OPEN ON chats FOR ann");
    world.run("OPEN ON chats FOR bo");
    for (follow, statement) in
        [(Follow::all(1), "FOLLOW ALL SINCE 1"), (Follow::conversation(2, 0), "FOLLOW 2 SINCE 0")]
    {
        let reply = world.desk.follow(&follow).expect("a pass");
        assert_eq!(reply, world.run(statement), "{statement}");
        assert!(reply.first().is_some(), "{statement}");
    }
}

#[test]
fn a_parameter_is_given_with_or_without_its_colon_and_may_be_unused() {
    let mut world = with_desk();
    let parameters =
        Parameters::from([(":id", Value::from(1)), ("text", "hi".into()), ("unused", 0.5.into())]);
    let context = Context::given(world.now, "maria");
    world.run("OPEN ON chats FOR ann");
    let reply = world.desk.run("NOTE :id :TEXT -- done\n;", &parameters, &context).expect("a note");
    assert_eq!(reply.first().expect("a row").get("body"), Ok("hi"));
}
