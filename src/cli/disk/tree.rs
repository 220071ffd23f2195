//! Reading and writing trees.

use super::delivered::History;
use super::{Trouble, display, doing, exists};
use crate::kube::id;
use crate::name::Digest;
use crate::tree::{Document, ledger};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

/// Where a build keeps what it has not put into place yet.
pub(super) const STAGING: &str = ".ninefold-staging";

/// The list of files that a commit is about to make, in the staging folder.
const JOURNAL: &str = "journal";

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
    /// Folders that were not there; only a commit makes any.
    absent: Mutex<BTreeSet<String>>,
    /// Files of a commit that was interrupted, with their digests: Ninefold's, although no ledger
    /// says so yet.
    interrupted: BTreeMap<String, BTreeSet<String>>,
    history: OnceLock<History>,
    _lock: Option<File>,
}

impl Tree {
    /// Opens a tree to read it; it need not exist.
    pub(in crate::cli) fn look_at(root: &Path) -> Result<Tree, Trouble> {
        Ok(Tree {
            interrupted: journal(root)?,
            root: root.to_owned(),
            real: Mutex::default(),
            absent: Mutex::default(),
            history: OnceLock::new(),
            _lock: None,
        })
    }

    /// Opens a tree to change it: creates it, and waits for nobody.
    pub(in crate::cli) fn lock(root: &Path) -> Result<Tree, Trouble> {
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
        let tree = Tree { _lock: Some(lock), ..Tree::look_at(root)? };
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
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if self.absent.lock().expect("no thread panics in here").contains(folder) {
            return Ok(None);
        }
        if !self.above_is_real(path)? {
            self.absent.lock().expect("no thread panics in here").insert(folder.to_owned());
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

    /// Whether the folders above a file exist. A link among them is a trouble: it could lead out
    /// of the tree.
    fn above_is_real(&self, path: &str) -> Result<bool, Trouble> {
        let parent = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if self.real.lock().expect("no thread panics in here").contains(parent) {
            return Ok(true);
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
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(Trouble::new("opening", &folder, error)),
            }
        }
        self.real.lock().expect("no thread panics in here").insert(parent.to_owned());
        Ok(true)
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
        let walk = walkdir::WalkDir::new(&self.root).min_depth(1).sort_by_file_name().into_iter();
        let own = |entry: &walkdir::DirEntry| entry.depth() != 1 || entry.file_name() != STAGING;
        for entry in walk.filter_entry(own) {
            let entry = entry.map_err(|error| Trouble::new("reading", &self.root, error))?;
            if !entry.file_type().is_dir() {
                files.push(display(entry.path().strip_prefix(&self.root).unwrap_or(entry.path())));
            }
        }
        Ok(files)
    }

    /// Writes a file beside the tree, to be put into place by [`Tree::commit`].
    pub(in crate::cli) fn stage(&self, document: &Document) -> Result<Staged, Trouble> {
        let staged = self.staged(&document.path);
        // Making a file costs less than making sure that there is nothing in it.
        let new = || File::create_new(&staged)?.write_all(document.text.as_bytes());
        let written = match new() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = staged.parent().unwrap_or(&self.root);
                doing("creating", folder, std::fs::create_dir_all(folder))?;
                // A build that does not end must not be committed by accident.
                let ignore = self.root.join(STAGING).join(".gitignore");
                doing("writing", &ignore, std::fs::write(&ignore, "*\n"))?;
                std::fs::write(&staged, &document.text)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                std::fs::write(&staged, &document.text)
            }
            written => written,
        };
        doing("writing", &staged, written)?;
        Ok(Staged { digest: document.digest })
    }

    /// Where the file of `path` is staged. No name in a tree has a `+`.
    fn staged(&self, path: &str) -> PathBuf {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        self.root.join(STAGING).join(FILES).join(folder.replace('/', "+")).join(file)
    }

    /// Puts everything into place: former generations, then files, then ledgers, then removals.
    /// Interrupted at any point, every file that is Ninefold's is named by a ledger or by the
    /// journal, and what a ledger speaks of is still there, in its place or kept.
    pub(in crate::cli) fn commit(self, changes: &[Change]) -> Result<(), Trouble> {
        self.write_journal(changes)?;
        let mut folders: BTreeMap<(bool, &Path), Vec<&str>> = BTreeMap::new();
        for (path, _) in changes.iter().flat_map(|change| &change.files) {
            let folder = Path::new(path).parent().unwrap_or(Path::new(""));
            let current = folder.components().count() < 3;
            folders.entry((current, folder)).or_default().push(path);
        }
        for files in folders.values() {
            self.put_folder(files)?;
        }
        for change in changes {
            match &change.ledger {
                Ledger::Same => {}
                Ledger::New(path) => self.put(path)?,
                Ledger::Gone(path) => self.remove(path)?,
            }
        }
        for (path, _) in changes.iter().flat_map(|change| &change.removed) {
            self.remove(path)?;
        }
        self.clear_staging()
    }

    /// What git tells of the trees that were delivered.
    pub(in crate::cli) fn history(&self) -> &History {
        self.history.get_or_init(|| History::of(&self.root))
    }

    /// Forgets what was staged.
    pub(in crate::cli) fn abandon(self) -> Result<(), Trouble> {
        if self.interrupted.is_empty() {
            return self.clear_staging();
        }
        Ok(())
    }

    /// Puts all staged files of one folder into place.
    fn put_folder(&self, files: &[&str]) -> Result<(), Trouble> {
        let Some(first) = files.first() else { return Ok(()) };
        if self.above_is_real(first)? {
            return files.iter().try_for_each(|path| self.put(path));
        }
        let (full, staged) = (self.root.join(first), self.staged(first));
        let (Some(folder), Some(staged)) = (full.parent(), staged.parent()) else { return Ok(()) };
        if let Some(above) = folder.parent() {
            doing("creating", above, std::fs::create_dir_all(above))?;
        }
        doing("writing", folder, std::fs::rename(staged, folder))
    }

    fn put(&self, path: &str) -> Result<(), Trouble> {
        let full = self.root.join(path);
        if !self.above_is_real(path)?
            && let Some(parent) = full.parent()
        {
            doing("creating", parent, std::fs::create_dir_all(parent))?;
        }
        doing("writing", &full, std::fs::rename(self.staged(path), &full))
    }

    /// Removes a file, and the folders above it that are empty then.
    fn remove(&self, path: &str) -> Result<(), Trouble> {
        if !self.above_is_real(path)? {
            return Ok(());
        }
        let full = self.root.join(path);
        match std::fs::remove_file(&full) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Trouble::new("removing", &full, error));
            }
            Ok(()) | Err(_) => {}
        }
        for folder in Path::new(path).ancestors().skip(1).filter(|folder| *folder != Path::new(""))
        {
            if std::fs::remove_dir(self.root.join(folder)).is_err() {
                break;
            }
            self.real.lock().expect("no thread panics in here").remove(&display(folder));
        }
        Ok(())
    }

    /// Writes down what a commit is about to make and to remove, and what an interrupted one was.
    fn write_journal(&self, changes: &[Change]) -> Result<(), Trouble> {
        let staging = self.root.join(STAGING);
        doing("creating", &staging, std::fs::create_dir_all(&staging))?;
        let journal = staging.join(JOURNAL);
        let staged = journal.with_extension("new");
        let write = || {
            let mut file = std::io::BufWriter::new(File::create(&staged)?);
            for (path, digests) in &self.interrupted {
                digests.iter().try_for_each(|digest| writeln!(file, "{digest} {path}"))?;
            }
            for change in changes {
                for (path, staged) in &change.files {
                    writeln!(file, "{} {path}", staged.digest)?;
                }
                for (path, digest) in &change.removed {
                    writeln!(file, "{digest} {path}")?;
                }
            }
            file.flush()
        };
        doing("writing", &staged, write())?;
        doing("writing", &journal, std::fs::rename(&staged, &journal))
    }

    fn clear_staging(&self) -> Result<(), Trouble> {
        remove_all(&self.root.join(STAGING))
    }
}

fn remove_all(folder: &Path) -> Result<(), Trouble> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Trouble::new("removing", folder, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
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

/// A file that waits to be put into place.
#[derive(Debug)]
pub(in crate::cli) struct Staged {
    digest: Digest,
}

/// What a commit does for one unit.
#[derive(Debug)]
pub(in crate::cli) struct Change {
    /// Files that are new or differ; staged.
    pub(in crate::cli) files: Vec<(String, Staged)>,
    /// Files that are no longer made, with the digests of what they should hold.
    pub(in crate::cli) removed: Vec<(String, String)>,
    /// Its ledger.
    pub(in crate::cli) ledger: Ledger,
}

/// What becomes of a ledger.
#[derive(Debug)]
pub(in crate::cli) enum Ledger {
    /// It stays as it is.
    Same,
    /// It says something else; staged.
    New(String),
    /// Its unit is gone.
    Gone(String),
}
