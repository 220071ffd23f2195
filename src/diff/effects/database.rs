//! Databases (CloudNativePG `Cluster`): versions, volumes, and what restarts them.

use super::{Edit, Match, Service, amount};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::diff::value::compare;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;

const KIND: &str = "Cluster";

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let clusters = service.edits_of(KIND).filter(|edit| is_database(edit.new));
    clusters.flat_map(|edit| of_cluster(&edit)).collect()
}

/// Whether a `Cluster` is one of CloudNativePG: others have that kind, too.
pub(super) fn is_database(value: &Value) -> bool {
    let version = value.get("apiVersion").and_then(Value::as_str);
    version.is_some_and(|version| version.starts_with("postgresql.cnpg.io/"))
}

fn of_cluster(edit: &Edit<'_>) -> Vec<Match> {
    let mut matches: Vec<Match> = image(edit).into_iter().collect();
    for (field, what) in [("storage", "volumes"), ("walStorage", "volumes of the log")] {
        matches.extend(size(edit, field, what));
        matches.extend(class(edit, field, what));
    }
    matches.extend(log_moves(edit));
    matches.extend(instances(edit));
    matches.extend(resources(edit));
    matches.extend(part(edit));
    matches.extend(others(edit));
    matches
}

/// The version of PostgreSQL that a tag says: `17.6`, `17.6-standard-trixie`.
fn version(image: &str) -> Option<(u64, u64)> {
    let rest = image.split_once('@').map_or(image, |(rest, _)| rest);
    let tag = rest.rsplit('/').next()?.split_once(':')?.1;
    let number = tag.split('-').next()?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Another version of PostgreSQL (CloudNativePG `internal/webhook/v1/cluster_webhook.go`,
/// `validateImageChange`; `docs/src/postgres_upgrades.md`).
fn image(edit: &Edit<'_>) -> Option<Match> {
    let of =
        |value: &Value| value.at(&["spec", "imageName"]).and_then(Value::as_str).map(str::to_owned);
    let (then, now) = (of(edit.old)?, of(edit.new)?);
    if then == now {
        return None;
    }
    let (severity, title, line) = match (version(&then), version(&now)) {
        (Some((old, _)), Some((new, _))) if new < old => (
            Severity::Critical,
            format!("PostgreSQL {old} → {new}: the operator refuses to go back a major version"),
            "data of a later version cannot be read by an earlier one: restore a backup that the earlier one made",
        ),
        (Some((old, _)), Some((new, _))) if new > old => (
            Severity::High,
            format!("PostgreSQL {old} → {new}: a major upgrade"),
            "the operator stops every instance and runs pg_upgrade: the database is down meanwhile, replicas are recreated, and there is no way back but a backup",
        ),
        (Some((major, old)), Some((_, new))) if new < old => (
            Severity::High,
            format!("PostgreSQL {major}.{old} → {major}.{new}: an older minor version"),
            "faults that were mended are back; the instances restart, the primary by a switchover",
        ),
        _ => (
            Severity::Low,
            "another image of the database".to_owned(),
            "the instances restart one by one, the primary by a switchover",
        ),
    };
    let matched = if severity >= Severity::High {
        edit.loosens(Code::DATABASE_CHANGES, severity, title)
    } else {
        edit.neutral(Code::DATABASE_CHANGES, severity, title)
    };
    Some(matched.detail(line).changed("image", then, now))
}

fn size(edit: &Edit<'_>, field: &str, what: &str) -> Option<Match> {
    let of = |value: &Value| value.at(&["spec", field, "size"]).cloned();
    let (then, now) = (of(edit.old)?, of(edit.new)?);
    let shown = format!("{} → {}", amount::shown(Some(&then)), amount::shown(Some(&now)));
    match Quantity::of(&now)?.partial_cmp(&Quantity::of(&then)?)? {
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Less => Some(
            edit.loosens(Code::DATABASE_CHANGES, Severity::Critical, format!("{what} of the database shrink: {shown}"))
                .detail("the operator refuses it: no volume shrinks. Make another database of that size and restore into it"),
        ),
        std::cmp::Ordering::Greater => Some(
            edit.neutral(Code::DATABASE_CHANGES, Severity::Low, format!("{what} of the database grow: {shown}"))
                .detail("in place, where the class allows it; they do not shrink again"),
        ),
    }
}

/// The log gets a volume of its own, or loses it (cloudnative-pg
/// `internal/webhook/v1/cluster_webhook.go`, `validateWalStorageChange`).
fn log_moves(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| value.at(&["spec", "walStorage"]).is_some();
    match (of(edit.old), of(edit.new)) {
        (false, true) => {
            let title = "the log of the database gets a volume of its own";
            Some(edit.neutral(Code::DATABASE_CHANGES, Severity::Low, title).detail(
                "the instances restart one by one, the primary too; it cannot be taken back",
            ))
        }
        (true, false) => {
            let title = "the log of the database loses its volume";
            Some(edit.loosens(Code::DATABASE_CHANGES, Severity::Critical, title).detail(
                "the operator refuses it: make another database without one and restore into it",
            ))
        }
        (true, true) | (false, false) => None,
    }
}

fn class(edit: &Edit<'_>, field: &str, what: &str) -> Option<Match> {
    edit.old.at(&["spec", field])?;
    edit.new.at(&["spec", field])?;
    let of = |value: &Value| amount::shown(value.at(&["spec", field, "storageClass"]));
    let (then, now) = (of(edit.old), of(edit.new));
    (then != now).then(|| {
        let title = format!("{what} of the database are of class {now}, not {then}");
        edit.neutral(Code::DATABASE_CHANGES, Severity::Medium, title)
            .detail("existing volumes stay in their class: only recreated instances get the other")
            .changed("class", then, now)
    })
}

/// More instances; of fewer, `quorum-lowered` speaks.
fn instances(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| amount::count(value.at(&["spec", "instances"])).unwrap_or(1);
    let (then, now) = (of(edit.old), of(edit.new));
    (now > then).then(|| {
        let title = format!("the database has {now} instances, not {then}");
        Match::new(Code::DATABASE_CHANGES, Severity::Info, Direction::Tightens, title)
            .at(edit.region)
            .changed("instances", then, now)
            .object(edit.number)
    })
}

fn resources(edit: &Edit<'_>) -> Option<Match> {
    let mut lines = Vec::new();
    let mut severity = Severity::Low;
    for (list, key) in
        [("requests", "cpu"), ("requests", "memory"), ("limits", "cpu"), ("limits", "memory")]
    {
        let of = |value: &Value| value.at(&["spec", "resources", list, key]).cloned();
        let (then, now) = (of(edit.old), of(edit.new));
        let amounts = |value: &Option<Value>| value.as_ref().and_then(Quantity::of);
        if amounts(&then) == amounts(&now) {
            continue;
        }
        let less = matches!((amounts(&then), amounts(&now)), (Some(then), Some(now)) if now < then);
        if less && key == "memory" {
            severity = Severity::Medium;
        }
        lines.push(format!(
            "{list}.{key} {} → {}",
            amount::shown(then.as_ref()),
            amount::shown(now.as_ref())
        ));
    }
    if lines.is_empty() {
        return None;
    }
    Some(
        edit.neutral(
            Code::DATABASE_CHANGES,
            severity,
            "the database restarts with other resources",
        )
        .details(lines)
        .detail("the instances restart one by one, the primary by a switchover"),
    )
}

/// Which cluster of several regions writes.
fn part(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value, key: &str| amount::shown(value.at(&["spec", "replica", key]));
    let follows = |value: &Value| of(value, "enabled") == "true";
    match (follows(edit.old), follows(edit.new)) {
        (false, true) => {
            let title = "the database only follows another from now on";
            return Some(edit.neutral(Code::DATABASE_CHANGES, Severity::High, title).detail(
                "nobody can write to it, and what it wrote and that other has not is lost",
            ));
        }
        (true, false) => {
            let title = "the database follows no other any more, and is written to";
            return Some(
                edit.neutral(Code::DATABASE_CHANGES, Severity::High, title)
                    .detail("it is promoted when this is delivered, whatever the other one does"),
            );
        }
        (true, true) | (false, false) => {}
    }
    let (then, now) = (of(edit.old, "primary"), of(edit.new, "primary"));
    if then == now {
        return None;
    }
    let own = of(edit.new, "self");
    let line = if now == own {
        "this one is promoted: it writes from the moment this is delivered, whatever the other does"
    } else {
        "this one follows from now on: what it wrote and nobody copied is lost"
    };
    Some(
        edit.neutral(
            Code::DATABASE_CHANGES,
            Severity::High,
            format!("the database {now} writes, not {then}"),
        )
        .detail(line)
        .changed("primary", then, now),
    )
}

/// Fields that the rules above speak of, or those of backups and copies.
const KNOWN: &[&str] = &[
    "imageName",
    "storage",
    "walStorage",
    "instances",
    "minSyncReplicas",
    "resources",
    "replica",
    "plugins",
    "externalClusters",
    "imagePullSecrets",
];

/// Whatever else differs.
fn others(edit: &Edit<'_>) -> Option<Match> {
    let rest = |value: &Value| {
        let mut spec = value.get("spec").cloned().unwrap_or(Value::Null);
        KNOWN.iter().for_each(|key| drop(spec.remove(key)));
        // Of these, `backups-stop`, `backup-location-moves` and `retention-shortened` speak.
        if let Some(backup) = spec.get_mut("backup") {
            backup.remove("retentionPolicy");
            if let Some(store) = backup.get_mut("barmanObjectStore") {
                ["destinationPath", "serverName"].iter().for_each(|key| drop(store.remove(key)));
            }
        }
        Value::Map(vec![("spec".to_owned(), spec)])
    };
    let changes = compare(KIND, &rest(edit.old), &rest(edit.new));
    let differ: Vec<&str> = changes
        .iter()
        .filter(|change| !change.cosmetic && !change.equal)
        .map(|change| change.path.as_str())
        .collect();
    if differ.is_empty() {
        return None;
    }
    let once = differ.iter().all(|path| path.starts_with("spec.bootstrap"));
    let (severity, line) = if once {
        (
            Severity::Low,
            "how a database begins is read once: nothing becomes of it in one that runs",
        )
    } else {
        (
            Severity::Medium,
            "the operator may restart the instances for it, the primary by a switchover",
        )
    };
    Some(
        edit.neutral(Code::DATABASE_CHANGES, severity, "the database runs differently")
            .details(differ.into_iter().map(str::to_owned))
            .detail(line),
    )
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_tag_says_the_version() {
        assert_eq!(version("ghcr.io/cloudnative-pg/postgresql:17.6@sha256:ab"), Some((17, 6)));
        assert_eq!(
            version("registry.example.com:5000/postgresql:18.1-standard-trixie"),
            Some((18, 1))
        );
        assert_eq!(version("postgresql:16"), Some((16, 0)));
        assert_eq!(version("postgresql@sha256:ab"), None);
        assert_eq!(version("postgresql:latest"), None);
    }
}
