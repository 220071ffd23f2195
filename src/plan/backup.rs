//! Schedules, and the policy that says what of the volumes they keep.

use super::cadence::{self, Cadence, HOOK_TIMEOUT, cadence, slot, timeouts};
use super::values::{Hook, Map, Schedule, Values};
use super::{Planned, ServiceInRegion, cron};
use crate::kube::{Kind, labels};
use crate::model::BackupLocation;
use crate::model::{Engine, Scope};
use crate::quantity::Duration;
use crate::yaml::{self, Value};

/// The part of the name of a second Schedule, which writes the other copy.
const COPY: &str = "copy";

/// One Schedule of a service in a region.
pub(crate) struct Scheduled<'a> {
    /// Its logical name.
    pub(crate) name: String,
    /// What tells it from the first.
    pub(crate) part: &'static str,
    /// Where it writes.
    pub(crate) location: &'a BackupLocation,
    /// How often it runs, and how long each run may take.
    pub(crate) cadence: Cadence,
    /// Five fields of cron, in UTC.
    pub(crate) cron: String,
}

impl Scheduled<'_> {
    /// Whether it is the second, which writes the other copy.
    pub(crate) fn is_copy(&self) -> bool {
        self.part == COPY
    }
}

/// The Schedules of a service here: one for each copy, as a backup has one location (velero
/// `site/content/docs/main/locations.md`).
///
/// The first keeps the RPO. The other is for the loss of what the first wrote, for which no RPO is
/// promised: it keeps the tier's pace, may wait for half of it, and begins between two of the first,
/// as Velero runs one backup of a namespace at a time.
pub(crate) fn schedules<'a>(here: &ServiceInRegion<'a>) -> Vec<Scheduled<'a>> {
    let first = cadence(here);
    let short = &here.region.short;
    let name = here.service.logical(short);
    let half = |interval: Duration| Duration::seconds(interval.as_seconds() / 2);
    let pace = cadence::nearest(here.service.tier.backup.every).max(first.interval);
    let second = Cadence { interval: pace, queue: half(pace), ..first };
    let copies = [
        ("", name.clone(), first, cron::expression(first.interval, &name)),
        (
            COPY,
            here.service.logical(&format!("{short}-{COPY}")),
            second,
            cron::between(first.interval, pace, &name),
        ),
    ];
    let locations = crate::model::backup_locations(here.fleet, here.service, here.region);
    let written = locations.into_iter().zip(copies);
    written
        .map(|(location, (part, name, cadence, cron))| Scheduled {
            name,
            part,
            location,
            cadence,
            cron,
        })
        .collect()
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    let policy = service.keeps_data().then(|| service.logical("volume-policy"));
    if let Some(policy) = &policy {
        let data = Map::from([("policy.yaml".to_owned(), volume_policy(here))]);
        let values = Values::ConfigMap { meta: in_velero(here, policy), data };
        let namespace = here.region.backup_namespace.clone();
        let name = policy.clone();
        let (kind, part) = (Kind::ConfigMap, "volume-policy");
        objects.push(here.object_in(namespace, kind, name, part, "volumes", values));
    }
    for scheduled in schedules(here) {
        let values = schedule(here, &scheduled, policy.clone());
        let values = Values::Schedule(Box::new(values));
        let namespace = here.region.backup_namespace.clone();
        let Scheduled { name, part, .. } = scheduled;
        objects.push(here.object_in(namespace, Kind::Schedule, name, part, "rpo", values));
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
    let Scheduled { name, location, cadence, cron, .. } = scheduled;
    let service = here.service;
    let (snapshot_timeout, operation_timeout) = timeouts(here, cadence);
    let mut backup_labels = here.selector();
    backup_labels.insert(labels::REGION.to_owned(), here.region.name.to_string());
    let mut meta = in_velero(here, name);
    meta.annotations.insert(labels::SLOT.to_owned(), slot(here, cadence).go());
    Schedule {
        cron: cron.clone(),
        meta,
        backup_labels,
        namespace: service.namespace.to_string(),
        selector: match service.backup_scope() {
            Scope::Namespace => Map::new(),
            Scope::Service => here.selector(),
        },
        location: location.name.clone(),
        volumes: service.keeps_data(),
        policy,
        ordered_pods: ordered_pods(here),
        snapshot_timeout: snapshot_timeout.go(),
        operation_timeout: operation_timeout.go(),
        keep: service.backup.keep.unwrap_or(service.tier.backup.keep).go(),
        hooks: hooks(here),
    }
}

/// The replicas of a stateful service, the last one first: where one of them leads, it is by custom
/// the first, and the snapshot of what follows it must not be the younger one.
fn ordered_pods(here: &ServiceInRegion<'_>) -> Option<String> {
    let service = here.service;
    let pod = |ordinal: u32| format!("{}/{}-{ordinal}", service.namespace, service.name);
    let pods: Vec<String> = (0..here.size.full).rev().map(pod).collect();
    (service.keeps_data() && pods.len() > 1).then(|| pods.join(","))
}

fn hooks(here: &ServiceInRegion<'_>) -> Vec<Hook> {
    (here.service.backup.hooks.iter())
        .map(|hook| Hook {
            name: hook.name.clone(),
            namespace: here.service.namespace.to_string(),
            selector: here.selector(),
            before: hook.before.clone(),
            after: hook.after.clone(),
            timeout: hook.timeout.unwrap_or(HOOK_TIMEOUT).go(),
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
            (labels::SERVICE, text(here.service.name.as_str())),
            (labels::VOLUME, text(&volume.name)),
        ];
        rule(map(&[("pvcLabels", map(&labels))]), "skip")
    });
    // What VolSync makes for itself in the namespace: caches, and clones of what is backed up.
    let engine = here.service.replication.as_ref().map(|replication| replication.engine);
    let copies = (engine == Some(Engine::Volsync)).then(|| {
        let labels = [("app.kubernetes.io/created-by", text("volsync"))];
        rule(map(&[("pvcLabels", map(&labels))]), "skip")
    });
    // A database has backups of its own; a snapshot of each of its volumes is of another moment.
    let database = here.service.postgresql.as_ref().map(|_| {
        let labels = [("cnpg.io/cluster", text(&here.service.logical("db")))];
        rule(map(&[("pvcLabels", map(&labels))]), "skip")
    });
    let rules = unwanted.chain(copies).chain(database).chain([
        rule(map(&[("volumeTypes", Value::List(skipped))]), "skip"),
        rule(map(&[]), "snapshot"),
    ]);
    let policy = map(&[("version", text("v1")), ("volumePolicies", Value::List(rules.collect()))]);
    yaml::write::document(&policy)
}
