//! Pods that are replaced, under another name of their workload, or rolled, under the same.

use super::workload::{self, LASTING};
use super::{Edit, Match, Service, amount, called};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::diff::value::compare;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut restarts = Vec::new();
    for edit in service.edits().filter(|edit| LASTING.contains(&edit.kind)) {
        restarts.extend(Restart::of(service, edit));
    }
    let mut matches = replaced(service, &restarts);
    matches.extend(rolled(service, &restarts));
    matches.extend(everywhere(service, &restarts));
    matches
}

/// A workload whose pods are started anew.
struct Restart<'a> {
    edit: Edit<'a>,
    how: How,
    pods: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    /// Beside the old ones, which stay as this generation.
    Beside(String),
    /// In place of the old ones, which leave the tree.
    InPlaceOf,
    /// Under the same name.
    Rolled,
}

impl<'a> Restart<'a> {
    fn of(service: &Service<'a>, edit: Edit<'a>) -> Option<Restart<'a>> {
        let how = if !super::same(edit.old_item, edit.new_item) {
            match service.kept(edit.old_item) {
                Some(kept) => How::Beside(
                    kept.retained.as_ref().map(|of| of.generation.clone()).unwrap_or_default(),
                ),
                None => How::InPlaceOf,
            }
        } else if is_another_template(&edit) {
            How::Rolled
        } else {
            return None;
        };
        let of = |unit, item, value| workload::pods(unit, item, value).unwrap_or(1);
        let before = of(service.old, edit.old_item, edit.old);
        let pods = of(service.new, edit.new_item, edit.new);
        // Where nothing ran and nothing runs, nothing restarts.
        (before + pods > 0).then_some(Restart { edit, how, pods })
    }
}

/// Whether the API server takes the templates of two sides for different ones: amounts in another
/// spelling and defaults that are written are the same to it.
fn is_another_template(edit: &Edit<'_>) -> bool {
    let of = |value| workload::template(edit.kind, value).cloned();
    let (old, new) = (of(edit.old), of(edit.new));
    let around = |template: Option<Value>| {
        let spec = template.map(|template| ("template".to_owned(), template));
        Value::Map(vec![("spec".to_owned(), Value::Map(spec.into_iter().collect()))])
    };
    old != new && compare(edit.kind, &around(old), &around(new)).iter().any(|change| !change.equal)
}

/// Replaced workloads, all regions in one line where the order is the same.
fn replaced(service: &Service<'_>, restarts: &[Restart<'_>]) -> Vec<Match> {
    let mut groups: BTreeMap<(bool, String), Vec<&Restart<'_>>> = BTreeMap::new();
    for restart in restarts.iter().filter(|restart| restart.how != How::Rolled) {
        let kept = restart.how != How::InPlaceOf;
        groups.entry((kept, called(service, restart.edit.new_item))).or_default().push(restart);
    }
    let told = groups.into_iter().map(|((kept, called), restarts)| {
        let (pods, place) = count(&restarts);
        let (severity, order) = if kept {
            let names: BTreeSet<&str> = restarts
                .iter()
                .filter_map(|restart| match &restart.how {
                    How::Beside(generation) => Some(generation.as_str()),
                    How::InPlaceOf | How::Rolled => None,
                })
                .collect();
            let names: Vec<&str> = names.into_iter().collect();
            let word = if names.len() > 1 { "generations" } else { "generation" };
            let names = names.join(", ");
            let order = format!("the new ones come up first, {word} {names} kept");
            (Severity::Medium, order)
        } else {
            let order = "no former generation is kept: a delivery engine that prunes takes the old ones away before the new ones are ready";
            (Severity::High, order.to_owned())
        };
        let matched = Match::neutral(Code::PODS_REPLACED, severity, format!("replaces {called}"))
            .detail(format!("{}{place}, {order}", amount::pods(pods)))
            .fact("pods", pods)
            .fact("order", if kept { "create-first" } else { "delete-first" });
        of_all(matched, &restarts)
    });
    told.collect()
}

/// Rolled workloads, all regions in one line where the order is the same.
fn rolled(service: &Service<'_>, restarts: &[Restart<'_>]) -> Vec<Match> {
    let mut groups: BTreeMap<(Severity, String, String), Vec<&Restart<'_>>> = BTreeMap::new();
    for restart in restarts.iter().filter(|restart| restart.how == How::Rolled) {
        let (severity, order) = order(restart.edit.kind, restart.edit.new, restart.pods);
        let called = called(service, restart.edit.new_item);
        groups.entry((severity, called, order)).or_default().push(restart);
    }
    let told = groups.into_iter().map(|((severity, called, order), restarts)| {
        let title = format!("rolls the pods of {called}");
        let (pods, place) = count(&restarts);
        let matched = Match::neutral(Code::PODS_ROLLED, severity, title)
            .detail(format!("{}{place}, {order}", amount::pods(pods)))
            .fact("pods", pods);
        of_all(matched, &restarts)
    });
    told.collect()
}

/// The pods of several regions, and in how many they are.
fn count(restarts: &[&Restart<'_>]) -> (u64, String) {
    let regions: BTreeSet<&str> = restarts.iter().map(|restart| restart.edit.region).collect();
    let place = match regions.len() {
        1 => String::new(),
        more => format!(" in {more} regions"),
    };
    (restarts.iter().map(|restart| restart.pods).sum(), place)
}

fn of_all(matched: Match, restarts: &[&Restart<'_>]) -> Match {
    let regions: BTreeSet<&str> = restarts.iter().map(|restart| restart.edit.region).collect();
    let matched = matched.objects(restarts.iter().map(|restart| restart.edit.number));
    regions.iter().fold(matched, |matched, region| matched.at(region))
}

/// In which order a workload replaces its own pods.
fn order(kind: &str, value: &Value, pods: u64) -> (Severity, String) {
    let field = |path: &[&str]| value.at(path);
    let strategy = if kind == "Deployment" { "strategy" } else { "updateStrategy" };
    let rule = field(&["spec", strategy, "type"]).and_then(Value::as_str);
    match (kind, rule) {
        (_, Some("Recreate")) => {
            (Severity::High, "all stopped before the first new one starts".to_owned())
        }
        (_, Some("OnDelete")) => (Severity::Low, "each when somebody deletes it".to_owned()),
        ("Deployment", _) => {
            let of = |key| field(&["spec", strategy, "rollingUpdate", key]);
            let quarter = Value::String("25%".to_owned());
            let surge = amount::share(of("maxSurge").or(Some(&quarter)), pods, true).unwrap_or(0);
            let missing =
                amount::share(of("maxUnavailable").or(Some(&quarter)), pods, false).unwrap_or(0);
            let missing = if missing == 0 { "none".to_owned() } else { missing.to_string() };
            (Severity::Low, format!("{surge} more at a time, {missing} missing"))
        }
        _ => (Severity::Low, "one after the other, each down while it is replaced".to_owned()),
    }
}

/// One commit that starts the pods of every region anew.
fn everywhere(service: &Service<'_>, restarts: &[Restart<'_>]) -> Option<Match> {
    let regions: BTreeSet<&str> = restarts.iter().map(|restart| restart.edit.region).collect();
    let everywhere: BTreeSet<&str> = super::regions::of(service.new)
        .into_iter()
        .filter(|region| workload::running(service.new, region) > 0)
        .collect();
    if regions.len() < 2 || !everywhere.is_subset(&regions) {
        return None;
    }
    let title = "restarts the pods of every region in one commit";
    let matched = Match::neutral(Code::ALL_REGIONS_AT_ONCE, Severity::Medium, title)
        .detail(format!(
            "{} regions: a mistake reaches the last before it shows in the first",
            regions.len()
        ))
        .fact("regions", regions.len())
        .objects(restarts.iter().map(|restart| restart.edit.number));
    Some(regions.iter().fold(matched, |matched, region| matched.at(region)))
}

/// Whether any pods of a unit differ from those of the other side: for what says that nothing does.
pub(super) fn restarts(service: &Service<'_>) -> bool {
    let of = |unit: Option<&Unit<'_>>, item: &Item<'_>, value| workload::pods(unit, item, value);
    let come = |kind: &&str| {
        service.added(kind).any(|(_, item)| {
            item.value().and_then(|value| of(service.new, item, value)).is_none_or(|pods| pods > 0)
        }) || service.dropped(kind).next().is_some()
    };
    LASTING.iter().any(come)
        || service
            .edits()
            .filter(|edit| LASTING.contains(&edit.kind))
            .any(|edit| Restart::of(service, edit).is_some())
}
