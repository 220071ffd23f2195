//! What former generations do until they are retired: their Schedules run on, so the queue of their
//! server counts them, and their pods take room.

use super::compare::Compared;
use super::disk::{Tree, Trouble};
use crate::decide::kept::Kept;
use crate::decide::queue::Former;
use crate::kube::Kind;
use crate::tree::Document;
use crate::yaml::{Value, read};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The files of former generations of a tree that is being built.
#[derive(Default)]
pub(super) struct FormerFiles {
    /// Those that stand in no file yet, by their paths.
    new: Mutex<BTreeMap<String, String>>,
}

/// What they do.
#[derive(Default)]
pub(super) struct FormerObjects {
    files: usize,
    pub(super) schedules: Vec<Former>,
    /// The workloads, each with the path of its file.
    pub(super) workloads: Vec<(Kept, String)>,
}

impl FormerObjects {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.files == 0
    }
}

impl FormerFiles {
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
    ) -> Result<FormerObjects, Trouble> {
        let new = self.new.into_inner().expect("nobody panicked while holding it");
        let mut found = FormerObjects::default();
        let mut autoscalers: Vec<Value> = Vec::new();
        let keeping = compared.iter().filter(|of| !of.generations.is_empty());
        let paths = keeping.flat_map(|of| of.files.paths().map(|path| (&*of.unit, path)));
        for (service, path) in paths {
            let Some((region, generation)) = parts(path) else { continue };
            let text = match new.get(path) {
                Some(text) => Some(text.clone()),
                None => tree.read(path)?.and_then(|bytes| String::from_utf8(bytes).ok()),
            };
            let Some(text) = text else { continue };
            let Ok(value) = read::document(&text) else { continue };
            found.files += 1;
            let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
            if kind == Kind::Schedule.name() {
                found.schedules.extend(Former::read(region, service, &text));
            } else if Kind::autoscalers().any(|(name, ..)| name == kind) {
                autoscalers.push(value);
            } else if Kind::is_workload(&kind) {
                let kept = Kept::read(region, service, generation, &value);
                found.workloads.extend(kept.map(|kept| (kept, path.to_owned())));
            }
        }
        for (kept, _) in &mut found.workloads {
            autoscalers.iter().for_each(|autoscaler| kept.scale(autoscaler));
        }
        Ok(found)
    }
}

/// The region and the generation of a file of a former generation.
fn parts(path: &str) -> Option<(&str, &str)> {
    let mut parts = path.split('/');
    let (region, _) = (parts.next()?, parts.next()?);
    let (folder, generation, _) = (parts.next()?, parts.next()?, parts.next()?);
    (folder == "retained").then_some((region, generation))
}

/// How many pods run only because nobody has retired them, where, and since when.
pub(super) fn kept_note(tree: &Tree, former: &FormerObjects) -> String {
    let pods: u32 = former.workloads.iter().map(|(kept, _)| kept.pods).sum();
    if pods == 0 {
        return String::new();
    }
    let paths: Vec<&str> = former.workloads.iter().map(|(_, path)| path.as_str()).collect();
    let since =
        if paths.len() <= MAX_ASKED { tree.history().since(&paths) } else { BTreeMap::new() };
    let mut services: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    for (kept, path) in former.workloads.iter().filter(|(kept, _)| kept.pods > 0) {
        let since = since.get(path).map_or("", String::as_str);
        let places = services.entry((&kept.service, &kept.generation, since)).or_default();
        places.push(format!("{} in {}", kept.pods, kept.region));
    }
    let mut text = format!("note: {pods} pods of former generations run until `ninefold retire`\n");
    for ((service, generation, since), places) in services {
        let since = if since.is_empty() { String::new() } else { format!(", since {since}") };
        text.push_str(&format!("  {service} {generation}: {}{since}\n", places.join(", ")));
    }
    text
}

/// How many files git is asked about at most.
const MAX_ASKED: usize = 100;
