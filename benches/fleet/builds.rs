//! How fast builds are, of a whole tree, of one service, and of nothing.

use super::fleet::Fleet;
use super::generate::Size;
use super::measure::{Target, Times, exists, row, run, timed, verdict};
use super::repository::Repository;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Every file costs time to write, to commit and to read in a review.
pub(crate) fn files(fleet: &Fleet, size: Size) {
    let files = fleet.files;
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

pub(crate) fn full_build(fleet: &Fleet, runs: usize) -> Times {
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

/// The same in memory, where a copy costs least: there is no disk to wait for.
pub(crate) fn in_memory(fleet: &Fleet, runs: usize) {
    let memory = Path::new("/dev/shm");
    let Ok(folder) = tempfile::Builder::new().prefix("bench-").tempdir_in(memory) else {
        println!("SKIPPED: there is no file system in memory");
        return;
    };
    let (mut builds, mut copies) = (Times::default(), Times::default());
    for number in 0..runs {
        let [build, copy] =
            ["build", "copy"].map(|name| folder.path().join(format!("{name}-{number}")));
        builds.add(timed(&mut fleet.build(&build)));
        copies.add(timed(Command::new("cp").arg("-r").arg(&build).arg(&copy)));
        for folder in [build, copy] {
            std::fs::remove_dir_all(folder).expect("the folder is removed");
        }
    }
    row("in memory", &builds, Some(("cp -r", &copies)), Target::Ratio(3.0));
}

pub(crate) fn nothing_to_do(fleet: &Fleet, runs: usize) {
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

pub(crate) fn one_changed(fleet: &Fleet, runs: usize) {
    row("one changed", &changed(fleet, runs.max(9)), None, Target::Seconds(0.08));
}

/// How long a build takes after one value of one spec changed.
pub(crate) fn changed(fleet: &Fleet, runs: usize) -> Times {
    let (path, before) = fleet.first_spec();
    let mut builds = Times::default();
    for _ in 0..runs {
        fleet.change(&before);
        builds.add(timed(&mut fleet.build(&fleet.out)));
    }
    std::fs::write(&path, before).expect("the spec is put back");
    run(&mut fleet.build(&fleet.out));
    builds
}

/// One more change since the last commit: what was built before it was never delivered.
pub(crate) fn edited_again(folder: &Path, size: Size, runs: usize) {
    if !exists("git") {
        println!("SKIPPED: there is no git in which something was delivered");
        return;
    }
    let repository = Repository::new(folder.join("again"), size);
    let fleet = &repository.fleet;
    let (_, before) = fleet.first_spec();
    let mut builds = Times::default();
    // The first one is the first since the commit, and the second one asks who was delivered.
    for number in 0..2 + runs.max(9) {
        fleet.change(&before);
        let time = timed(&mut fleet.build(&fleet.out));
        if number >= 2 {
            builds.add(time);
        }
    }
    row("edited again", &builds, None, Target::Seconds(0.08));
}

/// How long a build takes that has nothing to do.
pub(crate) fn again(fleet: &Fleet, runs: usize) -> Times {
    let mut builds = Times::default();
    for _ in 0..runs {
        builds.add(timed(&mut fleet.build(&fleet.out)));
    }
    builds
}

pub(crate) fn step(fleet: &Fleet, runs: usize) {
    row("step", &steps(fleet, runs), None, Target::None);
}

/// How long it takes to find that a tree is right.
pub(crate) fn steps(fleet: &Fleet, runs: usize) -> Times {
    let mut checks = Times::default();
    for _ in 0..runs {
        checks.add(timed(fleet.build(&fleet.out).arg("--check")));
    }
    checks
}
