//! Autoscalers of the user's own beside a number of replicas: each delivery sets the number, and each
//! look of the autoscaler sets another.

use super::Object;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::manifest::Manifest;
use crate::plan::values::Values;
use crate::yaml::Value;

/// Where an autoscaler names what it scales: that of Kubernetes, and that of KEDA.
const TARGET: [&str; 2] = ["spec", "scaleTargetRef"];

/// Reports each of them whose target says how many replicas it has.
pub(super) fn check(sink: &mut Sink, objects: &[Object], manifests: &[Manifest]) {
    let mut seen: Vec<Span> = Vec::new();
    for (own, manifest) in objects.iter().zip(manifests).filter(|(object, _)| object.own) {
        let Some(target) = own.value.at(&TARGET) else { continue };
        let scales = |object: &&Object| {
            object.id.region == own.id.region
                && object.id.namespace == own.id.namespace
                && is(object, target)
                && object.value.at(&["spec", "replicas"]).is_some()
        };
        let Some(workload) = objects.iter().filter(|object| !object.own).find(scales) else {
            continue;
        };
        let place = match (&manifest.written, &manifest.values) {
            (Some(written), Values::Own(file)) => Span::new(file.file, written.place(&TARGET)),
            _ => manifest.origin.span,
        };
        // Regions are alike, and so is what is wrong in them.
        if seen.contains(&place) {
            continue;
        }
        seen.push(place);
        sink.report(
            Diagnostic::new(
                Code::REPLICAS_TWICE,
                format!(
                    "this {} and `spec.replicas` both say how many replicas the {} `{}` has",
                    own.id.kind, workload.id.kind, workload.id.name
                ),
            )
            .at(place, "")
            .related(manifest.origin.span, "named here")
            .note("each delivery sets the number again, and the autoscaler changes it back")
            .help("write it in `[capacity.autoscale]`, with `metrics`, or with `triggers` where KEDA runs, and leave this object out"),
        );
    }
}

/// Whether an object is what a target names. KEDA means a Deployment where it says no kind.
fn is(object: &Object, target: &Value) -> bool {
    let text = |key: &str| target.get(key).and_then(Value::as_str);
    text("name") == Some(object.id.name.as_str())
        && text("kind").unwrap_or("Deployment") == object.id.kind.name()
}
