//! What is around the objects: what the tree delivers, what the fleet declares.

use super::needed::engine;
use super::{Row, Says, command};
use crate::decide::{ServiceInRegion, locations};
use crate::kube::{delivery, labels};
use crate::model::{self, Region};
use crate::model::{BackupLocation, DnsEngine};
use crate::plan::recovery;

/// `kubectl`'s name of what Velero stores in.
const LOCATION: &str = "backupstoragelocations.velero.io";

/// The label of Velero's data movers, as `velero install` and its chart have it.
const NODE_AGENT: &str = "name=node-agent";

/// What opens the repositories in which Velero keeps data: another password opens nothing of them
/// (velero `pkg/repository/keys/keys.go`).
const REPOSITORIES: &str = "velero-repo-credentials";

pub(super) fn rows(here: &ServiceInRegion<'_>, lost: &[&Region]) -> Vec<Row> {
    let mut rows = nodes(here);
    rows.extend(delivered(here));
    rows.extend(agents(here));
    rows.extend(lost.iter().flat_map(|lost| stored(here, lost)));
    rows.extend(lost.iter().flat_map(|lost| restored(here, lost)));
    rows.extend(entry(here));
    rows.push(quota(here));
    rows
}

fn nodes(here: &ServiceInRegion<'_>) -> Vec<Row> {
    let zone = |zone: &crate::model::Zone| {
        let label = format!("topology.kubernetes.io/zone={}", zone.name);
        let list = command::kubectl(here, None, &["get", "nodes", "-l", &label, "--no-headers"]);
        let count = format!("[ \"$({list} | grep -cw Ready)\" -ge {} ]", zone.nodes);
        let what = format!("{} nodes that are ready in `{}`", zone.nodes, zone.name);
        Row::new(Says::Fleet, what, format!("sh -c {}", command::word(&count))).tonight()
    };
    here.region.zones.iter().map(zone).collect()
}

/// What the tree holds of the service, and what it shares there with others.
fn delivered(here: &ServiceInRegion<'_>) -> Vec<Row> {
    let (service, region) = (here.service, &here.region.name);
    let folder = format!("{region}/{}", service.name);
    let shared = format!("{region}/fleet/namespace-{}.yaml", service.namespace);
    let diff = command::kubectl(here, None, &["diff", "-R", "-f", &folder, "-f", &shared]);
    let what = format!("`{folder}` as this tree has it, without a difference");
    let mut rows = vec![Row::new(Says::Tree, what, diff).tonight()];
    if here.size.running > 0 {
        let label = format!("{}={}", labels::SERVICE, service.name);
        let ready = command::pods_ready(region.as_str(), service.namespace.as_str(), &label);
        rows.push(Row::new(Says::Tree, "pods that are ready".to_owned(), ready));
    }
    rows
}

/// What delivers to this region, where it runs.
fn agents(here: &ServiceInRegion<'_>) -> Vec<Row> {
    let from = here.region.delivered_from.as_str();
    let declared = from != here.region.name.as_str();
    let says = if declared { Says::Fleet } else { Says::You };
    let agent = |(namespace, label): &(&str, &str)| {
        let (_, name) = label.split_once('=').unwrap_or(("", label));
        let what = format!("`{name}` in {from}, which delivers");
        Row::new(says, what, command::pods_ready(from, namespace, label)).tonight()
    };
    delivery::agents(here.fleet.delivery).iter().map(agent).collect()
}

/// Where Velero reads what `lost` has written, and where it writes from here then.
fn stored(here: &ServiceInRegion<'_>, lost: &Region) -> Vec<Row> {
    let (fleet, service) = (here.fleet, here.service);
    let mut rows = Vec::new();
    let read = model::backup_locations(fleet, service, lost).into_iter();
    for location in read.filter(|one| service.keeps_data() && one.stored_in != lost.name.as_str()) {
        if location.bucket.is_some() {
            let name = locations::twin_name(lost, location);
            rows.push(credential(here, location));
            rows.push(Some(available(here, &name, "read from", Says::Tree).tonight()));
        } else {
            let what = format!(
                "A BackupStorageLocation of this region reads what {} writes to `{}`: backups are listed here.",
                lost.name, location.name
            );
            rows.push(Some(Row::judge(what, Some(recovery::backups(here)))));
        }
    }
    for location in model::backup_locations(fleet, service, here.region) {
        let says = if location.bucket.is_some() { Says::Tree } else { Says::You };
        let row = available(here, &location.name, "written to", says);
        rows.push(credential(here, location));
        if location.stored_in == lost.name.as_str() {
            let what = format!(
                "Backups from here go to `{}`, which is stored in {}: while that is away there are none. Where they go then is decided beforehand.",
                location.name, lost.name
            );
            rows.extend([Some(row), Some(Row::judge(what, None))]);
        } else {
            rows.push(Some(row.tonight()));
        }
    }
    rows.into_iter().flatten().collect()
}

/// What a restore of what `lost` has backed up takes (`ha-dr` 1.12).
fn restored(here: &ServiceInRegion<'_>, lost: &Region) -> Vec<Row> {
    if !recovery::fails_over_by_restore(here) {
        return Vec::new();
    }
    let velero = here.region.backup_namespace.as_str();
    let ready = command::pods_ready(here.region.name.as_str(), velero, NODE_AGENT);
    let agent = Row::new(Says::You, "node-agent of Velero, which copies data".to_owned(), ready);
    let same = command::same(
        (lost.name.as_str(), lost.backup_namespace.as_str()),
        (here.region.name.as_str(), velero),
        &["get", "secret", REPOSITORIES, "-o", "jsonpath={.data}"],
    );
    let what = format!("Secret `{REPOSITORIES}` of Velero as it is in {}", lost.name);
    let version = format!(
        "Velero is of the same minor version as in {}, or of one later: a newer backup may not be understood.",
        lost.name
    );
    let shown =
        command::kubectl(here, Some(velero), &["get", "deployments", "-o", "jsonpath={..image}"]);
    vec![agent, Row::new(Says::You, what, same), Row::judge(version, Some(shown))]
}

/// Whether Velero can use a location.
fn available(here: &ServiceInRegion<'_>, name: &str, used: &str, says: Says) -> Row {
    let namespace = Some(here.region.backup_namespace.as_str());
    let state = "jsonpath={.status.phase}=Available";
    let wait = command::wait(here, namespace, &format!("{LOCATION}/{name}"), state);
    Row::new(says, format!("backup location `{name}`, {used}"), wait)
}

/// What opens a location, where the fleet names it.
fn credential(here: &ServiceInRegion<'_>, location: &BackupLocation) -> Option<Row> {
    let name = &location.credential.as_ref()?.name;
    let namespace = Some(here.region.backup_namespace.as_str());
    let get = command::get(here, namespace, "secret", name);
    Some(Row::new(Says::Fleet, format!("Secret `{name}` of Velero"), get).tonight())
}

/// How users get in here, before and after their names lead here.
fn entry(here: &ServiceInRegion<'_>) -> Vec<Row> {
    let (service, region) = (here.service, here.region);
    let (Some(traffic), Some(entry)) = (&service.traffic, &region.entry) else { return Vec::new() };
    let mut rows = Vec::new();
    if let Some(address) = &entry.address {
        rows.extend(traffic.hosts.iter().map(|host| {
            let what = format!("a certificate of `{host}` at `{address}`");
            Row::new(Says::You, what, command::certificate(host, address)).tonight()
        }));
    }
    let balanced = here.role.serves || service.moves_by_itself();
    match engine(here) {
        Some(DnsEngine::K8gb) if balanced => {
            let state = format!("jsonpath={{.status.geoTag}}={}", region.name);
            let object = format!("gslbs.k8gb.io/{}", service.logical(""));
            let wait = command::wait(here, Some(service.namespace.as_str()), &object, &state);
            let what = format!("k8gb, whose geo tag is `{}`", region.name);
            rows.push(Row::new(Says::Fleet, what, wait));
        }
        Some(DnsEngine::ExternalDns) => {
            let list = [
                "get",
                "deployments",
                "-A",
                "-l",
                "app.kubernetes.io/name=external-dns",
                "-o",
                "jsonpath={..args}",
            ];
            let what = "ExternalDNS has a `--txt-owner-id` of its own here, and `--policy=upsert-only`: another region must not delete what this one needs.";
            rows.push(Row::judge(what.to_owned(), Some(command::kubectl(here, None, &list))));
        }
        Some(DnsEngine::K8gb) => {}
        None if !traffic.hosts.is_empty() => {
            let hosts = crate::diag::list(traffic.hosts.iter().map(String::as_str));
            rows.push(Row::judge(
                format!("Whoever makes the records of {hosts} can point them here at any hour."),
                None,
            ));
        }
        None => {}
    }
    rows
}

/// Room for what runs here once the region leads.
fn quota(here: &ServiceInRegion<'_>) -> Row {
    let service = here.service;
    let count = here.leading_size.full;
    let what = format!(
        "No quota, of the namespace or of the provider, is in the way of {count} replicas: {} of CPU, {} of memory.",
        service.cpu * u64::from(count),
        service.memory * u64::from(count),
    );
    let namespace = Some(service.namespace.as_str());
    Row::judge(what, Some(command::kubectl(here, namespace, &["describe", "resourcequota"])))
}
