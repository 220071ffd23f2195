//! What an autoscaler aims at, and how fast it follows.

use super::scaling::scales;
use super::{Number, Reason, ServiceInRegion};
use crate::model::{Autoscale, Metric, Pace, Trigger};

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
