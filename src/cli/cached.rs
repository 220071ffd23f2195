//! Which cache is that of some arguments.

use super::args::Inputs;
use super::disk::Cache;
use std::path::Path;

/// What a cache is for, beside the program: other specs or templates are another build.
pub(super) fn key(inputs: &Inputs, out: &Path, all: bool) -> String {
    format!("{inputs:?} {out:?} {all}")
}

/// What the last build of these specs left, with `--all` or without.
pub(super) fn last(inputs: &Inputs, out: &Path) -> Option<Cache> {
    Cache::load(out, &[false, true].map(|all| key(inputs, out, all)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Arguments, Command};
    use clap::Parser;

    #[test]
    fn a_diff_asks_for_what_a_build_left() {
        let parse = |command: &str| {
            let arguments = ["ninefold", command, "--specs", "there", "--out", "tree"];
            Arguments::try_parse_from(arguments).unwrap().command
        };
        let (Command::Build(build), Command::Diff(diff)) = (parse("build"), parse("diff")) else {
            panic!("a build and a diff")
        };
        assert_eq!(key(&build.inputs, &build.out, false), key(&diff.inputs, &diff.out, false));
    }
}
