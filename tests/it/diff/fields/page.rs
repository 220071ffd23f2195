//! `docs/fields-and-effects.md`: what a diff says of each field.

use super::{Outcome, Table};
use crate::workbench::{repository, updating};
use ninefold::diff::report::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const BEGIN: &str = "<!-- said: UPDATE_EXPECT=1 cargo test -->\n";
const END: &str = "<!-- end -->";

/// Holds the page against what came of the edits, or writes it anew.
pub(super) fn is_fresh(outcomes: &[Outcome], tables: &[(String, Table)]) {
    let path = repository("docs/fields-and-effects.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the tables have their mark");
    let (old, after) = rest.split_once(END).expect("the tables end");
    let said: String = ["service", "fleet"].map(|kind| of(kind, outcomes, tables)).concat();
    if updating() {
        std::fs::write(&path, format!("{before}{BEGIN}{said}{END}{after}")).unwrap();
    } else {
        assert_eq!(old, said, "run UPDATE_EXPECT=1 cargo test");
    }
}

fn of(kind: &str, outcomes: &[Outcome], tables: &[(String, Table)]) -> String {
    let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let of_kind = |table: &Table| (table.file == "fleet.toml") == (kind == "fleet");
    for outcome in outcomes.iter().filter(|outcome| outcome.kind == kind) {
        let said = match &outcome.none {
            Some(why) => why.clone(),
            None => effects(outcome),
        };
        for field in &outcome.fields {
            let change = change(outcome, field);
            rows.entry(field.clone()).or_default().insert(format!("{change} | {said}"));
        }
    }
    for (_, table) in tables.iter().filter(|(_, table)| of_kind(table)) {
        for (field, why) in &table.reasons {
            rows.entry(field.clone()).or_default().insert(format!("any | {why}"));
        }
        for (prefix, other) in &table.like {
            let as_what = match other.as_str() {
                "" => "the same field at the top".to_owned(),
                other => format!("`{other}…`"),
            };
            rows.entry(format!("{prefix}…"))
                .or_default()
                .insert(format!("any other | as {as_what}"));
        }
    }
    let mut text = format!(
        "\n## {}\n\n| Field | Change | Said of it |\n|---|---|---|\n",
        match kind {
            "fleet" => "Fields of the fleet",
            _ => "Fields of a service",
        }
    );
    for (field, changes) in rows {
        for change in changes {
            writeln!(text, "| `{field}` | {} |", change.trim_start_matches("| ")).unwrap();
        }
    }
    text
}

/// `60d` → `45d`
fn change(outcome: &Outcome, field: &str) -> String {
    let shown = |value: &Option<String>| match value {
        None => "none".to_owned(),
        Some(value) => {
            let plain = value.trim_matches('"').replace('|', "\\|");
            // Of an image, its tag tells what changes.
            let end = plain.rsplit('/').next().filter(|_| plain.contains("@sha256:"));
            let plain = end.map_or(plain.clone(), str::to_owned);
            let short: String = plain.chars().take(24).collect();
            if short.len() < plain.len() { format!("`{short}…`") } else { format!("`{plain}`") }
        }
    };
    let values = &outcome.changes.fields[field];
    // What is known by the value itself goes and comes.
    let renamed = match values.as_slice() {
        [(Some(old), None), (None, Some(new))] | [(None, Some(new)), (Some(old), None)] => {
            vec![(Some(old.clone()), Some(new.clone()))]
        }
        other => other.to_vec(),
    };
    let told = renamed.iter().map(|(old, new)| format!("{} → {}", shown(old), shown(new)));
    told.collect::<Vec<_>>().join(", ")
}

/// The effects, worst first; those that are only worth a line where there are no others.
fn effects(outcome: &Outcome) -> String {
    let worst = outcome.effects.iter().map(|(severity, _)| *severity).max();
    let shown = outcome
        .effects
        .iter()
        .filter(|(severity, _)| *severity > Severity::Info || worst == Some(Severity::Info));
    let mut said: Vec<String> =
        shown.map(|(severity, rule)| format!("{} `{rule}`", severity.word())).collect();
    said.dedup();
    said.join(", ")
}
