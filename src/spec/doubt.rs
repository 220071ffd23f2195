//! What can still be read of a document with findings.
//!
//! A key with a finding in it is left out, or another value stands in for it, and goes on record
//! as doubtful: whoever judges the rest says nothing that depends on it. So one run shows what is
//! wrong everywhere, and nothing that is wrong only for what was left out.

use super::document::Node;
use crate::diag::{self, Code, Diagnostic};
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

type Key<'a> = Spanned<toml::de::DeString<'a>>;

/// The keys of a document that could not be read, or were not meant as they are written. Of
/// tables whose keys are names, the names: `["regions", "eastus2"]`.
#[derive(Clone, Debug, Default)]
pub struct Doubts(BTreeSet<String>);

impl Doubts {
    /// Whether one of these keys is doubtful.
    pub fn any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.0.contains(*key))
    }

    /// Whether there is no doubt.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The doubtful names in the table `key`.
    pub fn names<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(move |path| path.strip_prefix(key)?.strip_prefix('.'))
    }

    /// Whether `name` in the table `key` is doubtful.
    pub fn has(&self, key: &str, name: &str) -> bool {
        self.names(key).any(|doubtful| doubtful == name)
    }

    /// One more.
    pub fn add(&mut self, key: impl Into<String>) {
        self.0.insert(key.into());
    }
}

/// How a document is mended.
pub(super) struct Mending {
    /// Every key at the top.
    pub(super) known: Vec<String>,
    /// Tables whose keys are names: a finding in one leaves the others alone.
    pub(super) by_name: &'static [&'static str],
    /// Values for keys that are required.
    pub(super) stand_ins: &'static str,
}

/// Takes out of `root` every key that one of `findings` is about.
pub(super) fn leave_out(
    root: &mut Node<'_>,
    findings: &[&Diagnostic],
    mending: &Mending,
) -> Doubts {
    let places: Vec<std::ops::Range<usize>> = (findings.iter())
        .filter_map(|finding| finding.primary.as_ref())
        .map(|label| label.span.start as usize..label.span.end as usize)
        .collect();
    let mut doubts = Doubts::default();
    let DeValue::Table(table) = root.get_mut() else { return doubts };
    let entries = std::mem::take(table).into_iter();
    *table = (entries.filter_map(|(key, mut value)| {
        let name: &str = key.get_ref();
        if mending.by_name.contains(&name)
            && let DeValue::Table(named) = value.get_mut()
        {
            let entries = std::mem::take(named).into_iter();
            let sound = |(inner, value): &(Key<'_>, Node<'_>)| {
                let touched = touches(inner, value, &places);
                if touched {
                    doubts.add(format!("{name}.{}", inner.get_ref()));
                }
                !touched
            };
            *named = entries.filter(sound).collect();
            return Some((key, value));
        }
        let known = mending.known.iter().any(|known| known == name);
        if !known || touches(&key, &value, &places) {
            doubts.add(name);
            return None;
        }
        Some((key, value))
    }))
    .collect();
    // A key that is not known may have been meant for one that is not there.
    let absent: Vec<&str> = (mending.known.iter().map(String::as_str))
        .filter(|known| !table.contains_key(*known))
        .collect();
    let unknown = findings.iter().any(|finding| finding.code == Code::UNKNOWN_KEY);
    if unknown {
        let strangers = doubts.0.iter().filter(|name| !mending.known.contains(name));
        let meant: Vec<Option<&str>> = strangers
            .map(|name| diag::nearest(name, mending.known.iter().map(String::as_str)))
            .collect();
        match meant.iter().copied().collect::<Option<Vec<&str>>>() {
            Some(meant) if !meant.is_empty() => meant.into_iter().for_each(|key| doubts.add(key)),
            _ => absent.iter().for_each(|key| doubts.add(*key)),
        }
    }
    doubts
}

/// Puts a value into the place of every required key that is not there.
pub(super) fn stand_in<'a>(root: &mut Node<'a>, mending: &Mending, doubts: &mut Doubts) {
    let DeValue::Table(table) = root.get_mut() else { return };
    let stand_ins = DeTable::parse(mending.stand_ins).expect("the stand-ins are TOML");
    for (key, value) in stand_ins.into_inner() {
        if !table.contains_key(&**key.get_ref()) {
            doubts.add(key.get_ref().to_string());
            table.insert(key, value);
        }
    }
}

/// Whether one of `places` is in an entry of a table.
fn touches(key: &Key<'_>, value: &Node<'_>, places: &[std::ops::Range<usize>]) -> bool {
    let within = |span: std::ops::Range<usize>| {
        (places.iter()).any(|place| span.start <= place.start && place.end <= span.end)
    };
    within(key.span()) || inside(value, &within)
}

fn inside(node: &Node<'_>, within: &impl Fn(std::ops::Range<usize>) -> bool) -> bool {
    // A table under a header spans no more than the header, or nothing.
    let below = match node.get_ref() {
        DeValue::Table(table) => {
            table.iter().any(|(key, value)| within(key.span()) || inside(value, within))
        }
        DeValue::Array(items) => items.iter().any(|item| inside(item, within)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => false,
    };
    below || within(node.span())
}
