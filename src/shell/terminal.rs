//! What is at the other end of the standard streams: a terminal, how large, and whether in colour.
//!
//! Invariant: asked anew whenever something is shown, since a window changes its size. It
//! deliberately does not know what is shown.

use std::io::IsTerminal;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::render::{Audience, Color};

/// When there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorWish {
    /// At terminals that have it, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// The columns and rows of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many characters fit on a line.
    pub columns: usize,
    /// How many lines there are.
    pub rows: usize,
}

/// Who is at the other end of that stream.
pub fn audience(stream: &impl IsTerminal) -> Audience {
    if stream.is_terminal() { Audience::People } else { Audience::Machines }
}

/// Whether somebody can type to us and see the answer.
pub fn interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// The size of the terminal at stdout, where one is and knows it.
pub fn size() -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    let (columns, rows) = (usize::from(size.ws_col), usize::from(size.ws_row));
    (columns > 0 && rows > 0).then_some(Size { columns, rows })
}

/// Whoever reads stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderState {
    /// Takes more: some thousand bytes can be written without waiting.
    Ready,
    /// Takes nothing at the moment.
    Slow,
    /// Went away.
    Gone,
}

/// How whoever reads stdout is, after waiting no longer than that until he takes more.
pub fn reader(wait: Duration) -> ReaderState {
    let stdout = std::io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::OUT)];
    // A wait that cannot be told to the system, or was interrupted, is a short one.
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

/// Whether what goes to such a reader is coloured.
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
