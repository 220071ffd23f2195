//! The page that moves a running service under the names that its spec gives it, without an endpoint
//! less: what is applied first, how its Service is handed over, what of it stays, and the way back.

mod page; // what its template reads
mod left; // what nothing uses after it

use super::compile::Emitted;
use super::group::{Fate, Group, Groups};
use super::object::{self, Object};
use crate::kube::engines::delivery::{self, Delivery};
use crate::kube::read::selector::{Labels, Selector};
use crate::yaml::Value;
use page::{Addresses, Claim, Handed, Page, Route, rendered};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds that come once the old pods are gone: policies shut out pods that lack the new labels, two budgets
/// over one pod make every drain wait, and jobs would run twice.
const LATE: &[&str] = &[
    "CronJob",
    "DNSEndpoint",
    "Gslb",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "PodMonitor",
    "PrometheusRule",
    "ReplicationDestination",
    "ReplicationSource",
    "ScaledObject",
    "Schedule",
    "ServiceMonitor",
];

/// A page for each service, by its file.
pub(super) fn pages(
    objects: &[Object],
    groups: &Groups,
    emitted: &[Emitted],
    region: &str,
    fleet: &str,
) -> BTreeMap<String, String> {
    let known = Known::of(objects, emitted);
    let engine = engine(fleet);
    let page = |(number, group): (usize, &Group)| {
        let is_job = |at: &usize| groups.fates[*at] == Fate::Job(number);
        let jobs = (0..objects.len()).filter(is_job).collect();
        let page = Moving { objects, group, jobs, known: &known, region, engine }.page()?;
        Some((format!("{}.md", group.name), rendered(&page)))
    };
    groups.groups.iter().enumerate().filter_map(page).collect()
}

/// The engine that a fleet names.
fn engine(fleet: &str) -> &'static delivery::Row {
    let table: toml::Table = fleet.parse().unwrap_or_default();
    let delivery = table.get("delivery");
    let word = delivery.and_then(|delivery| {
        delivery.as_str().or_else(|| delivery.get("engine").and_then(toml::Value::as_str))
    });
    let named = Delivery::ALL.iter().find(|engine| Some(engine.word()) == word);
    named.copied().unwrap_or_default().row()
}

/// What every page looks for, found once.
#[derive(Default)]
struct Known<'a> {
    /// What is emitted of each service, and of the fleet.
    units: BTreeMap<&'a str, Vec<&'a Emitted>>,
    /// What is emitted, by kind, namespace and name.
    named: BTreeMap<(&'a str, Option<&'a str>, String), &'a Emitted>,
    /// Objects of the source, by kind and namespace.
    beside: BTreeMap<(&'a str, Option<&'a str>), Vec<&'a Object>>,
    /// The objects of the source that make pods and say a text, by that text.
    mentioned: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Regions for which something makes the engine deliver.
    delivered: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    fn of(objects: &'a [Object], emitted: &'a [Emitted]) -> Known<'a> {
        let mut known = Known::default();
        for one in emitted {
            known.units.entry(&one.unit).or_default().push(one);
            let key = (one.kind.as_str(), one.namespace.as_deref(), name_of(&one.value));
            known.named.entry(key).or_insert(one);
            if let Some((region, _)) = one.file.split_once("/delivery/") {
                known.delivered.insert(region);
            }
        }
        for (at, one) in objects.iter().enumerate() {
            let key = (one.kind.as_str(), one.namespace.as_deref());
            known.beside.entry(key).or_default().push(one);
            if object::pod(one).is_some() {
                mentions(&one.value, &mut |_, text| {
                    known.mentioned.entry(text).or_default().insert(at);
                });
            }
        }
        known
    }
}

struct Moving<'a> {
    objects: &'a [Object],
    group: &'a Group,
    /// Its jobs, by number.
    jobs: Vec<usize>,
    known: &'a Known<'a>,
    region: &'a str,
    engine: &'static delivery::Row,
}

impl<'a> Moving<'a> {
    fn own(&self) -> impl Iterator<Item = &'a Emitted> + use<'a> {
        let mine = self.known.units.get(self.group.name.as_str());
        mine.into_iter().flatten().copied()
    }

    /// The objects of the source that stand beside the workload.
    fn beside(&self, kind: &'a str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let there = self.known.beside.get(&(kind, self.workload().namespace.as_deref()));
        there.into_iter().flatten().copied()
    }

    fn workload(&self) -> &'a Object {
        &self.objects[self.group.workload]
    }

    fn page(&self) -> Option<Page> {
        let old = self.workload();
        let new = self.own().find(|one| !one.own && one.kind == old.kind)?;
        let stateful = old.kind == "StatefulSet";
        let old_labels = object::pod_labels(old);
        let new_labels = labels_at(&new.value, &["spec", "template", "metadata", "labels"]);
        let selector = labels_at(&new.value, &["spec", "selector", "matchLabels"]);
        let replicas = |value: &Value| object::number(value.at(&["spec", "replicas"])).unwrap_or(1);
        let services: Vec<&Object> = (self.beside("Service"))
            .filter(|one| {
                let labels = one.at(&["spec", "selector"]).map(object::labels).unwrap_or_default();
                !labels.is_empty() && Selector::of(&labels).selects(&old_labels)
            })
            .collect();
        let (handed, kept, gone) = self.services(&services, &new_labels);
        let claims = self.claims(old, new);
        let routes = self.routes(&services);
        let files = self.files(new, &handed, &routes);
        let named = |value: &Value| {
            value
                .at(&["spec", "serviceName"])
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let addresses = Addresses { before: named(&old.value), after: named(&new.value) };
        Some(Page {
            service: self.group.name.clone(),
            namespace: self.group.namespace.clone(),
            region: self.region.to_owned(),
            engine: self.engine.word,
            engine_name: self.engine.name,
            delivered: format!("{}-{}", self.region, self.group.name),
            delivers: self.delivers(),
            kind: if stateful { "statefulset" } else { "deployment" },
            stateful,
            same: old.name == name_of(&new.value),
            old: old.name.clone(),
            new: name_of(&new.value),
            old_replicas: self.least().unwrap_or_else(|| replicas(&old.value)),
            new_replicas: replicas(&new.value),
            old_pods: joined(&labels_at(&old.value, &["spec", "selector", "matchLabels"]), ","),
            new_pods: joined(&selector, ","),
            joins: joined(&selector, " "),
            scaler: self.group.scaler.map(|at| self.objects[at].name.clone()),
            budgets: self.budgets(&old_labels),
            claims_stay: claims.iter().all(|claim| claim.stays)
                && (!stateful || old.name == name_of(&new.value)),
            addresses: (stateful && addresses.before != addresses.after).then_some(addresses),
            leftovers: self.leftovers(&services),
            owners: self.owners(),
            handed,
            kept,
            gone,
            routes,
            claims,
            first: files.first,
            workload: new.file.clone(),
            late: files.late,
            closing: self.closing(),
        })
    }

    /// The fewest that the autoscaler keeps.
    fn least(&self) -> Option<i64> {
        let scaler = &self.objects[self.group.scaler?];
        Some(object::number(scaler.at(&["spec", "minReplicas"])).unwrap_or(1))
    }

    /// Services that go on, that stay as they are, and that nothing emits any more.
    fn services(
        &self,
        services: &[&Object],
        new_pods: &Labels,
    ) -> (Vec<Handed>, Vec<String>, Vec<String>) {
        let (mut handed, mut kept, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for service in services {
            let of = |value: &Value| labels_at(value, &["spec", "selector"]);
            let Some(new) = self.emitted("Service", &service.name) else {
                gone.push(service.name.clone());
                continue;
            };
            let (from, to) = (of(&service.value), of(&new.value));
            if from == to {
                kept.push(service.name.clone());
                continue;
            }
            let headless = |value: &Value| {
                value.at(&["spec", "clusterIP"]).and_then(Value::as_str) == Some("None")
            };
            handed.push(Handed {
                name: service.name.clone(),
                file: new.file.clone(),
                meets: Selector::of(&from).selects(new_pods),
                remade: headless(&service.value) != headless(&new.value),
                from: json(&from),
                to: json(&to),
            });
        }
        (handed, kept, gone)
    }

    /// What is emitted under this name in its namespace.
    fn emitted(&self, kind: &'a str, name: &str) -> Option<&'a Emitted> {
        let namespace = Some(self.group.namespace.as_str());
        self.known.named.get(&(kind, namespace, name.to_owned())).copied()
    }

    fn claims(&self, old: &Object, new: &Emitted) -> Vec<Claim> {
        let names = |value: &Value| -> Vec<String> {
            let templates = value.at(&["spec", "volumeClaimTemplates"]).map(Value::items);
            templates.unwrap_or_default().iter().map(name_of).collect()
        };
        let volumes = |pod: Option<&Value>| -> Vec<String> {
            let volumes = pod.and_then(|pod| pod.get("volumes")).map(Value::items);
            let claimed = volumes.unwrap_or_default().iter().filter_map(|volume| {
                volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Value::as_str)
            });
            claimed.map(str::to_owned).collect()
        };
        let (before, after) = (names(&old.value), names(&new.value));
        let same = old.name == name_of(&new.value);
        let own = before.into_iter().map(|name| Claim {
            stays: same && after.contains(&name),
            name: format!("{name}-{}-0", old.name),
        });
        let after = volumes(new.value.at(&["spec", "template", "spec"]));
        let named = volumes(object::pod(old)).into_iter();
        own.chain(named.map(|name| Claim { stays: after.contains(&name), name })).collect()
    }

    fn budgets(&self, pods: &Labels) -> Vec<String> {
        let over = self.beside("PodDisruptionBudget").filter(|one| {
            let selector = one.at(&["spec", "selector"]).map(Selector::read);
            selector.is_some_and(|selector| selector.is_ok_and(|one| one.selects(pods)))
        });
        let taken = |one: &&Object| self.emitted("PodDisruptionBudget", &one.name).is_none();
        over.filter(taken).map(|one| one.name.clone()).collect()
    }

    fn routes(&self, services: &[&Object]) -> Vec<Route> {
        let names: BTreeSet<&str> = services.iter().map(|one| one.name.as_str()).collect();
        let leads = |one: &&Object| {
            let mut found = false;
            mentions(&one.value, &mut |key, text| {
                found |= ["name", "serviceName"].contains(&key) && names.contains(text);
            });
            found
        };
        let kinds = ["Ingress", "HTTPRoute"];
        let emitted = self.own().filter(|one| kinds.contains(&one.kind.as_str()));
        emitted
            .map(|one| {
                let name = name_of(&one.value);
                let old = kinds.iter().flat_map(|kind| self.beside(kind)).filter(leads);
                let other = old.filter(|old| self.emitted(&old.kind, &old.name).is_none());
                Route {
                    others: other
                        .map(|old| format!("{}/{}", old.kind.to_lowercase(), old.name))
                        .collect(),
                    kind: one.kind.clone(),
                    name,
                    file: one.file.clone(),
                }
            })
            .collect()
    }

    fn files(&self, workload: &Emitted, handed: &[Handed], routes: &[Route]) -> FilesInOrder {
        let mut files = FilesInOrder::default();
        for one in self.own() {
            let known = one.file == workload.file
                || handed.iter().any(|handed| handed.file == one.file)
                || routes.iter().any(|route| route.file == one.file);
            if known {
                continue;
            }
            match LATE.contains(&one.kind.as_str()) {
                true => files.late.push(one.file.clone()),
                false => files.first.push(one.file.clone()),
            }
        }
        files
    }

    /// Whether the tree has what makes the engine deliver this region.
    fn delivers(&self) -> bool {
        self.known.delivered.contains(self.region)
    }

    /// Policies of the fleet that close its namespace.
    fn closing(&self) -> Vec<String> {
        let own = self.group.namespace.as_str();
        let shared = self.known.units.get("fleet").into_iter().flatten();
        let policies = shared
            .filter(|one| one.kind == "NetworkPolicy" && one.namespace.as_deref() == Some(own));
        policies.map(|one| one.file.clone()).collect()
    }
}

/// Files of a service, in the order in which a person applies them.
#[derive(Default)]
struct FilesInOrder {
    first: Vec<String>,
    late: Vec<String>,
}

fn name_of(value: &Value) -> String {
    value.at(&["metadata", "name"]).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn labels_at(value: &Value, path: &[&str]) -> Labels {
    value.at(path).map(object::labels).unwrap_or_default()
}

/// `a=b,c=d`
fn joined(labels: &Labels, between: &str) -> String {
    let pairs = labels.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<String>>().join(between)
}

fn json(labels: &Labels) -> String {
    serde_json::to_string(labels).expect("labels are texts")
}

/// Every text of a value, with its key.
fn mentions<'v>(value: &'v Value, found: &mut dyn FnMut(&'v str, &'v str)) {
    for (key, value) in value.entries() {
        match value.as_str() {
            Some(text) => found(key, text),
            None => mentions(value, found),
        }
    }
    value.items().iter().for_each(|item| mentions(item, found));
}
