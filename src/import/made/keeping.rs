//! `[backup]` and `[data]` of a service, from the Schedules, copies and databases that it has.

use super::super::guess::Context;
use super::super::object::{self, Object};
use super::super::toml::{Document, Table, texts};
use super::{Service, logical, of};
use crate::decide::wal;
use crate::kube::read::cron::Cron;
use crate::quantity::Duration;
use crate::yaml::{Value, read};

/// How a service keeps its data.
pub(in crate::import) fn keeping(context: Context<'_>, at: usize, document: &mut Document) {
    let group = &context.groups.groups[at];
    let Some(service) = context.made.service(&group.name) else { return };
    let all = of(context.objects, &group.name);
    let here: Vec<&Object> =
        (all.into_iter()).filter(|object| object.region.as_ref() == Some(&service.home)).collect();
    data(service, &here, document);
    backup(service, &here, document);
}

fn find<'a>(here: &[&'a Object], kind: &str) -> Option<&'a Object> {
    here.iter().find(|object| object.kind == kind).copied()
}

fn data(service: &Service, here: &[&Object], document: &mut Document) {
    if !service.promises.residency.is_empty() {
        document.table(&["data"]).set("residency", texts(&service.promises.residency));
    }
    let database = here.iter().find(|object| {
        object.kind == "Cluster" && object.api_version.starts_with("postgresql.cnpg.io/")
    });
    if let Some(database) = database {
        postgresql(database, document.table(&["data", "postgresql"]));
    }
    if service.regions.len() < 2 {
        return;
    }
    let volsync = find(here, "ReplicationSource");
    let lag = service.promises.lag.map(Duration::compact);
    let (engine, mode) = match (volsync, database, service.promises.copied) {
        (Some(_), ..) => ("volsync", "asynchronous"),
        (None, Some(_), _) => ("postgresql", "asynchronous"),
        (None, None, true) if lag.is_none() => ("external", "synchronous"),
        (None, None, true) => ("external", "asynchronous"),
        (None, None, false) => return,
    };
    let table = document.table(&["data", "replication"]);
    table.set("engine", engine).set("mode", mode);
    if let Some(lag) = lag {
        table.set("lag", lag);
    }
    let first =
        volsync.and_then(|source| object::text(&source.value, &["spec", "restic", "repository"]));
    let usual = volsync.map(|source| source.name.as_str());
    if let (Some(first), Some(usual)) = (first, usual)
        && let Some((name, rest)) = usual.split_once('-').filter(|(_, rest)| first.ends_with(rest))
    {
        let start = first.trim_end_matches(rest).trim_end_matches('-');
        if start != format!("{name}-volsync") && !first.contains("-volsync-") {
            table.set("repository", start);
        }
    }
}

fn postgresql(database: &Object, table: &mut Table) {
    let text = |path: &[&str]| database.text(path).map(str::to_owned);
    for (key, path) in [
        ("image", &["spec", "imageName"][..]),
        ("size", &["spec", "storage", "size"]),
        ("class", &["spec", "storage", "storageClass"]),
        ("cpu", &["spec", "resources", "requests", "cpu"]),
        ("memory", &["spec", "resources", "requests", "memory"]),
    ] {
        if let Some(value) = text(path) {
            table.set(key, value);
        }
    }
    // The volume of the log is as large as its rate asks for.
    let log = text(&["spec", "walStorage", "size"]).and_then(|size| size.parse().ok());
    if let Some(rate) = log.and_then(wal::per_hour_of) {
        table.set("wal_per_hour", rate.to_string());
    }
    if let Some(instances) = object::number(database.at(&["spec", "instances"])) {
        table.set("instances", instances);
    }
}

fn backup(service: &Service, here: &[&Object], document: &mut Document) {
    let gap = |schedule: &Object| {
        let cron = schedule.text(&["spec", "schedule"]).and_then(Cron::read);
        cron.as_ref().and_then(Cron::longest_gap)
    };
    let ttl = |schedule: &Object| schedule.text(&["spec", "template", "ttl"]).and_then(hours);
    let schedules = || here.iter().copied().filter(|object| object.kind == "Schedule");
    // What is made often is kept for days, and what is made daily for as long as the spec says.
    let schedule = schedules().min_by_key(|one| (gap(one), ttl(one)));
    let daily = schedules().max_by_key(|one| (ttl(one), gap(one)));
    if let Some(schedule) = schedule {
        let (recent, keep) = (ttl(schedule), daily.and_then(ttl));
        let table = document.table(&["backup"]);
        if let Some(every) = gap(schedule) {
            table.set("every", every.compact());
        }
        if let Some(keep) = keep {
            table.set("keep", keep.compact());
        }
        if let Some(recent) = recent.filter(|recent| Some(*recent) != keep) {
            table.set("recent", recent.compact());
        }
        let labelled = schedule.at(&["spec", "template", "labelSelector"]).is_some();
        table.set("scope", if labelled { "service" } else { "namespace" });
    }
    let verify = &service.promises.verify;
    if !verify.is_empty() {
        document.table(&["backup"]).set("verify", texts(verify));
    }
    let hooks = schedule.and_then(|one| one.at(&["spec", "template", "hooks", "resources"]));
    for hook in hooks.map(Value::items).unwrap_or_default() {
        let mut table = Table::default();
        table.set("name", object::text(hook, &["name"]).unwrap_or_default());
        let mut timeout = None;
        for (key, part) in [("before", "pre"), ("after", "post")] {
            let Some(exec) = object::items(hook, part).first().and_then(|one| one.get("exec"))
            else {
                continue;
            };
            table.set(key, texts(object::words(exec, "command")));
            timeout = timeout.or_else(|| object::text(exec, &["timeout"]));
        }
        if let Some(timeout) = timeout.filter(|timeout| *timeout != "30s") {
            table.set("timeout", timeout);
        }
        document.item_at(&["backup", "hooks"], table);
    }
}

/// A time as Velero writes it, `840h0m0s`.
fn hours(text: &str) -> Option<Duration> {
    crate::kube::read::duration::parse(text)
}

/// Whether a volume of a service is left out of its backups.
pub(in crate::import) fn is_left_out(objects: &[Object], service: &str, volume: &str) -> bool {
    let policy = format!("{service}-volume-policy");
    let all = of(objects, service);
    let found =
        all.iter().find(|object| object.kind == "ConfigMap" && logical(&object.name) == policy);
    let text = found.and_then(|object| object.text(&["data", "policy.yaml"]));
    let Some(Ok(policy)) = text.map(read::document) else { return false };
    object::items(&policy, "volumePolicies").iter().any(|one| {
        let labels = one.at(&["conditions", "pvcLabels"]).map(object::labels).unwrap_or_default();
        object::text(one, &["action", "type"]) == Some("skip")
            && labels.get(crate::kube::labels::VOLUME).map(String::as_str) == Some(volume)
    })
}
