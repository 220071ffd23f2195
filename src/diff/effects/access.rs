//! Rights in the API, and Secrets and ConfigMaps that change in place.

use super::{Edit, Match, Service, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::Item;
use crate::diff::value::mean_the_same;
use crate::kube::Kind;
use crate::yaml::Value;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits() {
        matches.extend(match edit.kind {
            "Role" | "ClusterRole" => wider(&edit),
            "RoleBinding" | "ClusterRoleBinding" => more_subjects(&edit),
            "Secret" => in_place(&edit, Code::SECRET_CHANGES, Severity::High, "Secret"),
            "ConfigMap" => in_place(&edit, Code::CONFIG_IN_PLACE, Severity::Low, "ConfigMap"),
            "ServiceAccount" => another_identity(&edit),
            _ => None,
        });
    }
    matches.extend(service.edits().filter_map(|edit| another_account(&edit)));
    matches.extend(accounts_of_others(service));
    for kind in ["Role", "ClusterRole"] {
        let added = service.added(kind).filter(|_| service.old.is_some());
        matches.extend(added.filter_map(|(number, item)| everything(kind, number, item)));
    }
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        // A service that is new comes with what it needs.
        let added = service.added(kind).filter(|_| service.old.is_some());
        matches.extend(added.map(|(number, item)| {
            let title = format!("{kind} {} is new", item.name);
            let matched = Match::loosens(Code::RBAC_WIDENED, Severity::High, title)
                .at(&item.identity.region)
                .object(number);
            let who = item.value().map(subjects).unwrap_or_default();
            who.into_iter()
                .fold(matched, |matched, subject| matched.detail(format!("for {subject}")))
        }));
    }
    matches
}

/// Who the pods of an account are to the cloud.
fn another_identity(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value, key: &str| {
        let path = ["metadata", "annotations", key];
        value.at(&path).and_then(Value::as_str).unwrap_or("nobody").to_owned()
    };
    let differing = Kind::ServiceAccount.facts().identities.iter().filter_map(|key| {
        let (then, now) = (of(edit.old, key), of(edit.new, key));
        (then != now).then(|| format!("{key}: {then} → {now}"))
    });
    let lines: Vec<String> = differing.collect();
    if lines.is_empty() {
        return None;
    }
    let title = format!("pods of {} have another identity in the cloud", edit.new_item.name);
    let matched = Match::neutral(Code::IDENTITY_CHANGES, Severity::High, title)
        .at(edit.region)
        .detail("pods that run keep what they have; those that start get the new one")
        .object(edit.number);
    Some(lines.into_iter().fold(matched, Match::detail))
}

/// Accounts that the service does not make any more, and that its pods still have.
fn accounts_of_others(service: &Service<'_>) -> Vec<Match> {
    let dropped = service.dropped("ServiceAccount").filter(|dropped| !dropped.kept);
    let told = |dropped: super::Dropped<'_>| {
        let (item, region) = (dropped.item, dropped.item.identity.region.as_str());
        let namespace = &item.identity.namespace;
        let has = |(other, value): (&Item<'_>, &Value)| {
            let account = workload::pod(&other.identity.kind, value)?.get("serviceAccountName");
            Some(other.identity.namespace == *namespace && account?.as_str()? == item.name)
        };
        if !workload::of_region(service.new, region).any(|pods| has(pods) == Some(true)) {
            return None;
        }
        let name = &item.name;
        let maker = service.trees.1.all_items().find(|other| {
            other.retained.is_none() && other.unit != service.name && super::same(other, item)
        });
        let (severity, detail) = match maker {
            Some(other) => (Severity::Medium, format!("{} makes it", other.unit)),
            None => (
                Severity::High,
                "nothing in this tree makes it: where nobody else does, no pod starts".to_owned(),
            ),
        };
        let title = format!("pods run as ServiceAccount {name}, which others now use, too");
        Some(
            Match::neutral(Code::IDENTITY_CHANGES, severity, title)
                .at(region)
                .detail(detail)
                .detail(
                    "whoever makes it decides its rights in the API and its identity in the cloud",
                )
                .object(dropped.number),
        )
    };
    dropped.filter_map(told).collect()
}

/// A role that is new and allows everything of something, whoever is bound to it.
fn everything(kind: &str, number: usize, item: &Item<'_>) -> Option<Match> {
    let all = rights(item.value()?);
    let wild: Vec<&Right> =
        all.iter().filter(|(_, resource, verb)| resource == "*" || verb == "*").collect();
    let aggregates = item.value()?.get("aggregationRule").is_some();
    if wild.is_empty() && !aggregates {
        return None;
    }
    let title = format!("{kind} {} is new, and allows every verb or every resource", item.name);
    let matched = Match::loosens(Code::RBAC_WIDENED, Severity::High, title)
        .at(&item.identity.region)
        .object(number);
    let matched = match aggregates {
        true => matched.detail("it aggregates every role that has its labels"),
        false => matched,
    };
    Some(wild.into_iter().fold(matched, |matched, right| matched.detail(right_shown(right))))
}

/// `get secrets of apps`
fn right_shown((group, resource, verb): &Right) -> String {
    let of = if group.is_empty() { String::new() } else { format!(" of {group}") };
    format!("{verb} {resource}{of}")
}

/// The account that pods have: rights and identity hang on it.
fn another_account(edit: &Edit<'_>) -> Option<Match> {
    let of = |kind: &str, value: &Value| {
        let account = workload::pod(kind, value)?.get("serviceAccountName").and_then(Value::as_str);
        Some(account.unwrap_or("default").to_owned())
    };
    let (then, now) = (of(&edit.old_item.identity.kind, edit.old)?, of(edit.kind, edit.new)?);
    (then != now).then(|| {
        let title = format!("pods run as ServiceAccount {now}, not {then}");
        edit.neutral(Code::IDENTITY_CHANGES, Severity::High, title)
            .detail("they have its rights in the API and its identity in the cloud from now on, and no others")
            .changed("account", then, now)
    })
}

/// A right: a group, a resource and a verb, of which `*` means all.
type Right = (String, String, String);

fn rights(role: &Value) -> BTreeSet<Right> {
    let words = |rule: &Value, key: &str| -> Vec<String> {
        let items = rule.get(key).map(Value::items).unwrap_or_default();
        items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let mut rights = BTreeSet::new();
    for rule in role.get("rules").map(Value::items).unwrap_or_default() {
        // A rule that names objects allows less than one that does not.
        let names = words(rule, "resourceNames");
        let only: Vec<String> = match names.as_slice() {
            [] => vec![String::new()],
            names => names.iter().map(|name| format!(" {name}")).collect(),
        };
        for verb in words(rule, "verbs") {
            for resource in words(rule, "resources") {
                for group in words(rule, "apiGroups") {
                    let of =
                        |only: &String| (group.clone(), format!("{resource}{only}"), verb.clone());
                    rights.extend(only.iter().map(of));
                }
            }
            for url in words(rule, "nonResourceURLs") {
                rights.insert((String::new(), url, verb.clone()));
            }
        }
    }
    rights
}

fn allowed(rights: &BTreeSet<Right>, (group, resource, verb): &Right) -> bool {
    let fits = |given: &str, asked: &str| given == "*" || given == asked;
    let bare = resource.split_once(' ').map_or(resource.as_str(), |(bare, _)| bare);
    rights
        .iter()
        .any(|(g, r, v)| fits(g, group) && fits(v, verb) && (fits(r, resource) || r == bare))
}

fn wider(edit: &Edit<'_>) -> Option<Match> {
    let (then, now) = (rights(edit.old), rights(edit.new));
    let gained: Vec<&Right> = now.iter().filter(|right| !allowed(&then, right)).collect();
    let others = |role: &Value| role.get("aggregationRule").cloned();
    if gained.is_empty() && others(edit.new).is_some() && others(edit.old) != others(edit.new) {
        let title = format!("{} {} aggregates other roles", edit.kind, edit.new_item.name);
        return Some(edit.loosens(Code::RBAC_WIDENED, Severity::High, title));
    }
    if gained.is_empty() {
        let lost: Vec<&Right> = then.iter().filter(|right| !allowed(&now, right)).collect();
        let title = format!("{} {} allows less", edit.kind, edit.new_item.name);
        return (!lost.is_empty()).then(|| {
            let lines = lost.into_iter().map(|right| format!("no longer {}", right_shown(right)));
            edit.neutral(Code::OBJECT_CHANGES, Severity::Low, title).details(lines)
        });
    }
    let title = format!("{} {} allows more", edit.kind, edit.new_item.name);
    let matched = edit.loosens(Code::RBAC_WIDENED, Severity::High, title).changed(
        "rights",
        then.len(),
        now.len(),
    );
    Some(gained.into_iter().fold(matched, |matched, right| matched.detail(right_shown(right))))
}

/// `ServiceAccount shop/web`
fn subjects(binding: &Value) -> BTreeSet<String> {
    let subjects = binding.get("subjects").map(Value::items).unwrap_or_default();
    let read = |subject: &Value| {
        let text = |key| subject.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("namespace") {
            "" => format!("{} {}", text("kind"), text("name")),
            namespace => format!("{} {namespace}/{}", text("kind"), text("name")),
        }
    };
    subjects.iter().map(read).collect()
}

fn more_subjects(edit: &Edit<'_>) -> Option<Match> {
    let (then, now) = (subjects(edit.old), subjects(edit.new));
    let gained: Vec<&String> = now.difference(&then).collect();
    if gained.is_empty() {
        let lost: Vec<&String> = then.difference(&now).collect();
        let title = format!("{} {} has fewer subjects", edit.kind, edit.new_item.name);
        return (!lost.is_empty()).then(|| {
            let lines = lost.into_iter().map(|subject| format!("no longer for {subject}"));
            edit.neutral(Code::OBJECT_CHANGES, Severity::Low, title).details(lines)
        });
    }
    let title = format!("{} {} has more subjects", edit.kind, edit.new_item.name);
    let matched = edit.loosens(Code::RBAC_WIDENED, Severity::High, title).changed(
        "subjects",
        then.len(),
        now.len(),
    );
    Some(
        gained
            .into_iter()
            .fold(matched, |matched, subject| matched.detail(format!("for {subject}"))),
    )
}

/// Content that changes under a name that stays. Only the keys are told.
fn in_place(edit: &Edit<'_>, rule: Code, severity: Severity, word: &str) -> Option<Match> {
    if !super::same(edit.old_item, edit.new_item) {
        return None;
    }
    let mut keys = BTreeSet::new();
    for list in ["data", "binaryData", "stringData"] {
        let of = |value: &Value| value.get(list).map(Value::entries).unwrap_or_default().to_vec();
        let (then, now) = (of(edit.old), of(edit.new));
        let differing = then.iter().filter(|entry| !now.contains(entry));
        // The same document in another spelling is read as the same.
        let means_the_same = |key: &str| {
            let text = |value: &Value| Some(value.at(&[list, key])?.as_str()?.to_owned());
            let both = text(edit.old).zip(text(edit.new));
            both.is_some_and(|(old, new)| mean_the_same(&old, &new))
        };
        keys.extend(
            differing
                .chain(now.iter().filter(|entry| !then.contains(entry)))
                .map(|(key, _)| key.clone())
                .filter(|key| !means_the_same(key)),
        );
    }
    if keys.is_empty() {
        return None;
    }
    let keys: Vec<String> = keys.into_iter().collect();
    let title = format!("{word} {} changes in place", edit.new_item.name);
    Some(
        edit.neutral(rule, severity, title)
            .detail(format!("keys {}", keys.join(", ")))
            .detail("pods see it in files after a minute, in variables after a restart; the former content is gone")
            .fact("keys", keys),
    )
}
