//! What no edit of the specs explains: files edited by hand, another version of Ninefold, and a build that
//! nobody made.

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
                    let title = "its old tree is not what its old specs compile to";
                    Match::neutral(Code::ANOTHER_VERSION, Severity::Info, title).detail(
                        "another version of Ninefold made it, or nobody built after the last edit: no edit of this change is behind that part",
                    )
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
