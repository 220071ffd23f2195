//! What is around the objects: what the tree delivers, what the fleet declares.

use super::needed::engine;
use super::{Row, Says, command};
use crate::decide::{ServiceInRegion, locations, resources};
use crate::kube::engines::traffic::{DnsEngine, Seen};
use crate::model::BackupLocation;
use crate::model::{self, Fleet, Region};
use crate::plan::recovery;

/// The label of Velero's data movers, as `velero install` and its chart have it.
const NODE_AGENT: &str = "name=node-agent";

/// What opens the repositories in which Velero keeps data: another password opens nothing of them
/// (velero `pkg/repository/keys/keys.go`).
const REPOSITORIES: &str = "velero-repo-credentials";

pub(super) fn rows(here: &ServiceInRegion<'_>, lost: &[&Region]) -> Vec<Row> {
    let mut rows = vec![Row::new(Says::Tree, command::delivered())];
    if here.size.running > 0 {
        rows.push(Row::new(Says::Tree, command::pods()));
    }
    rows.extend(lost.iter().flat_map(|lost| stored(here, lost)));
    let restores = recovery::fails_over_by_restore(here);
    rows.extend(
        lost.iter().filter(|_| restores).flat_map(|lost| self::restores(here.region, lost)),
    );
    rows.extend(entry(here));
    rows.push(quota(here));
    rows
}

/// Where Velero reads what `lost` has written, and where it writes from here then.
fn stored(here: &ServiceInRegion<'_>, lost: &Region) -> Vec<Row> {
    let (fleet, service) = (here.fleet, here.service);
    let mut rows = Vec::new();
    let read = model::backup_locations(fleet, service, lost).into_iter();
    for read in read.filter(|one| service.keeps_data() && one.stored_in != lost.name.as_str()) {
        if read.bucket.is_some() {
            rows.extend(twin(here.region, lost, read));
        } else {
            let what = format!(
                "A BackupStorageLocation of this region reads what {} writes to `{}`: backups are listed here.",
                lost.name, read.name
            );
            rows.push(Row::judge(what));
            rows.push(Row::shown(recovery::backups(here)));
        }
    }
    let written = model::backup_locations(fleet, service, here.region);
    rows.extend(written.into_iter().flat_map(|written| location(here.region, written)));
    rows
}

/// A location that a region writes to.
pub(super) fn location(region: &Region, location: &BackupLocation) -> Vec<Row> {
    let says = if location.bucket.is_some() { Says::Tree } else { Says::You };
    let mut rows: Vec<Row> = credential(region, location).into_iter().collect();
    rows.push(available(region, &location.name, says));
    if location.stored_in != region.name.as_str() {
        rows.push(Row::judge(format!(
            "Backups from here go to `{}`, in {}: decide beforehand where they go if that is lost.",
            location.name, location.stored_in
        )));
    }
    rows
}

/// The location by which a region reads what another one writes.
pub(super) fn twin(region: &Region, writer: &Region, location: &BackupLocation) -> Vec<Row> {
    let name = locations::twin_name(writer, location);
    let credential = credential(region, location);
    credential.into_iter().chain([available(region, &name, Says::Tree)]).collect()
}

/// What a restore of what `lost` has backed up takes (`docs/facts.md`, "Restores in another
/// cluster").
pub(super) fn restores(region: &Region, lost: &Region) -> Vec<Row> {
    let velero = region.backup_namespace.as_str();
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
fn available(region: &Region, name: &str, says: Says) -> Row {
    Row::new(says, command::stores(region.backup_namespace.as_str(), name))
}

/// What opens a location, where the fleet names it.
fn credential(region: &Region, location: &BackupLocation) -> Option<Row> {
    let name = &location.credential.as_ref()?.name;
    let namespace = Some(region.backup_namespace.as_str());
    Some(Row::new(Says::Fleet, command::get(namespace, "secret", name)))
}

/// Who makes records there whatever services there are, if anybody does.
pub(super) fn records(fleet: &Fleet, region: &Region) -> Vec<Row> {
    let used = |engine: &&DnsEngine| fleet.dns.values().any(|zone| zone.engine == **engine);
    let engines = DnsEngine::ALL.iter().filter(used).filter(|_| region.entry.is_some());
    engines
        .filter_map(|engine| match engine.row().seen {
            Seen::Deployment { label, what } => Some(deployment(label, what)),
            Seen::Object { .. } => None,
        })
        .collect()
}

fn deployment(label: &str, what: &str) -> Row {
    let list = ["get", "deployments", "-A", "-l", label, "-o", "jsonpath={..args}"];
    let shown = command::kubectl(None, &list);
    Row::shown(format!("{shown}    # {what}"))
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
    match engine(here).map(|engine| &engine.row().seen) {
        Some(Seen::Object { resource, state }) if balanced => {
            let state = format!("{state}{}", region.name);
            let object = format!("{resource}/{}", service.logical(""));
            let wait = command::wait(Some(service.namespace.as_str()), &object, &state);
            rows.push(Row::new(Says::Fleet, wait));
        }
        Some(Seen::Object { .. }) => {}
        Some(Seen::Deployment { label, what }) => rows.push(deployment(label, what)),
        None if !traffic.hosts.is_empty() => {
            let hosts = crate::diag::list(traffic.hosts.iter().map(String::as_str));
            rows.push(Row::judge(format!(
                "Whoever manages the DNS records of {hosts} can point them here at any hour."
            )));
        }
        None => {}
    }
    rows
}

/// Room for what runs here once the region leads.
fn quota(here: &ServiceInRegion<'_>) -> Row {
    let count = here.leading_size.full;
    let (cpu, memory) = resources::of_replicas(here, count);
    Row::shown(format!("{}    # for {count} replicas: {cpu} CPU, {memory}", command::room()))
}
