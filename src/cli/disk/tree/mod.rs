//! Reading and writing trees.

mod files; // those of a unit
mod write; // staged, then put into place

use super::delivered::History;
use super::git::Repository;
use super::{Trouble, display, doing, exists};
use crate::kube::id;
use crate::name::Digest;
use crate::tree::ledger;
pub(in crate::cli) use files::UnitFiles;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use write::remove_all;
pub(in crate::cli) use write::{Change, Ledger, Staged};

/// Where a build keeps what it has not put into place yet.
pub(super) const STAGING: &str = ".ninefold-staging";

/// The list of files that a commit is about to make, in the staging folder.
const JOURNAL: &str = "journal";

/// The same while it is written.
const NEW_JOURNAL: &str = "journal.new";

/// Where staged files stand, in the staging folder: those of each folder of the tree in a folder
/// of their own. A folder that the tree does not have yet is put into place with one rename, and
/// threads do not wait for each other to write into the same one.
const FILES: &str = "files";

/// A tree on disk, and the lock that keeps other builds off it.
#[derive(Debug)]
pub(in crate::cli) struct Tree {
    root: PathBuf,
    /// Folders that were seen to be folders, and no links.
    real: Mutex<BTreeSet<String>>,
    /// Folders that were not there, of each path the topmost; only a commit makes any.
    absent: Mutex<BTreeSet<String>>,
    /// Files of a commit that was interrupted, with their digests: Ninefold's, although no ledger
    /// says so yet.
    interrupted: BTreeMap<String, BTreeSet<String>>,
    /// The journal while it is written: begun with the first file that is staged.
    journal: Mutex<Option<BufWriter<File>>>,
    /// Whether git is told to leave out what is staged.
    ignored: Mutex<bool>,
    history: OnceLock<History>,
    /// While it is held, nobody else changes the tree.
    lock: Option<File>,
}

impl Tree {
    /// Opens a tree to read it; it need not exist.
    pub(in crate::cli) fn look_at(root: &Path) -> Result<Tree, Trouble> {
        is_no_file(root)?;
        Ok(Tree {
            interrupted: journal(root)?,
            root: root.to_owned(),
            real: Mutex::default(),
            absent: Mutex::default(),
            journal: Mutex::default(),
            ignored: Mutex::default(),
            history: OnceLock::new(),
            lock: None,
        })
    }

    /// The same, where it is known which repository it is in, and where.
    pub(in crate::cli) fn in_repository(self, known: Option<(Arc<Repository>, String)>) -> Tree {
        let history = known.map(|(repository, place)| History::in_repository(repository, place));
        let history = history.map_or_else(OnceLock::new, OnceLock::from);
        Tree { history, ..self }
    }

    /// Opens a tree to change it: creates it, and waits for nobody.
    pub(in crate::cli) fn lock(root: &Path) -> Result<Tree, Trouble> {
        is_no_file(root)?;
        doing("creating", root, std::fs::create_dir_all(root))?;
        let lock = doing("opening", root, File::open(root))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(Trouble::new(
                    "locking",
                    root,
                    "another build is writing this tree; wait for it, and build again",
                ));
            }
            Err(std::fs::TryLockError::Error(error)) => {
                return Err(Trouble::new("locking", root, error));
            }
        }
        let tree = Tree { lock: Some(lock), ..Tree::look_at(root)? };
        // The journal stays: what was interrupted is on record until this build has ended it.
        remove_all(&tree.root.join(STAGING).join(FILES))?;
        Ok(tree)
    }

    /// The names of the units that have a ledger.
    pub(in crate::cli) fn units(&self) -> Result<Vec<String>, Trouble> {
        let folder = self.root.join(ledger::FOLDER);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Trouble::new("reading", &folder, error)),
        };
        let mut units = Vec::new();
        for entry in entries {
            let name = display(Path::new(&doing("reading", &folder, entry)?.file_name()));
            units.extend(name.strip_suffix(".json").map(str::to_owned));
        }
        units.sort();
        Ok(units)
    }

    /// The content of a file; nothing when there is none. A link, or a folder, is a trouble.
    pub(in crate::cli) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let above = || path.match_indices('/').map(|(end, _)| &path[..end]);
        let absent = self.absent.lock().expect("no thread panics in here");
        if !absent.is_empty() && above().any(|folder| absent.contains(folder)) {
            return Ok(None);
        }
        drop(absent);
        if let Some(folder) = self.absent_above(path)? {
            self.absent.lock().expect("no thread panics in here").insert(folder);
            return Ok(None);
        }
        let full = self.root.join(path);
        match std::fs::symlink_metadata(&full) {
            Ok(metadata) if metadata.is_file() => {
                doing("reading", &full, std::fs::read(&full)).map(Some)
            }
            Ok(_) => Err(Trouble::new(
                "reading",
                &full,
                "it is a link or a folder, and a file of Ninefold's belongs here; remove it",
            )),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::new("reading", &full, error)),
        }
    }

    /// Whether a commit that was interrupted made this file.
    pub(in crate::cli) fn made(&self, path: &str, bytes: &[u8]) -> bool {
        let digest = || Digest::of(bytes).to_string();
        self.interrupted.get(path).is_some_and(|digests| digests.contains(&digest()))
    }

    /// The files that an interrupted commit made.
    pub(in crate::cli) fn interrupted(&self) -> Result<Vec<String>, Trouble> {
        let mut made = Vec::new();
        for path in self.interrupted.keys() {
            if self.read(path)?.is_some_and(|bytes| self.made(path, &bytes)) {
                made.push(path.clone());
            }
        }
        Ok(made)
    }

    /// Whether a commit was interrupted here.
    pub(in crate::cli) fn has_interrupted(&self) -> bool {
        !self.interrupted.is_empty()
    }

    /// Whether the folders above a file exist.
    fn above_is_real(&self, path: &str) -> Result<bool, Trouble> {
        Ok(self.absent_above(path)?.is_none())
    }

    /// The first folder above a file that does not exist. A link among them is a trouble: it could lead
    /// out of the tree.
    fn absent_above(&self, path: &str) -> Result<Option<String>, Trouble> {
        let parent = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if self.real.lock().expect("no thread panics in here").contains(parent) {
            return Ok(None);
        }
        let mut folder = self.root.clone();
        for part in Path::new(parent).components() {
            folder.push(part);
            match std::fs::symlink_metadata(&folder) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => {
                    return Err(Trouble::new(
                        "opening",
                        &folder,
                        "it is not a folder of the tree, but a link or a file; remove it",
                    ));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Ok(Some(display(folder.strip_prefix(&self.root).unwrap_or(&folder))));
                }
                Err(error) => return Err(Trouble::new("opening", &folder, error)),
            }
        }
        self.real.lock().expect("no thread panics in here").insert(parent.to_owned());
        Ok(None)
    }

    /// Whether former generations of a unit stand in a region.
    pub(in crate::cli) fn keeps_generations(&self, region: &str, unit: &str) -> bool {
        exists(&self.root.join(region).join(id::plain(unit)).join("retained"))
    }

    /// Every file below the tree, ledgers too, that is nothing of a commit; in the order of names.
    pub(in crate::cli) fn files(&self) -> Result<Vec<String>, Trouble> {
        if !exists(&self.root) {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        // The tree itself may stand behind a link.
        let walk =
            walkdir::WalkDir::new(&self.root).min_depth(1).sort_by(super::by_name).into_iter();
        let own = |entry: &walkdir::DirEntry| entry.depth() != 1 || entry.file_name() != STAGING;
        for entry in walk.filter_entry(own) {
            let entry = entry.map_err(|error| Trouble::new("reading", &self.root, error))?;
            if !entry.file_type().is_dir() {
                files.push(display(entry.path().strip_prefix(&self.root).unwrap_or(entry.path())));
            }
        }
        Ok(files)
    }

    /// What git tells of the trees that were delivered. Whoever changes the tree writes down beside it what
    /// takes long to ask; a check relies on nothing that stands there.
    pub(in crate::cli) fn history(&self) -> &History {
        self.history.get_or_init(|| match self.lock {
            Some(_) => History::remembered(&self.root),
            None => History::of(&self.root),
        })
    }
}

/// A tree is a folder, where there is anything.
fn is_no_file(root: &Path) -> Result<(), Trouble> {
    if std::fs::metadata(root).is_ok_and(|found| !found.is_dir()) {
        return Err(Trouble::from(format!(
            "`{}` is a file, and a tree is a folder\nhelp: name another one with `--out DIR`, or move the file away",
            root.display()
        )));
    }
    Ok(())
}

/// The files that interrupted commits were about to make or to remove, with their digests.
fn journal(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, Trouble> {
    let path = root.join(STAGING).join(JOURNAL);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Trouble::new("reading", &path, error)),
    };
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (digest, path) in text.lines().filter_map(|line| line.split_once(' ')) {
        files.entry(path.to_owned()).or_default().insert(digest.to_owned());
    }
    Ok(files)
}
