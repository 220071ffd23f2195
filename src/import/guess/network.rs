//! `[[depends_on]]` and `[[called_by]]`: what network policies say, and what addresses tell.

use super::calls::{Callee, callees};
use super::listen::{self, Listened};
use super::policies::{End, Reach, closes, openings};
use super::{Context, Guessing};
use crate::import::group::Fate;
use crate::import::made;
use crate::import::object;
use crate::import::toml::{Table, inline, texts};
use std::collections::{BTreeMap, BTreeSet};

/// Who calls services, as others than these say it.
#[derive(Debug, Default)]
pub(in crate::import) struct Network {
    /// For a service, those whose policies let it in, and on which ports.
    let_in: BTreeMap<usize, Vec<(usize, Reach)>>,
    /// For a service, the objects of manifests whose pods call it, and on which ports.
    callers: BTreeMap<usize, Vec<(usize, BTreeSet<u16>)>>,
    /// Namespaces of what lets users in.
    pub(in crate::import) gateways: BTreeSet<String>,
}

impl Network {
    /// What policies, and addresses in manifests, tell.
    pub(in crate::import) fn of(context: Context<'_>) -> Network {
        let mut network = Network { gateways: made::gateways(context), ..Network::default() };
        for other in 0..context.groups.groups.len() {
            for opening in openings(context, other).into_iter().filter(|opening| !opening.out) {
                let ends: BTreeSet<&End> = opening.ends.iter().collect();
                for end in ends {
                    let End::Service(at) = end else { continue };
                    if *at != other {
                        let ports = opening.ports.clone();
                        network.let_in.entry(*at).or_default().push((other, ports));
                    }
                }
            }
        }
        for (index, object) in context.objects.iter().enumerate() {
            let stays = matches!(context.groups.fates[index], Fate::Manifest(_));
            if !stays || object::pod(object).is_none() {
                continue;
            }
            let namespace = context.options.namespace_of(object);
            for (callee, ports) in callees(context, object, &namespace) {
                if let Callee::Service(at) = callee {
                    network.callers.entry(at).or_default().push((index, ports));
                }
            }
        }
        network
    }
}

/// Pods of a namespace, by their labels.
type Pods = (String, BTreeMap<String, String>);

/// Whom a service calls: of a service the names of ports, and none for all of them.
#[derive(Debug, Default)]
struct Calls {
    services: BTreeMap<usize, BTreeSet<String>>,
    pods: BTreeMap<Pods, Reach>,
    ranges: BTreeMap<String, Reach>,
    hosts: BTreeMap<String, Reach>,
    outside: Option<Reach>,
}

impl Calls {
    /// Whom a service calls.
    fn of(guessing: &Guessing<'_>) -> Calls {
        let (context, at) = (guessing.context, guessing.at);
        let mut calls = Calls::default();
        if !closes(context, at, "Egress") {
            calls.found(context, guessing);
        }
        for opening in openings(context, at).into_iter().filter(|opening| opening.out) {
            for end in opening.ends {
                let ports = opening.ports.clone();
                match end {
                    End::Service(one) => calls.service(context, one, &ports),
                    End::Pods(namespace, labels) => {
                        calls.pods.entry((namespace, labels)).or_default().extend(ports);
                    }
                    End::Range(range) => calls.ranges.entry(range).or_default().extend(ports),
                    End::Outside => calls.outside.get_or_insert_default().extend(ports),
                    End::Usual => {}
                }
            }
        }
        if context.of_tree(at).is_none() {
            // Who is let in by another's policy calls it.
            for (other, ports) in context.network.let_in.get(&at).into_iter().flatten() {
                calls.service(context, *other, ports);
            }
        }
        calls
    }

    fn service(&mut self, context: Context<'_>, at: usize, ports: &Reach) {
        let names = ports.names(&listen::ports(context, at));
        self.services.entry(at).or_default().extend(names);
    }

    /// Adds what addresses tell.
    fn found(&mut self, context: Context<'_>, guessing: &Guessing<'_>) {
        let found = callees(context, guessing.workload, &guessing.group.namespace);
        for (callee, ports) in found {
            let reach = Reach { tcp: ports.clone(), udp: BTreeSet::new() };
            match callee {
                Callee::Service(at) => {
                    let theirs = listen::ports(context, at);
                    let named =
                        |port: &&Listened| ports.contains(&port.service.unwrap_or(port.number));
                    let mut names: BTreeSet<String> =
                        theirs.iter().filter(named).map(|port| port.name.clone()).collect();
                    if names.is_empty() {
                        names = theirs.into_iter().map(|port| port.name).collect();
                    }
                    self.services.entry(at).or_default().extend(names);
                }
                Callee::Pods(namespace, labels) => {
                    self.pods.entry((namespace, labels)).or_default().extend(reach);
                }
                Callee::Namespace(namespace) if !ports.is_empty() => {
                    self.pods.entry((namespace, BTreeMap::new())).or_default().extend(reach);
                }
                Callee::Host(host) if !ports.is_empty() => {
                    self.hosts.entry(host).or_default().extend(reach);
                }
                Callee::Namespace(_) | Callee::Host(_) => {}
            }
        }
    }
}

fn numbers(table: &mut Table, ports: &Reach) {
    for (key, ports) in [("tcp", &ports.tcp), ("udp", &ports.udp)] {
        if !ports.is_empty() {
            let ports = ports.iter().map(|port| i64::from(*port).into());
            table.set(key, toml::Value::Array(ports.collect()));
        }
    }
}

fn pods(table: &mut Table, (namespace, labels): &Pods) {
    table.set("namespace", namespace.as_str());
    if !labels.is_empty() {
        let labels = labels.iter().map(|(key, value)| (key.as_str(), value.as_str().into()));
        table.set("labels", inline(labels));
    }
}

impl Guessing<'_> {
    /// `[[depends_on]]` and `[[called_by]]`.
    pub(super) fn calls(&mut self, listened: &[Listened]) {
        let calls = Calls::of(self);
        let mut tables = Vec::new();
        for (at, names) in calls.services.into_iter().filter(|(at, _)| *at != self.at) {
            let theirs = listen::ports(self.context, at);
            if theirs.is_empty() {
                continue;
            }
            let mut table = Table::default();
            table.set("service", self.context.groups.groups[at].name.as_str());
            if !names.is_empty() && names.len() < theirs.len() {
                table.set("ports", texts(names));
            }
            tables.push(table);
        }
        for (whom, ports) in &calls.pods {
            let mut table = Table::default();
            pods(&mut table, whom);
            numbers(&mut table, ports);
            tables.push(table);
        }
        for (key, all) in [("host", calls.hosts), ("cidr", calls.ranges)] {
            for (name, ports) in all {
                let mut table = Table::default();
                table.set(key, name);
                numbers(&mut table, &ports);
                tables.push(table);
            }
        }
        if let Some(ports) = calls.outside {
            let mut table = Table::default();
            table.set_with_comment("host", UNKNOWN, "a network policy cannot say which");
            numbers(&mut table, &ports);
            tables.push(table);
        }
        let closed = closes(self.context, self.at, "Egress");
        let comment = "Found in its variables, arguments and files. All else is closed to it: add what it calls beside.";
        let mut comment = if closed { Vec::new() } else { vec![comment.to_owned()] };
        for table in tables {
            self.document.item_with_comment("depends_on", table, &std::mem::take(&mut comment));
        }
        self.callers(listened);
    }

    /// Pods that no spec describes, and that call it: those of policies and of manifests, and Prometheus.
    fn callers(&mut self, listened: &[Listened]) {
        let mut found: Vec<(Pods, BTreeSet<String>)> = Vec::new();
        let mut add = |pods: Pods, names: BTreeSet<String>| match found
            .iter_mut()
            .find(|(known, _)| *known == pods)
        {
            Some((_, known)) => known.extend(names),
            None => found.push((pods, names)),
        };
        let (context, at) = (self.context, self.at);
        let usual = made::openings(context, at);
        for opening in openings(context, at).into_iter().filter(|opening| !opening.out) {
            for end in opening.ends {
                let End::Pods(namespace, labels) = end else { continue };
                if !(labels.is_empty() && usual.contains(&namespace)) {
                    add((namespace, labels), opening.ports.names(listened));
                }
            }
        }
        let callers = context.network.callers.get(&at).into_iter().flatten();
        for (index, ports) in callers.filter(|_| !closes(context, at, "Ingress")) {
            let object = &context.objects[*index];
            let names =
                listened.iter().filter(|port| ports.contains(&port.service.unwrap_or(port.number)));
            add(
                (context.options.namespace_of(object), object::pod_labels(object)),
                names.map(|port| port.name.clone()).collect(),
            );
        }
        if let Some((namespace, names)) =
            self.scraped(listened).filter(|_| !closes(context, at, "Ingress"))
        {
            add((namespace, BTreeMap::new()), names);
        }
        for (whom, names) in found {
            if names.is_empty() {
                continue;
            }
            let mut table = Table::default();
            pods(&mut table, &whom);
            table.set("ports", texts(&names));
            self.document.item("called_by", table);
        }
    }

    /// Prometheus, where annotations of the pods say what it reads.
    fn scraped(&self, listened: &[Listened]) -> Option<(String, BTreeSet<String>)> {
        let mut path = object::pod_path(self.workload)?;
        path.pop();
        path.extend(["metadata", "annotations"]);
        let marks = self.workload.at(&path).map(object::labels).unwrap_or_default();
        if marks.get("prometheus.io/scrape").map(String::as_str) != Some("true") {
            return None;
        }
        let number = marks.get("prometheus.io/port").and_then(|port| port.parse::<u16>().ok());
        let named =
            listened.iter().filter(|port| number.is_none_or(|number| port.number == number));
        let names: BTreeSet<String> = named.map(|port| port.name.clone()).collect();
        Some(("monitoring".to_owned(), names))
    }
}

/// A host that nobody names.
const UNKNOWN: &str = "outside.example";
