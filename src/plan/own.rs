//! Objects that a spec or the fleet has in files of its own.

use super::namespaces::managed;
use super::values::{Map, Meta, Values};
use super::{Origin, Planned, meta};
use crate::decide::ServiceInRegion;
use crate::diag::{FileId, Span};
use crate::kube::engines::delivery::Delivery;
use crate::kube::kinds::{CustomKind, Naming};
use crate::kube::{Kind, LogicalName, Namespace, ObjectId, RegionName, labels};
use crate::model::{Fleet, Manifest, Region};
use serde::Serialize;
use std::sync::Arc;

/// A file with objects of the user's own.
#[derive(Clone, Debug, Serialize)]
pub struct Own {
    /// What is added to the metadata of each: the namespace and the labels that it lacks.
    pub meta: Meta,
    /// The file.
    #[serde(skip)]
    pub file: FileId,
    /// What delivers them.
    #[serde(skip)]
    pub delivery: Delivery,
}

/// The files of a service, where they are for this region.
pub(super) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    for manifest in service.manifests.iter().filter(|one| one.is_for(&here.region.name)) {
        let span = service.at(&["manifests", &manifest.index.to_string(), "path"]);
        let mut labels = here.labels();
        // Pods are found by `name`; what an object is called is its own business.
        labels.remove("app.kubernetes.io/name");
        let mut meta = Meta {
            name: service.name.plain().to_owned(),
            namespace: Some(service.namespace.to_string()),
            labels,
            annotations: Map::new(),
        };
        meta::add(&service.metadata.all, &mut meta);
        objects.push(planned(&here.region.name, here.fleet.delivery, manifest, (meta, span)));
    }
}

/// The files of the fleet, in every region that they are for.
pub(super) fn of_fleet(fleet: &Fleet) -> Vec<Planned> {
    let mut objects = Vec::new();
    for region in fleet.regions.values() {
        for manifest in fleet.manifests.iter().filter(|one| one.is_for(&region.name)) {
            objects.push(shared(fleet, region, manifest));
        }
    }
    objects
}

fn shared(fleet: &Fleet, region: &Region, manifest: &Manifest) -> Planned {
    let span = fleet.document.at(&["manifests", &manifest.index.to_string(), "path"]);
    let meta = Meta {
        name: String::new(),
        namespace: None,
        labels: managed(region),
        annotations: Map::new(),
    };
    planned(&region.name, fleet.delivery, manifest, (meta, span))
}

fn planned(
    region: &RegionName,
    delivery: Delivery,
    manifest: &Manifest,
    (meta, span): (Meta, Span),
) -> Planned {
    let kind =
        CustomKind { api_version: String::new(), kind: manifest.path.clone(), namespaced: true };
    Planned {
        // The file says who its objects are; until it is read, its path stands for them.
        id: ObjectId {
            region: region.clone(),
            kind: Kind::Custom(Arc::new(kind)),
            namespace: meta.namespace.as_deref().map(Namespace::new),
            name: LogicalName::new(meta.labels.get(labels::SERVICE).cloned().unwrap_or_default()),
        },
        file: manifest.path.clone(),
        naming: Naming::Stable,
        template: manifest.path.clone(),
        values: Values::Own(Box::new(Own { meta, file: manifest.file, delivery })),
        origin: Origin { span, key: "manifests" },
    }
}
