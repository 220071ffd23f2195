//! What became of each leaf.

mod otherwise; // what is expressed otherwise
mod alike; //     what differs and means the same

use super::account::{Column, Leaf, Seen};
use super::group::Fate;
use super::locate::{Finder, Place};
use super::manifest;
use super::object;
use super::path::{Find, Step, general, is_hashed, leaves, pointer, resolve};
use super::rules;
use crate::yaml::Value;

/// A leaf that is not there yet.
#[derive(Clone, Debug)]
pub(in crate::import) struct Missing {
    /// The object of the source.
    pub(in crate::import) object: usize,
    /// Where it stands there.
    pub(in crate::import) path: Vec<Step>,
    /// What it says.
    pub(in crate::import) value: Value,
    /// Where it belongs.
    pub(in crate::import) place: Option<Place>,
}

/// Why a value that differs is as good: an amount in other units, a port by its name, a folder with a
/// limit.
const ALIKE: &str = "the same, in other words";

/// Why something of a tree is another one.
const ANEW: &str = "Ninefold makes it again, from the spec";

/// Why something of a tree is not there.
const OF_FLEET: &str = "Ninefold makes it of the fleet";

/// Why a credential is not where it was.
const FROM_SECRET: &str = "from a Secret: no credential stands in a manifest";

/// What no output may show.
const HIDDEN: &str = "‹hidden›";

/// What stands at a path.
fn stands_at<'v>(value: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.items().get(*index),
    })
}

impl Finder<'_> {
    /// Every leaf of every object, and those that are missing.
    pub(in crate::import) fn judge(&self) -> (Vec<Leaf>, Vec<Missing>) {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (at, object) in self.context.objects.iter().enumerate() {
            for (path, value) in leaves(&object.value) {
                match self.leaf(at, &path, value) {
                    Ok(leaf) => found.push(leaf),
                    Err(place) => {
                        let value = self.renamed(at, &path, value);
                        missing.push(Missing { object: at, path, value, place });
                    }
                }
            }
        }
        (found, missing)
    }

    /// The value that is missing: a mount names its volume as that is called now.
    fn renamed(&self, at: usize, path: &[Step], value: &Value) -> Value {
        if let (Fate::Service(group), Some(name)) = (&self.context.groups.fates[at], value.as_str())
            && general(path).ends_with("volumeMounts[].name")
            && let Some(now) = self.volumes(*group, name).into_iter().next()
        {
            return Value::String(now);
        }
        value.clone()
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
        if let [Step::Key(part), Step::Key(key)] = path
            && part == "data"
            && object.region.is_none()
            && manifest::holds_credential(object, key)
        {
            let hidden = Value::String(HIDDEN.to_owned());
            return Ok(leaf(Column::Improved, hidden, None, Some(FROM_SECRET)));
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
            if is_hashed(new, value) {
                let why = Some(rules::CONTENT);
                return Ok(leaf(Column::Improved, value.clone(), Some(seen), why));
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
        // What is null says nothing, whatever stands there now.
        if (new.is_none() || *value == Value::Null)
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
        let item = path.iter().position(|step| *step == Step::Key("configMapRef".to_owned()));
        let source = item.and_then(|item| stands_at(&object.value, &path[..item]));
        let name = source.and_then(|source| object::text(source, &["configMapRef", "name"]));
        let namespace = self.context.options.namespace_of(object);
        name.is_some_and(|name| self.context.config_map(&namespace, name).is_some())
    }
}
