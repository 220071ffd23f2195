//! What all services of a region rest on: its backup locations, and the metrics that others read.

use super::super::control_plane::NAMESPACE;
use super::super::namespaces::managed;
use super::super::values::{Alerts, Map, Meta, Values};
use super::super::{Origin, Planned, shared};
use super::pods::ZONE;
use super::{Condition, Severity, select, shared_backups, spell};
use crate::decide::Decided;
use crate::decide::control_plane::{SNAPSHOTS, Saved, TAKES, saved};
use crate::decide::locations::twin_name;
use crate::decide::watch::{SILENCE, UNREACHED};
use crate::kube::{Kind, Namespace};
use crate::model::Region;
use crate::quantity::Duration;

/// The name of the object and of its group.
const NAME: &str = "ninefold";

/// The section of the card of a cluster.
const SECTION: &str = "alerts-of-what-services-share";

/// `velero_backup_location_status_gauge` is 1 for a location that answers, 0 for one that does not
/// (velero `pkg/controller/backup_storage_location_controller.go`).
const LOCATION: &str = "velero_backup_location_status_gauge";

pub(in crate::plan) fn plan(decided: &Decided) -> Vec<Planned> {
    let fleet = decided.fleet();
    let twins = decided.twins();
    let several = crate::decide::shared::of(decided);
    let watched = fleet.hosts().filter(|region| region.prometheus.is_some());
    let of = |region: &Region| {
        let mut conditions = Vec::new();
        for location in &region.backup_locations {
            let use_of_it = format!("backups of {} are written to it", region.name);
            conditions.extend(location_conditions(region, &location.name, &use_of_it));
        }
        for twin in twins.iter().filter(|twin| twin.reader == region.name) {
            let writer = &fleet.regions[&twin.writer];
            let location = writer.backup_locations.iter().find(|one| one.name == twin.location);
            let Some(location) = location else { continue };
            let use_of_it = format!(
                "{} reads backups of {} there to stand in for it",
                region.name, writer.name
            );
            conditions.extend(location_conditions(
                region,
                &twin_name(writer, location),
                &use_of_it,
            ));
        }
        let here = several.iter().filter(|one| one.region.host == region.name);
        conditions.extend(here.flat_map(|one| shared_backups::conditions(one, SECTION)));
        conditions.push(zones(region));
        conditions.push(endpoints(region));
        conditions.extend(etcd(region));
        let mut labels = managed(region);
        select(region, &mut labels);
        // Beside Velero, which most of it is about, or where every cluster has a namespace.
        let namespace = match region.velero {
            true => region.backup_namespace.clone(),
            false => Namespace::new(NAMESPACE),
        };
        let values = Alerts {
            meta: Meta {
                name: NAME.to_owned(),
                namespace: Some(namespace.to_string()),
                labels,
                annotations: Map::new(),
            },
            group: format!("{NAME}-{}", region.name),
            alerts: spell(region, &format!("fleet/{}", region.name), &Map::new(), conditions),
        };
        let id = (Kind::PrometheusRule, Some(namespace), NAME, NAME);
        let span = fleet.document.key(&["regions", region.name.as_str(), "prometheus"]);
        let origin = Origin { span, key: "prometheus" };
        shared(fleet, region, id, Values::Alerts(Box::new(values)), origin)
    };
    watched.map(of).collect()
}

fn location_conditions(region: &Region, location: &str, use_of_it: &str) -> [Condition; 2] {
    let series = format!("{LOCATION}{{backup_location_name=\"{location}\"}}");
    let look = format!(
        "kubectl --namespace {} describe backupstoragelocation {location}",
        region.backup_namespace
    );
    let condition = |name, expression, hold, summary, reason, action| Condition {
        name,
        expression,
        hold,
        severity: Severity::Critical,
        summary,
        reason: format!("{use_of_it}; {reason}"),
        about: Some(("location", location.to_owned())),
        section: SECTION.to_owned(),
        action: Some(format!("{look}{action}")),
    };
    [
        condition(
            "BackupLocationUnavailable",
            format!("max({series}) == 0"),
            UNREACHED,
            format!("Velero in {} cannot reach its location {location}", region.name),
            "Velero looks every minute, and five are no accident",
            ": its message says why; until it answers, nothing is stored there and nothing is restored from it",
        ),
        condition(
            "BackupLocationNotSeen",
            format!("absent({series})"),
            SILENCE,
            format!("Nothing tells whether Velero in {} reaches {location}", region.name),
            "it does not exist, or Velero is not scraped",
            "; if it exists, look for the ServiceMonitor or PodMonitor of Velero",
        ),
    ]
}

fn zones(region: &Region) -> Condition {
    Condition {
        name: "ZonesOfNodesNotSeen",
        expression: format!("absent(kube_node_labels{{{ZONE}!=\"\"}})"),
        hold: SILENCE,
        severity: Severity::Warning,
        summary: format!("Nothing tells which nodes of {} are in which zone", region.name),
        reason: "replicas that pile up in one zone go unseen".to_owned(),
        about: None,
        section: SECTION.to_owned(),
        action: Some("kube-state-metrics must run with --metric-labels-allowlist=nodes=[topology.kubernetes.io/zone]".to_owned()),
    }
}

fn endpoints(region: &Region) -> Condition {
    Condition {
        name: "EndpointsNotSeen",
        expression: "absent(kube_endpointslice_info)".to_owned(),
        hold: SILENCE,
        severity: Severity::Warning,
        summary: format!("Nothing tells which pods of {} get requests", region.name),
        reason: "where a zone is cordoned, its pods are ready and get none, and that goes unseen"
            .to_owned(),
        about: None,
        section: SECTION.to_owned(),
        action: Some(
            "kube-state-metrics must run with endpointslices among its --resources".to_owned(),
        ),
    }
}

/// Snapshots of etcd that are too old, or were never made.
fn etcd(region: &Region) -> Vec<Condition> {
    let Some(snapshots) = region.snapshots() else { return Vec::new() };
    let series = format!(
        "kube_cronjob_status_last_successful_time{{namespace=\"{NAMESPACE}\",cronjob=\"{SNAPSHOTS}\"}}"
    );
    let Saved { every: interval, max_age: limit, .. } = saved(region, snapshots);
    let act = format!(
        "kubectl --namespace {NAMESPACE} get jobs,pods | grep {SNAPSHOTS}; kubectl --namespace {NAMESPACE} create job --from=cronjob/{SNAPSHOTS} {SNAPSHOTS}-by-hand"
    );
    let condition = |name, expression, hold, summary| Condition {
        name,
        expression,
        hold,
        severity: Severity::Critical,
        summary,
        reason: format!(
            "one every {interval}, of which one may fail, and each is given {TAKES}: {limit}"
        ),
        about: None,
        section: SECTION.to_owned(),
        action: Some(act.clone()),
    };
    vec![
        condition(
            "EtcdSnapshotTooOld",
            format!("time() - max({series}) > {}", limit.as_seconds()),
            Duration::default(),
            format!(
                "The last snapshot of the etcd of {} ended {{{{ $value | humanizeDuration }}}} ago",
                region.name
            ),
        ),
        condition(
            "EtcdSnapshotNeverSeen",
            format!("absent({series})"),
            limit,
            format!("No snapshot of the etcd of {} is known", region.name),
        ),
    ]
}
