//! What no edit of the specs explains: files edited by hand, and another version of Ninefold.

use super::{Match, Service};
use crate::diag::Code;
use crate::diff::report::{Cause, CauseKind, Severity};

pub(super) fn check(service: &Service<'_>, causes: &[Cause]) -> Vec<Match> {
    let mut matches = Vec::new();
    for changed in &service.changed {
        let object = changed.object;
        for kind in object.causes.iter().map(|cause| causes[*cause].kind) {
            let matched = match kind {
                CauseKind::HandEdit => {
                    let title = "its generated files were edited by hand";
                    Match::loosens(Code::HAND_EDITED, Severity::High, title).detail(
                        "what runs may be what was written there; the new tree takes it back",
                    )
                }
                CauseKind::Tool => {
                    let title = "another version of Ninefold made its old tree";
                    Match::neutral(Code::ANOTHER_VERSION, Severity::Info, title)
                        .detail("this part of the change comes with the tool, not with an edit")
                }
                CauseKind::Spec
                | CauseKind::Fleet
                | CauseKind::Template
                | CauseKind::Generations
                | CauseKind::Unknown => continue,
            };
            matches.push(matched.at(&object.region).object(changed.number));
        }
    }
    matches
}
