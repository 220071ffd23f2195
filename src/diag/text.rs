//! Findings as a compiler prints them.

use super::{Diagnostic, Label, Severity, Sources};
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

/// A line longer than this is shown around the place only, so that no report is longer than its
/// reader's patience.
const LONGEST_LINE: usize = 400;

/// All findings, each followed by an empty line; with colour when `colour`.
pub fn render(findings: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let sources = &sources.hiding(findings.iter().filter_map(|finding| finding.secret));
    let mut out = String::new();
    for finding in findings {
        out.push_str(&one(finding, sources, &renderer));
        out.push_str("\n\n");
    }
    out
}

/// A title, in which a name may stand that somebody wrote with a line break.
fn in_one_line(message: &str) -> String {
    let spelled = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    message.chars().map(spelled).collect()
}

fn one(finding: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = in_one_line(&finding.message);
    let mut group = level
        .primary_title(&title)
        .id(finding.code.name())
        .elements(finding.primary.as_ref().map(|label| snippet(label, &finding.related, sources)));
    if let Some(primary) = &finding.primary {
        let mut seen = vec![primary.span.file];
        for label in &finding.related {
            if !seen.contains(&label.span.file) {
                seen.push(label.span.file);
                group = group.element(snippet_of_file(label, &finding.related, sources));
            }
        }
    }
    let notes = finding.notes.iter().map(|note| Element::from(Level::NOTE.no_name().message(note)));
    let help = finding.help.iter().map(|help| Element::from(Level::HELP.message(help)));
    let report: &[Group<'_>] = &[group.elements(notes).elements(help)];
    renderer.render(report).to_string()
}

fn snippet<'a>(
    primary: &'a Label,
    related: &'a [Label],
    sources: &'a Sources,
) -> Snippet<'a, Annotation<'a>> {
    let same_file = related.iter().filter(|label| label.span.file == primary.span.file);
    let labels = std::iter::once((primary, AnnotationKind::Primary))
        .chain(same_file.map(|label| (label, AnnotationKind::Context)));
    annotated(primary, labels, sources)
}

fn snippet_of_file<'a>(
    first: &'a Label,
    related: &'a [Label],
    sources: &'a Sources,
) -> Snippet<'a, Annotation<'a>> {
    let labels = related.iter().filter(|label| label.span.file == first.span.file);
    annotated(first, labels.map(|label| (label, AnnotationKind::Context)), sources)
}

fn annotated<'a>(
    place: &Label,
    labels: impl Iterator<Item = (&'a Label, AnnotationKind)>,
    sources: &'a Sources,
) -> Snippet<'a, Annotation<'a>> {
    let source = sources.get(place.span.file);
    let labels: Vec<_> = labels.collect();
    let window = window(&source.text, &labels);
    let mut snippet = Snippet::source(&source.text[window.text.clone()])
        .line_start(window.line)
        .path(source.path.as_str());
    for (label, kind) in labels {
        let inside = |at: u32| {
            let at = (at as usize).clamp(window.text.start, window.text.end) - window.text.start;
            boundary(&source.text[window.text.clone()], at)
        };
        let range = inside(label.span.start)..inside(label.span.end);
        let annotation = kind.span(range);
        snippet = snippet.annotation(match label.text.is_empty() {
            true => annotation,
            false => annotation.label(label.text.as_str()),
        });
    }
    snippet
}

/// The nearest character boundary at or before `at`.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

struct Window {
    text: std::ops::Range<usize>,
    line: usize,
}

/// The part of a text that is shown: the lines from the first label to the last, unless a labelled
/// line is too long to print. The renderer reads all that it is given, for each finding.
fn window(text: &str, labels: &[(&Label, AnnotationKind)]) -> Window {
    let long = labels.iter().any(|(label, _)| {
        let at = boundary(text, (label.span.start as usize).min(text.len()));
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
        end - start > LONGEST_LINE
    });
    if !long {
        let at = |at: u32| boundary(text, (at as usize).min(text.len()));
        let first = labels.iter().map(|(label, _)| at(label.span.start)).min().unwrap_or(0);
        let last = labels.iter().map(|(label, _)| at(label.span.end)).max().unwrap_or(0);
        let start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
        let end =
            text[last.max(first)..].find('\n').map_or(text.len(), |at| last.max(first) + at + 1);
        return Window { text: start..end, line: text[..start].matches('\n').count() + 1 };
    }
    let first = labels.first().map_or(0, |(label, _)| label.span.start as usize).min(text.len());
    let start = boundary(text, first.saturating_sub(60));
    let start = text[start..first.max(start)].rfind('\n').map_or(start, |at| start + at + 1);
    let end = boundary(text, (first + 120).min(text.len()));
    let end =
        text[boundary(text, first)..end].find('\n').map_or(end, |at| boundary(text, first) + at);
    Window { text: start..end.max(start), line: text[..start].matches('\n').count() + 1 }
}
