//! What belongs together: a workload, and what stands around it.

mod services; // addresses, accounts and names
mod beside; //   what says whom it is for
mod given; //    what workloads name
mod index; //    what is asked again and again

use super::Options;
use super::made::{self, Made, Part};
use super::object::{self, Object};
use crate::diag::Sink;
use crate::yaml::Value;
use index::{Places, Workloads};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What becomes a service.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The name of the service.
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: String,
    /// Whether it is the first of its namespace.
    pub(super) is_first: bool,
    /// The Deployment or StatefulSet.
    pub(super) workload: usize,
    /// The Kubernetes Service that has its name.
    pub(super) service: Option<usize>,
    /// The ServiceAccount that is made for it; none where another service has it.
    pub(super) account: Option<usize>,
    /// The HorizontalPodAutoscaler.
    pub(super) scaler: Option<usize>,
    /// Whether something outside of the cluster reaches its pods by a Kubernetes Service.
    pub(super) exposed: bool,
    /// Whether a route leads to it.
    pub(super) routed: bool,
    /// The Ingress that its `[traffic]` says.
    pub(super) route: Option<usize>,
    /// Whether somebody gives rights to its account.
    pub(super) has_rights: bool,
}

/// What becomes of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// A service says it.
    Service(usize),
    /// What services are given: their fields say what is in it.
    Given(BTreeSet<usize>),
    /// The routes of services say it.
    Routed(BTreeSet<usize>),
    /// `depends_on` and `called_by` of a service, and of those that it names, say it.
    Policy(usize),
    /// It is a job of a service.
    Job(usize),
    /// It stays as it is, with a service or with the fleet.
    Manifest(Option<usize>),
    /// It is a namespace of services.
    Namespace,
    /// Ninefold made it: for a service, or of the fleet.
    Made(bool),
    /// It is nothing that a person declares, or not here, and why.
    Dropped(&'static str),
}

impl Fate {
    /// The service that it stands with.
    fn stands_with(&self) -> Option<usize> {
        if let Fate::Service(group) = self {
            return Some(*group);
        }
        if let Fate::Manifest(group) = self { *group } else { None }
    }

    /// The services whose specs say what is in it, by fields and patches.
    pub(super) fn services(&self) -> Vec<usize> {
        match self {
            Fate::Service(group) | Fate::Job(group) | Fate::Policy(group) => vec![*group],
            Fate::Given(groups) | Fate::Routed(groups) => groups.iter().copied().collect(),
            Fate::Manifest(_) | Fate::Namespace | Fate::Made(_) | Fate::Dropped(_) => Vec::new(),
        }
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    /// What becomes a service, in the order of the input.
    pub(super) groups: Vec<Group>,
    /// What becomes of each object.
    pub(super) fates: Vec<Fate>,
    /// What services are given, and manifests name as well: with which service it stands among those.
    pub(super) also: BTreeMap<usize, Option<usize>>,
    /// Objects by kind, namespace and name.
    pub(super) places: Arc<Places>,
    /// For each service, its objects.
    of_group: Vec<Vec<usize>>,
}

impl Groups {
    /// Makes objects what policies of services say: each with the service over whose pods it is.
    pub(super) fn say(&mut self, policies: Vec<(usize, usize)>) {
        for (at, group) in policies {
            self.fates[at] = Fate::Policy(group);
            let of = &mut self.of_group[group];
            if let Err(place) = of.binary_search(&at) {
                of.insert(place, at);
            }
        }
    }

    /// The objects that a service says, is given or bears the mark of, in the order of the input.
    pub(super) fn of(&self, group: usize) -> &[usize] {
        &self.of_group[group]
    }

    /// With which service an object stands among the manifests; none for one that does not stand there.
    pub(super) fn home(&self, at: usize, partly: &BTreeSet<usize>) -> Option<Option<usize>> {
        if let Fate::Manifest(group) = &self.fates[at] {
            return Some(*group);
        }
        if let Fate::Given(groups) = &self.fates[at]
            && partly.contains(&at)
        {
            return Some(self.also.get(&at).copied().unwrap_or_else(|| groups.first().copied()));
        }
        None
    }
}

/// Kinds that the cluster makes, and those that a fleet only names.
const DROPPED: &[(&str, &str)] = &[
    ("Endpoints", "the cluster makes it for a Service"),
    ("EndpointSlice", "the cluster makes it for a Service"),
    ("Event", "the cluster says what happened"),
    ("Lease", "what runs holds it"),
    ("ControllerRevision", "the cluster makes it for a workload"),
    ("Node", "the cluster has it; `zones` and `pools` of the fleet say how large it is"),
    ("StorageClass", "the cluster has it; `storage` of the fleet names it"),
    ("VolumeSnapshotClass", "the cluster has it; `storage` of the fleet names it"),
    ("PersistentVolume", "the cluster makes it for a claim"),
    ("VolumeAttachment", "the cluster makes it for a volume"),
    ("PodMetrics", "the cluster measures it"),
    ("NodeMetrics", "the cluster measures it"),
    ("ComponentStatus", "the cluster says how it is"),
];

const SECRET: &str = "no credential stands in a spec: bring it into the cluster as you do today";
const FORMER: &str = "a former generation: what replaced it is imported";
const OWNED: &str = "the cluster makes it for what owns it";
const CLUSTER: &str = "the cluster makes it in every namespace";

/// Sorts all objects. `as_they_are` are workloads that no spec can describe, and `kept` what stays beside
/// them though it looks as if fields could say it.
pub(super) fn group(
    sink: &mut Sink,
    objects: &[Object],
    (options, made): (&Options, &Made),
    (as_they_are, kept): (&BTreeMap<usize, String>, &BTreeSet<usize>),
) -> Groups {
    let mut sorting = Sorting {
        objects,
        options,
        places: Arc::new(Places::of(objects, options)),
        workloads: Workloads::default(),
        groups: Vec::new(),
        fates: vec![Fate::Manifest(None); objects.len()],
        also: BTreeMap::new(),
    };
    let mut first = BTreeSet::new();
    for (at, object) in objects.iter().enumerate() {
        if let Some(part) = made.part(at) {
            sorting.fates[at] = match part {
                Part::Former => Fate::Dropped(FORMER),
                Part::Made => Fate::Made(made::service(object).is_some()),
            };
        } else if let Some(why) = dropped(object) {
            sorting.fates[at] = Fate::Dropped(why);
        } else if object::is_workload(object) && !as_they_are.contains_key(&at) {
            sorting.fates[at] = Fate::Service(sorting.groups.len());
            sorting.groups.push(Group {
                name: made::service(object).unwrap_or(&object.name).to_owned(),
                namespace: options.namespace_of(object),
                is_first: first.insert(options.namespace_of(object)),
                workload: at,
                service: None,
                account: None,
                scaler: None,
                exposed: false,
                routed: false,
                route: None,
                has_rights: false,
            });
        }
    }
    sorting.workloads = Workloads::of(objects, &sorting.groups);
    sorting.services(sink);
    sorting.names();
    sorting.accounts();
    for at in 0..objects.len() {
        sorting.beside(at, kept);
    }
    sorting.given();
    sorting.jobs(kept);
    sorting.of_tree();
    let Sorting { groups, fates, also, places, .. } = sorting;
    let of_group = index::by_group(objects, &groups, &fates);
    Groups { groups, fates, also, places, of_group }
}

/// Why an object is nothing that a person declares.
fn dropped(object: &Object) -> Option<&'static str> {
    let owners = object.items(&["metadata", "ownerReferences"]);
    let owned = owners.iter().any(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    if let Some((_, why)) = DROPPED.iter().find(|(kind, _)| *kind == object.kind) {
        return Some(why);
    }
    match object.kind.as_str() {
        "Secret" => Some(made_secret(object).unwrap_or(SECRET)),
        "ServiceAccount" if object.name == "default" => Some(CLUSTER),
        "ConfigMap" if object.name == "kube-root-ca.crt" => Some(CLUSTER),
        "Pod" | "ReplicaSet" | "Job" if owned => Some(OWNED),
        _ => None,
    }
}

/// Why a Secret is none that a person has to bring.
pub(super) fn made_secret(object: &Object) -> Option<&'static str> {
    match object.text(&["type"])? {
        "helm.sh/release.v1" => Some("Helm records a release in it"),
        "kubernetes.io/service-account-token" => Some("the cluster makes the token"),
        _ => None,
    }
}

struct Sorting<'a> {
    objects: &'a [Object],
    options: &'a Options,
    places: Arc<Places>,
    workloads: Workloads,
    groups: Vec<Group>,
    fates: Vec<Fate>,
    also: BTreeMap<usize, Option<usize>>,
}

impl Sorting<'_> {
    fn namespace(&self, at: usize) -> String {
        self.options.namespace_of(&self.objects[at])
    }

    /// What a service of a tree has among its manifests stays with it.
    fn of_tree(&mut self) {
        let groups = self.groups.iter().enumerate();
        let named: BTreeMap<&str, usize> =
            groups.map(|(at, group)| (group.name.as_str(), at)).collect();
        for (at, object) in self.objects.iter().enumerate() {
            let Some(name) = made::service(object) else { continue };
            if self.fates[at] == Fate::Manifest(None) {
                self.fates[at] = Fate::Manifest(named.get(name).copied());
            }
        }
    }

    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<usize> {
        let mut all = self.places.all(kind, namespace, name).iter().copied();
        all.find(|at| !matches!(self.fates[*at], Fate::Made(_)))
    }
}
