//! What a loss does to the tree: what remains, what comes back, which promises hold.
//!
//! It reads what Kubernetes would read, the emitted objects, and schedules them as Kubernetes
//! would, onto the zones and nodes that the fleet declares; then it holds the result against the
//! promises of the ledger. It knows nothing of how the objects were planned, so it can disagree.

mod cluster; //  the world: zones, nodes, storage
mod fields; //   reading objects that somebody may have edited
mod pods; //     what the objects ask for
mod read; //     YAML to those
pub(crate) mod facts; // what claims take for granted of them
mod promise; //  what the ledger says
mod schedule; // the scheduler, with a foe who chooses
mod blocked; //  why a pod waits
mod room; //     whether everything fits
mod trial; //    one workload, one loss
mod groups; //   which pods are counted together
mod lose; //     nodes and zones
mod verdict; //  what is promised about them
mod drain; //    disruption budgets
mod databases; // the instances of databases, and which one leads
mod regions; //  regions
mod chain; //    what they rest on
mod report; //   what came of it
mod premises; // what the answer rests on
mod text; //     for people
pub mod foreign; // what runs today, of which nobody promises anything
#[cfg(test)]
mod fixture; //  small worlds

pub use fields::Problem;
pub use promise::Promises;
pub use report::{How, Loss, Outcome, Promised, Reason, Report, SCHEMA, Scope};

use crate::diag::did_you_mean;
use crate::kube::{RegionName, ServiceName};
use crate::model::Fleet;
use crate::model::Survives;
use cluster::Region;
use pods::{Autoscaler, Backup, Budget, Object, Workload};
use promise::OfService;
use std::collections::{BTreeMap, BTreeSet};

/// An object that a loss concerns.
#[derive(Debug)]
pub struct Found(Object);

/// Reads one file of a tree; nothing when it holds an object that a loss does not concern. `path`
/// is below the tree and begins with its region.
///
/// # Errors
///
/// When it is no YAML, or a field that matters has a wrong type.
pub fn look(path: &str, text: &str) -> Result<Option<Found>, Problem> {
    read::object(path, text).map(|object| object.map(Found))
}

/// The objects of a tree that a loss concerns.
#[derive(Debug, Default)]
pub struct Tree {
    workloads: Vec<Workload>,
    budgets: Vec<Budget>,
    backups: Vec<Backup>,
    /// Where alerts count endpoints: region, and folder of the service.
    watched: BTreeSet<(String, String)>,
    /// The weights of users of a service, by its folder and by region.
    weights: BTreeMap<String, BTreeMap<String, u64>>,
    /// Kinds that run pods and are not simulated.
    unknown: BTreeSet<String>,
}

impl Tree {
    /// The same with every service called as its ledger is, which tells environments apart: labels have
    /// its name alone.
    #[must_use]
    pub fn in_environments(mut self, fleet: &Fleet) -> Tree {
        let call = |service: &mut String, region: &str| {
            let region = fleet.regions.get(&RegionName::new(region));
            if let Some(environment) = region.and_then(|region| region.environment.as_deref()) {
                *service = ServiceName::of(service, Some(environment)).to_string();
            }
        };
        for one in self.workloads.iter_mut().filter(|one| !one.service.is_empty()) {
            call(&mut one.service, &one.place.region);
        }
        for one in self.backups.iter_mut().filter(|one| !one.service.is_empty()) {
            call(&mut one.service, &one.region);
        }
        self
    }

    /// Gathers what was read, in the order of paths.
    pub fn gather(found: impl IntoIterator<Item = Found>) -> Tree {
        let mut tree = Tree::default();
        let mut scalers: Vec<Autoscaler> = Vec::new();
        for Found(object) in found {
            match object {
                Object::Workload(workload) => tree.workloads.push(*workload),
                Object::Autoscaler(scaler) => scalers.push(scaler),
                Object::Budget(budget) => tree.budgets.push(budget),
                Object::Backup(backup) => tree.backups.push(backup),
                Object::Weights { folder, weights } => {
                    tree.weights.entry(folder).or_default().extend(weights);
                }
                Object::Watch(place) => drop(tree.watched.insert(place)),
                Object::Unknown(kind) => drop(tree.unknown.insert(kind)),
            }
        }
        let by_target: BTreeMap<_, &Autoscaler> =
            scalers.iter().map(|scaler| (scaler.target(), scaler)).collect();
        for workload in &mut tree.workloads {
            if let Some(scaler) = by_target.get(&workload.as_target()) {
                workload.replicas = scaler.min;
            }
        }
        tree.workloads.sort_by(|a, b| a.place.cmp(&b.place));
        tree
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is lost.
    pub scope: Scope,
    /// Which one; none tries all of them.
    pub name: Option<String>,
    /// How a zone is lost; a node and a region are gone.
    pub how: How,
}

/// Everything that an answer rests on.
struct World<'a> {
    fleet: &'a Fleet,
    tree: &'a Tree,
    regions: Vec<Region>,
    promises: BTreeMap<String, OfService>,
    /// By service and region, in the order of the tree.
    backups: BTreeMap<(&'a str, &'a str), Vec<&'a Backup>>,
    /// Of each service and region the first one that is current.
    databases: BTreeMap<(&'a str, &'a str), &'a Workload>,
}

impl<'a> World<'a> {
    fn new(fleet: &'a Fleet, tree: &'a Tree, promises: BTreeMap<String, OfService>) -> World<'a> {
        let (mut backups, mut databases) = (BTreeMap::new(), BTreeMap::new());
        for backup in &tree.backups {
            let of = (backup.service.as_str(), backup.region.as_str());
            backups.entry(of).or_insert_with(Vec::new).push(backup);
        }
        for one in tree.workloads.iter().filter(|one| !one.former && one.database.is_some()) {
            let of = (one.service.as_str(), one.place.region.as_str());
            databases.entry(of).or_insert(one);
        }
        World { fleet, tree, regions: cluster::regions(fleet), promises, backups, databases }
    }

    /// What backs a service up in a region.
    fn backups<'s>(&'s self, service: &'s str, region: &'s str) -> &'s [&'a Backup] {
        self.backups.get(&(service, region)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The current database of a service in a region.
    fn database(&self, service: &str, region: &str) -> Option<&'a Workload> {
        self.databases.get(&(service, region)).copied()
    }

    fn region(&self, name: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.name == name)
    }

    /// Whether the fleet says of a region that it is lost for now.
    fn is_lost(&self, name: &str) -> bool {
        self.fleet.regions.get(&RegionName::new(name)).is_some_and(|region| region.lost)
    }

    /// What the ledgers promise in the region of a loss, and the tree has no workload for.
    fn missing(&self, loss: &Loss) -> Vec<Outcome> {
        let runs: BTreeSet<&str> = (self.tree.workloads.iter())
            .filter(|one| one.carries_now() && one.place.region == loss.region)
            .map(|one| one.service.as_str())
            .collect();
        let promised = self.promises.iter().filter_map(|(service, promises)| {
            let promise = promises.get(&loss.region).filter(|promise| promise.replicas > 0)?;
            Some((service, promise))
        });
        let missing = promised.filter(|(service, _)| !runs.contains(service.as_str()));
        missing.map(|(service, promise)| Outcome::missing(service, promise, loss)).collect()
    }

    /// Whether a region has something that receives alerts.
    fn is_monitored(&self, region: &str) -> bool {
        let region = self.fleet.regions.get(&RegionName::new(region));
        region.is_some_and(|region| region.prometheus.is_some())
    }

    /// Whether an alert sees endpoints that get no requests although their pods are ready.
    fn sees_endpoints(&self, workload: &Workload) -> bool {
        let place = &workload.place;
        let folder = place.path.split('/').nth(1).unwrap_or_default();
        self.tree.watched.contains(&(place.region.clone(), folder.to_owned()))
    }

    fn survives(&self, tier: &str) -> Survives {
        self.fleet.tiers.get(tier).map_or(Survives::Pod, |tier| tier.survives)
    }
}

/// Loses what is asked for in the tree, and says what comes of it.
///
/// # Errors
///
/// Every reason for which the question has no answer: the fleet does not know what the tree speaks
/// of, a ledger promises nothing for a service, or nothing has that name.
pub fn run(
    fleet: &Fleet,
    tree: &Tree,
    promises: &Promises,
    question: &Question,
) -> Result<Report, Vec<Problem>> {
    let mut problems = Vec::new();
    let promises = promise::read(promises, &mut problems);
    let world = World::new(fleet, tree, promises);
    known(&world, &mut problems);
    let losses = losses(&world, question).unwrap_or_else(|problem| {
        problems.push(problem);
        Vec::new()
    });
    if !problems.is_empty() {
        problems.sort();
        problems.dedup();
        return Err(problems);
    }
    let outcomes = match question.scope {
        Scope::Node | Scope::Zone => lose::all(&world, &losses),
        Scope::Region => regions::all(&world, &losses),
    };
    Ok(Report::new(question, &losses, outcomes, &world))
}

/// Whether the fleet and the ledgers know everything that the tree speaks of.
fn known(world: &World<'_>, problems: &mut Vec<Problem>) {
    let mut regions = BTreeSet::new();
    for workload in &world.tree.workloads {
        let place = &workload.place;
        let Some(region) = world.region(&place.region) else {
            if regions.insert(&place.region) {
                problems.push(Problem::new(
                    &place.region,
                    format!("the fleet has no region `{}`", place.region),
                    &did_you_mean(&place.region, cluster::names(world.fleet)),
                ));
            }
            continue;
        };
        for class in workload.pod.classes.iter().flatten() {
            if region.storage(class).is_none() {
                problems.push(Problem::new(
                    &place.path,
                    format!("the fleet has no storage class `{class}` in `{}`", region.name),
                    "declare it in the region: what its volumes survive decides the answer",
                ));
            }
        }
        if !workload.carries_now() {
            continue;
        }
        if !world.fleet.tiers.contains_key(&workload.tier) {
            problems.push(Problem::new(
                &place.path,
                format!("the fleet has no tier `{}`", workload.tier),
                &did_you_mean(&workload.tier, world.fleet.tiers.keys().map(String::as_str)),
            ));
        }
        let promised = world.promises.get(&workload.service);
        let message = match promised.map(|promised| promised.contains_key(&place.region)) {
            Some(true) => continue,
            Some(false) => format!("it promises nothing in `{}`", place.region),
            None => format!("nobody knows what `{}` promises without it", workload.service),
        };
        problems.push(Problem::new(
            &format!("ledger/{}.json", workload.service),
            message,
            "restore the ledger from git, or build again: `ninefold build`",
        ));
    }
}

/// What is lost, one after the other.
fn losses(world: &World<'_>, question: &Question) -> Result<Vec<Loss>, Problem> {
    let all: Vec<Loss> = (world.regions.iter().enumerate())
        .flat_map(|(at, region)| match question.scope {
            Scope::Region => vec![Loss::region(at, region)],
            Scope::Node | Scope::Zone => (0..region.zones.len())
                .map(|zone| Loss::zone((question.scope, question.how), at, region, zone))
                .collect(),
        })
        .collect();
    let Some(name) = &question.name else { return Ok(all) };
    let found: Vec<Loss> = all.iter().filter(|loss| loss.is_called(name)).cloned().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let what = if question.scope == Scope::Region { "region" } else { "zone" };
    let hint = if question.scope == Scope::Node { "; a node is named by its zone" } else { "" };
    let names: Vec<&str> = all.iter().map(|loss| loss.name.as_str()).collect();
    Err(Problem::new(
        "",
        format!("the fleet has no {what} called `{name}`{hint}"),
        &did_you_mean(name, names.iter().copied()),
    ))
}
