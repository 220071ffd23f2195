//! Work that ends by itself: jobs that come and go, run at another time, do something else, or run once
//! more.

use super::{Edit, Match, Service, regions, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::diff::side::Item;
use crate::diff::value;
use crate::kube::labels;
use crate::yaml::Value;
use std::collections::BTreeSet;

const CRON: &str = "CronJob";
const JOB: &str = "Job";

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    // That a whole service comes or goes is said by itself.
    if service.old.is_none() || service.new.is_none() {
        return Vec::new();
    }
    let mut matches: Vec<Match> = added(service).collect();
    matches.extend(gone(service));
    for edit in service.edits_of(CRON) {
        matches.extend(stops(&edit));
        matches.extend(changes(&edit));
    }
    matches.extend(service.edits_of(JOB).filter_map(|edit| again(&edit)));
    matches.extend(variables(service));
    matches
}

/// Whether a CronJob is the job of a service, and no backup of somebody's own.
pub(super) fn is_of_a_service(value: &Value) -> bool {
    value.at(&["metadata", "labels", labels::JOB_OF]).is_some()
}

fn added<'a>(service: &'a Service<'_>) -> impl Iterator<Item = Match> + 'a {
    let there = regions::of(service.old);
    let here = move |item: &Item<'_>| there.contains(item.identity.region.as_str());
    let of_kind = move |kind: &'static str| service.added(kind);
    [CRON, JOB].into_iter().flat_map(of_kind).filter_map(move |(number, item)| {
        let value = item.value().filter(|_| here(item))?;
        let name = &item.identity.logical_name;
        let matched = match item.identity.kind.as_str() {
            JOB => runs(value, format!("the Job {name} runs")),
            _ => {
                let title = format!("the job {name} comes, {}", time(value));
                Match::neutral(Code::JOB_ADDED, Severity::Low, title)
            }
        };
        Some(matched.at(&item.identity.region).object(number))
    })
}

fn gone<'a>(service: &'a Service<'_>) -> impl Iterator<Item = Match> + 'a {
    let there = regions::of(service.new);
    service.dropped(CRON).filter_map(move |dropped| {
        let identity = &dropped.item.identity;
        let stays = there.contains(identity.region.as_str());
        if !stays || !is_of_a_service(dropped.value) {
            return None;
        }
        let title = format!("the job {} goes", identity.logical_name);
        let rests = is_suspended(dropped.value);
        let severity = if rests { Severity::Low } else { Severity::Medium };
        let matched = Match::loosens(Code::JOB_STOPS, severity, title);
        let line = if rests {
            "it was suspended".to_owned()
        } else {
            format!("it ran {}", time(dropped.value))
        };
        Some(matched.at(&identity.region).detail(line).object(dropped.number))
    })
}

fn is_suspended(value: &Value) -> bool {
    value.at(&["spec", "suspend"]) == Some(&Value::Bool(true))
}

/// `at 0 3 * * * (Etc/UTC)`
fn time(value: &Value) -> String {
    let text = |key| value.at(&["spec", key]).and_then(Value::as_str);
    let schedule = text("schedule").unwrap_or("no time");
    match text("timeZone") {
        Some(zone) => format!("at `{schedule}` ({zone})"),
        None => format!("at `{schedule}`"),
    }
}

fn stops(edit: &Edit<'_>) -> Option<Match> {
    let stops = !is_suspended(edit.old) && is_suspended(edit.new) && is_of_a_service(edit.new);
    let title = format!("the job {} is suspended", edit.new_item.identity.logical_name);
    stops.then(|| {
        edit.loosens(Code::JOB_STOPS, Severity::Medium, title)
            .detail(format!("it ran {}", time(edit.old)))
            .changed("suspend", false, true)
    })
}

/// What a CronJob says of its runs: the field, and what it is called.
const OF_RUNS: &[(&[&str], &str)] = &[
    (&["spec", "concurrencyPolicy"], "when the run before has not ended"),
    (
        &["spec", "jobTemplate", "spec", "activeDeadlineSeconds"],
        "the longest that it may take, in seconds",
    ),
    (&["spec", "jobTemplate", "spec", "backoffLimit"], "tried again"),
    (
        &["spec", "jobTemplate", "spec", "template", "spec", "restartPolicy"],
        "whether its pod starts it again",
    ),
];

fn runs_at_other_times(edit: &Edit<'_>) -> bool {
    let both = |key: &str| (edit.old.at(&["spec", key]), edit.new.at(&["spec", key]));
    let (old, new) = both("timeZone");
    old != new
        || match both("schedule") {
            (Some(old), Some(new)) => !value::at_the_same_times(old, new),
            (old, new) => old != new,
        }
}

fn changes(edit: &Edit<'_>) -> Option<Match> {
    let mut lines = Vec::new();
    let (then, now) = (time(edit.old), time(edit.new));
    if runs_at_other_times(edit) {
        lines.push(format!("{then} → {now}"));
    }
    if is_suspended(edit.old) && !is_suspended(edit.new) {
        lines.push("it was suspended, and runs".to_owned());
    }
    for (path, what) in OF_RUNS {
        let of = |value: &Value| super::amount::shown(value.at(path));
        let (then, now) = (of(edit.old), of(edit.new));
        if then != now {
            lines.push(format!("{what}: {then} → {now}"));
        }
    }
    let pods = workload::pod(CRON, edit.old).zip(workload::pod(CRON, edit.new));
    if let Some((old, new)) = pods {
        lines.extend(does(old, new));
    }
    let title = format!("the job {} changes", edit.new_item.identity.logical_name);
    let matched = || edit.neutral(Code::JOB_CHANGES, Severity::Low, title);
    (!lines.is_empty()).then(|| matched().details(lines).changed("time", then, now))
}

/// What its containers do differently. Of another image, another rule speaks; a value of a variable may
/// be one that nobody should read.
fn does(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, before, after) in workload::both(old, new) {
        for key in ["command", "args"] {
            if before.get(key) != after.get(key) {
                lines.push(format!("container {name}: other {key}"));
            }
        }
        let names = |container: &Value| -> BTreeSet<String> {
            let all = container.get("env").map(Value::items).unwrap_or_default().iter();
            all.filter_map(|one| one.get("name")?.as_str().map(str::to_owned)).collect()
        };
        let (then, now) = (names(before), names(after));
        lines.extend(now.difference(&then).map(|one| format!("container {name}: {one} is set")));
        lines.extend(then.difference(&now).map(|one| format!("container {name}: {one} is gone")));
        if then == now && before.get("env") != after.get("env") {
            lines.push(format!("container {name}: another variable"));
        }
    }
    lines
}

/// A job that runs once for each content, and gets another one.
fn again(edit: &Edit<'_>) -> Option<Match> {
    let (old, new) = (edit.old_item, edit.new_item);
    let name = &new.identity.logical_name;
    let matched = runs(edit.new, format!("the Job {name} runs again"));
    let lines = match workload::pod(JOB, edit.old).zip(workload::pod(JOB, edit.new)) {
        Some((old, new)) => does(old, new),
        None => Vec::new(),
    };
    (old.name != new.name).then(|| matched.at(edit.region).details(lines).object(edit.number))
}

fn runs(value: &Value, title: String) -> Match {
    let first = value.at(&["metadata", "annotations", labels::BEFORE]).is_some();
    let matched = Match::neutral(Code::JOB_RUNS, Severity::Medium, title);
    match first {
        true => matched.detail("before the pods of this release start; if it fails, they do not"),
        false => matched.detail("as soon as it is delivered, and nothing waits for it"),
    }
}

/// The variables that a job has for itself, in a ConfigMap: another one is another name, and the same job.
fn variables<'a>(service: &'a Service<'_>) -> impl Iterator<Item = Match> + 'a {
    let prefix = format!("{}-job-", service.name);
    service.edits_of("ConfigMap").filter_map(move |edit| {
        let job = edit.new_item.identity.logical_name.strip_prefix(&prefix)?;
        if edit.old.get("data") == edit.new.get("data") {
            return None;
        }
        let title = format!("the job {}-{job} changes", service.name);
        let matched = edit.neutral(Code::JOB_CHANGES, Severity::Low, title);
        Some(matched.detail("another variable of its own"))
    })
}
