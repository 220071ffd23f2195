//! What makes an engine deliver: from where, how, and whether it does at all.

use super::{Edit, Match, Service};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::value::{Change, compare};
use crate::kube::kinds::KINDS;
use crate::yaml::Value;

/// Ends of paths that say from where, or whereto, is delivered.
const SOURCES: &[&str] = &[
    "repoURL",
    "targetRevision",
    "revision",
    "path",
    "url",
    "ref.branch",
    "ref.tag",
    "ref.commit",
    "ref.name",
    "sourceRef.name",
    "server",
    "destination.name",
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for row in KINDS.iter().filter(|row| row.delivers) {
        matches.extend(service.edits_of(row.name).filter_map(|edit| otherwise(&edit)));
        for dropped in service.dropped(row.name) {
            let region = &dropped.item.identity.region;
            let title = format!("{} {} no longer delivers", row.name, dropped.item.name);
            matches.push(
                Match::neutral(Code::DELIVERY_CHANGES, Severity::High, title)
                    .at(region)
                    .detail("what it delivered runs on as it is, and no later change reaches it by this way")
                    .object(dropped.number),
            );
        }
        for (number, item) in service.added(row.name).filter(|_| service.old.is_some()) {
            let title = format!("{} {} delivers from now on", row.name, item.name);
            matches.push(
                Match::neutral(Code::DELIVERY_CHANGES, Severity::Low, title)
                    .at(&item.identity.region)
                    .object(number),
            );
        }
    }
    matches
}

fn otherwise(edit: &Edit<'_>) -> Option<Match> {
    let bare = |value: &Value| {
        let mut value = value.clone();
        value.remove("metadata");
        value
    };
    let changes = compare(edit.kind, &bare(edit.old), &bare(edit.new));
    let differ: Vec<&Change> =
        changes.iter().filter(|change| !change.cosmetic && !change.equal).collect();
    if differ.is_empty() {
        return None;
    }
    let moves = differ.iter().any(|change| SOURCES.iter().any(|end| change.path.ends_with(end)));
    let (severity, title) = match moves {
        true => (Severity::High, format!("{} delivers from elsewhere", edit.new_item.name)),
        false => (Severity::Medium, format!("{} delivers differently", edit.new_item.name)),
    };
    let line = |change: &&Change| {
        let shown = |value: &Option<Value>| super::amount::shown(value.as_ref());
        format!("{}: {} → {}", change.path, shown(&change.old), shown(&change.new))
    };
    Some(edit.neutral(Code::DELIVERY_CHANGES, severity, title).details(differ.iter().map(line)))
}
