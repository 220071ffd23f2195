//! Objects beside the pods on which claims rest: autoscalers, backups, copies. Where somebody
//! else than Ninefold wrote a part of one, it is held against what was decided of it.

use super::emitted::{Emitted, int};
use super::{BACKED_UP, COPIED, Departure, FOLLOWED, KEPT, databases, network, pairs};
use crate::kube::read::cron::Cron;
use crate::kube::read::duration;
use crate::plan::values::{Autoscaler, Schedule, Values, VolumeCopy};
use crate::quantity::Duration;
use crate::yaml::Value;

const SCALED: &str = "`[capacity] autoscale` says it, and it is proven";
const BACKUP: &str = "`[backup]` of the spec, or of the region, says it, and it is proven";
const COPY: &str = "`[data.replication]` says it, and it is proven";

/// What an object says otherwise than it was decided, as far as a claim rests on it.
pub(super) fn of(value: &Value, values: &Values, file: &str) -> Vec<Departure> {
    let mut emitted = Emitted { value, found: Vec::new() };
    if let Values::Autoscaler(planned) = values {
        autoscaler(&mut emitted, planned);
    } else if let Values::Schedule(planned) = values
        // No RPO rests on the others.
        && file == "schedule"
    {
        schedule(&mut emitted, planned);
    } else if let Values::Copy(planned) = values
        && planned.once.is_none()
    {
        copy(&mut emitted, planned);
    } else if let Values::Database(planned) = values {
        databases::of(&mut emitted, planned);
    } else if let Values::DatabaseBackup { cron, .. } = values {
        databases::of_backup(&mut emitted, cron);
    } else {
        network::of(&mut emitted, values);
    }
    emitted.found
}

/// A HorizontalPodAutoscaler, or what KEDA makes one of.
fn autoscaler(emitted: &mut Emitted<'_>, planned: &Autoscaler) {
    let (max, up) = match planned.triggers.is_empty() {
        true => ("spec.maxReplicas", "spec.behavior.scaleUp"),
        false => {
            ("spec.maxReplicaCount", "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp")
        }
    };
    emitted.at_least(max, u128::from(planned.max), (FOLLOWED, SCALED));
    let select = format!("{up}.selectPolicy");
    if emitted.text(&select).is_some_and(|policy| policy != "Max") {
        emitted.be(&select, Some("Max"), (FOLLOWED, SCALED));
    }
    emitted.be(&format!("{up}.tolerance"), None, (FOLLOWED, SCALED));
    let window = planned.up.as_ref().and_then(|up| up.stabilize).unwrap_or(0);
    let policies = planned.up.as_ref().map_or(0, |up| up.policies.len());
    emitted.at_most(
        &format!("{up}.stabilizationWindowSeconds"),
        u128::from(window),
        (FOLLOWED, SCALED),
    );
    let written = emitted.at(&format!("{up}.policies")).map_or(&[][..], Value::items);
    let number = |policy: &Value, key: &str| policy.get(key).and_then(int).unwrap_or(0);
    let kept = planned.up.iter().flat_map(|up| &up.policies).all(|policy| {
        written.iter().any(|other| {
            other.get("type").and_then(Value::as_str) == Some(policy.sort)
                && number(other, "value") >= i64::try_from(policy.value).unwrap_or(i64::MAX)
                && number(other, "periodSeconds") <= i64::try_from(policy.period).unwrap_or(0)
        })
    });
    if !kept || policies == 0 && !written.is_empty() {
        let message =
            "it adds replicas at another pace than the promise was proven with".to_owned();
        emitted.add(&format!("{up}.policies"), message, (FOLLOWED, SCALED));
    }
}

fn schedule(emitted: &mut Emitted<'_>, planned: &Schedule) {
    let of = |key: &str| format!("spec.template.{key}");
    emitted.be(&of("storageLocation"), Some(&planned.location), (KEPT, BACKUP));
    emitted.be(&of("includedNamespaces"), Some(&planned.namespace), (KEPT, BACKUP));
    let selector = pairs(&planned.selector);
    emitted.be(&of("labelSelector.matchLabels"), selector.as_deref(), (KEPT, BACKUP));
    for key in ["orLabelSelectors", "includedNamespaceScopedResources", "excludedNamespaces"] {
        emitted.be(&of(key), None, (KEPT, BACKUP));
    }
    // Events are nobody's data.
    let left_out = emitted.text(&of("excludedNamespaceScopedResources")).unwrap_or_default();
    if left_out.split(", ").any(|kind| !kind.is_empty() && !kind.starts_with("events")) {
        let message = format!("backups leave out {left_out}, and the promise rests on all of it");
        emitted.add(&of("excludedNamespaceScopedResources"), message, (KEPT, BACKUP));
    }
    let volumes = planned.volumes.to_string();
    for key in ["snapshotVolumes", "snapshotMoveData"] {
        emitted.be(&of(key), Some(&volumes), (KEPT, BACKUP));
    }
    emitted.be(&of("resourcePolicy.name"), planned.policy.as_deref(), (KEPT, BACKUP));
    if planned.unmarked.is_none() {
        emitted.be(&of("labelSelector.matchExpressions"), None, (KEPT, BACKUP));
    }
    // A data mover of somebody else's may keep what it copies anywhere.
    emitted.be(&of("datamover"), None, (KEPT, BACKUP));
    emitted.be(&of("defaultVolumesToFsBackup"), Some("false"), (KEPT, BACKUP));
    // Backups would go with the Schedule that made them.
    emitted.be("spec.useOwnerReferencesInBackup", Some("false"), (KEPT, BACKUP));
    emitted.be("spec.skipImmediately", Some("false"), (BACKED_UP, BACKUP));
    emitted.in_time(&of("csiSnapshotTimeout"), &planned.snapshot_timeout, (BACKED_UP, BACKUP));
    emitted.in_time(&of("itemOperationTimeout"), &planned.operation_timeout, (BACKED_UP, BACKUP));
    let kept = emitted.text(&of("ttl")).and_then(|text| duration::parse(&text));
    if kept < duration::parse(&planned.keep) {
        emitted.be(&of("ttl"), Some(&planned.keep), (KEPT, BACKUP));
    }
    let hooks = planned.hooks.iter().map(|hook| {
        let commands = u64::from(!hook.before.is_empty()) + u64::from(!hook.after.is_empty());
        duration::parse(&hook.timeout).unwrap_or_default() * commands
    });
    let planned = hooks.fold(Duration::default(), |sum, one| sum + one);
    if hooks_of(emitted.at(&of("hooks.resources"))).is_none_or(|takes| takes > planned) {
        let message = format!(
            "the commands of hooks may take longer than the {planned} in each pod that the promise rests on"
        );
        emitted.add(&of("hooks.resources"), message, (BACKED_UP, BACKUP));
    }
}

/// What all commands of hooks may take in a pod; none where one has no bound that is known.
fn hooks_of(resources: Option<&Value>) -> Option<Duration> {
    let mut sum = Duration::default();
    for resource in resources.map(Value::items).unwrap_or_default() {
        for list in ["pre", "post"] {
            for command in resource.get(list).map(Value::items).unwrap_or_default() {
                let timeout = command.at(&["exec", "timeout"])?.as_str()?;
                sum = sum + duration::parse(timeout)?;
            }
        }
    }
    Some(sum)
}

fn copy(emitted: &mut Emitted<'_>, planned: &VolumeCopy) {
    let gap = |cron: &str| Cron::read(cron).and_then(|cron| cron.longest_gap());
    let decided = planned.cron.as_deref().and_then(gap);
    let written = emitted.text("spec.trigger.schedule").as_deref().and_then(gap);
    if written.is_none() || written > decided {
        emitted.be("spec.trigger.schedule", planned.cron.as_deref(), (COPIED, COPY));
    }
    // It stands above the schedule: one copy is made, and then no other.
    emitted.be("spec.trigger.manual", None, (COPIED, COPY));
    emitted.be("spec.restic.repository", Some(&planned.repository), (COPIED, COPY));
    emitted.be("spec.restic.copyMethod", Some("Snapshot"), (COPIED, COPY));
    if emitted.at("spec.sourcePVC").is_some() {
        emitted.be("spec.sourcePVC", Some(&planned.claim), (COPIED, COPY));
    }
}
