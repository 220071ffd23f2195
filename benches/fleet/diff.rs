//! How fast `diff` is: revisions of git, and the compile of the working tree.

use super::Options;
use super::generate::Size;
use super::measure::{Target, Times, exists, megabytes, peak, row, run, timed, verdict};
use super::repository::Repository;
use std::path::Path;

/// Objects of one service in one region, about.
const OBJECTS: usize = 7;

pub(crate) fn all(folder: &Path, options: &Options) {
    if !exists("git") {
        println!("SKIPPED: there is no git to read revisions from");
        return;
    }
    let regions = options.size.regions;
    let of = |objects: usize| Size { services: objects / OBJECTS / regions, ..options.size };

    if options.wants("diff 450") {
        small(folder, options, of(450));
    }
    if options.wants("diff 6,000") {
        middle(folder, options, Size { services: 1200 / regions, ..options.size });
    }
    if options.wants("diff 50,000") {
        large(folder, options, of(50_000));
    }
    if options.wants("diff all") {
        everything(folder, options, options.size);
    }
}

fn small(folder: &Path, options: &Options, size: Size) {
    let small = Repository::new(folder.join("diff-450"), size);
    small.edit();
    let mut times = Times::default();
    for _ in 0..options.runs.max(9) {
        times.add(timed(&mut small.diff(&["--from", "HEAD"])));
    }
    small.say(&["--from", "HEAD"]);
    row("diff 450", &times, None, Target::Seconds(0.08));
}

/// Of each service in each region a ConfigMap and a Deployment are replaced.
fn middle(folder: &Path, options: &Options, size: Size) {
    let middle = Repository::new(folder.join("diff-6000"), size);
    middle.edit();
    run(&mut middle.fleet.build(&middle.fleet.out));
    middle.commit();
    of_revisions(&middle, options, ("diff 6,000", 0.4));
    memory(&middle, 200_000_000);
}

fn large(folder: &Path, options: &Options, size: Size) {
    let large = Repository::new(folder.join("diff-50000"), size);
    std::fs::write(large.top().join("README.md"), "text\n").expect("a file is written");
    large.commit();
    of_revisions(&large, options, ("diff 50,000", 0.6));
    memory(&large, 150_000_000);
}

fn everything(folder: &Path, options: &Options, size: Size) {
    let all = all_changed(&folder.join("diff-all"), size);
    of_revisions(&all, options, ("diff all", 3.0));
}

/// A fleet that another engine delivers since the last commit, which every object says.
pub(crate) fn all_changed(folder: &Path, size: Size) -> Repository {
    let all = Repository::new(folder.to_owned(), size);
    let fleet = all.fleet.specs.join("fleet.toml");
    let text = std::fs::read_to_string(&fleet).expect("a spec is text");
    let other = text.replace("delivery = \"argo-cd\"\n", "delivery = \"flux\"\n");
    assert_ne!(text, other, "the generator writes the engine");
    std::fs::write(&fleet, other).expect("the spec is changed");
    run(&mut all.fleet.build(&all.fleet.out));
    all.commit();
    all
}

/// What a diff of the last two revisions is asked.
const REVISIONS: [&str; 4] = ["--from", "HEAD~1", "--to", "HEAD"];

/// The row of a diff of the last two revisions, and the seconds that it may take.
fn of_revisions(repository: &Repository, options: &Options, (name, bar): (&str, f64)) {
    let times = revisions(repository, options.runs);
    repository.say(&REVISIONS);
    row(name, &times, None, Target::Seconds(bar));
}

/// How long a diff of the last two revisions takes.
pub(crate) fn revisions(repository: &Repository, runs: usize) -> Times {
    let mut times = Times::default();
    for _ in 0..runs {
        times.add(timed(&mut repository.diff(&REVISIONS)));
    }
    times
}

/// The most that a diff of the last two revisions holds, beside `bar`, in bytes.
fn memory(repository: &Repository, bar: usize) {
    let Some(max) = peak(&mut repository.diff(&REVISIONS)) else {
        return;
    };
    let (kept, bar) = (verdict(max <= bar), megabytes(bar));
    println!("{:<14} {:>8} {:>8}{:>59}  {kept}", "its memory", "", megabytes(max), bar);
}
