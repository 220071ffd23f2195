//! A row of the table: which field of which object shows which decided number.

use crate::decide::proof::Source;
use crate::decide::{Number, Reason, ServiceInRegion};
use crate::plan::values::Values;

/// One field that shows a decided number.
pub(super) struct Row {
    /// The templates that spell it, without `.yaml`; none for those of every kind.
    pub(super) objects: &'static [&'static str],
    /// The field; `*` stands for any name or number of an item.
    pub(super) field: &'static str,
    /// What was decided; none where the object has no such value.
    pub(super) shows: Shows,
}

/// What was decided for a field.
pub(super) type Shows = fn(&At<'_>) -> Option<Shown>;

/// Rows, each in a line: the templates, the field, and what it shows.
macro_rules! rows {
    ($($objects:expr, $field:expr => $shows:expr;)*) => {
        &[$($crate::explain::number::row::Row {
            objects: $objects,
            field: $field,
            shows: $shows,
        }),*]
    };
}
pub(super) use rows;

/// A field of an object that was planned.
pub(super) struct At<'a> {
    /// The service, here.
    pub(super) here: &'a ServiceInRegion<'a>,
    /// What the template says: which of the service's ports, hooks or volumes it is about.
    pub(super) values: &'a Values,
    /// What stands for each `*` of the field.
    pub(super) captured: &'a [&'a str],
}

/// A decided number as the manifest writes it, and why it is that.
pub(super) struct Shown {
    pub(super) says: String,
    pub(super) why: Reason,
}

/// Shows a number as it is.
pub(super) fn show<T: ToString, W: FnOnce() -> Reason>(number: Number<T, W>) -> Option<Shown> {
    show_as(number, T::to_string)
}

/// Shows a number as `says` writes it.
pub(super) fn show_as<T, W: FnOnce() -> Reason>(
    number: Number<T, W>,
    says: impl FnOnce(&T) -> String,
) -> Option<Shown> {
    Some(Shown { says: says(&number.value), why: number.why() })
}

/// Shows what stands in the spec.
pub(super) fn written(
    says: impl ToString,
    words: impl Into<String>,
    source: impl Into<Option<Source>>,
) -> Option<Shown> {
    Some(Shown { says: says.to_string(), why: Reason::new(words).from(source) })
}

impl At<'_> {
    /// The number of the item that stands for the `*` at `index`.
    pub(super) fn item(&self, index: usize) -> Option<usize> {
        self.captured.get(index)?.parse().ok()
    }

    /// A word of a command, as the spec has it at one of these keys.
    pub(super) fn word(&self, words: &[String], keys: &[&[&str]], says: &str) -> Option<Shown> {
        let index = self.captured.last()?;
        let word = words.get(index.parse::<usize>().ok()?)?;
        let at = |key: &&[&str]| {
            let path: Vec<&str> = key.iter().copied().chain([*index]).collect();
            self.here.in_spec(&path)
        };
        written(word, says, keys.iter().find_map(at))
    }
}
