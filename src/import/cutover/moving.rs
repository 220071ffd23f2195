//! The page of one service that moves: what runs today, and what takes its place.

use super::page::{Addresses, Claim, Handed, Page, Route};
use super::{Known, LATE, joined, json, labels_at, mentions, name_of};
use crate::import::compile::Emitted;
use crate::import::group::Group;
use crate::import::object::{self, Object};
use crate::kube::engines::delivery;
use crate::kube::read::selector::{Labels, Selector};
use crate::yaml::Value;
use std::collections::BTreeSet;

pub(super) struct Moving<'a> {
    pub(super) objects: &'a [Object],
    pub(super) group: &'a Group,
    /// Its jobs, by number.
    pub(super) jobs: Vec<usize>,
    pub(super) known: &'a Known<'a>,
    pub(super) region: &'a str,
    pub(super) engine: &'static delivery::Row,
}

impl<'a> Moving<'a> {
    fn own(&self) -> impl Iterator<Item = &'a Emitted> + use<'a> {
        let mine = self.known.units.get(self.group.name.as_str());
        mine.into_iter().flatten().copied()
    }

    /// The objects of the source that stand beside the workload.
    pub(super) fn beside(&self, kind: &'a str) -> impl Iterator<Item = &'a Object> + use<'a> {
        let there = self.known.beside.get(&(kind, self.workload().namespace.as_deref()));
        there.into_iter().flatten().copied()
    }

    pub(super) fn workload(&self) -> &'a Object {
        &self.objects[self.group.workload]
    }

    pub(super) fn page(&self) -> Option<Page> {
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
    pub(super) fn emitted(&self, kind: &'a str, name: &str) -> Option<&'a Emitted> {
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
