//! What runs today, read as an import reads it, for whoever asks what a loss would do to it.

use super::source::{self, Object};
use crate::diag::{FileId, Sink, Sources};
use crate::judge::foreign::{Seen, Unread};
use crate::yaml::written;
use std::collections::BTreeMap;

/// The objects of some texts.
#[derive(Debug)]
pub struct Foreign<'a> {
    sources: &'a Sources,
    objects: Vec<Object>,
    /// Each of them, as it is judged.
    pub seen: Vec<Seen>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// Reads every object of `files`, whose paths are shown as below `folder`.
pub fn read<'a>(sources: &'a Sources, files: &[FileId], folder: &str) -> Foreign<'a> {
    let mut sink = Sink::default();
    let objects = source::read(&mut sink, sources, files);
    let mut lines = Lines::default();
    let unread = (sink.sorted(sources).iter())
        .map(|finding| {
            let at = finding.primary.as_ref().map_or(String::new(), |label| {
                let (file, line) = lines.of(sources, label.span.file, label.span.start as usize);
                format!("{}:{line}", below(file, folder))
            });
            Unread { at, why: finding.message.clone() }
        })
        .collect();
    let seen = (objects.iter())
        .map(|object| {
            let place = object.place;
            let (file, line) = lines.of(sources, place.file, place.start as usize);
            Seen {
                file: below(file, folder).to_owned(),
                line,
                api_version: object.api_version.clone(),
                kind: object.kind.clone(),
                namespace: object.namespace.clone().unwrap_or_else(|| "default".to_owned()),
                name: object.name.clone(),
                value: object.value.clone(),
            }
        })
        .collect();
    Foreign { sources, objects, seen, unread }
}

/// A path as it is shown: below the folder that was named.
fn below<'p>(path: &'p str, folder: &str) -> &'p str {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
}

/// Where the lines of each text begin.
#[derive(Default)]
struct Lines(BTreeMap<String, Vec<usize>>);

impl Lines {
    /// The file of a place, and its line from 1.
    fn of<'s>(&mut self, sources: &'s Sources, file: FileId, start: usize) -> (&'s str, usize) {
        let source = sources.get(file);
        let starts = self
            .0
            .entry(source.path.clone())
            .or_insert_with(|| source.text.match_indices('\n').map(|(at, _)| at + 1).collect());
        (&source.path, starts.partition_point(|line| *line <= start) + 1)
    }
}

impl Foreign<'_> {
    /// The line of a field of an object, or of what is around it, by a path of keys and places in
    /// lists; none of JSON, whose places nobody keeps.
    pub fn line(&self, object: usize, path: &[&str]) -> Option<usize> {
        let object = self.objects.get(object)?;
        let text = &self.sources.get(object.place.file).text;
        let kind = object.place.start as usize;
        let part = source::parts(text).into_iter().find(|part| part.contains(&kind))?;
        let start = part.start;
        let documents = written::documents(&text[part]).ok()?;
        let around = |document: &written::Written| -> Option<Vec<String>> {
            let is = |prefix: &[String]| {
                let own: Vec<&str> = prefix.iter().map(String::as_str).chain(["kind"]).collect();
                document.place(&own).start + start == kind
            };
            let listed = document.value.get("items").map(|items| items.items().len());
            let listed =
                (0..listed.unwrap_or(0)).map(|at| vec!["items".to_owned(), at.to_string()]);
            std::iter::once(Vec::new()).chain(listed).find(|prefix| is(prefix))
        };
        let (document, prefix) =
            documents.iter().find_map(|document| Some((document, around(document)?)))?;
        let path: Vec<&str> =
            prefix.iter().map(String::as_str).chain(path.iter().copied()).collect();
        let at = document.place(&path).start + start;
        Some(text[..at].matches('\n').count() + 1)
    }
}
