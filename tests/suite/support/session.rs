//! A seeded random session: hundreds of statements on every lifecycle, many of which are refused.
//!
//! The same seed gives the same statements on every machine. Every personal text begins with
//! `MARK`, so a test can search for it where it must not be.

use std::env;
use std::fmt::Write as _;
use std::ops::Range;

use switchboard::Moment;

use super::World;

/// The beginning of every personal text of a random session.
pub const MARK: &str = "zq7";

/// Texts that may break something: quotes, control characters, markup and the like.
const HOSTILE: [&str; 18] = [
    "it's",
    "two\nlines",
    "\r\n\t",
    ":text_1 :customer_1",
    "-- no comment",
    "/* open",
    "; END 1;",
    "'); DROP TABLE entry; --",
    "@ 2020-01-01T00:00:00Z root",
    "\n@ 2020-01-01T00:00:00Z root\n",
    "\n.quit\n",
    "🔧 é e\u{301} \u{202e}abc",
    "\u{1b}[2J\u{7}",
    "\\'\\",
    "\"quoted\" `name` [name]",
    "\u{feff}\u{200b}",
    " blank ",
    "%s %n ${HOME} $(id)",
];

const AGENTS: [&str; 4] = ["alice", "bob", "\"o'brien; -- x\"", "\"NEXT\""];
const QUEUES: [&str; 3] = ["billing", "front", "\"my /* queue\""];
const WORKSTREAMS: [&str; 12] = ["w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "w10", "w11", "w12"];
const ACTORS: [&str; 3] = ["maria", "o'brien; -- x", "two words"];

/// Returns the seeds to try.
///
/// The variable `name` sets how many, by default `usually`; the variable `name` with `_SEED`
/// appended selects a single one.
pub fn seeds(name: &str, usually: u64) -> Range<u64> {
    let number = |name: &str| env::var(name).ok().and_then(|words| words.parse::<u64>().ok());
    match number(&format!("{name}_SEED")) {
        Some(seed) => seed..seed + 1,
        None => 0..number(name).unwrap_or(usually),
    }
}

/// Random numbers that follow from a seed alone (SplitMix64).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed)
    }

    /// Returns the next number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("it is below a length")
    }

    /// Returns a random element.
    pub fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn maybe(&mut self, text: String) -> String {
        if self.below(3) == 0 { text } else { String::new() }
    }

    /// Returns a quoted personal text.
    fn text(&mut self) -> String {
        let mut text = format!("{MARK} {}", self.one_of(&HOSTILE));
        if self.below(20) == 0 {
            text.push_str(&"long ".repeat(500));
        }
        format!("'{}'", text.replace('\'', "''"))
    }

    fn customer(&mut self) -> String {
        let (number, spelling) = (self.below(12), self.below(4));
        let handle = format!("{MARK}{number} {}", self.one_of(&HOSTILE).replace('\'', "''"));
        match spelling {
            0 => format!("'{}'", handle.to_uppercase()),
            1 => format!("' {handle}\n'"),
            _ => format!("'{handle}'"),
        }
    }

    fn conversation(&mut self, opened: usize) -> usize {
        // Choose recent conversations more often, and sometimes one that does not exist.
        let back = if self.below(3) == 0 { self.below(opened + 1) } else { self.below(8) };
        (opened + 1).saturating_sub(back).max(1)
    }

    /// Returns the next statement, if that many conversations have been opened.
    pub fn statement(&mut self, opened: usize) -> String {
        let (id, agent, other) = (self.conversation(opened), self.one_of(&AGENTS), self.one_of(&AGENTS));
        let (queue, workstream) = (self.one_of(&QUEUES), self.one_of(&WORKSTREAMS));
        let (text, customer) = (self.text(), self.customer());
        let key = format!(" KEY '{MARK} {}'", self.below(40));
        let key = self.maybe(key);
        let automatic = if self.below(8) == 0 { " AUTOMATIC" } else { "" };
        match self.below(45) {
            0..=4 => {
                let mut open = format!("OPEN ON {workstream} FOR {customer}");
                for part in
                    [format!(" SUBJECT {text}"), format!(" BY {agent}"), format!(" QUEUE {queue}"), key]
                {
                    open.push_str(&self.maybe(part));
                }
                open
            }
            5 | 6 => format!("MESSAGE ON {workstream} FROM {customer} {text}{automatic}{key}"),
            7 => format!("MESSAGE ON {workstream} TO {customer} BY {agent} {text}{automatic}"),
            8 | 9 => format!("MESSAGE {id} FROM CUSTOMER {text}{automatic}{key}"),
            10 => format!("MESSAGE {id} FROM AGENT {agent} {text}{automatic}"),
            11 => format!("MESSAGE {id} FROM BOT {text}{automatic}"),
            12 => format!("NOTE {id} {text}{key}"),
            13 | 14 => format!("PICK NEXT BY {agent}"),
            15 | 16 => format!("PICK {id} BY {agent}"),
            17 | 18 => format!("ASSIGN {id} TO AGENT {agent}{}", self.maybe(" OVERRIDE".into())),
            19 => format!("ASSIGN {id} TO QUEUE {queue}"),
            20 => format!("TRANSFER {id} TO AGENT {agent}{}", self.maybe(" OVERRIDE".into())),
            21 => format!("TRANSFER {id} TO QUEUE {queue}"),
            22 => format!("RELEASE {id}"),
            23 => format!("RELEASE ALL OF {agent}"),
            24 => format!("WAIT {id}"),
            25 => format!("REVIVE {id} BY {agent}"),
            26 => format!("HOLD {id}{}", self.maybe(" FOR 7m".into())),
            27 => format!("RESUME {id}"),
            28 => format!("END {id}{}", self.maybe(" BY CUSTOMER".into())),
            29 => format!("END {id}{}", self.maybe(" BY BOT".into())),
            30 => format!("CLOSE {id}"),
            31 => format!("FORCE CLOSE {id}{}", self.maybe(format!(" REASON {text}"))),
            32 => format!("DISCONNECT {id}"),
            33 => format!("RECONNECT {id}"),
            34 => format!("{} AGENT {agent}", self.one_of(&["DISCONNECT", "RECONNECT"])),
            35 => format!("ESCALATE {id}{}", self.maybe(format!(" TO QUEUE {queue}"))),
            36 => format!(
                "SCRIPT {id} {}",
                self.one_of(&["START 'a ''script; -- with /* words'", "END", "LEAVE"])
            ),
            37 => format!("ALTER CONVERSATION {id} SET SUBJECT = {text}, PRIORITY = 7"),
            38 if self.below(2) == 0 => match self.below(3) {
                0 => "ROUTE".to_owned(),
                1 => format!("ACCEPT {id} BY {agent}"),
                _ => format!("DECLINE {id} BY {agent}"),
            },
            38 => format!(
                "SET PRESENCE {} FOR {agent}",
                self.one_of(&["available", "busy", "away", "available"])
            ),
            39 => format!("ADD HANDLE {customer} TO CUSTOMER {}", self.customer()),
            40 => format!("REMOVE HANDLE {customer} FROM CUSTOMER {}", self.customer()),
            41 | 42 => format!("MERGE CUSTOMER {customer} INTO {}", self.customer()),
            43 => format!("ALTER CUSTOMER {customer} SET name = {text}"),
            _ => match self.below(4) {
                0 => format!("ADD {agent}, {other} TO {queue}"),
                1 => format!("REMOVE {agent} FROM {queue}"),
                2 => format!("ALTER AGENT {agent} SET name = 'Number {}'", self.below(9)),
                _ => format!("ALTER QUEUE {queue} SET priority = {}", self.below(9)),
            },
        }
    }
}

/// Lifecycles defined by CREATE LIFECYCLE, one of them dropped again.
const LIFECYCLES: &str = "
CREATE LIFECYCLE \"the shop's; -- own\" WITH (transfer_presences = any) (
    STATE Asked PHASE queued CHANNEL chat, sms, STATE \"On \"\"bench\"\"\" PHASE active CHANNEL chat, sms,
    STATE Later PHASE parked CHANNEL chat, STATE Tidying PHASE wrapup CHANNEL chat, STATE Over PHASE closing CHANNEL chat, sms,
    STATE Done PHASE closed CHANNEL chat, sms,
    ON open TO Asked, ON assign_queue FROM Asked TO Asked, ON pick FROM Asked TO \"On \"\"bench\"\"\", ON assign FROM Asked TO \"On \"\"bench\"\"\",
    ON release FROM \"On \"\"bench\"\"\" TO Asked, ON wait FROM \"On \"\"bench\"\"\" TO Later, ON revive FROM Later TO \"On \"\"bench\"\"\",
    ON transfer_agent FROM \"On \"\"bench\"\"\", Later TO \"On \"\"bench\"\"\", ON transfer_queue FROM \"On \"\"bench\"\"\" TO Asked,
    ON customer_return FROM Later TO Asked, ON waiting_timeout FROM Later TO Over AFTER 10m,
    ON end FROM \"On \"\"bench\"\"\" TO Tidying CHANNEL chat IF WRAPUP, ON end FROM \"On \"\"bench\"\"\" TO Over CHANNEL chat IF NO WRAPUP,
    ON end FROM \"On \"\"bench\"\"\" TO Over CHANNEL sms, ON close FROM Tidying TO Over, ON wrapup_timeout FROM Tidying TO Over AFTER 5m,
    ON customer_end TO Over, ON customer_timeout TO Over AFTER 3m, ON housekeep FROM Over TO Done, ON force_close TO Over);
CREATE LIFECYCLE gone WITH (one_per_customer = on, ends_by_sessions = on, customer_timeout = '90s') (STATE A PHASE bot CHANNEL record,
    STATE B PHASE closed CHANNEL record, ON open TO A, ON customer_leave TO B, ON inactivity_timeout TO B AFTER 1h);
DROP LIFECYCLE gone;
";

/// Returns the script that sets up the file: every lifecycle, on the channels on which they differ.
fn desk() -> String {
    let mut script = LIFECYCLES.to_owned();
    for queue in QUEUES {
        writeln!(script, "CREATE QUEUE {queue};").expect("memory");
    }
    for agent in AGENTS {
        let queues = QUEUES.join(", ");
        writeln!(script, "CREATE AGENT {agent} WITH (presence = available, capacity = 6) IN {queues};")
            .expect("memory");
    }
    script.push_str(
        "CREATE SUPERVISOR maria; CREATE SUPERVISOR \"o'brien; -- x\"; CREATE SERVICE \"two words\";\n",
    );
    for (index, settings) in [
        "channel = chat, lifecycle = omnichannel, queue_timeout = '9m'",
        "channel = sms, lifecycle = omnichannel",
        "channel = record, lifecycle = omnichannel",
        "channel = chat, lifecycle = unified",
        "channel = sms, lifecycle = unified, wrapup_capacity = never",
        "channel = voice, lifecycle = dispatch, bot = on, inactivity_timeout = '30m'",
        "channel = chat, lifecycle = topic, bot = on, wrapup = on",
        "channel = chat, lifecycle = topic, response_timeout = '4m'",
        "channel = chat, lifecycle = omnichannel, reconnect = '5m', units = 2",
        "channel = chat, lifecycle = \"the shop's; -- own\", wrapup = on",
        "channel = chat, lifecycle = unified, mode = push, offers = on, prefer_last_agent = on",
        "channel = voice, lifecycle = dispatch, mode = push, dispatch_limit = 1",
    ]
    .iter()
    .enumerate()
    {
        let queue = QUEUES[index % QUEUES.len()];
        writeln!(script, "CREATE WORKSTREAM w{} WITH ({settings}, queue = {queue});", index + 1)
            .expect("memory");
    }
    script
}

/// The result of a random session.
#[derive(Debug, Default)]
pub struct Course {
    pub done: usize,
    pub refused: std::collections::BTreeMap<String, usize>,
}

/// Plays a random session of that many statements, with a sweep after each pause.
pub fn play(world: &mut World, seed: u64, statements: usize) -> Course {
    let mut numbers = Numbers::new(seed);
    let mut course = Course::default();
    world.play(&desk());
    for _ in 0..statements {
        if numbers.below(4) == 0 {
            world.now = Moment(world.now.0 + 1 + numbers.below(300_000) as i64);
            world.run("SWEEP");
        }
        world.actor = numbers.one_of(&ACTORS).to_owned();
        let opened = world.rows("SELECT count(*) FROM conversations")[0].parse().expect("a number");
        let statement = numbers.statement(opened);
        match world.try_run(&statement) {
            Ok(_) => course.done += 1,
            Err(failure) => {
                let code = failure.error.code().name();
                assert_ne!(code, "internal", "seed {seed}: {statement}: {failure}");
                *course.refused.entry(code.to_owned()).or_default() += 1;
            }
        }
    }
    course
}
