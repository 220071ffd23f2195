//! Every field of spec and fleet has its effect when it changes, or a reason to have none.
//!
//! `tests/fields/base` has a fleet in which every field matters. Each table beside it names the services
//! that it needs, and edits of one file: each is made alone. Which field an edit is about follows from
//! the schema. `docs/fields-and-effects.md` says what came of it.

mod schema; // the fields, and which of them an edit changes
mod page; //   `docs/fields-and-effects.md`
mod pairs; //  two edits at once

use super::{Version, diff};
use crate::workbench::{files_below, repository};
use ninefold::diff::report::{Place, Report, Severity};
use rayon::prelude::*;
use schema::{Changes, Schema};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

/// Edits of one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// The services of the fleet in which they are made.
    services: Vec<String>,
    /// The file, below the specs.
    file: String,
    edits: Vec<Edit>,
    /// Fields of the type of another one, which have the effects that it has: prefixes by prefix; by
    /// nothing, the same fields at the top.
    #[serde(default)]
    like: BTreeMap<String, String>,
    /// Fields without an edit, and why.
    #[serde(default)]
    reasons: BTreeMap<String, String>,
}

/// One edit, and what is to be said of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// What stands in the file, once.
    from: String,
    /// What stands there instead.
    to: String,
    /// What must differ, too, or the fleet would not compile.
    #[serde(default)]
    also: Vec<(String, String)>,
    /// What must differ in other files: file, old text, new text.
    #[serde(default)]
    beside: Vec<(String, String, String)>,
    /// The field that it is about, where several change.
    field: Option<String>,
    /// `high fewer-survivors`
    effect: Option<String>,
    /// Why there is none above `info`.
    none: Option<String>,
}

/// What came of an edit.
struct Outcome {
    kind: &'static str,
    fields: BTreeSet<String>,
    changes: Changes,
    effects: Vec<(Severity, &'static str)>,
    none: Option<String>,
}

static TABLES: LazyLock<Vec<(String, Table)>> = LazyLock::new(|| {
    let folder = files_below(&repository("tests/fields"));
    let tables = folder.iter().filter(|(path, _)| !path.contains('/'));
    let read = |(path, text): (&String, &String)| {
        (path.clone(), toml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}")))
    };
    tables.map(read).collect()
});

static SCHEMAS: LazyLock<BTreeMap<&str, Schema>> =
    LazyLock::new(|| ["service", "fleet"].map(|kind| (kind, Schema::read(kind))).into());

/// The fleet of a table, built.
fn base(table: &Table) -> Result<Version, String> {
    of_services(&table.services)
}

/// What each set of services was built into.
type Built = BTreeMap<Vec<String>, Arc<OnceLock<Result<Version, String>>>>;

/// The fleet with these services, built: once for all tests.
pub(super) fn of_services<S: AsRef<str>>(services: &[S]) -> Result<Version, String> {
    static BUILT: Mutex<Built> = Mutex::new(Built::new());
    let key: Vec<String> = services.iter().map(|name| name.as_ref().to_owned()).collect();
    let once = BUILT.lock().expect("nothing panics that holds it").entry(key).or_default().clone();
    once.get_or_init(|| built_of(services)).clone()
}

fn built_of<S: AsRef<str>>(services: &[S]) -> Result<Version, String> {
    let files = files_below(&repository("tests/fields/base"));
    let wanted = |path: &String| {
        let service = path.strip_suffix(".toml").filter(|name| *name != "fleet");
        service.is_none_or(|name| services.iter().any(|wanted| wanted.as_ref() == name))
    };
    let files = files.into_iter().filter(|(path, _)| wanted(path));
    Version::new(files.map(|(path, text)| (format!("specs/{path}"), text)).collect()).try_built()
}

static OUTCOMES: LazyLock<(Vec<Outcome>, Vec<String>)> = LazyLock::new(|| {
    let of_table = |(name, table): &(String, Table)| -> Vec<Result<Outcome, String>> {
        let base = match base(table) {
            Ok(base) => base,
            Err(findings) => return vec![Err(format!("{name}\n{findings}"))],
        };
        let edits = table.edits.par_iter();
        edits
            .map(|edit| of(table, &base, edit).map_err(|wrong| format!("{name}: {wrong}")))
            .collect()
    };
    let found: Vec<_> = TABLES.par_iter().flat_map(of_table).collect();
    let (right, wrong): (Vec<_>, Vec<_>) = found.into_iter().partition(Result::is_ok);
    (right.into_iter().flatten().collect(), wrong.into_iter().filter_map(Result::err).collect())
});

impl Edit {
    /// The text with this edit.
    fn made(&self, before: &str) -> Result<String, String> {
        let first = (&self.from, &self.to);
        let all = std::iter::once(first).chain(self.also.iter().map(|(from, to)| (from, to)));
        all.into_iter().try_fold(before.to_owned(), |text, (from, to)| {
            match text.matches(from.as_str()).count() {
                1 => Ok(text.replacen(from, to, 1)),
                _ => Err(format!("{from:?} is not there once")),
            }
        })
    }
}

/// Makes an edit and holds what is said of it against what is to be said.
fn of(table: &Table, base: &Version, edit: &Edit) -> Result<Outcome, String> {
    let path = format!("specs/{}", table.file);
    let before = &base.inputs[&path];
    let head = format!("{:?} → {:?}", edit.from, edit.to);
    let after = edit.made(before).map_err(|wrong| format!("{head}: {wrong}"))?;
    let kind = if table.file == "fleet.toml" { "fleet" } else { "service" };
    let changes =
        SCHEMAS[kind].changes(before, &after).map_err(|wrong| format!("{head}: {wrong}"))?;
    for (file, from, _) in &edit.beside {
        let there =
            base.inputs.get(&format!("specs/{file}")).map(|text| text.matches(from).count());
        if there != Some(1) {
            return Err(format!("{head}: {file} has not {from:?} once"));
        }
    }
    let edited = |at: &str, text: &str| {
        if at == path {
            return after.clone();
        }
        let here = edit.beside.iter().filter(|(file, ..)| at == format!("specs/{file}"));
        here.fold(text.to_owned(), |text, (_, from, to)| text.replacen(from, to, 1))
    };
    let built = base.edit(edited).try_built().map_err(|findings| format!("{head}\n{findings}"))?;
    let report = diff(base, &built);
    let mut wrong = Vec::new();
    let fields = match &edit.field {
        Some(field) if changes.fields.contains_key(field) => BTreeSet::from([field.clone()]),
        Some(field) => {
            wrong.push(format!("`{field}` is not among {:?}", changes.fields.keys()));
            BTreeSet::new()
        }
        None => changes.about(),
    };
    if fields.is_empty() {
        wrong.push(format!("say which `field` it is about: {:?}", changes.fields.keys()));
    }
    wrong.extend(judged(edit, &report));
    // What must differ in other files is a cause of its own.
    if edit.beside.is_empty() {
        wrong.extend(misplaced(&report, &path, (before, &after)));
    }
    if !wrong.is_empty() {
        return Err(format!("{head}\n  {}\n{}", wrong.join("\n  "), told(&report)));
    }
    let effects = report.effects.iter().map(|effect| (effect.severity, effect.rule.name()));
    Ok(Outcome { kind, fields, effects: effects.collect(), changes, none: edit.none.clone() })
}

/// What of a report is not what the edit is to have.
fn judged(edit: &Edit, report: &Report) -> Option<String> {
    match (&edit.effect, &edit.none) {
        (Some(expected), None) => {
            let has = |word: &str| {
                let (severity, rule) = word.split_once(' ').expect("a severity and a rule");
                let mut effects = report.effects.iter();
                effects.any(|it| it.rule.name() == rule && it.severity.word() == severity)
            };
            (!has(expected)).then(|| format!("no {expected}"))
        }
        (None, Some(_)) => {
            let worst = report.worst().filter(|worst| *worst > Severity::Info);
            worst.map(|worst| format!("has an effect that is {}", worst.word()))
        }
        _ => Some("say `effect` or `none`".to_owned()),
    }
}

/// Causes that are not at the edited lines.
fn misplaced(report: &Report, path: &str, (before, after): (&str, &str)) -> Vec<String> {
    let (old, new) = edited_lines(before, after);
    let is_there = |place: &Place| {
        let within = |line: Option<usize>, lines: &std::ops::Range<usize>| {
            line.is_some_and(|line| lines.contains(&line))
        };
        place.file == path && (within(place.line, &new) || within(place.old_line, &old))
    };
    let mut wrong = Vec::new();
    for effect in &report.effects {
        let places = effect.causes.iter().flat_map(|cause| &report.causes[*cause].places);
        let places: Vec<&Place> = places.collect();
        if places.is_empty() || !places.iter().all(|place| is_there(place)) {
            wrong.push(format!("{} is said to come of {places:?}", effect.rule.name()));
        }
    }
    wrong
}

/// The lines that only one of two texts has, from 1: those between what both begin and end with.
fn edited_lines(before: &str, after: &str) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let front = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - front;
    let back =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    (front + 1..old.len() - back + 1, front + 1..new.len() - back + 1)
}

fn told(report: &Report) -> String {
    let line = |effect: &ninefold::diff::report::Effect| {
        let details: String =
            effect.details.iter().map(|line| format!("        {line}\n")).collect();
        let (severity, rule) = (effect.severity.word(), effect.rule.name());
        format!("    {severity} {rule} {}: {}\n{details}", effect.service, effect.title)
    };
    report.effects.iter().map(line).collect()
}

#[test]
fn every_edit_of_a_field_has_its_effect_at_its_line() {
    let (_, wrong) = &*OUTCOMES;
    assert!(wrong.is_empty(), "{} edits\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_field_is_edited_or_has_a_reason() {
    let (outcomes, wrong) = &*OUTCOMES;
    let mut missing = Vec::new();
    for (kind, schema) in &*SCHEMAS {
        let of_kind = || {
            TABLES.iter().filter(|(_, table)| (table.file == "fleet.toml") == (*kind == "fleet"))
        };
        let edited: BTreeSet<&String> = (outcomes.iter().filter(|outcome| outcome.kind == *kind))
            .flat_map(|outcome| &outcome.fields)
            .collect();
        for field in &schema.fields {
            let below = |prefix: &String| field.starts_with(prefix.as_str());
            let known = edited.contains(field)
                || of_kind().any(|(_, table)| table.reasons.contains_key(field))
                || of_kind().any(|(_, table)| table.like.keys().any(below));
            if !known {
                missing.push(format!("{kind} {field}"));
            }
        }
        for (name, table) in of_kind() {
            for field in table.reasons.keys().filter(|field| !schema.fields.contains(*field)) {
                missing.push(format!("{name}: there is no {field}"));
            }
            for field in table.reasons.keys().filter(|field| edited.contains(*field)) {
                missing.push(format!("{name}: {field} has a reason, and an edit"));
            }
            for prefix in table.like.keys() {
                if !edited.iter().any(|field| field.starts_with(prefix.as_str())) {
                    missing.push(format!("{name}: no edit of {prefix}"));
                }
            }
        }
    }
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "{} fields\n{}",
        missing.len(),
        missing.join("\n")
    );
}

#[test]
fn the_page_says_what_is_said_of_each_field() {
    page::is_fresh(&OUTCOMES.0, &TABLES);
}

/// The same text, said otherwise: comments, order, equal amounts.
fn said_otherwise(text: &str) -> String {
    let equal = [
        ("cpu          = \"500m\"", "cpu          = \"0.5\""),
        ("cpu    = \"250m\"", "cpu    = \"0.25\""),
        ("memory_limit = \"1Gi\"", "memory_limit = \"1024Mi\""),
        ("rpo       = \"4h\"", "rpo       = \"240m\""),
        ("rto       = \"4h\"", "rto       = \"3h60m\""),
        ("every  = \"20m\"", "every  = \"1200s\""),
        ("keep   = \"60d\"", "keep   = \"1440h\""),
        ("lag    = \"10m\"", "lag    = \"600s\""),
        ("size      = \"40Gi\"", "size      = \"40960Mi\""),
        ("ttl         = \"1m\"", "ttl         = \"60s\""),
    ];
    let text = equal.iter().fold(text.to_owned(), |text, (then, now)| text.replacen(then, now, 1));
    let mut table: toml::Table = toml::from_str(&text).expect("it was one before");
    // Of these lists the order means nothing.
    for key in ["depends_on", "called_by", "accept"] {
        if let Some(list) = table.get_mut(key).and_then(toml::Value::as_array_mut) {
            list.reverse();
        }
    }
    let text = toml::to_string(&table).expect("it is a table");
    text.lines().map(|line| format!("# A comment.\n{line}\n")).collect()
}

#[test]
fn what_is_said_otherwise_and_means_the_same_has_no_effect() {
    let mut wrong = Vec::new();
    for (name, table) in TABLES.iter().filter(|(name, _)| !name.starts_with("fleet")) {
        let base = base(table).expect("it is built for the other tests");
        let other =
            base.edit(
                |path, text| {
                    if path.ends_with(".toml") { said_otherwise(text) } else { text.to_owned() }
                },
            );
        let report = diff(&base, &other.built());
        if report.worst().is_some_and(|worst| worst > Severity::Info) {
            wrong.push(format!("{name}\n{}", told(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
