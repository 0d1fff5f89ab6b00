//! What one conversation adds to the figures: to which moment, queue and agent.
//!
//! Invariant: everything that it adds is a share with one moment, which decides about the window. This
//! module deliberately does not know windows, rows, or how totals become figures.

use super::closed_lists::{Event, Phase};
use super::metrics::{ServiceTarget, Totals};
use super::moment::Moment;
use super::timeline::{Timeline, TimelineStep, Visit};

/// An offer that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The id of the agent who was asked.
    pub agent: i64,
    /// Whether they declined it; otherwise they did not answer in time.
    pub declined: bool,
    /// The last transition before that.
    pub after_transition: i64,
}

/// What a conversation adds to the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The moment that decides about the window, the hour and the day.
    pub at: Moment,
    /// The id of the queue.
    pub queue: i64,
    /// The id of the agent, if there is one.
    pub agent: Option<i64>,
    /// What is added.
    pub totals: Totals,
}

/// A conversation with everything that figures need.
pub struct Counted<'a> {
    /// Its transitions.
    pub timeline: &'a Timeline,
    /// Returns the service target of a queue at the time of a transition.
    pub target: &'a dyn Fn(i64, i64) -> ServiceTarget,
    /// The offers that were not taken, in order.
    pub refused: &'a [Refused],
    /// The end of intervals that are still running.
    pub now: Moment,
}

impl Counted<'_> {
    /// Returns the conversation as a whole.
    pub fn whole(&self) -> Vec<Share> {
        let mut shares = self.with_bot();
        shares.extend(self.outbound());
        if self.timeline.is_outbound() {
            return shares;
        }
        let Some(entered) = self.timeline.entered() else { return shares };
        let mut totals = self.first_wait(entered);
        if self.timeline.answered().is_some() {
            totals.served = 1;
            self.add_times(&mut totals, |_, _| true);
        }
        totals.transfers = self.timeline.transfers().count() as i64;
        self.refused.iter().for_each(|refused| refuse(&mut totals, *refused));
        for wait in self.later_waits() {
            totals.requeued += 1;
            totals.lost += i64::from(wait.is_lost);
        }
        shares.push(share(entered, None, totals));
        shares
    }

    /// Splits the conversation by queue: every visit of one is a share, with the time that agents had
    /// the conversation until the next visit.
    pub fn by_queue(&self) -> Vec<Share> {
        let mut shares = self.with_bot();
        shares.extend(self.outbound());
        if self.timeline.is_outbound() {
            return shares;
        }
        let visits = self.timeline.visits();
        let mut totals: Vec<Totals> = visits.iter().map(|visit| self.visit(visit)).collect();
        // What comes before the first visit belongs to it.
        let of = |index: usize| visits.iter().rposition(|visit| visit.index < index).unwrap_or_default();
        for (place, totals) in totals.iter_mut().enumerate().filter(|(_, totals)| totals.served > 0) {
            self.add_times(totals, |index, _| of(index) == place);
        }
        for (index, step) in self.timeline.steps.iter().enumerate() {
            if step.is_transfer()
                && let Some(totals) = totals.get_mut(of(index))
            {
                totals.transfers += 1;
            }
        }
        for refused in self.refused {
            let place = visits.iter().rposition(|visit| visit.step.seq <= refused.after_transition);
            if let Some(totals) = totals.get_mut(place.unwrap_or_default()) {
                refuse(totals, *refused);
            }
        }
        shares.extend(visits.iter().zip(totals).map(|(visit, totals)| share(visit.step, None, totals)));
        shares
    }

    /// Splits the conversation by agent; the agent may be `None`. Entering, waiting and abandoning
    /// count once, for the agent who answered first. Serving and handling count for every agent who
    /// had it.
    pub fn by_agent(&self) -> Vec<Share> {
        let mut shares = self.with_bot();
        shares.extend(self.outbound());
        let timeline = self.timeline;
        let first_had = timeline.steps.iter().find(|step| step.phase == Phase::Active);
        let entered = timeline.entered().filter(|_| !timeline.is_outbound());
        let begun = if timeline.is_outbound() { timeline.steps.first() } else { entered.or(first_had) };
        let Some(begun) = begun else { return shares };
        if let Some(entered) = entered {
            let answered = timeline.answered().and_then(|step| step.agent);
            shares.push(share(begun, answered, self.first_wait(entered)));
        }
        for agent in self.holders() {
            let mut had = Totals { served: 1, ..Totals::default() };
            self.add_times(&mut had, |_, holder| holder == Some(agent));
            shares.push(share(begun, Some(agent), had));
        }
        for agent in timeline.transfers() {
            shares.push(share(begun, agent, Totals { transfers: 1, ..Totals::default() }));
        }
        for refused in self.refused {
            let mut asked = Totals::default();
            refuse(&mut asked, *refused);
            shares.push(share(begun, Some(refused.agent), asked));
        }
        if entered.is_some() {
            for wait in self.later_waits() {
                let lost = i64::from(wait.is_lost);
                shares.push(share(begun, wait.agent, Totals { requeued: 1, lost, ..Totals::default() }));
            }
        }
        shares
    }

    /// Returns what the contact centre began.
    fn outbound(&self) -> Option<Share> {
        let opened = self.timeline.steps.first().filter(|_| self.timeline.is_outbound())?;
        let agent = self.timeline.steps.get(1).and_then(|step| step.agent);
        Some(share(opened, agent, Totals { outbound: 1, ..Totals::default() }))
    }

    /// Returns what a bot ended or handed over.
    fn with_bot(&self) -> Vec<Share> {
        let steps = &self.timeline.steps;
        let ended = steps.iter().find(|step| step.event == Event::BotEnd && step.phase.is_over());
        let handed_over = steps.windows(2).position(|pair| match pair {
            [from, to] => from.phase == Phase::Bot && (to.phase.waits() || to.phase.holds_agent()),
            _ => false,
        });
        let mut shares = Vec::new();
        if let Some(step) = ended {
            shares.push(share(step, None, Totals { contained: 1, ..Totals::default() }));
        }
        if let Some(place) = handed_over {
            let agent = steps[place + 1..].iter().find_map(|step| step.agent);
            shares.push(share(&steps[place + 1], agent, Totals { handed_over: 1, ..Totals::default() }));
        }
        shares
    }

    /// Returns the agents it was assigned to in phase active.
    fn holders(&self) -> Vec<i64> {
        let active = self.timeline.steps.iter().filter(|step| step.phase == Phase::Active);
        let mut holders: Vec<i64> = active.filter_map(|step| step.agent).collect();
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// Returns the waits after the first one.
    fn later_waits(&self) -> Vec<LaterWait> {
        let (mut waits, mut agent, mut before) = (Vec::new(), None, None::<&TimelineStep>);
        let mut later = self.timeline.visits().into_iter().filter(|visit| visit.is_later).peekable();
        for (index, step) in self.timeline.steps.iter().enumerate() {
            let came_back = before.is_none_or(|before| !before.waits());
            if later.next_if(|visit| visit.index == index).is_some() && came_back {
                waits.push(LaterWait { agent, is_lost: false });
            }
            if let (Some(wait), true) = (waits.last_mut(), before.is_some_and(|before| before.waits())) {
                wait.is_lost |= step.phase.is_over();
            }
            agent = step.agent.or(agent);
            before = Some(step);
        }
        waits
    }

    /// Returns the wait from entering to the first active, or to the end.
    fn first_wait(&self, entered: &TimelineStep) -> Totals {
        let (answered, ended) = (self.timeline.answered(), self.timeline.ended());
        self.waited(entered, answered, ended.filter(|_| answered.is_none()))
    }

    /// Returns the wait of a visit. One that ended elsewhere only entered.
    fn visit(&self, visit: &Visit<'_>) -> Totals {
        let answered = visit.left.filter(|step| step.phase == Phase::Active);
        let ended = visit.left.filter(|step| step.phase.is_over());
        let mut totals = self.waited(visit.step, answered, ended);
        totals.served = totals.answered;
        totals.requeued = i64::from(visit.is_later);
        totals.lost = i64::from(visit.is_later && ended.is_some());
        totals
    }

    fn waited(
        &self,
        from: &TimelineStep,
        answered: Option<&TimelineStep>,
        ended: Option<&TimelineStep>,
    ) -> Totals {
        let target = (self.target)(from.queue, from.seq);
        let mut totals = Totals { entered: 1, ..Totals::default() };
        let Some(until) = answered.or(ended) else { return totals };
        let wait = until.at.since(from.at).0;
        if answered.is_some() {
            totals.answered = 1;
            totals.answer = wait;
            totals.within = i64::from(wait <= target.service_level);
        } else if wait < target.short_abandon {
            totals.short_abandoned = 1;
        } else {
            totals.abandoned = 1;
        }
        totals.wait = wait;
        totals.longest_wait = Some(wait);
        totals
    }

    /// Adds the handle time of the intervals that `is_of` accepts by the index of their transition and
    /// their agent.
    fn add_times(&self, totals: &mut Totals, is_of: impl Fn(usize, Option<i64>) -> bool) {
        for (index, interval) in self.timeline.intervals(self.now).enumerate() {
            if !interval.is_handled() || !is_of(index, interval.step.agent) {
                continue;
            }
            let length = interval.length().0;
            totals.handle += length;
            match interval.step.phase {
                Phase::Held => totals.hold += length,
                Phase::Wrapup => totals.wrapup += length,
                _ => {}
            }
        }
    }
}

/// A wait after the first one.
struct LaterWait {
    /// The agent who had the conversation before.
    agent: Option<i64>,
    /// Whether the conversation ended in it.
    is_lost: bool,
}

fn share(step: &TimelineStep, agent: Option<i64>, totals: Totals) -> Share {
    Share { at: step.at, queue: step.queue, agent, totals }
}

fn refuse(totals: &mut Totals, refused: Refused) {
    *(if refused.declined { &mut totals.declined } else { &mut totals.missed }) += 1;
}
