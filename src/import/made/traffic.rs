//! `[traffic]` of a service, from its routes and its records.

use super::super::guess::{Context, ports_of};
use super::super::object::{self, Object};
use super::super::toml::{Table, inline, texts};
use super::{Service, logical, of};
use crate::quantity::Duration;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How long resolvers keep an answer unless a spec says otherwise, in seconds.
const TTL: i64 = 60;

/// A health check that no object that is imported names.
const UNKNOWN: &str = "unknown";

/// How users reach a service, as its tree has it.
pub(in crate::import) fn traffic(context: Context<'_>, at: usize) -> Option<Table> {
    let group = &context.groups.groups[at];
    let service = context.made.service(&group.name)?;
    let all = of(context.objects, &group.name);
    let is_route = |object: &&&Object| ["HTTPRoute", "Ingress"].contains(&object.kind.as_str());
    let here =
        all.iter().filter(is_route).filter(|object| object.region.as_ref() == Some(&service.home));
    let routes: Vec<Way> = here.flat_map(|object| ways(object)).collect();
    if routes.is_empty() {
        return None;
    }
    let mut table = Table::default();
    let first = ports_of(context, at).into_iter().find(|port| port.service.is_some());
    let first = first.and_then(|port| port.service);
    let whole = |way: &&Way| way.path == "/";
    let main: Vec<&Way> =
        routes.iter().filter(|way| way.named == group.name).filter(whole).collect();
    let hosts: Vec<&str> = main.iter().map(|way| way.host.as_str()).collect();
    table.set("hosts", texts(&hosts));
    let name_of = |number: Option<u16>| {
        let ports = ports_of(context, at);
        ports.into_iter().find(|port| port.service == number).map(|port| port.name)
    };
    let led = main.first().and_then(|way| way.port);
    if led != first
        && let Some(port) = name_of(led)
    {
        table.set("port", port);
    }
    records(&mut table, &all, service);
    let secrets: BTreeSet<&str> = (all.iter().filter(is_route))
        .flat_map(|object| object.items(&["spec", "tls"]))
        .filter(|tls| object::words(tls, "hosts").iter().any(|host| hosts.contains(&host.as_str())))
        .filter_map(|tls| object::text(tls, &["secretName"]))
        .collect();
    if let Some(secret) = secrets.first() {
        table.set("certificate", *secret);
    }
    let mut beside: Vec<toml::Value> = Vec::new();
    for way in routes.iter().filter(|way| !main.contains(way)) {
        let mut entries: Vec<(&str, toml::Value)> = Vec::new();
        entries.extend(
            (!hosts.contains(&way.host.as_str())).then(|| ("host", way.host.as_str().into())),
        );
        entries.extend((way.path != "/").then(|| ("path", way.path.as_str().into())));
        let port = name_of(way.port).filter(|_| way.port != led);
        entries.extend(port.map(|port| ("port", port.into())));
        let entry = inline(entries);
        if !beside.contains(&entry) {
            beside.push(entry);
        }
    }
    if !beside.is_empty() {
        table.set("routes", toml::Value::Array(beside));
    }
    Some(table)
}

/// A host and a path, and the port that they lead to.
#[derive(Debug, PartialEq)]
struct Way {
    named: String,
    host: String,
    path: String,
    port: Option<u16>,
}

fn ways(route: &Object) -> Vec<Way> {
    let number =
        |port: Option<&Value>| object::number(port).and_then(|port| u16::try_from(port).ok());
    let named = logical(&route.name).to_owned();
    let mut found = Vec::new();
    for rule in route.items(&["spec", "rules"]) {
        let host = object::text(rule, &["host"]);
        for path in rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default() {
            found.push(Way {
                named: named.clone(),
                host: host.unwrap_or_default().to_owned(),
                path: object::text(path, &["path"]).unwrap_or("/").to_owned(),
                port: number(path.at(&["backend", "service", "port", "number"])),
            });
        }
        let port = object::items(rule, "backendRefs").first();
        let Some(port) = port.map(|backend| number(backend.get("port"))) else { continue };
        let path = object::items(rule, "matches").first();
        let path = path.and_then(|one| object::text(one, &["path", "value"])).unwrap_or("/");
        for host in
            object::words(&route.value.at(&["spec"]).cloned().unwrap_or(Value::Null), "hostnames")
        {
            found.push(Way { named: named.clone(), host, path: path.to_owned(), port });
        }
    }
    found
}

/// Who moves users, how long answers are kept, and the shares of regions.
fn records(table: &mut Table, all: &[&Object], service: &Service) {
    let mut ttl = None;
    let mut weights: BTreeMap<String, i64> = BTreeMap::new();
    let mut checks: BTreeMap<&str, String> = BTreeMap::new();
    let (mut automatic, mut known) = (false, false);
    for object in all {
        let Some(region) = object.region.as_deref() else { continue };
        if object.kind == "Gslb" {
            (automatic, known) = (true, true);
            ttl = ttl.or(object::number(object.at(&["spec", "strategy", "dnsTtlSeconds"])));
            let shares = object.at(&["spec", "strategy", "weight"]).map(Value::entries);
            for (region, weight) in shares.unwrap_or_default() {
                weights.extend(object::number(Some(weight)).map(|weight| (region.clone(), weight)));
            }
        }
        for endpoint in object.items(&["spec", "endpoints"]) {
            known = true;
            ttl = ttl.or(object::number(endpoint.get("recordTTL")));
            for entry in object::items(endpoint, "providerSpecific") {
                automatic = true;
                let text = |key: &str| object::text(entry, &[key]).unwrap_or_default();
                match text("name") {
                    "aws/health-check-id" => drop(checks.insert(region, text("value").to_owned())),
                    "aws/weight" => {
                        let weight = text("value").parse::<i64>();
                        weights.extend(weight.ok().map(|weight| (region.to_owned(), weight)));
                    }
                    _ => {}
                }
            }
        }
    }
    let usual = service.promises.recovery.as_deref() == Some("active/active");
    if known && service.regions.len() > 1 && automatic != usual {
        table.set("failover", if automatic { "automatic" } else { "manual" });
    }
    if let Some(ttl) = ttl.filter(|ttl| *ttl != TTL).and_then(|ttl| u64::try_from(ttl).ok()) {
        table.set("ttl", Duration::seconds(ttl).compact());
    }
    let shares: BTreeSet<i64> = weights.values().copied().collect();
    if shares.len() > 1 {
        let weights = weights.iter().map(|(region, weight)| (region.as_str(), (*weight).into()));
        table.set("weights", inline(weights));
    }
    if !checks.is_empty() {
        let known: BTreeSet<&str> = checks.keys().copied().collect();
        let lacks = service.regions.iter().any(|region| !known.contains(region.as_str()));
        let all = service.regions.iter().map(|region| {
            let check = checks.remove(region.as_str());
            (region.as_str(), check.unwrap_or_else(|| UNKNOWN.to_owned()).into())
        });
        let checks = inline(all);
        match lacks && automatic {
            true => table.set_with_comment(
                "health_checks",
                checks,
                "the tree of each region has its own",
            ),
            false => drop(table.set("health_checks", checks)),
        }
    }
}
