//! What other units have in their manifests, and the Kubernetes Services of services: an object may refer
//! to these in its own region and namespace, as their names stay.

use super::Digest;
use crate::kube::{Kind, Namespace, RegionName};
use crate::model::{Manifest, Model};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Objects that units may refer to beside their own, by region and namespace.
#[derive(Debug, Default)]
pub struct Beside(BTreeMap<(RegionName, Namespace), Place>);

/// Those of one namespace in a region.
#[derive(Debug, Default)]
struct Place {
    /// By kind and name, in their order: whether the name stays, and no hash follows it. Mostly it is one.
    objects: Vec<((Kind, String), bool)>,
    /// Of all of that, once somebody asked.
    digest: OnceLock<Digest>,
}

impl Place {
    /// Adds an object; of several of one name, one that stays is enough.
    fn add(&mut self, object: (Kind, String), stays: bool) {
        match self.objects.binary_search_by(|(known, _)| known.cmp(&object)) {
            Ok(at) => self.objects[at].1 |= stays,
            Err(at) => {
                self.objects.reserve_exact(1);
                self.objects.insert(at, (object, stays));
            }
        }
    }

    fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| Digest::of(format!("{:?}", self.objects).as_bytes()))
    }
}

impl Beside {
    /// What the manifests of a fleet and of its services have, as far as the files can be read.
    pub fn of(model: &Model) -> Beside {
        let mut beside = Beside::default();
        let fleet = model.fleet();
        for region in fleet.regions.keys() {
            for manifest in fleet.manifests.iter().filter(|one| one.is_for(region)) {
                beside.add((region, None), manifest);
            }
        }
        for service in model.services() {
            let namespace = &service.namespace;
            for region in &service.regions {
                if !service.ports.is_empty() {
                    let key = (Kind::Service, service.name.plain().to_owned());
                    beside.place(&region.name, namespace).add(key, true);
                }
                for manifest in service.manifests.iter().filter(|one| one.is_for(&region.name)) {
                    beside.add((&region.name, Some(namespace)), manifest);
                }
            }
        }
        beside
    }

    fn place(&mut self, region: &RegionName, namespace: &Namespace) -> &mut Place {
        self.0.entry((region.clone(), namespace.clone())).or_default()
    }

    /// Adds the objects of a file; `namespace` is that of those that name none.
    fn add(&mut self, (region, namespace): (&RegionName, Option<&Namespace>), manifest: &Manifest) {
        for object in &manifest.objects {
            let own = object.namespace.as_deref().map(Namespace::new);
            let row = Kind::find(&object.api_version, &object.kind);
            let (Some(namespace), Some(row)) = (own.as_ref().or(namespace), row) else { continue };
            let of = (row.kind.clone(), object.name.clone());
            self.place(region, namespace).add(of, object.stable);
        }
    }

    /// Whether the name of an object stays; none where nobody has one of that name.
    pub(super) fn stays(
        &self,
        (region, namespace): (&RegionName, &Namespace),
        (kind, name): (&Kind, &str),
    ) -> Option<bool> {
        let place = self.0.get(&(region.clone(), namespace.clone()))?;
        let of = |((a, b), _): &((Kind, String), bool)| (a, b.as_str()).cmp(&(kind, name));
        let at = place.objects.binary_search_by(of).ok()?;
        Some(place.objects[at].1)
    }

    /// The digest of all that objects of a namespace in a region may refer to; none where that is nothing.
    pub fn digest(&self, region: &RegionName, namespace: &Namespace) -> Option<Digest> {
        self.0.get(&(region.clone(), namespace.clone())).map(Place::digest)
    }

    /// The digest of all that objects of the fleet may refer to.
    pub fn digest_of_all(&self) -> Digest {
        let all = self.0.iter().map(|(of, place)| format!("{of:?} {}\n", place.digest()));
        Digest::of(all.collect::<String>().as_bytes())
    }
}
