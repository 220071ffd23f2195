//! A Velero that does what is asked of it, and does not stop for ever.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::velero::{CONCURRENT, NEEDED, STOPS, Since};
use crate::model::{Fleet, Region};

pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let Some(version) = region.velero_version.filter(|_| region.velero) else { return };
    let name = region.name.as_str();
    let place = fleet.document.at(&["regions", name, "velero"]);
    let several = region.backups.concurrency.is_some_and(|at_a_time| at_a_time > 1);
    let needed = NEEDED.iter().chain(several.then_some(&CONCURRENT));
    // The newest of what is missing says which version has all of it.
    if let Some(Since { version: since, what, source }) =
        needed.filter(|since| version < since.version).max_by_key(|since| since.version)
    {
        let mut finding = Diagnostic::new(
            Code::VELERO_VERSION,
            format!("`{name}` runs Velero {version}, and only {since} {what}"),
        )
        .at(place, "")
        .note(format!("see {source}"))
        .help(format!("upgrade it to {since} or later, then write its version here"));
        if *since == CONCURRENT.version {
            let asked = fleet.document.at(&["regions", name, "backup", "concurrency"]);
            finding = finding.related(asked, "asked for here");
        }
        sink.error(finding);
        return;
    }
    let stop = STOPS.iter().find(|stop| (stop.from..stop.mended).contains(&version));
    if let Some(stop) = stop {
        sink.error(
            Diagnostic::new(
                Code::VELERO_VERSION,
                format!("`{name}` runs Velero {version}, which {}", stop.what),
            )
            .at(place, "")
            .note(format!("every RPO counts on a queue that goes on; see {}", stop.source))
            .help(format!("upgrade it to {} or later, then write its version here", stop.mended)),
        );
    }
}
