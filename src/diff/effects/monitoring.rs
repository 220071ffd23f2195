//! Alerts and what Prometheus reads: what nobody is told of any more.

use super::{Edit, Match, Service, regions};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::Item;
use crate::diff::value::{compare, nanoseconds};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

const RULES: &str = "PrometheusRule";

/// Kinds that say what Prometheus reads, and the field with their endpoints.
const MONITORS: &[(&str, &str)] =
    &[("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits_of(RULES) {
        matches.extend(alerts_change(&edit));
        matches.extend(series_go(&edit));
        matches.extend(selected_otherwise(&edit));
    }
    for (kind, field) in MONITORS {
        for edit in service.edits_of(kind) {
            matches.extend(read_otherwise(&edit, field));
            matches.extend(selected_otherwise(&edit));
        }
    }
    let stay = regions::of(service.new);
    for kind in [RULES, MONITORS[0].0, MONITORS[1].0] {
        // With its region goes what it watched.
        let dropped = service.dropped(kind);
        let gone = dropped.filter(|dropped| {
            let region = dropped.item.identity.region.as_str();
            stay.contains(region) && service.moved(dropped).is_none()
        });
        matches.extend(
            gone.map(|dropped| nobody_is_told(dropped.item, dropped.value, dropped.number)),
        );
    }
    matches
}

fn nobody_is_told(item: &Item<'_>, value: &Value, number: usize) -> Match {
    let alerts = alerts(value);
    let (severity, title) = match (item.identity.kind.as_str(), alerts.len()) {
        (RULES, count) => {
            let word = if count == 1 { "alert goes" } else { "alerts go" };
            (Severity::High, format!("{count} {word}: nobody is alerted any more"))
        }
        (kind, _) => (
            Severity::Medium,
            format!("{kind} {} goes: Prometheus no longer scrapes it", item.identity.logical_name),
        ),
    };
    let names: BTreeSet<&str> = alerts.keys().map(|(name, _)| name.as_str()).collect();
    let matched = Match::loosens(Code::MONITORING_CHANGES, severity, title)
        .at(&item.identity.region)
        .changed("alerts", alerts.len(), 0)
        .object(number);
    matched.details(names.into_iter().map(str::to_owned))
}

/// An alert by its name and its labels, which tell it from others of that name: its expression, and how
/// long it must hold.
type Alerts = BTreeMap<(String, String), (String, String)>;

fn alerts(rules: &Value) -> Alerts {
    let groups = rules.at(&["spec", "groups"]).map(Value::items).unwrap_or_default();
    let rules =
        groups.iter().flat_map(|group| group.get("rules").map(Value::items).unwrap_or_default());
    let text = |rule: &Value, key: &str| {
        rule.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let read = |rule: &Value| {
        let name = text(rule, "alert");
        let labels = rule.get("labels").map(Value::entries).unwrap_or_default().iter();
        // Who owns it and how much it matters may change: it is the same alert.
        let labels =
            labels.filter(|(key, _)| !["severity", "team", "tier"].contains(&key.as_str()));
        let labels: BTreeSet<String> = labels
            .map(|(key, value)| format!("{key}={}", super::amount::shown(Some(value))))
            .collect();
        let labels = labels.into_iter().collect::<Vec<_>>().join(", ");
        let holds = rule.get("for").and_then(nanoseconds);
        let holds = holds.map_or_else(|| text(rule, "for"), |time| time.to_string());
        (!name.is_empty()).then(|| ((name, labels), (text(rule, "expr"), holds)))
    };
    rules.filter_map(read).collect()
}

/// Series that a rule no longer records, and that an expression beside it still reads: that one finds nothing.
fn series_go(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value, key: &str| -> BTreeSet<String> {
        let groups = value.at(&["spec", "groups"]).map(Value::items).unwrap_or_default();
        let rules = groups.iter().flat_map(|group| group.get("rules").map(Value::items));
        let texts = rules.flatten().filter_map(|rule| rule.get(key)?.as_str().map(str::to_owned));
        texts.collect()
    };
    let (then, now) = (of(edit.old, "record"), of(edit.new, "record"));
    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let read = of(edit.new, "expr");
    let is_read =
        |name: &&String| read.iter().any(|text| text.split(part).any(|word| word == name.as_str()));
    let gone: Vec<&String> = then.difference(&now).filter(is_read).collect();
    let title = "series are no longer recorded, and rules read them";
    let line = |name: &String| {
        format!("{name}: what reads it finds nothing, and an alert on it never fires")
    };
    (!gone.is_empty()).then(|| {
        let matched = edit.loosens(Code::MONITORING_CHANGES, Severity::Medium, title);
        matched.details(gone.into_iter().map(line))
    })
}

fn alerts_change(edit: &Edit<'_>) -> Option<Match> {
    let (then, now) = (alerts(edit.old), alerts(edit.new));
    let mut gone: Vec<&(String, String)> =
        then.keys().filter(|key| !now.contains_key(*key)).collect();
    let mut come: Vec<&(String, String)> =
        now.keys().filter(|key| !then.contains_key(*key)).collect();
    let other = then.iter().filter(|(key, says)| now.get(*key).is_some_and(|now| now != *says));
    let mut other: Vec<&str> = other.map(|((name, _), _)| name.as_str()).collect();
    // The same alert about something else: another location, another region.
    gone.retain(|(name, _)| match come.iter().position(|(other, _)| other == name) {
        Some(at) => {
            come.remove(at);
            other.push(name);
            false
        }
        None => true,
    });
    let come = come.len();
    let count = |count: usize, word: &str| match count {
        1 => format!("1 alert {word}"),
        more => format!("{more} alerts {word}").replace("goes", "go").replace("comes", "come"),
    };
    if !gone.is_empty() {
        let shown = |(name, labels): &&(String, String)| format!("{name} goes ({labels})");
        let matched = edit
            .loosens(Code::MONITORING_CHANGES, Severity::Medium, count(gone.len(), "goes"))
            .changed("alerts", then.len(), now.len());
        return Some(matched.details(gone.iter().map(shown)));
    }
    let (severity, title) = match (other.len(), come) {
        (0, 0) => return notes_change(edit),
        (0, come) => (Severity::Info, count(come, "comes")),
        (other, _) => {
            (Severity::Low, format!("{other} of {} alerts fire at other values", now.len()))
        }
    };
    let matched = edit.neutral(Code::MONITORING_CHANGES, severity, title).changed(
        "alerts",
        then.len(),
        now.len(),
    );
    let names: BTreeSet<&str> = other.into_iter().collect();
    Some(matched.details(names))
}

/// What an alert tells whoever it wakes: where its runbook is, how much it matters.
fn notes_change(edit: &Edit<'_>) -> Option<Match> {
    let changes = compare(edit.kind, edit.old, edit.new);
    let mut differ = changes.iter().filter(|change| !change.cosmetic && !change.equal);
    differ.any(|change| change.path.starts_with("spec")).then(|| {
        let title = "alerts fire as before, and say something else";
        edit.neutral(Code::MONITORING_CHANGES, Severity::Low, title)
            .detail("their severity, their labels, or where their runbook is")
    })
}

/// The labels by which Prometheus takes the object, beside those that say whose it is.
fn selected_otherwise(edit: &Edit<'_>) -> Option<Match> {
    let labels = |value: &Value| -> BTreeSet<String> {
        let labels =
            value.at(&["metadata", "labels"]).map(Value::entries).unwrap_or_default().iter();
        let own = |key: &str| key.contains('/');
        let labels = labels.filter(|(key, _)| !own(key));
        labels.map(|(key, value)| format!("{key}={}", super::amount::shown(Some(value)))).collect()
    };
    let (then, now) = (labels(edit.old), labels(edit.new));
    let gone: Vec<String> = then.difference(&now).cloned().collect();
    if gone.is_empty() {
        return None;
    }
    let title = format!("{} no longer has the labels that it had", edit.kind);
    Some(
        edit.loosens(Code::MONITORING_CHANGES, Severity::High, title)
            .detail(format!("without {}", gone.join(", ")))
            .detail("a Prometheus that selects by them no longer reads it, and nothing says so")
            .changed("labels", gone.join(", "), now.into_iter().collect::<Vec<_>>().join(", ")),
    )
}

fn read_otherwise(edit: &Edit<'_>, field: &str) -> Option<Match> {
    let endpoints = |value: &Value| -> BTreeSet<String> {
        let items = value.at(&["spec", field]).map(Value::items).unwrap_or_default();
        let read = |item: &Value| {
            let port = super::amount::shown(item.get("port").or(item.get("targetPort")));
            let path = item.get("path").and_then(Value::as_str).unwrap_or("/metrics");
            format!("{port} at {path}")
        };
        items.iter().map(read).collect()
    };
    let (then, now) = (endpoints(edit.old), endpoints(edit.new));
    let gone: Vec<&String> = then.difference(&now).collect();
    if gone.is_empty() {
        return None;
    }
    let title = "Prometheus reads less, or elsewhere".to_owned();
    let matched = edit.loosens(Code::MONITORING_CHANGES, Severity::Medium, title).changed(
        "endpoints",
        then.len(),
        now.len(),
    );
    Some(matched.details(gone.into_iter().map(|endpoint| format!("no longer port {endpoint}"))))
}
