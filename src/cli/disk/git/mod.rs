//! Revisions of git, read without touching the checkout: no index, no lock, no network, no prompt.

mod branches; // branches and their commits

use super::blobs::{Batch, Listing, Revision};
use super::{Trouble, exists, tree};
use crate::diag::did_you_mean;
use branches::DEEPEN;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// Git in `folder`. Which repository that is, the folder decides, even inside a hook.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(folder).stdin(Stdio::null());
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(variable);
    }
    git.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    git.env("GIT_NO_LAZY_FETCH", "1");
    git
}

/// What a git command prints; or what it has to say.
fn output(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = git(folder, arguments).output();
    let output = output.map_err(|error| format!("git does not start: {error}"))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// What a git command prints in `folder`; nothing when it fails, or there is no git.
pub(super) fn prints(folder: &Path, arguments: &[&str]) -> Option<String> {
    output(folder, arguments).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether git knows of changes below `folder` that are not committed; nothing when it is in no
/// repository, or git tracks nothing of it.
pub(in crate::cli) fn uncommitted(folder: &Path) -> Option<bool> {
    let tracked = prints(folder, &["ls-files", "-z", "--", "."])?;
    if tracked.is_empty() {
        return None;
    }
    let changed = prints(folder, &["status", "--porcelain", "--", "."])?;
    Some(changed.lines().any(|line| !line.contains(tree::STAGING)))
}

/// A repository.
#[derive(Debug)]
pub(in crate::cli) struct Repository {
    /// A folder of it, where git runs.
    folder: PathBuf,
    /// The uppermost folder of the checkout, without links, where it is known.
    top: Option<PathBuf>,
    /// Where git keeps it: what tells two repositories apart.
    directory: String,
    /// Where it keeps what several checkouts share, as seen from `folder`.
    common: PathBuf,
    shallow: bool,
    sha1: bool,
    batch: Arc<Batch>,
    /// What was asked for already: where paths are, and what is in trees, by their ids.
    places: Mutex<BTreeMap<PathBuf, Option<String>>>,
    listings: Mutex<BTreeMap<String, Arc<Listing>>>,
}

impl Repository {
    /// The repository that `path` is in, and where in it that is. `path` need not exist.
    pub(in crate::cli) fn of(path: &Path) -> Result<(Repository, String), Trouble> {
        let trouble = |why: String| Trouble::new("looking for the git repository of", path, why);
        let folder = folder_above(path);
        let asked = ["--absolute-git-dir", "--git-common-dir", "--is-shallow-repository"];
        let arguments = [&["rev-parse"], &asked[..], &["--show-object-format", "--show-prefix"]];
        let answer = output(&folder, &arguments.concat()).map_err(trouble)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let mut lines = answer.splitn(5, '\n');
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let (directory, common, shallow, format) = (line(), line(), line(), line());
        let prefix = line().trim_end_matches('\n').to_owned();
        let below = path.strip_prefix(&folder).unwrap_or(path);
        let depth = Path::new(&prefix).components().count();
        let real = folder.canonicalize().ok();
        let top = real.and_then(|real| real.ancestors().nth(depth).map(Path::to_owned));
        let place = normal(&Path::new(&prefix).join(below))
            .ok_or_else(|| trouble("it leads out of the repository".to_owned()))?;
        let batch = Arc::new(Batch::new(folder.clone()));
        let (shallow, sha1) = (shallow == "true", format == "sha1");
        let common = folder.join(common);
        let (places, listings) = (Mutex::default(), Mutex::default());
        let repository =
            Repository { folder, top, directory, common, shallow, sha1, batch, places, listings };
        Ok((repository, place))
    }

    /// Whether the ids of its blobs are made with SHA-1.
    pub(in crate::cli) fn is_sha1(&self) -> bool {
        self.sha1
    }

    /// Whether commits before some are not here.
    pub(super) fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// Where a path is in this repository; nothing when it is not in it.
    pub(in crate::cli) fn place(&self, path: &Path) -> Option<String> {
        let mut places = self.places.lock().expect("no thread panics in here");
        let found = places.entry(path.to_owned()).or_insert_with(|| {
            self.place_beside(path).or_else(|| {
                let (other, place) = Repository::of(path).ok()?;
                (other.directory == self.directory).then_some(place)
            })
        });
        found.clone()
    }

    /// The same without a process, where the folders above it tell.
    fn place_beside(&self, path: &Path) -> Option<String> {
        let above = folder_above(path);
        let real = above.canonicalize().ok()?;
        let inside = real.strip_prefix(self.top.as_ref()?).ok()?;
        // Another repository may begin in any of them.
        let begins = |at: &Path| [".git", "HEAD"].iter().any(|name| exists(&at.join(name)));
        // A name may be written in several ways, and git knows which it took.
        let is_plain = inside.to_str().is_some_and(str::is_ascii);
        if !is_plain || real.ancestors().take(inside.components().count()).any(begins) {
            return None;
        }
        normal(&inside.join(path.strip_prefix(&above).unwrap_or(path)))
    }

    /// The commit that a revision names, in full; nothing when it names none.
    pub(in crate::cli) fn find(&self, revision: &str) -> Option<String> {
        let found = self.batch.object(&format!("{revision}^{{commit}}")).ok()??;
        Some(found.id)
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    ///
    /// When it names none here, with what to do about it.
    pub(in crate::cli) fn commit(&self, revision: &str) -> Result<String, Trouble> {
        self.find(revision).ok_or_else(|| {
            let hex = revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
            let help = match (self.shallow, hex, revision.strip_prefix("origin/")) {
                (true, true, _) => format!("git fetch --depth=1 origin {revision}`, or `{DEEPEN}"),
                (true, ..) => DEEPEN.to_owned(),
                (false, true, _) => format!("git fetch origin {revision}`"),
                (false, false, Some(branch)) => format!("git fetch origin {branch}`"),
                (false, false, None) => {
                    let names =
                        prints(&self.folder, &["for-each-ref", "--format=%(refname:short)"]);
                    let names = names.unwrap_or_default();
                    let known = did_you_mean(revision, names.lines());
                    return Trouble::from(format!(
                        "git knows no revision `{revision}`\nhelp: {known}"
                    ));
                }
            };
            let shallow = if self.shallow { ": this clone is shallow" } else { "" };
            Trouble::from(format!("git knows no revision `{revision}`{shallow}\nhelp: run `{help}"))
        })
    }

    /// The content of an object, by its id or as `COMMIT:PATH`.
    pub(super) fn object(&self, name: &str) -> Result<Vec<u8>, String> {
        self.batch.read(name)
    }

    /// The contents of several objects, by their ids.
    pub(super) fn objects(&self, ids: &[&str]) -> Vec<Result<Vec<u8>, String>> {
        self.batch.read_all(ids)
    }

    /// The ids of the files in `folder` of the tree at `place`, by their paths below it.
    pub(super) fn ledgers(
        &self,
        commit: &str,
        place: &str,
        folder: &str,
    ) -> BTreeMap<String, String> {
        let full = Path::new(place).join(folder);
        let tree = self.batch.object(&format!("{commit}:{}", full.display()));
        let Ok(Some(tree)) = tree else { return BTreeMap::new() };
        let files = tree.blobs(if self.sha1 { 20 } else { 32 }).into_iter();
        files.map(|(name, id)| (format!("{folder}/{name}"), id)).collect()
    }

    /// Whether what stands below a place is left out of the checkout. A git that cannot tell leaves
    /// it out.
    pub(super) fn is_sparse(&self, place: &str) -> bool {
        // Git has no patterns without this file, and asking costs a process.
        if !Path::new(&self.directory).join("info/sparse-checkout").exists() {
            return false;
        }
        let sparse = prints(&self.folder, &["config", "--bool", "--get", "core.sparseCheckout"]);
        if sparse.as_deref().map(str::trim_end) != Some("true") {
            return false;
        }
        let file = Path::new(place).join("file").display().to_string();
        let asked = || -> std::io::Result<String> {
            let mut git = git(&self.folder, &["sparse-checkout", "check-rules", "-z"]);
            let mut child =
                git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
            if let Some(mut asks) = child.stdin.take() {
                asks.write_all(format!("{file}\0").as_bytes())?;
            }
            Ok(String::from_utf8_lossy(&child.wait_with_output()?.stdout).into_owned())
        };
        asked().map_or(true, |shown| shown.trim_end_matches('\0') != file)
    }

    /// The commits that added files below a place, by their paths below it: the last one of each.
    pub(super) fn since(&self, place: &str, paths: &[&str]) -> BTreeMap<String, String> {
        let prefix = if place.is_empty() { String::new() } else { format!("{place}/") };
        let full: Vec<String> =
            paths.iter().map(|path| format!(":(top,literal){prefix}{path}")).collect();
        let mut arguments = vec![
            "log",
            "--diff-filter=A",
            "--no-renames",
            "--name-only",
            "--format=%x00%h",
            "-z",
            "--",
        ];
        arguments.extend(full.iter().map(String::as_str));
        let mut commit = String::new();
        let mut since = BTreeMap::new();
        for field in prints(&self.folder, &arguments).unwrap_or_default().split('\0') {
            match field.trim().strip_prefix(&prefix) {
                Some(path) if paths.contains(&path) => {
                    since.entry(path.to_owned()).or_insert_with(|| commit.clone());
                }
                Some(_) | None if !field.trim().is_empty() => field.trim().clone_into(&mut commit),
                Some(_) | None => {}
            }
        }
        since
    }

    /// The files below a folder of a commit; nothing when the commit has no such folder.
    pub(in crate::cli) fn files(
        &self,
        commit: &str,
        place: &str,
    ) -> Result<Option<Revision>, Trouble> {
        let Some(tree) = self.tree(commit, place) else { return Ok(None) };
        let known = self.listings.lock().expect("no thread panics in here").get(&tree).cloned();
        let listing = match known {
            Some(known) => known,
            None => {
                let printed = output(&self.folder, &["ls-tree", "--full-tree", "-r", "-z", &tree])
                    .map_err(|why| {
                        Trouble::from(format!("reading `{place}` of {}: {why}", short(commit)))
                    })?;
                let listing = Arc::new(Listing::of(printed));
                let mut known = self.listings.lock().expect("no thread panics in here");
                known.insert(tree, Arc::clone(&listing));
                listing
            }
        };
        Ok(Some(Revision::of(Arc::clone(&self.batch), listing)))
    }

    /// The id of a folder of a commit; nothing when the commit has no such folder.
    fn tree(&self, commit: &str, place: &str) -> Option<String> {
        let tree = match place {
            "" => format!("{commit}^{{tree}}"),
            place => format!("{commit}:{place}"),
        };
        Some(self.batch.object(&tree).ok()??.id)
    }
}

/// The nearest folder that is there, of a path and of those above it.
fn folder_above(path: &Path) -> PathBuf {
    let above = |path: &Path| match path {
        path if path == Path::new("") => PathBuf::from("."),
        path => path.to_owned(),
    };
    let folder = path.ancestors().map(above).find(|above| super::is_folder(above));
    folder.unwrap_or_else(|| PathBuf::from("."))
}

/// The first symbols of a commit's id.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// A path without `.` and `..`, with `/`; nothing when it leads out.
fn normal(path: &Path) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_is_none() {
        for (path, expected) in [
            ("a/./b/../c", Some("a/c")),
            ("", Some("")),
            ("./", Some("")),
            ("a/..", Some("")),
            ("../a", None),
            ("a/../../b", None),
            ("/a", None),
        ] {
            assert_eq!(normal(Path::new(path)).as_deref(), expected, "{path}");
        }
    }
}
