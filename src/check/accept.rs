//! Warnings, and effects of a change, that a service accepts: with a reason, and until a day.
//!
//! The day is measured against the date of the fleet's inventory, which is committed: the clock
//! never decides what a build says.

use crate::diag::{self, Code, Diagnostic, FileId, Severity, Sink};
use crate::kube::ServiceName;
use crate::model::{Accept, Fleet, Model, Service};
use std::collections::BTreeMap;

/// Drops the warnings that are accepted, and reports acceptances that ended or fit nothing.
pub(super) fn apply(sink: &mut Sink, model: &Model) {
    // A rule that did not run for an error elsewhere could have found what is accepted.
    let complete = sink.errors() == 0;
    let mut taken = Taken::new();
    for service in model.services() {
        for (index, accept) in service.accepts.iter().enumerate() {
            entry(sink, model.fleet(), service, (index, accept), complete, &mut taken);
        }
    }
    for (index, accept) in model.fleet().accepts.iter().enumerate() {
        of_fleet(sink, model.fleet(), (index, accept));
    }
    sink.refuse();
}

/// What the fleet accepts for a service: effects of a change, which a diff tells.
fn of_fleet(sink: &mut Sink, fleet: &Fleet, (index, accept): (usize, &Accept)) {
    let at = |key| fleet.document.at(&["accept", &index.to_string(), key]);
    let effects = diag::CODES.iter().filter(|row| row.effect).map(|row| row.name);
    if !effects.clone().any(|name| name == accept.rule) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("`{}` is not an effect of a change", accept.rule),
            )
            .at(at("rule"), "")
            .note("a warning is accepted in the spec of the service that has it")
            .help(match diag::nearest(&accept.rule, effects) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write what stands in the brackets behind the effect".to_owned(),
            }),
        );
    } else if accept.until < fleet.inventory {
        let message = format!("`{}` was accepted until {}", accept.rule, accept.until);
        sink.error(
            Diagnostic::new(Code::ACCEPT_EXPIRED, message)
                .at(at("until"), "ended before the inventory was taken")
                .related(fleet.document.at(&["inventory"]), "taken on this day")
                .help("remove it, or decide again and write a later day"),
        );
    }
}

/// What was accepted in a file, and as what service: in another environment of it, that is not reported as
/// accept nothing.
type Taken = BTreeMap<(FileId, Code), (ServiceName, Vec<Diagnostic>)>;

fn entry(
    sink: &mut Sink,
    fleet: &Fleet,
    service: &Service,
    (index, accept): (usize, &Accept),
    complete: bool,
    taken: &mut Taken,
) {
    let at = |key| service.at(&["accept", &index.to_string(), key]);
    let Some(code) = Code::find(&accept.rule) else {
        let known = diag::CODES.iter().map(|row| row.name);
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("there is no finding `{}`", accept.rule))
                .at(at("rule"), "")
                .help(match diag::nearest(&accept.rule, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write the code that stands in the brackets of the finding".to_owned(),
                }),
        );
        return;
    };
    let file = service.document.file();
    let of_file = |finding: &Diagnostic| {
        finding.code == code
            && finding.primary.as_ref().is_some_and(|label| label.span.file == file)
    };
    let dropped = match taken.get(&(file, code)) {
        Some((name, dropped)) if *name != service.name => dropped.clone(),
        Some(_) | None => sink.accept(of_file),
    };
    taken.entry((file, code)).or_insert_with(|| (service.name.clone(), dropped.clone()));
    // What a later stage or a diff finds is accepted there.
    let later = [
        Code::ANSWERED_BY_TWO,
        Code::AVAILABILITY_EXPECTED,
        Code::CLAIMS_UNPROVEN,
        Code::CLIENT_SIDE_APPLY,
        Code::CONSUMED_TWICE,
        Code::DATA_LEFT_BEHIND,
        Code::DEPENDENCY_LOWER_TIER,
        Code::DEPENDENCY_STANDS_BY,
        Code::FITS_NO_NODE,
        Code::GOVERNED_TWICE,
        Code::IMMUTABLE_FIELD,
        Code::OBJECT_UNPROVEN,
        Code::PATCH_HAS_FIELD,
        Code::PATCH_TAKES_ROOM,
        Code::PATH_NOT_PORTABLE,
        Code::PORT_RENAMED,
        Code::REACHES_NOTHING,
        Code::REFERENCE_DANGLING,
        Code::REFERENCE_NOT_FOLLOWED,
        Code::REPLICAS_RESET,
        Code::REPLICAS_TWICE,
        Code::SELECTS_NO_POD,
        Code::UNREACHABLE_PORT,
        Code::WRITER_ALONE,
        Code::WRITER_KEPT,
    ];
    let elsewhere = later.contains(&code) || code.row().effect;
    if accept.until >= fleet.inventory && elsewhere {
        return;
    }
    if accept.until < fleet.inventory {
        let mut finding = Diagnostic::new(
            Code::ACCEPT_EXPIRED,
            format!("`{}` was accepted until {}", accept.rule, accept.until),
        )
        .at(at("until"), "ended before the inventory was taken")
        .related(fleet.document.at(&["inventory"]), "taken on this day")
        .help("mend what it accepts, or decide again and write a later day");
        for warning in dropped {
            if let Some(label) = warning.primary {
                finding = finding.related(label.span, warning.message);
            }
        }
        sink.error(finding);
    } else if dropped.is_empty() && (complete || code.row().severity == Severity::Error) {
        let mut finding =
            Diagnostic::new(Code::ACCEPT_UNUSED, format!("no warning here is `{}`", accept.rule))
                .at(at("rule"), "accepts nothing")
                .help("remove this `[[accept]]`");
        if code.row().severity == Severity::Error {
            finding = finding.note("an error cannot be accepted, only a warning");
        }
        sink.report(finding);
    }
}
