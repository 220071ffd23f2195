//! What the specs compile to, as a side of a diff.

use super::Failure;
use crate::cli::args::Diff;
use crate::cli::cached;
use crate::cli::compare::{self, Compared, Made};
use crate::cli::disk::{self, Cache, Ids, Listed, Repository, Trouble};
use crate::cli::prepared;
use crate::diff::{Files, Found};
use crate::{Fleet, Input, diag::Sink};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What the specs compile to, on top of the tree on disk: files that a build would leave alone are
/// read from there.
pub(super) struct Compiled {
    tree: disk::Tree,
    /// Every file that a build would leave behind.
    files: BTreeMap<String, File>,
    ids: Ids,
    /// What cannot be read although it was there a moment ago.
    trouble: OnceLock<Trouble>,
}

/// A file that a build would leave behind.
#[derive(Default)]
struct File {
    /// Its text, where that is another one.
    text: Option<String>,
    /// Its id, once somebody asked; none where it cannot be read.
    id: OnceLock<Option<String>>,
}

/// The specs of the working tree, read and decided.
pub(super) struct Prepared {
    sink: Sink,
    specs: Input,
    checks: Sink,
    fleet: Fleet,
    /// What the last build left.
    cache: Option<Cache>,
}

impl Prepared {
    pub(super) fn of(arguments: &Diff) -> Result<Prepared, Failure> {
        let mut sink = Sink::default();
        let cache = cached::last(&arguments.inputs, &arguments.out);
        let mut input = disk::read_input(&mut sink, &arguments.inputs)?.input;
        if let Some(cache) = &cache {
            input.known_sound = Arc::new(cache.sound());
        }
        let specs = input.clone();
        let mut checks = Sink::default();
        let fleet = prepared::fleet(&mut checks, input);
        sink.absorb(checks.clone());
        match fleet {
            Ok(fleet) if sink.errors() == 0 => Ok(Prepared { sink, specs, checks, fleet, cache }),
            Ok(fleet) => Err(Failure::findings(sink, fleet.sources())),
            Err(sources) => Err(Failure::findings(sink, &sources)),
        }
    }
}

impl Compiled {
    /// Compiles the specs of the working tree, as a build would; nothing is written.
    /// `repository`: that of the tree and its place in it, if known.
    pub(super) fn of(
        prepared: Prepared,
        out: &Path,
        ids: Ids,
        repository: Option<(Arc<Repository>, String)>,
    ) -> Result<(Compiled, Input, Found), Failure> {
        let Prepared { mut sink, specs, checks, fleet, cache } = prepared;
        let tree = disk::Tree::look_at(out)?.in_repository(repository);
        let keep = |made: Made<'_>| match made {
            Made::File(document) => Ok(document.text.clone()),
            Made::Ledger(ledger) => Ok(ledger.to_text()),
        };
        let mut step = Sink::default();
        // After an interruption nothing is taken on trust.
        let cache = cache.filter(|_| !tree.has_interrupted());
        let sinks = (&mut sink, &mut step);
        let compared = compare::all(&tree, &fleet, sinks, cache.as_ref(), keep)?;
        sink.absorb(step);
        if sink.errors() > 0 {
            return Err(Failure::findings(sink, fleet.sources()));
        }
        let (mut files, mut units) = (BTreeMap::new(), BTreeMap::new());
        for Compared { unit, found, files: mut made, ledger, .. } in compared {
            units.insert(unit, found);
            files.extend(made.paths().map(|path| (path.to_owned(), File::default())));
            let new = made.take_written().into_iter().chain(ledger);
            let with = |text| File { text: Some(text), ..File::default() };
            files.extend(new.map(|(path, text)| (path, with(text))));
        }
        let found = Found { fleet: Arc::new(fleet), checks, units };
        let trouble = OnceLock::new();
        Ok((Compiled { tree, files, ids, trouble }, specs, found))
    }

    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        match &self.files.get(path)?.text {
            Some(text) => Some(text.clone().into_bytes()),
            None => {
                let gone = || Trouble::from(format!("`{path}` of the tree is gone"));
                let read = self.tree.read(path).and_then(|bytes| bytes.ok_or_else(gone));
                read.map_err(|trouble| self.trouble.set(trouble)).ok()
            }
        }
    }
}

impl Files for Compiled {
    fn read(&self, path: &str) -> Option<String> {
        String::from_utf8(self.bytes(path)?).ok()
    }

    fn id(&self, path: &str) -> Option<Cow<'_, str>> {
        let id = || Some(self.ids.of(&self.bytes(path)?));
        self.files.get(path)?.id.get_or_init(id).as_deref().map(Cow::from)
    }
}

impl Listed for Compiled {
    fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn trouble(&self) -> Option<Trouble> {
        self.trouble.get().cloned()
    }
}
