//! A stage: every number, once, with its reason and its sources.
//!
//! What is decided for a service in a region is a `ServiceInRegion`. A number is a field of it,
//! or a function beside the reason for it (`Number`): whoever spells objects takes the value,
//! whoever explains takes the reason, and neither derives it again.

pub(crate) mod reason; // a number, why, and where from
mod strategy; //        how a service gets back after the loss of a region
mod rests; //           what a promise takes from the services that are called
pub mod role; //        what differs between regions
pub mod size; //        how many replicas
pub(crate) mod placement; //   how they spread
pub(crate) mod scaling; //     what adds some, and how many may be evicted
pub(crate) mod load; //        what an autoscaler aims at
pub(crate) mod lifecycle; //   times of pods: probes, start, end, rollouts
pub(crate) mod resources; //   CPU, memory and disk of a pod
pub(crate) mod jobs; //        work that ends by itself
pub(crate) mod containers; //  what is beside a service in its pods
pub(crate) mod network; //     ports, and who may connect
pub(crate) mod traffic; //     DNS records and routes of users
pub mod cron; //        when what repeats runs
pub(crate) mod cadence; //     how often backups run, and what is lost at worst
pub(crate) mod schedules; //   the Schedules of a service
pub(crate) mod shared; //      those that services without volumes share
pub mod replication; // how often volumes are copied to another region
pub mod database; //    instances, archive and base backups of a database
pub(crate) mod wal; //         how long its log has room
pub(crate) mod control_plane; // snapshots of etcd, and nodes that are replaced
pub mod locations; //   what a standby reads
pub mod proof; //       what is promised, and the numbers that keep it
pub mod queue; //       whether every backup of a region gets its turn
pub(crate) mod drills; //     how much a drill may take
pub(crate) mod delivery; //   how often delivery engines look and try again
pub(crate) mod watch; //      when alerts are raised

mod taken; //          what claims take for granted of the emitted objects
mod promises; //        findings about promises that do not hold
mod capacity; //        whether the zones hold it all
mod region_loss_capacity; // and what a lost region ran
mod zone_loss_capacity; //   and what a lost zone ran
pub mod room; //        how much of that is left
pub mod kept; //       what is kept of former generations
mod nodes; //           whether nodes keep replicas apart
mod own_pods; //        what the fleet's own objects ask for
mod downtime; //        whether a loss leaves something of the year's downtime
mod rollout; //         whether a rollout leaves enough
pub(crate) mod writer; //     what one replica that writes costs
mod retention; //       whether a backup outlasts the next
mod reached; //         whether somebody may connect to what it listens on
pub(crate) mod order; //       in which order services move then
mod after_failover; //  and the same once a region is lost, and its services have moved
mod region_lost; //     what holds for as long as one is
mod checks; //          all of these, in their order

use crate::check::Checked;
use crate::diag::{Reported, Sink};
use crate::kube::RegionName;
use crate::model::{Fleet, Model, Region, Service};
use checks::{CHECKS, Check, check};
pub use proof::{Promise, Proof};
use rayon::prelude::*;
pub(crate) use reason::Number;
pub use reason::Reason;
pub(crate) use rests::Rest;
use role::Role;
use size::Size;
use std::collections::BTreeSet;
use std::ops::Deref;
pub use taken::{Seen, Taken, Void};

/// What is decided of a service in one region.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    /// What the region does for it.
    pub(crate) role: Role,
    /// How many replicas.
    pub(crate) size: Size,
    /// How many there are when this region leads.
    pub(crate) leading_size: Size,
    /// How they spread.
    pub(crate) placement: placement::Placement,
    /// How often it is backed up; none where no data is written, or nothing backs it up.
    pub(crate) backups: Option<Box<cadence::Backups>>,
    /// How often its volumes are copied to another region; none where nothing copies them.
    pub(crate) copying: Option<replication::Copying>,
    /// Its database; none without one.
    pub(crate) database: Option<Box<database::Numbers>>,
}

/// A service in one of its regions, with what is decided of it there.
#[derive(Clone, Copy)]
pub(crate) struct ServiceInRegion<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) service: &'a Service,
    pub(crate) region: &'a Region,
    /// Whether it is the first of its regions, in which alone runs what must run once.
    pub(crate) leads: bool,
    numbers: &'a Numbers,
    /// What is decided of the service in each of its regions.
    all: &'a [Numbers],
    /// What it takes from those that it calls, in each of its regions; empty where it calls none.
    rests: &'a [Rest],
}

impl Deref for ServiceInRegion<'_> {
    type Target = Numbers;

    fn deref(&self) -> &Numbers {
        self.numbers
    }
}

impl<'a> ServiceInRegion<'a> {
    /// The place of the region in the list of the spec.
    fn index(&self) -> String {
        let index = self.service.regions.iter().position(|other| other.name == self.region.name);
        index.expect("the service is here").to_string()
    }

    /// Whether Velero backs it up, where this region writes.
    pub(crate) fn is_backed_up(&self) -> bool {
        self.service.backed_up && self.region.velero
    }

    /// The service in every one of its regions.
    pub(crate) fn everywhere(&self) -> impl Iterator<Item = ServiceInRegion<'a>> + use<'a> {
        in_regions(self.fleet, self.service, (self.all, self.rests))
    }

    /// What its promise takes from the services that it calls; none where it calls none.
    pub(crate) fn rest(&self) -> Option<&'a Rest> {
        self.rests.iter().find(|rest| rest.region == self.region.name)
    }

    /// The service in its other regions.
    pub(crate) fn elsewhere(&self) -> impl Iterator<Item = ServiceInRegion<'a>> + use<'a> {
        let here = self.region;
        self.everywhere().filter(move |other| other.region.name != here.name)
    }

    /// What is decided of it as after it took over, with so many replicas.
    pub(crate) fn numbers_leading(&self, replicas: u32) -> Numbers {
        let role = role::of(self.service.strategy, self.service.kind, true);
        let size = Size { running: replicas, ..self.size };
        Numbers { role, size, ..self.numbers.clone() }
    }

    /// The same as after it took over, with what is decided of it then.
    pub(crate) fn leading<'n>(&self, numbers: &'n Numbers) -> ServiceInRegion<'n>
    where
        'a: 'n,
    {
        ServiceInRegion { leads: true, numbers, ..*self }
    }
}

/// What is decided of a service, in the order of its regions.
fn numbers(fleet: &Fleet, service: &Service) -> Vec<Numbers> {
    let leader = role::of(service.strategy, service.kind, true);
    let in_region = |(index, region): (usize, &std::sync::Arc<Region>)| {
        let role = role::of(service.strategy, service.kind, index == 0);
        let size = size::of(service, region, &role);
        let numbers = Numbers {
            role,
            size,
            leading_size: size::of(service, region, &leader),
            placement: placement::of(service, region, &size),
            backups: None,
            copying: replication::decide(service),
            database: None,
        };
        let (numbers, leads) = (&numbers, index == 0);
        let here = ServiceInRegion { fleet, service, region, leads, numbers, all: &[], rests: &[] };
        let backups = (role.backs_up && here.is_backed_up()).then(|| cadence::decide(&here));
        let database = database::decide(&here).map(Box::new);
        Numbers { backups: backups.map(Box::new), database, ..numbers.clone() }
    };
    service.regions.iter().enumerate().map(in_region).collect()
}

/// A service in each of its regions, of which `all` has the numbers, and `rests` what it takes from
/// those that it calls.
fn in_regions<'a>(
    fleet: &'a Fleet,
    service: &'a Service,
    (all, rests): (&'a [Numbers], &'a [Rest]),
) -> impl Iterator<Item = ServiceInRegion<'a>> + use<'a> {
    let regions = service.regions.iter().zip(all);
    regions.enumerate().map(move |(index, (region, numbers))| {
        let leads = index == 0;
        ServiceInRegion { fleet, service, region, leads, numbers, all, rests }
    })
}

/// Everything that is decided of a fleet and its services. What is broken is in the sink, and can
/// be explained all the same.
#[derive(Debug)]
pub struct Decided {
    model: Model,
    /// By service, in the order of the model.
    numbers: Vec<Vec<Numbers>>,
    /// What each takes from the services that it calls, in the same order.
    rests: Vec<Vec<Rest>>,
    /// How many move one after the other, down to each, in the same order.
    depths: Vec<usize>,
    /// The locations that stand-ins read.
    twins: BTreeSet<locations::Twin>,
    /// The regions that are lost, or taken for lost: nobody serves there.
    lost: BTreeSet<RegionName>,
    whole: Result<(), Reported>,
    kept: Result<(), Reported>,
}

impl Decided {
    /// Whether it holds every service that there is a spec of.
    ///
    /// # Errors
    ///
    /// When something is wrong with a service, which was left out.
    pub fn whole(&self) -> Result<(), Reported> {
        self.whole
    }

    /// Whether everything holds that numbers can tell.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn kept(&self) -> Result<(), Reported> {
        self.kept
    }

    /// What is promised of a service, in all its regions, with every number.
    pub fn proofs(&self, service: &Service) -> Vec<Proof> {
        self.places(service).map(|here| proof::of(&here)).collect()
    }

    /// What its claims take for granted of its objects, in all its regions.
    pub fn taken(&self, service: &Service) -> Vec<Taken> {
        self.places(service).map(|here| taken::of(&here)).collect()
    }

    /// A service, which is one of this fleet, in each of its regions.
    pub(crate) fn places<'a>(
        &'a self,
        service: &'a Service,
    ) -> impl Iterator<Item = ServiceInRegion<'a>> + use<'a> {
        let at = self.index(service);
        let numbers = self.numbers.get(at).map(Vec::as_slice).unwrap_or_default();
        let rests = self.rests.get(at).map(Vec::as_slice).unwrap_or_default();
        in_regions(self.model.fleet(), service, (numbers, rests))
    }

    /// The place of a service of this fleet in the order of the model.
    fn index(&self, service: &Service) -> usize {
        let services = self.model.services();
        let by_name = || services.binary_search_by(|other| other.name.cmp(&service.name)).ok();
        services.element_offset(service).or_else(by_name).unwrap_or(usize::MAX)
    }

    /// How many move one after the other, down to a service, when the region is lost that it is led
    /// from.
    fn depth_of(&self, service: &Service) -> usize {
        self.depths.get(self.index(service)).copied().unwrap_or_default()
    }

    /// What the promise of a service takes from those that it calls, region by region.
    pub(crate) fn rests_of<'a>(&'a self, service: &'a Service) -> Vec<&'a Rest> {
        self.places(service).filter_map(|here| here.rest()).collect()
    }

    /// Every location that some region reads to stand in for another.
    pub(crate) fn twins(&self) -> &BTreeSet<locations::Twin> {
        &self.twins
    }

    /// Runs every check of one service.
    fn check_service(&self, sink: &mut Sink, service: &Service) {
        let all: Vec<ServiceInRegion<'_>> = self.places(service).collect();
        let proofs: Vec<Proof> = all.iter().map(proof::of_times).collect();
        for check in CHECKS {
            match check {
                Check::InRegion(check) => {
                    all.iter().zip(&proofs).for_each(|(here, proof)| check(sink, here, proof));
                }
                Check::OfService(check) => {
                    all.first().into_iter().for_each(|here| check(sink, here));
                }
                Check::AmongAll(check) => {
                    let first = all.first().filter(|_| self.is_whole());
                    first.into_iter().for_each(|here| check(sink, here));
                }
                Check::OfFleet(_) | Check::OfSoundFleet(_) => {}
            }
        }
    }
}

impl Deref for Decided {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

/// Decides every number of a fleet, and reports what only numbers can tell: that autoscalers have
/// room, that backups keep the RPO, that zones hold what is promised in them.
///
/// It runs before anything is compiled, so that a finding never leaves a tree half written.
///
/// # Errors
///
/// When the fleet is wrong, so that no service can be checked.
pub fn decide(sink: &mut Sink, mut checked: Checked) -> Result<Decided, Reported> {
    let mut chosen = strategy::choose(&mut checked);
    let (model, whole) = checked.conclude(sink)?;
    let services = model.services().iter();
    let services: Vec<(&Service, Option<Vec<Numbers>>)> =
        services.map(|service| (service, chosen.remove(&strategy::written(service)))).collect();
    let of = |(service, known): (&Service, Option<Vec<Numbers>>)| {
        known.unwrap_or_else(|| numbers(model.fleet(), service))
    };
    let numbers: Vec<Vec<Numbers>> = services.into_par_iter().map(of).collect();
    let rests = rests::of(&model, &numbers);
    let depths = order::depths(model.services());
    let twins = BTreeSet::new();
    let lost = model.fleet().lost().cloned().collect();
    let mut decided = Decided { model, numbers, rests, depths, twins, lost, whole, kept: Ok(()) };
    decided.twins = locations::twins(&decided);
    check(sink, &decided);
    after_failover::check(sink, &mut decided);
    decided.kept = sink.ok();
    Ok(decided)
}
