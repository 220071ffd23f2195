//! What must hold of a fleet. A rule is a file: the function, and why.

pub(super) mod accept; //        warnings that a service accepts
pub(super) mod names; //         names that Kubernetes accepts, short enough
mod duplicates; //               nothing is named twice
mod image; //                    by digest
mod regions; //                  enough regions and zones, a strategy that the tier allows
mod ports; //                    ports and probes
mod config; //                   environment variables, and values in every region
mod mounts; //                   paths that do not collide
mod places; //                   regions that do not go together
mod standby; //                  what must stand where a service moves
pub(super) mod availability; //            one failure and the year's budget
mod times; //                    how long pods may take
mod volumes; //                  volumes that can be kept
mod sizes; //                    replicas that a node can hold
mod consistency; //              data that can be got back
mod hooks; //                    commands that a container may run
mod secrets; //                  Secrets that a backup does not hold
pub(super) mod backups; //       where backups go
pub(super) mod storage; //       classes that are what they say
pub(super) mod tiers; //         tiers that can keep what they survive
pub(super) mod locations; //     where Velero stores
mod replication; //              engines that can do what is asked of them
mod postgresql; //               databases that survive what the tier does
pub(super) mod registries; //    where images are kept
mod away; //                     what must not go with a region that is lost
pub(super) mod entry; //         how users get into a region
pub(super) mod records; //       records that can move users, and where they point
pub(super) mod control_plane; // what can be done for a control plane
pub(super) mod monitoring; //    alerts that reach somebody
mod traffic; //                  users who find the service, wherever it serves
mod generations; //               what a change leaves beside itself
mod measured; //                 measurements that are not too old

pub(super) use times::within as time_within;

use super::{Draft, Service};
use crate::diag::Sink;
use rayon::prelude::*;

/// A rule about one service, and the keys that it draws conclusions from: when one of them was
/// refused, the rule does not run. A list that it only looks through is none of them.
type Rule = (fn(&mut Sink, &Draft, &Service), &'static [&'static str]);

/// Rules about one service, in the order in which they run.
const RULES: &[Rule] = &[
    (names::check, &["namespace"]),
    (names::lengths, &["kind", "rollout", "regions"]),
    (image::check, &["image", "tier"]),
    (regions::check, &["tier", "regions", "recovery"]),
    (places::check, &["tier", "regions"]),
    (standby::check, &["regions", "ports", "volumes", "data", "recovery"]),
    (away::check, &["image", "regions", "recovery", "data", "traffic"]),
    (availability::check, &["tier", "rto"]),
    (ports::check, &["ports", "probes"]),
    (config::check, &[]),
    (mounts::check, &["scratch"]),
    (times::check, &[]),
    (volumes::check, &["kind"]),
    (sizes::check, &["tier", "regions", "capacity"]),
    (consistency::check, &["tier", "volumes", "data", "backup"]),
    (hooks::check, &["backup"]),
    (secrets::check, &["namespace", "volumes", "secrets", "backup"]),
    (backups::check, &["tier", "volumes", "data"]),
    (control_plane::residency, &["regions", "data"]),
    (replication::check, &["volumes", "data"]),
    (postgresql::check, &["tier", "regions", "volumes", "data"]),
    (traffic::check, &["tier", "regions", "recovery", "rto", "data", "traffic"]),
    (generations::check, &["tier", "kind", "rollout", "retain"]),
];

pub(super) fn run(sink: &mut Sink, draft: &Draft, all_read: bool) {
    duplicates::check_fleet(sink, draft);
    traffic::check_fleet(sink, draft);
    measured::check(sink, draft, all_read);
    let check = |service: &Service| {
        let mut sink = Sink::default();
        duplicates::check(&mut sink, service);
        for (rule, _) in RULES.iter().filter(|(_, keys)| !service.doubts.any(keys)) {
            rule(&mut sink, draft, service);
        }
        sink
    };
    let found: Vec<Sink> = draft.services.par_iter().map(check).collect();
    found.into_iter().for_each(|found| sink.absorb(found));
}
