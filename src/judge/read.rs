//! YAML → [`Object`]: only what a loss concerns is read.

use super::cluster::Resources;
use super::databases;
use super::fields::{EDITED, Fields, Problem};
use super::pods::{
    Autoscaler, Backup, Budget, Object, Place, Pod, Spread, Term, Toleration, Workload,
};
use crate::kube::labels;
use crate::kube::read::cron::Cron;
use crate::kube::read::selector::{Labels, Selector};
use crate::yaml::{Value, read};
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
        // KEDA takes a workload without load away, unless it is told not to.
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

fn pod(spec: &Fields<'_>, place: &Place, stateful: bool) -> Result<Pod, Problem> {
    let pod = spec.at("template.spec");
    let mut labels = spec.map("template.metadata.labels")?;
    // What the controller adds; it differs between workloads and between revisions.
    let revision = if stateful { "controller-revision-hash" } else { "pod-template-hash" };
    labels.insert(revision.to_owned(), place.name.clone());
    let (spread, wishes) = spread(&pod, &labels)?;
    let mut not_simulated = Vec::new();
    for (field, what) in [
        ("nodeName", "spec.nodeName"),
        ("schedulingGates", "spec.schedulingGates"),
        ("resourceClaims", "spec.resourceClaims"),
        ("schedulerName", "spec.schedulerName"),
        ("hostNetwork", "spec.hostNetwork (ports of the node)"),
    ] {
        if pod.at(field).is_there() {
            not_simulated.push(what);
        }
    }
    Ok(Pod {
        requests: requests(&pod)?,
        nodes: nodes(&pod, &pod.at("affinity.nodeAffinity"))?,
        spread,
        wishes,
        near: terms(&pod.at("affinity.podAffinity"), &labels, &mut not_simulated)?,
        apart: terms(&pod.at("affinity.podAntiAffinity"), &labels, &mut not_simulated)?,
        tolerations: tolerations(&pod)?,
        classes: (spec.list("volumeClaimTemplates")?.iter())
            .map(|claim| Ok(claim.text("spec.storageClassName")?.map(str::to_owned)))
            .collect::<Result<_, Problem>>()?,
        start: start(&pod)?,
        grace: pod.number("terminationGracePeriodSeconds")?.unwrap_or(30),
        not_simulated,
        labels,
    })
}

/// What the scheduler reserves (`pkg/api/v1/resource/helpers.go`, `PodRequests`): all containers
/// and sidecars together, or the largest init container, or what the pod says as a whole, and the
/// overhead.
pub(super) fn requests(pod: &Fields<'_>) -> Result<Resources, Problem> {
    let mut running = Resources::default();
    for container in pod.list("containers")? {
        running = running.plus(&asked(&container)?);
    }
    let (mut sidecars, mut starting) = (Resources::default(), Resources::default());
    for container in pod.list("initContainers")? {
        let own = asked(&container)?.plus(&sidecars);
        starting = starting.most(&own);
        if container.text("restartPolicy")? == Some("Always") {
            sidecars = own;
        }
    }
    let containers = running.plus(&sidecars).most(&starting);
    Ok(containers.most(&as_a_whole(pod, &containers)?).plus(&beside_containers(pod)?))
}

/// What a pod asks for as a whole, which is never less than its containers do (KEP-2837); what its limits
/// say, where neither asks.
fn as_a_whole(pod: &Fields<'_>, containers: &Resources) -> Result<Resources, Problem> {
    let mut own = asked(pod)?;
    let asks = |name: &str| pod.at(&format!("resources.requests.{name}")).is_there();
    if !asks("cpu") && containers.cpu > 0 {
        own.cpu = 0;
    }
    if !asks("memory") && containers.memory > 0 {
        own.memory = 0;
    }
    Ok(own)
}

/// The overhead of a pod, which a `RuntimeClass` sets.
fn beside_containers(pod: &Fields<'_>) -> Result<Resources, Problem> {
    let amount = |name: &str| -> Result<u128, Problem> {
        Ok(pod.quantity(&format!("overhead.{name}"))?.unwrap_or(0))
    };
    let small = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
    let (cpu, memory) = (amount("cpu")?, amount("memory")?.div_ceil(1000));
    Ok(Resources { cpu: small(cpu), memory: small(memory), ..Resources::default() })
}

/// What the `resources` of a container, or of what makes one, reserve.
pub(super) fn asked(container: &Fields<'_>) -> Result<Resources, Problem> {
    let amount = |name: &str| -> Result<u128, Problem> {
        let requests = container.quantity(&format!("resources.requests.{name}"))?;
        // Without a request, the API server takes the limit for one.
        let limits = container.quantity(&format!("resources.limits.{name}"))?;
        Ok(requests.or(limits).unwrap_or(0))
    };
    let small = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
    let memory = amount("memory")?.div_ceil(1000);
    let whole = |(name, amount): (String, u128)| (name, small(amount.div_ceil(1000)));
    // Requests and limits of devices are the same; one of them may be left out.
    let mut extended = container.devices("resources.limits")?;
    extended.extend(container.devices("resources.requests")?);
    let extended = extended.into_iter().map(whole).collect();
    Ok(Resources { cpu: small(amount("cpu")?), memory: small(memory), extended })
}

/// What a node must be, by the `nodeSelector` of something and by an affinity.
pub(super) fn nodes(of: &Fields<'_>, affinity: &Fields<'_>) -> Result<Vec<Selector>, Problem> {
    let plain = of.map("nodeSelector")?;
    let required = affinity.at("requiredDuringSchedulingIgnoredDuringExecution");
    let terms = required.list("nodeSelectorTerms")?;
    if terms.is_empty() {
        return Ok(if plain.is_empty() { Vec::new() } else { vec![Selector::of(&plain)] });
    }
    let with_plain = |term: &Fields<'_>| {
        if term.at("matchFields").is_there() {
            return Err(term.problem("matchFields", "the fleet does not name its nodes"));
        }
        let selector = term.selector()?;
        Ok(plain.iter().fold(selector, |selector, (key, value)| selector.and(key, value)))
    };
    terms.iter().map(with_plain).collect()
}

/// The constraints that are enforced, and whether there are others.
pub(super) fn spread(pod: &Fields<'_>, labels: &Labels) -> Result<(Vec<Spread>, bool), Problem> {
    let mut enforced = Vec::new();
    let mut wishes = false;
    for one in pod.list("topologySpreadConstraints")? {
        // The default is to enforce.
        if one.text("whenUnsatisfiable")? == Some("ScheduleAnyway") {
            wishes = true;
            continue;
        }
        enforced.push(Spread {
            key: one.text("topologyKey")?.unwrap_or_default().to_owned(),
            max_skew: one.count("maxSkew")?.unwrap_or(1),
            min_domains: one.count("minDomains")?.unwrap_or(1),
            // Defaults: nodes that the pod cannot use do not count, their taints do not matter.
            honours_nodes: one.text("nodeAffinityPolicy")? != Some("Ignore"),
            honours_taints: one.text("nodeTaintsPolicy")? == Some("Honor"),
            selector: with_keys(&one, labels)?,
        });
    }
    Ok((enforced, wishes))
}

/// A label selector, with the values that the incoming pod has of `matchLabelKeys`.
fn with_keys(term: &Fields<'_>, labels: &Labels) -> Result<Selector, Problem> {
    let mut selector = term.at("labelSelector").selector()?;
    for key in term.texts("matchLabelKeys")? {
        if let Some(value) = labels.get(&key) {
            selector = selector.and(&key, value);
        }
    }
    for key in term.texts("mismatchLabelKeys")? {
        if let Some(value) = labels.get(&key) {
            selector = selector.and_not(&key, value);
        }
    }
    Ok(selector)
}

pub(super) fn terms(
    affinity: &Fields<'_>,
    labels: &Labels,
    not_simulated: &mut Vec<&'static str>,
) -> Result<Vec<Term>, Problem> {
    let mut terms = Vec::new();
    for term in affinity.list("requiredDuringSchedulingIgnoredDuringExecution")? {
        if term.at("namespaces").is_there() || term.at("namespaceSelector").is_there() {
            not_simulated.push("affinity to pods of other namespaces");
        }
        terms.push(Term {
            key: term.text("topologyKey")?.unwrap_or_default().to_owned(),
            selector: with_keys(&term, labels)?,
        });
    }
    Ok(terms)
}

pub(super) fn tolerations(pod: &Fields<'_>) -> Result<Vec<Toleration>, Problem> {
    (pod.list("tolerations")?.iter())
        .map(|one| {
            let text = |key: &str| Ok(one.text(key)?.filter(|t| !t.is_empty()).map(str::to_owned));
            Ok(Toleration {
                key: text("key")?,
                effect: text("effect")?,
                value: match one.text("operator")? {
                    Some("Exists") => None,
                    _ => Some(one.text("value")?.unwrap_or_default().to_owned()),
                },
                seconds: one.number("tolerationSeconds")?,
            })
        })
        .collect()
}

/// The longest that a pod may take until it is ready: a startup probe that fails for longer makes
/// the kubelet begin again, and once it succeeds the kubelet asks for readiness at once. Without
/// one nothing bounds the start, and only the first look at readiness counts.
pub(super) fn start(pod: &Fields<'_>) -> Result<u64, Problem> {
    let mut before = 0;
    for container in pod.list("initContainers")? {
        let probe = container.at("startupProbe");
        if container.text("restartPolicy")? == Some("Always") && probe.is_there() {
            let failures = probe.number("failureThreshold")?.unwrap_or(3);
            before += most_until_it_answers(&probe, failures)?;
        }
    }
    let mut longest = 0;
    for container in pod.list("containers")? {
        let (startup, ready) = (container.at("startupProbe"), container.at("readinessProbe"));
        let probe = if startup.is_there() { startup } else { ready };
        if !probe.is_there() {
            continue;
        }
        let failures = match container.at("startupProbe").is_there() {
            true => probe.number("failureThreshold")?.unwrap_or(3),
            false => 1,
        };
        longest = longest.max(most_until_it_answers(&probe, failures)?);
    }
    Ok(before + longest)
}

/// How long a probe may fail so often in a row. The defaults: at once, every 10s.
fn most_until_it_answers(probe: &Fields<'_>, failures: u64) -> Result<u64, Problem> {
    let delay = probe.number("initialDelaySeconds")?.unwrap_or(0);
    let period = probe.number("periodSeconds")?.unwrap_or(10);
    Ok(delay.saturating_add(period.saturating_mul(failures)))
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
