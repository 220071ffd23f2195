//! Storage classes: that they are there, and that they survive what they are said to survive.

use super::names::named;
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::id;
use crate::kube::storage::{Copies, copies};
use crate::model::{Fleet, Region, Topology};

/// Names that the cluster can have, each once.
pub(super) fn names(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let (name_of_region, classes) = (region.name.as_str(), &region.storage);
    for (index, class) in classes.iter().enumerate() {
        let place = |index: usize, key| {
            let index = index.to_string();
            fleet.document.at(&["regions", name_of_region, "storage", &index, key])
        };
        let mut names = vec![("name", class.name.as_str(), "a storage class")];
        names.extend(
            class
                .snapshots
                .iter()
                .map(|name| ("snapshots", name.as_str(), "a VolumeSnapshotClass")),
        );
        for (key, name, what) in names {
            let help = "write it as `kubectl get storageclass,volumesnapshotclass` shows it";
            named(sink, id::subdomain_problem, (what, name), || place(index, key), help);
        }
        if let Some(first) = classes[..index].iter().position(|other| other.name == class.name) {
            sink.error(
                Diagnostic::new(
                    Code::DUPLICATE_NAME,
                    format!("two storage classes are called `{}`", class.name),
                )
                .at(place(index, "name"), "here again")
                .related(place(first, "name"), "first here"),
            );
        }
    }
}

/// What a class says that it survives is what its redundancy does.
pub(super) fn redundancy(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    for (index, class) in region.storage.iter().enumerate() {
        let Some(redundancy) = &class.redundancy else { continue };
        let (stands, write) = match (copies(redundancy), class.topology) {
            (Some(Copies::OneZone), Topology::Region) => ("goes with its zone", "zone"),
            (Some(Copies::Zones), Topology::Zone) => ("survives the loss of a zone", "region"),
            (Some(Copies::OneZone), Topology::Zone)
            | (Some(Copies::Zones), Topology::Region)
            | (None, _) => continue,
        };
        let index = index.to_string();
        let place =
            |key| fleet.document.at(&["regions", region.name.as_str(), "storage", &index, key]);
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

/// The finding about a storage class that a region does not have; `wanted` is the one that a spec names
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
