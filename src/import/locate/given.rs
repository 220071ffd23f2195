//! Where something is that a service is given: a ConfigMap, a claim.

use super::{Finder, Place};
use crate::import::compile::Emitted;
use crate::import::object;
use crate::import::path::{Find, Step, key, keyed, named};
use crate::import::rules::GENERATED;
use crate::yaml::Value;

impl Finder<'_> {
    /// Where something is that a service is given.
    pub(super) fn given(&self, at: usize, group: usize, path: &[Step]) -> Vec<Place> {
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
        let maps = || self.of_unit(group).filter(|(_, one)| one.kind == "ConfigMap");
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
