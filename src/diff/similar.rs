//! A service that went and one that came, and look alike: probably renamed without saying so.
//!
//! Whole services are compared, never objects: objects of different services look alike all the
//! time, and pairing two of them would hide that one is deleted.

use super::pair::{Place, Renames, place};
use super::side::{Identity, Item};
use crate::kube::id;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The least likeness of two services, in percent, to call one the other.
const ALIKE: usize = 80;

/// How far the best candidate must be ahead of the next, in percent.
const AHEAD: usize = 10;

/// The most candidates on a side: every one is compared with every other.
const MAX: usize = 200;

type Items<'a> = BTreeMap<&'a Identity, &'a Item<'a>>;

/// Services that only the new side has, with the one of the old side that each probably was.
pub(super) fn services(old: &Items<'_>, new: &Items<'_>, notes: &mut Vec<String>) -> Renames {
    let (olds, news) = (by_unit(old), by_unit(new));
    let gone: Vec<&&str> = olds.keys().filter(|unit| !news.contains_key(**unit)).collect();
    let came: Vec<&&str> = news.keys().filter(|unit| !olds.contains_key(**unit)).collect();
    if gone.is_empty() || came.is_empty() {
        return Renames::new();
    }
    if gone.len() > MAX || came.len() > MAX {
        let (gone, came) = (gone.len(), came.len());
        notes.push(format!("{gone} services went and {came} came: no renames were looked for"));
        return Renames::new();
    }
    let before: Vec<_> = gone.iter().map(|unit| leaves(unit, &olds[**unit])).collect();
    let after: Vec<_> = came.iter().map(|unit| leaves(unit, &news[**unit])).collect();
    let score = |old: usize, new: usize| likeness(&before[old], &after[new]);
    let mut renames = Renames::new();
    for (new, unit) in came.iter().enumerate() {
        let Some((old, best)) = best((0..gone.len()).map(|old| score(old, new))) else { continue };
        let Some((mutual, _)) = self::best((0..came.len()).map(|other| score(old, other))) else {
            continue;
        };
        if mutual == new && best >= ALIKE {
            renames.insert((**unit).to_owned(), (*gone[old]).to_owned());
            notes.push(format!(
                "`{}` was probably renamed to `{unit}` ({best}% alike); `previously = \"{}\"` in its spec would keep what runs",
                gone[old], gone[old]
            ));
        }
    }
    renames
}

/// The best of some scores, when it is clearly ahead of the next.
fn best(scores: impl Iterator<Item = usize>) -> Option<(usize, usize)> {
    let mut scores: Vec<(usize, usize)> = scores.enumerate().collect();
    scores.sort_by_key(|(at, score)| (usize::MAX - score, *at));
    let next = scores.get(1).map_or(0, |(_, score)| *score);
    scores.first().copied().filter(|(_, score)| *score >= next + AHEAD)
}

fn by_unit<'a>(items: &Items<'a>) -> BTreeMap<&'a str, Vec<&'a Item<'a>>> {
    let mut units: BTreeMap<&str, Vec<&Item<'_>>> = BTreeMap::new();
    for item in items.values() {
        units.entry(&item.unit).or_default().push(item);
    }
    units
}

/// Everything that a service says, field by field, without its name.
fn leaves<'a>(unit: &str, items: &[&'a Item<'a>]) -> BTreeSet<(Place<'a>, String)> {
    let (mut found, unit) = (BTreeSet::new(), id::plain(unit));
    for item in items {
        let Some(value) = item.value() else { continue };
        let mut texts = Vec::new();
        collect(value, &mut String::new(), &mut texts);
        let own = item.name.replace(unit, "‹service›");
        found.extend(
            texts.into_iter().map(|text| {
                (place(item), text.replace(&item.name, &own).replace(unit, "‹service›"))
            }),
        );
    }
    found
}

fn collect(value: &Value, path: &mut String, found: &mut Vec<String>) {
    let length = path.len();
    match value {
        Value::Map(entries) => {
            for (key, value) in entries {
                path.push('.');
                path.push_str(key);
                collect(value, path, found);
                path.truncate(length);
            }
        }
        Value::List(items) => {
            path.push_str("[]");
            items.iter().for_each(|item| collect(item, path, found));
            path.truncate(length);
        }
        Value::String(text) => found.push(format!("{path}={text}")),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            found.push(format!("{path}={value:?}"));
        }
    }
}

/// What two sets have in common, in percent of what either has.
fn likeness<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> usize {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    (common * 100).checked_div(all).unwrap_or(0)
}
