//! Stage 2 of 8: [`Specs`] → [`Model`].
//!
//! What the specs mean: names are well-formed and unique, references resolve, every default is
//! filled, every rule holds. Whoever has a `Model` never asks again whether it is valid.

pub mod fleet; //    regions, and what stands in them
pub mod tier; //     what a tier means
pub mod service; //  one service
mod links; //        who calls whom
mod rules; //        what must hold

pub use fleet::{Fleet, Region};
pub(crate) use rules::availability::budget as downtime;
pub(crate) use rules::backups::{location as backup_location, locations as backup_locations};
pub(crate) use rules::records::record_type;
pub use service::Service;
pub use tier::Tier;

// What a spec says in words that mean the same to every later stage.
pub use crate::spec::fleet::{
    BackupLocation, Binding, DnsEngine, DnsProvider, Entry, EtcdSnapshots, Machines, Measured,
    Provider, Registry, SecretKey, Spread, Step, StorageClass, Stored, Survives, Topology, Zone,
};
pub use crate::spec::service::{
    Accept, Check, Engine, Failover, Mode, PerRegion, Port, Postgresql, Protocol, Replication,
    Rollout, Scope, Strategy, Traffic, Volume, WorkloadKind,
};

use crate::diag::{Reported, Sink};
use crate::kube::ServiceName;
use crate::spec::Specs;
use rayon::prelude::*;

/// The fleet and its services in which nothing is wrong, in the order of their names.
#[derive(Debug)]
pub struct Model(Draft);

/// A model whose rules have not been checked yet.
#[derive(Debug)]
struct Draft {
    fleet: Fleet,
    services: Vec<Service>,
    whole: bool,
}

impl Model {
    /// The fleet.
    pub fn fleet(&self) -> &Fleet {
        &self.0.fleet
    }

    /// The fleet without its services.
    pub fn into_fleet(self) -> Fleet {
        self.0.fleet
    }

    /// Whether it holds every service that there is a spec of.
    pub fn is_whole(&self) -> bool {
        self.0.whole
    }

    /// The services, in the order of their names.
    pub fn services(&self) -> &[Service] {
        &self.0.services
    }

    /// The service of that name.
    pub fn service(&self, name: &ServiceName) -> Option<&Service> {
        let found = self.0.services.binary_search_by(|service| service.name.cmp(name));
        found.ok().map(|at| &self.0.services[at])
    }
}

/// Whether what a service promises for the loss of a region holds with the strategy that it has.
pub type Keeps = fn(&Fleet, &Service) -> bool;

/// Fills defaults, resolves references and checks every rule. Where a spec names no recovery
/// strategy, it is the first of the tier's that `keeps` the promise. Out comes a model of the services
/// in which nothing is wrong, and the proof that it is not all of them, if so.
///
/// # Errors
///
/// When nothing can be said about any service, for the fleet.
pub fn check(
    sink: &mut Sink,
    specs: Specs,
    keeps: Keeps,
) -> Result<(Model, Result<(), Reported>), Reported> {
    let (fleet, specs, unread) = specs.into_parts();
    let fleet = fleet::resolve(sink, fleet);
    let mut accepted = Vec::new();
    let mut services = Vec::new();
    for mut spec in specs {
        let dependencies = std::mem::take(&mut spec.value.depends_on);
        accepted.extend(rules::accept::read(&spec));
        services.push((service::resolve(sink, &fleet, spec), dependencies));
    }
    services.sort_by(|(a, _), (b, _)| {
        a.name.cmp(&b.name).then_with(|| a.document.file().cmp(&b.document.file()))
    });
    let (mut services, dependencies): (Vec<Service>, Vec<_>) = services.into_iter().unzip();
    links::mark_shared(&mut services);
    links::resolve(sink, &mut services, &dependencies, &unread);
    let mut draft = Draft { fleet, services, whole: true };
    let wrong = sink.files_with_errors();
    if !wrong.contains(&draft.fleet.document.file()) {
        let read = |service: &&mut Service| !wrong.contains(&service.document.file());
        let services: Vec<&mut Service> = draft.services.iter_mut().filter(read).collect();
        let choose = |service| service::choose_strategy(&draft.fleet, service, keeps);
        services.into_par_iter().for_each(choose);
    }
    let all_read = unread.names.is_empty() && !unread.nameless;
    rules::run(sink, &draft, all_read);
    rules::accept::apply(sink, &draft.fleet, accepted);
    let whole = sink.ok();
    if let Err(reported) = whole {
        let wrong = sink.files_with_errors();
        if wrong.contains(&draft.fleet.document.file()) {
            return Err(reported);
        }
        draft.services.retain(|service| !wrong.contains(&service.document.file()));
        draft.services.dedup_by(|a, b| a.name == b.name);
        draft.whole = false;
    }
    Ok((Model(draft), whole))
}
