//! Laws of the comparison of two values, for random ones and for mutated manifests.

use crate::random::Random;
use crate::workbench::{files_below, repository};
use ninefold::diff::value::{Change, Masks, apply, compare};
use ninefold::yaml::{Value, read, write};
use std::time::Instant;

const KINDS: &[&str] = &["Deployment", "Service", "NetworkPolicy", "ConfigMap", "Secret", "X", ""];

const KEYS: &[&str] = &[
    "spec",
    "template",
    "containers",
    "initContainers",
    "env",
    "envFrom",
    "ports",
    "rules",
    "name",
    "value",
    "port",
    "containerPort",
    "protocol",
    "args",
    "limits",
    "data",
    "ingress",
    "id",
    "key",
    "password",
    "matchExpressions",
    "operator",
    "values",
    "a/b",
    "x~y",
    "a.b",
    "",
    "0",
    "ümlaut",
];

const TEXTS: &[&str] = &[
    "a",
    "b",
    "web",
    "1",
    "1000m",
    "TCP",
    "UDP",
    "",
    "$(a)",
    "one\ntwo\nthree\n",
    "one\n2\nthree",
    "one\r\ntwo\r\n",
    "{\"a\": [1, 2], \"b\": {\"c\": null}}",
    "{\"a\": [2, 1], \"token\": \"hunter2\"}",
    "server:\n  port: 80\n  password: hunter2\n",
    "server:\n  port: 81\n",
    "a = 1\nb = [1]\n",
    "https://me:hunter2@host/",
    "[",
    "a: [b\npassword: 'hunter2\n",
    "‹masked #1›",
];

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 5 } else { 10 }) {
        0 => Value::Null,
        1 => Value::Bool(random.once_in(2)),
        2 => Value::Int(random.between(-2, 3)),
        3 => Value::Float(*random.pick(&[0.0, -0.0, 1.0, 1.5, f64::NAN])),
        4 => text(random),
        5 | 6 => {
            let items = (0..random.below(5)).map(|_| item(random, depth - 1));
            Value::List(items.collect())
        }
        _ => map(random, depth),
    }
}

fn text(random: &mut Random) -> Value {
    Value::String((*random.pick(TEXTS)).to_owned())
}

fn map(random: &mut Random, depth: usize) -> Value {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for _ in 0..random.below(6) {
        let key = *random.pick(KEYS);
        if entries.iter().all(|(other, _)| other != key) {
            entries.push((key.to_owned(), value(random, depth - 1)));
        }
    }
    Value::Map(entries)
}

/// Often one that has a key.
fn item(random: &mut Random, depth: usize) -> Value {
    if depth == 0 || random.once_in(3) {
        return value(random, depth);
    }
    let mut entries = vec![];
    for key in ["name", "port", "containerPort"] {
        if random.once_in(2) {
            entries.push((key.to_owned(), text(random)));
        }
    }
    entries.push(("value".to_owned(), value(random, depth - 1)));
    Value::Map(entries)
}

/// Changes some of what is below a value, in place.
fn mutate(random: &mut Random, value: &mut Value, depth: usize) {
    match value {
        Value::Map(entries) if !entries.is_empty() && !random.once_in(8) => match random.below(6) {
            0 => drop(entries.remove(random.below(entries.len()))),
            1 => {
                let key = format!("new.{}", random.below(9));
                if entries.iter().all(|(other, _)| *other != key) {
                    entries.push((key, self::value(random, depth)));
                }
            }
            _ => {
                let at = random.below(entries.len());
                mutate(random, &mut entries[at].1, depth);
            }
        },
        Value::List(items) if !items.is_empty() && !random.once_in(8) => {
            let at = random.below(items.len());
            match random.below(6) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, item(random, depth)),
                2 => random.shuffle(items),
                3 => items.push(items[at].clone()),
                _ => mutate(random, &mut items[at], depth),
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Map(_) => *value = self::value(random, depth),
    }
}

/// The same pointers, values and lines, wherever a change stands and however it names its path.
fn unnamed(mut changes: Vec<Change>) -> String {
    fn strip(changes: &mut [Change]) {
        for change in &mut *changes {
            change.path.clear();
            change.steps.clear();
            strip(&mut change.inside);
            if let Some(Value::List(_)) = &change.old
                && !change.order.is_empty()
            {
                // They name items by what they are called now.
                change.old = None;
                change.new = None;
            }
        }
        changes.sort_by_key(|change| format!("{change:?}"));
    }
    strip(&mut changes);
    format!("{changes:#?}")
}

fn check(kind: &str, old: &Value, new: &Value) {
    let changes = compare(kind, old, new);
    let mut sorted = new.clone();
    sorted.sort();
    let applied = write::document(&apply(old, &changes));
    assert_eq!(applied, write::document(&sorted), "{kind}\n{old:?}\n{new:?}\n{changes:#?}");
    let back = compare(kind, new, old);
    let inverse = changes.iter().map(Change::inverse).collect();
    assert_eq!(unnamed(inverse), unnamed(back), "{kind}\n{old:?}\n{new:?}");
    let mut alike = old.clone();
    alike.sort();
    assert_eq!(compare(kind, old, &alike), [], "{old:?}");
}

#[test]
fn changes_lead_from_one_random_value_to_the_other() {
    for seed in 0..4000 {
        let mut random = Random::new(seed);
        let kind = *random.pick(KINDS);
        let old = value(&mut random, 6);
        let mut new = old.clone();
        if random.once_in(3) {
            new = value(&mut random, 6);
        } else {
            (0..random.between(1, 4)).for_each(|_| mutate(&mut random, &mut new, 3));
        }
        check(kind, &old, &new);
    }
}

#[test]
fn changes_lead_from_one_manifest_to_the_other() {
    let mut random = Random::new(7);
    let mut checked = 0;
    for (path, text) in files_below(&repository("out")) {
        if !path.ends_with(".yaml") {
            continue;
        }
        let old = read::document(&text).expect("a manifest");
        let kind = old.get("kind").and_then(Value::as_str).expect("a kind").to_owned();
        for _ in 0..4 {
            let mut new = old.clone();
            reorder(&mut random, &mut new);
            (0..random.between(0, 8)).for_each(|_| mutate(&mut random, &mut new, 3));
            check(&kind, &old, &new);
        }
        checked += 1;
    }
    assert!(checked > 50, "{checked} manifests");
}

#[test]
fn the_order_of_keys_and_keyed_lists_does_not_matter() {
    let mut random = Random::new(3);
    let mut orders = 0;
    for (path, text) in files_below(&repository("out")) {
        let Ok(old) = read::document(&text) else { continue };
        let Some(kind) = old.get("kind").and_then(Value::as_str) else { continue };
        let mut new = old.clone();
        reorder(&mut random, &mut new);
        let changes = compare(kind, &old, &new);
        let differ: Vec<_> = changes.iter().filter(|change| !change.cosmetic).collect();
        assert!(differ.is_empty(), "{path}: {differ:#?}");
        orders += changes.len();
    }
    assert!(orders > 20, "{orders} lists had another order");
}

/// Shuffles every map, and every list of volumes, mounts or rules of a policy.
fn reorder(random: &mut Random, value: &mut Value) {
    match value {
        Value::Map(entries) => {
            random.shuffle(entries);
            for (key, value) in entries {
                let free = ["volumes", "volumeMounts", "tolerations", "egress", "ingress", "verbs"];
                if let Value::List(items) = value
                    && free.contains(&key.as_str())
                {
                    random.shuffle(items);
                }
                reorder(random, value);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| reorder(random, item)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {}
    }
}

#[test]
fn a_canary_is_shown_nowhere_and_masks_differ_as_values_do() {
    let secret_places = |canary: &str| {
        let pair = |key: &str, value: Value| (key.to_owned(), value);
        let text = |text: String| Value::String(text);
        let document = format!("# token: {canary}\na: 1\nnested:\n  password: {canary}\n");
        let json = format!("{{\"apiKey\": \"{canary}\", \"b\": [1]}}");
        let broken = format!("x: [\npassword: |\n  {canary}\n");
        let url = format!("amqp://user:{canary}@queue/");
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{canary}\n-----END PRIVATE KEY-----\n");
        vec![
            ("Secret", vec![pair("data", Value::Map(vec![pair("x", text(canary.to_owned()))]))]),
            (
                "Secret",
                vec![pair("stringData", Value::Map(vec![pair("x.yaml", text(document.clone()))]))],
            ),
            ("ConfigMap", vec![pair("data", Value::Map(vec![pair("app.yaml", text(document))]))]),
            ("ConfigMap", vec![pair("data", Value::Map(vec![pair("a.json", text(json))]))]),
            ("ConfigMap", vec![pair("data", Value::Map(vec![pair("broken", text(broken))]))]),
            ("ConfigMap", vec![pair("data", Value::Map(vec![pair("url", text(url.clone()))]))]),
            ("ConfigMap", vec![pair("data", Value::Map(vec![pair("tls.key", text(pem))]))]),
            (
                "ConfigMap",
                vec![pair("data", Value::Map(vec![pair("MY_SECRET", text(canary.to_owned()))]))],
            ),
            ("X", vec![pair("finalizers", Value::List(vec![text(url)]))]),
            ("X", vec![pair("args", Value::List(vec![text(format!("--token={canary}"))]))]),
            (
                "X",
                vec![pair(
                    "env",
                    Value::List(vec![Value::Map(vec![
                        pair("name", text("DB_PASSWORD".to_owned())),
                        pair("value", text(canary.to_owned())),
                    ])]),
                )],
            ),
        ]
    };
    let (one, two) = (secret_places("canary-one-4711"), secret_places("canary-two-0815"));
    let mut masks = Masks::default();
    for ((kind, old), (_, new)) in one.into_iter().zip(two) {
        let (old, new) = (Value::Map(old), Value::Map(new));
        for (old, new) in [(&old, &new), (&old, &Value::Map(vec![])), (&Value::Map(vec![]), &new)] {
            let mut changes = compare(kind, old, new);
            assert!(!changes.is_empty());
            masks.changes(kind, &mut changes);
            let shown = serde_json::to_string(&changes).unwrap();
            assert!(!shown.contains("canary"), "{kind} {shown}");
            assert!(changes.iter().all(|change| change.masked && change.old != change.new));
        }
    }
}

#[test]
fn masks_tell_random_values_apart() {
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let kind = *random.pick(KINDS);
        let old = value(&mut random, 5);
        let mut new = old.clone();
        mutate(&mut random, &mut new, 2);
        let mut changes = compare(kind, &old, &new);
        Masks::default().changes(kind, &mut changes);
        for change in &changes {
            let differ = format!("{:?}", change.old) != format!("{:?}", change.new);
            assert!(differ || !change.order.is_empty(), "{change:#?}");
        }
    }
}

/// Pieces of texts that mean something to what looks into them.
const PIECES: &[&str] = &[
    "password",
    "tökén",
    "token",
    ":",
    "=",
    ": ",
    " = ",
    "\"",
    "'",
    "\"\"\"",
    "|\n  ",
    ">",
    "\n",
    "\r\n",
    "ä",
    "€",
    "#",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "://",
    "@",
    "u:p@h",
    "-----BEGIN X PRIVATE KEY-----",
    "-----END X PRIVATE KEY-----",
    " ghp_0123456789abcdef ",
    "AccountKey=",
    "hunter2",
    "12345678",
    " ",
    "a: 1\n",
    "x = 1\n",
    "\t",
    "\\",
    "\u{0}",
    "‹masked #",
    "›",
    "…",
];

#[test]
fn any_two_texts_are_compared_and_masked() {
    for seed in 0..6000 {
        let mut random = Random::new(seed);
        let mut side = || {
            let count = random.below(14);
            let text: String = (0..count).map(|_| *random.pick(PIECES)).collect();
            let data = Value::Map(vec![("app.conf".to_owned(), Value::String(text))]);
            Value::Map(vec![("data".to_owned(), data)])
        };
        let (old, new) = (side(), side());
        check("ConfigMap", &old, &new);
        let mut changes = compare("ConfigMap", &old, &new);
        let mut masks = Masks::default();
        masks.changes("ConfigMap", &mut changes);
        assert!(changes.iter().all(|change| change.old != change.new), "{old:?}\n{new:?}");
        let shown = serde_json::to_string(&changes).unwrap();
        assert!(!shown.contains("ghp_"), "{shown}");
    }
}

#[test]
fn twenty_thousand_items_take_no_longer_than_they_must() {
    let count = 20_000;
    let text = |at: i64| Value::String(format!("item {at}"));
    let named = |at: i64| Value::Map(vec![("name".to_owned(), text(at))]);
    let list = |item: &dyn Fn(i64) -> Value, from: i64| {
        Value::List((from..from + count).rev().map(item).collect())
    };
    let lines =
        |from: i64| (from..from + count).map(|at| format!("line {at}\n")).collect::<String>();
    let map = |from: i64| {
        Value::Map((from..from + count).map(|at| (format!("key {at}"), Value::Int(from))).collect())
    };
    let start = Instant::now();
    for (old, new) in [
        (list(&named, 0), list(&named, count / 2)),
        (list(&text, 0), list(&text, count / 2)),
        (list(&text, 0), list(&text, count)),
        (map(0), map(count / 2)),
        (Value::String(lines(0)), Value::String(lines(count / 2))),
    ] {
        for key in ["spec", "finalizers"] {
            let within = |value: Value| {
                let inner = Value::Map(vec![(key.to_owned(), value)]);
                Value::Map(vec![("metadata".to_owned(), inner)])
            };
            let (old, new) = (within(old.clone()), within(new.clone()));
            let changes = compare("X", &old, &new);
            assert!(!changes.is_empty());
            assert_eq!(apply(&old, &changes), new);
        }
    }
    // Some seconds; what is quadratic takes minutes.
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
