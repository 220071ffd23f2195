//! Which trees are compared: what was asked for → two sides whose files can be read.

use super::Failure;
use super::compiled::{Compiled, Prepared};
use crate::Input;
use crate::cli::args::Diff;
use crate::cli::disk::{self, Committed, Folder, Ids, Listed, Repository, Trouble};
use crate::diff::report::{Side, SideKind};
use crate::diff::{Files, Found, Tree};
use crate::tree::ledger;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a side comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// A folder of a commit.
    Commit {
        /// As it was asked for.
        name: String,
        /// In full.
        id: String,
        /// The folder of the tree.
        place: String,
        /// Whether the commit must have it.
        required: bool,
    },
    /// A folder.
    Folder(PathBuf),
    /// What the specs compile to.
    Compile,
}

/// Both sides, and the repository that revisions are read from.
pub(super) struct Sources {
    pub(super) from: Source,
    pub(super) to: Source,
    /// The repository of the tree and where in it that is, once somebody needed it.
    repository: Option<(Arc<Repository>, String)>,
}

impl Sources {
    /// What the arguments ask for.
    ///
    /// # Errors
    ///
    /// When a revision is not here, or a name can be both; with what to do about it.
    pub(super) fn of(arguments: &Diff) -> Result<Sources, Trouble> {
        let mut asked = Asked { out: &arguments.out, repository: None };
        let to = match &arguments.to {
            Some(text) => asked.named("--to", text)?,
            None => Source::Compile,
        };
        let from = match &arguments.from {
            Some(text) => asked.named("--from", text)?,
            None => asked.base(&to)?,
        };
        Ok(Sources { from, to, repository: asked.repository })
    }

    /// Where the tree is in its repository, as far as that is known.
    pub(super) fn folder(&self) -> Option<&str> {
        self.repository.as_ref().map(|(_, place)| place.as_str())
    }

    /// How files of both sides are told apart. Git knows the ids of its own; where they are made
    /// with SHA-256, the other side has none like them.
    fn ids(&self) -> Ids {
        let of_git = |source: &Source| matches!(source, Source::Commit { .. });
        let sha1 = self.repository.as_ref().is_some_and(|(repository, _)| repository.is_sha1());
        match (of_git(&self.from), of_git(&self.to)) {
            (true, true) => Ids::Blob,
            (false, false) => Ids::Digest,
            _ if sha1 => Ids::Blob,
            _ => Ids::Digest,
        }
    }
}

/// What was asked for while it is looked at.
struct Asked<'a> {
    out: &'a Path,
    /// The repository of the tree and where in it that is, once somebody needed it.
    repository: Option<(Arc<Repository>, String)>,
}

impl Asked<'_> {
    fn repository(&mut self) -> Result<&(Arc<Repository>, String), Trouble> {
        match &mut self.repository {
            Some(known) => Ok(known),
            none => {
                let (found, place) = Repository::of(self.out).map_err(|trouble| {
                    Trouble::from(format!(
                        "{trouble}\nhelp: to compare folders, name them: `--from DIR`"
                    ))
                })?;
                Ok(none.insert((Arc::new(found), place)))
            }
        }
    }

    fn named(&mut self, flag: &str, text: &str) -> Result<Source, Trouble> {
        if let Some(path) = text.strip_prefix("dir:") {
            return Ok(Source::Folder(path.into()));
        }
        if let Some(revision) = text.strip_prefix("git:") {
            return self.revision(revision);
        }
        let folder = disk::is_folder(Path::new(text));
        let revision = self.revision(text);
        match (folder, revision) {
            (true, Ok(_)) => Err(Trouble::from(format!(
                "`{flag} {text}` is a folder and a revision\nhelp: write `{flag} dir:{text}` or `{flag} git:{text}`"
            ))),
            (true, Err(_)) => Ok(Source::Folder(text.into())),
            (false, Ok(source)) => Ok(source),
            (false, Err(trouble)) => {
                Err(Trouble::from(format!("`{flag} {text}` is not a folder; {trouble}")))
            }
        }
    }

    /// `REV`, or `REV:PATH`.
    fn revision(&mut self, text: &str) -> Result<Source, Trouble> {
        let (repository, out) = self.repository()?;
        let commit = |id: String, place: String, required: bool| Source::Commit {
            name: text.to_owned(),
            id,
            place,
            required,
        };
        if let Some(id) = repository.find(text) {
            return Ok(commit(id, out.clone(), false));
        }
        let Some((revision, path)) = text.split_once(':') else {
            return repository.commit(text).map(|id| commit(id, out.clone(), false));
        };
        let id = repository.commit(revision)?;
        let here = path.starts_with("./") || path.starts_with("../");
        let place = if here { repository.place(Path::new(path)) } else { Some(path.to_owned()) };
        let place = place.ok_or_else(|| {
            Trouble::from(format!("`{path}` is not in the repository of the tree"))
        })?;
        Ok(commit(id, place.trim_end_matches('/').to_owned(), true))
    }

    /// Where HEAD, or the new side, left the default branch; HEAD on the default branch itself.
    fn base(&mut self, to: &Source) -> Result<Source, Trouble> {
        let (repository, place) = self.repository()?;
        let commit = |name: String, id: String| Source::Commit {
            name,
            id,
            place: place.clone(),
            required: false,
        };
        let head = repository.find("HEAD").ok_or_else(|| {
            Trouble::from(
                "nothing is committed yet, so there is nothing to compare with\nhelp: commit first, or name a folder: `--from DIR`".to_owned(),
            )
        })?;
        let tip = match to {
            Source::Commit { id, .. } => id.clone(),
            Source::Folder(_) | Source::Compile => head.clone(),
        };
        let branch = repository.branch();
        let default = match repository.default_branch() {
            Ok(default) => default,
            // A repository that was never pushed, with one branch.
            Err(_) if branch.is_some() && repository.is_alone() => {
                return Ok(commit("HEAD".to_owned(), head));
            }
            Err(trouble) => return Err(trouble),
        };
        let of_default = default.strip_prefix("origin/").unwrap_or(&default);
        if !matches!(to, Source::Commit { .. }) && branch.as_deref() == Some(of_default) {
            return Ok(commit("HEAD".to_owned(), head));
        }
        let there = repository.commit(&default)?;
        let base = repository.merge_base(&tip, &there)?;
        let name = match base == there {
            true => default,
            false => format!("merge base with {default}"),
        };
        Ok(commit(name, base))
    }
}

/// A side that can be read.
pub(super) struct Opened {
    pub(super) side: Side,
    pub(super) files: Arc<dyn Listed>,
    /// What it was compiled from, where that is known.
    pub(super) specs: Option<Input>,
    /// What was found when it was compiled, where it was.
    pub(super) found: Option<Found>,
    /// What a reader must know about it.
    pub(super) notes: Vec<String>,
}

impl Sources {
    /// Opens both sides, and waits for git only where nothing else is to do. `prepared` is what the specs of
    /// the working tree say, where a side is what they compile to.
    pub(super) fn open(
        &self,
        arguments: &Diff,
        prepared: Option<Result<Prepared, Failure>>,
    ) -> Result<(Opened, Opened), Failure> {
        let (from, to) = super::beside(
            || self.open_one(&self.from, arguments, None),
            || self.open_one(&self.to, arguments, prepared),
        );
        Ok((from?, to?))
    }

    fn open_one(
        &self,
        source: &Source,
        arguments: &Diff,
        prepared: Option<Result<Prepared, Failure>>,
    ) -> Result<Opened, Failure> {
        let ids = self.ids();
        match source {
            Source::Commit { name, id, place, required } => {
                let (repository, _) = self.repository.as_ref().expect("it gave the commit");
                let files = repository.files(id, place)?;
                let mut notes = Vec::new();
                if files.is_none() {
                    let missing = format!("{name} has no folder {place}");
                    if *required {
                        return Err(Trouble::from(missing).into());
                    }
                    notes.push(missing);
                }
                let mut links = files.as_ref().map_or(0, |files| files.links());
                let inputs = &arguments.inputs;
                let specs = disk::read_input_at(repository, id, inputs, &mut links)?;
                if specs.is_none() {
                    notes.push(format!(
                        "{name} has no specs in {}, so nobody knows what its tree was compiled from",
                        inputs.specs.display()
                    ));
                }
                if links > 0 {
                    notes.push(format!("links in {name} are not followed: {links}"));
                }
                let side =
                    Side { kind: SideKind::Git, name: name.clone(), commit: Some(id.clone()) };
                let files = Arc::new(Committed { files, ids });
                Ok(Opened { side, files, specs, found: None, notes })
            }
            Source::Folder(path) => {
                let name = path.to_string_lossy().replace('\\', "/");
                let files = Folder::open(path, ids)?;
                let note =
                    format!("{name} is a folder, so nobody knows which specs it was compiled from");
                let side = Side { kind: SideKind::Folder, name, commit: None };
                let (files, notes) = (Arc::new(files), vec![note]);
                Ok(Opened { side, files, specs: None, found: None, notes })
            }
            Source::Compile => {
                let prepared = prepared.expect("nothing else is compiled")?;
                let repository = self.repository.clone();
                let (files, specs, found) =
                    Compiled::of(prepared, &arguments.out, ids, repository)?;
                let name = "working tree".to_owned();
                let side = Side { kind: SideKind::Compile, name, commit: None };
                let (files, specs) = (Arc::new(files), Some(specs));
                Ok(Opened { side, files, specs, found: Some(found), notes: Vec::new() })
            }
        }
    }
}

impl Opened {
    /// The units of which it has ledgers.
    fn units(&self) -> Vec<String> {
        let unit = |path: &str| {
            let (folder, file) = path.split_once('/')?;
            file.strip_suffix(".json").filter(|_| folder == ledger::FOLDER).map(str::to_owned)
        };
        self.files.paths().iter().filter_map(|path| unit(path)).collect()
    }

    /// Its objects as all manifests have them, for want of ledgers.
    fn manifests(&self) -> Result<Option<Tree<'_>>, Failure> {
        let is_manifest =
            |path: &String| [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
        let manifests: Vec<String> = self.files.paths().into_iter().filter(is_manifest).collect();
        if manifests.is_empty() {
            return Ok(None);
        }
        let tree = Tree::without_ledger(&*self.files, &manifests);
        tree.map(Some).map_err(|findings| Failure::in_tree(findings, &self.side))
    }
}

/// The objects of both sides: those that ledgers name, or without any, those of all manifests.
pub(super) fn trees<'o>(old: &'o Opened, new: &'o Opened) -> Result<(Tree<'o>, Tree<'o>), Failure> {
    let units = [old, new].map(Opened::units);
    let files = |side: &Opened| -> Arc<dyn Files> { Arc::clone(&side.files) as _ };
    let both = Tree::both((files(old), &units[0]), (files(new), &units[1]));
    // A ledger that could not be read looks like one that is broken.
    for side in [old, new] {
        side.files.trouble().map_or(Ok(()), Err)?;
    }
    let (mut from, mut to) = both.map_err(|(of_old, of_new)| match of_old.is_empty() {
        false => Failure::in_tree(of_old, &old.side),
        true => Failure::in_tree(of_new, &new.side),
    })?;
    for (side, units, tree) in [(old, &units[0], &mut from), (new, &units[1], &mut to)] {
        if units.is_empty()
            && let Some(found) = side.manifests()?
        {
            *tree = found;
        }
    }
    Ok((from, to))
}
