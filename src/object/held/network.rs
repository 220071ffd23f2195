//! How users and callers come to the pods, and who may evict them, held against what was decided of it.

use super::emitted::{Emitted, int, line};
use super::{ANSWERED, PLACED, PROBED, SHARED, pairs};
use crate::plan::values::{Balancer, DisruptionBudget, Record, Service, Values};
use crate::yaml::Value;
use std::collections::BTreeMap;

const TRAFFIC: &str = "`[traffic]` says it, and it is proven";
const SERVICE: &str = "leave it as it is: a caller reaches any pod that is ready";

const POLICY: &str = "`[[called_by]]` and `[[depends_on]]` say who connects";
const BUDGET: &str = "leave it as it is: the tier decides it";

/// What Services, policies, budgets and records say otherwise than it was decided.
pub(super) fn of(emitted: &mut Emitted<'_>, values: &Values) {
    if let Values::Service(planned) = values {
        service(emitted, planned);
    } else if let Values::DisruptionBudget(planned) = values {
        budget(emitted, planned);
    } else if let Values::NetworkPolicy { ingress, egress, .. } = values {
        for (list, planned) in [("spec.ingress", ingress.len()), ("spec.egress", egress.len())] {
            if emitted.at(list).map_or(0, |rules| rules.items().len()) < planned {
                let message = format!("`{list}` opens less than the promise was proven with");
                emitted.add(list, message, (ANSWERED, POLICY));
            }
        }
    } else if let Values::Balancer(planned) = values {
        balancer(emitted, planned);
    } else if let Values::Record(planned) = values {
        record(emitted, planned);
    }
}

fn service(emitted: &mut Emitted<'_>, planned: &Service) {
    if emitted.text("spec.type").as_deref() == Some("ExternalName") {
        emitted.be("spec.type", Some("ClusterIP"), (ANSWERED, SERVICE));
    }
    // Callers on a node without a pod would reach none.
    if emitted.text("spec.internalTrafficPolicy").is_some_and(|policy| policy != "Cluster") {
        emitted.be("spec.internalTrafficPolicy", Some("Cluster"), (ANSWERED, SERVICE));
    }
    let selector = pairs(&planned.selector);
    emitted.be("spec.selector", selector.as_deref(), (ANSWERED, SERVICE));
    let not_ready = planned.not_ready.then_some("true");
    emitted.be("spec.publishNotReadyAddresses", not_ready, (PROBED, SERVICE));
}

/// A drain takes as many pods at a time as it says, and ends only where it says some.
fn budget(emitted: &mut Emitted<'_>, planned: &DisruptionBudget) {
    let max = planned.max_unavailable;
    let at = "spec.maxUnavailable";
    let written = emitted.at(at).and_then(int);
    if !written.is_some_and(|written| (1..=i64::from(max)).contains(&written)) {
        emitted.be(at, Some(&max.to_string()), (PLACED, BUDGET));
    }
    emitted.be("spec.minAvailable", None, (PLACED, BUDGET));
    let selector = pairs(&planned.selector);
    emitted.be("spec.selector.matchLabels", selector.as_deref(), (PLACED, BUDGET));
}

/// k8gb sends users to the regions by these weights, within this time.
fn balancer(emitted: &mut Emitted<'_>, planned: &Balancer) {
    let weights: Vec<String> =
        planned.weights.iter().map(|(region, weight)| format!("{region}: {weight}")).collect();
    let weights = (!weights.is_empty()).then(|| weights.join(", "));
    emitted.be("spec.strategy.weight", weights.as_deref(), (SHARED, TRAFFIC));
    let sort = if planned.primary.is_some() { "failover" } else { "roundRobin" };
    emitted.be("spec.strategy.type", Some(sort), (SHARED, TRAFFIC));
    emitted.be("spec.strategy.primaryGeoTag", planned.primary.as_deref(), (SHARED, TRAFFIC));
    let ttl = "spec.strategy.dnsTtlSeconds";
    if emitted.text(ttl).is_none() {
        emitted.be(ttl, Some(&planned.ttl.to_string()), (SHARED, TRAFFIC));
    }
    emitted.at_most(ttl, u128::from(planned.ttl), (SHARED, TRAFFIC));
}

/// A resolver has a record for as long as it says, and the provider chooses by its properties.
fn record(emitted: &mut Emitted<'_>, planned: &Record) {
    let endpoints = emitted.at("spec.endpoints").map(Value::items).unwrap_or_default();
    let text = |value: &Value, key: &str| value.get(key).map(line).unwrap_or_default();
    for host in &planned.hosts {
        let of_host = endpoints.iter().position(|one| text(one, "dnsName") == *host);
        let Some((at, endpoint)) = of_host.map(|at| (at, &endpoints[at])) else {
            let message = format!("no record leads users of `{host}` here");
            emitted.add("spec.endpoints", message, (SHARED, TRAFFIC));
            continue;
        };
        let properties = endpoint.get("providerSpecific").map(Value::items).unwrap_or_default();
        let properties: BTreeMap<String, String> =
            properties.iter().map(|one| (text(one, "name"), text(one, "value"))).collect();
        let slower = text(endpoint, "recordTTL").parse().unwrap_or(u64::MAX) > planned.ttl;
        let elsewhere = text(endpoint, "targets") != planned.target;
        let alone =
            text(endpoint, "setIdentifier") != planned.set_identifier.clone().unwrap_or_default();
        if slower || elsewhere || alone || properties != planned.properties {
            let message = format!(
                "the record of `{host}` leads users otherwise than the promise was proven with"
            );
            emitted.add(&format!("spec.endpoints.{at}"), message, (SHARED, TRAFFIC));
        }
    }
}
