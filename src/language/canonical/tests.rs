//! Tests of canonical statements, and that they parse to the same arguments, for random sentences
//! of every syntax line.

use super::*;
use crate::domain::value::Value;
use crate::language::arguments::Parameters;
use crate::language::catalogue::Catalogue;
use crate::language::grammar::{SlotKind, examples, expand, parse};

fn check(text: &str, expected: &str) {
    let mut parameters = Parameters::new();
    parameters.insert("who", "it's ann");
    parameters.insert("agent", "next");
    parameters.insert("count", 7);
    parameters.insert("none", Value::Null);
    let (_, arguments) = Catalogue::new(&examples::LINES).parse(text, &parameters).unwrap();
    assert_eq!(arguments.canonical(&mut |_, _| None), expected);
}

#[test]
fn statements_are_written_in_one_form() {
    check("assign /* x */ #12  to agent \"alice\" override", "ASSIGN 12 TO AGENT alice OVERRIDE");
    check("pick next by :agent", "PICK NEXT BY \"next\"");
    check("pick next by next", "PICK NEXT BY next");
    check("open on c for :who priority :count", "OPEN ON c FOR 'it''s ann' PRIORITY 7");
    check("hold 12 for 90 seconds", "HOLD 12 FOR 1m30s");
    check("add a , \"b c\" to q", "ADD a, \"b c\" TO q");
    check(
        "create queue q with ( a=1, b =:who,c= 90 seconds,d=:none, e=\"null\" , f=null)",
        "CREATE QUEUE q WITH (a = 1, b = 'it''s ann', c = 90 seconds, d = NULL, e = \"null\", f = NULL)",
    );
    check(
        "alter conversation 3 set subject='x',priority = 2",
        "ALTER CONVERSATION 3 SET SUBJECT = 'x', PRIORITY = 2",
    );
    check(
        "purge closed before '2026-03-02T10:00:00+01:00'",
        "PURGE CLOSED BEFORE '2026-03-02T09:00:00.000Z'",
    );
    check("select a,  :b -- c\n from d", "SELECT a,  :b -- c\n from d");
}

#[test]
fn personal_values_give_way() {
    let (_, arguments) = Catalogue::new(&examples::LINES)
        .parse("open on c for ann subject 'secret' skills 'open' key 'k'", &Parameters::new())
        .unwrap();
    let written = arguments.canonical(&mut |slot, text| Some(format!(":{slot}_{}", text.len())));
    assert_eq!(written, "OPEN ON c FOR :customer_3 SUBJECT :subject_6 SKILLS 'open' KEY :key_1");
}

/// A small pseudo-random generator; its seed is enough to reproduce a failure.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % count as u64).unwrap()
    }

    fn one_of(&mut self, list: &[&str]) -> String {
        list[self.below(list.len())].to_owned()
    }

    fn value(&mut self, kind: &SlotKind) -> String {
        match kind {
            SlotKind::Conversation => {
                self.one_of(&["1", "#12", "007", "'8F14E45F-ceea-467f-a1b2-000000000001'", ":number"])
            }
            SlotKind::Name(_) => self.one_of(&[
                "alice",
                "next",
                "IF",
                "\"not\"",
                "\"a \"\"b\"",
                "\"to\"",
                "agent",
                "\"1\"",
                "Jose\u{301}",
                ":name",
                "from",
                "channel",
                "state",
                "on",
            ]),
            SlotKind::Text | SlotKind::Plain => {
                self.one_of(&["''", "'it''s'", "'-- no'", "'a\nb'", ":text", "'/*'", ":number"])
            }
            SlotKind::Key => self.one_of(&["'k-1'", "'it''s'", "'-- no'", ":text", ":number"]),
            SlotKind::Customer => {
                self.one_of(&["ann", "'ann@example.com'", "\"by\"", "for", ":text", ":number"])
            }
            SlotKind::Integer => self.one_of(&["0", "-3", "9223372036854775807", ":number"]),
            SlotKind::Duration => self.one_of(&["90s", "'1h 30m'", "90 SECONDS", "2 days", "0s", ":wait"]),
            SlotKind::Moment => {
                self.one_of(&["'2026-03-02T09:15:00Z'", "'2026-03-02T09:15:00.5+05:30'", ":moment"])
            }
            SlotKind::Settings(_) => self.one_of(&[
                "a = 1",
                "a = 90 minutes , b = \"NULL\"",
                "\"x y\" = 'it''s', by = from",
                "a = :none , b = :text , c = :number , d = null",
            ]),
            SlotKind::RestStatement | SlotKind::RestSelect | SlotKind::RestWords => {
                self.one_of(&["x", "1 , ':a' /* b */ , :c", "* FROM a@b"])
            }
        }
    }
}

fn values(arguments: &Arguments) -> Vec<String> {
    let shown = |part: &Part| match part {
        Part::Keyword { word, .. } => word.clone(),
        Part::Symbol(symbol) => symbol.to_string(),
        Part::Argument { slot, value: Argument::Setting(setting), .. } => {
            format!("{slot}: {} {:?}", setting.name, setting.value)
        }
        Part::Argument { slot, value, .. } => format!("{slot}: {value:?}"),
    };
    arguments.parts().iter().map(shown).collect()
}

#[test]
fn random_sentences_of_every_line_match_it_alone_and_read_back() {
    let catalogue = Catalogue::new(&examples::LINES);
    let mut parameters = Parameters::new();
    parameters.insert("name", "exists");
    parameters.insert("number", 42);
    parameters.insert("text", "'; DROP QUEUE x; --");
    parameters.insert("wait", "1h30m");
    parameters.insert("moment", "2026-03-02T09:15:00Z");
    parameters.insert("none", Value::Null);
    for (line, syntax) in examples::LINES.iter().enumerate() {
        let node = parse(syntax).unwrap();
        for seed in 1..300 {
            let mut random = Random(seed * 0x9E37_79B9 + line as u64);
            let random = std::cell::RefCell::new(&mut random);
            let sentence = expand(&node, &mut |count| random.borrow_mut().below(count), &mut |_, kind| {
                random.borrow_mut().value(kind)
            });
            let note = format!("line {line}, seed {seed}: {sentence}");
            assert_eq!(catalogue.lines_matching(&sentence), Ok(vec![line]), "{note}");
            let (_, first) =
                catalogue.parse(&sentence, &parameters).unwrap_or_else(|error| panic!("{note}: {error}"));
            let written = first.canonical(&mut |_, _| None);
            let (again, second) = catalogue
                .parse(&written, &Parameters::new())
                .unwrap_or_else(|error| panic!("{note} {written}: {error}"));
            assert_eq!(again, line, "{note}: {written}");
            assert_eq!(values(&first), values(&second), "{note}: {written}");
            assert_eq!(second.canonical(&mut |_, _| None), written, "{note}");
        }
    }
}
