//! A pod, a node, a zone: others carry the peak, or it starts elsewhere.

use super::super::super::ServiceInRegion;
use super::super::super::lifecycle::{self, Probe, Probes};
use super::super::{Claim, Premise, Scope, Source, Term, next_loss};
use super::terms::{decision, kubernetes, monitoring, node_seen, pull, restore, start, tainted};
use super::{Instead, claim, step};
use crate::model::Topology;
use crate::model::WorkloadKind;
use crate::quantity::Duration;

/// A volume is taken from a node that does not answer
/// (`pkg/controller/volume/attachdetach`, `maxWaitForUnmountDuration`).
pub(super) const FORCE_DETACH: Duration = Duration::minutes(6);

pub(super) const DETACH_REFERENCE: &str = "6m until a volume is taken from a node that does not answer (pkg/controller/volume/attachdetach, `maxWaitForUnmountDuration`)";

/// One replica less. Where the others carry the peak, it is over when the endpoints have noticed.
pub(crate) fn pod_loss(here: &ServiceInRegion<'_>) -> Claim {
    let Probes { live, ready, .. } = lifecycle::probes(here.service);
    let probed = |probe: Option<Probe>, field| {
        let (time, formula) = probe.map_or((0, String::new()), |probe| {
            let time = probe.period * probe.failures + probe.timeout;
            (
                time,
                format!(
                    "{} failures, every {}s, and {}s for the last",
                    probe.failures, probe.period, probe.timeout
                ),
            )
        });
        Term::seconds(step::DETECT, Duration::seconds(time), Source::Decided { field })
            .because(formula)
    };
    if here.size.running > here.size.peak {
        let premise = connects(ready.as_ref());
        let terms = vec![probed(ready, "pod.containers.readinessProbe")];
        let claim = claim(Scope::Pod, terms).by("the other replicas carry the peak");
        return claim.given(premise);
    }
    let grace = Duration::seconds(lifecycle::grace(here).value);
    let end = Source::Decided { field: "pod.terminationGracePeriodSeconds" };
    let backoff = "back-off of 10s before a restart (pkg/kubelet, `backOffPeriod`)";
    let premise = connects(live.as_ref());
    let terms = vec![
        probed(live, "pod.containers.livenessProbe"),
        Term::seconds(step::END, grace, end),
        kubernetes(step::RESTART, Duration::seconds(10), backoff),
        start(here),
    ];
    claim(Scope::Pod, terms).given([Premise::Bugs]).given(premise)
}

/// A release of a service of which one replica may write: its pod ends before the next one starts.
pub(crate) fn release(here: &ServiceInRegion<'_>) -> Duration {
    let grace = Duration::seconds(lifecycle::grace(here).value);
    [pull(here, here.region), start(here)]
        .iter()
        .fold(grace, |sum, term| sum + Duration::seconds(term.total()))
}

/// What a probe that only connects cannot see: the kernel takes connections for a process that hangs.
fn connects(probe: Option<&Probe>) -> Option<Premise> {
    probe.is_some_and(|probe| probe.tcp).then_some(Premise::Connects)
}

/// A node, with the replicas that may be on it.
pub(crate) fn node_loss(here: &ServiceInRegion<'_>) -> Claim {
    let left = here.size.running.saturating_sub(here.placement.max_on_a_node);
    if left >= here.size.peak {
        let terms = vec![node_seen(here.region)];
        let claim = claim(Scope::Node, terms).by("those on other nodes carry the peak");
        return claim.given([Premise::Placement]);
    }
    rescheduled(here, Scope::Node)
}

/// A zone, with the replicas in it, and the volumes that go with it.
pub(crate) fn zone_loss(here: &ServiceInRegion<'_>, instead: Instead) -> Claim {
    if here.placement.survivors_of_zone_loss >= here.size.peak {
        let claim = claim(Scope::Zone, vec![node_seen(here.region)]);
        let claim = claim.by("those in other zones carry the peak");
        return claim.given([Premise::Placement, next_loss::premise(here)]);
    }
    let gone = here.service.kind == WorkloadKind::Stateful
        && here.service.volumes.iter().any(|volume| {
            let class = here.service.class_of(volume, here.region);
            class.is_some_and(|class| class.topology == Topology::Zone)
        });
    if !gone {
        return rescheduled(here, Scope::Zone);
    }
    // A pod whose volume stands in the lost zone can start nowhere else.
    let mut terms = vec![monitoring(here, here.region), decision(here, here.region)];
    terms.push(restore(here, here.region, instead));
    terms.extend([pull(here, here.region), start(here)]);
    claim(Scope::Zone, terms).given([Premise::People, Premise::Capacity, Premise::Vault])
}

/// Pods leave a lost node, and start elsewhere.
fn rescheduled(here: &ServiceInRegion<'_>, scope: Scope) -> Claim {
    let tier = &here.service.tier;
    let source = here.in_tier("node_loss");
    let mut terms = vec![node_seen(here.region)];
    if scope == Scope::Zone {
        terms.push(tainted(here.region));
    }
    terms.push(Term::seconds(step::EVICT, tier.node_loss, source));
    let mut premises = vec![Premise::Capacity];
    if here.service.kind == WorkloadKind::Stateful {
        terms.push(kubernetes(step::DETACH, FORCE_DETACH, DETACH_REFERENCE));
        premises.push(Premise::Fenced);
    }
    terms.extend([pull(here, here.region), start(here)]);
    claim(scope, terms).given(premises)
}
