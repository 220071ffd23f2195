//! What objects of one unit say of each other: selectors that find no pod, ports that are not there,
//! pods that two objects claim, and what a container is given of ConfigMaps.
//!
//! A unit sees its own objects alone. So nothing is reported missing in a namespace that others
//! share, nor beside a custom kind that may make pods.

mod selectors; // that find nothing
mod ports; //     that are not there
mod twice; //     what two objects claim
mod given; //     what containers are given of ConfigMaps

use super::judge::{self, Judged};
use super::{Context, Problem, room};
use crate::diag::Sink;
use crate::kube::read::selector::{Labels, Selector};
use crate::kube::schema::KNOWN;
use crate::kube::{Kind, Namespace, RegionName, custom_references, references};
use crate::plan::Unit;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// A problem, and the place of its object in the list.
type Found = (usize, Problem);

/// Reports what is found about the objects of a unit.
pub(super) fn check(sink: &mut Sink, unit: &Unit, objects: &[Judged<'_>], context: Context<'_>) {
    // Sets for recovery and drills are applied by hand, one after the other.
    if matches!(unit, Unit::Service(_)) && context.patched.is_none() {
        return;
    }
    let mut places: BTreeMap<(&RegionName, &Namespace), Place<'_>> = BTreeMap::new();
    for (at, judged) in objects.iter().enumerate() {
        let Some(namespace) = &judged.0.id.namespace else { continue };
        let place = places.entry((&judged.0.id.region, namespace)).or_default();
        place.objects.push((at, *judged));
        place.pods.extend(Pods::of(at, *judged));
        place.blind |= may_make_pods(&judged.0.id.kind);
    }
    let mut found: Vec<Found> = Vec::new();
    for ((region, namespace), mut place) in places {
        let of_services = context.levels.contains_key(&(region.clone(), namespace.clone()));
        place.whole = match context.patched {
            Some(service) => service.alone && service.namespace == *namespace,
            None => !of_services && !place.pods.is_empty(),
        };
        place.blind |= !place.whole;
        place.selectors(context, &mut found);
        place.ports(&mut found);
        place.twice(&mut found);
        place.given(&mut found);
    }
    for (at, judged) in objects.iter().enumerate() {
        if judge::is_users(*judged, context) {
            found.extend(room::problem(judged.0, context).map(|problem| (at, problem)));
        }
    }
    judge::report(sink, objects, found, context);
}

/// Whether objects of a kind may make pods that nobody here sees.
fn may_make_pods(kind: &Kind) -> bool {
    let Kind::Custom(custom) = kind else { return false };
    let known = KNOWN.kind(&custom.api_version, &custom.kind).is_some();
    !known && custom_references::find(&custom.api_version, &custom.kind).is_none()
}

/// The objects of one namespace of a region.
#[derive(Default)]
struct Place<'a> {
    objects: Vec<(usize, Judged<'a>)>,
    pods: Vec<Pods<'a>>,
    /// Whether nobody else has objects there.
    whole: bool,
    /// Whether there may be other pods.
    blind: bool,
}

/// The pods that an object makes, or is.
struct Pods<'a> {
    at: usize,
    judged: Judged<'a>,
    labels: Labels,
    /// Their `spec`, and the path to it.
    spec: &'a Value,
    path: Vec<&'static str>,
}

impl<'a> Pods<'a> {
    fn of(at: usize, judged: Judged<'a>) -> Option<Pods<'a>> {
        let (object, _) = judged;
        let path = references::pods(&object.id.kind)?;
        let spec = object.value.at(&path)?;
        let mut labels = path.clone();
        labels.pop();
        labels.extend(["metadata", "labels"]);
        let entries = object.value.at(&labels).map(Value::entries).unwrap_or_default().iter();
        let labels = entries
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        Some(Pods { at, judged, labels, spec, path })
    }

    /// Whether they run until they are stopped.
    fn stay(&self) -> bool {
        let kind = &self.judged.0.id.kind;
        !kind.row().is_some_and(|row| row.pods.end)
    }

    fn containers(&self) -> impl Iterator<Item = (&'static str, usize, &'a Value)> {
        ["containers", "initContainers"].into_iter().flat_map(|list| {
            let items = self.spec.get(list).map(Value::items).unwrap_or_default();
            items.iter().enumerate().map(move |(index, item)| (list, index, item))
        })
    }

    fn has_port(&self, name: &str) -> bool {
        self.containers().any(|(_, _, container)| {
            let ports = container.get("ports").map(Value::items).unwrap_or_default();
            ports.iter().any(|port| text(port, "name") == name)
        })
    }

    fn path_of(&self, below: &[&str]) -> Vec<String> {
        self.path.iter().chain(below).map(|step| (*step).to_owned()).collect()
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn path(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

/// The kinds that select pods by their labels, where they say so, and whether a plain map of labels.
const SELECTORS: &[(&str, &[&str], bool)] = &[
    ("Service", &["spec", "selector"], true),
    ("PodDisruptionBudget", &["spec", "selector"], false),
    ("NetworkPolicy", &["spec", "podSelector"], false),
    ("PodMonitor", &["spec", "selector"], false),
];

/// The selector of pods of an object, with its place; none where it selects all of them, or none.
fn selector(judged: Judged<'_>) -> Option<(&'static [&'static str], Selector)> {
    let (object, _) = judged;
    let kind = object.id.kind.name();
    let (_, path, plain) = SELECTORS.iter().find(|(name, ..)| *name == kind)?;
    let value = object.value.at(path)?;
    let selector = match plain {
        true => Selector::of(&crate::kube::read::selector::read_labels("", value).ok()?),
        false => Selector::read(value).ok()?,
    };
    selector.keys().next()?;
    Some((path, selector))
}

impl<'a> Place<'a> {
    fn selected(&self, selector: &Selector) -> Vec<&Pods<'a>> {
        self.pods.iter().filter(|pods| selector.selects(&pods.labels)).collect()
    }

    /// The objects of a kind.
    fn of_kind(&self, name: &str) -> impl Iterator<Item = (usize, Judged<'a>)> {
        let is = move |(_, (object, _)): &(usize, Judged<'a>)| object.id.kind.name() == name;
        self.objects.iter().copied().filter(is)
    }
}
