//! What a change does: a rule a file, each over what changed in one service.

use super::report::{Effect, Object};
use super::side::{Item, Unit};
use crate::yaml::Value;

/// A service in which something differs; what rules look at.
pub struct Service<'a> {
    /// Its name; `fleet` for what services share.
    pub name: &'a str,
    /// The old side; none for a service that is new.
    pub old: Option<&'a Unit>,
    /// The new side; none for one that goes.
    pub new: Option<&'a Unit>,
    /// What differs in it.
    pub changed: Vec<Changed<'a>>,
    /// Reads the manifest of an item of the old or the new side.
    pub read: &'a (dyn Fn(&'a Item) -> Option<&'a Value> + Sync),
}

/// An object that differs, with both sides of it.
pub struct Changed<'a> {
    /// Its number in [`super::Report::objects`].
    pub number: usize,
    /// What differs; nothing in it is masked.
    pub object: &'a Object,
    /// On the old side.
    pub old: Option<&'a Item>,
    /// On the new side.
    pub new: Option<&'a Item>,
}

/// A rule: what it finds about one service. Causes and acceptance are filled in by the caller,
/// from the objects that it names.
type Rule = fn(&Service<'_>) -> Vec<Effect>;

const RULES: &[Rule] = &[];

/// What the changes of one service do.
pub fn of(service: &Service<'_>) -> Vec<Effect> {
    RULES.iter().flat_map(|rule| rule(service)).collect()
}
