//! What a terminal shows while a command takes more than a second, and how long each part took.

#![expect(clippy::disallowed_methods, reason = "how long it took goes to a terminal alone")]

use super::print;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A command that is shorter than this shows nothing.
const QUIET: Duration = Duration::from_secs(1);

/// How often a terminal is updated.
const EACH: Duration = Duration::from_millis(100);

/// How long the bar is, in characters.
const LONG: usize = 30;

/// Takes back what stands in the line.
const ERASE: &str = "\r\u{1b}[K";

/// How many services are compiled: a line of a terminal, which is gone when this is dropped.
pub(super) struct Progress {
    total: usize,
    begun: Instant,
    terminal: bool,
    /// How many are done, and when that was last shown.
    done: Mutex<(usize, Option<Instant>)>,
}

impl Progress {
    /// Nothing is done yet of `total`.
    pub(super) fn of(total: usize) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        Progress { total, begun: Instant::now(), terminal, done: Mutex::default() }
    }

    /// One more is done.
    pub(super) fn step(&self) {
        if !self.terminal {
            return;
        }
        let mut state = self.done.lock().expect("no thread panics in here");
        let (done, shown) = &mut *state;
        *done += 1;
        let now = Instant::now();
        let due = shown.is_none_or(|shown| now - shown > EACH);
        if now - self.begun > QUIET && due {
            *shown = Some(now);
            print::progress(&format!("{ERASE}{}", self.line(*done)));
        }
    }

    fn line(&self, done: usize) -> String {
        let full = done * LONG / self.total.max(1);
        let bar = format!("{}{}", "━".repeat(full), "─".repeat(LONG - full));
        format!("{bar} {done} of {} services", self.total)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.done.lock().is_ok_and(|state| state.1.is_some()) {
            print::progress(ERASE);
        }
    }
}

/// How long the parts of a command took, one after the other.
pub(super) struct Timings {
    begun: Instant,
    last: Instant,
    parts: Vec<(&'static str, Duration)>,
}

impl Timings {
    /// The first part begins.
    pub(super) fn begin() -> Timings {
        let now = Instant::now();
        Timings { begun: now, last: now, parts: Vec::new() }
    }

    /// A part has ended, and the next one begins.
    pub(super) fn end(&mut self, part: &'static str) {
        let now = Instant::now();
        self.parts.push((part, now - self.last));
        self.last = now;
    }

    /// Prints them, if `wanted`.
    pub(super) fn print(&self, wanted: bool) {
        if wanted {
            print::error(&self.text(self.begun.elapsed()));
        }
    }

    fn text(&self, whole: Duration) -> String {
        let line = |(part, time): &(&str, Duration)| format!("  {part:<10} {time:>9.1?}\n");
        let parts: String = self.parts.iter().map(line).collect();
        format!("timings:\n{parts}{}", line(&("in all", whole)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_in_their_order_and_add_up() {
        let mut timings = Timings::begin();
        timings.end("read");
        timings.end("compile");
        timings.parts[0].1 = Duration::from_millis(12);
        timings.parts[1].1 = Duration::from_millis(1234);
        assert_eq!(
            timings.text(Duration::from_millis(1246)),
            "timings:\n  read          12.0ms\n  compile         1.2s\n  in all          1.2s\n"
        );
    }

    #[test]
    fn a_bar_is_as_full_as_what_is_done() {
        let progress = Progress::of(4);
        let bar = |full: usize| format!("{}{}", "━".repeat(full), "─".repeat(LONG - full));
        assert_eq!(progress.line(0), format!("{} 0 of 4 services", bar(0)));
        assert_eq!(progress.line(2), format!("{} 2 of 4 services", bar(15)));
        assert_eq!(progress.line(4), format!("{} 4 of 4 services", bar(30)));
    }

    #[test]
    fn nothing_is_shown_where_no_terminal_is_and_in_the_first_second() {
        let mut progress = Progress::of(3);
        progress.terminal = true;
        progress.step();
        assert_eq!(*progress.done.lock().unwrap(), (1, None));
        progress.terminal = false;
        progress.step();
        assert_eq!(*progress.done.lock().unwrap(), (1, None));
    }
}
