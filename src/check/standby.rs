//! What must stand in a region before a service moves there (`docs/facts.md`, "What stands in a
//! region before a service moves there"), as far as the fleet can tell.

use crate::diag::{self, Code, Diagnostic, Severity, Sink};
use crate::kube::RegionName;
use crate::model::Region;
use crate::model::{Model, Service};
use crate::spec::service::Strategy;
use std::sync::Arc;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    gateway(sink, model, service);
    kubernetes(sink, model, service);
    classes(sink, model, service);
}

/// A port for the gateway, in every region.
fn gateway(sink: &mut Sink, model: &Model, service: &Service) {
    let open = service.ports.iter().position(|port| port.gateway);
    let without: Vec<&str> = (service.regions.iter())
        .filter(|region| region.gateway.is_none() && region.gateway_ranges.is_empty())
        .map(|region| region.name.as_str())
        .collect();
    let (Some(port), Some(first)) = (open, without.first()) else { return };
    sink.error(
        Diagnostic::new(
            Code::NO_GATEWAY,
            format!(
                "nobody would reach `{}` in {}",
                service.name,
                diag::list(without.iter().copied())
            ),
        )
        .at(service.at(&["ports", &port.to_string(), "gateway"]), "open to the gateway")
        .related(model.fleet().document.key(&["regions", first]), "names none")
        .note("traffic that moves there in a failover would find a closed network")
        .help("name its namespace in the fleet: `gateway = \"…\"`, or from where it connects: `gateway_ranges`; or remove it here"),
    );
}

/// Velero does not restore into an older Kubernetes than the backup is of (migration-case.md).
fn kubernetes(sink: &mut Sink, model: &Model, service: &Service) {
    let [primary, others @ ..] = service.regions.as_slice() else { return };
    let restored = service.backs_up_data() && service.replication.is_none();
    if !restored || service.strategy == Strategy::ActiveActive {
        return;
    }
    for (index, region) in others.iter().enumerate() {
        if region.kubernetes >= primary.kubernetes {
            continue;
        }
        let version = |name: &str| model.fleet().document.at(&["regions", name, "kubernetes"]);
        let finding = Diagnostic::new(
            Code::OLDER_CLUSTER,
            format!(
                "backups of `{}` cannot be restored in `{}`: it runs Kubernetes {}",
                service.name, region.name, region.kubernetes
            ),
        )
        .at(service.at(&["regions", &(index + 1).to_string()]), "")
        .related(version(region.name.as_str()), "older")
        .related(
            version(primary.name.as_str()),
            format!("backups are of Kubernetes {}", primary.kubernetes),
        )
        .note("Velero does not restore objects into an older Kubernetes than they are from")
        .help(format!("upgrade `{}` to {} first", region.name, primary.kubernetes));
        sink.report(match until_back(model.fleet().lost()) {
            Some(why) => finding.note(why).severity(Severity::Warning),
            None => finding,
        });
    }
}

/// Why what only the loss of one more region would break is a warning, while others are lost.
pub(crate) fn until_back<'a>(
    lost: impl IntoIterator<Item = &'a RegionName> + Clone,
) -> Option<String> {
    let names = diag::list(lost.clone().into_iter().map(RegionName::as_str));
    let are = match lost.into_iter().count() {
        0 => return None,
        1 => "is",
        _ => "are",
    };
    Some(format!("a warning until {names} {are} back: promises are for one loss at a time"))
}

/// A claim that Velero restores keeps the name of its class. Where the spec names none, that is the
/// first of the region that was backed up.
fn classes(sink: &mut Sink, model: &Model, service: &Service) {
    if !service.backs_up_data() || service.replication.is_some() {
        return;
    }
    let backed_up: &[Arc<Region>] = match service.strategy {
        Strategy::ActiveActive => &service.regions,
        Strategy::BackupAndRestore | Strategy::PilotLight | Strategy::WarmStandby => {
            service.regions.get(..1).unwrap_or_default()
        }
    };
    let volumes = service.volumes.iter().enumerate();
    let unnamed =
        volumes.filter(|(_, volume)| volume.class.is_none() && volume.backup != Some(false));
    for (index, volume) in unnamed {
        let missing = service.regions.iter().find_map(|region| {
            let lacks = |name: &str| {
                !region.storage.is_empty() && region.storage.iter().all(|class| class.name != name)
            };
            let from = backed_up
                .iter()
                .find(|from| from.storage.first().is_some_and(|class| lacks(&class.name)))?;
            Some((region, from, &from.storage.first()?.name))
        });
        let Some((region, from, class)) = missing else { continue };
        let storage = |region: &Region| {
            model.fleet().document.key(&["regions", region.name.as_str(), "storage"])
        };
        sink.error(
            Diagnostic::new(
                Code::STORAGE_CLASS_UNKNOWN,
                format!(
                    "`{}` has no storage class `{class}`, which backups of volume `{}` ask for",
                    region.name, volume.name
                ),
            )
            .at(service.at(&["volumes", &index.to_string(), "name"]), "names no class")
            .related(storage(from), format!("the first of `{}`", from.name))
            .related(storage(region), "not among these")
            .note("a claim that is restored keeps the name of its class, and waits for ever where there is none of it")
            .help("name a class that all its regions have: `class = \"…\"`; or give one that name in the fleet"),
        );
    }
}
