//! Pods and volumes beside those that serve, of which nothing was decided, or something else.

use super::{Departure, KEPT, ROOM, RUNS, Touched, departure, limits, more, path};
use crate::decide::Taken;
use crate::judge::facts;
use crate::kube::schema::KNOWN;
use crate::kube::{Kind, custom_references, references};
use crate::object::Others;
use crate::object::judge::Judged;
use crate::plan::values::Values;
use crate::quantity::{Bytes, Cpu};
use crate::yaml::Value;

/// A job of the spec whose pods ask for more than it says.
pub(super) fn of_job(name: &str, (object, _): Judged<'_>, taken: &Taken) -> Vec<Departure> {
    let Some(path) = references::pods(&object.id.kind) else { return Vec::new() };
    let asks = object.value.at(&path).and_then(facts::asks).unwrap_or_default();
    let decided = taken.jobs.get(name).copied().unwrap_or_default();
    let found = more(asks, decided).map(|what| {
        let message = format!(
            "a pod of the job `{name}` asks for {what}, which the capacity was not proven with"
        );
        let path = path.iter().map(|step| (*step).to_owned()).chain(["containers".to_owned()]);
        departure(path.collect(), message, ROOM, "`cpu` and `memory` of `[[jobs]]` say it")
    });
    found.into_iter().collect()
}

/// What nothing was decided of: pods that take room, volumes with data, autoscalers of what serves.
pub(super) fn of(
    (object, _): Judged<'_>,
    objects: &[Judged<'_>],
    (taken, others): (&Taken, Others),
) -> Vec<Departure> {
    let (kind, name, value) = (&object.id.kind, &object.id.name, &object.value);
    let beside = |path: Vec<String>, message: String, touched: Touched, help: &'static str| {
        Some(Departure { beside: true, ..departure(path, message, touched, help) })
    };
    let run = value.at(&["spec", "replicas"]) != Some(&Value::Int(0));
    let asks = references::pods(kind).filter(|_| run).and_then(|at| Some((value.at(&at)?, at)));
    if let Some((pod, at)) = asks {
        let asks = facts::asks(pod).unwrap_or_default();
        let what = more(asks, (Cpu::millis(0), Bytes::new(0)));
        let steps = at.iter().map(|step| (*step).to_owned()).chain(["containers".to_owned()]);
        let found = what.and_then(|_| {
            let message = format!(
                "each pod of {kind} `{name}` asks for {} of cpu and {} of memory, which the capacity was not proven with",
                Cpu::millis(asks.cpu),
                Bytes::new(asks.memory)
            );
            beside(steps.collect(), message, ROOM, ROOM_HELP)
        });
        return found.into_iter().collect();
    }
    let serve = limits::serving(objects, taken);
    if let Some(found) = limits::of_own(object, &serve, (taken, others)) {
        return vec![found];
    }
    if may_make_pods(kind, value) {
        let message = format!(
            "{kind} `{name}` may make pods that nobody here can read: the capacity was proven without them"
        );
        return beside(path(&["kind"]), message, ROOM, ROOM_HELP).into_iter().collect();
    }
    if kind.name() == "PersistentVolumeClaim" {
        let message =
            format!("PersistentVolumeClaim `{name}` keeps data that no backup was proven with");
        let help = "write it as one of `[[volumes]]` of a service with `kind = \"stateful\"`, and it is backed up as the RPO asks";
        return beside(path(&["metadata", "name"]), message, KEPT, help).into_iter().collect();
    }
    of_autoscaler((object.id.kind.name(), value), objects, taken).into_iter().collect()
}

const ROOM_HELP: &str = "write what the service runs as `[[jobs]]` or a service of its own, and its room is proven; `ninefold simulate` counts the pods that it can read";

/// An autoscaler of the user's own that may leave fewer replicas than the promise rests on.
fn of_autoscaler(
    (kind, value): (&str, &Value),
    objects: &[Judged<'_>],
    taken: &Taken,
) -> Option<Departure> {
    let (_, field, _) = Kind::autoscalers().find(|(name, ..)| *name == kind)?;
    let target = value.at(&["spec", "scaleTargetRef", "name"]).and_then(Value::as_str)?;
    let serves = |(object, manifest): &Judged<'_>| {
        matches!(manifest.values, Values::Workload(_))
            && object.id.region == taken.region
            && object.id.name.as_str() == target
    };
    objects.iter().find(|one| serves(one))?;
    let written = match value.at(&["spec", field]) {
        Some(Value::Int(number)) => u64::try_from(*number).unwrap_or(0),
        // The API server makes one of it, KEDA none.
        _ => u64::from(kind == Kind::HorizontalPodAutoscaler.name()),
    };
    (written < u64::from(taken.replicas)).then(|| {
        let message = format!(
            "this {kind} may leave {written} replicas, and the promise rests on {}",
            taken.replicas
        );
        let help = "`[capacity] autoscale` has `min` and `max`, and what they leave is proven";
        Departure { beside: true, ..departure(path(&["spec", field]), message, RUNS, help) }
    })
}

/// What in an object of a kind that nobody here knows speaks of pods.
const OF_PODS: &[&str] =
    &["containers", "podTemplate", "podSpec", "replicas", "instances", "parallelism", "nodeSets"];

/// Whether an object of an unknown kind speaks of pods that something may make of it.
fn may_make_pods(kind: &Kind, value: &Value) -> bool {
    fn speaks(value: &Value, depth: usize) -> bool {
        depth > 0
            && (value
                .entries()
                .iter()
                .any(|(key, value)| OF_PODS.contains(&key.as_str()) || speaks(value, depth - 1))
                || value.items().iter().any(|item| speaks(item, depth - 1)))
    }
    let Kind::Custom(custom) = kind else { return false };
    let known = KNOWN.kind(&custom.api_version, &custom.kind).is_some()
        || custom_references::find(&custom.api_version, &custom.kind).is_some();
    !known && value.get("spec").is_some_and(|spec| speaks(spec, 4))
}
