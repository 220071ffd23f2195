//! What became of each leaf.

use super::account::{Column, Leaf, Seen};
use super::group::Fate;
use super::guess::{is_credential, ports_of};
use super::locate::{Finder, Place};
use super::object;
use super::path::{Find, Step, general, leaves, pointer, resolve};
use super::rules;
use crate::kube::read::quantity::Quantity;
use crate::yaml::Value;

/// A leaf that is not there yet.
#[derive(Clone, Debug)]
pub(super) struct Missing {
    /// The object of the source.
    pub(super) object: usize,
    /// Where it stands there.
    pub(super) path: Vec<Step>,
    /// What it says.
    pub(super) value: Value,
    /// Where it belongs.
    pub(super) place: Option<Place>,
}

/// Why a value that differs is as good: an amount in other units, a port by its name, a folder with a
/// limit.
const ALIKE: &str = "the same, in other words";

/// Why something of a tree is another one.
const ANEW: &str = "Ninefold makes it anew, of the spec";

/// Why something of a tree is not there.
const OF_FLEET: &str = "Ninefold makes it of the fleet";

/// What no output may show.
const HIDDEN: &str = "‹hidden›";

impl Finder<'_> {
    /// Every leaf of every object, and those that are missing.
    pub(super) fn judge(&self) -> (Vec<Leaf>, Vec<Missing>) {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (at, object) in self.context.objects.iter().enumerate() {
            for (path, value) in leaves(&object.value) {
                match self.leaf(at, &path, value) {
                    Ok(leaf) => found.push(leaf),
                    Err(place) => {
                        missing.push(Missing { object: at, path, value: value.clone(), place });
                    }
                }
            }
        }
        (found, missing)
    }

    fn leaf(&self, at: usize, path: &[Step], value: &Value) -> Result<Leaf, Option<Place>> {
        let object = &self.context.objects[at];
        let general = general(path);
        let hidden = object.kind == "Secret"
            && general != "type"
            && !general.starts_with("metadata.")
            && !["apiVersion", "kind"].contains(&general.as_str());
        let applied = general.ends_with("kubectl.kubernetes.io/last-applied-configuration");
        let hidden = hidden || applied;
        let shown = if hidden { Value::String(HIDDEN.to_owned()) } else { value.clone() };
        let leaf = |column: Column, value: Value, emitted: Option<Seen>, why: Option<&str>| Leaf {
            object: object.shown(),
            path: pointer(path),
            column,
            value: serde_json::Value::from(&value),
            emitted,
            why: why.map(str::to_owned),
        };
        if let Fate::Dropped(why) = self.context.groups.fates[at] {
            return Ok(leaf(Column::Dropped, shown, None, Some(why)));
        }
        if let Some((place, why)) = self.of_policy(at, path) {
            let seen = place.and_then(|(emitted, place)| {
                let finds: Vec<Find> = place.iter().map(Find::exactly).collect();
                let (value, place) = resolve(&self.emitted[emitted].value, &finds)?;
                Some(self.seen(emitted, value, &place))
            });
            return Ok(leaf(Column::Improved, value.clone(), seen, Some(why)));
        }
        let places = self.places(at, path);
        if let Fate::Made(of_service) = self.context.groups.fates[at]
            && places.is_empty()
            && !of_service
        {
            return Ok(leaf(Column::Dropped, value.clone(), None, Some(OF_FLEET)));
        }
        let mut other = None;
        for (emitted, finds) in &places {
            let one = &self.emitted[*emitted];
            let Some((new, place)) = resolve(&one.value, finds) else { continue };
            let seen = Seen {
                file: one.file.clone(),
                path: pointer(&place),
                value: serde_json::Value::from(new),
            };
            if value == new {
                let column = if one.own { Column::Manifest } else { Column::Field };
                return Ok(leaf(column, value.clone(), Some(seen), None));
            }
            if self.alike(at, &general, (value, new), *emitted) {
                return Ok(leaf(Column::Improved, value.clone(), Some(seen), Some(ALIKE)));
            }
            other.get_or_insert((seen, new.clone()));
        }
        if let Some(why) = rules::filled_in(&object.kind, &general, value) {
            return Ok(leaf(Column::Dropped, shown, None, Some(why)));
        }
        if let Some((value, seen, why)) = self.otherwise(at, path, &general, value, &places) {
            return Ok(leaf(Column::Improved, value, seen, Some(why)));
        }
        if matches!(self.context.groups.fates[at], Fate::Made(_)) && !places.is_empty() {
            let seen = other.map(|(seen, _)| seen);
            return Ok(leaf(Column::Dropped, value.clone(), seen, Some(ANEW)));
        }
        let new = other.as_ref().map(|(_, value)| value);
        if new.is_none()
            && let Some(why) = rules::says_nothing(&general, value)
        {
            return Ok(leaf(Column::Dropped, value.clone(), None, Some(why)));
        }
        // Of what is not there at all, nothing is better.
        if places.is_empty() || self.is_apart(at, path) {
            return Err(places.into_iter().next());
        }
        if general.ends_with(".image") || general.ends_with(".imagePullPolicy") {
            let pinned = self.is_pinned(&places);
            if let Some(why) = pinned
                .then(|| rules::improved(&object.kind, &general, value, Some(value)))
                .flatten()
            {
                return Ok(leaf(
                    Column::Improved,
                    value.clone(),
                    other.map(|(seen, _)| seen),
                    Some(why),
                ));
            }
        } else if let Some(why) = rules::improved(&object.kind, &general, value, new) {
            return Ok(leaf(
                Column::Improved,
                value.clone(),
                other.map(|(seen, _)| seen),
                Some(why),
            ));
        }
        Err(places.into_iter().next())
    }

    /// Whether a path is in a volume that no field says, and a patch has as it is.
    fn is_apart(&self, at: usize, path: &[Step]) -> bool {
        let Fate::Service(group) = self.context.groups.fates[at] else { return false };
        let (Some(Step::Key(list)), Some(Step::Index(index))) = (path.get(3), path.get(4)) else {
            return false;
        };
        let object = &self.context.objects[at];
        let volume = object::pod(object).and_then(|pod| object::items(pod, "volumes").get(*index));
        let name = volume.and_then(|volume| object::text(volume, &["name"]));
        let kept = |name: &str| self.guesses[group].kept.iter().any(|one| one.volume == name);
        object::is_workload(object) && list == "volumes" && !name.is_some_and(kept)
    }

    /// Whether the ConfigMap that a container has its variables from is given to its service.
    fn is_given(&self, at: usize, path: &[Step]) -> bool {
        let object = &self.context.objects[at];
        let item = path.iter().take_while(|step| **step != Step::Key("configMapRef".to_owned()));
        let source = item.clone().try_fold(&object.value, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.items().get(*index),
        });
        let name = source.and_then(|source| object::text(source, &["configMapRef", "name"]));
        let namespace = self.context.options.namespace_of(object);
        self.context.objects.iter().any(|other| {
            other.kind == "ConfigMap"
                && Some(other.name.as_str()) == name
                && self.context.options.namespace_of(other) == namespace
        })
    }

    /// What is said in other words, which no table of paths can tell.
    fn otherwise(
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
        let in_env = general.contains("ainers[].env[].");
        let variable = path.iter().position(|step| *step == Step::Key("env".to_owned()));
        let name = variable.filter(|_| in_env).and_then(|env| {
            let item = path.get(..env + 2)?.iter();
            let item =
                item.clone().try_fold(
                    &self.context.objects[at].value,
                    |value, step| match step {
                        Step::Key(key) => value.get(key),
                        Step::Index(index) => value.items().get(*index),
                    },
                )?;
            object::text(item, &["name"])
        });
        if let (Some(name), Fate::Manifest(_)) = (name, &self.context.groups.fates[at])
            && general.ends_with("env[].value")
            && value.as_str().is_some_and(|text| is_credential(name, text))
        {
            let hidden = Value::String(HIDDEN.to_owned());
            return Some((hidden, None, "from a Secret: no credential stands in a manifest"));
        }
        let of_service = match &self.context.groups.fates[at] {
            Fate::Service(group) | Fate::Job(group) => Some(*group),
            Fate::Given(_)
            | Fate::Routed(_)
            | Fate::Policy(_)
            | Fate::Manifest(_)
            | Fate::Namespace
            | Fate::Made(_)
            | Fate::Dropped(_) => None,
        };
        if let (Some(name), Some(group)) = (name, of_service) {
            let aside = self.guesses[group].asides.iter().any(|aside| aside.variable == name);
            if aside && (general.ends_with("env[].value") || general.contains("configMapKeyRef")) {
                let hidden = Value::String(HIDDEN.to_owned());
                return Some((hidden, None, "from a Secret: no credential stands in a manifest"));
            }
            if general.contains("valueFrom.configMapKeyRef") {
                return self.variable(at, group, name).map(|seen| {
                    (value.clone(), Some(seen), "the value itself, in the ConfigMap of the service")
                });
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

    fn seen(&self, emitted: usize, value: &Value, place: &[Step]) -> Seen {
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
    fn is_pinned(&self, places: &[Place]) -> bool {
        places.iter().any(|(emitted, finds)| {
            let image = [&finds[..finds.len() - 1], &[Find::Key("image".to_owned())]].concat();
            let image = resolve(&self.emitted[*emitted].value, &image);
            image.and_then(|(image, _)| image.as_str()).is_some_and(|image| image.contains('@'))
        })
    }

    /// Whether two values that differ mean the same, or the new one only adds to the old one.
    fn alike(
        &self,
        at: usize,
        general: &str,
        (old, new): (&Value, &Value),
        emitted: usize,
    ) -> bool {
        let empty = |value: &Value| matches!(value, Value::Map(entries) if entries.is_empty());
        if empty(old) && matches!(new, Value::Map(_)) {
            return true;
        }
        let amounts = ["resources.", "sizeLimit", "averageValue", "target.value"];
        if amounts.iter().any(|amount| general.contains(amount)) {
            let amounts = (Quantity::of(old), Quantity::of(new));
            return matches!(amounts, (Some(old), Some(new)) if old == new);
        }
        if general.ends_with("Probe.httpGet.port")
            || general.ends_with("Probe.tcpSocket.port")
            || general.ends_with("Probe.grpc.port")
            || general.ends_with("ports[].targetPort")
        {
            return self.same_port(at, (old, new), emitted);
        }
        let scalars = (object::scalar(old), object::scalar(new));
        matches!(scalars, (Some(old), Some(new)) if old == new && general.contains(".env[].value"))
    }

    /// Whether a port by name or number is the same port of the container.
    fn same_port(&self, at: usize, (old, new): (&Value, &Value), emitted: usize) -> bool {
        let Fate::Service(group) = self.context.groups.fates[at] else { return false };
        let listened = ports_of(self.context, group);
        let source = object::pod(&self.context.objects[self.context.groups.groups[group].workload]);
        let number = |pod: Option<&Value>, port: &Value| {
            let by_name =
                pod.into_iter().flat_map(object::containers).find_map(|(_, container)| {
                    let named =
                        |one: &&Value| one.get("name").is_some() && one.get("name") == Some(port);
                    object::number(
                        object::items(container, "ports").iter().find(named)?.get("containerPort"),
                    )
                });
            object::number(Some(port)).or(by_name)
        };
        let workload = match self.emitted[emitted].value.at(&["spec", "template", "spec"]) {
            Some(_) => Some(emitted),
            None => self.workload_of(group),
        };
        let there =
            workload.and_then(|at| self.emitted[at].value.at(&["spec", "template", "spec"]));
        let (old, new) = (number(source, old), number(there, new));
        old.is_some()
            && old == new
            && listened.iter().any(|port| Some(i64::from(port.number)) == old)
    }
}
