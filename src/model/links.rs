//! Who calls whom: `[[depends_on]]` of every service, resolved in both directions.

use super::outside;
use super::service::{Call, Caller, Service};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{Namespace, ServiceName};
use crate::spec::Unread;
use crate::spec::service::{Dependency, Port, Protocol};
use std::collections::BTreeMap;

/// Fills `calls` and `callers` of every service. `written` holds the dependencies of each. Of a
/// call to a service that could not be read, nothing is reported.
pub(super) fn resolve(
    sink: &mut Sink,
    services: &mut [Service],
    written: &[Vec<Dependency>],
    unread: &Unread,
) {
    let index: BTreeMap<ServiceName, usize> =
        services.iter().enumerate().map(|(at, service)| (service.name.clone(), at)).collect();
    for (at, dependencies) in written.iter().enumerate() {
        let mut calls = Vec::new();
        for (number, dependency) in dependencies.iter().enumerate() {
            let callee = dependency.service.as_ref();
            let environment = services[at].name.environment();
            let named = |name: &str| index.get(&ServiceName::of(name, environment));
            let doubtful = callee.is_some_and(|name| match named(name) {
                Some(callee) => services[*callee].doubts.any(&["ports", "regions"]),
                None => unread.nameless || unread.names.contains(name),
            });
            if doubtful {
                continue;
            }
            let link = Link { services, index: &index, at, number };
            let Some((call, callee)) = link.read(sink, dependency) else { continue };
            calls.push(call);
            if let Some((callee, ports)) = callee {
                let caller = &services[at];
                let caller = Caller {
                    name: caller.name.clone(),
                    namespace: caller.namespace.clone(),
                    ports,
                    regions: caller.regions.iter().map(|region| region.name.clone()).collect(),
                    jobs: !caller.jobs.is_empty(),
                };
                services[callee].callers.push(caller);
            }
        }
        services[at].calls = calls;
    }
    services.iter_mut().for_each(|service| service.callers.sort());
}

struct Link<'a> {
    services: &'a [Service],
    index: &'a BTreeMap<ServiceName, usize>,
    at: usize,
    number: usize,
}

type Callee = Option<(usize, Vec<String>)>;

impl Link<'_> {
    fn caller(&self) -> &Service {
        &self.services[self.at]
    }

    fn place(&self, rest: &[&str]) -> diag::Span {
        let number = self.number.to_string();
        let path: Vec<&str> =
            ["depends_on", &number].into_iter().chain(rest.iter().copied()).collect();
        self.caller().at(&path)
    }

    fn read(&self, sink: &mut Sink, dependency: &Dependency) -> Option<(Call, Callee)> {
        let written = outside::named(dependency);
        match (written.as_slice(), &dependency.service) {
            ([], _) => {
                sink.error(
                    Diagnostic::new(Code::MISSING_KEY, "a dependency names nothing")
                        .at(self.place(&[]), "")
                        .help(
                            "add `service = \"…\"`; or `host`, `cidr` or `namespace`, with `tcp = [443]`",
                        ),
                );
                None
            }
            ([_], Some(name)) => self.service(sink, name, dependency),
            ([_], None) => {
                let entry = outside::Entry {
                    services: self.services,
                    own: self.caller(),
                    list: "depends_on",
                    at: self.number,
                };
                Some((entry.call(sink, dependency)?, None))
            }
            ([_, other, ..], _) => {
                sink.error(
                    Diagnostic::new(
                        Code::WRONG_VALUE,
                        "a dependency is one of `service`, `namespace`, `host` and `cidr`",
                    )
                    .at(self.place(&[*other]), "and this is another")
                    .help("write two `[[depends_on]]`"),
                );
                None
            }
        }
    }

    fn service(
        &self,
        sink: &mut Sink,
        name: &str,
        dependency: &Dependency,
    ) -> Option<(Call, Callee)> {
        let environment = self.caller().name.environment();
        let Some(&callee) = self.index.get(&ServiceName::of(name, environment)) else {
            sink.error(self.unknown(name).at(self.place(&["service"]), ""));
            return None;
        };
        let numbers = ["tcp", "udp", "labels"].into_iter().filter(|key| match *key {
            "tcp" => !dependency.tcp.is_empty(),
            "udp" => !dependency.udp.is_empty(),
            _ => !dependency.labels.is_empty(),
        });
        for key in numbers {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` does not go with `service`"))
                    .at(self.place(&[key]), "")
                    .help("for a service, name its ports: `ports = [\"http\"]`"),
            );
        }
        let called = &self.services[callee];
        self.same_regions(sink, called);
        let ports = self.ports(sink, called, dependency);
        let names = ports.iter().map(|port| port.name.clone()).collect();
        let call = Call::Service {
            name: called.name.clone(),
            at: self.number,
            namespace: called.namespace.clone(),
            ports: ports.iter().map(|port| (port.port, port.protocol)).collect(),
        };
        Some((call, Some((callee, names))))
    }

    /// Says of a service that there is none of that name where the caller is.
    fn unknown(&self, name: &str) -> Diagnostic {
        let environment = self.caller().name.environment();
        let elsewhere = self.index.get(&ServiceName::of(name, None)).map(|at| &self.services[*at]);
        if let (Some(environment), Some(other)) = (environment, elsewhere) {
            return Diagnostic::new(
                Code::UNKNOWN_SERVICE,
                format!("there is no `{name}` in the environment `{environment}`"),
            )
            .related(other.at(&["name"]), "only of other environments")
            .note("what a service calls is in its own environment")
            .help(format!(
                "add `[environments.{environment}]` with `regions` to the spec of `{name}`; or write other `depends_on` in that of `{}`",
                self.caller().name.plain()
            ));
        }
        let here = self.index.keys().filter(|known| known.environment() == environment);
        let help = match diag::nearest(name, here.map(ServiceName::plain)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "for something that no spec describes, write `namespace` and `labels`, `host`, or `cidr` instead of `service`, with `tcp`".to_owned(),
        };
        let message = format!("no spec describes a service `{name}`");
        Diagnostic::new(Code::UNKNOWN_SERVICE, message).help(help)
    }

    fn same_regions(&self, sink: &mut Sink, called: &Service) {
        let missing: Vec<&str> = (self.caller().regions.iter())
            .filter(|region| !called.regions.iter().any(|there| there.name == region.name))
            .map(|region| region.name.as_str())
            .collect();
        if !missing.is_empty() {
            sink.error(
                Diagnostic::new(
                    Code::DEPENDENCY_NOT_HERE,
                    format!("`{}` does not run in {}", called.name, diag::list(missing.iter().copied())),
                )
                .at(self.place(&["service"]), "is called from there")
                .related(called.at(&["regions"]), "runs here only")
                .note("a service that runs in another region only is lost with that region, and far away")
                .help(format!("add {} to the regions of `{}`", diag::list(missing), called.name)),
            );
        }
    }

    fn ports<'a>(
        &self,
        sink: &mut Sink,
        called: &'a Service,
        dependency: &Dependency,
    ) -> Vec<&'a Port> {
        if called.ports.is_empty() {
            sink.error(
                Diagnostic::new(
                    Code::PORT_UNKNOWN,
                    format!("`{}` has no port to call", called.name),
                )
                .at(self.place(&["service"]), "")
                .related(called.origin(&["ports"]), "listens on nothing")
                .help("remove the dependency, or give the service that is called a port"),
            );
        }
        if dependency.ports.is_empty() {
            return called.ports.iter().collect();
        }
        let mut ports = Vec::new();
        for (number, name) in dependency.ports.iter().enumerate() {
            match called.ports.iter().find(|port| port.name == *name) {
                Some(port) => ports.push(port),
                None => {
                    let known = called.ports.iter().map(|port| port.name.as_str());
                    sink.error(
                        Diagnostic::new(
                            Code::PORT_UNKNOWN,
                            format!("`{}` has no port `{name}`", called.name),
                        )
                        .at(self.place(&["ports", &number.to_string()]), "")
                        .help(diag::did_you_mean(name, known)),
                    );
                }
            }
        }
        ports
    }
}

/// The protocol's name in a manifest.
impl Protocol {
    /// `TCP` or `UDP`.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        }
    }
}

/// Notes of every service whether it has its namespace for itself, in its environment.
pub(super) fn mark_shared(services: &mut [Service]) {
    let of = |service: &Service| {
        let environment = service.name.environment().map(str::to_owned);
        (environment, service.namespace.clone())
    };
    let mut users: BTreeMap<(Option<String>, Namespace), usize> = BTreeMap::new();
    for service in services.iter() {
        *users.entry(of(service)).or_default() += 1;
    }
    for service in services.iter_mut() {
        service.alone = users[&of(service)] == 1;
    }
}
