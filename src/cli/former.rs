//! Former Schedules: they run on until they are retired, so the queue of their server counts them.

use super::compare::Compared;
use super::disk::{Tree, Trouble};
use crate::decide::queue::Former;
use crate::tree::Document;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The former Schedules of a tree that is being built.
#[derive(Default)]
pub(super) struct FormerSchedules {
    /// Those that stand in no file yet, by their paths.
    new: Mutex<BTreeMap<String, String>>,
}

impl FormerSchedules {
    /// Looks at a file that is new.
    pub(super) fn see(&self, document: &Document) {
        if parts(&document.path).is_some() {
            let mut new = self.new.lock().expect("nobody panics while holding it");
            new.insert(document.path.clone(), document.text.clone());
        }
    }

    /// All of them, when the tree is what was compared.
    pub(super) fn gather<T>(
        self,
        tree: &Tree,
        compared: &[Compared<T>],
    ) -> Result<Vec<Former>, Trouble> {
        let new = self.new.into_inner().expect("nobody panicked while holding it");
        let mut former = Vec::new();
        for path in compared.iter().flat_map(|unit| &unit.paths) {
            let Some((region, service)) = parts(path) else { continue };
            let text = match new.get(path) {
                Some(text) => Some(text.clone()),
                None => tree.read(path)?.and_then(|bytes| String::from_utf8(bytes).ok()),
            };
            former.extend(text.and_then(|text| Former::read(region, service, &text)));
        }
        Ok(former)
    }
}

/// The region and the service of the file of a former Schedule.
fn parts(path: &str) -> Option<(&str, &str)> {
    let mut parts = path.split('/');
    let (region, service) = (parts.next()?, parts.next()?);
    let (folder, _, file) = (parts.next()?, parts.next()?, parts.next()?);
    (folder == "retained" && file.starts_with("schedule")).then_some((region, service))
}
