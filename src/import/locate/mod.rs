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
    /// What is emitted of each unit.
    units: BTreeMap<&'a str, Vec<usize>>,
    /// What is emitted, by region, kind and namespace.
    kinds: BTreeMap<(&'a str, &'a str, Option<&'a str>), Vec<usize>>,
}

impl<'a> Finder<'a> {
    /// What looks for leaves in `emitted`.
    pub(in crate::import) fn new(
        context: Context<'a>,
        (guesses, taken, partly): (&'a [Guess], &'a Taken, &'a BTreeSet<usize>),
        emitted: &'a [Emitted],
    ) -> Finder<'a> {
        let (mut own, mut units, mut kinds) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (at, one) in emitted.iter().enumerate() {
            if one.own {
                own.insert((one.kind.as_str(), one.logical.clone(), one.namespace.clone()), at);
            }
            let unit: &mut Vec<usize> = units.entry(one.unit.as_str()).or_default();
            unit.push(at);
            let kind = (one.region.as_str(), one.kind.as_str(), one.namespace.as_deref());
            let kind: &mut Vec<usize> = kinds.entry(kind).or_default();
            kind.push(at);
        }
        Finder { context, guesses, emitted, taken, own, partly, units, kinds }
    }

    /// The objects that are made for a service, or stand among its manifests.
    pub(in crate::import) fn of_unit(
        &self,
        group: usize,
    ) -> impl Iterator<Item = (usize, &'a Emitted)> {
        let mine = self.units.get(self.unit(group)).map(Vec::as_slice).unwrap_or_default();
        let emitted = self.emitted;
        mine.iter().copied().map(move |at| (at, &emitted[at]))
    }

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
                let all = self.kinds.iter().filter(|((_, kind, _), _)| *kind == "Namespace");
                let mut all = all.flat_map(|(_, all)| all.iter().copied());
                all.find(|at| self.emitted[*at].logical == name)
            }
            Fate::Routed(groups) => {
                let of = |group: &usize| {
                    let is = |(_, one): &(usize, &Emitted)| one.kind == "Ingress" && !one.own;
                    self.of_unit(*group).find(is).map(|(at, _)| at)
                };
                let led: Vec<usize> = groups.iter().filter_map(of).collect();
                return routes::places(object, &led, self.emitted, path);
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

    /// Where a leaf of an object is that stands among the manifests: items are in their order, and of many
    /// nobody looks at each for each; else they are distinguished by their content.
    fn as_it_is(&self, object: &Object, path: &[Step]) -> Vec<Place> {
        let Some(one) = self.own(object) else { return Vec::new() };
        let keyed = keyed(&object.kind, &object.value, path);
        vec![(one, path.iter().map(Find::exactly).collect()), (one, keyed)]
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
        let key = (object.region.as_deref()?, object.kind.as_str(), namespace);
        let is = |at: &usize| {
            let one = &self.emitted[*at];
            one.logical == logical || one.logical == object.name
        };
        self.kinds.get(&key)?.iter().copied().find(is)
    }

    fn unit(&self, group: usize) -> &str {
        &self.context.groups.groups[group].name
    }

    /// An object that is made for a service, by its kind, and its name where there are several.
    fn of_service(&self, group: usize, object: &Object) -> Option<usize> {
        let all = || self.of_unit(group).filter(|(_, one)| one.kind == object.kind && !one.own);
        let named = all().find(|(_, one)| one.logical == object.name);
        named.or_else(|| all().next()).map(|(at, _)| at)
    }

    /// The workload of a service.
    pub(in crate::import) fn workload_of(&self, group: usize) -> Option<usize> {
        let is = |(_, one): &(usize, &Emitted)| {
            !one.own && ["Deployment", "StatefulSet"].contains(&one.kind.as_str())
        };
        self.of_unit(group).find(is).map(|(at, _)| at)
    }

    /// The ConfigMap of the variables of a service.
    fn variables(&self, group: usize) -> Option<usize> {
        let logical = format!("{}-region", self.unit(group));
        self.config_map_of(group, &logical)
    }

    /// The ConfigMap of a service with this name.
    fn config_map_of(&self, group: usize, logical: &str) -> Option<usize> {
        let is = |(_, one): &(usize, &Emitted)| one.kind == "ConfigMap" && one.logical == logical;
        self.of_unit(group).find(is).map(|(at, _)| at)
    }

    fn pod(&self, emitted: usize) -> Option<&Value> {
        self.emitted[emitted].value.at(&["spec", "template", "spec"])
    }
}
