//! Effects as SARIF, at the lines of the edits that are behind them.

use super::escape::plain;
use super::{Hidden, phrase};
use crate::diag::sarif::{Finding, Place, log};
use crate::diff::Report;
use crate::diff::report::{Effect, Severity};
use std::collections::BTreeMap;

/// What is shown.
#[derive(Clone, Debug)]
pub struct Options {
    /// The least severity that is.
    pub min: Severity,
    /// What a filter took out of the report.
    pub hidden: Option<Hidden>,
}

/// A log with a result for each effect, worst first.
pub fn render(report: &Report, options: &Options) -> String {
    let effects = report.effects.iter().filter(|effect| effect.severity >= options.min);
    let findings: Vec<Finding> = effects.map(|effect| finding(report, effect)).collect();
    let hidden = options.hidden.as_ref().filter(|hidden| hidden.is_any());
    let filtered =
        |hidden: &Hidden| plain(&format!("filtered ({}): {}", hidden.by, phrase::hidden(hidden)));
    log(&findings, hidden.map(filtered).as_deref())
}

fn finding(report: &Report, effect: &Effect) -> Finding {
    let regions = effect.regions.join(", ");
    let place = if regions.is_empty() { String::new() } else { format!(" ({regions})") };
    let mut message = format!("{}: {}{place}", plain(&effect.service), plain(&effect.title));
    for detail in &effect.details {
        message.push('\n');
        message.push_str(&plain(detail));
    }
    Finding {
        code: effect.rule,
        level: match effect.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "note",
        },
        message,
        places: places(report, effect),
        properties: BTreeMap::from([
            ("severity", effect.severity.word().into()),
            ("service", effect.service.clone().into()),
        ]),
        accepted: effect.accepted.as_ref().map(|accepted| {
            format!("accepted until {}: {}", accepted.until, plain(&accepted.reason))
        }),
    }
}

/// The edited lines; those that are gone, by the line above.
fn places(report: &Report, effect: &Effect) -> Vec<Place> {
    let causes = effect.causes.iter().map(|cause| &report.causes[*cause]);
    let places = causes.flat_map(|cause| &cause.places);
    let place = |place: &crate::diff::report::Place| Place {
        file: plain(&place.file),
        line: place.line.unwrap_or(1),
        columns: None,
    };
    places.map(place).collect()
}
