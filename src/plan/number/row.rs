//! What a row of the table of numbers is, and the words in which rows are written.

use super::super::ServiceInRegion;
use super::super::proof::Source;
use super::super::values::Values;

/// What the plan decided for a field.
pub(super) struct Row {
    /// The templates that spell it, without `.yaml`.
    pub(super) objects: &'static [&'static str],
    /// The field; `*` stands for any name or number of an item.
    pub(super) field: &'static str,
    /// What was decided, and why; nothing when the plan has no such value.
    pub(super) why: fn(&At<'_>) -> Option<Why>,
}

/// A field of an object that was planned.
pub(super) struct At<'a> {
    /// The service, here.
    pub(super) here: &'a ServiceInRegion<'a>,
    /// What the template says.
    pub(super) values: &'a Values,
    /// What stands for each `*` of the field.
    pub(super) captured: &'a [&'a str],
    /// The field, as its row has it.
    pub(super) field: &'static str,
}

/// A decision, and the reasons for it.
pub(super) struct Why {
    /// What was decided, as the manifest writes it.
    pub(super) says: String,
    /// Why, with the numbers it follows from.
    pub(super) words: String,
    /// Where those come from.
    pub(super) sources: Vec<Source>,
}

/// The decision for `value`.
pub(super) fn says(value: impl ToString, words: impl Into<String>) -> Why {
    Why { says: value.to_string(), words: words.into(), sources: Vec::new() }
}

impl Why {
    /// The same, with where a number in it comes from.
    pub(super) fn from(mut self, source: Source) -> Why {
        self.sources.push(source);
        self
    }
}

impl At<'_> {
    /// The number of the item that stands for the `*` at `index`.
    pub(super) fn item(&self, index: usize) -> Option<usize> {
        self.captured.get(index)?.parse().ok()
    }

    /// What Ninefold writes whatever a spec says.
    pub(super) fn fixed(&self, value: impl ToString, words: &str) -> Option<Why> {
        Some(says(value, words).from(self.decided()))
    }

    /// The source of what nothing else decides.
    pub(super) fn decided(&self) -> Source {
        Source::Decided { field: self.field }
    }

    /// The key of the spec where it is written.
    pub(super) fn spec(&self, path: &[&str]) -> Option<Source> {
        let service = self.here.service;
        service.document.has(path).then(|| written(path, service.at(path)))
    }

    /// The key of the fleet where it is written.
    pub(super) fn fleet(&self, path: &[&str]) -> Option<Source> {
        let document = &self.here.fleet.document;
        let span = document.at(path);
        document.has(path).then(|| Source::Fleet { key: path.join("."), span })
    }

    /// The key of the region, with the place of what is written of it.
    pub(super) fn region(&self, rest: &[&str]) -> Source {
        let name = self.here.region.name.as_str();
        let path: Vec<&str> = ["regions", name].into_iter().chain(rest.iter().copied()).collect();
        Source::Fleet { key: path.join("."), span: self.here.fleet.document.at(&path) }
    }

    /// The field of the tier, where the fleet changes it: there.
    pub(super) fn tier(&self, field: &'static str) -> Source {
        let tier = &self.here.service.tier.name;
        let path: Vec<&str> = ["tiers", tier].into_iter().chain(field.split('.')).collect();
        self.fleet(&path).unwrap_or(Source::Tier { tier: tier.clone(), field })
    }

    /// The key of the spec, or what the tier has in its place.
    pub(super) fn spec_or_tier(&self, path: &[&str], field: &'static str) -> Source {
        self.spec(path).unwrap_or_else(|| self.tier(field))
    }

    /// What promises this: the tier of the spec.
    pub(super) fn promised_tier(&self) -> Source {
        written(&["tier"], self.here.service.at(&["tier"]))
    }
}

fn written(path: &[&str], span: crate::diag::Span) -> Source {
    Source::Spec { key: path.join("."), span }
}

/// Whether two sources are the same key; of a tier, wherever it is written.
pub(super) fn same_key(a: &Source, b: &Source) -> bool {
    let key = |source: &Source| match source {
        Source::Tier { tier, field } => Some(format!("fleet tiers.{tier}.{field}")),
        Source::Spec { key, .. } => Some(format!("spec {key}")),
        Source::Fleet { key, .. } => Some(format!("fleet {key}")),
        Source::Kubernetes { .. }
        | Source::Velero { .. }
        | Source::Decided { .. }
        | Source::Proven
        | Source::Assumed { .. }
        | Source::Measured { .. } => None,
    };
    key(a).is_some() && key(a) == key(b)
}
