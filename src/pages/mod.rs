//! What people read: a card for each service and each cluster, with what differs between them, and
//! procedures, with what is the same. Templates spell them.

pub(crate) mod card; //       what differs: one page a service
pub(crate) mod procedure; //  what is the same: one page for each way to recover that is used
pub mod runbook; //           both as one page, with everything filled in
mod variables; //             what procedures leave open
mod functions; //             what procedures run
mod steps; //                 what is done when a region is lost, in order
pub(crate) mod checklist; //  what must stand in a region that takes over
pub mod calendar; //          when drills are due
pub(crate) mod cluster; //    the etcd and the nodes of a region: one page each
mod cluster_values; //        what that page says
pub(crate) mod apply_script; // what applies a region with `kubectl`

/// A page of a service, or of the fleet.
#[derive(Debug)]
pub(crate) struct Page<V> {
    /// Its file, below `recovery/`.
    pub(crate) file: String,
    /// The template that spells it.
    pub(crate) template: &'static str,
    /// What the template says.
    pub(crate) values: V,
}
