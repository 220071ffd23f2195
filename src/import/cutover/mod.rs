//! The page that moves a running service under the names that its spec gives it, without an endpoint
//! less: what is applied first, how its Service is handed over, what of it stays, and the way back.

mod page; // what its template reads
mod left; // what nothing uses after it
mod moving; // the page of one service

use super::compile::Emitted;
use super::group::{Fate, Group, Groups};
use super::object::{self, Object};
use crate::kube::engines::delivery::{self, Delivery};
use crate::kube::read::selector::Labels;
use crate::yaml::Value;
use moving::Moving;
use page::rendered;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds that come once the old pods are gone: policies shut out pods that lack the new labels, two budgets
/// over one pod make every drain wait, and jobs would run twice.
const LATE: &[&str] = &[
    "CronJob",
    "DNSEndpoint",
    "Gslb",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "PodMonitor",
    "PrometheusRule",
    "ReplicationDestination",
    "ReplicationSource",
    "ScaledObject",
    "Schedule",
    "ServiceMonitor",
];

/// A page for each service, by its file.
pub(super) fn pages(
    objects: &[Object],
    groups: &Groups,
    emitted: &[Emitted],
    region: &str,
    fleet: &str,
) -> BTreeMap<String, String> {
    let known = Known::of(objects, emitted);
    let engine = engine(fleet);
    let page = |(number, group): (usize, &Group)| {
        let is_job = |at: &usize| groups.fates[*at] == Fate::Job(number);
        let jobs = (0..objects.len()).filter(is_job).collect();
        let page = Moving { objects, group, jobs, known: &known, region, engine }.page()?;
        Some((format!("{}.md", group.name), rendered(&page)))
    };
    groups.groups.iter().enumerate().filter_map(page).collect()
}

/// The engine that a fleet names.
fn engine(fleet: &str) -> &'static delivery::Row {
    let table: toml::Table = fleet.parse().unwrap_or_default();
    let delivery = table.get("delivery");
    let word = delivery.and_then(|delivery| {
        delivery.as_str().or_else(|| delivery.get("engine").and_then(toml::Value::as_str))
    });
    let named = Delivery::ALL.iter().find(|engine| Some(engine.word()) == word);
    named.copied().unwrap_or_default().row()
}

/// What every page looks for, found once.
#[derive(Default)]
struct Known<'a> {
    /// What is emitted of each service, and of the fleet.
    units: BTreeMap<&'a str, Vec<&'a Emitted>>,
    /// What is emitted, by kind, namespace and name.
    named: BTreeMap<(&'a str, Option<&'a str>, String), &'a Emitted>,
    /// Objects of the source, by kind and namespace.
    beside: BTreeMap<(&'a str, Option<&'a str>), Vec<&'a Object>>,
    /// The objects of the source that make pods and say a text, by that text.
    mentioned: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Regions for which something makes the engine deliver.
    delivered: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    fn of(objects: &'a [Object], emitted: &'a [Emitted]) -> Known<'a> {
        let mut known = Known::default();
        for one in emitted {
            known.units.entry(&one.unit).or_default().push(one);
            let key = (one.kind.as_str(), one.namespace.as_deref(), name_of(&one.value));
            known.named.entry(key).or_insert(one);
            if let Some((region, _)) = one.file.split_once("/delivery/") {
                known.delivered.insert(region);
            }
        }
        for (at, one) in objects.iter().enumerate() {
            let key = (one.kind.as_str(), one.namespace.as_deref());
            known.beside.entry(key).or_default().push(one);
            if object::pod(one).is_some() {
                mentions(&one.value, &mut |_, text| {
                    known.mentioned.entry(text).or_default().insert(at);
                });
            }
        }
        known
    }
}

fn name_of(value: &Value) -> String {
    value.at(&["metadata", "name"]).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn labels_at(value: &Value, path: &[&str]) -> Labels {
    value.at(path).map(object::labels).unwrap_or_default()
}

/// `a=b,c=d`
fn joined(labels: &Labels, between: &str) -> String {
    let pairs = labels.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<String>>().join(between)
}

fn json(labels: &Labels) -> String {
    serde_json::to_string(labels).expect("labels are texts")
}

/// Every text of a value, with its key.
fn mentions<'v>(value: &'v Value, found: &mut dyn FnMut(&'v str, &'v str)) {
    for (key, value) in value.entries() {
        match value.as_str() {
            Some(text) => found(key, text),
            None => mentions(value, found),
        }
    }
    value.items().iter().for_each(|item| mentions(item, found));
}
