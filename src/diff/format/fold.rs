//! What is alike is said once. Nothing is lost by it: every number below stands for its items.

use crate::diag::{self, Code};
use crate::diff::Report;
use crate::diff::report::{Accepted, Effect, Group, Operation, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Effects are held against so many before them, so that time grows with their number only.
const FURTHEST: usize = 50;

/// Effects that say the same of several services.
pub(super) struct Said<'a> {
    pub(super) severity: Severity,
    pub(super) rule: Code,
    /// The effects; the first stands for all of them.
    pub(super) effects: Vec<&'a Effect>,
    pub(super) regions: &'a [String],
    pub(super) title: String,
    pub(super) details: Vec<String>,
    /// All of their causes, in order.
    pub(super) causes: Vec<usize>,
    pub(super) accepted: Option<&'a Accepted>,
    /// Where, and whether these places are hit alike; nothing when the title names them all.
    pub(super) place: Option<String>,
}

impl Said<'_> {
    /// `web: loses region ap-south-1`, `30 services: …`
    pub(super) fn headline(&self) -> String {
        format!("{}: {}", self.who(), self.title)
    }

    /// `web`, `web, orders`, `30 services`
    pub(super) fn who(&self) -> String {
        let services: Vec<&str> =
            self.effects.iter().map(|effect| effect.service.as_str()).collect();
        some(&services, "services")
    }
}

/// Up to three names, or how many there are.
pub(super) fn some(names: &[&str], of: &str) -> String {
    match names.len() {
        0..=3 => names.join(", "),
        count => format!("{count} {of}"),
    }
}

/// The effects, worst first; those that say the same of several services are one. What is high or
/// critical must say exactly the same; where less is at stake, numbers may differ, and are said as
/// a range.
pub(super) fn effects(report: &Report) -> Vec<Said<'_>> {
    let mut said: Vec<Said<'_>> = Vec::new();
    for effect in &report.effects {
        let near = said.iter_mut().rev().take(FURTHEST).take_while(|said| said.rule == effect.rule);
        match near.into_iter().find_map(|said| said.absorbs(effect).map(|text| (said, text))) {
            Some((said, (title, details))) => {
                (said.title, said.details) = (title, details);
                said.effects.push(effect);
            }
            None => said.push(said_of(effect)),
        }
    }
    finish(report, &mut said);
    said
}

/// The effects, worst first, each by itself.
pub(super) fn apart(report: &Report) -> Vec<Said<'_>> {
    let mut said: Vec<Said<'_>> = report.effects.iter().map(said_of).collect();
    finish(report, &mut said);
    said
}

fn finish(report: &Report, said: &mut [Said<'_>]) {
    let mut group_of: Vec<Option<&Group>> = vec![None; report.objects.len()];
    for group in &report.groups {
        group.objects.iter().for_each(|object| group_of[*object] = Some(group));
    }
    for said in said {
        said.causes.sort_unstable();
        said.causes.dedup();
        said.place = place(report, said, &group_of);
        // What no word is left of says nothing.
        said.details.retain(|detail| detail.chars().any(char::is_alphanumeric));
        if said.effects.len() > 1 {
            said.title = collapsed(&said.title);
            said.details.iter_mut().for_each(|detail| *detail = collapsed(detail));
        }
    }
}

fn said_of(effect: &Effect) -> Said<'_> {
    Said {
        severity: effect.severity,
        rule: effect.rule,
        effects: vec![effect],
        regions: &effect.regions,
        title: effect.title.clone(),
        details: effect.details.clone(),
        causes: effect.causes.clone(),
        accepted: effect.accepted.as_ref(),
        place: None,
    }
}

impl Said<'_> {
    /// What is said of all of them together, when that can be said.
    fn absorbs(&self, effect: &Effect) -> Option<(String, Vec<String>)> {
        let same = self.severity == effect.severity
            && self.rule == effect.rule
            && self.regions == effect.regions
            && self.accepted == effect.accepted.as_ref()
            // Edits that have nothing to do with each other stay apart.
            && self.causes == effect.causes
            && self.details.len() == effect.details.len()
            // Effects of one rule are in the order of services.
            && self.effects.last().is_none_or(|other| other.service != effect.service);
        if !same {
            return None;
        }
        if self.severity >= Severity::High {
            let exact = self.title == effect.title && self.details == effect.details;
            return exact.then(|| (self.title.clone(), self.details.clone()));
        }
        let title = together(&self.title, &effect.title, HALF)?;
        let details = self.details.iter().zip(&effect.details);
        let details = details.map(|(one, other)| together(one, other, 0)).collect::<Option<_>>()?;
        Some((title, details))
    }
}

/// Of a hundred words of a title, so many are the same at least.
const HALF: usize = 50;

/// Two phrases as one, where they differ in numbers and names only: `6–12 pods of …`. At least so
/// many words of a hundred must be the same.
fn together(one: &str, other: &str, same: usize) -> Option<String> {
    if one == other {
        return Some(one.to_owned());
    }
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (words(one), words(other));
    let equal = ours.iter().zip(&theirs).filter(|(a, b)| a == b).count();
    if ours.len() != theirs.len() || equal * 100 < ours.len() * same {
        return None;
    }
    let merged =
        ours.iter().zip(&theirs).map(|(a, b)| if a == b { (*a).to_owned() } else { range(a, b) });
    Some(merged.collect::<Vec<_>>().join(" "))
}

/// A list of which nothing is left, as one ellipsis.
fn collapsed(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("…, …") {
        text = text.replace("…, …", "…");
    }
    text
}

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

/// `6–12` for `6` and `12`, with the same signs behind both; `…` for anything else.
fn range(one: &str, other: &str) -> String {
    let end = |word: &str| word.rfind(|c: char| c.is_ascii_digit()).map_or(0, |at| at + 1);
    let (start, tail) = one.split_at(end(one));
    let (value, other_tail) = other.split_at(end(other));
    let (low, high) = start.split_once('–').unwrap_or((start, start));
    match (low.parse::<u64>(), high.parse::<u64>(), value.parse::<u64>()) {
        (Ok(low), Ok(high), Ok(value)) if tail == other_tail => {
            let (low, high) = (low.min(value), high.max(value));
            if low == high { format!("{low}{tail}") } else { format!("{low}–{high}{tail}") }
        }
        _ if one.ends_with([',', ';', '.']) && other.ends_with([',', ';', '.']) => {
            format!("…{}", &one[one.len() - 1..])
        }
        _ => "…".to_owned(),
    }
}

/// What becomes of the objects of services that change alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) services: Vec<&'a str>,
    pub(super) regions: Vec<&'a str>,
    /// Kinds by operation, with how many of each kind there are in one region of one service.
    pub(super) kinds: BTreeMap<Operation, BTreeMap<&'a str, usize>>,
    /// How many objects that is, in all of them.
    pub(super) objects: usize,
}

/// Every object that differs, by service and region; regions that change alike are one row, and so
/// are services. In the order of the first service of each.
pub(super) fn services(report: &Report) -> Vec<Row<'_>> {
    type Kinds<'a> = BTreeMap<Operation, BTreeMap<&'a str, usize>>;
    let mut places: BTreeMap<&str, Vec<(&str, Kinds<'_>)>> = BTreeMap::new();
    for object in &report.objects {
        let regions = places.entry(&object.service).or_default();
        let at = regions.iter().position(|(region, _)| *region == object.region);
        let at = at.unwrap_or_else(|| {
            regions.push((&object.region, Kinds::new()));
            regions.len() - 1
        });
        let kinds = regions[at].1.entry(object.operation).or_default();
        *kinds.entry(&object.kind).or_default() += 1;
    }
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut known: BTreeMap<(Vec<&str>, Kinds<'_>), usize> = BTreeMap::new();
    for (service, regions) in places {
        let mut alike: Vec<(Vec<&str>, Kinds<'_>)> = Vec::new();
        for (region, kinds) in regions {
            match alike.iter_mut().find(|(_, other)| *other == kinds) {
                Some((regions, _)) => regions.push(region),
                None => alike.push((vec![region], kinds)),
            }
        }
        for (regions, kinds) in alike {
            let count = kinds.values().flat_map(BTreeMap::values).sum::<usize>() * regions.len();
            let at = *known.entry((regions.clone(), kinds.clone())).or_insert(rows.len());
            match rows.get_mut(at) {
                Some(row) => {
                    row.services.push(service);
                    row.objects += count;
                }
                None => rows.push(Row { services: vec![service], regions, kinds, objects: count }),
            }
        }
    }
    for row in &mut rows {
        row.services.sort_by(|a, b| diag::natural(a, b));
    }
    rows.sort_by(|a, b| diag::natural(a.services[0], b.services[0]));
    rows
}

fn place(report: &Report, said: &Said<'_>, group_of: &[Option<&Group>]) -> Option<String> {
    let named = |region: &String| {
        words(&said.title).iter().any(|word| word.trim_end_matches([',', ';']) == region)
    };
    if said.regions.iter().all(named) {
        return None;
    }
    let objects = said.effects.iter().flat_map(|effect| &effect.objects);
    let mut groups: Vec<&Group> = objects.filter_map(|object| group_of[*object]).collect();
    if let (true, [first, ..]) = (groups.is_empty(), said.effects.as_slice()) {
        // They only follow: what they follow says whether they do so alike.
        let causes = first.causes.iter().flat_map(|cause| &report.causes[*cause].objects);
        let own = causes.filter(|object| report.objects[**object].service == first.service);
        groups.extend(own.filter_map(|object| group_of[*object]));
    }
    groups.dedup_by_key(|group| std::ptr::from_ref(*group));
    let regions = said.regions.join(", ");
    let of = groups.iter().map(|group| group.of_regions).max().unwrap_or(0);
    if of > said.regions.len() {
        return Some(format!("{regions} ({} of {of} regions)", said.regions.len()));
    }
    let everywhere = |group: &&Group| said.regions.iter().all(|at| group.regions.contains(at));
    let alike = said.regions.len() > 1 && !groups.is_empty() && groups.iter().all(everywhere);
    Some(if alike { format!("{regions} (identical)") } else { regions })
}

/// The causes that no effect is about.
pub(super) fn other_causes(report: &Report) -> Vec<usize> {
    let named: BTreeSet<usize> =
        report.effects.iter().flat_map(|effect| effect.causes.iter().copied()).collect();
    (0..report.causes.len()).filter(|cause| !named.contains(cause)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_a_range_and_names_an_ellipsis() {
        let check = |one: &str, other: &str, expected: Option<&str>| {
            assert_eq!(together(one, other, HALF).as_deref(), expected);
        };
        check("6 pods, create-first", "12 pods, create-first", Some("6–12 pods, create-first"));
        check("6–12 pods run", "3 pods run", Some("3–12 pods run"));
        check("generation abc, kept on", "generation def, kept on", Some("generation …, kept on"));
        check("loses a region", "replaces all pods now", None);
        check("a b", "c d", None);
        check("of a, b, c kept on", "of d, e, f kept on", Some("of …, …, … kept on"));
        assert_eq!(collapsed("of …, …, … kept on"), "of … kept on");
    }
}
