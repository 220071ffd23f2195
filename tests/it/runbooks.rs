//! The pages that somebody reads at night: they are whole, what they name is there, and what they
//! ask for can be done.

use crate::support::compile;
use crate::workbench::{self, Files, files_below, repository};
use ninefold::diag::Severity;
use serde_yaml::Value;
use std::collections::BTreeSet;

/// A tree, and what its manifests say.
struct Tree {
    name: String,
    files: Files,
    manifests: Vec<(String, Value)>,
}

impl Tree {
    fn new(name: String, files: Files) -> Tree {
        let manifest = |(path, text): (&String, &String)| {
            let applied = path.ends_with(".yaml") && !path.starts_with("recovery/");
            applied.then(|| (path.clone(), serde_yaml::from_str(text).expect(path)))
        };
        let manifests = files.iter().filter_map(manifest).collect();
        Tree { name, files, manifests }
    }

    /// The pages of the services, by their path.
    fn pages(&self) -> impl Iterator<Item = (&str, &str)> {
        let pages = self.files.iter().filter(|(path, _)| {
            path.starts_with("recovery/") && path.ends_with(".md") && !path.contains("/fleet/")
        });
        pages.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn holds(&self, path: &str) -> bool {
        let below = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.files.keys().any(|other| other.starts_with(&below))
    }

    fn regions(&self) -> BTreeSet<&str> {
        let folders = self.files.keys().filter_map(|path| path.split('/').next());
        folders.filter(|folder| !["ledger", "recovery"].contains(folder)).collect()
    }

    /// Every `metadata.<field>` of a manifest.
    fn told(&self, field: &str) -> BTreeSet<&str> {
        let told = self.manifests.iter().filter_map(|(_, one)| one["metadata"][field].as_str());
        told.collect()
    }

    /// The names of objects, and of the claims that StatefulSets make.
    fn names(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> =
            self.told("name").into_iter().map(str::to_owned).collect();
        for (_, set) in self.manifests.iter().filter(|(_, one)| one["kind"] == "StatefulSet") {
            let name = set["metadata"]["name"].as_str().expect("a name");
            for claim in set["spec"]["volumeClaimTemplates"].as_sequence().into_iter().flatten() {
                let volume = claim["metadata"]["name"].as_str().expect("a name");
                // As many as any region runs: a standby has none.
                names.extend((0..16).map(|ordinal| format!("{volume}-{name}-{ordinal}")));
            }
        }
        names
    }
}

fn trees() -> Vec<Tree> {
    let cases = repository("tests/cases");
    let mut trees = vec![Tree::new("the example".to_owned(), files_below(&repository("out")))];
    for name in workbench::names_in(&cases) {
        let files = files_below(&cases.join(&name).join("out"));
        trees.push(Tree::new(name, files));
    }
    trees
}

/// The blocks of a page that a shell reads.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in page.lines() {
        match &mut open {
            Some(block) if line == "```" => {
                blocks.push(std::mem::take(block));
                open = None;
            }
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line == "```sh" => open = Some(String::new()),
            None => {}
        }
    }
    blocks
}

/// The words of a line as a shell splits them, without their quotes; none when a quote stays open.
/// What stands in `$(…)` is read with the rest: it names things as well.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let word = words.last_mut().expect("there is one");
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('"') | None, '\\') => word.extend(characters.next()),
            (Some(_), _) => word.push(c),
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') if word.is_empty() => break,
            (None, ' ' | ';' | '|' | '(' | ')') => words.push(String::new()),
            (None, _) => word.push(c),
        }
    }
    quote.is_none().then(|| words.into_iter().filter(|word| !word.is_empty()).collect())
}

/// The lines of all blocks, with what `CONTEXT` may be where they stand.
fn commands(page: &str) -> Vec<(String, Vec<String>)> {
    let mut contexts = Vec::new();
    let mut commands = Vec::new();
    for line in blocks(page).iter().flat_map(|block| block.lines()) {
        if let Some(chosen) = line.strip_prefix("CONTEXT=") {
            let apart = |c: char| c == '#' || c == ',' || c.is_whitespace();
            let names = chosen.split(apart).filter(|word| !["", "or", "then"].contains(word));
            contexts = names.map(str::to_owned).collect();
        }
        commands.push((line.to_owned(), contexts.clone()));
    }
    commands
}

#[test]
fn markdown_is_whole() {
    for tree in trees() {
        for (path, page) in tree.pages() {
            let at = format!("{}: {path}", tree.name);
            let mut fenced = false;
            let (mut step, mut item) = (0, 0);
            for line in page.lines() {
                let bare = line.trim_start();
                if bare.starts_with("```") {
                    assert_eq!(bare, line, "{at}: a fence is indented");
                    assert!(fenced || line != "```", "{at}: a fence without its language");
                    fenced = !fenced;
                    continue;
                }
                if fenced {
                    assert!(!line.is_empty(), "{at}: a gap in a block");
                    continue;
                }
                assert!(!line.contains("{{") && !line.contains("{%"), "{at}: {line}");
                let number = |rest: &str| {
                    rest.split_once(". ").and_then(|(number, _)| number.parse::<u32>().ok())
                };
                if line.starts_with("## ") {
                    step = 0;
                }
                if let Some(found) = line.strip_prefix("### ").and_then(number) {
                    step += 1;
                    assert_eq!(found, step, "{at}: {line}");
                }
                item = match number(line) {
                    Some(found) => {
                        assert_eq!(found, item + 1, "{at}: {line}");
                        found
                    }
                    None => 0,
                };
            }
            assert!(!fenced, "{at}: a fence stays open");
            let titles = page.lines().filter(|line| line.starts_with("# ")).count();
            // Comments in blocks stand behind something.
            assert_eq!(titles, 1, "{at}");
        }
    }
}

#[test]
fn a_shell_can_read_every_command() {
    let mut found = 0;
    for tree in trees() {
        for (path, page) in tree.pages() {
            for (line, _) in commands(page) {
                assert!(
                    words(&line).is_some(),
                    "{}: {path}: a quote stays open: {line}",
                    tree.name
                );
                found += 1;
            }
        }
    }
    assert!(found > 1000);
}

#[test]
fn what_a_page_names_is_there() {
    for tree in trees() {
        let (regions, names, namespaces) = (tree.regions(), tree.names(), tree.told("namespace"));
        let labels: BTreeSet<String> = (tree.manifests.iter())
            .flat_map(|(_, one)| {
                one["metadata"]["labels"].as_mapping().cloned().unwrap_or_default()
            })
            .filter_map(|(key, value)| Some(format!("{}={}", key.as_str()?, value.as_str()?)))
            .collect();
        let elsewhere = ["argocd", "flux-system"];
        for (path, page) in tree.pages() {
            let at = format!("{}: {path}", tree.name);
            let folder = path.rsplit_once('/').expect("a folder").0;
            let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            for link in links {
                let target = match link.strip_prefix("../") {
                    Some(other) => format!("recovery/{other}"),
                    None => format!("{folder}/{link}"),
                };
                assert!(tree.holds(&target), "{at}: {link}");
            }
            for (line, contexts) in commands(page) {
                let words = words(&line).expect("it was read");
                let expanded = |word: &str| -> Vec<String> {
                    let variable = ["${CONTEXT:?}", "$CONTEXT"];
                    let here = variable.into_iter().find(|name| word.contains(name));
                    match here {
                        Some(name) => {
                            contexts.iter().map(|context| word.replace(name, context)).collect()
                        }
                        None => vec![word.to_owned()],
                    }
                };
                for pair in words.windows(2) {
                    for word in expanded(&pair[1]).iter().filter(|word| !word.starts_with('$')) {
                        let word = word.as_str();
                        let there = match pair[0].as_str() {
                            "--context" | "--kubecontext" => regions.contains(word),
                            "-n" if words[0] == "kubectl" || words[0].ends_with('=') => {
                                word == "1"
                                    || namespaces.contains(word)
                                    || elsewhere.contains(&word)
                            }
                            "-f" => word == "-" || tree.holds(word),
                            "clusters.postgresql.cnpg.io" => {
                                // What a set makes has its id behind the name.
                                let of = word.split("-$").next().unwrap_or(word);
                                word.starts_with('-') || names.contains(of)
                            }
                            _ => true,
                        };
                        assert!(there, "{at}: {word} is not there: {line}");
                    }
                }
                for word in words.iter().flat_map(|word| expanded(word)) {
                    if word.starts_with("recovery/") || word.starts_with("ledger/") {
                        let word = word.trim_end_matches("*.yaml");
                        assert!(tree.holds(word), "{at}: {word}");
                    }
                    for kind in ["pvc/", "statefulset/"] {
                        if let Some(name) = word.strip_prefix(kind) {
                            assert!(names.contains(name), "{at}: {word}");
                        }
                    }
                    let selects = word.split(',').filter(|one| one.starts_with("ninefold.dev/"));
                    for label in selects.filter(|one| one.contains('=')) {
                        // What the backups are called by; the region may have none of its own.
                        let of_region = label.starts_with("ninefold.dev/region=");
                        // The reader fills it in from what was seen.
                        let filled_in = label.starts_with("ninefold.dev/generation=$");
                        let there = of_region || filled_in || labels.contains(label);
                        assert!(there, "{at}: {label}: {line}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_started_is_named_by_its_file() {
    let mut started = 0;
    for tree in trees() {
        for (path, page) in tree.pages() {
            for (line, _) in commands(page) {
                let words = words(&line).expect("it was read");
                if !words.iter().any(|word| word == "scale") {
                    continue;
                }
                // A label finds the former generations, too: to stop them is right, to start them
                // is not.
                let by_file = words.iter().any(|word| word == "-f");
                let stops = words.iter().any(|word| word == "--replicas=0");
                assert!(by_file || stops, "{}: {path}: {line}", tree.name);
                started += usize::from(!stops);
            }
        }
    }
    assert!(started > 20);
}

#[test]
fn every_service_has_a_page_for_each_loss() {
    for tree in trees() {
        let ledgers = tree.files.keys().filter_map(|path| path.strip_prefix("ledger/"));
        for service in ledgers.filter_map(|file| file.strip_suffix(".json")) {
            if service == "fleet" {
                continue;
            }
            let regions = tree
                .regions()
                .into_iter()
                .filter(|region| tree.holds(&format!("{region}/{service}")));
            let regions = regions.map(|region| format!("region-{region}"));
            let scenarios = ["node", "zone", "corruption", "control-plane", "drills"];
            for page in scenarios.map(str::to_owned).into_iter().chain(regions) {
                let path = format!("recovery/{service}/{page}.md");
                let page = tree.files.get(&path).unwrap_or_else(|| panic!("{}: {path}", tree.name));
                if path.ends_with("drills.md") {
                    continue;
                }
                for part in ["**Trigger:**", "**Who decides:**", "## Abort", "## Evidence to keep"]
                {
                    assert!(page.contains(part), "{}: {path} has no {part}", tree.name);
                }
            }
        }
    }
}

#[test]
fn the_edit_that_a_page_asks_for_compiles() {
    let specs = files_below(&repository("specs"));
    let specs: Files = specs.into_iter().filter(|(path, _)| path.ends_with(".toml")).collect();
    let mut edited = 0;
    for (path, page) in Tree::new(String::new(), files_below(&repository("out"))).pages() {
        let Some((_, after)) = page.split_once("```toml\n") else { continue };
        let line = after.lines().next().expect("a block holds a line");
        let service = path.split('/').nth(1).expect("a service");
        let file = format!("{service}.toml");
        let written: Vec<&str> = specs[&file].lines().collect();
        let regions = written.iter().position(|line| line.trim_start().starts_with("regions"));
        let mut lines = written.clone();
        lines[regions.expect("a spec names its regions")] = line;
        assert_ne!(lines, written, "{path}");
        let mut after = specs.clone();
        after.insert(file, lines.join("\n"));
        let files: Vec<(&str, &str)> =
            after.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let found = compile(&files);
        let errors = found.findings.iter().filter(|one| one.severity == Severity::Error).count();
        assert_eq!(errors, 0, "{path}: {}", found.report());
        edited += 1;
    }
    assert!(edited > 4);
}
