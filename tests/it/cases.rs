//! Every folder in `cases/` shows one thing: its `specs/`, with `templates/` beside them where it has
//! some, compile to a tree that holds together, and in it to what its `out/` holds. A case keeps the
//! files that it is about, and of a ledger the keys; three keep whole trees.

use crate::workbench::{
    Files, assert_tree, compile_case, files_below, names_in, repository, updating,
};
use ninefold::diag::{Sink, Sources, text};
use ninefold::tree::{Ledger, verify};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The cases that keep everything.
const WHOLE: [&str; 3] = ["platinum-active-active", "six-lines-gold", "stateful-warm-standby"];

#[test]
fn every_case_compiles_to_what_it_keeps() {
    let cases = repository("tests/cases");
    let names = names_in(&cases);
    assert!(WHOLE.iter().all(|whole| names.iter().any(|name| name == whole)));
    for name in names {
        let case = cases.join(&name);
        let compiled = compile_case(&case);
        assert!(compiled.findings.is_empty(), "{name}:\n{}", compiled.report());
        holds_together(&name, &compiled.tree);
        let out = case.join("out");
        let kept = if WHOLE.contains(&&*name) { compiled.tree } else { kept(&out, &compiled.tree) };
        assert!(!kept.is_empty(), "{name} keeps nothing");
        assert_tree(&out, &kept);
    }
}

/// What changes in one commit is read in one review: nobody reads a hundred thousand lines.
#[test]
fn cases_are_few_enough_to_be_read() {
    let files = files_below(&repository("tests/cases"));
    let lines: usize = files.values().map(|text| text.lines().count()).sum();
    assert!(lines <= 35_000, "{lines} lines: a case keeps the files that it is about");
}

/// What a case keeps, as it was compiled; what is no longer made is left out.
fn kept(out: &Path, tree: &Files) -> Files {
    let kept = files_below(out).into_iter().filter_map(|(path, old)| {
        let text = tree.get(&path)?;
        let text = match path.starts_with("ledger/") {
            true => {
                let parse = |text: &str| serde_json::from_str(text).expect("JSON");
                format!("{:#}\n", told(&parse(&old), &parse(text)))
            }
            false => text.clone(),
        };
        Some((path, text))
    });
    kept.collect()
}

/// Of `actual`, the keys that `kept` has, on every level.
fn told(kept: &Value, actual: &Value) -> Value {
    match (kept, actual) {
        (Value::Object(kept), Value::Object(actual)) => {
            let of = |key: &String| actual.get(key).map(|value| (key.clone(), value));
            let told = kept.iter().filter_map(|(key, kept)| {
                let (key, value) = of(key)?;
                Some((key, told(kept, value)))
            });
            Value::Object(told.collect())
        }
        (_, actual) => actual.clone(),
    }
}

/// Whether a tree is what its ledgers say, and nothing else.
fn holds_together(name: &str, tree: &Files) {
    let mut sink = Sink::default();
    let mut known = BTreeSet::new();
    for (path, text) in tree {
        let unit = path.strip_prefix("ledger/").and_then(|path| path.strip_suffix(".json"));
        let Some(unit) = unit else { continue };
        let ledger = Ledger::read(unit, text).unwrap_or_else(|_| panic!("{name}: {path}"));
        known.insert(path.clone());
        known.extend(ledger.files().map(|(path, _)| path.to_owned()));
        verify::unit(&mut sink, &ledger, |path| tree.get(path).cloned());
    }
    let sources = Sources::default();
    let found = sink.sorted(&sources);
    assert!(found.is_empty(), "{name}:\n{}", text::render(&found, &sources, false));
    assert!(tree.keys().all(|path| known.contains(path)), "{name}: a file is in no ledger");
    assert!(updating() || !known.is_empty());
}
