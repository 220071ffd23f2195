//! A finding about an object: where it points to, whoever wrote the place.

use super::{Context, runs, said};
use crate::diag::{Code, Diagnostic, Severity, Span};
use crate::kube::schema::{Fault, What};
use crate::kube::{Kind, ObjectId};
use crate::manifest::Manifest;
use crate::model::Region;
use crate::plan::values::Values;
use crate::yaml::read::{self, Segment};

/// Two manifests describe one object: one of them, at least, is by a template of the user's own.
pub(super) fn twice(id: &ObjectId, a: &Manifest, b: &Manifest, context: Context<'_>) -> Diagnostic {
    let extra = |manifest: &Manifest| matches!(manifest.values, Values::Extra(_) | Values::Own(_));
    let (own, other) = if extra(b) { (b, a) } else { (a, b) };
    // The name, or the kind when the name is spelled by a part.
    let paths = [vec![Segment::Key("metadata"), Segment::Key("name")], vec![Segment::Key("kind")]];
    let place = |manifest: &Manifest| {
        if let (Some(written), Values::Own(own)) = (&manifest.written, &manifest.values) {
            return Some(Span::new(own.file, written.place(&["metadata", "name"])));
        }
        let file = context.templates.file(&manifest.template)?;
        let place = |path: &Vec<Segment<'_>>| {
            let line = read::line_of(&manifest.text, path);
            let templates = context.templates;
            templates.place(&manifest.template, said(manifest), line, context.sources)
        };
        let own = paths.iter().filter_map(place).find(|place| place.file == file);
        Some(own.unwrap_or_else(|| Span::start_of(file)))
    };
    let message = format!(
        "`{}` describes an object that `{}` describes as well",
        own.template, other.template
    );
    let mut finding = Diagnostic::new(Code::OBJECT_TWICE, message)
        .note(format!("both are {id}"))
        .help(format!("change the name in `{}`", own.template));
    finding = match place(own) {
        Some(place) => finding.at(place, "described again here"),
        None => finding.at(own.origin.span, "asked for here"),
    };
    match place(other).filter(|_| extra(other)) {
        Some(first) => finding.related(first, "first here"),
        None => finding.related(
            other.origin.span,
            format!("`{}` asked for `{}.yaml`", other.origin.key, other.file),
        ),
    }
}

/// Something wrong with a manifest, before it is known where its template says so.
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) path: Vec<String>,
    pub(super) line: Option<usize>,
    pub(super) note: Option<String>,
    pub(super) help: Option<String>,
    /// The text is no YAML, so its indentation may be to blame.
    pub(super) not_yaml: bool,
    /// It is an error, whatever is usual for its code.
    pub(super) error: bool,
    /// It is an error unless the service accepts it.
    pub(super) unless_accepted: bool,
}

impl Problem {
    pub(super) fn new(code: Code, message: String) -> Problem {
        Problem {
            code,
            message,
            path: Vec::new(),
            line: None,
            note: None,
            help: None,
            not_yaml: false,
            error: false,
            unless_accepted: false,
        }
    }

    /// Without a place.
    pub(super) fn diagnostic(&self) -> Diagnostic {
        let finding = Diagnostic::new(self.code, self.message.clone());
        match (self.error, self.unless_accepted) {
            (true, _) => finding.severity(Severity::Error),
            (false, true) => finding.unless_accepted(),
            (false, false) => finding,
        }
    }

    /// The finding about what a patch wrote, at this place of it.
    pub(super) fn of_patch(self, place: Span) -> Diagnostic {
        let mut finding = self.diagnostic().at(place, "");
        finding.notes.extend(self.note);
        let toml = self.code == Code::POD_SECURITY;
        finding.help = self.help.map(|help| if toml { help.replace(": ", " = ") } else { help });
        finding
    }

    pub(super) fn at<const N: usize>(mut self, path: [&str; N]) -> Problem {
        self.path = path.map(str::to_owned).to_vec();
        self
    }

    pub(super) fn joins(kind: &Kind, path: Vec<String>) -> Problem {
        let message = format!("pods of this {kind} would get traffic, and would block every drain");
        let help = "label them with `app.kubernetes.io/part-of`, and leave `ninefold.dev/service` to the service's own pods";
        let problem = Problem::new(Code::JOB_JOINS_SERVICE, message);
        Problem { path, help: Some(help.to_owned()), ..problem }
    }

    pub(super) fn of_fault(kind: &Kind, fault: Fault, region: &Region) -> Problem {
        let path = fault.shown_path();
        let (code, message) = match fault.what {
            What::Unknown => (Code::TEMPLATE_FIELD, format!("{kind} has no field `{path}`")),
            What::Missing => (Code::TEMPLATE_FIELD, format!("{kind} needs the field `{path}`")),
            What::Wrong(wrong) => {
                (Code::TEMPLATE_FIELD, format!("`{path}` of {kind} does not fit: {wrong}"))
            }
            What::TooNew(first) => (
                Code::FIELD_TOO_NEW,
                format!("Kubernetes has the field `{path}` of {kind} from {first} on"),
            ),
            What::Gone(last) => (
                Code::API_REMOVED,
                format!("Kubernetes had the field `{path}` of {kind} until {last}"),
            ),
        };
        let of_version = code != Code::TEMPLATE_FIELD;
        let note = of_version.then(|| runs(region));
        let help =
            of_version.then(|| "leave the field out: the API server would drop it".to_owned());
        Problem { path: fault.path, note, help, ..Problem::new(code, message) }
    }

    /// The line of the template that spells it.
    pub(super) fn in_template(&self, manifest: &Manifest, context: Context<'_>) -> Option<Span> {
        let segments: Vec<Segment<'_>> = (self.path.iter())
            .map(|part| part.parse().map_or(Segment::Key(part.as_str()), Segment::Index))
            .collect();
        let line = self.line.unwrap_or_else(|| read::line_of(&manifest.text, &segments));
        (context.templates)
            .place(&manifest.template, said(manifest), line, context.sources)
            .or_else(|| context.templates.file(&manifest.template).map(Span::start_of))
    }

    /// The finding about what a spec says: where its text stands, or the key that asked for the object.
    pub(super) fn of_spec(
        self,
        manifest: &Manifest,
        said: Option<&str>,
        context: Context<'_>,
    ) -> Diagnostic {
        let mut finding = self.diagnostic();
        finding.notes.extend(self.note);
        finding.help = self.help;
        let asked = manifest.origin.span;
        let key = format!("`{}` asked for this object", manifest.origin.key);
        match said.and_then(|said| context.sources.quoted(asked.file, said)) {
            Some(place) => finding.at(place, "").related(asked, key),
            None => finding.at(asked, key),
        }
    }

    pub(super) fn finding(self, manifest: &Manifest, context: Context<'_>) -> Diagnostic {
        if let (Some(written), Values::Own(own)) = (&manifest.written, &manifest.values) {
            let place = Span::new(own.file, written.place(&self.path));
            let mut finding = self.diagnostic().at(place, "");
            finding.notes.extend(self.note);
            finding.help = self.help;
            if self.code == Code::SECRET_LITERAL {
                // All that follows may be its content.
                let end = context.sources.get(own.file).text.len();
                let end = u32::try_from(end).unwrap_or(u32::MAX);
                finding = finding.hiding(Span { start: place.end, end, ..place });
            }
            return finding.related(manifest.origin.span, "named here");
        }
        let place = self.in_template(manifest, context);
        let mut finding = self.diagnostic();
        if let Some(place) = place {
            finding = finding.at(place, "");
        }
        finding.notes.extend(self.note);
        finding.help = self.help.or_else(|| {
            let place = place.filter(|_| self.not_yaml)?;
            context.templates.indentation(&manifest.template, place)
        });
        finding.related(
            manifest.origin.span,
            format!("`{}` asked for this object", manifest.origin.key),
        )
    }
}
