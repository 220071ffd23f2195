//! What a build says of a unit: a line, and what was lost.

use super::{Compared, Restored};
use crate::diag::{self, Code, Diagnostic};
use crate::kube::Kind;
use std::collections::BTreeSet;

/// `1 file`, `2 files`.
pub(in crate::cli) fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

impl<T> Compared<T> {
    /// One line for a unit that changed.
    pub(in crate::cli) fn line(&self) -> Option<String> {
        let written = self.files.written().len();
        if written == 0 && self.removed.is_empty() {
            return self.ledger.is_some().then(|| format!("{}: its ledger written\n", self.unit));
        }
        let mut parts = Vec::new();
        if written > 0 {
            parts.push(format!("{} written", files(written)));
        }
        if !self.removed.is_empty() {
            parts.push(format!("{} removed", files(self.removed.len())));
        }
        let mut line = format!("{}: {} in {}", self.unit, parts.join(", "), self.regions());
        let list = |names: &BTreeSet<String>| {
            names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        if !self.left.is_empty() {
            line.push_str(&format!("; left {} with all generations", list(&self.left)));
        }
        if self.unit != "fleet" && !self.generations.is_empty() {
            line.push_str(&format!("; keeps {} until `ninefold retire`", list(&self.generations)));
        }
        if self.unit != "fleet" && !self.dropped.is_empty() {
            line.push_str(&format!("; drops {}, which was never delivered", list(&self.dropped)));
        }
        for commit in self.restored.iter().map(|back| &back.commit).collect::<BTreeSet<_>>() {
            let back = self.restored.iter().filter(|back| back.commit == *commit);
            let back: BTreeSet<String> = back.map(|back| back.generation.clone()).collect();
            line.push_str(&format!("; brings back {}, which {commit} delivered", list(&back)));
        }
        line.push('\n');
        Some(line)
    }

    /// The finding where the tree lost what runs.
    pub(in crate::cli) fn lost(&self) -> Option<Diagnostic> {
        let first = self.restored.first()?;
        let regions: BTreeSet<&str> = self.restored.iter().map(|lost| &*lost.region).collect();
        let workload = |lost: &&Restored| Kind::is_workload(&lost.kind);
        let mut lost: Vec<&Restored> = self.restored.iter().filter(workload).collect();
        if lost.is_empty() {
            lost = self.restored.iter().collect();
        }
        let names: BTreeSet<String> =
            lost.iter().map(|lost| format!("{} {}", lost.kind, lost.name)).collect();
        Some(
            Diagnostic::new(
                Code::GENERATION_LOST,
                format!(
                    "the tree lost what may run of `{}` in {}: {}",
                    self.unit,
                    diag::list(regions),
                    diag::list(names.iter().map(String::as_str))
                ),
            )
            .note(format!(
                "{} delivered it, nobody retired it, and here it is neither current nor kept: its pods would be deleted before others are ready",
                first.commit
            ))
            .help("run `ninefold build`: it brings the generation back from git; then commit"),
        )
    }

    /// One line for a unit whose files are not what they should be.
    pub(in crate::cli) fn line_of_check(&self) -> Option<String> {
        let written = self.files.written().map(|(path, _)| path);
        let ledger = self.ledger.iter().map(|(path, _)| path.as_str());
        let removed = self.removed.iter().map(|(path, _)| path.as_str());
        let changed: Vec<&str> = written.chain(ledger).chain(removed).collect();
        let first = changed.iter().min()?;
        let more = match changed.len() - 1 {
            0 => String::new(),
            more => format!(" and {}", files(more)),
        };
        Some(format!("{}: {first}{more} would change\n", self.unit))
    }

    fn regions(&self) -> String {
        let removed = self.removed.iter().map(|(path, _)| path.as_str());
        let paths = self.files.written().map(|(path, _)| path).chain(removed);
        let regions: BTreeSet<&str> = paths.filter_map(|path| path.split('/').next()).collect();
        regions.into_iter().collect::<Vec<_>>().join(", ")
    }
}
