//! Volumes: what is left behind, what is deleted, and how many copies there are.

use super::accept::NAMESPACES;
use super::{Dropped, Edit, Match, Service, amount, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::Item;
use crate::yaml::Value;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for dropped in service.dropped("StatefulSet") {
        matches.extend(match service.moved(&dropped) {
            Some((number, to)) => begins_empty(dropped.value, dropped.item, to)
                .map(|matched| matched.object(dropped.number).object(number)),
            None => without_owner(&dropped),
        });
    }
    for edit in service.edits() {
        if edit.old_item.identity.kind == "StatefulSet"
            && !super::same(edit.old_item, edit.new_item)
        {
            let matched = begins_empty(edit.old, edit.old_item, edit.new_item);
            matches.extend(matched.map(|matched| matched.object(edit.number)));
        }
    }
    for (kind, what) in DELETED {
        matches.extend(
            service
                .dropped(kind)
                .filter(|dropped| !dropped.kept)
                .map(|dropped| deleted(&dropped, what)),
        );
    }
    matches.extend(service.edits().filter_map(|edit| not_retained(&edit)));
    matches.extend(service.edits_of("Cluster").filter_map(|edit| copies(&edit)));
    matches.extend(service.edits().filter_map(|edit| leaves_claims(&edit)));
    matches
}

/// Kinds whose objects take others with them, and what.
const DELETED: &[(&str, &str)] = &[
    ("PersistentVolumeClaim", "its volume goes with it, unless the class retains volumes"),
    ("PersistentVolume", "what is on it is found by nobody any more"),
    ("Namespace", "everything in it goes, claims and Secrets too"),
    ("CustomResourceDefinition", "every object of its kind goes with it, in all namespaces"),
    ("BackupStorageLocation", "no backup in it can be restored until it is back"),
    ("VolumeSnapshotLocation", "no snapshot in it can be restored until it is back"),
    ("Cluster", "its databases go, and the volumes with them"),
];

/// What becomes of the claims of a StatefulSet that is deleted: they stay, unless it says so.
fn deletes_claims(value: &Value) -> bool {
    let policy = value.at(&["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"]);
    policy.and_then(Value::as_str) == Some("Delete")
}

/// The claims that a StatefulSet called `name` has made: `data-orders-0 … 2`.
fn claims(value: &Value, name: &str) -> String {
    let pods = amount::count(value.at(&["spec", "replicas"])).unwrap_or(1);
    if pods == 0 {
        return String::new();
    }
    let names = workload::claims(value).into_iter().map(|claim| match pods {
        1 => format!("{claim}-{name}-0"),
        more => format!("{claim}-{name}-0 … {}", more - 1),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn without_owner(dropped: &Dropped<'_>) -> Option<Match> {
    let claims =
        Some(claims(dropped.value, &dropped.item.name)).filter(|claims| !claims.is_empty())?;
    let name = &dropped.item.name;
    let region = &dropped.item.identity.region;
    let matched = if deletes_claims(dropped.value) {
        Match::loosens(
            Code::DATA_DELETED,
            Severity::Critical,
            format!("StatefulSet {name} goes, and its volumes with it"),
        )
        .detail(format!("deleted: {claims} (whenDeleted: Delete)"))
    } else {
        Match::loosens(
            Code::DATA_STRANDED,
            Severity::Critical,
            format!("StatefulSet {name} goes, its volumes stay and nothing uses them"),
        )
        .detail(format!("stranded: {claims}"))
    };
    let matched = match dropped.kept {
        true => matched.detail("it runs on as a former generation until it is retired"),
        false => matched,
    };
    Some(matched.at(region).object(dropped.number))
}

/// A StatefulSet with another name or namespace: claims are named after it.
fn begins_empty(value: &Value, old: &Item<'_>, new: &Item<'_>) -> Option<Match> {
    let claims = Some(claims(value, &old.name)).filter(|claims| !claims.is_empty())?;
    let named = |item: &Item<'_>| {
        let namespace = item.identity.namespace.as_deref().unwrap_or("default");
        format!("{namespace}/{}", item.name)
    };
    let (then, now) = (named(old), named(new));
    let (rule, word) = match deletes_claims(value) {
        true => (Code::DATA_DELETED, "deleted"),
        false => (Code::DATA_STRANDED, "stranded"),
    };
    let title = format!("{} {now} begins with empty volumes", new.identity.kind);
    Some(
        Match::neutral(rule, Severity::Critical, title)
            .at(&new.identity.region)
            .detail(format!("{word} with StatefulSet {then}: {claims}"))
            .changed("name", then, now),
    )
}

fn deleted(dropped: &Dropped<'_>, what: &str) -> Match {
    let kind = &dropped.item.identity.kind;
    let title = format!("{kind} {} is deleted", dropped.item.name);
    let mut matched = Match::loosens(Code::DATA_DELETED, Severity::Critical, title)
        .at(&dropped.item.identity.region)
        .detail(what)
        .object(dropped.number);
    if kind == "Namespace" {
        matched = matched.fact(NAMESPACES, dropped.item.name.as_str());
    }
    let note =
        |key: &str| dropped.value.at(&["metadata", "annotations", key]).and_then(Value::as_str);
    if note("argocd.argoproj.io/sync-options").is_some_and(|text| text.contains("Prune=false")) {
        matched = matched.detail("Argo CD leaves it: it goes when somebody deletes it");
    } else if note("argocd.argoproj.io/sync-options").is_some_and(|text| text.contains("confirm")) {
        matched = matched.detail("Argo CD asks before it does so");
    }
    if note("kustomize.toolkit.fluxcd.io/prune") == Some("disabled") {
        matched = matched.detail("Flux leaves it: it goes when somebody deletes it");
    }
    matched
}

/// Claims that the pods of a workload mount no more, although they are not its own.
fn leaves_claims(edit: &Edit<'_>) -> Option<Match> {
    let of = |pod: &Value| -> BTreeSet<String> {
        let volumes = pod.get("volumes").map(Value::items).unwrap_or_default();
        let claim = |volume: &Value| {
            Some(volume.at(&["persistentVolumeClaim", "claimName"])?.as_str()?.to_owned())
        };
        volumes.iter().filter_map(claim).collect()
    };
    let (old, new) = edit.pods()?;
    let (then, now) = (of(old), of(new));
    let gone: Vec<&String> = then.difference(&now).collect();
    let come: Vec<&String> = now.difference(&then).collect();
    if gone.is_empty() {
        return None;
    }
    let title = format!("pods of {} {} leave their volumes", edit.kind, edit.new_item.name);
    let matched = match come.as_slice() {
        [] => edit.loosens(Code::DATA_STRANDED, Severity::High, title),
        _ => edit.neutral(Code::DATA_STRANDED, Severity::High, title),
    };
    let gone =
        gone.into_iter().map(|claim| format!("claim {claim} stays, and they no longer mount it"));
    Some(matched.details(gone).details(come.into_iter().map(|claim| format!("they mount {claim}"))))
}

/// Volumes that are deleted from now on with what uses them.
fn not_retained(edit: &Edit<'_>) -> Option<Match> {
    let policies: &[&[&str]] = match edit.kind {
        "StatefulSet" => &[
            &["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"],
            &["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"],
        ],
        "PersistentVolume" => &[&["spec", "persistentVolumeReclaimPolicy"]],
        "StorageClass" => &[&["reclaimPolicy"]],
        _ => return None,
    };
    // A class deletes unless it says otherwise; the others retain.
    let otherwise = if edit.kind == "StorageClass" { "Delete" } else { "Retain" };
    let of = |value: &Value, path: &[&str]| {
        value.at(path).and_then(Value::as_str).unwrap_or(otherwise) == "Delete"
    };
    let gained: Vec<&str> = policies
        .iter()
        .filter(|path| !of(edit.old, path) && of(edit.new, path))
        .filter_map(|path| path.last().copied())
        .collect();
    if gained.is_empty() {
        return None;
    }
    let title = format!("volumes of {} {} are no longer retained", edit.kind, edit.new_item.name);
    let matched = edit.loosens(Code::CLAIMS_NOT_RETAINED, Severity::Critical, title);
    Some(
        gained
            .iter()
            .fold(matched, |matched, field| matched.detail(format!("{field}: Retain → Delete"))),
    )
}

/// Copies of a database (CloudNativePG `Cluster`).
fn copies(edit: &Edit<'_>) -> Option<Match> {
    let fields: [(&[&str], &str); 3] = [
        (&["spec", "instances"], "instances"),
        (&["spec", "minSyncReplicas"], "synchronous replicas"),
        (&["spec", "postgresql", "synchronous", "number"], "synchronous replicas"),
    ];
    let mut matched =
        edit.loosens(Code::QUORUM_LOWERED, Severity::High, "fewer copies of the database");
    let mut any = false;
    for (path, word) in fields {
        // Without a number, there is one instance.
        let otherwise = u64::from(word == "instances");
        let of = |value: &Value| amount::count(value.at(path)).unwrap_or(otherwise);
        let (then, now) = (of(edit.old), of(edit.new));
        if now < then {
            any = true;
            matched = matched.detail(format!("{word} {then} → {now}")).changed("copies", then, now);
        }
    }
    any.then_some(matched)
}
