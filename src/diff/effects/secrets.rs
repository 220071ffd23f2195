//! Which Secrets an object reads. Names are shown, values never.

use super::{Edit, Match, Service, called, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Fields that name a Secret, by the map that holds its name; `[]` stands for every item of a list.
struct Row {
    kind: &'static str,
    holder: &'static str,
    name: &'static str,
}

/// Those of kinds without pods. Sources: Kubernetes `networking/v1`; Velero
/// `pkg/apis/velero/v1/{backup_storage_location,volume_snapshot_location}_types.go`; CloudNativePG
/// `api/v1/cluster_types.go`; Flux `GitRepository`.
const ROWS: &[Row] = &[
    row("Ingress", "spec.tls[]", "secretName"),
    row("Gateway", "spec.listeners[].tls.certificateRefs[]", "name"),
    row("BackupStorageLocation", "spec.credential", "name"),
    row("VolumeSnapshotLocation", "spec.credential", "name"),
    row("Cluster", "spec.imagePullSecrets[]", "name"),
    row("Cluster", "spec.superuserSecret", "name"),
    row("Cluster", "spec.bootstrap.initdb.secret", "name"),
    row("Cluster", "spec.bootstrap.recovery.secret", "name"),
    row("Cluster", "spec.certificates", "serverTLSSecret"),
    row("ServiceAccount", "imagePullSecrets[]", "name"),
    row("ServiceAccount", "secrets[]", "name"),
    row("GitRepository", "spec.secretRef", "name"),
];

/// Those of a pod.
const OF_PODS: &[(&str, &str)] = &[
    ("imagePullSecrets[]", "name"),
    ("volumes[].secret", "secretName"),
    ("volumes[].projected.sources[].secret", "name"),
    ("volumes[].csi.nodePublishSecretRef", "name"),
];

/// Those of a container.
const OF_CONTAINERS: &[(&str, &str)] =
    &[("env[].valueFrom.secretKeyRef", "name"), ("envFrom[].secretRef", "name")];

const fn row(kind: &'static str, holder: &'static str, name: &'static str) -> Row {
    Row { kind, holder, name }
}

/// How an object reads one Secret in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    secret: String,
    key: Option<String>,
    waits: bool,
}

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    service.edits().filter_map(|edit| reads(service, &edit)).collect()
}

fn reads(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let then = uses(&edit.old_item.identity.kind, edit.old);
    let now = uses(edit.kind, edit.new);
    if then == now {
        return None;
    }
    let names = |uses: &BTreeSet<Use>| -> BTreeMap<String, BTreeSet<Use>> {
        let mut names: BTreeMap<String, BTreeSet<Use>> = BTreeMap::new();
        for one in uses {
            names.entry(one.secret.clone()).or_default().insert(one.clone());
        }
        names
    };
    let (before, after) = (names(&then), names(&now));
    let mut lines = Vec::new();
    let gone: Vec<&str> =
        before.keys().filter(|name| !after.contains_key(*name)).map(String::as_str).collect();
    let come: Vec<&str> =
        after.keys().filter(|name| !before.contains_key(*name)).map(String::as_str).collect();
    for (name, uses) in &after {
        let Some(former) = before.get(name) else { continue };
        let keys = |uses: &BTreeSet<Use>| -> BTreeSet<String> {
            uses.iter().filter_map(|one| one.key.clone()).collect()
        };
        // Where all of it is read, every key is.
        let (then, now) = (keys(former), keys(uses));
        if then != now && !then.is_empty() && !now.is_empty() {
            let joined = |keys: BTreeSet<String>| keys.into_iter().collect::<Vec<_>>().join(", ");
            let (then, now) = (joined(then), joined(now));
            lines.push(format!("reads key {now} of Secret {name}, not {then}"));
        }
        let waits = |uses: &BTreeSet<Use>| uses.iter().any(|one| one.waits);
        match (waits(former), waits(uses)) {
            (false, true) => {
                lines.push(format!("waits for Secret {name}, which it did not need before"));
            }
            (true, false) => {
                lines.push(format!("begins without Secret {name} where there is none"));
            }
            (true, true) | (false, false) => {}
        }
    }
    let name = called(service, edit.new_item);
    let (severity, title) = match (gone.as_slice(), come.as_slice()) {
        ([], []) if lines.is_empty() => return None,
        ([], []) => (Severity::Medium, format!("{name} reads a Secret differently")),
        (gone, []) => (Severity::Low, format!("{name} no longer reads Secret {}", gone.join(", "))),
        ([], come) => (Severity::Medium, format!("{name} reads Secret {}, too", come.join(", "))),
        (gone, come) => {
            let title = format!("{name} reads Secret {}, not {}", come.join(", "), gone.join(", "));
            (Severity::Medium, title)
        }
    };
    let joined = |names: &[&str]| names.join(", ");
    let mut matched = edit
        .neutral(Code::SECRET_REFERENCE_CHANGES, severity, title)
        .changed("secrets", joined(&gone), joined(&come))
        .details(lines);
    if !come.is_empty() {
        matched = matched.detail("it must be in the cluster before this is delivered");
    }
    Some(matched)
}

/// Every Secret that an object reads.
fn uses(kind: &str, value: &Value) -> BTreeSet<Use> {
    let mut found = BTreeSet::new();
    let mut tell = |holder: &Value, name: &str| {
        if let Some(secret) = holder.get(name).and_then(Value::as_str) {
            found.insert(Use {
                secret: secret.to_owned(),
                key: holder.get("key").and_then(Value::as_str).map(str::to_owned),
                waits: holder.get("optional") != Some(&Value::Bool(true)),
            });
        }
    };
    for row in ROWS.iter().filter(|row| row.kind == kind) {
        follow(value, row.holder, &mut |holder| tell(holder, row.name));
    }
    if let Some(pod) = workload::pod(kind, value) {
        for (holder, name) in OF_PODS {
            follow(pod, holder, &mut |holder| tell(holder, name));
        }
        for (_, container) in workload::containers(pod) {
            for (holder, name) in OF_CONTAINERS {
                follow(container, holder, &mut |holder| tell(holder, name));
            }
        }
    }
    found
}

/// Calls `found` for every value at the end of `path`.
fn follow(value: &Value, path: &str, found: &mut impl FnMut(&Value)) {
    let (segment, rest) = path.split_once('.').unwrap_or((path, ""));
    let (key, every) = segment.strip_suffix("[]").map_or((segment, false), |key| (key, true));
    let Some(child) = value.get(key) else { return };
    let children = if every { child.items() } else { std::slice::from_ref(child) };
    for child in children {
        if rest.is_empty() { found(child) } else { follow(child, rest, found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    #[test]
    fn every_way_to_read_a_secret_is_seen() {
        let pod = "spec: { template: { spec: { imagePullSecrets: [{ name: a }], volumes: [{ name: v, secret: { secretName: b, optional: true } }], containers: [{ name: x, env: [{ name: K, valueFrom: { secretKeyRef: { name: c, key: k } } }], envFrom: [{ secretRef: { name: d } }] }] } } }";
        let found = uses("Deployment", &document(pod).unwrap());
        let told: Vec<(&str, Option<&str>, bool)> =
            found.iter().map(|one| (one.secret.as_str(), one.key.as_deref(), one.waits)).collect();
        let expected =
            [("a", None, true), ("b", None, false), ("c", Some("k"), true), ("d", None, true)];
        assert_eq!(told, expected);
    }
}
