//! A service as it is in each of its environments: `[environments.staging]` over what is written at the
//! top, which is the default one.
//!
//! Tables are merged key by key, and anything else is replaced: lists, and values that have several
//! forms, such as those of `[config]`. Every key and value keeps its place, so that a finding points
//! at the line that decided. What is merged is read as if it had been written so.

use super::document::{self, Node};
use super::{Failed, Parsed, SERVICE, Service, Spec, read_tree};
use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use crate::kube::id;
use serde_json::Value as Schema;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The table with the environments of a service.
pub(crate) const KEY: &str = "environments";

/// Keys that say who a service is, whatever its environment, and why they cannot differ.
pub(super) const SAME: [(&str, &str); 2] = [
    (
        "name",
        "a service has one name: what tells its environments apart is the clusters they are in",
    ),
    ("previously", "a service has one name in all environments, so it had one before"),
];

/// An environment that a spec names, and what differs in it.
struct Written<'a> {
    name: String,
    /// Its name, where it is written.
    place: Span,
    differs: Node<'a>,
}

/// Reads the spec of a service: as it is in the default environment, then in every other that it names.
/// In a text that is `known_sound` nothing was found before.
pub(super) fn read(
    sink: &mut Sink,
    sources: &Sources,
    file: FileId,
    known_sound: bool,
) -> Vec<Result<Spec<Service>, Failed>> {
    let mut found = Sink::default();
    let (mut root, whole) = document::parse(&mut found, sources, file);
    // After an error of syntax, nobody knows what belongs to which table.
    let written = if whole { take(&mut found, file, &mut root) } else { Vec::new() };
    let others: Vec<_> = (written.into_iter())
        .map(|written| of_environment(sink, (file, known_sound), &root, written))
        .collect();
    let default = read_tree(sink, found, file, Parsed { root, whole, known_sound }, &SERVICE);
    std::iter::once(default).chain(others).collect()
}

/// The service in one environment.
fn of_environment(
    sink: &mut Sink,
    (file, known_sound): (FileId, bool),
    top: &Node<'_>,
    written: Written<'_>,
) -> Result<Spec<Service>, Failed> {
    let Written { name, place, differs } = written;
    let mut merged = over(top, &differs, Some(&super::schema::SERVICE));
    without_users(&mut merged, &differs);
    let parsed = Parsed { root: merged, whole: true, known_sound };
    let mut spec = read_tree::<Service>(sink, Sink::default(), file, parsed, &SERVICE)?;
    if entry(&differs, "regions").is_none() {
        sink.error(
            Diagnostic::new(Code::MISSING_KEY, format!("`regions` of `{name}` is missing"))
                .at(place, "runs where?")
                .note("those at the top are of the default environment")
                .help(format!(
                    "add `regions = [\"…\"]` below `[{KEY}.{name}]`: regions that say `environment = \"{name}\"` in fleet.toml"
                )),
        );
        spec.value.regions.clear();
        spec.doubts.add("regions");
    }
    spec.document.note(&[KEY, &name], place);
    spec.value.environment = Some(name);
    Ok(spec)
}

fn entry<'n, 'a>(node: &'n Node<'a>, key: &str) -> Option<&'n Node<'a>> {
    if let DeValue::Table(table) = node.get_ref() { table.get(key) } else { None }
}

/// An environment that says `hosts = []` has no users, where those at the top have.
fn without_users(merged: &mut Node<'_>, differs: &Node<'_>) {
    let hosts = entry(differs, "traffic").and_then(|traffic| entry(traffic, "hosts"));
    let none =
        hosts.is_some_and(|hosts| hosts.get_ref().as_array().is_some_and(|all| all.is_empty()));
    if let DeValue::Table(table) = merged.get_mut()
        && none
    {
        table.remove("traffic");
    }
}

/// Takes the environments out of a spec. What has no form of one stays, and the schema says so.
fn take<'a>(sink: &mut Sink, file: FileId, root: &mut Node<'a>) -> Vec<Written<'a>> {
    let DeValue::Table(top) = root.get_mut() else { return Vec::new() };
    let Some(mut environments) = top.get(KEY).cloned() else { return Vec::new() };
    let DeValue::Table(named) = environments.get_mut() else { return Vec::new() };
    let mut written = Vec::new();
    let mut rest = DeTable::new();
    for (name, mut differs) in std::mem::take(named) {
        let place = Span::new(file, name.span());
        let DeValue::Table(keys) = differs.get_mut() else {
            rest.insert(name, differs);
            continue;
        };
        same(sink, file, name.get_ref(), keys);
        if is_name(sink, place, name.get_ref()) {
            written.push(Written { name: name.get_ref().to_string(), place, differs });
        }
    }
    match rest.is_empty() {
        true => drop(top.remove(KEY)),
        false => {
            *named = rest;
            if let Some(left) = top.get_mut(KEY) {
                *left = environments;
            }
        }
    }
    written
}

/// Takes out the keys that cannot differ, and reports them.
fn same(sink: &mut Sink, file: FileId, environment: &str, keys: &mut DeTable<'_>) {
    for (key, why) in SAME {
        let place = key_of(keys, key).map(|key| Span::new(file, key.span()));
        if let Some(place) = place {
            keys.remove(key);
            sink.error(
                Diagnostic::new(
                    Code::ENVIRONMENT_KEY,
                    format!("`{key}` cannot differ in `{environment}`"),
                )
                .at(place, "")
                .note(why)
                .help("remove this line; another service has a spec of its own"),
            );
        }
    }
    let place = key_of(keys, KEY).map(|key| Span::new(file, key.span()));
    if let Some(place) = place {
        keys.remove(KEY);
        sink.error(
            Diagnostic::new(
                Code::ENVIRONMENT_KEY,
                format!("`{environment}` cannot have environments of its own"),
            )
            .at(place, "")
            .help(format!("write each as `[{KEY}.<name>]`, over what is at the top")),
        );
    }
}

fn key_of<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t Spanned<DeString<'a>>> {
    table.keys().find(|known| known.get_ref() == key)
}

/// Whether an environment can be called so; what is wrong with it is reported.
fn is_name(sink: &mut Sink, place: Span, name: &str) -> bool {
    let finding = if name == DEFAULT {
        Diagnostic::new(Code::RESERVED_NAME, format!("an environment cannot be called `{DEFAULT}`"))
            .at(place, "")
            .note("what is at the top is the default environment")
            .help("write these keys at the top, or give the environment another name")
    } else if let Some(problem) = id::label_problem(name) {
        Diagnostic::new(Code::INVALID_NAME, format!("`{name}` cannot name an environment"))
            .at(place, problem)
            .help(format!("write `{}`", id::nearest_label(name)))
    } else {
        return true;
    };
    sink.error(finding);
    false
}

/// What the environment of regions that name none is called in messages.
pub(crate) const DEFAULT: &str = "default";

/// What is written at the `top`, with what `differs`.
fn over<'a>(top: &Node<'a>, differs: &Node<'a>, schema: Option<&Schema>) -> Node<'a> {
    let form = schema.map(|schema| the_form(schema));
    let (DeValue::Table(table), DeValue::Table(keys), None | Some(Some(_))) =
        (top.get_ref(), differs.get_ref(), form)
    else {
        return differs.clone();
    };
    let form = form.flatten();
    let mut merged = table.clone();
    for (key, value) in keys {
        let name: &str = key.get_ref();
        let below = form.and_then(|form| {
            let known = form.get("properties").and_then(|known| known.get(name));
            known.or_else(|| form.get("additionalProperties"))
        });
        match merged.remove_entry(name) {
            // Both are tables: the first is where it begins.
            Some((first, old)) if is_table(&old) && is_table(value) => {
                let value = over(&old, value, below);
                let key = if value.span() == old.span() { first } else { key.clone() };
                merged.insert(key, value);
            }
            Some(_) | None => drop(merged.insert(key.clone(), value.clone())),
        }
    }
    Spanned::new(top.span(), DeValue::Table(merged))
}

fn is_table(node: &Node<'_>) -> bool {
    matches!(node.get_ref(), DeValue::Table(_))
}

/// The one form that a table has; none where there are several, so that two tables may be of two.
fn the_form(schema: &Schema) -> Option<&Schema> {
    let mut forms = Vec::new();
    forms_of(schema, &mut forms);
    match forms.as_slice() {
        [form] => Some(form),
        _ => None,
    }
}

fn forms_of<'s>(schema: &'s Schema, forms: &mut Vec<&'s Schema>) {
    if let Some(reference) = schema.get("$ref").and_then(Schema::as_str) {
        let target = super::schema::SERVICE.pointer(reference.trim_start_matches('#'));
        return forms_of(target.expect("a generated schema refers to itself"), forms);
    }
    let inner = ["allOf", "anyOf", "oneOf"].iter().find_map(|key| schema.get(key)?.as_array());
    match inner {
        Some(variants) => variants.iter().for_each(|variant| forms_of(variant, forms)),
        None => {
            let kind = schema.get("type").and_then(Schema::as_str);
            if kind.is_none_or(|kind| kind == "object") && schema.get("enum").is_none() {
                forms.push(schema);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Document;

    fn read_all(text: &str) -> (Sink, Sources, Vec<Spec<Service>>) {
        let mut sources = Sources::default();
        let file = sources.add("web.toml", text);
        let mut sink = Sink::default();
        let specs = read(&mut sink, &sources, file, false).into_iter().flatten().collect();
        (sink, sources, specs)
    }

    fn line(sources: &Sources, document: &Document, path: &[&str]) -> usize {
        sources.position(document.at(path)).line
    }

    #[test]
    fn tables_merge_and_everything_else_is_replaced() {
        let (sink, sources, specs) = read_all(
            "name = 'web'\nimage = 'a'\ntier = 'gold'\nregions = ['eu', 'us']\nrpo = '1h'\nrto = '4h'\n\
             [capacity]\npeak = 6\ncpu = '1'\n\
             [config]\nA = { default = '1', us = '2' }\nB = 'b'\n\
             [backup]\nevery = '1h'\n\
             [environments.staging]\nregions = ['test']\ntier = 'bronze'\n\
             [environments.staging.capacity]\npeak = 1\n\
             [environments.staging.config]\nA = { secret = 's', key = 'k' }\n\
             [environments.staging.backup]\nkeep = '7d'\n",
        );
        assert!(sink.is_empty(), "{:?}", sink.all());
        let [default, staging] = specs.as_slice() else { panic!("two environments") };
        assert_eq!((default.value.environment.as_deref(), &*default.value.tier), (None, "gold"));
        let value = &staging.value;
        assert_eq!(value.environment.as_deref(), Some("staging"));
        assert_eq!((&*value.name, &*value.image, &*value.tier), ("web", "a", "bronze"));
        assert_eq!(value.regions, ["test"]);
        assert_eq!((value.capacity.peak, value.capacity.cpu.is_some()), (Some(1), true));
        assert_eq!(value.config.keys().collect::<Vec<_>>(), ["A", "B"]);
        assert!(value.config["A"].regions().is_none(), "{:?}", value.config["A"]);
        let crate::spec::service::Backups::Table(backup) = &value.backup else { panic!("a table") };
        assert!(backup.every.is_some() && backup.keep.is_some());
        let at = |path: &[&str]| line(&sources, &staging.document, path);
        assert_eq!((at(&["tier"]), at(&["image"])), (17, 2));
        assert_eq!((at(&["capacity", "peak"]), at(&["capacity", "cpu"])), (19, 9));
        assert_eq!((at(&["config", "A", "secret"]), at(&["config", "B"])), (21, 12));
        assert!(!default.document.has(&["environments"]));
    }
}
