//! What was delivered, as git tells it.
//!
//! The delivered tree is the one at the merge base with the default branch; on that branch, the one
//! at `HEAD`. The default branch is what `origin/HEAD` points to, else `main` or `master`, of
//! `origin` before the local one, else the only branch there is, else what `init.defaultBranch`
//! says. While a merge is under way, what comes in counts as well. Nothing of the environment is
//! asked: a checkout of a pull request is a merge commit, and its first parent is what was
//! delivered.

use super::git::{self, Repository};
use super::side::Ids;
use crate::kube::Kind;
use crate::kube::kinds::Keeping;
use crate::name::Digest;
use crate::tree::ledger::{Entry, Gone};
use crate::tree::{Delivered, Ledger, ledger};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What git tells of the trees that the delivery engine saw.
#[derive(Debug, Default)]
pub(in crate::cli) struct History {
    repository: Option<(Repository, String)>,
    head: Option<Then>,
    /// What may run: each object that one of these calls current or keeps.
    delivered: Vec<Then>,
    /// The commit before `HEAD`, when `HEAD` itself was delivered: the step between them may have
    /// lost something.
    before: Option<Then>,
    /// Why nobody can tell what was delivered.
    pub(in crate::cli) unknown: Option<Why>,
    everything: OnceLock<BTreeSet<Key>>,
    ancestors: OnceLock<Vec<Then>>,
    watched: Vec<(PathBuf, String)>,
}

/// Why something is not known, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Why {
    pub(in crate::cli) why: String,
    pub(in crate::cli) help: String,
}

impl Why {
    fn new(why: impl Into<String>, help: impl Into<String>) -> Why {
        Why { why: why.into(), help: help.into() }
    }
}

/// The tree of a commit.
#[derive(Clone, Debug)]
struct Then {
    commit: String,
    /// The ids of its ledgers, by path.
    ledgers: BTreeMap<String, String>,
}

/// Who an object is for Kubernetes: region, kind, namespace, name.
type Key = (String, String, Option<String>, String);

fn key(entry: &Entry) -> Key {
    (entry.region.clone(), entry.kind.clone(), entry.namespace.clone(), entry.name.clone())
}

impl History {
    /// Asks git about the tree at `out`, which need not exist.
    pub(super) fn of(out: &Path) -> History {
        let (repository, place) = match Repository::of(out) {
            Ok(found) => found,
            Err(trouble) => {
                let why = no_repository(&trouble.to_string(), out);
                return History { unknown: Some(why), ..History::default() };
            }
        };
        let watched = repository.watched();
        let mut history = History { watched, ..History::default() };
        match repository.find("HEAD") {
            Some(head) => history.look(&repository, &place, head),
            None => {
                let help = "commit the tree once it is built";
                history.unknown = Some(Why::new("nothing is committed here yet", help));
            }
        }
        history.repository = Some((repository, place));
        history
    }

    fn look(&mut self, repository: &Repository, place: &str, head: String) {
        let then = |commit: &str| Then {
            commit: commit.to_owned(),
            ledgers: repository.ledgers(commit, place, ledger::FOLDER),
        };
        let here = then(&head);
        let parents = repository.parents(&head);
        let before = parents.first().filter(|parent| repository.find(parent).is_some());
        match repository.delivered(&head) {
            Ok(commits) => {
                self.delivered = commits.iter().map(|commit| then(commit)).collect();
                if commits.contains(&head) {
                    self.before = before.map(|parent| then(parent));
                }
            }
            Err(why) => {
                self.unknown = Some(why);
                self.delivered = vec![here.clone()];
                if parents.len() > 1 {
                    self.delivered.extend(before.map(|parent| then(parent)));
                }
            }
        }
        if self.delivered.iter().all(|then| then.ledgers.is_empty()) && here.ledgers.is_empty() {
            self.unknown = Some(Why::new(
                "git has no such tree in HEAD",
                "commit the tree: what is delivered is read from there",
            ));
        } else if self.unknown.is_none() && repository.is_sparse(place) {
            self.unknown = Some(Why::new(
                "this is a sparse checkout that leaves out files of the tree",
                "`git sparse-checkout add` the folder of the tree, or `git sparse-checkout disable`",
            ));
        }
        self.head = Some(here);
    }

    /// The ledger of a unit as `HEAD` has it.
    pub(in crate::cli) fn head(&self, unit: &str) -> Option<Ledger> {
        self.ledger(self.head.as_ref()?, unit)
    }

    fn ledger(&self, then: &Then, unit: &str) -> Option<Ledger> {
        let id = then.ledgers.get(&ledger::path(unit))?;
        let (repository, _) = self.repository.as_ref()?;
        let text = String::from_utf8(repository.object(id).ok()?).ok()?;
        Ledger::read(unit, &text).ok()
    }

    /// What there is to know of a unit that has and had these names. `tree` is its ledgers as they
    /// are on disk.
    pub(in crate::cli) fn unit<'a>(&'a self, names: Vec<&'a str>, tree: &[Ledger]) -> OfUnit<'a> {
        let sha1 = self.repository.as_ref().is_some_and(|(repository, _)| repository.is_sha1());
        let id = |ledger: &Ledger| {
            let id = Ids::Blob.of(ledger.to_text().as_bytes());
            (ledger::path(ledger.unit()), id)
        };
        let same = if sha1 { tree.iter().map(id).collect() } else { BTreeMap::new() };
        OfUnit { history: self, names, same, found: OnceLock::new() }
    }

    /// What makes another build of the units of these names: everything that [`History::unit`]
    /// reads of them.
    pub(in crate::cli) fn fingerprint<'a>(&self, names: impl Iterator<Item = &'a str>) -> String {
        let mut text = format!("{}", self.unknown.is_some());
        for name in names {
            let path = ledger::path(name);
            for then in self.delivered.iter().chain(&self.before).chain(&self.head) {
                text.push_str(then.ledgers.get(&path).map_or("-", String::as_str));
                text.push(' ');
            }
        }
        text
    }

    /// The files of git that tell whether any of this may be different, as they looked.
    pub(in crate::cli) fn watched(&self) -> &[(PathBuf, String)] {
        &self.watched
    }

    /// The commit since which each of these files of the tree is there, as far as it is committed.
    pub(in crate::cli) fn since(&self, paths: &[&str]) -> BTreeMap<String, String> {
        let Some((repository, place)) = &self.repository else { return BTreeMap::new() };
        repository.since(place, paths)
    }

    /// Every tree that can be read.
    fn commits(&self) -> impl Iterator<Item = &Then> {
        self.delivered.iter().chain(&self.before).chain(&self.head)
    }

    /// The trees before the one that `HEAD` came from, newest first, as far as they are looked at.
    fn ancestors(&self) -> &[Then] {
        self.ancestors.get_or_init(|| {
            let (Some((repository, place)), Some(before)) = (&self.repository, &self.before) else {
                return Vec::new();
            };
            let mut commit = before.commit.clone();
            let next = || {
                let parent = repository.parents(&commit).into_iter().next()?;
                repository.find(&parent)?;
                let ledgers = repository.ledgers(&parent, place, ledger::FOLDER);
                commit.clone_from(&parent);
                Some(Then { commit: parent, ledgers })
            };
            std::iter::from_fn(next).take(MAX_STEPS).collect()
        })
    }

    /// Every object of every delivered tree.
    fn everything(&self) -> &BTreeSet<Key> {
        self.everything.get_or_init(|| {
            let Some((repository, _)) = &self.repository else { return BTreeSet::new() };
            let ids: BTreeSet<&String> =
                self.delivered.iter().flat_map(|then| then.ledgers.values()).collect();
            // Who an object is, is all that is asked: to read ledgers whole costs three times as much.
            let objects = |id: &String| {
                let text = repository.object(id).ok()?;
                serde_json::from_slice::<Objects>(&text).ok()
            };
            ids.into_iter().filter_map(objects).flat_map(Objects::keys).collect()
        })
    }
}

/// What a ledger says of who its objects are.
#[derive(Deserialize)]
struct Objects {
    objects: Vec<Object>,
}

/// Who an object is, of all that a ledger says of it.
#[derive(Deserialize)]
struct Object {
    region: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

impl Objects {
    fn keys(self) -> impl Iterator<Item = Key> {
        let key = |Object { region, kind, namespace, name }| (region, kind, namespace, name);
        self.objects.into_iter().map(key)
    }
}

/// What was delivered of one unit.
pub(in crate::cli) struct OfUnit<'a> {
    history: &'a History,
    /// The names that it has and had.
    names: Vec<&'a str>,
    /// The ids of its ledgers on disk: what has the same says nothing new.
    same: BTreeMap<String, String>,
    found: OnceLock<Found>,
}

#[derive(Default)]
struct Found {
    /// What is delivered as current, and the commit that says so. What keeps its name may have been
    /// several, each of which refers to others.
    current: BTreeMap<Key, Vec<(Entry, String)>>,
    /// What is delivered and kept, and the commit that says so.
    kept: BTreeMap<Key, Vec<(Entry, String)>>,
    /// Every object that a delivered tree has, and where.
    known: BTreeMap<Key, BTreeSet<String>>,
}

impl OfUnit<'_> {
    fn found(&self) -> &Found {
        self.found.get_or_init(|| {
            let mut found = Found::default();
            for then in &self.history.delivered {
                for ledger in self.ledgers(then) {
                    found.knows(ledger.objects());
                    found.has(ledger.objects(), &then.commit);
                }
            }
            if let (Some(before), Some(head)) = (&self.history.before, &self.history.head) {
                let lost = self.lost(before, head);
                found.knows(&lost);
                found.has(&lost, &before.commit);
            }
            found
        })
    }

    fn ledgers<'t>(&'t self, then: &'t Then) -> impl Iterator<Item = Ledger> + 't {
        self.names.iter().filter_map(|name| self.history.ledger(then, name))
    }

    /// What the step to `head` lost: what was current or kept before it, is neither any more, and
    /// was retired by nobody; and what referred to it.
    fn lost(&self, before: &Then, head: &Then) -> Vec<Entry> {
        let Some(step) = self.step(before, head) else { return Vec::new() };
        let ran = !step.current.is_empty() && !self.was_delivered_as_one(before, head, &step);
        let Step { kept, current, stays, .. } = step;
        let mut lost = kept;
        lost.extend(current.into_iter().filter(|_| ran));
        let makes_generation = |entry: &Entry| Kind::keeping(&entry.kind) == Keeping::Generation;
        if !lost.iter().any(makes_generation) {
            return Vec::new();
        }
        let refers = |entry: &Entry| {
            entry
                .references
                .iter()
                .any(|to| lost.iter().any(|entry| entry.kind == to.kind && entry.name == to.name))
        };
        let referrers: Vec<Entry> = stays.into_iter().filter(refers).collect();
        lost.extend(referrers);
        lost
    }

    /// Whether the commit before `head` seems to be one of a branch that was delivered as one, so that
    /// what it calls current never ran: a former generation was kept through the step; or the steps
    /// before it lost as much, back to the first. What goes back to what was is no such step.
    fn was_delivered_as_one(&self, before: &Then, head: &Then, step: &Step) -> bool {
        if step.goes_back || self.stood_before(head) {
            return false;
        }
        if step.keeps {
            return true;
        }
        let mut then = before;
        for earlier in self.history.ancestors() {
            if self.ledgers(earlier).next().is_none() {
                return true;
            }
            if self.step(earlier, then).is_none_or(|step| step.current.is_empty()) {
                return false;
            }
            then = earlier;
        }
        self.history.ancestors().len() < MAX_STEPS
    }

    /// Whether the ledgers of `head` are those of a commit before the one before it.
    fn stood_before(&self, head: &Then) -> bool {
        self.history.ancestors().iter().any(|then| self.is_same(then, head))
    }

    /// Whether two trees have the same ledgers of the service.
    fn is_same(&self, one: &Then, other: &Then) -> bool {
        self.names.iter().all(|name| {
            let path = ledger::path(name);
            one.ledgers.get(&path) == other.ledgers.get(&path)
        })
    }

    /// What a step lost; nothing when it did not touch the service.
    fn step(&self, from: &Then, to: &Then) -> Option<Step> {
        if self.is_same(from, to) {
            return None;
        }
        let (old, new): (Vec<Ledger>, Vec<Ledger>) =
            (self.ledgers(from).collect(), self.ledgers(to).collect());
        let retired: BTreeSet<&Gone> = new.iter().flat_map(Ledger::retired).collect();
        let all = |ledgers: &'_ [Ledger]| -> Vec<Entry> {
            ledgers.iter().flat_map(Ledger::objects).cloned().collect()
        };
        let (old, new) = (all(&old), all(&new));
        let there: BTreeSet<Key> = new.iter().map(key).collect();
        let regions: BTreeSet<&str> = (new.iter())
            .filter(|entry| entry.retained.is_none())
            .map(|entry| &*entry.region)
            .collect();
        let workloads = |entries: &'_ [Entry], kept: bool| -> BTreeSet<Key> {
            let of = entries.iter().filter(|entry| entry.retained.is_some() == kept);
            of.filter(|entry| Kind::is_workload(&entry.kind)).map(key).collect()
        };
        let former = workloads(&old, true);
        let lost = |entry: &&Entry| {
            regions.contains(&*entry.region)
                && !there.contains(&key(entry))
                && !retired.contains(&Gone::of(entry))
        };
        let (kept, current): (Vec<Entry>, Vec<Entry>) =
            old.iter().filter(lost).cloned().partition(|entry| entry.retained.is_some());
        let stays = old.iter().filter(|entry| there.contains(&key(entry))).cloned().collect();
        Some(Step {
            kept,
            current,
            stays,
            keeps: former.intersection(&workloads(&new, true)).next().is_some(),
            goes_back: former.intersection(&workloads(&new, false)).next().is_some(),
        })
    }

    /// The commit that delivered an object as current.
    pub(in crate::cli) fn commit(&self, entry: &Entry) -> Option<&str> {
        let (_, commit) = self.found().current.get(&key(entry))?.first()?;
        Some(git::short(commit))
    }

    /// The commit that delivered an object, current or kept.
    pub(in crate::cli) fn source(&self, entry: &Entry) -> Option<&str> {
        let kept = || self.found().kept.get(&key(entry))?.first();
        self.commit(entry).or_else(|| kept().map(|(_, commit)| git::short(commit)))
    }
}

/// What a step from one tree to the next did to a service.
struct Step {
    /// What was kept, and was lost.
    kept: Vec<Entry>,
    /// What was current, and was lost.
    current: Vec<Entry>,
    /// What was not lost, as it was.
    stays: Vec<Entry>,
    /// Whether a former generation of its workload was kept through it.
    keeps: bool,
    /// Whether a former generation of its workload is current again.
    goes_back: bool,
}

/// How many commits are looked at to tell a branch that was delivered as one from a loss.
const MAX_STEPS: usize = 50;

impl Found {
    fn knows(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.known.entry(key(entry)).or_default().insert(entry.path.clone());
        }
    }

    fn has(&mut self, entries: &[Entry], commit: &str) {
        for entry in entries {
            let of = if entry.retained.is_some() { &mut self.kept } else { &mut self.current };
            of.entry(key(entry)).or_default().push((entry.clone(), commit.to_owned()));
        }
    }
}

impl Delivered for OfUnit<'_> {
    fn objects(&self) -> Vec<Entry> {
        // What is on disk as it was delivered holds all that may run.
        let same = |then: &Then| {
            self.names.iter().all(|name| {
                let path = ledger::path(name);
                then.ledgers.get(&path) == self.same.get(&path)
            })
        };
        let step = self.history.before.as_ref().zip(self.history.head.as_ref());
        let stood_still = step.is_none_or(|(before, head)| self.is_same(before, head));
        if self.history.delivered.iter().all(same) && stood_still {
            return Vec::new();
        }
        let found = self.found();
        let all = found.current.values().chain(found.kept.values()).flatten();
        all.map(|(entry, _)| entry.clone()).collect()
    }

    fn before(&self) -> Vec<Entry> {
        let (Some(before), Some(head)) = (&self.history.before, &self.history.head) else {
            return Vec::new();
        };
        if self.is_same(before, head) {
            return Vec::new();
        }
        self.ledgers(before).flat_map(|ledger| ledger.objects().to_vec()).collect()
    }

    fn has(&self, entry: &Entry) -> bool {
        self.history.unknown.is_some()
            || self.found().known.contains_key(&key(entry))
            || self.history.everything().contains(&key(entry))
    }

    fn had(&self, object: &Gone) -> bool {
        let Gone { region, kind, namespace, name } = object.clone();
        self.history.unknown.is_some()
            || self.found().known.contains_key(&(region, kind, namespace, name))
    }

    fn file(&self, entry: &Entry) -> Option<String> {
        let (repository, place) = self.history.repository.as_ref()?;
        let place = if place.is_empty() { String::new() } else { format!("{place}/") };
        // What is a former generation now was current where it was delivered.
        let elsewhere = self.found().known.get(&key(entry)).into_iter().flatten();
        let paths: BTreeSet<&String> = elsewhere.chain([&entry.path]).collect();
        let places =
            self.history.commits().flat_map(|then| paths.iter().map(move |path| (then, path)));
        places.into_iter().find_map(|(then, path)| {
            let name = format!("{}:{place}{path}", then.commit);
            let text = String::from_utf8(repository.object(&name).ok()?).ok()?;
            (Digest::of(text.as_bytes()).to_string() == entry.file).then_some(text)
        })
    }
}

/// Why there is no repository to ask.
fn no_repository(told: &str, out: &Path) -> Why {
    if told.contains("dubious ownership") {
        let folder = told.split('\'').nth(1).unwrap_or("…").to_owned();
        return Why::new(
            "the repository belongs to another user, so git does not open it",
            format!("`git config --global --add safe.directory {folder}`"),
        );
    }
    if told.contains("git does not start") {
        return Why::new("git is not installed", "install git, and build again");
    }
    if told.contains("not a git repository") {
        return Why::new(
            format!("`{}` is in no git repository", out.display()),
            "build in the repository that is delivered",
        );
    }
    Why::new(told.lines().next().unwrap_or_default(), "see to it that git works here")
}
