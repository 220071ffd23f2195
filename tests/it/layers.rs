//! How the house is laid out: which folder may know of which, by name or by what it is handed.

use crate::workbench::{Files, files_below, repository};
use std::collections::BTreeMap;

/// The stages, in their order.
const STAGES: &[&str] = &[
    "spec", "model", "check", "decide", "plan", "manifest", "object", "name", "tree", "pages",
    "evidence", "compile", "diff", "explain", "editor", "report", "import", "cli",
];

/// What the stages share.
const SHARED: &[&str] = &["diag", "credential", "kube", "yaml", "quantity", "words", "by_name"];

/// What a stage is handed by whoever calls it, as it is not its own to get: where it is declared,
/// what it is called, and what it does. Nothing of it says what a later stage knows.
const HANDED: &[(&str, &str, &str)] = &[
    ("tree/delivered.rs", "trait Delivered", "reads former trees, from wherever `cli` has them"),
    ("tree/ledger/mod.rs", "fn without", "picks entries"),
    ("compile/input.rs", "fn attach", "reads a file beside the specs, from wherever `cli` has it"),
    ("tree/ledger/mod.rs", "fn map", "changes entries"),
    ("tree/current.rs", "type Take", "takes a file as soon as it is made"),
    ("tree/retain.rs", "struct Previous", "reads a file of the former tree"),
    ("tree/retire.rs", "fn retire", "picks entries that a person named"),
    ("tree/verify.rs", "fn unit", "reads a file of the tree"),
    ("compile/input.rs", "fn attach", "reads a file that a spec refers to"),
    ("diff/side/mod.rs", "trait Files", "reads the files of a tree, from wherever `cli` has them"),
    ("diff/format/unified.rs", "struct Texts", "reads a file of either tree"),
    ("decide/reason.rs", "impl Number", "words of `decide` itself, made when somebody asks"),
];

#[test]
fn a_stage_mentions_earlier_stages_only() {
    let mut wrong = Vec::new();
    for (at, stage) in STAGES.iter().enumerate() {
        wrong.extend(mentions(stage, &STAGES[at + 1..]));
    }
    // What is decided and what is judged are to be able to disagree.
    wrong.extend(mentions("judge", &STAGES[2..]));
    for folder in SHARED {
        wrong.extend(mentions(folder, STAGES));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is written is read once, by `model`, and held against the rules by `check`.
#[test]
fn nothing_after_the_checks_takes_a_type_of_the_spec() {
    let after = ["decide", "plan", "manifest", "object", "name", "tree", "pages", "judge"];
    let wrong: Vec<String> = after.iter().flat_map(|stage| mentions(stage, &["spec"])).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Tables of a spec that `model` hands on as they were written, for their defaults are decided later.
/// Any other type of a spec ends with the model; what is no table of one is in `words`.
const AS_WRITTEN: &[&str] = &[
    "Accept",
    "Admitted",
    "Autoscale",
    "BackupLocation",
    "Check",
    "Entry",
    "EtcdSnapshots",
    "Given",
    "Machines",
    "ManifestObject",
    "Marks",
    "Measured",
    "Metadata",
    "Metric",
    "Mounted",
    "Pace",
    "PerRegion",
    "Port",
    "Postgresql",
    "Probes",
    "PullSecret",
    "Registry",
    "Replication",
    "Scalar",
    "Secret",
    "SecretKey",
    "Setting",
    "StorageClass",
    "Traffic",
    "Trigger",
    "ValueSource",
    "Volume",
    "Zone",
];

#[test]
fn the_model_hands_on_few_types_of_the_spec() {
    let text = std::fs::read_to_string(repository("src/model/mod.rs")).unwrap();
    let handed_on = text.split("pub use crate::spec::").skip(1);
    let mut names: Vec<&str> = handed_on
        .flat_map(|item| {
            let item = item.split(';').next().unwrap_or_default();
            let names = item.rsplit("::").next().unwrap_or_default();
            names.trim_matches(['{', '}', '\n']).split(',').map(str::trim)
        })
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    assert_eq!(names, AS_WRITTEN);
}

/// A stage that is handed a function, or something that a later one implements, does what a later
/// one says, on what is not its own yet.
#[test]
fn no_stage_is_handed_what_a_later_one_does() {
    let mut handed = Vec::new();
    for stage in STAGES.iter().filter(|stage| **stage != "cli") {
        for (path, text) in files_of(stage) {
            let items = items(&path, &text);
            handed.extend(items.into_iter().map(|item| (path.clone(), item)));
        }
    }
    let unlisted = handed
        .iter()
        .filter(|(path, item)| !HANDED.iter().any(|(file, name, _)| path == file && item == name));
    let unlisted: Vec<String> =
        unlisted.map(|(path, item)| format!("src/{path}: {item}")).collect();
    assert!(unlisted.is_empty(), "\n{}", unlisted.join("\n"));
    for (file, name, _) in HANDED {
        let is = |(path, item): &(String, String)| path == file && item == name;
        assert!(handed.iter().any(is), "`{name}` of src/{file} is handed nothing any more");
    }
}

#[test]
fn the_plan_reports_nothing() {
    for (path, text) in files_of("plan") {
        let reports = ["Sink", "Diagnostic", "Code::"].iter().find(|word| text.contains(**word));
        assert_eq!(reports, None, "src/{path}: findings are made where numbers are decided");
    }
}

/// Lines of built-in templates with a number that means one thing whoever asks: that of root, that a
/// drill is tried once, and how many snapshots of etcd are kept in sight and tried again.
const SPELLED: &[&str] = &[
    "runAsUser: 0",
    "runAsGroup: 0",
    "backoffLimit: 0",
    "backoffLimit: 2",
    "successfulJobsHistoryLimit: 1",
    "failedJobsHistoryLimit: 3",
];

#[test]
fn a_number_is_made_where_it_is_decided() {
    let makes = |text: &str| {
        ["Duration::minutes(", "Bytes::mebibytes(", "Cpu::millis("]
            .iter()
            .any(|call| text.contains(call))
    };
    for stage in ["plan", "pages", "explain", "manifest"] {
        for (path, text) in files_of(stage) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(!makes(code), "src/{path}: a number is made in `decide`, beside its reason");
        }
    }
    for (path, text) in files_below(&repository("templates")) {
        let lines = text.lines().map(|line| line.trim().trim_start_matches("- "));
        for line in lines.filter(|_| path.ends_with(".yaml")) {
            let value = line.split_once(": ").map_or("", |(_, value)| value.trim_matches('"'));
            let number = value.starts_with(|c: char| c.is_ascii_digit());
            assert!(
                !number || SPELLED.contains(&line),
                "templates/{path}: `{line}`: templates spell what is decided"
            );
        }
    }
}

#[test]
fn what_is_shared_has_no_circle() {
    let uses = |folder: &&str| {
        let others = SHARED.iter().filter(|other| *other != folder);
        let used = others.filter(|other| !mentions(folder, &[**other]).is_empty());
        used.copied().collect::<Vec<&str>>()
    };
    let mut left: Vec<(&str, Vec<&str>)> =
        SHARED.iter().map(|folder| (*folder, uses(folder))).collect();
    // Whoever uses none of what is left is in no circle.
    while let Some(free) = left
        .iter()
        .position(|(_, uses)| uses.iter().all(|used| left.iter().all(|(folder, _)| folder != used)))
    {
        left.remove(free);
    }
    assert!(left.is_empty(), "a circle in {left:?}");
}

#[test]
fn every_folder_has_its_place() {
    let declared = modules();
    let placed = |name: &&String| {
        [STAGES, SHARED, &["judge"]].iter().any(|list| list.contains(&name.as_str()))
    };
    let homeless: Vec<&String> = declared.iter().filter(|name| !placed(name)).collect();
    assert!(homeless.is_empty(), "say in tests/it/layers.rs what these may mention: {homeless:?}");
}

/// What finds a breach finds one: each of these is a line that somebody could write.
#[test]
fn a_breach_is_found_however_it_is_written() {
    let reached = |path: &str, text: &str| {
        let names = roots(path, text).into_iter().map(|(_, name)| name);
        names.filter(|name| name != "diag").collect::<Vec<String>>()
    };
    for (path, text) in [
        ("decide/size.rs", "use crate::plan::Plan;"),
        ("decide/size.rs", "use crate::plan;"),
        ("decide/size.rs", "use crate::plan as later;"),
        ("decide/size.rs", "let plan = crate::plan::make;"),
        ("decide/size.rs", "use crate::{diag::Sink, plan::Plan};"),
        ("decide/size.rs", "use crate::{\n    diag::{Code, Sink},\n    plan::Plan,\n};"),
        ("decide/size.rs", "use super::super::plan::Plan;"),
        ("decide/mod.rs", "use super::plan::Plan;"),
        ("decide/queue/wait.rs", "super::super::super::plan::make()"),
        ("decide/mod.rs", "use super::{diag, plan};"),
        ("decide/size.rs", "/// See [`crate::plan`]."),
        ("decide/size.rs", "mod tests {\n    use super::super::super::plan::Plan;\n}"),
    ] {
        assert_eq!(reached(path, text), ["plan"], "{path}: {text}");
    }
    assert_eq!(reached("decide/size.rs", "use crate::Fleet;"), ["compile"]);
    for everything in ["use crate::*;", "use crate as house;", "use super::super::*;"] {
        assert_eq!(reached("decide/size.rs", everything), ["*"], "{everything}");
    }
    for (path, text) in [
        ("decide/queue/wait.rs", "use super::super::plan;"),
        ("decide/mod.rs", "mod tests {\n    use super::plan;\n}"),
        ("decide/size.rs", "use super::plan;"),
        ("decide/size.rs", "let crates = 1; mycrate::plan();"),
    ] {
        assert_eq!(reached(path, text), [""; 0], "{path}: {text}");
    }
}

/// The same for what a stage is handed.
#[test]
fn a_function_that_is_handed_over_is_found_however_it_is_written() {
    for (text, item) in [
        ("pub type Keeps = fn(&Fleet, &Service) -> bool;", "type Keeps"),
        ("pub fn run(sink: &mut Sink, keeps: fn(&Service) -> bool) -> Checked {", "fn run"),
        (
            "pub(crate) fn run(\n    model: Model,\n    keeps: impl Fn(&Service) -> bool,\n) {",
            "fn run",
        ),
        ("pub fn run<F: FnOnce(&Service) -> bool>(keeps: F) {", "fn run"),
        ("pub fn run<F>(keeps: F)\nwhere\n    F: FnMut(&Service),\n{", "fn run"),
        ("pub fn run(keeps: Box<dyn Fn(&Service) -> bool>) {", "fn run"),
        ("pub struct Rules {\n    keeps: fn(&Service) -> bool,\n}", "struct Rules"),
        ("pub enum Rule {\n    Service(fn(&Service)),\n}", "enum Rule"),
        ("pub static KEEPS: OnceLock<fn(&Service) -> bool> = OnceLock::new();", "static KEEPS"),
        ("pub trait Keeps {\n    fn keeps(&self) -> bool;\n}", "trait Keeps"),
        ("impl<F: Fn(&Service) -> bool> Rules<F> {", "impl Rules"),
        ("    pub fn run(&self, keeps: fn(&Service)) {", "fn run"),
    ] {
        assert_eq!(items("check/mod.rs", text), [item], "{text}");
    }
    for text in [
        "pub fn of(service: &Service) -> Number<u32, impl FnOnce() -> Reason> {",
        "fn of_services(some: fn(Rule) -> Option<OfService>) {",
        "enum Rule {\n    Service(fn(&Service)),\n}",
        "pub fn run(sink: &mut Sink) {\n    let each = |keeps: fn(&Service)| keeps(service);\n}",
        "pub(in crate::check) fn run(keeps: fn(&Service) -> bool) {",
    ] {
        assert_eq!(items("check/mod.rs", text), [""; 0], "{text}");
    }
    let inside = "pub(super) fn run(keeps: fn(&Service) -> bool) {";
    assert_eq!(items("check/size.rs", inside), [""; 0]);
    assert_eq!(items("check/mod.rs", inside), ["fn run"]);
}

/// The files of a folder below `src`, or of the module that is one file; by their paths there.
fn files_of(module: &str) -> Files {
    let file = format!("{module}.rs");
    let files = files_below(&repository("src").join(module)).into_iter();
    let mut files: Files = files
        .filter(|(path, _)| path.ends_with(".rs"))
        .map(|(path, text)| (format!("{module}/{path}"), text))
        .collect();
    let whole = repository("src").join(&file);
    if whole.exists() {
        files.insert(file, std::fs::read_to_string(whole).unwrap());
    }
    assert!(!files.is_empty(), "src has no `{module}`");
    files
}

/// Every line of a module that mentions one of `others`.
fn mentions(module: &str, others: &[&str]) -> Vec<String> {
    let of = |(path, text): (String, String)| {
        let found = roots(&path, &text).into_iter();
        let found = found.filter(|(_, name)| name == "*" || others.contains(&name.as_str()));
        found.map(|(line, name)| format!("src/{path}:{line}: mentions `{name}`")).collect()
    };
    files_of(module).into_iter().flat_map::<Vec<String>, _>(of).collect()
}

/// What `src/lib.rs` declares.
fn modules() -> Vec<String> {
    let text = std::fs::read_to_string(repository("src/lib.rs")).unwrap();
    let names = text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        Some(line.strip_prefix("mod ")?.split(';').next()?.to_owned())
    });
    names.collect()
}

/// What the root of the crate has from one of its modules, and which.
fn exports() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(repository("src/lib.rs")).unwrap();
    let mut exports = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("pub use ")) {
        let (module, names) = line.split_once("::").expect("the root takes names one by one");
        let names = names.trim_matches(['{', '}', ';']).split(',');
        exports.extend(names.map(|name| (name.trim().to_owned(), module.to_owned())));
    }
    exports
}

/// The modules at the root of the crate that a file mentions, in code and in comments, with the
/// lines; `*` for all of them.
fn roots(path: &str, text: &str) -> Vec<(usize, String)> {
    let exports = exports();
    let depth = path.split('/').count() - usize::from(path.ends_with("/mod.rs"));
    // Modules inside of files stand at their ends.
    let inline = text.match_indices("mod tests {").next().map_or(text.len(), |(at, _)| at);
    let mut found = Vec::new();
    let mut add = |at: usize, names: Vec<String>| {
        let line = text[..at].lines().count().max(1);
        found.extend(names.into_iter().map(|name| {
            let name = exports.get(&name).cloned().unwrap_or(name);
            (line, name)
        }));
    };
    for (at, _) in starts(text, "crate") {
        let rest = &text[at + "crate".len()..];
        match rest.strip_prefix("::") {
            Some(rest) => add(at, firsts(rest)),
            None if rest.starts_with(" as ") => add(at, vec!["*".to_owned()]),
            None => {}
        }
    }
    for (at, _) in starts(text, "super::") {
        let chain = &text[at..];
        let rest = chain.trim_start_matches("super::");
        let steps = (chain.len() - rest.len()) / "super::".len();
        let continued = text[..at].ends_with("super::");
        if !continued && steps == depth + usize::from(at > inline) {
            add(at, firsts(rest));
        }
    }
    found
}

/// Where a word begins that is not the end of another.
fn starts<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let letter = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).filter(move |(at, _)| !text[..*at].ends_with(letter))
}

/// The first names of a path, or of each path of a group.
fn firsts(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        if path.starts_with('*') {
            return vec!["*".to_owned()];
        }
        let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
        return vec![path[..end].to_owned()];
    };
    let mut depth = 0;
    let (mut names, mut item) = (Vec::new(), String::new());
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut item)),
            _ => {}
        }
        if depth == 0 && character != ',' {
            item.push(character);
        }
    }
    names.push(item);
    let names = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    names.flat_map(firsts).collect()
}

/// What a file lets others outside of its stage hand to it: functions, types and values that have a
/// function in them, and traits. Each by its word and its name.
fn items(path: &str, text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let own_root = path.ends_with("/mod.rs") && path.split('/').count() == 2;
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = &text[at..];
        at += line.len();
        let rest = rest.trim_start();
        let item = match rest.strip_prefix("pub") {
            Some(rest) if rest.starts_with("(in ") => continue,
            Some(rest) if rest.starts_with("(super)") && !own_root => continue,
            Some(rest) => rest.trim_start_matches("(crate)").trim_start_matches("(super)"),
            None if rest.starts_with("impl") => rest,
            None => continue,
        };
        found.extend(handed(item.trim_start()));
    }
    found
}

/// The word and the name of an item that is handed a function, or is a trait.
fn handed(item: &str) -> Option<String> {
    let item = ["const fn", "async fn"]
        .iter()
        .find(|it| item.starts_with(**it))
        .map_or(item, |it| &item[it.len() - 2..]);
    let word = item.split(|c: char| !c.is_alphanumeric()).next()?;
    let head = item.split(['{', ';']).next().unwrap_or(item);
    let callable = match word {
        "trait" => true,
        // What it returns is its own.
        "fn" => {
            let (taken, rest) = head.split_once(") ->").unwrap_or((head, ""));
            is_called(&taken[2..]) || rest.split_once("where").is_some_and(|(_, it)| is_called(it))
        }
        "impl" => is_called(head.split(" for ").next().unwrap_or(head)),
        "type" | "static" | "const" => is_called(head),
        "struct" | "enum" | "union" => is_called(head) || is_called(body(item)),
        _ => false,
    };
    let after = item[word.len()..].trim_start();
    let after = match after.strip_prefix('<') {
        Some(_) => after.rsplit_once("> ").map_or(after, |_| name_after_generics(after)),
        None => after,
    };
    let name = after.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    callable.then(|| format!("{word} {name}"))
}

/// What follows the first pair of angle brackets.
fn name_after_generics(text: &str) -> &str {
    let mut depth = 0;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match character {
            '<' => depth += 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text[at + 1..].trim_start();
        }
        before = character;
    }
    text
}

/// What stands in the braces, or the parentheses, of a type.
fn body(item: &str) -> &str {
    let end = item.find("\n}").or_else(|| item.find(';')).unwrap_or(item.len());
    &item[..end]
}

/// Whether something in it is called.
fn is_called(text: &str) -> bool {
    let bound = ["Fn(", "FnMut(", "FnOnce("].iter().any(|it| text.contains(it));
    bound || starts(text, "fn(").next().is_some()
}
