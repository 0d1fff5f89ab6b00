//! The result does not depend on how often anybody sweeps.
//!
//! A random script that is run without a sweep, with one every second, and with some at random times (a few of
//! them with a LIMIT) leaves the same moves in the same order, and the same conversations, sessions, messages,
//! agents and timers; and every statement has the same reply. `SCHEDULES` sets the number of scripts.

mod lifecycle;
pub mod script;

use switchboard::Moment;

use crate::support::World;
use crate::support::session::{Numbers, seeds};
use script::{Step, desk, end, script};

/// How many seeds are tried where nothing else is asked for.
const SEEDS: u64 = 60;

/// When somebody sweeps.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sweeps {
    Never,
    EverySecond,
    AtRandom(u64),
}

/// What a run leaves: each question with its rows.
type Left = Vec<(&'static str, Vec<String>)>;

const QUESTIONS: [&str; 8] = [
    "SELECT conversation, event, from_state, to_state, at, to_agent, to_queue, actor_kind FROM transitions ORDER BY seq",
    "SELECT id, workstream, state, customer, queue, agent, last_agent, sentiment, state_since, first_assigned_at, ended_at, closed_at, predecessor
        FROM conversations ORDER BY id",
    "SELECT conversation, timer, agent, due_at, remaining_ms FROM timers ORDER BY due_at, conversation, timer, agent",
    "SELECT agent, presence, load, connected FROM agents ORDER BY agent",
    "SELECT conversation, channel, status, since FROM channel_sessions ORDER BY conversation, channel",
    "SELECT conversation, at, author_kind, kind, body FROM messages ORDER BY id",
    "SELECT kind, object, item, name, value, at FROM changes ORDER BY seq",
    "SELECT conversation, agent, at, answer, answered_at FROM offers ORDER BY at_ms, conversation, agent",
];

struct Run {
    world: World,
    sweeps: Sweeps,
    numbers: Numbers,
    answers: Vec<String>,
}

impl Run {
    fn new(seed: u64, sweeps: Sweeps) -> Run {
        let mut world = World::new();
        world.desk.begin_batch().expect("a batch");
        world.play(&desk(&mut Numbers::new(seed)));
        let numbers = match sweeps {
            Sweeps::AtRandom(seed) => Numbers::new(seed),
            _ => Numbers::new(0),
        };
        Run { world, sweeps, numbers, answers: Vec::new() }
    }

    /// Sweeps at the moments between now and then at which this run sweeps.
    fn pass(&mut self, then: Moment) {
        match self.sweeps {
            Sweeps::Never => {}
            Sweeps::EverySecond => {
                let mut second = self.world.now.0 / 1_000 * 1_000 + 1_000;
                while second <= then.0 {
                    self.world.now = Moment(second);
                    self.world.run("SWEEP TIMEOUTS");
                    second += 1_000;
                }
            }
            Sweeps::AtRandom(_) => {
                for _ in 0..self.numbers.below(4) {
                    let span = usize::try_from(then.0 - self.world.now.0).expect("forward") + 1;
                    self.world.now = Moment(self.world.now.0 + self.numbers.below(span) as i64);
                    let limit = self.numbers.below(6);
                    let limit = if limit < 3 { format!(" LIMIT {}", limit + 1) } else { String::new() };
                    self.world.run(&format!("SWEEP{limit}"));
                }
            }
        }
        self.world.now = then;
    }

    fn play(&mut self, script: &[Step]) {
        for step in script {
            self.pass(step.at);
            let answer = match self.world.try_run(&step.statement) {
                Ok(reply) => format!("{:?}", reply.rows),
                Err(failure) => failure.error.code().name().to_owned(),
            };
            // A topic id is random.
            self.answers.push(answer);
        }
        self.pass(end(script));
        self.world.run("SWEEP TIMEOUTS");
        let broken = |answer: &&String| ["damaged", "unlogged", "clock"].contains(&answer.as_str());
        assert_eq!(self.answers.iter().find(broken), None, "what a guard of the file has to refuse");
    }

    fn left(&mut self) -> Left {
        let mut left: Left =
            QUESTIONS.iter().map(|question| (*question, self.world.rows(question))).collect();
        left.push(("what the statements answer", self.answers.clone()));
        left
    }

    /// How many timers were started by timers.
    fn started_by_timers(&mut self) -> usize {
        self.world
            .rows(
                "SELECT changes.seq FROM changes JOIN journal ON journal.seq = changes.journal
                    WHERE kind = 'timer' AND name = 'started' AND actor_kind = 'timer' AND value > changes.at_ms",
            )
            .len()
    }
}

/// Where two runs differ first: the question and both lines.
fn difference(one: &Left, other: &Left) -> Option<String> {
    one.iter().zip(other).find_map(|((question, left), (_, right))| {
        let at = (0..left.len().max(right.len())).find(|at| left.get(*at) != right.get(*at))?;
        Some(format!("{question}\n  row {at}: {:?}\n  instead of {:?}", right.get(at), left.get(at)))
    })
}

/// Runs the script of a seed under every schedule; gives how many timers were started by timers, and how many moved
/// something.
fn try_seed(seed: u64) -> (usize, usize) {
    let script = script(seed);
    let mut plain = Run::new(seed, Sweeps::Never);
    plain.play(&script);
    let left = plain.left();
    for sweeps in [Sweeps::EverySecond, Sweeps::AtRandom(seed), Sweeps::AtRandom(!seed)] {
        let mut run = Run::new(seed, sweeps);
        run.play(&script);
        if let Some(difference) = difference(&left, &run.left()) {
            let lines: Vec<String> = script.iter().map(Step::line).collect();
            panic!(
                "seed {seed}, swept {sweeps:?} instead of never: {difference}\n\n{}{}",
                desk(&mut Numbers::new(seed)),
                lines.join("\n")
            );
        }
    }
    let fired = left[0].1.iter().filter(|row| row.ends_with("|timer")).count();
    let started = plain.started_by_timers();
    let verdict = plain.world.run("VERIFY JOURNAL");
    assert_eq!(verdict.value(0, "verdict"), Some(&"whole".into()), "seed {seed}");
    // Whatever still runs comes to rest.
    plain.world.now = Moment(plain.world.now.0 + 100 * 86_400_000);
    plain.world.run("SWEEP TIMEOUTS");
    let running = plain.world.rows("SELECT * FROM timers WHERE due_at IS NOT NULL");
    assert!(running.is_empty(), "seed {seed}: {running:?}");
    (started, fired)
}

#[test]
fn the_result_does_not_depend_on_when_sweeps_run() {
    let (mut chained, mut fired, mut count) = (0, 0, 0);
    for seed in seeds("SCHEDULES", SEEDS) {
        let (started, moves) = try_seed(seed);
        chained += usize::from(started > 0);
        fired += moves;
        count += 1;
    }
    println!(
        "{count} scripts, each under 4 schedules: {fired} moves by timers; in {chained} a timer was started by a timer"
    );
    assert!(3 * chained >= count, "too few scripts in which a timer starts a timer");
}
