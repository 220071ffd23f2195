//! A stage: [`Model`] → [`Plan`].
//!
//! Decides which objects exist and every number in them. After this stage nothing is
//! decided any more: templates only spell.

pub mod values; //  what templates say
pub mod size; //    how many replicas
pub mod role; //    what differs between regions
pub mod cron; //    when backups run
pub(crate) mod meta; //        labels and names
mod workload; //    Deployment or StatefulSet
pub(crate) mod pod; //         its pods
pub(crate) mod placement; //   how they spread
mod config; //      ConfigMaps
pub(crate) mod network; //     Services and network policies
pub(crate) mod disruption; //  the disruption budget and the autoscaler
pub(crate) mod cadence; //     how often backups run, and what is lost at worst
mod backup; //      Schedules
pub mod replication; // what copies volumes to another region
pub mod postgresql; // databases, and their copies in other regions
pub mod proof; //   what is promised, and the numbers that keep it
pub mod number; //  every number of the manifests, and where it comes from
pub mod queue; //   whether every backup of a region gets its turn
mod promises; //    what is said about a promise that does not hold
pub mod recovery; // what gets data back, and proves that it can be got back
pub mod control_plane; // the etcd and the nodes of clusters that the fleet runs itself
mod alerts; //      what wakes somebody
mod traffic; //     what leads users to a region, and in it
mod namespaces; //  what services share
pub mod locations; // where Velero stores, and what a standby reads
mod capacity; //    whether the zones hold it all
mod failover; //    and what a lost region ran
mod elsewhere; //   and what a lost zone ran
mod nodes; //       whether nodes keep replicas apart
mod downtime; //    whether a loss leaves something of the year's downtime
mod rollout; //     whether a rollout leaves enough
mod retention; //   whether a backup outlasts the next

use crate::diag::{Reported, Sink, Span};
use crate::kube::kinds::Naming;
use crate::kube::{Kind, LogicalName, Namespace, ObjectId};
use crate::model::{Fleet, Model, Region, Service};
pub use proof::{Promise, Proof};
use rayon::prelude::*;
use role::Role;
use size::Size;
use values::Values;

/// The objects of one unit of the tree: of a service in all its regions, or of the fleet.
#[derive(Debug)]
pub struct Plan {
    unit: Unit,
    objects: Vec<Planned>,
    promises: Vec<Promise>,
}

/// Whose objects a folder of the tree holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// What services share.
    Fleet,
    /// One service.
    Service(crate::kube::ServiceName),
}

impl Unit {
    /// The name of its folders and of its ledger.
    pub fn name(&self) -> &str {
        match self {
            Unit::Fleet => "fleet",
            Unit::Service(name) => name.as_str(),
        }
    }
}

/// One object to create, with everything that its template will say.
#[derive(Debug)]
pub struct Planned {
    /// Who it is.
    pub id: ObjectId,
    /// The stem of its file: the kind, and what tells it from others of the kind.
    pub file: String,
    /// How it gets its final name.
    pub naming: Naming,
    /// The template that spells it.
    pub template: String,
    /// What the template says.
    pub values: Values,
    /// The key of the spec that asked for it.
    pub origin: Origin,
}

/// What asked for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Where it stands.
    pub span: Span,
    /// The key, as a path.
    pub key: &'static str,
}

impl Plan {
    /// The parts.
    pub fn into_parts(self) -> (Unit, Vec<Planned>, Vec<Promise>) {
        (self.unit, self.objects, self.promises)
    }
}

/// A service in one of its regions.
#[derive(Clone, Copy)]
pub(crate) struct ServiceInRegion<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) service: &'a Service,
    pub(crate) region: &'a Region,
    pub(crate) role: Role,
    pub(crate) size: Size,
}

/// Everywhere that a service is.
pub(crate) fn places<'a>(
    fleet: &'a Fleet,
    service: &'a Service,
) -> impl Iterator<Item = ServiceInRegion<'a>> {
    service.regions.iter().enumerate().map(move |(index, region)| {
        let role = role::of(service.strategy, service.kind, index == 0);
        let size = size::of(service, region, &role);
        ServiceInRegion { fleet, service, region, role, size }
    })
}

/// Checks what only the numbers of the plan can tell, for the whole fleet: that autoscalers have
/// room, that backups keep the RPO, that zones hold what is promised in them.
///
/// It runs before anything is compiled, so that a finding never leaves a tree half written.
///
/// # Errors
///
/// When an error was reported.
pub fn check(sink: &mut Sink, model: &Model) -> Result<(), Reported> {
    let fleet = model.fleet();
    let found: Vec<Sink> = (model.services().par_iter())
        .map(|service| {
            let mut sink = Sink::default();
            for here in places(fleet, service) {
                disruption::check(&mut sink, &here);
                nodes::check(&mut sink, &here);
                rollout::check(&mut sink, &here);
                retention::check(&mut sink, &here);
                let proof = proof::of(&here);
                promises::check(&mut sink, &here, &proof);
                downtime::check(&mut sink, &here, &proof);
            }
            if let Some(first) = places(fleet, service).next() {
                replication::check(&mut sink, &first);
                postgresql::check(&mut sink, &first);
            }
            sink.accept(|finding| service.accepts(finding.code));
            sink
        })
        .collect();
    found.into_iter().for_each(|found| sink.absorb(found));
    capacity::check(sink, model);
    locations::check(sink, model);
    elsewhere::check(sink, model);
    failover::check(sink, model);
    if sink.errors() == 0 {
        queue::check(sink, model);
    }
    sink.ok()
}

/// What is promised of a service, in all its regions, with every number.
pub fn proofs(model: &Model, service: &Service) -> Vec<Proof> {
    places(model.fleet(), service).map(|here| proof::of(&here)).collect()
}

/// Whether a service is back in time after the loss of a region, with the strategy that it has.
pub fn keeps_region_loss(fleet: &Fleet, service: &Service) -> bool {
    places(fleet, service).all(|here| {
        let claim = proof::rto::of_region_loss(&here);
        claim.verdict() != proof::Verdict::Broken
    })
}

/// Every number in what was emitted of a service, and where it comes from; region by region in the
/// order of its spec.
pub fn numbers(
    model: &Model,
    service: &Service,
    extras: &[String],
    emitted: &[number::Emitted],
) -> Vec<number::Number> {
    let proofs = proofs(model, service);
    let planned = make(model, service, &proofs, extras).objects;
    places(model.fleet(), service)
        .zip(&proofs)
        .flat_map(|(here, proof)| number::of(&here, &planned, emitted, proof))
        .collect()
}

/// Plans one service, in all its regions, of which `proofs` has one each.
pub fn make(model: &Model, service: &Service, proofs: &[Proof], extras: &[String]) -> Plan {
    let mut objects = Vec::new();
    let mut promises = Vec::new();
    for (here, proof) in places(model.fleet(), service).zip(proofs) {
        workload::plan(&here, &mut objects);
        config::plan(&here, &mut objects);
        network::plan(&here, &mut objects);
        disruption::plan(&here, &mut objects);
        if here.role.backs_up {
            backup::plan(&here, &mut objects);
        }
        replication::plan(&here, &mut objects);
        postgresql::plan(&here, &mut objects);
        traffic::plan(&here, &mut objects);
        alerts::plan(&here, proof, &mut objects);
        for template in extras {
            objects.push(workload::extra(&here, template));
        }
        promises.push(Promise::from(proof));
    }
    Plan { unit: Unit::Service(service.name.clone()), objects, promises }
}

/// Plans what the services share, some of it at a time.
pub fn make_fleet(model: &Model) -> impl Iterator<Item = Plan> + '_ {
    let shared = [locations::plan(model), control_plane::plan(model), alerts::shared::plan(model)];
    let parts = shared.into_iter().chain(namespaces::plan(model));
    let parts = parts.filter(|objects| !objects.is_empty());
    parts.map(|objects| Plan { unit: Unit::Fleet, objects, promises: Vec::new() })
}

/// An object that the services of a region share; `part` tells its file from others of its kind.
fn shared(
    fleet: &Fleet,
    region: &Region,
    (kind, namespace, name, part): (Kind, Option<Namespace>, &str, &str),
    mut values: Values,
    origin: Origin,
) -> Planned {
    meta::for_delivery(fleet, &kind, values.meta_mut());
    let row = kind.row().expect("the plan makes built-in kinds");
    Planned {
        file: format!("{}-{part}", row.stem),
        // What is shared is never replaced: other things stand in it, or are stored there.
        naming: Naming::Stable,
        template: format!("{}.yaml", row.stem),
        id: ObjectId { region: region.name.clone(), kind, namespace, name: LogicalName::new(name) },
        values,
        origin,
    }
}

impl ServiceInRegion<'_> {
    /// The place of the region in the list of the spec.
    fn index(&self) -> String {
        let index = self.service.regions.iter().position(|other| other.name == self.region.name);
        index.expect("the service is here").to_string()
    }

    /// An object of the service here, with what tells it from others of its kind, in the
    /// namespace of the service.
    fn object(&self, kind: Kind, part: &str, key: &'static str, values: Values) -> Planned {
        let name = self.service.logical(part);
        self.object_in(self.service.namespace.clone(), kind, name, part, key, values)
    }

    fn object_in(
        &self,
        namespace: Namespace,
        kind: Kind,
        name: String,
        part: &str,
        key: &'static str,
        mut values: Values,
    ) -> Planned {
        let row = kind.row().expect("the plan makes built-in kinds");
        meta::for_delivery(self.fleet, &kind, values.meta_mut());
        let file =
            if part.is_empty() { row.stem.to_owned() } else { format!("{}-{part}", row.stem) };
        Planned {
            id: ObjectId {
                region: self.region.name.clone(),
                kind,
                namespace: Some(namespace),
                name: LogicalName::new(name),
            },
            file,
            naming: row.naming,
            template: format!("{}.yaml", row.stem),
            values,
            origin: self.origin(key),
        }
    }

    fn origin(&self, key: &'static str) -> Origin {
        let path: Vec<&str> = key.split('.').collect();
        if self.service.document.has(&path) {
            Origin { span: self.service.document.key(&path), key }
        } else {
            Origin { span: self.service.document.key(&["name"]), key: "name" }
        }
    }
}
