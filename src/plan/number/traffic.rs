//! Routes and records.

use super::super::values::Values;
use super::Source;
use super::row::{At, Row, Why, says};

pub(super) const ROWS: &[Row] = &[
    Row { objects: &["http-route"], field: "spec.rules[*].backendRefs[*].port", why: port },
    Row {
        objects: &["ingress"],
        field: "spec.rules[*].http.paths[*].backend.service.port.number",
        why: port,
    },
    Row {
        objects: &["dns-endpoint"],
        field: "spec.endpoints[*].recordTTL",
        why: |at| {
            let Values::Record(record) = at.values else { return None };
            time_to_live(at, record.ttl)
        },
    },
    Row {
        objects: &["gslb"],
        field: "spec.strategy.dnsTtlSeconds",
        why: |at| {
            let Values::Balancer(balancer) = at.values else { return None };
            time_to_live(at, balancer.ttl)
        },
    },
    Row {
        objects: &["dns-endpoint"],
        field: "spec.endpoints[*].providerSpecific[aws/weight].value",
        why: |at| {
            let Values::Record(record) = at.values else { return None };
            let said = record.properties.get("aws/weight")?;
            weight(at, said, at.here.region.name.as_str())
        },
    },
    Row {
        objects: &["gslb"],
        field: "spec.strategy.weight.*",
        why: |at| {
            let Values::Balancer(balancer) = at.values else { return None };
            let region = at.captured[0];
            weight(at, &balancer.weights.get(region)?.to_string(), region)
        },
    },
];

fn port(at: &At<'_>) -> Option<Why> {
    let Values::Route(route) = at.values else { return None };
    let service = at.here.service;
    let users = service.port_of_users()?;
    let index = service.ports.iter().position(|port| port.name == users.name)?.to_string();
    let written = at.spec(&["ports", &index, "service"]);
    let written = written.or_else(|| at.spec(&["ports", &index, "port"]));
    let words = format!("users are led to the port `{}` of the Service", users.name);
    let why = says(route.port, words).from(written.unwrap_or_else(|| at.decided()));
    Some(match at.spec(&["traffic", "port"]) {
        Some(source) => why.from(source),
        None => why,
    })
}

fn time_to_live(at: &At<'_>, said: u64) -> Option<Why> {
    let service = at.here.service;
    let words = "how long a resolver may keep an answer, in seconds, and send users to a region that is lost";
    if let Some(source) = at.spec(&["traffic", "ttl"]) {
        return Some(says(said, words).from(source));
    }
    let decided = Source::Decided { field: "traffic.ttl" };
    if said < service.longest_ttl().as_seconds() {
        return Some(says(said, words).from(decided));
    }
    let words = format!("{words}: a quarter of the RTO of {}", service.rto);
    Some(says(said, words).from(at.spec(&["rto"])?).from(decided))
}

fn weight(at: &At<'_>, said: &str, region: &str) -> Option<Why> {
    let written = at.spec(&["traffic", "weights", region]);
    let words = match written {
        Some(_) => format!("the share of users that `{region}` gets, beside those of the others"),
        None => {
            "the share of users: the same in every region, unless the spec has `weights`".to_owned()
        }
    };
    Some(says(said, words).from(written.unwrap_or_else(|| at.decided())))
}
