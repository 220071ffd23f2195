//! The files of a folder, and its links.
//!
//! A link is followed when it leads to another place in the same folder. One that leads out of it is
//! not: it would make the build depend on what is not committed, or read what nobody meant to show.

use super::{Trouble, by_name, cache, display};
use std::path::{Path, PathBuf};

/// A file, or a link that is not followed.
pub(super) struct File {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its name below the folder.
    pub(super) name: String,
    /// Why it is not followed.
    pub(super) astray: Option<Astray>,
    /// Whether it is a link to a folder, which may hold anything.
    pub(super) is_folder: bool,
}

impl File {
    /// A file that is no link.
    pub(super) fn new(path: PathBuf, name: String) -> File {
        File { path, name, astray: None, is_folder: false }
    }
}

/// Why a link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Astray {
    /// There is nothing at its end.
    Nowhere,
    /// Its end is outside of the folder.
    Outside,
    /// Its end is a folder that it is in.
    Circle,
}

/// Every file below `folder`, in the order of names. `seen` gets every path that was met, and how
/// it looked. Hidden files, and what is in hidden folders, are none: editors keep locks and copies
/// there.
pub(super) fn files_below(
    folder: &Path,
    seen: &mut Vec<(PathBuf, String)>,
) -> Result<Vec<File>, Trouble> {
    let root = folder.canonicalize().map_err(|why| Trouble::new("reading", folder, why))?;
    let mut walk = Walk { folder, root, seen, files: Vec::new() };
    walk.below(folder, &mut Vec::new())?;
    Ok(walk.files)
}

struct Walk<'a> {
    folder: &'a Path,
    root: PathBuf,
    seen: &'a mut Vec<(PathBuf, String)>,
    files: Vec<File>,
}

impl Walk<'_> {
    /// Adds what is below `start`. `through` has the ends of the links that led there.
    fn below(&mut self, start: &Path, through: &mut Vec<PathBuf>) -> Result<(), Trouble> {
        let shown = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        };
        let walk = walkdir::WalkDir::new(start).sort_by(by_name);
        for entry in walk.into_iter().filter_entry(shown) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(start).to_owned();
                let why = error.io_error().map_or_else(String::new, ToString::to_string);
                Trouble::new("reading", &path, why)
            })?;
            let path = entry.path().to_owned();
            // Of a link, what is at its end.
            let looks = std::fs::metadata(&path);
            let looks = looks.map_or(String::new(), |now| cache::looks_settled(&now));
            self.seen.push((path.clone(), looks));
            if entry.depth() > 0 && entry.path_is_symlink() {
                self.link(path, through)?;
            } else if entry.file_type().is_file() {
                self.add(path, None);
            }
        }
        Ok(())
    }

    fn link(&mut self, path: PathBuf, through: &mut Vec<PathBuf>) -> Result<(), Trouble> {
        let Ok(end) = path.canonicalize() else {
            self.add(path, Some(Astray::Nowhere));
            return Ok(());
        };
        if !end.starts_with(&self.root) {
            self.add(path, Some(Astray::Outside));
        } else if end.is_dir() {
            let own = path.parent().and_then(|parent| parent.canonicalize().ok());
            let inside = own.is_some_and(|own| own.starts_with(&end));
            if inside || through.contains(&end) {
                self.add(path, Some(Astray::Circle));
            } else {
                through.push(end);
                self.below(&path, through)?;
                through.pop();
            }
        } else if end.is_file() {
            self.add(path, None);
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf, astray: Option<Astray>) {
        let name = display(path.strip_prefix(self.folder).unwrap_or(&path));
        // What is followed is a file.
        let is_folder = astray.is_some() && path.is_dir();
        self.files.push(File { path, name, astray, is_folder });
    }
}
