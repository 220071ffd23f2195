//! What a service listens on, and how one sees that it works.

use super::{Context, Guessing};
use crate::import::made;
use crate::import::object;
use crate::import::toml::{Table, inline, texts};
use crate::kube::id;
use crate::quantity::Duration;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// The container of the service, among those that listen.
pub(in crate::import) const MAIN: &str = "";

/// A port of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Listened {
    /// The name of the container; [`MAIN`] for that of the service.
    pub(in crate::import) container: String,
    /// Its number.
    pub(in crate::import) number: u16,
    /// `TCP`, `UDP`
    pub(in crate::import) protocol: String,
    /// What the spec calls it.
    pub(in crate::import) name: String,
    /// The port of the Kubernetes Service that leads to it.
    pub(in crate::import) service: Option<u16>,
}

/// Which of the containers is that of the service: the one that its Kubernetes Service leads to, the
/// one of its name, or the first.
pub(in crate::import) fn main_container(context: Context<'_>, at: usize) -> usize {
    let group = &context.groups.groups[at];
    let workload = &context.objects[group.workload];
    let containers =
        object::pod(workload).map(|pod| object::items(pod, "containers")).unwrap_or_default();
    let target = group.service.and_then(|service| {
        let port = context.objects[service].items(&["spec", "ports"]).first()?;
        port.get("targetPort").or_else(|| port.get("port"))
    });
    let listens = |container: &Value| {
        object::items(container, "ports").iter().any(|port| {
            target.is_some() && (port.get("containerPort") == target || port.get("name") == target)
        })
    };
    let called =
        |container: &Value| object::text(container, &["name"]) == Some(workload.name.as_str());
    let found = containers.iter().position(listens).or_else(|| containers.iter().position(called));
    found.unwrap_or(0)
}

/// Every port that the containers of a group open, under the names that its spec gives them.
pub(in crate::import) fn ports(context: Context<'_>, at: usize) -> Vec<Listened> {
    let group = &context.groups.groups[at];
    let workload = &context.objects[group.workload];
    let Some(pod) = object::pod(workload) else { return Vec::new() };
    let main = main_container(context, at);
    let served = group.service.map(|at| context.objects[at].items(&["spec", "ports"]));
    let served = served.unwrap_or_default();
    let mut found: Vec<Listened> = Vec::new();
    let stays = |one: &&Value| object::text(one, &["restartPolicy"]) == Some("Always");
    let first = object::items(pod, "initContainers").iter().filter(stays);
    for (index, container) in object::items(pod, "containers").iter().chain(first).enumerate() {
        let name = object::text(container, &["name"]).unwrap_or_default();
        let container_name = if index == main { MAIN } else { name };
        let mut wanted: Vec<(Option<&Value>, Option<&str>, &str)> = Vec::new();
        for port in object::items(container, "ports") {
            let protocol = object::text(port, &["protocol"]).unwrap_or("TCP");
            wanted.push((port.get("containerPort"), object::text(port, &["name"]), protocol));
        }
        // What nobody declares is still asked and led to.
        let probes =
            ["startupProbe", "readinessProbe", "livenessProbe"].into_iter().flat_map(|probe| {
                ["httpGet", "tcpSocket", "grpc"].into_iter().map(move |form| (probe, form))
            });
        wanted.extend(
            probes.map(|(probe, form)| (container.at(&[probe, form, "port"]), None, "TCP")),
        );
        if index == main {
            let targets = served.iter().map(|port| {
                let protocol = object::text(port, &["protocol"]).unwrap_or("TCP");
                (port.get("targetPort").or_else(|| port.get("port")), None, protocol)
            });
            wanted.extend(targets);
        }
        for (number, name, protocol) in wanted {
            let Some(number) = object::number(number).and_then(|number| u16::try_from(number).ok())
            else {
                continue;
            };
            if found.iter().any(|port| port.number == number && port.protocol == protocol) {
                continue;
            }
            let to = served.iter().find(|port| {
                let target = port.get("targetPort").or_else(|| port.get("port"));
                let same = object::text(port, &["protocol"]).unwrap_or("TCP") == protocol;
                let by_name =
                    target.and_then(Value::as_str).is_some_and(|target| Some(target) == name);
                same && (object::number(target) == Some(i64::from(number)) || by_name)
            });
            let of_service = to.and_then(|port| object::text(port, &["name"]));
            let called = name.or(of_service).filter(|name| is_name(name)).map(str::to_owned);
            let taken: BTreeSet<&str> = found.iter().map(|port| port.name.as_str()).collect();
            let called = called.filter(|name| !taken.contains(name.as_str()));
            let service = to.and_then(|port| u16::try_from(object::number(port.get("port"))?).ok());
            let web = [80, 8080].contains(&number) || service == Some(80);
            let called = called.unwrap_or_else(|| match web && !taken.contains("http") {
                true => "http".to_owned(),
                false => format!("port-{number}"),
            });
            let (container, protocol) = (container_name.to_owned(), protocol.to_owned());
            found.push(Listened { container, number, protocol, name: called, service });
        }
    }
    // The port that its Kubernetes Service leads to first is the one that probes ask.
    found.sort_by_key(|port| (port.container != MAIN, port.service.is_none()));
    found
}

/// Whether Kubernetes takes it for the name of a port: an IANA service name.
fn is_name(name: &str) -> bool {
    let letter = name.bytes().any(|byte| byte.is_ascii_lowercase());
    id::label_problem(name).is_none() && name.len() <= 15 && letter && !name.contains("--")
}

impl Guessing<'_> {
    pub(super) fn listen(&mut self, listened: &[Listened]) {
        let mine: Vec<&Listened> = listened.iter().filter(|port| port.container == MAIN).collect();
        for port in &mine {
            let table = self.port(port);
            self.document.item("ports", table);
        }
        let probes = self.probes(self.main, &mine);
        let table = self.document.table(&["probes"]);
        for (key, value) in probes {
            table.set(key, value);
        }
    }

    /// What a spec has for the probes of a container. Those of a tree are what a spec asked for.
    pub(super) fn probes(
        &self,
        container: &Value,
        ports: &[&Listened],
    ) -> Vec<(&'static str, toml::Value)> {
        let mut found = probes(container, ports);
        if self.context.of_tree(self.at).is_some() {
            found.retain(|(key, _)| !["start_within", "every"].contains(key));
            let start = start_of(container).filter(|start| *start != START);
            let every = ["livenessProbe", "readinessProbe"]
                .map(|probe| object::number(container.at(&[probe, "periodSeconds"])));
            let usual = every == USUAL.map(Some);
            let every = every[0].or(every[1]).and_then(|every| u64::try_from(every).ok());
            for (key, seconds) in [("start_within", start), ("every", every.filter(|_| !usual))] {
                let time = seconds.map(|seconds| Duration::seconds(seconds).compact());
                found.extend(time.map(|time| (key, time.into())));
            }
        }
        found
    }

    /// A port as `[[ports]]` has it.
    pub(super) fn port(&self, port: &Listened) -> Table {
        let mut table = Table::default();
        table.set("name", port.name.as_str()).set("port", i64::from(port.number));
        if let Some(service) = port.service.filter(|service| *service != port.number) {
            table.set("service", i64::from(service));
        }
        if port.protocol != "TCP" {
            table.set("protocol", port.protocol.as_str());
        }
        let open = match self.context.of_tree(self.at) {
            Some(_) => made::to_gateway(self.context, self.at).contains(&port.number),
            None => self.group.routed && port.service.is_some() && port.protocol == "TCP",
        };
        if open {
            table.set("gateway", true);
        }
        match made::scraped(self.context, self.at).get(&port.name).map(String::as_str) {
            Some("/metrics") => drop(table.set("scrape", true)),
            Some(path) => drop(table.set("scrape", path)),
            None => {}
        }
        table
    }
}

/// The longest start of a container that a spec says nothing of, in seconds.
const START: u64 = 120;

/// The time between two checks whether it lives, and whether it is ready, where a spec says neither.
const USUAL: [i64; 2] = [10, 5];

/// How long a container may take to start, in seconds, as its startup probe has it.
pub(super) fn start_of(container: &Value) -> Option<u64> {
    let number = |key| u64::try_from(object::number(container.at(&["startupProbe", key]))?).ok();
    Some(number("periodSeconds")? * number("failureThreshold")?)
}

/// How often what hangs may fail in a row until it is restarted.
const FAILURES: u64 = 3;

/// What a spec has for `[probes]`: of the times, those that would be shorter than today's.
fn probes(container: &Value, ports: &[&Listened]) -> Vec<(&'static str, toml::Value)> {
    let mut found = Vec::new();
    let probe = |name: &str| container.get(name);
    let keys = [("ready", "readinessProbe"), ("live", "livenessProbe"), ("start", "startupProbe")];
    for (key, name) in keys {
        let same = key == "start"
            && probe(name).and_then(|start| check(start, ports))
                == probe("livenessProbe").and_then(|live| check(live, ports));
        if let Some(check) = probe(name).and_then(|probe| check(probe, ports)).filter(|_| !same) {
            found.push((key, check));
        }
    }
    let seconds = |probe: &Value, key: &str, or: u64| {
        object::number(probe.get(key)).and_then(|number| u64::try_from(number).ok()).unwrap_or(or)
    };
    let takes =
        |probe: &Value| seconds(probe, "periodSeconds", 10) * seconds(probe, "failureThreshold", 3);
    let starts = [
        probe("startupProbe").map(|start| seconds(start, "initialDelaySeconds", 0) + takes(start)),
        probe("livenessProbe").map(|live| seconds(live, "initialDelaySeconds", 0) + takes(live)),
        probe("readinessProbe").map(|ready| seconds(ready, "initialDelaySeconds", 0)),
    ];
    let longest = starts.into_iter().flatten().max().unwrap_or(0);
    if longest > 120 {
        found.push(("start_within", Duration::seconds(longest).compact().into()));
    }
    let every = probe("livenessProbe")
        .map(|live| takes(live).div_ceil(FAILURES))
        .filter(|every| *every > 10);
    if let Some(every) = every {
        found.push(("every", Duration::seconds(every).compact().into()));
    }
    let timeouts =
        keys.iter().filter_map(|(_, name)| Some(seconds(probe(name)?, "timeoutSeconds", 1)));
    if let Some(timeout) = timeouts.max().filter(|timeout| *timeout > 2) {
        found.push(("timeout", Duration::seconds(timeout).compact().into()));
    }
    found
}

/// One probe as a spec says it; none where it says what is asked anyway.
fn check(probe: &Value, ports: &[&Listened]) -> Option<toml::Value> {
    let first = ports.iter().find(|port| port.protocol == "TCP");
    let port = |form: &Value| {
        let wanted = form.get("port")?;
        ports.iter().find(|port| {
            object::number(Some(wanted)) == Some(i64::from(port.number))
                || wanted.as_str() == Some(&port.name)
        })
    };
    if let Some(exec) = probe.get("exec") {
        return Some(texts(object::words(exec, "command")));
    }
    if let Some(grpc) = probe.get("grpc") {
        let mut entries = vec![("grpc", port(grpc)?.name.as_str().into())];
        let service = object::text(grpc, &["service"]).filter(|service| !service.is_empty());
        entries.extend(service.map(|service| ("service", service.into())));
        return Some(inline(entries));
    }
    if let Some(tcp) = probe.get("tcpSocket") {
        let port = port(tcp)?;
        return Some(inline([("tcp", port.name.as_str().into())]));
    }
    let http = probe.get("httpGet")?;
    let asked = port(http);
    let path = object::text(http, &["path"]).unwrap_or("/");
    let headers: toml::Table = object::items(http, "httpHeaders")
        .iter()
        .filter_map(|header| {
            let text = |key: &str| object::text(header, &[key]).map(str::to_owned);
            Some((text("name")?, text("value").unwrap_or_default().into()))
        })
        .collect();
    let scheme = object::text(http, &["scheme"]).filter(|scheme| *scheme != "HTTP");
    let mut entries: Vec<(&str, toml::Value)> = vec![("http", path.into())];
    if !headers.is_empty() {
        entries.push(("headers", toml::Value::Table(headers)));
    }
    if let Some(asked) = asked.filter(|asked| first != Some(asked)) {
        entries.push(("port", asked.name.as_str().into()));
    }
    entries.extend(scheme.map(|scheme| ("scheme", scheme.into())));
    match entries.as_slice() {
        [_] => Some(path.into()),
        _ => Some(inline(entries)),
    }
}
