//! How users get to a service: every host, with the paths of it that lead here.

use crate::diag::Span;
use crate::spec::Document;
use crate::spec::service::{Route as Written, Traffic};

/// A path of a host that leads to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The host.
    pub host: String,
    /// The path, with everything below it.
    pub path: String,
    /// The name of the port; none for that of users.
    pub port: Option<String>,
    /// The Secret with the certificate of the host, for an Ingress.
    pub certificate: Option<String>,
    /// Its place in `routes`; none for one that follows from `hosts`.
    pub(crate) written: Option<usize>,
}

/// Every route: for each of `hosts` that to the port of users, unless another begins at the same path,
/// and those that are written.
pub(super) fn of(traffic: &Traffic) -> Vec<Route> {
    let whole = |host: &String| Route {
        host: host.clone(),
        path: "/".to_owned(),
        port: None,
        certificate: traffic.certificate.clone(),
        written: None,
    };
    let written = traffic.routes.iter().enumerate().flat_map(|(index, route)| {
        let hosts = match &route.host {
            Some(host) => std::slice::from_ref(host),
            None => &traffic.hosts,
        };
        let of = move |host: &String| read(traffic, (index, route), host);
        hosts.iter().map(of).collect::<Vec<Route>>()
    });
    let written: Vec<Route> = written.collect();
    let replaced =
        |host: &String| written.iter().any(|route| route.host == *host && route.path == "/");
    let whole = traffic.hosts.iter().filter(|host| !replaced(host)).map(whole);
    let mut routes: Vec<Route> = whole.chain(written.iter().cloned()).collect();
    let place = |host: &str| routes_of_hosts(traffic, host);
    routes.sort_by_key(|route| place(&route.host));
    routes
}

/// The place of a host: in `hosts`, or after them in the order of `routes`.
fn routes_of_hosts(traffic: &Traffic, host: &str) -> usize {
    hosts(traffic).iter().position(|other| other == host).unwrap_or(usize::MAX)
}

fn read(traffic: &Traffic, (index, route): (usize, &Written), host: &str) -> Route {
    Route {
        host: host.to_owned(),
        path: route.path.clone().unwrap_or_else(|| "/".to_owned()),
        port: route.port.clone(),
        certificate: route.certificate.clone().or_else(|| traffic.certificate.clone()),
        written: Some(index),
    }
}

/// Every host, once: `hosts`, and those that only `routes` name.
pub(super) fn hosts(traffic: &Traffic) -> Vec<String> {
    let mut hosts = traffic.hosts.clone();
    for host in traffic.routes.iter().filter_map(|route| route.host.as_ref()) {
        if !hosts.contains(host) {
            hosts.push(host.clone());
        }
    }
    hosts
}

/// Where a host is written.
pub(crate) fn place(document: &Document, traffic: &Traffic, index: usize) -> Span {
    let number = index.to_string();
    let path = ["traffic", "hosts", &number];
    let named =
        traffic.routes.iter().position(|route| route.host.as_ref() == traffic.hosts.get(index));
    match named {
        Some(route) if !document.has(&path) => {
            document.at(&["traffic", "routes", &route.to_string(), "host"])
        }
        Some(_) | None => document.at(&path),
    }
}
