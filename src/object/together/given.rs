//! What containers are given of the ConfigMaps that are among the objects.

use super::{Found, Place, Pods, path, text};
use crate::diag::{Code, did_you_mean};
use crate::kube::limits::{LONGEST_STRING, STRINGS};
use crate::object::Problem;
use crate::object::judge::Judged;
use crate::yaml::Value;
use std::collections::BTreeMap;

impl Place<'_> {
    /// What containers are given of the ConfigMaps that are among the objects.
    pub(super) fn given(&self, found: &mut Vec<Found>) {
        let maps: BTreeMap<&str, (usize, Judged<'_>)> = self
            .of_kind("ConfigMap")
            .map(|(at, judged)| (judged.0.id.name.as_str(), (at, judged)))
            .collect();
        if maps.is_empty() {
            return;
        }
        for pods in &self.pods {
            for (list, index, container) in pods.containers() {
                let place = [list.to_owned(), index.to_string()];
                keys(pods, &maps, container, &place, found);
                environment(pods, &maps, container, &place, found);
            }
            let volumes = pods.spec.get("volumes").map(Value::items).unwrap_or_default();
            for (index, volume) in volumes.iter().enumerate() {
                let Some(map) = volume.get("configMap") else { continue };
                let items = map.get("items").map(Value::items).unwrap_or_default();
                for (item, entry) in items.iter().enumerate() {
                    let steps = [
                        "volumes",
                        &index.to_string(),
                        "configMap",
                        "items",
                        &item.to_string(),
                        "key",
                    ];
                    let place = pods.path_of(&steps);
                    missing_key(pods.at, &maps, (text(map, "name"), entry, map), place, found);
                }
            }
        }
    }
}

type Maps<'a> = BTreeMap<&'a str, (usize, Judged<'a>)>;

/// Keys of ConfigMaps that are not there.
fn keys(
    pods: &Pods<'_>,
    maps: &Maps<'_>,
    container: &Value,
    place: &[String; 2],
    found: &mut Vec<Found>,
) {
    let variables = container.get("env").map(Value::items).unwrap_or_default();
    for (index, variable) in variables.iter().enumerate() {
        let Some(from) = variable.at(&["valueFrom", "configMapKeyRef"]) else { continue };
        let steps = [
            &place[0],
            &place[1],
            "env",
            &index.to_string(),
            "valueFrom",
            "configMapKeyRef",
            "key",
        ];
        let place = pods.path_of(&steps);
        missing_key(pods.at, maps, (text(from, "name"), from, from), place, found);
    }
}

/// `of` has the name of a map, what has the key, and what says whether it is optional.
fn missing_key(
    at: usize,
    maps: &Maps<'_>,
    (name, entry, of): (&str, &Value, &Value),
    path: Vec<String>,
    found: &mut Vec<Found>,
) {
    let Some((_, (map, _))) = maps.get(name) else { return };
    let key = text(entry, "key");
    let all = || {
        ["data", "binaryData"]
            .into_iter()
            .flat_map(|list| map.value.get(list).map(Value::entries).unwrap_or_default())
    };
    if of.get("optional") == Some(&Value::Bool(true)) || all().any(|(known, _)| known == key) {
        return;
    }
    let message = format!("ConfigMap `{name}` has no key `{key}`");
    let known: Vec<&str> = all().map(|(key, _)| key.as_str()).collect();
    let problem = Problem::new(Code::POD_NEVER_STARTS, message);
    found.push((
        at,
        Problem {
            path,
            note: Some("the kubelet starts no container before it has it".to_owned()),
            help: Some(did_you_mean(key, known.iter().copied())),
            ..problem
        },
    ));
}

/// What the kernel is given of ConfigMaps.
fn environment(
    pods: &Pods<'_>,
    maps: &Maps<'_>,
    container: &Value,
    place: &[String; 2],
    found: &mut Vec<Found>,
) {
    let mut all = 0;
    for from in container.get("envFrom").map(Value::items).unwrap_or_default() {
        let name = from.at(&["configMapRef", "name"]).and_then(Value::as_str).unwrap_or_default();
        let Some((at, (map, _))) = maps.get(name) else { continue };
        for (key, value) in map.value.get("data").map(Value::entries).unwrap_or_default() {
            let bytes =
                text(from, "prefix").len() + key.len() + 1 + value.as_str().map_or(0, str::len);
            all += bytes + 1 + 8;
            if bytes + 1 > LONGEST_STRING {
                let message = format!(
                    "`{key}` with its value has {bytes} bytes, {} are the most of a variable",
                    LONGEST_STRING - 1
                );
                found.push((*at, too_long(message, path(&["data", key]))));
            }
        }
    }
    let own = ["command", "args", "env"]
        .into_iter()
        .flat_map(|list| container.get(list).map(Value::items).unwrap_or_default());
    let own: usize = own
        .map(|item| {
            item.as_str()
                .map_or_else(|| text(item, "name").len() + text(item, "value").len() + 1, str::len)
                + 9
        })
        .sum();
    if all > 0 && all + own > STRINGS {
        let message = format!(
            "a container is given {} bytes of arguments and environment, {STRINGS} are the most",
            all + own
        );
        found.push((pods.at, too_long(message, pods.path_of(&[&place[0], &place[1], "envFrom"]))));
    }
}

fn too_long(message: String, path: Vec<String>) -> Problem {
    let problem = Problem::new(Code::ARGUMENTS_TOO_LONG, message);
    Problem {
        path,
        note: Some("the kernel starts no process with more: the container ends with `argument list too long`".to_owned()),
        help: Some("mount the ConfigMap as files".to_owned()),
        ..problem
    }
}
