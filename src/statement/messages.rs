//! What is said: MESSAGE in all its forms, and NOTE.

use super::opening::{self, Wishes};
use super::taking::{self, Assignee};
use super::{Answer, Chapter, Decision, Handler, Request, StatementDef, sessions};
use crate::domain::change::{Body, By, Change, ChangeKind, Message};
use crate::domain::closed_lists::{ActorKind, Channel, ConversationChange, Event, Phase, Role};
use crate::domain::config::Agent;
use crate::domain::conversation::Conversation;
use crate::domain::eligibility::AssignmentKind;
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::sentiment;
use crate::language::suggest::write_name;
use crate::statement::request::CitedKind;

pub(super) const STATEMENTS: &[StatementDef] = &[
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "MESSAGE <conversation> FROM (CUSTOMER | BOT | AGENT <agent>) <body:text> [KEY <key:plain>]",
        summary: "Writes a message in a conversation. A customer's message brings back a conversation that was set aside.",
        example: "MESSAGE 2 FROM AGENT bob 'It is on its way.'",
        right: Right::Depends,
        handler: Handler::Write(message),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "MESSAGE ON <workstream> (FROM <customer> | TO <customer> BY <agent>) <body:text> [KEY <key:plain>]",
        summary: "Writes a message from or to a customer on a workstream, in their open conversation there or in a new one.",
        example: "MESSAGE ON texts FROM '+49 170 555 0199' 'Is my order ready?' KEY 'gw-1'",
        right: Right::Depends,
        handler: Handler::Write(message_on),
    },
    StatementDef {
        chapter: Chapter::Conversations,
        syntax: "NOTE <conversation> <body:text> [KEY <key:plain>]",
        summary: "Writes a note that the customer does not see.",
        example: "NOTE 2 'Has called before.'",
        right: Right::Work,
        handler: Handler::Write(note),
    },
];

fn body(request: &Request<'_>) -> Result<i64, Refusal> {
    let empty = request.arguments.text("body").is_none_or(|text| text.trim().is_empty());
    match request.text("body") {
        Some(id) if !empty => Ok(id),
        _ => Err(Refusal::new(Code::InvalidValue, "the message text is empty").at("body")),
    }
}

fn write(request: &Request<'_>, conversation: &Conversation, author: By, text: i64, plan: &mut Vec<Change>) {
    plan.push(Change::Message(Message {
        conversation: conversation.id,
        author: Some(author),
        body: Body::Text(text),
        at: request.now,
    }));
}

fn message(request: &Request<'_>) -> Result<Decision, Error> {
    let text = body(request)?;
    let mut conversation = request.conversation()?;
    let mut plan = Vec::new();
    if request.has("CUSTOMER") {
        request.actor.needs(Right::Serve)?;
        let channel = sessions::channel_of_customer(request, &conversation)?;
        from_customer(request, &mut conversation, channel, text, &mut plan)?;
    } else if request.has("BOT") {
        request.actor.needs(Right::Serve)?;
        from_bot(request, &conversation, text, &mut plan)?;
    } else {
        match guest(request, &conversation)? {
            Some(guest) => from_guest(request, &conversation, guest, text, &mut plan)?,
            None => {
                let agent = request.agent()?;
                request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
                from_agent(request, &mut conversation, &agent, text, &mut plan)?;
            }
        }
    }
    Ok(Decision::moves_or(plan, Answer::Message))
}

/// The author, where it is a supervisor, and no agent, who has joined.
fn guest(request: &Request<'_>, conversation: &Conversation) -> Result<Option<By>, Error> {
    let name = request.name("agent");
    if request.snapshot.agent(name)?.is_some() {
        return Ok(None);
    }
    let (id, supervisor) = (conversation.id, request.snapshot.supervisor(name)?);
    let role = request.snapshot.role_in(id, name)?;
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
    request: &Request<'_>,
    conversation: &Conversation,
    guest: By,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    request.actor.must_be(guest.name.as_deref().unwrap_or_default())?;
    must_not_be_parked(conversation, "an agent")?;
    write(request, conversation, guest, text, plan);
    Ok(())
}

fn must_not_be_parked(conversation: &Conversation, agent: &str) -> Result<(), Refusal> {
    if conversation.phase() != Phase::Parked {
        return Ok(());
    }
    let (id, state) = (conversation.id, conversation.state_name());
    Err(Refusal::new(Code::NotAllowed, format!("conversation {id} is {state} and set aside"))
        .hint(format!("REVIVE {id} BY {agent} first"))
        .at("conversation"))
}

fn from_customer(
    request: &Request<'_>,
    conversation: &mut Conversation,
    channel: Channel,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    sessions::connect(request, conversation, channel, plan)?;
    write(request, conversation, By::kind(ActorKind::Customer), text, plan);
    conversation.customer_wrote(request.now, plan);
    feel(request, conversation, plan)
}

/// What the customer's message makes of the sentiment. It follows the moves, so that it stands in what they lead to.
fn feel(request: &Request<'_>, conversation: &Conversation, plan: &mut Vec<Change>) -> Result<(), Error> {
    if !conversation.workstream.sentiment {
        return Ok(());
    }
    let earlier = request.snapshot.last_words(conversation.id, sentiment::WINDOW - 1, sentiment::READ)?;
    let mut words: Vec<&str> = earlier.iter().map(String::as_str).collect();
    words.extend(request.arguments.text("body"));
    let felt = sentiment::after(conversation.sentiment, &words);
    if felt != conversation.sentiment {
        let word = felt.map(|felt| felt.name());
        plan.push(request.setting(
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
        "conversation {} is {} and takes no more messages",
        conversation.id,
        conversation.state_name()
    );
    Err(Refusal::new(Code::FinalState, words)
        .hint(format!(
            "use MESSAGE ON {} FROM the customer to start a new conversation",
            conversation.workstream.named.name
        ))
        .at("conversation"))
}

fn from_bot(
    request: &Request<'_>,
    conversation: &Conversation,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    if conversation.phase() != Phase::Bot {
        let words = format!(
            "conversation {} is {} and no longer with the bot",
            conversation.id,
            conversation.state_name()
        );
        return Err(Refusal::new(Code::NotAllowed, words)
            .hint("after ESCALATE the agent writes")
            .at("BOT")
            .into());
    }
    write(request, conversation, By::kind(ActorKind::Bot), text, plan);
    Ok(())
}

fn from_agent(
    request: &Request<'_>,
    conversation: &mut Conversation,
    agent: &Agent,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    must_be_open(conversation)?;
    let (id, name) = (conversation.id, &agent.named.name);
    must_not_be_parked(conversation, name)?;
    let holds = conversation.agent.as_ref() == Some(&agent.named);
    if !holds && request.snapshot.role_in(id, name)? != Some(Role::Consultant) {
        return Err(taking::not_with(conversation, agent).into());
    }
    write(request, conversation, taking::by_agent(agent), text, plan);
    if holds {
        // The customer waits for an answer of who has it, whatever a guest says.
        conversation.agent_wrote(request.now, plan);
    }
    Ok(())
}

fn message_on(request: &Request<'_>) -> Result<Decision, Error> {
    let text = body(request)?;
    let workstream = request.workstream()?;
    let agent = request.arguments.name("agent").map(|_| request.agent()).transpose()?;
    match &agent {
        Some(agent) => request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?,
        None => request.actor.needs(Right::Serve)?,
    }
    let customer = opening::customer(request)?;
    let mut plan = Vec::new();
    let mut conversation = match joined(request, &workstream)? {
        Some(conversation) => conversation,
        None => opening::begin(request, &workstream, customer, Wishes::default(), agent.as_ref(), &mut plan)?,
    };
    match &agent {
        None if plan.is_empty() => {
            from_customer(request, &mut conversation, workstream.channel, text, &mut plan)?;
        }
        None => {
            write(request, &conversation, By::kind(ActorKind::Customer), text, &mut plan);
            feel(request, &conversation, &mut plan)?;
        }
        Some(agent) => to_customer(request, &mut conversation, agent, text, &mut plan)?,
    }
    Ok(Decision::moves_or(plan, Answer::Message))
}

/// The customer's newest conversation that he is still in: on that workstream, or, one per customer, of its lifecycle.
fn joined(
    request: &Request<'_>,
    workstream: &crate::domain::workstream::Workstream,
) -> Result<Option<Conversation>, Error> {
    let customer = opening::customer(request)?;
    if customer.kind == CitedKind::NewCustomer {
        return Ok(None);
    }
    let one_per_customer = workstream.lifecycle.options.one_per_customer;
    for id in request.snapshot.open_of(customer.id, workstream)? {
        let Some(conversation) = request.snapshot.conversation(id)? else { continue };
        let left = conversation.phase().winds_up();
        if !left || one_per_customer || conversation.may(Event::CustomerReturn) {
            return Ok(Some(conversation));
        }
    }
    Ok(None)
}

fn to_customer(
    request: &Request<'_>,
    conversation: &mut Conversation,
    agent: &Agent,
    text: i64,
    plan: &mut Vec<Change>,
) -> Result<(), Error> {
    if conversation.phase().waits() {
        taking::take(request, conversation, Event::Pick, AssignmentKind::Pick, &Assignee::new(agent), plan)?;
    }
    from_agent(request, conversation, agent, text, plan)
}

fn note(request: &Request<'_>) -> Result<Decision, Error> {
    let text = body(request)?;
    let conversation = request.conversation()?;
    if request.snapshot.role_in(conversation.id, &request.actor.name)?.is_none() {
        request.actor.must_work_on(&conversation).map_err(|refusal| refusal.at("conversation"))?;
    }
    must_be_open(&conversation)?;
    let author = Some(request.by());
    let row = Message { conversation: conversation.id, author, body: Body::Note(text), at: request.now };
    Ok(Decision { changes: vec![Change::Message(row)], answer: Answer::Message, notes: Vec::new() })
}
