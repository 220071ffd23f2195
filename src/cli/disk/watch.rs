//! When something was saved below some folders.
//!
//! It looks at the size and the time of every file, which takes a few milliseconds for thousands of
//! them, sees what any editor does, and works on network and container file systems, too, where
//! no change is reported.

use super::walk;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Files and folders, and how they look.
type Looks = BTreeMap<PathBuf, String>;

/// Looks at folders again and again.
pub(in crate::cli) struct Watch {
    folders: Vec<PathBuf>,
    looks: Looks,
}

/// The least time between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// How often a change is awaited to come to an end.
const PATIENCE: usize = 10;

impl Watch {
    /// Of these folders, which may not be there yet.
    pub(in crate::cli) fn new(folders: Vec<PathBuf>) -> Watch {
        let looks = look(&folders);
        Watch { folders, looks }
    }

    /// Returns when something looks different, and the change has come to an end: an editor writes
    /// more than one file, and each in more than one step.
    pub(in crate::cli) fn next(&mut self) {
        let mut looks = self.differs();
        for _ in 0..PATIENCE {
            std::thread::sleep(PAUSE);
            let again = look(&self.folders);
            if std::mem::replace(&mut looks, again) == looks {
                break;
            }
        }
        self.looks = looks;
    }

    /// How it looks when it looks different.
    fn differs(&self) -> Looks {
        loop {
            let began = Instant::now();
            let looks = look(&self.folders);
            if looks != self.looks {
                return looks;
            }
            // Looking takes a tenth of the time at most.
            std::thread::sleep(PAUSE.max(began.elapsed() * 9));
        }
    }
}

fn look(folders: &[PathBuf]) -> Looks {
    let mut looks = Vec::new();
    for folder in folders {
        // What cannot be read is reported by whoever reads it.
        let _ = walk::files_below(folder, &mut looks);
    }
    looks.into_iter().collect()
}
