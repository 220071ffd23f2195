//! Every page of an effect says what is true: its first example has that effect, its second one
//! has not. An example is two sides in one fence: lines that begin with `-` are on the old side
//! only, lines with `+` on the new one only.

use super::{Version, diff};
use crate::explain::fences;
use crate::support::FLEET;
use ninefold::diag::CODES;
use ninefold::diff::report::{Direction, Effect, Report, Side, SideKind};
use ninefold::diff::{Options, Specs, Tree, between};
use std::collections::{BTreeMap, BTreeSet};

/// Effects without an example on their page, and why.
const OTHERWISE: &[(&str, &str)] = &[("generation-leaves", "it takes three builds: see below")];

#[test]
fn every_example_has_its_effect_and_the_other_one_has_not() {
    let mut wrong = Vec::new();
    for row in CODES.iter().filter(|row| row.effect) {
        let examples: Vec<Example<'_>> = fences(row.page).filter_map(Example::read).collect();
        let verbs: Vec<&str> = examples.iter().map(|example| example.verb).collect();
        if OTHERWISE.iter().any(|(name, _)| *name == row.name) {
            assert_eq!(verbs.len(), 0, "{} has an example", row.name);
            continue;
        }
        assert_eq!(verbs, ["reports", "passes"], "{}", row.name);
        let [reports, passes] = [&examples[0], &examples[1]].map(|example| example.report(false));
        if !names(&reports.effects).contains(row.name) {
            wrong.push(format!("{} has not its effect:\n{}", row.name, told(&reports)));
        }
        if names(&passes.effects).contains(row.name) {
            wrong.push(format!("the other example of {} has it:\n{}", row.name, told(&passes)));
        }
        if passes.is_empty() {
            wrong.push(format!("in the other example of {} nothing differs", row.name));
        }
        for example in &examples {
            wrong.extend(opposite(row.name, example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What holds of every effect, and of the same change the other way round: what loosens does not
/// loosen back.
fn opposite(name: &str, example: &Example<'_>) -> Vec<String> {
    let (there, back) = (example.report(false), example.report(true));
    let mut wrong = Vec::new();
    for effect in there.effects.iter().chain(&back.effects) {
        // A promise may change without any object.
        let promise = ["rto-loosened", "rpo-loosened", "promise-tighter"];
        let silent = effect.objects.is_empty() && !promise.contains(&effect.rule.name());
        if effect.title.is_empty() || silent || effect.service.is_empty() {
            wrong.push(format!("an effect of {name} says too little: {effect:?}"));
        }
        if effect.details.contains(&effect.title) {
            wrong.push(format!("an effect of {name} says it twice: {}", effect.title));
        }
    }
    let of = |report: &Report| -> BTreeSet<(&str, String, Vec<String>, bool)> {
        let directed =
            report.effects.iter().filter(|effect| effect.direction != Direction::Neutral);
        let key = |effect: &Effect| {
            let loosens = effect.direction == Direction::Loosens;
            let of = format!("{} {}", effect.service, effect.title);
            (effect.rule.name(), of, effect.regions.clone(), loosens)
        };
        directed.map(key).collect()
    };
    for same in of(&there).intersection(&of(&back)) {
        wrong.push(format!("{same:?} goes the same way in both directions of {name}"));
    }
    wrong
}

fn names(effects: &[Effect]) -> BTreeSet<&'static str> {
    effects.iter().map(|effect| effect.rule.name()).collect()
}

/// A report's effects, to be read when a test fails, and in expectations.
fn told(report: &Report) -> String {
    let line = |effect: &Effect| {
        let regions = effect.regions.join(", ");
        let details: String = effect.details.iter().map(|line| format!("    {line}\n")).collect();
        let (severity, rule) = (effect.severity.word(), effect.rule.name());
        format!("{severity} {rule} {} [{regions}]: {}\n{details}", effect.service, effect.title)
    };
    report.effects.iter().map(line).collect()
}

/// An example on a page.
struct Example<'a> {
    verb: &'a str,
    /// Whether it shows manifests; else it shows specs.
    manifests: bool,
    text: &'a str,
}

impl<'a> Example<'a> {
    fn read((info, text): (&'a str, &'a str)) -> Option<Example<'a>> {
        let (manifests, verb) = match info.strip_prefix("diff ")?.split_once(' ')? {
            ("toml", verb) => (false, verb),
            ("yaml", verb) => (true, verb),
            other => panic!("a fence with {other:?}"),
        };
        Some(Example { verb, manifests, text })
    }

    /// One side of it: files by name.
    fn side(&self, other: char) -> BTreeMap<String, String> {
        let first = if self.manifests { "eastus2/shop.yaml" } else { "specs/service.toml" };
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let mut file = first.to_owned();
        for line in self.text.lines() {
            match line.strip_prefix(" #--- ") {
                Some(name) => file = format!("specs/{name}"),
                None if line.starts_with(other) => {}
                None => {
                    let text = files.entry(file.clone()).or_default();
                    text.push_str(line.get(1..).unwrap_or_default());
                    text.push('\n');
                }
            }
        }
        files.retain(|_, text| !text.trim().is_empty());
        files
    }

    /// What a diff says of it, or of its reverse.
    fn report(&self, reversed: bool) -> Report {
        let (old, new) = if reversed { ('-', '+') } else { ('+', '-') };
        let (old, new) = (self.side(old), self.side(new));
        if self.manifests {
            return of_manifests(old, new);
        }
        let with_fleet = |mut files: BTreeMap<String, String>| {
            files.entry("specs/fleet.toml".to_owned()).or_insert_with(|| FLEET.to_owned());
            files
        };
        let old = Version::new(with_fleet(old)).built();
        let new = Version { inputs: with_fleet(new), tree: old.tree.clone() }.built();
        diff(&old, &new)
    }
}

/// The difference between manifests that no ledger speaks of.
fn of_manifests(old: BTreeMap<String, String>, new: BTreeMap<String, String>) -> Report {
    let side = |name: &str| Side { kind: SideKind::Folder, name: name.to_owned(), commit: None };
    let (old, new) = (
        Version { inputs: BTreeMap::new(), tree: old },
        Version { inputs: BTreeMap::new(), tree: new },
    );
    let paths = |version: &Version| version.tree.keys().cloned().collect::<Vec<_>>();
    let from = Tree::without_ledger(&old, &paths(&old)).expect("the example is YAML");
    let to = Tree::without_ledger(&new, &paths(&new)).expect("the example is YAML");
    let specs = Specs::default();
    between((side("old"), &from), (side("new"), &to), &specs, Options::default())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
}

#[test]
fn look() {
    for row in CODES.iter().filter(|row| row.effect) {
        for example in fences(row.page).filter_map(Example::read).take(1) {
            eprintln!("===== {}\n{}", row.name, told(&example.report(false)));
        }
    }
}
