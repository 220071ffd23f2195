//! How long it takes until the peak is served again (`ha-dr` 1.15, 2.7).
//!
//! Detection + decision + restore + start + switch of traffic: what of it counts depends on what
//! is lost, on how many replicas are left, and on what stands ready elsewhere.

use super::super::{Here, cadence, placement, places, pod, role::Runs};
use super::{Amount, Claim, Objective, Premise, Scope, Source, Term};
use crate::kube::version::Version;
use crate::model::Region;
use crate::spec::fleet::{Measured, Step, Topology};
use crate::spec::quantity::{Bytes, Duration};
use crate::spec::service::{Strategy, WorkloadKind};

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
    /// Until a volume leaves a lost node.
    pub const DETACH: &str = "volumes leave the lost node";
    /// Until the other region has seen the backups.
    pub const SYNC: &str = "backups are seen";
    /// Until the objects are restored.
    pub const OBJECTS: &str = "objects restored";
    /// Until the data is restored.
    pub const RESTORE: &str = "data restored";
    /// Until the copy of the data is the leading one.
    pub const PROMOTE: &str = "copy promoted";
    /// Between two attempts to start a container.
    pub const RESTART: &str = "restart";
    /// Until the image is there.
    pub const PULL: &str = "image pulled";
    /// Until a pod is ready.
    pub const START: &str = "start";
    /// Until traffic goes elsewhere.
    pub const SWITCH: &str = "switch of traffic";
}

/// Until monitoring tells a person.
const MONITORING: Duration = Duration::minutes(5);

/// Until a person has decided: people, at night, with a phone.
const DECISION: Duration = Duration::minutes(30);

/// Three failed health checks, every 30 s.
const HEALTH_CHECK: Duration = Duration::seconds(90);

/// The time to live of a DNS record.
const TIME_TO_LIVE: Duration = Duration::seconds(60);

/// Until an image is pulled.
const PULL: Duration = Duration::minutes(1);

/// Until the objects of a namespace are restored.
const OBJECTS: Duration = Duration::minutes(1);

/// Until a database's copy leads.
const PROMOTION: Duration = Duration::minutes(5);

/// What one data mover copies in a second (velero `performance-guidance.md` has twice to three
/// times as much, "for reference only").
const THROUGHPUT: Bytes = Bytes::mebibytes(50);

/// Velero validates a location every minute, and syncs its backups every minute
/// (velero `pkg/cmd/server/config/config.go`).
pub(in crate::plan) const SYNC: Duration = Duration::minutes(2);

/// A volume is taken from a node that does not answer
/// (`pkg/controller/volume/attachdetach`, `maxWaitForUnmountDuration`).
const FORCE_DETACH: Duration = Duration::minutes(6);

/// What could be otherwise, to find the smallest change that keeps a promise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Instead {
    /// Health checks move the traffic.
    pub(crate) automatic: bool,
    /// What one data mover copies in a second.
    pub(crate) throughput: Option<Bytes>,
}

/// A claim for each scope, where something runs or would run.
pub(super) fn claims(here: &Here<'_>) -> Vec<Claim> {
    claims_if(here, Instead::default())
}

/// The claims, if something were otherwise.
pub(crate) fn claims_if(here: &Here<'_>, instead: Instead) -> Vec<Claim> {
    let service = here.service;
    let mut claims = Vec::new();
    if here.size.running > 0 {
        claims.extend([pod_loss(here), node_loss(here)]);
        if here.size.zones > 1 {
            claims.push(zone_loss(here, instead));
        }
    }
    claims.push(region_loss(here, instead));
    if here.role.backs_up && service.keeps_data() {
        claims.push(data_loss(here, instead));
    }
    let given = [Premise::Inventory, Premise::Load, Premise::Independence];
    claims.into_iter().map(|claim| promised(here, claim).given(given)).collect()
}

/// What the spec promises, beside what is claimed.
fn promised(here: &Here<'_>, claim: Claim) -> Claim {
    if !is_promised(here, claim.scope) {
        return claim;
    }
    let service = here.service;
    let source = Source::Spec { key: "rto".to_owned(), span: service.at(&["rto"]) };
    claim.promised(Amount::seconds(service.rto), source)
}

/// The claim about the loss of the region, as it would be with the strategy of the service.
pub(crate) fn of_region_loss(here: &Here<'_>) -> Claim {
    promised(here, region_loss(here, Instead::default()))
}

fn claim(scope: Scope, terms: Vec<Term>) -> Claim {
    Claim::sum(scope, Objective::Rto, terms)
}

/// Whether the RTO of the spec speaks of such a loss: not of that of a region where there is no
/// other, nor of damage where a replica keeps the RPO, as it copies damage as well.
fn is_promised(here: &Here<'_>, scope: Scope) -> bool {
    match scope {
        Scope::Pod | Scope::Node | Scope::Zone => true,
        Scope::Region => here.service.regions.len() > 1,
        Scope::Data => here.service.replication.is_none(),
    }
}

/// A time that nobody enforces: what a drill measured for this service in this region, the latest
/// of what fits best, or a cautious guess.
fn guessed(here: &Here<'_>, region: &Region, what: Step, time: Duration) -> Term {
    let name = name_of(what);
    let fits = |(_, measured): &(usize, &Measured)| {
        let is = |written: &Option<String>, name: &str| {
            written.as_deref().is_none_or(|written| written == name)
        };
        measured.what == what
            && is(&measured.service, here.service.name.as_str())
            && is(&measured.region, region.name.as_str())
    };
    let best = |(index, measured): &(usize, &Measured)| {
        (measured.service.is_some(), measured.region.is_some(), measured.on, *index)
    };
    let measured = here.fleet.measured.iter().enumerate().filter(fits).max_by_key(best);
    let Some((index, measured)) = measured else {
        let instead = format!("a drill measures it (`[[measured]]`, `what = \"{}\"`)", what.word());
        return Term::seconds(name, time, Source::Assumed { instead });
    };
    let span = here.fleet.document.at(&["measured", &index.to_string(), "took"]);
    let source = Source::Measured { on: measured.on, words: measured.source.clone(), span };
    Term::seconds(name, measured.took, source)
}

fn name_of(what: Step) -> &'static str {
    match what {
        Step::Detection => step::DETECT,
        Step::Decision => step::DECIDE,
        Step::Objects => step::OBJECTS,
        Step::Restore => step::RESTORE,
        Step::Promotion => step::PROMOTE,
        Step::Pull => step::PULL,
        Step::Switch => step::SWITCH,
    }
}

fn kubernetes(name: &'static str, time: Duration, reference: &'static str) -> Term {
    Term::seconds(name, time, Source::Kubernetes { reference })
}

/// One replica less. Where the others carry the peak, it is over when the endpoints have noticed.
fn pod_loss(here: &Here<'_>) -> Claim {
    let (_, live, ready) = pod::probes(here.service);
    let probed = |probe: Option<super::super::values::Probe>, field| {
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
        let terms = vec![probed(ready, "pod.containers.readinessProbe")];
        return claim(Scope::Pod, terms).by("the other replicas carry the peak");
    }
    let grace = Duration::seconds(pod::grace(here.service));
    let end = Source::Decided { field: "pod.terminationGracePeriodSeconds" };
    let backoff = "back-off of 10s before a restart (pkg/kubelet, `backOffPeriod`)";
    let terms = vec![
        probed(live, "pod.containers.livenessProbe"),
        Term::seconds(step::END, grace, end),
        kubernetes(step::RESTART, Duration::seconds(10), backoff),
        start(here),
    ];
    claim(Scope::Pod, terms).given([Premise::Bugs])
}

/// A node, with the replicas that may be on it.
fn node_loss(here: &Here<'_>) -> Claim {
    let left = here.size.running.saturating_sub(placement::most_on_a_node(here));
    if left >= here.size.peak {
        let terms = vec![node_seen(here.region)];
        let claim = claim(Scope::Node, terms).by("the replicas on other nodes carry the peak");
        return claim.given([Premise::Placement]);
    }
    rescheduled(here, Scope::Node)
}

/// A zone, with the replicas in it, and the volumes that go with it.
fn zone_loss(here: &Here<'_>, instead: Instead) -> Claim {
    if placement::survivors_of_zone_loss(here) >= here.size.peak {
        let claim = claim(Scope::Zone, vec![node_seen(here.region)]);
        let claim = claim.by("the replicas in other zones carry the peak");
        return claim.given([Premise::Placement]);
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
fn rescheduled(here: &Here<'_>, scope: Scope) -> Claim {
    let tier = &here.service.tier;
    let source = Source::Tier { tier: tier.name.clone(), field: "node_loss" };
    let mut terms = vec![node_seen(here.region)];
    if scope == Scope::Zone {
        terms.push(tainted(here.region));
    }
    terms.push(Term::seconds(step::EVICT, tier.node_loss, source));
    let mut premises = vec![Premise::Capacity];
    if here.service.kind == WorkloadKind::Stateful {
        let reference = "6m until a volume is taken from a node that does not answer (pkg/controller/volume/attachdetach, `maxWaitForUnmountDuration`)";
        terms.push(kubernetes(step::DETACH, FORCE_DETACH, reference));
        premises.push(Premise::Fenced);
    }
    terms.extend([pull(here, here.region), start(here)]);
    claim(scope, terms).given(premises)
}

/// The region. What stands ready in the others decides.
fn region_loss(here: &Here<'_>, instead: Instead) -> Claim {
    let service = here.service;
    if !here.role.backs_up {
        return claim(Scope::Region, Vec::new()).by("users are served from another region");
    }
    let others = places(here.fleet, service).filter(|other| other.region.name != here.region.name);
    let slowest = others.map(|other| from(here, &other, instead)).max_by_key(|claim| claim.worst);
    slowest.unwrap_or_else(|| {
        Claim::unbounded(Scope::Region, Objective::Rto, "there is no other region to go to")
    })
}

/// The way from a lost region to one other.
fn from(here: &Here<'_>, other: &Here<'_>, instead: Instead) -> Claim {
    let service = here.service;
    let automatic = instead.automatic || (service.moves_by_itself() && service.traffic.is_some());
    let from_outside = service.ports.iter().any(|port| port.gateway) || service.failover.is_some();
    let restores = service.keeps_data() && service.replication.is_none();
    let serves = service.strategy == Strategy::ActiveActive && !restores;
    let mut terms = Vec::new();
    let mut premises = vec![Premise::Tree, Premise::Capacity];
    if serves && !from_outside {
        let claim = claim(Scope::Region, terms).by("the other regions serve already");
        return claim.given(premises);
    }
    // Traffic moves by itself only to where something serves.
    if automatic && !restores && other.role.runs != Runs::Nothing {
        premises.push(Premise::Failover);
        let detected = guessed(here, other.region, Step::Detection, HEALTH_CHECK);
        terms.push(detected.because("3 failed health checks, every 30s"));
    } else {
        terms.extend([monitoring(here, other.region), decision(here, other.region)]);
        premises.push(Premise::People);
    }
    if restores {
        let reference = "a minute to validate a location, one to sync its backups (pkg/cmd/server/config/config.go)";
        terms.push(Term::seconds(step::SYNC, SYNC, Source::Velero { reference }));
        terms.push(guessed(here, other.region, Step::Objects, OBJECTS));
        terms.push(restore(here, other.region, instead));
        premises.push(Premise::Vault);
    } else if service.replication.is_some() && !serves {
        terms.push(guessed(here, other.region, Step::Promotion, PROMOTION));
        premises.push(Premise::ReplicaPromoted);
    }
    if other.size.running < other.size.full || other.size.peak < here.size.peak {
        terms.extend([pull(here, other.region), start(here)]);
    }
    if from_outside {
        terms.push(switch(here, other.region));
        premises.push(Premise::Clients);
    }
    claim(Scope::Region, terms).given(premises)
}

/// Resolvers keep what they were told for its time to live, unless it was measured.
fn switch(here: &Here<'_>, region: &Region) -> Term {
    let formula = "the time to live of the DNS record";
    let Some(traffic) = &here.service.traffic else {
        return guessed(here, region, Step::Switch, TIME_TO_LIVE).because(formula);
    };
    let mut term = guessed(here, region, Step::Switch, here.service.ttl());
    if !term.source.is_assumed() {
        return term;
    }
    term.source = match traffic.ttl {
        Some(_) => Source::Spec {
            key: "traffic.ttl".to_owned(),
            span: here.service.at(&["traffic", "ttl"]),
        },
        None => Source::Decided { field: "traffic.ttl" },
    };
    term.because(formula)
}

/// Damage, while everything runs: the volumes are restored in place.
fn data_loss(here: &Here<'_>, instead: Instead) -> Claim {
    let mut terms = vec![monitoring(here, here.region), decision(here, here.region)];
    terms.push(restore(here, here.region, instead));
    terms.push(start(here));
    claim(Scope::Data, terms).given([Premise::People, Premise::Vault])
}

fn monitoring(here: &Here<'_>, region: &Region) -> Term {
    let term = guessed(here, region, Step::Detection, MONITORING);
    term.because("until monitoring tells a person")
}

fn decision(here: &Here<'_>, region: &Region) -> Term {
    guessed(here, region, Step::Decision, DECISION).because("until a person has decided")
}

fn pull(here: &Here<'_>, region: &Region) -> Term {
    guessed(here, region, Step::Pull, PULL)
}

/// The startup probe gives a pod this long, and ends it then.
fn start(here: &Here<'_>) -> Term {
    let service = here.service;
    let source = match service.probes.start_within {
        Some(_) => Source::Spec {
            key: "probes.start_within".to_owned(),
            span: service.at(&["probes", "start_within"]),
        },
        None => Source::Decided { field: "pod.containers.startupProbe" },
    };
    Term::seconds(step::START, pod::start_within(service), source)
}

/// Since 1.32 the grace period is 50 s; a node is looked at every 5 s.
fn node_seen(region: &Region) -> Term {
    let grace = if region.kubernetes >= (Version { minor: 32 }) { 50 } else { 40 };
    let reference =
        "node-monitor-grace-period, and node-monitor-period of 5s (pkg/controller/nodelifecycle)";
    kubernetes(step::DETECT, Duration::seconds(grace + 5), reference)
        .because(format!("{grace}s + 5s"))
}

/// The nodes of a zone are tainted one by one, also when all of them are lost while another zone
/// lives (`ha-dr` 2.7).
fn tainted(region: &Region) -> Term {
    let nodes = region.zones.iter().map(|zone| u64::from(zone.nodes)).max().unwrap_or(1);
    let reference = "node-eviction-rate of 0.1 a second in a zone (pkg/controller/nodelifecycle)";
    kubernetes(step::TAINT, Duration::seconds(10) * (nodes - 1), reference)
        .because(format!("10s for each but the first of {nodes} nodes"))
}

/// What one data mover of a region copies in a second.
pub(crate) fn throughput(region: &Region) -> Bytes {
    region.backups.throughput.unwrap_or(THROUGHPUT)
}

/// How long the data takes back into this region.
pub(crate) fn restore_time(here: &Here<'_>) -> Duration {
    Duration::seconds(restore(here, here.region, Instead::default()).total())
}

/// As many volumes at a time as there are nodes that copy.
fn restore(here: &Here<'_>, region: &Region, instead: Instead) -> Term {
    let volumes: Vec<Bytes> =
        cadence::kept_volumes(here.service).map(|volume| volume.size).collect();
    let replicas = u64::from(here.size.full);
    let bytes = volumes.iter().fold(Bytes::default(), |sum, size| sum + *size) * replicas;
    let nodes: u64 = region.zones.iter().map(|zone| u64::from(zone.nodes)).sum();
    let count = volumes.len() as u64 * replicas;
    let largest = volumes.iter().copied().max().unwrap_or_default();
    let declared = instead.throughput.or(region.backups.throughput);
    let rate = declared.unwrap_or(THROUGHPUT);
    let (before, formula) = if count <= nodes {
        (0, format!("{count} volumes at a time, {largest} ÷ {rate} a second"))
    } else {
        // Whoever takes the next volume that waits ends at most by this (Graham's bound).
        let rest = bytes.get().saturating_sub(largest.get()).div_ceil(nodes.max(1));
        (
            rest,
            format!("(({bytes} − {largest}) ÷ {nodes} data movers + {largest}) ÷ {rate} a second"),
        )
    };
    let time = Duration::seconds(before.saturating_add(largest.get()).div_ceil(rate.get()));
    let measured = guessed(here, region, Step::Restore, time);
    if !measured.source.is_assumed() {
        return measured;
    }
    let path = ["regions", region.name.as_str(), "backup", "throughput"];
    let source = match declared {
        Some(_) => Source::Fleet { key: path.join("."), span: here.fleet.document.at(&path) },
        None => Source::Assumed { instead: format!("{} is declared", path.join(".")) },
    };
    Term { source, ..measured.because(formula) }
}
