//! What a pod asks for, where it may be, and how long it takes to start.

use crate::judge::cluster::Resources;
use crate::judge::fields::{Fields, Problem};
use crate::judge::pods::{Place, Pod, Spread, Term, Toleration};
use crate::kube::read::selector::{Labels, Selector};

pub(super) fn pod(spec: &Fields<'_>, place: &Place, stateful: bool) -> Result<Pod, Problem> {
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
        if pod.has(field) {
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
pub(in crate::judge) fn requests(pod: &Fields<'_>) -> Result<Resources, Problem> {
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
    if !pod.has("resources.requests.cpu") && containers.cpu > 0 {
        own.cpu = 0;
    }
    if !pod.has("resources.requests.memory") && containers.memory > 0 {
        own.memory = 0;
    }
    Ok(own)
}

/// The overhead of a pod, which a `RuntimeClass` sets.
fn beside_containers(pod: &Fields<'_>) -> Result<Resources, Problem> {
    let amount = |path: &str| -> Result<u128, Problem> { Ok(pod.quantity(path)?.unwrap_or(0)) };
    let small = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
    let (cpu, memory) = (amount("overhead.cpu")?, amount("overhead.memory")?.div_ceil(1000));
    Ok(Resources { cpu: small(cpu), memory: small(memory), ..Resources::default() })
}

/// What the `resources` of a container, or of what makes one, reserve.
pub(in crate::judge) fn asked(container: &Fields<'_>) -> Result<Resources, Problem> {
    let amount = |requests: &str, limits: &str| -> Result<u128, Problem> {
        let requests = container.quantity(requests)?;
        // Without a request, the API server takes the limit for one.
        let limits = container.quantity(limits)?;
        Ok(requests.or(limits).unwrap_or(0))
    };
    let cpu = amount("resources.requests.cpu", "resources.limits.cpu")?;
    let small = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
    let memory = amount("resources.requests.memory", "resources.limits.memory")?.div_ceil(1000);
    let whole = |(name, amount): (String, u128)| (name, small(amount.div_ceil(1000)));
    // Requests and limits of devices are the same; one of them may be left out.
    let mut extended = container.devices("resources.limits")?;
    extended.extend(container.devices("resources.requests")?);
    let extended = extended.into_iter().map(whole).collect();
    Ok(Resources { cpu: small(cpu), memory: small(memory), extended })
}

/// What a node must be, by the `nodeSelector` of something and by an affinity.
pub(in crate::judge) fn nodes(
    of: &Fields<'_>,
    affinity: &Fields<'_>,
) -> Result<Vec<Selector>, Problem> {
    let plain = of.map("nodeSelector")?;
    let required = affinity.at("requiredDuringSchedulingIgnoredDuringExecution");
    let terms = required.list("nodeSelectorTerms")?;
    if terms.is_empty() {
        return Ok(if plain.is_empty() { Vec::new() } else { vec![Selector::of(&plain)] });
    }
    let with_plain = |term: &Fields<'_>| {
        if term.has("matchFields") {
            return Err(term.problem("matchFields", "the fleet does not name its nodes"));
        }
        let selector = term.selector()?;
        Ok(plain.iter().fold(selector, |selector, (key, value)| selector.and(key, value)))
    };
    terms.iter().map(with_plain).collect()
}

/// The constraints that are enforced, and whether there are others.
pub(in crate::judge) fn spread(
    pod: &Fields<'_>,
    labels: &Labels,
) -> Result<(Vec<Spread>, bool), Problem> {
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

pub(in crate::judge) fn terms(
    affinity: &Fields<'_>,
    labels: &Labels,
    not_simulated: &mut Vec<&'static str>,
) -> Result<Vec<Term>, Problem> {
    let mut terms = Vec::new();
    for term in affinity.list("requiredDuringSchedulingIgnoredDuringExecution")? {
        if term.has("namespaces") || term.has("namespaceSelector") {
            not_simulated.push("affinity to pods of other namespaces");
        }
        terms.push(Term {
            key: term.text("topologyKey")?.unwrap_or_default().to_owned(),
            selector: with_keys(&term, labels)?,
        });
    }
    Ok(terms)
}

pub(in crate::judge) fn tolerations(pod: &Fields<'_>) -> Result<Vec<Toleration>, Problem> {
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
pub(in crate::judge) fn start(pod: &Fields<'_>) -> Result<u64, Problem> {
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
        let failures = match container.has("startupProbe") {
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
