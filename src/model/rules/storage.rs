//! Storage classes: that they are there, and that they survive what they are said to survive.

use super::super::Region;
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::storage::{Copies, copies};
use crate::spec::Document;
use crate::spec::fleet::{StorageClass, Topology};

pub(in crate::model) fn check(
    sink: &mut Sink,
    document: &Document,
    region: &str,
    classes: &[StorageClass],
) {
    for (index, class) in classes.iter().enumerate() {
        let Some(redundancy) = &class.redundancy else { continue };
        let (stands, write) = match (copies(redundancy), class.topology) {
            (Some(Copies::OneZone), Topology::Region) => ("goes with its zone", "zone"),
            (Some(Copies::Zones), Topology::Zone) => ("survives the loss of a zone", "region"),
            (Some(Copies::OneZone), Topology::Zone)
            | (Some(Copies::Zones), Topology::Region)
            | (None, _) => continue,
        };
        let index = index.to_string();
        let place = |key| document.at(&["regions", region, "storage", &index, key]);
        sink.error(
            Diagnostic::new(
                Code::REDUNDANCY,
                format!("a volume of `{}` {stands}: it is {redundancy}", class.name),
            )
            .at(place("topology"), "says otherwise")
            .related(place("redundancy"), "declared here")
            .note("whether a service keeps its data when a zone is lost follows from it")
            .help(format!("write `topology = \"{write}\"`, or mend `redundancy`")),
        );
    }
}

/// What is said of a storage class that a region does not have; `wanted` is the one that a spec names
/// at `place`, none where it leaves the choice to the region.
pub(super) fn unknown(region: &Region, wanted: Option<&str>, place: Span) -> Diagnostic {
    let known = region.storage.iter().map(|class| class.name.as_str());
    let (message, help) = match wanted {
        Some(name) => (
            format!("`{}` has no storage class `{name}`", region.name),
            diag::did_you_mean(name, known),
        ),
        None => (
            format!("`{}` has no storage class", region.name),
            "add one to the region in the fleet".to_owned(),
        ),
    };
    Diagnostic::new(Code::STORAGE_CLASS_UNKNOWN, message).at(place, "").help(help)
}
