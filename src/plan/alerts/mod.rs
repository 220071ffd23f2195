//! What wakes somebody: alerts, where the region has a Prometheus operator.
//!
//! Thresholds are the numbers of the plan and of its proofs, and each alert tells the reason for
//! its own. Names are matched with any suffix, so that a change that renames an object neither
//! raises an alert nor hides one. An alert that lacks its metrics stays silent: for each there is
//! another that says so.

mod backups; //    backups that are too old, fail, or were never made
mod copies; //     copies in a region that takes over, and what makes them
mod jobs; //       jobs that fail or do not run
mod pods; //       replicas that are missing, or in the wrong zone, and the error budget
mod shared_backups; // backups that services share
pub(super) mod shared; // what all services of a region rest on

use super::Planned;
use super::values::{Map, Meta, Values};
use crate::decide::ServiceInRegion;
use crate::decide::proof::Proof;
use crate::kube::Kind;
use crate::kube::id::{SUFFIX_ALPHABET, SUFFIX_LENGTH};
use crate::model::Region;
use crate::quantity::Duration;
use serde::Serialize;

/// Alerts that Prometheus raises.
#[derive(Clone, Debug, Serialize)]
pub struct Alerts {
    /// Its metadata.
    pub meta: Meta,
    /// The name of the group, unique in a Prometheus.
    pub group: String,
    /// The alerts; at least one.
    pub alerts: Vec<Alert>,
}

/// One alert.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// What must hold, in PromQL.
    pub expression: String,
    /// For how long before it is raised, in PromQL; none for at once.
    pub hold: Option<String>,
    /// The labels; `severity` and `region` are among them.
    pub labels: Map,
    /// What whoever is called reads; `reason` says where the threshold comes from.
    pub annotations: Map,
}

/// How much it matters.
#[derive(Clone, Copy)]
enum Severity {
    /// A promise is broken, or will be if nobody acts now.
    Critical,
    /// A promise holds, but the next failure breaks it.
    Warning,
}

/// An alert as it is thought of, before the labels of its service.
struct Condition {
    name: &'static str,
    expression: String,
    hold: Duration,
    severity: Severity,
    summary: String,
    /// Where the threshold comes from.
    reason: String,
    /// The label with what it is about, where that tells it from others of its name.
    about: Option<(&'static str, String)>,
    /// The section of the card to read, as an anchor: `a-node-is-lost`.
    section: String,
    /// What to do first.
    action: Option<String>,
}

pub(super) fn plan(here: &ServiceInRegion<'_>, proof: &Proof, objects: &mut Vec<Planned>) {
    if here.region.prometheus.is_none() {
        return;
    }
    let mut conditions = backups::conditions(here);
    conditions.extend(copies::conditions(here));
    conditions.extend(pods::conditions(here, proof));
    conditions.extend(jobs::conditions(here));
    if conditions.is_empty() {
        return;
    }
    let service = here.service;
    let mut labels = Map::from([
        ("service".to_owned(), service.name.plain().to_owned()),
        ("namespace".to_owned(), service.namespace.to_string()),
        ("tier".to_owned(), service.tier.name.clone()),
    ]);
    labels.extend(service.team.clone().map(|team| ("team".to_owned(), team)));
    let mut meta = here.meta("");
    select(here.region, &mut meta.labels);
    let alerts = Alerts {
        meta,
        group: format!("{}-{}", service.name.plain(), here.region.name),
        alerts: spell(here.region, service.name.address(), &labels, conditions),
    };
    let values = Values::Alerts(Box::new(alerts));
    objects.push(here.object(Kind::PrometheusRule, "", "tier", values));
}

/// The section of a card for damaged data.
const DATA: &str = "data-or-a-release-is-bad";

/// The section of a card for copies of volumes that do not arrive.
const COPIES: &str = "a-copy-is-late";

/// The section of a card for the loss of a region.
fn lost(region: &str) -> String {
    format!("{region}-is-lost")
}

/// Adds the labels by which the Prometheus of a region selects rules and monitors.
pub(super) fn select(region: &Region, labels: &mut Map) {
    let prometheus = region.prometheus.as_ref();
    labels.extend(prometheus.map(|prometheus| prometheus.labels.clone()).unwrap_or_default());
}

/// Alerts that lead to a card, below `recovery/`; `labels` are those of all of them.
fn spell(region: &Region, card: &str, labels: &Map, conditions: Vec<Condition>) -> Vec<Alert> {
    let address = region.prometheus.as_ref().and_then(|prometheus| prometheus.runbooks.as_ref());
    let spell = |condition: Condition| {
        let mut labels = labels.clone();
        let severity = match condition.severity {
            Severity::Critical => "critical",
            Severity::Warning => "warning",
        };
        labels.insert("region".to_owned(), region.name.to_string());
        labels.insert("severity".to_owned(), severity.to_owned());
        labels.extend(condition.about.map(|(label, value)| (label.to_owned(), value)));
        let mut annotations = Map::from([
            ("summary".to_owned(), condition.summary),
            ("reason".to_owned(), condition.reason),
        ]);
        annotations.extend(condition.action.map(|action| ("action".to_owned(), action)));
        let path = format!("recovery/{card}.md#{}", condition.section);
        let (key, place) = match address {
            Some(address) => ("runbook_url", format!("{}/{path}", address.trim_end_matches('/'))),
            None => ("runbook", path),
        };
        annotations.insert(key.to_owned(), place);
        Alert {
            name: condition.name,
            expression: condition.expression,
            hold: (condition.hold.as_seconds() > 0).then(|| prometheus_time(condition.hold)),
            labels,
            annotations,
        }
    };
    conditions.into_iter().map(spell).collect()
}

/// Every name that an object called `logical` may have while changes rename it, as a regular
/// expression of Prometheus, which is anchored at both ends.
fn any_generation(logical: &str) -> String {
    format!("{logical}-[{SUFFIX_ALPHABET}]{{{SUFFIX_LENGTH}}}")
}

/// A duration as Prometheus reads it.
fn prometheus_time(time: Duration) -> String {
    let seconds = time.as_seconds();
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let (size, unit) = units
        .into_iter()
        .find(|(size, _)| seconds.is_multiple_of(*size))
        .expect("1 divides everything");
    format!("{}{unit}", seconds / size)
}
