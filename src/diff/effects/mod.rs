//! What a change does: a rule a file, each over what changed in one service.

use super::report::{Effect, Object};
use super::side::{Item, Unit};

/// A service in which something differs; what rules look at.
pub struct Service<'a> {
    /// Its name; `fleet` for what services share.
    pub name: &'a str,
    /// The old side; none for a service that is new.
    pub old: Option<&'a Unit<'a>>,
    /// The new side; none for one that goes.
    pub new: Option<&'a Unit<'a>>,
    /// What differs in it.
    pub changed: Vec<Changed<'a>>,
}

/// An object that differs, with both sides of it.
pub struct Changed<'a> {
    /// Its number in [`super::Report::objects`].
    pub number: usize,
    /// What differs; nothing in it is masked.
    pub object: &'a Object,
    /// On the old side.
    pub old: Option<&'a Item<'a>>,
    /// On the new side.
    pub new: Option<&'a Item<'a>>,
}

/// A rule: what it finds about one service. Causes and acceptance are filled in by the caller,
/// from the objects that it names.
type Rule = fn(&Service<'_>) -> Vec<Effect>;

const RULES: &[Rule] = &[];

/// What the changes of one service do.
pub fn of(service: &Service<'_>) -> Vec<Effect> {
    RULES.iter().flat_map(|rule| rule(service)).collect()
}
