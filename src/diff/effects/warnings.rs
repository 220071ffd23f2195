//! Warnings that a change brings.

use crate::diag::Code;
use crate::diff::cause::Warning;
use crate::diff::report::{Direction, Effect, Severity};
use serde_json::json;
use std::collections::BTreeMap;

/// A warning as an effect of the change that brings it.
pub(in crate::diff) fn warning(warning: &Warning) -> Effect {
    // A phrase here has no markup of its own.
    let plain = |text: &str| text.replace('`', "");
    let code = warning.code.name();
    let mut evidence = BTreeMap::from([("finding".to_owned(), json!(code))]);
    let mut details = Vec::new();
    if let Some((file, line, column)) = &warning.place {
        details.push(format!("{file}:{line}:{column}"));
        evidence.insert("file".to_owned(), json!(file));
        evidence.insert("line".to_owned(), json!(line));
        evidence.insert("column".to_owned(), json!(column));
    }
    details.extend(warning.notes.iter().map(|note| plain(note)));
    Effect {
        rule: Code::WARNING_ADDED,
        severity: Severity::Medium,
        direction: Direction::Loosens,
        service: warning.service.clone(),
        regions: Vec::new(),
        title: format!("{code}: {}", plain(&warning.message)),
        details,
        evidence,
        causes: warning.causes.clone(),
        objects: Vec::new(),
        accepted: None,
    }
}
