//! Where a leaf of pods is: containers, their variables and mounts, and volumes by other names.

use super::{Finder, Place};
use crate::import::guess::{Kept, What, job_name, main_container};
use crate::import::object::{self, Object};
use crate::import::path::{Find, Step, key, keyed, named};
use crate::yaml::Value;

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
    pub(super) fn workload(&self, group: usize, path: &[Step]) -> Vec<Place> {
        let Some(emitted) = self.workload_of(group) else { return Vec::new() };
        let object = &self.context.objects[self.context.groups.groups[group].workload];
        self.in_pods(Pods { group, emitted, object }, path)
    }

    /// The job of a service that an object became.
    pub(super) fn job(&self, group: usize, object: &Object, path: &[Step]) -> Vec<Place> {
        let unit = self.unit(group);
        let logical = format!("{unit}-{}", job_name(object, unit));
        let emitted = self
            .of_unit(group)
            .find(|(_, one)| !one.own && one.kind == object.kind && one.logical == logical);
        emitted
            .map(|(emitted, _)| self.in_pods(Pods { group, emitted, object }, path))
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
    pub(in crate::import) fn configs(&self, group: usize, object: &Object) -> Vec<usize> {
        let own = (!object::is_workload(object)).then(|| {
            let unit = self.unit(group);
            let logical = format!("{unit}-job-{}", job_name(object, unit));
            self.config_map_of(group, &logical)
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
    pub(in crate::import) fn volumes(&self, group: usize, volume: &str) -> Vec<String> {
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
}
