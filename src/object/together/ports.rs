//! Ports that an object names, and that nothing there has.

use super::{Found, Place, Pods, path, selector, text};
use crate::diag::{Code, did_you_mean};
use crate::object::Problem;
use crate::yaml::Value;
use std::collections::BTreeSet;

impl Place<'_> {
    /// Ports that are named, and that no pod or Service there has.
    pub(super) fn ports(&self, found: &mut Vec<Found>) {
        for (at, judged) in self.of_kind("Service").chain(self.of_kind("PodMonitor")) {
            let Some((_, selector)) = selector(judged) else { continue };
            let pods = self.selected(&selector);
            if pods.is_empty() {
                continue;
            }
            let (list, key) = match judged.0.id.kind.name() {
                "Service" => ("ports", "targetPort"),
                _ => ("podMetricsEndpoints", "port"),
            };
            let items = judged.0.value.at(&["spec", list]).map(Value::items).unwrap_or_default();
            for (index, item) in items.iter().enumerate() {
                let name = text(item, key);
                let number = name.bytes().all(|byte| byte.is_ascii_digit());
                if number || pods.iter().any(|pods| pods.has_port(name)) {
                    continue;
                }
                let kind = judged.0.id.kind.name();
                let message = format!(
                    "no pod that {kind} `{}` selects has a port `{name}`",
                    judged.0.id.name
                );
                let problem = Problem::new(Code::PORT_UNKNOWN, message);
                let help = Some(self.known_ports(&pods, name));
                let path = path(&["spec", list, &index.to_string(), key]);
                found.push((at, Problem { path, help, ..problem }));
            }
        }
        for (at, (object, _)) in self.of_kind("Ingress") {
            self.led_to(at, &mut vec!["spec".to_owned()], object.value.get("spec"), found);
        }
        for (at, (object, _)) in self.of_kind("HTTPRoute").chain(self.of_kind("GRPCRoute")) {
            let rules = object.value.at(&["spec", "rules"]).map(Value::items).unwrap_or_default();
            for (rule, entry) in rules.iter().enumerate() {
                let backends = entry.get("backendRefs").map(Value::items).unwrap_or_default();
                for (index, backend) in backends.iter().enumerate() {
                    let to_service = ["", "Service"].contains(&text(backend, "kind"));
                    if !to_service || !text(backend, "namespace").is_empty() {
                        continue;
                    }
                    let place = path(&[
                        "spec",
                        "rules",
                        &rule.to_string(),
                        "backendRefs",
                        &index.to_string(),
                    ]);
                    self.led_to_port(at, text(backend, "name"), backend.get("port"), place, found);
                }
            }
        }
    }

    fn known_ports(&self, pods: &[&Pods<'_>], wrong: &str) -> String {
        let names: BTreeSet<&str> = (pods.iter())
            .flat_map(|pods| pods.containers())
            .flat_map(|(_, _, container)| {
                container.get("ports").map(Value::items).unwrap_or_default()
            })
            .map(|port| text(port, "name"))
            .filter(|name| !name.is_empty())
            .collect();
        match names.is_empty() {
            true => "name the port in the container, or write its number".to_owned(),
            false => did_you_mean(wrong, names.iter().copied()),
        }
    }

    /// Every backend below a value of an Ingress.
    fn led_to(
        &self,
        at: usize,
        steps: &mut Vec<String>,
        value: Option<&Value>,
        found: &mut Vec<Found>,
    ) {
        let Some(value) = value else { return };
        if let Some(service) = value.get("service").filter(|service| service.get("port").is_some())
        {
            let port = service.at(&["port", "number"]).or(service.at(&["port", "name"]));
            let place = steps.iter().cloned().chain(["service".to_owned()]).collect();
            self.led_to_port(at, text(service, "name"), port, place, found);
            return;
        }
        for (key, field) in value.entries() {
            steps.push(key.clone());
            self.led_to(at, steps, Some(field), found);
            steps.pop();
        }
        for (index, item) in value.items().iter().enumerate() {
            steps.push(index.to_string());
            self.led_to(at, steps, Some(item), found);
            steps.pop();
        }
    }

    /// A port of a Service that is among the objects.
    fn led_to_port(
        &self,
        at: usize,
        name: &str,
        port: Option<&Value>,
        mut place: Vec<String>,
        found: &mut Vec<Found>,
    ) {
        let mut services = self.of_kind("Service").map(|(_, (service, _))| service);
        let Some(service) = services.find(|service| service.id.name.as_str() == name) else {
            return;
        };
        let ports = service.value.at(&["spec", "ports"]).map(Value::items).unwrap_or_default();
        let (key, shown) = match port {
            Some(Value::Int(number)) => ("port", number.to_string()),
            Some(Value::String(name)) => ("name", name.clone()),
            _ => return,
        };
        if ports.is_empty() || ports.iter().any(|known| known.get(key) == port) {
            return;
        }
        let message = format!("Service `{name}` has no port `{shown}`");
        let known: Vec<String> = (ports.iter())
            .filter_map(|port| port.get(key))
            .map(|known| {
                known
                    .as_str()
                    .map_or_else(|| serde_json::Value::from(known).to_string(), str::to_owned)
            })
            .collect();
        let help = did_you_mean(&shown, known.iter().map(String::as_str));
        place.push("port".to_owned());
        let problem = Problem::new(Code::PORT_UNKNOWN, message);
        found.push((at, Problem { path: place, help: Some(help), ..problem }));
    }
}
