//! ATTACH: connects the customer to a conversation on one more channel.

use crate::domain::permissions::Right;
use crate::statement::support::sessions::attach;
use crate::statement::{Chapter, Columns, Handler, StatementDef, Traits};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "ATTACH <conversation> CHANNEL <channel>",
    summary: "The customer comes to a conversation on one more channel; SELECT * FROM channel_sessions shows them all.",
    example: "ATTACH 1 CHANNEL sms",
    right: Right::Serve,
    traits: Traits::NONE,
    columns: Columns::ALL,
    handler: Handler::Write(attach),
};
