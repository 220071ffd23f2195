//! What belongs together: a workload, and what stands around it.

mod services; // addresses, accounts and names
mod beside; //   what says whom it is for
mod given; //    what workloads name

use super::Options;
use super::made::{self, Made, Part};
use super::object::{self, Object};
use crate::diag::Sink;
use crate::kube::read::selector::{Labels, Selector};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes a service.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The name of the service.
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: String,
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

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    /// What becomes a service, in the order of the input.
    pub(super) groups: Vec<Group>,
    /// What becomes of each object.
    pub(super) fates: Vec<Fate>,
    /// What services are given, and manifests name as well: with which service it stands among those.
    pub(super) also: BTreeMap<usize, Option<usize>>,
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
        groups: Vec::new(),
        fates: vec![Fate::Manifest(None); objects.len()],
        also: BTreeMap::new(),
    };
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
    sorting.services(sink);
    sorting.names();
    sorting.accounts();
    for at in 0..objects.len() {
        sorting.beside(at);
    }
    sorting.given();
    sorting.jobs(kept);
    sorting.of_tree();
    Groups { groups: sorting.groups, fates: sorting.fates, also: sorting.also }
}

/// Why an object is nothing that a person declares.
fn dropped(object: &Object) -> Option<&'static str> {
    let owners = object.items(&["metadata", "ownerReferences"]);
    let owned = owners.iter().any(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    if let Some((_, why)) = DROPPED.iter().find(|(kind, _)| *kind == object.kind) {
        return Some(why);
    }
    match object.kind.as_str() {
        "Secret" => Some(SECRET),
        "ServiceAccount" if object.name == "default" => Some(CLUSTER),
        "ConfigMap" if object.name == "kube-root-ca.crt" => Some(CLUSTER),
        "Pod" | "ReplicaSet" | "Job" if owned => Some(OWNED),
        _ => None,
    }
}

struct Sorting<'a> {
    objects: &'a [Object],
    options: &'a Options,
    groups: Vec<Group>,
    fates: Vec<Fate>,
    also: BTreeMap<usize, Option<usize>>,
}

impl Sorting<'_> {
    fn namespace(&self, at: usize) -> String {
        self.options.namespace_of(&self.objects[at])
    }

    fn labels(&self, group: usize) -> Labels {
        object::pod_labels(&self.objects[self.groups[group].workload])
    }

    /// The groups of a namespace whose pods a selector selects.
    fn selected(&self, namespace: &str, selector: &Selector) -> Vec<usize> {
        let here = |group: &usize| self.groups[*group].namespace == namespace;
        let all = (0..self.groups.len()).filter(here);
        all.filter(|group| selector.selects(&self.labels(*group))).collect()
    }

    /// What a service of a tree has among its manifests stays with it.
    fn of_tree(&mut self) {
        for (at, object) in self.objects.iter().enumerate() {
            let Some(name) = made::service(object) else { continue };
            if self.fates[at] == Fate::Manifest(None) {
                let home = self.groups.iter().position(|group| group.name == name);
                self.fates[at] = Fate::Manifest(home);
            }
        }
    }

    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<usize> {
        let is = |at: &usize| {
            let object = &self.objects[*at];
            object.kind == kind
                && object.name == name
                && self.namespace(*at) == namespace
                && !matches!(self.fates[*at], Fate::Made(_))
        };
        (0..self.objects.len()).find(is)
    }
}
