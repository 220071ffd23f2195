//! What is below a folder.

use std::path::{Path, PathBuf};

pub(crate) fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut files): (Vec<_>, Vec<_>) =
        children(folder).into_iter().partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files
}

pub(crate) fn count_below(folder: &Path) -> usize {
    files_below(folder).len()
}

pub(crate) fn bytes_below(folder: &Path) -> usize {
    let size = |path: &PathBuf| std::fs::metadata(path).expect("the file is there").len();
    let bytes: u64 = files_below(folder).iter().map(size).sum();
    usize::try_from(bytes).expect("it fits the disk")
}
