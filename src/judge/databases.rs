//! What a loss does to the database of a service: its instances are pods that CloudNativePG makes, and
//! one of them leads.

use super::World;
use super::cluster::Region;
use super::fields::{Fields, Problem};
use super::groups;
use super::lose::OnNodes;
use super::pods::{Instances, Pod, Term, Workload};
use super::promise::Promise;
use super::read;
use super::report::{How, Loss, Outcome, Promised, Reason, Scope};
use super::room::Packed;
use super::trial::Trial;
use super::verdict::{self, PULL, count};
use crate::kube::labels;
use crate::kube::read::selector::{Labels, Selector};
use crate::kube::schema;
use crate::quantity::Duration;

/// The kind, and its group.
pub(super) const KIND: &str = "Cluster";
const GROUP: &str = "postgresql.cnpg.io";

/// By which the operator tells the instances of one from others.
const INSTANCE: &str = "cnpg.io/cluster";

/// Until another instance leads, in seconds, and until one that comes back has replayed its log: assumed,
/// as nothing bounds them (cloudnative-pg `docs/src/failover.md`).
pub(super) const ELECTED: u64 = 60;
pub(super) const RECOVERED: u64 = 60;

/// The term of a base backup that is copied back.
const BASE: &str = "base backup copied back";

/// What is assumed of them.
pub(super) fn premise() -> String {
    let (elected, recovered) = (Duration::seconds(ELECTED), Duration::seconds(RECOVERED));
    format!(
        "Databases of CloudNativePG: the instance that leads is among those that are lost; another one leads {elected} after that is seen, and one that comes back has replayed its log within {recovered} (both assumed)."
    )
}

/// Whether an object of that version is a database.
pub(super) fn is(api_version: &str) -> bool {
    schema::group(api_version) == GROUP
}

/// The instances of a database, as what makes pods (cloudnative-pg `docs/src/scheduling.md`,
/// `api/v1/cluster_types.go`).
pub(super) fn read(path: &str, fields: &Fields<'_>) -> Result<Workload, Problem> {
    let place = read::place(path, fields)?;
    let mut own = fields.map("metadata.labels")?;
    let spec = fields.at("spec");
    let pods = Labels::from([(INSTANCE.to_owned(), place.name.clone())]);
    Ok(Workload {
        service: own.remove(labels::SERVICE).unwrap_or_default(),
        tier: own.remove(labels::TIER).unwrap_or_default(),
        stateful: true,
        single_writer: false,
        ends: false,
        former: read::is_former(path),
        carries: false,
        serves: true,
        replicas: spec.count("instances")?.unwrap_or(1),
        resting: 0,
        database: Some(instances(&spec, &place.name)?),
        pod: pod(&spec, pods)?,
        place,
    })
}

fn instances(spec: &Fields<'_>, name: &str) -> Result<Instances, Problem> {
    let replica = spec.at("replica");
    let primary = replica.text("primary")?;
    let named = replica.text("self")?.unwrap_or(name);
    let follows = replica.is_true("enabled") || primary.is_some_and(|primary| primary != named);
    let synchronous = spec.at("postgresql.synchronous");
    let waits = match synchronous.text("dataDurability")? {
        Some("preferred") => None,
        Some(_) | None => synchronous.count("number")?,
    };
    let waits_for = waits.or(spec.count("minSyncReplicas")?).unwrap_or(0);
    Ok(Instances { leads: !follows, waits_for })
}

fn pod(spec: &Fields<'_>, pods: Labels) -> Result<Pod, Problem> {
    let affinity = spec.at("affinity");
    let mut not_simulated = Vec::new();
    let more = affinity.at("additionalPodAntiAffinity");
    let mut apart = read::terms(&more, &pods, &mut not_simulated)?;
    // On, unless it is turned off, and only wished for, unless it is required.
    let on = !affinity.has("enablePodAntiAffinity") || affinity.is_true("enablePodAntiAffinity");
    let required = affinity.text("podAntiAffinityType")? == Some("required");
    if on && required {
        let key = affinity.text("topologyKey")?.unwrap_or(super::cluster::HOST).to_owned();
        apart.push(Term { key, selector: Selector::of(&pods) });
    }
    let (spread, wished) = read::spread(spec, &pods)?;
    let mut classes = vec![spec.text("storage.storageClass")?.map(str::to_owned)];
    if spec.has("walStorage") {
        classes.push(spec.text("walStorage.storageClass")?.map(str::to_owned));
    }
    Ok(Pod {
        requests: read::asked(spec)?,
        nodes: read::nodes(&affinity, &affinity.at("nodeAffinity"))?,
        spread,
        wishes: wished || on && !required,
        near: read::terms(&affinity.at("additionalPodAffinity"), &pods, &mut not_simulated)?,
        apart,
        tolerations: read::tolerations(&affinity)?,
        classes,
        start: RECOVERED,
        grace: spec.number("stopDelay")?.unwrap_or(1800),
        not_simulated,
        labels: pods,
    })
}

/// A database, and what a loss leaves of it.
pub(super) struct Hit<'a> {
    on: &'a Region,
    workload: &'a Workload,
    instances: Instances,
    stay: usize,
    /// Why those that are lost do not all come back; none where they do.
    waits: Option<String>,
}

/// The databases that lead among what runs on some nodes, and lose something.
pub(super) fn hit<'a>(on: &OnNodes<'a>, trials: &[Trial], packed: &Packed) -> Vec<Hit<'a>> {
    let each = on.groups.iter().zip(trials).enumerate();
    each.filter_map(|(at, (group, trial))| {
        let workload = groups::own(group);
        let instances = workload.database.filter(|one| one.leads && !workload.former)?;
        let never = trial.never.as_ref().map_or(0, |(count, _)| *count) + packed.stayed[at];
        let stay = trial.stay().saturating_sub(packed.stayed[at]);
        let lost = workload.replicas.saturating_sub(never).saturating_sub(stay);
        let waits = match &trial.pending {
            Some((_, _, blocked)) => Some(blocked.to_string()),
            None if packed.returned[at] > 0 => Some("the nodes that are left have no room".into()),
            None => None,
        };
        (lost > 0).then_some(Hit { on: on.nodes, workload, instances, stay, waits })
    })
    .collect()
}

/// Adds what becomes of their databases to what becomes of services.
pub(super) fn join(world: &World<'_>, loss: &Loss, outcomes: &mut [Outcome], hits: &[Hit<'_>]) {
    for hit in hits.iter().filter(|hit| !hit.workload.service.is_empty()) {
        let of = outcomes.iter_mut().find(|one| one.service == hit.workload.service);
        let promises = world.promises.get(&hit.workload.service);
        let promise = promises.and_then(|of| of.get(&loss.region));
        let (Some(outcome), Some(promise)) = (of, promise) else { continue };
        hit.judge(loss, promise, outcome);
    }
}

/// How a database goes on.
enum Goes {
    /// Another instance leads after so many seconds.
    On(u64),
    /// One that was lost is back after so many.
    Again(u64),
    /// It is made anew from its archive, as the ledger claims.
    Anew,
    /// Nothing brings it back.
    Not(String),
}

impl Hit<'_> {
    fn judge(&self, loss: &Loss, promise: &Promise, outcome: &mut Outcome) {
        let of = format!("{} of {}", self.stay, count(self.workload.replicas, "instance"));
        if loss.how == How::Cordoned {
            outcome.notes.push(
                "its database may lead there: nobody reaches it until another instance leads"
                    .to_owned(),
            );
            return;
        }
        let goes = self.goes(loss, promise);
        let (time, note) = match &goes {
            Goes::On(time) => (Some(*time), "another leads"),
            Goes::Again(time) => (Some(*time), "it goes on when one is back"),
            Goes::Anew => (None, "it is recreated from its archive"),
            Goes::Not(_) => (None, "it does not go on"),
        };
        let after = time.map(|time| format!(" within {}", Duration::seconds(time)));
        outcome.notes.push(format!("{of} of its database, {note}{}", after.unwrap_or_default()));
        if outcome.promised == Promised::Nothing {
            return;
        }
        let claim = promise.rto(loss.scope);
        let rto = claim.and_then(|claim| claim.promised);
        let worst = claim.and_then(|claim| claim.worst);
        let text = match (goes, time) {
            (Goes::Not(why), _) => Some(format!("{of} of its database stay, and {why}")),
            (_, Some(time)) if rto.is_some_and(|rto| time > rto) => {
                Some(self.late(time, ("its RTO is", rto)))
            }
            (_, Some(time)) if worst.is_some_and(|worst| time > worst) => {
                Some(self.late(time, ("the ledger claims", worst)))
            }
            _ => None,
        };
        let path = self.workload.place.path.clone();
        outcome.breaks.extend(text.map(|text| Reason { text, path }));
    }

    fn late(&self, time: u64, (what, limit): (&str, Option<u64>)) -> String {
        let (time, limit) = (Duration::seconds(time), Duration::seconds(limit.unwrap_or(0)));
        format!(
            "its database {} serves again within {time}, and {what} {limit}",
            self.workload.place.name
        )
    }

    fn goes(&self, loss: &Loss, promise: &Promise) -> Goes {
        if self.stay > self.instances.waits_for {
            return Goes::On(self.on.detection + ELECTED);
        }
        let again = || {
            let pull = promise.pull().unwrap_or(PULL);
            verdict::terms(self.on, self.workload, loss, true, pull).values().sum()
        };
        match &self.waits {
            None => Goes::Again(again()),
            Some(_) if self.stay == 0 && promise.makes_anew(loss.scope, BASE) => Goes::Anew,
            Some(why) if self.stay == 0 => Goes::Not(format!("none comes back: {why}")),
            Some(why) => Goes::Not(format!(
                "a commit waits for {} more, which may not come back: {why}",
                self.instances.waits_for + 1 - self.stay
            )),
        }
    }
}

/// What becomes of the database of a service whose region is lost: a copy must follow it elsewhere.
pub(super) fn lost_with(
    world: &World<'_>,
    service: &str,
    loss: &Loss,
    able: &[&str],
) -> Option<Reason> {
    let of = |region: &str| world.database(service, region);
    let lost = of(&loss.region).filter(|one| one.database.is_some_and(|one| one.leads))?;
    let without: Vec<&str> = able.iter().copied().filter(|region| of(region).is_none()).collect();
    (loss.scope == Scope::Region && !able.is_empty() && without.len() == able.len()).then(|| {
        Reason {
            text: format!(
                "no copy of its database {} is in {}",
                lost.place.name,
                without.join(" or ")
            ),
            path: lost.place.path.clone(),
        }
    })
}

/// When a database of which some instances stay serves again, in words; none of what is no database.
pub(super) fn leads(on: &Region, workload: &Workload, stay: usize) -> Option<String> {
    let instances = workload.database.filter(|one| one.leads && stay > 0)?;
    Some(match stay > instances.waits_for {
        true => {
            let time = Duration::seconds(on.detection + ELECTED);
            format!("another instance leads within {time}")
        }
        false => {
            let more = instances.waits_for + 1 - stay;
            format!("nothing is written until {} more is back", count(more, "instance"))
        }
    })
}
