//! Values by names that somebody chose.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Index;

/// Values by name, in the order of the names. Most tables have a few, and a node of a `BTreeMap` has room
/// for eleven: it takes three times as much memory, of which a whole fleet has many.
#[derive(Clone, Debug, PartialEq)]
pub struct ByName<V>(Vec<(String, V)>);

impl<V> ByName<V> {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        let found = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name));
        found.ok().map(|at| &self.0[at].1)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The names, each with its value.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&String, &V)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Leaves out the names of which `stays` is not true.
    pub fn retain(&mut self, stays: impl Fn(&String) -> bool) {
        self.0.retain(|(name, _)| stays(name));
    }
}

impl<V> Default for ByName<V> {
    fn default() -> ByName<V> {
        ByName(Vec::new())
    }
}

/// Panics where there is no such name.
impl<V> Index<&str> for ByName<V> {
    type Output = V;

    fn index(&self, name: &str) -> &V {
        self.get(name).expect("the table has that name")
    }
}

impl<V> From<BTreeMap<String, V>> for ByName<V> {
    fn from(values: BTreeMap<String, V>) -> ByName<V> {
        ByName(values.into_iter().collect())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for ByName<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ByName<V>, D::Error> {
        BTreeMap::deserialize(deserializer).map(ByName::from)
    }
}

impl<V: JsonSchema> JsonSchema for ByName<V> {
    fn inline_schema() -> bool {
        BTreeMap::<String, V>::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<String, V>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, V>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::ByName;

    #[test]
    fn a_table_is_in_the_order_of_its_names() {
        let mut table: ByName<u8> = toml::from_str("b = 2\nc = 3\na = 1").unwrap();
        let all: Vec<(&str, u8)> = table.iter().map(|(name, one)| (name.as_str(), *one)).collect();
        assert_eq!(all, [("a", 1), ("b", 2), ("c", 3)]);
        assert_eq!((table.get("b"), table.get("d"), table["c"]), (Some(&2), None, 3));
        table.retain(|name| name != "b");
        assert_eq!(table.keys().collect::<Vec<_>>(), ["a", "c"]);
    }
}
