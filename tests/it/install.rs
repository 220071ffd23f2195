//! `.ci/install` takes the release that is pinned, and no other: the real script, with a folder as
//! the stand-in for releases.

use crate::workbench::{Run, Workbench, repository};
use std::process::Command;

const TARGET: &str = "x86_64-unknown-linux-musl";

/// A folder with releases in it, and with the scripts that take them.
struct Releases {
    bench: Workbench,
    sum: String,
}

impl Releases {
    /// With one release, whose program says `text`.
    fn with(text: &str) -> Releases {
        let bench = Workbench::empty();
        let name = format!("ninefold-v1-{TARGET}");
        bench.write(&format!("{name}/ninefold"), &format!("#!/bin/sh\necho \"{text} $*\"\n"));
        let archive = format!("{name}.tar.gz");
        let script = format!(
            "chmod +x {name}/ninefold; mkdir -p releases/v1 source/.ci; tar -czf releases/v1/{archive} {name}; sha256sum releases/v1/{archive}"
        );
        let mut shell = Command::new("sh");
        shell.args(["-euc", &script]).current_dir(bench.path(""));
        let sum = Run::of(shell).code(0).stdout.split(' ').next().unwrap().to_owned();
        for script in ["install", "hook", "release"] {
            let from = repository(&format!(".ci/{script}"));
            std::fs::copy(from, bench.path(&format!("source/.ci/{script}"))).unwrap();
        }
        Releases { bench, sum }
    }

    /// One of the scripts, where nothing else is called `ninefold`.
    fn script(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.bench.path(&format!("source/.ci/{name}")));
        command.args(arguments).current_dir(self.bench.path(""));
        for variable in ["RELEASE", "SHA256", "BUILD"] {
            command.env_remove(format!("NINEFOLD_{variable}"));
        }
        let url = format!("file://{}", self.bench.path("releases").display());
        command.env("PATH", "/usr/bin:/bin").env("NINEFOLD_FROM_URL", url);
        command.env("NINEFOLD_TARGET", TARGET);
        command
    }

    /// Pins the release by a checksum.
    fn pin(&self, sum: &str) {
        let line = format!("# pinned\n{sum}  ninefold-v1-{TARGET}.tar.gz\n");
        self.bench.write("source/.ci/release", &line);
    }

    fn is_installed(&self) -> bool {
        self.bench.path("bin/ninefold").exists()
    }
}

#[test]
fn a_release_is_taken_when_its_checksum_is_the_pinned_one() {
    let releases = Releases::with("one");
    releases.pin(&releases.sum);
    let _ = Run::of(releases.script("install", &["bin"])).code(0);
    let mut installed = Command::new(releases.bench.path("bin/ninefold"));
    installed.arg("check");
    assert_eq!(Run::of(installed).code(0).stdout, "one check\n");
    // By the user's own pin, whatever the file says.
    releases.pin(&"0".repeat(64));
    releases.bench.remove("bin/ninefold");
    let mut own = releases.script("install", &["bin"]);
    own.env("NINEFOLD_RELEASE", "v1").env("NINEFOLD_SHA256", &releases.sum);
    let _ = Run::of(own).code(0);
    assert!(releases.is_installed());
}

#[test]
fn another_archive_is_refused_and_nothing_is_installed() {
    let releases = Releases::with("one");
    let other = Releases::with("another");
    releases.pin(&other.sum);
    let refused = Run::of(releases.script("install", &["bin"])).code(1);
    let expected = format!(
        "error: ninefold-v1-{TARGET}.tar.gz is not the one that is pinned: its SHA-256 is {}, and not {}\nhelp: ",
        releases.sum, other.sum
    );
    assert!(refused.stderr.starts_with(&expected), "{}", refused.stderr);
    assert!(!releases.is_installed());
    // What is there stays as it is.
    releases.bench.write("bin/ninefold", "mine");
    let _ = Run::of(releases.script("install", &["bin"])).code(1);
    assert_eq!(releases.bench.read("bin/ninefold"), "mine");
}

#[test]
fn what_is_missing_is_named() {
    let releases = Releases::with("one");
    let none = Run::of(releases.script("install", &["bin"])).code(1);
    assert!(none.stderr.starts_with(&format!("error: no release for {TARGET} is pinned in ")));
    assert!(none.stderr.contains("NINEFOLD_BUILD"), "{}", none.stderr);
    let mut half = releases.script("install", &["bin"]);
    half.env("NINEFOLD_RELEASE", "v1");
    let half = Run::of(half).code(1);
    assert!(half.stderr.contains("set NINEFOLD_SHA256"), "{}", half.stderr);
    releases.pin(&releases.sum);
    let mut gone = releases.script("install", &["bin"]);
    gone.env("NINEFOLD_FROM_URL", "file:///none");
    let gone = Run::of(gone).code(1);
    assert!(gone.stderr.contains("/none/v1/ninefold-v1-"), "{}", gone.stderr);
    // Not over a connection that anybody can change.
    let mut open = releases.script("install", &["bin"]);
    open.env("NINEFOLD_FROM_URL", "http://127.0.0.1:1");
    let open = Run::of(open).code(1);
    assert!(open.stderr.contains("http"), "{}", open.stderr);
    assert!(!releases.is_installed());
}

#[test]
fn a_hook_installs_once_and_runs_what_it_installed() {
    let releases = Releases::with("one");
    releases.pin(&releases.sum);
    let run = Run::of(releases.script("hook", &["build", "--check"])).code(0);
    assert_eq!(run.stdout, "one build --check\n");
    // It is kept: without releases, too.
    std::fs::remove_dir_all(releases.bench.path("releases")).unwrap();
    assert_eq!(Run::of(releases.script("hook", &["check"])).code(0).stdout, "one check\n");
}
