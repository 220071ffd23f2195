//! The branches of a repository, and the commits that they consist of.

use super::{Repository, prints, short};
use crate::cli::disk::delivered::Why;
use crate::cli::disk::{Trouble, cache};
use std::path::PathBuf;

/// What gets the rest of a shallow clone, and how to have it from the start.
pub(super) const DEEPEN: &str = "git fetch --unshallow`; in CI, check out with `fetch-depth: 0` (GitHub) or `GIT_DEPTH: 0` (GitLab)";

impl Repository {
    /// The best common ancestor of two commits.
    ///
    /// # Errors
    ///
    /// When there is none here, with what to do about it.
    pub(in crate::cli) fn merge_base(&self, one: &str, other: &str) -> Result<String, Trouble> {
        if let Some(base) = prints(&self.folder, &["merge-base", one, other]) {
            return Ok(base.trim_end().to_owned());
        }
        let help = match self.shallow {
            true => format!("this clone is shallow: run `{DEEPEN}"),
            false => {
                "their histories are unrelated: say what to compare with, `--from REV`".to_owned()
            }
        };
        let (one, other) = (short(one), short(other));
        Err(Trouble::from(format!("{one} and {other} have no common ancestor here\nhelp: {help}")))
    }

    /// The default branch, as git calls it here: `origin/main`.
    ///
    /// # Errors
    ///
    /// When nobody knows which it is, with what to do about it.
    pub(in crate::cli) fn default_branch(&self) -> Result<String, Trouble> {
        const HEAD: &str = "refs/remotes/origin/HEAD";
        let named = || prints(&self.folder, &["symbolic-ref", "--quiet", "--short", HEAD]);
        let head = self.find(HEAD).and_then(|_| named()).map(|name| name.trim_end().to_owned());
        let usual = ["origin/main", "origin/master", "main", "master"].map(str::to_owned);
        let exists = |name: &String| {
            let full = match name.starts_with("origin/") {
                true => format!("refs/remotes/{name}"),
                false => format!("refs/heads/{name}"),
            };
            self.find(&full).is_some()
        };
        head.into_iter().chain(usual).find(exists).ok_or_else(|| {
            let help = match self.shallow {
                true => format!("this clone is shallow: run `{DEEPEN}"),
                false => "say what to compare with: `--from REV`; or `git remote set-head origin --auto`".to_owned(),
            };
            Trouble::from(format!("git knows no default branch: neither origin/HEAD nor one called main or master\nhelp: {help}"))
        })
    }

    /// The branch that is checked out; nothing when HEAD is detached.
    pub(in crate::cli) fn branch(&self) -> Option<String> {
        let name = prints(&self.folder, &["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        Some(name.trim_end().to_owned())
    }

    /// Whether it has one branch, and knows of no other repository.
    pub(in crate::cli) fn is_alone(&self) -> bool {
        let refs = prints(
            &self.folder,
            &["for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes"],
        );
        refs.is_some_and(|refs| refs.lines().count() == 1)
    }

    /// The parents of a commit, whether or not they are in this clone.
    pub(in crate::cli::disk) fn parents(&self, commit: &str) -> Vec<String> {
        let Ok(Some(found)) = self.batch.object(commit) else { return Vec::new() };
        let text = String::from_utf8_lossy(&found.bytes);
        let header = text.lines().take_while(|line| !line.is_empty());
        header.filter_map(|line| line.strip_prefix("parent ")).map(str::to_owned).collect()
    }

    /// The commits whose trees were delivered, as the module `delivered` has it.
    ///
    /// # Errors
    ///
    /// When git cannot tell, with why.
    pub(in crate::cli::disk) fn delivered(&self, head: &str) -> Result<Vec<String>, Why> {
        let branches = self.default_branches();
        if branches.is_empty() {
            let help = match self.shallow {
                true => format!("run `{DEEPEN}"),
                false => "`git remote set-head origin --auto`, or call the branch that is delivered `main`".to_owned(),
            };
            return Err(Why { why: "git knows no default branch here".to_owned(), help });
        }
        let incoming = self.find("MERGE_HEAD");
        let mut bases = Vec::new();
        for from in std::iter::once(head).chain(incoming.as_deref()) {
            for (name, tip) in &branches {
                let base =
                    if tip == from { Ok(from.to_owned()) } else { self.merge_base(from, tip) };
                bases.push(base.map_err(|_| match self.shallow {
                    true => Why {
                        why: format!(
                            "this clone is shallow, and where HEAD leaves `{name}` is not in it"
                        ),
                        help: format!("run `{DEEPEN}"),
                    },
                    false => Why {
                        why: format!("HEAD and `{name}` have no common ancestor"),
                        help: format!("rebase onto `{name}`"),
                    },
                })?);
            }
        }
        bases.sort();
        bases.dedup();
        if bases.len() == 1 {
            return Ok(bases);
        }
        // What another one builds on is older than what is delivered.
        let arguments: Vec<&str> = ["merge-base", "--independent"]
            .into_iter()
            .chain(bases.iter().map(String::as_str))
            .collect();
        let latest = prints(&self.folder, &arguments);
        Ok(latest.map_or(bases, |ids| ids.lines().map(str::to_owned).collect()))
    }

    /// The default branch, and the local one of the same name, with their commits.
    fn default_branches(&self) -> Vec<(String, String)> {
        let only = || {
            let refs = ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes"];
            let names = prints(&self.folder, &refs)?;
            let mut names = names.lines();
            names.next().filter(|_| names.next().is_none()).map(str::to_owned)
        };
        let configured = || {
            let name = prints(&self.folder, &["config", "--get", "init.defaultBranch"])?;
            let name = name.trim_end().to_owned();
            self.find(&format!("refs/heads/{name}")).map(|_| name)
        };
        let name = self.default_branch().ok().or_else(only).or_else(configured);
        let Some(name) = name else { return Vec::new() };
        let local = name.strip_prefix("origin/").map(str::to_owned);
        let commit = |name: String| {
            let full = match name.starts_with("origin/") {
                true => format!("refs/remotes/{name}"),
                false => format!("refs/heads/{name}"),
            };
            self.find(&full).map(|commit| (name, commit))
        };
        std::iter::once(name).chain(local).filter_map(commit).collect()
    }

    /// The files that git changes when a branch moves, another is checked out or a merge begins,
    /// as they look now.
    pub(in crate::cli::disk) fn watched(&self) -> Vec<(PathBuf, String)> {
        let own = PathBuf::from(&self.directory);
        let common = &self.common;
        let mut paths =
            vec![own.join("HEAD"), own.join("MERGE_HEAD"), own.join("info/sparse-checkout")];
        paths.extend(
            ["packed-refs", "shallow", "config", "reftable/tables.list"]
                .map(|name| common.join(name)),
        );
        let names = ["refs/remotes/origin/HEAD"].map(str::to_owned).into_iter();
        let head = std::fs::read_to_string(own.join("HEAD")).unwrap_or_default();
        let here = head.trim_end().strip_prefix("ref: refs/heads/").map(str::to_owned);
        let branches = ["main", "master"].map(str::to_owned).into_iter().chain(here);
        let branches = branches
            .flat_map(|name| [format!("refs/heads/{name}"), format!("refs/remotes/origin/{name}")]);
        paths.extend(names.chain(branches).map(|name| common.join(name)));
        paths.sort();
        paths.dedup();
        paths
            .into_iter()
            .map(|path| (cache::looks_now(&path), path))
            .map(|(looks, path)| (path, looks))
            .collect()
    }
}
