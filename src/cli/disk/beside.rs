//! The folder beside a tree in which a build keeps what makes the next one faster. Git ignores it, and
//! deleting it changes nothing.

use super::{Trouble, doing};
use std::path::{Path, PathBuf};

/// The folder, beside the tree.
const FOLDER: &str = ".ninefold-cache";

/// The file of a tree that ends so; none of a tree that has no name.
pub(super) fn file(out: &Path, ending: &str) -> Option<PathBuf> {
    let path = out.parent().unwrap_or(Path::new("")).join(FOLDER).join(out.file_name()?);
    Some(with_ending(&path, ending))
}

/// Where such a file is written before it is put into place, in a folder that is there then.
pub(super) fn stage(path: &Path) -> Result<PathBuf, Trouble> {
    let folder = path.parent().unwrap_or(Path::new("."));
    doing("creating", folder, std::fs::create_dir_all(folder))?;
    let ignore = folder.join(".gitignore");
    if !super::exists(&ignore) {
        doing("writing", &ignore, std::fs::write(&ignore, "*\n"))?;
    }
    Ok(with_ending(path, ".new"))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
