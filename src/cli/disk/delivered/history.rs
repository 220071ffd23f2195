//! The commits that a branch consists of, and the trees in them.

use super::known::{ENDING, Known};
use super::{MAX_STEPS, Objects, OfUnit};
use crate::cli::disk::beside;
use crate::cli::disk::git::Repository;
use crate::cli::disk::side::Ids;
use crate::diff::MOST_AT_ONCE;
use crate::tree::ledger::Entry;
use crate::tree::{Ledger, ledger};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What git tells of the trees that the delivery engine saw.
#[derive(Debug, Default)]
pub(in crate::cli) struct History {
    pub(super) repository: Option<(Arc<Repository>, String)>,
    pub(super) head: Option<Then>,
    /// What may run: each object that one of these calls current or keeps.
    pub(super) delivered: Vec<Then>,
    /// The commit before `HEAD`, when `HEAD` itself was delivered: the step between them may have
    /// lost something.
    pub(super) before: Option<Then>,
    /// Why nobody can tell what was delivered.
    pub(in crate::cli) unknown: Option<Why>,
    pub(super) everything: OnceLock<Known>,
    /// Where that is written down, by whoever changes the tree.
    written: Option<PathBuf>,
    pub(super) ancestors: OnceLock<Vec<Then>>,
    pub(super) watched: Vec<(PathBuf, String)>,
}

/// Why something is not known, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Why {
    pub(in crate::cli) why: String,
    pub(in crate::cli) help: String,
}

impl Why {
    pub(super) fn new(why: impl Into<String>, help: impl Into<String>) -> Why {
        Why { why: why.into(), help: help.into() }
    }
}

/// The tree of a commit.
#[derive(Clone, Debug)]
pub(super) struct Then {
    pub(super) commit: String,
    /// The ids of its ledgers, by path.
    pub(super) ledgers: BTreeMap<String, String>,
}

/// Who an object is for Kubernetes: region, kind, namespace, name.
pub(super) type Key = (String, String, Option<String>, String);

pub(super) fn key(entry: &Entry) -> Key {
    (entry.region.clone(), entry.kind.clone(), entry.namespace.clone(), entry.name.clone())
}

impl History {
    /// Asks git about the tree at `out`, which need not exist.
    pub(in crate::cli::disk) fn of(out: &Path) -> History {
        match Repository::of(out) {
            Ok((repository, place)) => History::in_repository(Arc::new(repository), place),
            Err(trouble) => {
                let why = no_repository(&trouble.to_string(), out);
                History { unknown: Some(why), ..History::default() }
            }
        }
    }

    /// The same, for whoever changes the tree: which objects were delivered is written down beside its cache.
    pub(in crate::cli::disk) fn remembered(out: &Path) -> History {
        History { written: beside::file(out, ENDING), ..History::of(out) }
    }

    /// The same, where its repository and its place in it are known.
    pub(in crate::cli::disk) fn in_repository(
        repository: Arc<Repository>,
        place: String,
    ) -> History {
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

    pub(super) fn ledger(&self, then: &Then, unit: &str) -> Option<Ledger> {
        let id = then.ledgers.get(&ledger::path(unit))?;
        let (repository, _) = self.repository.as_ref()?;
        let text = String::from_utf8(repository.object(id).ok()?).ok()?;
        Ledger::read(unit, &text).ok()
    }

    /// What there is to know of a unit that has and had these names; `same` are the ids of its ledgers
    /// on disk.
    pub(in crate::cli) fn unit<'a>(
        &'a self,
        names: Vec<&'a str>,
        same: BTreeMap<String, String>,
    ) -> OfUnit<'a> {
        OfUnit { history: self, names, same, found: OnceLock::new() }
    }

    /// The path of a ledger, and the id that git gives to what its `file` holds; none where there is no
    /// git to ask, or ids are made in another way.
    pub(in crate::cli) fn id(&self, unit: &str, file: &[u8]) -> Option<(String, String)> {
        let (repository, _) = self.repository.as_ref()?;
        repository.is_sha1().then(|| (ledger::path(unit), Ids::Blob.of(file)))
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
            // What the step between them lost, the commits before tell, as far as they are here.
            if let (Some(before), Some(head)) = (&self.before, &self.head)
                && before.ledgers.get(&path) != head.ledgers.get(&path)
            {
                let shallow = self.repository.as_ref().is_some_and(|(known, _)| known.is_shallow());
                text.push_str(&format!("{} {shallow} ", before.commit));
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
    pub(super) fn commits(&self) -> impl Iterator<Item = &Then> {
        self.delivered.iter().chain(&self.before).chain(&self.head)
    }

    /// The trees before the one that `HEAD` came from, newest first, as far as they are looked at.
    pub(super) fn ancestors(&self) -> &[Then] {
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
    pub(super) fn everything(&self) -> &Known {
        self.everything.get_or_init(|| {
            let Some((repository, _)) = &self.repository else { return Known::default() };
            let ledgers = self.delivered.iter().flat_map(|then| then.ledgers.values());
            let ids: BTreeSet<&str> = ledgers.map(String::as_str).collect();
            let ids: Vec<&str> = ids.into_iter().collect();
            let written = self.written.as_deref();
            written.and_then(|path| Known::read(path, &ids)).unwrap_or_else(|| {
                let (known, is_whole) = ask(repository, &ids);
                // What git could not tell now, it may tell the next time.
                if let Some(path) = written.filter(|_| is_whole) {
                    // Without it the next build takes longer.
                    let _ = known.write(path, &ids);
                }
                known
            })
        })
    }
}

/// The objects of ledgers, and whether git told of all of them.
fn ask(repository: &Repository, ids: &[&str]) -> (Known, bool) {
    // Git unpacks some while others are parsed; as many wait as are asked for at once.
    let (sender, texts) = std::sync::mpsc::sync_channel(MOST_AT_ONCE);
    let mut told = 0;
    let known = std::thread::scope(|scope| {
        scope.spawn(move || {
            let all = ids.chunks(MOST_AT_ONCE).flat_map(|some| repository.objects(some));
            // Nobody stops listening before the last one.
            all.flatten().try_for_each(|text| sender.send(text))
        });
        // Who an object is, is all that is asked: to read ledgers whole costs three times as much. What is
        // no ledger is none the next time, either.
        let objects = |text: Vec<u8>| serde_json::from_slice::<Objects>(&text).ok();
        let texts = texts.into_iter().inspect(|_| told += 1);
        Known::of(texts.filter_map(objects).flat_map(Objects::keys))
    });
    (known, told == ids.len())
}

/// Why there is no repository to ask.
fn no_repository(message: &str, out: &Path) -> Why {
    if message.contains("dubious ownership") {
        let folder = message.split('\'').nth(1).unwrap_or("…").to_owned();
        return Why::new(
            "the repository belongs to another user, so git does not open it",
            format!("`git config --global --add safe.directory {folder}`"),
        );
    }
    if message.contains("git does not start") {
        return Why::new("git is not installed", "install git, and build again");
    }
    if message.contains("not a git repository") {
        return Why::new(
            format!("`{}` is in no git repository", out.display()),
            "build in the repository that is delivered",
        );
    }
    Why::new(message.lines().next().unwrap_or_default(), "see to it that git works here")
}
