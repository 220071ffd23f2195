//! Edits in place of objects whose names stay: what Kubernetes refuses, and what takes a service
//! down although its pods run.

use super::ledger::Entry;
use super::retain::{self, Previous};
use super::{Current, Ledger, side_by_side};
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::{Kind, labels};
use crate::yaml::{Value, read};
use std::collections::BTreeSet;

/// Reports such edits of current objects: against what the tree held, against what was delivered, and
/// against what was there before the newest commit, when that is delivered without a build.
pub(super) fn check(
    sink: &mut Sink,
    current: &Current,
    previous: &Previous<'_>,
    origin: Option<Span>,
) {
    let held: Vec<&Entry> = previous.ledgers.iter().flat_map(Ledger::objects).collect();
    let (delivered, before) = (previous.delivered.objects(), previous.delivered.before());
    for entry in &current.entries {
        let Some(rule) = rule_of(&entry.kind) else { continue };
        let differs = |old: &&Entry| is_same(old, entry) && old.file != entry.file;
        let mut seen = BTreeSet::new();
        let former = held.iter().copied().chain(&delivered).map(|old| (old, false));
        // Only what is delivered as it is came without a build.
        let is_delivered = |old: &Entry| is_same(old, entry) && old.file == entry.file;
        let unbuilt = before.iter().filter(|_| delivered.iter().any(is_delivered));
        let former: Vec<(&Entry, bool)> = (former.chain(unbuilt.map(|old| (old, true))))
            .filter(|(old, _)| differs(old) && seen.insert(&old.file))
            .collect();
        if former.is_empty() {
            continue;
        }
        let Some(now) = current.text(entry).and_then(|text| read::document(text).ok()) else {
            continue;
        };
        let step = Step {
            entry,
            called: side_by_side::is_called(current, &entry.region),
            kept: held.iter().any(|old| is_same(old, entry) && old.retained.is_some()),
        };
        let found = former.iter().find_map(|(old, is_before)| {
            let then = read::document(&retain::bytes(previous, old, None)?).ok()?;
            let finding = rule(&step, &then, &now)?;
            match (is_before, finding.refused) {
                (false, _) => Some(finding),
                (true, true) => Some(finding.note("the newest commit does it, and no spec accepts it; where that is delivered already, it is over with the next commit")),
                // What was said, and was delivered all the same, is not said again.
                (true, false) => None,
            }
        });
        if let Some(finding) = found {
            sink.report(match origin {
                Some(span) => finding.at(span, "of this service"),
                None => finding,
            });
        }
    }
}

fn is_same(old: &Entry, now: &Entry) -> bool {
    old.region == now.region && retain::name(old) == retain::name(now)
}

/// An object whose name stays, while it changes.
struct Step<'a> {
    entry: &'a Entry,
    /// Whether anything may call the service.
    called: bool,
    /// Whether the tree keeps the object as a former generation.
    kept: bool,
}

/// Whether an edit in place of such an object is judged.
pub(super) fn is_judged(kind: &str) -> bool {
    rule_of(kind).is_some()
}

type Rule = fn(&Step<'_>, &Value, &Value) -> Option<Diagnostic>;

fn rule_of(kind: &str) -> Option<Rule> {
    match kind {
        "StatefulSet" => {
            Some(|step, then, now| claims(step, then, now).or_else(|| ends(step, then, now)))
        }
        "Service" => {
            Some(|step, then, now| address(step, then, now).or_else(|| ports(step, then, now)))
        }
        "Deployment" => {
            Some(|step, then, now| replicas(step, then, now).or_else(|| ends(step, then, now)))
        }
        _ => None,
    }
}

/// Whether volumes belong to the name of an object.
pub(super) fn has_claims(entry: &Entry, file: impl Fn(&str) -> Option<String>) -> bool {
    let Some(claims) = Kind::claims(&entry.kind) else { return false };
    let value = file(&entry.path).and_then(|text| read::document(&text).ok());
    value.is_some_and(|value| value.at(&["spec", claims]).is_some())
}

/// Of a StatefulSet only replicas, template, strategy and retention can change
/// (`ValidateStatefulSetUpdate`).
fn claims(step: &Step<'_>, then: &Value, now: &Value) -> Option<Diagnostic> {
    let entry = step.entry;
    let fixed = ["volumeClaimTemplates", "serviceName", "selector", "podManagementPolicy"];
    let differs = |field: &&&str| then.at(&["spec", field]) != now.at(&["spec", field]);
    let field = fixed.iter().find(differs)?;
    let message =
        format!("`{field}` of StatefulSet `{}` in {} cannot change", entry.name, entry.region);
    Some(
        Diagnostic::new(Code::IMMUTABLE_FIELD, message)
            .note("the API server refuses the manifest, and whoever delivers it stops there")
            .help(format!(
                "`kubectl -n {} delete statefulset {} --cascade=orphan` leaves pods and volumes; resize the claims, then deliver; or undo the edit",
                entry.namespace.as_deref().unwrap_or_default(),
                entry.name
            )),
    )
}

/// Whether a Service has an address of its own is decided when it is made: the API server refuses to take
/// one away, and gives none to one that has none (`pkg/registry/core/service/strategy.go`).
fn address(step: &Step<'_>, then: &Value, now: &Value) -> Option<Diagnostic> {
    let entry = step.entry;
    let has_none =
        |value: &Value| value.at(&["spec", "clusterIP"]).and_then(Value::as_str) == Some("None");
    if has_none(then) == has_none(now) {
        return None;
    }
    let namespace = entry.namespace.as_deref().unwrap_or_default();
    let message =
        format!("`clusterIP` of Service `{}` in {} cannot change", entry.name, entry.region);
    Some(
        Diagnostic::new(Code::IMMUTABLE_FIELD, message)
            .note("the API server refuses to take an address from a Service, and leaves one without an address as it is")
            .help(format!(
                "`kubectl -n {namespace} delete service {}`, then deliver: nobody finds the service meanwhile; or leave `headless` as it was, and give callers another Service in a file of `[[manifests]]`",
                entry.name
            )),
    )
}

/// A port of a Service leads to the port of that name of each pod: pods that have none of that
/// name leave its endpoints at once. And callers have its number written down.
fn ports(step: &Step<'_>, then: &Value, now: &Value) -> Option<Diagnostic> {
    let entry = step.entry;
    // Names of a headless one lead to pods, whatever its ports are.
    if now.at(&["spec", "clusterIP"]).and_then(Value::as_str) == Some("None") {
        return None;
    }
    let (then, now) = (led(then), led(now));
    let of = format!("of `{}` in {}", entry.name, entry.region);
    let elsewhere = |(port, target): &&(Port, Option<Value>)| {
        now.iter().any(|(other, to)| other == port && to != target)
    };
    if let Some((_, target)) = then.iter().find(elsewhere) {
        let name = target.as_ref().and_then(Value::as_str).unwrap_or_default();
        return Some(
            Diagnostic::new(Code::PORT_RENAMED, format!("port `{name}` {of} gets another name"))
                .note("the Service leads to the new name at once, and the pods that run have no port of that name: nothing answers until the new ones are ready")
                .help("keep the name; or add the new port under another number beside it, and remove the old one after `ninefold retire`; or accept this")
                .unless_accepted(),
        );
    }
    let answers = |port: &Port| now.iter().any(|(other, _)| other == port);
    let stays = |target: &Option<Value>| now.iter().any(|(_, to)| to == target);
    let gone = |(port, target): &&(Port, Option<Value>)| {
        !answers(port) && (stays(target) || !then.iter().any(|(port, _)| answers(port)))
    };
    let (port, target) = then.iter().find(gone)?;
    let number = |(port, _): &Port| match port {
        Some(Value::Int(number)) => number.to_string(),
        _ => String::new(),
    };
    let (old, name) = (number(port), target.as_ref().and_then(Value::as_str).unwrap_or_default());
    let next =
        now.iter().find(|(_, to)| to == target).or(now.first()).map(|(port, _)| number(port));
    Some(
        Diagnostic::new(
            Code::PORT_RENAMED,
            format!("port {old} {of} is port {} now", next.unwrap_or_default()),
        )
        .note(format!("callers have {old} written down, and nothing answers there from the moment this is delivered"))
        .help(format!("write `service = {old}` beside `port` of `{name}`: the container moves, and callers do not; or keep {old} as a port of its own until nobody calls it; or accept this"))
        .unless_accepted(),
    )
}

/// A port of a Service: its number and its protocol, of which each is a port of its own.
type Port = (Option<Value>, String);

/// The ports of a Service, and where each leads.
fn led(service: &Value) -> Vec<(Port, Option<Value>)> {
    let ports = service.at(&["spec", "ports"]).map(Value::items).unwrap_or_default();
    let of = |port: &Value| {
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP").to_owned();
        ((port.get("port").cloned(), protocol), port.get("targetPort").cloned())
    };
    ports.iter().map(of).collect()
}

/// A number of replicas that leaves a manifest leaves the cluster, where nobody else has set it: the
/// default is 1 (`pkg/apis/apps/v1/defaults.go`), and the autoscaler begins from there. No engine keeps
/// it: each applies on the server, as one manager of fields (Flux as `kustomize-controller`, Argo CD as
/// `argocd-controller`), and what a manager no longer says is removed unless another says it, too
/// (`docs/reference/using-api/server-side-apply`, "Transferring ownership"). Rules that leave a field
/// alone stand in other objects, which are delivered apart from this one (Argo CD
/// `RespectIgnoreDifferences`, Flux `ignore` from 2.9 on).
fn replicas(step: &Step<'_>, then: &Value, now: &Value) -> Option<Diagnostic> {
    let entry = step.entry;
    let Some(Value::Int(had @ 2..)) = then.at(&["spec", "replicas"]) else { return None };
    if now.at(&["spec", "replicas"]).is_some() {
        return None;
    }
    let peak = then.at(&["metadata", "annotations", labels::PEAK]).and_then(Value::as_str);
    let peak: i64 = peak.and_then(|peak| peak.parse().ok()).unwrap_or(*had);
    let carry = if peak == 1 { "1 carries".to_owned() } else { format!("{peak} carry") };
    let message = format!(
        "the {had} replicas of Deployment `{}` in {} fall to 1 before its autoscaler raises them",
        entry.name, entry.region
    );
    let finding = Diagnostic::new(Code::REPLICAS_RESET, message)
        .note(format!("it keeps its name, and the number goes from its manifest: Kubernetes takes 1 for it until the autoscaler has looked; {carry} the peak"))
        .help(way(step, *had));
    Some(if peak > 1 { finding.unless_accepted() } else { finding })
}

/// A region that serves and is to stand by: where the name stays, its pods end at once. That is only
/// said, as whoever moves a service to another region in an emergency must not be held up.
fn ends(step: &Step<'_>, then: &Value, now: &Value) -> Option<Diagnostic> {
    let Entry { kind, name, region, .. } = step.entry;
    let of = |value: &Value| value.at(&["spec", "replicas"]).cloned();
    if of(now) != Some(Value::Int(0)) || of(then) == Some(Value::Int(0)) {
        return None;
    }
    let finding = Diagnostic::new(
        Code::REPLICAS_RESET,
        format!("every pod of {kind} `{name}` in {region} ends as soon as this is delivered there"),
    )
    .note("it keeps its name and is to run none, as the region stands by from now on; no former generation serves meanwhile");
    Some(
        finding.help("deliver the region that takes over first, and this one when users are there"),
    )
}

/// How the number changes hands without a loss.
fn way(step: &Step<'_>, had: i64) -> String {
    let Entry { name, region, .. } = step.entry;
    if step.kept {
        return format!(
            "retire what is kept under its name first, `ninefold retire --generation {name}`, and deliver that: then it is created again, beside what serves"
        );
    }
    if step.called {
        return "write `rollout = \"replace\"` for this change: a Deployment with a name of its own comes up beside this one, which serves until `ninefold retire`; then `rolling` may come back the same way; or accept this".to_owned();
    }
    // Under `replace`, two versions would do its work.
    let namespace = step.entry.namespace.as_deref().unwrap_or_default();
    let said = format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{name}","namespace":"{namespace}"}},"spec":{{"replicas":{had}}}}}"#
    );
    format!(
        "before this is delivered, let another manager of fields say the number, too, and accept this: `echo '{said}' | kubectl --context {region} apply --server-side --field-manager=autoscaler --validate=false -f -`"
    )
}
