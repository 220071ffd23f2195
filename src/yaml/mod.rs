//! YAML syntax: the only code that knows it.

pub mod field_order; // the order of fields in a document
mod events; //    what the parser reads → values
pub mod read; //  text → values
mod block; //     the same of block style, which is nearly all of it
mod scalar; //    what `yes` and `0644` mean
pub(crate) mod pointer; // keys in JSON pointers
pub mod written; // text that a person wrote → values with places
pub mod write; // values → canonical bytes

/// A YAML value, in the form that reading and writing share.
///
/// Maps keep their entries in the order of [`crate::yaml::field_order`], once [`Value::sort`] has
/// been called; hashing never depends on it, and equality only of maps that are sorted.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, as Kubernetes never has in the kinds that we emit, and as a
    /// custom resource may.
    Float(f64),
    /// Text.
    String(String),
    /// A sequence.
    List(Vec<Value>),
    /// A mapping from text to values.
    Map(Vec<(String, Value)>),
}

/// More entries than are looked at one by one.
const MANY: usize = 64;

impl Value {
    /// The entry of a map.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let entries = self.entries();
        // Nearly every map is sorted, and in a large one nobody looks at each entry for each.
        if entries.len() > MANY
            && let Ok(at) = entries.binary_search_by(|(k, _)| field_order::compare(k, key))
        {
            return Some(&entries[at].1);
        }
        entries.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// The entry at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The entry of a map, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries_mut()?.iter_mut().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    /// Puts an entry into a sorted map, in place of one with the same key. Nothing happens to a
    /// value that is no map.
    pub fn insert(&mut self, key: &str, value: Value) {
        let Some(entries) = self.entries_mut() else { return };
        let found = entries.binary_search_by(|(k, _)| crate::yaml::field_order::compare(k, key));
        match found {
            Ok(at) => entries[at].1 = value,
            Err(at) => entries.insert(at, (key.to_owned(), value)),
        }
    }

    /// Takes an entry out of a map.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let entries = self.entries_mut()?;
        let at = entries.iter().position(|(k, _)| k == key)?;
        Some(entries.remove(at).1)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[(String, Value)] {
        if let Value::Map(entries) = self { entries } else { &[] }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Value] {
        if let Value::List(items) = self { items } else { &[] }
    }

    /// The same, to change them.
    pub fn items_mut(&mut self) -> &mut [Value] {
        if let Value::List(items) = self { items } else { &mut [] }
    }

    fn entries_mut(&mut self) -> Option<&mut Vec<(String, Value)>> {
        if let Value::Map(entries) = self { Some(entries) } else { None }
    }

    /// Puts every map, at every depth, into the order of fields.
    pub fn sort(&mut self) {
        match self {
            Value::Map(entries) => {
                entries.sort_by(|(a, _), (b, _)| crate::yaml::field_order::compare(a, b));
                entries.iter_mut().for_each(|(_, value)| value.sort());
            }
            Value::List(items) => items.iter_mut().for_each(Value::sort),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {}
        }
    }

    /// What a reader would call it: "a map", "a string", …
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "a whole number",
            Value::Float(_) => "a number with a fraction",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(bool) => (*bool).into(),
            Value::Int(int) => (*int).into(),
            Value::Float(float) => (*float).into(),
            Value::String(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(serde_json::Value::from).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, value)| (key.clone(), value.into())).collect(),
            ),
        }
    }
}
