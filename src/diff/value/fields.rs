//! The walk.

use super::{Change, FieldOperation};
use crate::yaml::Value;

/// Every field that differs.
pub fn compare(_kind: &str, old: &Value, new: &Value) -> Vec<Change> {
    if old == new {
        return Vec::new();
    }
    vec![Change {
        path: "spec".to_owned(),
        old_pointer: Some(String::new()),
        new_pointer: Some(String::new()),
        operation: FieldOperation::Replace,
        old: Some(old.clone()),
        new: Some(new.clone()),
        ..Change::default()
    }]
}
