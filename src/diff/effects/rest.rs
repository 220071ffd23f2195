//! Whatever differs and no other rule speaks of: nothing changes without a word.

use super::{Edit, Match, Service, called, replace, workload};
use crate::diag::Code;
use crate::diff::report::{Class, Operation, Severity};
use crate::diff::side::{Identity, Item};
use crate::diff::value::{Change, FieldOperation};
use std::collections::BTreeSet;

/// Kinds that a rule reads as a whole: where it says nothing, nothing changes.
const UNDERSTOOD: &[&str] = &[
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ResourceQuota",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
];

/// Where what these kinds say begins.
const SAID: &[&str] = &["spec", "rules", "webhooks"];

/// Fields of other kinds of which a rule speaks wherever they mean something else.
const UNDERSTOOD_FIELDS: &[(&str, &[&str])] = &[
    (
        "Service",
        &[
            "spec.type",
            "spec.selector",
            "spec.sessionAffinity",
            "spec.externalTrafficPolicy",
            "spec.internalTrafficPolicy",
            "spec.publishNotReadyAddresses",
            "spec.loadBalancerSourceRanges",
            "spec.externalIPs",
        ],
    ),
    ("PersistentVolumeClaim", &["spec.volumeMode"]),
    (
        "Schedule",
        &["spec.template.ttl", "spec.template.labelSelector", "spec.template.orLabelSelectors"],
    ),
    ("StorageClass", &["reclaimPolicy"]),
];

/// Whether a rule reads a kind as a whole.
pub(super) fn is_understood(kind: &str) -> bool {
    UNDERSTOOD.contains(&kind)
}

/// Whether a rule speaks of a change whenever it means something; the order of a Service's ports means
/// nothing.
fn is_spoken_of(kind: &str, change: &Change) -> bool {
    let fields = UNDERSTOOD_FIELDS.iter().filter(|(of, _)| *of == kind);
    let own = |field: &&str| {
        let rest = change.path.strip_prefix(*field);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let of_service = kind == "Service"
        && (change.operation == FieldOperation::Reorder || change.path.ends_with(".targetPort"));
    of_service || fields.flat_map(|(_, fields)| fields.iter()).any(own)
}

/// How many fields are spelled out.
const FIELDS: usize = 8;

pub(super) fn check(service: &Service<'_>, told: &BTreeSet<usize>) -> Vec<Match> {
    let mut matches = marks(service, told);
    let namespaces = service.dropped("Namespace").map(|dropped| {
        let item = dropped.item;
        (item.identity.region.as_str(), item.name.as_str())
    });
    let namespaces: BTreeSet<(&str, &str)> = namespaces.collect();
    for changed in service.changed.iter().filter(|changed| !told.contains(&changed.number)) {
        let former = |item: Option<&Item<'_>>| item.is_some_and(|item| item.retained.is_some());
        if former(changed.old) || former(changed.new) || changed.object.class != Class::Edited {
            continue;
        }
        matches.extend(
            match changed.object.operation {
                Operation::Create => changed.new.and_then(|item| comes(service, item)),
                Operation::Delete => changed.old.and_then(|item| goes(service, item, &namespaces)),
                Operation::Update | Operation::Replace | Operation::Move => super::edit(changed)
                    .and_then(|edit| differs(service, &edit, &changed.object.changes)),
                Operation::Keep | Operation::Retire => None,
            }
            .map(|matched| matched.object(changed.number)),
        );
    }
    matches
}

/// Where labels and annotations are.
const MARKS: &str = "metadata.";

/// Objects of which only labels or annotations differ, all of them in one line.
fn marks(service: &Service<'_>, told: &BTreeSet<usize>) -> Vec<Match> {
    let differ = service.changed.iter().filter(|changed| {
        let mut changes = changed.object.changes.iter().filter(|change| !change.cosmetic);
        let mut any = false;
        let all = changes.all(|change| {
            any = true;
            change.path.starts_with(MARKS)
        });
        any && all
            && changed.object.class == Class::Edited
            && super::edit(changed).is_some()
            && !told.contains(&changed.number)
    });
    let differ: Vec<_> = differ.collect();
    if differ.is_empty() {
        return Vec::new();
    }
    let changes = differ.iter().flat_map(|changed| &changed.object.changes);
    let paths: BTreeSet<&str> = changes.map(|change| change.path.as_str()).collect();
    let regions: BTreeSet<&str> =
        differ.iter().map(|changed| changed.object.region.as_str()).collect();
    let title = match differ.as_slice() {
        [one] => format!("{} has other labels or annotations", one.object.kind),
        more => format!("{} objects have other labels or annotations", more.len()),
    };
    let matched = Match::neutral(Code::OBJECT_CHANGES, Severity::Info, title)
        .details(paths.into_iter().take(FIELDS).map(str::to_owned))
        .objects(differ.iter().map(|changed| changed.number));
    let regions = regions.into_iter().filter(|region| !region.is_empty());
    vec![regions.fold(matched, |matched, region| matched.at(region))]
}

fn comes(service: &Service<'_>, item: &Item<'_>) -> Option<Match> {
    // A ConfigMap that is new is read by pods that start anew.
    service.old?;
    let title = format!("{} comes", called(service, item));
    Some(Match::neutral(Code::OBJECT_COMES, Severity::Info, title).at(&item.identity.region))
}

/// `namespaces` go, by region.
fn goes(
    service: &Service<'_>,
    item: &Item<'_>,
    namespaces: &BTreeSet<(&str, &str)>,
) -> Option<Match> {
    service.new?;
    // What goes with its namespace is told there.
    let Identity { region, namespace, .. } = &item.identity;
    if namespace.as_ref().is_some_and(|namespace| namespaces.contains(&(region, namespace))) {
        return None;
    }
    let title = format!("{} goes", called(service, item));
    let severity = if pods_follow(service, item) { Severity::Low } else { Severity::Medium };
    Some(
        Match::loosens(Code::OBJECT_GOES, severity, title).at(&item.identity.region).detail(
            "what it did is no longer done; nothing that this tree knows of takes its place",
        ),
    )
}

/// Whether an object is read by pods that start anew, which is told: a ConfigMap.
fn pods_follow(service: &Service<'_>, item: &Item<'_>) -> bool {
    item.identity.kind == "ConfigMap" && replace::restarts(service)
}

fn differs(service: &Service<'_>, edit: &Edit<'_>, changes: &[Change]) -> Option<Match> {
    let counts =
        |change: &&Change| !change.cosmetic && !change.equal && !is_spoken_of(edit.kind, change);
    let paths: Vec<&str> =
        changes.iter().filter(counts).map(|change| change.path.as_str()).collect();
    let read_anew =
        !super::same(edit.old_item, edit.new_item) && pods_follow(service, edit.new_item);
    if paths.is_empty()
        || read_anew
        || is_understood(edit.kind)
            && paths.iter().any(|path| SAID.iter().any(|said| path.starts_with(said)))
    {
        return None;
    }
    if paths.iter().all(|path| path.starts_with(MARKS)) {
        return None;
    }
    let name = called(service, edit.new_item);
    let title = match workload::has_pods(edit.kind) {
        true => format!("{name} runs differently"),
        false => format!("{name} says something else"),
    };
    let more = paths.len().saturating_sub(FIELDS);
    let mut matched = Match::neutral(Code::OBJECT_CHANGES, Severity::Low, title)
        .at(edit.region)
        .details(paths.into_iter().take(FIELDS).map(str::to_owned));
    if more > 0 {
        matched = matched.detail(format!("and {more} more fields"));
    }
    Some(matched)
}
