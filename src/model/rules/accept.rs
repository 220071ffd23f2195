//! Warnings, and effects of a change, that a service accepts: with a reason, and until a day.
//!
//! The day is measured against the date of the fleet's inventory, which is committed: the clock
//! never decides what a build says.

use crate::diag::{self, Code, Diagnostic, Severity, Sink, Span};
use crate::model::Fleet;
use crate::quantity::Date;
use crate::spec::{self, Spec};

/// One `[[accept]]`.
pub(in crate::model) struct Accepted {
    rule: String,
    rule_place: Span,
    until: Date,
    until_place: Span,
}

/// The `[[accept]]` entries of a spec.
pub(in crate::model) fn read(spec: &Spec<spec::Service>) -> Vec<Accepted> {
    let place = |index: usize, key| spec.document.at(&["accept", &index.to_string(), key]);
    (spec.value.accept.iter().enumerate())
        .map(|(index, accept)| Accepted {
            rule: accept.rule.clone(),
            rule_place: place(index, "rule"),
            until: accept.until,
            until_place: place(index, "until"),
        })
        .collect()
}

/// Drops the warnings that are accepted, and reports acceptances that ended or fit nothing.
pub(in crate::model) fn apply(sink: &mut Sink, fleet: &Fleet, accepted: Vec<Accepted>) {
    // A rule that did not run for an error elsewhere could have found what is accepted.
    let complete = sink.errors() == 0;
    for accept in accepted {
        let Some(code) = Code::find(&accept.rule) else {
            let known = diag::CODES.iter().map(|row| row.name);
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("there is no finding `{}`", accept.rule),
                )
                .at(accept.rule_place, "")
                .help(match diag::nearest(&accept.rule, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write the code that stands in the brackets of the finding".to_owned(),
                }),
            );
            continue;
        };
        let file = accept.rule_place.file;
        let dropped = sink.accept(|finding| {
            finding.code == code
                && finding.primary.as_ref().is_some_and(|label| label.span.file == file)
        });
        // What a later stage or a diff finds is accepted there.
        let later = [
            Code::AVAILABILITY_EXPECTED,
            Code::DATA_LEFT_BEHIND,
            Code::IMMUTABLE_FIELD,
            Code::PORT_RENAMED,
        ];
        let elsewhere = later.contains(&code) || code.row().effect;
        if accept.until >= fleet.inventory && elsewhere {
            continue;
        }
        if accept.until < fleet.inventory {
            let mut finding = Diagnostic::new(
                Code::ACCEPT_EXPIRED,
                format!("`{}` was accepted until {}", accept.rule, accept.until),
            )
            .at(accept.until_place, "ended before the inventory was taken")
            .related(fleet.document.at(&["inventory"]), "taken on this day")
            .help("mend what it accepts, or decide again and write a later day");
            for warning in dropped {
                if let Some(label) = warning.primary {
                    finding = finding.related(label.span, warning.message);
                }
            }
            sink.error(finding);
        } else if dropped.is_empty() && (complete || code.row().severity == Severity::Error) {
            let mut finding = Diagnostic::new(
                Code::ACCEPT_UNUSED,
                format!("no warning here is `{}`", accept.rule),
            )
            .at(accept.rule_place, "accepts nothing")
            .help("remove this `[[accept]]`");
            if code.row().severity == Severity::Error {
                finding = finding.note("an error cannot be accepted, only a warning");
            }
            sink.report(finding);
        }
    }
}
