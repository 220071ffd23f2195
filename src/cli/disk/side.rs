//! The files of one side of a diff.

use super::blobs::Revision;
use super::{Tree, Trouble};
use crate::diff::Files;
use crate::name::Digest;
use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

/// A side whose files can be listed, and that says what went wrong while they were read.
pub(in crate::cli) trait Listed: Files {
    /// Every file, in the order of names; hidden ones are not meant.
    fn paths(&self) -> Vec<String>;

    /// What went wrong so far.
    fn trouble(&self) -> Option<Trouble>;
}

/// How two sides tell that a file has the same bytes in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Ids {
    /// The id of its blob, which git knows without reading it.
    Blob,
    /// A digest of our own: git has nothing to do with either side, or its ids are made with
    /// SHA-256.
    Digest,
}

impl Ids {
    /// The id of a file that holds `bytes`.
    pub(in crate::cli) fn of(self, bytes: &[u8]) -> String {
        match self {
            Ids::Blob => {
                let mut hash = sha1_smol::Sha1::new();
                hash.update(format!("blob {}\0", bytes.len()).as_bytes());
                hash.update(bytes);
                hash.digest().to_string()
            }
            Ids::Digest => Digest::of(bytes).to_string(),
        }
    }
}

/// Whether a file is one that nobody means to deliver: hidden, or in a hidden folder.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// A folder as a side of a diff.
pub(in crate::cli) struct Folder {
    tree: Tree,
    ids: Ids,
    trouble: OnceLock<Trouble>,
}

impl Folder {
    /// Opens a folder that must exist.
    pub(in crate::cli) fn open(path: &Path, ids: Ids) -> Result<Folder, Trouble> {
        if !super::is_folder(path) {
            return Err(Trouble::new("reading", path, "there is no such folder"));
        }
        Ok(Folder { tree: Tree::look_at(path)?, ids, trouble: OnceLock::new() })
    }

    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        match self.tree.read(path) {
            Ok(bytes) => bytes,
            Err(trouble) => {
                let _ = self.trouble.set(trouble);
                None
            }
        }
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Option<String> {
        String::from_utf8(self.bytes(path)?).ok()
    }

    fn id(&self, path: &str) -> Option<Cow<'_, str>> {
        Some(self.ids.of(&self.bytes(path)?).into())
    }
}

impl Listed for Folder {
    fn paths(&self) -> Vec<String> {
        match self.tree.files() {
            Ok(files) => files.into_iter().filter(|path| !is_hidden(path)).collect(),
            Err(trouble) => {
                let _ = self.trouble.set(trouble);
                Vec::new()
            }
        }
    }

    fn trouble(&self) -> Option<Trouble> {
        self.trouble.get().cloned()
    }
}

/// A folder of a revision as a side of a diff.
pub(in crate::cli) struct Committed {
    /// Its files; none when the revision has no such folder.
    pub(in crate::cli) files: Option<Revision>,
    /// How ids are made.
    pub(in crate::cli) ids: Ids,
}

impl Files for Committed {
    fn read(&self, path: &str) -> Option<String> {
        String::from_utf8(self.files.as_ref()?.bytes(path)?).ok()
    }

    fn read_all(&self, paths: &[&str]) -> Vec<Option<String>> {
        let Some(files) = &self.files else { return vec![None; paths.len()] };
        let read = files.bytes_of_all(paths).into_iter();
        read.map(|bytes| String::from_utf8(bytes?).ok()).collect()
    }

    fn id(&self, path: &str) -> Option<Cow<'_, str>> {
        let files = self.files.as_ref()?;
        match self.ids {
            Ids::Blob => files.blob(path).map(Cow::Borrowed),
            Ids::Digest => Some(self.ids.of(&files.bytes(path)?).into()),
        }
    }
}

impl Listed for Committed {
    fn paths(&self) -> Vec<String> {
        let paths = self.files.iter().flat_map(Revision::paths);
        paths.filter(|path| !is_hidden(path)).map(str::to_owned).collect()
    }

    fn trouble(&self) -> Option<Trouble> {
        self.files.as_ref()?.trouble()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_has_the_id_that_git_gives_it() {
        // `printf 'hello\n' | git hash-object --stdin`
        assert_eq!(Ids::Blob.of(b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(Ids::Blob.of(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    }
}
