//! What a unit is compiled from, as a digest.

use super::Fleet;
use crate::decide;
use crate::model;
use crate::name::Digest;
use crate::pages;
use crate::plan::Unit;
use std::collections::BTreeSet;

impl Fleet {
    /// The digest of everything that the specs and templates contribute to a unit: when it is the
    /// same, and the tree holds what it held, compiling it gives the same. `in_use` is that of
    /// [`Previous`](crate::tree::Previous).
    pub fn fingerprint(&self, unit: &Unit, in_use: &BTreeSet<(String, String)>) -> Digest {
        let mut text = format!("{} {}\n", self.shared, self.root);
        match self.service(unit) {
            Some(service) => {
                let source = self.sources.get(service.document.file());
                let links = (&service.calls, &service.callers, service.alone);
                let rests = self.decided.rests_of(service);
                let turn = decide::order::turn(&self.decided, service);
                let around = format!("{links:?}{rests:?}{turn:?}");
                text.push_str(&format!("{}\n{around}\n{}", source.path, source.text));
                self.add_called(&mut text, &rests);
                for file in service.files.iter().filter(|file| file.key == "source") {
                    let digest = match &file.content {
                        model::Content::Text(held) => {
                            Digest::of(held.texts().collect::<String>().as_bytes())
                        }
                        model::Content::Bytes(bytes) => Digest::of(bytes),
                    };
                    text.push_str(&format!("\n{digest}"));
                }
                self.add_manifests(&mut text, &service.manifests);
                self.add_governed(&mut text, service);
                // Another service of its namespace may run as root, and the fleet says more.
                for region in &service.regions {
                    let of = (region.name.clone(), service.namespace.clone());
                    text.push_str(&format!("\n{:?}", self.levels.get(&of)));
                }
                // What they refer to may be in the manifests of others.
                for region in service.regions.iter().filter(|_| self.has_users(service)) {
                    let digest = self.beside.digest(&region.name, &service.namespace);
                    text.push_str(&format!("\n{digest:?}"));
                }
            }
            None => {
                for service in self.decided.services() {
                    let regions: Vec<&str> =
                        service.regions.iter().map(|region| region.name.as_str()).collect();
                    let path = &self.sources.get(service.document.file()).path;
                    let written = service.document.has(&["namespace"]);
                    let (name, namespace) = (&service.name, &service.namespace);
                    let level = self.decided.fleet().level(namespace, service.is_root());
                    let own =
                        format!("{path} {name} {namespace} {written} {level:?} {regions:?}\n");
                    text.push_str(&own);
                    text.push_str(&format!("{:?}\n", service.metadata.namespace));
                }
                text.push_str(&format!("{in_use:?}{:?}", self.decided.twins()));
                text.push_str(&format!("{:?}", decide::jobs::held(&self.decided)));
                for shared in decide::shared::of(&self.decided) {
                    let slot = shared.cadence.slot();
                    let (name, apart) = (&shared.name, &shared.apart);
                    text.push_str(&format!("{name} {} {slot} {apart:?}\n", shared.location.name));
                }
                for procedure in pages::procedure::used(&self.decided) {
                    text.push_str(&format!("{}\n", procedure.name));
                }
                self.add_manifests(&mut text, &self.decided.fleet().manifests);
                if !self.decided.fleet().manifests.is_empty() {
                    text.push_str(&format!("\n{}", self.beside.digest_of_all()));
                }
            }
        }
        Digest::of(text.as_bytes())
    }

    /// What is claimed of a service may be void by the objects of those that it calls.
    fn add_called(&self, text: &mut String, rests: &[&decide::Rest]) {
        let called = rests.first().into_iter().flat_map(|rest| rest.all.iter());
        for called in called.filter_map(|name| self.decided.service(name)) {
            if !called.patches.is_empty() || !called.manifests.is_empty() {
                text.push_str(&self.sources.get(called.document.file()).text);
                self.add_manifests(text, &called.manifests);
            }
            self.add_governed(text, called);
        }
    }

    /// What others wrote may void what is claimed of a service, too.
    fn add_governed(&self, text: &mut String, service: &model::Service) {
        for manifest in self.governing.manifests(&self.decided, service) {
            self.add_manifests(text, std::slice::from_ref(manifest));
            text.push_str(&format!("{:?}", manifest.regions));
        }
        text.push_str(&format!("{:?}", self.governing.others(&self.decided, service)));
    }

    fn add_manifests(&self, text: &mut String, manifests: &[model::Manifest]) {
        for manifest in manifests {
            let source = self.sources.get(manifest.file);
            let digest = Digest::of(source.text.as_bytes());
            text.push_str(&format!("\n{} {digest}", source.path));
        }
    }
}
