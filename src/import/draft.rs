//! What would be written, as far as it is known.

use super::compile::{Emitted, Files};
use super::fleet::{self, Levels};
use super::group::{Fate, Groups, group};
use super::guess::{Context, Guess, Network, guess, is_sayable};
use super::learn::Learned;
use super::locate::Finder;
use super::made::Made;
use super::manifest::{self, Taken};
use super::object::{self, Object};
use super::options::MADE_UP;
use super::patch::{self, Wanted};
use super::toml::Document;
use super::verdict::Missing;
use super::{Request, custom, openings};
use crate::diag::Sink;
use crate::yaml::{Value, write};
use std::collections::{BTreeMap, BTreeSet};

/// Patches, by the place of their group and the file of their object.
pub(super) type Patches = BTreeMap<(usize, String), Value>;

/// The objects of each file of manifests, in order, by their place among those of the source.
type Manifests = BTreeMap<String, Vec<(Option<usize>, Value)>>;

/// What files of manifests that belong to no service begin with: a service has no name with a dot.
const SHARED: &str = "manifests/shared.";

/// The most bytes of a file of manifests, of those that one may have (`attached::LARGEST`).
const LARGEST: usize = 8 << 20;

/// All of it.
pub(super) struct Draft {
    pub(super) groups: Groups,
    pub(super) guesses: Vec<Guess>,
    pub(super) partly: BTreeSet<usize>,
    pub(super) taken: Taken,
    /// The objects of each file of manifests, in order; none for one that is added.
    pub(super) manifests: Manifests,
    /// Namespaces of services whose pods need more than others get.
    pub(super) levels: Levels,
    network: Network,
    fleet: Document,
    crds: Files,
}

impl Draft {
    pub(super) fn make(
        sink: &mut Sink,
        objects: &[Object],
        (request, made): (&Request<'_>, &Made),
        learned: &Learned,
    ) -> Draft {
        let options = &learned.options;
        let mut groups =
            group(sink, objects, (options, made), (&learned.as_they_are, &learned.kept));
        let backups =
            request.fleet.as_ref().is_some_and(|text| fleet::has_backups(text, &options.regions));
        let before = groups.clone();
        let context = Context {
            objects,
            groups: &before,
            options,
            learned,
            made,
            network: &Network::default(),
            fleet: request.fleet.as_deref(),
            backups,
        };
        let sayable = policies(context, &learned.kept);
        groups.say(sayable);
        let context = Context { groups: &groups, ..context };
        let network = Network::of(context);
        let context = Context { network: &network, ..context };
        let mut guesses: Vec<Guess> =
            (0..groups.groups.len()).map(|at| guess(context, at)).collect();
        let partly = guesses.iter().flat_map(|guess| guess.partly.iter().copied());
        let partly: BTreeSet<usize> = partly.chain(groups.also.keys().copied()).collect();
        let taken = taken(&groups);
        let manifests = manifests(context, learned, (&partly, &taken));
        for (guess, group) in guesses.iter_mut().zip(&groups.groups) {
            let path = file_of(&group.name);
            if manifests.contains_key(&path) {
                fleet::add_manifests(&mut guess.document, &path);
            }
        }
        let mut crds = custom::definitions(objects);
        crds.retain(|path, _| !learned.undefined.contains(path));
        // Namespaces without a service are made by whoever makes them today.
        let is_ours = |name: &str| groups.groups.iter().any(|group| group.namespace == name);
        let mut levels = learned.levels.clone();
        levels.retain(|namespace, _| is_ours(namespace));
        let fleet = fleet::begin(objects, options, (learned.room, &levels));
        Draft { groups, guesses, partly, taken, manifests, levels, network, fleet, crds }
    }

    /// What looks for leaves in what was emitted.
    pub(super) fn finder<'a>(
        &'a self,
        (objects, made): (&'a [Object], &'a Made),
        learned: &'a Learned,
        emitted: &'a [Emitted],
    ) -> Finder<'a> {
        let context = Context {
            objects,
            groups: &self.groups,
            options: &learned.options,
            learned,
            made,
            network: &self.network,
            fleet: None,
            backups: false,
        };
        Finder::new(context, (&self.guesses, &self.taken, &self.partly), emitted)
    }

    /// The patches that put what is missing where it belongs.
    pub(super) fn patches(&self, emitted: &[Emitted], missing: &[Missing]) -> Patches {
        let groups = self.groups.groups.iter().enumerate();
        let named: BTreeMap<&str, usize> =
            groups.map(|(at, group)| (group.name.as_str(), at)).collect();
        let mut wanted: BTreeMap<(usize, usize), Vec<Wanted>> = BTreeMap::new();
        for one in missing {
            let Some((at, path)) = &one.place else { continue };
            let group = named.get(emitted[*at].unit.as_str()).copied();
            let Some(group) = group.filter(|_| !emitted[*at].own) else { continue };
            wanted.entry((group, *at)).or_default().push((path.clone(), one.value.clone()));
        }
        let build = |((group, at), wanted): ((usize, usize), Vec<Wanted>)| {
            ((group, emitted[at].stem().to_owned()), patch::build(&emitted[at], &wanted))
        };
        wanted.into_iter().map(build).collect()
    }

    /// Every file, as it would be written.
    pub(super) fn files(&self, request: &Request<'_>, patches: &Patches) -> Files {
        let mut files = self.crds.clone();
        let mut fleet = self.fleet.clone();
        for (path, values) in &self.manifests {
            let values = values.iter().map(|(_, value)| value);
            files.insert(path.clone(), manifest::file(values).into_bytes());
        }
        for path in self.shared() {
            fleet::add_manifests(&mut fleet, path);
        }
        for (at, guess) in self.guesses.iter().enumerate() {
            let mut document = guess.document.clone();
            let mine = patches.range((at, String::new())..(at + 1, String::new()));
            for ((_, object), value) in mine {
                patch::write(&mut document, object, value);
            }
            let text = document.to_text();
            files.insert(format!("{}.toml", self.groups.groups[at].name), text.into_bytes());
            files.extend(guess.files.clone());
        }
        let fleet = match &request.fleet {
            Some(text) => format!("{text}\n{}", self.to_add(request)),
            None => fleet.to_text(),
        };
        files.insert("fleet.toml".to_owned(), fleet.into_bytes());
        files
    }

    /// The files of manifests that belong to no service.
    fn shared(&self) -> impl Iterator<Item = &str> {
        self.manifests.keys().map(String::as_str).filter(|path| path.starts_with(SHARED))
    }

    /// The lines that a fleet that is there lacks.
    pub(super) fn to_add(&self, request: &Request<'_>) -> String {
        if request.fleet.is_none() {
            return String::new();
        }
        fleet::lines(self.shared(), &self.levels)
    }
}

/// Network policies of services that `depends_on` and `called_by` can say, and whose they are.
fn policies(context: Context<'_>, kept: &BTreeSet<usize>) -> Vec<(usize, usize)> {
    let of = |(at, fate): (usize, &Fate)| {
        let Fate::Manifest(Some(group)) = fate else { return None };
        let object = &context.objects[at];
        let says = object.kind == "NetworkPolicy"
            && object.api_version == "networking.k8s.io/v1"
            && !kept.contains(&at)
            && is_sayable(context, *group, object);
        says.then_some((at, *group))
    };
    context.groups.fates.iter().enumerate().filter_map(of).collect()
}

/// These objects, and what their pods name.
fn with_what_they_name(context: Context<'_>, objects: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut all = objects.clone();
    for object in objects.iter().map(|at| &context.objects[*at]) {
        let namespace = context.options.namespace_of(object);
        let names = object::named(object).into_iter().chain(object::refers_to(object));
        all.extend(names.filter_map(|(kind, name)| context.find(kind, &namespace, &name)));
    }
    all
}

/// The units whose pods name a ConfigMap: a service, or the fleet.
fn users(context: Context<'_>) -> BTreeMap<usize, BTreeSet<Option<usize>>> {
    let mut users: BTreeMap<usize, BTreeSet<Option<usize>>> = BTreeMap::new();
    for (object, fate) in context.objects.iter().zip(&context.groups.fates) {
        if matches!(fate, Fate::Dropped(_)) {
            continue;
        }
        let of_service = fate.services().first().copied();
        let unit = if let Fate::Manifest(group) = fate { *group } else { of_service };
        let namespace = context.options.namespace_of(object);
        for (kind, name) in object::named(object) {
            if let Some(at) = context.find(kind, &namespace, &name) {
                users.entry(at).or_default().insert(unit);
            }
        }
    }
    users
}

/// Sorts what stays as it is into files.
fn manifests(
    context: Context<'_>,
    learned: &Learned,
    (partly, taken): (&BTreeSet<usize>, &Taken),
) -> Manifests {
    let groups = &context.groups.groups;
    let namespaces: BTreeSet<&str> = groups.iter().map(|group| group.namespace.as_str()).collect();
    let beside = with_what_they_name(context, &learned.beside);
    let users = users(context);
    // A name that ends with a hash is known to pods of the same unit alone; others ask for it as it is.
    let follows = |at: usize, unit: Option<usize>| {
        users.get(&at).is_some_and(|users| users.iter().all(|user| *user == unit))
    };
    let mut files = Manifests::new();
    for (at, object) in context.objects.iter().enumerate() {
        let Some(group) = context.groups.home(at, partly) else { continue };
        if learned.refused.contains_key(&at) {
            continue;
        }
        // What stands in no namespace is the fleet's.
        let group = group.or_else(|| {
            let namespace = context.options.namespace_of(object);
            groups.iter().position(|group| beside.contains(&at) && group.namespace == namespace)
        });
        let group = group.filter(|_| object::is_namespaced(object));
        let path = group.map_or(format!("{SHARED}yaml"), |group| file_of(&groups[group].name));
        let namespace = context.options.namespace_of(object);
        let closed = namespaces.contains(namespace.as_str());
        let strict = closed && !learned.levels.contains_key(&namespace);
        let mut value = manifest::written(context, object, taken, strict);
        // That of a tree says itself whether others know its name.
        if object.kind == "ConfigMap" && object.region.is_none() && !follows(at, group) {
            manifest::keep_name(&mut value);
        }
        files.entry(path.clone()).or_default().push((Some(at), value));
        if closed && let Some(policy) = openings::of_pods(context, object) {
            files.entry(path).or_default().push((None, policy));
        }
    }
    for (at, group) in groups.iter().enumerate() {
        if let Some(policy) = openings::from_outside(context, at) {
            files.entry(file_of(&group.name)).or_default().push((None, policy));
        }
    }
    in_parts(files)
}

/// Parts the file of the fleet, where it is larger than a file may be.
fn in_parts(mut files: Manifests) -> Manifests {
    let path = format!("{SHARED}yaml");
    let (mut part, mut size) = (1, 0);
    for (at, value) in files.remove(&path).unwrap_or_default() {
        let length = write::document(&value).len();
        if size > 0 && size + length > LARGEST {
            (part, size) = (part + 1, 0);
        }
        size += length;
        let path = if part == 1 { path.clone() } else { format!("{SHARED}{part:04}.yaml") };
        files.entry(path).or_default().push((at, value));
    }
    files
}

/// Files without the digests that were made up.
pub(super) fn honest(files: Files) -> Files {
    let honest = |(path, bytes): (String, Vec<u8>)| {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text.replace(MADE_UP, "").into_bytes(),
            Err(error) => error.into_bytes(),
        };
        (path, text)
    };
    files.into_iter().map(honest).collect()
}

fn file_of(service: &str) -> String {
    format!("manifests/{service}.yaml")
}

/// The names of what is made for services.
fn taken(groups: &Groups) -> Taken {
    let mut taken = Taken::new();
    for group in &groups.groups {
        let mut add = |kind: &str, name: &str| {
            taken.insert((kind.to_owned(), group.namespace.clone(), name.to_owned()));
        };
        for kind in [
            "NetworkPolicy",
            "Service",
            "PodDisruptionBudget",
            "Deployment",
            "StatefulSet",
            "PodMonitor",
            "PrometheusRule",
        ] {
            add(kind, &group.name);
        }
        add("NetworkPolicy", "default-deny");
        add("Service", &format!("{}-headless", group.name));
        add("ConfigMap", &format!("{}-region", group.name));
    }
    taken
}
