//! Text that YAML readers misread: it comes out as it went in, or is refused at its place.
//!
//! Judged by a reader of YAML 1.2 (`serde_yaml`), by the rules of YAML 1.1 written down here, and
//! where they are at hand by `kubectl` and `PyYAML` themselves.

use crate::generate::{self, Files, Finding, basic};
use crate::random::Random;
use ninefold::yaml;
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};

// The strings ------------------------------------------------------------------------------------

const NASTY: &[&str] = &[
    // Booleans of YAML 1.1, and of some readers.
    "yes",
    "Yes",
    "YES",
    "yEs",
    "no",
    "No",
    "NO",
    "nO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "true",
    "True",
    "TRUE",
    "tRuE",
    "false",
    "False",
    "FALSE",
    "t",
    "f",
    // Null, and nothing.
    "",
    "~",
    "null",
    "Null",
    "NULL",
    "nULL",
    "nil",
    "none",
    "None",
    "undefined",
    // Numbers.
    "0",
    "-0",
    "+1",
    "1",
    "0123",
    "0777",
    "08",
    "0o17",
    "0O17",
    "0x1F",
    "0X1f",
    "0x",
    "0b101",
    "1_000",
    "1__0",
    "1_",
    "_1",
    "-1_000",
    "0x_1",
    "685_230.15",
    "1e3",
    "1E3",
    "1e+3",
    "1.5e3_0",
    "1.",
    ".5",
    "-.5",
    "+.5",
    ".",
    "..",
    "...",
    ".inf",
    "-.inf",
    "+.Inf",
    ".INF",
    ".nan",
    ".NaN",
    "inf",
    "nan",
    "NaN",
    "Infinity",
    "12:30",
    "12:30:45",
    "190:20:30",
    "190:20:30.15",
    "1:60",
    "-1:30",
    "00:00",
    "123456789012345678901234567890",
    "18446744073709551615",
    "1e400",
    "1,000",
    "0.1",
    "1.10",
    "3.14",
    "-",
    "--",
    "+",
    "1 ",
    " 1",
    "1 2",
    // Dates.
    "2024-01-01",
    "2024-1-1",
    "2024-01-01T00:00:00Z",
    "2024-01-01 00:00:00 +1",
    "2001-12-14t21:59",
    // Indicators.
    "<<",
    "<< ",
    "=",
    "==",
    "- a",
    "-a",
    "? a",
    "?a",
    ": a",
    ":a",
    "a:",
    "a: b",
    "a:b",
    "a :b",
    "a #b",
    "a#b",
    "#a",
    "# a",
    "@every",
    "@every 1h",
    "%TAG",
    "%YAML 1.1",
    "`cmd`",
    "a`b",
    "{{ x }}",
    "{% x %}",
    "{# x #}",
    "{a: 1}",
    "{}",
    "[]",
    "[a, b]",
    "{",
    "}",
    "[",
    "]",
    ",",
    ",a",
    "a, b",
    "*a",
    "*",
    "&a",
    "&",
    "&a b",
    "!t",
    "!",
    "!!str a",
    "!!binary aGk=",
    "|",
    "|-",
    ">",
    ">-",
    "> a",
    "| a",
    "---",
    "--- a",
    "...a",
    "--- \n...\n",
    "'",
    "''",
    "'a'",
    "\"",
    "\"\"",
    "\"a\"",
    "it's",
    "a'b\"c",
    "\\",
    "\\n",
    "\\\"",
    "a\\",
    "\\u0041",
    "\\x41",
    "$(VAR)",
    "${VAR}",
    "$VAR",
    "*/15 * * * *",
    "0 0 * * *",
    "http://a.example.com:80/x?y=z#f",
    "C:\\dir",
    "a/b",
    "/a",
    "/",
    // Blanks.
    " ",
    "  ",
    "\t",
    "\ta",
    "a\t",
    "a\tb",
    " a",
    "a ",
    " a ",
    "a  b",
    "\u{a0}",
    "\u{a0}a",
    "a\u{3000}",
    // Several lines.
    "\n",
    "\n\n",
    "a\n",
    "\na",
    "a\nb",
    "a\nb\n",
    "a\nb\n\n",
    "a\n\nb",
    "a\n\n\nb\n\n\n",
    " a\nb",
    "a\n b",
    "a\n  b\nc",
    "\ta\nb",
    "a\n\tb",
    "a \nb",
    "a\t\nb",
    "a\n \nb",
    "a\n \n",
    "# a\nb",
    "a\n# b",
    "a\n---\nb",
    "a\n...\n",
    "- a\n- b\n",
    "k: v\nl: w\n",
    "a\nb: c",
    "\n a\n",
    "|\na",
    "a\n\u{a0}\nb",
    "é\nb\n",
    // Characters.
    "é",
    "日本語",
    "😀",
    "👩‍👩‍👧",
    "\u{10ffff}x",
    "\u{1f600}\nb",
    "𝄞",
    "ﬀ",
    "e\u{301}",
    "\u{200b}",
    "\u{202e}a",
    "\u{fffd}",
    "\u{e000}",
    "\u{e0f0}0\u{e0f1}",
    "\u{e0f2}",
    "\u{f8ff}",
    "\u{ad}",
    // What some reader changes or refuses.
    "a\u{85}b",
    "\u{2028}",
    "a\u{2029}b",
    "\u{feff}",
    "\u{feff}a",
    "a\u{feff}",
    "\u{7f}",
    "\u{80}",
    "\u{9f}",
    "\r",
    "a\rb",
    "a\r\nb",
    "\r\n",
    "\0",
    "a\0b",
    "\u{1}",
    "\u{1b}[0m",
    "\u{8}",
    "\u{b}",
    "\u{c}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{1fffe}",
    "\u{fdd0}",
];

/// The list, and strings that are too long to write down: so long that an object holds all of them in
/// every position.
fn nasty() -> Vec<String> {
    let long = ["x".repeat(44_000), "- \"'\\\n".repeat(1_000), "é😀 ".repeat(1_000)];
    let keys = ["k".repeat(101), " ".repeat(1_100), "\"".repeat(600), "a: ".repeat(500)];
    NASTY.iter().map(|text| (*text).to_owned()).chain(long).chain(keys).collect()
}

/// What a spec may not hold, said once more and independently.
fn is_refused(text: &str) -> bool {
    text.chars().any(|c| {
        let control = (c < ' ' && c != '\n' && c != '\t') || ('\u{7f}'..='\u{9f}').contains(&c);
        let breaks = matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
        let none = ('\u{fdd0}'..='\u{fdef}').contains(&c) || u32::from(c) % 0x1_0000 >= 0xfffe;
        control || breaks || none || ('\u{e0f0}'..='\u{e0f3}').contains(&c)
    })
}

fn accepted() -> Vec<String> {
    nasty().into_iter().filter(|text| !is_refused(text)).collect()
}

// YAML 1.1 ---------------------------------------------------------------------------------------

/// What a reader of YAML 1.1 makes of a plain scalar that is no string to it: by the types of
/// yaml.org/type, and by what `PyYAML` and both go-yaml take beyond them.
fn type_in_1_1(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" => return Some("a boolean"),
        "" | "~" | "null" => return Some("null"),
        "<<" => return Some("a merge"),
        "=" => return Some("the default value"),
        _ => {}
    }
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return Some("a float");
    }
    let of = |text: &str, digits: &str| {
        !text.is_empty() && text.chars().all(|c| digits.contains(c) || c == '_')
    };
    let prefixed = [("0b", "01"), ("0o", "01234567"), ("0x", "0123456789abcdef")];
    if prefixed
        .iter()
        .any(|(prefix, digits)| unsigned.strip_prefix(prefix).is_some_and(|rest| of(rest, digits)))
    {
        return Some("an integer");
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if of(unsigned, "0123456789") {
        return Some("an integer");
    }
    // 12:30 and 190:20:30.15
    if unsigned.contains(':') && of(&unsigned.replace([':', '.'], ""), "0123456789") {
        return Some("a number of base 60");
    }
    if is_date(&lower) {
        return Some("a date");
    }
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let digits = mantissa.replacen('.', "", 1);
    (of(&digits, "0123456789") && of(exponent, "0123456789")).then_some("a float")
}

/// `2024-1-1`, with anything that may follow.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |part: Option<&str>, min: usize, max: usize| {
        part.is_some_and(|part| {
            let count = part.bytes().take_while(u8::is_ascii_digit).count();
            (min..=max).contains(&count) && (max == 2 || count == part.len())
        })
    };
    digits(parts.next(), 4, 4) && digits(parts.next(), 1, 2) && digits(parts.next(), 1, 2)
}

/// The scalars of a canonical document, keys included, in their order: whether each is plain, and
/// the text of those that are.
fn scalars(text: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let mut rest = line.trim_start_matches(' ');
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item;
        }
        if rest.is_empty() {
            continue;
        }
        // `? "a long key"`, and `: value` on the line below.
        let long = rest.strip_prefix("? ");
        rest = long.unwrap_or(rest);
        if line.trim_start_matches(' ').starts_with(':') {
            rest = rest.strip_prefix(':').expect("a value").trim_start_matches(' ');
        } else {
            let (scalar, after) = scalar(rest);
            found.push(scalar);
            let Some(value) = after.strip_prefix(':') else {
                assert!(after.is_empty(), "{line}");
                if long.is_none() && rest.starts_with('|') {
                    skip_block(&mut lines);
                }
                continue;
            };
            rest = value.strip_prefix(' ').unwrap_or(value);
        }
        match rest {
            "" => {}
            "{}" | "[]" => {}
            block if block.starts_with('|') => {
                found.push(None);
                skip_block(&mut lines);
            }
            value => {
                let (scalar, after) = scalar(value);
                assert!(after.is_empty(), "{line}");
                found.push(scalar);
            }
        }
    }
    found
}

/// Skips the lines of a literal block; the first of them is never empty.
fn skip_block<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) {
    let column = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let block = column(lines.peek().expect("a block has a line"));
    while lines.next_if(|line| line.is_empty() || column(line) >= block).is_some() {}
}

/// The scalar at the start of `text`, and what follows it.
fn scalar(text: &str) -> (Option<String>, &str) {
    if let Some(inner) = text.strip_prefix('"') {
        let mut escaped = false;
        for (at, c) in inner.char_indices() {
            match c {
                '"' if !escaped => return (None, &inner[at + 1..]),
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        panic!("{text} has no end");
    }
    if text.starts_with('|') {
        return (None, "");
    }
    let end = text.find(": ").or(text.strip_suffix(':').map(str::len)).unwrap_or(text.len());
    (Some(text[..end].to_owned()), &text[end..])
}

/// The same scalars, as a reader of YAML 1.2 sees them.
fn flatten<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Mapping(entries) => {
            for (key, value) in entries {
                found.push(key);
                flatten(value, found);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| flatten(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => found.push(value),
        Value::Tagged(tagged) => panic!("{tagged:?}"),
    }
}

/// Both versions of YAML agree on every plain scalar of a canonical document.
#[track_caller]
fn judge(text: &str) {
    if let Err(misread) = both_versions_agree(text) {
        panic!("{misread}\n{text}");
    }
}

fn both_versions_agree(text: &str) -> Result<(), String> {
    let value: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let mut read = Vec::new();
    flatten(&value, &mut read);
    let read: Vec<&Value> = read.into_iter().filter(|value| !is_empty(value)).collect();
    let written = scalars(text);
    if written.len() != read.len() {
        return Err(format!("{} scalars, {} were read", written.len(), read.len()));
    }
    for (plain, value) in written.iter().zip(read) {
        let (expected, canonical) = match (plain, value) {
            (None, Value::String(_)) => continue,
            (Some(_), Value::String(text)) => (None, text.clone()),
            (Some(_), Value::Bool(bool)) => (Some("a boolean"), bool.to_string()),
            (Some(_), Value::Null) => (Some("null"), "null".to_owned()),
            (Some(plain), Value::Number(number)) if number.is_f64() => {
                (Some("a float"), plain.clone())
            }
            // No base, no sign, no zero in front.
            (Some(_), Value::Number(number)) => (Some("an integer"), number.to_string()),
            (written, read) => return Err(format!("{written:?} was read as {read:?}")),
        };
        let plain = plain.as_deref().unwrap_or_default();
        if plain != canonical {
            return Err(format!("`{plain}` was read as `{canonical}`"));
        }
        if type_in_1_1(plain) != expected {
            return Err(format!("`{plain}` is {:?} in YAML 1.1", type_in_1_1(plain)));
        }
    }
    Ok(())
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Mapping(entries) if entries.is_empty())
        || matches!(value, Value::Sequence(items) if items.is_empty())
}

#[test]
fn the_judge_of_yaml_1_1_knows_its_types() {
    for text in [
        "yes",
        "On",
        "n",
        "~",
        "",
        "<<",
        "=",
        "0123",
        "0o17",
        "0x1F",
        "0b1_0",
        "1_000",
        "+1",
        "-0",
        "1e3",
        "1.5e+3",
        ".5",
        "1.",
        "685_230.15",
        "-.INF",
        ".NaN",
        "12:30",
        "190:20:30.15",
        "2024-01-01",
        "2024-1-1 12:00",
    ] {
        assert!(type_in_1_1(text).is_some(), "{text}");
    }
    for text in ["yess", "a", "e3", "0xg", "1.2.3", "v1", "12:30pm", "2024-01", "10m", "a:1", "-"] {
        assert_eq!(type_in_1_1(text), None, "{text}");
    }
    for text in
        ["a: on\n", "on: a\n", "a: 1_000\n", "- 0o17\n", "a: 12:30\n", "a: 0x1F\n", "a: '1'\n"]
    {
        assert!(both_versions_agree(text).is_err(), "{text}");
    }
    assert_eq!(both_versions_agree("a: \"on\"\nb: |\n  on\nc:\n- 1\n- true\n"), Ok(()));
    // Why there is an emitter of our own.
    let strings = accepted();
    let misread = |text: &&String| {
        let written = serde_yaml::to_string(&[text]).expect("YAML");
        written.lines().count() == 1
            && !written.contains('\'')
            && both_versions_agree(&written).is_err()
    };
    assert!(strings.iter().filter(misread).count() > 20, "what others leave plain");
}

// The emitter ------------------------------------------------------------------------------------

/// As a value, in a list, as a key, and deeper.
fn in_every_position(text: &str) -> yaml::Value {
    use yaml::Value::{List, Map, String};
    let text = || String(text.to_owned());
    let key = |value: yaml::Value| Map(vec![(text().as_str().expect("text").to_owned(), value)]);
    Map(vec![
        ("a".to_owned(), text()),
        ("b".to_owned(), List(vec![text(), List(vec![text(), key(text())]), key(text())])),
        ("c".to_owned(), key(key(List(vec![text(), key(key(text()))])))),
        ("d".to_owned(), key(List(vec![]))),
        ("e".to_owned(), key(Map(vec![]))),
        ("f".to_owned(), key(yaml::Value::Int(-1))),
    ])
}

#[track_caller]
fn emits(text: &str) {
    let value = in_every_position(text);
    let written = yaml::write::document(&value);
    let expected: serde_json::Value = (&value).into();
    let read: serde_json::Value =
        serde_yaml::from_str(&written).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    assert_eq!(read, expected, "{text:?}");
    assert_eq!(yaml::read::document(&written), Ok(value), "{text:?}");
    judge(&written);
    // Every reader counts the characters of a key that stands before a colon in its line.
    for line in written.lines().filter(|line| line.len() > 1_024) {
        let head = line.trim_start_matches([' ', '-']);
        let scalar = scalar(head.strip_prefix("? ").unwrap_or(head)).1;
        let explicit = head.starts_with("? ") || scalar.is_empty();
        assert!(explicit || head.len() - scalar.len() <= 1_024, "{line:.60}");
    }
}

#[test]
fn every_string_is_emitted_in_every_position() {
    for text in nasty() {
        emits(&text);
    }
}

#[test]
fn keys_are_explicit_above_100_bytes() {
    use yaml::Value::{Int, Map};
    let key = |key: String| yaml::write::document(&Map(vec![(key, Int(1))]));
    assert_eq!(key("k".repeat(100)), format!("{}: 1\n", "k".repeat(100)));
    assert_eq!(key("k".repeat(101)), format!("? \"{}\"\n: 1\n", "k".repeat(101)));
    assert_eq!(key(" ".repeat(100)), format!("\"{}\": 1\n", " ".repeat(100)));
    assert_eq!(key(" ".repeat(101)), format!("? \"{}\"\n: 1\n", " ".repeat(101)));
}

#[test]
fn random_strings_are_emitted() {
    const PIECES: &[&str] = &[
        "a", "Z", "0", "1", "7", "9", "_", ".", "-", "+", ":", " ", "\t", "\n", "\r", "#", "'",
        "\"", "\\", "e", "E", "x", "o", "y", "n", "no", "=", "<<", "~", "!", "&", "*", "?", "|",
        ">", "%", "@", "`", "{", "}", "[", "]", ",", "/", "\u{0}", "\u{7f}", "\u{85}", "\u{a0}",
        "\u{2028}", "\u{feff}", "é", "😀", "\u{fffe}", "\n\n", "  ", ": ", " #", "- ", "---",
        "...",
    ];
    let mut random = Random::new(7);
    for _ in 0..6_000 {
        let length = random.below(7);
        let text: String = (0..length).map(|_| *random.pick(PIECES)).collect();
        let written = yaml::write::document(&yaml::Value::Map(vec![
            (text.clone(), yaml::Value::String(text.clone())),
            ("{list}".to_owned(), yaml::Value::List(vec![yaml::Value::String(text.clone())])),
        ]));
        let read: serde_json::Value =
            serde_yaml::from_str(&written).unwrap_or_else(|error| panic!("{error}: {text:?}"));
        assert_eq!(read[&text], *text, "{text:?}");
        assert_eq!(read["{list}"][0], *text, "{text:?}");
        judge(&written);
    }
}

// The whole compiler -----------------------------------------------------------------------------

const FLEET: &str = r#"
inventory = "2026-11-01"
[regions.one]
geography = "us"
provider = "other"
cluster = "one"
kubernetes = "1.34"
zones = [{ name = "one-1", nodes = 3, cpu = "100", memory = "100Gi" }]
storage = [{ name = "disk", topology = "region", binding = "wait-for-first-consumer", snapshots = "csi" }]
backup = { locations = [{ name = "vault", stored_in = "one" }] }
"#;

/// Specs of one service, `probe`, with `more` in its spec.
fn specs(more: &str) -> Files {
    let service = format!(
        "name = \"probe\"\nimage = \"registry.example.com/probe@sha256:{}\"\ntier = \"bronze\"\n\
         regions = [\"one\"]\nrpo = \"2d\"\nrto = \"1d\"\n{more}",
        "0".repeat(64)
    );
    [("fleet.toml", FLEET.to_owned()), ("probe.toml", service)]
        .map(|(path, text)| (path.to_owned(), text))
        .into()
}

fn compile(more: &str) -> Result<Files, Vec<Finding>> {
    generate::compile(&specs(more))
}

fn document(tree: &Files, file: &str) -> Value {
    let text = &tree[&format!("one/probe/{file}.yaml")];
    judge(text);
    serde_yaml::from_str(text).expect("YAML")
}

fn toml_list(strings: &[String]) -> String {
    let items: Vec<String> = strings.iter().map(|text| basic(text)).collect();
    format!("[{}]", items.join(", "))
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_sequence().expect("a list").iter();
    items.map(|item| item.as_str().expect("text").to_owned()).collect()
}

#[test]
fn a_config_value_survives_or_is_refused_at_its_place() {
    let mut refused = 0;
    for text in nasty() {
        let literal = basic(&text);
        match compile(&format!("[config]\nVALUE = {literal}\n")) {
            Ok(tree) => {
                assert!(!is_refused(&text), "{text:?} was accepted");
                let read = &document(&tree, "config-map-region")["data"]["VALUE"];
                assert_eq!(read.as_str(), Some(text.as_str()));
            }
            Err(findings) => {
                assert!(is_refused(&text), "{text:?}: {findings:?}");
                let [finding] = &findings[..] else { panic!("{text:?}: {findings:?}") };
                assert_eq!(finding.code, "control-character");
                assert_eq!((&*finding.file, &finding.text), ("specs/probe.toml", &literal));
                refused += 1;
            }
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn what_is_refused_in_one_place_is_refused_in_all() {
    for text in nasty().into_iter().filter(|text| is_refused(text)) {
        let literal = basic(&text);
        for more in [
            format!("args = [\"a\", {literal}]"),
            format!("command = [{literal}]"),
            format!("team = {literal}"),
            format!("[config]\nKEY = {{ default = \"a\", one = {literal} }}"),
            format!("[[files]]\nname = \"f\"\npath = \"/f\"\ncontent = {literal}"),
            format!("[[files]]\nname = \"f\"\npath = {literal}\ncontent = \"\""),
            format!("[[secrets]]\nname = \"s\"\nmount = \"/s\"\nversion = {literal}"),
            format!("[probes]\nlive = [{literal}]"),
            format!("[probes]\nready = {literal}"),
            format!("[[backup.hooks]]\nname = \"h\"\nbefore = [{literal}]"),
        ] {
            let findings = compile(&more).expect_err(&more);
            let found =
                |finding: &Finding| finding.code == "control-character" && finding.text == literal;
            assert!(findings.iter().any(found), "{more}: {findings:?}");
        }
    }
}

#[test]
fn every_string_survives_in_every_place_of_a_spec() {
    let strings = accepted();
    let mut more = format!(
        "kind = \"stateful\"\nargs = {list}\ncommand = {list}\n[probes]\nlive = {list}\n\
         [[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n\
         [[backup.hooks]]\nname = \"hook\"\nbefore = {list}\nafter = {list}\n",
        list = toml_list(&strings)
    );
    for (index, text) in strings.iter().enumerate() {
        let literal = basic(text);
        let _ = write!(
            more,
            "[[files]]\nname = \"f{index}\"\npath = \"/etc/f{index}\"\ncontent = {literal}\n\
             [[secrets]]\nname = \"s{index}\"\nmount = \"/run/s{index}\"\nversion = {literal}\n"
        );
    }
    more.push_str("[config]\n");
    for (index, text) in strings.iter().enumerate() {
        let _ = writeln!(more, "K{index} = {}", basic(text));
    }
    let tree = compile(&more).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let workload = document(&tree, "stateful-set");
    let template = &workload["spec"]["template"];
    let container = &template["spec"]["containers"][0];
    assert_eq!(texts(&container["args"]), strings);
    assert_eq!(texts(&container["command"]), strings);
    assert_eq!(texts(&container["livenessProbe"]["exec"]["command"]), strings);
    let hooks = &document(&tree, "schedule")["spec"]["template"]["hooks"]["resources"][0];
    assert_eq!(texts(&hooks["pre"][0]["exec"]["command"]), strings);
    assert_eq!(texts(&hooks["post"][0]["exec"]["command"]), strings);
    let data = document(&tree, "config-map-region")["data"].clone();
    assert_eq!(data.as_mapping().expect("a map").len(), strings.len() + 5);
    for (index, text) in strings.iter().enumerate() {
        assert_eq!(data[format!("K{index}")].as_str(), Some(text.as_str()));
        let file = document(&tree, &format!("config-map-file-f{index}"));
        let file = file["data"].as_mapping().expect("a map");
        assert_eq!((file.len(), file[format!("f{index}")].as_str()), (1, Some(text.as_str())));
        let version = &template["metadata"]["annotations"][format!("secret.ninefold.dev/s{index}")];
        assert_eq!(version.as_str(), Some(text.as_str()));
    }
}

#[test]
fn a_team_is_a_value_of_a_label_or_refused() {
    for text in nasty() {
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let valid = text.is_empty()
            || (text.len() <= 63
                && text.chars().all(inner)
                && edge(text.chars().next())
                && edge(text.chars().next_back()));
        let literal = basic(&text);
        match compile(&format!("team = {literal}")) {
            Ok(tree) => {
                assert!(valid, "{text:?} was accepted");
                let read = document(&tree, "deployment");
                let read = &read["metadata"]["labels"]["ninefold.dev/team"];
                assert_eq!(read.as_str(), Some(text.as_str()));
            }
            Err(findings) => {
                assert!(!valid, "{text:?}: {findings:?}");
                assert_eq!(findings[0].text, literal, "{findings:?}");
            }
        }
    }
}

#[test]
fn the_name_of_a_file_is_a_key_of_a_config_map_or_refused() {
    for text in accepted() {
        let literal = basic(&format!("/etc/{text}"));
        let more = format!("[[files]]\nname = \"f\"\npath = {literal}\ncontent = \"x\"");
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = |key: &str| {
            !key.is_empty() && key.len() <= 253 && key.chars().all(allowed) && key != "."
        };
        match compile(&more) {
            Ok(tree) => {
                let key = text.rsplit('/').next().expect("a part");
                assert!(fits(key) && !key.starts_with(".."), "{text:?} was accepted");
                let data = map(&document(&tree, "config-map-file-f")["data"]);
                assert_eq!(data, BTreeMap::from([(key.to_owned(), "x".to_owned())]));
            }
            Err(findings) => {
                assert!(!fits(&text) || text.starts_with(".."), "{text:?}: {findings:?}");
                assert_eq!(findings[0].code, "mount-path", "{findings:?}");
                assert_eq!(findings[0].text, literal);
            }
        }
    }
}

#[test]
fn the_example_fleet_reads_the_same_in_both_versions() {
    for (path, text) in generate::manifests(&generate::folder("out")) {
        assert!(!text.is_empty(), "{path}");
        judge(text);
    }
}

// Templates of the user's own --------------------------------------------------------------------

/// Every position that YAML has, with nothing quoted for it and everything. No other kind takes keys
/// of any text.
const POSITIONS: &str = r#"
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata:
  name: '{{ meta.name }}'
  namespace: "{{ meta.namespace }}"
  annotations: { {% for key, value in config %}{{ key }}-p: {{ value }}, '{{ key }}-s': '{{ value }}', "{{ key }}-d": "{{ value }}", {% endfor %} last: "" }
# {{ meta.name }}
spec:
 provider: {{ provider }}
 accessMode: ReadWrite
 objectStorage:
   bucket: {{ bucket }}
 config:
  {% for key, value in config %}
  plain-{{ key }}: {{ value }}
  inside-{{ key }}: a {{ value }} b
  twice-{{ key }}: {{ value }}{{ value }}
  single-{{ key }}: 'a {{ value }}'
  'single-key-{{ key }}': '{{ value }}'
  double-{{ key }}: "{{ value }}\n"
  "double-key-{{ key }}": "{{ value }}" # {{ value }}
  literal-{{ key }}: |
    {{ value }}
      # {{ value }}
  stripped-{{ key }}: |-
    {{ value }}
  folded-{{ key }}: >-
    {{ value }}
    {{ value }}
  # {{ value }}: {{ value }}
  key-{{ key }}-{{ value }}: {{ key }}
  ? explicit-{{ key }}-{{ value }}
  : {{ value }}
  ? |-
    block-{{ key }}-{{ value }}
  : x
  {% endfor %}
"#;

type Entries = Vec<(String, String)>;

/// What the positions above must hold, for one entry: annotations and data.
fn expected(key: &str, value: &str) -> (Entries, Entries) {
    let annotations = ["p", "s", "d"].map(|kind| (format!("{key}-{kind}"), value.to_owned()));
    let data = [
        (format!("plain-{key}"), value.to_owned()),
        (format!("inside-{key}"), format!("a {value} b")),
        (format!("twice-{key}"), format!("{value}{value}")),
        (format!("single-{key}"), format!("a {value}")),
        (format!("single-key-{key}"), value.to_owned()),
        (format!("double-{key}"), format!("{value}\n")),
        (format!("double-key-{key}"), value.to_owned()),
        (format!("literal-{key}"), format!("{value}\n  # {value}\n")),
        (format!("stripped-{key}"), value.to_owned()),
        (format!("folded-{key}"), format!("{value} {value}")),
        (format!("key-{key}-{value}"), key.to_owned()),
        (format!("explicit-{key}-{value}"), value.to_owned()),
        (format!("block-{key}-{value}"), "x".to_owned()),
    ];
    (annotations.to_vec(), data.to_vec())
}

fn map(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_mapping().expect("a map").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    entries.map(|(key, value)| (text(key), text(value))).collect()
}

#[test]
fn nothing_can_be_injected_through_a_template() {
    let strings = accepted();
    let mut config = String::new();
    for (index, text) in strings.iter().enumerate() {
        let _ = write!(config, "K{index} = {}, ", basic(text));
    }
    let sidecar = "
        - name: {{ \"side\" }}
          image: 'registry.example.com/side'
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          args: [ {% for word in pod.containers[0].args %}{{ word }}, '{{ word }}', \"{{ word }}\", {% endfor %} ]
";
    let templates = [("backup-storage-location.yaml", POSITIONS), ("parts/sidecars.yaml", sidecar)]
        .map(|(name, text)| (name.to_owned(), text.to_owned()));
    let mut specs = specs(&format!("args = {}\n", toml_list(&strings)));
    let with = format!(
        "provider = \"aws\", bucket = \"b\", config = {{ {} }}, stored_in",
        config.trim_end_matches(", ")
    );
    let fleet = specs.get_mut("fleet.toml").expect("it is there");
    *fleet = fleet.replace("stored_in", &with);
    let tree = generate::compile_with(&specs, &templates.into())
        .unwrap_or_else(|findings| panic!("{findings:#?}"));
    let text = &tree["one/fleet/backup-storage-location-vault.yaml"];
    judge(text);
    let location: Value = serde_yaml::from_str(text).expect("YAML");
    let mut annotations = BTreeMap::from([("last".to_owned(), String::new())]);
    let mut data = BTreeMap::new();
    for (index, value) in strings.iter().enumerate() {
        let (more_annotations, more_data) = expected(&format!("K{index}"), value);
        annotations.extend(more_annotations);
        data.extend(more_data);
    }
    assert!(map(&location["metadata"]["annotations"]) == annotations, "annotations differ");
    let read = map(&location["spec"]["config"]);
    for (key, value) in &data {
        assert_eq!(read.get(key), Some(value), "{key:?}");
    }
    assert_eq!(read.len(), data.len(), "nothing was added");
    let keys = location.as_mapping().expect("a map");
    let keys: Vec<&str> = keys.keys().filter_map(Value::as_str).collect();
    assert_eq!(keys, ["apiVersion", "kind", "metadata", "spec"]);
    let deployment = document(&tree, "deployment");
    let container = &deployment["spec"]["template"]["spec"]["containers"][1];
    assert_eq!(container.as_mapping().expect("a map").len(), 4);
    let thrice: Vec<String> = strings.iter().flat_map(|text| [text, text, text]).cloned().collect();
    assert_eq!(texts(&container["args"]), thrice);
}

#[test]
fn a_filter_that_works_on_the_text_of_a_token_is_refused_or_harmless() {
    let template = |expression: &str| {
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\n{{% include \"parts/metadata.yaml\" %}}\n\
             immutable: true\ndata:\n  x: {{{{ {expression} }}}}\n"
        );
        let templates = [("config-map.yaml".to_owned(), text)].into();
        generate::compile_with(&specs("[config]\nV = \"a: [b\\nc\"\n"), &templates)
    };
    let read = |expression| {
        let tree = template(expression).expect(expression);
        document(&tree, "config-map-region")["data"]["x"].as_str().map(str::to_owned)
    };
    assert_eq!(read("data.V").as_deref(), Some("a: [b\nc"));
    assert_eq!(read("data.V | upper").as_deref(), Some("A: [B\nC"));
    assert_eq!(read("data.V | default(value=\"\") | trim").as_deref(), Some("a: [b\nc"));
    assert_eq!(read("data.V ~ data.V").as_deref(), Some("a: [b\nca: [b\nc"));
    let findings = template("data.V | safe").expect_err("`safe` is refused");
    assert_eq!(findings[0].code, "template", "{findings:?}");
}

// Readers of other languages ---------------------------------------------------------------------

/// A ConfigMap of all accepted strings, as the compiler wrote it.
fn config_map() -> (String, BTreeMap<String, String>) {
    let mut more = "[config]\n".to_owned();
    for (index, text) in accepted().iter().enumerate() {
        let _ = writeln!(more, "K{index} = {}", basic(text));
    }
    let tree = compile(&more).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let data = map(&document(&tree, "config-map-region")["data"]);
    (tree["one/probe/config-map-region.yaml"].clone(), data)
}

/// What a program prints when it reads `input`; none where the program is not at hand.
fn run(command: &mut Command, input: &str) -> Option<std::process::Output> {
    let piped = || Stdio::piped();
    let child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn();
    let mut child = child.ok()?;
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it wrote");
    Some(output)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "kubectl reads from the disk")]
fn kubectl_reads_what_was_meant() {
    let (text, data) = config_map();
    let folder = crate::workbench::folder();
    std::fs::write(folder.path().join("config-map.yaml"), text).expect("written");
    let kustomization = "resources:\n- config-map.yaml\n";
    std::fs::write(folder.path().join("kustomization.yaml"), kustomization).expect("written");
    let mut kubectl = Command::new("kubectl");
    let Some(output) = run(kubectl.arg("kustomize").arg(folder.path()), "") else {
        println!("SKIPPED: there is no `kubectl` here, so nothing was held against it");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_yaml::from_slice(&output.stdout).expect("YAML");
    let read = map(&read["data"]);
    for (key, value) in &data {
        assert_eq!(read.get(key), Some(value), "{key}");
    }
    assert_eq!(read.len(), data.len());
}

#[test]
fn a_reader_of_yaml_1_1_reads_what_was_meant() {
    let (text, data) = config_map();
    let script = "import json, sys\ntry:\n    import yaml\nexcept ImportError:\n    sys.exit(77)\n\
                  text = sys.stdin.buffer.read().decode()\n\
                  print(json.dumps(yaml.safe_load(text)['data']))";
    let output = run(Command::new("python3").args(["-c", script]), &text);
    let Some(output) = output.filter(|output| output.status.code() != Some(77)) else {
        println!("SKIPPED: there is no `python3` with PyYAML here, so nothing was held against it");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: BTreeMap<String, String> =
        serde_json::from_slice(&output.stdout).expect("every value is text");
    for (key, value) in &data {
        assert_eq!(read.get(key), Some(value), "{key}");
    }
    assert_eq!(read.len(), data.len());
}
