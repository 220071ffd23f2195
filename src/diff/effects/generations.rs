//! Former generations that leave, and objects that become another kind.

use super::{Match, Service, amount, workload};
use crate::diag::Code;
use crate::diff::report::{Operation, Severity};
use crate::diff::side::Item;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches: Vec<Match> = leave(service).collect();
    matches.extend(kinds(service));
    matches
}

/// Former generations that the new tree has no more. Of what goes with its region, and of
/// ConfigMaps that go with their workload, there is nothing more to say.
fn leave<'a>(service: &'a Service<'_>) -> impl Iterator<Item = Match> + 'a {
    service.changed.iter().filter_map(|changed| {
        let item = changed.old.filter(|_| changed.object.operation == Operation::Retire)?;
        let identity = &item.identity;
        let stays = super::regions::of(service.new).contains(identity.region.as_str());
        let generation = item.retained.as_ref().map_or("", |of| of.generation.as_str());
        let pushed_out = stays && replaced(service, item);
        let (severity, line) = match identity.kind.as_str() {
            _ if !stays => return None,
            "Deployment" | "StatefulSet" => {
                let pods = item.value().and_then(|value| workload::pods(service.old, item, value));
                let pods = amount::pods(pods.unwrap_or(0));
                match pushed_out {
                    true => (
                        Severity::Medium,
                        format!("{pods} stop; the generation beside it becomes a former one in the same commit: was it healthy?"),
                    ),
                    false => (Severity::Info, format!("{pods} stop; the way back is another build")),
                }
            }
            "Schedule" => (
                Severity::Info,
                "the former Schedule no longer runs; its backups stay until they expire".to_owned(),
            ),
            _ => return None,
        };
        let title = format!("generation {generation} of {} leaves", identity.kind);
        Some(
            Match::loosens(Code::GENERATION_LEAVES, severity, title)
                .at(&identity.region)
                .detail(line)
                .fact("generation", generation)
                .object(changed.number),
        )
    })
}

/// Whether the current object of the same kind becomes a former one in the same change.
fn replaced(service: &Service<'_>, item: &Item<'_>) -> bool {
    service.changed.iter().any(|changed| {
        let pair = changed.old.zip(changed.new);
        pair.is_some_and(|(old, new)| {
            old.retained.is_none()
                && new.retained.is_some()
                && old.identity.kind == item.identity.kind
                && old.identity.region == item.identity.region
        })
    })
}

/// The same object as another kind, or of another version of its kind.
fn kinds<'a>(service: &'a Service<'_>) -> impl Iterator<Item = Match> + 'a {
    service.edits().filter_map(|edit| {
        let (old, new) = (&edit.old_item.identity, &edit.new_item.identity);
        // The core group has no name, and is sometimes called so.
        let version = |item: &Item<'_>| item.api_version().trim_start_matches("core/").to_owned();
        let (then, now) = (version(edit.old_item), version(edit.new_item));
        let name = &new.logical_name;
        let (severity, title) = if (&old.kind, &old.group) != (&new.kind, &new.group) {
            (Severity::High, format!("{} {name} becomes a {}", old.kind, new.kind))
        } else if then != now && !then.is_empty() && !now.is_empty() {
            (Severity::Medium, format!("{} {name} is written in {now}, not {then}", new.kind))
        } else {
            return None;
        };
        Some(
            edit.neutral(Code::KIND_CHANGES, severity, title)
                .changed("kind", old.kind.as_str(), new.kind.as_str())
                .changed("api_version", then, now),
        )
    })
}
