//! How long pods may take: something, and no longer than a day, which is what Kubernetes' fields
//! hold and more than anybody waits for.

use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::model::{Fleet, Model, Region, Service, Tier};
use crate::quantity::Duration;

const LONGEST: Duration = Duration::minutes(24 * 60);

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    if let Some(start) = service.probes.start_within {
        within(sink, "start_within", start, 1, service.at(&["probes", "start_within"]));
    }
    for container in &service.containers {
        let key = if container.stays { "start_within" } else { "takes" };
        let min = if container.stays && container.probes.is_none() { 0 } else { 1 };
        let path = match container.stays {
            true => [&container.key("probes")[..], &[key]].concat(),
            false => container.key(key),
        };
        within(sink, key, container.takes, min, service.at(&path));
    }
    for (key, time) in [("every", service.probes.every), ("timeout", service.probes.timeout)] {
        if let Some(time) = time {
            within(sink, key, time, 1, service.at(&["probes", key]));
        }
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

/// Times of backups that an enforced timeout can hold, and an RPO can bear.
pub(super) fn of_backups(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let backup = &region.backups;
    let times = [
        ("queue", backup.queue, 0, Duration::minutes(240)),
        ("objects", backup.objects, 1, Duration::minutes(60)),
        ("snapshot", backup.snapshot, 1, Duration::minutes(60)),
    ];
    for (key, time, min, max) in times {
        let Some(time) = time.filter(|time| *time < Duration::seconds(min) || *time > max) else {
            continue;
        };
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` cannot be {time}"))
                .at(fleet.document.at(&["regions", region.name.as_str(), "backup", key]), "")
                .help(format!("it is from {} to {max}", Duration::seconds(min))),
        );
    }
}

/// The times of a tier's pods.
pub(super) fn of_tier(sink: &mut Sink, fleet: &Fleet, tier: &Tier) {
    let times = [
        ("min_ready", tier.min_ready, 0),
        ("node_loss", tier.node_loss, 0),
        // Before 1.33, Kubernetes refuses a `preStop` that sleeps for nothing (KEP-4818).
        ("settle", tier.settle, 1),
        ("drain", tier.drain, 0),
    ];
    for (key, time, min) in times {
        within(sink, key, time, min, fleet.document.at(&["tiers", &tier.name, key]));
    }
}

/// Reports a time below `least` seconds, or beyond a day.
fn within(sink: &mut Sink, key: &str, time: Duration, min: u64, place: Span) {
    if time < Duration::seconds(min) || time > LONGEST {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` cannot be {time}"))
                .at(place, "")
                .help(format!("it is from {} to {LONGEST}", Duration::seconds(min))),
        );
    }
}
