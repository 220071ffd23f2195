//! How long it takes until the peak is served again (`docs/facts.md`, "Time until the peak is
//! served").
//!
//! Detection + decision + restore + start + switch of traffic: what of it counts depends on what
//! is lost, on how many replicas are left, and on what stands ready elsewhere.

mod lost; //   a pod, a node, a zone
mod region; // the region
mod data; //   the data
mod again; //  what must be as before, beside the pods: endpoints, a database, an autoscaler
mod terms; //  what they share

pub(crate) use lost::release;
pub(crate) use region::SYNC;
pub(crate) use terms::{pull, restore_deadline, throughput};

use super::super::ServiceInRegion;
use super::{Amount, Claim, Objective, Premise, Scope, Source, Term};
use crate::diag::Span;
use crate::quantity::Bytes;
use data::data_loss;
use lost::{node_loss, pod_loss, zone_loss};
use region::region_loss;

/// The names of terms, as runbooks ask for them.
pub mod step {
    /// Until it is seen that something is lost.
    pub const DETECT: &str = "detection";
    /// Until a person has decided what to do.
    pub const DECIDE: &str = "decision";
    /// Until a pod that hangs has ended.
    pub const END: &str = "end of the old pod";
    /// Until the last node of a lost zone is tainted.
    pub const TAINT: &str = "nodes tainted one by one";
    /// Until the pods of a lost node are replaced.
    pub const EVICT: &str = "wait on the lost node";
    /// Until the instance of a database on a lost node is replaced.
    pub const EVICT_DATABASE: &str = "wait for its database on the lost node";
    /// Until a volume leaves a lost node.
    pub const DETACH: &str = "volumes leave the lost node";
    /// Until the other region has seen the backups.
    pub const SYNC: &str = "backups are seen";
    /// Until the objects are restored.
    pub const OBJECTS: &str = "objects restored";
    /// Until the data is restored.
    pub const RESTORE: &str = "data restored";
    /// Until the base backup of a database is copied back.
    pub const BASE: &str = "base backup copied back";
    /// Until the log of a database is replayed up to the moment.
    pub const REPLAY: &str = "log replayed";
    /// Until the copy of the data is the leading one.
    pub const PROMOTE: &str = "copy promoted";
    /// Between two attempts to start a container.
    pub const RESTART: &str = "restart";
    /// Until the image is there.
    pub const PULL: &str = "image pulled";
    /// Until a pod is ready.
    pub const START: &str = "start";
    /// Until connections go to the pods that are ready.
    pub const ENDPOINTS: &str = "endpoints follow";
    /// Until another instance of a database leads.
    pub const ELECT: &str = "another instance leads";
    /// Until the only instance of a database is back.
    pub const INSTANCE: &str = "the database is back";
    /// Until an autoscaler has made as many replicas as the peak needs.
    pub const SCALE: &str = "autoscaler reacts";
    /// Until traffic goes elsewhere.
    pub const SWITCH: &str = "switch of traffic";
    /// Until everything is back that it calls, beyond its own time.
    pub const WAIT: &str = "wait for what it calls";
}

/// What could be otherwise, to find the smallest change that keeps a promise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Instead {
    /// Health checks move the traffic.
    pub(crate) automatic: bool,
    /// What one data mover copies in a second.
    pub(crate) throughput: Option<Bytes>,
}

/// A claim for each scope, where something runs or would run, of the service alone: what it calls is
/// there.
pub(crate) fn alone(here: &ServiceInRegion<'_>) -> Vec<Claim> {
    alone_if(here, Instead::default())
}

/// The claims of the service alone, if something were otherwise.
pub(crate) fn alone_if(here: &ServiceInRegion<'_>, instead: Instead) -> Vec<Claim> {
    let service = here.service;
    let mut claims = Vec::new();
    if here.size.running > 0 {
        claims.extend([pod_loss(here), node_loss(here)]);
        if here.size.zones > 1 {
            claims.push(zone_loss(here, instead));
        }
    }
    claims.push(region_loss(here, instead));
    if here.role.backs_up && (service.keeps_data() || service.postgresql.is_some()) {
        claims.push(data_loss(here, instead));
    }
    let claims = claims.into_iter().map(|claim| again::joined(here, claim));
    let given = [Premise::Inventory, Premise::Load, Premise::Independence];
    let agree = !service.volumes.is_empty() && here.size.running > 1;
    let written = service.at(&["rto"]);
    let claims = claims.map(|claim| {
        let agreement = (agree && claim.scope <= Scope::Zone).then_some(Premise::Agreement);
        promised(here, claim, written).given(given).given(agreement)
    });
    claims.collect()
}

/// What the spec promises where it has `written` its RTO, beside what is claimed.
fn promised(here: &ServiceInRegion<'_>, claim: Claim, written: Span) -> Claim {
    if !is_promised(here, claim.scope) {
        return claim;
    }
    let source = Source::Spec { key: "rto".into(), span: written };
    claim.promised(Amount::seconds(here.service.rto), source)
}

/// The claim about the loss of the region, as it would be with the strategy of the service.
pub(crate) fn of_region_loss(here: &ServiceInRegion<'_>) -> Claim {
    let claim = again::joined(here, region_loss(here, Instead::default()));
    promised(here, claim, here.service.at(&["rto"]))
}

fn claim(scope: Scope, terms: Vec<Term>) -> Claim {
    Claim::sum(scope, Objective::Rto, terms)
}

/// Whether the RTO of the spec speaks of such a loss: not of that of a region where there is no
/// other, nor of damage where a replica keeps the RPO, as it copies damage as well.
fn is_promised(here: &ServiceInRegion<'_>, scope: Scope) -> bool {
    match scope {
        Scope::Pod | Scope::Node | Scope::Zone => true,
        Scope::Region => here.service.regions.len() > 1,
        Scope::Data => here.service.replication.is_none(),
    }
}
