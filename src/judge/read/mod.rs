//! YAML → [`Object`]: only what a loss concerns is read.

mod pod; // pods

use super::databases;
use super::fields::{EDITED, Fields, Problem};
use super::pods::{Autoscaler, Backup, Budget, Object, Place, Workload};
use crate::kube::labels;
use crate::kube::read::cron::Cron;
use crate::yaml::{Value, read};
use pod::pod;
pub(super) use pod::{asked, nodes, requests, spread, start, terms, tolerations};
use std::collections::BTreeMap;

/// The weight of a record of Route 53, as external-dns spells it.
const ROUTE_53: &str = "aws/weight";

/// The metric of the endpoints that get requests (kube-state-metrics, `internal/store/endpointslice.go`).
const ENDPOINTS: &str = "kube_endpointslice_endpoints{";

/// The kinds of this table run pods, and are not simulated.
const OTHERS: &[&str] = &["DaemonSet", "ReplicaSet", "Pod"];
const KINDS: &[&str] = &[
    "Deployment",
    "StatefulSet",
    databases::KIND,
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
    "ScaledObject",
    "PodDisruptionBudget",
    "Schedule",
    "Gslb",
    "DNSEndpoint",
];

/// What a line begins with that says what an object is, with the end of the line before.
const KIND_LINE: &str = "\nkind:";

/// The object in a file of the tree; nothing when it is of a kind that a loss does not concern.
pub(super) fn object(path: &str, text: &str) -> Result<Option<Object>, Problem> {
    // Most files are of other kinds, and parsing is what costs time.
    let first = text.strip_prefix("kind:").into_iter();
    let others = text.match_indices(KIND_LINE).map(|(at, line)| &text[at + line.len()..]);
    let kinds: Vec<&str> = first.chain(others).map(scalar).collect();
    if kinds.contains(&"PrometheusRule") {
        let mut place = path.split('/').map(str::to_owned);
        let place = place.next().zip(place.next());
        let counts = text.contains(ENDPOINTS) && !is_former(path);
        return Ok(place.filter(|_| counts).map(Object::Watch));
    }
    let known = |kind: &str| KINDS.contains(&kind) || OTHERS.contains(&kind);
    if !kinds.is_empty() && !kinds.iter().any(|kind| known(kind)) {
        return Ok(None);
    }
    let value = read::document(text).map_err(|error| {
        let line = error.line.map_or(String::new(), |line| format!("line {line}: "));
        let message = format!("this is not one YAML document: {line}{}", error.message);
        Problem::new(path, message, EDITED)
    })?;
    of(path, &value)
}

/// The object that a value is; nothing when it is of a kind that a loss does not concern.
pub(super) fn of(path: &str, value: &Value) -> Result<Option<Object>, Problem> {
    let fields = Fields::new(path, value);
    let Some(kind) = fields.text("kind")? else {
        return Err(Problem::new(path, "this is not a Kubernetes object".to_owned(), EDITED));
    };
    Ok(Some(match kind {
        "Deployment" => Object::Workload(Box::new(workload(path, &fields, false)?)),
        "StatefulSet" => Object::Workload(Box::new(workload(path, &fields, true)?)),
        "Job" => Object::Workload(Box::new(job(path, &fields, &fields.at("spec"))?)),
        "CronJob" => Object::Workload(Box::new(cron_job(path, &fields)?)),
        "HorizontalPodAutoscaler" => {
            Object::Autoscaler(autoscaler(path, &fields, "minReplicas", 1)?)
        }
        // KEDA takes a workload without load away, unless it is configured not to.
        "ScaledObject" => Object::Autoscaler(autoscaler(path, &fields, "minReplicaCount", 0)?),
        "PodDisruptionBudget" => Object::Budget(budget(path, &fields)?),
        // Cluster API has a kind of that name, too.
        databases::KIND if databases::is(fields.text("apiVersion")?.unwrap_or_default()) => {
            Object::Workload(Box::new(databases::read(path, &fields)?))
        }
        "Gslb" | "DNSEndpoint" => match weights(path, &fields)? {
            Some(weights) => weights,
            None => return Ok(None),
        },
        "Schedule" => Object::Backup(backup(path, &fields)?),
        other if OTHERS.contains(&other) => Object::Unknown(other.to_owned()),
        _ => return Ok(None),
    }))
}

/// What stands behind a key, up to the end of its line.
fn scalar(rest: &str) -> &str {
    rest.lines().next().unwrap_or_default().trim().trim_matches('"')
}

pub(super) fn place(path: &str, fields: &Fields<'_>) -> Result<Place, Problem> {
    Ok(Place {
        path: path.to_owned(),
        region: path.split('/').next().unwrap_or_default().to_owned(),
        namespace: fields.text("metadata.namespace")?.unwrap_or("default").to_owned(),
        name: fields.text("metadata.name")?.unwrap_or_default().to_owned(),
    })
}

pub(super) fn is_former(path: &str) -> bool {
    path.split('/').nth(2) == Some("retained")
}

pub(super) fn workload(
    path: &str,
    fields: &Fields<'_>,
    stateful: bool,
) -> Result<Workload, Problem> {
    let place = place(path, fields)?;
    let mut own = fields.map("metadata.labels")?;
    let pod = pod(&fields.at("spec"), &place, stateful)?;
    if !fields.at("spec.selector").selector()?.selects(&pod.labels) {
        return Err(fields.problem("spec.selector", "it does not select the pods of its template"));
    }
    let annotations = fields.map("metadata.annotations")?;
    Ok(Workload {
        service: own.remove(labels::SERVICE).unwrap_or_default(),
        tier: own.remove(labels::TIER).unwrap_or_default(),
        stateful,
        single_writer: stateful && annotations.contains_key(labels::SINGLE_WRITER),
        former: is_former(path),
        carries: annotations.contains_key(labels::PEAK),
        serves: listens(&fields.at("spec.template.spec"))?,
        // The API server's default.
        replicas: fields.count("spec.replicas")?.unwrap_or(1),
        resting: 0,
        database: None,
        ends: false,
        pod,
        place,
    })
}

/// Whether any container has a port.
fn listens(pod: &Fields<'_>) -> Result<bool, Problem> {
    let containers = pod.list("containers")?;
    let ports = containers.iter().map(|container| container.list("ports"));
    Ok(ports.collect::<Result<Vec<_>, Problem>>()?.iter().any(|ports| !ports.is_empty()))
}

/// What makes pods that end: as many as run at once while it does. `spec` is that of its Job.
fn job(path: &str, fields: &Fields<'_>, spec: &Fields<'_>) -> Result<Workload, Problem> {
    let place = place(path, fields)?;
    let mut own = fields.map("metadata.labels")?;
    // The API server's defaults: one, and not suspended.
    let count = spec.count("parallelism")?.unwrap_or(1);
    let (replicas, resting) = if spec.is_true("suspend") { (0, count) } else { (count, 0) };
    Ok(Workload {
        service: own.remove(labels::SERVICE).unwrap_or_default(),
        tier: own.remove(labels::TIER).unwrap_or_default(),
        stateful: false,
        single_writer: false,
        ends: true,
        former: is_former(path),
        carries: false,
        serves: false,
        replicas,
        resting,
        database: None,
        pod: pod(spec, &place, false)?,
        place,
    })
}

/// The most runs of a job that are looked at: what more of them find no room, these show.
const MOST_RUNS: usize = 1000;

/// The same on a schedule: where runs may overlap, as many as begin while one may take.
fn cron_job(path: &str, fields: &Fields<'_>) -> Result<Workload, Problem> {
    let spec = fields.at("spec.jobTemplate.spec");
    let mut job = job(path, fields, &spec)?;
    if fields.text("spec.concurrencyPolicy")?.unwrap_or("Allow") == "Allow" {
        let gap = fields.text("spec.schedule")?.and_then(Cron::read);
        let gap = gap.and_then(|cron| cron.shortest_gap());
        let takes = spec.number("activeDeadlineSeconds")?;
        if let Some((gap, takes)) = gap.zip(takes) {
            let runs = takes.div_ceil(gap.as_seconds().max(1)).max(1);
            let runs = usize::try_from(runs).unwrap_or(usize::MAX);
            job.replicas = job.replicas.saturating_mul(runs).min(MOST_RUNS);
        }
    }
    if fields.is_true("spec.suspend") {
        job.resting = std::mem::take(&mut job.replicas);
    }
    Ok(job)
}

/// An autoscaler; without `least` in it, it keeps as many as `otherwise`.
fn autoscaler(
    path: &str,
    fields: &Fields<'_>,
    min: &str,
    otherwise: usize,
) -> Result<Autoscaler, Problem> {
    let target = |key: &str| fields.text(&format!("spec.scaleTargetRef.{key}"));
    Ok(Autoscaler {
        place: place(path, fields)?,
        target: (
            target("kind")?.unwrap_or_default().to_owned(),
            target("name")?.unwrap_or_default().to_owned(),
        ),
        min: fields.count(&format!("spec.{min}"))?.unwrap_or(otherwise),
    })
}

fn budget(path: &str, fields: &Fields<'_>) -> Result<Budget, Problem> {
    let (min, max) = (fields.amount("spec.minAvailable")?, fields.amount("spec.maxUnavailable")?);
    if min.is_some() == max.is_some() {
        return Err(fields.problem("spec", "one of minAvailable and maxUnavailable belongs here"));
    }
    let selector = fields.at("spec.selector").selector()?;
    Ok(Budget { place: place(path, fields)?, selector, min, max })
}

/// Which share of users k8gb, or Route 53 by external-dns, sends to a region.
fn weights(path: &str, fields: &Fields<'_>) -> Result<Option<Object>, Problem> {
    let mut place = path.split('/').map(str::to_owned);
    let Some((region, folder)) = place.next().zip(place.next()) else { return Ok(None) };
    let mut weights = BTreeMap::new();
    for (name, weight) in fields.numbers("spec.strategy.weight")? {
        weights.insert(name, weight);
    }
    for endpoint in fields.list("spec.endpoints")? {
        for one in endpoint.list("providerSpecific")? {
            if one.text("name")? == Some(ROUTE_53) {
                let weight = one.text("value")?.and_then(|text| text.parse().ok());
                weights.extend(weight.map(|weight| (region.clone(), weight)));
            }
        }
    }
    Ok((!weights.is_empty()).then_some(Object::Weights { folder, weights }))
}

fn backup(path: &str, fields: &Fields<'_>) -> Result<Backup, Problem> {
    let template = fields.at("spec.template");
    let is_true = |key: &str| template.is_true(key);
    let runs = fields.text("spec.schedule")?.filter(|_| !fields.at("spec").is_true("paused"));
    Ok(Backup {
        path: path.to_owned(),
        region: path.split('/').next().unwrap_or_default().to_owned(),
        service: fields.map("metadata.labels")?.remove(labels::SERVICE).unwrap_or_default(),
        location: template.text("storageLocation")?.unwrap_or("default").to_owned(),
        every: runs.and_then(Cron::read).and_then(|cron| cron.longest_gap()),
        moves_data: is_true("snapshotMoveData") || is_true("defaultVolumesToFsBackup"),
        former: is_former(path),
    })
}
