//! SHOW HOSTS: the hosts that share the log of the file, and how far each of them has come.

use crate::domain::permissions::Right;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW HOSTS",
    summary: "Lists the hosts that share one log (--log): the last entry that each has seen, how many entries it is behind, and when it last told so. A file that stands alone has none.",
    example: "SHOW HOSTS",
    right: Right::Anybody,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Direct { run: |services, _| services.hosts(), explain: None, writes: false },
};
