//! Random edits that cannot matter have no effect above info; and a real one among them is seen.

use super::effects::{of_manifests, told};
use super::fields::of_services;
use super::{Version, diff};
use crate::random::Random;
use ninefold::diff::report::Severity;
use ninefold::yaml;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;
use toml::{Table, Value};

/// How many ways each fleet is said otherwise.
const SEEDS: u64 = 6;

const FLEETS: &[&[&str]] = &[&["web", "api"], &["orders"], &["worker"], &["accounts"], &["carts"]];

/// Lists whose order means nothing.
const SETS: &[&str] = &[
    "depends_on",
    "called_by",
    "accept",
    "residency",
    "tcp",
    "udp",
    "cluster_ranges",
    "api_server",
    "object_storage",
];

/// Keys whose values are lengths of time, of CPU and of memory.
const TIMES: &[&str] = &[
    "rpo",
    "rto",
    "drain",
    "every",
    "keep",
    "lag",
    "ttl",
    "timeout",
    "start_within",
    "deadline",
    "took",
];
const CPUS: &[&str] = &["cpu", "cpu_limit"];
const SIZES: &[&str] = &["memory", "memory_limit", "size", "throughput"];

/// The same text, said otherwise.
fn said_otherwise(text: &str, random: &mut Random) -> String {
    let table: Table = toml::from_str(text).expect("it is TOML");
    let mut said = String::new();
    document(&table, &mut Vec::new(), random, &mut said);
    said
}

/// A table as a document: keys first, tables then, each in any order.
fn document(table: &Table, path: &mut Vec<String>, random: &mut Random, said: &mut String) {
    let is_list = |value: &Value| {
        value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_table))
    };
    let (mut tables, mut keys): (Vec<_>, Vec<_>) =
        table.iter().partition(|(_, value)| value.is_table() || is_list(value));
    random.shuffle(&mut tables);
    random.shuffle(&mut keys);
    for (key, value) in keys {
        if random.once_in(4) {
            writeln!(said, "# What this says is the same.\n").unwrap();
        }
        writeln!(said, "{} = {}", quoted(key), inline(key, value, random)).unwrap();
    }
    for (key, value) in tables {
        path.push(quoted(key));
        let head = path.join(".");
        if let Value::Table(below) = value {
            writeln!(said, "\n[{head}]").unwrap();
            document(below, path, random, said);
        }
        let mut items = value.as_array().cloned().unwrap_or_default();
        if SETS.contains(&key.as_str()) {
            random.shuffle(&mut items);
        }
        for item in &items {
            writeln!(said, "\n[[{head}]] # One of several.").unwrap();
            document(item.as_table().expect("a table"), path, random, said);
        }
        path.pop();
    }
}

fn quoted(key: &str) -> String {
    Value::from(key).to_string()
}

fn inline(key: &str, value: &Value, random: &mut Random) -> String {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> =
                items.iter().flat_map(|item| halves(key, item, random)).collect();
            if SETS.contains(&key) {
                random.shuffle(&mut items);
            }
            let said: Vec<String> = items.iter().map(|item| inline("", item, random)).collect();
            format!("[{}]", said.join(", "))
        }
        Value::Table(table) => {
            let mut keys: Vec<_> = table.iter().collect();
            random.shuffle(&mut keys);
            let said: Vec<String> = keys
                .into_iter()
                .map(|(key, value)| format!("{} = {}", quoted(key), inline(key, value, random)))
                .collect();
            format!("{{ {} }}", said.join(", "))
        }
        Value::String(text) => Value::from(amount(key, text, random)).to_string(),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {
            value.to_string()
        }
    }
}

/// A range as its two halves, now and then.
fn halves(key: &str, item: &Value, random: &mut Random) -> Vec<Value> {
    let whole = || vec![item.clone()];
    let Some(text) = item.as_str().filter(|_| key == "cluster_ranges") else { return whole() };
    let parts = text.split_once('/').and_then(|(address, length)| {
        let address: std::net::Ipv4Addr = address.parse().ok()?;
        let length: u32 = length.parse().ok().filter(|length| *length < 32)?;
        let upper = u32::from(address) | 1 << (31 - length);
        let more = length + 1;
        Some(vec![
            Value::from(format!("{address}/{more}")),
            Value::from(format!("{}/{more}", std::net::Ipv4Addr::from(upper))),
        ])
    });
    parts.filter(|_| random.once_in(2)).unwrap_or_else(whole)
}

/// An amount in another unit, now and then.
fn amount(key: &str, text: &str, random: &mut Random) -> String {
    if random.once_in(3) {
        return text.to_owned();
    }
    let number = |end: &str| text.strip_suffix(end).and_then(|number| number.parse::<u64>().ok());
    let said = if TIMES.contains(&key) {
        (number("h").map(|hours| format!("{}m", hours * 60)))
            .or_else(|| number("m").map(|minutes| format!("{}s", minutes * 60)))
            .or_else(|| number("d").map(|days| format!("{}h", days * 24)))
    } else if CPUS.contains(&key) {
        (number("m").filter(|milli| milli % 10 == 0))
            .map(|milli| format!("{}.{:02}", milli / 1000, milli % 1000 / 10))
            .or_else(|| number("").map(|cores| format!("{}m", cores * 1000)))
    } else if SIZES.contains(&key) {
        number("Gi").map(|size| format!("{}Mi", size * 1024))
    } else if key == "schedule" {
        Some(cron(text, random))
    } else {
        None
    };
    said.unwrap_or_else(|| text.to_owned())
}

/// The same times in another spelling.
fn cron(text: &str, random: &mut Random) -> String {
    let fields: Vec<&str> = text.split(' ').collect();
    let respelled = fields.iter().enumerate().map(|(at, field)| match (*field, at) {
        ("*", 4) if random.once_in(2) => "0-6".to_owned(),
        ("*", 3) if random.once_in(2) => "jan-dec".to_owned(),
        ("*", _) if random.once_in(2) => "*/1".to_owned(),
        (number, _) if number.len() == 1 && number != "*" => format!("0{number}"),
        (other, _) => other.to_owned(),
    });
    respelled.collect::<Vec<_>>().join(" ")
}

/// Every TOML file said otherwise.
fn quiet(base: &Version, seed: u64) -> Version {
    let mut random = Random::new(seed);
    let mut other = base.clone();
    for (path, text) in &mut other.inputs {
        if path.ends_with(".toml") {
            *text = said_otherwise(text, &mut random);
        }
    }
    other
}

#[test]
fn what_cannot_matter_has_no_effect() {
    let wrong: Vec<String> = (FLEETS.par_iter())
        .flat_map(|services| {
            let base = of_services(services).expect("it is built for other tests");
            let one = |seed: u64| -> Option<String> {
                let built = match quiet(&base, seed).try_built() {
                    Ok(built) => built,
                    Err(findings) => return Some(format!("{services:?}, seed {seed}\n{findings}")),
                };
                let report = diff(&base, &built);
                let worst = report.worst().filter(|worst| *worst > Severity::Info)?;
                Some(format!("{services:?}, seed {seed}: {}\n{}", worst.word(), told(&report)))
            };
            (0..SEEDS).filter_map(one).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{} of them\n{}", wrong.len(), wrong.join("\n"));
}

/// So that the test above can fail: a real edit among those that cannot matter is seen at its severity.
#[test]
fn a_real_edit_among_them_is_seen() {
    let rows: &[(&[&str], &str, &str, &str, &str)] = &[
        (&["web", "api"], "web.toml", "rpo       = \"4h\"", "rpo       = \"8h\"", "rpo-loosened"),
        (
            &["web", "api"],
            "web.toml",
            "cpu          = \"500m\"",
            "cpu          = \"490m\"",
            "resources-loosened",
        ),
        (&["web", "api"], "fleet.toml", "\"10.0.0.0/8\"", "\"10.0.0.0/9\"", "network-path-opened"),
        (&["orders"], "orders.toml", "keep   = \"60d\"", "keep   = \"59d\"", "retention-shortened"),
        (&["worker"], "worker.toml", "\"30 2 * * *\"", "\"31 2 * * *\"", "job-changes"),
    ];
    for (seed, (services, file, from, to, rule)) in rows.iter().enumerate() {
        let base = of_services(services).expect("it is built for other tests");
        let path = format!("specs/{file}");
        let real = base
            .edit(|at, text| if at == path { text.replacen(from, to, 1) } else { text.to_owned() });
        assert_ne!(real.inputs, base.inputs, "{file} has no {from}");
        let report = diff(&base, &quiet(&real, seed as u64).built());
        let seen = report
            .effects
            .iter()
            .any(|effect| effect.rule.name() == *rule && effect.severity > Severity::Info);
        assert!(seen, "{rule}\n{}", told(&report));
    }
}

/// A document of another spelling: JSON, with keys in any order.
fn respelled(value: &yaml::Value, random: &mut Random) -> String {
    match value {
        yaml::Value::Map(_) => {
            let mut entries: Vec<_> = value.entries().iter().collect();
            random.shuffle(&mut entries);
            let said: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| {
                    format!(
                        "{}: {}",
                        serde_json::Value::from(key.as_str()),
                        respelled(value, random)
                    )
                })
                .collect();
            format!("{{{}}}", said.join(", "))
        }
        yaml::Value::List(items) => {
            let said: Vec<String> = items.iter().map(|item| respelled(item, random)).collect();
            format!("[{}]", said.join(", "))
        }
        yaml::Value::Null
        | yaml::Value::Bool(_)
        | yaml::Value::Int(_)
        | yaml::Value::Float(_)
        | yaml::Value::String(_) => serde_json::Value::from(value).to_string(),
    }
}

#[test]
fn another_spelling_of_manifests_is_the_same() {
    for (seed, services) in FLEETS.iter().enumerate() {
        let base = of_services(services).expect("it is built for other tests");
        let is_manifest = |path: &str| path.ends_with(".yaml") && path.split('/').count() > 2;
        let regions = ["eastus2/", "centralus/", "westeurope/"];
        let manifests: BTreeMap<String, String> = (base.tree.iter())
            .filter(|(path, _)| is_manifest(path) && regions.iter().any(|at| path.starts_with(at)))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        assert!(manifests.len() > 5, "{services:?}");
        let mut random = Random::new(seed as u64);
        let other: BTreeMap<String, String> = (manifests.iter())
            .map(|(path, text)| {
                let value = yaml::read::document(text).expect("it is YAML");
                let mark = if random.once_in(3) { "\u{feff}" } else { "" };
                (
                    path.clone(),
                    format!("{mark}# The same.\n---\n{}\n", respelled(&value, &mut random)),
                )
            })
            .collect();
        let report = of_manifests(manifests, other);
        assert!(report.is_cosmetic(), "{services:?}\n{}", told(&report));
        assert_eq!(report.worst(), None, "{services:?}\n{}", told(&report));
    }
}
