//! Measurements that promises rest on: of services and regions that there are, and not too old.
//!
//! The age is counted until the day of the inventory, which is committed, never until today.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::RegionName;
use crate::model::{Model, Service};
use crate::quantity::Duration;
use crate::spec::fleet::{Measured, Step};

pub(super) fn check(sink: &mut Sink, model: &Model) {
    for (index, measured) in model.fleet().measured.iter().enumerate() {
        let index = index.to_string();
        names(sink, model, measured, &index);
        stale(sink, model, measured, &index);
        if measured.took == Duration::default() {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, "nothing takes no time")
                    .at(model.fleet().document.at(&["measured", &index, "took"]), "")
                    .help("write what the drill took, `1s` at least; or leave the measurement out"),
            );
        }
        if measured.took > Step::LONGEST {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("nothing that took {} is a recovery", measured.took),
                )
                .at(model.fleet().document.at(&["measured", &index, "took"]), "")
                .help(format!("write at most `{}`", Step::LONGEST.compact())),
            );
        }
    }
}

fn names(sink: &mut Sink, model: &Model, measured: &Measured, index: &str) {
    let fleet = model.fleet();
    let region = measured.region.as_deref();
    let known = |region: &&str| {
        fleet.regions.contains_key(&RegionName::new(*region)) || fleet.doubts.has("regions", region)
    };
    if let Some(region) = region.filter(|region| !known(region)) {
        let known = fleet.regions.keys().map(RegionName::as_str);
        sink.error(
            Diagnostic::new(Code::UNKNOWN_REGION, format!("the fleet has no region `{region}`"))
                .at(fleet.document.at(&["measured", index, "region"]), "")
                .help(diag::did_you_mean(region, known)),
        );
    }
    // A name may be that of a spec that could not be read.
    let service = measured.service.as_deref().filter(|_| model.is_whole());
    let known = || model.services().iter().map(|service| service.name.address());
    if let Some(service) = service.filter(|service| !known().any(|name| name == *service)) {
        sink.error(
            Diagnostic::new(Code::UNKNOWN_SERVICE, format!("no spec describes `{service}`"))
                .at(fleet.document.at(&["measured", index, "service"]), "")
                .help(diag::did_you_mean(service, known())),
        );
    }
}

/// Whether a promise of `service` may rest on it.
fn concerns(measured: &Measured, service: &Service) -> bool {
    measured.service.as_deref().is_none_or(|name| name == service.name.address())
        && measured
            .region
            .as_deref()
            .is_none_or(|name| service.regions.iter().any(|region| region.name.as_str() == name))
}

fn stale(sink: &mut Sink, model: &Model, measured: &Measured, index: &str) {
    let document = &model.fleet().document;
    let age = model.fleet().inventory.since(measured.on);
    let strict = |service: &&Service| service.tier.evidence.is_some_and(|limit| age > limit);
    let concerned = model.services().iter().filter(|service| !service.doubts.any(&["tier"]));
    let mut concerned = concerned.filter(|service| concerns(measured, service)).filter(strict);
    let Some(service) = concerned.next() else { return };
    let limit = service.tier.evidence.unwrap_or_default();
    let more = match concerned.count() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    sink.error(
        Diagnostic::new(
            Code::MEASUREMENT_STALE,
            format!("a promise of `{}`{more} rests on what was measured {age} ago", service.name),
        )
        .at(
            document.at(&["measured", index, "on"]),
            format!("`{}` bears {limit}", service.tier.name),
        )
        .related(document.at(&["inventory"]), "counted until this day")
        .help("measure it again, or remove it: then the default is assumed, and called assumed"),
    );
}
