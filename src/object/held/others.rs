//! Objects beside the pods on which claims rest: autoscalers, backups, copies, databases. Where somebody
//! else than Ninefold wrote a part of one, it is held against what was decided of it.

use super::{BACKED_UP, Departure, KEPT, LED, Touched, departure, path};
use crate::decide::proof::{Objective, Scope};
use crate::kube::read::cron::Cron;
use crate::kube::read::duration;
use crate::kube::read::quantity::Quantity;
use crate::plan::values::{Autoscaler, Database, Schedule, Values, VolumeCopy};
use crate::quantity::Duration;
use crate::yaml::Value;

/// What rests on how an autoscaler follows the users of a lost region.
const FOLLOWED: Touched = (&[Scope::Region], &[Objective::Rto, Objective::Availability]);
/// What rests on copies in another region.
const COPIED: Touched = (&[Scope::Zone, Scope::Region], &[Objective::Rpo]);
/// What rests on the archive of a database.
const ARCHIVED: Touched = (&[Scope::Zone, Scope::Region, Scope::Data], &[Objective::Rpo]);
/// What rests on how far back a database is replayed.
const REPLAYED: Touched = (&[Scope::Zone, Scope::Data], &[Objective::Rto]);

const SCALED: &str = "`[capacity] autoscale` says it, and it is proven";
const BACKUP: &str = "`[backup]` of the spec, or of the region, says it, and it is proven";
const COPY: &str = "`[data.replication]` says it, and it is proven";
const DATABASE: &str = "`[data.postgresql]` says it, and it is proven";

/// What an object says otherwise than it was decided, as far as a claim rests on it.
pub(super) fn of(value: &Value, values: &Values, file: &str) -> Vec<Departure> {
    let mut said = Said { value, found: Vec::new() };
    if let Values::Autoscaler(planned) = values {
        autoscaler(&mut said, planned);
    } else if let Values::Schedule(planned) = values
        // No RPO rests on the others.
        && file == "schedule"
    {
        schedule(&mut said, planned);
    } else if let Values::Copy(planned) = values
        && planned.once.is_none()
    {
        copy(&mut said, planned);
    } else if let Values::Database(planned) = values {
        database(&mut said, planned);
    } else if let Values::DatabaseBackup { cron, .. } = values {
        said.be("spec.schedule", Some(cron), (REPLAYED, DATABASE));
    }
    said.found
}

/// A HorizontalPodAutoscaler, or what KEDA makes one of.
fn autoscaler(said: &mut Said<'_>, planned: &Autoscaler) {
    let (max, up) = match planned.triggers.is_empty() {
        true => ("spec.maxReplicas", "spec.behavior.scaleUp"),
        false => {
            ("spec.maxReplicaCount", "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp")
        }
    };
    said.at_least(max, u128::from(planned.max), (FOLLOWED, SCALED));
    let select = format!("{up}.selectPolicy");
    if said.text(&select).is_some_and(|policy| policy != "Max") {
        said.be(&select, Some("Max"), (FOLLOWED, SCALED));
    }
    said.be(&format!("{up}.tolerance"), None, (FOLLOWED, SCALED));
    let window = planned.up.as_ref().and_then(|up| up.stabilize).unwrap_or(0);
    let policies = planned.up.as_ref().map_or(0, |up| up.policies.len());
    said.at_most(
        &format!("{up}.stabilizationWindowSeconds"),
        u128::from(window),
        (FOLLOWED, SCALED),
    );
    let written = said.at(&format!("{up}.policies")).map_or(&[][..], Value::items);
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
        said.add(&format!("{up}.policies"), message, (FOLLOWED, SCALED));
    }
}

fn schedule(said: &mut Said<'_>, planned: &Schedule) {
    let of = |key: &str| format!("spec.template.{key}");
    said.be(&of("storageLocation"), Some(&planned.location), (KEPT, BACKUP));
    said.be(&of("includedNamespaces"), Some(&planned.namespace), (KEPT, BACKUP));
    let pairs: Vec<String> =
        planned.selector.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let selector = (!pairs.is_empty()).then(|| pairs.join(", "));
    said.be(&of("labelSelector.matchLabels"), selector.as_deref(), (KEPT, BACKUP));
    for key in ["orLabelSelectors", "includedNamespaceScopedResources", "excludedNamespaces"] {
        said.be(&of(key), None, (KEPT, BACKUP));
    }
    // Events are nobody's data.
    let left_out = said.text(&of("excludedNamespaceScopedResources")).unwrap_or_default();
    if left_out.split(", ").any(|kind| !kind.is_empty() && !kind.starts_with("events")) {
        let message = format!("backups leave out {left_out}, and the promise rests on all of it");
        said.add(&of("excludedNamespaceScopedResources"), message, (KEPT, BACKUP));
    }
    let volumes = planned.volumes.to_string();
    for key in ["snapshotVolumes", "snapshotMoveData"] {
        said.be(&of(key), Some(&volumes), (KEPT, BACKUP));
    }
    said.be(&of("resourcePolicy.name"), planned.policy.as_deref(), (KEPT, BACKUP));
    said.be("spec.skipImmediately", Some("false"), (BACKED_UP, BACKUP));
    said.in_time(&of("csiSnapshotTimeout"), &planned.snapshot_timeout, (BACKED_UP, BACKUP));
    said.in_time(&of("itemOperationTimeout"), &planned.operation_timeout, (BACKED_UP, BACKUP));
    let kept = said.text(&of("ttl")).and_then(|text| duration::parse(&text));
    if kept < duration::parse(&planned.keep) {
        said.be(&of("ttl"), Some(&planned.keep), (KEPT, BACKUP));
    }
    let hooks = planned.hooks.iter().map(|hook| {
        let commands = u64::from(!hook.before.is_empty()) + u64::from(!hook.after.is_empty());
        duration::parse(&hook.timeout).unwrap_or_default() * commands
    });
    let planned = hooks.fold(Duration::default(), |sum, one| sum + one);
    if hooks_of(said.at(&of("hooks.resources"))).is_none_or(|takes| takes > planned) {
        let message = format!(
            "the commands of hooks may take longer than the {planned} in each pod that the promise rests on"
        );
        said.add(&of("hooks.resources"), message, (BACKED_UP, BACKUP));
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

fn copy(said: &mut Said<'_>, planned: &VolumeCopy) {
    let gap = |cron: &str| Cron::read(cron).and_then(|cron| cron.longest_gap());
    let decided = planned.cron.as_deref().and_then(gap);
    let written = said.text("spec.trigger.schedule").as_deref().and_then(gap);
    if written.is_none() || written > decided {
        said.be("spec.trigger.schedule", planned.cron.as_deref(), (COPIED, COPY));
    }
    said.be("spec.restic.repository", Some(&planned.repository), (COPIED, COPY));
    said.be("spec.restic.copyMethod", Some("Snapshot"), (COPIED, COPY));
    if said.at("spec.sourcePVC").is_some() {
        said.be("spec.sourcePVC", Some(&planned.claim), (COPIED, COPY));
    }
}

fn database(said: &mut Said<'_>, planned: &Database) {
    said.in_time(
        "spec.postgresql.parameters.archive_timeout",
        &planned.archive_timeout,
        (ARCHIVED, DATABASE),
    );
    let synchronous = planned.synchronous.map(|number| number.to_string());
    said.be("spec.postgresql.synchronous.number", synchronous.as_deref(), (LED, DATABASE));
    let durable = synchronous.as_ref().map(|_| "required");
    said.be("spec.postgresql.synchronous.dataDurability", durable, (LED, DATABASE));
    let apart = if planned.apart { "required" } else { "preferred" };
    said.be("spec.affinity.enablePodAntiAffinity", Some("true"), (LED, DATABASE));
    said.be("spec.affinity.podAntiAffinityType", Some(apart), (LED, DATABASE));
    said.be("spec.affinity.topologyKey", Some(planned.apart_by), (LED, DATABASE));
    for list in ["storage", "walStorage"] {
        let class = format!("spec.{list}.storageClass");
        said.be(&class, Some(&planned.class), (KEPT, DATABASE));
    }
    said.amount("spec.walStorage.size", &planned.wal_size, (ARCHIVED, DATABASE));
    let archived = said.at("spec.plugins").map(Value::items).unwrap_or_default().iter();
    let archived = archived.filter(|one| one.get("isWALArchiver") == Some(&Value::Bool(true)));
    let store =
        |plugin: &Value| Some(plugin.at(&["parameters", "barmanObjectName"])?.as_str()?.to_owned());
    let stores: Vec<String> = archived.filter_map(store).collect();
    let decided: Vec<String> = planned.archive.iter().map(|one| one.store.clone()).collect();
    if stores != decided {
        let message = "it archives elsewhere than the promise was proven with, or not at all";
        said.add("spec.plugins", message.to_owned(), (KEPT, DATABASE));
    }
}

/// An object, and what it says otherwise.
struct Said<'v> {
    value: &'v Value,
    found: Vec<Departure>,
}

/// What rests on a field, and what says it instead.
type Rests = (Touched, &'static str);

impl<'v> Said<'v> {
    fn at(&self, at: &str) -> Option<&'v Value> {
        let steps: Vec<&str> = at.split('.').collect();
        self.value.at(&steps).filter(|value| **value != Value::Null)
    }

    /// What stands at a path, in one line.
    fn text(&self, at: &str) -> Option<String> {
        self.at(at).map(line).filter(|text| !text.is_empty())
    }

    fn add(&mut self, at: &str, message: String, (touched, help): Rests) {
        let steps: Vec<&str> = at.split('.').collect();
        self.found.push(departure(path(&steps), message, touched, help));
    }

    /// It says exactly this; or nothing, or what is as good as nothing.
    fn be(&mut self, at: &str, expected: Option<&str>, rests: Rests) {
        let said = self.text(at);
        let none = expected.is_none() && said.as_deref() == Some("false");
        if said.as_deref() == expected || none {
            return;
        }
        let shown = |text: Option<&str>| text.map_or("nothing".to_owned(), |it| format!("`{it}`"));
        let message = format!(
            "`{at}` says {}, and the promise rests on {}",
            shown(said.as_deref()),
            shown(expected)
        );
        self.add(at, message, rests);
    }

    /// It says no more; nothing is none.
    fn at_most(&mut self, at: &str, most: u128, rests: Rests) {
        let said = self.at(at).and_then(int).unwrap_or(0);
        if u128::try_from(said).unwrap_or(u128::MAX) > most {
            self.be(at, Some(&most.to_string()), rests);
        }
    }

    /// It says as much, or more.
    fn at_least(&mut self, at: &str, least: u128, rests: Rests) {
        let said = self.at(at).and_then(int).unwrap_or(0);
        if u128::try_from(said).unwrap_or(0) < least {
            self.be(at, Some(&least.to_string()), rests);
        }
    }

    /// An amount that is as large, or larger.
    fn amount(&mut self, at: &str, least: &str, rests: Rests) {
        let amount = |value: &Value| Quantity::of(value)?.thousandths();
        let least_of = amount(&Value::String(least.to_owned()));
        if self.at(at).and_then(amount) < least_of {
            self.be(at, Some(least), rests);
        }
    }

    /// A time that is as short, or shorter.
    fn in_time(&mut self, at: &str, most: &str, rests: Rests) {
        let said = self.text(at).as_deref().and_then(duration::parse);
        if said.is_none() || said > duration::parse(most) {
            self.be(at, Some(most), rests);
        }
    }
}

fn int(value: &Value) -> Option<i64> {
    if let Value::Int(number) = value { Some(*number) } else { None }
}

/// A value in one line: `a, b`, `key: value`.
fn line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::List(items) => items.iter().map(line).collect::<Vec<_>>().join(", "),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", line(value)));
            let mut entries: Vec<String> = entries.collect();
            entries.sort_unstable();
            entries.join(", ")
        }
    }
}
