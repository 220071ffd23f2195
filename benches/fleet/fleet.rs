//! Specs on disk, and the tree that they compile to.

use super::files::{count_below, files_below};
use super::generate::{self, Size};
use super::measure::run;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Specs on disk, and the tree that they compile to.
pub(crate) struct Fleet {
    pub(crate) specs: PathBuf,
    pub(crate) out: PathBuf,
    /// How many files that has, before anything changes.
    pub(crate) files: usize,
    /// How many numbers runs have used.
    runs: Cell<usize>,
}

impl Fleet {
    pub(crate) fn new(folder: PathBuf, size: Size) -> Fleet {
        let (specs, out) = (folder.join("specs"), folder.join("out"));
        let mut fleet = Fleet { specs, out, files: 0, runs: Cell::new(0) };
        generate::write(&fleet.specs, size);
        run(&mut fleet.build(&fleet.out));
        fleet.files = count_below(&fleet.out);
        fleet
    }

    pub(crate) fn build(&self, out: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
        command.args(["build", "--specs"]).arg(&self.specs).arg("--out").arg(out);
        command
    }

    /// The spec of one of its services, and its text.
    pub(crate) fn first_spec(&self) -> (PathBuf, String) {
        let first = files_below(&self.specs.join("services")).into_iter().next();
        let path = first.expect("there is a service");
        let text = std::fs::read_to_string(&path).expect("a spec is text");
        (path, text)
    }

    /// The name of one of its services.
    pub(crate) fn first_service(&self) -> String {
        let (path, _) = self.first_spec();
        path.file_stem().expect("it has a name").to_string_lossy().into_owned()
    }

    /// A folder for one run, beside the tree. None is removed before all is done: ext4 spends most
    /// of its time on stepping over inodes that were freed in the last minutes.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.out.with_file_name(format!("run-{}", self.number()))
    }

    /// A number that no run has used.
    fn number(&self) -> usize {
        let number = self.runs.get();
        self.runs.set(number + 1);
        number
    }

    /// Changes a value of its first service to one that it never had, of which this is the text before.
    pub(crate) fn change(&self, before: &str) {
        let after = changed(before, self.number());
        std::fs::write(self.first_spec().0, after).expect("the spec is changed");
    }
}

/// A spec with one more value in its configuration.
pub(crate) fn changed(spec: &str, value: usize) -> String {
    spec.replace("[config]\n", &format!("[config]\nCHANGE = {value}\n"))
}
