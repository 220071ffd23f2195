//! A loss, second by second: who sees it, what is taken away and made again, and when the peak is served.
//!
//! The numbers of Kubernetes are its own defaults, those of people and of what nobody bounds are what the
//! promises declare. A process that is up answers its probes within the second.

use super::emitted::{Place, Probe, Workload, World};
use crate::random::Random;
use std::collections::BTreeSet;

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    Pod,
    Node,
    Zone,
    /// A zone whose nodes take no new pods, and whose endpoints are out of use.
    Cordoned,
    Region,
    Data,
}

impl Scope {
    pub(super) const ALL: [Scope; 6] =
        [Scope::Pod, Scope::Node, Scope::Zone, Scope::Cordoned, Scope::Region, Scope::Data];

    /// The loss that the ledger speaks of.
    pub(super) fn key(self) -> &'static str {
        match self {
            Scope::Pod => "pod",
            Scope::Node => "node",
            Scope::Zone | Scope::Cordoned => "zone",
            Scope::Region => "region",
            Scope::Data => "data",
        }
    }
}

/// What is declared of people and of what nothing bounds, in seconds.
mod declared {
    pub(super) const ALERT: u64 = 5 * 60;
    pub(super) const DECISION: u64 = 30 * 60;
    pub(super) const PULL: u64 = 60;
    pub(super) const ENDPOINTS: u64 = 5;
    pub(super) const ELECTION: u64 = 60;
    pub(super) const RECOVERY: u64 = 60;
    pub(super) const PROMOTION: u64 = 5 * 60;
    pub(super) const OBJECTS: u64 = 60;
    pub(super) const UPLOAD: u64 = 60;
    /// Bytes that one stream moves in a second.
    pub(super) const THROUGHPUT: u64 = 50 << 20;
}

/// What Kubernetes, Velero and k8gb do unless told otherwise, in seconds.
mod defaults {
    /// `--node-monitor-period`
    pub(super) const MONITOR: u64 = 5;
    /// One node of a zone at a time: `--node-eviction-rate` of 0.1 a second.
    pub(super) const EVICTION: u64 = 10;
    /// `maxWaitForUnmountDuration`
    pub(super) const DETACH: u64 = 6 * 60;
    /// Of a pod that says nothing.
    pub(super) const TOLERATION: u64 = 300;
    /// Between two attempts to start a container.
    pub(super) const BACK_OFF: u64 = 10;
    /// Velero validates a location, and then syncs what is in it.
    pub(super) const SYNC: u64 = 60;
    /// Until metrics show a load.
    pub(super) const METRICS: u64 = 60;
    /// `--horizontal-pod-autoscaler-sync-period`
    pub(super) const SCALER: u64 = 15;
    /// Three failed checks.
    pub(super) const CHECK: u64 = 30;
}

/// Draws what happens: as late as it may, at once, or any time between.
pub(super) struct Dice<'a> {
    random: &'a mut Random,
    /// Everything is as late as it may be.
    late: bool,
}

impl<'a> Dice<'a> {
    pub(super) fn new(random: &'a mut Random, late: bool) -> Dice<'a> {
        Dice { random, late }
    }

    pub(super) fn within(&mut self, most: u64) -> u64 {
        match self.random.below(3) {
            _ if self.late => most,
            0 => most,
            1 => 0,
            _ => self.random.below(usize::try_from(most + 1).expect("small")) as u64,
        }
    }

    /// When within a period something is due next.
    fn phase(&mut self, period: u64) -> u64 {
        self.within(period.saturating_sub(1))
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        self.random.below(end.max(1))
    }
}

/// A pod: where it stands, and what it does.
#[derive(Clone, Debug)]
struct Pod {
    /// Whether it stood where something is lost.
    lost: bool,
    /// The place of its node among those of the lost zone.
    node: usize,
    state: State,
    /// From when on its endpoint is as its state says.
    endpoint: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    /// It serves nobody, and its endpoint is still there.
    Dead,
    /// Its endpoint goes, and something makes another one, or starts it again.
    Unready,
    /// It comes back when this second is over.
    Back(u64),
}

/// The node controller, and when it acts on each node of what is lost.
#[derive(Clone, Debug)]
struct Nodes {
    seen: u64,
    tainted: Vec<u64>,
}

impl Nodes {
    /// Every few seconds it looks whether a node gave a sign of life since it last looked.
    fn lose(count: usize, grace: u64, dice: &mut Dice<'_>) -> Nodes {
        let first = dice.within(defaults::MONITOR);
        // The last sign may be seen only when the node is lost already.
        let (mut last, mut second) = (first, first);
        let before = first.saturating_sub(defaults::MONITOR);
        if dice.within(1) == 0 {
            last = before;
        }
        while second < last + grace {
            second += defaults::MONITOR;
        }
        let mut order: Vec<u64> = (0..count.max(1) as u64).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at + 1));
        }
        let tainted = order.iter().map(|turn| second + turn * defaults::EVICTION).collect();
        Nodes { seen: second, tainted }
    }

    /// The last of them.
    fn last(&self) -> u64 {
        self.tainted.iter().copied().max().unwrap_or(self.seen)
    }
}

/// When everything serves again that a service rests on, itself included; none where nothing is claimed.
pub(super) fn time(world: &World, place: &Place, scope: Scope, dice: &mut Dice<'_>) -> Option<u64> {
    let (service, region) = place;
    let mut all = BTreeSet::from([service.clone()]);
    let mut open = vec![service.clone()];
    while let Some(next) = open.pop() {
        for called in &world.services[&next].calls {
            if scope != Scope::Data && all.insert(called.clone()) {
                open.push(called.clone());
            }
        }
    }
    let lost = of_region(world, region, scope, dice);
    let each = all
        .iter()
        .filter_map(|name| alone(world, &(name.clone(), region.clone()), scope, &lost, dice));
    each.max()
}

fn of_region(world: &World, region: &str, scope: Scope, dice: &mut Dice<'_>) -> Nodes {
    let of = &world.regions[region];
    let most = of.zones.iter().copied().max().unwrap_or(1);
    let count = if scope == Scope::Zone { most } else { 1 };
    Nodes::lose(count, of.grace, dice)
}

fn alone(
    world: &World,
    place: &Place,
    scope: Scope,
    nodes: &Nodes,
    dice: &mut Dice<'_>,
) -> Option<u64> {
    let workload = world.workloads.get(place)?;
    let database = || world.services[&place.0].database.contains_key(&place.1);
    match scope {
        Scope::Pod | Scope::Node | Scope::Zone | Scope::Cordoned => {
            if workload.replicas == 0 {
                return None;
            }
            let pods = pods(world, (place, workload), scope, nodes, dice)?;
            let leads = database().then(|| leads(world, place, scope, nodes, dice)).flatten();
            Some(pods.max(leads.unwrap_or(0)))
        }
        Scope::Region => region(world, (place, workload), dice),
        Scope::Data => data(world, (place, workload), dice),
    }
}

/// Plays the pods of a workload until its peak is served.
fn pods(
    world: &World,
    (place, workload): (&Place, &Workload),
    scope: Scope,
    nodes: &Nodes,
    dice: &mut Dice<'_>,
) -> Option<u64> {
    let region = &world.regions[&place.1];
    if scope == Scope::Zone && !workload.classes.is_empty() {
        let gone = workload.classes.iter().any(|class| region.zonal.contains(class));
        if gone && !carries(workload, region.zones.len()) {
            return Some(restored(world, (place, workload), dice));
        }
    }
    let mut all = placed(workload, region.zones.len(), nodes.tainted.len(), scope, dice);
    let drained = dice.within(declared::ALERT) + dice.within(declared::DECISION);
    let mut second = 0;
    loop {
        for pod in &mut all {
            step(pod, workload, (scope, nodes, drained), second, dice);
        }
        let serving = all.iter().filter(|pod| pod.state == State::Ready && pod.endpoint <= second);
        let astray = all.iter().any(|pod| match pod.state {
            State::Dead => true,
            State::Unready | State::Back(_) => pod.endpoint > second,
            State::Ready => false,
        });
        if serving.count() >= workload.peak && !astray {
            return Some(second);
        }
        second += 1;
        assert!(second < 1 << 20, "{place:?} never serves again after the loss of a {scope:?}");
    }
}

/// Whether the other zones carry the peak whatever zone is lost.
fn carries(workload: &Workload, zones: usize) -> bool {
    let fullest = workload.replicas.div_ceil(zones.max(1));
    workload.apart.zones && workload.replicas - fullest >= workload.peak
}

/// Where the replicas stand as badly as they may, and which of them are lost.
fn placed(
    workload: &Workload,
    zones: usize,
    nodes: usize,
    scope: Scope,
    dice: &mut Dice<'_>,
) -> Vec<Pod> {
    let replicas = workload.replicas;
    let in_zone = match workload.apart.zones && zones > 1 {
        true => replicas.div_ceil(zones),
        false => replicas,
    };
    let lost = match scope {
        Scope::Pod => 1,
        Scope::Node if workload.apart.nodes => 1,
        Scope::Node => in_zone,
        Scope::Zone | Scope::Cordoned => in_zone,
        Scope::Region | Scope::Data => 0,
    };
    let one = |at: usize| Pod {
        lost: at < lost,
        node: dice.below(nodes),
        state: if at < lost { State::Dead } else { State::Ready },
        endpoint: 0,
    };
    (0..replicas).map(one).collect()
}

/// One second of a pod.
fn step(
    pod: &mut Pod,
    workload: &Workload,
    (scope, nodes, drained): (Scope, &Nodes, u64),
    second: u64,
    dice: &mut Dice<'_>,
) {
    if !pod.lost {
        return;
    }
    let follows = |workload: &Workload, dice: &mut Dice<'_>| match workload.listens {
        true => dice.within(declared::ENDPOINTS),
        false => 0,
    };
    match (pod.state, scope) {
        (State::Dead, Scope::Pod) => hangs(pod, workload, second, dice),
        (State::Dead, Scope::Cordoned) => {
            pod.state = State::Unready;
            pod.endpoint = second + follows(workload, dice);
        }
        (State::Dead, _) if second >= nodes.seen => {
            pod.state = State::Unready;
            pod.endpoint = second + follows(workload, dice);
        }
        (State::Unready, Scope::Cordoned) if second >= drained => {
            let back = dice.within(workload.grace) + made(workload, dice);
            pod.state = State::Back(second + back);
        }
        (State::Unready, Scope::Node | Scope::Zone)
            if second >= nodes.tainted[pod.node] + workload.stays =>
        {
            let detach = if workload.stateful { dice.within(defaults::DETACH) } else { 0 };
            pod.state = State::Back(second + detach + made(workload, dice));
        }
        (State::Back(at), _) if second >= at => {
            pod.state = State::Ready;
            pod.endpoint = second + follows(workload, dice);
        }
        (State::Dead | State::Unready | State::Back(_) | State::Ready, _) => {}
    }
}

/// A pod that hangs: one probe takes its endpoint away, the other one starts it again.
fn hangs(pod: &mut Pod, workload: &Workload, second: u64, dice: &mut Dice<'_>) {
    let seen = |probe: Option<Probe>, dice: &mut Dice<'_>| {
        probe.map_or(0, |probe| {
            let last = dice.phase(probe.period) + (probe.failures - 1) * probe.period;
            last + probe.timeout
        })
    };
    let follow = if workload.listens { dice.within(declared::ENDPOINTS) } else { 0 };
    if workload.replicas > workload.peak {
        pod.endpoint = second + seen(workload.ready, dice) + follow;
        pod.state = State::Unready;
        return;
    }
    let ended = seen(workload.live, dice) + dice.within(workload.grace);
    let back = ended + dice.within(defaults::BACK_OFF) + started(workload, dice);
    pod.endpoint = second;
    pod.state = State::Back(second + back);
}

/// Until a new pod is ready: it is scheduled at once, where there is room.
fn made(workload: &Workload, dice: &mut Dice<'_>) -> u64 {
    dice.within(declared::PULL) + started(workload, dice)
}

/// Until a probe sees that a process is up which is, before the last attempt ends it.
fn started(workload: &Workload, dice: &mut Dice<'_>) -> u64 {
    let Some(probe) = workload.startup else { return 0 };
    let phase = dice.phase(probe.period);
    let up = dice.within(phase + (probe.failures - 1) * probe.period);
    let mut attempt = phase;
    while attempt < up {
        attempt += probe.period;
    }
    attempt
}

/// The instance of a database that leads.
fn leads(
    world: &World,
    place: &Place,
    scope: Scope,
    nodes: &Nodes,
    dice: &mut Dice<'_>,
) -> Option<u64> {
    let service = &world.services[&place.0];
    let instances = service.database[&place.1];
    // In a standby region it follows, and serves nobody.
    if instances == 0 || service.regions.first() != Some(&place.1) {
        return None;
    }
    let seen = match scope {
        Scope::Node | Scope::Zone => nodes.seen,
        Scope::Pod | Scope::Cordoned | Scope::Region | Scope::Data => 0,
    };
    if scope == Scope::Cordoned {
        return None;
    }
    if instances > 1 {
        return Some(seen + dice.within(declared::ELECTION));
    }
    let recovers = dice.within(declared::RECOVERY);
    if scope == Scope::Pod {
        return Some(recovers);
    }
    let pull = dice.within(declared::PULL);
    let leaves = nodes.last() + defaults::TOLERATION + dice.within(defaults::DETACH);
    Some(leaves + pull + recovers)
}

/// Volumes that are copied back, one after the other by as many movers as there are nodes.
fn copied(bytes: &[u64], movers: usize, dice: &mut Dice<'_>) -> u64 {
    let mut open = bytes.to_vec();
    let mut free = vec![0u64; movers.max(1)];
    while !open.is_empty() {
        let next = open.swap_remove(dice.below(open.len()));
        let mover = free.iter_mut().min().expect("there is a mover");
        *mover += next.div_ceil(declared::THROUGHPUT);
    }
    free.into_iter().max().unwrap_or(0)
}

fn people(dice: &mut Dice<'_>) -> u64 {
    dice.within(declared::ALERT) + dice.within(declared::DECISION)
}

fn volumes(world: &World, place: &Place, replicas: usize) -> Vec<u64> {
    let kept = &world.services[&place.0].kept;
    (0..replicas).flat_map(|_| kept.iter().copied()).collect()
}

/// Pods whose volumes stood in a lost zone.
fn restored(world: &World, (place, workload): (&Place, &Workload), dice: &mut Dice<'_>) -> u64 {
    let movers = world.regions[&place.1].zones.iter().sum();
    let bytes = volumes(world, place, workload.replicas);
    let follow = if workload.listens { dice.within(declared::ENDPOINTS) } else { 0 };
    people(dice) + copied(&bytes, movers, dice) + made(workload, dice) + follow
}

/// Another region takes over.
fn region(
    world: &World,
    (place, workload): (&Place, &Workload),
    dice: &mut Dice<'_>,
) -> Option<u64> {
    let service = &world.services[&place.0];
    let others: Vec<&String> = service.regions.iter().filter(|other| **other != place.1).collect();
    let shared = service.strategy == "active/active";
    if others.is_empty() || !(shared || service.regions.first() == Some(&place.1)) {
        return None;
    }
    let other = others[dice.below(others.len())];
    let there = world.workloads.get(&(place.0.clone(), other.clone()))?;
    let restores = !service.kept.is_empty() && !service.replicated;
    let switch = service.ttl.map_or(0, |ttl| dice.within(ttl));
    if shared && !restores {
        let seen = dice.phase(defaults::CHECK) + 2 * defaults::CHECK;
        return Some(if service.ttl.is_some() { seen + switch } else { 0 });
    }
    let by_checks = service.automatic && !restores && there.replicas > 0;
    let mut second = match by_checks {
        true => dice.phase(defaults::CHECK) + 2 * defaults::CHECK,
        false => people(dice),
    };
    if restores {
        second += dice.within(defaults::SYNC) + dice.within(defaults::SYNC);
        second += dice.within(declared::OBJECTS);
        let movers = world.regions[other].zones.iter().sum();
        let bytes = volumes(world, place, workload.replicas);
        second += copied(&bytes, movers, dice);
    } else if service.replicated {
        second += dice.within(declared::PROMOTION);
    }
    if by_checks && there.replicas < workload.peak {
        let told = people(dice);
        second = match grown(there, workload.peak, dice) {
            Some(grown) => second + grown,
            None => second.max(told) + made(there, dice),
        };
        second += if workload.listens { dice.within(declared::ENDPOINTS) } else { 0 };
    } else if there.replicas < workload.replicas || there.peak < workload.peak {
        second += made(workload, dice);
        second += if workload.listens { dice.within(declared::ENDPOINTS) } else { 0 };
    }
    Some(second + switch)
}

/// Replicas that carry what users bring who are there already: an autoscaler that sees the load makes more,
/// and looks again at what is ready; where there is none, or it cannot see it, somebody does.
fn grown(there: &Workload, needed: usize, dice: &mut Dice<'_>) -> Option<u64> {
    let scaler = there.scaler.as_ref()?;
    let (mut ready, mut second, mut added) = (there.replicas, 0, 0);
    while ready < needed {
        second += dice.within(defaults::METRICS) + dice.phase(defaults::SCALER) + scaler.looks_back;
        // In percent of what a pod asks for. Each takes a tenth more than is aimed at, and nothing is added.
        let tenth_more = |percent: usize| percent * 10 <= scaler.aim * 11;
        let load = scaler.aim * needed / ready;
        if tenth_more(load) {
            break;
        }
        let seen = scaler.sees.map_or(load, |sees| sees.min(load));
        if tenth_more(seen) {
            return None;
        }
        let wanted = (ready * seen).div_ceil(scaler.aim).min(scaler.max);
        let admitted = scaler.policies.iter().map(|(percent, pods, period)| {
            // Some may have been added just before, for another reason.
            second = second.max(added + dice.phase(*period));
            (ready * (100 + percent)).div_ceil(100).max(ready + pods)
        });
        let admitted = admitted.max().unwrap_or(ready * 2);
        ready = wanted.min(admitted);
        added = second;
        second += made(there, dice);
    }
    Some(second)
}

/// Damaged data comes back in place, a database into a new one.
fn data(world: &World, (place, workload): (&Place, &Workload), dice: &mut Dice<'_>) -> Option<u64> {
    let service = &world.services[&place.0];
    let writes = service.strategy == "active/active" || service.regions.first() == Some(&place.1);
    let database = service.database.contains_key(&place.1);
    if !writes || service.kept.is_empty() && !database {
        return None;
    }
    let mut second = people(dice);
    if !service.kept.is_empty() {
        let movers = world.regions[&place.1].zones.iter().sum();
        second += copied(&volumes(world, place, workload.replicas), movers, dice);
    }
    if database {
        // The base backup, and as much log at most.
        let stream = service.database_size.div_ceil(declared::THROUGHPUT);
        second += dice.within(stream) + dice.within(stream);
    }
    let follow = if workload.listens { dice.within(declared::ENDPOINTS) } else { 0 };
    Some(second + started(workload, dice) + follow)
}

/// What a database may lack in its archive, in seconds.
pub(super) fn unarchived(world: &World, place: &Place, dice: &mut Dice<'_>) -> u64 {
    let timeout = world.services[&place.0].archive_timeout;
    dice.within(timeout) + dice.within(declared::UPLOAD)
}
