//! Compiles every unit and holds it against the tree.

mod held; //    files beside those of the tree
mod ledgers; // ledgers of the tree that is there
mod lines; // lines about a unit

use super::disk::{self, Cache, Change, Ledger as LedgerChange, Record, Tree, Trouble, UnitFiles};
use super::moved::Moved;
use super::progress::Progress;
use crate::Fleet;
use crate::diag::Sink;
use crate::kube::Kind;
use crate::name::Digest;
use crate::plan::Unit;
use crate::tree::ledger::{Entry, Gone};
use crate::tree::{Document, Ledger, Previous, UnitTree, ledger};
pub(super) use held::Made;
use held::{Early, Held, OnDisk};
use ledgers::{Places, by_hand, lost_ledger, no_longer_made, read_with_file};
pub(super) use ledgers::{gone, read_ledger, read_ledgers};
pub(super) use lines::files;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// A unit held against the tree.
pub(super) struct Compared<T> {
    pub(super) unit: String,
    /// Every file of the unit; its ledger is the last one.
    pub(super) files: UnitFiles<T>,
    /// Files that are no longer made, with the digests that its ledger has of them.
    pub(super) removed: Vec<(String, String)>,
    pub(super) unchanged: usize,
    /// Where the ledger is, when it is new or differs.
    pub(super) ledger: Option<(String, T)>,
    /// The suffixes of former generations that stay.
    pub(super) generations: BTreeSet<String>,
    /// Those that do not stay any more.
    pub(super) dropped: BTreeSet<String>,
    /// What runs, and the tree had lost.
    pub(super) restored: Vec<Restored>,
    /// The regions that it left.
    pub(super) left: BTreeSet<String>,
    /// Whether the tree held nothing of it.
    pub(super) fresh: bool,
    /// The regions and namespaces that they stand in.
    pub(super) in_use: Vec<(String, String)>,
    /// Where something of what services share was that is not made any more.
    no_longer_made: Places,
    /// The digest of what it was compiled from.
    pub(super) fingerprint: Digest,
    /// Whether the cache knew it to be unchanged.
    cached: bool,
    /// What every build says about it.
    pub(super) found: Sink,
}

/// What comes back from git: it runs, and the tree neither calls it current nor keeps it.
pub(super) struct Restored {
    pub(super) region: String,
    pub(super) kind: String,
    pub(super) name: String,
    /// The folder of its generation.
    pub(super) generation: String,
    /// The commit that delivered it.
    pub(super) commit: String,
}

/// Compiles and compares every unit that `cache` does not know to be unchanged. `keep` is called
/// with every file that is new or differs, and nothing else of a unit stays in memory. The first sink
/// gets what every build reports, the second one what is reported of the step from the tree that is there.
pub(super) fn all<T: Send>(
    tree: &Tree,
    fleet: &Fleet,
    (sink, once): (&mut Sink, &mut Sink),
    cache: Option<&Cache>,
    keep: impl Fn(Made<'_>) -> Result<T, Trouble> + Sync,
) -> Result<Vec<Compared<T>>, Trouble> {
    let units = fleet.units();
    let moved = Moved::read(tree, &units, once)?;
    let (shared, services): (Vec<&Unit>, Vec<&Unit>) =
        units.iter().partition(|unit| matches!(unit, Unit::Fleet));
    let progress = Progress::of(services.len());
    let of_service = |unit: &&Unit| {
        let (mut sink, mut once) = (Sink::default(), Sink::default());
        let sinks = (&mut sink, &mut once);
        let taken = (moved.to(fleet, unit), BTreeSet::new());
        let compared = one(tree, fleet, sinks, unit, taken, cache, &keep);
        progress.step();
        (sink, once, compared)
    };
    // What services share comes last, and its fingerprint then waits for nobody.
    let (results, _): (Vec<(Sink, Sink, Result<_, Trouble>)>, _) =
        rayon::join(|| services.par_iter().map(of_service).collect(), || fleet.of_all_services());
    drop(progress);
    let mut compared = Vec::with_capacity(units.len());
    for (lasting, step, result) in results {
        sink.absorb(lasting);
        once.absorb(step);
        compared.extend(result?);
    }
    // What services share comes last: a namespace stays while a former generation stands in it.
    let in_use: BTreeSet<(String, String)> =
        compared.iter().flat_map(|compared| compared.in_use.iter().cloned()).collect();
    // Its objects are not like those of services.
    fleet.forget_alike();
    for unit in shared {
        let (mut lasting, mut step) = (Sink::default(), Sink::default());
        let sinks = (&mut lasting, &mut step);
        let taken = (Vec::new(), in_use.clone());
        let shared = one(tree, fleet, sinks, unit, taken, cache, &keep);
        sink.absorb(lasting);
        once.absorb(step);
        compared.extend(shared?);
    }
    moved.keep(&mut compared);
    Ok(compared)
}

/// Compiles one unit and compares it; nothing when there were findings. It takes over what other
/// environments had in its regions.
fn one<T: Send>(
    tree: &Tree,
    fleet: &Fleet,
    (sink, once): (&mut Sink, &mut Sink),
    unit: &Unit,
    (taken, in_use): (Vec<Ledger>, BTreeSet<(String, String)>),
    cache: Option<&Cache>,
    keep: impl Fn(Made<'_>) -> Result<T, Trouble> + Sync,
) -> Result<Option<Compared<T>>, Trouble> {
    let mut names: Vec<&str> = std::iter::once(unit.name()).chain(fleet.previously(unit)).collect();
    let history = tree.history();
    let git = history.fingerprint(names.iter().copied());
    let fingerprint = |no_longer_made: &Places| {
        let matters = in_use.intersection(no_longer_made).cloned().collect();
        Digest::of(format!("{} {git}", fleet.fingerprint(unit, &matters)).as_bytes())
    };
    let before = cache.map(|cache| cache.no_longer_made(unit.name())).unwrap_or_default();
    let fingerprint_before = fingerprint(&before);
    // What stood in the ledger of another name is nobody's once a build has taken it over.
    let has_former = |name: &&str| Ok(tree.read(&ledger::path(name))?.is_some());
    let others = names[1..].iter().map(has_former).collect::<Result<Vec<bool>, Trouble>>()?;
    let takes_over = !taken.is_empty() || others.contains(&true);
    let cache = cache.filter(|_| !takes_over);
    if let Some(known) = cache.and_then(|cache| unchanged(cache, unit, fingerprint_before)) {
        return Ok(Some(Compared { no_longer_made: before, ..known }));
    }
    let (mut ledgers, mut ids) = (Vec::new(), BTreeMap::new());
    for name in &names {
        let Some((ledger, file)) = read_with_file(tree, name, once)? else { continue };
        // Git may have checked it out with other ends of lines than it keeps.
        let text = file.contains(&b'\r').then(|| ledger.to_text());
        ids.extend(history.id(name, text.as_deref().map_or(&*file, str::as_bytes)));
        ledgers.push(ledger);
    }
    if once.errors() > 0 {
        return Ok(None);
    }
    let (own_names, found) = (names.clone(), ledgers.len());
    names.extend(taken.iter().map(Ledger::unit));
    let texts = taken.iter().map(|ledger| (ledger.unit(), ledger.to_text()));
    ids.extend(texts.filter_map(|(unit, text)| history.id(unit, text.as_bytes())));
    ledgers.extend(taken.iter().cloned());
    let delivered = history.unit(names, ids);
    let there: BTreeSet<Gone> = ledgers.iter().flat_map(Ledger::objects).map(Gone::of).collect();
    // A tree that was deleted is, as far as anybody knows, what HEAD has.
    if found == 0 {
        let heads: Vec<Ledger> = own_names.iter().filter_map(|name| history.head(name)).collect();
        ledgers.splice(..0, heads);
    }
    let own = ledgers.first().filter(|ledger| ledger.unit() == unit.name()).into_iter();
    let own: Vec<Ledger> = own.chain(&taken).cloned().collect();
    let trouble = Mutex::new(None);
    let read = |path: &str| match tree.read(path) {
        Ok(bytes) => String::from_utf8(bytes?).ok(),
        Err(error) => {
            trouble.lock().expect("no thread panics in here").get_or_insert(error);
            None
        }
    };
    let in_use = in_use.clone();
    let previous = Previous { ledgers, read: &read, delivered: &delivered, in_use };
    let on_disk = OnDisk { tree, owned: own.iter().flat_map(Ledger::files).collect(), keep: &keep };
    let early = Mutex::new(Early::default());
    let take = |document: Document| {
        let held = on_disk.hold(&document);
        early.lock().expect("no thread panics in here").add(document.path, held);
        None
    };
    let compiled = fleet.compile_in_parts((sink, once), unit, &previous, &take);
    let no_longer_made = match (&compiled, unit) {
        (Ok(compiled), Unit::Fleet) => no_longer_made(compiled.ledger(), &previous),
        (Ok(_) | Err(_), _) => Places::new(),
    };
    let fingerprint = match no_longer_made == before {
        true => fingerprint_before,
        false => fingerprint(&no_longer_made),
    };
    drop(previous);
    let early = early.into_inner().expect("no thread panics in here");
    if let Some(trouble) = trouble.into_inner().expect("no thread panics in here") {
        return Err(trouble);
    }
    let Ok(compiled) = compiled else { return Ok(None) };
    let restored = (compiled.ledger().objects().iter())
        .filter(|entry| !there.contains(&Gone::of(entry)))
        .filter_map(|entry| {
            Some(Restored {
                region: entry.region.clone(),
                kind: entry.kind.clone(),
                name: entry.name.clone(),
                generation: entry.retained.as_ref()?.generation.clone(),
                commit: delivered.source(entry)?.to_owned(),
            })
        })
        .collect();
    let compared = compare(once, compiled, (&own, &on_disk), early, fingerprint)?;
    Ok(Some(Compared { restored, no_longer_made, found: sink.clone(), ..compared }))
}

/// `early` are files of the unit that were held against the tree as soon as they were made.
fn compare<T, K: Fn(Made<'_>) -> Result<T, Trouble>>(
    sink: &mut Sink,
    compiled: UnitTree,
    (own, on_disk): (&[Ledger], &OnDisk<'_, K>),
    early: Early<T>,
    fingerprint: Digest,
) -> Result<Compared<T>, Trouble> {
    let tree = on_disk.tree;
    let unit = compiled.unit().name().to_owned();
    let (documents, new) = compiled.into_parts();
    let old = own.first().filter(|ledger| ledger.unit() == unit);
    if own.is_empty() && !tree.has_interrupted() {
        for region in new.objects().iter().map(|entry| &entry.region).collect::<BTreeSet<_>>() {
            if tree.keeps_generations(region, &unit) {
                lost_ledger(sink, region, &unit);
            }
        }
    }
    let objects = || old.into_iter().flat_map(Ledger::objects);
    let mut files = early.end(sink)?;
    // A file is forgotten as soon as it was compared.
    for document in documents {
        let Held { kept, found } = on_disk.hold(&document)?;
        sink.absorb(found);
        files.add(&document.path, kept);
    }
    let former: BTreeMap<&str, Digest> = old.into_iter().flat_map(Ledger::files).collect();
    // Where nothing was before, nobody asks what is made.
    let made: BTreeSet<&str> = files.paths().filter(|_| !former.is_empty()).collect();
    let mut removed = Vec::new();
    for (path, digest) in former.iter().filter(|(path, _)| !made.contains(*path)) {
        if let Some(bytes) = tree.read(path)? {
            by_hand(sink, &former, path, Some(&bytes));
            removed.push(((*path).to_owned(), digest.to_string()));
        }
    }
    let left = objects().filter_map(|entry| Some(entry.retained.as_ref()?.generation.as_str()));
    let retained = new.objects().iter().filter_map(|entry| entry.retained.as_ref());
    let generations: BTreeSet<String> =
        retained.map(|retained| retained.generation.clone()).collect();
    let mut dropped: BTreeSet<String> =
        left.filter(|left| !generations.contains(*left)).map(str::to_owned).collect();
    let still = |old: &Entry| {
        let here = || new.objects().iter().filter(|entry| entry.region == old.region);
        here().next().is_none()
            || here().any(|entry| entry.name == old.name && Gone::of(entry) == Gone::of(old))
    };
    let replaced = objects().filter(|entry| {
        let is_hashed = entry.content.is_some() && Kind::is_workload(&entry.kind);
        entry.retained.is_none() && is_hashed && !still(entry)
    });
    dropped.extend(replaced.filter_map(|entry| Some(entry.name.rsplit_once('-')?.1.to_owned())));
    let regions = |ledger: &Ledger| -> BTreeSet<String> {
        ledger.objects().iter().map(|entry| entry.region.clone()).collect()
    };
    let left_regions = old.map(|old| regions(old).difference(&regions(&new)).cloned().collect());
    let in_use = new.in_use().collect();
    let unchanged = files.len() - files.written().len();
    let new = new.seal();
    let path = new.path();
    files.push(&path);
    let same = tree.read(&path)?.is_some_and(|bytes| new.is_in(&bytes));
    let ledger = if same { None } else { Some((path, (on_disk.keep)(Made::Ledger(&new))?)) };
    files.shrink();
    Ok(Compared {
        unit,
        files,
        removed,
        unchanged,
        ledger,
        generations,
        dropped,
        restored: Vec::new(),
        left: left_regions.unwrap_or_default(),
        fresh: old.is_none(),
        in_use,
        no_longer_made: Places::new(),
        fingerprint,
        cached: false,
        found: Sink::default(),
    })
}

/// A unit that the cache knows to be unchanged.
fn unchanged<T>(cache: &Cache, unit: &Unit, fingerprint: Digest) -> Option<Compared<T>> {
    let files = cache.clean(unit.name(), &fingerprint)?;
    Some(Compared {
        unit: unit.name().to_owned(),
        removed: Vec::new(),
        unchanged: files.len() - 1,
        files,
        ledger: None,
        generations: cache.generations(unit.name()).into_iter().collect(),
        dropped: BTreeSet::new(),
        restored: Vec::new(),
        left: BTreeSet::new(),
        fresh: false,
        in_use: cache.in_use(unit.name()),
        no_longer_made: Places::new(),
        fingerprint,
        cached: true,
        found: Sink::default(),
    })
}

impl Compared<disk::Staged> {
    /// What the next cache says of it; `files` are its files.
    pub(super) fn record<'a>(&'a self, files: &'a UnitFiles<disk::Staged>) -> Record<'a> {
        Record {
            name: &self.unit,
            fingerprint: self.fingerprint,
            files,
            generations: self.generations.iter().map(String::as_str).collect(),
            in_use: &self.in_use,
            no_longer_made: &self.no_longer_made,
            known: self.cached,
            printed: !self.found.is_empty(),
        }
    }

    /// What a commit does for the unit.
    pub(super) fn take_change(&mut self) -> Change {
        let ledger = match self.ledger.take() {
            Some((path, _)) => LedgerChange::New(path),
            None => LedgerChange::Same,
        };
        let files = std::mem::take(&mut self.files);
        Change { files, removed: std::mem::take(&mut self.removed), ledger }
    }
}
