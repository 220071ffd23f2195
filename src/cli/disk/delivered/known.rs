//! Who was delivered, written down: to ask git for every ledger takes longer than all else of a build after
//! the second edit of a service.
//!
//! It stands beside the cache, and like that changes nothing when it is deleted. It is of the ledgers whose
//! ids it was made of; once others are delivered, it is made anew. Of what git has lost since, it knows more
//! than git.

use super::history::Key;
use crate::cli::disk::{Trouble, beside, doing};
use crate::name::Digest;
use std::path::Path;

/// The version of the format, and of what is read of ledgers.
const VERSION: &str = "1";

/// What the file is called, behind the name of the tree.
pub(super) const ENDING: &str = ".delivered";

/// The beginning of a digest, and the end of a line: of a million objects, two are the same once in thirty
/// million fleets, and then something stays that was never delivered.
const LINE: usize = 17;

/// Of whom the lines are, and their own digest.
const HEADER: usize = 2 * (64 + 1);

/// The objects of every delivered tree: a line for each, sorted.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<u8>);

impl Known {
    pub(super) fn of(objects: impl Iterator<Item = Key>) -> Known {
        let mut lines: Vec<[u8; LINE]> = objects.map(|object| line(&object)).collect();
        lines.sort_unstable();
        lines.dedup();
        Known(lines.concat())
    }

    pub(super) fn has(&self, object: &Key) -> bool {
        self.0.as_chunks::<LINE>().0.binary_search(&line(object)).is_ok()
    }

    /// What was written down of ledgers with these ids; nothing where that was of others, or is not as it
    /// was written.
    pub(super) fn read(path: &Path, ids: &[&str]) -> Option<Known> {
        let mut header = std::fs::read(path).ok().filter(|text| text.len() >= HEADER)?;
        let lines = header.split_off(HEADER);
        (header == self::header(ids, &lines)).then_some(Known(lines))
    }

    /// Writes it down.
    pub(super) fn write(&self, path: &Path, ids: &[&str]) -> Result<(), Trouble> {
        let staged = beside::stage(path)?;
        let text = [header(ids, &self.0).as_slice(), &self.0].concat();
        doing("writing", &staged, std::fs::write(&staged, text))?;
        doing("writing", path, std::fs::rename(&staged, path))
    }
}

fn header(ids: &[&str], lines: &[u8]) -> Vec<u8> {
    let of = Digest::of([&[VERSION], ids].concat().join(" ").as_bytes());
    format!("{of}\n{}\n", Digest::of(lines)).into_bytes()
}

fn line((region, kind, namespace, name): &Key) -> [u8; LINE] {
    let namespace = namespace.as_deref().unwrap_or("\n");
    let digest = Digest::of_parts(&[region, "\n", kind, "\n", namespace, "\n", name]).to_string();
    let mut line = [b'\n'; LINE];
    line[..LINE - 1].copy_from_slice(&digest.as_bytes()[..LINE - 1]);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        ("eu".to_owned(), "Deployment".to_owned(), Some("shop".to_owned()), name.to_owned())
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache/out.delivered");
        let known = Known::of(["web-b", "web-a", "web-b"].map(key).into_iter());
        known.write(&path, &["1", "2"]).unwrap();
        let read = Known::read(&path, &["1", "2"]).unwrap();
        assert!(read.has(&key("web-a")) && read.has(&key("web-b")) && !read.has(&key("web-c")));
        let everywhere = ("eu".to_owned(), "Deployment".to_owned(), None, "web-a".to_owned());
        assert!(!read.has(&everywhere));
        assert_eq!(read.0.len(), 2 * LINE);
    }

    #[test]
    fn what_is_of_others_or_is_not_whole_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.delivered");
        assert!(Known::read(&path, &["1"]).is_none());
        let known = Known::of(["web-a", "web-b"].map(key).into_iter());
        known.write(&path, &["1"]).unwrap();
        assert!(Known::read(&path, &["1"]).is_some());
        assert!(Known::read(&path, &["2"]).is_none() && Known::read(&path, &[]).is_none());
        let text = std::fs::read(&path).unwrap();
        let mut other = text.clone();
        other[HEADER] ^= 1;
        for broken in [&text[..0], &text[..HEADER], &text[..text.len() - LINE], &other] {
            std::fs::write(&path, broken).unwrap();
            assert!(Known::read(&path, &["1"]).is_none(), "{}", broken.len());
        }
    }
}
