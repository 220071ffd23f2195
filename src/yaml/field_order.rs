//! The order of fields in a document.

use std::cmp::Ordering;

/// Fields that come first wherever they stand, in this order; all others follow by the alphabet.
///
/// What an object is comes before what it says, and what names a list's item before its rest.
const FIRST: &[&str] = &["apiVersion", "kind", "metadata", "name", "namespace"];

/// Orders two fields of one map.
pub fn compare(a: &str, b: &str) -> Ordering {
    let rank = |field: &str| FIRST.iter().position(|first| *first == field).unwrap_or(FIRST.len());
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}
