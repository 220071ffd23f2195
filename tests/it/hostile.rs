//! Any bytes as a spec, a fleet, a template, a definition or a ledger give findings: never a
//! panic, never a long wait.

use crate::random::Random;
use crate::workbench::{self, Compiled, Files, compile, files_below, repository};
use ninefold::diag::Code;
use ninefold::tree::Ledger;
use rayon::prelude::*;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Longer than any of this may take, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Texts that no one means well with, by what they are.
fn hostile() -> Vec<(&'static str, String)> {
    let many = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect();
    vec![
        ("nothing", String::new()),
        ("white space", " \n\t\r\n".repeat(100)),
        ("NUL bytes", "\0".repeat(100)),
        ("a byte order mark", "\u{feff}name = \"x\"\n".to_owned()),
        ("text that is cut off", "name = \"che".to_owned()),
        ("no end of a string", "name = \"\"\"\nx".to_owned()),
        ("replacement characters", "\u{fffd}".repeat(50)),
        ("characters that mark interpolations", "\u{e0f0}1\u{e0f1}\u{e0f2}\u{e0f3}".to_owned()),
        ("a long line", format!("name = \"{}\"\n", "x".repeat(10_000_000))),
        ("a long line that is not TOML", "[".repeat(100_000)),
        ("deep lists", format!("name = {}{}\n", "[".repeat(5_000), "]".repeat(5_000))),
        ("deep tables", format!("name = {}1{}\n", "{a=".repeat(5_000), "}".repeat(5_000))),
        ("a deep key", format!("{}b = 1\n", "a.".repeat(5_000))),
        ("a deep header", format!("[{}b]\nc = 1\n", "a.".repeat(5_000))),
        ("deep flow maps", format!("{}{}", "{a: ".repeat(5_000), "}".repeat(5_000))),
        ("deep block lists", "- ".repeat(5_000)),
        ("deep tags", "{% if a %}".repeat(5_000)),
        ("deep parentheses", format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000))),
        ("many unknown keys", many(10_000, &|at| format!("key_{at} = {at}\n"))),
        ("many tables", many(10_000, &|at| format!("[[ports]]\nname = \"p{at}\"\nport = {at}\n"))),
        ("many mistakes", "=\n".repeat(10_000)),
        ("a key with a line in it", "\"a\\nb\" = 1\n".to_owned()),
        ("huge numbers", "drain = 99999999999999999999999999\nrpo = 1e999\nrto = -0\n".to_owned()),
        (
            "numbers of every kind",
            "a = 0xfff\nb = 0o7\nc = 0b1\nd = inf\ne = nan\nf = 1_0\n".into(),
        ),
        ("dates", "a = 1979-05-27T07:32:00Z\nb = 07:32:00\nc = 9999-99-99\n".to_owned()),
        ("anchors", "a: &a [*a, *a]\n".to_owned()),
        ("a billion laughs", laughs()),
        ("a loop without end", "{% for a in range(end=100000000) %}x{% endfor %}".to_owned()),
        ("an include of itself", "{% include \"deployment.yaml\" %}".to_owned()),
        ("JSON", "{\"version\": 1, \"unit\": \"x\", \"objects\": {}}".to_owned()),
        ("deep JSON", "[".repeat(100_000)),
        ("a ledger of strange paths", strange_ledger()),
    ]
}

fn laughs() -> String {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (one, next) in ('a'..='j').zip('b'..='k') {
        let nine = vec![format!("*{one}"); 9].join(", ");
        text.push_str(&format!("{next}: &{next} [{nine}]\n"));
    }
    text
}

fn strange_ledger() -> String {
    let entry = |path: &str| {
        format!(
            "{{\"path\": \"{path}\", \"region\": \"a\", \"kind\": \"b\", \"logicalName\": \"c\", \
             \"name\": \"d\", \"own\": \"e\", \"file\": \"f\", \
             \"origin\": {{\"file\": \"g\", \"key\": \"h\"}}}}"
        )
    };
    let paths = ["../../etc/passwd", "/etc/passwd", "a/x/../../../b", "ledger/x/y", ""];
    let entries: Vec<String> = paths.iter().map(|path| entry(path)).collect();
    format!("{{\"version\": 1, \"unit\": \"x\", \"objects\": [{}]}}", entries.join(", "))
}

fn fleet() -> Files {
    files_below(&repository("tests/bad/fleet"))
}

/// The same, read and ready for records.
static READ: LazyLock<ninefold::Fleet> =
    LazyLock::new(|| workbench::prepared(&fleet(), &Files::new()));

/// Fails when it takes too long, or when nothing is reported.
fn judge(what: &str, place: &str, work: impl FnOnce() -> Compiled) {
    let start = Instant::now();
    let compiled = work();
    let report = compiled.report();
    assert!(!report.is_empty(), "{what} as {place} is not reported");
    assert!(compiled.tree.is_empty() || place.contains("template"), "{what} as {place} compiled");
    assert!(start.elapsed() < PATIENCE, "{what} as {place} took {:?}", start.elapsed());
    assert!(report.len() < 8_000_000, "{what} as {place} gives {} bytes", report.len());
}

#[test]
fn any_text_as_a_spec_is_a_finding() {
    for (what, text) in hostile() {
        let mut specs = fleet();
        specs.insert("service.toml".to_owned(), text);
        judge(what, "a spec", || compile(&specs, &Files::new()));
    }
}

#[test]
fn any_text_as_a_fleet_is_a_finding() {
    for (what, text) in hostile() {
        let mut specs = fleet();
        specs.insert("fleet.toml".to_owned(), text);
        judge(what, "a fleet", || compile(&specs, &Files::new()));
    }
}

#[test]
fn any_text_as_a_template_is_a_finding() {
    for (what, text) in hostile() {
        let templates = Files::from([("deployment.yaml".to_owned(), text)]);
        judge(what, "a template", || compile(&fleet(), &templates));
    }
}

#[test]
fn any_text_as_a_definition_is_a_finding() {
    for (what, text) in hostile() {
        let templates = Files::from([("crds/x.yaml".to_owned(), text)]);
        judge(what, "a definition", || compile(&fleet(), &templates));
    }
}

#[test]
fn any_text_as_a_ledger_is_a_finding() {
    for (what, text) in hostile() {
        let read = Ledger::read("x", &text);
        assert!(read.is_err_and(|found| found.code == Code::LEDGER_UNREADABLE), "{what}");
    }
}

#[test]
fn any_text_as_a_record_is_a_finding() {
    let mut hostile = hostile();
    hostile.push(("deep objects", "{\"a\":".repeat(100_000)));
    hostile.push(("deep objects, closed", "{\"a\":".repeat(20_000) + "1" + &"}".repeat(20_000)));
    hostile.push(("many keys", format!("{{{}}}", vec!["\"a\": 1"; 10_000].join(","))));
    for (what, text) in hostile {
        judge(what, "a record", || workbench::judge(&READ, &[("drill.json", &text)], None).0);
    }
}

#[test]
fn a_record_with_any_value_in_the_place_of_another_never_panics() {
    let good = files_below(&repository("tests/bad-evidence"))["good.json"].clone();
    let values =
        ["null", "-1", "1e400", "[[]]", "{}", "\"\"", "\"\\ud800\"", "9223372036854775807", "true"];
    for key in good.split('"').skip(1).step_by(2) {
        let Some((before, rest)) = good.split_once(&format!("\"{key}\": ")) else { continue };
        let end = rest.find([',', '}', ']', '\n']).expect("it ends");
        for value in values {
            let text = format!("{before}\"{key}\": {value}{}", &rest[end..]);
            let judged = std::panic::catch_unwind(|| {
                let today = Some("2026-11-22");
                workbench::judge(&READ, &[("drill.json", &text)], today).0.report().len()
            });
            assert!(judged.is_ok(), "{text}");
        }
    }
}

#[test]
fn a_mutated_record_never_panics() {
    let good = files_below(&repository("tests/bad-evidence"))["good.json"].clone();
    (0..2_000_u64).into_par_iter().for_each(|seed| {
        let mut random = Random::new(seed);
        let mut text: Vec<char> = good.chars().collect();
        for _ in 0..=random.below(3) {
            let (at, other) = (random.below(text.len().max(1)), random.below(text.len().max(1)));
            match random.below(4) {
                0 => drop(text.remove(at)),
                1 => text.swap(at, other),
                2 => text.splice(at..at, random.pick(PIECES).chars()).for_each(drop),
                _ => {
                    let one = *random.pick(&["{", "}", "[", "]", "\"", ",", ":", "9", "-", "\\"]);
                    text.splice(at..=at, one.chars()).for_each(drop);
                }
            }
        }
        let text: String = text.into_iter().collect();
        let judged = std::panic::catch_unwind(|| {
            workbench::judge(&READ, &[("drill.json", &text)], Some("2026-11-22")).0.report().len()
        });
        assert!(judged.is_ok(), "seed {seed} panics:\n{text}");
    });
}

#[test]
fn a_name_never_leads_out_of_the_tree() {
    let specs = fleet();
    let names =
        ["../../etc", "..", ".", "/", "a/b", "a\\\\b", "C:", "con\\u0000", "a\\nb", " ", "~"];
    for name in names {
        for line in ["name = \"orders\"", "eastus2"] {
            let mut specs = specs.clone();
            for (file, text) in &mut specs {
                if line == "eastus2" {
                    *text = text.replace("[regions.eastus2]", &format!("[regions.\"{name}\"]"));
                    *text = text.replace("\"eastus2\"", &format!("\"{name}\""));
                } else if file == "orders.toml" {
                    *text = text.replace(line, &format!("name = \"{name}\""));
                }
            }
            let compiled = compile(&specs, &Files::new());
            let told = compiled.findings.iter().any(|finding| {
                [Code::INVALID_NAME, Code::CONTROL_CHARACTER].contains(&finding.code)
            });
            assert!(told && compiled.tree.is_empty(), "{name:?}:\n{}", compiled.report());
        }
    }
}

#[test]
fn what_does_not_fit_into_a_config_map_is_a_finding() {
    let large = "x".repeat(1_100_000);
    for extra in [
        format!("config = {{ LARGE = \"{large}\" }}\n"),
        format!("files = [{{ name = \"f\", path = \"/f\", content = \"{large}\" }}]\n"),
    ] {
        let mut specs = fleet();
        let spec = specs["orders.toml"].clone() + &extra;
        specs.insert("orders.toml".to_owned(), spec);
        let compiled = compile(&specs, &Files::new());
        let codes: Vec<Code> = compiled.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::FILE_TOO_LARGE]);
        assert!(compiled.report().len() < 10_000, "the report quotes all of it");
    }
}

/// What stands in specs, and what breaks readers of them.
const PIECES: &[&str] = &[
    "0",
    "-1",
    "1",
    "9999999999",
    "18446744073709551616",
    "1.5",
    "nan",
    "true",
    "\"\"",
    "\"x\"",
    "\"0s\"",
    "\"100y\"",
    "\"5m\"",
    "\"99999w\"",
    "\"0Mi\"",
    "\"1Ei\"",
    "[]",
    "{}",
    "[[]]",
    "[1]",
    "\"\"\"",
    "'",
    "\"",
    "\\",
    "#",
    "=",
    ",",
    "[",
    "]",
    "{",
    "}",
    ".",
    "\n",
    "\r",
    "\0",
    "ä",
    "\u{2028}",
    "\u{e0f0}0\u{e0f1}",
    "\"active/active\"",
    "\"pilot light\"",
    "\"platinum\"",
    "\"bronze\"",
    "\"stateful\"",
    "\"centralus\"",
    "\"::/0\"",
    "\"5000w\"",
    "\"0.0.0.0/0\"",
    "\"a b\"",
    "default",
    "ports = []\n",
    "[tiers.x]\n",
];

/// `text` with one to three things changed.
fn mutate(random: &mut Random, text: &str) -> String {
    let telling = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let mut lines: Vec<String> = text.lines().filter(telling).map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        if lines.is_empty() {
            break;
        }
        let at = random.below(lines.len());
        let value = lines[at].find('=').map(|equals| equals + 1);
        match (random.below(8), value) {
            (0, _) => drop(lines.remove(at)),
            (1, _) => lines.insert(at, lines[random.below(lines.len())].clone()),
            (2, _) => {
                let other = random.below(lines.len());
                lines.swap(at, other);
            }
            (3 | 4, Some(value)) => {
                let piece = *random.pick(PIECES);
                lines[at] = format!("{} {piece}", &lines[at][..value]);
            }
            _ => {
                let line = &mut lines[at];
                let ends: Vec<usize> =
                    line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
                let (a, b) = (ends[random.below(ends.len())], ends[random.below(ends.len())]);
                let piece = *random.pick(PIECES);
                line.replace_range(a.min(b)..a.max(b), piece);
            }
        }
    }
    lines.join("\n")
}

#[test]
fn a_mutated_spec_never_panics() {
    const MUTATIONS: u64 = 2_000;
    let specs = files_below(&repository("specs"));
    let specs: Files = (specs.into_iter())
        .filter(|(name, _)| {
            ["fleet.toml", "reference.toml", "orders.toml", "files/log.yaml"].contains(&&**name)
        })
        .collect();
    (0..MUTATIONS).into_par_iter().for_each(|seed| {
        let mut random = Random::new(seed);
        let file = if seed % 2 == 0 { "reference.toml" } else { "fleet.toml" };
        let mut specs = specs.clone();
        let mutated = mutate(&mut random, &specs[file]);
        specs.insert(file.to_owned(), mutated.clone());
        let start = Instant::now();
        let compiled = std::panic::catch_unwind(|| {
            let compiled = compile(&specs, &Files::new());
            compiled.report().len()
        });
        assert!(compiled.is_ok(), "seed {seed} panics; its {file}:\n{mutated}");
        let took = start.elapsed();
        assert!(took < PATIENCE, "seed {seed} takes {took:?}; its {file}:\n{mutated}");
    });
}
