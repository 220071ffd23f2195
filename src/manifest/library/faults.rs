//! What is wrong with a template, and where.

use super::built_in::{OTHERS, built_in, text, texts};
use super::{Templates, mentions};
use crate::diag::{self, Code, Diagnostic, FileId, Reported, Sink, Span};
use crate::manifest::variables;
use crate::plan::Origin;
use crate::plan::values::Extra;
use std::collections::{BTreeMap, BTreeSet};
use tera::ErrorKind;

/// What is wrong with a file of the user's that nothing would come of.
pub(super) fn unused(name: &str, files: &BTreeMap<String, (FileId, String)>) -> Option<Diagnostic> {
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

impl Templates {
    /// Reports every variable of the user's own texts that nothing fills, also in a condition.
    pub(super) fn check_variables(&self, sink: &mut Sink) -> Result<(), Reported> {
        if self.user.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = texts().map(|(name, _)| name).collect();
        let mut known = variables::known(&built_in().tera, &names);
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
            read.extend(self.engine.tera.get_template_variables(name).into_iter().flatten());
        }
        for variable in read.iter().filter(|variable| !named.contains(**variable)) {
            if let Some(finding) = variables::unknown(variable, &known, &places) {
                sink.error(finding);
            }
        }
        sink.ok()
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
    pub(super) fn describe(&self, error: &tera::Error) -> Diagnostic {
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
