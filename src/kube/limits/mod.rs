//! What a cluster refuses of an object that fits its type: names, numbers, sizes, and fields that
//! exclude each other.
//!
//! Most of it is rows: a field and the form of what stands there. What fields say together is a
//! function for each kind. One walk goes through an object, along the rows of its kind.

mod form; //    what a text or a number must be
mod table; //   the form of each field
mod tree; //    the rows of a kind as one tree, to walk it once
mod pod; //     what the fields of a pod say together
mod runtime; // of a container, and of what it mounts
mod amounts; // of amounts
mod objects; // the same of other kinds
mod service; // of the addresses of a Service
mod routes; //  and of what leads users to a Service
mod size; //    how large things may be
pub mod files; // what a checkout can hold

pub use runtime::is_in_proc;
pub use size::{ANNOTATIONS, LONGEST_STRING, STRINGS, applied};

use super::version::Version;
use super::{Kind, references, schema};
use crate::yaml::Value;

/// Who says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The API server refuses the object.
    Object,
    /// The object is larger than it stores.
    Size,
    /// The API server takes the object, and no pod of it starts.
    Start,
    /// The kernel starts no process with so much.
    Kernel,
}

/// Something that a cluster refuses.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// Who says no.
    pub by: Refusal,
    /// Where, from the root of the object: keys, and numbers of items.
    pub path: Vec<String>,
    /// What is wrong there, to be read behind the path: "cannot be `x`: …".
    pub what: String,
    /// What to write instead, where there is something.
    pub instead: Option<String>,
}

/// Everything that a cluster of `version` refuses of an object of `kind`.
pub fn refused(kind: &Kind, value: &Value, version: Version) -> Vec<Refused> {
    of(kind, value, None, version)
}

/// The same of an object beside `right`, which is of the same kind, and of which a cluster of `version`
/// refuses nothing: one of another region, mostly. Equal fields are not looked at again.
pub fn refused_beside(kind: &Kind, value: &Value, right: &Value, version: Version) -> Vec<Refused> {
    of(kind, value, Some(right), version)
}

fn of(kind: &Kind, value: &Value, right: Option<&Value>, version: Version) -> Vec<Refused> {
    let mut found = Found { version, all: Vec::new() };
    let root = Path::root();
    let group = schema::group(kind.api_version());
    tree::walk(&tree::TREES.metadata, value, right, &root, &mut found);
    size::check(group, kind.name(), value, &mut found);
    if right.is_some_and(|right| says_the_same(value, right)) {
        return found.all;
    }
    if let Some(tree) = tree::TREES.kind(group, kind.name()) {
        tree::walk(tree, value, right, &root, &mut found);
    }
    if let Some(pods) = references::pods(kind) {
        pod_at(
            &pods,
            (value, right),
            &root,
            &mut found,
            &pod::Of { group, kind: kind.name(), object: value },
        );
    }
    found.all
}

/// Whether two objects have one name, and all but their labels and annotations is equal.
fn says_the_same(one: &Value, other: &Value) -> bool {
    let rest = |value| Value::entries(value).iter().filter(|(key, _)| key != "metadata");
    one.at(&["metadata", "name"]) == other.at(&["metadata", "name"]) && rest(one).eq(rest(other))
}

/// Walks to the `spec` of the pods, and through it.
fn pod_at(
    steps: &[&str],
    (value, right): (&Value, Option<&Value>),
    path: &Path<'_>,
    found: &mut Found,
    of: &pod::Of<'_>,
) {
    match steps.split_first() {
        None => {
            tree::walk(&tree::TREES.pod, value, right, path, found);
            pod::check(value, path, found, of);
        }
        Some((step, rest)) => {
            let Some(below) = value.get(step) else { return };
            let right = right.and_then(|right| right.get(step));
            pod_at(rest, (below, right), &path.key(step), found, of);
        }
    }
}

/// What was found so far.
struct Found {
    version: Version,
    all: Vec<Refused>,
}

impl Found {
    /// Something that the API server refuses.
    fn refuse(&mut self, path: &Path<'_>, what: impl Into<String>, instead: Option<String>) {
        self.report(Refusal::Object, path, what.into(), instead);
    }

    fn report(&mut self, by: Refusal, path: &Path<'_>, what: String, instead: Option<String>) {
        self.all.push(Refused { by, path: path.steps(), what, instead });
    }
}

/// Where something stands. It is put into words only when something is wrong there.
#[derive(Clone, Copy)]
struct Path<'a> {
    above: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl<'a> Path<'a> {
    fn root() -> Path<'static> {
        Path { above: None, step: Step::Key("") }
    }

    fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { above: Some(self), step: Step::Key(key) }
    }

    fn item(&'a self, index: usize) -> Path<'a> {
        Path { above: Some(self), step: Step::Item(index) }
    }

    fn steps(&self) -> Vec<String> {
        let Some(above) = self.above else { return Vec::new() };
        let mut steps = above.steps();
        steps.push(match self.step {
            Step::Key(key) => key.to_owned(),
            Step::Item(index) => index.to_string(),
        });
        steps
    }
}

/// The items of a list below a value, with their places.
fn each<'v, 'p>(
    value: &'v Value,
    list: &str,
    path: &'p Path<'p>,
) -> impl Iterator<Item = (&'v Value, Path<'p>)> {
    let items = value.get(list).map(Value::items).unwrap_or_default();
    items.iter().enumerate().map(move |(index, item)| (item, path.item(index)))
}

/// The text of a field; empty where there is none.
fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The number of a field.
fn number(value: &Value, key: &str) -> Option<i64> {
    match value.get(key) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

/// Whether a field says something.
fn has(value: &Value, key: &str) -> bool {
    value.get(key).is_some_and(|field| *field != Value::Null)
}

/// Of `fields`, those that say something.
fn present<'k>(value: &Value, fields: &[&'k str]) -> Vec<&'k str> {
    fields.iter().copied().filter(|field| has(value, field)).collect()
}

/// A value as people write it.
fn shown(value: &Value) -> String {
    let other = || serde_json::Value::from(value).to_string();
    value.as_str().map_or_else(other, str::to_owned)
}

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and `c` ``.
fn and(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests;
