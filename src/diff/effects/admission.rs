//! What an API server lets in: webhooks, policies and quotas that come, go or judge otherwise.

use super::{Edit, Match, Service};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::diff::side::Item;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds that judge alike what is applied.
struct Row {
    kinds: &'static [&'static str],
    /// What follows when one goes, and how much it matters.
    goes: (Severity, &'static str),
    /// What follows when one comes.
    comes: &'static str,
    differs: fn(&Edit<'_>) -> Option<Match>,
}

/// What bounds pods refuses those that replace others, too.
const BEYOND: &str = "pods beyond it are refused, also those that replace others";

const ROWS: &[Row] = &[
    Row {
        kinds: &[
            "ValidatingWebhookConfiguration",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
        ],
        goes: (Severity::High, "what it refused or changed is let in as it is"),
        comes: "what it refuses cannot be applied, in whatever namespace it looks at",
        differs: judges_otherwise,
    },
    Row {
        kinds: &["ResourceQuota"],
        goes: (Severity::Medium, "its namespace has no such bounds any more"),
        comes: BEYOND,
        differs: bounds,
    },
    Row {
        kinds: &["LimitRange"],
        goes: (Severity::Medium, "its namespace has no such bounds any more"),
        comes: BEYOND,
        differs: other_limits,
    },
];

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let of_kind = |row: &'static Row, kind: &&'static str| -> Vec<Match> {
        let (severity, line) = row.goes;
        let gone = service.dropped(kind).filter(|dropped| !dropped.kept).map(|dropped| {
            let matched = told(Direction::Loosens, severity, dropped.item, "goes");
            matched.detail(line).object(dropped.number)
        });
        let come = service.added(kind).map(|(number, item)| {
            let matched = told(Direction::Tightens, Severity::Medium, item, "is new");
            let blocking = item.value().into_iter().flat_map(blocking);
            matched.detail(row.comes).details(blocking).object(number)
        });
        let differ = service.edits_of(kind).filter_map(|edit| (row.differs)(&edit));
        gone.chain(come).chain(differ).collect()
    };
    ROWS.iter().flat_map(|row| row.kinds.iter().flat_map(move |kind| of_kind(row, kind))).collect()
}

fn told(direction: Direction, severity: Severity, item: &Item<'_>, what: &str) -> Match {
    let title = format!("{} {} {what}", item.identity.kind, item.name);
    Match::new(Code::ADMISSION_CHANGES, severity, direction, title).at(&item.identity.region)
}

/// The webhooks of an object, by name; the object itself where it is a policy.
fn hooks(value: &Value) -> BTreeMap<&str, &Value> {
    let items = value.get("webhooks").map(Value::items).unwrap_or_default();
    if items.is_empty() {
        return value.get("spec").map(|spec| ("", spec)).into_iter().collect();
    }
    items.iter().filter_map(|hook| Some((hook.get("name")?.as_str()?, hook))).collect()
}

/// Whether what it judges is refused while it does not answer, as it is unless it says otherwise.
fn fails_closed(hook: &Value) -> bool {
    hook.get("failurePolicy").and_then(Value::as_str) != Some("Ignore")
}

/// What a webhook does where it does not say so (`admissionregistration/v1/defaults.go`).
const OTHERWISE: &[(&str, &str)] =
    &[("matchPolicy", "Equivalent"), ("timeoutSeconds", "10"), ("reinvocationPolicy", "Never")];

/// What an API server cannot take while a webhook does not answer.
fn blocking(value: &Value) -> Vec<String> {
    let webhooks = value.get("webhooks").map(Value::items).unwrap_or_default();
    let closed = webhooks.iter().filter(|hook| fails_closed(hook));
    let named = closed.filter_map(|hook| hook.get("name")?.as_str());
    named
        .map(|name| format!("while {name} does not answer, nothing that it judges is let in"))
        .collect()
}

/// Another judgement: by whom, of what, and what holds when nobody answers.
fn judges_otherwise(edit: &Edit<'_>) -> Option<Match> {
    let (then, now) = (hooks(edit.old), hooks(edit.new));
    let called = |name: &str| if name.is_empty() { String::new() } else { format!("{name}: ") };
    let (mut loosens, mut lines) = (false, Vec::new());
    for name in then.keys().filter(|name| !now.contains_key(*name)) {
        loosens = true;
        lines.push(format!("{}judges no more", called(name)));
    }
    for (name, hook) in &now {
        let Some(before) = then.get(name) else {
            lines.push(format!("{}is new", called(name)));
            continue;
        };
        match (fails_closed(before), fails_closed(hook)) {
            (true, false) => {
                loosens = true;
                lines.push(format!(
                    "{}while it does not answer, everything is let in",
                    called(name)
                ));
            }
            (false, true) => lines.push(format!(
                "{}while it does not answer, nothing that it judges is let in",
                called(name)
            )),
            _ => {}
        }
        let keys: BTreeSet<&String> =
            before.entries().iter().chain(hook.entries()).map(|(key, _)| key).collect();
        let of = |hook: &Value, key: &str| {
            let otherwise = OTHERWISE.iter().find(|(name, _)| *name == key);
            match hook.get(key) {
                None => otherwise.map(|(_, value)| (*value).to_owned()),
                Some(value) if value.entries().is_empty() && value.items().is_empty() => {
                    Some(super::amount::shown(Some(value)))
                }
                Some(value) => Some(format!("{value:?}")),
            }
        };
        let others = keys.into_iter().filter(|key| {
            *key != "failurePolicy" && *key != "name" && of(before, key) != of(hook, key)
        });
        for key in others {
            loosens |= ["rules", "namespaceSelector", "objectSelector", "matchConditions"]
                .contains(&key.as_str());
            lines.push(format!("{}{key} differs", called(name)));
        }
    }
    if lines.is_empty() {
        return None;
    }
    let (direction, severity) = match loosens {
        true => (Direction::Neutral, Severity::High),
        false => (Direction::Neutral, Severity::Medium),
    };
    let matched = told(direction, severity, edit.new_item, "judges otherwise");
    Some(matched.details(lines).object(edit.number))
}

/// A quota whose bounds fall, or rise.
fn bounds(edit: &Edit<'_>) -> Option<Match> {
    let hard = |value: &Value| -> BTreeMap<String, Value> {
        let hard = value.at(&["spec", "hard"]).map(Value::entries).unwrap_or_default();
        hard.iter().cloned().collect()
    };
    let (then, now) = (hard(edit.old), hard(edit.new));
    let (mut fewer, mut more) = (Vec::new(), Vec::new());
    for name in then.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (then.get(name), now.get(name));
        let (old, new) = (before.and_then(Quantity::of), after.and_then(Quantity::of));
        let line =
            format!("{name} {} → {}", super::amount::shown(before), super::amount::shown(after));
        match (old, new) {
            (Some(old), Some(new)) if new < old => fewer.push(line),
            (Some(old), Some(new)) if new > old => more.push(line),
            (None, Some(_)) => fewer.push(line),
            (Some(_), None) => more.push(line),
            _ => {}
        }
    }
    let others = ["scopes", "scopeSelector"];
    let of = |value: &Value, key: &str| value.at(&["spec", key]).cloned();
    let scoped = others.iter().filter(|key| of(edit.old, key) != of(edit.new, key));
    fewer.extend(scoped.map(|key| format!("{key} differs")));
    let (direction, severity, what, lines) = match (fewer.is_empty(), more.is_empty()) {
        (false, _) => (Direction::Tightens, Severity::Medium, "allows less", fewer),
        (true, false) => (Direction::Loosens, Severity::Low, "allows more", more),
        (true, true) => return None,
    };
    let matched = told(direction, severity, edit.new_item, what).details(lines);
    let matched = match direction == Direction::Tightens {
        true => matched.detail(BEYOND),
        false => matched,
    };
    Some(matched.object(edit.number))
}

fn other_limits(edit: &Edit<'_>) -> Option<Match> {
    let of = |value: &Value| value.at(&["spec", "limits"]).cloned();
    (of(edit.old) != of(edit.new)).then(|| {
        told(Direction::Neutral, Severity::Medium, edit.new_item, "has other limits")
            .detail("pods that start have its defaults, and are refused beyond its bounds")
            .object(edit.number)
    })
}
