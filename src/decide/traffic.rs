//! What resolvers and users are told.

use super::proof::Source;
use super::{Number, Reason, ServiceInRegion};

/// The share of a region whose spec says none; Route 53 takes up to 255.
const EQUAL: u32 = 100;

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
pub(crate) fn weight<'a>(
    here: &'a ServiceInRegion<'_>,
    region: &'a str,
) -> Number<u32, impl FnOnce() -> Reason> {
    let traffic = here.service.traffic.as_ref();
    let written = traffic.and_then(|traffic| traffic.weights.get(region)).copied();
    Number::new(written.unwrap_or(EQUAL), move || {
        let words = match written {
            Some(_) => {
                format!("the share of users that `{region}` gets, beside those of the others")
            }
            None => "the share of users: the same in every region, unless the spec has `weights`"
                .to_owned(),
        };
        Reason::new(words).or_built_in(here.in_spec(&["traffic", "weights", region]))
    })
}

/// The port of the Service that users are led to; none where none is open to them.
pub(crate) fn port(here: &ServiceInRegion<'_>) -> Option<Number<u16, impl FnOnce() -> Reason>> {
    let users = here.service.port_of_users()?;
    Some(Number::new(users.service.unwrap_or(users.port), || {
        let index = here.service.ports.iter().position(|port| port.name == users.name);
        let index = index.unwrap_or_default().to_string();
        let written = here.in_spec(&["ports", &index, "service"]);
        let written = written.or_else(|| here.in_spec(&["ports", &index, "port"]));
        Reason::new(format!("users are led to the port `{}` of the Service", users.name))
            .or_built_in(written)
            .from(here.in_spec(&["traffic", "port"]))
    }))
}
