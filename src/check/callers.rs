//! Who may call a service: pods that no spec describes, and Prometheus.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Model, OutsideEntry, Protocol, Service, Towards};

/// Pods that no spec describes, and the ports that they may connect to.
pub(super) fn admitted(sink: &mut Sink, model: &Model, service: &Service) {
    for (at, admitted) in service.admits.iter().enumerate() {
        let entry =
            OutsideEntry { services: model.services(), own: service, list: "called_by", at };
        entry.pods(sink, &admitted.namespace, &admitted.labels, Towards::Us);
        if service.ports.is_empty() {
            sink.error(
                Diagnostic::new(
                    Code::PORT_UNKNOWN,
                    format!("`{}` has no port to call", service.name),
                )
                .at(entry.place(&["namespace"]), "")
                .related(service.origin(&["ports"]), "listens on nothing")
                .help("remove it, or give the service a port"),
            );
        }
        for (index, name) in admitted.ports.iter().enumerate() {
            if service.ports.iter().any(|port| port.name == *name) || service.ports.is_empty() {
                continue;
            }
            let known = service.ports.iter().map(|port| port.name.as_str());
            sink.error(
                Diagnostic::new(
                    Code::PORT_UNKNOWN,
                    format!("`{}` has no port `{name}`", service.name),
                )
                .at(entry.place(&["ports", &index.to_string()]), "")
                .help(diag::did_you_mean(name, known)),
            );
        }
    }
}

/// Metrics that are read: over TCP, from a path, and by a Prometheus that is there.
pub(super) fn scraped(sink: &mut Sink, _: &Model, service: &Service) {
    for (index, port) in service.ports.iter().enumerate() {
        let Some(path) = port.metrics() else { continue };
        let index = index.to_string();
        let place = |key: &str| service.at(&["ports", &index, key]);
        if port.protocol == Protocol::Udp {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("Prometheus cannot read from port `{}`", port.name),
                )
                .at(place("scrape"), "metrics are read over TCP")
                .related(place("protocol"), "this port is UDP")
                .help("write `scrape` at a TCP port"),
            );
        }
        if !path.starts_with('/') {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{path}` is not a path of metrics"))
                    .at(place("scrape"), "a path begins with `/`")
                    .help("write `scrape = true` for `/metrics`, or a path such as `\"/stats/prometheus\"`"),
            );
        }
        let without = service.regions.iter().filter(|region| region.prometheus.is_none());
        let without: Vec<&str> = without.map(|region| region.name.as_str()).collect();
        if !without.is_empty() {
            let regions = diag::list(without);
            sink.report(
                Diagnostic::new(
                    Code::NOTHING_SCRAPES,
                    format!("nothing reads metrics from port `{}` in {regions}", port.name),
                )
                .at(place("scrape"), "asked for here")
                .note("no `prometheus` is declared there: no PodMonitor is made, and no way is opened")
                .help("add `prometheus = {}` to the region in fleet.toml, where it has the operator; for a Prometheus without one, `[[called_by]]` with its namespace"),
            );
        }
    }
}
