//! Reads the clauses of CREATE LIFECYCLE into states and edges.
//!
//! Invariant: every state and edge keeps the clause that it comes from, so that an error can point
//! at it. This module deliberately checks words and names only; whether the lifecycle is sound is
//! decided in the domain.

use std::ops::Range;

use crate::domain::closed_lists::{Channel, Event, Phase};
use crate::domain::definition::LifecycleDefinition;
use crate::domain::lifecycle::{Condition, Edge, LifecycleOptions, State, StateIndex};
use crate::domain::moment::Duration;
use crate::domain::refusal::{Code, Refusal};
use crate::language::arguments::{Argument, Arguments, Part};
use crate::language::suggest::{nearest, write_name};

/// The maximum number of states of a lifecycle.
pub const MOST_STATES: usize = 100;
/// The maximum number of clauses (STATE …, ON …) of a definition.
pub const MOST_CLAUSES: usize = 1_000;

/// A definition, with the places of its clauses in the statement.
pub struct Typed {
    pub definition: LifecycleDefinition,
    /// The span of the clause of each state, by index.
    pub states: Vec<Range<usize>>,
    /// The span of the clause of each edge, by index.
    pub edges: Vec<Range<usize>>,
}

/// A word and its span in the statement.
#[derive(Clone)]
struct SpannedWord<'a> {
    text: &'a str,
    span: Range<usize>,
}

/// A source state (None: the edge starts a conversation), and the span in which FROM names it.
type EdgeSource = (Option<StateIndex>, Option<Range<usize>>);

/// A `STATE …` or `ON …` clause; the fields that the other kind has are empty.
#[derive(Default)]
struct ParsedClause<'a> {
    span: Range<usize>,
    state: Option<SpannedWord<'a>>,
    phase: Option<SpannedWord<'a>>,
    event: Option<SpannedWord<'a>>,
    from: Vec<SpannedWord<'a>>,
    to: Option<SpannedWord<'a>>,
    channels: Vec<SpannedWord<'a>>,
    keywords: Vec<&'a str>,
    after: Option<Duration>,
}

/// Reads the clauses of a statement.
///
/// # Errors
/// `invalid_value` for an unknown phase, event or channel; `invalid_lifecycle` for an unknown
/// state, a duplicate or a channel on which a state is not used; `too_large`.
pub fn read(arguments: &Arguments, options: LifecycleOptions) -> Result<Typed, Refusal> {
    let clauses = clauses(arguments);
    if let Some(clause) = clauses.get(MOST_CLAUSES) {
        return Err(too_large(format!(
            "a lifecycle has at most {MOST_CLAUSES} clauses; this one has {}",
            clauses.len()
        ))
        .at_span(clause.span.clone()));
    }
    let definition = LifecycleDefinition { options, states: Vec::new(), edges: Vec::new() };
    let mut typed = Typed { definition, states: Vec::new(), edges: Vec::new() };
    for clause in &clauses {
        if let (Some(name), Some(phase)) = (&clause.state, &clause.phase) {
            typed.add_state(clause, name, phase)?;
        }
    }
    for clause in &clauses {
        if let (Some(event), Some(to)) = (&clause.event, &clause.to) {
            typed.add_edges(clause, event, to)?;
        }
    }
    Ok(typed)
}

fn too_large(message: String) -> Refusal {
    Refusal::new(Code::TooLarge, message).hint("a smaller one is easier to work by")
}

fn clauses(arguments: &Arguments) -> Vec<ParsedClause<'_>> {
    let mut clauses: Vec<ParsedClause<'_>> = Vec::new();
    for part in arguments.parts() {
        let begins = matches!(part, Part::Keyword { word, .. } if word == "STATE" || word == "ON");
        if begins {
            clauses.push(ParsedClause::default());
        }
        if let Some(clause) = clauses.last_mut() {
            clause.take(part);
        }
    }
    clauses
}

impl<'a> ParsedClause<'a> {
    fn take(&mut self, part: &'a Part) {
        let span = match part {
            Part::Keyword { span, .. } | Part::Argument { span, .. } => span.clone(),
            Part::Symbol(_) => return,
        };
        self.span = if self.span.is_empty() { span.clone() } else { self.span.start..span.end };
        match part {
            Part::Keyword { word, .. } => self.keywords.push(word),
            Part::Argument { value: Argument::Duration(after), .. } => self.after = Some(*after),
            Part::Argument { slot, value: Argument::Name(name), .. } => {
                let word = SpannedWord { text: name, span };
                match slot.as_str() {
                    "state" => self.state = Some(word),
                    "phase" => self.phase = Some(word),
                    "event" => self.event = Some(word),
                    "to" => self.to = Some(word),
                    "from" => self.from.push(word),
                    _ => self.channels.push(word),
                }
            }
            _ => {}
        }
    }

    fn condition(&self) -> Condition {
        let has = |word: &str| self.keywords.contains(&word);
        match (has("BOT"), has("WRAPUP"), has("NO")) {
            (true, _, false) => Condition::Bot,
            (true, _, true) => Condition::NoBot,
            (_, true, false) => Condition::Wrapup,
            (_, true, true) => Condition::NoWrapup,
            _ => Condition::Always,
        }
    }

    /// Returns the channels that the clause names, each with its span.
    fn named_channels(&self) -> Result<Vec<(Channel, Range<usize>)>, Refusal> {
        let mut found: Vec<(Channel, Range<usize>)> = Vec::new();
        for word in &self.channels {
            let channel =
                listed("channel", word, Channel::from_name, Channel::ALL.iter().map(|one| one.name()))?;
            if found.iter().any(|(known, _)| *known == channel) {
                return Err(twice(word));
            }
            found.push((channel, word.span.clone()));
        }
        Ok(found)
    }
}

fn unsound(message: impl Into<String>, hint: impl Into<String>, place: &Range<usize>) -> Refusal {
    Refusal::new(Code::InvalidLifecycle, message).hint(hint).at_span(place.clone())
}

fn twice(word: &SpannedWord<'_>) -> Refusal {
    unsound(format!("{} is listed twice", word.text), "once is enough", &word.span)
}

/// Looks up a word in a closed list.
fn listed<T>(
    kind: &str,
    word: &SpannedWord<'_>,
    read: impl Fn(&str) -> Option<T>,
    names: impl Iterator<Item = &'static str> + Clone,
) -> Result<T, Refusal> {
    read(word.text).ok_or_else(|| {
        let hint = match nearest(word.text, names.clone()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("expected one of {}", names.collect::<Vec<_>>().join(", ")),
        };
        Refusal::new(Code::InvalidValue, format!("unknown {kind} {}", word.text))
            .hint(hint)
            .at_span(word.span.clone())
    })
}

impl Typed {
    fn add_state(
        &mut self,
        clause: &ParsedClause<'_>,
        name: &SpannedWord<'_>,
        phase: &SpannedWord<'_>,
    ) -> Result<(), Refusal> {
        let phase = listed("phase", phase, Phase::from_name, Phase::ALL.iter().map(|one| one.name()))?;
        let channels = clause.named_channels()?;
        if let Some(known) = self.find(name.text) {
            let known = &self.definition.states[known].name;
            return Err(unsound(
                format!("state {known} is already defined"),
                "one STATE lists all its channels: CHANNEL chat, sms",
                &name.span,
            ));
        }
        if self.states.len() == MOST_STATES {
            let message = format!("a lifecycle has at most {MOST_STATES} states");
            return Err(too_large(message).at_span(clause.span.clone()));
        }
        let channels = match channels.as_slice() {
            [] => Channel::ALL.to_vec(),
            // The order is that of the channel list, so that it does not depend on the order of
            // typing.
            named => {
                Channel::ALL.iter().copied().filter(|one| named.iter().any(|(it, _)| it == one)).collect()
            }
        };
        self.definition.states.push(State { name: name.text.into(), phase, channels });
        self.states.push(clause.span.clone());
        Ok(())
    }

    fn find(&self, name: &str) -> Option<StateIndex> {
        self.definition.states.iter().position(|state| state.name.eq_ignore_ascii_case(name))
    }

    fn state(&self, word: &SpannedWord<'_>) -> Result<StateIndex, Refusal> {
        self.find(word.text).ok_or_else(|| {
            let hint = match nearest(word.text, self.definition.states.iter().map(|state| &*state.name)) {
                Some(near) => format!("did you mean {}?", write_name(near)),
                None => format!("STATE {} PHASE … defines it", write_name(word.text)),
            };
            unsound(format!("state {} is not defined", word.text), hint, &word.span)
        })
    }

    fn add_edges(
        &mut self,
        clause: &ParsedClause<'_>,
        event: &SpannedWord<'_>,
        to: &SpannedWord<'_>,
    ) -> Result<(), Refusal> {
        let event = listed("event", event, Event::from_name, Event::ALL.iter().map(|one| one.name()))?;
        let channels = clause.named_channels()?;
        let target = self.state(to)?;
        for (channel, span) in &channels {
            self.must_be_used(target, *channel, span)?;
        }
        let from = self.sources(clause, event)?;
        let before = self.definition.edges.len();
        for (source, place) in &from {
            let meant: Vec<Channel> = match channels.as_slice() {
                [] => Channel::ALL.iter().copied().filter(|one| self.is_used(target, *one)).collect(),
                named => named.iter().map(|(channel, _)| *channel).collect(),
            };
            let both: Vec<Channel> =
                meant.into_iter().filter(|one| source.is_none_or(|from| self.is_used(from, *one))).collect();
            if let Some((source, place)) = source.zip(place.as_ref()) {
                for (channel, span) in &channels {
                    self.must_be_used(source, *channel, span)?;
                }
                if both.is_empty() {
                    let [source, target] =
                        [source, target].map(|state| self.definition.states[state].name.clone());
                    let message = format!("{source} and {target} have no channel in common");
                    return Err(unsound(message, "STATE … CHANNEL sets where a state is used", place));
                }
            }
            self.definition.edges.extend(both.into_iter().map(|channel| Edge {
                channel,
                from: *source,
                event,
                condition: clause.condition(),
                to: target,
                after: clause.after,
            }));
        }
        if self.definition.edges.len() == before {
            let message = format!("{event} has no source: no open state is used on those channels");
            return Err(unsound(message, "use FROM to name the states that it leaves", &clause.span));
        }
        self.edges.resize(self.definition.edges.len(), clause.span.clone());
        Ok(())
    }

    /// Returns the source states of a clause: those in FROM with their spans, or every open state.
    fn sources(&self, clause: &ParsedClause<'_>, event: Event) -> Result<Vec<EdgeSource>, Refusal> {
        let states = &self.definition.states;
        if let Some(word) = clause.from.first().filter(|_| event.opens()) {
            let message = format!("{event} starts a conversation and has no source state");
            return Err(unsound(message, "leave FROM out", &word.span));
        }
        if event.opens() {
            return Ok(vec![(None, None)]);
        }
        if clause.from.is_empty() {
            let open = (0..states.len()).filter(|state| !states[*state].phase.is_over());
            return Ok(open.map(|state| (Some(state), None)).collect());
        }
        let mut from: Vec<EdgeSource> = Vec::new();
        for word in &clause.from {
            let state = Some(self.state(word)?);
            if from.iter().any(|(known, _)| *known == state) {
                return Err(twice(word));
            }
            from.push((state, Some(word.span.clone())));
        }
        Ok(from)
    }

    fn is_used(&self, state: StateIndex, channel: Channel) -> bool {
        self.definition.states[state].channels.contains(&channel)
    }

    fn must_be_used(&self, state: StateIndex, channel: Channel, place: &Range<usize>) -> Result<(), Refusal> {
        if self.is_used(state, channel) {
            return Ok(());
        }
        let state = &self.definition.states[state];
        let channels: Vec<&str> = state.channels.iter().map(|channel| channel.name()).collect();
        let message = format!("{} is not used on {channel}", state.name);
        Err(unsound(message, format!("it is used on {}", channels.join(", ")), place))
    }
}
