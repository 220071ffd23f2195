//! The only code that touches the disk.
#![expect(clippy::disallowed_methods, reason = "this is the module that the lint points to")]

mod input; // reading specs and templates
mod walk; //  the files of a folder, links included
mod tree; //  reading and writing trees
mod look; //  how a file looks
mod beside; // the folder of what makes builds faster
mod cache; // what makes a build with little to do cheap
mod git; //   finding revisions
mod blobs; // reading them
mod delivered; // what the delivery engine saw
mod side; //  the files of one side of a diff
mod watch; // when something was saved
mod ledgers; // those of trees that manifests are read from

pub(super) use cache::{Cache, Record};
pub(super) use git::{Repository, uncommitted};
pub(super) use input::{
    Manifests, Open, look_for_specs, not_utf8, read_input, read_input_at, read_input_with,
    read_manifests, read_named,
};
pub(super) use ledgers::{is_beside, ledgers_of};
pub(super) use side::{Committed, Folder, Ids, Listed};
pub(super) use tree::{Change, Ledger, Staged, Tree, UnitFiles};
pub(super) use watch::Watch;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Something that could not be read or written.
#[derive(Clone, Debug)]
pub(super) struct Trouble(String);

impl Trouble {
    pub(super) fn new(doing: &str, path: &Path, why: impl std::fmt::Display) -> Trouble {
        Trouble(format!("{doing} `{}`: {why}", path.display()))
    }
}

impl From<String> for Trouble {
    fn from(text: String) -> Trouble {
        Trouble(text)
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds what was being done, and to which file.
fn doing<T>(doing: &'static str, path: &Path, result: std::io::Result<T>) -> Result<T, Trouble> {
    result.map_err(|error| Trouble::new(doing, path, error))
}

/// The order of what is in one folder, by name. That of paths is the same, and finding where the name begins
/// in each takes longer than all else of a comparison.
fn by_name(a: &walkdir::DirEntry, b: &walkdir::DirEntry) -> Ordering {
    a.path().as_os_str().cmp(b.path().as_os_str())
}

/// Whether there is a folder, or a link to one.
pub(super) fn is_folder(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

pub(super) fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// The path without links; nothing when neither it nor the folder above it is there.
pub(super) fn real(path: &Path) -> Option<std::path::PathBuf> {
    path.canonicalize()
        .ok()
        .or_else(|| Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?)))
}

/// The text of a file; nothing when there is none.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, Trouble> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        text => doing("reading", path, text).map(Some),
    }
}

/// The text of a file.
pub(super) fn read_file(path: &Path) -> Result<String, Trouble> {
    let bytes = doing("reading", path, std::fs::read(path))?;
    Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned())
}

/// Writes a file that does not exist yet, with the folders above it.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), Trouble> {
    write_new_bytes(path, text.as_bytes())
}

/// Writes a file that does not exist yet, whatever is in it.
pub(super) fn write_new_bytes(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    if let Some(parent) = path.parent() {
        doing("creating", parent, std::fs::create_dir_all(parent))?;
    }
    let file = File::options().write(true).create_new(true).open(path);
    let mut file = doing("creating", path, file)?;
    doing("writing", path, std::io::Write::write_all(&mut file, bytes))
}

/// Writes a file that a person named, in place of one that is there.
pub(super) fn write_over(path: &Path, text: &str) -> Result<(), Trouble> {
    doing("writing", path, std::fs::write(path, text))
}

/// Every file below a folder, by its path there; none where there is no folder.
pub(super) fn bytes_below(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Trouble> {
    let mut found = BTreeMap::new();
    if !is_folder(folder) {
        return Ok(found);
    }
    let files = walk::files_below(folder, &mut Vec::new())?;
    for file in files.iter().filter(|file| !file.is_folder && file.astray.is_none()) {
        let bytes = doing("reading", &file.path, std::fs::read(&file.path))?;
        found.insert(file.name.clone(), bytes);
    }
    Ok(found)
}

/// A path as reports show it.
pub(super) fn shown(path: &Path) -> String {
    display(path)
}

fn display(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
