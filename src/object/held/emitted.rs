//! What an object says, field by field, beside what was decided of it.

use super::{Departure, Touched, departure, path};
use crate::kube::read::duration;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;

/// An object, and what it says otherwise.
pub(super) struct Emitted<'v> {
    pub(super) value: &'v Value,
    pub(super) found: Vec<Departure>,
}

/// What rests on a field, and what says it instead.
pub(super) type Rests = (Touched, &'static str);

impl<'v> Emitted<'v> {
    pub(super) fn at(&self, at: &str) -> Option<&'v Value> {
        let steps: Vec<&str> = at.split('.').collect();
        self.value.at(&steps).filter(|value| **value != Value::Null)
    }

    /// What stands at a path, in one line.
    pub(super) fn text(&self, at: &str) -> Option<String> {
        self.at(at).map(line).filter(|text| !text.is_empty())
    }

    pub(super) fn add(&mut self, at: &str, message: String, rests: Rests) {
        let steps: Vec<&str> = at.split('.').collect();
        self.add_at(&steps, message, rests);
    }

    pub(super) fn add_at(&mut self, steps: &[&str], message: String, (touched, help): Rests) {
        self.found.push(departure(path(steps), message, touched, help));
    }

    /// It says exactly this; or nothing, or what is as good as nothing.
    pub(super) fn be(&mut self, at: &str, expected: Option<&str>, rests: Rests) {
        let written = self.text(at);
        let none = expected.is_none() && written.as_deref() == Some("false");
        if written.as_deref() == expected || none {
            return;
        }
        let shown = |text: Option<&str>| text.map_or("nothing".to_owned(), |it| format!("`{it}`"));
        let message = format!(
            "`{at}` says {}, and the promise rests on {}",
            shown(written.as_deref()),
            shown(expected)
        );
        self.add(at, message, rests);
    }

    /// It says no more; nothing is none.
    pub(super) fn at_most(&mut self, at: &str, most: u128, rests: Rests) {
        let written = self.at(at).and_then(int).unwrap_or(0);
        if u128::try_from(written).unwrap_or(u128::MAX) > most {
            self.be(at, Some(&most.to_string()), rests);
        }
    }

    /// It says as much, or more.
    pub(super) fn at_least(&mut self, at: &str, least: u128, rests: Rests) {
        let written = self.at(at).and_then(int).unwrap_or(0);
        if u128::try_from(written).unwrap_or(0) < least {
            self.be(at, Some(&least.to_string()), rests);
        }
    }

    /// An amount that is as large, or larger.
    pub(super) fn amount(&mut self, at: &str, least: &str, rests: Rests) {
        let amount = |value: &Value| Quantity::of(value)?.thousandths();
        let least_of = amount(&Value::String(least.to_owned()));
        if self.at(at).and_then(amount) < least_of {
            self.be(at, Some(least), rests);
        }
    }

    /// A time that is as short, or shorter.
    pub(super) fn in_time(&mut self, at: &str, most: &str, rests: Rests) {
        let written = self.text(at).as_deref().and_then(duration::parse);
        if written.is_none() || written > duration::parse(most) {
            self.be(at, Some(most), rests);
        }
    }
}

pub(super) fn int(value: &Value) -> Option<i64> {
    if let Value::Int(number) = value { Some(*number) } else { None }
}

/// A value in one line: `a, b`, `key: value`.
pub(super) fn line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::List(items) => items.iter().map(line).collect::<Vec<_>>().join(", "),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", line(value)));
            let mut entries: Vec<String> = entries.collect();
            entries.sort_unstable();
            entries.join(", ")
        }
    }
}
