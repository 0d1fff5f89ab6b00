//! VERIFY JOURNAL SINCE a head: the entries after it, and nothing before it.

use rusqlite::Connection;

use super::tampering::{Finding, verify, without_triggers};
use crate::support::World;

#[test]
fn entries_after_a_head_are_verified_and_those_before_it_are_not() {
    let mut world = World::with_desk();
    let heads = world.rows("SELECT seq || ':' || hash FROM journal ORDER BY seq");
    let count = heads.len();
    assert!(count > 30, "{count}");
    for (place, head) in heads.iter().enumerate() {
        let row = &world.rows(&format!("VERIFY JOURNAL SINCE '{head}'"))[0];
        let begin = format!("{}|", count - place - 1);
        assert!(row.starts_with(&begin) && row.ends_with(&format!("|{}|whole", heads[count - 1])), "{row}");
        let hash = head.split(':').next_back().expect("a hash");
        assert_eq!(world.rows(&format!("VERIFY JOURNAL SINCE '{hash}'"))[0], *row);
    }
    let path = world.path();
    drop(world.desk);
    let since = |place: usize| verify(&path, &format!("SINCE '{}'", heads[place]));
    let whole = std::fs::read(&path).expect("the file");
    for (act, entry) in [
        (
            "UPDATE transition SET actor = 'mallory' WHERE seq = (SELECT max(seq) FROM transition)",
            "SELECT max(entry) FROM transition",
        ),
        ("UPDATE text SET body = body || '!' WHERE id = 2", "SELECT entry FROM text WHERE id = 2"),
        ("UPDATE entry SET statement = 'SHOW HEAD' WHERE seq = 5", "SELECT 5"),
    ] {
        std::fs::write(&path, &whole).expect("the file");
        let file = Connection::open(&path).expect("the file");
        let entry: usize = file.query_row(entry, [], |row| row.get::<_, i64>(0)).expect("an entry") as usize;
        without_triggers(&file, |file| assert_eq!(file.execute(act, []), Ok(1), "{act}"));
        drop(file);
        let words = format!("the journal is broken at entry {entry}: entry {entry} does not match its hash");
        // The head of the entry before it is at place `entry - 2`.
        assert_eq!(since(entry - 2), Finding::Fault("broken_chain".to_owned(), words), "{act}");
        assert_eq!(since(entry - 1), Finding::Whole, "{act}: what is before the head is not looked at");
    }
    let other = format!("SINCE '7:{}'", "0".repeat(64));
    assert!(matches!(verify(&path, &other), Finding::Fault(code, _) if code == "broken_chain"));
}
