//! What nothing uses after the move, and who delivers it until then.

use super::page::Owner;
use super::{Moving, mentions};
use crate::import::object::{self, Object};
use std::collections::BTreeSet;

/// How Helm is made to leave an object.
const KEPT_BY_HELM: &str = "helm.sh/resource-policy=keep";

/// What Flux delivers by: the domain of its labels, what `flux suspend` calls it, and how it is made to
/// leave an object.
const FLUX: [(&str, &str, &str); 2] = [
    ("helm.toolkit.fluxcd.io", "helmrelease", KEPT_BY_HELM),
    ("kustomize.toolkit.fluxcd.io", "kustomization", "kustomize.toolkit.fluxcd.io/prune=disabled"),
];

impl<'a> Moving<'a> {
    /// What makes pods: the workload, and the jobs of the service, by number.
    fn makers(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.group.workload).chain(self.jobs.iter().copied())
    }

    /// What nothing takes over, the workload first.
    pub(super) fn leftovers(&self, services: &[&Object]) -> Vec<String> {
        let makers = || self.makers().map(|at| &self.objects[at]);
        let gone = makers().filter(|one| self.emitted(&one.kind, &one.name).is_none());
        let gone = gone.map(|one| format!("{}/{}", one.kind.to_lowercase(), one.name));
        let mut left: Vec<String> = gone.collect();
        let mentioned = |kind: &'a str, key: &[&str]| -> Vec<String> {
            let mut found = BTreeSet::new();
            for maker in makers() {
                mentions(&maker.value, &mut |found_key, text| {
                    if key.contains(&found_key) {
                        found.insert(text.to_owned());
                    }
                });
            }
            let there = self.beside_named(kind, &found).into_iter();
            there.map(|one| format!("{}/{}", kind.to_lowercase(), one)).collect()
        };
        left.extend(mentioned("ConfigMap", &["name"]));
        left.extend(mentioned("ServiceAccount", &["serviceAccountName"]));
        let unused = services.iter().filter(|one| self.emitted("Service", &one.name).is_none());
        left.extend(unused.map(|one| format!("service/{}", one.name)));
        left
    }

    fn beside_named(&self, kind: &'a str, names: &BTreeSet<String>) -> Vec<&'a str> {
        let mine: BTreeSet<usize> = self.makers().collect();
        // What is emitted, and what other pods name, is not left over.
        let of_others = move |name: &str| {
            let mentioned = self.known.mentioned.get(name);
            mentioned.is_some_and(|all| !all.is_subset(&mine))
        };
        let there =
            self.beside(kind).map(|one| one.name.as_str()).filter(|name| names.contains(*name));
        there.filter(move |name| self.emitted(kind, name).is_none() && !of_others(name)).collect()
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
                keep: KEPT_BY_HELM,
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
        for (domain, kind, keep) in FLUX {
            let Some(name) = labels.get(&format!("{domain}/name")) else { continue };
            let namespace = labels.get(&format!("{domain}/namespace"));
            let namespace = namespace.map_or("flux-system", String::as_str);
            let hold = format!("flux suspend {kind} {name} -n {namespace}");
            owners.push(Owner { title: "Flux", hold, keep });
        }
        owners
    }
}
