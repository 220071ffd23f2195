//! Selectors and targets that find nothing in the new tree.

use super::workload;
use super::{Match, Service};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Tree, Unit};
use crate::kube::Kind;
use crate::kube::read::selector::Selector;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds that select pods: where the selector is, whether it is a plain map of labels, and how
/// much it matters that it finds none.
const SELECTORS: &[(&str, &[&str], bool, Severity)] = &[
    ("Service", &["spec", "selector"], true, Severity::Critical),
    ("PodDisruptionBudget", &["spec", "selector"], false, Severity::High),
    ("NetworkPolicy", &["spec", "podSelector"], false, Severity::High),
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    // What services share selects the pods of any of them.
    let items = service.new.filter(|_| !service.is_fleet()).map(Unit::items);
    let own = items.unwrap_or_default().iter().filter(|item| item.retained.is_none());
    let mut lasting = Lasting::default();
    let own = own.filter(|item| may_differ(service, item));
    let own = own.filter(|item| !finds_as_before(service, item, &mut lasting));
    for item in own.chain(of_others(service)) {
        if item.identity.kind == "Service" {
            matches.extend(leads_nowhere(service, item));
        }
        if let Some(row) = SELECTORS.iter().find(|(kind, ..)| *kind == item.identity.kind) {
            matches.extend(finds_nothing(service, item, row));
        }
        if Kind::autoscalers().any(|(kind, ..)| kind == item.identity.kind) {
            matches.extend(no_target(service, item));
        }
    }
    matches
}

/// What of a tree of somebody else's may select the workloads that differ here, and belongs to another owner
/// in whom nothing of it does.
fn of_others<'a>(service: &Service<'a>) -> impl Iterator<Item = &'a Item<'a>> {
    let foreign = |item: &&Item<'_>| item.own.is_none();
    let places = service.changed.iter().filter_map(|changed| {
        let item = changed.new.or(changed.old).filter(foreign)?;
        let pods = workload::LASTING.contains(&item.identity.kind.as_str());
        pods.then_some((item.identity.region.as_str(), item.identity.namespace.as_deref()))
    });
    let places: BTreeSet<(&str, Option<&str>)> = places.collect();
    let (old, new) = service.trees;
    let unit = service.name;
    let near = places.into_iter().flat_map(move |(region, namespace)| {
        let was = |item: &Item<'_>| -> Option<&Item<'_>> {
            old.current_in(region, namespace).find(|old| old.identity == item.identity)
        };
        let same = |item: &Item<'_>| was(item).is_some_and(|old| old.value() == item.value());
        let others = new.current_in(region, namespace).filter(|item| item.unit != unit);
        others.filter(|item| same(item)).collect::<Vec<_>>()
    });
    near.collect::<Vec<_>>().into_iter()
}

/// Where pods are looked for: a unit, and the tree around it.
type Pods<'a> = (Option<&'a Unit<'a>>, &'a Tree<'a>);

/// Both sides of a service.
fn sides<'a>(service: &Service<'a>) -> (Pods<'a>, Pods<'a>) {
    ((service.old, service.trees.0), (service.new, service.trees.1))
}

/// An object of the old side that is this one, under whatever name.
fn then<'a>(service: &Service<'a>, item: &'a Item<'_>) -> Option<&'a Item<'a>> {
    let is_it = |old: &&Item<'_>| old.retained.is_none() && old.identity == item.identity;
    let own = service.old.and_then(|unit| unit.items().iter().find(is_it));
    let id = &item.identity;
    let around = || service.trees.0.current_in(&id.region, id.namespace.as_deref()).find(is_it);
    own.or_else(around)
}

/// Whether the object, or a workload beside it, differs: only then may the answer.
fn may_differ(service: &Service<'_>, item: &Item<'_>) -> bool {
    service.changed.iter().any(|changed| {
        let here = |other: &Item<'_>| {
            other.identity.region == item.identity.region
                && (workload::LASTING.contains(&other.identity.kind.as_str())
                    || super::same(other, item))
        };
        changed.old.is_some_and(here) || changed.new.is_some_and(here)
    })
}

/// By region and namespace, whether the pods that any selector found there are still found.
type Lasting<'a> = BTreeMap<(&'a str, Option<&'a str>), bool>;

/// Whether an object selects pods as it did, and those that it may have found are still there.
fn finds_as_before<'a>(
    service: &Service<'a>,
    item: &'a Item<'a>,
    lasting: &mut Lasting<'a>,
) -> bool {
    let id = &item.identity;
    if !SELECTORS.iter().any(|(kind, ..)| *kind == id.kind) || service.is_changed(item) {
        return false;
    }
    let place = (id.region.as_str(), id.namespace.as_deref());
    *lasting.entry(place).or_insert_with(|| {
        let (old, new) = sides(service);
        let (then, now): (Vec<_>, Vec<_>) =
            (found(old, place).collect(), found(new, place).collect());
        let same = |was: &Item<'_>, is: &Item<'_>| {
            let (old, new) = service.trees;
            let ids = || old.id(&was.path).zip(new.id(&is.path));
            std::ptr::eq(was, is)
                || was.document == is.document && ids().is_some_and(|(then, now)| then == now)
        };
        let ports = |was: &Item<'_>, is: &Item<'_>| workload::ports(was) == workload::ports(is);
        let stays =
            |was: &Item<'_>, is: &Item<'_>| labels_of(was) == labels_of(is) && ports(was, is);
        let known = |was: &Item<'_>, is: &Item<'_>| without_generation(was, is) && ports(was, is);
        then.iter()
            .all(|was| now.iter().any(|is| same(was, is)) || now.iter().any(|is| stays(was, is)))
            && now.iter().all(|is| {
                then.iter().any(|was| same(was, is)) || then.iter().any(|was| known(was, is))
            })
    })
}

/// Whether the pods of two workloads have the same labels but for their generation.
fn without_generation(was: &Item<'_>, is: &Item<'_>) -> bool {
    let others = |item| {
        let labels = labels_of(item).map(Value::entries).unwrap_or_default();
        labels.iter().filter(|(label, _)| label != crate::kube::labels::GENERATION)
    };
    others(was).eq(others(is))
}

fn numbers(service: &Service<'_>, item: &Item<'_>) -> Vec<usize> {
    let about = |other: &Item<'_>| {
        other.identity.region == item.identity.region
            && (workload::LASTING.contains(&other.identity.kind.as_str())
                || super::same(other, item))
    };
    let there = service
        .changed
        .iter()
        .filter(|changed| changed.new.is_some_and(about) || changed.old.is_some_and(about));
    there.map(|changed| changed.number).collect()
}

fn finds_nothing(
    service: &Service<'_>,
    item: &Item<'_>,
    (kind, path, plain, severity): &(&str, &[&str], bool, Severity),
) -> Option<Match> {
    let selector = item.value()?.at(path)?;
    // Nothing is selected on purpose by a Service whose endpoints somebody else writes.
    let (old, new) = sides(service);
    if selector.entries().is_empty() || matched(new, item, selector, *plain) > 0 {
        return None;
    }
    let before = then(service, item)
        .and_then(|was| Some(matched(old, item, was.value()?.at(path)?, *plain)));
    // A selector that never found anything in this tree may mean the pods of another, or of an
    // operator. Nobody but a service of ours selects what is to be in this tree.
    let ours = before.map_or(item.own.is_some() && *plain, |before| before > 0);
    ours.then(|| {
        let before = before.unwrap_or(0);
        let title = format!("{kind} {} selects no pod", item.name);
        let wanted: Vec<String> = labels(selector, *plain)
            .iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
            .collect();
        Match::loosens(Code::SELECTS_NOTHING, *severity, title)
            .at(&item.identity.region)
            .detail(format!("no pod template in the new tree has {}", wanted.join(", ")))
            .detail(format!("workloads selected {before} → 0"))
            .changed("selected", before, 0)
            .objects(numbers(service, item))
    })
}

/// A port of a Service by a name that none of the pods has any more.
fn leads_nowhere(service: &Service<'_>, item: &Item<'_>) -> Option<Match> {
    let (old, new) = sides(service);
    let then = then(service, item).and_then(|was| Some(targets(old, was, was.value()?)));
    let lost: Vec<String> = targets(new, item, item.value()?)
        .into_iter()
        .filter(|(port, numbers)| {
            let led = |then: &Targets| then.get(port).is_none_or(|then| !then.is_empty());
            numbers.is_empty() && then.as_ref().map_or(item.own.is_some(), led)
        })
        .map(|((port, name), _)| format!("port {port} leads to {name}, which no pod has"))
        .collect();
    if lost.is_empty() {
        return None;
    }
    let title = format!("Service {} leads to no port", item.name);
    let matched = Match::loosens(Code::SELECTS_NOTHING, Severity::Critical, title);
    Some(matched.at(&item.identity.region).details(lost).objects(numbers(service, item)))
}

/// The ports of a Service whose targets are names, with the numbers that these are in its pods.
pub(super) type Targets = BTreeMap<(String, String), BTreeSet<String>>;

/// The named targets of a Service whose pods are in the tree.
fn targets(pods: Pods<'_>, item: &Item<'_>, value: &Value) -> Targets {
    let Some(selector) = value.at(&["spec", "selector"]) else { return Targets::new() };
    let workloads: Vec<&Item<'_>> = selected(pods, item, selector, true).collect();
    if workloads.is_empty() || selector.entries().is_empty() {
        return Targets::new();
    }
    let ports = value.at(&["spec", "ports"]).map(Value::items).unwrap_or_default();
    let named = ports.iter().filter_map(|port| {
        let name = port.get("targetPort")?.as_str()?.to_owned();
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
        let number = super::amount::shown(port.get("port"));
        let found = workloads.iter().flat_map(|workload| {
            workload::ports(workload)
                .into_iter()
                .filter(|(of, its, _)| of == protocol && *its == name)
        });
        let numbers = found.map(|(.., number)| number).collect();
        Some(((format!("{number}/{protocol}"), name), numbers))
    });
    named.collect()
}

/// Whether another selector of a Service finds the same workloads, those that run already among them.
pub(super) fn finds_the_same(
    service: &Service<'_>,
    item: &Item<'_>,
    (then, now): (&Value, &Value),
) -> bool {
    let (old, new) = sides(service);
    let of = |pods, selector: &Value| -> BTreeSet<String> {
        selected(pods, item, selector, true).map(|found| found.name.clone()).collect()
    };
    let before = of(old, then);
    !before.is_empty()
        && of(old, now) == before
        && of(new, now) == before
        && of(new, then) == before
}

/// Whether one of these selectors of a Service finds a workload of the tree, on either side.
pub(super) fn finds_any(service: &Service<'_>, item: &Item<'_>, selectors: [&Value; 2]) -> bool {
    let (old, new) = sides(service);
    let on = |pods| selectors.iter().any(|selector| matched(pods, item, selector, true) > 0);
    on(old) || on(new)
}

/// The named ports of the pods that run and that a Service leads to.
pub(super) fn targets_now(service: &Service<'_>, item: &Item<'_>, value: &Value) -> Targets {
    targets(sides(service).0, item, value)
}

/// How many workloads have pods that a selector finds.
fn matched(pods: Pods<'_>, item: &Item<'_>, selector: &Value, plain: bool) -> usize {
    selected(pods, item, selector, plain).count()
}

/// The workloads whose pods a selector finds.
fn selected<'a>(
    pods: Pods<'a>,
    item: &'a Item<'_>,
    selector: &Value,
    plain: bool,
) -> impl Iterator<Item = &'a Item<'a>> {
    let place = (item.identity.region.as_str(), item.identity.namespace.as_deref());
    found(pods, place).filter(move |other| {
        labels_of(other).is_some_and(|labels| match plain {
            true => within(selector, labels),
            false => selects(selector, labels),
        })
    })
}

/// The workloads whose pods a selector may find: those of the unit, former generations among them, and those
/// of others in its namespace.
fn found<'a>(
    (unit, tree): Pods<'a>,
    (region, namespace): (&'a str, Option<&'a str>),
) -> impl Iterator<Item = &'a Item<'a>> {
    let own = unit.map(Unit::items).unwrap_or_default();
    let name = own.first().map(|first| first.unit.as_str());
    let near = tree.current_in(region, namespace);
    let items = own.iter().chain(near.filter(move |other| Some(other.unit.as_str()) != name));
    items.filter(move |other| {
        let id = &other.identity;
        let here = id.region == region && id.namespace.as_deref() == namespace;
        here && workload::has_pods(&id.kind)
    })
}

/// The labels of the pods of a workload.
fn labels_of<'a>(item: &'a Item<'_>) -> Option<&'a Value> {
    workload::template(&item.identity.kind, item.value()?)?.at(&["metadata", "labels"])
}

fn labels(selector: &Value, plain: bool) -> &[(String, Value)] {
    let labels = if plain { Some(selector) } else { selector.get("matchLabels") };
    labels.map(Value::entries).unwrap_or_default()
}

fn within(wanted: &Value, labels: &Value) -> bool {
    wanted.entries().iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Whether a label selector finds these labels; one that cannot be read finds none.
pub(super) fn selects(selector: &Value, labels: &Value) -> bool {
    let label = |key: &str| labels.get(key).and_then(Value::as_str);
    Selector::read(selector).is_ok_and(|selector| selector.holds(label))
}

/// An autoscaler whose workload is not in the tree.
fn no_target(service: &Service<'_>, item: &Item<'_>) -> Option<Match> {
    let target = item.value()?.at(&["spec", "scaleTargetRef"])?;
    let (kind, name) = (target.get("kind")?.as_str()?, target.get("name")?.as_str()?);
    let stands = |unit: Option<&Unit<'_>>| {
        unit.is_some_and(|unit| {
            unit.items().iter().any(|other| {
                (other.identity.kind.as_str(), other.name.as_str()) == (kind, name)
                    && other.identity.region == item.identity.region
            })
        })
    };
    // Of the user's own kinds that scale nobody knows whether they are in this tree.
    let known = workload::LASTING.contains(&kind);
    (known && !stands(service.new) && (stands(service.old) || item.own.is_some())).then(|| {
        let title = format!("{} {} scales nothing", item.identity.kind, item.name);
        Match::loosens(Code::SELECTS_NOTHING, Severity::High, title)
            .at(&item.identity.region)
            .detail(format!("{kind} {name} is not in the new tree"))
            .objects(numbers(service, item))
    })
}
