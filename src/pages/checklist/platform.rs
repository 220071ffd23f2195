//! What is around the objects: what the tree delivers, what the fleet declares.

use super::needed::engine;
use super::{Row, Says, command};
use crate::decide::{ServiceInRegion, locations};
use crate::kube::{Namespace, delivery, labels};
use crate::model::{self, Fleet, Region};
use crate::model::{BackupLocation, DnsEngine};
use crate::plan::recovery;

/// The label of Velero's data movers, as `velero install` and its chart have it.
const NODE_AGENT: &str = "name=node-agent";

/// What opens the repositories in which Velero keeps data: another password opens nothing of them
/// (velero `pkg/repository/keys/keys.go`).
const REPOSITORIES: &str = "velero-repo-credentials";

pub(super) fn rows(here: &ServiceInRegion<'_>, lost: &[&Region]) -> Vec<Row> {
    let mut rows = delivered(here);
    rows.extend(lost.iter().flat_map(|lost| stored(here, lost)));
    rows.extend(lost.iter().flat_map(|lost| restored(here, lost)));
    rows.extend(entry(here));
    rows.push(quota(here));
    rows
}

/// What every service needs of a region: nodes, and what delivers.
pub(super) fn of_region(fleet: &Fleet, region: &Region) -> Vec<Row> {
    let zone =
        |zone: &crate::model::Zone| Row::new(Says::Fleet, command::nodes(&zone.name, zone.nodes));
    region.zones.iter().map(zone).chain(agents(fleet, region)).collect()
}

/// What the tree holds of the service, and what it shares there with others.
fn delivered(here: &ServiceInRegion<'_>) -> Vec<Row> {
    let (service, region) = (here.service, &here.region.name);
    let folder = format!("{region}/{}", service.name);
    let shared = format!("{region}/fleet/namespace-{}.yaml", service.namespace);
    let diff = command::kubectl(None, &["diff", "-R", "-f", &folder, "-f", &shared]);
    let mut rows = vec![Row::new(Says::Tree, diff)];
    if here.size.running > 0 {
        let label = format!("{}={}", labels::SERVICE, service.name);
        let ready = command::pods_ready(service.namespace.as_str(), &label);
        rows.push(Row::new(Says::Tree, ready));
    }
    rows
}

/// What delivers to this region, where it runs.
fn agents(fleet: &Fleet, region: &Region) -> Vec<Row> {
    let from = region.delivered_from.as_str();
    let declared = from != region.name.as_str();
    let says = if declared { Says::Fleet } else { Says::You };
    let declared_in = crate::plan::delivery::namespace(fleet);
    let agent = |(namespace, label): &(&str, &str)| {
        let namespace = declared_in.map_or(*namespace, Namespace::as_str);
        Row::new(
            says,
            match declared {
                true => command::pods_ready_in(from, namespace, label),
                false => command::pods_ready(namespace, label),
            },
        )
    };
    delivery::agents(fleet.delivery).iter().map(agent).collect()
}

/// Where Velero reads what `lost` has written, and where it writes from here then.
fn stored(here: &ServiceInRegion<'_>, lost: &Region) -> Vec<Row> {
    let (fleet, service) = (here.fleet, here.service);
    let mut rows = Vec::new();
    let read = model::backup_locations(fleet, service, lost).into_iter();
    for location in read.filter(|one| service.keeps_data() && one.stored_in != lost.name.as_str()) {
        if location.bucket.is_some() {
            rows.push(credential(here, location));
            rows.push(Some(available(here, &locations::twin_name(lost, location), Says::Tree)));
        } else {
            let what = format!(
                "A BackupStorageLocation of this region reads what {} writes to `{}`: backups are listed here.",
                lost.name, location.name
            );
            rows.push(Some(Row::judge(what)));
            rows.push(Some(Row::shown(recovery::backups(here))));
        }
    }
    for location in model::backup_locations(fleet, service, here.region) {
        let says = if location.bucket.is_some() { Says::Tree } else { Says::You };
        rows.push(credential(here, location));
        rows.push(Some(available(here, &location.name, says)));
        if location.stored_in == lost.name.as_str() {
            let what = format!(
                "Backups from here go to `{}`, which is stored in {}: while that is away there are none. Decide beforehand where they go then.",
                location.name, lost.name
            );
            rows.push(Some(Row::judge(what)));
        }
    }
    rows.into_iter().flatten().collect()
}

/// What a restore of what `lost` has backed up takes (`docs/facts.md`, "Restores in another
/// cluster").
fn restored(here: &ServiceInRegion<'_>, lost: &Region) -> Vec<Row> {
    if !recovery::fails_over_by_restore(here) {
        return Vec::new();
    }
    let velero = here.region.backup_namespace.as_str();
    let same =
        command::same((lost.name.as_str(), lost.backup_namespace.as_str()), REPOSITORIES, velero);
    let images =
        command::kubectl(Some(velero), &["get", "deployments", "-o", "jsonpath={..image}"]);
    vec![
        Row::new(Says::You, command::pods_ready(velero, NODE_AGENT)),
        Row::new(Says::You, same),
        Row::shown(format!("{images}    # as in {}, or later", lost.name)),
    ]
}

/// Whether Velero can use a location.
fn available(here: &ServiceInRegion<'_>, name: &str, says: Says) -> Row {
    let namespace = here.region.backup_namespace.as_str();
    Row::new(says, command::stores(namespace, name))
}

/// What opens a location, where the fleet names it.
fn credential(here: &ServiceInRegion<'_>, location: &BackupLocation) -> Option<Row> {
    let name = &location.credential.as_ref()?.name;
    let namespace = Some(here.region.backup_namespace.as_str());
    Some(Row::new(Says::Fleet, command::get(namespace, "secret", name)))
}

/// How users get in here, before and after their names lead here.
fn entry(here: &ServiceInRegion<'_>) -> Vec<Row> {
    let (service, region) = (here.service, here.region);
    let (Some(traffic), Some(entry)) = (&service.traffic, &region.entry) else { return Vec::new() };
    let mut rows = Vec::new();
    if let Some(address) = &entry.address {
        let hosts = traffic.hosts.iter();
        rows.extend(hosts.map(|host| Row::new(Says::You, command::certificate(host, address))));
    }
    let balanced = here.role.serves || service.moves_by_itself();
    match engine(here) {
        Some(DnsEngine::K8gb) if balanced => {
            let state = format!("jsonpath={{.status.geoTag}}={}", region.name);
            let object = format!("gslbs.k8gb.io/{}", service.logical(""));
            let wait = command::wait(Some(service.namespace.as_str()), &object, &state);
            rows.push(Row::new(Says::Fleet, wait));
        }
        Some(DnsEngine::ExternalDns) => {
            let label = "app.kubernetes.io/name=external-dns";
            let list = ["get", "deployments", "-A", "-l", label, "-o", "jsonpath={..args}"];
            let shown = command::kubectl(None, &list);
            rows.push(Row::shown(format!("{shown}    # its own owner id")));
        }
        Some(DnsEngine::K8gb) => {}
        None if !traffic.hosts.is_empty() => {
            let hosts = crate::diag::list(traffic.hosts.iter().map(String::as_str));
            rows.push(Row::judge(format!(
                "Whoever makes the records of {hosts} can point them here at any hour."
            )));
        }
        None => {}
    }
    rows
}

/// Room for what runs here once the region leads.
fn quota(here: &ServiceInRegion<'_>) -> Row {
    let service = here.service;
    let count = here.leading_size.full;
    let namespace = Some(service.namespace.as_str());
    let shown = command::kubectl(namespace, &["describe", "resourcequota"]);
    Row::shown(format!(
        "{shown}    # room for {count} replicas: {} CPU, {}",
        service.cpu * u64::from(count),
        service.memory * u64::from(count),
    ))
}
