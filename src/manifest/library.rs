//! The built-in templates, and a folder that overrides and adds some.

use super::{tokens, trace, variables};
use crate::diag::{self, Code, Diagnostic, FileId, Reported, Sink, Sources, Span};
use crate::kube::kinds::KINDS;
use crate::plan::Origin;
use crate::plan::values::{Extra, Values};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use tera::{Context, ErrorKind, Tera};

macro_rules! templates {
    ($($name:literal)*) => {
        /// The built-in templates that are no kind's, by name.
        const OTHERS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../templates/", $name)))),*];
    };
}

templates! {
    "delivery/apply.sh"
    "drill-job.yaml"
    "descheduler-policy.yaml"
    "etcd-snapshots.yaml"
    "parts/container.yaml"
    "parts/metadata.yaml"
    "parts/mover.yaml"
    "parts/pace.yaml"
    "parts/peers.yaml"
    "parts/pod.yaml"
    "parts/policies.yaml"
    "parts/probe.yaml"
    "parts/sidecars.yaml"
    "card/card.md"
    "card/cluster.md"
    "card/head.md"
    "card/runbook.md"
    "card/section.md"
    "procedures/backup-elsewhere.md"
    "procedures/bad-release.md"
    "procedures/cluster.md"
    "procedures/cluster-whole.md"
    "procedures/control-plane.md"
    "procedures/damaged-copies.md"
    "procedures/damaged-database.md"
    "procedures/damaged-elsewhere.md"
    "procedures/damaged-volumes.md"
    "procedures/data.md"
    "procedures/delivery.md"
    "procedures/drill-end.md"
    "procedures/drill.md"
    "procedures/evidence.md"
    "procedures/functions.sh"
    "procedures/late-copies.md"
    "procedures/new-cluster.md"
    "procedures/node.md"
    "procedures/one-service.md"
    "procedures/ready.md"
    "procedures/region.md"
    "procedures/shared-alerts.md"
    "procedures/standby.md"
    "procedures/users.md"
    "procedures/zone.md"
    "procedures/parts/answers.md"
    "procedures/parts/backup.md"
    "procedures/parts/backups.md"
    "procedures/parts/cluster-by-hand.md"
    "procedures/parts/cluster-end.md"
    "procedures/parts/cluster-etcd.md"
    "procedures/parts/cluster-managed.md"
    "procedures/parts/cluster-member.md"
    "procedures/parts/cluster-rewound.md"
    "procedures/parts/cluster-whole.md"
    "procedures/parts/data-abort.md"
    "procedures/parts/data-away.md"
    "procedures/parts/data-failback.md"
    "procedures/parts/data-fence.md"
    "procedures/parts/data.md"
    "procedures/parts/evidence-full.md"
    "procedures/parts/evidence.md"
    "procedures/parts/go-on.md"
    "procedures/parts/head.md"
    "procedures/parts/hold.md"
    "procedures/parts/pause.md"
    "procedures/parts/kept-volumes.md"
    "procedures/parts/ready.md"
    "procedures/parts/restore.md"
    "procedures/parts/resume.md"
    "procedures/parts/rolled.md"
    "procedures/parts/stop.md"
    "procedures/parts/users.md"
}

/// The built-in templates, by name.
fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().filter_map(|row| row.template).chain(OTHERS.iter().copied())
}

/// The text of a built-in template.
fn text(name: &str) -> Option<&'static str> {
    texts().find_map(|(known, text)| (known == name).then_some(text))
}

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
    tera: Arc<Tera>,
    /// The same with marks, loaded when a message needs it.
    marked: OnceLock<Tera>,
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
        let tera = match user.templates.is_empty() {
            true => Ok(built_in()),
            false => engine(texts.collect()).map(Arc::new),
        };
        match tera {
            Ok(tera) => {
                let user = own;
                let marked = OnceLock::new();
                let touched = BTreeSet::new();
                let mut templates =
                    Templates { tera, marked, files, extras, parts, sources, user, touched };
                templates.touched = templates.touched_by_users();
                templates.check_variables(sink)?;
                Ok(templates)
            }
            Err(error) => {
                let broken = Templates {
                    tera: Arc::default(),
                    marked: OnceLock::new(),
                    files,
                    extras,
                    parts,
                    sources,
                    user: own,
                    touched: BTreeSet::new(),
                };
                Err(sink.error(broken.describe(&error)))
            }
        }
    }

    /// The templates that the user added, each for every service in every region.
    pub fn extras(&self) -> &[String] {
        &self.extras
    }

    /// Reports every variable of the user's own texts that nothing fills, also in a condition.
    fn check_variables(&self, sink: &mut Sink) -> Result<(), Reported> {
        if self.user.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = texts().map(|(name, _)| name).collect();
        let mut known = variables::known(&built_in(), &names);
        let everywhere = serde_json::to_value(Extra::default()).expect("it holds texts");
        known.extend(everywhere.as_object().into_iter().flatten().map(|(key, _)| key.clone()));
        let own: Vec<(&String, FileId, &str)> = (self.files.iter())
            .filter(|(_, (file, _))| self.user.contains(file))
            .map(|(name, (file, text))| (name, *file, text.as_str()))
            .collect();
        let mut named = known.clone();
        named.extend(own.iter().flat_map(|(.., text)| variables::given(text)));
        named.extend(texts().flat_map(|(_, text)| variables::given(text)));
        let places: Vec<(FileId, &str)> =
            own.iter().map(|(_, file, text)| (*file, *text)).collect();
        let mut read: BTreeSet<&str> = BTreeSet::new();
        for (name, ..) in &own {
            read.extend(self.tera.get_template_variables(name).into_iter().flatten());
        }
        for variable in read.iter().filter(|variable| !named.contains(**variable)) {
            if let Some(finding) = variables::unknown(variable, &known, &places) {
                sink.error(finding);
            }
        }
        sink.ok()
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
    ) -> Result<(String, Vec<String>), tera::Error> {
        let context = self.context(values)?;
        let (text, strings) = tokens::gather(|| self.tera.render(template, &context));
        Ok((text?, strings))
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
        let (text, strings) = tokens::gather(|| self.tera.render(template, &context));
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
            engine(texts.collect()).unwrap_or_default()
        });
        let context = self.context(values).ok()?;
        let (text, _) = tokens::gather(|| marked.render(template, &context));
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

    /// How the user's own part that is to blame for text that is no YAML must stand, when `place`
    /// is in one, or in a built-in template that includes one.
    pub fn indentation(&self, template: &str, place: Span) -> Option<String> {
        let reached = self.reached(template);
        let mut parts = self.parts.iter().filter(|part| reached.contains(part.as_str()));
        let part = match parts.clone().find(|part| self.file(part) == Some(place.file)) {
            Some(part) => part,
            None => parts.next().filter(|_| parts.next().is_none())?,
        };
        let built_in = text(part)?;
        let stands = match built_in.strip_prefix("{#").and_then(|rest| rest.split_once("#}")) {
            Some((comment, _)) => {
                let last = comment.trim().trim_end_matches('.').rsplit(". ").next()?;
                last[..1].to_lowercase() + &last[1..]
            }
            None => {
                let first = built_in.lines().find(|line| !line.trim_start().starts_with('{'))?;
                let indent = first.len() - first.trim_start().len();
                format!("the first line stands at {indent} spaces")
            }
        };
        Some(format!("a part is put in as it is, with its spaces: in `{part}`, {stands}"))
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

    /// A finding about a template that did not render, with the key that asked for its object.
    pub(crate) fn finding(
        &self,
        template: &str,
        error: &tera::Error,
        origin: Origin,
    ) -> Diagnostic {
        let mut finding = self.describe(error);
        if finding.primary.is_none() {
            finding.primary = self
                .file(template)
                .map(|file| diag::Label { span: Span::start_of(file), text: String::new() });
        }
        finding.related(origin.span, format!("`{}` asked for this object", origin.key))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other errors have no place")]
    fn describe(&self, error: &tera::Error) -> Diagnostic {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let finding = Diagnostic::new(Code::TEMPLATE, one_line(report.message()));
                match self.files.get(report.filename()) {
                    Some((id, _)) => finding.at(Span::new(*id, report.span().range.clone()), ""),
                    None => finding,
                }
            }
            _ => self.by_its_text(&error.to_string()),
        }
    }

    /// A finding from an error that tells its place in its text only: `--> name:line:column`.
    fn by_its_text(&self, text: &str) -> Diagnostic {
        let Some((message, place)) = text.split_once("--> ") else {
            return Diagnostic::new(Code::TEMPLATE, one_line(text));
        };
        let message = message.trim().trim_start_matches("error: ");
        let finding = Diagnostic::new(Code::TEMPLATE, one_line(message));
        let place = place.lines().next().unwrap_or_default().trim();
        let mut parts = place.rsplitn(3, ':');
        let (column, line) = (parts.next(), parts.next().and_then(|line| line.parse().ok()));
        let (Some(_), Some(line), Some(name)) = (column, line, parts.next()) else {
            return finding;
        };
        match self.files.get(name) {
            Some((id, text)) => finding.at(line_of(*id, text, line), ""),
            None => finding,
        }
    }
}

/// What is wrong with a file of the user's that nothing would come of.
fn unused(name: &str, files: &BTreeMap<String, (FileId, String)>) -> Option<Diagnostic> {
    if let Some(stem) = name.strip_suffix(".yml") {
        let message = format!("`{name}` is not a template: the name of one ends with `.yaml`");
        let finding = Diagnostic::new(Code::TEMPLATE, message);
        return Some(finding.help(format!("call it `{stem}.yaml`")));
    }
    let mut others = files.iter().filter(|(other, _)| *other != name);
    if text(name).is_some()
        || !name.contains('/')
        || others.any(|(_, (_, text))| mentions(text, name))
    {
        return None;
    }
    let parts = OTHERS.iter().map(|(known, _)| *known).filter(|known| known.contains('/'));
    let finding = Diagnostic::new(Code::TEMPLATE, format!("no template includes `{name}`"));
    // The folder is the same for all, so it makes no name nearer.
    let last = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    let near = diag::nearest(name.rsplit('/').next().unwrap_or(name), parts.clone().map(last));
    Some(finding.help(match parts.clone().find(|part| Some(last(part)) == near) {
        Some(part) => format!("did you mean `{part}`?"),
        None => format!("known here: {}", diag::list(parts)),
    }))
}

/// Whether the text of a template speaks of another template.
fn mentions(text: &str, name: &str) -> bool {
    text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'"))
}

/// The built-in templates alone: they are parsed once, however many fleets are compiled.
fn built_in() -> Arc<Tera> {
    static BUILT: OnceLock<Arc<Tera>> = OnceLock::new();
    let owned = || texts().map(|(name, text)| (name.to_owned(), text.to_owned()));
    let parse = || Arc::new(engine(owned().collect()).expect("a test compiles them"));
    Arc::clone(BUILT.get_or_init(parse))
}

fn engine(texts: Vec<(String, String)>) -> Result<Tera, tera::Error> {
    let mut tera = Tera::default();
    tera.set_escape_fn(tokens::escape);
    // An empty suffix is that of every name.
    tera.autoescape_on([""]);
    tera.register_filter("safe", |_: &tera::Value, _: tera::Kwargs, _: &tera::State<'_>| {
        Err::<String, _>(tera::Error::message(
            "`safe` would let a string of a spec become YAML syntax; strings need no quoting here",
        ))
    });
    tera.add_raw_templates(texts)?;
    Ok(tera)
}

/// Line `line` of a text, counted from 1, without what is white around it.
fn line_of(file: FileId, text: &str, line: usize) -> Span {
    let content = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let start: usize = text.split('\n').take(line.saturating_sub(1)).map(|l| l.len() + 1).sum();
    let indent = content.len() - content.trim_start().len();
    Span::new(file, start + indent..start + content.trim_end().len())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
