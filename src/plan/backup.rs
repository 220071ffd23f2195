//! Schedules, and the policy that says what of the volumes they keep.

use super::cadence::{Cadence, HOOK_TIMEOUT, cadence, slot, timeouts};
use super::values::{Hook, Map, Schedule, Values};
use super::{Here, Planned, cron};
use crate::kube::{Kind, labels};
use crate::spec::service::Scope;
use crate::yaml::{self, Value};

/// The Schedules of a service here: their logical names, and how often they run.
pub(super) fn schedules(here: &Here<'_>) -> Vec<(String, Cadence)> {
    vec![(here.service.logical(&here.region.short), cadence(here))]
}

pub(super) fn plan(here: &Here<'_>, cadence: &Cadence, objects: &mut Vec<Planned>) {
    let service = here.service;
    let region = here.region;
    let name = service.logical(&region.short);
    let namespace = region.backup_namespace.clone();
    let in_velero = |name: &str| {
        let mut meta = here.meta("");
        name.clone_into(&mut meta.name);
        meta.namespace = Some(namespace.to_string());
        meta
    };
    let policy = service.keeps_data().then(|| service.logical("volume-policy"));
    if let Some(policy) = &policy {
        let data = Map::from([("policy.yaml".to_owned(), volume_policy(here))]);
        let values = Values::ConfigMap { meta: in_velero(policy), data };
        let id = (namespace.clone(), Kind::ConfigMap, policy.clone());
        objects.push(here.object_in(id.0, id.1, id.2, "volume-policy", "volumes", values));
    }
    let location = crate::model::backup_location(here.fleet, service, region)
        .expect("the model checked that there is a location");
    let scope = service.backup.scope.unwrap_or(if service.alone {
        Scope::Namespace
    } else {
        Scope::Service
    });
    let (snapshot_timeout, operation_timeout) = timeouts(here, cadence);
    let mut backup_labels = here.selector();
    backup_labels.insert(labels::REGION.to_owned(), region.name.to_string());
    let mut meta = in_velero(&name);
    meta.annotations.insert(labels::SLOT.to_owned(), slot(here, cadence).go());
    let schedule = Schedule {
        cron: cron::expression(cadence.interval, &name),
        meta,
        backup_labels,
        namespace: service.namespace.to_string(),
        selector: match scope {
            Scope::Namespace => Map::new(),
            Scope::Service => here.selector(),
        },
        location: location.name.clone(),
        volumes: service.keeps_data(),
        policy,
        snapshot_timeout: snapshot_timeout.go(),
        operation_timeout: operation_timeout.go(),
        keep: service.backup.keep.unwrap_or(service.tier.backup.keep).go(),
        hooks: hooks(here),
    };
    let values = Values::Schedule(Box::new(schedule));
    objects.push(here.object_in(namespace, Kind::Schedule, name, "", "rpo", values));
}

fn hooks(here: &Here<'_>) -> Vec<Hook> {
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
fn volume_policy(here: &Here<'_>) -> String {
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
    let rules = unwanted.chain([
        rule(map(&[("volumeTypes", Value::List(skipped))]), "skip"),
        rule(map(&[]), "snapshot"),
    ]);
    let policy = map(&[("version", text("v1")), ("volumePolicies", Value::List(rules.collect()))]);
    yaml::write::document(&policy)
}
