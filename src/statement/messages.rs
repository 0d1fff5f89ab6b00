//! What is said: MESSAGE in all its forms, and NOTE.

use super::opening::{self, Wishes};
use super::taking::{self, Taker};
use super::{Act, Answer, Asked, Chapter, Decision, Page, sessions};
use crate::domain::change::{Body, By, Change, ChangeKind, Message};
use crate::domain::conversation::Conversation;
use crate::domain::guard::Way;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::rights::Right;
use crate::domain::sentiment;
use crate::domain::site::Agent;
use crate::domain::words::{ActorKind, Channel, ConversationChange, Event, Phase, Role};
use crate::language::suggest::write_name;
use crate::statement::asked::WordKind;

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::Conversations,
        syntax: "MESSAGE <conversation> FROM (CUSTOMER | BOT | AGENT <agent>) <body:text> [KEY <key:plain>]",
        summary: "Somebody writes in a conversation. A customer's message brings it back where it was set aside.",
        example: "MESSAGE 2 FROM AGENT bob 'It is on its way.'",
        right: Right::Depends,
        act: Act::Change(message),
    },
    Page {
        chapter: Chapter::Conversations,
        syntax: "MESSAGE ON <workstream> (FROM <customer> | TO <customer> BY <agent>) <body:text> [KEY <key:plain>]",
        summary: "A customer writes, or is written to, on a workstream: into the conversation that is open there, else into a new one.",
        example: "MESSAGE ON texts FROM '+49 170 555 0199' 'Is my order ready?' KEY 'gw-1'",
        right: Right::Depends,
        act: Act::Change(message_on),
    },
    Page {
        chapter: Chapter::Conversations,
        syntax: "NOTE <conversation> <body:text> [KEY <key:plain>]",
        summary: "Writes a note that the customer does not see.",
        example: "NOTE 2 'Has called before.'",
        right: Right::Work,
        act: Act::Change(note),
    },
];

fn body(asked: &Asked<'_>) -> Result<i64, Refusal> {
    let empty = asked.arguments.text("body").is_none_or(|text| text.trim().is_empty());
    match asked.text("body") {
        Some(id) if !empty => Ok(id),
        _ => Err(Refusal::new(Code::InvalidValue, "a message says something").at("body")),
    }
}

fn write(asked: &Asked<'_>, conversation: &Conversation, author: By, text: i64, plan: &mut Vec<Change>) {
    plan.push(Change::Message(Message {
        conversation: conversation.id,
        author: Some(author),
        body: Body::Text(text),
        at: asked.now,
    }));
}

fn message(asked: &Asked<'_>) -> Result<Decision, Error> {
    let text = body(asked)?;
    let mut conversation = asked.conversation()?;
    let mut plan = Vec::new();
    if asked.has("CUSTOMER") {
        asked.actor.needs(Right::Serve)?;
        let channel = sessions::channel_of_customer(asked, &conversation)?;
        from_customer(asked, &mut conversation, channel, text, &mut plan)?;
    } else if asked.has("BOT") {
        asked.actor.needs(Right::Serve)?;
        from_bot(asked, &conversation, text, &mut plan)?;
    } else {
        match guest(asked, &conversation)? {
            Some(guest) => from_guest(asked, &conversation, guest, text, &mut plan)?,
            None => {
                let agent = asked.agent()?;
                asked.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
                from_agent(asked, &mut conversation, &agent, text, &mut plan)?;
            }
        }
    }
    Ok(Decision::moves_or(plan, Answer::Message))
}

/// The author, where it is a supervisor, and no agent, who has joined.
fn guest(asked: &Asked<'_>, conversation: &Conversation) -> Result<Option<By>, Error> {
    let name = asked.name("agent");
    if asked.look.agent(name)?.is_some() {
        return Ok(None);
    }
    let (id, supervisor) = (conversation.id, asked.look.supervisor(name)?);
    let role = asked.look.role_in(id, name)?;
    if supervisor.is_some() && role != Some(Role::Consultant) {
        let does = if role == Some(Role::Monitor) { "only monitors" } else { "has not joined" };
        return Err(Refusal::new(Code::NotParticipant, format!("{name} {does} conversation {id}"))
            .hint(format!("JOIN {id} BY {} first", write_name(name)))
            .at("agent")
            .into());
    }
    Ok(supervisor.map(|named| By { kind: ActorKind::Supervisor, name: Some(named.name) }))
}

fn from_guest(
    asked: &Asked<'_>,
    conversation: &Conversation,
    guest: By,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    asked.actor.must_be(guest.name.as_deref().unwrap_or_default())?;
    must_not_be_parked(conversation, "an agent")?;
    write(asked, conversation, guest, text, plan);
    Ok(())
}

fn must_not_be_parked(conversation: &Conversation, agent: &str) -> Result<(), Refusal> {
    if conversation.phase() != Phase::Parked {
        return Ok(());
    }
    let (id, state) = (conversation.id, conversation.state_name());
    Err(Refusal::new(Code::NotAllowed, format!("conversation {id} is {state}, set aside"))
        .hint(format!("REVIVE {id} BY {agent} first"))
        .at("conversation"))
}

fn from_customer(
    asked: &Asked<'_>,
    conversation: &mut Conversation,
    channel: Channel,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    sessions::connect(asked, conversation, channel, plan)?;
    write(asked, conversation, By::kind(ActorKind::Customer), text, plan);
    conversation.customer_wrote(asked.now, plan);
    feel(asked, conversation, plan)
}

/// What the customer's message makes of the sentiment. It follows the moves, so that it stands in what they lead to.
fn feel(asked: &Asked<'_>, conversation: &Conversation, plan: &mut Vec<Change>) -> Result<(), Error> {
    if !conversation.workstream.sentiment {
        return Ok(());
    }
    let earlier = asked.look.last_words(conversation.id, sentiment::WINDOW - 1, sentiment::READ)?;
    let mut words: Vec<&str> = earlier.iter().map(String::as_str).collect();
    words.extend(asked.arguments.text("body"));
    let felt = sentiment::after(conversation.sentiment, &words);
    if felt != conversation.sentiment {
        let word = felt.map(|felt| felt.name());
        plan.push(asked.setting(
            ChangeKind::Conversation(ConversationChange::Sentiment),
            conversation.id,
            word,
        ));
    }
    Ok(())
}

fn must_be_open(conversation: &Conversation) -> Result<(), Refusal> {
    if !conversation.phase().is_over() {
        return Ok(());
    }
    let words = format!(
        "conversation {} is {}; nothing is written into it any more",
        conversation.id,
        conversation.state_name()
    );
    Err(Refusal::new(Code::FinalState, words)
        .hint(format!("MESSAGE ON {} FROM the customer starts a new one", conversation.workstream.named.name))
        .at("conversation"))
}

fn from_bot(
    asked: &Asked<'_>,
    conversation: &Conversation,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    if conversation.phase() != Phase::Bot {
        let words =
            format!("conversation {} is {}: it has left the bot", conversation.id, conversation.state_name());
        return Err(Refusal::new(Code::NotAllowed, words)
            .hint("a bot writes before ESCALATE; afterwards the agent does")
            .at("BOT")
            .into());
    }
    write(asked, conversation, By::kind(ActorKind::Bot), text, plan);
    Ok(())
}

fn from_agent(
    asked: &Asked<'_>,
    conversation: &mut Conversation,
    agent: &Agent,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    let (id, name) = (conversation.id, &agent.named.name);
    must_not_be_parked(conversation, name)?;
    let holds = conversation.agent.as_ref() == Some(&agent.named);
    if !holds && asked.look.role_in(id, name)? != Some(Role::Consultant) {
        return Err(taking::not_with(conversation, agent).into());
    }
    write(asked, conversation, taking::by_agent(agent), text, plan);
    if holds {
        // The customer waits for an answer of who has it, whatever a guest says.
        conversation.agent_wrote(asked.now, plan);
    }
    Ok(())
}

fn message_on(asked: &Asked<'_>) -> Result<Decision, Error> {
    let text = body(asked)?;
    let workstream = asked.workstream()?;
    let agent = asked.arguments.name("agent").map(|_| asked.agent()).transpose()?;
    match &agent {
        Some(agent) => asked.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?,
        None => asked.actor.needs(Right::Serve)?,
    }
    let customer = opening::customer(asked)?;
    let mut plan = Vec::new();
    let mut conversation = match joined(asked, &workstream)? {
        Some(conversation) => conversation,
        None => opening::begin(asked, &workstream, customer, Wishes::default(), agent.as_ref(), &mut plan)?,
    };
    match &agent {
        None if plan.is_empty() => {
            from_customer(asked, &mut conversation, workstream.channel, text, &mut plan)?;
        }
        None => {
            write(asked, &conversation, By::kind(ActorKind::Customer), text, &mut plan);
            feel(asked, &conversation, &mut plan)?;
        }
        Some(agent) => to_customer(asked, &mut conversation, agent, text, &mut plan)?,
    }
    Ok(Decision::moves_or(plan, Answer::Message))
}

/// The customer's newest conversation that he is still in: on that workstream, or, one per customer, of its lifecycle.
fn joined(
    asked: &Asked<'_>,
    workstream: &crate::domain::workstream::Workstream,
) -> Result<Option<Conversation>, Error> {
    let customer = opening::customer(asked)?;
    if customer.kind == WordKind::NewCustomer {
        return Ok(None);
    }
    let one_per_customer = workstream.lifecycle.options.one_per_customer;
    for id in asked.look.open_of(customer.id, workstream)? {
        let Some(conversation) = asked.look.conversation(id)? else { continue };
        let left = conversation.phase().winds_up();
        if !left || one_per_customer || conversation.may(Event::CustomerReturn) {
            return Ok(Some(conversation));
        }
    }
    Ok(None)
}

fn to_customer(
    asked: &Asked<'_>,
    conversation: &mut Conversation,
    agent: &Agent,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    if conversation.phase().waits() {
        taking::take(asked, conversation, Event::Pick, Way::Pick, &Taker::new(agent), plan)?;
    }
    from_agent(asked, conversation, agent, text, plan)
}

fn note(asked: &Asked<'_>) -> Result<Decision, Error> {
    let text = body(asked)?;
    let conversation = asked.conversation()?;
    if asked.look.role_in(conversation.id, &asked.actor.name)?.is_none() {
        asked.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    }
    must_be_open(&conversation)?;
    let author = Some(asked.by());
    let row = Message { conversation: conversation.id, author, body: Body::Note(text), at: asked.now };
    Ok(Decision { changes: vec![Change::Message(row)], answer: Answer::Message, notes: Vec::new() })
}
