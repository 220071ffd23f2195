//! Names of regions, and names that a region gives: labels, and none that the tree uses itself.

use super::limits::on_windows;
use super::names::{RESERVED, label};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::limits::files;
use crate::kube::{Namespace, RegionName};
use crate::model::{Fleet, Region};
use crate::spec::environment::DEFAULT;
use std::collections::BTreeMap;

/// There is a region.
pub(super) fn some(sink: &mut Sink, fleet: &Fleet) {
    if fleet.region_names().is_empty() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "the fleet has no region")
                .at(fleet.document.key(&["regions"]), "")
                .help("add `[regions.<name>]`"),
        );
    }
}

pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let (document, name) = (&fleet.document, region.name.as_str());
    let key = document.key(&["regions", name]);
    label(sink, name, key, "a region");
    if RESERVED.contains(&name) {
        sink.error(
            Diagnostic::new(Code::RESERVED_NAME, format!("a region cannot be called `{name}`"))
                .at(key, "")
                .note("the tree has a folder, or a spec a word, of that name")
                .help("choose another name"),
        );
    }
    if files::DEVICES.contains(&name) {
        sink.error(on_windows("region", name, key));
    }
    if region.environment.as_deref() == Some(DEFAULT) {
        let finding = Diagnostic::new(
            Code::RESERVED_NAME,
            format!("an environment cannot be called `{DEFAULT}`"),
        );
        sink.error(
            finding
                .at(document.at(&["regions", name, "environment"]), "")
                .note("regions that name none are of the default one")
                .help("remove this line, or give the environment another name"),
        );
    }
    let watching = region.prometheus.as_ref().and_then(|one| one.namespace.as_deref());
    let given = [
        (&["short"][..], Some(region.short.as_str()), "the short form of a region"),
        (&["environment"], region.environment.as_deref(), "an environment"),
        (&["backup", "namespace"], Some(region.backup_namespace.as_str()), "a namespace"),
        (&["gateway"], region.gateway.as_ref().map(Namespace::as_str), "a namespace"),
        (&["prometheus", "namespace"], watching, "a namespace"),
    ];
    for (keys, given, what) in given {
        let path = [&["regions", name], keys].concat();
        if let Some(given) = given.filter(|_| document.has(&path)) {
            label(sink, given, document.at(&path), what);
        }
    }
}

/// No two regions have one short form.
pub(super) fn shorts(sink: &mut Sink, fleet: &Fleet) {
    let mut seen: BTreeMap<&str, &RegionName> = BTreeMap::new();
    for region in fleet.regions.values() {
        if let Some(first) = seen.insert(&region.short, &region.name) {
            sink.error(
                Diagnostic::new(
                    Code::DUPLICATE_NAME,
                    format!(
                        "`{first}` and `{}` are both `{}` for short",
                        region.name, region.short
                    ),
                )
                .at(fleet.document.at(&["regions", region.name.as_str(), "short"]), "here again")
                .related(fleet.document.at(&["regions", first.as_str(), "short"]), "first here"),
            );
        }
    }
}
