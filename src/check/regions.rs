//! Enough regions and zones for the tier, and a recovery strategy that it allows.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Model, Region, Service, Tier};
use crate::spec::fleet::Survives;
use crate::spec::service::Strategy;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    let tier = &service.tier;
    let (has, needs) = (service.regions.len(), tier.regions as usize);
    if has < needs {
        sink.error(
            Diagnostic::new(
                Code::TOO_FEW_REGIONS,
                format!(
                    "`{}` has {has} {}, `{}` needs {needs}",
                    service.name,
                    plural(has, "region"),
                    tier.name
                ),
            )
            .at(service.at(&["regions"]), "")
            .related(service.at(&["tier"]), format!("{needs} regions, so that one may be lost"))
            .help(format!(
                "{}{}",
                elsewhere(model, service, &format!("add {} more", needs - has)),
                lesser(model, service, |tier| tier.regions as usize <= has)
            )),
        );
    }
    strategy(sink, service);
    standby_without_data(sink, service);
    for (index, region) in service.regions.iter().enumerate() {
        let (has, needs) = (region.zones.len(), tier.zones as usize);
        if has < needs {
            let why = match tier.survives {
                Survives::Zone | Survives::Region => "so that one may be lost",
                Survives::Pod | Survives::Node => "so that replicas can spread",
            };
            let zones = match &region.pool {
                Some(_) => model.fleet().document.at_owned(&region.path_of_zones()),
                None => model.fleet().document.key(&["regions", region.name.as_str(), "zones"]),
            };
            sink.error(
                Diagnostic::new(
                    Code::TOO_FEW_ZONES,
                    format!(
                        "{} has {has} {}, `{}` needs {needs}",
                        region.called(),
                        plural(has, "zone"),
                        tier.name
                    ),
                )
                .at(service.at(&["regions", &index.to_string()]), "")
                .related(service.at(&["tier"]), format!("{needs} zones, {why}"))
                .related(zones, "declared here")
                .help(format!(
                    "{}{}",
                    elsewhere(
                        model,
                        service,
                        &format!(
                            "{} more {} with nodes, or another region",
                            needs - has,
                            plural(needs - has, "zone")
                        )
                    ),
                    lesser(model, service, |tier| tier.zones as usize <= has)
                )),
            );
        }
    }
}

/// `what`, and the regions of the fleet that will do: in a place of their own, with zones for the
/// tier, and where the data may be.
pub(super) fn elsewhere(model: &Model, service: &Service, what: &str) -> String {
    let fits = |region: &&std::sync::Arc<Region>| {
        region.zones.len() >= service.tier.zones as usize
            && region.environment.as_deref() == service.name.environment()
            && service.regions.iter().all(|taken| taken.location != region.location)
            && (service.residency.is_empty() || service.residency.contains(&region.geography))
    };
    let names: Vec<&str> =
        model.fleet().regions.values().filter(fits).map(|region| region.name.as_str()).collect();
    match names.as_slice() {
        [] => format!("{what}, which the fleet does not have yet"),
        [..] => format!("{what}: {}", diag::list(names)),
    }
}

/// The best tier that asks for no more, as an alternative.
fn lesser(model: &Model, service: &Service, fits: impl Fn(&Tier) -> bool) -> String {
    let tiers = model.fleet().tiers.values().filter(|tier| {
        fits(tier)
            && tier.zones <= service.tier.zones
            && tier.regions <= service.tier.regions
            && tier.survives < service.tier.survives
    });
    let best = tiers.max_by(|a, b| {
        (a.survives.cmp(&b.survives)).then_with(|| a.availability.total_cmp(&b.availability))
    });
    best.map_or_else(String::new, |tier| format!("; or tier `{}`", tier.name))
}

fn strategy(sink: &mut Sink, service: &Service) {
    let written = service.document.has(&["recovery"]);
    let place = service.origin(&["recovery"]);
    let word = service.strategy.word();
    if service.regions.len() == 1 {
        if written && service.strategy != Strategy::BackupAndRestore {
            sink.error(
                Diagnostic::new(Code::STRATEGY_NOT_ALLOWED, format!("`{word}` needs two regions"))
                    .at(service.at(&["recovery"]), "")
                    .related(service.at(&["regions"]), "one region")
                    .help(match service.name.environment() {
                        None => "add a region, or leave `recovery` out".to_owned(),
                        // What is at the top cannot be left out here.
                        Some(environment) => format!(
                            "add a region, or write `recovery = \"{}\"` below `[environments.{environment}]`",
                            Strategy::BackupAndRestore.word()
                        ),
                    }),
            );
        }
    } else if !service.tier.strategies.contains(&service.strategy) {
        let allowed = service.tier.strategies.iter().map(|strategy| strategy.word());
        sink.error(
            Diagnostic::new(
                Code::STRATEGY_NOT_ALLOWED,
                format!("`{}` does not allow `{word}`", service.tier.name),
            )
            .at(place, "")
            .related(service.at(&["tier"]), "the tier")
            .help(format!("it allows {}", diag::list(allowed))),
        );
    }
}

/// Whether a standby has the data. Without it, a pilot light and a warm standby are a backup that is
/// restored, whatever runs there (`docs/facts.md`, "Strategies for the loss of a region"), and of
/// regions that all serve each has its own.
fn standby_without_data(sink: &mut Sink, service: &Service) {
    let copied = service.replication.is_some() || service.doubts.any(&["data", "volumes"]);
    let alone = service.regions.len() < 2 || service.strategy == Strategy::BackupAndRestore;
    if alone || copied || !service.backs_up_data() {
        return;
    }
    let word = service.strategy.word();
    let (message, note) = match service.strategy {
        Strategy::ActiveActive => (
            format!("each region of `{}` has data of its own", service.name),
            "what only a lost region holds comes back from its backup, until then the others serve without it",
        ),
        Strategy::BackupAndRestore | Strategy::PilotLight | Strategy::WarmStandby => (
            format!("the {word} of `{}` has no data until it is restored", service.name),
            "nothing copies its volumes there: it is `backup and restore`, with the time that a restore takes",
        ),
    };
    sink.report(
        Diagnostic::new(Code::STANDBY_WITHOUT_DATA, message)
            .at(service.origin(&["recovery"]), "")
            .related(service.document.key(&["volumes"]), "backed up, and not replicated")
            .note(note)
            .help("declare who copies them: `[data.replication]`; or accept this, with a reason: `[[accept]]`"),
    );
}

fn plural(count: usize, one: &str) -> String {
    if count == 1 { one.to_owned() } else { format!("{one}s") }
}
