//! Selectors that find nothing among the objects of their namespace.

use super::{Found, Place, path, selector, text};
use crate::diag::{Code, did_you_mean};
use crate::kube::read::selector::{Labels, Selector};
use crate::object::judge::{self, Judged};
use crate::object::{Context, Problem};
use crate::yaml::Value;
use std::collections::BTreeSet;

/// The domains of labels that operators give to pods of their own.
const OF_OPERATORS: &[&str] = &["cnpg.io/", "app.kubernetes.io/managed-by", "volsync.backube/"];

impl Place<'_> {
    /// Selectors that find nothing.
    pub(super) fn selectors(&self, context: Context<'_>, found: &mut Vec<Found>) {
        if self.blind {
            return;
        }
        for (at, judged) in &self.objects {
            if !judge::is_users(*judged, context) {
                continue;
            }
            let kind = judged.0.id.kind.name();
            if kind == "ServiceMonitor" {
                found.extend(self.monitors_nothing(judged).map(|problem| (*at, problem)));
            }
            let Some((place, selector)) = selector(*judged) else { continue };
            let operator = |key: &str| OF_OPERATORS.iter().any(|own| key.starts_with(own));
            if selector.keys().any(operator) || !self.selected(&selector).is_empty() {
                continue;
            }
            let message = format!("{kind} `{}` selects no pod", judged.0.id.name);
            let note = match kind {
                "Service" => "whoever calls it finds nobody",
                "PodDisruptionBudget" => "it keeps no pod from being evicted",
                "NetworkPolicy" => "it opens and closes nothing",
                _ => "nothing is read",
            };
            let problem = Problem::new(Code::SELECTS_NO_POD, message);
            found.push((
                *at,
                Problem {
                    path: path(place),
                    note: Some(note.to_owned()),
                    help: Some(self.labels()),
                    ..problem
                },
            ));
        }
    }

    /// The labels that pods have here.
    fn labels(&self) -> String {
        let labels: BTreeSet<String> = (self.pods.iter())
            .flat_map(|pods| &pods.labels)
            .map(|(key, value)| format!("`{key}: {value}`"))
            .collect();
        match labels.is_empty() {
            true => "no pod of this namespace has a label".to_owned(),
            false => format!(
                "pods of this namespace have {}",
                labels.into_iter().collect::<Vec<String>>().join(", ")
            ),
        }
    }

    /// A `ServiceMonitor` that finds no Service, or not the port of one.
    fn monitors_nothing(&self, (object, _): &Judged<'_>) -> Option<Problem> {
        if object.value.at(&["spec", "namespaceSelector"]).is_some() {
            return None;
        }
        let selector = Selector::read(object.value.at(&["spec", "selector"])?).ok()?;
        selector.keys().next()?;
        let labels = |service: &Value| -> Labels {
            let entries =
                service.at(&["metadata", "labels"]).map(Value::entries).unwrap_or_default();
            let entry =
                |(key, value): &(String, Value)| Some((key.clone(), value.as_str()?.to_owned()));
            entries.iter().filter_map(entry).collect()
        };
        let services: Vec<&Value> =
            self.of_kind("Service").map(|(_, (service, _))| &service.value).collect();
        let selected: Vec<&&Value> =
            services.iter().filter(|service| selector.selects(&labels(service))).collect();
        if selected.is_empty() {
            let message = format!("ServiceMonitor `{}` selects no Service", object.id.name);
            let problem = Problem::new(Code::SELECTS_NO_POD, message).at(["spec", "selector"]);
            let note = Some("nothing is read".to_owned());
            return Some(Problem { note, ..problem });
        }
        let endpoints =
            object.value.at(&["spec", "endpoints"]).map(Value::items).unwrap_or_default();
        let names: BTreeSet<&str> = (selected.iter())
            .flat_map(|service| {
                service.at(&["spec", "ports"]).map(Value::items).unwrap_or_default()
            })
            .map(|port| text(port, "name"))
            .collect();
        let wrong = |endpoint: &&Value| {
            !text(endpoint, "port").is_empty() && !names.contains(text(endpoint, "port"))
        };
        let at = endpoints.iter().position(|endpoint| wrong(&endpoint))?;
        let name = text(&endpoints[at], "port");
        let message = format!(
            "no Service that ServiceMonitor `{}` selects has a port `{name}`",
            object.id.name
        );
        let problem = Problem::new(Code::PORT_UNKNOWN, message);
        let help = did_you_mean(name, names.iter().copied());
        let path = path(&["spec", "endpoints", &at.to_string(), "port"]);
        Some(Problem { path, help: Some(help), ..problem })
    }
}
