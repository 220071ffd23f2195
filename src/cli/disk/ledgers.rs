//! The ledgers of trees that manifests are read from.

use super::{Trouble, doing, is_folder};
use crate::tree::{Ledger, ledger};
use std::path::{Path, PathBuf};

/// How far above a folder of manifests its tree may begin: `out`, `out/eastus2`, `out/eastus2/checkout`.
const ABOVE: usize = 3;

/// The tree that a folder is, or is in.
fn tree_of(folder: &Path) -> Option<PathBuf> {
    let mut above = folder.ancestors().take(ABOVE);
    let found = above.find(|above| is_folder(&above.join(ledger::FOLDER)))?;
    Some(found.to_owned())
}

/// The ledgers of the trees that folders are, or are in. A file that is no ledger is none.
pub(in crate::cli) fn ledgers_of(paths: &[PathBuf]) -> Result<Vec<Ledger>, Trouble> {
    let mut trees: Vec<PathBuf> =
        paths.iter().filter(|path| is_folder(path)).filter_map(|path| tree_of(path)).collect();
    trees.sort();
    trees.dedup();
    let mut found = Vec::new();
    for folder in trees.iter().map(|tree| tree.join(ledger::FOLDER)) {
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in doing("reading", &folder, std::fs::read_dir(&folder))? {
            files.push(doing("reading", &folder, entry)?.path());
        }
        files.sort();
        for file in files {
            let unit = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = doing("reading", &file, std::fs::read(&file))?;
            found.extend(Ledger::read(&unit, &String::from_utf8_lossy(&text)));
        }
    }
    Ok(found)
}

/// Whether a file stands in a tree, and is nothing that an engine applies.
pub(in crate::cli) fn is_beside(paths: &[PathBuf], file: &str) -> bool {
    let folders = paths.iter().filter(|path| is_folder(path)).filter_map(|path| tree_of(path));
    folders.into_iter().any(|tree| {
        let below = Path::new(file).strip_prefix(&tree).ok();
        let first = below.and_then(|below| below.components().next());
        first.is_some_and(|first| {
            [ledger::FOLDER, ledger::RECOVERY].iter().any(|name| first.as_os_str() == *name)
        })
    })
}
