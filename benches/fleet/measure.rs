//! Times and memory of whole processes, and the rows that say them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Wall times of one command, in seconds.
#[derive(Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
        self.0.sort_by(f64::total_cmp);
    }

    fn min(&self) -> f64 {
        self.0[0]
    }

    pub(crate) fn join(&mut self, other: Times) {
        self.0.extend(other.0);
        self.0.sort_by(f64::total_cmp);
    }

    pub(crate) fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
}

pub(crate) enum Target {
    /// At most so many times the other.
    Ratio(f64),
    /// At most so long.
    Seconds(f64),
    None,
}

pub(crate) fn row(what: &str, times: &Times, beside: Option<(&str, &Times)>, target: Target) {
    let ratio = beside.map(|(_, other)| times.median() / other.median());
    let (target, kept) = match target {
        Target::Ratio(max) => (format!("{max:.2} ×"), ratio.map(|ratio| ratio <= max)),
        Target::Seconds(max) => (format!("{max} s"), Some(times.median() <= max)),
        Target::None => (String::new(), None),
    };
    let (name, min, median) = beside.map_or_else(Default::default, |(name, other)| {
        (name, format!("{:.3}", other.min()), format!("{:.3}", other.median()))
    });
    println!(
        "{what:<14} {:>8.3} {:>8.3}   {name:<28} {min:>8} {median:>8}   {:>8}  {target:>8}  {}",
        times.min(),
        times.median(),
        ratio.map_or(String::new(), |ratio| format!("{ratio:.3}")),
        kept.map_or("", verdict)
    );
}

pub(crate) fn verdict(kept: bool) -> &'static str {
    if kept { "PASS" } else { "MISSED" }
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} fails: {errors}");
}

/// How long a command takes, once what was written before is on the disk.
pub(crate) fn timed(command: &mut Command) -> Duration {
    run(&mut Command::new("sync"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let status = command.status().expect("the command starts");
    let time = begin.elapsed();
    assert!(status.success(), "{command:?} fails");
    time
}

/// The most memory that a command held, in bytes, as the kernel counts it.
pub(crate) fn peak(command: &mut Command) -> Option<usize> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the command starts");
    let path = format!("/proc/{}/status", child.id());
    let mut max = None;
    while child.try_wait().expect("a child can be waited for").is_none() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        max = max.max(kibibytes.map(|kibibytes: usize| kibibytes * 1024));
        std::thread::sleep(Duration::from_millis(1));
    }
    max
}

pub(crate) fn exists(program: &str) -> bool {
    Command::new(program)
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

pub(crate) fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", ratio(bytes, 1_000_000))
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
pub(crate) fn ratio(a: usize, b: usize) -> f64 {
    a as f64 / b as f64
}
