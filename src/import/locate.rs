//! Where a leaf of a source is in what is emitted.

use super::compile::Emitted;
use super::group::Fate;
use super::guess::{Context, Guess, Kept, What, job_name, main_container};
use super::made;
use super::manifest::{self, Taken};
use super::object::{self, Object};
use super::path::{Find, Step, key, keyed, named};
use super::routes;
use super::rules::GENERATED;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// A place that a leaf may be at: the object, and the path in it.
pub(super) type Place = (usize, Vec<Find>);

/// What looks for leaves.
pub(super) struct Finder<'a> {
    pub(super) context: Context<'a>,
    /// By the place of their group.
    pub(super) guesses: &'a [Guess],
    pub(super) emitted: &'a [Emitted],
    pub(super) taken: &'a Taken,
    /// ConfigMaps that stand among the manifests, too.
    pub(super) partly: &'a BTreeSet<usize>,
}

/// The pods of an object of the source, and the object that makes them now.
#[derive(Clone, Copy)]
struct Pods<'a> {
    group: usize,
    emitted: usize,
    object: &'a Object,
}

impl Pods<'_> {
    /// The path to their `spec`.
    fn prefix(&self) -> Vec<Find> {
        object::pod_path(self.object).unwrap_or_default().into_iter().map(key).collect()
    }
}

impl Finder<'_> {
    /// Where a leaf may be, the likeliest first; the first is where a patch would put it.
    pub(super) fn places(&self, at: usize, path: &[Step]) -> Vec<Place> {
        let object = &self.context.objects[at];
        let same = || keyed(&object.kind, &object.value, path);
        let found = match &self.context.groups.fates[at] {
            Fate::Dropped(_) => None,
            Fate::Made(_) => self.made(object),
            Fate::Policy(group) => self.of_service(*group, object),
            Fate::Manifest(_) => self.own(object),
            Fate::Given(_) if self.partly.contains(&at) => self.own(object),
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

    /// The object of a file of manifests that this one is.
    fn own(&self, object: &Object) -> Option<usize> {
        let name = manifest::name(object, self.context.options, self.taken);
        let namespace =
            object::is_namespaced(object).then(|| self.context.options.namespace_of(object));
        self.emitted.iter().position(|one| {
            one.own && one.kind == object.kind && one.logical == name && one.namespace == namespace
        })
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
    pub(super) fn workload_of(&self, group: usize) -> Option<usize> {
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

    fn workload(&self, group: usize, path: &[Step]) -> Vec<Place> {
        let Some(emitted) = self.workload_of(group) else { return Vec::new() };
        let object = &self.context.objects[self.context.groups.groups[group].workload];
        self.in_pods(Pods { group, emitted, object }, path)
    }

    /// The job of a service that an object became.
    fn job(&self, group: usize, object: &Object, path: &[Step]) -> Vec<Place> {
        let unit = self.unit(group);
        let logical = format!("{unit}-{}", job_name(object, unit));
        let emitted = self.emitted.iter().position(|one| {
            one.unit == unit && !one.own && one.kind == object.kind && one.logical == logical
        });
        emitted
            .map(|emitted| self.in_pods(Pods { group, emitted, object }, path))
            .unwrap_or_default()
    }

    fn in_pods(&self, pods: Pods<'_>, path: &[Step]) -> Vec<Place> {
        let Pods { group, emitted, object } = pods;
        let finds = keyed(&object.kind, &object.value, path);
        let prefix = pods.prefix();
        let Some(rest) = finds.strip_prefix(&prefix[..]) else { return vec![(emitted, finds)] };
        let whole = |rest: Vec<Find>| (emitted, [&prefix[..], &rest[..]].concat());
        let (list, index) = (path.get(prefix.len()), path.get(prefix.len() + 1));
        let (Some(Step::Key(list)), Some(Step::Index(index)), [_, _, tail @ ..]) =
            (list, index, rest)
        else {
            return vec![whole(rest.to_vec())];
        };
        let source = object::pod(object).and_then(|pod| object::items(pod, list).get(*index));
        match list.as_str() {
            "containers" | "initContainers" => {
                let (list, name) = self.container(pods, list, *index);
                let container = vec![key(list), named(&name)];
                self.in_container(pods, (&container, tail), source)
            }
            "volumes" => {
                let name =
                    source.and_then(|volume| object::text(volume, &["name"])).unwrap_or_default();
                let names = self.volumes(group, name);
                let names = if names.is_empty() { vec![name.to_owned()] } else { names };
                let one = |name: &String| whole([&[key("volumes"), named(name)], tail].concat());
                names.iter().map(one).collect()
            }
            _ => vec![whole(rest.to_vec())],
        }
    }

    /// The list that a container stands in, and its name there.
    fn container(&self, pods: Pods<'_>, list: &str, index: usize) -> (&'static str, String) {
        let containers =
            object::pod(pods.object).map(|pod| object::items(pod, list)).unwrap_or_default();
        let name =
            containers.get(index).and_then(|one| object::text(one, &["name"])).unwrap_or_default();
        let main = match object::is_workload(pods.object) {
            true => main_container(self.context, pods.group),
            false => 0,
        };
        match list == "containers" && index == main {
            true => ("containers", "app".to_owned()),
            false => ("initContainers", name.to_owned()),
        }
    }

    /// The ConfigMaps of the variables of a workload or a job, those of its own first.
    pub(super) fn configs(&self, group: usize, object: &Object) -> Vec<usize> {
        let own = (!object::is_workload(object)).then(|| {
            let unit = self.unit(group);
            let logical = format!("{unit}-job-{}", job_name(object, unit));
            self.emitted.iter().position(|one| one.kind == "ConfigMap" && one.logical == logical)
        });
        own.flatten().into_iter().chain(self.variables(group)).collect()
    }

    fn in_container(
        &self,
        pods: Pods<'_>,
        (container, tail): (&[Find], &[Find]),
        source: Option<&Value>,
    ) -> Vec<Place> {
        let Pods { group, emitted, .. } = pods;
        let prefix = pods.prefix();
        let whole = |tail: &[Find]| (emitted, [&prefix[..], container, tail].concat());
        let mut places = Vec::new();
        match tail {
            [Find::Key(list), Find::By(keys), rest @ ..] if list == "env" => {
                let name = keys.first().and_then(|(_, name)| name.as_str()).unwrap_or_default();
                let maps = self.configs(group, pods.object).into_iter();
                let there =
                    maps.filter(|map| self.emitted[*map].value.at(&["data", name]).is_some());
                if let [Find::Key(field)] = rest
                    && field == "value"
                {
                    places.extend(there.map(|map| (map, vec![key("data"), key(name)])));
                }
                places.push(whole(tail));
            }
            [Find::Key(list), Find::By(keys), rest @ ..] if list == "volumeMounts" => {
                let path = keys.first().and_then(|(_, path)| path.as_str()).unwrap_or_default();
                let mount = source.and_then(|source| {
                    let mounts = object::items(source, "volumeMounts").iter();
                    let mut mounts =
                        mounts.filter(|mount| object::text(mount, &["mountPath"]) == Some(path));
                    mounts.next()
                });
                let volume =
                    mount.and_then(|mount| object::text(mount, &["name"])).unwrap_or_default();
                for at in self.mounted(group, volume, path) {
                    let by = Find::By(vec![("mountPath".to_owned(), Value::String(at))]);
                    places.push(whole(&[&[key("volumeMounts"), by], rest].concat()));
                }
                if places.is_empty() {
                    places.push(whole(tail));
                }
            }
            [Find::Key(context), field] if context == "securityContext" => {
                // What a container does not say is said of its pod.
                places.push(whole(tail));
                places.push((emitted, [&prefix[..], &[key(context), field.clone()]].concat()));
            }
            tail => places.push(whole(tail)),
        }
        places
    }

    /// Where what is mounted at a path is mounted now: a folder of files is each of them.
    fn mounted(&self, group: usize, volume: &str, path: &str) -> Vec<String> {
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let kept = self.guesses[group].kept.iter().filter(|one| one.volume == volume);
        let at = |one: &Kept| match one.what {
            What::File if one.path != path => {
                format!("{path}/{}", one.path.rsplit('/').next().unwrap_or_default())
            }
            What::File | What::Scratch | What::Secret | What::Volume => path.to_owned(),
        };
        kept.map(at).collect()
    }

    /// What the volumes are called that stand for one of the source.
    fn volumes(&self, group: usize, volume: &str) -> Vec<String> {
        let pod = self.workload_of(group).and_then(|workload| self.pod(workload));
        let Some(pod) = pod else { return Vec::new() };
        let app = object::items(pod, "containers").iter();
        let mounts: Vec<&Value> = app.flat_map(|one| object::items(one, "volumeMounts")).collect();
        let kept = self.guesses[group].kept.iter().filter(|one| one.volume == volume);
        kept.filter_map(|one| {
            let mount = mounts
                .iter()
                .find(|mount| object::text(mount, &["mountPath"]) == Some(&one.path))?;
            object::text(mount, &["name"]).map(str::to_owned)
        })
        .collect()
    }

    /// Where something is that a service is given.
    fn given(&self, at: usize, group: usize, path: &[Step]) -> Vec<Place> {
        let object = &self.context.objects[at];
        let finds = keyed(&object.kind, &object.value, path);
        if object.kind == "PersistentVolumeClaim" {
            return self.claim(at, group, finds);
        }
        let files: Vec<(&str, &str)> = (self.guesses[group].kept.iter())
            .filter_map(|one| {
                let (map, key) = one.file.as_ref()?;
                (*map == at)
                    .then(|| (key.as_str(), one.path.rsplit('/').next().unwrap_or_default()))
            })
            .collect();
        let unit = self.unit(group);
        let maps = || {
            self.emitted
                .iter()
                .enumerate()
                .filter(|(_, one)| one.unit == unit && one.kind == "ConfigMap")
        };
        let mut places = Vec::new();
        match path {
            [Step::Key(part), Step::Key(name)] if part == "data" || part == "binaryData" => {
                let value = object.at(&[part, name]);
                for (_, file) in files.iter().filter(|(key, _)| key == name) {
                    let there = maps().filter(|(_, one)| one.value.at(&[part, file]) == value);
                    places.extend(there.map(|(map, _)| (map, vec![key(part), key(file)])));
                }
                // Variables may have another name than the key.
                for (map, one) in maps() {
                    let entries = one.value.get("data").map(Value::entries).unwrap_or_default();
                    let same = entries.iter().filter(|(_, entry)| Some(entry) == value);
                    places.extend(same.map(|(name, _)| (map, vec![key("data"), key(name)])));
                }
                places.extend(self.in_variables(group, value));
                places.extend(self.in_secret(group, name));
                // What every service has is there under its own name.
                let own = self.variables(group).filter(|_| GENERATED.contains(&name.as_str()));
                places.extend(own.map(|map| (map, vec![key("data"), key(name)])));
            }
            _ => {
                let has = |one: &Emitted| {
                    files.iter().any(|(_, file)| {
                        one.value.at(&["data", file]).is_some()
                            || one.value.at(&["binaryData", file]).is_some()
                    })
                };
                let map = maps()
                    .find(|(_, one)| has(one))
                    .map(|(map, _)| map)
                    .or_else(|| self.variables(group));
                places.extend(map.map(|map| (map, finds)));
            }
        }
        places
    }

    /// Variables of containers that have a value written down.
    fn in_variables(&self, group: usize, value: Option<&Value>) -> Vec<Place> {
        let Some((emitted, pod)) = self.workload_of(group).and_then(|at| Some((at, self.pod(at)?)))
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (list, container) in object::containers(pod) {
            let name = object::text(container, &["name"]).unwrap_or_default();
            for variable in object::items(container, "env") {
                if value.is_some() && variable.get("value") == value {
                    let variable = object::text(variable, &["name"]).unwrap_or_default();
                    let path = [
                        key("spec"),
                        key("template"),
                        key("spec"),
                        key(list),
                        named(name),
                        key("env"),
                        named(variable),
                        key("value"),
                    ];
                    found.push((emitted, path.to_vec()));
                }
            }
        }
        found
    }

    /// A variable that is read from a Secret in place of a value.
    fn in_secret(&self, group: usize, name: &str) -> Option<Place> {
        let aside = self.guesses[group].asides.iter().find(|aside| aside.variable == name)?;
        let emitted = self.workload_of(group)?;
        let path = [
            key("spec"),
            key("template"),
            key("spec"),
            key("containers"),
            named("app"),
            key("env"),
            named(&aside.variable),
        ];
        Some((emitted, path.to_vec()))
    }

    /// The template of a set that stands for a claim.
    fn claim(&self, at: usize, group: usize, finds: Vec<Find>) -> Vec<Place> {
        let Some(emitted) = self.workload_of(group) else { return Vec::new() };
        let kept = self.guesses[group].kept.iter().find(|one| one.claim == Some(at));
        let Some(kept) = kept else { return Vec::new() };
        let by = Find::By(vec![("metadata.name".to_owned(), Value::String(kept.volume.clone()))]);
        let template = [key("spec"), key("volumeClaimTemplates"), by];
        vec![(emitted, [&template[..], &finds].concat())]
    }
}
