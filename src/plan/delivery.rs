//! What makes the engine deliver a region, folder by folder: what services share first.
//!
//! No object here may take anything away by going itself: an edit of `[delivery]`, or a folder that
//! leaves the tree, would take away what serves. So Applications have no finalizer, Kustomizations
//! leave what they delivered where it is, the engine never prunes what is in `delivery/`, and a folder
//! that is gone leaves an Application or a Kustomization that says so, until a person deletes it and
//! what it delivered.

use super::namespaces::managed;
use super::values::{Application, ApplicationSet, Kustomization, Map, Meta, Repository, Values};
use super::{Origin, Planned, shared};
use crate::decide::delivery::{COMMITS, DRIFT, GIT, HEALTH, RETRIES, RETRY};
use crate::decide::{Decided, jobs};
use crate::kube::engines::delivery::Delivery;
use crate::kube::{Kind, Namespace, RegionName, ServiceName, labels};
use crate::model::{Fleet, Installation, Region, Source};
use std::collections::{BTreeMap, BTreeSet};

/// The folder of what services share, beside those of the services.
pub(crate) const FLEET: &str = "fleet";

/// The folder of these objects.
pub(crate) const FOLDER: &str = "delivery";

/// Applications that Argo CD makes of the folders of services are called like those of Flux.
const EACH: &str = "{{ .path.basename }}";
const EACH_PATH: &str = "{{ .path.path }}";

/// How Argo CD applies (`docs/user-guide/sync-options.md`). On the server, as the annotation of the
/// last state that a client would need holds 256 KiB. What left the tree goes last, when the rest is
/// healthy. And only what differs is applied: then a later wave waits for the health of an earlier
/// one only when something of it changes, and a release that never gets healthy holds up no revert.
const OPTIONS: &[&str] = &["ServerSideApply=true", "PruneLast=true", "ApplyOutOfSyncOnly=true"];

/// What tells the Kustomization of what comes before a release from that of its service.
const BEFORE: &str = "before";

/// Regions with the services in them, for each that the tree has a folder of.
pub(crate) type Places<'a> = BTreeMap<&'a RegionName, BTreeSet<&'a ServiceName>>;

/// Every region that the tree has objects of, with its services.
pub(crate) fn places(decided: &Decided) -> Places<'_> {
    let mut places = Places::new();
    for service in decided.services() {
        for region in &service.regions {
            places.entry(&region.name).or_default().insert(&service.name);
        }
    }
    let regions = &decided.fleet().regions;
    for object in super::shared_objects(decided).iter().flatten() {
        if let Some((name, _)) = regions.get_key_value(&object.id.region) {
            places.entry(name).or_default();
        }
    }
    places
}

/// Objects that are planned at once.
const AT_ONCE: usize = 256;

/// The objects of every region, some at a time.
pub(crate) fn plan(decided: &Decided) -> impl Iterator<Item = Vec<Planned>> + '_ {
    let fleet = decided.fleet();
    let (places, source) = match &fleet.installation {
        Installation::Objects(source) => (places(decided), Some(source)),
        Installation::ByHand | Installation::Script => (Places::new(), None),
    };
    let held = jobs::held(decided);
    let mut planned = places.into_iter().flat_map(move |(name, services)| {
        let at = source.map(|source| At { fleet, source, region: &fleet.regions[name] });
        let of = |at: At<'_>| at.objects(&services, &held).collect::<Vec<_>>();
        at.into_iter().flat_map(of).collect::<Vec<_>>()
    });
    std::iter::from_fn(move || {
        let some: Vec<Planned> = planned.by_ref().take(AT_ONCE).collect();
        (!some.is_empty()).then_some(some)
    })
}

/// A region, and what delivers to it.
#[derive(Clone, Copy)]
struct At<'a> {
    fleet: &'a Fleet,
    source: &'a Source,
    region: &'a Region,
}

impl At<'_> {
    fn objects(
        &self,
        services: &BTreeSet<&ServiceName>,
        held: &jobs::Held<'_>,
    ) -> impl Iterator<Item = Planned> {
        let mut objects = Vec::new();
        match self.fleet.delivery {
            Delivery::ArgoCd => {
                let fleet = Values::Application(Box::new(self.application(FLEET)));
                objects.push(self.object(Kind::Application, FLEET, FLEET, fleet));
                let set = Values::ApplicationSet(Box::new(self.set()));
                objects.push(self.object(Kind::ApplicationSet, "services", "services", set));
            }
            Delivery::Flux => {
                let tree = Values::Repository(Box::new(self.repository()));
                objects.push(self.object(Kind::GitRepository, "tree", "tree", tree));
                let mut deliver = |name: &str, values: Kustomization| {
                    let values = Values::Kustomization(Box::new(values));
                    objects.push(self.object(Kind::Kustomization, name, name, values));
                };
                deliver(FLEET, self.kustomization(FLEET));
                for service in services {
                    let whole = self.kustomization(service.plain());
                    if !held.contains(&(&self.region.name, *service)) {
                        deliver(service.plain(), whole);
                        continue;
                    }
                    let first = format!("{}-{BEFORE}", service.plain());
                    let (before, after) = self.in_two(whole, &first);
                    deliver(&first, before);
                    deliver(service.plain(), after);
                }
            }
            Delivery::Kubectl => {}
        }
        objects.into_iter()
    }

    fn object(&self, kind: Kind, name: &str, part: &str, values: Values) -> Planned {
        let name = self.name(name);
        let origin = Origin { span: self.fleet.document.key(&["delivery"]), key: "delivery" };
        let namespace = Some(self.source.namespace.clone());
        shared(self.fleet, self.region, (kind, namespace, &name, part), values, origin)
    }

    /// One engine may deliver to several regions, so names have the region in them.
    fn name(&self, part: &str) -> String {
        format!("{}-{part}", self.region.name)
    }

    fn meta(&self, name: &str) -> Meta {
        Meta {
            name: self.name(name),
            namespace: Some(self.source.namespace.to_string()),
            labels: managed(self.region),
            annotations: Map::new(),
        }
    }

    fn folder(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.source.path, self.region.name)
    }

    /// The cluster of the region, where the engine runs in another.
    fn elsewhere(&self) -> Option<&str> {
        let elsewhere = self.region.delivered_from != self.region.name;
        elsewhere.then_some(self.region.cluster.as_str())
    }

    fn application(&self, name: &str) -> Application {
        Application {
            meta: self.meta(name),
            project: self.source.project.clone(),
            repository: self.source.repository.clone(),
            revision: self.source.revision.clone(),
            path: self.folder(name),
            cluster: self.elsewhere().map(str::to_owned),
            retries: RETRIES,
            options: OPTIONS.to_vec(),
        }
    }

    /// One object for all services, as a thousand services in three regions would be three thousand
    /// files more, each with the revision in it. Argo CD finds the folders itself.
    ///
    /// They are not ordered by it: `RollingSync` takes automated sync away from all of them. What a
    /// service needs of the fleet is there a moment later, and a sync that failed is tried again.
    ///
    /// That somebody takes automated sync away from one of them, as a recovery begins with, is left as
    /// it is.
    fn set(&self) -> ApplicationSet {
        let each = Application { path: EACH_PATH.to_owned(), ..self.application("services") };
        ApplicationSet {
            each,
            application: self.name(EACH),
            folders: self.folder("*"),
            without: [FOLDER, FLEET].map(|folder| self.folder(folder)).to_vec(),
        }
    }

    fn repository(&self) -> Repository {
        let source = self.source;
        let is_commit =
            source.revision.len() == 40 && source.revision.bytes().all(|b| b.is_ascii_hexdigit());
        let is_reference = source.revision.starts_with("refs/");
        let when = |holds: bool| holds.then(|| source.revision.clone());
        Repository {
            meta: self.meta("tree"),
            repository: source.repository.clone(),
            branch: when(!is_commit && !is_reference),
            commit: when(is_commit),
            reference: when(is_reference),
            secret: source.secret.clone(),
            interval: COMMITS.to_owned(),
            timeout: GIT.to_owned(),
            ignore: only(&format!("{}/{}", source.path, self.region.name)),
        }
    }

    /// A service whose releases wait for its jobs: everything but what waits, then that. An object
    /// that goes from the one to the other, as the service gets its first such job, is applied by the
    /// other first, and no longer the one's to delete (kustomize-controller deletes what bears its name).
    fn in_two(&self, whole: Kustomization, first: &str) -> (Kustomization, Kustomization) {
        let (key, value) = (labels::AFTER, labels::RELEASE);
        let before = Kustomization {
            meta: self.meta(first),
            without: Some(format!("{key}={value}")),
            ..whole.clone()
        };
        let after = Kustomization {
            after: Some(self.name(first)),
            without: Some(format!("{key}!={value}")),
            ..whole
        };
        (before, after)
    }

    /// What services share is ready as soon as it is applied: one of its objects that is not healthy,
    /// such as a backup location that flaps, must not keep services from being delivered.
    fn kustomization(&self, folder: &str) -> Kustomization {
        let is_fleet = folder == FLEET;
        Kustomization {
            meta: self.meta(folder),
            source: self.name("tree"),
            path: format!("./{}", self.folder(folder)),
            after: (!is_fleet).then(|| self.name(FLEET)),
            without: None,
            // The name and the key that Cluster API gives it, and that Flux looks for.
            kubeconfig: self.elsewhere().map(|cluster| format!("{cluster}-kubeconfig")),
            interval: DRIFT.to_owned(),
            retry: RETRY.to_owned(),
            timeout: HEALTH.to_owned(),
            wait: !is_fleet,
        }
    }
}

/// Leaves out everything but one folder, in the words of `.gitignore`, which opens a folder only
/// below one that is open.
fn only(folder: &str) -> String {
    let mut lines = Vec::new();
    let mut open = String::new();
    for part in folder.split('/') {
        lines.push(format!("{open}/*\n"));
        open = format!("{open}/{part}");
        lines.push(format!("!{open}\n"));
    }
    lines.concat()
}

/// The namespace of the engine, where the fleet says so.
pub(crate) fn namespace(fleet: &Fleet) -> Option<&Namespace> {
    match &fleet.installation {
        Installation::Objects(source) => Some(&source.namespace),
        Installation::ByHand | Installation::Script => None,
    }
}

#[cfg(test)]
mod tests {
    use super::only;

    #[test]
    fn only_the_folder_of_the_region_is_fetched() {
        assert_eq!(only("out/eastus2"), "/*\n!/out\n/out/*\n!/out/eastus2\n");
    }
}
