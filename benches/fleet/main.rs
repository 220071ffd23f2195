//! How fast whole builds are, beside what one would compare them with, in one run.
//!
//! ```text
//! cargo bench                                                  1,000 services in 3 regions
//! cargo bench -- --services 200 --regions 2 --seed 7 --runs 9  another fleet, more runs
//! cargo bench -- --row full --row check                        some rows only, by how their names begin
//! cargo bench -- --generate DIR                                only write its specs, to profile
//! ```
//!
//! Every figure is the wall time of a whole process, start to exit, on the real file system (below
//! `target`), after a `sync`; what is compared runs alternately. The ratio is that of the medians.
//! Nothing here fails: times depend on the machine, ratios hardly do.
//!
//! | Row | What runs | Beside it | At most |
//! |---|---|---|---|
//! | full build | `build` into a folder that is not there | `cp -r` of the tree that it wrote | 1.0 × |
//! | files | how many files that tree has, of 1,000 services in 3 regions | – | 31,000 |
//! | nothing to do | `build` again | `git status` on that tree, committed, index warm | 0.5 × |
//! | one changed | `build` after one value of one spec changed | – | 0.08 s |
//! | in memory | a full build into `/dev/shm` | `cp -r` there | 3.0 × |
//! | step | `build --check` of a tree that is right | – | – |
//! | check | `check` | – | 0.5 s |
//! | watch 20, watch | `check --watch`, from the save of a spec of 20 services, and of all | – | 0.2 s each |
//! | verify, explain, report | the command of that name | – | 1 s each |
//! | lose a zone, lose a region | `simulate` | – | 1 s each |
//! | ten times | a full build of ten times the services | that of the fleet | 10.5 × |
//! | twenty regions | a full build of the services in twenty regions | that of the fleet | 1.05 × its files |
//! | memory | the most that a full build of ten times the services holds | that of the fleet | 250 MB |
//! | diff 450 | `diff` of 450 objects, every service edited: HEAD against a compile | – | 0.08 s |
//! | diff 6,000 | `diff` of two revisions, 6,000 objects or more, 2,400 of them replaced | – | 0.4 s, 200 MB |
//! | diff 50,000 | `diff` of two revisions, 50,000 objects, the same in both | – | 0.6 s, 150 MB |
//! | diff all | `diff` of two revisions of the fleet, every object changed | – | 3 s |
//! | overlays | a full build of 100 services | `kubectl kustomize`, a process for each service and region, over the same objects | 1/100 |
//! | one root | the same | `kubectl kustomize`, a process for each region | 1/100 |
//!
//! kustomize has the easier task: it reads finished manifests and prints them. Its time grows with
//! the square of a root's objects, so that `one root` says little about a larger one.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads clocks and writes files")]
#![expect(clippy::print_stdout, reason = "its output is a table")]

mod commands;
mod diff;
mod generate;

use generate::Size;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

struct Options {
    size: Size,
    runs: usize,
    generate: Option<PathBuf>,
    /// The rows to measure, by the beginnings of their names; all of them when none is named.
    rows: Vec<String>,
}

/// The rows, as the table above names them.
const ROWS: [&str; 23] = [
    "full build",
    "files",
    "nothing to do",
    "one changed",
    "in memory",
    "step",
    "check",
    "watch 20",
    "watch",
    "verify",
    "explain",
    "report",
    "lose a zone",
    "lose a region",
    "ten times",
    "twenty regions",
    "memory",
    "diff 450",
    "diff 6,000",
    "diff 50,000",
    "diff all",
    "overlays",
    "one root",
];

impl Options {
    fn wants(&self, row: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|wanted| row.starts_with(wanted.as_str()))
    }
}

fn main() {
    let Some(options) = options() else { return };
    if let Some(folder) = &options.generate {
        return generate::write(folder, options.size);
    }
    let below = env!("CARGO_TARGET_TMPDIR");
    std::fs::create_dir_all(below).expect("cargo's folder for benchmarks");
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(below).expect("a folder");
    let fleet = Fleet::new(folder.path().join("fleet"), options.size);
    println!(
        "{} services in {} regions, seed {}: {} of specs, {} objects and ledgers, {}",
        options.size.services,
        options.size.regions,
        options.size.seed,
        megabytes(bytes_below(&fleet.specs)),
        count_below(&fleet.out),
        megabytes(bytes_below(&fleet.out)),
    );
    println!("{} runs each, seconds: least, median\n", options.runs);
    println!(
        "{:<14} {:>8} {:>8}   {:<28} {:>8} {:>8}   {:>8}  {:>8}",
        "", "least", "median", "beside", "least", "median", "ratio", "target"
    );
    if options.wants("files") {
        files(&fleet, options.size);
    }
    // What ten times the services are compared with.
    let compared = ["full build", "ten times", "memory", "twenty regions"];
    let compared = compared.into_iter().any(|row| options.wants(row));
    let full = compared.then(|| full_build(&fleet, options.runs));
    if options.wants("in memory") {
        commands::in_memory(&fleet, options.runs);
    }
    if options.wants("nothing to do") {
        nothing_to_do(&fleet, options.runs);
    }
    if options.wants("one changed") {
        one_changed(&fleet, options.runs);
    }
    if options.wants("step") {
        step(&fleet, options.runs);
    }
    commands::reads(&fleet, &options);
    if options.wants("watch 20") || options.wants("watch") {
        commands::watch(folder.path(), &fleet, &options);
    }
    if let Some(full) =
        full.as_ref().filter(|_| options.wants("ten times") || options.wants("memory"))
    {
        ten_times(folder.path(), &fleet, &options, full);
    }
    if let Some(full) = full.as_ref().filter(|_| options.wants("twenty regions")) {
        commands::twenty_regions(folder.path(), &fleet, &options, full);
    }
    diff::all(folder.path(), &options);
    if options.wants("overlays") || options.wants("one root") {
        kustomize(folder.path(), options.size, options.runs);
    }
}

/// The arguments; none when cargo only tests that this compiles.
fn options() -> Option<Options> {
    let size = Size { services: 1000, regions: 3, seed: 1 };
    let mut options = Options { size, runs: 5, generate: None, rows: Vec::new() };
    let mut bench = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} takes a value"));
        let number = |text: String| text.parse::<usize>().unwrap_or_else(|_| panic!("`{text}`?"));
        match argument.as_str() {
            "--bench" => bench = true,
            "--services" => options.size.services = number(value()),
            "--regions" => options.size.regions = number(value()),
            "--seed" => options.size.seed = number(value()) as u64,
            "--runs" => options.runs = number(value()).max(1),
            "--row" => {
                let row = value();
                let is_one = ROWS.iter().any(|known| known.starts_with(row.as_str()));
                assert!(is_one, "no row begins with `{row}`; there are {}", ROWS.join(", "));
                options.rows.push(row);
            }
            "--generate" => options.generate = Some(value().into()),
            _ => panic!("`{argument}` is none of the arguments that benches/fleet/main.rs lists"),
        }
    }
    bench.then_some(options)
}

/// Specs on disk, and the tree that they compile to.
struct Fleet {
    specs: PathBuf,
    out: PathBuf,
    /// Folders that runs have used.
    runs: Cell<usize>,
}

impl Fleet {
    fn new(folder: PathBuf, size: Size) -> Fleet {
        let (specs, out) = (folder.join("specs"), folder.join("out"));
        let fleet = Fleet { specs, out, runs: Cell::new(0) };
        generate::write(&fleet.specs, size);
        run(&mut fleet.build(&fleet.out));
        fleet
    }

    fn build(&self, out: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
        command.args(["build", "--specs"]).arg(&self.specs).arg("--out").arg(out);
        command
    }

    /// The spec of one of its services, and its text.
    fn first_spec(&self) -> (PathBuf, String) {
        let first = files_below(&self.specs.join("services")).into_iter().next();
        let path = first.expect("there is a service");
        let text = std::fs::read_to_string(&path).expect("a spec is text");
        (path, text)
    }

    /// The name of one of its services.
    fn first_service(&self) -> String {
        let (path, _) = self.first_spec();
        path.file_stem().expect("it has a name").to_string_lossy().into_owned()
    }

    /// A folder for one run, beside the tree. None is removed before all is done: ext4 spends most
    /// of its time on stepping over inodes that were freed in the last minutes.
    fn fresh(&self) -> PathBuf {
        let number = self.runs.get();
        self.runs.set(number + 1);
        self.out.with_file_name(format!("run-{number}"))
    }
}

/// Every file costs time to write, to commit and to read in a review.
fn files(fleet: &Fleet, size: Size) {
    let files = count_below(&fleet.out);
    let max = 31 * size.services * size.regions / 3;
    println!(
        "{:<14} {:>8} {files:>8}   {:<28} {:>8} {:>8}   {:>8}  {max:>8}  {}",
        "files",
        "",
        "",
        "",
        "",
        "",
        verdict(files <= max)
    );
}

fn full_build(fleet: &Fleet, runs: usize) -> Times {
    let (mut builds, mut copies) = (Times::default(), Times::default());
    for _ in 0..runs {
        let fresh = fleet.fresh();
        builds.add(timed(&mut fleet.build(&fresh)));
        let fresh = fleet.fresh();
        copies.add(timed(Command::new("cp").arg("-r").arg(&fleet.out).arg(fresh)));
    }
    row("full build", &builds, Some(("cp -r", &copies)), Target::Ratio(1.0));
    builds
}

fn nothing_to_do(fleet: &Fleet, runs: usize) {
    let repository = fleet.out.with_file_name("git");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&repository).arg("--work-tree").arg(&fleet.out);
        command.args(["-c", "user.name=bench", "-c", "user.email=bench@example.com"]);
        command.args(["-c", "gc.auto=0"]).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        command
    };
    let there = exists("git");
    if there {
        for step in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "tree"]] {
            run(&mut git(step));
        }
        // The index must be newer than what it lists, or git reads every file again.
        std::thread::sleep(Duration::from_millis(1100));
        run(&mut git(&["update-index", "-q", "--refresh"]));
    }
    let (mut builds, mut statuses) = (Times::default(), Times::default());
    for _ in 0..runs.max(9) {
        builds.add(timed(&mut fleet.build(&fleet.out)));
        if there {
            statuses.add(timed(&mut git(&["status", "--short"])));
        }
    }
    let beside = there.then_some(("git status", &statuses));
    row("nothing to do", &builds, beside, Target::Ratio(0.5));
    if !there {
        println!("SKIPPED: there is no git to compare with");
    }
}

fn one_changed(fleet: &Fleet, runs: usize) {
    let (path, before) = fleet.first_spec();
    let mut builds = Times::default();
    for number in 0..runs.max(9) {
        let after = before.replace("[config]\n", &format!("[config]\nCHANGE = {number}\n"));
        std::fs::write(&path, after).expect("the spec is changed");
        builds.add(timed(&mut fleet.build(&fleet.out)));
    }
    std::fs::write(&path, before).expect("the spec is put back");
    run(&mut fleet.build(&fleet.out));
    row("one changed", &builds, None, Target::Seconds(0.08));
}

fn step(fleet: &Fleet, runs: usize) {
    let mut checks = Times::default();
    for _ in 0..runs {
        checks.add(timed(fleet.build(&fleet.out).arg("--check")));
    }
    row("step", &checks, None, Target::None);
}

fn ten_times(folder: &Path, fleet: &Fleet, options: &Options, full: &Times) {
    let size = Size { services: options.size.services * 10, ..options.size };
    let large = Fleet::new(folder.join("large"), size);
    let mut builds = Times::default();
    for _ in 0..options.runs.min(3) {
        builds.add(timed(&mut large.build(&large.fresh())));
    }
    row("ten times", &builds, Some(("full build", full)), Target::Ratio(10.5));
    let (max, small) =
        (peak(&mut large.build(&large.fresh())), peak(&mut fleet.build(&fleet.fresh())));
    let (Some(max), Some(small)) = (max, small) else {
        println!("SKIPPED: memory is read from /proc, which is not here");
        return;
    };
    println!(
        "{:<14} {:>8} {:>8}   {:<28} {:>8} {:>8}   {:>8.2}  {:>8}  {}",
        "memory",
        "",
        megabytes(max),
        "full build",
        "",
        megabytes(small),
        ratio(max, small),
        "250 MB",
        verdict(max <= 250_000_000)
    );
}

/// kustomize refuses files outside the folder of a kustomization, so each lies in the folder that
/// it lists: first in those of services, then in those of regions.
fn kustomize(folder: &Path, size: Size, runs: usize) {
    if !exists("kubectl") {
        println!("SKIPPED: there is no kubectl to compare with");
        return;
    }
    let size = Size { services: size.services.min(100), ..size };
    let fleet = Fleet::new(folder.join("kustomize"), size);
    // Ledgers, pages and what a person applies once are no part of what is delivered.
    let delivered = |path: &PathBuf| !path.ends_with("ledger") && !path.ends_with("recovery");
    let regions: Vec<PathBuf> = children(&fleet.out).into_iter().filter(delivered).collect();
    let objects: usize = regions.iter().map(|region| count_below(region)).sum();
    let overlays: Vec<PathBuf> = regions.iter().flat_map(|region| children(region)).collect();
    let build = |folders: &[PathBuf]| {
        let begin = Instant::now();
        for folder in folders {
            run(Command::new("kubectl").arg("kustomize").arg(folder));
        }
        begin.elapsed()
    };
    let mut builds = Times::default();
    let (mut each, mut whole) = (Times::default(), Times::default());
    for _ in 0..runs {
        builds.add(timed(&mut fleet.build(&fleet.fresh())));
    }
    overlays.iter().for_each(|overlay| kustomization(overlay));
    each.add(build(&overlays));
    overlays.iter().for_each(|overlay| {
        std::fs::remove_file(overlay.join(KUSTOMIZATION)).expect("the overlay is removed");
    });
    regions.iter().for_each(|region| kustomization(region));
    for _ in 0..runs.min(3) {
        whole.add(build(&regions));
    }
    let beside = format!("kustomize, {} overlays", overlays.len());
    row("overlays", &builds, Some((&beside, &each)), Target::Ratio(0.01));
    let beside = format!("kustomize, {} roots", regions.len());
    row("one root", &builds, Some((&beside, &whole)), Target::Ratio(0.01));
    println!(
        "\n{objects} objects of {} services: Ninefold {:.1} µs each, kustomize by overlay {:.0} µs, by root {:.0} µs",
        size.services,
        builds.median() * 1e6 / ratio(objects, 1),
        each.median() * 1e6 / ratio(objects, 1),
        whole.median() * 1e6 / ratio(objects, 1),
    );
}

const KUSTOMIZATION: &str = "kustomization.yaml";

/// Lists every file below a folder as a resource.
fn kustomization(folder: &Path) {
    let resources: String = files_below(folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.strip_prefix(folder).expect("it is below"))
        .map(|path| format!("- {}\n", path.display()))
        .collect();
    let text = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{resources}"
    );
    std::fs::write(folder.join(KUSTOMIZATION), text).expect("the kustomization is written");
}

/// Wall times of one command, in seconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
        self.0.sort_by(f64::total_cmp);
    }

    fn min(&self) -> f64 {
        self.0[0]
    }

    fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
}

enum Target {
    /// At most so many times the other.
    Ratio(f64),
    /// At most so long.
    Seconds(f64),
    None,
}

fn row(what: &str, times: &Times, beside: Option<(&str, &Times)>, target: Target) {
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

fn verdict(kept: bool) -> &'static str {
    if kept { "PASS" } else { "MISSED" }
}

/// Runs a command that must succeed.
fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} fails: {errors}");
}

/// How long a command takes, once what was written before is on the disk.
fn timed(command: &mut Command) -> Duration {
    run(&mut Command::new("sync"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let status = command.status().expect("the command starts");
    let time = begin.elapsed();
    assert!(status.success(), "{command:?} fails");
    time
}

/// The most memory that a command held, in bytes, as the kernel counts it.
fn peak(command: &mut Command) -> Option<usize> {
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

fn exists(program: &str) -> bool {
    Command::new(program)
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut files): (Vec<_>, Vec<_>) =
        children(folder).into_iter().partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files
}

fn count_below(folder: &Path) -> usize {
    files_below(folder).len()
}

fn bytes_below(folder: &Path) -> usize {
    let size = |path: &PathBuf| std::fs::metadata(path).expect("the file is there").len();
    let bytes: u64 = files_below(folder).iter().map(size).sum();
    usize::try_from(bytes).expect("it fits the disk")
}

fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", ratio(bytes, 1_000_000))
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn ratio(a: usize, b: usize) -> f64 {
    a as f64 / b as f64
}
