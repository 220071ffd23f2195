//! What an autoscaler aims at, and how fast it follows.

use super::scaling::scales;
use super::{Number, Reason, ServiceInRegion};
use crate::model::{Autoscale, Metric, Pace, Trigger};
use crate::quantity::Duration;

/// The share of the requested CPU, in percent, that an autoscaler aims at unless the spec says.
const TARGET_CPU: u32 = 70;

/// How long a period is unless the spec says: what Kubernetes has in its own policies, in seconds.
const PERIOD: u64 = 15;

/// Something that adds replicas.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim<'a> {
    /// The share of a resource that is requested, in percent.
    Share(&'static str, u32),
    /// A metric, and its place in the spec.
    Metric(&'a Metric, usize),
    /// What KEDA looks at, and its place in the spec.
    Trigger(&'a Trigger, usize),
}

/// Everything that an autoscaler aims at here. Of CPU alone, where the spec says nothing.
pub(crate) fn aims<'a>(here: &ServiceInRegion<'a>) -> Vec<Aim<'a>> {
    let Some(autoscale) = &here.service.autoscale else { return Vec::new() };
    let otherwise =
        autoscale.memory.is_none() && autoscale.metrics.is_empty() && autoscale.triggers.is_empty();
    let cpu = autoscale.cpu.or(otherwise.then_some(TARGET_CPU));
    let cpu = cpu.map(|share| Aim::Share("cpu", share));
    let memory = autoscale.memory.map(|share| Aim::Share("memory", share));
    let metrics = autoscale.metrics.iter().enumerate();
    let metrics = metrics.map(|(index, metric)| Aim::Metric(metric, index));
    let triggers = autoscale.triggers.iter().enumerate();
    let triggers = triggers.map(|(index, trigger)| Aim::Trigger(trigger, index));
    cpu.into_iter().chain(memory).chain(metrics).chain(triggers).collect()
}

/// Whether KEDA scales it here.
pub(crate) fn by_keda(here: &ServiceInRegion<'_>) -> bool {
    let triggers = here.service.autoscale.as_ref().map(|autoscale| autoscale.triggers.len());
    scales(here) && triggers.is_some_and(|triggers| triggers > 0)
}

/// The share of a requested resource, in percent.
pub(crate) fn share<'a>(
    here: &'a ServiceInRegion<'_>,
    resource: &'static str,
    share: u32,
) -> Number<u32, impl FnOnce() -> Reason + use<'a>> {
    Number::new(share, move || {
        let shown = if resource == "cpu" { "CPU" } else { resource };
        let words = format!(
            "percent of the requested {shown} that it aims at: replicas are added above it"
        );
        Reason::new(words).or_built_in(here.in_spec(&["capacity", "autoscale", resource]))
    })
}

/// The amount of a metric at which replicas are added.
pub(crate) fn target<'a>(
    here: &'a ServiceInRegion<'_>,
    metric: &'a Metric,
    index: usize,
) -> Number<String, impl FnOnce() -> Reason + use<'a>> {
    Number::new(metric.target.to_string(), move || {
        let words = match is_total(metric) {
            true => "replicas are added where there is more of it, of all replicas together",
            false => "replicas are added where there is more of it for each of them",
        };
        let index = index.to_string();
        Reason::new(words).from(here.in_spec(&[
            "capacity",
            "autoscale",
            "metrics",
            &index,
            "target",
        ]))
    })
}

/// Whether a target is of all replicas together.
pub(crate) fn is_total(metric: &Metric) -> bool {
    metric.total.unwrap_or(metric.object.is_some())
}

/// Up, when replicas are added, or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

impl Direction {
    fn key(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }

    /// How fast, as far as the spec says.
    pub(crate) fn pace(self, autoscale: &Autoscale) -> Option<&Pace> {
        let behavior = autoscale.behavior.as_ref()?;
        match self {
            Direction::Up => behavior.up.as_ref(),
            Direction::Down => behavior.down.as_ref(),
        }
    }
}

/// A number of the pace of an autoscaler: `stabilize` and `period` in seconds, `percent`, `pods`.
pub(crate) fn pace<'a>(
    here: &'a ServiceInRegion<'_>,
    direction: Direction,
    key: &'static str,
) -> Option<Number<u64, impl FnOnce() -> Reason + use<'a>>> {
    let pace = direction.pace(here.service.autoscale.as_ref()?)?;
    let (value, words) = match (key, direction) {
        ("stabilize", Direction::Up) => (
            pace.stabilize?.as_seconds(),
            "for how long the load must have been so, in seconds, before replicas are added",
        ),
        ("stabilize", Direction::Down) => (
            pace.stabilize?.as_seconds(),
            "for how long the load must have been so, in seconds, before replicas are taken away",
        ),
        ("percent", _) => {
            (u64::from(pace.percent?), "the most in one period, in percent of what runs")
        }
        ("pods", _) => (u64::from(pace.pods?), "the most in one period"),
        (_, _) => {
            let period = pace.period.map_or(PERIOD, |period| period.as_seconds());
            (period, "the period, in seconds")
        }
    };
    Some(Number::new(value, move || {
        let path = ["capacity", "autoscale", "behavior", direction.key(), key];
        Reason::new(words).or_built_in(here.in_spec(&path))
    }))
}

/// How an autoscaler follows a load that came at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Climb {
    /// How often it adds replicas.
    pub(crate) rounds: u64,
    /// What it waits each time beside its look at the metrics, as its pace says.
    pub(crate) waits: Duration,
}

/// What it takes until `needed` replicas are there of those that `running` have the load of. None where
/// nothing adds them, or where the load stays within a tenth of what is aimed at: an autoscaler does
/// nothing then (`--horizontal-pod-autoscaler-tolerance`).
pub(crate) fn climb(here: &ServiceInRegion<'_>, running: u32, needed: u32) -> Option<Climb> {
    let autoscale = here.service.autoscale.as_ref().filter(|_| scales(here))?;
    let sees = sees(here);
    if sees.is_some_and(|percent| percent <= 110) {
        return None;
    }
    let up = Direction::Up.pace(autoscale);
    let bounds = up.map_or((None, None), |pace| (pace.percent, pace.pods));
    let (mut count, mut rounds) = (u64::from(running.max(1)), 0);
    while count < u64::from(needed) {
        let grown = |percent: u64| (count * percent).div_ceil(100);
        let most = match bounds {
            (None, None) => grown(200),
            (percent, pods) => {
                let percent = percent.map_or(0, |percent| grown(100 + u64::from(percent)));
                percent.max(pods.map_or(0, |pods| count + u64::from(pods)))
            }
        };
        count = sees.map_or(most, |percent| most.min(grown(percent)));
        rounds += 1;
    }
    let looks_back = up.and_then(|pace| pace.stabilize).unwrap_or_default();
    let bounded = up.filter(|_| bounds != (None, None));
    let period = bounded.map_or(PERIOD, |pace| pace.period.map_or(PERIOD, |it| it.as_seconds()));
    // What was added in the period before counts, too: it may be a whole one until more is.
    let waits = looks_back + Duration::seconds(period.saturating_sub(PERIOD));
    Some(Climb { rounds: rounds.max(1), waits })
}

/// The most that the autoscaler can see of the load, in percent of what it aims at: a process uses no more
/// than its limit. None where nothing bounds it: of several aims, the one that asks for most counts.
fn sees(here: &ServiceInRegion<'_>) -> Option<u64> {
    let service = here.service;
    let of = |aim: &Aim<'_>| match aim {
        Aim::Share("cpu", share) => {
            let limit = super::resources::cpu_limit(here)?.value.as_millis();
            Some(percent(limit, service.cpu.as_millis(), *share))
        }
        Aim::Share(_, share) => {
            let limit = super::resources::memory_limit(here).value.get();
            Some(percent(limit, service.memory.get(), *share))
        }
        Aim::Metric(..) | Aim::Trigger(..) => None,
    };
    let all: Vec<Option<u64>> = aims(here).iter().map(of).collect();
    all.into_iter().collect::<Option<Vec<u64>>>()?.into_iter().max()
}

/// A limit, in percent of the share of a request that is aimed at.
fn percent(limit: u64, request: u64, share: u32) -> u64 {
    let aim = u128::from(request) * u128::from(share);
    let percent = u128::from(limit) * 10_000 / aim.max(1);
    u64::try_from(percent).unwrap_or(u64::MAX)
}
