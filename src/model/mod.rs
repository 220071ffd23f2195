//! A stage: [`Specs`] → [`Model`].
//!
//! What the specs mean: defaults are filled, and references resolve. Whether it may be so is the
//! next stage's business.

mod delivery; //     what delivers the tree, and from where
pub mod fleet; //    regions, and what stands in them
pub mod tier; //     what a tier means
pub mod service; //  one service
mod backups; //      where a service is backed up to
mod cluster; //     clusters that environments share
mod containers; //   what is beside it in its pods
mod jobs; //         what ends by itself
mod links; //        who calls whom
mod manifests; //    objects of its own
mod references; //   fields that hold names
mod patch; //        what is merged into objects
mod pool; //         nodes apart
mod routes; //       how users get to a service
mod outside; //      what no spec describes, and calls or is called
mod environment; //  what a service is in each of its environments

pub(crate) use backups::{backup_copies, backup_location, backup_locations, shared_location};
pub use containers::Container;
pub(crate) use containers::asked_of_pod;
pub use delivery::{Installation, Source};
pub use fleet::{Descheduler, Fleet, Region};
pub(crate) use fleet::{known_region, record_type};
pub use jobs::Job;
pub use manifests::Manifest;
pub(crate) use outside::{Entry as OutsideEntry, Towards, cidr_form};
pub use patch::Patch;
pub(crate) use pool::{EFFECTS, NONE as NO_POOL};
pub use pool::{Pool, Taint};
pub use routes::Route;
pub(crate) use routes::place as place_of_host;
pub use service::{Content, File, Service};
pub(crate) use tier::downtime;
pub use tier::{Tier, built_in as built_in_tiers};

// Tables of a spec that are handed on as they were written: where a key is left out, `decide` fills it
// in, beside the reason. Words that mean the same to everybody are none of the spec's.
pub use crate::spec::fleet::{
    BackupLocation, Entry, EtcdSnapshots, Machines, Measured, PullSecret, Registry, SecretKey,
    StorageClass, Zone,
};
pub use crate::spec::service::{
    Accept, Admitted, Autoscale, Check, Given, ManifestObject, Marks, Metadata, Metric, Mounted,
    Pace, PerRegion, Port, Postgresql, Probes, Replication, Scalar, Secret, Setting, Traffic,
    Trigger, ValueSource, Volume,
};
pub use crate::words::{
    Binding, Failover, Medium, Mode, Overlap, Place, Protocol, Provider, Restart, Rollout, Run,
    Scheme, Scope, Spread, Step, Stored, Strategy, Survives, Topology, WorkloadKind,
};

use crate::diag::{FileId, Sink};
use crate::kube::pod_security::Level;
use crate::kube::{Namespace, RegionName, ServiceName};
use crate::spec::Specs;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The fleet and its services, in the order of their names. Nothing is known of whether it keeps
/// the rules.
#[derive(Debug)]
pub struct Model {
    fleet: Fleet,
    services: Vec<Service>,
    whole: bool,
}

impl Model {
    /// The fleet.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The Pod Security level of each namespace that services have.
    pub fn levels(&self) -> BTreeMap<(RegionName, Namespace), Level> {
        let mut levels = BTreeMap::new();
        for service in &self.services {
            for region in &service.regions {
                let of = (region.name.clone(), service.namespace.clone());
                let own = self.fleet.level(&service.namespace, service.is_root());
                let level = levels.entry(of).or_insert(own);
                *level = own.max(*level);
            }
        }
        levels
    }

    /// The fleet without its services.
    pub fn into_fleet(self) -> Fleet {
        self.fleet
    }

    /// Whether it holds every service that there is a spec of.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The services, in the order of their names.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service of that name, in its environment.
    pub fn service(&self, name: &ServiceName) -> Option<&Service> {
        let found = self.services.binary_search_by(|service| service.name.cmp(name));
        found.ok().map(|at| &self.services[at])
    }

    /// The fleet, and the services to change.
    pub(crate) fn parts_mut(&mut self) -> (&Fleet, &mut [Service]) {
        (&self.fleet, &mut self.services)
    }

    /// Leaves out the services of the files that are `wrong`, and all but one of those that share a
    /// name. From then on it is not whole.
    pub(crate) fn leave_out(&mut self, wrong: &BTreeSet<FileId>) {
        self.services.retain(|service| !wrong.contains(&service.document.file()));
        self.services.dedup_by(|a, b| a.name == b.name);
        self.whole = false;
    }
}

/// Fills defaults and resolves references. What cannot be resolved is reported and left out, or
/// something stands in for it and is on record in the [`Doubts`](crate::spec::Doubts): it stops
/// nothing here, as the rest is still held against the rules.
pub fn resolve(sink: &mut Sink, specs: Specs) -> Model {
    let (fleet, specs, unread) = specs.into_parts();
    let fleet = fleet::resolve(sink, fleet);
    let known = environment::known(sink, &fleet, environment::apart(&fleet, specs));
    let mut whole = known.whole;
    let mut resolved: Vec<(Sink, Service, Vec<_>)> = (known.specs.into_par_iter())
        .map(|mut spec| {
            let mut sink = Sink::default();
            let dependencies = std::mem::take(&mut spec.value.depends_on);
            let service = service::resolve(&mut sink, &fleet, spec);
            (sink, service, dependencies)
        })
        .collect();
    resolved.iter_mut().for_each(|(found, ..)| sink.absorb(std::mem::take(found)));
    // No two are of one name and file, and a stable sort would need a buffer.
    resolved.sort_unstable_by(|(_, a, _), (_, b, _)| {
        a.name.cmp(&b.name).then_with(|| a.document.file().cmp(&b.document.file()))
    });
    let resolved = resolved.into_iter().map(|(_, service, dependencies)| (service, dependencies));
    let (mut services, dependencies): (Vec<Service>, Vec<_>) = resolved.unzip();
    links::mark_shared(&mut services);
    links::resolve(sink, &mut services, &dependencies, &unread);
    whole &= unread.names.is_empty() && !unread.nameless;
    Model { fleet, services, whole }
}
