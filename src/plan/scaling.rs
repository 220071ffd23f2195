//! What adds replicas under load: a HorizontalPodAutoscaler, or a ScaledObject where KEDA looks at
//! what the load is.

use super::Planned;
use super::values::{Autoscaler, Described, Map, Metric, Pace, Policy, Trigger, Values};
use crate::decide::load::{self, Aim, Direction};
use crate::decide::{ServiceInRegion, scaling};
use crate::kube::Kind;
use crate::model;

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
            source: "Resource",
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

fn source(metric: &model::Metric) -> Option<(&'static str, &String)> {
    let sources =
        [("External", &metric.external), ("Pods", &metric.pods), ("Object", &metric.object)];
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
