//! Ways between pods that network policies close or open: what all of them together let through, for
//! each workload that they select.

use super::ways::{self, Names, Peer, Way};
use super::{Changed, Match, Name, Service, name, selectors, workload};
use crate::diag::Code;
use crate::diff::report::{Class, Severity};
use crate::diff::side::{Item, Tree};
use crate::kube::{id, labels};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

const KIND: &str = "NetworkPolicy";

/// A namespace of a region: policies are about the pods of one.
type Place<'a> = (&'a str, Option<&'a str>);

/// The pods of a workload, or those that a policy names.
type Subjects = BTreeMap<String, Subject>;

/// What policies look at in pods.
#[derive(Clone)]
struct Subject {
    labels: Value,
    ports: Names,
}

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut places: BTreeMap<Place<'_>, Vec<&Changed<'_>>> = BTreeMap::new();
    for changed in &service.changed {
        let current = |item: &&Item<'_>| item.retained.is_none();
        let items = [changed.old.filter(current), changed.new.filter(current)];
        let matters = |item: &&Item<'_>| {
            let kind = item.identity.kind.as_str();
            kind == KIND || workload::LASTING.contains(&kind)
        };
        if changed.object.class == Class::Cosmetic || !items.iter().flatten().any(matters) {
            continue;
        }
        for item in items.into_iter().flatten() {
            let place = (item.identity.region.as_str(), item.identity.namespace.as_deref());
            places.entry(place).or_default().push(changed);
        }
    }
    let stay = super::regions::of(service.new);
    let come_or_go = come_or_go(service);
    let lasts = |place: &Place<'_>| stay.contains(place.0) && !come_or_go.contains(place);
    let places = places.into_iter().filter(|(place, _)| lasts(place));
    let places = places.filter(|(place, changed)| !is_as_before(service, *place, changed));
    let named = service.changed_of(KIND).flat_map(|changed| [changed.old, changed.new]);
    let named: BTreeSet<Name<'_>> = named.flatten().map(name).collect();
    places.flat_map(|(place, changed)| of_place(service, place, &changed, &named)).collect()
}

/// The namespaces that go, and with them everything that their policies closed; and those that are new, in
/// which nothing was open.
fn come_or_go<'a>(service: &Service<'a>) -> BTreeSet<Place<'a>> {
    let dropped = service.dropped("Namespace").map(|dropped| dropped.item);
    let added = service.added("Namespace").map(|(_, item)| item);
    let place = |item: &'a Item<'a>| (item.identity.region.as_str(), Some(item.name.as_str()));
    dropped.chain(added).map(place).collect()
}

/// Whether no way can have changed: of the workloads that did, the pods have the labels and the ports that
/// they had, and the policies of the place are what they were and look at no generation.
fn is_as_before(service: &Service<'_>, place: Place<'_>, changed: &[&Changed<'_>]) -> bool {
    let same_pods = |(old, new): (&Item<'_>, &Item<'_>)| {
        let kinds = [&old.identity.kind, &new.identity.kind];
        kinds.iter().all(|kind| workload::LASTING.contains(&kind.as_str()))
            && workload::ports(old) == workload::ports(new)
            && lasting_labels(old) == lasting_labels(new)
    };
    let mut pairs = changed.iter().map(|changed| changed.old.zip(changed.new));
    if !pairs.all(|pair| pair.is_some_and(same_pods)) {
        return false;
    }
    let [old, new] =
        [service.trees.0, service.trees.1].map(|tree| Item::written(&policies(tree, place)));
    let looks_at_none = |text: &Option<String>| {
        text.as_ref().is_some_and(|text| !text.contains(labels::GENERATION))
    };
    old == new && new.iter().all(looks_at_none)
}

/// The labels of the pods of a workload, but for that of their generation.
fn lasting_labels<'a>(item: &'a Item<'_>) -> Option<Vec<&'a (String, Value)>> {
    let template = workload::template(&item.identity.kind, item.value()?)?;
    let all = template.at(&["metadata", "labels"]).map(Value::entries).unwrap_or_default();
    Some(all.iter().filter(|(key, _)| key != labels::GENERATION).collect())
}

fn of_place(
    service: &Service<'_>,
    place: Place<'_>,
    changed: &[&Changed<'_>],
    named: &BTreeSet<Name<'_>>,
) -> Vec<Match> {
    let (old, new) = (policies(service.trees.0, place), policies(service.trees.1, place));
    let (before, after) = (
        subjects(service.trees.0, place, &old, named),
        subjects(service.trees.1, place, &new, named),
    );
    let (mut closed, mut opened) = (BTreeSet::new(), BTreeSet::new());
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for subject in all {
        // A workload that comes or goes has no way that closes or opens; what a policy alone names is
        // there on both sides.
        let there = |side: &Subjects| side.get(subject).cloned();
        let (Some(then), Some(now)) = (
            there(&before).or_else(|| pseudo(subject, &after)),
            there(&after).or_else(|| pseudo(subject, &before)),
        ) else {
            continue;
        };
        let namespace = place.1.unwrap_or("default");
        let (before, after) = (&then.ports, &now.ports);
        let then = ways::open(&selecting(&old, &then.labels), namespace);
        let now = ways::open(&selecting(&new, &now.labels), namespace);
        closed.extend(ways::beyond_by_names((&then, before), (&now, after)));
        opened.extend(ways::beyond_by_names((&now, after), (&then, before)));
    }
    // The way between a service and its jobs comes and goes with these.
    let own_jobs = format!("{}={}", labels::JOB_OF, id::plain(service.name));
    let others =
        |way: &Way| !matches!(&way.peer, Peer::Pods { pods, .. } if pods.contains(&own_jobs));
    closed.retain(others);
    opened.retain(others);
    let numbers = numbers_of(changed);
    let mut matches = Vec::new();
    if !closed.is_empty() {
        let matched =
            Match::neutral(Code::NETWORK_PATH_CLOSED, Severity::High, title(&closed, "closed"))
                .fact("closed", closed.len());
        matches.push(matched.details(closed.iter().map(Way::shown)));
    }
    if !opened.is_empty() {
        let all = opened.iter().any(Way::is_everything);
        let severity = if all { Severity::High } else { Severity::Medium };
        let mut matched =
            Match::loosens(Code::NETWORK_PATH_OPENED, severity, title(&opened, "opened"))
                .fact("opened", opened.len())
                .details(opened.iter().map(Way::shown));
        if all {
            matched = matched.detail("what no other policy closes is open to everybody");
        }
        matches.push(matched);
    }
    let told = |matched: Match| matched.at(place.0).objects(numbers.iter().copied());
    matches.into_iter().map(told).collect()
}

/// Of objects that differ, the policies; else the workloads, of which the labels differ.
fn numbers_of(changed: &[&Changed<'_>]) -> Vec<usize> {
    let policies = changed.iter().filter(|changed| changed.object.kind == KIND);
    let policies: Vec<usize> = policies.map(|changed| changed.number).collect();
    if policies.is_empty() {
        return changed.iter().map(|changed| changed.number).collect();
    }
    policies
}

fn title(ways: &BTreeSet<Way>, word: &str) -> String {
    match ways.len() {
        1 => format!("a network path is {word}"),
        more => format!("{more} network paths are {word}"),
    }
}

/// The policies of a place, those of other services in it among them.
fn policies<'a>(tree: &'a Tree<'a>, (region, namespace): Place<'_>) -> Vec<&'a Item<'a>> {
    tree.current_in(region, namespace).filter(|item| item.identity.kind == KIND).collect()
}

/// The policies that select pods with these labels.
fn selecting<'a>(policies: &[&'a Item<'a>], labels: &Value) -> Vec<&'a Value> {
    let values = policies.iter().filter_map(|item| item.value());
    let selects = |policy: &&Value| {
        let everything = Value::Map(Vec::new());
        let selector = policy.at(&["spec", "podSelector"]).unwrap_or(&everything);
        selectors::selects(selector, labels)
    };
    values.filter(selects).collect()
}

/// Before the name of what a policy alone names.
const NAMED: &str = "pods with ";

/// Whom policies of a place are about: its workloads; and, as not every pod is made by an object of the
/// tree, the pods that a policy names, where the policy is among those that `changed`.
fn subjects(
    tree: &Tree<'_>,
    (region, namespace): Place<'_>,
    policies: &[&Item<'_>],
    changed: &BTreeSet<Name<'_>>,
) -> Subjects {
    let mut subjects = Subjects::new();
    for item in tree.current_in(region, namespace) {
        let id = &item.identity;
        if !workload::has_pods(&id.kind) {
            continue;
        }
        let labels = item.value().and_then(|value| {
            workload::template(&id.kind, value)?.at(&["metadata", "labels"]).cloned()
        });
        let labels = labels.unwrap_or(Value::Map(Vec::new()));
        let ports = workload::ports(item).into_iter();
        let ports = ports.filter_map(|(of, name, number)| Some((of, name, number.parse().ok()?)));
        let subject = Subject { labels, ports: ports.collect() };
        subjects.insert(format!("{} {}", id.kind, id.logical_name), subject);
    }
    let no_pods = subjects.is_empty();
    for item in policies.iter().filter(|item| changed.contains(&name(item))) {
        let selector = item.value().and_then(|value| value.at(&["spec", "podSelector"]));
        let labels = selector.and_then(|selector| selector.get("matchLabels")).cloned();
        let labels = labels.unwrap_or(Value::Map(Vec::new()));
        let selects =
            |labels: &Value| selector.is_none_or(|selector| selectors::selects(selector, labels));
        // In a tree of somebody else's that has the pods of the place, a policy that finds none is about
        // none.
        let elsewhere = item.own.is_some() || no_pods;
        let named = elsewhere && !subjects.values().any(|subject| selects(&subject.labels));
        if labels.entries().is_empty() || named {
            let name = format!("{NAMED}{}", crate::yaml::write::document(&labels));
            let own = subjects.values().filter(|subject| selects(&subject.labels));
            let ports = own.flat_map(|subject| subject.ports.iter().cloned()).collect();
            subjects.insert(name, Subject { labels, ports });
        }
    }
    subjects
}

/// The labels of pods that a policy of the other side alone names.
fn pseudo(subject: &str, other: &Subjects) -> Option<Subject> {
    subject.starts_with(NAMED).then(|| other.get(subject).cloned()).flatten()
}
