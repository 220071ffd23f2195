//! Files with objects of a service's own, or of the fleet's.

use crate::diag::{self, Code, Diagnostic, FileId, Sink};
use crate::kube::RegionName;
use crate::spec::Document;
use crate::spec::service::{Manifest as Written, ManifestObject};

/// A file with objects.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Its text.
    pub file: FileId,
    /// Its path, as the spec has it.
    pub path: String,
    /// Its number in the spec.
    pub index: usize,
    /// The regions that get its objects; none means all.
    pub regions: Option<Vec<RegionName>>,
    /// The objects in it, as far as it can be read.
    pub objects: Vec<ManifestObject>,
}

impl Manifest {
    /// Whether a region gets its objects.
    pub fn is_for(&self, region: &RegionName) -> bool {
        self.regions.as_ref().is_none_or(|regions| regions.contains(region))
    }
}

/// Reads what a spec says of its files; `known` are the regions that may get objects, and who says so.
pub(super) fn read(
    sink: &mut Sink,
    document: &Document,
    written: Vec<Written>,
    (known, whose): (&[&RegionName], &str),
) -> Vec<Manifest> {
    let mut found = Vec::new();
    for (index, manifest) in written.into_iter().enumerate() {
        let number = index.to_string();
        for (at, name) in manifest.regions.iter().flatten().enumerate() {
            if !known.iter().any(|region| region.as_str() == name) {
                let place = document.at(&["manifests", &number, "regions", &at.to_string()]);
                let message = format!("{whose} no region `{name}`");
                let known = known.iter().map(|region| region.as_str());
                let finding = Diagnostic::new(Code::UNKNOWN_REGION, message).at(place, "");
                sink.error(finding.help(diag::did_you_mean(name, known)));
            }
        }
        // That one is not there was reported.
        let Some(file) = manifest.held else { continue };
        found.push(Manifest {
            file,
            path: manifest.path,
            index,
            objects: manifest.objects,
            regions: manifest.regions.map(|names| names.into_iter().map(RegionName::new).collect()),
        });
    }
    found
}
