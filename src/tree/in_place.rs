//! Edits in place of objects whose names stay: what Kubernetes refuses, and what takes a service
//! down although its pods run.

use super::Document;
use super::ledger::Entry;
use super::retain::Previous;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::Kind;
use crate::yaml::{Value, read};

/// Reports such edits of current objects. `former` are the objects that the tree held.
pub(super) fn check(
    sink: &mut Sink,
    current: &[(Entry, Document)],
    former: &[&Entry],
    previous: &Previous<'_>,
    origin: Option<Span>,
) {
    for (entry, document) in current {
        let edits: fn(&Value, &Value, &Entry) -> Option<Diagnostic> = match entry.kind.as_str() {
            "StatefulSet" => claims,
            "Service" => ports,
            "Deployment" => replicas,
            _ => continue,
        };
        let same = |old: &&&Entry| {
            (&old.region, &old.kind, &old.namespace, &old.name)
                == (&entry.region, &entry.kind, &entry.namespace, &entry.name)
        };
        let Some(old) = former.iter().find(same).filter(|old| old.file != entry.file) else {
            continue;
        };
        let then = (previous.read)(&old.path).and_then(|text| read::document(&text).ok());
        let now = read::document(&document.text).ok();
        if let (Some(then), Some(now)) = (then, now)
            && let Some(finding) = edits(&then, &now, entry)
        {
            sink.report(match origin {
                Some(span) => finding.at(span, "this service"),
                None => finding,
            });
        }
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
fn claims(then: &Value, now: &Value, entry: &Entry) -> Option<Diagnostic> {
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

/// A port of a Service leads to the port of that name of each pod: pods that have none of that
/// name leave its endpoints at once.
fn ports(then: &Value, now: &Value, entry: &Entry) -> Option<Diagnostic> {
    let targets = |value: &Value| -> Vec<(Option<Value>, Option<Value>)> {
        let ports = value.at(&["spec", "ports"]).map(Value::items).unwrap_or_default();
        ports
            .iter()
            .map(|port| (port.get("port").cloned(), port.get("targetPort").cloned()))
            .collect()
    };
    let now = targets(now);
    let moved = |(port, target): &&(Option<Value>, Option<Value>)| {
        now.iter().any(|(other, to)| other == port && to != target)
    };
    let then = targets(then);
    let (_, target) = then.iter().find(moved)?;
    let name = target.as_ref().and_then(Value::as_str).unwrap_or_default();
    let message =
        format!("port `{name}` of `{}` in {} gets another name", entry.name, entry.region);
    Some(
        Diagnostic::new(Code::PORT_RENAMED, message)
            .note("the Service leads to the new name at once, and the pods that run have no port of that name: nothing answers until the new ones are ready")
            .help("keep the name; or add the new port under another number beside it, and remove the old one after `ninefold retire`"),
    )
}

/// A number of replicas that leaves a manifest leaves the cluster, where nobody else has set it: the
/// default is 1 (`pkg/apis/apps/v1/defaults.go`), and the autoscaler begins from there.
fn replicas(then: &Value, now: &Value, entry: &Entry) -> Option<Diagnostic> {
    let Some(Value::Int(had @ 2..)) = then.at(&["spec", "replicas"]) else { return None };
    if now.at(&["spec", "replicas"]).is_some() {
        return None;
    }
    let message = format!(
        "the {had} replicas of Deployment `{}` in {} fall to 1 before its autoscaler raises them",
        entry.name, entry.region
    );
    Some(
        Diagnostic::new(Code::REPLICAS_RESET, message)
            .note("it keeps its name, and the number goes from its manifest: Kubernetes takes 1 for it until the autoscaler has looked")
            .help("make this change with `rollout = \"replace\"`: the former pods serve until `ninefold retire`; or apply the HorizontalPodAutoscaler by itself first, so that it is a moment"),
    )
}
