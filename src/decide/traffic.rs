//! DNS records and routes: what resolvers and users get.

use super::proof::Source;
use super::{Number, Reason, ServiceInRegion};
use crate::kube::id::DNS_LABEL;
use crate::kube::route::MAX_HOSTS;
use crate::model::{Route, Service};
use serde::Serialize;

/// The share of a region whose spec says none; Route 53 takes up to 255.
const EQUAL: u32 = 100;

/// Who of the regions of a service gets its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Each, by its weight.
    Shared,
    /// The first, while health checks find it well; then another.
    FirstThatIsWell,
    /// The first, until a person says otherwise.
    First,
}

/// Who of the regions of a service gets its users.
pub(crate) fn chosen(here: &ServiceInRegion<'_>) -> Chosen {
    if here.role.shares {
        Chosen::Shared
    } else if here.service.moves_by_itself() {
        Chosen::FirstThatIsWell
    } else {
        Chosen::First
    }
}

/// Whether the region has something that leads users to it.
pub(crate) fn leads(here: &ServiceInRegion<'_>) -> bool {
    here.role.serves || here.service.moves_by_itself()
}

/// How long a resolver may keep an answer, in seconds.
pub(crate) fn time_to_live(here: &ServiceInRegion<'_>) -> Number<u64, impl FnOnce() -> Reason> {
    let service = here.service;
    let seconds = service.ttl().as_seconds();
    Number::new(seconds, move || {
        let words = "how long a resolver may keep an answer, in seconds, and send users to a region that is lost";
        if let Some(source) = here.in_spec(&["traffic", "ttl"]) {
            return Reason::new(words).from(source);
        }
        let decided = Source::Decided { field: "traffic.ttl" };
        if seconds < service.longest_ttl().as_seconds() {
            return Reason::new(words).from(decided);
        }
        let words = format!("{words}: a quarter of the RTO of {}", service.rto);
        Reason::new(words).from(here.in_spec(&["rto"])).from(decided)
    })
}

/// The share of users that `region` gets, beside those of the others.
pub(crate) fn weight_of(service: &Service, region: &str) -> u32 {
    written_weight(service, region).unwrap_or(EQUAL)
}

fn written_weight(service: &Service, region: &str) -> Option<u32> {
    service.traffic.as_ref()?.weights.get(region).copied()
}

/// The same, with the reason.
pub(crate) fn weight<'a>(
    here: &'a ServiceInRegion<'_>,
    region: &'a str,
) -> Number<u32, impl FnOnce() -> Reason> {
    let service = here.service;
    Number::new(weight_of(service, region), move || {
        let words = match written_weight(service, region) {
            Some(_) => {
                format!("the share of users that `{region}` gets, beside those of the others")
            }
            None => "the share of users: the same in every region, unless the spec has `weights`"
                .to_owned(),
        };
        Reason::new(words).or_built_in(here.in_spec(&["traffic", "weights", region]))
    })
}

/// Hosts that share their paths, as an object leads users along them.
#[derive(Clone, Debug, Serialize)]
pub struct Ways {
    /// The hosts.
    pub hosts: Vec<String>,
    /// Where their paths lead.
    pub paths: Vec<Way>,
}

/// Where a path leads.
#[derive(Clone, Debug, Serialize)]
pub struct Way {
    /// The beginning of the path.
    pub path: String,
    /// Whether it is not every path of the host.
    pub below: bool,
    /// The port of the Service.
    pub port: u16,
    /// What it was decided from.
    #[serde(skip)]
    pub(crate) route: Route,
}

/// The ways of users, host by host, as an Ingress has them.
pub(crate) fn ways(here: &ServiceInRegion<'_>) -> Vec<Ways> {
    let mut by_host: Vec<Ways> = Vec::new();
    for route in &here.service.routes {
        let Some(port) = port(here, route) else { continue };
        let (path, below) = (route.path.clone(), route.path != "/");
        let way = Way { path, below, port: port.value, route: route.clone() };
        match by_host.last_mut().filter(|ways| ways.hosts[0] == route.host) {
            Some(ways) => ways.paths.push(way),
            None => by_host.push(Ways { hosts: vec![route.host.clone()], paths: vec![way] }),
        }
    }
    by_host
}

/// The same for HTTPRoutes, each of which has some hosts and the paths of all of them.
pub(crate) fn shared_ways(here: &ServiceInRegion<'_>) -> Vec<Ways> {
    let alike = |a: &Ways, b: &Ways| {
        let paths = |ways: &Ways| -> Vec<(String, u16)> {
            ways.paths.iter().map(|way| (way.path.clone(), way.port)).collect()
        };
        a.hosts.len() < MAX_HOSTS && paths(a) == paths(b)
    };
    let mut shared: Vec<Ways> = Vec::new();
    for mut ways in ways(here) {
        match shared.iter_mut().find(|other| alike(other, &ways)) {
            Some(other) => other.hosts.append(&mut ways.hosts),
            None => shared.push(ways),
        }
    }
    shared
}

/// What tells an object for `host` from others of a service: no two hosts have the same, as a host
/// has no hyphen beside a dot. One that would be too long is cut, and ends with a digest.
pub(crate) fn part(service: &str, host: &str) -> String {
    let plain = host.replace('-', "--").replace('.', "-");
    let room = DNS_LABEL.saturating_sub(service.len() + 1);
    if plain.len() <= room {
        return plain;
    }
    let digest = blake3::hash(host.as_bytes()).to_hex();
    let kept = plain.get(..room.saturating_sub(9)).unwrap_or_default().trim_end_matches('-');
    format!("{kept}-{}", &digest[..8])
}

/// The port of the Service that a route leads users to; none where none is open to them.
pub(crate) fn port<'a>(
    here: &'a ServiceInRegion<'_>,
    route: &'a Route,
) -> Option<Number<u16, impl FnOnce() -> Reason>> {
    let users = here.service.port_of(route)?;
    Some(Number::new(users.service.unwrap_or(users.port), move || {
        let index = here.service.ports.iter().position(|port| port.name == users.name);
        let index = index.unwrap_or_default().to_string();
        let written = here.in_spec(&["ports", &index, "service"]);
        let written = written.or_else(|| here.in_spec(&["ports", &index, "port"]));
        let asked = match (&route.port, route.written) {
            (Some(_), Some(at)) => here.in_spec(&["traffic", "routes", &at.to_string(), "port"]),
            (..) => here.in_spec(&["traffic", "port"]),
        };
        Reason::new(format!("users are led to the port `{}` of the Service", users.name))
            .or_built_in(written)
            .from(asked)
    }))
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn no_two_hosts_share_an_object() {
        assert_eq!(part("web", "api.example.com"), "api-example-com");
        assert_ne!(part("web", "a-b.example.com"), part("web", "a.b.example.com"));
        let long = |end: &str| format!("{}.{end}.example.com", "a".repeat(60));
        let (one, other) = (part("web", &long("x")), part("web", &long("y")));
        assert_ne!(one, other);
        assert_eq!(one.len() + "web-".len(), 63);
        assert!(part(&"s".repeat(30), &long("x")).len() <= 32);
    }
}
