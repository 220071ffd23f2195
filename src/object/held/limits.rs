//! What governs the pods of a namespace, whoever wrote it: quotas, ranges, budgets, and what sets other
//! requests than the spec has.

use super::{Departure, PLACED, ROOM, RUNS, Touched, departure, path};
use crate::decide::Taken;
use crate::kube::read::quantity::Quantity;
use crate::kube::read::selector::{self, Selector};
use crate::object::judge::Judged;
use crate::object::{Object, Others};
use crate::plan::values::Values;
use crate::yaml::Value;

/// The kinds that govern all pods of a namespace, also those of somebody else's.
pub(in crate::object) const GOVERN: &[&str] =
    &["LimitRange", "PodDisruptionBudget", "ResourceQuota"];

const TEMPLATE: [&str; 3] = ["spec", "template", "spec"];

/// The workloads that serve in a region.
pub(super) fn serving<'a>(objects: &[Judged<'a>], taken: &Taken) -> Vec<&'a Object> {
    let serves = |(object, manifest): &&Judged<'_>| {
        matches!(manifest.values, Values::Workload(_)) && object.id.region == taken.region
    };
    objects.iter().filter(serves).map(|(object, _)| *object).collect()
}

/// What an object of the service's own changes of what its pods ask for, or refuses of them.
pub(super) fn of_own(
    object: &Object,
    serve: &[&Object],
    (taken, others): (&Taken, Others),
) -> Option<Departure> {
    let (kind, value) = (object.id.kind.name(), &object.value);
    if kind == "VerticalPodAutoscaler" {
        return resized(value, serve);
    }
    // Of two budgets in one unit, that is reported where they meet.
    let here = serve.iter().any(|one| one.id.namespace == object.id.namespace);
    if !here || kind == "PodDisruptionBudget" {
        return None;
    }
    of(kind, value, serve, (taken, others))
}

/// What an object that governs the namespace of these workloads refuses of their pods.
pub(super) fn of(
    kind: &str,
    value: &Value,
    serve: &[&Object],
    (taken, others): (&Taken, Others),
) -> Option<Departure> {
    match kind {
        "ResourceQuota" => quota(value, taken, others),
        "LimitRange" => serve.iter().find_map(|one| range(value, one)),
        "PodDisruptionBudget" => serve.iter().find_map(|one| budget(value, one)),
        _ => None,
    }
}

/// An autoscaler of requests: it evicts pods, or waits for those that come, and gives them others.
fn resized(value: &Value, serve: &[&Object]) -> Option<Departure> {
    let target = value.at(&["spec", "targetRef", "name"]).and_then(Value::as_str)?;
    let mode = value.at(&["spec", "updatePolicy", "updateMode"]).and_then(Value::as_str);
    let one = serve.iter().find(|one| one.id.name.as_str() == target)?;
    let policies = value.at(&["spec", "resourcePolicy", "containerPolicies"]).map(Value::items);
    let text = |policy: &Value, key: &str| {
        policy.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let policies = policies.unwrap_or_default();
    let is_off = |policy: &Value| text(policy, "mode") == "Off";
    let all_off = policies.iter().any(|policy| text(policy, "containerName") == "*")
        && policies.iter().all(is_off);
    if mode == Some("Off") || all_off {
        return None;
    }
    let does = match mode {
        Some("Initial") => "it changes what new pods of",
        _ => "it evicts pods, or resizes them, and changes what those of",
    };
    let message = format!(
        "{does} {} `{target}` ask for, and the capacity was proven with what the spec says",
        one.id.kind
    );
    let help =
        "`updatePolicy.updateMode: \"Off\"` recommends only: write what it says into `[capacity]`";
    beside(&["spec", "updatePolicy"], message, ROOM, help)
}

/// A quota that admits fewer pods than run in the namespace.
fn quota(value: &Value, taken: &Taken, others: Others) -> Option<Departure> {
    let hard = value.at(&["spec", "hard"])?;
    let count = u128::from(taken.replicas);
    let cpu = count * u128::from(taken.cpu.as_millis()) + others.cpu;
    let memory = (count * u128::from(taken.memory.get()) + others.memory) * 1000;
    let needed = [
        (&["pods", "count/pods"][..], (count + others.replicas) * 1000),
        (&["cpu", "requests.cpu"][..], cpu),
        (&["memory", "requests.memory"][..], memory),
    ];
    let admits = |name: &str| Quantity::of(hard.get(name)?)?.thousandths();
    let short = needed.iter().find_map(|(names, needed)| {
        names.iter().find(|name| admits(name).is_some_and(|admits| admits < *needed))
    })?;
    let with = match others.replicas {
        0 => String::new(),
        more => format!(", beside {more} of other services,"),
    };
    let message = format!(
        "`{short}` of this quota is less than the {count} replicas take{with} that the promise rests on"
    );
    let help = "admit twice as much: a release runs two generations side by side";
    beside(&["spec", "hard", *short], message, ROOM, help)
}

/// A range that refuses a pod, as one of its containers, or all of them, ask for more or less than it
/// lets in (Kubernetes, `plugin/pkg/admission/limitranger`).
fn range(value: &Value, workload: &Object) -> Option<Departure> {
    let pod = workload.value.at(&TEMPLATE)?;
    let lists = ["containers", "initContainers"].into_iter();
    let containers: Vec<&Value> =
        lists.flat_map(|list| pod.get(list).map(Value::items).unwrap_or_default()).collect();
    let limits = value.at(&["spec", "limits"]).map(Value::items).unwrap_or_default();
    for (at, limit) in limits.iter().enumerate() {
        let of = limit.get("type").and_then(Value::as_str).unwrap_or_default();
        for resource in ["cpu", "memory"] {
            let asks = containers.iter().map(|one| asked(one, limit, resource));
            let refused = match of {
                "Container" => asks.into_iter().find_map(|asks| refused(asks, limit, resource)),
                "Pod" => refused(asks.fold((0, 0), more), limit, resource),
                _ => None,
            };
            let Some(bound) = refused else { continue };
            let message = format!(
                "`{bound}.{resource}` of this range refuses the pods of {} `{}`",
                workload.id.kind, workload.id.name
            );
            let help =
                "let in what `[capacity]`, `[[init]]` and `[[sidecars]]` of the spec ask for";
            let at = at.to_string();
            return beside(&["spec", "limits", &at, bound, resource], message, RUNS, help);
        }
    }
    None
}

/// What a container asks for, and the most that it may use, in thousandths: where it says no limit, the
/// range does.
fn asked(container: &Value, limit: &Value, resource: &str) -> (u128, u128) {
    let amount = |value: Option<&Value>| Quantity::of(value?)?.thousandths();
    let of = |list: &str| amount(container.at(&["resources", list, resource]));
    let given = || amount(limit.at(&["default", resource]));
    let most = of("limits").or_else(given).or_else(|| amount(limit.at(&["max", resource])));
    let request = of("requests").or(of("limits")).unwrap_or(0);
    (request, most.unwrap_or(request))
}

fn more(sum: (u128, u128), one: (u128, u128)) -> (u128, u128) {
    (sum.0.saturating_add(one.0), sum.1.saturating_add(one.1))
}

/// The bound that refuses such a request, or such a limit.
fn refused((request, most): (u128, u128), limit: &Value, resource: &str) -> Option<&'static str> {
    let bound = |key: &str| Quantity::of(limit.at(&[key, resource])?)?.thousandths();
    if bound("max").is_some_and(|max| most.max(request) > max) {
        Some("max")
    } else if bound("min").is_some_and(|min| request < min) {
        Some("min")
    } else if request > most {
        Some("default")
    } else {
        None
    }
}

/// A second budget over pods that have one: the API server evicts none of them, so no drain ends.
fn budget(value: &Value, workload: &Object) -> Option<Departure> {
    let selector = Selector::read(value.at(&["spec", "selector"])?).ok()?;
    let labels = workload.value.at(&["spec", "template", "metadata", "labels"])?;
    let labels = selector::read_labels("", labels).ok()?;
    let message = format!(
        "it is a second disruption budget over the pods of {} `{}`: no drain of their nodes ends",
        workload.id.kind, workload.id.name
    );
    let help = "take it out: every service has a budget of its own";
    selector.selects(&labels).then_some(())?;
    beside(&["spec", "selector"], message, PLACED, help)
}

fn beside(
    steps: &[&str],
    message: String,
    touched: Touched,
    help: &'static str,
) -> Option<Departure> {
    Some(Departure { beside: true, ..departure(path(steps), message, touched, help) })
}
