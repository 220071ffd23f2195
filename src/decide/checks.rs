//! What only numbers can tell, of each service and region.

use super::proof::Proof;
use super::{Decided, ServiceInRegion};
use super::{
    capacity, database, downtime, locations, nodes, order, promises, queue, reached,
    region_loss_capacity, region_lost, replication, rests, retention, rollout, scaling, shared,
    wal, writer, zone_loss_capacity,
};
use crate::diag::Sink;
use crate::model::Service;
use rayon::prelude::*;

/// One thing that is checked once the numbers are known.
pub(super) enum Check {
    /// Of a service in a region, with what is claimed there of times, and of data. How many replicas
    /// are left is not among it.
    InRegion(fn(&mut Sink, &ServiceInRegion<'_>, &Proof)),
    /// Of a service as a whole, in its first region.
    OfService(fn(&mut Sink, &ServiceInRegion<'_>)),
    /// Of a service among all the others, in its first region: only where each of them could be read.
    AmongAll(fn(&mut Sink, &ServiceInRegion<'_>)),
    /// Of all services together.
    OfFleet(OfFleet),
    /// The same, only where nothing is refused: a sum of what is refused proves nothing.
    OfSoundFleet(OfFleet),
}

type OfFleet = fn(&mut Sink, &Decided);

/// Everything that only numbers can tell, in the order in which it is checked.
pub(super) const CHECKS: &[Check] = &[
    Check::InRegion(|sink, here, _| scaling::check(sink, here)),
    Check::InRegion(|sink, here, _| nodes::check(sink, here)),
    Check::InRegion(|sink, here, _| rollout::check(sink, here)),
    Check::InRegion(|sink, here, _| retention::check(sink, here)),
    Check::InRegion(promises::check),
    Check::InRegion(downtime::check),
    Check::InRegion(writer::check),
    Check::InRegion(|sink, here, _| wal::check(sink, here)),
    Check::OfService(replication::check),
    Check::OfService(database::check),
    Check::AmongAll(reached::check),
    Check::AmongAll(reached::reaches),
    Check::OfFleet(rests::check),
    Check::OfFleet(capacity::check),
    Check::OfFleet(locations::check),
    Check::OfFleet(shared::check),
    Check::OfFleet(zone_loss_capacity::check),
    Check::OfFleet(region_loss_capacity::check),
    Check::OfFleet(order::check),
    Check::OfFleet(region_lost::check),
    Check::OfSoundFleet(queue::check),
    Check::OfSoundFleet(queue::held::check),
];

/// Runs every check.
pub(super) fn check(sink: &mut Sink, decided: &Decided) {
    let of_service = |service: &Service| {
        let mut sink = Sink::default();
        decided.check_service(&mut sink, service);
        sink.accept(|finding| service.accepts(finding.code));
        sink
    };
    let found: Vec<Sink> = decided.services().par_iter().map(of_service).collect();
    found.into_iter().for_each(|found| sink.absorb(found));
    of_fleet(sink, decided);
}

/// Runs every check of all services together.
pub(super) fn of_fleet(sink: &mut Sink, decided: &Decided) {
    side_by_side(sink, decided, |check| match check {
        Check::OfFleet(check) => Some(*check),
        Check::InRegion(_) | Check::OfService(_) | Check::AmongAll(_) | Check::OfSoundFleet(_) => {
            None
        }
    });
    if sink.errors() == 0 {
        side_by_side(sink, decided, |check| match check {
            Check::OfSoundFleet(check) => Some(*check),
            Check::InRegion(_) | Check::OfService(_) | Check::AmongAll(_) | Check::OfFleet(_) => {
                None
            }
        });
    }
}

fn side_by_side(sink: &mut Sink, decided: &Decided, some: fn(&Check) -> Option<OfFleet>) {
    let run = |check: OfFleet| {
        let mut sink = Sink::default();
        check(&mut sink, decided);
        sink
    };
    let found: Vec<Sink> = CHECKS.par_iter().filter_map(some).map(run).collect();
    found.into_iter().for_each(|found| sink.absorb(found));
}
