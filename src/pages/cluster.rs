//! The card of a cluster: what the procedures for the loss of a control plane, and for a new cluster,
//! leave open. It speaks of the fleet alone, so that a change of a service changes no page that all
//! of them share.

use super::cluster_values::{Class, Cluster, Databases, Entry, Etcd, Location, Records, Workers};
use super::variables::Variables;
use super::{Page, checklist, functions, procedure};
use crate::decide::control_plane::{SILENT, SNAPSHOTS, Saved, TAKES, saved};
use crate::decide::{Decided, database};
use crate::kube::{Kind, RegionName};
use crate::model::Region;
use crate::model::{EtcdSnapshots, Provider};
use crate::plan::Origin;
use crate::plan::control_plane::{NAMESPACE, card, health_check, secrets};
use std::collections::BTreeSet;

/// The page of every region, and what it comes from.
pub(crate) fn pages(decided: &Decided) -> Vec<(Page<Cluster>, Origin)> {
    decided.fleet().regions.values().map(|region| page(decided, region)).collect()
}

/// The page of a region, and what it comes from.
pub(crate) fn page(decided: &Decided, region: &Region) -> (Page<Cluster>, Origin) {
    let fleet = decided.fleet();
    let used: BTreeSet<&RegionName> = (decided.services().iter())
        .flat_map(|service| service.regions.iter().map(|region| &region.name))
        .collect();
    let (file, template) = (card(region), "card/cluster.md");
    let span = fleet.document.key(&["regions", region.name.as_str()]);
    let values = cluster(decided, region, used.contains(&region.name));
    (Page { file, template, values }, Origin { span, key: "regions" })
}

fn cluster(decided: &Decided, region: &Region, used: bool) -> Cluster {
    let fleet = decided.fleet();
    let asked = checklist::of_region(decided, region);
    let managed = managed(region);
    Cluster {
        region: region.name.to_string(),
        used,
        cluster: region.cluster.clone(),
        kubernetes: region.kubernetes.to_string(),
        cloud: match region.provider {
            Provider::Azure => Some("Azure"),
            Provider::Aws => Some("AWS"),
            Provider::Google => Some("Google Cloud"),
            Provider::Other => None,
        },
        managed,
        ours: region.control_plane.is_some(),
        state: managed.and_then(|_| state(region)),
        zones: region.zones.len(),
        procedure: procedure::cluster(fleet, region).name,
        variables: std::iter::once(format!("{} NAMESPACE=''", functions::READ))
            .chain(variables(region).lines())
            .collect(),
        alerts: region.prometheus.is_some(),
        checks: asked.lines,
        judged: asked.judged,
        velero: region.velero.then(|| region.backup_namespace.to_string()),
        shared_backups: crate::decide::shared::of(decided)
            .iter()
            .any(|shared| shared.region.name == region.name),
        concurrency: region.backups.concurrency,
        folder: (region.backup_locations.iter())
            .any(|location| location.bucket.is_some() && location.prefix.is_none()),
        locations: locations(region),
        classes: (region.storage.iter())
            .map(|class| Class { name: class.name.clone(), redundancy: class.redundancy.clone() })
            .collect(),
        entry: region.entry.as_ref().and_then(|entry| {
            let gateway = entry.gateway.clone().map(|name| ("Gateway", name));
            let (kind, name) =
                gateway.or(entry.class.clone().map(|name| ("IngressClass", name)))?;
            Some(Entry { kind, name, address: entry.address.clone() })
        }),
        gateway: region.gateway.as_ref().map(ToString::to_string),
        records: (fleet.dns.iter())
            .map(|(name, zone)| (name.clone(), zone.engine.row()))
            .map(|(zone, engine)| Records { zone, engine: engine.name, tag: engine.tag })
            .collect(),
        prometheus: region.prometheus.is_some(),
        databases: region.postgresql.as_ref().map(|platform| Databases {
            archive: platform.archive.clone(),
            stored_in: platform.stored_in.clone(),
            operator: database::operator(region).to_owned(),
        }),
        node_local_dns: region.node_local_dns.map(|address| address.to_string()),
        etcd: region.snapshots().map(|snapshots| etcd(region, snapshots)),
        machines: (region.control_plane.as_ref())
            .and_then(|control_plane| control_plane.machines.as_ref())
            .map(|machines| Workers {
                cluster: machines.cluster.clone(),
                namespace: machines.namespace.clone(),
                check: health_check(machines),
                silent: SILENT.to_string(),
            }),
    }
}

/// What the procedures need.
pub(crate) fn variables(region: &Region) -> Variables {
    let mut variables = Variables::default();
    variables.set("REGION", region.name.as_str());
    if let Some(environment) = &region.environment {
        variables.set("ENVIRONMENT", environment.as_str());
    }
    if region.velero {
        variables.set("VELERO", region.backup_namespace.as_str());
        let locations = region.backup_locations.iter().map(|location| location.name.as_str());
        variables.set("LOCATIONS", locations.collect::<Vec<_>>().join(" "));
    }
    if let Some(snapshots) = region.snapshots() {
        variables.set("CRONJOB", SNAPSHOTS);
        variables.set("CRON_NAMESPACE", NAMESPACE);
        variables.set("CRON_LIMIT", format!("{}s", TAKES.as_seconds()));
        variables.set("IMAGE", snapshots.image.as_str());
    }
    if let Some(machines) = region.control_plane.as_ref().and_then(|plane| plane.machines.as_ref())
    {
        variables.set("MACHINES", machines.cluster.as_str());
        variables.set("MACHINES_NAMESPACE", machines.namespace.as_str());
    }
    variables
}

/// Who runs the control plane, if not this fleet: a region that declares one runs it.
pub(crate) fn managed(region: &Region) -> Option<&'static str> {
    match (region.provider, &region.control_plane) {
        (_, Some(_)) | (Provider::Other, None) => None,
        (Provider::Azure, None) => Some("AKS"),
        (Provider::Aws, None) => Some("EKS"),
        (Provider::Google, None) => Some("GKE"),
    }
}

fn state(region: &Region) -> Option<String> {
    let Region { cluster, location, .. } = region;
    match region.provider {
        Provider::Azure => Some(format!(
            "az aks show --name {cluster} --resource-group RESOURCE_GROUP --query '{{power: powerState.code, state: provisioningState}}'"
        )),
        Provider::Aws => Some(format!(
            "aws eks describe-cluster --name {cluster} --region {location} --query 'cluster.[status, health]'"
        )),
        Provider::Google => Some(format!(
            "gcloud container clusters describe {cluster} --location {location} --format 'value(status, statusMessage)'"
        )),
        Provider::Other => None,
    }
}

fn locations(region: &Region) -> Vec<Location> {
    let locations = region.backup_locations.iter().map(|location| Location {
        name: location.name.clone(),
        stored_in: location.stored_in.clone(),
        plugin: region.plugin(location.provider.as_ref()).to_owned(),
        bucket: location.bucket.clone(),
        prefix: region.prefix(location).to_owned(),
        credential: location.credential.as_ref().map(|key| key.name.clone()),
    });
    locations.collect()
}

fn etcd(region: &Region, written: &EtcdSnapshots) -> Etcd {
    let Saved { every, cron, max_age, .. } = saved(region, written);
    let stem = Kind::CronJob.row().expect("the plan makes built-in kinds").stem;
    Etcd {
        namespace: NAMESPACE,
        cronjob: SNAPSHOTS,
        file: format!("{}/fleet/{stem}-{SNAPSHOTS}.yaml", region.name),
        cron,
        every: every.to_string(),
        takes: TAKES.to_string(),
        oldest: (every + TAKES).to_string(),
        oldest_after_failure: max_age.to_string(),
        stored_in: written.stored_in.clone(),
        uploader: written.upload.image.clone(),
        arguments: written.upload.args.join(" ").split_whitespace().collect::<Vec<_>>().join(" "),
        secret: written.upload.secret.clone(),
        secrets: secrets(region, written),
    }
}
