//! The standard streams: whether they are terminals, their size and colour, and whether stdout is
//! read.
//!
//! Invariant: the properties are queried again for every output, because windows are resized. This
//! module deliberately does not know what is displayed.

use std::io::IsTerminal;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::render::{Audience, Color};

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorWish {
    /// At terminals that support it, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always, even in pipes and files.
    Always,
    /// Colour is never used.
    Never,
}

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The number of columns.
    pub columns: usize,
    /// The number of lines.
    pub rows: usize,
}

/// Returns who reads a stream.
pub fn audience(stream: &impl IsTerminal) -> Audience {
    if stream.is_terminal() { Audience::People } else { Audience::Machines }
}

/// Returns whether stdin and stdout are both terminals.
pub fn interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Returns the size of the terminal at stdout, if there is one and its size is known.
pub fn size() -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    let (columns, rows) = (usize::from(size.ws_col), usize::from(size.ws_row));
    (columns > 0 && rows > 0).then_some(Size { columns, rows })
}

/// The state of the reader of stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderState {
    /// It accepts data: a few thousand bytes can be written without blocking.
    Ready,
    /// It accepts nothing at present.
    Slow,
    /// It has closed its end.
    Gone,
}

/// Returns the state of the reader of stdout; waits at most `wait` until it accepts data.
pub fn reader(wait: Duration) -> ReaderState {
    let stdout = std::io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::OUT)];
    // If the wait cannot be represented or is interrupted, it is a short one.
    let wait = Timespec::try_from(wait).unwrap_or_default();
    let told = poll(&mut asked, Some(&wait)).map_or(PollFlags::empty(), |_| asked[0].revents());
    if told.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
        ReaderState::Gone
    } else if told.contains(PollFlags::OUT) {
        ReaderState::Ready
    } else {
        ReaderState::Slow
    }
}

/// Returns whether output for this audience is coloured.
pub fn color(wish: ColorWish, reader: Audience) -> Color {
    let plain = |name: &str, is: fn(&str) -> bool| {
        std::env::var_os(name).is_some_and(|value| is(&value.to_string_lossy()))
    };
    let on = match wish {
        ColorWish::Always => true,
        ColorWish::Never => false,
        ColorWish::Auto => {
            reader == Audience::People
                && !plain("NO_COLOR", |value| !value.is_empty())
                && !plain("TERM", |value| value == "dumb")
        }
    };
    if on { Color::On } else { Color::Off }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_counts_more_than_the_terminal() {
        assert_eq!(color(ColorWish::Always, Audience::Machines), Color::On);
        assert_eq!(color(ColorWish::Never, Audience::People), Color::Off);
        assert_eq!(color(ColorWish::Auto, Audience::Machines), Color::Off);
    }
}
