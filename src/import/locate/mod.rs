//! Where a leaf of a source is in what is emitted.

mod pods; //  what stands in pods
mod given; // what services are given

use super::compile::Emitted;
use super::group::Fate;
use super::guess::{Context, Guess};
use super::made;
use super::manifest::{self, Taken};
use super::object::{self, Object};
use super::path::{Find, Step, keyed};
use super::routes;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A place that a leaf may be at: the object, and the path in it.
pub(in crate::import) type Place = (usize, Vec<Find>);

/// What looks for leaves.
pub(in crate::import) struct Finder<'a> {
    pub(in crate::import) context: Context<'a>,
    /// By the place of their group.
    pub(in crate::import) guesses: &'a [Guess],
    pub(in crate::import) emitted: &'a [Emitted],
    pub(in crate::import) taken: &'a Taken,
    /// The objects of files of manifests, by kind, name and namespace.
    pub(in crate::import) own: BTreeMap<(&'a str, String, Option<String>), usize>,
    /// ConfigMaps that stand among the manifests, too.
    pub(in crate::import) partly: &'a BTreeSet<usize>,
}

impl Finder<'_> {
    /// Where a leaf may be, the likeliest first; the first is where a patch would put it.
    pub(in crate::import) fn places(&self, at: usize, path: &[Step]) -> Vec<Place> {
        let object = &self.context.objects[at];
        let same = || keyed(&object.kind, &object.value, path);
        let found = match &self.context.groups.fates[at] {
            Fate::Dropped(_) => None,
            Fate::Made(_) => self.made(object),
            Fate::Policy(group) => self.of_service(*group, object),
            Fate::Manifest(_) => return self.as_it_is(object, path),
            Fate::Given(_) if self.partly.contains(&at) => return self.as_it_is(object, path),
            Fate::Namespace => {
                let name = self.context.options.namespace(Some(&object.name));
                self.emitted.iter().position(|one| one.kind == "Namespace" && one.logical == name)
            }
            Fate::Routed(groups) => {
                let groups: Vec<usize> = groups.iter().copied().collect();
                return routes::places(self.context, (object, &groups), self.emitted, path);
            }
            Fate::Given(groups) => {
                return groups.iter().flat_map(|group| self.given(at, *group, path)).collect();
            }
            Fate::Service(group) if self.context.groups.groups[*group].workload == at => {
                return self.workload(*group, path);
            }
            Fate::Job(group) => return self.job(*group, object, path),
            Fate::Service(group) => self.of_service(*group, object),
        };
        found.map(|one| (one, same())).into_iter().collect()
    }

    /// Where a leaf of an object is that stands among the manifests: items are in their order, where what
    /// tells them apart follows the name of something else.
    fn as_it_is(&self, object: &Object, path: &[Step]) -> Vec<Place> {
        let Some(one) = self.own(object) else { return Vec::new() };
        let keyed = keyed(&object.kind, &object.value, path);
        vec![(one, keyed), (one, path.iter().map(Find::exactly).collect())]
    }

    /// The object of a file of manifests that this one is.
    fn own(&self, object: &Object) -> Option<usize> {
        let name = manifest::name(object, self.context.options, self.taken);
        let namespace =
            object::is_namespaced(object).then(|| self.context.options.namespace_of(object));
        self.own.get(&(object.kind.as_str(), name, namespace)).copied()
    }

    /// What is made again in the place of an object of a tree.
    fn made(&self, object: &Object) -> Option<usize> {
        let namespace = object.namespace.as_deref();
        let logical = made::logical(&object.name);
        self.emitted.iter().position(|one| {
            Some(&one.region) == object.region.as_ref()
                && one.kind == object.kind
                && one.namespace.as_deref() == namespace
                && (one.logical == logical || one.logical == object.name)
        })
    }

    fn unit(&self, group: usize) -> &str {
        &self.context.groups.groups[group].name
    }

    /// An object that is made for a service, by its kind, and its name where there are several.
    fn of_service(&self, group: usize, object: &Object) -> Option<usize> {
        let unit = self.unit(group);
        let kinds = |one: &&(usize, &Emitted)| {
            one.1.unit == unit && one.1.kind == object.kind && !one.1.own
        };
        let all: Vec<(usize, &Emitted)> = self.emitted.iter().enumerate().collect();
        let named = all.iter().filter(kinds).find(|(_, one)| one.logical == object.name);
        named.or_else(|| all.iter().find(kinds)).map(|(at, _)| *at)
    }

    /// The workload of a service.
    pub(in crate::import) fn workload_of(&self, group: usize) -> Option<usize> {
        let unit = self.unit(group);
        self.emitted.iter().position(|one| {
            one.unit == unit
                && !one.own
                && ["Deployment", "StatefulSet"].contains(&one.kind.as_str())
        })
    }

    /// The ConfigMap of the variables of a service.
    fn variables(&self, group: usize) -> Option<usize> {
        let logical = format!("{}-region", self.unit(group));
        self.emitted.iter().position(|one| one.kind == "ConfigMap" && one.logical == logical)
    }

    fn pod(&self, emitted: usize) -> Option<&Value> {
        self.emitted[emitted].value.at(&["spec", "template", "spec"])
    }
}
