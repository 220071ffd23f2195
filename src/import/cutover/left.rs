//! What nothing uses after the move, and who delivers it until then.

use super::page::Owner;
use super::{Moving, mentions, name_of};
use crate::import::object::{self, Object};
use std::collections::BTreeSet;

impl<'a> Moving<'a> {
    /// What nothing takes over, the workload first.
    pub(super) fn leftovers(&self, services: &[&Object]) -> Vec<String> {
        let mut left = vec![];
        let old = self.workload();
        if self.emitted(&old.kind, &old.name).is_none() {
            left.push(format!("{}/{}", old.kind.to_lowercase(), old.name));
        }
        let mentioned = |kind: &'a str, key: &[&str]| -> Vec<String> {
            let mut found = BTreeSet::new();
            mentions(&old.value, &mut |found_key, text| {
                if key.contains(&found_key) {
                    found.insert(text.to_owned());
                }
            });
            let there = self.beside_named(kind, &found);
            there.map(|one| format!("{}/{}", kind.to_lowercase(), one)).collect()
        };
        left.extend(mentioned("ConfigMap", &["name"]));
        left.extend(mentioned("ServiceAccount", &["serviceAccountName"]));
        let unused = services.iter().filter(|one| self.emitted("Service", &one.name).is_none());
        left.extend(unused.map(|one| format!("service/{}", one.name)));
        left
    }

    fn beside_named<'s>(
        &self,
        kind: &'a str,
        names: &'s BTreeSet<String>,
    ) -> impl Iterator<Item = &'a str> + use<'a, 's> {
        let mut used: BTreeSet<String> = (self.emitted.iter())
            .filter(|one| one.kind == kind)
            .map(|one| name_of(&one.value))
            .collect();
        // What other pods name is not left over.
        let others = self
            .objects
            .iter()
            .enumerate()
            .filter(|(at, one)| *at != self.group.workload && object::pod(one).is_some());
        for (_, other) in others {
            mentions(&other.value, &mut |_, text| {
                used.insert(text.to_owned());
            });
        }
        let there = self.beside(kind).map(|one| one.name.as_str());
        there.filter(move |name| names.contains(*name) && !used.contains(*name))
    }

    /// What delivers the old objects, as their marks say.
    pub(super) fn owners(&self) -> Vec<Owner> {
        let old = self.workload();
        let (labels, marks) = (object::labels_of(old), object::annotations_of(old));
        let mut owners = Vec::new();
        if let Some(release) = marks.get("meta.helm.sh/release-name") {
            owners.push(Owner {
                title: "Helm",
                hold: format!("# no helm upgrade and no helm uninstall of {release} from now on"),
                keep: "helm.sh/resource-policy=keep",
            });
        }
        let tracked = marks.get("argocd.argoproj.io/tracking-id");
        let tracked = tracked.and_then(|id| id.split(':').next().map(str::to_owned));
        if let Some(app) = tracked.or_else(|| labels.get("argocd.argoproj.io/instance").cloned()) {
            owners.push(Owner {
                title: "Argo CD",
                hold: format!("argocd app set {app} --sync-policy none"),
                keep: "argocd.argoproj.io/sync-options=Prune=false",
            });
        }
        if let Some(name) = labels.get("helm.toolkit.fluxcd.io/name") {
            let namespace = labels.get("helm.toolkit.fluxcd.io/namespace");
            let namespace = namespace.map_or("flux-system", String::as_str);
            owners.push(Owner {
                title: "Flux",
                hold: format!("flux suspend helmrelease {name} -n {namespace}"),
                keep: "helm.sh/resource-policy=keep",
            });
        }
        if let Some(name) = labels.get("kustomize.toolkit.fluxcd.io/name") {
            let namespace = labels.get("kustomize.toolkit.fluxcd.io/namespace");
            let namespace = namespace.map_or("flux-system", String::as_str);
            owners.push(Owner {
                title: "Flux",
                hold: format!("flux suspend kustomization {name} -n {namespace}"),
                keep: "kustomize.toolkit.fluxcd.io/prune=disabled",
            });
        }
        owners
    }
}
