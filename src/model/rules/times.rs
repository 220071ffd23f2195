//! How long pods may take: something, and no longer than a day, which is what Kubernetes' fields
//! hold and more than anybody waits for.

use super::super::{Draft, Service};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::quantity::Duration;

const LONGEST: Duration = Duration::minutes(24 * 60);

pub(super) fn check(sink: &mut Sink, _: &Draft, service: &Service) {
    if let Some(start) = service.probes.start_within {
        within(sink, "start_within", start, 1, service.at(&["probes", "start_within"]));
    }
    if service.document.has(&["drain"]) {
        within(sink, "drain", service.drain, 0, service.at(&["drain"]));
    }
    for (index, hook) in service.backup.hooks.iter().enumerate() {
        if let Some(timeout) = hook.timeout {
            let place = service.at(&["backup", "hooks", &index.to_string(), "timeout"]);
            within(sink, "timeout", timeout, 1, place);
        }
    }
}

/// Reports a time below `least` seconds, or beyond a day.
pub(in crate::model) fn within(
    sink: &mut Sink,
    key: &str,
    time: Duration,
    least: u64,
    place: Span,
) {
    if time < Duration::seconds(least) || time > LONGEST {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` cannot be {time}"))
                .at(place, "")
                .help(format!("it is from {} to {LONGEST}", Duration::seconds(least))),
        );
    }
}
