//! Selectors and targets that find nothing in the new tree.

use super::workload;
use super::{Match, Service};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::kube::Kind;
use crate::kube::read::selector::Selector;
use crate::yaml::Value;

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
    let items = service.new.filter(|_| !service.is_fleet()).map(|unit| unit.items.as_slice());
    for item in items.unwrap_or_default().iter().filter(|item| item.retained.is_none()) {
        if !may_differ(service, item) {
            continue;
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
    if selector.entries().is_empty() || matched(service.new, item, selector, *plain) > 0 {
        return None;
    }
    let before = service.old.and_then(|unit| {
        // Under another name, where names follow from content.
        let is_it = |old: &&Item<'_>| old.retained.is_none() && old.identity == item.identity;
        let old = unit.items.iter().find(is_it)?;
        Some(matched(service.old, item, old.value()?.at(path)?, *plain))
    });
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

/// The workloads of a unit whose pods a selector finds.
fn matched(unit: Option<&Unit<'_>>, item: &Item<'_>, selector: &Value, plain: bool) -> usize {
    let Some(unit) = unit else { return 0 };
    let finds = |other: &&Item<'_>| {
        let identity = &other.identity;
        identity.region == item.identity.region
            && identity.namespace == item.identity.namespace
            && other.value().is_some_and(|value| {
                let template = workload::template(&identity.kind, value);
                let labels = template.and_then(|template| template.at(&["metadata", "labels"]));
                labels.is_some_and(|labels| match plain {
                    true => within(selector, labels),
                    false => selects(selector, labels),
                })
            })
    };
    let pods = |other: &&Item<'_>| workload::has_pods(&other.identity.kind);
    unit.items.iter().filter(pods).filter(finds).count()
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
            unit.items.iter().any(|other| {
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
