//! Ctrl-C and SIGTERM: they stop the running statement, never half of one.
//!
//! Invariant: a stop is requested repeatedly until the statement has ended, so a request that
//! arrives while a statement is about to begin is not lost. After the statement nothing is stopped
//! any more. This module deliberately does not know what a statement is, nor who ends the program.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// The interval between two requests to a statement to stop.
const PATIENCE: Duration = Duration::from_millis(20);

/// A signal that the program handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT (Ctrl-C).
    Interrupt,
    /// SIGTERM, a request to end.
    Terminate,
}

impl Signal {
    /// Returns the exit status of a process that the signal ended.
    pub fn exit_status(self) -> u8 {
        match self {
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
        }
    }
}

/// How signals are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// A non-interactive run: a signal ends it after the statement, a second one immediately.
    Program,
    /// A prompt: Ctrl-C only stops the statement.
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
        // A thread that panicked while holding the lock cannot have left these three plain fields
        // inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The signals of this process.
#[derive(Clone, Default)]
pub struct Interrupts {
    shared: Arc<Shared>,
}

/// While this exists, a signal calls its stopper.
pub struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.state().stopper = None;
    }
}

impl Interrupts {
    /// Starts to handle signals.
    ///
    /// # Errors
    /// The operating system refuses it.
    pub fn listen(listener: Listener) -> io::Result<Interrupts> {
        // An exceeded file size limit must be reported as a write error; for this the signal only
        // has to be handled.
        signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        let signals = Signals::new([SIGINT, SIGTERM])?;
        let interrupts = Interrupts::default();
        let ears = SignalThread { shared: interrupts.shared.clone(), listener, terminal: cooked() };
        thread::Builder::new().name("signals".to_owned()).spawn(move || ears.listen(signals))?;
        Ok(interrupts)
    }

    /// Makes signals call `stopper` until the returned value is dropped.
    pub fn running(&self, stopper: Action) -> Running {
        let mut state = self.shared.state();
        state.stopper = Some(stopper);
        if state.signal.is_some() {
            insist(self.shared.clone());
        }
        drop(state);
        Running(self.shared.clone())
    }

    /// Makes every signal also call `waker`, for a thread that waits for input.
    pub fn wake(&self, waker: Action) {
        self.shared.state().waker = Some(waker);
    }

    /// Returns the signal that was received and not cleared.
    pub fn received(&self) -> Option<Signal> {
        self.shared.state().signal
    }

    /// Clears a Ctrl-C; SIGTERM stays.
    pub fn forget(&self) {
        let mut state = self.shared.state();
        state.signal = state.signal.filter(|signal| *signal == Signal::Terminate);
    }

    /// Waits for a duration, or until a signal arrives.
    pub fn wait(&self, duration: Duration) -> Option<Signal> {
        let waiting = self.running(Box::new(|| ()));
        self.pause(&waiting, duration)
    }

    /// Does the same while something is running.
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
            // While a line is being edited, the prompt receives Ctrl-C as a key.
            Listener::Prompt if idle => self.shared.state().signal = None,
            _ => insist(self.shared.clone()),
        }
    }

    /// Ends the process as the signal would have. The file is consistent at any time.
    fn end(&self, number: i32) {
        if let Some(terminal) = &self.terminal {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, terminal);
        }
        let _ = emulate_default_handler(number);
    }
}

/// Calls the stopper repeatedly until the statement has ended. This happens in a separate thread,
/// so that further signals are handled.
fn insist(shared: Arc<Shared>) {
    let asking = move || {
        while shared.state().stopper.as_ref().map(|stop| stop()).is_some() {
            thread::sleep(PATIENCE);
        }
    };
    // If no thread can be created, a second signal still ends the process.
    let _ = thread::Builder::new().spawn(asking);
}

/// Returns the terminal's settings outside of line editing.
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
        assert!(asks.recv().is_ok());
        drop(running);
        // The sender is dropped with the stopper, so nothing can be requested any more.
        while asks.recv().is_ok() {}
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
