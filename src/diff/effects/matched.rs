//! What a rule finds in one place, and how places become one effect.

use crate::diag::Code;
use crate::diff::report::{Direction, Effect, Severity};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a rule finds, mostly in one region.
pub(super) struct Match {
    rule: Code,
    severity: Severity,
    direction: Direction,
    regions: Vec<String>,
    title: String,
    details: Vec<String>,
    evidence: Vec<(&'static str, Json)>,
    objects: Vec<usize>,
}

impl Match {
    pub(super) fn new(
        rule: Code,
        severity: Severity,
        direction: Direction,
        title: impl Into<String>,
    ) -> Match {
        Match {
            rule,
            severity,
            direction,
            regions: Vec::new(),
            title: title.into(),
            details: Vec::new(),
            evidence: Vec::new(),
            objects: Vec::new(),
        }
    }

    /// Something that is promised or kept less well.
    pub(super) fn loosens(rule: Code, severity: Severity, title: impl Into<String>) -> Match {
        Match::new(rule, severity, Direction::Loosens, title)
    }

    /// Something that is neither better nor worse.
    pub(super) fn neutral(rule: Code, severity: Severity, title: impl Into<String>) -> Match {
        Match::new(rule, severity, Direction::Neutral, title)
    }

    /// The objects that it follows from.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        self.objects.iter().copied()
    }

    /// Where.
    pub(super) fn at(mut self, region: &str) -> Match {
        self.regions.push(region.to_owned());
        self
    }

    /// What follows from it.
    pub(super) fn detail(mut self, line: impl Into<String>) -> Match {
        self.details.push(line.into());
        self
    }

    /// Everything that follows from it.
    pub(super) fn details(self, lines: impl IntoIterator<Item = impl Into<String>>) -> Match {
        lines.into_iter().fold(self, Match::detail)
    }

    /// A number or a word before and after.
    pub(super) fn changed(
        mut self,
        name: &'static str,
        old: impl Into<Json>,
        new: impl Into<Json>,
    ) -> Match {
        let (old, new): (Json, Json) = (old.into(), new.into());
        self.evidence.push((name, json!({ "old": old, "new": new })));
        self
    }

    /// A number or a word.
    pub(super) fn fact(mut self, name: &'static str, value: impl Into<Json>) -> Match {
        self.evidence.push((name, value.into()));
        self
    }

    /// An object that it follows from, by its number in the report.
    pub(super) fn object(mut self, number: usize) -> Match {
        self.objects.push(number);
        self
    }

    /// Objects that it follows from.
    pub(super) fn objects(mut self, numbers: impl IntoIterator<Item = usize>) -> Match {
        self.objects.extend(numbers);
        self
    }
}

/// How many titles are spelled out; the details have all of them.
const TITLES: usize = 3;

/// One effect for each rule and direction: three regions do not make three findings.
pub(super) fn merge(service: &str, matches: Vec<Match>) -> Vec<Effect> {
    let mut groups: BTreeMap<(Code, u8), Vec<Match>> = BTreeMap::new();
    for matched in matches {
        let direction = match matched.direction {
            Direction::Loosens => 0,
            Direction::Neutral => 1,
            Direction::Tightens => 2,
        };
        groups.entry((matched.rule, direction)).or_default().push(matched);
    }
    groups.into_values().map(|matches| effect(service, matches)).collect()
}

fn effect(service: &str, mut matches: Vec<Match>) -> Effect {
    matches.sort_by(|a, b| {
        (b.severity.cmp(&a.severity))
            .then_with(|| b.details.len().cmp(&a.details.len()))
            .then_with(|| a.regions.cmp(&b.regions))
    });
    let (rule, direction) = (matches[0].rule, matches[0].direction);
    let regions: BTreeSet<&String> = matches.iter().flat_map(|matched| &matched.regions).collect();
    let regions: Vec<String> = regions.into_iter().cloned().collect();
    let objects: BTreeSet<usize> =
        matches.iter().flat_map(|matched| matched.objects.clone()).collect();
    let title = title(&matches);
    let mut details = details(&matches, &regions);
    details.retain(|line| *line != title);
    Effect {
        rule,
        severity: matches[0].severity,
        direction,
        service: service.to_owned(),
        title,
        details,
        evidence: evidence(&matches),
        causes: Vec::new(),
        objects: objects.into_iter().collect(),
        accepted: None,
        regions,
    }
}

fn title(matches: &[Match]) -> String {
    let (mut titles, mut said): (Vec<&str>, BTreeSet<&str>) = Default::default();
    for matched in matches {
        // What an earlier one says among other things needs no title.
        if said.insert(&matched.title) {
            titles.push(&matched.title);
        }
        said.extend(matched.details.iter().map(String::as_str));
    }
    let more = titles.len().saturating_sub(TITLES);
    titles.truncate(TITLES);
    let said = titles.join("; ");
    if more == 0 { said } else { format!("{said}; and {more} more") }
}

/// Each line once, with the regions that it is true of where that is not all of them.
fn details(matches: &[Match], regions: &[String]) -> Vec<String> {
    let titles: BTreeSet<&str> = matches.iter().map(|matched| matched.title.as_str()).collect();
    let places: BTreeSet<&[String]> =
        matches.iter().map(|matched| matched.regions.as_slice()).collect();
    // What the title leaves out, or does not say of which region it is true, is said here.
    let spell = titles.len() > TITLES || titles.len() > 1 && places.len() > 1;
    let mut lines: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for matched in matches {
        let title = spell.then_some(matched.title.as_str());
        for line in title.into_iter().chain(matched.details.iter().map(String::as_str)) {
            let at = *known.entry(line).or_insert(lines.len());
            if at == lines.len() {
                lines.push((line, BTreeSet::new()));
            }
            lines[at].1.extend(matched.regions.iter().map(String::as_str));
        }
    }
    let told = lines.into_iter().map(|(line, at)| {
        if at.is_empty() || at.len() == regions.len() {
            return line.to_owned();
        }
        let at: Vec<&str> = at.into_iter().collect();
        format!("{}: {line}", at.join(", "))
    });
    told.collect()
}

/// By name, and then by region where a hit is about one; several values of one region are a list.
fn evidence(matches: &[Match]) -> BTreeMap<String, Json> {
    let mut evidence: BTreeMap<String, Json> = BTreeMap::new();
    for matched in matches {
        for (name, value) in &matched.evidence {
            if let [region] = matched.regions.as_slice() {
                let of_name = evidence.entry((*name).to_owned()).or_insert_with(|| json!({}));
                if let Json::Object(by_region) = of_name {
                    add(by_region, region, value);
                }
            } else {
                evidence.insert((*name).to_owned(), value.clone());
            }
        }
    }
    evidence
}

fn add(map: &mut Map<String, Json>, key: &str, value: &Json) {
    match map.get_mut(key) {
        None => {
            map.insert(key.to_owned(), value.clone());
        }
        Some(Json::Array(values)) => values.push(value.clone()),
        Some(one) => *one = json!([one.clone(), value.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(region: &str, line: &str) -> Match {
        Match::loosens(Code::WRONG_VALUE, Severity::High, "falls")
            .at(region)
            .detail(line)
            .changed("pods", 4, 2)
    }

    #[test]
    fn regions_that_are_alike_are_one_line() {
        let effects =
            merge("web", vec![matched("b", "4 → 2"), matched("a", "4 → 2"), matched("c", "4 → 1")]);
        let [effect] = effects.as_slice() else { panic!("one effect") };
        assert_eq!(effect.regions, ["a", "b", "c"]);
        assert_eq!(effect.title, "falls");
        assert_eq!(effect.details, ["a, b: 4 → 2", "c: 4 → 1"]);
        assert_eq!(effect.evidence["pods"]["c"], json!({ "old": 4, "new": 2 }));
    }

    #[test]
    fn another_direction_is_another_effect() {
        let up = Match::new(Code::WRONG_VALUE, Severity::Info, Direction::Tightens, "rises");
        assert_eq!(merge("web", vec![matched("a", "x"), up]).len(), 2);
    }
}
