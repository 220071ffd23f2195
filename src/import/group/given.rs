//! What workloads name, and what makes pods beside them.

use super::{Fate, Sorting};
use crate::import::made;
use crate::import::object::{self, Object};
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Sorting<'a> {
    /// ConfigMaps and claims that workloads name.
    pub(super) fn given(&mut self) {
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
    pub(super) fn jobs(&mut self, kept: &BTreeSet<usize>) {
        let scalers = self.scalers();
        for at in 0..self.objects.len() {
            let object = &self.objects[at];
            if self.fates[at] != Fate::Manifest(None) || object::pod(object).is_none() {
                continue;
            }
            let namespace = self.namespace(at);
            if let Some(group) = self.job_of(object, &namespace).filter(|_| !kept.contains(&at)) {
                self.fates[at] = Fate::Job(group);
                continue;
            }
            let mut named: Vec<usize> = object::named(object)
                .iter()
                .chain(&object::refers_to(object))
                .filter_map(|(kind, name)| self.find(kind, &namespace, name))
                .collect();
            named.sort_unstable();
            let bound = named.iter().find_map(|at| self.fates[*at].stands_with());
            let images = object::images(object);
            let same_image =
                self.workloads.of_images(&namespace, object).into_iter().find(|group| {
                    object::images(&self.objects[self.groups[*group].workload]) == images
                });
            let found = bound.or(same_image);
            self.fates[at] = Fate::Manifest(found);
            for given in named {
                if let Fate::Given(_) = self.fates[given] {
                    self.also.insert(given, found);
                } else if self.fates[given] == Fate::Manifest(None) {
                    self.fates[given] = Fate::Manifest(found);
                }
            }
            for scaler in
                scalers.get(&(namespace, &object.kind, &object.name)).into_iter().flatten()
            {
                if self.fates[*scaler] == Fate::Manifest(None) {
                    self.fates[*scaler] = Fate::Manifest(found);
                }
            }
        }
    }

    /// The service that a Job or CronJob belongs to: that of the tree, or the one whose image it runs, with
    /// the rights of that one or none; without one, the only other workload of its application.
    fn job_of(&self, object: &Object, namespace: &str) -> Option<usize> {
        let of_batch =
            object.api_version == "batch/v1" && ["Job", "CronJob"].contains(&object.kind.as_str());
        let pod = object::pod(object).filter(|_| of_batch)?;
        if object::items(pod, "containers").len() != 1 {
            return None;
        }
        if let Some(name) = made::service(object) {
            return self.groups.iter().position(|group| group.name == name);
        }
        let part_of = |object: &Object| {
            let mut labels = object::labels_of(object);
            labels
                .remove("app.kubernetes.io/instance")
                .or_else(|| labels.remove("app.kubernetes.io/part-of"))
        };
        let account = object::account(object).filter(|name| *name != "default");
        let fits = |group: &&usize| {
            let workload = &self.objects[self.groups[**group].workload];
            account.is_none() || account == object::account(workload)
        };
        if let Some(found) = self.workloads.of_images(namespace, object).iter().find(fits) {
            return Some(*found);
        }
        let app = part_of(object)?;
        let alike = |group: &&usize| {
            part_of(&self.objects[self.groups[**group].workload]).as_ref() == Some(&app)
        };
        let mut found = self.workloads.here(namespace).iter().filter(fits).filter(alike);
        found.next().copied().filter(|_| found.next().is_none())
    }

    /// What scales a workload, by namespace, kind and name of that one: it stands with it.
    fn scalers(&self) -> BTreeMap<(String, &'a str, &'a str), Vec<usize>> {
        let mut found: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, object) in self.objects.iter().enumerate() {
            let target = |key: &str| object.text(&["spec", "scaleTargetRef", key]);
            if let (Some(kind), Some(name)) = (target("kind"), target("name")) {
                found.entry((self.namespace(at), kind, name)).or_default().push(at);
            }
        }
        found
    }
}
