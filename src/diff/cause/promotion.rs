//! Promotions: edits that write at the top of a spec, or into an environment, what another environment had.

use super::edits::Edit;
use crate::diff::report::Promotion;
use crate::spec::environment::{DEFAULT, KEY};
use toml::{Table, Value};

/// What a release is made of. How large it is, where it runs and what is promised of it differs between
/// environments for good.
const RELEASED: &[&str] = &[
    "image",
    "command",
    "args",
    "config",
    "secrets",
    "files",
    "scratch",
    "probes",
    "pod",
    "init",
    "sidecars",
    "jobs",
    "drain",
    "rollout",
    "manifests",
    "patch",
];

/// The promotion that an edit is, if it is one: another environment had what it writes, `before`.
pub(super) fn of(edit: &Edit, before: &Table) -> Option<Promotion> {
    let new = edit.new.as_ref().filter(|_| RELEASED.contains(&edit.subject()))?;
    let to = edit.environment();
    let environments = before.get(KEY)?.as_table()?;
    let had = |(name, differs): &(&String, &Value)| {
        let there = differs.as_table().and_then(|differs| edit.same_place_in(differs));
        Some(name.as_str()) != to && there == Some(new)
    };
    let (from, _) = environments.iter().find(had)?;
    Some(Promotion {
        service: edit.service.clone()?,
        from: from.clone(),
        to: to.unwrap_or(DEFAULT).to_owned(),
    })
}
