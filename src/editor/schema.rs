//! What may be written at a path, read from a JSON Schema as `spec::schema` makes it.

use serde_json::Value;

/// How many schemas may refer to each other before an answer.
const DEEPEST: usize = 16;

/// Everything that a schema says of the value at one path: the schema itself, what it refers to, and
/// each form that it allows; what is nearest to the path comes first.
#[derive(Clone, Debug)]
pub(super) struct Schemas<'a> {
    root: &'a Value,
    schemas: Vec<&'a Value>,
}

/// A key that a table may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
    /// Whether the table must have it.
    pub(super) required: bool,
}

/// What kind of value stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A table.
    Table,
    /// A list of tables.
    Tables,
    /// A list of anything else.
    List,
    /// Text.
    Text,
    /// A number or a boolean.
    Bare,
    /// One of several.
    Any,
}

impl<'a> Schemas<'a> {
    /// Of the whole document.
    pub(super) fn of(root: &'a Value) -> Schemas<'a> {
        Schemas::from(root, [root])
    }

    fn from(root: &'a Value, found: impl IntoIterator<Item = &'a Value>) -> Schemas<'a> {
        let mut schemas = Vec::new();
        found.into_iter().for_each(|schema| resolve(root, schema, &mut schemas, 0));
        Schemas { root, schemas }
    }

    /// The schemas of the value at `path`; none where nothing may stand there.
    pub(super) fn at(root: &'a Value, path: &[String]) -> Schemas<'a> {
        path.iter().fold(Schemas::of(root), |schemas, segment| schemas.below(segment))
    }

    /// The same of one that is declared here.
    pub(super) fn declared(&self, schema: &'a Value) -> Schemas<'a> {
        Schemas::from(self.root, [schema])
    }

    fn below(&self, segment: &str) -> Schemas<'a> {
        let mut found = Vec::new();
        for schema in &self.schemas {
            let property = schema.get("properties").and_then(|all| all.get(segment));
            let additional = || schema.get("additionalProperties").filter(|one| one.is_object());
            let is_item = segment.bytes().all(|byte| byte.is_ascii_digit());
            found.extend(property.or_else(additional));
            found.extend(schema.get("items").filter(|_| is_item));
        }
        Schemas::from(self.root, found)
    }

    /// Whether nothing is reported.
    pub(super) fn is_empty(&self) -> bool {
        self.schemas.is_empty()
    }

    /// What it means.
    pub(super) fn description(&self) -> Option<&'a str> {
        self.schemas.iter().find_map(|schema| schema.get("description")?.as_str())
    }

    /// What it is when nobody writes it, as TOML.
    pub(super) fn default(&self) -> Option<String> {
        self.schemas.iter().find_map(|schema| toml_of(schema.get("default")?))
    }

    /// Values that could stand there, as TOML.
    pub(super) fn examples(&self) -> Vec<String> {
        let lists = self.schemas.iter().filter_map(|schema| schema.get("examples")?.as_array());
        lists.flatten().filter_map(toml_of).collect()
    }

    /// The words that it is one of, with what each means.
    pub(super) fn words(&self) -> Vec<(&'a str, Option<&'a str>)> {
        let mut words = Vec::new();
        for schema in &self.schemas {
            let meaning = schema.get("description").and_then(Value::as_str);
            words.extend(schema.get("const").and_then(Value::as_str).map(|word| (word, meaning)));
            let list = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice);
            match list {
                Some([only]) => words.extend(only.as_str().map(|word| (word, meaning))),
                list => {
                    let many = list.into_iter().flatten().filter_map(Value::as_str);
                    words.extend(many.map(|word| (word, None)));
                }
            }
        }
        words
    }

    /// Whether it may be `true` or `false`.
    pub(super) fn is_boolean(&self) -> bool {
        self.has_type("boolean")
    }

    /// Every key that the table may have.
    pub(super) fn keys(&self) -> Vec<Key<'a>> {
        let mut keys: Vec<Key<'a>> = Vec::new();
        for schema in &self.schemas {
            let required: Vec<&str> = (schema.get("required").and_then(Value::as_array))
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, schema) in properties.into_iter().flatten() {
                if keys.iter().all(|key| key.name != name) {
                    let required = required.contains(&name.as_str());
                    keys.push(Key { name, schema, required });
                }
            }
        }
        keys
    }

    /// What kind of value it is.
    pub(super) fn shape(&self) -> Shape {
        let is_list = self.has_type("array");
        let is_table = self.has_type("object");
        let is_text = self.has_type("string") || !self.words().is_empty();
        let is_bare = ["integer", "number", "boolean"].iter().any(|name| self.has_type(name));
        match (is_table, is_list, is_text, is_bare) {
            (true, false, false, false) => Shape::Table,
            (false, true, false, false) if self.below("0").has_type("object") => Shape::Tables,
            (false, true, false, false) => Shape::List,
            (false, false, true, false) => Shape::Text,
            (false, false, false, true) => Shape::Bare,
            _ => Shape::Any,
        }
    }

    /// Its type and its form, in the words of a reader of TOML.
    pub(super) fn form(&self) -> &'a str {
        let format = self.schemas.iter().find_map(|schema| schema.get("format")?.as_str());
        match (format, self.shape()) {
            (_, Shape::Table) => "table",
            (_, Shape::Tables) => "list of tables",
            (_, Shape::List) => "list",
            (Some(format), Shape::Text) => format,
            (None, Shape::Text) => "text",
            (_, Shape::Bare) if self.is_boolean() => "true or false",
            (_, Shape::Bare) => "number",
            (_, Shape::Any) => "one of several forms",
        }
    }

    fn has_type(&self, name: &str) -> bool {
        let types = self.schemas.iter().filter_map(|schema| schema.get("type"));
        types.into_iter().any(|types| {
            types == name || types.as_array().is_some_and(|all| all.iter().any(|one| one == name))
        })
    }
}

/// Adds a schema, and every one that it stands for.
fn resolve<'a>(root: &'a Value, schema: &'a Value, found: &mut Vec<&'a Value>, depth: usize) {
    if depth > DEEPEST || !schema.is_object() {
        return;
    }
    found.push(schema);
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
        && let Some(target) = root.pointer(reference.trim_start_matches('#'))
    {
        resolve(root, target, found, depth + 1);
    }
    for several in ["allOf", "anyOf", "oneOf"] {
        let forms = schema.get(several).and_then(Value::as_array);
        forms.into_iter().flatten().for_each(|form| resolve(root, form, found, depth + 1));
    }
}

/// A value as TOML writes it in one line; nothing for what TOML has not.
fn toml_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
        // JSON and TOML have the same escapes.
        Value::String(text) => serde_json::to_string(text).ok()?,
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(toml_of).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Option<Vec<String>> = map
                .iter()
                .map(|(key, value)| Some(format!("{key} = {}", toml_of(value)?)))
                .collect();
            format!("{{ {} }}", entries?.join(", "))
        }
    })
}
