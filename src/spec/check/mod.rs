//! Holds a document against its JSON Schema: every unknown key, missing key, wrong type and wrong
//! value becomes a finding, all in one run.
//!
//! Two syntaxes have the same tree; they differ in what a finding says to write instead.

mod words; //   how it is said
mod foreign; // what other tools call it

pub(super) use foreign::Subject;
pub(super) use words::Syntax;

use super::characters;
use super::document::Node;
use crate::diag::{self, Code, Diagnostic, FileId, Sink, Span};
use crate::quantity;
use serde_json::Value as Schema;
use toml::de::{DeTable, DeValue};
use words::{be, instead, one_of, shown};

/// Reports everything below `root` that `schema` does not allow. What stands in `secrets` is
/// reported already, and must not be shown.
pub(super) fn check(
    sink: &mut Sink,
    file: FileId,
    root: &Node<'_>,
    (schema, syntax, subject): (&Schema, Syntax, Subject),
    secrets: &[Span],
) {
    Checker { root: schema, syntax, subject, file, secrets }.node(sink, root, schema, None);
}

/// Keys of earlier versions, and what stands in for them.
const REMOVED: [(&str, &str); 1] = [(
    "retain",
    "a former generation stays until a person removes it: `ninefold retire --observed FILE`; nothing has to be counted",
)];

struct Checker<'a> {
    root: &'a Schema,
    syntax: Syntax,
    subject: Subject,
    file: FileId,
    secrets: &'a [Span],
}

impl Checker<'_> {
    fn span(&self, node: &Node<'_>) -> Span {
        Span::new(self.file, node.span())
    }

    /// Checks one value; `key` is what it stands under.
    fn node(&self, sink: &mut Sink, node: &Node<'_>, schema: &Schema, key: Option<&str>) {
        if self.secrets.contains(&self.span(node)) {
            return;
        }
        if *schema == Schema::Bool(true) {
            return self.anything(sink, node, key);
        }
        let Some(schema) = self.resolve(schema, node) else {
            let mut expected = Vec::new();
            self.expected(schema, &mut expected);
            self.wrong_type(sink, node, key, &one_of(&expected), None);
            return;
        };
        if let Some(words) = words(schema) {
            return self.word(sink, node, key, &words);
        }
        let expected = schema.get("type").and_then(Schema::as_str).unwrap_or_default();
        match (node.get_ref(), expected) {
            (DeValue::Table(table), "object" | "") => self.table(sink, node, table, schema, key),
            (DeValue::Array(items), "array" | "") => {
                let min = schema.get("minItems").and_then(Schema::as_u64).unwrap_or(0);
                if (items.len() as u64) < min {
                    self.wrong_value(sink, node, key, "at least one is needed".to_owned());
                }
                if let Some(schema) = schema.get("items") {
                    items.iter().for_each(|item| self.node(sink, item, schema, key));
                }
            }
            (DeValue::String(text), "string" | "") => self.text(sink, node, text, schema, key),
            (DeValue::Boolean(_), "boolean" | "") => {}
            (DeValue::Integer(number), "integer" | "number" | "") => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
                    Ok(number) => self.range(sink, node, number as f64, schema, key),
                    Err(_) => {
                        self.wrong_value(sink, node, key, "it does not fit 64 bits".to_owned());
                    }
                }
            }
            (DeValue::Float(number), "number" | "") => {
                match number.as_str().replace('_', "").parse::<f64>() {
                    Ok(number) if number.is_finite() => {
                        self.range(sink, node, number, schema, key);
                    }
                    Ok(_) | Err(_) => {
                        self.wrong_value(sink, node, key, "a finite number is needed".to_owned());
                    }
                }
            }
            _ => self.wrong_type(sink, node, key, self.syntax.named(expected), Some(schema)),
        }
    }

    /// Checks a value that may have any type: what it holds must still be what YAML can say.
    fn anything(&self, sink: &mut Sink, node: &Node<'_>, key: Option<&str>) {
        const ANY: Schema = Schema::Bool(true);
        match node.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let name: &str = key.get_ref();
                    if let Err(finding) = characters::check(name, Span::new(self.file, key.span()))
                    {
                        sink.error(*finding);
                    }
                    self.node(sink, value, &ANY, Some(name));
                }
            }
            DeValue::Array(items) => items.iter().for_each(|item| self.node(sink, item, &ANY, key)),
            DeValue::String(_) => self.typed(sink, node, "string", key),
            DeValue::Integer(_) => self.typed(sink, node, "integer", key),
            DeValue::Float(_) => self.typed(sink, node, "number", key),
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn typed(&self, sink: &mut Sink, node: &Node<'_>, name: &str, key: Option<&str>) {
        self.node(sink, node, &serde_json::json!({ "type": name }), key);
    }

    fn table(
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

    fn text(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        text: &str,
        schema: &Schema,
        key: Option<&str>,
    ) {
        if let Err(finding) = characters::check(text, self.span(node)) {
            sink.error(*finding);
            return;
        }
        let format = schema.get("format").and_then(Schema::as_str);
        let format = quantity::FORMATS.iter().find(|known| Some(known.name) == format);
        if let Some(Err(problem)) = format.map(|format| (format.check)(text)) {
            self.wrong_value(sink, node, key, problem);
        }
    }

    fn word(&self, sink: &mut Sink, node: &Node<'_>, key: Option<&str>, words: &[&str]) {
        match node.get_ref() {
            DeValue::String(text) if words.contains(&text.as_ref()) => {}
            DeValue::String(text) => {
                let same = words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
                let help = match same.or_else(|| diag::nearest(text, words.iter().copied())) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None if words.len() == 1 => format!("the only word for it is `{}`", words[0]),
                    None => format!("it is one of {}", diag::list(words.iter().copied())),
                };
                let what = key.map_or(String::new(), |key| format!(" for `{key}`"));
                sink.error(
                    Diagnostic::new(
                        Code::WRONG_VALUE,
                        format!("`{}` is not a value{what}", shown(text)),
                    )
                    .at(self.span(node), "")
                    .help(help),
                );
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                let words = diag::list(words.iter().copied());
                self.wrong_type(sink, node, key, &format!("one of {words}"), None);
            }
        }
    }

    fn range(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        number: f64,
        schema: &Schema,
        key: Option<&str>,
    ) {
        let bound = |name| schema.get(name).and_then(Schema::as_f64);
        let (min, max) = (bound("minimum"), bound("maximum"));
        let problem = match (min, max) {
            (Some(min), Some(max)) if number < min || number > max => {
                format!("it is from {min} to {max}")
            }
            (Some(min), None) if number < min => format!("it is at least {min}"),
            (None, Some(max)) if number > max => format!("it is at most {max}"),
            _ => return,
        };
        self.wrong_value(sink, node, key, problem);
    }

    fn wrong_value(&self, sink: &mut Sink, node: &Node<'_>, key: Option<&str>, problem: String) {
        let what = key.map_or("this value".to_owned(), |key| format!("`{}`", shown(key)));
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("{what} cannot {}", be(node.get_ref())))
                .at(self.span(node), "")
                .help(problem),
        );
    }

    fn wrong_type(
        &self,
        sink: &mut Sink,
        node: &Node<'_>,
        key: Option<&str>,
        expected: &str,
        schema: Option<&Schema>,
    ) {
        let what = key.map_or("this value".to_owned(), |key| format!("`{}`", shown(key)));
        let found = match node.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => self.syntax.named("object"),
        };
        let finding =
            Diagnostic::new(Code::WRONG_TYPE, format!("{what} takes {expected}, found {found}"))
                .at(self.span(node), "");
        sink.error(match instead(node.get_ref(), expected, schema, self.syntax) {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    /// What a schema refers to.
    fn target<'s>(&'s self, schema: &'s Schema) -> &'s Schema {
        if let Some(reference) = schema.get("$ref").and_then(Schema::as_str) {
            let mut keys = reference.trim_start_matches("#/").split('/');
            let target = keys.try_fold(self.root, |schema, key| schema.get(key));
            return self.target(target.expect("a generated schema refers to itself"));
        }
        match schema.get("allOf").and_then(Schema::as_array).map(Vec::as_slice) {
            Some([only]) => self.target(only),
            _ => schema,
        }
    }

    /// Follows references and picks the variant that fits the type of `node`.
    fn resolve<'s>(&'s self, schema: &'s Schema, node: &Node<'_>) -> Option<&'s Schema> {
        let schema = self.target(schema);
        let Some(variants) = schema.get("anyOf").and_then(Schema::as_array) else {
            return Some(schema);
        };
        let variants = variants.iter().filter_map(|variant| self.resolve(variant, node));
        let mut fitting = variants.filter(|found| fits(node.get_ref(), type_of(found)));
        match node.get_ref() {
            DeValue::Table(table) => meant(table, &fitting.collect::<Vec<_>>()),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => fitting.next(),
        }
    }

    /// What the variants of a schema take, in words; none twice.
    fn expected(&self, schema: &Schema, named: &mut Vec<String>) {
        let schema = self.target(schema);
        if let Some(variants) = schema.get("anyOf").and_then(Schema::as_array) {
            return variants.iter().for_each(|variant| self.expected(variant, named));
        }
        let names = match words(schema) {
            Some(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect(),
            None => vec![self.syntax.named(type_of(schema)).to_owned()],
        };
        for name in names {
            if !named.contains(&name) {
                named.push(name);
            }
        }
    }
}

/// The type that a schema asks for. An enumeration of words may name none.
fn type_of(schema: &Schema) -> &str {
    schema.get("type").and_then(Schema::as_str).unwrap_or("string")
}

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
fn meant<'s>(table: &DeTable<'_>, variants: &[&'s Schema]) -> Option<&'s Schema> {
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

fn fits(value: &DeValue<'_>, schema_type: &str) -> bool {
    match value {
        DeValue::String(_) | DeValue::Datetime(_) => schema_type == "string",
        DeValue::Integer(_) => matches!(schema_type, "integer" | "number"),
        DeValue::Float(_) => schema_type == "number",
        DeValue::Boolean(_) => schema_type == "boolean",
        DeValue::Array(_) => schema_type == "array",
        DeValue::Table(_) => schema_type == "object",
    }
}

/// The words of an enumeration.
fn words(schema: &Schema) -> Option<Vec<&str>> {
    if let Some(words) = schema.get("enum").and_then(Schema::as_array) {
        return Some(words.iter().filter_map(Schema::as_str).collect());
    }
    let variants = schema.get("oneOf").and_then(Schema::as_array)?;
    let word =
        |variant: &'_ Schema| variant.get("const").is_some() || variant.get("enum").is_some();
    variants.iter().all(word).then(|| {
        let of = |variant| {
            let constant = Schema::get(variant, "const").into_iter();
            let listed = Schema::get(variant, "enum").and_then(Schema::as_array).into_iter();
            constant.chain(listed.flatten()).filter_map(Schema::as_str)
        };
        variants.iter().flat_map(of).collect()
    })
}
