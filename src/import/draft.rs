//! What would be written, as far as it is known.

use super::compile::{Emitted, Files};
use super::group::{Fate, Groups, group};
use super::guess::{Context, Guess, guess, is_sayable};
use super::learn::Learned;
use super::locate::Finder;
use super::made::Made;
use super::manifest::{self, Taken};
use super::object::{self, Object};
use super::options::MADE_UP;
use super::patch::{self, Wanted};
use super::path::{Find, key, named};
use super::toml::Document;
use super::verdict::Missing;
use super::{Request, custom, fleet, openings};
use crate::diag::Sink;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Patches, by the place of their group and the file of their object.
pub(super) type Patches = BTreeMap<(usize, String), Value>;

/// The objects of each file of manifests, in order, by their place among those of the source.
type Manifests = BTreeMap<String, Vec<(Option<usize>, Value)>>;

/// The file of manifests that belong to no service.
const SHARED: &str = "manifests/shared.yaml";

/// All of it.
pub(super) struct Draft {
    pub(super) groups: Groups,
    pub(super) guesses: Vec<Guess>,
    pub(super) partly: BTreeSet<usize>,
    pub(super) taken: Taken,
    /// The objects of each file of manifests, in order; none for one that is added.
    pub(super) manifests: Manifests,
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
            credentials: &learned.credentials,
            promises: &learned.promises,
            proven: &learned.proven,
            accepted: &learned.accepted,
            made,
            peaks: &learned.peaks,
            fleet: request.fleet.as_deref(),
            backups,
        };
        let sayable = policies(context, &learned.kept);
        for (at, group) in sayable {
            groups.fates[at] = Fate::Policy(group);
        }
        let context = Context { groups: &groups, ..context };
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
        let fleet = fleet::begin(objects, options, learned.room);
        Draft { groups, guesses, partly, taken, manifests, fleet, crds }
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
            credentials: &learned.credentials,
            promises: &learned.promises,
            proven: &learned.proven,
            accepted: &learned.accepted,
            made,
            peaks: &learned.peaks,
            fleet: None,
            backups: false,
        };
        let own = emitted.iter().enumerate().filter(|(_, one)| one.own);
        let own = own
            .map(|(at, one)| ((one.kind.as_str(), one.logical.clone(), one.namespace.clone()), at));
        Finder {
            context,
            guesses: &self.guesses,
            emitted,
            own: own.collect(),
            taken: &self.taken,
            partly: &self.partly,
        }
    }

    /// The patches that put what is missing where it belongs, and let pods open the ports that they open.
    pub(super) fn patches(&self, emitted: &[Emitted], missing: &[Missing]) -> Patches {
        let mut wanted: BTreeMap<(usize, usize), Vec<Wanted>> = BTreeMap::new();
        for one in missing {
            let Some((at, path)) = &one.place else { continue };
            let group = self.groups.groups.iter().position(|group| group.name == emitted[*at].unit);
            let Some(group) = group.filter(|_| !emitted[*at].own) else { continue };
            wanted.entry((group, *at)).or_default().push((path.clone(), one.value.clone()));
        }
        let workload = |group: usize| {
            emitted.iter().position(|one| {
                one.unit == self.groups.groups[group].name
                    && !one.own
                    && one.stem() == self.guesses[group].stem
            })
        };
        for (at, guess) in self.guesses.iter().enumerate() {
            if let (Some(port), Some(workload)) = (guess.low_port, workload(at)) {
                wanted.entry((at, workload)).or_default().push(lowers(port));
            }
        }
        let build = |((group, at), wanted): ((usize, usize), Vec<Wanted>)| {
            ((group, emitted[at].stem().to_owned()), patch::build(&emitted[at], &wanted))
        };
        wanted.into_iter().map(build).collect()
    }

    /// The patches without which nothing compiles: pods that open ports below 1024.
    pub(super) fn first_patches(&self) -> Patches {
        let low = self.guesses.iter().enumerate().filter_map(|(at, guess)| {
            let (path, value) = lowers(guess.low_port?);
            Some(((at, guess.stem.to_owned()), patch::plain(&path, &value)))
        });
        low.collect()
    }

    /// Every file, as it would be written.
    pub(super) fn files(&self, request: &Request<'_>, patches: &Patches) -> Files {
        let mut files = self.crds.clone();
        let mut fleet = self.fleet.clone();
        for (path, values) in &self.manifests {
            let values: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
            let comment = vec!["Objects that stay as they are.".to_owned()];
            files.insert(path.clone(), manifest::file(&comment, &values).into_bytes());
            if path == SHARED {
                fleet::add_manifests(&mut fleet, path);
            }
        }
        for (at, guess) in self.guesses.iter().enumerate() {
            let mut document = guess.document.clone();
            for ((_, object), value) in patches.iter().filter(|((group, _), _)| *group == at) {
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

    /// The lines that a fleet that is there lacks.
    pub(super) fn to_add(&self, request: &Request<'_>) -> String {
        let lacks = request.fleet.is_some() && self.manifests.contains_key(SHARED);
        if lacks { fleet::manifest_lines(SHARED) } else { String::new() }
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

/// What lets a process without a privilege open a port, and all above it.
fn lowers(port: u16) -> Wanted {
    let start = "net.ipv4.ip_unprivileged_port_start";
    let pod = [key("spec"), key("template"), key("spec"), key("securityContext"), key("sysctls")];
    let path: Vec<Find> = pod.into_iter().chain([named(start), key("value")]).collect();
    (path, Value::String(port.to_string()))
}

/// Gives the rights of an account also to services that had it with others, and have one of their own.
fn share_rights(context: Context<'_>, object: &Object, value: &mut Value) {
    if !["RoleBinding", "ClusterRoleBinding"].contains(&object.kind.as_str()) {
        return;
    }
    let mut added = Vec::new();
    for subject in object::items(value, "subjects") {
        let text = |key: &str| object::text(subject, &[key]).unwrap_or_default();
        let shares = context.groups.groups.iter().filter(|group| {
            let account = object::account(&context.objects[group.workload]);
            let own = group.account.is_none() && group.name != text("name");
            own && text("kind") == "ServiceAccount"
                && text("namespace") == group.namespace
                && account == Some(text("name"))
        });
        for group in shares {
            let mut other = subject.clone();
            other.insert("name", Value::String(group.name.clone()));
            added.push(other);
        }
    }
    if let Some(Value::List(subjects)) = value.get_mut("subjects") {
        subjects.extend(added);
    }
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

/// Sorts what stays as it is into files.
fn manifests(
    context: Context<'_>,
    learned: &Learned,
    (partly, taken): (&BTreeSet<usize>, &Taken),
) -> Manifests {
    let groups = &context.groups.groups;
    let namespaces: BTreeSet<&str> = groups.iter().map(|group| group.namespace.as_str()).collect();
    let beside = with_what_they_name(context, &learned.beside);
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
        let path = group.map_or(SHARED.to_owned(), |group| file_of(&groups[group].name));
        let closed = namespaces.contains(context.options.namespace_of(object).as_str());
        let mut value =
            manifest::written(context.objects, object, (context.options, taken), closed);
        share_rights(context, object, &mut value);
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
