//! What comes in.

use crate::diag::{FileId, Sources};
use crate::manifest::TemplateFiles;
use crate::name::Digest;
use crate::spec::{self, SpecFiles};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything that comes in: all text is in memory, nothing is read after this.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Every text.
    pub sources: Sources,
    /// Which of them are specs.
    pub specs: SpecFiles,
    /// The folder of the specs, as reports name it.
    pub root: String,
    /// Which of them are templates.
    pub templates: TemplateFiles,
    /// Digests of texts of services in which nothing was found before ([`Fleet::sound`](super::Fleet::sound)).
    pub known_sound: Arc<BTreeSet<Digest>>,
}

impl Input {
    /// Takes in a spec, or a definition in `crds/` beside the specs, under its name below their folder.
    /// What specs refer to is [attached](Input::attach).
    pub fn add_spec(&mut self, name: &str, file: FileId) {
        match name {
            "fleet.toml" => self.specs.fleet = Some(file),
            _ if name.starts_with("crds/") => self.templates.crds.push(file),
            _ => self.specs.services.push(file),
        }
    }

    /// Takes in a file that stands below the folder of templates, under its name there.
    pub fn add_template(&mut self, name: &str, file: FileId) {
        match name.starts_with("crds/") {
            true => self.templates.crds.push(file),
            false => drop(self.templates.templates.insert(name.to_owned(), file)),
        }
    }

    /// Whether both say the same in every text.
    pub fn is_same(&self, other: &Input) -> bool {
        let texts = self.sources.all().iter().map(|source| (&source.path, &source.text));
        let others = other.sources.all().iter().map(|source| (&source.path, &source.text));
        let attached = self.specs.attached.iter().map(|(path, file)| (path, &file.content));
        let other_attached = other.specs.attached.iter().map(|(path, file)| (path, &file.content));
        self.root == other.root && texts.eq(others) && attached.eq(other_attached)
    }

    /// Reads the files that the specs refer to: `read` is given a path as
    /// [`spec::attached::path`] makes it, and finds none where there is no such file.
    pub fn attach(&mut self, mut read: impl FnMut(&str) -> Option<spec::attached::Content>) {
        for path in self.specs.referred_to(&self.sources, &self.root) {
            if let Some(content) = read(&path) {
                self.specs.attach(&mut self.sources, path, content);
            }
        }
    }
}
