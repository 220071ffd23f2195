//! Words of which a spec chooses one, and that mean the same to every stage after it.

mod fleet; //   of the fleet: clouds, storage, tiers, drills
mod service; // of a service: what runs, how it ships, how it gets back

pub use fleet::{
    Binding, Challenge, PodSecurity, Provider, Spread, Step, Stored, Survives, Topology,
};
pub use service::{
    Failover, Medium, Mode, Overlap, Place, Protocol, Restart, Rollout, Run, Scheme, Scope,
    Strategy, WorkloadKind,
};
