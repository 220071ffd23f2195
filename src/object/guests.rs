//! What others wrote that governs the pods of a service: objects of the fleet, and of other services of its
//! namespace.

use super::held::GOVERN;
use crate::decide::Decided;
use crate::diag::Sources;
use crate::kube::{Namespace, RegionName, ServiceName};
use crate::model::{Manifest, Service};
use crate::yaml::{Value, written};
use std::collections::{BTreeMap, BTreeSet};

/// An object of somebody else's that governs the pods of a service.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The region that gets it.
    pub(super) region: RegionName,
    /// Its kind.
    pub(super) kind: String,
    /// Its name.
    pub(super) name: String,
    /// Who wrote it: `the fleet`, or the name of a service.
    pub(super) whose: String,
    /// What it says.
    pub(super) value: Value,
}

/// What the other services of a namespace run in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Others {
    /// Replicas.
    pub(super) replicas: u128,
    /// Thousandths of a core that all of them ask for.
    pub(super) cpu: u128,
    /// Bytes that all of them ask for.
    pub(super) memory: u128,
}

/// The files with objects that govern the pods of a namespace, by namespace. Mostly there are none.
#[derive(Debug)]
pub struct Governing(BTreeMap<Namespace, Vec<File>>);

#[derive(Debug)]
struct File {
    /// Its service; none for one of the fleet.
    of: Option<ServiceName>,
    /// Its number among those of the service, or of the fleet.
    index: usize,
}

impl Governing {
    /// Those of the fleet and of all services.
    pub fn of(decided: &Decided) -> Governing {
        let mut governing: BTreeMap<Namespace, Vec<File>> = BTreeMap::new();
        let services = decided.services().iter();
        let services = services.map(|one| (Some(one), one.manifests.as_slice()));
        let of_fleet = (None, decided.fleet().manifests.as_slice());
        for (service, manifests) in std::iter::once(of_fleet).chain(services) {
            for (index, manifest) in manifests.iter().enumerate() {
                let governs = manifest.objects.iter().filter(|one| GOVERN.contains(&&*one.kind));
                let namespaces: BTreeSet<Namespace> = governs
                    .filter_map(|object| match &object.namespace {
                        Some(written) => Some(Namespace::new(written.as_str())),
                        None => service.map(|service| service.namespace.clone()),
                    })
                    .collect();
                for namespace in namespaces {
                    let of = service.map(|service| service.name.clone());
                    governing.entry(namespace).or_default().push(File { of, index });
                }
            }
        }
        Governing(governing)
    }

    fn files<'a>(
        &'a self,
        decided: &'a Decided,
        service: &'a Service,
    ) -> impl Iterator<Item = (Option<&'a Service>, &'a Manifest)> {
        let files = self.0.get(&service.namespace).into_iter().flatten();
        let others = files.filter(|file| file.of.as_ref() != Some(&service.name));
        others.filter_map(|file| {
            let other = file.of.as_ref().map(|name| decided.service(name));
            match other {
                Some(other) => Some((other, other?.manifests.get(file.index)?)),
                None => Some((None, decided.fleet().manifests.get(file.index)?)),
            }
        })
    }

    /// The files of others that have something which governs the pods of a service.
    pub fn manifests<'a>(
        &'a self,
        decided: &'a Decided,
        service: &'a Service,
    ) -> impl Iterator<Item = &'a Manifest> {
        self.files(decided, service).map(|(_, manifest)| manifest)
    }

    /// What is in them for a service, once for each of its regions. What is wrong with it is reported where it
    /// is compiled.
    pub fn guests(&self, decided: &Decided, sources: &Sources, service: &Service) -> Vec<Guest> {
        let mut guests = Vec::new();
        for (other, manifest) in self.files(decided, service) {
            let Ok(documents) = written::documents(&sources.get(manifest.file).text) else {
                continue;
            };
            let whose = other.map_or("the fleet".to_owned(), |other| format!("`{}`", other.name));
            for written::Written { value, .. } in documents {
                let text = |path: &[&str]| value.at(path).and_then(Value::as_str);
                let kind = text(&["kind"]).unwrap_or_default().to_owned();
                let name = text(&["metadata", "name"]).unwrap_or_default().to_owned();
                let namespace = text(&["metadata", "namespace"]);
                let here =
                    namespace.is_none_or(|namespace| namespace == service.namespace.as_str());
                if !here || !GOVERN.contains(&&*kind) {
                    continue;
                }
                let has = |region: &RegionName| match other {
                    Some(other) => other.regions.iter().any(|one| one.name == *region),
                    None => true,
                };
                let regions = service.regions.iter().map(|region| &region.name);
                let regions = regions.filter(|region| manifest.is_for(region) && has(region));
                guests.extend(regions.map(|region| Guest {
                    region: region.clone(),
                    kind: kind.clone(),
                    name: name.clone(),
                    whose: whose.clone(),
                    value: value.clone(),
                }));
            }
        }
        guests
    }

    /// What the other services of a namespace run, by region; nothing where nothing there asks for it.
    pub fn others(&self, decided: &Decided, service: &Service) -> BTreeMap<RegionName, Others> {
        let mut others: BTreeMap<RegionName, Others> = BTreeMap::new();
        if service.alone || !self.0.contains_key(&service.namespace) {
            return others;
        }
        let beside = decided.services().iter();
        let beside = beside.filter(|other| other.namespace == service.namespace);
        let beside = beside.filter(|other| other.name != service.name);
        for taken in beside.flat_map(|other| decided.taken(other)) {
            let replicas = u128::from(taken.replicas);
            let (cpu, memory) = (taken.cpu.as_millis(), taken.memory.get());
            let sum = others.entry(taken.region).or_default();
            sum.replicas += replicas;
            sum.cpu += replicas * u128::from(cpu);
            sum.memory += replicas * u128::from(memory);
        }
        others
    }
}
