//! How a file looks without reading it.

use super::Trouble;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Size, times in seconds and nanoseconds, and inode: of a file that looks the same, nobody reads what it
/// says.
#[derive(Clone, Copy)]
pub(super) struct Look([u64; 6]);

const DIGITS: &[u8; 16] = b"0123456789abcdef";

impl Look {
    /// How a file looks.
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Look {
        use std::os::unix::fs::MetadataExt;
        Look([
            metadata.size(),
            metadata.mtime().cast_unsigned(),
            metadata.mtime_nsec().cast_unsigned(),
            metadata.ctime().cast_unsigned(),
            metadata.ctime_nsec().cast_unsigned(),
            metadata.ino(),
        ])
    }

    /// Size and times: other systems have no more to tell.
    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Look {
        use std::time::SystemTime;
        let since = |time: io::Result<SystemTime>| {
            let time = time.unwrap_or(SystemTime::UNIX_EPOCH);
            time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
        };
        let (modified, created) = (since(metadata.modified()), since(metadata.created()));
        Look([
            metadata.len(),
            modified.as_secs(),
            modified.subsec_nanos().into(),
            created.as_secs(),
            created.subsec_nanos().into(),
            0,
        ])
    }

    /// When the file was last changed, in nanoseconds.
    pub(super) fn changed(&self) -> i128 {
        let [_, modified, modified_rest, created, created_rest, _] = self.0;
        let at = |seconds: u64, nanoseconds: u64| {
            i128::from(seconds.cast_signed()) * 1_000_000_000 + i128::from(nanoseconds)
        };
        at(created, created_rest).max(at(modified, modified_rest))
    }

    /// Writes it down: its numbers in hexadecimal. This is done for every file of a tree, so no format is
    /// interpreted.
    pub(super) fn write(&self, to: &mut String) {
        for (at, number) in self.0.iter().enumerate() {
            if at > 0 {
                to.push(':');
            }
            let digits: u32 = 16 - (number | 1).leading_zeros() / 4;
            let digit = |place: u32| DIGITS[(number >> (4 * place) & 15) as usize];
            to.extend((0..digits).rev().map(|place| char::from(digit(place))));
        }
    }

    /// The same as a text of its own.
    pub(super) fn written(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// Whether it is what is written down. It is asked of every file of a tree, so no text is parted.
    pub(super) fn is(&self, written: &str) -> bool {
        let (mut numbers, mut number) = (self.0.iter(), 0_u64);
        for sign in written.bytes() {
            let digit = match sign {
                b'0'..=b'9' => sign - b'0',
                b'a'..=b'f' => sign - b'a' + 10,
                _ if sign != b':' || numbers.next() != Some(&number) => return false,
                _ => {
                    number = 0;
                    continue;
                }
            };
            number = number << 4 | u64::from(digit);
        }
        numbers.next() == Some(&number) && numbers.next().is_none()
    }
}

/// A folder in which many files are looked at: the way to it is walked once.
pub(super) struct OpenFolder {
    path: PathBuf,
    #[cfg(unix)]
    handle: io::Result<std::fs::File>,
}

impl OpenFolder {
    /// Opens a folder. Where it is not there, neither is any file in it.
    pub(super) fn open(path: &Path) -> OpenFolder {
        OpenFolder {
            #[cfg(unix)]
            handle: std::fs::File::open(path),
            path: path.to_owned(),
        }
    }

    /// How a file below the folder looks; a link looks like itself.
    ///
    /// # Errors
    ///
    /// When it is not there, or cannot be looked at.
    #[cfg(unix)]
    pub(super) fn look(&self, name: &str) -> io::Result<Look> {
        use rustix::fs::{AtFlags, statat};
        let handle = self.handle.as_ref().map_err(|error| io::Error::from(error.kind()))?;
        let found = statat(handle, name, AtFlags::SYMLINK_NOFOLLOW)?;
        // Their types differ between systems; what does not fit looks like nothing that was written down.
        let number = |number: i128| u64::try_from(number).unwrap_or(u64::MAX);
        Ok(Look([
            number(found.st_size.into()),
            found.st_mtime.cast_unsigned(),
            number(found.st_mtime_nsec.into()),
            found.st_ctime.cast_unsigned(),
            number(found.st_ctime_nsec.into()),
            found.st_ino,
        ]))
    }

    /// The same.
    ///
    /// # Errors
    ///
    /// When it is not there, or cannot be looked at.
    #[cfg(not(unix))]
    pub(super) fn look(&self, name: &str) -> io::Result<Look> {
        std::fs::symlink_metadata(self.path.join(name)).map(|metadata| Look::of(&metadata))
    }

    /// Why a file cannot be looked at.
    pub(super) fn trouble(&self, name: &str, error: io::Error) -> Trouble {
        Trouble::new("reading", &self.path.join(name), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_written_in_hexadecimal_and_is_what_was_written() {
        let look = Look([0, 0xf, 0x10, u64::MAX, 1, 0xabc]);
        assert_eq!(look.written(), "0:f:10:ffffffffffffffff:1:abc");
        assert!(look.is(&look.written()));
    }

    #[test]
    fn a_file_looks_the_same_from_its_folder_and_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        std::fs::write(&path, "a: 1\n").unwrap();
        let look = OpenFolder::open(folder.path()).look("a.yaml").unwrap();
        let by_path = Look::of(&std::fs::symlink_metadata(&path).unwrap());
        assert!(look.is(&by_path.written()));
        assert_eq!(look.changed(), by_path.changed());
        std::fs::write(&path, "a: 12\n").unwrap();
        assert!(!OpenFolder::open(folder.path()).look("a.yaml").unwrap().is(&by_path.written()));
        assert!(OpenFolder::open(folder.path()).look("b.yaml").is_err());
    }
}
