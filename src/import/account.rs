//! The account: every leaf of every object, in exactly one column.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What became of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// A field of the spec says it.
    Field,
    /// A patch of the spec says it.
    Patch,
    /// It stands in a file of manifests, as it was.
    Manifest,
    /// What is promised says more, or says it better.
    Improved,
    /// A cluster fills it in, or it says nothing, or it is a credential.
    Dropped,
}

/// Every column, in the order of the table.
pub const COLUMNS: [Column; 5] =
    [Column::Field, Column::Patch, Column::Manifest, Column::Improved, Column::Dropped];

impl Column {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Column::Field => "field",
            Column::Patch => "patch",
            Column::Manifest => "manifest",
            Column::Improved => "improved",
            Column::Dropped => "dropped",
        }
    }
}

/// A leaf of an object of the source.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Leaf {
    /// `Deployment/shop/web`: kind, namespace as it was written, name.
    pub object: String,
    /// A JSON pointer into that object.
    pub path: String,
    /// What became of it.
    pub column: Column,
    /// What it says. A credential is hidden.
    pub value: serde_json::Value,
    /// Where it is in what is emitted, and what stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emitted: Option<Seen>,
    /// Why it is another one, or not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A value in what is emitted.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Seen {
    /// The file, below the tree.
    pub file: String,
    /// A JSON pointer into its object.
    pub path: String,
    /// What stands there.
    pub value: serde_json::Value,
}

/// The account of an import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Account {
    /// Every leaf, in the order of the input.
    pub leaves: Vec<Leaf>,
}

/// JSON Schema, draft-07, of an account.
pub static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(|| {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Account>().to_value()
});

impl Account {
    /// The account as JSON.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("it holds texts and numbers");
        format!("{text}\n")
    }

    /// How many leaves a column has.
    pub fn count(&self, column: Column) -> usize {
        self.leaves.iter().filter(|leaf| leaf.column == column).count()
    }

    /// A table: a row for each kind of object, and the sum.
    pub fn to_table(&self) -> String {
        let mut kinds: BTreeMap<&str, (std::collections::BTreeSet<&str>, [usize; 5])> =
            BTreeMap::new();
        for leaf in &self.leaves {
            let kind = leaf.object.split('/').next().unwrap_or_default();
            let (objects, counts) = kinds.entry(kind).or_default();
            objects.insert(&leaf.object);
            counts[leaf.column as usize] += 1;
        }
        let mut rows = vec![head()];
        let mut sum = (0, [0; 5]);
        for (kind, (objects, counts)) in &kinds {
            rows.push(row(kind, objects.len(), counts));
            sum.0 += objects.len();
            counts.iter().zip(&mut sum.1).for_each(|(count, sum)| *sum += count);
        }
        rows.push(row("all", sum.0, &sum.1));
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
                0 => format!("{cell:width$}"),
                _ => format!("{cell:>width$}"),
            });
            format!("{}\n", cells.collect::<Vec<String>>().join("  "))
        };
        rows.iter().map(line).collect()
    }
}

fn head() -> Vec<String> {
    let columns = COLUMNS.iter().map(|column| column.word());
    ["", "objects", "leaves"].into_iter().chain(columns).map(str::to_owned).collect()
}

fn row(name: &str, objects: usize, counts: &[usize; 5]) -> Vec<String> {
    let leaves = counts.iter().sum::<usize>();
    let numbers = [objects, leaves].into_iter().chain(counts.iter().copied());
    std::iter::once(name.to_owned()).chain(numbers.map(|number| number.to_string())).collect()
}
