//! The pods that a policy is about, and their ports.

use super::openings::Peer;
use crate::decide::{Number, Reason, ServiceInRegion};
use crate::kube::{Namespace, labels};
use crate::model::Port;
use std::collections::BTreeMap;

/// The label by which CloudNativePG tells the instances of a database.
const DATABASE: &str = "cnpg.io/cluster";

/// The labels that select the pods of every generation of the service `name`.
pub(crate) fn pods_of_service(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(labels::SERVICE.to_owned(), name.to_owned())])
}

/// The labels that select the pods of the jobs of the service `name`. Its Service and its disruption
/// budget select none of them.
pub(crate) fn pods_of_jobs(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(labels::JOB_OF.to_owned(), name.to_owned())])
}

/// The pods of a service, and those of its jobs where it has some.
pub(super) fn pods_of(name: &str, jobs: bool, namespace: Option<&Namespace>) -> Vec<Peer> {
    let jobs = jobs.then(|| pods_of_jobs(name));
    let pods = std::iter::once(pods_of_service(name)).chain(jobs);
    pods.map(|pods| Peer::pods(namespace.map(ToString::to_string), pods)).collect()
}

/// The labels that select the instances of a database.
pub(crate) fn pods_of_database(cluster: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(DATABASE.to_owned(), cluster.to_owned())])
}

/// The port of a Service for a port of the container.
pub(crate) fn service_port<'a>(
    here: &'a ServiceInRegion<'_>,
    port: &'a Port,
) -> Number<u16, impl FnOnce() -> Reason> {
    Number::new(port.service.unwrap_or(port.port), move || {
        let index = index_of(here, port);
        let own = here.in_spec(&["ports", &index, "service"]);
        let words = match own {
            Some(_) => "the port that callers use; it is led to that of the container",
            None => "the same as the port of the container",
        };
        Reason::new(words).or_built_in(own.or_else(|| here.in_spec(&["ports", &index, "port"])))
    })
}

/// A port of the container.
pub(crate) fn container_port<'a>(
    here: &'a ServiceInRegion<'_>,
    port: &'a Port,
) -> Number<u16, impl FnOnce() -> Reason> {
    Number::new(port.port, move || {
        let written = here.in_spec(&["ports", &index_of(here, port), "port"]);
        let words = match written {
            Some(_) => "what it listens on",
            None => "what a service listens on unless its spec has `[[ports]]`",
        };
        Reason::new(words).or_built_in(written)
    })
}

fn index_of(here: &ServiceInRegion<'_>, port: &Port) -> String {
    let index = here.service.ports.iter().position(|written| written.name == port.name);
    index.unwrap_or_default().to_string()
}
