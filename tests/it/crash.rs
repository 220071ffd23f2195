//! Builds of the real binary that are killed, run out of disk, or cannot write.
//!
//! Whatever the instant, the next build gives exactly what an undisturbed one gives, `verify` sees
//! that something is wrong until then, nothing of anybody else's is touched, and the former
//! generation is there.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that runs the binary on a disk, against the clock"
)]

use crate::history::FLEET;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Enough for a build to be hit while it writes.
const SERVICES: usize = 80;

fn ninefold(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    command.current_dir(folder).args(arguments);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    ninefold(folder, arguments).output().unwrap()
}

fn ok(folder: &Path, arguments: &[&str]) {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Specs of a fleet at one of its states; every change of the state changes every service: its
/// configuration, and, from 2 on, its files, so that paths come and go.
fn specs(folder: &Path, services: usize, state: usize) {
    std::fs::create_dir_all(folder.join("specs")).unwrap();
    std::fs::write(folder.join("specs/fleet.toml"), FLEET).unwrap();
    for n in 0..services {
        let digest = "a".repeat(64);
        let mut spec = format!(
            "name = \"s{n}\"\nimage = \"r.example.com/a@sha256:{digest}\"\ntier = \"silver\"\nregions = [\"east\"]\nrpo = \"4h\"\nrto = \"4h\"\n[config]\nA = \"{state}\"\n",
        );
        if state >= 2 {
            spec.push_str("[[files]]\nname = \"f\"\npath = \"/etc/f\"\ncontent = \"x\"\n");
        }
        std::fs::write(folder.join(format!("specs/s{n}.toml")), spec).unwrap();
    }
}

/// Every file below a folder, but not what a commit keeps for itself.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(folder).unwrap().to_owned();
        if entry.file_type().is_file() && !path.starts_with(".ninefold-staging") {
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
    files
}

fn copy(from: &Path, to: &Path) {
    // Links are enough: a build never writes into a file, it puts another into its place.
    let done = Command::new("cp").arg("-al").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

/// A fleet that was built at state 1, with a stranger's file in it, and its specs at state 2; and
/// the tree that an undisturbed build makes of that.
struct Bench {
    root: tempfile::TempDir,
    first: BTreeMap<PathBuf, Vec<u8>>,
    undisturbed: BTreeMap<PathBuf, Vec<u8>>,
    takes: Duration,
}

impl Bench {
    fn new(services: usize) -> Bench {
        let root = crate::workbench::folder();
        let first = root.path().join("first");
        specs(&first, services, 1);
        ok(&first, &["build"]);
        std::fs::write(first.join("out/east/NOTES"), "mine").unwrap();
        specs(&first, services, 2);
        let done = root.path().join("done");
        copy(&first, &done);
        let start = Instant::now();
        ok(&done, &["build"]);
        let takes = start.elapsed();
        let (first, undisturbed) = (snapshot(&first.join("out")), snapshot(&done.join("out")));
        Bench { first, undisturbed, takes, root }
    }

    fn fresh(&self) -> PathBuf {
        let folder = self.root.path().join("try");
        let _ = std::fs::remove_dir_all(&folder);
        copy(&self.root.path().join("first"), &folder);
        folder
    }

    /// What must hold after a build that did not end.
    fn judge(&self, folder: &Path, what: &str) {
        let out = folder.join("out");
        let disturbed = snapshot(&out);
        let stranger = disturbed.get(Path::new("east/NOTES"));
        assert_eq!(stranger.map(Vec::as_slice), Some(b"mine".as_slice()), "{what}");
        if disturbed != self.first && disturbed != self.undisturbed {
            let verify = run(folder, &["verify"]);
            assert_eq!(verify.status.code(), Some(1), "verify sees nothing: {what}");
        }
        let left: BTreeSet<&Vec<u8>> = disturbed.values().collect();
        let ran = self.first.iter().filter(|(path, _)| path.ends_with("deployment.yaml"));
        for (path, bytes) in ran {
            assert!(left.contains(bytes), "{} is lost: {what}", path.display());
        }
        ok(folder, &["build"]);
        assert!(snapshot(&out) == self.undisturbed, "the next build gives something else: {what}");
        assert!(!out.join(".ninefold-staging").exists(), "{what}");
    }
}

#[test]
fn a_build_that_is_killed_is_ended_by_the_next() {
    let bench = Bench::new(SERVICES);
    let mut interrupted = 0;
    for attempt in 0..16u32 {
        let folder = bench.fresh();
        let mut build = ninefold(&folder, &["build"]);
        let mut child = build.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if attempt % 2 == 0 {
            // Anywhere in its life.
            std::thread::sleep(bench.takes * attempt / 16);
        } else {
            // While it puts files into place.
            let journal = folder.join("out/.ninefold-staging/journal");
            let deadline = Instant::now() + Duration::from_secs(60);
            while !journal.exists() && child.try_wait().unwrap().is_none() {
                assert!(Instant::now() < deadline, "the build hangs");
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(Duration::from_micros(u64::from(attempt) * 500));
        }
        let _ = child.kill();
        child.wait().unwrap();
        interrupted += u32::from(folder.join("out/.ninefold-staging").exists());
        bench.judge(&folder, &format!("attempt {attempt}"));
    }
    assert!(interrupted >= 4, "only {interrupted} of 16 builds were hit");
}

/// Runs a script in a mount namespace of its own; nothing where the system does not allow it.
fn in_namespace(folder: &Path, script: &str) -> Option<Output> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-ec", script]).current_dir(folder);
        command.env("NINEFOLD", env!("CARGO_BIN_EXE_ninefold")).output().ok()
    };
    let able = unshare("mount -t tmpfs -o size=64k none /mnt")
        .is_some_and(|output| output.status.success());
    if !able {
        eprintln!("NOT TESTED: this system lets nobody mount in a namespace of their own");
        return None;
    }
    unshare(script)
}

#[test]
fn a_build_on_a_full_disk_changes_nothing_and_can_be_repeated() {
    let bench = Bench::new(40);
    let folder = bench.fresh();
    // The tree on a disk that holds it, and little more.
    let script = "
        size=$(($(du -sk out | cut -f1) + 200))
        mkdir disk && mount -t tmpfs -o size=${size}k none disk && cp -r out disk/out
        if $NINEFOLD build --out disk/out 2> message; then exit 9; fi
        rm -rf disk/out/.ninefold-staging/files
        cp -r disk/out after";
    let Some(output) = in_namespace(&folder, script) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let message = std::fs::read_to_string(folder.join("message")).unwrap();
    assert!(message.contains("No space left"), "{message}");
    assert!(
        snapshot(&folder.join("after")) == snapshot(&folder.join("out")),
        "the tree was changed"
    );
    std::fs::remove_dir_all(folder.join("out")).unwrap();
    std::fs::rename(folder.join("after"), folder.join("out")).unwrap();
    bench.judge(&folder, "a full disk");
}

#[test]
fn a_build_on_a_read_only_tree_says_so() {
    let bench = Bench::new(5);
    let folder = bench.fresh();
    let script = "
        mount --bind out out && mount -o remount,ro,bind out
        if $NINEFOLD build 2> message; then exit 9; fi";
    let Some(output) = in_namespace(&folder, script) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let message = std::fs::read_to_string(folder.join("message")).unwrap();
    assert!(message.contains("Read-only file system"), "{message}");
    bench.judge(&folder, "a read-only tree");
}

#[test]
fn a_file_where_a_folder_belongs_stops_the_build_before_it_changes_anything() {
    let bench = Bench::new(5);
    let folder = bench.fresh();
    std::fs::remove_dir_all(folder.join("out/east/s3")).unwrap();
    std::fs::write(folder.join("out/east/s3"), "in the way").unwrap();
    let before = snapshot(&folder.join("out"));
    let output = run(&folder, &["build"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(0));
    assert!(message.contains("out/east/s3"), "{message}");
    assert!(snapshot(&folder.join("out")) == before, "the tree was changed");
}

#[test]
fn a_link_in_the_tree_is_not_followed() {
    let bench = Bench::new(3);
    let folder = bench.fresh();
    let elsewhere = folder.join("elsewhere");
    std::fs::rename(folder.join("out/east"), &elsewhere).unwrap();
    crate::workbench::symlink(&elsewhere, folder.join("out/east"));
    let before = snapshot(&elsewhere);
    let output = run(&folder, &["build"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("link"));
    assert!(snapshot(&elsewhere) == before);
}

#[test]
fn of_two_builds_at_once_one_is_refused_and_the_tree_is_whole() {
    let bench = Bench::new(60);
    let folder = bench.fresh();
    let mut children: Vec<_> = (0..4)
        .map(|_| {
            let mut build = ninefold(&folder, &["build"]);
            build.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut done = 0;
    while let Some(child) = children.pop() {
        let output = child.wait_with_output().unwrap();
        done += usize::from(output.status.success());
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || message.contains("another build"), "{message}");
    }
    assert!(done >= 1);
    assert!(snapshot(&folder.join("out")) == bench.undisturbed);
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=x", "-c", "user.email=x@example.com"]).args(arguments);
    assert!(git.current_dir(folder).stdout(Stdio::null()).status().unwrap().success());
}

#[test]
fn a_generation_that_was_never_committed_pushes_nothing_out() {
    let bench = Bench::new(3);
    let folder = bench.fresh();
    std::fs::remove_file(folder.join("out/east/NOTES")).unwrap();
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "what runs"]);
    let committed = std::fs::read(folder.join("out/east/s0/deployment.yaml")).unwrap();
    for state in 2..5 {
        specs(&folder, 3, state);
        ok(&folder, &["build"]);
        let kept: Vec<Vec<u8>> = snapshot(&folder.join("out/east/s0/retained"))
            .into_iter()
            .filter(|(path, _)| path.ends_with("deployment.yaml"))
            .map(|(_, bytes)| bytes)
            .collect();
        assert!(kept == [committed.clone()], "state {state}: {} generations", kept.len());
        ok(&folder, &["verify"]);
    }
}

#[test]
fn a_retirement_that_is_killed_is_ended_by_the_next_build() {
    let bench = Bench::new(60);
    let folder = bench.fresh();
    ok(&folder, &["build"]);
    let kept = |folder: &Path| {
        snapshot(&folder.join("out"))
            .keys()
            .filter(|path| path.to_string_lossy().contains("/retained/"))
            .count()
    };
    assert!(kept(&folder) > 0);
    let whole = bench.root.path().join("whole");
    copy(&folder, &whole);
    for wait in [1, 3, 6, 10, 20] {
        let _ = std::fs::remove_dir_all(&folder);
        copy(&whole, &folder);
        let mut retire = ninefold(&folder, &["retire", "--force"]);
        let mut child = retire.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let journal = folder.join("out/.ninefold-staging/journal");
        while !journal.exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(Duration::from_millis(wait) / 4);
        let _ = child.kill();
        child.wait().unwrap();
        std::fs::remove_file(folder.join("out/east/NOTES")).unwrap();
        ok(&folder, &["build"]);
        ok(&folder, &["verify"]);
    }
}
