//! A fleet in a repository of git.

use super::files::files_below;
use super::fleet::{Fleet, changed};
use super::generate::Size;
use super::measure::run;
use std::path::Path;
use std::process::Command;

/// A fleet whose tree is committed.
pub(crate) struct Repository {
    pub(crate) fleet: Fleet,
}

impl Repository {
    pub(crate) fn new(folder: std::path::PathBuf, size: Size) -> Repository {
        let repository = Repository { fleet: Fleet::new(folder, size) };
        run(&mut repository.git(&["init", "-q"]));
        repository.commit();
        repository
    }

    pub(crate) fn top(&self) -> &Path {
        self.fleet.out.parent().expect("the tree stands in a folder")
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.args([
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@example.com",
            "-c",
            "gc.auto=0",
        ]);
        git.args(arguments).current_dir(self.top());
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git
    }

    pub(crate) fn commit(&self) {
        run(&mut self.git(&["add", "specs", "out"]));
        run(&mut self.git(&["commit", "-q", "--allow-empty", "-m", "tree"]));
        // As a clone has it.
        run(&mut self.git(&["repack", "-q", "-a", "-d"]));
    }

    /// Changes a value of every service's configuration.
    pub(crate) fn edit(&self) {
        for path in files_below(&self.fleet.specs.join("services")) {
            let text = std::fs::read_to_string(&path).expect("a spec is text");
            std::fs::write(&path, changed(&text, 1)).expect("the spec is changed");
        }
    }

    /// Prints what the diff is of.
    pub(crate) fn say(&self, arguments: &[&str]) {
        let output = self.diff(arguments).arg("--stat").output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let of = |word: &str| text.lines().find(|line| line.contains(word)).map(str::to_owned);
        println!("{}", of("objects").unwrap_or_default().trim());
    }

    pub(crate) fn diff(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
        command.arg("diff").args(arguments).current_dir(self.top());
        command
    }
}
