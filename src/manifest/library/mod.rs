//! The built-in templates, and a folder that overrides and adds some.

mod built_in; // the built-in ones
mod engine; //   what renders them
mod faults; //   what is wrong with one

use super::outline::{Outline, Strings};
use super::{tokens, trace};
use crate::diag::{self, Code, Diagnostic, FileId, Reported, Sink, Sources, Span};
use crate::plan::values::{Extra, Values};
use built_in::{built_in, text, texts};
use engine::Engine;
use faults::unused;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use tera::Context;

/// Texts from the user's folder of templates.
#[derive(Clone, Debug, Default)]
pub struct TemplateFiles {
    /// Templates, by their name below the folder: `deployment.yaml`, `parts/sidecars.yaml`.
    pub templates: BTreeMap<String, FileId>,
    /// CustomResourceDefinitions: the files below `crds/`.
    pub crds: Vec<FileId>,
}

/// The templates of every service.
#[derive(Debug)]
pub struct TemplateSets {
    general: Templates,
    /// Of the services with a folder of their own.
    own: BTreeMap<String, Templates>,
}

/// The folder of templates for one service.
const SERVICES: &str = "services/";

/// Parses the built-in templates.
pub fn warm() {
    built_in();
}

impl TemplateSets {
    /// Loads the built-in templates and those of the user; those in `services/<name>/` are for that
    /// service alone, and stand before the others.
    ///
    /// # Errors
    ///
    /// When one does not parse, refers to another that is not there, or reads what nothing fills.
    pub fn load(
        sink: &mut Sink,
        sources: &mut Sources,
        user: &TemplateFiles,
    ) -> Result<TemplateSets, Reported> {
        let mut general = BTreeMap::new();
        let mut own: BTreeMap<String, BTreeMap<String, FileId>> = BTreeMap::new();
        for (path, file) in &user.templates {
            match path.strip_prefix(SERVICES).and_then(|rest| rest.split_once('/')) {
                Some((service, name)) => {
                    own.entry(service.to_owned()).or_default().insert(name.to_owned(), *file);
                }
                None => drop(general.insert(path.clone(), *file)),
            }
        }
        let crds = Vec::new();
        let of = |templates| TemplateFiles { templates, crds: crds.clone() };
        let loaded = Templates::load(sink, sources, &of(general.clone()), None);
        let own = own.into_iter().map(|(service, files)| {
            let mut templates = general.clone();
            templates.extend(files);
            let base = loaded.as_ref().ok();
            Ok((service, Templates::load(sink, sources, &of(templates), base)?))
        });
        let own: Result<BTreeMap<String, Templates>, Reported> =
            diag::all(own).map(|loaded| loaded.into_iter().collect());
        Ok(TemplateSets { general: loaded?, own: own? })
    }

    /// Those of a service, by its name.
    pub fn of(&self, service: &str) -> &Templates {
        self.own.get(service).unwrap_or(&self.general)
    }

    /// Those of every service that has none of its own.
    pub fn general(&self) -> &Templates {
        &self.general
    }

    /// Forgets the texts that were made.
    pub fn clear(&self) {
        self.own.values().chain([&self.general]).for_each(|templates| templates.engine.clear());
    }

    /// Reports folders that are for no service.
    ///
    /// # Errors
    ///
    /// When there is one.
    pub fn check(&self, sink: &mut Sink, services: &[&str]) -> Result<(), Reported> {
        let mut checked = Ok(());
        for (name, templates) in &self.own {
            if services.contains(&name.as_str()) {
                continue;
            }
            let finding = Diagnostic::new(
                Code::TEMPLATE,
                format!("`{SERVICES}{name}/` is for no service: no spec is called `{name}`"),
            );
            let finding = finding.help(diag::did_you_mean(name, services.iter().copied()));
            let file = templates.user.iter().find(|file| !self.general.user.contains(file));
            checked = Err(sink.error(match file {
                Some(file) => finding.at(Span::start_of(*file), ""),
                None => finding,
            }));
        }
        checked
    }
}

/// The templates of a service, ready to render.
pub struct Templates {
    engine: Arc<Engine>,
    /// The same with marks, loaded when a message needs it.
    marked: OnceLock<Engine>,
    /// By name; the place of each in `files` is its number in the marks.
    files: BTreeMap<String, (FileId, String)>,
    extras: Vec<String>,
    /// The parts of the user's own.
    parts: Vec<String>,
    sources: Vec<(FileId, usize)>,
    /// The files of the user's own.
    user: Vec<FileId>,
    /// The templates that one of them is a part of, or is.
    touched: BTreeSet<String>,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("files", &self.files.keys()).finish_non_exhaustive()
    }
}

/// Characters that the text of a template cannot hold: they mark interpolations and lines.
const MARKS: std::ops::RangeInclusive<char> = '\u{e0f0}'..='\u{e0f3}';

impl Templates {
    /// Loads the built-in templates and those of the user. `base` has texts that were taken in before.
    ///
    /// # Errors
    ///
    /// When one does not parse, or refers to another that is not there.
    pub fn load(
        sink: &mut Sink,
        sources: &mut Sources,
        user: &TemplateFiles,
        base: Option<&Templates>,
    ) -> Result<Templates, Reported> {
        let mut files = BTreeMap::new();
        for (name, text) in texts() {
            let id = match user.templates.get(name) {
                Some(id) => *id,
                None => base
                    .and_then(|base| base.file(name))
                    .unwrap_or_else(|| sources.add(format!("templates/{name}"), text)),
            };
            files.insert(name.to_owned(), (id, sources.get(id).text.clone()));
        }
        for (name, id) in &user.templates {
            files.entry(name.clone()).or_insert_with(|| (*id, sources.get(*id).text.clone()));
        }
        // Those that are built in have none: `no_built_in_template_holds_a_mark`.
        for (name, id) in &user.templates {
            if let Some(at) = files[name].1.find(|c| MARKS.contains(&c)) {
                sink.error(
                    Diagnostic::new(
                        Code::TEMPLATE,
                        "a template holds a character that marks interpolations",
                    )
                    .at(Span::new(*id, at..at + 3), "")
                    .help("remove it"),
                );
            }
        }
        for (name, id) in &user.templates {
            if let Some(finding) = unused(name, &files) {
                sink.error(finding.at(Span::start_of(*id), ""));
            }
        }
        sink.ok()?;
        let extra = |name: &&String| text(name).is_none() && !name.contains('/');
        let extras: Vec<String> = files.keys().filter(extra).cloned().collect();
        let parts = user.templates.keys().filter(|name| name.contains('/')).cloned().collect();
        let own: Vec<FileId> = user.templates.values().copied().collect();
        let sources = files.values().map(|(id, text)| (*id, text.len())).collect();
        let texts = files.iter().map(|(name, (_, text))| (name.clone(), text.clone()));
        let engine = match user.templates.is_empty() {
            true => Ok(built_in()),
            false => Engine::of(texts.collect()).map(Arc::new),
        };
        let (engine, failed) = match engine {
            Ok(engine) => (engine, None),
            Err(error) => (Arc::default(), Some(error)),
        };
        let (marked, touched) = (OnceLock::new(), BTreeSet::new());
        let mut templates =
            Templates { engine, marked, files, extras, parts, sources, user: own, touched };
        if let Some(error) = failed {
            return Err(sink.error(templates.describe(&error)));
        }
        templates.touched = templates.touched_by_users();
        templates.check_variables(sink)?;
        Ok(templates)
    }

    /// The templates that the user added, each for every service in every region.
    pub fn extras(&self) -> &[String] {
        &self.extras
    }

    /// What a template can say: its own values, and those of every template of the user's.
    fn context(
        &self,
        (values, everywhere): (&Values, Option<&Extra>),
    ) -> Result<Context, tera::Error> {
        let own = Context::from_serialize(values)?;
        let Some(everywhere) = everywhere.filter(|_| !self.user.is_empty()) else { return Ok(own) };
        let mut context = Context::from_serialize(everywhere)?;
        context.extend(own);
        Ok(context)
    }

    /// The text of one manifest, and the strings behind its tokens.
    pub(super) fn render(
        &self,
        template: &str,
        values: (&Values, Option<&Extra>),
    ) -> Result<(Arc<str>, Strings), tera::Error> {
        // What the user wrote may look at strings, and at what every template can say.
        let own = !self.is_touched(template) && self.extras.iter().all(|name| name != template);
        if let Some(outline) = own.then(|| Outline::of(values.0)).flatten() {
            return Ok((self.engine.text(template, values.0, &outline)?, outline.into_strings()));
        }
        let context = self.context(values)?;
        let (text, strings) = tokens::gather(|| self.engine.tera.render(template, &context));
        Ok((text?.into(), strings))
    }

    /// The text of a page, in which no syntax is in the way of a string.
    ///
    /// # Errors
    ///
    /// When the template does not render.
    pub fn page<V: serde::Serialize>(
        &self,
        template: &str,
        values: &V,
    ) -> Result<String, tera::Error> {
        let context = Context::from_serialize(values)?;
        let (text, strings) = tokens::gather(|| self.engine.tera.render(template, &context));
        let text = tokens::replace(&text?, &strings)
            .map_err(|stray| tera::Error::message(stray.message))?;
        // Conditions leave empty lines: one between paragraphs is enough.
        let mut out = String::with_capacity(text.len());
        for line in text.trim().lines().map(str::trim_end) {
            if !(line.is_empty() && out.ends_with("\n\n")) {
                out.push_str(line);
                out.push('\n');
            }
        }
        Ok(out)
    }

    /// The place in a template that line `line` of what it rendered came from.
    pub fn place(
        &self,
        template: &str,
        values: (&Values, Option<&Extra>),
        line: usize,
        sources: &Sources,
    ) -> Option<Span> {
        let marked = self.marked.get_or_init(|| {
            let texts = self
                .files
                .iter()
                .enumerate()
                .map(|(index, (name, (_, text)))| (name.clone(), trace::mark(text, index)));
            Engine::of(texts.collect()).unwrap_or_default()
        });
        let context = self.context(values).ok()?;
        let (text, _) = tokens::gather(|| marked.tera.render(template, &context));
        let (index, line) = trace::origin(&text.ok()?, line)?;
        Some(sources.line(self.sources.get(index)?.0, line))
    }

    /// Whether a file of the user's own spells some of what a template does.
    pub fn is_touched(&self, template: &str) -> bool {
        self.touched.contains(template)
    }

    /// Whether any file is of the user's own.
    pub fn has_users(&self) -> bool {
        !self.user.is_empty()
    }

    /// Whether a place is in a file of the user's own.
    pub fn is_users(&self, place: Span) -> bool {
        self.user.contains(&place.file)
    }

    fn touched_by_users(&self) -> BTreeSet<String> {
        if self.user.is_empty() {
            return BTreeSet::new();
        }
        let is_users = |name: &str| self.file(name).is_some_and(|file| self.user.contains(&file));
        let names = self.files.keys().filter(|name| name.ends_with(".yaml"));
        let touched = |name: &&String| {
            is_users(name.as_str()) || self.reached(name).into_iter().any(is_users)
        };
        names.filter(touched).cloned().collect()
    }

    /// The file of a template.
    pub fn file(&self, template: &str) -> Option<FileId> {
        self.files.get(template).map(|(id, _)| *id)
    }

    /// The templates that `template` includes, and those that they include.
    fn reached(&self, template: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![template];
        while let Some((_, text)) = open.pop().and_then(|name| self.files.get(name)) {
            for name in self.files.keys().filter(|name| mentions(text, name)) {
                if reached.insert(name.as_str()) {
                    open.push(name);
                }
            }
        }
        reached
    }
}

/// Whether the text of a template speaks of another template.
fn mentions(text: &str, name: &str) -> bool {
    text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_built_in_template_holds_a_mark() {
        for (name, text) in texts() {
            assert!(!text.contains(|c| MARKS.contains(&c)), "{name}");
        }
    }
}
