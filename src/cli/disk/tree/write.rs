//! A tree is written in two steps: all files are staged, and then put into place.

use super::{FILES, JOURNAL, NEW_JOURNAL, STAGING, Tree, UnitFiles};
use crate::cli::disk::{Trouble, display, doing};
use crate::tree::Document;
use crate::tree::ledger::Sealed;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

pub(super) fn remove_all(folder: &Path) -> Result<(), Trouble> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Trouble::new("removing", folder, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A file that waits to be put into place; a large tree has very many.
#[derive(Debug)]
pub(in crate::cli) struct Staged;

/// What a commit does for one unit.
#[derive(Debug)]
pub(in crate::cli) struct Change {
    /// Its files: those that are new or differ are staged.
    pub(in crate::cli) files: UnitFiles<Staged>,
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

impl Tree {
    /// Writes a file beside the tree, to be put into place by [`Tree::commit`].
    pub(in crate::cli) fn stage(&self, document: &Document) -> Result<Staged, Trouble> {
        self.stage_at(&document.path, |file| file.write_all(document.text.as_bytes()))?;
        self.note(&document.path, &document.digest.to_string())?;
        Ok(Staged)
    }

    /// Writes a ledger beside the tree, in the same way.
    pub(in crate::cli) fn stage_ledger(&self, ledger: &Sealed) -> Result<Staged, Trouble> {
        self.stage_at(&ledger.path(), |file| ledger.write(file))?;
        Ok(Staged)
    }

    fn stage_at(
        &self,
        path: &str,
        write: impl Fn(&mut File) -> std::io::Result<()>,
    ) -> Result<(), Trouble> {
        let staged = self.staged(path);
        // Making a file costs less than making sure that there is nothing in it.
        let written = match File::create_new(&staged).and_then(|mut file| write(&mut file)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = staged.parent().unwrap_or(&self.root);
                doing("creating", folder, std::fs::create_dir_all(folder))?;
                self.ignore_staging()?;
                File::create(&staged).and_then(|mut file| write(&mut file))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                File::create(&staged).and_then(|mut file| write(&mut file))
            }
            written => written,
        };
        doing("writing", &staged, written)
    }

    /// A build that does not end must not be committed by accident.
    fn ignore_staging(&self) -> Result<(), Trouble> {
        let mut ignored = self.ignored.lock().expect("no thread panics in here");
        if !*ignored {
            let ignore = self.root.join(STAGING).join(".gitignore");
            doing("writing", &ignore, std::fs::write(&ignore, "*\n"))?;
            *ignored = true;
        }
        Ok(())
    }

    /// Where the file of `path` is staged. No name in a tree has a `+`.
    fn staged(&self, path: &str) -> PathBuf {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = folder.replace('/', "+");
        [self.root.as_path(), STAGING.as_ref(), FILES.as_ref(), folder.as_ref(), file.as_ref()]
            .into_iter()
            .collect()
    }

    /// Puts everything into place: former generations, then files, then ledgers, then removals.
    /// Interrupted at any point, every file that is Ninefold's is named by a ledger or by the
    /// journal, and what a ledger speaks of is still there, in its place or kept.
    pub(in crate::cli) fn commit(self, changes: &[Change]) -> Result<(), Trouble> {
        self.write_journal(changes)?;
        let mut folders: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
        for (path, _) in changes.iter().flat_map(|change| change.files.written()) {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let current = folder.split('/').count() < 3;
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

    /// Forgets what was staged.
    pub(in crate::cli) fn abandon(self) -> Result<(), Trouble> {
        // Not every system removes a file that is open.
        drop(self.journal.lock().expect("no thread panics in here").take());
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

    /// Writes down a file that a commit is about to make or to remove. It counts once the journal has
    /// its name.
    fn note(&self, path: &str, digest: &str) -> Result<(), Trouble> {
        let staged = || self.root.join(STAGING).join(NEW_JOURNAL);
        let trouble = |error| Trouble::new("writing", &staged(), error);
        let mut journal = self.journal.lock().expect("no thread panics in here");
        let file = match &mut *journal {
            Some(file) => file,
            none => none.insert(BufWriter::new(File::create(staged()).map_err(trouble)?)),
        };
        writeln!(file, "{digest} {path}").map_err(trouble)
    }

    /// Completes the journal with what a commit is about to remove, and what an interrupted one was.
    fn write_journal(&self, changes: &[Change]) -> Result<(), Trouble> {
        let staging = self.root.join(STAGING);
        doing("creating", &staging, std::fs::create_dir_all(&staging))?;
        for (path, digests) in &self.interrupted {
            digests.iter().try_for_each(|digest| self.note(path, digest))?;
        }
        for (path, digest) in changes.iter().flat_map(|change| &change.removed) {
            self.note(path, digest)?;
        }
        let (journal, staged) = (staging.join(JOURNAL), staging.join(NEW_JOURNAL));
        match self.journal.lock().expect("no thread panics in here").take() {
            Some(mut file) => doing("writing", &staged, file.flush())?,
            None => doing("writing", &staged, File::create(&staged).map(drop))?,
        }
        doing("writing", &journal, std::fs::rename(&staged, &journal))
    }

    fn clear_staging(&self) -> Result<(), Trouble> {
        remove_all(&self.root.join(STAGING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_leaves_out_what_is_staged() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::lock(folder.path()).unwrap();
        for path in ["eus/shop/a.yaml", "wus/shop/a.yaml"] {
            tree.stage_at(path, |file| file.write_all(b"a: 1\n")).unwrap();
        }
        let staging = folder.path().join(STAGING);
        assert_eq!(std::fs::read_to_string(staging.join(".gitignore")).unwrap(), "*\n");
        let staged = |folder: &str| staging.join(FILES).join(folder).join("a.yaml").is_file();
        assert!(staged("eus+shop") && staged("wus+shop"));
    }
}
