//! What a terminal shows while a command takes more than a second, and how long each part took.

#![expect(clippy::disallowed_methods, reason = "how long it took goes to a terminal alone")]

use super::print;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Once;
use std::time::{Duration, Instant};

/// A command that is shorter than this shows nothing.
const QUIET: Duration = Duration::from_secs(1);

/// How many units are compiled. It is drawn on a terminal alone, and gone when it is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    shown: Once,
}

impl Progress {
    /// Nothing is done yet of `total`.
    pub(super) fn of(total: usize) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:30} {pos} of {len} services, {eta} left");
        let bar = bar.with_style(style.expect("a test draws it"));
        Progress { bar, begun: Instant::now(), shown: Once::new() }
    }

    /// One more is done.
    pub(super) fn step(&self) {
        if self.begun.elapsed() > QUIET {
            self.shown.call_once(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
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
    fn a_bar_counts_and_shows_nothing_in_the_first_second() {
        let progress = Progress::of(3);
        progress.step();
        assert_eq!((progress.bar.position(), progress.bar.length()), (1, Some(3)));
        assert!(!progress.shown.is_completed());
    }
}
