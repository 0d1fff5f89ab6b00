//! Syntax lines for tests: most of the program's own, so that they are matched together.
//!
//! Invariant: no sentence matches two of them. They deliberately need not follow changes of the
//! statement definitions.

/// The syntax lines.
pub(in crate::language) const LINES: [&str; 45] = [
    "ASSIGN <conversation> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
    "TRANSFER <conversation:id> TO (AGENT <agent> [OVERRIDE] | QUEUE <queue>)",
    "CREATE QUEUE [IF NOT EXISTS] <queue:name> [WITH \"(\" <settings:queue> \")\"]",
    "CREATE AGENT [IF NOT EXISTS] <agent:name> [WITH \"(\" <settings:agent> \")\"] [IN {<queue>},...]",
    "CREATE WORKSTREAM [IF NOT EXISTS] <workstream:name> WITH \"(\" <settings:workstream> \")\"",
    "CREATE LIFECYCLE <lifecycle:name> \"(\" {(STATE <state:name> PHASE <phase> [CHANNEL {<channel>},...] \
     | ON <event> [FROM {<from:name>},...] TO <to:name> [CHANNEL {<only:channel>},...] \
     [IF WRAPUP | IF NO WRAPUP | IF BOT | IF NO BOT] [AFTER <after:duration>])},... \")\"",
    "CREATE REPORT <report:name> AS SELECT <rest:select>",
    "ALTER AGENT <agent> SET <settings:agent>",
    "ALTER SITE SET <settings:site>",
    "ALTER CONVERSATION <conversation> SET {(SUBJECT \"=\" <subject:text> | PRIORITY \"=\" <priority:integer>)},...",
    "DROP (QUEUE | AGENT | WORKSTREAM) <name>",
    "ADD {<agent>},... TO <queue>",
    "REMOVE {<agent>},... FROM <queue>",
    "SET PRESENCE <presence> FOR <agent>",
    "OPEN ON <workstream> FOR <customer> [SUBJECT <subject:text>] [QUEUE <queue>] [PRIORITY <priority:integer>] \
     [SKILLS <skills:plain>] [BY <agent>] [KEY <key:key>]",
    "MESSAGE <conversation> FROM (CUSTOMER | BOT | AGENT <agent>) <body:text> [KEY <key:key>]",
    "MESSAGE ON <workstream> (FROM <customer> | TO <customer> BY <agent>) <body:text> [KEY <key:key>]",
    "NOTE <conversation> <body:text> [KEY <key:key>]",
    "PICK (NEXT | <conversation>) BY <agent> [FROM <queue>]",
    "RELEASE (<conversation> | ALL OF <agent>)",
    "HOLD <conversation> [FOR <duration>]",
    "END <conversation> [BY (CUSTOMER | BOT)]",
    "FORCE CLOSE <conversation> [REASON <reason:text>]",
    "DISCONNECT (<conversation> [CHANNEL <channel>] | AGENT <agent>)",
    "SCRIPT <conversation> (START <script:plain> | END | LEAVE)",
    "ROUTE [QUEUE <queue>] [LIMIT <limit:integer>]",
    "SWEEP [TIMEOUTS] [LIMIT <limit:integer>]",
    "SHOW ONGOING [QUEUE <queue>] [AGENT <agent>] [LAST <last:duration>] [AS OF <moment>]",
    "SHOW (AGENTS | QUEUES | SITE) [AS OF <moment>]",
    "SHOW CONVERSATION <conversation> [AS OF <moment>]",
    "SHOW TIMES [<conversation>] [LAST <last:duration>]",
    "SHOW SUMMARY [LAST <last:duration> | FROM <from:moment> TO <to:moment>] [BY (QUEUE | AGENT | HOUR | DAY)]",
    "SHOW DAY [<day:plain>]",
    "SHOW LIFECYCLE <lifecycle> [CHANNEL <channel>] [AS (TABLE | MERMAID | DOT | SCRIPT)]",
    "SHOW JOURNAL [LAST <count:integer>] [AS SCRIPT]",
    "VERIFY JOURNAL [AGAINST <head:plain>]",
    "FOLLOW (ALL | <conversation> | QUEUE <queue>) [SINCE <since:integer>]",
    "EXPLAIN <rest:statement>",
    "HELP [<rest:words>]",
    "SELECT <rest:select>",
    "WITH <rest:select>",
    "VALUES <rest:select>",
    "ERASE CUSTOMER <customer>",
    "PURGE CLOSED BEFORE <moment>",
    "BACKUP TO <file:plain>",
];
