//! The functions beside the built-in ones of SQLite, on random values of every type.

use rusqlite::Connection;
use rusqlite::types::Value;

/// Pieces that the random texts consist of.
const PIECES: [&str; 8] = ["a", "aa", "b", "é", "北", "", " ", "🙂"];

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap_or_default()
    }

    fn value(&mut self) -> Value {
        let length = self.below(6);
        let text: String = (0..length).map(|_| PIECES[self.below(PIECES.len())]).collect();
        match self.below(12) {
            0 => Value::Null,
            1 => Value::Integer(self.below(200) as i64 - 100),
            2 => Value::Real((self.below(2_000_000) as f64 - 1e6) / 4096.0),
            3 => Value::Real(format!("{}e{}", self.below(1000), self.below(24) as i32 - 12).parse().unwrap()),
            4 | 5 => Value::Blob(text.into_bytes()),
            _ => Value::Text(text),
        }
    }
}

fn answer(connection: &Connection, call: &str, values: &[Value]) -> Value {
    let given = rusqlite::params_from_iter(values);
    connection.query_row(&format!("SELECT {call}"), given, |row| row.get(0)).unwrap()
}

#[test]
fn the_functions_answer_as_the_built_in_ones_do() {
    let (ours, built_in) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
    super::add(&ours).unwrap();
    let calls = ["instr(?1, ?2)", "replace(?1, ?2, ?3)", "trim(?1, ?2)", "ltrim(?1, ?2)", "rtrim(?1, ?2)"];
    let mut numbers = Numbers(14);
    for _ in 0..4_000 {
        let values = [numbers.value(), numbers.value(), numbers.value()];
        for call in calls {
            let given = &values[..if call.contains("?3") { 3 } else { 2 }];
            let expected = answer(&built_in, &format!("quote({call})"), given);
            assert_eq!(answer(&ours, &format!("quote({call})"), given), expected, "{call} of {given:?}");
        }
    }
}

#[test]
fn long_arguments_take_no_longer_than_their_length() {
    let connection = Connection::open_in_memory().unwrap();
    super::add(&connection).unwrap();
    // The product of the lengths is 10^12: the built-in functions would take minutes.
    let values = [Value::Text("a".repeat(2_000_000)), Value::Text("a".repeat(500_000) + "b")];
    assert_eq!(answer(&connection, "instr(?1, ?2)", &values), Value::Integer(0));
    assert_eq!(answer(&connection, "length(replace(?1, ?2, ''))", &values), Value::Integer(2_000_000));
    assert_eq!(answer(&connection, "trim(?1, ?2)", &values), Value::Text(String::new()));
}
