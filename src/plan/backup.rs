//! Schedules, and the policy that says what of the volumes they keep.

use super::namespaces::managed;
use super::values::{Map, Meta, Values};
use super::{Origin, Planned};
use crate::decide::schedules::{self, Scheduled};
use crate::decide::shared::{EVERY_NAMESPACE, Shared};
use crate::decide::{Decided, ServiceInRegion};
use crate::kube::{Kind, labels};
use crate::model::Scope;
use crate::yaml::{self, Value};
use serde::Serialize;

/// A Velero Schedule.
#[derive(Clone, Debug, Serialize)]
pub struct Schedule {
    /// Its metadata.
    pub meta: Meta,
    /// Five fields of cron, in UTC.
    pub cron: String,
    /// The labels of the backups that it makes.
    pub backup_labels: Map,
    /// The namespace that is backed up.
    pub namespace: String,
    /// Only what carries these labels; none means all.
    pub selector: Map,
    /// The label that what is backed up does not carry; none where it may.
    pub unmarked: Option<String>,
    /// The namespaces that are left out, where all others are backed up.
    pub apart: Vec<String>,
    /// The backup storage location.
    pub location: String,
    /// Whether there are volumes to back up.
    pub volumes: bool,
    /// The ConfigMap that says which volumes are backed up how.
    pub policy: Option<String>,
    /// Pods in the order in which they are backed up, `namespace/name`, with commas between.
    pub ordered_pods: Option<String>,
    /// Go duration.
    pub snapshot_timeout: String,
    /// Go duration.
    pub operation_timeout: String,
    /// Go duration.
    pub keep: String,
    /// Commands around snapshots.
    pub hooks: Vec<Hook>,
}

/// Commands around the snapshots of a service's volumes.
#[derive(Clone, Debug, Serialize)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// The namespace of the pods.
    pub namespace: String,
    /// The labels of the pods.
    pub selector: Map,
    /// The command before; may be empty.
    pub before: Vec<String>,
    /// The command after; may be empty.
    pub after: Vec<String>,
    /// Go duration.
    pub timeout: String,
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    if here.backups.is_none() {
        return;
    }
    let service = here.service;
    let policy = service.keeps_data().then(|| service.logical("volume-policy"));
    if let Some(policy) = &policy {
        let data = Map::from([("policy.yaml".to_owned(), volume_policy(here))]);
        let values = Values::ConfigMap { meta: in_velero(here, policy), data, binary: Map::new() };
        let namespace = here.region.backup_namespace.clone();
        let name = policy.clone();
        let (kind, part) = (Kind::ConfigMap, "volume-policy");
        objects.push(here.object_in(namespace, kind, name, part, "volumes", values));
    }
    for scheduled in schedules::of(here) {
        let values = schedule(here, &scheduled, policy.clone());
        let values = Values::Schedule(Box::new(values));
        let namespace = here.region.backup_namespace.clone();
        let Scheduled { name, part, .. } = scheduled;
        objects.push(here.object_in(namespace, Kind::Schedule, name, part, "rpo", values));
    }
}

/// The Schedules that services without volumes share.
pub(super) fn shared(decided: &Decided) -> Vec<Planned> {
    let fleet = decided.fleet();
    let object = |one: &Shared<'_>| {
        let region = one.region;
        let namespace = region.backup_namespace.clone();
        let id = (Kind::Schedule, Some(namespace), &*one.name, &*one.part);
        // Who asks for it changes with every service; the tier does not.
        let path = ["tiers", &one.tier.name];
        let written = fleet.document.has(&path);
        let span = fleet.document.key(if written { &path } else { &["regions"] });
        let key = if written { "tiers" } else { "regions" };
        let values = Values::Schedule(Box::new(of_several(one)));
        super::shared(fleet, region, id, values, Origin { span, key })
    };
    crate::decide::shared::of(decided).iter().map(object).collect()
}

fn of_several(one: &Shared<'_>) -> Schedule {
    let region = one.region;
    let mut selector = Map::from([
        (labels::REGION.to_owned(), region.name.to_string()),
        (labels::TIER.to_owned(), one.tier.name.clone()),
    ]);
    let mut backup_labels = selector.clone();
    backup_labels.insert(labels::BACKUP.to_owned(), one.name.clone());
    let unmarked = one.marked.is_none().then(|| labels::BACKUP.to_owned());
    selector.extend(one.marked.clone().map(|mark| (labels::BACKUP.to_owned(), mark)));
    let (snapshot, operation) = one.cadence.timeouts();
    Schedule {
        meta: Meta {
            name: one.name.clone(),
            namespace: Some(region.backup_namespace.to_string()),
            labels: managed(region),
            annotations: Map::from([(labels::SLOT.to_owned(), one.cadence.slot().go())]),
        },
        cron: one.cron.clone(),
        backup_labels,
        namespace: EVERY_NAMESPACE.to_owned(),
        selector,
        unmarked,
        apart: one.apart.iter().cloned().collect(),
        location: one.location.name.clone(),
        volumes: false,
        policy: None,
        ordered_pods: None,
        snapshot_timeout: snapshot.go(),
        operation_timeout: operation.go(),
        keep: one.keep().go(),
        hooks: Vec::new(),
    }
}

fn in_velero(here: &ServiceInRegion<'_>, name: &str) -> super::values::Meta {
    let mut meta = here.meta("");
    name.clone_into(&mut meta.name);
    meta.namespace = Some(here.region.backup_namespace.to_string());
    meta
}

fn schedule(
    here: &ServiceInRegion<'_>,
    scheduled: &Scheduled<'_>,
    policy: Option<String>,
) -> Schedule {
    let Scheduled { name, location, .. } = scheduled;
    let service = here.service;
    let mut backup_labels = here.selector();
    backup_labels.insert(labels::REGION.to_owned(), here.region.name.to_string());
    let mut meta = in_velero(here, name);
    meta.annotations.insert(labels::SLOT.to_owned(), scheduled.slot().value.go());
    Schedule {
        cron: scheduled.schedule(here).value,
        meta,
        backup_labels,
        namespace: service.namespace.to_string(),
        unmarked: None,
        apart: Vec::new(),
        selector: match service.backup_scope() {
            Scope::Namespace => Map::new(),
            Scope::Service => here.selector(),
        },
        location: location.name.clone(),
        volumes: service.keeps_data(),
        policy,
        ordered_pods: ordered_pods(here),
        snapshot_timeout: scheduled.snapshot_timeout(here).value.go(),
        operation_timeout: scheduled.operation_timeout(here).value.go(),
        keep: scheduled.keep(here).value.go(),
        hooks: hooks(here),
    }
}

/// The replicas of a stateful service, the last one first: where one of them leads, it is by custom
/// the first, and the snapshot of what follows it must not be the younger one.
fn ordered_pods(here: &ServiceInRegion<'_>) -> Option<String> {
    let service = here.service;
    let pod = |ordinal: u32| format!("{}/{}-{ordinal}", service.namespace, service.name.plain());
    let pods: Vec<String> = (0..here.size.full).rev().map(pod).collect();
    (service.keeps_data() && pods.len() > 1).then(|| pods.join(","))
}

fn hooks(here: &ServiceInRegion<'_>) -> Vec<Hook> {
    let hooks = here.service.backup.hooks.iter().enumerate();
    hooks
        .filter_map(|(index, hook)| {
            let timeout = schedules::hook_timeout(here, index)?.value.go();
            Some(Hook {
                name: hook.name.clone(),
                namespace: here.service.namespace.to_string(),
                selector: here.selector(),
                before: hook.before.clone(),
                after: hook.after.clone(),
                timeout,
            })
        })
        .collect()
}

/// First match wins: volumes that are not wanted, volumes that only live as long as their pod,
/// and an explicit rule for everything else, as what no rule matches falls back to opt-in
/// annotations (velero `internal/resourcepolicies`).
fn volume_policy(here: &ServiceInRegion<'_>) -> String {
    let map = |entries: &[(&str, Value)]| {
        Value::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    };
    let text = |text: &str| Value::String(text.to_owned());
    let rule = |conditions: Value, action: &str| {
        map(&[("conditions", conditions), ("action", map(&[("type", text(action))]))])
    };
    let skipped = ["configMap", "downwardAPI", "emptyDir", "secret"].map(text).to_vec();
    let unwanted = here.service.volumes.iter().filter(|volume| volume.backup == Some(false));
    let unwanted = unwanted.map(|volume| {
        let labels = [
            (labels::SERVICE, text(here.service.name.plain())),
            (labels::VOLUME, text(&volume.name)),
        ];
        rule(map(&[("pvcLabels", map(&labels))]), "skip")
    });
    let scratch = here.service.replication.as_ref().and_then(|one| one.engine.row().scratch);
    let scratch =
        scratch.map(|(key, value)| rule(map(&[("pvcLabels", map(&[(key, text(value))]))]), "skip"));
    // A database has backups of its own; a snapshot of each of its volumes is of another moment.
    let database = here.service.postgresql.as_ref().map(|_| {
        let labels = [("cnpg.io/cluster", text(&here.service.logical("db")))];
        rule(map(&[("pvcLabels", map(&labels))]), "skip")
    });
    let rules = unwanted.chain(scratch).chain(database).chain([
        rule(map(&[("volumeTypes", Value::List(skipped))]), "skip"),
        rule(map(&[]), "snapshot"),
    ]);
    let policy = map(&[("version", text("v1")), ("volumePolicies", Value::List(rules.collect()))]);
    yaml::write::document(&policy)
}
