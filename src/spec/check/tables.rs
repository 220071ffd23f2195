//! Whether a table has the keys that it must have, and no others.

use super::foreign::{self, Subject};
use super::words::{Syntax, shown};
use super::{Checker, Shape};
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::spec::characters;
use crate::spec::document::Node;
use toml::de::DeTable;

/// Keys of earlier versions, and what stands in for them.
const REMOVED: [(&str, &str); 1] = [(
    "retain",
    "a former generation stays until a person removes it: `ninefold retire --observed FILE`; nothing has to be counted",
)];

/// Keys at the top that a table may well have, too: whoever writes one there means the table.
const ANYWHERE: &[&str] = &[
    "name",
    "namespace",
    "image",
    "kind",
    "command",
    "args",
    "config",
    "secrets",
    "files",
    "ports",
    "probes",
    "volumes",
    "capacity",
];

fn misplaced(place: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MISPLACED_KEY,
        format!("`{name}` below `[config]` is only an environment variable"),
    )
    .at(place, "a key of the service, by its name")
    .note("in TOML, a key that is written below a table belongs to it")
    .help(format!(
        "write `{name}` above the first line in brackets; if the service does read such a variable, \
         `[[accept]]` takes this finding: `rule = \"misplaced-key\"`"
    ))
    .unless_accepted()
}

/// Of several tables, the one that a person meant: whose required keys are all there, or most of
/// whose keys are. Whoever uses none of them means the one whose keys are names.
pub(super) fn meant<'s>(table: &DeTable<'_>, variants: &[&'s Shape]) -> Option<&'s Shape> {
    let score = |variant: &Shape| match &variant.properties {
        Some(properties) => {
            let keys = table.keys().filter(|key| properties.contains_key(&**key.get_ref())).count();
            let complete = variant.required.iter().all(|key| table.contains_key(&**key));
            ((keys > 0 && complete, keys), false)
        }
        None => ((false, 0), true),
    };
    // Of equals, the first.
    variants.iter().rev().copied().max_by_key(|variant| score(variant))
}

impl Checker<'_> {
    pub(super) fn table(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        table: &DeTable<'_>,
        shape: &Shape,
        above: Option<&str>,
    ) {
        for (key, value) in table {
            let place = Span::new(self.file, key.span());
            let name: &str = key.get_ref();
            if let Err(finding) = characters::check(name, place) {
                sink.error(*finding);
            }
            if self.is_misplaced(above, name) {
                sink.report(misplaced(place, name));
                continue;
            }
            match shape.property(name).or(shape.additional.as_deref()) {
                Some(shape) => self.node(sink, value, shape, Some(name)),
                None if REMOVED.iter().any(|(key, _)| *key == name) => {
                    let help = REMOVED.iter().find(|(key, _)| *key == name).map_or("", |row| row.1);
                    sink.error(
                        Diagnostic::new(Code::KEY_REMOVED, format!("`{name}` is gone"))
                            .at(place, "remove this line")
                            .help(help),
                    );
                }
                None => {
                    let known: Vec<&str> = shape.keys().collect();
                    // A table under a header spans no more than the header.
                    let under_header = node.span().end <= key.span().start;
                    sink.error(
                        Diagnostic::new(
                            Code::UNKNOWN_KEY,
                            format!("unknown key `{}`", shown(name)),
                        )
                        .at(place, "has no meaning here")
                        .help(self.instead_of(
                            name,
                            &known,
                            above,
                            under_header,
                        )),
                    );
                }
            }
        }
        let required = shape.required.iter().map(String::as_str);
        let missing: Vec<&str> = required.filter(|name| !table.contains_key(*name)).collect();
        if !missing.is_empty() {
            self.missing(sink, node, &missing, shape);
        }
    }

    /// What to write instead of a key that is not known in the table `above`.
    fn instead_of(
        &self,
        name: &str,
        known: &[&str],
        above: Option<&str>,
        under_header: bool,
    ) -> String {
        if let Some(ours) = foreign::respelled(name, known.iter().copied()) {
            return format!("did you mean `{ours}`?");
        }
        let near = || {
            let ours = diag::nearest(name, known.iter().copied());
            ours.map(|ours| format!("did you mean `{ours}`?"))
        };
        let answer = match above {
            // In a table, a word near one of its own is meant for that.
            Some(above) => foreign::answer_in(self.subject, above, name)
                .or_else(near)
                .or_else(|| foreign::answer(self.subject, name)),
            None => foreign::answer(self.subject, name).or_else(near),
        };
        if let Some(answer) = answer {
            return answer;
        }
        if above.is_some() && self.is_at_the_top(name) && !ANYWHERE.contains(&name) {
            // In TOML, a key that is written below a table belongs to it.
            return match under_header {
                true => format!("`{name}` belongs above the first line in brackets"),
                false => format!("`{name}` is a key of the whole file: write it at the top"),
            };
        }
        let known = diag::did_you_mean(name, known.iter().copied());
        match (above, self.subject) {
            (None, Subject::Service) => format!("{known}; {}", foreign::UNKNOWN),
            _ => known,
        }
    }

    fn is_at_the_top(&self, name: &str) -> bool {
        self.syntax == Syntax::Toml && self.root.property(name).is_some()
    }

    /// Whether a key of the service itself stands below `[config]`, where it would become an
    /// environment variable that nobody reads.
    fn is_misplaced(&self, above: Option<&str>, name: &str) -> bool {
        self.subject == Subject::Service && above == Some("config") && self.is_at_the_top(name)
    }

    fn missing(&self, sink: &mut Sink, node: &Node<'_>, missing: &[&str], shape: &Shape) {
        let examples: Vec<String> = (missing.iter())
            .map(|name| {
                let example = shape.property(name).map_or("\"…\"".to_owned(), example);
                self.syntax.entry(name, &example)
            })
            .collect();
        let place = self.span(node);
        // The root table spans the whole file; its first byte is enough.
        let place = if place.start == 0 { Span { end: 0, ..place } } else { place };
        let verb = if missing.len() == 1 { "is" } else { "are" };
        sink.error(
            Diagnostic::new(
                Code::MISSING_KEY,
                format!("{} {verb} missing", diag::list(missing.iter().copied())),
            )
            .at(place, "belongs here")
            .help(format!("add `{}`", examples.join("`, `"))),
        );
    }
}

/// What a value looks like.
fn example(shape: &Shape) -> String {
    // What is of no known form is the user's own: nobody should copy it from here.
    if let Some(example) = &shape.example {
        return format!("\"{example}\"");
    }
    match shape.type_name {
        "array" => {
            let item = shape.items.as_deref().map_or("\"…\"".to_owned(), example);
            format!("[{item}]")
        }
        "integer" | "number" => "…".to_owned(),
        "object" => "{ … }".to_owned(),
        _ => "\"…\"".to_owned(),
    }
}
