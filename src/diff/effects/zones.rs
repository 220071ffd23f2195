//! What survives the loss of a zone, and what keeps pods apart.

use super::workload;
use super::{Edit, Match, Service, amount, called, current, promise};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::{Item, Unit};
use crate::kube::id;
use crate::kube::labels::ZONE;
use crate::yaml::Value;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for edit in service.edits().filter(|edit| workload::LASTING.contains(&edit.kind)) {
        matches.extend(stops(service, &edit));
        matches.extend(survivors(service, &edit));
        matches.extend(single(service, &edit));
        matches.extend(looser(service, &edit));
    }
    matches
}

/// A workload of somebody else's of which no pod runs any more; of ours, the promise speaks.
fn stops(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let then = workload::pods(service.old, edit.old_item, edit.old)?;
    let now = workload::pods(service.new, edit.new_item, edit.new)?;
    (then > 0 && now == 0 && edit.new_item.own.is_none()).then(|| {
        let title = format!("no pod of {} runs any more", called(service, edit.new_item));
        edit.loosens(Code::FEWER_SURVIVORS, Severity::Critical, title)
            .detail("whoever calls it finds nobody; its objects stay, so no engine reports it")
            .changed("pods", then, now)
    })
}

/// The pods of a workload, and how many are left after the loss of its fullest zone.
struct Zones {
    pods: u64,
    zones: u64,
    left: u64,
    /// What must be left: the peak, or what a disruption budget keeps.
    floor: Option<u64>,
    /// Whether the ledger says so.
    promised: bool,
}

/// Zones of a region of which nobody says how many it has.
const ZONES: u64 = 3;

fn zones(unit: Option<&Unit<'_>>, item: &Item<'_>, value: &Value) -> Option<Zones> {
    let region = &item.identity.region;
    let promised = promise::of(unit, region).filter(|promise| promise.zones > 0);
    // The promise is about the workload that carries the service's name.
    if let Some(promise) = &promised
        && item.identity.logical_name == id::plain(&item.unit)
    {
        return Some(Zones {
            pods: promise.replicas,
            zones: promise.zones,
            left: promise.survivors.min(promise.replicas),
            floor: Some(promise.peak),
            promised: true,
        });
    }
    let pods = workload::pods(unit, item, value)?;
    let zones = promised.map_or(ZONES, |promise| promise.zones);
    let spread = workload::pod(&item.identity.kind, value).and_then(workload::spread);
    let left = pods - workload::fullest_zone(pods, zones, spread);
    Some(Zones { pods, zones, left, floor: floor(unit, item, value, pods), promised: false })
}

/// What the disruption budget of a workload keeps.
fn floor(unit: Option<&Unit<'_>>, item: &Item<'_>, value: &Value, pods: u64) -> Option<u64> {
    let labels = workload::template(&item.identity.kind, value)?.at(&["metadata", "labels"])?;
    let mut budgets = current(unit, "PodDisruptionBudget", &item.identity.region)
        .filter(|budget| budget.identity.namespace == item.identity.namespace)
        .filter_map(Item::value);
    let of = |budget: &&Value| {
        let selector = budget.at(&["spec", "selector"]);
        selector.is_some_and(|selector| super::selectors::selects(selector, labels))
    };
    amount::share(budgets.find(of)?.at(&["spec", "minAvailable"]), pods, true)
}

fn survivors(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let old = zones(service.old, edit.old_item, edit.old)?;
    let new = zones(service.new, edit.new_item, edit.new)?;
    // Where nothing runs, that is what there is to say.
    if new.left >= old.left || new.pods == 0 {
        return None;
    }
    let below = new.floor.is_some_and(|floor| new.left < floor);
    let severity = if below || new.left == 0 { Severity::High } else { Severity::Medium };
    let title = match new.floor.filter(|_| below) {
        Some(floor) => {
            format!("the loss of a zone leaves {}, {floor} are needed", amount::pods(new.left))
        }
        None => format!("the loss of a zone leaves {}", amount::pods(new.left)),
    };
    let known = if new.promised { "" } else { " taken for granted" };
    let mut matched = edit
        .loosens(Code::FEWER_SURVIVORS, severity, title)
        .detail(format!(
            "survivors {} of {} → {} of {} ({} zones{known})",
            old.left, old.pods, new.left, new.pods, new.zones
        ))
        .changed("survivors", old.left, new.left)
        .changed("pods", old.pods, new.pods)
        .fact("zones", new.zones);
    if old.floor != new.floor
        && let (Some(old), Some(new)) = (old.floor, new.floor)
    {
        matched = matched.detail(format!("needed {old} → {new}")).changed("needed", old, new);
    }
    Some(matched)
}

/// A workload that is left with one pod.
fn single(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let old = workload::pods(service.old, edit.old_item, edit.old)?;
    let new = workload::pods(service.new, edit.new_item, edit.new)?;
    let says = |value: &Value| value.at(&["spec", "replicas"]).is_some();
    let takes_over = workload::autoscaler(service.old, edit.old_item).is_none()
        && says(edit.old)
        && !says(edit.new);
    if old > 1 && new > 1 && takes_over {
        // What nobody says is 1, until the autoscaler has looked.
        let name = called(service, edit.new_item);
        let title = format!("{name} is left with one pod until its autoscaler raises it");
        return Some(
            Match::loosens(Code::SINGLE_REPLICA, Severity::High, title)
                .at(edit.region)
                .detail(format!("pods {old} → 1 → {new}: replicas leaves the manifest"))
                .changed("pods", old, 1)
                .object(edit.number),
        );
    }
    (old > 1 && new == 1).then(|| {
        let title = format!("{} is left with one pod", called(service, edit.new_item));
        edit.loosens(Code::SINGLE_REPLICA, Severity::High, title)
            .detail(format!("pods {old} → 1: any drain, crash or update takes the service down"))
            .changed("pods", old, 1)
    })
}

/// Constraints that keep pods apart less than before.
fn looser(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let old = workload::pod(edit.old_item.identity.kind.as_str(), edit.old)?;
    let new = workload::pod(edit.kind, edit.new)?;
    let mut lines = Vec::new();
    for (key, words) in [(ZONE, "zones"), ("kubernetes.io/hostname", "nodes")] {
        let (then, now) = (apart(old, key), apart(new, key));
        match (then, now) {
            (Apart::Hard(_), Apart::Preferred) => {
                lines.push(format!("over {words}: required → preferred"));
            }
            (Apart::Hard(_) | Apart::Preferred, Apart::No) => {
                lines.push(format!("over {words}: nothing any more"));
            }
            (Apart::Hard(before), Apart::Hard(after)) if after > before => {
                lines.push(format!("over {words}: skew {before} → {after}"));
            }
            (Apart::Hard(_) | Apart::Preferred | Apart::No, _) => {}
        }
    }
    if lines.is_empty() {
        return None;
    }
    let title = format!("pods of {} are kept apart less", called(service, edit.new_item));
    let matched = edit.loosens(Code::SPREAD_LOOSENED, Severity::High, title);
    Some(matched.details(lines))
}

/// How pods are kept apart by one label of nodes.
enum Apart {
    /// With at most this many more pods in one place than in another.
    Hard(u64),
    /// As far as there is room.
    Preferred,
    /// Not at all.
    No,
}

fn apart(pod: &Value, key: &str) -> Apart {
    let of_key = |item: &&Value| item.get("topologyKey").and_then(Value::as_str) == Some(key);
    let list = |path: &[&str]| pod.at(path).map(Value::items).unwrap_or_default();
    let spreads = || list(&["topologySpreadConstraints"]).iter().filter(of_key);
    let rules = ["affinity", "podAntiAffinity"];
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let terms = list(&[rules[0], rules[1], preferred]).iter();
    if list(&[rules[0], rules[1], required]).iter().any(|term| of_key(&term)) {
        // No two of them in one place.
        return Apart::Hard(0);
    }
    let hard = spreads().filter(|spread| workload::hard(spread));
    let skew = hard.map(|spread| amount::count(spread.get("maxSkew")).unwrap_or(1)).min();
    let wished = spreads().next().is_some()
        || terms.filter_map(|term| term.get("podAffinityTerm")).any(|term| of_key(&term));
    match skew {
        Some(skew) => Apart::Hard(skew),
        None if wished => Apart::Preferred,
        None => Apart::No,
    }
}
