//! What adds replicas under load: a HorizontalPodAutoscaler, or a ScaledObject where KEDA looks at
//! what the load is.

use super::Planned;
use super::values::{Map, Meta, Values};
use crate::decide::load::{self, Aim, Direction};
use crate::decide::{ServiceInRegion, scaling};
use crate::kube::Kind;
use crate::model;
use serde::Serialize;

/// A HorizontalPodAutoscaler, or a ScaledObject of KEDA.
#[derive(Clone, Debug, Serialize)]
pub struct Autoscaler {
    /// Its metadata.
    pub meta: Meta,
    /// The Deployment, by its logical name.
    pub target: String,
    /// The fewest replicas.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// What it aims at, for a HorizontalPodAutoscaler.
    pub metrics: Vec<Metric>,
    /// What it looks at, for KEDA.
    pub triggers: Vec<Trigger>,
    /// How fast it adds replicas; none as Kubernetes does.
    pub up: Option<Pace>,
    /// How fast it takes some away; none as Kubernetes does.
    pub down: Option<Pace>,
}

/// A metric.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// Where it comes from.
    pub source: Source,
    /// Its name.
    pub name: String,
    /// The labels by which it is found.
    pub labels: Map,
    /// The object that it is of.
    pub of: Option<Described>,
    /// The share of a resource, in percent.
    pub share: Option<u32>,
    /// The amount for each replica.
    pub each: Option<String>,
    /// The amount for all of them.
    pub total: Option<String>,
    /// Its place among the metrics of the spec.
    #[serde(skip)]
    pub(crate) index: usize,
}

/// Where a metric comes from, as Kubernetes calls it.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Source {
    /// What the pods use.
    Resource,
    /// Something outside of the cluster.
    External,
    /// Each pod.
    Pods,
    /// Another object.
    Object,
}

/// An object.
#[derive(Clone, Debug, Serialize)]
pub struct Described {
    /// Its group and version.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// What KEDA looks at.
#[derive(Clone, Debug, Serialize)]
pub struct Trigger {
    /// The scaler.
    pub scaler: String,
    /// `Utilization` for a share; none as the scaler does.
    pub metric_type: Option<&'static str>,
    /// The settings of the scaler.
    pub metadata: Map,
    /// A TriggerAuthentication.
    pub authentication: Option<String>,
    /// Its place among the triggers of the spec; none for a share.
    #[serde(skip)]
    pub(crate) index: Option<usize>,
}

/// How fast an autoscaler follows.
#[derive(Clone, Debug, Serialize)]
pub struct Pace {
    /// Whether the spec says for how long the load must have been so.
    pub looks_back: bool,
    /// How long, in seconds.
    pub stabilize: Option<u64>,
    /// How many in a period.
    pub policies: Vec<Policy>,
    /// Whether it never does.
    pub off: bool,
}

/// How many replicas in a period.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    /// `Percent` or `Pods`.
    pub sort: &'static str,
    /// How many.
    pub value: u64,
    /// The period, in seconds.
    pub period: u64,
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let Some(max) = scaling::max(here).filter(|_| scaling::scales(here)) else { return };
    let keda = load::by_keda(here);
    let aims = load::aims(here);
    let values = Autoscaler {
        meta: here.meta(""),
        target: here.service.logical(""),
        min: scaling::min(here).value,
        max: max.value,
        metrics: match keda {
            true => Vec::new(),
            false => aims.iter().filter_map(|aim| metric(here, aim)).collect(),
        },
        triggers: match keda {
            true => aims.iter().filter_map(|aim| trigger(here, aim)).collect(),
            false => Vec::new(),
        },
        up: pace(here, Direction::Up),
        down: pace(here, Direction::Down),
    };
    let kind = if keda { Kind::ScaledObject } else { Kind::HorizontalPodAutoscaler };
    let values = Values::Autoscaler(Box::new(values));
    objects.push(here.object(kind, "", "capacity.autoscale", values));
}

fn metric(here: &ServiceInRegion<'_>, aim: &Aim<'_>) -> Option<Metric> {
    match aim {
        Aim::Share(resource, share) => Some(Metric {
            source: Source::Resource,
            name: (*resource).to_owned(),
            labels: Map::new(),
            of: None,
            share: Some(load::share(here, resource, *share).value),
            each: None,
            total: None,
            index: 0,
        }),
        Aim::Metric(metric, index) => {
            let target = load::target(here, metric, *index).value;
            let (source, name) = source(metric)?;
            let total = load::is_total(metric);
            Some(Metric {
                source,
                name: name.clone(),
                labels: metric.labels.clone(),
                of: metric.object.is_some().then(|| described(here, metric)),
                share: None,
                each: (!total).then(|| target.clone()),
                total: total.then_some(target),
                index: *index,
            })
        }
        Aim::Trigger(..) => None,
    }
}

fn source(metric: &model::Metric) -> Option<(Source, &String)> {
    let sources = [
        (Source::External, &metric.external),
        (Source::Pods, &metric.pods),
        (Source::Object, &metric.object),
    ];
    sources.into_iter().find_map(|(source, name)| Some((source, name.as_ref()?)))
}

fn described(here: &ServiceInRegion<'_>, metric: &model::Metric) -> Described {
    match &metric.of {
        Some(of) => Described {
            api_version: of.api_version.clone(),
            kind: of.kind.clone(),
            name: of.name.clone(),
        },
        None => Described {
            api_version: "v1".to_owned(),
            kind: Kind::Service.name().to_owned(),
            name: here.service.logical(""),
        },
    }
}

fn trigger(here: &ServiceInRegion<'_>, aim: &Aim<'_>) -> Option<Trigger> {
    match aim {
        Aim::Share(resource, share) => {
            let share = load::share(here, resource, *share).value.to_string();
            Some(Trigger {
                scaler: (*resource).to_owned(),
                metric_type: Some("Utilization"),
                metadata: Map::from([("value".to_owned(), share)]),
                authentication: None,
                index: None,
            })
        }
        Aim::Trigger(trigger, index) => Some(Trigger {
            scaler: trigger.scaler.clone(),
            metric_type: None,
            metadata: (trigger.metadata.iter())
                .map(|(key, value)| (key.clone(), value.to_string()))
                .collect(),
            authentication: trigger.authentication.clone(),
            index: Some(*index),
        }),
        Aim::Metric(..) => None,
    }
}

fn pace(here: &ServiceInRegion<'_>, direction: Direction) -> Option<Pace> {
    let written = direction.pace(here.service.autoscale.as_ref()?)?;
    let number = |key| load::pace(here, direction, key).map(|number| number.value);
    let policy = |sort, key| Some(Policy { sort, value: number(key)?, period: number("period")? });
    Some(Pace {
        looks_back: written.stabilize.is_some(),
        stabilize: number("stabilize"),
        policies: [("Percent", "percent"), ("Pods", "pods")]
            .into_iter()
            .filter_map(|(sort, key)| policy(sort, key))
            .collect(),
        off: written.off,
    })
}
