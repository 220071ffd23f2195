//! Whether a table has the keys that it must have, and no others.

use super::Checker;
use super::foreign::{self, Subject};
use super::words::{Syntax, shown};
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::spec::characters;
use crate::spec::document::Node;
use serde_json::Value as Schema;
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
pub(super) fn meant<'s>(table: &DeTable<'_>, variants: &[&'s Schema]) -> Option<&'s Schema> {
    let known = |variant: &Schema| {
        let properties = variant.get("properties").and_then(Schema::as_object)?;
        let keys = table.keys().filter(|key| properties.contains_key(&**key.get_ref())).count();
        let required = variant.get("required").and_then(Schema::as_array);
        let complete = (required.into_iter().flatten().filter_map(Schema::as_str))
            .all(|key| table.contains_key(key));
        Some((keys > 0 && complete, keys))
    };
    let named = |variant: &Schema| variant.get("properties").is_none();
    let score = |variant: &Schema| (known(variant).unwrap_or((false, 0)), named(variant));
    // Of equals, the first.
    variants.iter().rev().copied().max_by_key(|variant| score(variant))
}

impl Checker<'_> {
    pub(super) fn table(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        table: &DeTable<'_>,
        schema: &Schema,
        above: Option<&str>,
    ) {
        let empty = serde_json::Map::new();
        let properties = schema.get("properties").and_then(Schema::as_object).unwrap_or(&empty);
        let additional =
            schema.get("additionalProperties").filter(|one| **one != Schema::Bool(false));
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
            match properties.get(name).or(additional) {
                Some(schema) => self.node(sink, value, schema, Some(name)),
                None if REMOVED.iter().any(|(key, _)| *key == name) => {
                    let help = REMOVED.iter().find(|(key, _)| *key == name).map_or("", |row| row.1);
                    sink.error(
                        Diagnostic::new(Code::KEY_REMOVED, format!("`{name}` is gone"))
                            .at(place, "remove this line")
                            .help(help),
                    );
                }
                None => {
                    let known: Vec<&str> = properties.keys().map(String::as_str).collect();
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
        let required = schema.get("required").and_then(Schema::as_array);
        let missing: Vec<&str> = (required.into_iter().flatten().filter_map(Schema::as_str))
            .filter(|name| !table.contains_key(*name))
            .collect();
        if !missing.is_empty() {
            self.missing(sink, node, &missing, properties);
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
        self.syntax == Syntax::Toml
            && self.root.get("properties").and_then(|top| top.get(name)).is_some()
    }

    /// Whether a key of the service itself stands below `[config]`, where it would become an
    /// environment variable that nobody reads.
    fn is_misplaced(&self, above: Option<&str>, name: &str) -> bool {
        self.subject == Subject::Service && above == Some("config") && self.is_at_the_top(name)
    }

    fn missing(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        missing: &[&str],
        properties: &serde_json::Map<String, Schema>,
    ) {
        let examples: Vec<String> = (missing.iter())
            .map(|name| {
                let schema = properties.get(*name).unwrap_or(&Schema::Null);
                self.syntax.entry(name, &self.example(schema))
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

    /// What a value looks like.
    fn example(&self, schema: &Schema) -> String {
        let schema = self.target(schema);
        // What is of no known form is the user's own: nobody should copy it from here.
        let of_form = schema.get("format").and_then(|_| schema.pointer("/examples/0"));
        if let Some(example) = of_form.and_then(Schema::as_str) {
            return format!("\"{example}\"");
        }
        match schema.get("type").and_then(Schema::as_str) {
            Some("array") => {
                format!("[{}]", self.example(schema.get("items").unwrap_or(&Schema::Null)))
            }
            Some("integer" | "number") => "…".to_owned(),
            Some("object") => "{ … }".to_owned(),
            _ => "\"…\"".to_owned(),
        }
    }
}
