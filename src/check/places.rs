//! Regions that are clusters in one place: what takes the place down takes all of them.

use super::regions::elsewhere;
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::model::{Model, Service};
use crate::spec::fleet::Survives;
use std::collections::BTreeSet;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    let places: BTreeSet<&str> =
        service.regions.iter().map(|region| region.location.as_str()).collect();
    if places.len() == service.regions.len() {
        return;
    }
    let promised = service.tier.survives == Survives::Region
        || (places.len() as u64) < u64::from(service.tier.regions);
    let severity = if promised { Severity::Error } else { Severity::Warning };
    let at = |index: usize| service.at(&["regions", &index.to_string()]);
    for (index, region) in service.regions.iter().enumerate() {
        let before = &service.regions[..index];
        let first = before.iter().position(|other| other.location == region.location);
        let Some(first) = first else { continue };
        let mut finding = Diagnostic::new(
            Code::REGIONS_FAIL_TOGETHER,
            format!(
                "`{}` and `{}` are both in `{}`",
                before[first].name, region.name, region.location
            ),
        )
        .severity(severity)
        .at(at(index), "here again")
        .related(at(first), "first here");
        if promised {
            let needs = service.tier.regions;
            finding = finding.related(
                service.at(&["tier"]),
                format!("{needs} regions, so that one may be lost"),
            );
        }
        sink.report(
            finding
                .note("what takes the place down takes both, so they count as one region")
                .help(elsewhere(model, service, "choose another region")),
        );
    }
}
