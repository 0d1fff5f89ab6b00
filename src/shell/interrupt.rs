//! Ctrl-C and its relatives: they stop the running statement, never half of one.
//!
//! Invariant: a stop is asked for again and again until the statement has ended, so none that
//! comes while a statement is about to begin is lost; after the statement nothing is stopped any
//! more. It deliberately does not know what a statement is, nor who ends the program.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// How long a statement has before it is asked again to stop.
const PATIENCE: Duration = Duration::from_millis(20);

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A polite request to end.
    Terminate,
}

impl Signal {
    /// The process's exit status when this is what ended it.
    pub fn exit_status(self) -> u8 {
        match self {
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
        }
    }
}

/// Who is told of signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// A run without a person: a signal ends it after the statement, a second one at once.
    Program,
    /// A prompt: Ctrl-C stops the statement only.
    Prompt,
}

type Action = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct SignalState {
    signal: Option<Signal>,
    stopper: Option<Action>,
    waker: Option<Action>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<SignalState>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, SignalState> {
        // Whoever panicked with the lock has left nothing half done in three plain fields.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The signals of this process.
#[derive(Clone, Default)]
pub struct Interrupts {
    shared: Arc<Shared>,
}

/// While it lives, a signal stops what it was made for.
pub struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.state().stopper = None;
    }
}

impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    /// The operating system does not let us.
    pub fn listen(listener: Listener) -> io::Result<Interrupts> {
        // A full quota must arrive as an error of the write; it is enough that the signal is handled.
        signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        let signals = Signals::new([SIGINT, SIGTERM])?;
        let interrupts = Interrupts::default();
        let ears = SignalThread { shared: interrupts.shared.clone(), listener, terminal: cooked() };
        thread::Builder::new().name("signals".to_owned()).spawn(move || ears.listen(signals))?;
        Ok(interrupts)
    }

    /// From now on, and until the answer is dropped, a signal calls this.
    pub fn running(&self, stopper: Action) -> Running {
        let mut state = self.shared.state();
        state.stopper = Some(stopper);
        if state.signal.is_some() {
            insist(self.shared.clone());
        }
        drop(state);
        Running(self.shared.clone())
    }

    /// From now on every signal calls this as well: for whoever waits for input.
    pub fn wake(&self, waker: Action) {
        self.shared.state().waker = Some(waker);
    }

    /// What has come and was not forgotten.
    pub fn received(&self) -> Option<Signal> {
        self.shared.state().signal
    }

    /// Forgets a Ctrl-C; a request to end stays.
    pub fn forget(&self) {
        let mut state = self.shared.state();
        state.signal = state.signal.filter(|signal| *signal == Signal::Terminate);
    }

    /// Waits that long, or until something comes.
    pub fn wait(&self, duration: Duration) -> Option<Signal> {
        let waiting = self.running(Box::new(|| ()));
        self.pause(&waiting, duration)
    }

    /// The same, in the middle of what is running.
    pub fn pause(&self, _running: &Running, duration: Duration) -> Option<Signal> {
        let until = Instant::now() + duration;
        let mut state = self.shared.state();
        while state.signal.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.shared.changed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.signal
    }

    #[cfg(test)]
    pub(super) fn pretend(&self, signal: Signal) {
        self.shared.state().signal = Some(signal);
    }
}

struct SignalThread {
    shared: Arc<Shared>,
    listener: Listener,
    terminal: Option<Termios>,
}

impl SignalThread {
    fn listen(self, mut signals: Signals) {
        for number in signals.forever() {
            self.hear(number);
        }
    }

    fn hear(&self, number: i32) {
        let signal = if number == SIGTERM { Signal::Terminate } else { Signal::Interrupt };
        let (again, idle) = {
            let mut state = self.shared.state();
            let again = state.signal.replace(signal).is_some();
            state.waker.iter().for_each(|wake| wake());
            (again, state.stopper.is_none())
        };
        self.shared.changed.notify_all();
        match self.listener {
            Listener::Program if again => self.end(number),
            Listener::Prompt if idle && signal == Signal::Terminate => self.end(number),
            // A prompt that is being typed at hears of Ctrl-C as a key.
            Listener::Prompt if idle => self.shared.state().signal = None,
            _ => insist(self.shared.clone()),
        }
    }

    /// Ends the process as the signal would have: nothing is half done, the file sees to that.
    fn end(&self, number: i32) {
        if let Some(terminal) = &self.terminal {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, terminal);
        }
        let _ = emulate_default_handler(number);
    }
}

/// Asks what is running to stop until it has, on a thread of its own so that more can be heard.
fn insist(shared: Arc<Shared>) {
    let asking = move || {
        while shared.state().stopper.as_ref().map(|stop| stop()).is_some() {
            thread::sleep(PATIENCE);
        }
    };
    // Where no thread can be had, a second signal still ends the process.
    let _ = thread::Builder::new().spawn(asking);
}

/// How the terminal is when nobody edits a line at it.
fn cooked() -> Option<Termios> {
    tcgetattr(io::stdin()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_came_before_a_statement_stops_it_and_what_is_over_is_left_alone() {
        let interrupts = Interrupts::default();
        interrupts.pretend(Signal::Interrupt);
        let (asked, asks) = channel();
        let running = interrupts.running(Box::new(move || asked.send(()).unwrap_or_default()));
        assert!(asks.recv_timeout(Duration::from_secs(5)).is_ok());
        drop(running);
        // The sender goes with the stopper: nobody can ask any more.
        while asks.recv_timeout(Duration::from_secs(5)).is_ok() {}
        interrupts.forget();
        assert_eq!(interrupts.received(), None);
    }

    #[test]
    fn a_request_to_end_is_not_forgotten_and_ends_a_wait() {
        let interrupts = Interrupts::default();
        assert_eq!(interrupts.wait(Duration::from_millis(1)), None);
        interrupts.pretend(Signal::Terminate);
        interrupts.forget();
        assert_eq!(interrupts.wait(Duration::from_secs(60)), Some(Signal::Terminate));
        assert_eq!(Signal::Terminate.exit_status(), 143);
    }
}
