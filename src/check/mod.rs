//! A stage: [`Model`] → [`Checked`].
//!
//! What must hold, of the fleet and of its services. A rule is a file: the function, and why. Rules
//! that read the recovery strategy of a service are in the same table, and are held once it is
//! chosen: by `Checked::conclude`. What needs other numbers is held where they are decided.

// Of the fleet.
mod region_names; //     names of regions, and names that they give
mod pools; //            nodes apart
mod zones; //            zones that are real
mod addresses; //        ranges of addresses
mod storage; //          classes that are what they say
mod locations; //        where Velero stores
mod velero; //           a Velero that does what is asked of it
mod volsync; //          and a VolSync
mod descheduler; //      a descheduler that does
mod entry; //            how users get into a region
mod monitoring; //       alerts that reach somebody
mod control_plane; //    what can be done for a control plane
mod clusters; //         clusters that environments share
mod priority_classes; // classes that the API server accepts
mod pod_security; //     levels of namespaces that services have
mod registries; //       where images are kept
mod delivery; //         a tree that the engine finds
mod tiers; //            tiers that can keep what they survive
mod measured; //         measurements that are not too old

// Of a service.
mod names; //            names that Kubernetes accepts, short enough
mod duplicates; //       nothing is named twice
mod image; //            by digest
mod regions; //          enough regions and zones, a strategy that the tier allows
mod places; //           regions that do not go together
mod standby; //          what must stand where a service moves
mod lost_with_region; // what must not go with a region that is lost
mod availability; //     one failure and the year's budget
mod ports; //            ports that can be opened
mod probes; //           probes that can be asked
mod pod; //              who processes are, and what they may use
mod stores; //           stores whose replicas know nothing of each other
mod objects; //          objects that two units would make
mod accounts; //         ServiceAccounts that somebody makes, once
mod autoscale; //        what an autoscaler aims at
mod callers; //          who may call it
mod metadata; //         labels and annotations that are added
mod config; //           environment variables, and values in every region
mod sources; //          values that stand in the cluster
mod jobs; //             jobs that can run, and when
mod containers; //       what is beside it in its pods
mod limits; //           what a kernel, an engine and a checkout can take
mod mounts; //           paths that do not collide
mod times; //            how long pods and backups may take
mod volumes; //          volumes that can be kept
mod sizes; //            replicas that a node can hold
mod consistency; //      data that can be got back
mod hooks; //            commands that a container may run
mod secrets; //          Secrets that a backup does not hold
mod backups; //          where backups go
mod without_backups; //  what needs them, and has none
mod replication; //      engines that can do what is asked of them
mod postgresql; //       databases that survive what the tier does
mod traffic; //          users who find the service, wherever it serves
mod routes; //          paths of hosts, and their certificates
mod records; //          records that can move users, and where they point
mod generations; //      what a change leaves beside itself
mod single_writer; //    nothing that lets a second replica write
mod accept; //           warnings that a service accepts

use crate::diag::{FileId, Reported, Sink};
use crate::model::{Fleet, Model, Region, Service, Tier};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Deref;

pub(crate) use standby::until_back;

/// A model that was held against every rule that reads no recovery strategy. Services in which
/// something is wrong are still in it, so that one run shows everything.
#[derive(Debug)]
pub struct Checked {
    model: Model,
    /// The files that could not be read as they are meant.
    unread: BTreeSet<FileId>,
}

impl Checked {
    /// The fleet without its services.
    ///
    /// # Errors
    ///
    /// When something is wrong with it; `sink` has what was reported.
    pub fn into_fleet(self, sink: &Sink) -> Result<Fleet, Reported> {
        self.fleet_is_right(sink)?;
        Ok(self.model.into_fleet())
    }

    fn fleet_is_right(&self, sink: &Sink) -> Result<(), Reported> {
        let wrong = sink.files_with_errors().contains(&self.model.fleet().document.file());
        if wrong { sink.ok() } else { Ok(()) }
    }

    /// The fleet, and the services for which a recovery strategy is to be chosen: those that could be
    /// read, are in several regions, and name none. None where the fleet could not be read.
    pub(crate) fn without_strategy(&mut self) -> (&Fleet, Vec<&mut Service>) {
        let unread = &self.unread;
        let (fleet, services) = self.model.parts_mut();
        let open = |service: &&mut Service| {
            service.regions.len() > 1
                && !service.document.has(&["recovery"])
                && !unread.contains(&service.document.file())
                && !unread.contains(&fleet.document.file())
        };
        (fleet, services.par_iter_mut().filter(open).collect())
    }

    /// Holds the services against the rules that read their strategies, drops the warnings that they
    /// accept, and leaves out those in which something is wrong. Out comes what is left, and the proof
    /// that it is not all of it, if so.
    ///
    /// # Errors
    ///
    /// When the fleet is wrong, so that no service can be checked.
    pub(crate) fn conclude(
        mut self,
        sink: &mut Sink,
    ) -> Result<(Model, Result<(), Reported>), Reported> {
        of_services(sink, &self.model, |rule| match rule {
            Rule::Strategy(rule) => Some(rule),
            Rule::Fleet(_)
            | Rule::Region(_)
            | Rule::Tier(_)
            | Rule::Services(_)
            | Rule::Service(_)
            | Rule::Ordered(_) => None,
        });
        accept::apply(sink, &self.model);
        let whole = sink.ok();
        if whole.is_err() {
            self.fleet_is_right(sink)?;
            self.model.leave_out(&sink.files_with_errors());
        }
        Ok((self.model, whole))
    }
}

impl Deref for Checked {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

/// A rule about one service.
type OfService = fn(&mut Sink, &Model, &Service);

/// What a rule is about, and the function that holds it.
#[derive(Clone, Copy)]
enum Rule {
    /// The fleet, without its services.
    Fleet(fn(&mut Sink, &Fleet)),
    /// One region of the fleet.
    Region(fn(&mut Sink, &Fleet, &Region)),
    /// One tier that the fleet changes or adds.
    Tier(fn(&mut Sink, &Fleet, &Tier)),
    /// All services together.
    Services(fn(&mut Sink, &Model)),
    /// One service, in whichever order its regions stand.
    Service(OfService),
    /// One service, and the order of its regions.
    Ordered(OfService),
    /// One service, and the recovery strategy that it has: written, or chosen.
    Strategy(OfService),
}

/// Every rule, in the order in which they run, and the keys that it draws conclusions from, at the
/// top of the fleet's file or of the service's: when one of them was refused, the rule does not
/// run. A list that it only looks through is none of them.
const RULES: &[(Rule, &[&str])] = &[
    (Rule::Fleet(region_names::some), &[]),
    (Rule::Fleet(region_names::shorts), &[]),
    (Rule::Fleet(names::default_team), &[]),
    (Rule::Fleet(names::default_namespace), &["regions"]),
    (Rule::Fleet(pools::defaults), &["regions"]),
    (Rule::Fleet(entry::zones), &[]),
    (Rule::Fleet(priority_classes::check), &[]),
    (Rule::Fleet(registries::check), &[]),
    (Rule::Fleet(metadata::defaults), &[]),
    (Rule::Fleet(delivery::check), &["delivery"]),
    (Rule::Fleet(locations::apart), &[]),
    (Rule::Fleet(clusters::alike), &[]),
    (Rule::Fleet(control_plane::apart), &[]),
    (Rule::Tier(tiers::names), &[]),
    (Rule::Tier(tiers::survives), &[]),
    (Rule::Tier(tiers::rollout), &[]),
    (Rule::Tier(times::of_tier), &[]),
    (Rule::Region(region_names::check), &[]),
    (Rule::Region(zones::check), &[]),
    (Rule::Region(registries::pull_secrets), &[]),
    (Rule::Region(pools::check), &[]),
    (Rule::Region(pools::check), &["regions"]),
    (Rule::Region(storage::names), &[]),
    (Rule::Region(storage::redundancy), &[]),
    (Rule::Region(locations::check), &[]),
    (Rule::Region(velero::check), &["regions"]),
    (Rule::Region(volsync::check), &["regions"]),
    (Rule::Region(descheduler::check), &["regions"]),
    (Rule::Region(locations::archive), &[]),
    (Rule::Region(entry::check), &[]),
    (Rule::Region(monitoring::check), &[]),
    (Rule::Region(control_plane::check), &[]),
    (Rule::Region(times::of_backups), &[]),
    (Rule::Region(addresses::check), &[]),
    (Rule::Services(pod_security::check), &["regions", "namespace"]),
    (Rule::Services(accounts::once), &[]),
    (Rule::Services(objects::once), &["manifests", "regions"]),
    (Rule::Services(metadata::namespaces), &[]),
    (Rule::Services(duplicates::services), &[]),
    (Rule::Services(traffic::hosts_apart), &[]),
    (Rule::Services(clusters::namespaces), &["regions"]),
    (Rule::Services(measured::check), &[]),
    (Rule::Service(duplicates::check), &[]),
    (Rule::Service(names::check), &["namespace"]),
    (Rule::Ordered(names::lengths), &["kind", "rollout", "regions"]),
    (Rule::Service(image::check), &["image", "tier"]),
    (Rule::Strategy(regions::check), &["tier", "regions", "recovery"]),
    (Rule::Ordered(places::check), &["tier", "regions"]),
    (Rule::Strategy(standby::check), &["regions", "ports", "volumes", "data", "recovery"]),
    (Rule::Strategy(lost_with_region::check), &["image", "regions", "recovery", "data", "traffic"]),
    (Rule::Service(availability::check), &["tier", "rto"]),
    (Rule::Service(ports::check), &["ports"]),
    (Rule::Service(probes::check), &["ports", "probes"]),
    (Rule::Service(stores::check), &["image", "kind", "rollout", "single_writer", "tier"]),
    (Rule::Service(pod::check), &["pod", "capacity"]),
    (Rule::Ordered(accounts::shared), &["pod", "regions", "namespace", "manifests"]),
    (Rule::Ordered(autoscale::check), &["capacity", "ports", "regions"]),
    (Rule::Ordered(callers::admitted), &["ports", "called_by"]),
    (Rule::Ordered(callers::scraped), &["ports", "regions"]),
    (Rule::Service(metadata::check), &["metadata"]),
    (Rule::Service(config::check), &[]),
    (Rule::Ordered(sources::check), &["config", "secrets", "data"]),
    (Rule::Service(jobs::check), &[]),
    (Rule::Service(containers::check), &["scratch"]),
    (Rule::Service(jobs::awaited), &[]),
    (Rule::Service(limits::check), &[]),
    (Rule::Service(mounts::check), &["scratch"]),
    (Rule::Service(times::check), &[]),
    (Rule::Ordered(volumes::check), &["kind"]),
    (Rule::Ordered(sizes::check), &["tier", "regions", "capacity"]),
    (Rule::Service(consistency::check), &["tier", "volumes", "data", "backup"]),
    (Rule::Service(hooks::check), &["backup"]),
    (Rule::Service(secrets::check), &["namespace", "volumes", "secrets", "backup"]),
    (Rule::Ordered(backups::check), &["tier", "volumes", "data", "backup"]),
    (Rule::Ordered(without_backups::check), &["volumes", "data", "backup", "regions"]),
    (Rule::Ordered(control_plane::residency), &["regions", "data"]),
    (Rule::Strategy(replication::check), &["volumes", "data"]),
    (Rule::Ordered(postgresql::check), &["tier", "regions", "volumes", "data"]),
    (Rule::Strategy(traffic::check), &["tier", "regions", "recovery", "rto", "data", "traffic"]),
    (Rule::Service(generations::check), &["kind", "rollout", "ports"]),
    (Rule::Service(single_writer::check), &["kind", "single_writer", "capacity"]),
    (Rule::Strategy(single_writer::regions), &["single_writer", "regions", "recovery", "tier"]),
];

/// Holds the model against every rule that reads no recovery strategy.
pub fn run(sink: &mut Sink, model: Model) -> Checked {
    fleet(sink, model.fleet());
    let unread = sink.files_with_errors();
    services(sink, &model);
    Checked { model, unread }
}

/// Holds the fleet, its regions and its tiers against the rules about them.
fn fleet(sink: &mut Sink, fleet: &Fleet) {
    let written = |tier: &&Tier| {
        let name = tier.name.as_str();
        fleet.document.has(&["tiers", name]) && !fleet.doubts.has("tiers", name)
    };
    let tiers: Vec<&Tier> = fleet.tiers.values().map(|tier| &**tier).filter(written).collect();
    for (rule, _) in RULES.iter().filter(|(_, keys)| !fleet.doubts.any(keys)) {
        match rule {
            Rule::Fleet(rule) => rule(sink, fleet),
            Rule::Region(rule) => fleet.regions.values().for_each(|one| rule(sink, fleet, one)),
            Rule::Tier(rule) => tiers.iter().for_each(|tier| rule(sink, fleet, tier)),
            Rule::Services(_) | Rule::Service(_) | Rule::Ordered(_) | Rule::Strategy(_) => {}
        }
    }
}

/// Holds the services, together and each by itself, against the rules about them.
fn services(sink: &mut Sink, model: &Model) {
    for (rule, keys) in RULES {
        if let Rule::Services(rule) = rule
            && !model.fleet().doubts.any(keys)
        {
            rule(sink, model);
        }
    }
    of_services(sink, model, |rule| match rule {
        Rule::Service(rule) | Rule::Ordered(rule) => Some(rule),
        Rule::Fleet(_)
        | Rule::Region(_)
        | Rule::Tier(_)
        | Rule::Services(_)
        | Rule::Strategy(_) => None,
    });
}

/// Holds one service whose regions stand in another order than when the model was checked against the
/// rules to which that makes a difference. The model was refused nothing.
pub(crate) fn of_moved(sink: &mut Sink, model: &Model, service: &Service) {
    for (rule, keys) in RULES.iter().filter(|(_, keys)| !service.doubts.any(keys)) {
        match rule {
            Rule::Ordered(rule) | Rule::Strategy(rule) => rule(sink, model, service),
            Rule::Service(rule) => debug_assert!(
                {
                    let mut sink = Sink::default();
                    rule(&mut sink, model, service);
                    sink.errors() == 0
                },
                "it reads the order of the regions of `{}`: {keys:?}",
                service.name.plain()
            ),
            Rule::Fleet(_) | Rule::Region(_) | Rule::Tier(_) | Rule::Services(_) => {}
        }
    }
}

/// Holds each service by itself against the rules that `some` picks.
fn of_services(sink: &mut Sink, model: &Model, some: fn(Rule) -> Option<OfService>) {
    let rules: Vec<(OfService, &[&str])> =
        RULES.iter().filter_map(|(rule, keys)| Some((some(*rule)?, *keys))).collect();
    let check = |service: &Service| {
        let mut sink = Sink::default();
        for (rule, _) in rules.iter().filter(|(_, keys)| !service.doubts.any(keys)) {
            rule(&mut sink, model, service);
        }
        sink
    };
    let found: Vec<Sink> = model.services().par_iter().map(check).collect();
    found.into_iter().for_each(|found| sink.absorb(found));
}
