//! The terms that the losses share: what nobody enforces is measured or assumed, the rest has a source.

use super::super::super::{ServiceInRegion, cadence, lifecycle};
use super::super::{Source, Term, Unless};
use super::{Instead, step};
use crate::kube::version::Version;
use crate::model::Region;
use crate::model::{Measured, Step};
use crate::quantity::{Bytes, Duration};

/// Until monitoring tells a person.
const MONITORING: Duration = Duration::minutes(5);

/// Until a person has decided: people, at night, with a phone.
const DECISION: Duration = Duration::minutes(30);

/// Until an image is pulled.
const PULL: Duration = Duration::minutes(1);

/// What one data mover copies in a second (velero `performance-guidance.md` has twice to three
/// times as much, "for reference only").
pub(crate) const THROUGHPUT: Bytes = Bytes::mebibytes(50);

/// A time that nobody enforces: what a drill measured for this service in this region, the latest
/// of what fits best, or a cautious guess.
pub(crate) fn guessed(
    here: &ServiceInRegion<'_>,
    region: &Region,
    what: Step,
    time: Duration,
) -> Term {
    if let Some(found) = measured(here, region, what) {
        let took = found.1.took;
        return of_drill(here, found, took);
    }
    planned(what, time)
}

/// A cautious guess, as nobody measured it.
pub(crate) fn planned(what: Step, time: Duration) -> Term {
    let source = Source::Assumed { unless: Unless::Measured(what) };
    Term::seconds(name_of(what), time, source)
}

/// What was measured of a service in a region, and its place in the fleet: the latest of what fits
/// best.
fn measured<'a>(
    here: &ServiceInRegion<'a>,
    region: &Region,
    what: Step,
) -> Option<(usize, &'a Measured)> {
    let fits = |(_, measured): &(usize, &Measured)| {
        let is = |written: &Option<String>, name: &str| {
            written.as_deref().is_none_or(|written| written == name)
        };
        measured.what == what
            && is(&measured.service, here.service.name.address())
            && is(&measured.region, region.name.as_str())
    };
    let best = |(index, measured): &(usize, &Measured)| {
        (measured.service.is_some(), measured.region.is_some(), measured.on, *index)
    };
    here.fleet.measured.iter().enumerate().filter(fits).max_by_key(best)
}

/// The term of a measurement, which counts as `time`.
fn of_drill(
    here: &ServiceInRegion<'_>,
    (index, measured): (usize, &Measured),
    time: Duration,
) -> Term {
    let span = here.fleet.document.at(&["measured", &index.to_string(), "took"]);
    let source = Source::Measured { on: measured.on, words: measured.source.clone(), span };
    Term::seconds(name_of(measured.what), time, source)
}

fn name_of(what: Step) -> &'static str {
    match what {
        Step::Detection => step::DETECT,
        Step::Decision => step::DECIDE,
        Step::Objects => step::OBJECTS,
        Step::Restore => step::RESTORE,
        Step::Base => step::BASE,
        Step::Replay => step::REPLAY,
        Step::Promotion => step::PROMOTE,
        Step::Pull => step::PULL,
        Step::Switch => step::SWITCH,
    }
}

pub(crate) fn kubernetes(name: &'static str, time: Duration, reference: &'static str) -> Term {
    Term::seconds(name, time, Source::Kubernetes { reference })
}

pub(crate) fn monitoring(here: &ServiceInRegion<'_>, region: &Region) -> Term {
    let term = guessed(here, region, Step::Detection, MONITORING);
    term.because("until monitoring tells a person")
}

pub(crate) fn decision(here: &ServiceInRegion<'_>, region: &Region) -> Term {
    guessed(here, region, Step::Decision, DECISION).because("until a person has decided")
}

pub(crate) fn pull(here: &ServiceInRegion<'_>, region: &Region) -> Term {
    guessed(here, region, Step::Pull, PULL)
}

/// The startup probe gives a pod this long, and ends it then. What comes before in the pod adds to it.
pub(crate) fn start(here: &ServiceInRegion<'_>) -> Term {
    let service = here.service;
    let source = match service.probes.start_within {
        Some(_) => Source::Spec {
            key: "probes.start_within".into(),
            span: service.at(&["probes", "start_within"]),
        },
        None => Source::Decided { field: "pod.containers.startupProbe" },
    };
    let before = lifecycle::before_start(service);
    let term = Term::seconds(step::START, lifecycle::start(service), source);
    match before > Duration::default() {
        true => term.because(format!(
            "{before} for what starts before it in its pod (`init`, `sidecars`) + {}",
            lifecycle::start_within(service)
        )),
        false => term,
    }
}

/// Since 1.32 the grace period is 50 s; a node is looked at every 5 s.
pub(crate) fn node_seen(region: &Region) -> Term {
    let (grace, formula) = match region.kubernetes >= (Version { minor: 32 }) {
        true => (50, "50s + 5s"),
        false => (40, "40s + 5s"),
    };
    let reference =
        "node-monitor-grace-period, and node-monitor-period of 5s (pkg/controller/nodelifecycle)";
    kubernetes(step::DETECT, Duration::seconds(grace + 5), reference).because(formula)
}

/// The nodes of a zone are tainted one by one, also when all of them are lost while another zone
/// lives (`docs/facts.md`, "Time until the peak is served").
pub(crate) fn tainted(region: &Region) -> Term {
    let nodes = region.zones.iter().map(|zone| u64::from(zone.nodes)).max().unwrap_or(1);
    let reference = "node-eviction-rate of 0.1 a second in a zone (pkg/controller/nodelifecycle)";
    kubernetes(step::TAINT, Duration::seconds(10) * nodes.saturating_sub(1), reference)
        .because(format!("10s for each but the first of {nodes} nodes"))
}

/// What one data mover of a region copies in a second.
pub(crate) fn throughput(region: &Region) -> Bytes {
    region.backups.throughput.unwrap_or(THROUGHPUT)
}

/// How long a restore into this region may take: what takes longer than the promise has failed.
pub(crate) fn restore_deadline(here: &ServiceInRegion<'_>) -> Duration {
    let takes = restore(here, here.region, Instead::default()).total();
    here.service.rto.max(Duration::seconds(takes))
}

/// As many volumes at a time as there are nodes that copy.
pub(crate) fn restore(here: &ServiceInRegion<'_>, region: &Region, instead: Instead) -> Term {
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
    if let Some(measured) = moved(here, region, Step::Restore, (bytes, time, declared.is_some())) {
        return measured;
    }
    let path = ["regions", region.name.as_str(), "backup", "throughput"];
    let source = match declared {
        Some(_) => {
            Source::Fleet { key: path.join(".").into(), span: here.fleet.document.at(&path) }
        }
        None => Source::Assumed {
            unless: Unless::Said(format!("{} is declared", path.join(".")).into()),
        },
    };
    Term::seconds(step::RESTORE, time, source).because(formula)
}

/// A time that a drill measured for moving data, scaled to as many `bytes` as there may be. It is
/// never less than what was measured, nor than `time`, which is what the throughput allows, where that
/// is declared or nobody wrote down how much was moved. None where the throughput says it alone.
pub(crate) fn moved(
    here: &ServiceInRegion<'_>,
    region: &Region,
    what: Step,
    (bytes, time, declared): (Bytes, Duration, bool),
) -> Option<Term> {
    let (index, measured) = measured(here, region, what)?;
    let scaled = measured.bytes.filter(|moved| moved.get() > 0).map(|moved| {
        let share = u128::from(bytes.max(moved).get());
        let seconds = (u128::from(measured.took.as_seconds()) * share).div_ceil(moved.get().into());
        (moved, Duration::seconds(u64::try_from(seconds).unwrap_or(u64::MAX)))
    });
    let took = scaled.map_or(measured.took, |(_, scaled)| scaled);
    if took < time && (declared || scaled.is_none()) {
        return None;
    }
    let formula = scaled.map_or(String::new(), |(moved, _)| {
        format!("{} for {moved}, scaled to {bytes}", measured.took)
    });
    Some(of_drill(here, (index, measured), took).because(formula))
}
