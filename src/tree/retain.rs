//! Former generations: what an edit drops stays in the tree, byte for byte, so that no delivery
//! engine sees it as removed before its successor stands.
//!
//! A generation is a workload, a NetworkPolicy, a Schedule, or a ConfigMap that only objects with
//! stable names refer to. It stays with everything that it refers to and that is not current: each
//! such object stands once, in the folder of one generation that needs it. What goes back to earlier
//! content finds its generation here, under its old name, and it becomes current again.
//!
//! Nothing that was delivered leaves by a build, however many generations there are: the youngest
//! of them may never have become ready. It leaves by [`retire`](super::retire()), or because it was
//! in no delivered tree.

use super::Document;
use super::delivered::{Delivered, Unknown};
use super::ledger::{Entry, Gone, Ledger, Retained};
use super::{in_place, path};
use crate::diag::{Code, Diagnostic, Reported, Sink, Span};
use crate::kube::kinds::Keeping;
use crate::kube::{Kind, ServiceName, id};
use crate::name::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// What the tree held before.
pub struct Previous<'a> {
    /// The ledger of the unit, and that of the unit that it was called before.
    pub ledgers: Vec<Ledger>,
    /// Reads a file of the tree.
    pub read: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// What of the unit the delivery engine sees.
    pub delivered: &'a dyn Delivered,
    /// Of the fleet only: regions and namespaces in which former generations stand.
    pub in_use: BTreeSet<(String, String)>,
}

impl std::fmt::Debug for Previous<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Previous").field("ledgers", &self.ledgers).finish_non_exhaustive()
    }
}

impl Previous<'_> {
    /// There was nothing.
    pub fn nothing() -> Previous<'static> {
        Previous {
            ledgers: Vec::new(),
            read: &|_| None,
            delivered: &Unknown,
            in_use: BTreeSet::new(),
        }
    }
}

/// Who an object is for Kubernetes, in one region.
pub(super) type Name<'a> = (&'a str, Option<&'a str>, &'a str);

pub(super) fn name(entry: &Entry) -> Name<'_> {
    (&entry.kind, entry.namespace.as_deref(), &entry.name)
}

/// What was kept, with its new place.
type Kept = Vec<(Entry, Document)>;

/// The generations of a service that stay.
pub(super) fn generations(
    sink: &mut Sink,
    service: &ServiceName,
    current: &[Entry],
    previous: &Previous<'_>,
    origin: Option<Span>,
) -> Result<Kept, Reported> {
    let unit = service.plain();
    let before = previous.ledgers.iter().map(|ledger| id::plain(ledger.unit()));
    let units: BTreeSet<&str> = before.chain([unit]).collect();
    let regions: BTreeSet<&str> = current.iter().map(|entry| entry.region.as_str()).collect();
    let retired = retired(previous);
    let mut delivered = previous.delivered.objects();
    delivered.retain(|entry| !retired.contains(&Gone::of(entry)));
    let mut kept = Vec::new();
    for region in regions {
        let here = |entry: &&Entry| entry.region == region;
        let mut former: Vec<&Entry> =
            previous.ledgers.iter().flat_map(Ledger::objects).filter(here).collect();
        let current: Vec<&Entry> = current.iter().filter(here).collect();
        let names: BTreeMap<Name<'_>, &Entry> =
            current.iter().map(|entry| (name(entry), *entry)).collect();
        // What was built and never delivered runs nowhere.
        former.retain(|entry| names.contains_key(&name(entry)) || previous.delivered.has(entry));
        // What may run and is not in the tree any more comes back.
        let mut known: BTreeSet<Name<'_>> = former.iter().map(|entry| name(entry)).collect();
        let running: Vec<&Entry> = delivered.iter().filter(here).collect();
        former.extend(running.iter().filter(|entry| known.insert(name(entry))));
        let region = Region::of(unit, &units, names, former, running);
        if let Some(entry) = region.left_behind(previous) {
            sink.report(left_behind(entry, origin));
        }
        region.clashes(sink)?;
        for (entry, retained) in region.keep() {
            kept.push(carry(sink, unit, entry, retained, previous));
        }
    }
    crate::diag::all(kept)
}

/// What a person took out.
pub(super) fn retired(previous: &Previous<'_>) -> BTreeSet<Gone> {
    previous.ledgers.iter().flat_map(Ledger::retired).cloned().collect()
}

/// What the fleet keeps while former generations stand in it.
const NAMESPACE: &str = "namespace";

/// What it keeps while volumes stand in it, although nothing else does any more.
pub const VOLUMES: &str = "volumes";

/// Why the fleet keeps an object.
pub fn of_fleet(of: &str) -> Retained {
    Retained { of: of.to_owned(), generation: of.to_owned(), age: None }
}

/// The namespaces, and what is in them of the fleet's, that former generations still stand in.
/// They stay where they are.
pub(super) fn namespaces(
    sink: &mut Sink,
    current: &[Entry],
    previous: &Previous<'_>,
) -> Result<Kept, Reported> {
    let made: BTreeSet<&str> = current.iter().map(|entry| entry.path.as_str()).collect();
    let needed = |entry: &&Entry| {
        let namespace = entry.namespace.as_ref().unwrap_or(&entry.name);
        let volumes = entry.retained.as_ref().is_some_and(|kept| kept.of == VOLUMES);
        let in_use =
            volumes || previous.in_use.contains(&(entry.region.clone(), namespace.clone()));
        in_use && !made.contains(entry.path.as_str())
    };
    let held: Vec<&Entry> = previous.ledgers.iter().flat_map(Ledger::objects).collect();
    let held_paths: BTreeSet<&str> = held.iter().map(|entry| entry.path.as_str()).collect();
    // Where a generation comes back from git, so does the namespace that it stands in.
    let delivered = previous.delivered.objects();
    let others = delivered.iter().filter(|entry| !held_paths.contains(entry.path.as_str()));
    let entries: Vec<&Entry> = held.iter().copied().chain(others).filter(needed).collect();
    crate::diag::all(entries.into_iter().map(|entry| {
        let text = bytes(previous, entry, None).ok_or_else(|| lost(sink, entry))?;
        let home = match &entry.retained {
            Some(kept) => kept.clone(),
            None => Box::new(of_fleet(NAMESPACE)),
        };
        let document = Document::new(entry.path.clone(), text);
        Ok((Entry { retained: Some(home), ..entry.clone() }, document))
    }))
}

/// A service in one region, before and now.
pub(super) struct Region<'a> {
    unit: &'a str,
    /// The names that the service has and had.
    units: &'a BTreeSet<&'a str>,
    /// The namespace of the service now.
    namespace: Option<&'a str>,
    /// What is current now.
    current: BTreeMap<Name<'a>, &'a Entry>,
    /// What may stay: what the tree held, and what runs.
    former: Vec<&'a Entry>,
    /// What delivered trees have.
    running: Vec<&'a Entry>,
}

impl<'a> Region<'a> {
    pub(super) fn of(
        unit: &'a str,
        units: &'a BTreeSet<&'a str>,
        current: BTreeMap<Name<'a>, &'a Entry>,
        former: Vec<&'a Entry>,
        running: Vec<&'a Entry>,
    ) -> Region<'a> {
        let workload = current
            .values()
            .find(|entry| Kind::is_workload(&entry.kind) && entry.logical_name == unit);
        let namespace = workload.and_then(|entry| entry.namespace.as_deref());
        Region { unit, units, namespace, current, former, running }
    }

    /// Every object that stays, with the generation whose folder it stands in.
    pub(super) fn keep(&self) -> Vec<(&'a Entry, Retained)> {
        let pool: BTreeMap<Name<'a>, &'a Entry> =
            self.former.iter().rev().map(|entry| (name(entry), *entry)).collect();
        let mut homes: BTreeMap<Name<'a>, Retained> = BTreeMap::new();
        self.claim(&self.workloads_and_schedules(), &pool, &mut homes);
        // What of the ConfigMaps nobody claimed is referred to by objects with stable names.
        let single = self.config_maps(&homes);
        self.claim(&single, &pool, &mut homes);
        homes.into_iter().map(|(name, home)| (pool[&name], home)).collect()
    }

    /// A StatefulSet with volumes, or a database, that is dropped now: they are named after it.
    fn left_behind(&self, previous: &Previous<'_>) -> Option<&'a Entry> {
        let dropped = |entry: &&&Entry| {
            entry.retained.is_none()
                && !self.current.contains_key(&name(entry))
                && in_place::has_claims(entry, previous.read)
        };
        self.former.iter().find(dropped).copied()
    }

    /// A name is a part of a digest: when two contents share one, one of them must change.
    fn clashes(&self, sink: &mut Sink) -> Result<(), Reported> {
        for entry in &self.former {
            let now = self.current.get(&name(entry)).and_then(|now| now.content.as_ref());
            if let (Some(now), Some(then)) = (now, &entry.content)
                && now != then
            {
                let message =
                    format!("two contents of {} have the name `{}`", entry.kind, entry.name);
                return Err(sink.error(
                    Diagnostic::new(Code::TREE_NAME, message)
                        .note(format!("their digests are {then} and {now}"))
                        .help("change anything in what is hashed, and build again"),
                ));
            }
        }
        Ok(())
    }

    fn workloads_and_schedules(&self) -> Vec<Generation<'a>> {
        let root = |entry: &Entry| entry.kind != "ConfigMap" && is_root(entry);
        let mut generations = self.line_up(root);
        for generation in &mut generations {
            generation.members.extend(self.companions(generation));
        }
        generations
    }

    fn config_maps(&self, claimed: &BTreeMap<Name<'a>, Retained>) -> Vec<Generation<'a>> {
        // A ConfigMap that stood in the folder of another generation was kept for that one.
        let own = |entry: &Entry| {
            let of_another =
                entry.retained.as_ref().is_some_and(|kept| kept.of != self.chain(entry));
            entry.kind == "ConfigMap" && !of_another && !claimed.contains_key(&name(entry))
        };
        let served =
            |entry: &Entry| own(entry) && (entry.retained.is_some() || self.is_served(entry));
        self.line_up(served)
    }

    /// Whether an object that is still current, with a stable name, referred to this one.
    fn is_served(&self, entry: &Entry) -> bool {
        self.former.iter().chain(&self.running).any(|referrer| {
            self.current.contains_key(&name(referrer))
                && referrer.namespace == entry.namespace
                && refers(referrer, entry)
        })
    }

    /// The generations that these objects make, in the order in which they claim what several need.
    fn line_up(&self, root: impl Fn(&Entry) -> bool) -> Vec<Generation<'a>> {
        let mut roots: BTreeMap<(String, Name<'a>), &'a Entry> = BTreeMap::new();
        for entry in self.former.iter().filter(|entry| root(entry)) {
            let of = self.chain(entry);
            // A generation has one root; what was kept with it is found again through it.
            let stray = entry.retained.as_ref().is_some_and(|kept| kept.of != of);
            if !stray && !self.current.contains_key(&name(entry)) {
                roots.entry((of, name(entry))).or_insert(entry);
            }
        }
        let generation = |((of, _), root): ((String, Name<'a>), &'a Entry)| {
            let home = Retained { of, generation: self.folder(root), age: None };
            Generation { root, home, members: vec![root] }
        };
        roots.into_iter().map(generation).collect()
    }

    /// The folder of a generation: its suffix, or its kind where it has none; and what tells it
    /// from one with the same content that had another name or was in another namespace.
    fn folder(&self, root: &Entry) -> String {
        let mut folder = match (&root.content, root.name.rsplit_once('-')) {
            (Some(_), Some((_, suffix))) => suffix.to_owned(),
            _ => root.kind.to_lowercase(),
        };
        let of_unit = |rest: &str| rest.is_empty() || rest.starts_with('-');
        if !root.logical_name.strip_prefix(self.unit).is_some_and(of_unit) {
            folder = format!("{folder}-{}", root.logical_name);
        }
        match root.namespace.as_deref() {
            Some(namespace) if root.kind != "Schedule" && self.namespace != Some(namespace) => {
                format!("{folder}-{namespace}")
            }
            _ => folder,
        }
    }

    /// What the generations of an object are generations of.
    fn chain(&self, entry: &Entry) -> String {
        let workload = Kind::is_workload(&entry.kind);
        let known = entry.retained.as_ref().is_some_and(|kept| kept.of == WORKLOAD);
        // A workload of a template of the user's own has another name, and a line of its own.
        if workload && (known || self.units.contains(entry.logical_name.as_str())) {
            WORKLOAD.to_owned()
        } else {
            format!("{} {}", entry.kind, entry.logical_name)
        }
    }

    /// What stays with a workload although it does not refer to it: its autoscaler, and, when the
    /// service changed its namespace or its name, everything that it was reached and kept by.
    fn companions(&self, generation: &Generation<'a>) -> Vec<&'a Entry> {
        if generation.home.of != WORKLOAD {
            return Vec::new();
        }
        let root = generation.root;
        let with = |entry: &&&Entry| match (&root.retained, &entry.retained) {
            (None, None) => true,
            (Some(root_of), Some(kept)) => {
                // What a service is reached by elsewhere serves all that stands there.
                let elsewhere = root.namespace.as_deref() != self.namespace;
                kept.generation == root_of.generation
                    || (elsewhere && kept.of == WORKLOAD && entry.namespace == root.namespace)
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        let of_another = |entry: &Entry| {
            entry.references.iter().any(|to| Kind::is_workload(&to.kind) && to.name != root.name)
        };
        (self.former.iter())
            .filter(with)
            .filter(|entry| Kind::keeping(&entry.kind) == Keeping::WithWorkload)
            .filter(|entry| !self.current.contains_key(&name(entry)) && !of_another(entry))
            .copied()
            .collect()
    }

    /// Gives every member of the generations, and everything that they refer to and that is not
    /// current, a folder: the one that it stands in, when that generation needs it, or that of the
    /// first that does.
    fn claim(
        &self,
        generations: &[Generation<'a>],
        pool: &BTreeMap<Name<'a>, &'a Entry>,
        homes: &mut BTreeMap<Name<'a>, Retained>,
    ) {
        let mut claims: BTreeMap<Name<'a>, Vec<&Retained>> = BTreeMap::new();
        for generation in generations {
            let mut seen: BTreeSet<Name<'a>> = BTreeSet::new();
            let mut waiting = generation.members.clone();
            while let Some(entry) = waiting.pop() {
                let of = name(entry);
                if self.current.contains_key(&of) || homes.contains_key(&of) || !seen.insert(of) {
                    continue;
                }
                claims.entry(of).or_default().push(&generation.home);
                let namespace = entry.namespace.as_deref();
                waiting.extend(entry.references.iter().filter_map(|reference| {
                    pool.get(&(reference.kind.as_str(), namespace, reference.name.as_str()))
                }));
            }
        }
        for (name, claims) in claims {
            let now = pool[&name].retained.as_ref();
            let stays = |home: &&&Retained| {
                now.is_some_and(|now| (&now.of, &now.generation) == (&home.of, &home.generation))
            };
            let home = claims.iter().find(stays).or(claims.first()).expect("each has a claim");
            homes.insert(name, (*home).clone());
        }
    }
}

fn left_behind(entry: &Entry, origin: Option<Span>) -> Diagnostic {
    let namespace = entry.namespace.as_deref().unwrap_or_default();
    let database = entry.kind == Kind::PostgresqlCluster.name();
    let (message, identity, later) = if database {
        (
            format!("database `{}` stays behind in {}", entry.name, entry.region),
            "it belongs to its name",
            "nothing is deleted: it stays until `ninefold retire --force`; with the Cluster, its volumes are deleted then, and its archive stays",
        )
    } else {
        (
            format!("the volumes of StatefulSet `{}` stay behind in {}", entry.name, entry.region),
            "they belong to its name",
            "nothing is deleted: it stays beside its successor until `ninefold retire`, and its volumes stay after that",
        )
    };
    let finding = Diagnostic::new(Code::DATA_LEFT_BEHIND, message)
        .note(format!("{identity} in namespace `{namespace}`; under another identity a service starts without its data"))
        .note(later)
        .help("restore its data under the new identity before you retire it, or keep kind, namespace and name");
    match origin {
        Some(span) => finding.at(span, "this service"),
        None => finding,
    }
}

struct Generation<'a> {
    root: &'a Entry,
    home: Retained,
    members: Vec<&'a Entry>,
}

/// The chain of workloads: a service that changes its kind has one all the same.
pub(super) const WORKLOAD: &str = "workload";

fn is_root(entry: &Entry) -> bool {
    Kind::keeping(&entry.kind) == Keeping::Generation
}

fn refers(referrer: &Entry, entry: &Entry) -> bool {
    let to = |reference: &super::ledger::Reference| {
        reference.kind == entry.kind && reference.name == entry.name
    };
    referrer.references.iter().any(to)
}

/// The entry and the file of an object that stays, in the folder of its generation.
fn carry(
    sink: &mut Sink,
    unit: &str,
    entry: &Entry,
    retained: Retained,
    previous: &Previous<'_>,
) -> Result<(Entry, Document), Reported> {
    let path = path::retained(unit, &entry.region, &retained.generation, &entry.path);
    let text = bytes(previous, entry, Some(&path)).ok_or_else(|| lost(sink, entry))?;
    let entry = Entry { path: path.clone(), retained: Some(Box::new(retained)), ..entry.clone() };
    Ok((entry, Document::new(path, text)))
}

/// The bytes that the ledger speaks of: at the path of the entry; after a build that was
/// interrupted, at the place that it is kept at; or in git.
pub(super) fn bytes(
    previous: &Previous<'_>,
    entry: &Entry,
    kept_at: Option<&str>,
) -> Option<String> {
    let right = |path: &str| {
        let text = (previous.read)(path)?;
        (Digest::of(text.as_bytes()) == entry.file).then_some(text)
    };
    let here = right(&entry.path).or_else(|| right(kept_at?));
    let right = |text: &String| Digest::of(text.as_bytes()) == entry.file;
    here.or_else(|| previous.delivered.file(entry).filter(right))
}

fn lost(sink: &mut Sink, entry: &Entry) -> Reported {
    let path = &entry.path;
    sink.error(
        Diagnostic::new(
            Code::GENERATION_LOST,
            format!("`{path}` is not what its ledger says, so its generation cannot be kept"),
        )
        .note("it was edited or removed by hand, and git has it nowhere; what runs under its name would be pruned, or changed in place")
        .help(format!("restore it: `git checkout -- <out>/{path}`")),
    )
}
