//! What makes the engine deliver a region, folder by folder: what services share first.
//!
//! No object here may take anything away by going itself: an edit of `[delivery]`, or a folder that
//! leaves the tree, would take away what serves. So Applications have no finalizer, Kustomizations
//! leave what they delivered where it is, the engine never prunes what is in `delivery/`, and a folder
//! that is gone leaves an Application or a Kustomization that says so, until a person deletes it and
//! what it delivered.

mod argo_cd; // Applications
mod flux; //    Kustomizations

use super::namespaces::managed;
use super::values::{Map, Meta, Values};
use super::{Origin, Planned, shared};
use crate::decide::{Decided, jobs};
use crate::kube::engines::delivery::Delivery;
use crate::kube::{Kind, Namespace, RegionName, ServiceName};
use crate::model::{Fleet, Installation, Region, Source};
pub use argo_cd::{Application, ApplicationSet};
pub use flux::{Kustomization, Repository};
use std::collections::{BTreeMap, BTreeSet};

/// The folder of what services share, beside those of the services.
pub(crate) const FLEET: &str = "fleet";

/// The folder of these objects.
pub(crate) const FOLDER: &str = "delivery";

/// What tells the Kustomization of what comes before a release from that of its service.
const BEFORE: &str = "before";

/// Regions with the services in them, for each that the tree has a folder of.
pub(crate) type Places<'a> = BTreeMap<&'a RegionName, BTreeSet<&'a ServiceName>>;

/// Every region that the tree has objects of, with its services.
pub(crate) fn places(decided: &Decided) -> Places<'_> {
    let mut places = Places::new();
    for service in decided.services() {
        for region in &service.regions {
            places.entry(&region.name).or_default().insert(&service.name);
        }
    }
    let regions = &decided.fleet().regions;
    for object in super::shared_objects(decided).iter().flatten() {
        if let Some((name, _)) = regions.get_key_value(&object.id.region) {
            places.entry(name).or_default();
        }
    }
    places
}

/// Objects that are planned at once.
const AT_ONCE: usize = 256;

/// The objects of every region, some at a time.
pub(crate) fn plan(decided: &Decided) -> impl Iterator<Item = Vec<Planned>> + '_ {
    let fleet = decided.fleet();
    let (places, source) = match &fleet.installation {
        Installation::Objects(source) => (places(decided), Some(source)),
        Installation::ByHand | Installation::Script => (Places::new(), None),
    };
    let held = jobs::held(decided);
    let mut planned = places.into_iter().flat_map(move |(name, services)| {
        let at = source.map(|source| At { fleet, source, region: &fleet.regions[name] });
        let of = |at: At<'_>| at.objects(&services, &held).collect::<Vec<_>>();
        at.into_iter().flat_map(of).collect::<Vec<_>>()
    });
    std::iter::from_fn(move || {
        let some: Vec<Planned> = planned.by_ref().take(AT_ONCE).collect();
        (!some.is_empty()).then_some(some)
    })
}

/// A region, and what delivers to it.
#[derive(Clone, Copy)]
struct At<'a> {
    fleet: &'a Fleet,
    source: &'a Source,
    region: &'a Region,
}

impl At<'_> {
    fn objects(
        &self,
        services: &BTreeSet<&ServiceName>,
        held: &jobs::Held<'_>,
    ) -> impl Iterator<Item = Planned> {
        let mut objects = Vec::new();
        match self.fleet.delivery {
            Delivery::ArgoCd => {
                let fleet = Values::Application(Box::new(self.application(FLEET)));
                objects.push(self.object(Kind::Application, FLEET, FLEET, fleet));
                let set = Values::ApplicationSet(Box::new(self.set()));
                objects.push(self.object(Kind::ApplicationSet, "services", "services", set));
            }
            Delivery::Flux => {
                let tree = Values::Repository(Box::new(self.repository()));
                objects.push(self.object(Kind::GitRepository, "tree", "tree", tree));
                let mut deliver = |name: &str, values: Kustomization| {
                    let values = Values::Kustomization(Box::new(values));
                    objects.push(self.object(Kind::Kustomization, name, name, values));
                };
                deliver(FLEET, self.kustomization(FLEET));
                for service in services {
                    let whole = self.kustomization(service.plain());
                    if !held.contains(&(&self.region.name, *service)) {
                        deliver(service.plain(), whole);
                        continue;
                    }
                    let first = format!("{}-{BEFORE}", service.plain());
                    let (before, after) = self.in_two(whole, &first);
                    deliver(&first, before);
                    deliver(service.plain(), after);
                }
            }
            Delivery::Kubectl => {}
        }
        objects.into_iter()
    }

    fn object(&self, kind: Kind, name: &str, part: &str, values: Values) -> Planned {
        let name = self.name(name);
        let origin = Origin { span: self.fleet.document.key(&["delivery"]), key: "delivery" };
        let namespace = Some(self.source.namespace.clone());
        shared(self.fleet, self.region, (kind, namespace, &name, part), values, origin)
    }

    /// One engine may deliver to several regions, so names have the region in them.
    fn name(&self, part: &str) -> String {
        format!("{}-{part}", self.region.name)
    }

    fn meta(&self, name: &str) -> Meta {
        Meta {
            name: self.name(name),
            namespace: Some(self.source.namespace.to_string()),
            labels: managed(self.region),
            annotations: Map::new(),
        }
    }

    fn folder(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.source.path, self.region.name)
    }

    /// The cluster of the region, where the engine runs in another.
    fn elsewhere(&self) -> Option<&str> {
        let elsewhere = self.region.delivered_from != self.region.name;
        elsewhere.then_some(self.region.cluster.as_str())
    }
}

/// The namespace of the engine, where the fleet says so.
pub(crate) fn namespace(fleet: &Fleet) -> Option<&Namespace> {
    match &fleet.installation {
        Installation::Objects(source) => Some(&source.namespace),
        Installation::ByHand | Installation::Script => None,
    }
}
