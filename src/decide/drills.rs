//! How much a drill may take, and how long: as much as what it brings back, and no more.

use super::{ServiceInRegion, replication, resources};
use crate::model::Volume;
use crate::quantity::{Bytes, Cpu, Duration};

/// When the command that judges restored data is ended.
pub(crate) const VERIFICATION: Duration = Duration::minutes(15);

/// The pod of the verification.
const JUDGES: u32 = 1;

/// Claims for each volume of each replica that VolSync has copied: its own, the one that VolSync
/// copies into, its cache, and the one that is filled before it becomes the claim.
const CLAIMS: u64 = 4;

/// The most that a drill may take; of what is none, as much as there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Max {
    /// Pods.
    pub(crate) pods: u64,
    /// CPU and memory that they ask for. None where pods that ask for none are among them, which a
    /// quota of it would refuse.
    pub(crate) requests: Option<(Cpu, Bytes)>,
    /// Claims.
    pub(crate) claims: Option<u64>,
}

/// Of backups: the pods of the service, and the verification.
pub(crate) fn of_backups(here: &ServiceInRegion<'_>) -> Max {
    let pods = here.size.full + JUDGES;
    let requests = Some(resources::of_replicas(here, pods));
    Max { pods: u64::from(pods), requests, claims: None }
}

/// Of copies of volumes: the pods that copy, which ask for no CPU, those of the service, and the
/// verification.
pub(crate) fn of_copies(here: &ServiceInRegion<'_>) -> Max {
    let copies = replication::count(here);
    let replicas = u64::from(here.size.full);
    let empty = |volume: &&Volume| volume.backup == Some(false);
    let empty = here.service.volumes.iter().filter(empty).count() as u64;
    let claims = Some(copies * CLAIMS + empty * replicas);
    Max { pods: copies + replicas + u64::from(JUDGES), requests: None, claims }
}

/// Of a database: the pod that recovers it, its instance, the service with one replica, and the
/// verification. What the operator and the plugin put into their pods asks for no CPU.
pub(crate) fn of_database() -> Max {
    Max { pods: u64::from(3 + JUDGES), requests: None, claims: Some(1) }
}
