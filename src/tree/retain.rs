//! Former generations: what an edit drops stays in the tree, byte for byte, so that no delivery
//! engine sees it as removed before its successor stands.
//!
//! A generation is a workload, a Schedule, or a ConfigMap that only objects with stable names
//! refer to. It stays with everything that it refers to and that is not current: each such object
//! stands once, in the folder of the youngest generation that needs it. What goes back to earlier
//! content finds its generation here, under its old name, and it becomes current again.

use super::Document;
use super::ledger::{Entry, Ledger, Retained};
use super::path;
use crate::diag::{Code, Diagnostic, Reported, Sink, Span};
use crate::kube::Kind;
use crate::kube::kinds::Keeping;
use crate::name::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// What the tree held before.
pub struct Previous<'a> {
    /// The ledger of the unit, and that of the unit that it was called before.
    pub ledgers: Vec<Ledger>,
    /// Reads a file of the tree.
    pub read: &'a (dyn Fn(&str) -> Option<String> + Sync),
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
        Previous { ledgers: Vec::new(), read: &|_| None, in_use: BTreeSet::new() }
    }
}

/// Who an object is for Kubernetes, in one region.
type Name<'a> = (&'a str, Option<&'a str>, &'a str);

fn name(entry: &Entry) -> Name<'_> {
    (&entry.kind, entry.namespace.as_deref(), &entry.name)
}

/// What was kept, with its new place.
type Kept = Vec<(Entry, Document)>;

/// The generations of a service that stay.
pub(super) fn generations(
    sink: &mut Sink,
    unit: &str,
    retain: u32,
    current: &[&Entry],
    previous: &Previous<'_>,
    origin: Option<Span>,
) -> Result<Kept, Reported> {
    let regions: BTreeSet<&str> = current.iter().map(|entry| entry.region.as_str()).collect();
    let mut kept = Vec::new();
    for region in regions {
        let here = |entry: &&Entry| entry.region == region;
        let former = previous.ledgers.iter().flat_map(Ledger::objects).filter(here).collect();
        let current: Vec<&Entry> = current.iter().copied().filter(here).collect();
        let workload = current.iter().find(|entry| chain(entry) == WORKLOAD);
        let region = Region {
            unit,
            namespace: workload.and_then(|entry| entry.namespace.as_deref()),
            current: current.iter().map(|entry| name(entry)).collect(),
            former,
        };
        if let Some(entry) = region.left_behind() {
            sink.report(left_behind(entry, origin));
        }
        for (entry, retained) in region.keep(retain) {
            kept.push(carry(sink, unit, entry, retained, previous));
        }
    }
    crate::diag::all(kept)
}

/// What the fleet keeps for generations of services.
const NAMESPACE: &str = "namespace";

/// The namespaces, and what is in them of the fleet's, that former generations still stand in.
/// They stay where they are.
pub(super) fn namespaces(
    sink: &mut Sink,
    current: &[&Entry],
    previous: &Previous<'_>,
) -> Result<Kept, Reported> {
    let made: BTreeSet<&str> = current.iter().map(|entry| entry.path.as_str()).collect();
    let needed = |entry: &&Entry| {
        let namespace = entry.namespace.as_ref().unwrap_or(&entry.name);
        !made.contains(entry.path.as_str())
            && previous.in_use.contains(&(entry.region.clone(), namespace.clone()))
    };
    let entries = previous.ledgers.iter().flat_map(Ledger::objects).filter(needed);
    crate::diag::all(entries.map(|entry| {
        let text = bytes(previous, entry, None).ok_or_else(|| lost(sink, entry))?;
        let home = Retained { of: NAMESPACE.to_owned(), age: 1, generation: NAMESPACE.to_owned() };
        let document = Document::new(entry.path.clone(), text);
        Ok((Entry { retained: Some(home), ..entry.clone() }, document))
    }))
}

/// A service in one region, before and now.
struct Region<'a> {
    unit: &'a str,
    /// The namespace of the service now.
    namespace: Option<&'a str>,
    /// What is current now.
    current: BTreeSet<Name<'a>>,
    /// What the tree held.
    former: Vec<&'a Entry>,
}

impl<'a> Region<'a> {
    /// Every object that stays, with the generation whose folder it stands in.
    fn keep(&self, retain: u32) -> Vec<(&'a Entry, Retained)> {
        let pool: BTreeMap<Name<'a>, &'a Entry> =
            self.former.iter().map(|entry| (name(entry), *entry)).collect();
        let mut homes: BTreeMap<Name<'a>, Retained> = BTreeMap::new();
        let mut generations = self.workloads_and_schedules(retain);
        self.claim(&generations, &pool, &mut homes);
        // What of the ConfigMaps nobody claimed is referred to by objects with stable names.
        let single = self.config_maps(retain, &homes);
        self.claim(&single, &pool, &mut homes);
        generations.extend(single);
        homes.into_iter().map(|(name, home)| (pool[&name], home)).collect()
    }

    /// A StatefulSet that is dropped now: its volumes are named after it.
    fn left_behind(&self) -> Option<&'a Entry> {
        let dropped = |entry: &&&Entry| {
            entry.kind == "StatefulSet"
                && entry.retained.is_none()
                && !self.current.contains(&name(entry))
        };
        self.former.iter().find(dropped).copied()
    }

    fn workloads_and_schedules(&self, retain: u32) -> Vec<Generation<'a>> {
        let root = |entry: &Entry| entry.kind != "ConfigMap" && is_root(entry);
        let mut generations = self.line_up(retain, root);
        for generation in &mut generations {
            generation.members.extend(self.companions(generation));
        }
        generations
    }

    fn config_maps(
        &self,
        retain: u32,
        claimed: &BTreeMap<Name<'a>, Retained>,
    ) -> Vec<Generation<'a>> {
        // A ConfigMap that stood in the folder of another generation was kept for that one.
        let own = |entry: &Entry| {
            let of_another = entry.retained.as_ref().is_some_and(|kept| kept.of != chain(entry));
            entry.kind == "ConfigMap" && !of_another && !claimed.contains_key(&name(entry))
        };
        let served =
            |entry: &Entry| own(entry) && (entry.retained.is_some() || self.is_served(entry));
        self.line_up(retain, served)
    }

    /// Whether an object that is still current, with a stable name, referred to this one.
    fn is_served(&self, entry: &Entry) -> bool {
        self.former.iter().any(|referrer| {
            self.current.contains(&name(referrer))
                && referrer.namespace == entry.namespace
                && refers(referrer, entry)
        })
    }

    /// The generations of each chain, youngest first, as many as are kept: those that were dropped
    /// now, and behind them those that were kept before.
    fn line_up(&self, retain: u32, root: impl Fn(&Entry) -> bool) -> Vec<Generation<'a>> {
        let mut chains: BTreeMap<String, Vec<(u32, &'a Entry)>> = BTreeMap::new();
        for entry in self.former.iter().filter(|entry| root(entry)) {
            // A generation has one root; what was kept with it is found again through it.
            let stray = entry.retained.as_ref().is_some_and(|kept| kept.of != chain(entry));
            if stray || self.current.contains(&name(entry)) {
                continue;
            }
            let age = entry.retained.as_ref().map_or(0, |kept| kept.age);
            let line = chains.entry(chain(entry)).or_default();
            if !line.iter().any(|(_, other)| name(other) == name(entry)) {
                line.push((age, entry));
            }
        }
        let mut generations = Vec::new();
        for (of, mut line) in chains {
            line.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| name(x).cmp(&name(y))));
            for (index, (_, root)) in line.into_iter().take(retain as usize).enumerate() {
                let age = u32::try_from(index + 1).expect("a spec keeps ten generations at most");
                let home = Retained { of: of.clone(), age, generation: self.folder(root) };
                generations.push(Generation { root, home, members: vec![root] });
            }
        }
        generations.sort_by(|a, b| a.home.age.cmp(&b.home.age).then_with(|| a.home.cmp(&b.home)));
        generations
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

    /// What stays with a workload although it does not refer to it: its autoscaler, and, when the
    /// service changed its namespace or its name, everything that it was reached and kept by.
    fn companions(&self, generation: &Generation<'a>) -> Vec<&'a Entry> {
        if generation.home.of != WORKLOAD {
            return Vec::new();
        }
        let with = |entry: &&&Entry| match (&generation.root.retained, &entry.retained) {
            (None, None) => true,
            (Some(root), Some(kept)) => root == kept,
            (None, Some(_)) | (Some(_), None) => false,
        };
        (self.former.iter())
            .filter(with)
            .filter(|entry| Kind::keeping(&entry.kind) == Keeping::WithWorkload)
            .filter(|entry| !self.current.contains(&name(entry)))
            .copied()
            .collect()
    }

    /// Gives every member of the generations, and everything that they refer to and that is not
    /// current, the folder of the youngest that needs it.
    fn claim(
        &self,
        generations: &[Generation<'a>],
        pool: &BTreeMap<Name<'a>, &'a Entry>,
        homes: &mut BTreeMap<Name<'a>, Retained>,
    ) {
        for generation in generations {
            let mut waiting = generation.members.clone();
            while let Some(entry) = waiting.pop() {
                if self.current.contains(&name(entry)) || homes.contains_key(&name(entry)) {
                    continue;
                }
                homes.insert(name(entry), generation.home.clone());
                let namespace = entry.namespace.as_deref();
                waiting.extend(entry.references.iter().filter_map(|reference| {
                    pool.get(&(reference.kind.as_str(), namespace, reference.name.as_str()))
                }));
            }
        }
    }
}

fn left_behind(entry: &Entry, origin: Option<Span>) -> Diagnostic {
    let namespace = entry.namespace.as_deref().unwrap_or_default();
    let message =
        format!("the volumes of StatefulSet `{}` stay behind in {}", entry.name, entry.region);
    let finding = Diagnostic::new(Code::DATA_LEFT_BEHIND, message)
        .note(format!("they belong to its name in namespace `{namespace}`; under another identity a service starts with empty ones"))
        .note("nothing is deleted: it stays beside its successor until `ninefold retire`, and its volumes stay after that")
        .help("restore its data into the new volumes before you retire it, or keep kind, namespace and name");
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
const WORKLOAD: &str = "workload";

fn chain(entry: &Entry) -> String {
    match entry.kind.as_str() {
        "Deployment" | "StatefulSet" => WORKLOAD.to_owned(),
        kind => format!("{kind} {}", entry.logical_name),
    }
}

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
    let entry = Entry { path: path.clone(), retained: Some(retained), ..entry.clone() };
    Ok((entry, Document::new(path, text)))
}

/// The bytes that the ledger speaks of: at the path of the entry, or, after a build that was
/// interrupted, at the place that it is kept at.
fn bytes(previous: &Previous<'_>, entry: &Entry, kept_at: Option<&str>) -> Option<String> {
    let right = |path: &str| {
        let text = (previous.read)(path)?;
        (Digest::of(text.as_bytes()).to_string() == entry.file).then_some(text)
    };
    right(&entry.path).or_else(|| right(kept_at?))
}

fn lost(sink: &mut Sink, entry: &Entry) -> Reported {
    let path = &entry.path;
    sink.error(
        Diagnostic::new(
            Code::GENERATION_LOST,
            format!("`{path}` is not what its ledger says, so its generation cannot be kept"),
        )
        .note("it was edited or removed by hand; what runs under its name would be pruned, or changed in place")
        .help(format!("restore it: `git checkout -- <out>/{path}`")),
    )
}
