//! The order of fields in a document.

use std::cmp::Ordering;

/// Fields that come first wherever they stand, in this order; all others follow by the alphabet.
///
/// What an object is comes before what it says, and what names a list's item before its rest.
fn rank(field: &str) -> u8 {
    match field {
        "apiVersion" => 0,
        "kind" => 1,
        "metadata" => 2,
        "name" => 3,
        "namespace" => 4,
        _ => 5,
    }
}

/// Orders two fields of one map.
pub fn compare(a: &str, b: &str) -> Ordering {
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}
