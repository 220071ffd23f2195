//! Storage classes that survive what they are said to survive.

use crate::diag::{Code, Diagnostic, Sink};
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
