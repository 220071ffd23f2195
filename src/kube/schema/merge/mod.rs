//! Strategic merge: a patch into an object, as `kubectl patch --type strategic` does it.
//!
//! Maps merge key by key. A list whose type has a merge key merges item by item, a list of plain
//! values that is a set is united, and any other list is replaced; so is everything in kinds that
//! Kubernetes does not have of itself. The order of merged lists is that of
//! `apimachinery/pkg/util/strategicpatch/patch.go` (`normalizeElementOrder`): what the patch names
//! stands in its order, all else in its own.

mod paths; // paths

use super::{KNOWN, KindType, Objects, Text, Type};
use crate::kube::version::Version;
use crate::yaml::Value;
pub use paths::{origin, remove, steps};

/// A type and the objects that it speaks of.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    objects: &'a Objects,
    /// None where nothing is known.
    of: Option<&'a Type>,
    /// Whether this is the object itself, which has `metadata` beside what its type says.
    whole: bool,
    /// Whether it is a list that is united.
    unites: bool,
    version: Version,
}

impl<'a> Typed<'a> {
    /// The type of a whole object in a version of Kubernetes.
    pub fn kind(kind: &'a KindType, version: Version) -> Typed<'a> {
        Typed::defined(KNOWN.objects(), &kind.of, version)
    }

    /// The same of a kind with a definition of its own.
    pub fn defined(objects: &'a Objects, of: &'a Type, version: Version) -> Typed<'a> {
        Typed { objects, of: Some(of), whole: true, unites: false, version }
    }

    fn with(self, of: Option<&'a Type>) -> Typed<'a> {
        Typed { of, whole: false, unites: false, ..self }
    }

    fn peeled(self) -> Option<&'a Type> {
        let mut of = self.of?;
        while let Type::Nullable(inner) | Type::OneOf(_, inner) = of {
            of = inner;
        }
        Some(of)
    }

    /// What stands under a key.
    fn key(self, key: &str) -> Typed<'a> {
        if self.whole && key == "metadata" {
            return Typed { objects: KNOWN.objects(), ..self.with(KNOWN.named("ObjectMeta")) };
        }
        let of = match self.peeled() {
            Some(Type::Object(at)) => {
                let object = &self.objects.0[*at];
                let rows = object.rows(key);
                let row = rows.iter().find(|row| row.span.has(self.version)).or(rows.last());
                row.map(|row| &row.of).or(object.rest.as_ref())
            }
            Some(Type::Map(of)) => Some(of.as_ref()),
            _ => None,
        };
        Typed { unites: UNITED.contains(&key), ..self.with(of) }
    }

    /// What each item of a list is, and how they merge.
    fn items(self) -> (Typed<'a>, Merge<'a>) {
        match self.peeled() {
            Some(Type::List(of, _)) if self.unites => (self.with(Some(of)), Merge::Unite),
            Some(Type::List(of, items)) => {
                (self.with(Some(of)), items.merge.as_ref().map_or(Merge::Replace, Merge::By))
            }
            _ => (self.with(None), Merge::Replace),
        }
    }
}

/// How a list takes another one in.
enum Merge<'a> {
    /// It gives way to it.
    Replace,
    /// Item by item, identified by this field.
    By(&'a Text),
    /// Each value once.
    Unite,
}

/// The lists of plain values whose `patchStrategy` is `merge`: `ObjectMeta` and `NodeSpec`. Other sets
/// are replaced.
const UNITED: &[&str] = &["finalizers", "podCIDRs"];

/// What stops a merge, and where in the patch.
#[derive(Debug, PartialEq, Eq)]
pub struct Unmerged {
    /// Keys, and numbers of items, of the patch.
    pub path: Vec<String>,
    /// What is wrong there.
    pub message: String,
}

/// Merges `patch` into `value`.
///
/// # Errors
///
/// When an item does not say which one it is.
pub fn merge(of: Typed<'_>, value: &mut Value, patch: &Value) -> Result<(), Unmerged> {
    let mut path = Vec::new();
    into(of, value, patch, &mut path).map_err(|message| Unmerged { path, message })
}

fn into(
    of: Typed<'_>,
    value: &mut Value,
    patch: &Value,
    path: &mut Vec<String>,
) -> Result<(), String> {
    match (&mut *value, patch) {
        (Value::Map(_), Value::Map(entries)) => {
            for (key, patch) in entries {
                path.push(key.clone());
                match value.get_mut(key) {
                    Some(value) => into(of.key(key), value, patch, path)?,
                    None => value.insert(key, patch.clone()),
                }
                path.pop();
            }
            Ok(())
        }
        (Value::List(items), Value::List(patches)) => {
            let (of, how) = of.items();
            match how {
                Merge::Replace => patches.clone_into(items),
                Merge::Unite => unite(items, patches),
                Merge::By(key) => by(of, key, items, patches, path)?,
            }
            Ok(())
        }
        _ => {
            patch.clone_into(value);
            Ok(())
        }
    }
}

fn unite(items: &mut Vec<Value>, patches: &[Value]) {
    let before = items.clone();
    for patch in patches.iter().filter(|patch| !before.contains(patch)) {
        if !items.contains(patch) {
            items.push(patch.clone());
        }
    }
    *items = ordered(std::mem::take(items), patches, &before, |a, b| a == b);
}

fn by(
    of: Typed<'_>,
    key: &str,
    items: &mut Vec<Value>,
    patches: &[Value],
    path: &mut Vec<String>,
) -> Result<(), String> {
    let before = items.clone();
    for (index, patch) in patches.iter().enumerate() {
        path.push(index.to_string());
        let Some(name) = patch.get(key) else {
            return Err(format!(
                "items of this list are told apart by `{key}`: say which one this is"
            ));
        };
        match items.iter_mut().find(|item| item.get(key) == Some(name)) {
            Some(item) => into(of, item, patch, path)?,
            None => items.push(patch.clone()),
        }
        path.pop();
    }
    let same = |a: &Value, b: &Value| a.get(key) == b.get(key);
    *items = ordered(std::mem::take(items), patches, &before, same);
    Ok(())
}

/// Merged items: those of the patch in the order of the patch, the others in the order that they
/// had; of two that are next in line, the one that stood first, and what is new before either.
fn ordered(
    merged: Vec<Value>,
    patches: &[Value],
    before: &[Value],
    same: impl Fn(&Value, &Value) -> bool,
) -> Vec<Value> {
    let place = |list: &[Value], item: &Value| list.iter().position(|other| same(other, item));
    let (mut named, others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| place(patches, item).is_some());
    named.sort_by_key(|item| place(patches, item));
    let (mut left, mut right) = (others.into_iter().peekable(), named.into_iter().peekable());
    let mut out = Vec::new();
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let first = match (place(before, a), place(before, b)) {
            (Some(a), Some(b)) => a < b,
            _ => false,
        };
        out.extend(if first { left.next() } else { right.next() });
    }
    out.extend(left);
    out.extend(right);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    const PODS: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, \
        spec: {template: {spec: {containers: [{name: app, image: x, ports: \
        [{name: http, containerPort: 80}]}, {name: log, image: y}], tolerations: [{key: a}]}}}}";

    fn typed() -> Typed<'static> {
        Typed::kind(KNOWN.kind("apps/v1", "Deployment").unwrap(), Version { minor: 34 })
    }

    fn pods(value: &Value) -> &Value {
        value.at(&["spec", "template", "spec"]).unwrap()
    }

    fn merged(patch: &str) -> Value {
        let mut value = document(PODS).unwrap();
        let patch = document(&format!("{{spec: {{template: {{spec: {patch}}}}}}}")).unwrap();
        merge(typed(), &mut value, &patch).unwrap();
        pods(&value).clone()
    }

    #[test]
    fn a_list_with_a_key_merges_and_any_other_is_replaced() {
        let patch = "{containers: [{name: app, tty: true}], tolerations: [{key: b}]}";
        let expected = document(
            "{containers: [{name: app, image: x, tty: true, ports: [{name: http, containerPort: 80}]}, \
             {name: log, image: y}], tolerations: [{key: b}]}",
        );
        assert_eq!(merged(patch), expected.unwrap());
    }

    #[test]
    fn what_is_new_stands_before_what_stood_there() {
        let names = |value: &Value| -> Vec<String> {
            let items = value.get("containers").unwrap().items().iter();
            items.map(|item| item.get("name").unwrap().as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&merged("{containers: [{name: b}, {name: app}]}")), ["b", "app", "log"]);
        assert_eq!(names(&merged("{containers: [{name: log}, {name: b}]}")), ["app", "log", "b"]);
    }

    #[test]
    fn an_item_without_its_key_is_refused_where_it_stands() {
        let mut value = document(PODS).unwrap();
        let patch = document("{spec: {template: {spec: {containers: [{image: z}]}}}}").unwrap();
        let wrong = merge(typed(), &mut value, &patch).unwrap_err();
        assert_eq!(wrong.path, ["spec", "template", "spec", "containers", "0"]);
        assert!(wrong.message.contains("`name`"), "{}", wrong.message);
    }

    #[test]
    fn a_path_leads_to_keys_with_dots_and_to_items() {
        assert_eq!(steps("a.b[c.d/e].f[0][\"x\"]").unwrap(), ["a", "b", "c.d/e", "f", "0", "x"]);
        for wrong in ["", "a..b", "a[b", ".a", "a."] {
            assert!(steps(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_item_is_removed_by_its_key() {
        let mut value = document(PODS).unwrap();
        let path = |text: &str| steps(&format!("spec.template.spec.{text}")).unwrap();
        assert!(remove(typed(), &mut value, &path("containers[app].ports[80]")));
        assert!(remove(typed(), &mut value, &path("containers[log]")));
        assert!(remove(typed(), &mut value, &path("tolerations[0]")));
        assert!(!remove(typed(), &mut value, &path("containers[log]")));
        let expected = "{containers: [{name: app, image: x, ports: []}], tolerations: []}";
        assert_eq!(*pods(&value), document(expected).unwrap());
    }

    #[test]
    fn a_fault_is_found_in_the_patch_that_made_it() {
        let mut value = document(PODS).unwrap();
        let patch = "{spec: {template: {spec: {containers: [{name: z}, {name: log, imagee: q}]}}}}";
        let patch = document(patch).unwrap();
        merge(typed(), &mut value, &patch).unwrap();
        let path = ["spec", "template", "spec", "containers", "2", "imagee"].map(str::to_owned);
        let at = pods(&value).get("containers").unwrap().items();
        let index = at.iter().position(|item| item.get("imagee").is_some()).unwrap();
        let mut path = path.to_vec();
        path[4] = index.to_string();
        let found = origin(typed(), &value, &patch, &path);
        assert_eq!(found.join("."), "spec.template.spec.containers.1.imagee");
    }
}
