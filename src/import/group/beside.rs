//! Objects that say whom they are for: policies, budgets, autoscalers, monitors, routes, rights.

use super::{Fate, Sorting};
use crate::import::object::Object;
use crate::import::{object, routes};
use crate::kube::read::selector::Selector;
use crate::yaml::Value;
use std::collections::BTreeSet;

impl Sorting<'_> {
    /// Objects that say whom they are for.
    pub(super) fn beside(&mut self, at: usize, kept: &BTreeSet<usize>) {
        if self.fates[at] != Fate::Manifest(None) {
            return;
        }
        let object = &self.objects[at];
        let namespace = self.namespace(at);
        match object.kind.as_str() {
            "Namespace" if self.groups.iter().any(|group| group.namespace == object.name) => {
                self.fates[at] = Fate::Namespace;
            }
            "HorizontalPodAutoscaler" => self.scaler(at, &namespace),
            "PodDisruptionBudget" => {
                if let Some(group) = self.by_selector(object, &namespace, &["spec", "selector"]) {
                    self.fates[at] = Fate::Service(group);
                }
            }
            "NetworkPolicy" => {
                let group = self.by_selector(object, &namespace, &["spec", "podSelector"]);
                self.fates[at] = Fate::Manifest(group);
            }
            "PodMonitor" => {
                let group = self.by_selector(object, &namespace, &["spec", "selector"]);
                self.fates[at] = Fate::Manifest(group);
            }
            "ServiceMonitor" => {
                let group = self.monitored(object, &namespace);
                self.fates[at] = Fate::Manifest(group);
            }
            "Ingress" | "HTTPRoute" | "GRPCRoute" => self.route(at, &namespace, kept),
            "RoleBinding" | "ClusterRoleBinding" => self.rights(at, &namespace),
            _ => {}
        }
    }

    fn by_selector(&self, object: &Object, namespace: &str, path: &[&str]) -> Option<usize> {
        let selector = Selector::read(object.at(path)?).ok()?;
        match self.workloads.selected(namespace, &selector).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    fn scaler(&mut self, at: usize, namespace: &str) {
        let object = &self.objects[at];
        let target = |key| object.text(&["spec", "scaleTargetRef", key]).unwrap_or_default();
        let (kind, name) = (target("kind"), target("name"));
        let Some(index) = self.workloads.named(namespace, kind, name) else { return };
        let group = &mut self.groups[index];
        let known = ["autoscaling/v2", "autoscaling/v1"].contains(&object.api_version.as_str());
        if known && kind == "Deployment" && group.scaler.is_none() {
            group.scaler = Some(at);
            self.fates[at] = Fate::Service(index);
        } else {
            self.fates[at] = Fate::Manifest(Some(index));
        }
    }

    fn monitored(&self, object: &Object, namespace: &str) -> Option<usize> {
        let selector = Selector::read(object.at(&["spec", "selector"])?).ok()?;
        let is = |group: &usize| {
            let service = self.groups[*group].service;
            let labels = service.map(|at| object::labels_of(&self.objects[at]));
            labels.is_some_and(|labels| selector.selects(&labels))
        };
        self.workloads.here(namespace).iter().copied().find(is)
    }

    fn route(&mut self, at: usize, namespace: &str, kept: &BTreeSet<usize>) {
        let object = &self.objects[at];
        let mut led: BTreeSet<usize> = BTreeSet::new();
        let mut own = true;
        for name in object::backends(object) {
            let service = self.find("Service", namespace, &name);
            match service.map(|service| &self.fates[service]) {
                Some(Fate::Service(group)) => drop(led.insert(*group)),
                Some(Fate::Manifest(Some(group))) => {
                    led.insert(*group);
                    own = false;
                }
                _ => own = false,
            }
        }
        led.iter().for_each(|group| self.groups[*group].routed = true);
        // A host leads to one service; an Ingress that leads to several stays as it is.
        let expressible = own && led.len() == 1 && routes::is_plain(object) && !kept.contains(&at);
        let taken = led.iter().any(|group| self.groups[*group].route.is_some());
        if expressible && !taken {
            led.iter().for_each(|group| self.groups[*group].route = Some(at));
            self.fates[at] = Fate::Routed(led);
        } else {
            self.fates[at] = Fate::Manifest(led.first().copied());
        }
    }

    fn rights(&mut self, at: usize, namespace: &str) {
        let object = &self.objects[at];
        let mut first = None;
        for subject in object.items(&["subjects"]) {
            let text = |key| subject.get(key).and_then(Value::as_str);
            let there = text("namespace")
                .map_or(namespace.to_owned(), |namespace| self.options.namespace(Some(namespace)));
            let name = text("name").filter(|_| text("kind") == Some("ServiceAccount"));
            let Some(name) = name else { continue };
            for index in self.workloads.of_account(&there, name) {
                self.groups[*index].has_rights = true;
                first = first.or(Some(*index));
            }
        }
        if object.kind == "ClusterRoleBinding" {
            return;
        }
        self.fates[at] = Fate::Manifest(first);
        let role = object.text(&["roleRef", "name"]).unwrap_or_default();
        if object.text(&["roleRef", "kind"]) == Some("Role")
            && let Some(role) = self.find("Role", namespace, role)
        {
            self.fates[role] = Fate::Manifest(first);
        }
    }
}
