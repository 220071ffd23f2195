//! What is expressed otherwise, which no table of paths can tell.

use super::{ALIKE, FROM_SECRET, HIDDEN, stands_at};
use crate::import::account::Seen;
use crate::import::group::Fate;
use crate::import::guess::is_credential;
use crate::import::locate::{Finder, Place};
use crate::import::path::{Find, Step, key, pointer, resolve};
use crate::import::{fleet, manifest, object};
use crate::yaml::Value;

/// Why a set has another Service for the names of its pods.
const OWN_SERVICE: &str = "a Service of its own gives each pod its name: the one that it names is not among what is imported";

/// Why pods have another account than that of their namespace.
const OWN_ACCOUNT: &str = "an account of its own: nobody else gets what it gets";

impl Finder<'_> {
    /// What is expressed otherwise, which no table of paths can tell.
    pub(super) fn otherwise(
        &self,
        at: usize,
        path: &[Step],
        general: &str,
        value: &Value,
        places: &[Place],
    ) -> Option<(Value, Option<Seen>, &'static str)> {
        if general == "spec.replicas"
            && let Fate::Service(group) = &self.context.groups.fates[at]
            && self.context.groups.groups[*group].scaler.is_some()
        {
            return Some((value.clone(), None, "the autoscaler says how many"));
        }
        if general.ends_with("spec.serviceAccountName") && value.as_str() == Some("default") {
            return Some((value.clone(), None, OWN_ACCOUNT));
        }
        let in_env = general.contains("ainers[].env[].");
        let variable = path.iter().position(|step| *step == Step::Key("env".to_owned()));
        let item = variable
            .filter(|_| in_env)
            .and_then(|env| stands_at(&self.context.objects[at].value, path.get(..env + 2)?));
        let name = item.and_then(|item| object::text(item, &["name"]));
        if let (Some(name), Fate::Manifest(_)) = (name, &self.context.groups.fates[at])
            && general.ends_with("env[].value")
            && value.as_str().is_some_and(|text| is_credential(name, text))
        {
            let hidden = Value::String(HIDDEN.to_owned());
            return Some((hidden, None, FROM_SECRET));
        }
        if let (Some(item), Fate::Manifest(_)) = (item, &self.context.groups.fates[at])
            && general.contains("valueFrom.configMapKeyRef.")
            && self.is_kept_out(at, item)
        {
            return Some((value.clone(), None, FROM_SECRET));
        }
        let fate = &self.context.groups.fates[at];
        let of_service = fate.services().first().copied();
        let of_service = of_service.filter(|_| matches!(fate, Fate::Service(_) | Fate::Job(_)));
        if let (Some(name), Some(group)) = (name, of_service) {
            let aside = self.guesses[group].asides.iter().any(|aside| aside.variable == name);
            if aside && (general.ends_with("env[].value") || general.contains("configMapKeyRef")) {
                let hidden = Value::String(HIDDEN.to_owned());
                return Some((hidden, None, FROM_SECRET));
            }
            if general.contains("valueFrom.configMapKeyRef") {
                let seen = self.variable(at, group, name).map(|seen| {
                    (value.clone(), Some(seen), "the value itself, in the ConfigMap of the service")
                });
                let inlined = || {
                    let seen = self.inlined(at, item?, places)?;
                    Some((value.clone(), Some(seen), "the value itself"))
                };
                return seen.or_else(inlined);
            }
            if general.ends_with("env[].name") {
                return self.variable(at, group, name).map(|seen| {
                    (value.clone(), Some(seen), "an entry in the ConfigMap of the service")
                });
            }
        }
        if general.contains("envFrom[].configMapRef") && of_service.is_some() {
            let why = "its entries, in the ConfigMap of the service";
            return self.is_given(at, path).then(|| (value.clone(), None, why));
        }
        let (emitted, finds) = places.first()?;
        let one = &self.emitted[*emitted].value;
        if general == "spec.template.spec.volumes[].name" && resolve(one, finds).is_none() {
            let why = "a volume of the set's own: each replica has the one that it had before";
            return (!self.is_apart(at, path)).then(|| (value.clone(), None, why));
        }
        if general == "spec.serviceName" && self.leads_nowhere(at, value) {
            let (there, place) = resolve(one, finds)?;
            let seen = self.seen(*emitted, there, &place);
            return Some((value.clone(), Some(seen), OWN_SERVICE));
        }
        if general.ends_with(&format!("metadata.annotations.{}", fleet::CLASS)) {
            let above = finds.get(..finds.len().checked_sub(3)?)?;
            let class = [above, &[key("spec"), key("storageClassName")]].concat();
            let (class, place) = resolve(one, &class)?;
            let seen = self.seen(*emitted, class, &place);
            return (class == value).then(|| {
                (value.clone(), Some(seen), "`storageClassName` says it, as all have it since 1.6")
            });
        }
        if general == "metadata.annotations.kubernetes.io/ingress.class" {
            let class = [key("spec"), key("ingressClassName")];
            let (class, place) = resolve(one, &class)?;
            let seen = self.seen(*emitted, class, &place);
            return (class == value).then(|| {
                (value.clone(), Some(seen), "`ingressClassName` says it, as all have it since 1.18")
            });
        }
        if general.ends_with("containers[].lifecycle.preStop.exec.command[]") {
            return self.waits(at, path, value, places);
        }
        if general.ends_with("backend.service.port.name") {
            return self.same_backend(at, path, value, places);
        }
        if general.ends_with("capabilities.drop[]") {
            let list = resolve(one, &finds[..finds.len() - 1])?.0;
            let all = list.items().iter().any(|item| item.as_str() == Some("ALL"));
            return all.then(|| (value.clone(), None, "`ALL` drops it, too"));
        }
        if general.ends_with("capabilities.add[]") && value.as_str() == Some("NET_BIND_SERVICE") {
            let why = "the pod opens ports below 1024 without a privilege";
            return Some((value.clone(), None, why));
        }
        if general.ends_with("volumeMounts[].mountPath") {
            let (mount, place) = resolve(one, finds)?;
            let below = mount.as_str()?.strip_prefix(value.as_str()?.trim_end_matches('/'))?;
            let seen = self.seen(*emitted, mount, &place);
            return below
                .starts_with('/')
                .then(|| (value.clone(), Some(seen), "each file is mounted by itself"));
        }
        None
    }

    /// Whether the Service that a set names is none of those that are imported.
    fn leads_nowhere(&self, at: usize, service: &Value) -> bool {
        let namespace = self.context.options.namespace_of(&self.context.objects[at]);
        let name = service.as_str().unwrap_or_default();
        self.context.find("Service", &namespace, name).is_none()
    }

    /// A command before the end that only waits, where the tier says how long that is.
    fn waits(
        &self,
        at: usize,
        path: &[Step],
        value: &Value,
        places: &[Place],
    ) -> Option<(Value, Option<Seen>, &'static str)> {
        const WAITS: &str = "the tier says how long a pod waits until nobody sends it requests";
        let command = stands_at(&self.context.objects[at].value, path.get(..path.len() - 1)?)?;
        let words: Vec<&str> = command.items().iter().filter_map(Value::as_str).collect();
        let words = words.join(" ");
        let words = words.split_once(" -c ").map_or(words.as_str(), |(_, script)| script);
        let mut words = words.split_whitespace();
        let name = words.next()?.rsplit('/').next();
        let seconds = words.next().and_then(|text| text.trim_end_matches('s').parse::<u64>().ok());
        if name != Some("sleep") || seconds.is_none() || words.next().is_some() {
            return None;
        }
        let (emitted, finds) = places.first()?;
        let above = finds.get(..finds.len().checked_sub(3)?)?;
        let wait = [above, &[key("sleep"), key("seconds")]].concat();
        let (there, place) = resolve(&self.emitted[*emitted].value, &wait)?;
        Some((value.clone(), Some(self.seen(*emitted, there, &place)), WAITS))
    }

    /// A port of a Kubernetes Service by its name in a route, which has the number now.
    fn same_backend(
        &self,
        at: usize,
        path: &[Step],
        name: &Value,
        places: &[Place],
    ) -> Option<(Value, Option<Seen>, &'static str)> {
        let object = &self.context.objects[at];
        let backend = stands_at(&object.value, path.get(..path.len() - 2)?)?;
        let service = object::text(backend, &["name"])?;
        let namespace = self.context.options.namespace_of(object);
        let service = self.context.find("Service", &namespace, service)?;
        let ports = self.context.objects[service].items(&["spec", "ports"]).iter();
        let mut ports = ports.filter(|port| port.get("name") == Some(name));
        let number = ports.next()?.get("port")?;
        places.iter().find_map(|(emitted, finds)| {
            let (_, above) = finds.split_last()?;
            let place = [above, &[key("number")]].concat();
            let (there, place) = resolve(&self.emitted[*emitted].value, &place)?;
            (there == number)
                .then(|| (name.clone(), Some(self.seen(*emitted, there, &place)), ALIKE))
        })
    }

    /// Whether a variable reads a key of a ConfigMap that is left out of it.
    fn is_kept_out(&self, at: usize, variable: &Value) -> bool {
        let text = |key| object::text(variable, &["valueFrom", "configMapKeyRef", key]);
        let (Some(map), Some(key)) = (text("name"), text("key")) else { return false };
        let namespace = self.context.options.namespace_of(&self.context.objects[at]);
        let map = self.context.config_map(&namespace, map);
        map.is_some_and(|map| manifest::holds_credential(map, key))
    }

    /// Where a container has as a value what a variable reads of a key of a ConfigMap.
    fn inlined(&self, at: usize, variable: &Value, places: &[Place]) -> Option<Seen> {
        let text = |key| object::text(variable, &["valueFrom", "configMapKeyRef", key]);
        let namespace = self.context.options.namespace_of(&self.context.objects[at]);
        let map = self.context.config_map(&namespace, text("name")?)?;
        let wanted = map.at(&["data", text("key")?])?;
        places.iter().find_map(|(emitted, finds)| {
            let variables = finds.iter().position(|find| *find == key("env"))?;
            let place = [finds.get(..variables + 2)?, &[key("value")]].concat();
            let (there, place) = resolve(&self.emitted[*emitted].value, &place)?;
            (there == wanted).then(|| self.seen(*emitted, there, &place))
        })
    }

    pub(super) fn seen(&self, emitted: usize, value: &Value, place: &[Step]) -> Seen {
        let file = self.emitted[emitted].file.clone();
        Seen { file, path: pointer(place), value: serde_json::Value::from(value) }
    }

    /// Where a ConfigMap of a service, or of its job, has a variable.
    fn variable(&self, at: usize, group: usize, name: &str) -> Option<Seen> {
        let object = &self.context.objects[at];
        let mut maps = self.configs(group, object).into_iter();
        let (map, value) =
            maps.find_map(|map| Some((map, self.emitted[map].value.at(&["data", name])?)))?;
        let place = [Step::Key("data".to_owned()), Step::Key(name.to_owned())];
        Some(self.seen(map, value, &place))
    }

    /// Whether the container that a place is in has an image by digest.
    pub(super) fn is_pinned(&self, places: &[Place]) -> bool {
        places.iter().any(|(emitted, finds)| {
            let image = [&finds[..finds.len() - 1], &[Find::Key("image".to_owned())]].concat();
            let image = resolve(&self.emitted[*emitted].value, &image);
            image.and_then(|(image, _)| image.as_str()).is_some_and(|image| image.contains('@'))
        })
    }
}
