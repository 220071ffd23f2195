//! What was delivered, as git tells it.
//!
//! The delivered tree is the one at the merge base with the default branch; on that branch, the one
//! at `HEAD`. The default branch is what `origin/HEAD` points to, else `main` or `master`, of
//! `origin` before the local one, else the only branch there is, else what `init.defaultBranch`
//! says. While a merge is under way, what comes in counts as well. Nothing of the environment is
//! asked: a checkout of a pull request is a merge commit, and its first parent is what was
//! delivered.

mod history; // the commits of a branch
mod known; //   who was in their trees, written down

use super::git;
use crate::kube::Kind;
use crate::kube::kinds::Keeping;
use crate::name::Digest;
use crate::tree::ledger::{Entry, Gone};
use crate::tree::{Delivered, Ledger, ledger};
pub(in crate::cli) use history::{History, Why};
use history::{Key, Then, key};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

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
            || self.history.everything().has(&key(entry))
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
            (Digest::of(text.as_bytes()) == entry.file).then_some(text)
        })
    }
}
