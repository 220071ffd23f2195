//! Where an error is: of which object, or of which line of a file.

use crate::diag::Diagnostic;
use crate::import::draft::Draft;
use crate::import::group::Fate;
use crate::import::object::Object;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// The object among the manifests that refers to what is not there: `Ingress `shop` in …`.
pub(super) fn referrer(objects: &[Object], draft: &Draft, finding: &Diagnostic) -> Option<usize> {
    let (kind, rest) = finding.message.split_once(" `")?;
    let (name, _) = rest.split_once('`')?;
    let stays = |at: &usize| {
        matches!(draft.groups.fates[*at], Fate::Manifest(_)) || draft.partly.contains(at)
    };
    let is = |at: &usize| objects[*at].kind == kind && objects[*at].name == name;
    (0..objects.len()).filter(stays).find(is)
}

/// The file that an error stands in, below the folder of the specs, its text, and the line.
pub(super) type Stands<'s> = (&'s str, &'s str, usize);

/// The object of the source that an error is about: one of a file of manifests, or the workload of the
/// service in whose spec it stands.
pub(super) fn whose(
    draft: &Draft,
    (below, text, line): Stands<'_>,
    beginnings: &mut Beginnings,
) -> Option<usize> {
    if let Some(objects) = draft.manifests.get(below) {
        return beginnings.object(objects, (below, text), line);
    }
    let name = below.strip_suffix(".toml")?;
    let group = draft.groups.groups.iter().find(|group| group.name == name)?;
    Some(group.workload)
}

/// Where the documents of files of manifests begin, found once.
#[derive(Default)]
pub(super) struct Beginnings(BTreeMap<String, Vec<usize>>);

impl Beginnings {
    /// The object of a file that stands at a line.
    pub(super) fn object(
        &mut self,
        objects: &[(Option<usize>, Value)],
        (file, text): (&str, &str),
        line: usize,
    ) -> Option<usize> {
        let marks = || {
            let lines = text.lines().enumerate().filter(|(_, line)| *line == "---");
            lines.map(|(at, _)| at).collect()
        };
        let begin = self.0.entry(file.to_owned()).or_insert_with(marks);
        objects.get(begin.partition_point(|at| *at < line))?.0
    }
}
