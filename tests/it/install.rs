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
        let path = format!("{}:/usr/bin:/bin", self.bench.path("tools").display());
        command.env("PATH", path).env("NINEFOLD_FROM_URL", url);
        command.env("NINEFOLD_TARGET", TARGET);
        command
    }

    /// Puts a program before those of the machine.
    fn tool(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = format!("tools/{name}");
        self.bench.write(&path, &format!("#!/bin/sh\n{text}\n"));
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.bench.path(&path), mode).unwrap();
    }

    /// Releases the same program for another system, and pins it too.
    fn release_for(&self, target: &str) {
        let (old, new) = (format!("ninefold-v1-{TARGET}"), format!("ninefold-v1-{target}"));
        let script = format!(
            "[ -d {new} ] || cp -r {old} {new}; tar -czf releases/v1/{new}.tar.gz {new}; (cd releases/v1 && sha256sum {new}.tar.gz) >>source/.ci/release"
        );
        let mut shell = Command::new("sh");
        shell.args(["-euc", &script]).current_dir(self.bench.path(""));
        let _ = Run::of(shell).code(0);
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
    releases.bench.write("source/.ci/release", "# of another system only\n");
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

/// What a system calls itself, and the target of its release.
const SYSTEMS: &[(&str, &str, &str)] = &[
    ("Linux", "x86_64", "x86_64-unknown-linux-musl"),
    ("Linux", "aarch64", "aarch64-unknown-linux-musl"),
    ("Darwin", "arm64", "aarch64-apple-darwin"),
    ("Darwin", "x86_64", "x86_64-apple-darwin"),
];

#[test]
fn each_system_takes_the_archive_that_is_for_it() {
    for (system, machine, target) in SYSTEMS {
        let releases = Releases::with("one");
        releases.bench.write("source/.ci/release", "");
        releases.release_for(target);
        let names = format!("case $1 in -s) echo {system} ;; *) echo {machine} ;; esac");
        releases.tool("uname", &names);
        let mut install = releases.script("install", &["bin"]);
        install.env_remove("NINEFOLD_TARGET");
        let _ = Run::of(install).code(0);
        assert!(releases.is_installed(), "{target}");
        // The archive of a system is not that of another one.
        releases.tool("uname", "case $1 in -s) echo Linux ;; *) echo riscv64 ;; esac");
        let mut other = releases.script("install", &["bin"]);
        other.env_remove("NINEFOLD_TARGET");
        let other = Run::of(other).code(1);
        assert!(other.stderr.starts_with("error: there is no release for riscv64"));
    }
    // What the workflow builds is what somebody looks for.
    let workflow = std::fs::read_to_string(repository(".github/workflows/release.yml")).unwrap();
    for (.., target) in SYSTEMS {
        assert!(workflow.contains(&format!("target: {target} }}")), "{target}");
    }
    assert!(workflow.contains("target: x86_64-pc-windows-msvc }"));
}

#[test]
fn before_the_first_release_it_says_that_it_builds() {
    let releases = Releases::with("one");
    let state = "unreleased: built from source\n";
    releases.bench.write("source/.ci/release", state);
    // A stand-in for cargo: it leaves a program where it is told to.
    releases.tool(
        "cargo",
        "[ \"$1 $2\" = 'install --locked' ]; while [ \"$1\" != --root ]; do shift; done; mkdir -p \"$2/bin\"; printf '#!/bin/sh\\necho built' >\"$2/bin/ninefold\"; chmod +x \"$2/bin/ninefold\"",
    );
    let run = Run::of(releases.script("install", &["bin"])).code(0);
    let note = "note: there is no release yet; building from source, which takes minutes\n";
    assert_eq!(run.stderr, note);
    assert_eq!(
        Run::of(Command::new(releases.bench.path("bin/ninefold"))).code(0).stdout,
        "built\n"
    );
    let run = Run::of(releases.script("hook", &["check"])).code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("built\n", note));
    // By the user's own pin, it is taken all the same.
    let mut own = releases.script("install", &["bin"]);
    own.env("NINEFOLD_RELEASE", "v1").env("NINEFOLD_SHA256", &releases.sum);
    let _ = Run::of(own).code(0);
    let mut installed = Command::new(releases.bench.path("bin/ninefold"));
    installed.arg("check");
    assert_eq!(Run::of(installed).code(0).stdout, "one check\n");
    // Without Rust, it says what to do.
    std::fs::remove_file(releases.bench.path("tools/cargo")).unwrap();
    let none = Run::of(releases.script("install", &["bin"])).code(1);
    assert!(
        none.stderr.contains("error: there is no cargo to build with\nhelp: "),
        "{}",
        none.stderr
    );
}

#[test]
fn the_state_is_one_of_the_two() {
    let text = std::fs::read_to_string(repository(".ci/release")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let pins = |line: &&str| {
        let (sum, archive) = line.split_once("  ").unwrap_or_default();
        sum.len() == 64 && archive.starts_with("ninefold-v")
    };
    let unreleased = lines == ["unreleased: built from source"];
    assert!(unreleased || (lines.len() == 5 && lines.iter().all(pins)), "{lines:?}");
}

fn yaml(path: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(repository(path)).unwrap();
    serde_json::Value::from(&ninefold::yaml::read::document(&text).unwrap())
}

/// A shell script of a forge, in a folder with releases, as its runner would start it.
fn step(releases: &Releases, script: &str) -> Command {
    let command = releases.script("install", &[]);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let mut shell = Command::new("sh");
    shell.args(["-euc", script]).current_dir(releases.bench.path("")).env("PATH", path);
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    let at = |path: &str| releases.bench.path(path);
    shell.env("GITHUB_ACTION_PATH", at("source")).env("RUNNER_TEMP", at("runner"));
    shell.env("BUILD", "false").env("RELEASE", "");
    shell.env("GITHUB_OUTPUT", at("output")).env("GITHUB_PATH", at("path"));
    shell
}

#[test]
fn the_action_installs_what_is_pinned_and_ends_before_its_review_where_it_is_not() {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let run = |name: &str| {
        let step = steps.iter().find(|step| step["name"] == name).unwrap();
        step["run"].as_str().unwrap().to_owned()
    };
    let releases = Releases::with("one");
    releases.pin(&releases.sum);
    let _ = Run::of(step(&releases, &run("Look for Ninefold"))).code(0);
    assert!(releases.bench.read("path").trim_end().ends_with("/runner/ninefold/bin"));
    assert!(!releases.bench.path("output").exists(), "nothing is built");
    let _ = Run::of(step(&releases, &run("Install Ninefold"))).code(0);
    let installed = releases.bench.path("runner/ninefold/bin/ninefold");
    assert_eq!(Run::of(Command::new(&installed)).code(0).stdout, "one \n");
    std::fs::remove_file(&installed).unwrap();
    releases.pin(&"0".repeat(64));
    let refused = Run::of(step(&releases, &run("Install Ninefold"))).code(1);
    assert!(refused.stderr.contains("is not the one that is pinned"), "{}", refused.stderr);
    assert!(!installed.exists());
    // Before the first release, what is built is kept for the next run.
    releases.bench.write("source/.ci/release", "unreleased: built from source\n");
    for file in ["Cargo.lock", "src/lib.rs", "templates/a"] {
        let path = releases.bench.path(&format!("source/{file}"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "text").unwrap();
    }
    let _ = Run::of(step(&releases, &run("Look for Ninefold"))).code(0);
    let output = releases.bench.read("output");
    assert!(output.starts_with("build=true\nkey="), "{output}");
}

#[test]
fn the_snippet_for_gitlab_installs_what_is_pinned() {
    let snippet = yaml(".ci/gitlab.yml");
    // Whoever pins the image of the job, or builds in it, says which.
    assert_eq!(snippet["ninefold"]["image"], "$NINEFOLD_JOB_IMAGE");
    assert!(snippet["ninefold"]["variables"]["NINEFOLD_JOB_IMAGE"].is_string());
    let steps = snippet["ninefold"]["script"].as_array().unwrap().clone();
    let releases = Releases::with("one");
    releases.pin(&releases.sum);
    // What it clones: a repository of the scripts, of which the review is another test.
    releases.bench.write("source/.ci/review", "#!/bin/sh\nninefold review\n");
    let folder = releases.bench.path("clone").display().to_string();
    let commit = "cd source; chmod +x .ci/*; git init --quiet; git add .; git -c user.name=t -c user.email=t@example.com commit --quiet -m t";
    let _ = Run::of(step(&releases, commit)).code(0);
    let script = |steps: &[serde_json::Value]| {
        let lines =
            steps.iter().map(|line| line.as_str().unwrap().replace("/tmp/ninefold", &folder));
        lines.collect::<Vec<String>>().join("\n")
    };
    let url = format!("file://{}", releases.bench.path("source").display());
    let mut job = step(&releases, &script(&steps));
    job.env("NINEFOLD_REPOSITORY", &url);
    assert_eq!(Run::of(job).code(0).stdout, "one review\n");
    std::fs::remove_dir_all(releases.bench.path("clone")).unwrap();
    let mut job = step(&releases, &script(&steps));
    job.env("NINEFOLD_REPOSITORY", &url).env("NINEFOLD_RELEASE", "v1");
    job.env("NINEFOLD_SHA256", "0".repeat(64));
    let refused = Run::of(job).code(1);
    assert!(refused.stderr.contains("is not the one that is pinned"), "{}", refused.stderr);
    assert!(!refused.stdout.contains("review"));
}

/// What others run on our behalf is named by its content: a tag may be moved.
#[test]
fn every_action_that_a_workflow_uses_is_pinned_by_a_commit() {
    let mut count = 0;
    for file in [".github/workflows/ci.yml", ".github/workflows/release.yml", "action.yml"] {
        let text = std::fs::read_to_string(repository(file)).unwrap();
        // What is in this repository has the commit of whoever uses it.
        let others = |line: &&str| line.contains("uses:") && !line.contains("uses: ./");
        for line in text.lines().filter(others) {
            let (_, commit) = line.split_once('@').unwrap_or_else(|| panic!("{file}: {line}"));
            let (commit, version) = commit.split_once(" # v").unwrap_or((commit, ""));
            let is_commit = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(is_commit && !version.is_empty(), "{file}: {line}");
            count += 1;
        }
    }
    assert!(count > 8);
}
