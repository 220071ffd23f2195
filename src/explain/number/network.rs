//! Services, network policies, routes and records, alerts, and ConfigMaps.

use super::row::{At, Row, Shown, Shows, rows, show, written};
use crate::decide::network::{self, Opening, Way};
use crate::decide::{Reason, traffic, watch};
use crate::kube::engines::traffic::{DnsEngine, Weight};
use crate::model::Given;
use crate::plan::config::part_of_job;
use crate::plan::values::{Map, Values};

const POLICY: &[&str] = &["network-policy"];

pub(super) const NETWORK: &[Row] = rows! {
    &["service"], "spec.ports[*].port" => service_port;
    POLICY, "spec.ingress[*].ports[*].port" => |at| port(at, Way::In);
    POLICY, "spec.egress[*].ports[*].port" => |at| port(at, Way::Out);
    POLICY, "spec.egress[*].to[*].ipBlock.cidr" => addresses;
    POLICY, "spec.egress[*].to[*].ipBlock.except[*]" => except;
};

pub(super) const TRAFFIC: &[Row] = rows! {
    &["http-route"], "spec.rules[*].backendRefs[*].port" => |at| way(at, 0, at.item(0)?);
    &["ingress"], "spec.rules[*].http.paths[*].backend.service.port.number" => |at| way(at, at.item(0)?, at.item(1)?);
};

/// The rows of what makes records, where objects of `stem` do.
pub(super) fn records(stem: &str) -> impl Iterator<Item = Row> {
    let engines = DnsEngine::ALL.iter().map(|engine| engine.row());
    engines.filter(move |engine| engine.kind.facts().stem == stem).flat_map(|engine| {
        let ttl: Shows = |at| show(traffic::time_to_live(at.here));
        let own: Shows = |at| show(traffic::weight(at.here, at.here.region.name.as_str()));
        let each: Shows = |at| show(traffic::weight(at.here, at.captured.last()?));
        let weight = match engine.weight {
            Weight::Own(field) => (field, own),
            Weight::Each(field) => (field, each),
        };
        [(engine.ttl, ttl), weight].map(|(field, shows)| Row { objects: &[], field, shows })
    })
}

pub(super) const ALERTS: &[Row] = rows! {
    &["prometheus-rule"], "spec.groups[*].rules[*].for" => hold;
};

pub(super) const CONFIG: &[Row] = rows! {
    &["config-map"], "data.*" => entry;
};

/// Rows for objects of every kind.
pub(super) const EVERYWHERE: &[Row] = rows! {
    &[], "metadata.annotations[argocd.argoproj.io/sync-wave]" => wave;
    &[], "metadata.annotations.*" => |at| marked(at, at.captured[0], &at.values.meta().annotations);
};

fn service_port(at: &At<'_>) -> Option<Shown> {
    let port = at.here.service.ports.iter().find(|port| port.name == at.captured[0])?;
    show(network::service_port(at.here, port))
}

/// The port to which a path leads, of the hosts at `ways`.
fn way(at: &At<'_>, ways: usize, path: usize) -> Option<Shown> {
    let Values::Route(route) = at.values else { return None };
    let way = route.ways.get(ways)?.paths.get(path)?;
    show(traffic::port(at.here, &way.route)?)
}

/// An annotation that the spec or the fleet adds.
pub(super) fn marked(at: &At<'_>, key: &str, annotations: &Map) -> Option<Shown> {
    let value = annotations.get(key)?;
    let parts = at.here.service.metadata.parts();
    let adds = parts.iter().filter(|(_, marks)| marks.annotations.get(key) == Some(value));
    let place = |(part, _): &(&str, _)| {
        let path = ["metadata", part, "annotations", key];
        let of_fleet = || at.here.in_fleet(&["defaults", "metadata", part, "annotations", key]);
        at.here.in_spec(&path).or_else(of_fleet)
    };
    written(value, "added as it stands there", adds.into_iter().find_map(place)?)
}

fn wave(at: &At<'_>) -> Option<Shown> {
    let wave = at.values.meta().annotations.get("argocd.argoproj.io/sync-wave")?;
    let words = "when Argo CD applies it: what pods need before them, what scales or backs them up after them";
    let why = Reason::new(words).or_built_in(at.here.in_fleet(&["delivery"]));
    Some(Shown { says: wave.clone(), why })
}

fn opening<'a>(at: &At<'a>, way: Way) -> Option<&'a Opening> {
    let Values::NetworkPolicy { ingress, egress, .. } = at.values else { return None };
    let openings = match way {
        Way::In => ingress,
        Way::Out => egress,
    };
    openings.get(at.item(0)?)
}

fn port(at: &At<'_>, way: Way) -> Option<Shown> {
    let opening = opening(at, way)?;
    let port = opening.ports.get(at.item(1)?)?.port;
    Some(Shown { says: port.to_string(), why: opening.why_port(at.here, way, port) })
}

fn addresses(at: &At<'_>) -> Option<Shown> {
    let (opening, index) = (opening(at, Way::Out)?, at.item(1)?);
    let says = opening.peers.get(index)?.cidr.clone()?;
    Some(Shown { says, why: opening.why_addresses(at.here, index) })
}

fn except(at: &At<'_>) -> Option<Shown> {
    let opening = opening(at, Way::Out)?;
    let says = opening.peers.get(at.item(1)?)?.except.get(at.item(2)?)?.clone();
    let why = opening.why_not(at.here, &says);
    Some(Shown { says, why })
}

fn hold(at: &At<'_>) -> Option<Shown> {
    let Values::Alerts(alerts) = at.values else { return None };
    let alert = alerts.alerts.get(at.item(1)?)?;
    let reason = alert.annotations.get("reason").map(String::as_str).unwrap_or_default();
    show(watch::hold(alert.hold.as_ref()?, alert.name, reason))
}

fn entry(at: &At<'_>) -> Option<Shown> {
    let Values::ConfigMap { data, .. } = at.values else { return None };
    let key = at.captured[0];
    let value = data.get(key)?;
    of_the_spec(at, data, key, value).or_else(|| generated(at, key, value))
}

/// What the spec says, for every region or for this one.
fn of_the_spec(at: &At<'_>, data: &Map, key: &str, says: &str) -> Option<Shown> {
    let service = at.here.service;
    let files = service.files.iter().enumerate();
    // A file stands alone in its ConfigMap, under the last part of its path.
    let file = files.filter(|_| !data.contains_key("REGION")).find(|(_, file)| {
        file.path.rsplit('/').next() == Some(key)
            && at.values.meta().name == service.logical(&format!("file-{}", file.name))
    });
    let mut jobs = service.jobs.iter().enumerate();
    let job = jobs.find(|(_, job)| at.values.meta().name == service.logical(&part_of_job(job)));
    let (path, setting) = match (file, job) {
        (Some((index, file)), _) => {
            (vec!["files".to_owned(), index.to_string(), file.key.to_owned()], Err(file))
        }
        (None, Some((index, job))) => {
            let path = ["jobs", &index.to_string(), "config", key].map(str::to_owned);
            (path.to_vec(), Ok(job.config.get(key)?))
        }
        (None, None) => (vec!["config".to_owned(), key.to_owned()], Ok(service.config.get(key)?)),
    };
    let regions = match setting {
        Ok(setting) => setting.regions(),
        Err(file) => file.content.regions(),
    };
    let region = at.here.region.name.as_str();
    let given = setting.ok().and_then(|setting| setting.in_region(region));
    let of = regions.map(|named| if named.contains(&region) { region } else { "default" });
    let words = match of {
        _ if matches!(given, Some(Given::From(_))) => "the other regions of the service",
        None => "as the spec says, in every region",
        Some("default") => "as the spec says for regions that have no value of their own",
        Some(_) => "as the spec says for this region",
    };
    let path: Vec<&str> = path.iter().map(String::as_str).chain(of).collect();
    written(says, words, at.here.in_spec(&path)?)
}

/// What a container learns about where it is.
fn generated(at: &At<'_>, key: &str, says: &str) -> Option<Shown> {
    if key == "ZONES" {
        return written(says, "what the container learns about where it runs", at.here.in_nodes());
    }
    let field: &[&str] = match key {
        "CLUSTER" => &["cluster"],
        "GEOGRAPHY" => &["geography"],
        "REGION" => &[],
        _ => return None,
    };
    written(says, "what the container learns about where it runs", at.here.in_region(field))
}
