//! Whether the emitted objects are what the claims were derived from, whoever wrote them.
//!
//! What is not as it was decided, and worse, voids the claims that rest on it: they are named in the
//! finding, and the ledger says so where somebody accepts it. Where nobody but Ninefold wrote the
//! object, what reads it and what decided it disagree, and one of them is wrong.

mod workload; // the pods that serve
mod pod; //      what nothing was decided of in them
mod others; //   autoscalers, backups, copies
mod databases; // databases
mod network; //  the ways to the pods
mod emitted; //  what an object says, field by field
mod beside; //   what nothing was decided of
mod limits; //   what governs the pods of a namespace

pub(super) use limits::GOVERN;

use super::judge::{self, Judged, is_users};
use super::{Context, Problem, proven, room};
use crate::decide::proof::{Objective, Scope};
use crate::decide::{Promise, Taken, Void};
use crate::diag::{Code, Sink};
use crate::judge::facts::{self, Asks};
use crate::kube::Kind;
use crate::plan::values::{Map, Values};
use crate::quantity::{Bytes, Cpu};
use crate::yaml::Value;
use std::collections::BTreeSet;

/// Losses with the claims about them.
type Touched = (&'static [Scope], &'static [Objective]);

/// What rests on how many replicas run.
const RUNS: Touched = (
    &[Scope::Pod, Scope::Node, Scope::Zone, Scope::Region],
    &[Objective::Rto, Objective::Survivors, Objective::Availability],
);
/// What rests on where they stand, and on room for those that come back.
const PLACED: Touched =
    (&[Scope::Node, Scope::Zone], &[Objective::Rto, Objective::Survivors, Objective::Availability]);
/// The same, with the region that takes over.
const ROOM: Touched = (
    &[Scope::Node, Scope::Zone, Scope::Region],
    &[Objective::Rto, Objective::Survivors, Objective::Availability],
);
/// What rests on how soon a pod is ready.
const STARTED: Touched = (&Scope::ALL, &[Objective::Rto, Objective::Availability]);
/// What rests on probes.
const PROBED: Touched = (&[Scope::Pod], &[Objective::Rto, Objective::Availability]);
/// What rests on backups.
const BACKED_UP: Touched = (&[Scope::Zone, Scope::Region, Scope::Data], &[Objective::Rpo]);
/// What rests on knowing where the data is.
const KEPT: Touched =
    (&[Scope::Zone, Scope::Region, Scope::Data], &[Objective::Rpo, Objective::Rto]);
/// What rests on the instances of a database.
const LED: Touched = (
    &[Scope::Pod, Scope::Node, Scope::Zone],
    &[Objective::Rpo, Objective::Rto, Objective::Availability],
);

/// What rests on how an autoscaler follows the users of a lost region.
const FOLLOWED: Touched = (&[Scope::Region], &[Objective::Rto, Objective::Availability]);
/// What rests on how users are shared among regions, and led away from a lost one.
const SHARED: Touched =
    (&[Scope::Region], &[Objective::Rto, Objective::Survivors, Objective::Availability]);
/// What rests on callers who reach the pods that are left.
const ANSWERED: Touched =
    (&[Scope::Pod, Scope::Node, Scope::Zone], &[Objective::Rto, Objective::Availability]);
/// What rests on copies in another region.
const COPIED: Touched = (&[Scope::Zone, Scope::Region], &[Objective::Rpo]);
/// What rests on the archive of a database.
const ARCHIVED: Touched = (&[Scope::Zone, Scope::Region, Scope::Data], &[Objective::Rpo]);
/// What rests on how far back a database is replayed.
const REPLAYED: Touched = (&[Scope::Zone, Scope::Data], &[Objective::Rto]);
/// What rests on that a commit is safe once it is acknowledged.
const WRITTEN: Touched = (&Scope::ALL, &[Objective::Rpo]);
/// Everything.
const EVERYTHING: Touched =
    (&Scope::ALL, &[Objective::Rpo, Objective::Rto, Objective::Survivors, Objective::Availability]);

/// Something that an object says worse than it was decided.
struct Departure {
    /// Where the object says it.
    path: Vec<String>,
    /// `` `spec.replicas` is 1, and the promise rests on 3 ``
    message: String,
    /// What rests on it.
    touched: Touched,
    /// Whether it is about pods or data that nothing was decided of: a warning.
    beside: bool,
    /// What says it instead.
    help: &'static str,
}

/// Holds the objects of a service against what was decided, and takes the claims back that rest on what
/// is otherwise.
pub(super) fn check(
    sink: &mut Sink,
    objects: &[Judged<'_>],
    promises: &mut [Promise],
    context: Context<'_>,
) -> Vec<Void> {
    let (mut found, mut voids) = (Vec::new(), Vec::new());
    for taken in context.judged.unwrap_or_default() {
        let here = || objects.iter().enumerate().filter(|(_, one)| one.0.id.region == taken.region);
        let promise = promises.iter_mut().find(|one| one.region == taken.region.as_str());
        let Some(promise) = promise else { continue };
        for (at, judged) in here() {
            for departure in departures(*judged, objects, taken, context) {
                let claims = promise.among(departure.touched.0, departure.touched.1);
                if claims.is_empty() {
                    continue;
                }
                found.extend(problem(&departure, *judged, &claims, context).map(|one| (at, one)));
                let by = by(&departure.path, *judged);
                voids.push(Void { region: taken.region.clone(), claims, by });
            }
        }
        for guest in context.guests.iter().filter(|guest| guest.region == taken.region) {
            let served = limits::serving(objects, taken);
            let others = context.others(&taken.region);
            let (kind, name) = (guest.kind.as_str(), &guest.name);
            let departure = limits::of(kind, &guest.value, &served, (taken, others));
            let first = here().find(|(_, one)| served.iter().any(|of| std::ptr::eq(*of, one.0)));
            let (Some(departure), Some((at, _))) = (departure, first) else { continue };
            let claims = promise.among(departure.touched.0, departure.touched.1);
            if claims.is_empty() {
                continue;
            }
            let whose = format!("{kind} `{name}` of {}", guest.whose);
            let message = format!("{whose} is in its namespace: {}", departure.message);
            found.push((at, unproven(message, &claims, departure.help)));
            voids.push(Void { region: taken.region.clone(), claims, by: whose });
        }
        voids.iter().for_each(|void| promise.void(void));
    }
    judge::report(sink, objects, found, context);
    voids
}

/// The finding; none where a finding about the patch says it already.
fn problem(
    departure: &Departure,
    judged: Judged<'_>,
    claims: &[(Scope, Objective)],
    context: Context<'_>,
) -> Option<Problem> {
    let users = is_users(judged, context);
    let code = match (users, departure.beside) {
        (false, _) => Code::JUDGE_DISAGREES,
        (true, true) => Code::CLAIMS_UNPROVEN,
        (true, false) => Code::OBJECT_UNPROVEN,
    };
    let by_patch = judge::is_patched(judged.0, context);
    let tells = departure.help == RESOURCES || proven::tells(&judged.0.id.kind, &departure.path);
    if by_patch && tells && !context.templates.is_touched(&judged.1.template) {
        return None;
    }
    let help = match users {
        true => departure.help.to_owned(),
        false => "this is a bug in Ninefold: report it, with the spec".to_owned(),
    };
    Some(Problem {
        path: departure.path.clone(),
        note: Some(format!("what rests on it, and is void with it: {}", words(claims))),
        help: Some(help),
        unless_accepted: code == Code::OBJECT_UNPROVEN,
        ..Problem::new(code, departure.message.clone())
    })
}

/// A finding about what somebody else than the service wrote.
fn unproven(message: String, claims: &[(Scope, Objective)], help: &str) -> Problem {
    Problem {
        note: Some(format!("what rests on it, and is void with it: {}", words(claims))),
        help: Some(help.to_owned()),
        ..Problem::new(Code::CLAIMS_UNPROVEN, message)
    }
}

/// `rto at the loss of a node or a zone; survivors at the loss of a zone`
fn words(claims: &[(Scope, Objective)]) -> String {
    let objectives: BTreeSet<Objective> = claims.iter().map(|(_, objective)| *objective).collect();
    let each = objectives.into_iter().map(|objective| {
        let of = claims.iter().filter(|(_, other)| *other == objective);
        let scopes: Vec<&str> = of.map(|(scope, _)| scope.key()).collect();
        format!("`{}` ({})", objective.key(), scopes.join(", "))
    });
    each.collect::<Vec<String>>().join("; ")
}

/// `` `spec.replicas` of Deployment `web` ``
fn by(path: &[String], (object, _): Judged<'_>) -> String {
    let (kind, name) = (&object.id.kind, &object.id.name);
    match path.is_empty() {
        true => format!("{kind} `{name}`"),
        false => format!("`{}` of {kind} `{name}`", crate::kube::schema::shown(path)),
    }
}

const RESOURCES: &str = "write what is beside the service as `[[sidecars]]`, and `[capacity]` for itself, and the room is proven";

fn departures(
    judged: Judged<'_>,
    objects: &[Judged<'_>],
    taken: &Taken,
    context: Context<'_>,
) -> Vec<Departure> {
    let (object, manifest) = judged;
    let value = &object.value;
    let users = is_users(judged, context);
    if let Values::Workload(planned) = &manifest.values {
        let facts = facts::of(value, object.id.kind == Kind::StatefulSet);
        let mut found = facts.map(|facts| workload::of(&facts, value, taken)).unwrap_or_default();
        if let Some(region) = context.regions.get(&object.id.region).filter(|_| users) {
            found.extend(pod::of(value, &planned.pod, (taken, region)));
            let mut emitted = emitted::Emitted { value, found: Vec::new() };
            pod::replaced(&mut emitted, planned, object.id.kind == Kind::StatefulSet);
            found.extend(emitted.found);
        }
        return found;
    }
    if let Values::Job(job) = &manifest.values {
        return if users { beside::of_job(&job.name, judged, taken) } else { Vec::new() };
    }
    if !matches!(manifest.values, Values::Extra(_) | Values::Own(_)) {
        let mut found = of_kind(judged, taken, context);
        if users {
            found.extend(others::of(value, &manifest.values, &object.file));
        }
        return found;
    }
    // What never runs takes no room.
    match room::problem(object, context) {
        Some(_) => Vec::new(),
        None => beside::of(judged, objects, (taken, context.others(&object.id.region))),
    }
}

/// Labels in one line: `key: value, …`; none where there are none.
fn pairs(labels: &Map) -> Option<String> {
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    (!pairs.is_empty()).then(|| pairs.join(", "))
}

fn path(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

fn departure(
    path: Vec<String>,
    message: String,
    touched: Touched,
    help: &'static str,
) -> Departure {
    Departure { path, message, touched, beside: false, help }
}

/// How much more is asked for than was decided; none where it is no more.
fn more(asks: Asks, (cpu, memory): (Cpu, Bytes)) -> Option<String> {
    let mut parts = Vec::new();
    if asks.cpu > cpu.as_millis() {
        parts.push(format!("{} of cpu beyond {cpu}", Cpu::millis(asks.cpu - cpu.as_millis())));
    }
    if asks.memory > memory.get() {
        let more = Bytes::new(asks.memory - memory.get());
        parts.push(format!("{more} of memory beyond {memory}"));
    }
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// What was decided of other objects that a claim rests on.
fn of_kind(judged: Judged<'_>, taken: &Taken, context: Context<'_>) -> Vec<Departure> {
    let (object, _) = judged;
    let value = &object.value;
    let kind = object.id.kind.name();
    let number = |steps: &[&str]| match value.at(steps) {
        Some(Value::Int(number)) => u64::try_from(*number).ok(),
        _ => None,
    };
    if let Some((_, field, _)) = Kind::autoscalers().find(|(name, ..)| *name == kind) {
        let least = number(&["spec", field]).unwrap_or(0);
        if least >= u64::from(taken.replicas) {
            return Vec::new();
        }
        let message = format!(
            "this {kind} may leave {least} replicas, and the promise rests on {}",
            taken.replicas
        );
        let help = "`[capacity] autoscale` has `min` and `max`";
        return vec![departure(path(&["spec", field]), message, RUNS, help)];
    }
    // A walk over a year, where nobody but Ninefold wrote the five fields, finds what made them.
    if kind == Kind::Schedule.name() && is_users(judged, context) {
        let Some(rests) = taken.backups.filter(|_| object.file == "schedule") else {
            return Vec::new();
        };
        let gap = facts::gap(value);
        if gap.is_some_and(|gap| gap <= rests) {
            return Vec::new();
        }
        let gap = gap.map_or("never".to_owned(), |gap| format!("every {gap}"));
        let message = format!("a backup is made {gap}, and the promise rests on every {rests}");
        let help = "`[backup] every` says how often";
        return vec![departure(path(&["spec", "schedule"]), message, BACKED_UP, help)];
    }
    if object.id.kind == Kind::PostgresqlCluster {
        let (runs, rests) = (number(&["spec", "instances"]).unwrap_or(1), taken.instances);
        let Some(rests) = rests.filter(|rests| runs < u64::from(*rests)) else { return Vec::new() };
        let message =
            format!("the database has {runs} instances, and the promise rests on {rests}");
        let help = "`[data.postgresql] instances` says it";
        return vec![departure(path(&["spec", "instances"]), message, LED, help)];
    }
    Vec::new()
}
