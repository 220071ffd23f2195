//! How a workload replaces its pods.

use super::{Edit, Match, Service, amount, called, workload};
use crate::diag::Code;
use crate::diff::report::Severity;
use crate::yaml::Value;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let workloads = service.edits().filter(|edit| workload::LASTING.contains(&edit.kind));
    workloads.filter_map(|edit| looser(service, &edit)).collect()
}

fn looser(service: &Service<'_>, edit: &Edit<'_>) -> Option<Match> {
    let key = if edit.kind == "Deployment" { "strategy" } else { "updateStrategy" };
    let of = |value: &Value| {
        let rule = value.at(&["spec", key, "type"]).and_then(Value::as_str);
        rule.unwrap_or("RollingUpdate").to_owned()
    };
    let (then, now) = (of(edit.old), of(edit.new));
    let pods = workload::pods(service.new, edit.new_item, edit.new).unwrap_or(1);
    let mut found: Vec<(Severity, String)> = Vec::new();
    if then != now && now != "RollingUpdate" {
        let severity = if now == "Recreate" { Severity::High } else { Severity::Medium };
        found.push((severity, format!("{then} → {now}")));
    }
    let missing = |value: &Value| {
        let quarter = Value::String("25%".to_owned());
        let written = value.at(&["spec", key, "rollingUpdate", "maxUnavailable"]);
        let otherwise = if edit.kind == "Deployment" { &quarter } else { &Value::Int(1) };
        amount::share(Some(written.unwrap_or(otherwise)), pods, false)
    };
    if then == now
        && now == "RollingUpdate"
        && let (Some(before), Some(after)) = (missing(edit.old), missing(edit.new))
        && after > before
    {
        let severity = if after >= pods { Severity::High } else { Severity::Medium };
        found.push((
            severity,
            format!("pods missing during a rollout {before} → {after} of {pods}"),
        ));
    }
    let ready = |value: &Value| amount::count(value.at(&["spec", "minReadySeconds"])).unwrap_or(0);
    let (before, after) = (ready(edit.old), ready(edit.new));
    if after < before {
        found.push((
            Severity::Medium,
            format!("a new pod counts after {before}s → {after}s of being ready"),
        ));
    }
    let paused = |value: &Value| value.at(&["spec", "paused"]) == Some(&Value::Bool(true));
    if paused(edit.new) && !paused(edit.old) {
        let line = "it is paused: no change of its pods is rolled out until it is not";
        found.push((Severity::Medium, line.to_owned()));
    }
    let severity = found.iter().map(|(severity, _)| *severity).max()?;
    let title = format!("{} replaces its pods less carefully", called(service, edit.new_item));
    let matched =
        edit.loosens(Code::ROLLOUT_LOOSENED, severity, title).changed("strategy", then, now);
    Some(found.into_iter().fold(matched, |matched, (_, line)| matched.detail(line)))
}
