//! A database, held against what was decided of it.

use super::emitted::{Emitted, line};
use super::{ARCHIVED, EVERYTHING, KEPT, LED, REPLAYED, WRITTEN, pairs};
use crate::plan::values::Database;
use crate::yaml::Value;

const DATABASE: &str = "`[data.postgresql]` says it, and it is proven";
const POOL: &str = "`[placement] pool` says on which nodes it runs, and the room there is proven";
const MEMORY: &str = "`[data.postgresql] memory` says it, and the buffers follow";
const ON: &str = "leave it as PostgreSQL has it: on";

/// Parameters without which a commit that was acknowledged is not safe (PostgreSQL `runtime-config-wal`).
const SAFE: &[&str] = &["fsync", "full_page_writes", "synchronous_commit"];

/// Annotations by which the operator stops instances (cloudnative-pg `docs/src/declarative_hibernation.md`,
/// `fencing.md`), and what each says of one that runs.
const STOPS: &[(&str, &[&str])] =
    &[("cnpg.io/hibernation", &["off"]), ("cnpg.io/fencedInstances", &["[]"])];

/// The base backups of a database.
pub(super) fn of_backup(emitted: &mut Emitted<'_>, cron: &str) {
    emitted.be("spec.schedule", Some(cron), (REPLAYED, DATABASE));
}

pub(super) fn of(emitted: &mut Emitted<'_>, planned: &Database) {
    emitted.in_time(
        "spec.postgresql.parameters.archive_timeout",
        &planned.archive_timeout,
        (ARCHIVED, DATABASE),
    );
    let synchronous = planned.synchronous.map(|number| number.to_string());
    emitted.be("spec.postgresql.synchronous.number", synchronous.as_deref(), (LED, DATABASE));
    let durable = synchronous.as_ref().map(|_| "required");
    emitted.be("spec.postgresql.synchronous.dataDurability", durable, (LED, DATABASE));
    let apart = if planned.apart { "required" } else { "preferred" };
    emitted.be("spec.affinity.enablePodAntiAffinity", Some("true"), (LED, DATABASE));
    emitted.be("spec.affinity.podAntiAffinityType", Some(apart), (LED, DATABASE));
    emitted.be("spec.affinity.topologyKey", Some(planned.apart_by), (LED, DATABASE));
    let nodes = pairs(&planned.nodes);
    emitted.be("spec.affinity.nodeSelector", nodes.as_deref(), (LED, POOL));
    let kept_in_a_drain = (planned.instances > 1).then_some("true");
    emitted.be("spec.enablePDB", kept_in_a_drain, (LED, DATABASE));
    emitted.be("spec.priorityClassName", planned.priority_class.as_deref(), (LED, DATABASE));
    rests(emitted);
    keeps_what_it_acknowledges(emitted);
    let buffers = emitted.text("spec.postgresql.parameters.shared_buffers");
    if kibibytes(buffers.as_deref()) > kibibytes(Some(&planned.shared_buffers)) {
        let at = "spec.postgresql.parameters.shared_buffers";
        emitted.be(at, Some(&planned.shared_buffers), (LED, MEMORY));
    }
    for list in ["storage", "walStorage"] {
        let class = format!("spec.{list}.storageClass");
        emitted.be(&class, Some(&planned.class), (KEPT, DATABASE));
    }
    emitted.amount("spec.walStorage.size", &planned.wal_size, (ARCHIVED, DATABASE));
    let archived = emitted.at("spec.plugins").map(Value::items).unwrap_or_default().iter();
    let archived = archived.filter(|one| one.get("isWALArchiver") == Some(&Value::Bool(true)));
    let store =
        |plugin: &Value| Some(plugin.at(&["parameters", "barmanObjectName"])?.as_str()?.to_owned());
    let stores: Vec<String> = archived.filter_map(store).collect();
    let decided: Vec<String> = planned.archive.iter().map(|one| one.store.clone()).collect();
    if stores != decided {
        let message = "it archives elsewhere than the promise was proven with, or not at all";
        emitted.add("spec.plugins", message.to_owned(), (KEPT, DATABASE));
    }
}

/// Nothing runs while one of these annotations says so.
fn rests(emitted: &mut Emitted<'_>) {
    for (key, runs) in STOPS {
        let Some(value) = emitted.value.at(&["metadata", "annotations", key]).map(line) else {
            continue;
        };
        if !value.is_empty() && !runs.contains(&value.as_str()) {
            let message = format!("`{key}` is `{value}`: instances of it are stopped");
            let help = "leave it out: a person sets it on the cluster, and takes it away again";
            emitted.add_at(&["metadata", "annotations", key], message, (EVERYTHING, help));
        }
    }
}

fn keeps_what_it_acknowledges(emitted: &mut Emitted<'_>) {
    for name in SAFE {
        let at = format!("spec.postgresql.parameters.{name}");
        let off = |text: &String| {
            let text = text.trim().to_lowercase();
            // PostgreSQL takes any beginning of these that tells them apart.
            text == "0"
                || text == "n"
                || text == "no"
                || text == "of"
                || text == "off"
                || text == "local"
                || (!text.is_empty() && "false".starts_with(&text))
        };
        if let Some(value) = emitted.text(&at).filter(off) {
            let message =
                format!("with `{name}: {value}`, a commit is acknowledged before it is safe");
            emitted.add(&at, message, (WRITTEN, ON));
        }
    }
}

/// An amount of memory as PostgreSQL takes it: `1024MB`; without a unit, pages of 8kB. None where it is
/// another.
fn kibibytes(text: Option<&str>) -> Option<u64> {
    let text = text?.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.trim().parse().ok()?;
    let factor = match &text[digits.len()..] {
        "" => 8,
        "kB" => 1,
        "MB" => 1 << 10,
        "GB" => 1 << 20,
        "TB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_what_postgresql_makes_of_it() {
        assert_eq!(kibibytes(Some("1024MB")), kibibytes(Some("1GB")));
        assert_eq!(kibibytes(Some("128")), kibibytes(Some("1024kB")));
        assert_eq!(kibibytes(Some("1 GB")), Some(1 << 20));
        assert_eq!(kibibytes(Some("much")), None);
        assert_eq!(kibibytes(Some("99999999999999999999TB")), None);
    }
}
