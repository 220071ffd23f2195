//! A number that was decided, and why it is that.

use super::ServiceInRegion;
use super::proof::Source;

/// A number, with its reason. The reason is put into words only when somebody asks: a build takes
/// the value and drops the rest.
pub(crate) struct Number<T, W> {
    /// The number.
    pub(crate) value: T,
    why: W,
}

impl<T, W: FnOnce() -> Reason> Number<T, W> {
    /// The number `value`, for the reason that `why` tells.
    pub(crate) fn new(value: T, why: W) -> Number<T, W> {
        Number { value, why }
    }

    /// Why it is that.
    pub(crate) fn why(self) -> Reason {
        (self.why)()
    }
}

/// Why a number is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In words, with the numbers it follows from.
    pub words: String,
    /// Where those come from, the one that matters most first.
    pub sources: Vec<Source>,
}

impl Reason {
    /// A reason in words.
    pub(crate) fn new(words: impl Into<String>) -> Reason {
        Reason { words: words.into(), sources: Vec::new() }
    }

    /// The same, with where a number in it comes from, if it is written anywhere.
    pub(crate) fn from(mut self, source: impl Into<Option<Source>>) -> Reason {
        self.sources.extend(source.into());
        self
    }

    /// The same, with a part that nothing in a spec, the fleet or the tier changes.
    pub(crate) fn built_in(self) -> Reason {
        self.from(Source::BuiltIn)
    }

    /// The same, with where it is written, or that it is built in.
    pub(crate) fn or_built_in(self, source: Option<Source>) -> Reason {
        self.from(source.unwrap_or(Source::BuiltIn))
    }
}

impl ServiceInRegion<'_> {
    /// The key of the spec, where it is written.
    pub(crate) fn in_spec(&self, path: &[&str]) -> Option<Source> {
        self.service.document.has(path).then(|| self.spec(path))
    }

    /// The key of the spec, with the place of what stands for it.
    pub(crate) fn spec(&self, path: &[&str]) -> Source {
        let document = &self.service.document;
        Source::Spec { key: document.path(path).join(".").into(), span: document.at(path) }
    }

    /// The key of the fleet, where it is written.
    pub(crate) fn in_fleet(&self, path: &[&str]) -> Option<Source> {
        let document = &self.fleet.document;
        let source = || Source::Fleet { key: path.join(".").into(), span: document.at(path) };
        document.has(path).then(source)
    }

    /// The key of the region, with the place of what is written of it.
    pub(crate) fn in_region(&self, rest: &[&str]) -> Source {
        let name = self.region.name.as_str();
        let path: Vec<&str> = ["regions", name].into_iter().chain(rest.iter().copied()).collect();
        Source::Fleet { key: path.join(".").into(), span: self.fleet.document.at(&path) }
    }

    /// The nodes that it runs on here, with the place of what is written of them.
    pub(crate) fn in_nodes(&self) -> Source {
        let path = self.region.path_of_zones();
        Source::Fleet { key: path.join(".").into(), span: self.fleet.document.at_owned(&path) }
    }

    /// The field of the tier; where the fleet changes it, there.
    pub(crate) fn in_tier(&self, field: &'static str) -> Source {
        let tier = &self.service.tier.name;
        let path: Vec<&str> = ["tiers", tier].into_iter().chain(field.split('.')).collect();
        self.in_fleet(&path).unwrap_or(Source::Tier { tier: tier.clone(), field })
    }

    /// The key of the spec, or what the tier has in its place.
    pub(crate) fn in_spec_or_tier(&self, path: &[&str], field: &'static str) -> Source {
        self.in_spec(path).unwrap_or_else(|| self.in_tier(field))
    }
}
