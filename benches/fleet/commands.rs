//! How fast the commands are that read a fleet or its tree.

use super::Options;
use super::fleet::Fleet;
use super::generate::Size;
use super::measure::{Target, Times, row, timed};
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Instant;

/// A row, the arguments of its command, which inputs these name, and the bar in seconds.
pub(crate) type Read = (&'static str, &'static [&'static str], Inputs, f64);

/// What a command is told to read.
#[derive(Clone, Copy)]
pub(crate) enum Inputs {
    Specs,
    Tree,
    Both,
}

/// Whoever waits for an answer waits for these.
pub(crate) const READ: &[Read] = &[
    ("check", &["check"], Inputs::Specs, 0.5),
    ("verify", &["verify"], Inputs::Tree, 1.0),
    ("lose a zone", &["simulate", "--lose", "zone"], Inputs::Both, 1.0),
    ("lose a region", &["simulate", "--lose", "region"], Inputs::Both, 1.0),
    ("explain", &["explain"], Inputs::Specs, 1.0),
    ("report", &["report"], Inputs::Both, 1.0),
];

/// Every command that only reads.
pub(crate) fn reads(fleet: &Fleet, options: &Options) {
    for read in READ.iter().filter(|(name, ..)| options.wants(name)) {
        row(read.0, &times(fleet, read, options.runs), None, Target::Seconds(read.3));
    }
}

/// How long one of them takes.
pub(crate) fn times(fleet: &Fleet, (_, arguments, inputs, _): &Read, runs: usize) -> Times {
    let mut times = Times::default();
    for _ in 0..runs {
        times.add(timed(&mut command(fleet, arguments, *inputs)));
    }
    times
}

fn command(fleet: &Fleet, arguments: &[&str], inputs: Inputs) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    command.args(arguments);
    if arguments == ["explain"] {
        command.arg(fleet.first_service());
    }
    if matches!(inputs, Inputs::Specs | Inputs::Both) {
        command.arg("--specs").arg(&fleet.specs);
    }
    if matches!(inputs, Inputs::Tree | Inputs::Both) {
        command.arg("--out").arg(&fleet.out);
    }
    command
}

/// From the moment at which a spec was saved until all is told of it.
pub(crate) fn watch(folder: &Path, fleet: &Fleet, options: &Options) {
    let few = Size { services: 20, ..options.size };
    row("watch 20", &saved(&Fleet::new(folder.join("few"), few), options), None, SOON);
    row("watch", &saved(fleet, options), None, SOON);
}

/// What whoever types does not notice.
const SOON: Target = Target::Seconds(0.2);

fn saved(fleet: &Fleet, options: &Options) -> Times {
    let (path, before) = fleet.first_spec();
    let mut command = command(fleet, &["check", "--watch", "--format", "json"], Inputs::Specs);
    let mut watch =
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut lines = BufReader::new(watch.stdout.take().expect("it is piped")).lines();
    told(&mut lines);
    let mut times = Times::default();
    for _ in 0..options.runs.max(9) {
        fleet.change(&before);
        let saved = Instant::now();
        told(&mut lines);
        times.add(saved.elapsed());
    }
    watch.kill().expect("it runs until somebody ends it");
    watch.wait().expect("it ends");
    std::fs::write(&path, before).expect("the spec is put back");
    times
}

/// Waits for the line behind the findings of a look.
fn told(lines: &mut Lines<BufReader<ChildStdout>>) {
    let mut lines = lines.map(|line| line.expect("it is text"));
    lines.find(|line| line.contains("\"look\":")).expect("a look ends");
}
