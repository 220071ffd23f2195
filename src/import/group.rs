//! What belongs together: a workload, and what stands around it.

use super::Options;
use super::object::{self, Object};
use super::routes;
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::kube::id;
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
    /// It stays as it is, with a service or with the fleet.
    Manifest(Option<usize>),
    /// It is a namespace of services.
    Namespace,
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

/// Kinds that Ninefold made, in a tree of its own, of what specs say.
const MADE: &[&str] = &[
    "NetworkPolicy",
    "PodMonitor",
    "PrometheusRule",
    "Schedule",
    "BackupStorageLocation",
    "VolumeSnapshotLocation",
    "PriorityClass",
    "DNSEndpoint",
    "Gslb",
    "ReplicationSource",
    "ReplicationDestination",
    "Cluster",
    "ScheduledBackup",
    "HTTPRoute",
    "Ingress",
    "CronJob",
    "Job",
    "ScaledObject",
    "ResourceQuota",
    "Kustomization",
    "GitRepository",
    "Application",
    "ApplicationSet",
    "MachineHealthCheck",
];

const SECRET: &str = "no credential stands in a spec: bring it into the cluster as you do today";
const OWNED: &str = "the cluster makes it for what owns it";
const CLUSTER: &str = "the cluster makes it in every namespace";

/// The most characters of the name of a service.
const LONGEST: usize = 30;

/// Names that the tree has taken.
const TAKEN: &[&str] =
    &["fleet", "ledger", "recovery", "procedures", "retained", "delivery", "default"];

/// Sorts all objects. `as_they_are` are workloads that no spec can describe.
pub(super) fn group(
    sink: &mut Sink,
    objects: &[Object],
    options: &Options,
    as_they_are: &BTreeMap<usize, String>,
) -> Groups {
    let mut sorting = Sorting {
        objects,
        options,
        groups: Vec::new(),
        fates: vec![Fate::Manifest(None); objects.len()],
        also: BTreeMap::new(),
    };
    for (at, object) in objects.iter().enumerate() {
        if let Some(why) = dropped(object) {
            sorting.fates[at] = Fate::Dropped(why);
        } else if object::is_workload(object) && !as_they_are.contains_key(&at) {
            sorting.fates[at] = Fate::Service(sorting.groups.len());
            sorting.groups.push(Group {
                name: object.name.clone(),
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
    sorting.jobs();
    Groups { groups: sorting.groups, fates: sorting.fates, also: sorting.also }
}

/// Why an object is nothing that a person declares.
fn dropped(object: &Object) -> Option<&'static str> {
    let owners = object.items(&["metadata", "ownerReferences"]);
    let owned = owners.iter().any(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    if let Some((_, why)) = DROPPED.iter().find(|(kind, _)| *kind == object.kind) {
        return Some(why);
    }
    let managed = object::labels_of(object).get("app.kubernetes.io/managed-by").map(String::as_str)
        == Some("ninefold");
    if managed && MADE.contains(&object.kind.as_str()) {
        return Some("Ninefold makes it of the spec");
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

    /// Kubernetes Services: the one that has the name of the workload is the service's own.
    fn services(&mut self, sink: &mut Sink) {
        let mut led: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, object) in self.objects.iter().enumerate() {
            let Some(selector) = object.at(&["spec", "selector"]) else { continue };
            if object.kind != "Service" || selector.entries().is_empty() {
                continue;
            }
            let found =
                self.selected(&self.namespace(at), &Selector::of(&object::labels(selector)));
            if let [first, second, ..] = found.as_slice() {
                self.shared(sink, object, (*first, *second));
                self.fates[at] = Fate::Manifest(Some(*first));
            } else if let [only] = found.as_slice() {
                led.entry(*only).or_default().push(at);
                self.fates[at] = Fate::Manifest(Some(*only));
            }
            let outside =
                matches!(object.text(&["spec", "type"]), Some("LoadBalancer" | "NodePort"));
            found.iter().for_each(|group| self.groups[*group].exposed |= outside);
        }
        for (group, mut services) in led {
            let workload = &self.objects[self.groups[group].workload].name;
            let rank = |at: &usize| {
                let object = &self.objects[*at];
                let outside =
                    object.text(&["spec", "type"]).is_some_and(|kind| kind != "ClusterIP");
                (object.name.len() > LONGEST, object.name != *workload, outside, *at)
            };
            services.sort_by_key(rank);
            let best = services[0];
            if self.objects[best].name.len() <= LONGEST {
                self.groups[group].service = Some(best);
                self.groups[group].name = self.objects[best].name.clone();
                self.fates[best] = Fate::Service(group);
            }
        }
    }

    fn shared(&self, sink: &mut Sink, service: &Object, (first, second): (usize, usize)) {
        let of = |group: usize| &self.objects[self.groups[group].workload];
        let (first, second) = (of(first), of(second));
        let message = format!(
            "the Kubernetes Service `{}` leads to two workloads, `{}` and `{}`",
            service.name, first.name, second.name
        );
        sink.report(
            Diagnostic::new(Code::IMPORT_DECIDE, message)
                .severity(Severity::Warning)
                .at(service.place, "")
                .related(first.place, "one of them")
                .related(second.place, "and the other")
                .note("it stays as it is, among `[[manifests]]`; each of the two is a service with an address of its own")
                .help("where one of them replaces the other in steps, import only the one that stays"),
        );
    }

    /// Names that a service can have, each once.
    fn names(&mut self) {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for group in &mut self.groups {
            let mut name = fitting(&group.name, LONGEST);
            if seen.contains(&name) {
                name = fitting(&format!("{name}-{}", group.namespace), LONGEST);
            }
            let mut count = 1;
            while seen.contains(&name) {
                count += 1;
                name = format!("{}-{count}", fitting(&group.name, LONGEST - 3));
            }
            seen.insert(name.clone());
            group.name = name;
        }
        for at in 0..self.groups.len() {
            let group = &self.groups[at];
            let Some(service) = group.service else { continue };
            if self.objects[service].name != group.name {
                // Its address must stay.
                self.fates[service] = Fate::Manifest(Some(at));
                self.groups[at].service = None;
            }
        }
    }

    fn accounts(&mut self) {
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        for at in 0..self.groups.len() {
            let group = &self.groups[at];
            let Some(name) = object::account(&self.objects[group.workload]) else { continue };
            let found = self.find("ServiceAccount", &group.namespace, name);
            if let Some(found) = found.filter(|found| taken.insert(*found))
                && self.fates[found] == Fate::Manifest(None)
            {
                self.fates[found] = Fate::Service(at);
                self.groups[at].account = Some(found);
            }
        }
    }

    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<usize> {
        let is = |at: &usize| {
            let object = &self.objects[*at];
            object.kind == kind && object.name == name && self.namespace(*at) == namespace
        };
        (0..self.objects.len()).find(is)
    }

    /// Objects that say whom they are for.
    fn beside(&mut self, at: usize) {
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
            "Ingress" | "HTTPRoute" | "GRPCRoute" => self.route(at, &namespace),
            "RoleBinding" | "ClusterRoleBinding" => self.rights(at, &namespace),
            _ => {}
        }
    }

    fn by_selector(&self, object: &Object, namespace: &str, path: &[&str]) -> Option<usize> {
        let selector = Selector::read(object.at(path)?).ok()?;
        match self.selected(namespace, &selector).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    fn scaler(&mut self, at: usize, namespace: &str) {
        let object = &self.objects[at];
        let target = |key| object.text(&["spec", "scaleTargetRef", key]).unwrap_or_default();
        let (kind, name) = (target("kind"), target("name"));
        let is = |group: &&mut Group| {
            let workload = &self.objects[group.workload];
            group.namespace == namespace && workload.kind == kind && workload.name == name
        };
        let found = self.groups.iter_mut().enumerate().find(|(_, group)| is(group));
        let Some((index, group)) = found else { return };
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
        let is = |group: &Group| {
            let service = group.service.map(|at| object::labels_of(&self.objects[at]));
            group.namespace == namespace && service.is_some_and(|labels| selector.selects(&labels))
        };
        self.groups.iter().position(is)
    }

    fn route(&mut self, at: usize, namespace: &str) {
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
        let said = own && led.len() == 1 && routes::is_plain(object);
        let taken = led.iter().any(|group| self.groups[*group].route.is_some());
        if said && !taken {
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
            for (index, group) in self.groups.iter_mut().enumerate() {
                let account = object::account(&self.objects[group.workload]);
                if text("kind") == Some("ServiceAccount")
                    && group.namespace == there
                    && account == text("name")
                {
                    group.has_rights = true;
                    first = first.or(Some(index));
                }
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

    /// ConfigMaps and claims that workloads name.
    fn given(&mut self) {
        let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (index, group) in self.groups.iter().enumerate() {
            let named = object::named(&self.objects[group.workload]);
            for (kind, name) in named {
                if let Some(at) = self.find(kind, &group.namespace, &name) {
                    users.entry(at).or_default().insert(index);
                }
            }
        }
        for (at, groups) in users {
            if self.fates[at] == Fate::Manifest(None) {
                let alone = groups.len() == 1;
                let claim = self.objects[at].kind == "PersistentVolumeClaim";
                self.fates[at] = match claim && !(alone && object::one_writes(&self.objects[at])) {
                    true => Fate::Manifest(groups.first().copied()),
                    false => Fate::Given(groups),
                };
            }
        }
    }

    /// What makes pods and stays as it is stands with the service whose account or image it has, and
    /// what it names stands with it: one file refers to nothing in another.
    fn jobs(&mut self) {
        for at in 0..self.objects.len() {
            let object = &self.objects[at];
            if self.fates[at] != Fate::Manifest(None) || object::pod(object).is_none() {
                continue;
            }
            let namespace = self.namespace(at);
            let mut named: Vec<usize> = object::named(object)
                .iter()
                .chain(&object::refers_to(object))
                .filter_map(|(kind, name)| self.find(kind, &namespace, name))
                .collect();
            named.sort_unstable();
            let home = |fate: &Fate| match fate {
                Fate::Service(group) => Some(*group),
                Fate::Manifest(group) => *group,
                Fate::Given(_) | Fate::Routed(_) | Fate::Namespace | Fate::Dropped(_) => None,
            };
            let bound = named.iter().find_map(|at| home(&self.fates[*at]));
            let same_image = (0..self.groups.len()).find(|group| {
                let group = &self.groups[*group];
                group.namespace == namespace
                    && object::images(&self.objects[group.workload]) == object::images(object)
            });
            let found = bound.or(same_image);
            self.fates[at] = Fate::Manifest(found);
            for given in named {
                match &self.fates[given] {
                    Fate::Manifest(None) => self.fates[given] = Fate::Manifest(found),
                    Fate::Given(_) => drop(self.also.insert(given, found)),
                    Fate::Manifest(Some(_))
                    | Fate::Routed(_)
                    | Fate::Service(_)
                    | Fate::Namespace
                    | Fate::Dropped(_) => {}
                }
            }
            self.scalers_of(at, &namespace, found);
        }
    }

    /// Autoscalers of a workload that stays as it is stand with it.
    fn scalers_of(&mut self, workload: usize, namespace: &str, group: Option<usize>) {
        for at in 0..self.objects.len() {
            let (object, of) = (&self.objects[at], &self.objects[workload]);
            let target = |key: &str| object.text(&["spec", "scaleTargetRef", key]);
            let names = target("kind") == Some(&of.kind) && target("name") == Some(&of.name);
            if self.fates[at] == Fate::Manifest(None) && names && self.namespace(at) == namespace {
                self.fates[at] = Fate::Manifest(group);
            }
        }
    }
}

/// The nearest name that a service can have.
fn fitting(name: &str, longest: usize) -> String {
    let near = id::nearest_label(name);
    let near = match near.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("x{near}"),
        false => near,
    };
    let near = if TAKEN.contains(&near.as_str()) { format!("{near}-service") } else { near };
    let cut: String = near.chars().take(longest).collect();
    cut.trim_end_matches('-').to_owned()
}
