//! Compiling in memory, comparing trees, running the binary.

use crate::input::below;
use ninefold::Input;
use ninefold::diag::{Diagnostic, Sink, Sources, text};
use ninefold::tree::Previous;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

/// Texts by path, with `/` on every system.
pub(crate) type Files = BTreeMap<String, String>;

/// The folder of the repository, or something in it.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether expectations are to be rewritten.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

/// The names of what is in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file below a folder, by its path below it; none when there is no such folder.
pub(crate) fn files_below(folder: &Path) -> Files {
    if !folder.exists() {
        return Files::new();
    }
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            (path.replace('\\', "/"), String::from_utf8(bytes).expect("test data is text"))
        })
        .collect()
}

/// Writes files below a folder.
pub(crate) fn write(folder: &Path, files: &Files) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// Makes a link to what may not be there.
pub(crate) fn symlink(to: impl AsRef<Path>, link: impl AsRef<Path>) {
    #[cfg(unix)]
    let made = std::os::unix::fs::symlink(to, link);
    #[cfg(windows)]
    let made = match to.as_ref().is_dir() {
        true => std::os::windows::fs::symlink_dir(to, link),
        false => std::os::windows::fs::symlink_file(to, link),
    };
    made.expect("whoever runs the tests may make links");
}

/// What came of compiling: every file of the tree, and every finding.
pub(crate) struct Compiled {
    /// The tree, ledgers included; as much of it as compiled.
    pub(crate) tree: Files,
    /// The findings, in the order in which they are shown.
    pub(crate) findings: Vec<Diagnostic>,
    sources: Sources,
}

impl Compiled {
    /// The findings as they are printed, without colour.
    pub(crate) fn report(&self) -> String {
        text::render(&self.findings, &self.sources, false)
    }
}

/// What `ninefold` reads when these are on a disk.
pub(crate) fn input(specs: &Files, templates: &Files) -> Input {
    let specs = below("specs", specs).into_iter();
    crate::input::input(specs.chain(below("templates", templates)))
}

/// The committed tree of the example, and those of every case, compiled once for all tests.
pub(crate) static TREES: LazyLock<Vec<(String, Files)>> = LazyLock::new(|| {
    let cases = repository("tests/cases");
    let case = |name: String| {
        let tree = compile_case(&cases.join(&name)).tree;
        (name, tree)
    };
    let example = ("the example".to_owned(), files_below(&repository("out")));
    names_in(&cases).into_iter().map(case).chain([example]).collect()
});

/// The tree of a case, by its name; `example` for that of the example.
pub(crate) fn tree_of(name: &str) -> &'static Files {
    let (_, tree) = TREES.iter().find(|(known, _)| known == name).expect("it is there");
    tree
}

/// Compiles a case: its `specs/`, with `templates/` beside them where it has some.
pub(crate) fn compile_case(case: &Path) -> Compiled {
    compile(&files_below(&case.join("specs")), &files_below(&case.join("templates")))
}

/// Specs and templates in memory, ready to be compiled unit by unit.
pub(crate) fn prepared(specs: &Files, templates: &Files) -> ninefold::Fleet {
    ninefold::compile::prepare(&mut Sink::default(), input(specs, templates))
        .expect("they are sound")
}

/// Compiles specs and templates in memory, as `ninefold build` does with what it read.
pub(crate) fn compile(specs: &Files, templates: &Files) -> Compiled {
    let input = input(specs, templates);
    let mut sink = Sink::default();
    let mut tree = Files::new();
    let sources = match ninefold::compile::prepare(&mut sink, input) {
        Ok(fleet) => {
            for unit in fleet.units() {
                let Ok(compiled) = fleet.compile(&mut sink, &unit, &Previous::nothing()) else {
                    continue;
                };
                let ledger = compiled.ledger_document();
                let documents = compiled.documents().iter().cloned().chain([ledger]);
                tree.extend(documents.map(|document| (document.path, document.text)));
            }
            fleet.sources().clone()
        }
        Err(sources) => sources,
    };
    let findings = sink.sorted(&sources);
    Compiled { tree, findings, sources }
}

/// Holds records of drills against a fleet, as `ninefold evidence` does: what it finds, and what goes
/// into the fleet.
pub(crate) fn judge(
    fleet: &ninefold::Fleet,
    records: &[(&str, &str)],
    today: Option<&str>,
) -> (Compiled, String) {
    let mut sink = Sink::default();
    let mut sources = fleet.sources().clone();
    let files: Vec<_> = records.iter().map(|(name, text)| sources.add(*name, *text)).collect();
    let records: Vec<_> = (files.into_iter())
        .filter_map(|file| ninefold::spec::record(&mut sink, &sources, file).ok())
        .collect();
    let counted = fleet.evidence(&mut sink, &records, today.map(|day| day.parse().unwrap()));
    let measured = counted.into_iter().map(|record| record.measured).collect();
    (Compiled { tree: Files::new(), findings: sink.sorted(&sources), sources }, measured)
}

/// Holds a tree against the one in `folder`, file by file; a file that is missing, or that is
/// there and should not be, fails as well.
pub(crate) fn assert_tree(folder: &Path, tree: &Files) {
    for (path, text) in tree {
        let path = folder.join(path);
        if updating() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        expect_test::expect_file![path].assert_eq(text);
    }
    for stale in files_below(folder).keys().filter(|path| !tree.contains_key(*path)) {
        let path = folder.join(stale);
        if updating() {
            std::fs::remove_file(path).unwrap();
        } else {
            panic!("{} is no longer made; run UPDATE_EXPECT=1 cargo test", path.display());
        }
    }
}

/// A folder of its own for one test: in memory where there is a gigabyte of it, as a disk spends more
/// time on files that come and go than the tests do on everything else.
pub(crate) fn folder() -> tempfile::TempDir {
    const MEMORY: &str = "/dev/shm";
    static IN_MEMORY: LazyLock<bool> = LazyLock::new(|| {
        let told = Command::new("df").args(["-Pk", MEMORY]).output();
        let told = told.map_or_else(
            |_| String::new(),
            |told| String::from_utf8_lossy(&told.stdout).into_owned(),
        );
        let free =
            told.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
        free.is_some_and(|kibibytes: u64| kibibytes > 1 << 20)
    });
    match *IN_MEMORY {
        true => tempfile::tempdir_in(MEMORY).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

/// A folder of its own for one test, with specs in it.
pub(crate) struct Workbench(tempfile::TempDir);

impl Workbench {
    /// With nothing in it.
    pub(crate) fn empty() -> Workbench {
        Workbench(folder())
    }

    /// With one region and the service `hello`.
    pub(crate) fn initialised() -> Workbench {
        let bench = Workbench::empty();
        bench.write("specs/fleet.toml", include_str!("first/fleet.toml"));
        bench.write("specs/hello.toml", include_str!("first/hello.toml"));
        bench
    }

    /// The same, built and committed on the branch `main`; then on the branch `work`.
    pub(crate) fn committed() -> Workbench {
        let bench = Workbench::initialised();
        bench.run(&["build"]).code(0);
        bench.git(&["init", "-q", "-b", "main"]);
        bench.commit("one");
        bench.git(&["checkout", "-q", "-b", "work"]);
        bench
    }

    /// Commits everything in this folder.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// What a git command prints in this folder; it must succeed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        Run::of(self.git_command(arguments)).code(0).stdout.trim_end().to_owned()
    }

    /// A git command in this folder, which may fail.
    pub(crate) fn git_command(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]);
        // Small repositories need no care, and each commit would start another process to look.
        git.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
        git.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(self.0.path(), &Files::from([(path.to_owned(), text.to_owned())]));
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).unwrap();
    }

    /// Replaces a piece of a file.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is not in {path}");
        self.write(path, &text.replace(from, to));
    }

    pub(crate) fn tree(&self) -> Files {
        files_below(&self.path("out"))
    }

    /// Runs the binary in this folder.
    #[must_use = "say which exit code is expected"]
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments))
    }

    /// The binary in this folder, to be run with more than arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }
}

/// What a run of the binary said.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    code: Option<i32>,
}

impl Run {
    pub(crate) fn of(mut command: Command) -> Run {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Run {
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
            code: status.code(),
        }
    }

    /// Fails unless it ended with this exit code.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Run {
        assert_eq!(self.code, Some(expected), "\n{}\n{}", self.stdout, self.stderr);
        self
    }
}
