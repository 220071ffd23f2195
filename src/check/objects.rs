//! Objects that two units would make: the folder of either would take it away from the other.

use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::schema::KNOWN;
use crate::kube::{Kind, Namespace, RegionName};
use crate::model::{Manifest, ManifestObject, Model};
use std::collections::{BTreeMap, BTreeSet};

/// Who an object is, in a region: kind, namespace, name.
type Identity<'a> = (&'a RegionName, &'a str, Option<&'a str>, &'a str);

/// Who makes an object.
struct Maker<'a> {
    /// The service; none for the fleet.
    unit: Option<&'a str>,
    place: Span,
}

/// What services make is held against the manifests of others and of the fleet, and these against each
/// other. Of two in one unit, its own compilation speaks.
pub(super) fn once(sink: &mut Sink, model: &Model) {
    let of_services = model.services().iter().flat_map(|service| &service.manifests);
    if model.fleet().manifests.iter().chain(of_services).next().is_none() {
        return;
    }
    let mut made: BTreeMap<Identity<'_>, Maker<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for service in model.services() {
        let (name, namespace) = (service.name.plain(), service.namespace.as_str());
        let place = service.at(&["name"]);
        for region in &service.regions {
            let own = || Maker { unit: Some(service.name.address()), place };
            made.entry((&region.name, "Service", Some(namespace), name)).or_insert_with(own);
            let of_fleet = || Maker { unit: None, place: service.origin(&["namespace"]) };
            made.entry((&region.name, "Namespace", None, namespace)).or_insert_with(of_fleet);
        }
    }
    let fleet = model.fleet();
    let place = |manifest: &Manifest| {
        fleet.document.at(&["manifests", &manifest.index.to_string(), "path"])
    };
    for region in fleet.regions.keys() {
        for manifest in fleet.manifests.iter().filter(|one| one.is_for(region)) {
            let maker = || Maker { unit: None, place: place(manifest) };
            all(&mut found, &mut made, (region, None), manifest, maker);
        }
    }
    for service in model.services() {
        for region in &service.regions {
            for manifest in service.manifests.iter().filter(|one| one.is_for(&region.name)) {
                let at = ["manifests", &manifest.index.to_string(), "path"];
                let maker = || Maker { unit: Some(service.name.address()), place: service.at(&at) };
                let place = (&region.name, Some(&service.namespace));
                all(&mut found, &mut made, place, manifest, maker);
            }
        }
    }
    // Regions are alike, and so is what is wrong in them.
    let mut seen = BTreeSet::new();
    for finding in found {
        let place = finding.primary.as_ref().map(|label| label.span);
        if seen.insert((place, finding.message.clone())) {
            sink.error(finding);
        }
    }
}

/// Adds the objects of a file, and reports those that another unit makes already.
fn all<'a>(
    found: &mut Vec<Diagnostic>,
    made: &mut BTreeMap<Identity<'a>, Maker<'a>>,
    (region, namespace): (&'a RegionName, Option<&'a Namespace>),
    manifest: &'a Manifest,
    maker: impl Fn() -> Maker<'a>,
) {
    for object in manifest.objects.iter().filter(|object| object.stable) {
        let own = object.namespace.as_deref().or(namespace.map(Namespace::as_str));
        let identity =
            (region, object.kind.as_str(), own.filter(|_| is_namespaced(object)), &*object.name);
        let Some(first) = made.get(&identity) else {
            made.insert(identity, maker());
            continue;
        };
        let second = maker();
        let same_unit = first.unit == second.unit;
        // The namespaces of services are the fleet's own, and nobody else writes them.
        if same_unit && object.kind != "Namespace" {
            continue;
        }
        let place = namespace.map_or(String::new(), |own| format!(" in namespace `{own}`"));
        let place = if is_namespaced(object) { place } else { String::new() };
        let who = first.unit.map_or("what services share".to_owned(), |unit| format!("`{unit}`"));
        let message = format!("{who} has the {} `{}`{place} already", object.kind, object.name);
        found.push(
            Diagnostic::new(Code::OBJECT_TWICE, message)
                .at(second.place, "a file here has it, too")
                .related(first.place, "it follows from this")
                .note("each would be applied over the other, and go with either of them")
                .help("keep it in one place, or give it another name"),
        );
    }
}

fn is_namespaced(object: &ManifestObject) -> bool {
    let row = Kind::find(&object.api_version, &object.kind);
    let known = || KNOWN.kind(&object.api_version, &object.kind).map(|known| known.namespaced);
    row.map(|row| row.namespaced).or_else(known).unwrap_or(true)
}
