//! An Ingress as `[traffic]` of the services that it leads to.

use super::compile::Emitted;
use super::guess::{Context, ports_of};
use super::locate::Place;
use super::object::{self, Object};
use super::path::{Find, Step, key};
use super::toml::{Table, inline, texts};
use crate::kube::{id, route};
use crate::yaml::Value;

/// The annotation that named the class of an Ingress before `ingressClassName` did.
pub(super) const CLASS: &str = "kubernetes.io/ingress.class";

/// The class of an Ingress.
pub(super) fn class(object: &Object) -> Option<String> {
    let named = object.text(&["spec", "ingressClassName"]).map(str::to_owned);
    named.or_else(|| object::annotations_of(object).remove(CLASS))
}

/// Whether fields can say all that it leads to: names, paths and ports of Kubernetes Services.
pub(super) fn is_plain(object: &Object) -> bool {
    let rules = object.items(&["spec", "rules"]);
    let host = |rule: &Value| {
        object::text(rule, &["host"]).is_some_and(|host| id::host_problem(host).is_none())
    };
    let path = |path: &Value| {
        let leads = path.at(&["backend", "service", "name"]).is_some();
        let path = object::text(path, &["path"]).unwrap_or("/");
        leads && route::path_problem(path).is_none()
    };
    let paths = |rule: &Value| {
        let paths = rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default();
        !paths.is_empty() && paths.iter().all(path)
    };
    object.kind == "Ingress"
        && object.api_version == "networking.k8s.io/v1"
        && object.at(&["spec", "defaultBackend"]).is_none()
        && !rules.is_empty()
        && rules.iter().all(|rule| host(rule) && paths(rule))
}

/// `[traffic]` of a service.
pub(super) fn traffic(context: Context<'_>, at: usize) -> Option<Table> {
    let group = &context.groups.groups[at];
    let ingress = &context.objects[group.route?];
    let service = &context.objects[group.service?];
    let listened = ports_of(context, at);
    let first = listened.iter().find(|port| port.service.is_some() && port.protocol == "TCP")?;
    let mut whole: Vec<&str> = Vec::new();
    let mut routes: Vec<toml::Value> = Vec::new();
    for rule in ingress.items(&["spec", "rules"]) {
        let host = object::text(rule, &["host"]).unwrap_or_default();
        for path in rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default() {
            let backend = path.at(&["backend", "service"]);
            if backend.and_then(|one| object::text(one, &["name"])) != Some(&service.name) {
                continue;
            }
            let wanted = backend.and_then(|one| one.get("port"));
            let number = wanted.and_then(|port| object::number(port.get("number")));
            let name = wanted.and_then(|port| object::text(port, &["name"]));
            let to = listened.iter().find(|port| {
                port.service.is_some_and(|service| Some(i64::from(service)) == number)
                    || of_service(service, name).is_some_and(|number| Some(number) == port.service)
            });
            let to = to.filter(|to| *to != first);
            let path = object::text(path, &["path"]).unwrap_or("/");
            let secret = certificate(ingress, host);
            if path == "/" && to.is_none() {
                whole.push(host);
                continue;
            }
            let mut entries: Vec<(&str, toml::Value)> =
                vec![("host", host.into()), ("path", path.into())];
            entries.extend(to.map(|to| ("port", to.name.as_str().into())));
            entries.extend(secret.map(|secret| ("certificate", secret.into())));
            routes.push(inline(entries));
        }
    }
    let mut table = Table::default();
    if !whole.is_empty() {
        table.set("hosts", texts(&whole));
    }
    let secrets: Vec<&str> = whole.iter().filter_map(|host| certificate(ingress, host)).collect();
    if let Some(secret) = secrets.first().filter(|_| secrets.len() == whole.len()) {
        table.set("certificate", *secret);
    }
    if !routes.is_empty() {
        table.set("routes", toml::Value::Array(routes));
    }
    Some(table)
}

/// The number of a port of a Kubernetes Service.
fn of_service(service: &Object, name: Option<&str>) -> Option<u16> {
    let port = service
        .items(&["spec", "ports"])
        .iter()
        .find(|port| name.is_some() && object::text(port, &["name"]) == name)?;
    u16::try_from(object::number(port.get("port"))?).ok()
}

/// The Secret with the certificate of a host.
fn certificate<'a>(ingress: &'a Object, host: &str) -> Option<&'a str> {
    let named = |tls: &&Value| object::words(tls, "hosts").iter().any(|named| named == host);
    object::text(ingress.items(&["spec", "tls"]).iter().find(named)?, &["secretName"])
}

/// Where what an Ingress says is in those of the services that it leads to, `led`.
pub(super) fn places(
    object: &Object,
    led: &[usize],
    emitted: &[Emitted],
    path: &[Step],
) -> Vec<Place> {
    let rest = |from: usize| -> Vec<Find> {
        let steps = path.get(from..).unwrap_or_default().iter();
        steps
            .map(|step| match step {
                Step::Key(name) => key(name),
                Step::Index(index) => Find::Index(*index),
            })
            .collect()
    };
    let text = |name: &str| Value::String(name.to_owned());
    let by = |name: &str, value: Value| Find::By(vec![(name.to_owned(), value)]);
    match path {
        [Step::Key(spec), Step::Key(rules), Step::Index(at), ..]
            if spec == "spec" && rules == "rules" =>
        {
            let rule = &object.items(&["spec", "rules"])[*at];
            let host = object::text(rule, &["host"]).unwrap_or_default();
            let start = [key("spec"), key("rules"), by("host", text(host))];
            let paths = rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default();
            let one = match path.get(3..6) {
                Some([Step::Key(http), Step::Key(list), Step::Index(number)])
                    if http == "http" && list == "paths" =>
                {
                    paths.get(*number)
                }
                _ => None,
            };
            let Some(one) = one else {
                let place = |one: &usize| (*one, [&start[..], &rest(3)].concat());
                return led.iter().map(place).collect();
            };
            let wanted = object::text(one, &["path"]).unwrap_or("/");
            let backend = one.at(&["backend", "service", "name"]);
            let item = [key("http"), key("paths"), by("path", text(wanted))];
            let there = |at: &usize| {
                let paths =
                    emitted[*at].value.at(&["spec", "rules"]).map(Value::items).unwrap_or_default();
                paths.iter().any(|rule| {
                    let paths = rule.at(&["http", "paths"]).map(Value::items).unwrap_or_default();
                    paths.iter().any(|path| path.at(&["backend", "service", "name"]) == backend)
                })
            };
            let one = |at: usize| (at, [&start[..], &item, &rest(6)].concat());
            led.iter().copied().filter(there).map(one).collect()
        }
        [Step::Key(spec), Step::Key(tls), Step::Index(at), ..]
            if spec == "spec" && tls == "tls" =>
        {
            let secret = object.items(&["spec", "tls"])[*at]
                .get("secretName")
                .cloned()
                .unwrap_or(Value::Null);
            let start = [key("spec"), key("tls"), by("secretName", secret)];
            let mut tail = rest(3);
            if let (Some(Find::Index(number)), 2) = (tail.get(1).cloned(), tail.len()) {
                let host = object.items(&["spec", "tls"])[*at]
                    .get("hosts")
                    .and_then(|hosts| hosts.items().get(number));
                tail[1] = Find::Is(host.cloned().unwrap_or(Value::Null));
            }
            led.iter().copied().map(|one| (one, [&start[..], &tail].concat())).collect()
        }
        _ => led.iter().copied().map(|one| (one, rest(0))).collect(),
    }
}
