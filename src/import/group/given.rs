//! What workloads name, and what makes pods beside them.

use super::{Fate, Sorting};
use crate::import::made;
use crate::import::object::{self, Object};
use std::collections::{BTreeMap, BTreeSet};

impl Sorting<'_> {
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
            let same_image = (0..self.groups.len()).find(|group| {
                let group = &self.groups[*group];
                group.namespace == namespace
                    && object::images(&self.objects[group.workload]) == object::images(object)
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
            self.scalers_of(at, &namespace, found);
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
        let images = object::images(object);
        let part_of = |object: &Object| {
            let mut labels = object::labels_of(object);
            labels
                .remove("app.kubernetes.io/instance")
                .or_else(|| labels.remove("app.kubernetes.io/part-of"))
        };
        let account = object::account(object).filter(|name| *name != "default");
        let fits = |group: &&usize| {
            let workload = &self.objects[self.groups[**group].workload];
            let own = self.groups[**group].namespace == namespace;
            own && (account.is_none() || account == object::account(workload))
        };
        let all: Vec<usize> = (0..self.groups.len()).collect();
        let fitting: Vec<usize> = all.iter().filter(fits).copied().collect();
        let same = |group: &&usize| {
            !object::images(&self.objects[self.groups[**group].workload]).is_disjoint(&images)
        };
        if let Some(found) = fitting.iter().find(same) {
            return Some(*found);
        }
        let app = part_of(object)?;
        let alike = |group: &&usize| {
            part_of(&self.objects[self.groups[**group].workload]).as_ref() == Some(&app)
        };
        match fitting.iter().filter(alike).collect::<Vec<_>>().as_slice() {
            [only] => Some(**only),
            _ => None,
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
