//! Versions of VolSync, and what is true of each.

use super::version::Release;

/// A version of VolSync, `0.16.0`.
pub type Version = Release<0>;

/// The first that takes out of a copy what was deleted (`enableFileDeletion`): what an older one pulls is
/// the latest state, and every file that was ever there (volsync `CHANGELOG.md`, 0.11.0). It also has
/// `unlock`, which came with 0.8.0.
pub const OLDEST: Version = Version { minor: 11, patch: 0 };

/// The labels of a source and of a destination in the names of the Jobs that move data:
/// `volsync-src-carts-data-0` (volsync `internal/controller/mover/restic/mover.go`, `ensureJob`).
pub const PUSHES: &str = "volsync-src-";
/// The same of a destination.
pub const PULLS: &str = "volsync-dst-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_images_are_tagged() {
        assert_eq!("v0.11.0".parse(), Ok(OLDEST));
        assert_eq!("0.16.0".parse::<Version>().unwrap().to_string(), "0.16.0");
        for text in ["0.16", "1.16.0", "", "0.16.x", "0.16.0-rc.1"] {
            assert_eq!(text.parse::<Version>(), Err(()), "{text}");
        }
    }
}
