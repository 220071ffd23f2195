//! Autoscalers, and changes that restart nothing.

use super::workload::{self, LASTING};
use super::{Edit, Match, Service, amount, current, replace};
use crate::diag::Code;
use crate::diff::report::{Class, Direction, Operation, Severity};
use crate::diff::value::{Change, compare};
use crate::kube::Kind;
use crate::yaml::Value;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let mut matches = bounds(service);
    matches.extend(removed(service));
    matches.extend(calm(service));
    matches
}

fn bounds(service: &Service<'_>) -> Vec<Match> {
    let mut matches = Vec::new();
    for (kind, min, max) in Kind::autoscalers() {
        for edit in service.edits_of(kind) {
            for (key, word) in [(max, "at most"), (min, "at least")] {
                let of = |value: &Value| amount::count(value.at(&["spec", key])).unwrap_or(1);
                let (then, now) = (of(edit.old), of(edit.new));
                if now > then {
                    let title = format!("the autoscaler keeps {word} {}", amount::pods(now));
                    matches.push(
                        Match::new(
                            Code::PROMISE_TIGHTER,
                            Severity::Info,
                            Direction::Tightens,
                            title,
                        )
                        .at(edit.region)
                        .changed(key, then, now)
                        .object(edit.number),
                    );
                }
                if now < then {
                    let title = format!("the autoscaler keeps {word} {}", amount::pods(now));
                    matches.push(
                        edit.loosens(Code::AUTOSCALER_LOOSENED, Severity::Medium, title)
                            .detail(format!("{key} {then} → {now}"))
                            .changed(key, then, now),
                    );
                }
            }
            matches.extend(aims_less(&edit));
            matches.extend(follows_otherwise(&edit));
        }
    }
    matches
}

/// What an autoscaler does not look at any more.
fn aims_less(edit: &Edit<'_>) -> Option<Match> {
    let aims = |value: &Value| -> BTreeSet<String> {
        let of = |key: &str| value.at(&["spec", key]).map(Value::items).unwrap_or_default();
        of("metrics").iter().chain(of("triggers")).filter_map(aim).collect()
    };
    let (then, now) = (aims(edit.old), aims(edit.new));
    let gone: Vec<&String> = then.difference(&now).collect();
    if gone.is_empty() {
        return None;
    }
    let title = "the autoscaler looks at less";
    let matched = edit.loosens(Code::AUTOSCALER_LOOSENED, Severity::Medium, title).changed(
        "aims",
        then.len(),
        now.len(),
    );
    Some(
        gone.into_iter()
            .fold(matched, |matched, aim| matched.detail(format!("{aim} adds no replicas"))),
    )
}

/// Other values that an autoscaler keeps to, or another pace.
fn follows_otherwise(edit: &Edit<'_>) -> Option<Match> {
    const PARTS: [&str; 5] = ["metrics", "triggers", "behavior", "advanced", "cooldownPeriod"];
    let part = |value: &Value| {
        let of = |key: &&str| Some(((*key).to_owned(), value.at(&["spec", key])?.clone()));
        Value::Map(PARTS.iter().filter_map(of).collect())
    };
    let changes = compare("", &part(edit.old), &part(edit.new));
    let differ = changes.iter().filter(|change| !change.cosmetic && !change.equal);
    let differ: Vec<&Change> = differ.collect();
    if differ.is_empty() {
        return None;
    }
    let shown = |value: &Option<Value>| amount::shown(value.as_ref());
    let line = |change: &&Change| {
        format!("{}: {} → {}", change.path, shown(&change.old), shown(&change.new))
    };
    // How it goes down costs room, and never an answer.
    let down = differ.iter().all(|change| change.path.contains("scaleDown"));
    let severity = if down { Severity::Low } else { Severity::Medium };
    let title = "the autoscaler follows the load differently";
    Some(edit.neutral(Code::AUTOSCALER_LOOSENED, severity, title).details(differ.iter().map(line)))
}

/// What a metric or a trigger looks at: `cpu`, `External sqs_depth`, `kafka`.
fn aim(value: &Value) -> Option<String> {
    let kind = value.get("type").and_then(Value::as_str)?;
    let name = |path: &[&str]| value.at(path).and_then(Value::as_str);
    let name = name(&["resource", "name"]).map(str::to_owned).or_else(|| {
        let key = kind.to_lowercase();
        Some(format!("{kind} {}", name(&[&key, "metric", "name"])?))
    });
    Some(name.unwrap_or_else(|| kind.to_owned()))
}

/// An autoscaler whose workload stays, and is scaled by none.
fn removed<'a>(service: &'a Service<'_>) -> impl Iterator<Item = Match> + 'a {
    let of_kind = move |(kind, _, max): (&'static str, &'static str, &'static str)| {
        service.dropped(kind).filter_map(move |dropped| {
            let region = &dropped.item.identity.region;
            let pods = workload::running(service.new, region);
            let mut others =
                Kind::autoscalers().flat_map(|(kind, ..)| current(service.new, kind, region));
            if pods == 0 || others.next().is_some() {
                return None;
            }
            let pods_at_most = amount::count(dropped.value.at(&["spec", max])).unwrap_or(1);
            Some(
                Match::loosens(
                    Code::AUTOSCALER_LOOSENED,
                    Severity::Medium,
                    "no autoscaler any more",
                )
                .at(region)
                .detail(format!("up to {} → always {pods}", amount::pods(pods_at_most)))
                .changed(max, pods_at_most, pods)
                .object(dropped.number),
            )
        })
    };
    Kind::autoscalers().flat_map(of_kind)
}

/// What one wants to know of a change that reaches a workload: that its pods run on.
fn calm(service: &Service<'_>) -> Vec<Match> {
    let counts = |operation: Operation| operation != Operation::Keep;
    let differs = service.changed.iter().filter(|changed| {
        changed.object.class != Class::Cosmetic && counts(changed.object.operation)
    });
    let numbers: Vec<usize> = differs.clone().map(|changed| changed.number).collect();
    if numbers.is_empty() || replace::restarts(service) {
        return Vec::new();
    }
    let mut matches = Vec::new();
    for edit in service.edits().filter(|edit| LASTING.contains(&edit.kind)) {
        let of = |value: &Value| amount::count(value.at(&["spec", "replicas"]));
        let (then, now) = (of(edit.old).unwrap_or(1), of(edit.new).unwrap_or(1));
        if then != now && without(edit.old, "replicas") == without(edit.new, "replicas") {
            let title = format!("scales {then} → {now}: no pod restarts");
            matches.push(
                edit.neutral(Code::NOTHING_RESTARTS, Severity::Info, title)
                    .changed("replicas", then, now),
            );
        }
    }
    let labels = service.edits().all(|edit| {
        let bare = |value: &Value| {
            let mut value = value.clone();
            value.remove("metadata");
            value
        };
        bare(edit.old) == bare(edit.new)
    });
    // Of what comes and goes other rules speak.
    if labels && differs.clone().all(|changed| changed.old.is_some() && changed.new.is_some()) {
        let regions = differs.filter_map(|changed| Some(&changed.new?.identity.region));
        let title = "only labels and annotations: no pod restarts";
        let matched =
            Match::neutral(Code::NOTHING_RESTARTS, Severity::Info, title).objects(numbers);
        let mut regions: Vec<&String> = regions.filter(|region| !region.is_empty()).collect();
        regions.sort();
        regions.dedup();
        matches.push(regions.into_iter().fold(matched, |matched, region| matched.at(region)));
    }
    matches
}

/// The `spec` of an object without one of its fields; nothing else of the object.
fn without(value: &Value, key: &str) -> Option<Value> {
    let mut spec = value.get("spec")?.clone();
    spec.remove(key);
    Some(spec)
}
