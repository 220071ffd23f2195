//! What an autoscaler aims at, and how fast it follows: what Kubernetes and KEDA take.

use super::names::named;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::id;
use crate::kube::read::quantity::Quantity;
use crate::model::{Metric, Model, Pace, Scalar, Service, Trigger};
use crate::quantity::Duration;

/// The longest time that an autoscaler may look back, and the longest period (kubernetes
/// `pkg/apis/autoscaling/validation`).
const MAX_WINDOW: Duration = Duration::minutes(60);
const MAX_PERIOD: Duration = Duration::minutes(30);

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let Some(autoscale) = &service.autoscale else { return };
    for (index, one) in autoscale.metrics.iter().enumerate() {
        metric(sink, service, one, &index.to_string());
    }
    for (index, one) in autoscale.triggers.iter().enumerate() {
        trigger(sink, service, one, &index.to_string());
    }
    let place = |key: &str| service.document.key(&["capacity", "autoscale", key]);
    if !autoscale.triggers.is_empty() && !autoscale.metrics.is_empty() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "an autoscaler of KEDA takes no `metrics`")
                .at(place("metrics"), "for a HorizontalPodAutoscaler")
                .related(place("triggers"), "for KEDA, which makes that itself")
                .help("write each metric as a trigger, such as `{ type = \"prometheus\", metadata = { … } }`"),
        );
    }
    let without = service.regions.iter().filter(|region| !region.keda);
    let without: Vec<&str> = without.map(|region| region.name.as_str()).collect();
    if !autoscale.triggers.is_empty() && !without.is_empty() {
        let regions = diag::list(without);
        sink.error(
            Diagnostic::new(
                Code::NO_KEDA,
                format!("nothing looks at the triggers of `{}` in {regions}", service.name),
            )
            .at(place("triggers"), "these need KEDA")
            .help("add `keda = true` to the region in fleet.toml, where KEDA runs; or scale by `cpu`, `memory` or `metrics`"),
        );
    }
    let behavior = autoscale.behavior.iter();
    for behavior in behavior {
        for (key, pace) in [("up", &behavior.up), ("down", &behavior.down)] {
            pace.iter().for_each(|one| self::pace(sink, service, one, key));
        }
    }
}

fn metric(sink: &mut Sink, service: &Service, metric: &Metric, index: &str) {
    let place = |key: &str| service.at(&["capacity", "autoscale", "metrics", index, key]);
    let whole = service.at(&["capacity", "autoscale", "metrics", index]);
    let names =
        [("external", &metric.external), ("pods", &metric.pods), ("object", &metric.object)];
    let named: Vec<&str> =
        names.iter().filter(|(_, name)| name.is_some()).map(|(key, _)| *key).collect();
    match named.as_slice() {
        [_] => {}
        [] => {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "a metric has no name")
                    .at(whole, "")
                    .help("add `external = \"…\"`, `pods = \"…\"` or `object = \"…\"`"),
            );
        }
        [_, other, ..] => {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    "a metric is one of `external`, `pods` and `object`",
                )
                .at(place(other), "and this is another")
                .help("write two metrics"),
            );
        }
    }
    let positive = |text: &str| Quantity::parse(text).is_some_and(|amount| amount > Quantity::ZERO);
    let target = metric.target.to_string();
    if matches!(metric.target, Scalar::Bool(_)) || !positive(&target) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{target}` is not a target"))
                .at(place("target"), "an amount above zero")
                .help("write it like `\"30\"`, `\"1500m\"` or `\"2k\"`"),
        );
    }
    if metric.total == Some(true) && metric.pods.is_some() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "a metric of pods is counted for each of them")
                .at(place("total"), "")
                .help("remove it, and write what one pod may have as `target`"),
        );
    }
    if metric.of.is_some() && metric.object.is_none() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "`of` goes with `object`")
                .at(place("of"), "")
                .help("remove it, or name the metric in `object`"),
        );
    }
    if metric.object.is_some() && metric.of.is_none() && service.ports.is_empty() {
        sink.error(
            Diagnostic::new(Code::MISSING_KEY, "`of` is missing")
                .at(place("object"), "of which object?")
                .related(service.origin(&["ports"]), "no port, and so no Kubernetes Service")
                .help("add `of = { api_version = \"…\", kind = \"…\", name = \"…\" }`"),
        );
    }
    for (key, value) in &metric.labels {
        let problem = id::label_key_problem(key).or_else(|| id::label_value_problem(value));
        if let Some(problem) = problem {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{key}: {value}` is not a label"))
                    .at(
                        service.at(&["capacity", "autoscale", "metrics", index, "labels", key]),
                        problem,
                    )
                    .help("write the labels of the metric, as its adapter has them"),
            );
        }
    }
}

fn trigger(sink: &mut Sink, service: &Service, trigger: &Trigger, index: &str) {
    let place = |key: &str| service.at(&["capacity", "autoscale", "triggers", index, key]);
    let own = ["cpu", "memory"].iter().find(|own| **own == trigger.scaler);
    if let Some(own) = own {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{own}` is not a trigger here"))
                .at(place("type"), "")
                .help(format!(
                    "write it beside `triggers`: `{own} = 70`, in percent of what is requested"
                )),
        );
    } else if trigger.scaler.is_empty() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "a trigger has no type")
                .at(place("type"), "")
                .help("write the scaler of KEDA: `\"kafka\"`, `\"prometheus\"`"),
        );
    }
    let name = trigger.authentication.as_deref();
    if let Some(name) = name {
        let at = || place("authentication");
        let help = "write its name in the namespace of the service";
        named(sink, id::subdomain_problem, ("a TriggerAuthentication", name), at, help);
    }
}

fn pace(sink: &mut Sink, service: &Service, pace: &Pace, direction: &str) {
    let path = ["capacity", "autoscale", "behavior", direction];
    let place = |key: &str| service.at(&[&path[..], &[key]].concat());
    let mut refuse = |key: &str, what: String, label: String, help: &str| {
        sink.error(Diagnostic::new(Code::WRONG_VALUE, what).at(place(key), label).help(help));
    };
    if let Some(longer) = pace.stabilize.filter(|window| *window > MAX_WINDOW) {
        let what = format!("an autoscaler cannot look back for {longer}");
        refuse(
            "stabilize",
            what,
            format!("{MAX_WINDOW} is the most"),
            "write `stabilize = \"1h\"` or less",
        );
    }
    let second = Duration::seconds(1);
    if let Some(wrong) = pace.period.filter(|period| *period > MAX_PERIOD || *period < second) {
        let what = format!("{wrong} is not a period of an autoscaler");
        refuse("period", what, format!("from 1s to {MAX_PERIOD}"), "write `period = \"1m\"`");
    }
    let bounded = pace.percent.is_some() || pace.pods.is_some();
    if pace.period.is_some() && !bounded {
        let what = "a period without a number of replicas says nothing".to_owned();
        refuse(
            "period",
            what,
            "how many in that time?".to_owned(),
            "add `pods = 4`, or `percent = 100`",
        );
    }
    if pace.off && direction == "up" {
        let what = "an autoscaler that adds nothing is none".to_owned();
        refuse("off", what, String::new(), "remove it, or leave `autoscale` out");
    } else if pace.off && bounded {
        let what = "an autoscaler that takes nothing away needs no pace".to_owned();
        refuse("off", what, String::new(), "remove it, or `pods` and `percent`");
    }
}
