//! The lifecycles as graphs, read from their rows, and a world in which a conversation can be
//! brought into any of their states.
//!
//! The statement that people type for an event is listed here; where the event leads is read from
//! the rows.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use switchboard::Value;
use switchboard::testing::Duration;

use super::{World, text};

/// A row of the view `edges`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub event: String,
    pub from: String,
    pub to: String,
    pub condition: String,
    pub after: Option<i64>,
}

/// A workstream's choice of lifecycle, channel and switches, which decides what edges apply.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SettingDef {
    pub lifecycle: String,
    pub channel: String,
    pub bot: bool,
    pub wrapup: bool,
}

/// The states and edges that apply under a setting.
#[derive(Debug, Clone)]
pub struct Graph {
    pub setting: SettingDef,
    pub edges: Vec<Edge>,
    /// The states in their order, each with its phase.
    pub states: Vec<(String, String)>,
}

/// Returns a graph for every setting of every built-in lifecycle that makes a difference.
pub fn graphs() -> Vec<Graph> {
    let mut world = World::new();
    let mut edges: BTreeMap<(String, String), Vec<Edge>> = BTreeMap::new();
    for row in world
        .run("SELECT lifecycle, channel, event, from_state, to_state, condition, after_ms FROM edges")
        .rows
    {
        let word = |index: usize| text(&row[index]);
        let edge = Edge {
            event: word(2),
            from: word(3),
            to: word(4),
            condition: word(5),
            after: row[6].as_integer(),
        };
        edges.entry((word(0), word(1))).or_default().push(edge);
    }
    let mut states: HashMap<(String, String), Vec<(String, String)>> = HashMap::new();
    for row in world.run("SELECT lifecycle, channel, state, phase FROM states ORDER BY position").rows {
        let key = (text(&row[0]), text(&row[1]));
        states.entry(key).or_default().push((text(&row[2]), text(&row[3])));
    }
    let mut graphs = Vec::new();
    for ((lifecycle, channel), edges) in edges {
        for (bot, wrapup) in [(false, false), (true, false), (false, true), (true, true)] {
            let setting = SettingDef { lifecycle: lifecycle.clone(), channel: channel.clone(), bot, wrapup };
            if !setting.makes_sense(&edges) {
                continue;
            }
            let edges = edges.iter().filter(|edge| setting.holds(&edge.condition)).cloned().collect();
            let states = states[&(lifecycle.clone(), channel.clone())].clone();
            graphs.push(Graph { setting, edges, states });
        }
    }
    graphs
}

impl Edge {
    /// Returns e.g. `end: Active → Wrap-up (if wrapup)`.
    pub fn name(&self) -> String {
        let condition =
            if self.condition.is_empty() { String::new() } else { format!(" (if {})", self.condition) };
        format!("{}: {} → {}{condition}", self.event, self.from, self.to)
    }
}

impl SettingDef {
    /// A switch that no edge tests must be off.
    fn makes_sense(&self, edges: &[Edge]) -> bool {
        let tested = |words: [&str; 2]| edges.iter().any(|edge| words.contains(&edge.condition.as_str()));
        (!self.bot || tested(["bot", "no bot"])) && (!self.wrapup || tested(["wrapup", "no wrapup"]))
    }

    fn holds(&self, condition: &str) -> bool {
        match condition {
            "bot" => self.bot,
            "no bot" => !self.bot,
            "wrapup" => self.wrapup,
            "no wrapup" => !self.wrapup,
            _ => true,
        }
    }
}

impl Graph {
    /// Returns the edge that an event drives from a state.
    pub fn edge(&self, from: &str, event: &str) -> Option<&Edge> {
        self.edges.iter().find(|edge| edge.from == from && edge.event == event)
    }

    pub fn knows(&self, event: &str) -> bool {
        self.edges.iter().any(|edge| edge.event == event)
    }

    pub fn phase(&self, state: &str) -> &str {
        self.states.iter().find(|(name, _)| name == state).map_or("", |(_, phase)| phase)
    }

    /// Returns the shortest path of typed statements from creation to a state; None if there is
    /// none.
    pub fn way(&self, state: &str) -> Option<Vec<Edge>> {
        let mut ways = VecDeque::from([(String::new(), Vec::new())]);
        let mut seen = HashSet::new();
        while let Some((at, way)) = ways.pop_front() {
            if at == state {
                return Some(way);
            }
            for edge in self.edges.iter().filter(|edge| edge.from == at && self.is_walked(edge)) {
                if seen.insert(edge.to.clone()) {
                    ways.push_back((edge.to.clone(), [way.as_slice(), std::slice::from_ref(edge)].concat()));
                }
            }
        }
        None
    }

    /// Whether a path may use the edge. Housekeeping happens by itself; a path waits for no other
    /// timer and not for the router.
    fn is_walked(&self, edge: &Edge) -> bool {
        let opens_at_once = edge.event == "open_queued" && self.setting.bot;
        edge.event == "housekeep" || (typed(&edge.event).is_some() && !opens_at_once)
    }
}

/// Returns the statement that people type for an event.
///
/// `#` is the conversation, `@` an agent other than its own, `>` another queue.
pub fn typed(event: &str) -> Option<&'static str> {
    Some(match event {
        "open" | "open_queued" => "OPEN",
        "pick" => "PICK # BY @",
        "release" => "RELEASE #",
        "wait" => "WAIT #",
        "close" => "CLOSE #",
        "revive" => "REVIVE # BY @",
        "hold" => "HOLD # FOR 5m",
        "resume" => "RESUME #",
        "end" => "END #",
        "assign" => "ASSIGN # TO AGENT @",
        "assign_queue" => "ASSIGN # TO QUEUE >",
        "transfer_agent" => "TRANSFER # TO AGENT @",
        "transfer_queue" => "TRANSFER # TO QUEUE >",
        "force_close" => "FORCE CLOSE #",
        "customer_end" | "customer_leave" => "END # BY CUSTOMER",
        "customer_return" => "MESSAGE # FROM CUSTOMER 'x'",
        "start_script" => "SCRIPT # START 'x'",
        "end_script" => "SCRIPT # END",
        "leave_script" => "SCRIPT # LEAVE",
        "request_agent" => "ESCALATE #",
        "bot_end" => "END # BY BOT",
        _ => return None,
    })
}

/// A file with one workstream of a setting, two queues, and two agents with ample capacity.
pub struct Course {
    pub world: World,
    pub graph: Graph,
    newest: i64,
}

/// The timeouts whose default may be off, with the durations that the workstream sets; all are
/// different.
const TIMEOUTS: [(&str, &str); 4] = [
    ("queue_timeout", "12m"),
    ("customer_timeout", "5m"),
    ("inactivity_timeout", "10m"),
    ("response_timeout", "7m"),
];

impl Course {
    pub fn new(graph: &Graph) -> Course {
        let mut world = World::new();
        world.desk.begin_batch().expect("a batch");
        let SettingDef { lifecycle, channel, bot, wrapup } = &graph.setting;
        let on = |switch: &bool| if *switch { "on" } else { "off" };
        for queue in ["front", "back"] {
            world.run(&format!("CREATE QUEUE {queue}"));
        }
        for agent in ["alice", "bob"] {
            world.run(&format!(
                "CREATE AGENT {agent} WITH (presence = available, capacity = 1000000) IN front, back"
            ));
        }
        let mut settings = format!(
            "channel = {channel}, lifecycle = {lifecycle}, queue = front, bot = {}, wrapup = {}",
            on(bot),
            on(wrapup)
        );
        for (timer, time) in TIMEOUTS {
            let is_off = |edge: &&Edge| edge.event == timer && edge.after.is_none();
            if graph.edges.iter().any(|edge| is_off(&edge)) {
                settings.push_str(&format!(", {timer} = {time}"));
            }
        }
        world.run(&format!("CREATE WORKSTREAM w WITH ({settings})"));
        Course { world, graph: graph.clone(), newest: 0 }
    }

    /// Returns the duration after which that edge fires in this world.
    pub fn time_of(&self, edge: &Edge) -> Option<Duration> {
        let set = TIMEOUTS.iter().find(|(timer, _)| *timer == edge.event);
        match (edge.event.as_str(), edge.after) {
            ("hold_timeout", _) => Some(Duration(300_000)),
            (_, Some(after)) => Some(Duration(after)),
            _ => set.map(|(_, time)| Duration::parse(time).expect("a duration")),
        }
    }

    /// Opens a conversation and leads it to a state; None if no path leads there.
    ///
    /// Housekeeping happens immediately, so a conversation that is led to a closing state is
    /// closed.
    pub fn reach(&mut self, state: &str) -> Option<i64> {
        let way = self.graph.way(state)?;
        self.newest += 1;
        let id = self.newest;
        for edge in way {
            match edge.event.as_str() {
                "open" | "open_queued" => self.world.run(&format!("OPEN ON w FOR c{id}")),
                "housekeep" => continue, // By itself, right after what has led to closing.
                event => {
                    let statement = self.fill(typed(event).expect("a statement"), id);
                    self.world.run(&statement)
                }
            };
        }
        if self.graph.phase(state) != "closing" {
            assert_eq!(self.state(id), state, "{:?}", self.graph.setting);
        }
        Some(id)
    }

    /// Opens a conversation that is assigned to an agent immediately.
    pub fn open_by_agent(&mut self) -> i64 {
        self.newest += 1;
        self.world.run(&format!("OPEN ON w FOR c{} BY alice", self.newest));
        self.newest
    }

    /// Fills in the conversation, another agent and another queue.
    pub fn fill(&mut self, statement: &str, id: i64) -> String {
        let held = self.one(id, "agent");
        let agent = if held == "bob" { "alice" } else { "bob" };
        let queue = if self.one(id, "queue") == "front" { "back" } else { "front" };
        statement.replace('#', &id.to_string()).replace('@', agent).replace('>', queue)
    }

    /// Returns the value of a column of SHOW CONVERSATION.
    pub fn one(&mut self, id: i64, column: &str) -> String {
        let shown = self.world.run(&format!("SHOW CONVERSATION {id}"));
        text(shown.value(0, column).expect("a column"))
    }

    pub fn state(&mut self, id: i64) -> String {
        self.one(id, "state")
    }

    /// Returns the transitions of a conversation after the first `after`: event, from, to, at.
    pub fn moves(&mut self, id: i64, after: usize) -> Vec<[String; 4]> {
        let history = self.world.run(&format!("SHOW HISTORY {id}"));
        let column = |row, name| text(history.value(row, name).expect("a column"));
        let line = |row| ["event", "from_state", "to_state", "at"].map(|name| column(row, name));
        (after..history.rows.len()).map(line).collect()
    }

    /// Closes a conversation, so that its timers do not affect the next one.
    pub fn clear(&mut self, id: i64) {
        drop(self.world.try_run(&format!("FORCE CLOSE {id}")));
    }

    /// Returns the number of the last entry.
    pub fn entries(&mut self) -> Value {
        let head = self.world.run("SHOW HEAD");
        head.value(0, "seq").cloned().unwrap_or(Value::Integer(0))
    }
}
