//! What a spec merges into the objects of its service.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::schema::merge;
use crate::spec::Document;
use crate::yaml::Value;
use std::collections::BTreeMap;

/// What becomes of one object.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The stem of its file.
    pub object: String,
    /// What is merged into it.
    pub value: Value,
    /// The paths that are taken out of it first, in the order of the spec.
    pub remove: Vec<Vec<String>>,
}

/// Reads the patches of a spec. A path that is none is reported.
pub(super) fn read(
    sink: &mut Sink,
    document: &Document,
    written: BTreeMap<String, toml::Table>,
) -> Vec<Patch> {
    let patches = written.into_iter().map(|(object, mut table)| {
        let remove = removed(sink, document, &object, table.remove("remove"));
        let mut value = value(toml::Value::Table(table));
        value.sort();
        Patch { object, value, remove }
    });
    patches.collect()
}

fn removed(
    sink: &mut Sink,
    document: &Document,
    object: &str,
    written: Option<toml::Value>,
) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let items = match written {
        None => return paths,
        Some(toml::Value::Array(items)) => items,
        Some(other) => vec![other],
    };
    for (index, item) in items.iter().enumerate() {
        let steps = item.as_str().map(merge::steps);
        match steps {
            Some(Ok(steps)) => paths.push(steps),
            wrong => {
                let why = wrong.and_then(Result::err);
                let finding = Diagnostic::new(Code::WRONG_VALUE, "this is not a path to remove")
                    .at(
                        document.at(&["patch", object, "remove", &index.to_string()]),
                        why.unwrap_or_default(),
                    )
                    .help("`remove` is a list of paths: `remove = [\"spec.template.spec.containers[app].tty\"]`");
                sink.error(finding);
            }
        }
    }
    paths
}

/// TOML as YAML has it; what YAML cannot say was refused before.
fn value(written: toml::Value) -> Value {
    match written {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::Int(number),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::Boolean(bool) => Value::Bool(bool),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => Value::List(items.into_iter().map(value).collect()),
        toml::Value::Table(table) => {
            Value::Map(table.into_iter().map(|(key, field)| (key, value(field))).collect())
        }
    }
}
