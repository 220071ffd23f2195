//! A VolSync that copies what is asked of it.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::volsync::OLDEST;
use crate::model::{Fleet, Region};

pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let Some(version) = region.volsync_version.filter(|version| *version < OLDEST) else { return };
    let name = region.name.as_str();
    sink.error(
        Diagnostic::new(
            Code::VOLSYNC_VERSION,
            format!("`{name}` runs VolSync {version}, and {OLDEST} is the first that takes out of a copy what was deleted"),
        )
        .at(fleet.document.at(&["regions", name, "volsync"]), "")
        .note("a region that took over would have every file that was ever there (`enableFileDeletion`, volsync `CHANGELOG.md`)")
        .help(format!("upgrade it to {OLDEST} or later, then write its version here")),
    );
}
