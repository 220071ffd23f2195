//! The pipeline: texts in, one tree for each service and one for what services share.

mod input; //       the texts
mod prepare; //     texts → a fleet in which every rule holds
mod fingerprint; // what a unit is compiled from, as a digest
mod unit; //        from its plan to its files
mod examine; //     the same for whoever only asks what is wrong
mod voids; //       what of its promises objects of somebody else void
mod asked; //       runbooks, drills, records of drills

pub use input::Input;
pub use prepare::{fleet, prepare, prepare_to_explain, warm};

use crate::decide::queue::Former;
use crate::decide::{self, Decided, Void};
use crate::diag::{Sink, Sources};
use crate::kube::pod_security::Level;
use crate::kube::{Namespace, RegionName, ServiceName};
use crate::manifest::TemplateSets;
use crate::model::{self, Model};
use crate::name::{Beside, Digest};
use crate::object::guests::Governing;
use crate::object::{CustomKinds, Shapes};
use crate::plan::{self, Unit};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A fleet in which every rule holds, ready to be compiled unit by unit.
#[derive(Debug)]
pub struct Fleet {
    sources: Sources,
    root: String,
    /// The digest of the texts that concern every unit: the fleet and the templates.
    shared: Digest,
    decided: Decided,
    templates: TemplateSets,
    custom: CustomKinds,
    shapes: Shapes,
    levels: BTreeMap<(RegionName, Namespace), Level>,
    /// What objects may refer to beside those of their own unit.
    beside: Beside,
    /// What of its promises each service voids by its own objects, once somebody asked.
    voids: BTreeMap<ServiceName, OnceLock<Vec<Void>>>,
    /// The files with objects that govern the pods of a namespace.
    governing: Governing,
    /// What all services contribute to what they share, as a digest, once somebody asked.
    of_all_services: OnceLock<Digest>,
    /// The digests of the texts of services in which nothing was found.
    sound: Arc<BTreeSet<Digest>>,
}

impl Fleet {
    /// What is compiled by itself: what services share, and every service.
    pub fn units(&self) -> Vec<Unit> {
        let services =
            self.decided.services().iter().map(|service| Unit::Service(service.name.clone()));
        std::iter::once(Unit::Fleet).chain(services).collect()
    }

    /// Forgets what was rendered and parsed, and would be used again for objects that are alike. Nothing
    /// that is compiled after it differs.
    pub fn forget_alike(&self) {
        self.templates.clear();
        self.shapes.clear();
    }

    /// The texts that findings point into.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The digests of the texts of services in which nothing was found by itself. Whoever reads them
    /// again says so in [`Input::known_sound`], and they take less time.
    pub fn sound(&self) -> &Arc<BTreeSet<Digest>> {
        &self.sound
    }

    /// The name that a unit had before, when its spec says so.
    pub fn previously(&self, unit: &Unit) -> Option<&str> {
        Some(self.service(unit)?.previously.as_ref()?.address())
    }

    /// The service that `name` calls: `checkout@staging`, or `checkout`. A plain name is that of the
    /// default environment, or of the one that has a region among `words`.
    pub fn called<'w>(
        &self,
        name: &str,
        words: impl Iterator<Item = &'w str>,
    ) -> Option<&model::Service> {
        let regions = &self.decided.fleet().regions;
        let named = words.filter_map(|word| regions.get(&RegionName::new(word)));
        let mut places = named.map(|region| ServiceName::of(name, region.environment.as_deref()));
        let there = places.find_map(|name| self.decided.service(&name));
        there.or_else(|| self.decided.service(&ServiceName::read(name)))
    }

    /// What all services are called: `checkout`, `checkout@staging`; sorted.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.decided.services().iter().map(|service| service.name.address())
    }

    /// Says where backups wait too long while `former` Schedules stay in the tree.
    pub fn check_queues(&self, sink: &mut Sink, former: &[Former]) {
        decide::queue::check_with_former(sink, &self.decided, former);
    }

    /// Says where former generations take room that is promised to what is current.
    pub fn check_kept(&self, sink: &mut Sink, kept: &[decide::kept::Kept]) {
        decide::kept::check(sink, &self.decided, kept);
    }

    /// The regions of a service; none of what services share.
    pub fn regions(&self, unit: &Unit) -> BTreeSet<&str> {
        let service = self.service(unit).into_iter();
        service.flat_map(|service| &service.regions).map(|region| region.name.as_str()).collect()
    }

    fn service(&self, unit: &Unit) -> Option<&model::Service> {
        match unit {
            Unit::Service(name) => self.decided.service(name),
            Unit::Fleet => None,
        }
    }

    /// What asked for a page that is the same for all services.
    fn of_fleet(&self) -> plan::Origin {
        plan::Origin { span: self.decided.fleet().document.key(&["regions"]), key: "regions" }
    }

    /// Everything that was declared, with every default.
    pub fn model(&self) -> &Model {
        &self.decided
    }

    /// Everything that was decided.
    pub fn decided(&self) -> &Decided {
        &self.decided
    }
}

/// What asked for a page of a service.
fn of_service(service: &model::Service) -> plan::Origin {
    plan::Origin { span: service.document.key(&["name"]), key: "name" }
}

#[cfg(test)]
mod tests;
