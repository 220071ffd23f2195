//! What must hold of a fleet. A rule is a file: the function, and why.

pub(super) mod accept; //        warnings that a service accepts
pub(super) mod not_supported; // fields that nothing is compiled from yet
pub(super) mod names; //         names that Kubernetes accepts, short enough
mod duplicates; //               nothing is named twice
mod image; //                    by digest
mod regions; //                  enough regions and zones, a strategy that the tier allows
mod ports; //                    ports and probes
mod config; //                   environment variables, and values in every region
mod mounts; //                   paths that do not collide
mod times; //                    how long pods may take
mod volumes; //                  volumes that can be kept
pub(super) mod backups; //       where backups go
mod generations; //               what a change leaves beside itself

pub(super) use times::within as time_within;

use super::{Draft, Service};
use crate::diag::Sink;

/// Rules about one service, in the order in which they run.
const RULES: &[fn(&mut Sink, &Draft, &Service)] = &[
    names::check,
    image::check,
    regions::check,
    ports::check,
    config::check,
    mounts::check,
    times::check,
    volumes::check,
    backups::check,
    generations::check,
];

pub(super) fn run(sink: &mut Sink, draft: &Draft) {
    duplicates::check_fleet(sink, draft);
    for service in &draft.services {
        duplicates::check(sink, service);
        RULES.iter().for_each(|rule| rule(sink, draft, service));
    }
}
