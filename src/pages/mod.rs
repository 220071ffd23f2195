//! What people read: the pages of services and of the fleet, filled from what is decided and what
//! is emitted. Templates spell them.

pub(crate) mod service; //              the pages of one service
pub(crate) mod checklist; //            what must stand in a region that takes over
pub mod calendar; //             when drills are due
pub(crate) mod control_plane; //        the etcd and the nodes of clusters that the fleet runs itself
pub(crate) mod control_plane_values; // what that page says

/// A page of a service, or of the fleet.
#[derive(Debug)]
pub(crate) struct Page<V> {
    /// Its file, below the folder of the service or of the fleet.
    pub(crate) file: String,
    /// The template that spells it.
    pub(crate) template: &'static str,
    /// What the template says.
    pub(crate) values: V,
}
