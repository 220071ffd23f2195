//! What an object says of how it began.
//!
//! It is read once, when the object is created, so it stays as it was committed, whatever the spec would
//! make of it now: a region that takes over did not begin otherwise for that, and a manager of fields that
//! has applied the one way holds it beside another, which the API refuses.

use super::ledger::{Entry, Ledger};
use super::{Current, Document, Previous, retain};
use crate::kube::{Kind, labels};
use crate::name::Content;
use crate::yaml::{Value, read, write};

/// Puts back what the tree said, or what git has of it where the tree is gone.
pub(super) fn keep(current: &mut Current, previous: &Previous<'_>) {
    let Current { entries, documents } = current;
    for entry in entries {
        let Some(row) = Kind::named(&entry.kind).filter(|row| !row.once.is_empty()) else {
            continue;
        };
        let is_ours = |value: &Value| {
            value.get("apiVersion").and_then(Value::as_str) == Some(row.api_version)
        };
        let Some(then) = former(entry, previous).filter(is_ours) else { continue };
        let by_path = |document: &Document| document.path.cmp(&entry.path);
        let Ok(found) = documents.binary_search_by(by_path) else { continue };
        let document = &mut documents[found];
        let Ok(mut now) = read::document(&document.text) else { continue };
        let anew = now.at(&["metadata", "annotations", labels::MADE_ANEW]).is_some();
        if anew || !is_ours(&now) {
            continue;
        }
        let Some(begun) = then.at(row.once).filter(|begun| now.at(row.once) != Some(begun)) else {
            continue;
        };
        put(&mut now, row.once, begun.clone());
        entry.own = Content::of_object(&row.kind, &now).digest();
        *document = Document::new(document.path.clone(), write::document(&now));
        entry.file = document.digest;
    }
}

/// The object as it was: in the tree, or in one that git has.
fn former(now: &Entry, previous: &Previous<'_>) -> Option<Value> {
    let is_same = |old: &&Entry| old.region == now.region && retain::name(old) == retain::name(now);
    let held = previous.ledgers.iter().flat_map(Ledger::objects).find(is_same);
    let delivered = previous.delivered.objects();
    let old = held.or_else(|| delivered.iter().find(is_same))?;
    read::document(&retain::bytes(previous, old, None)?).ok()
}

/// Puts a value where another one is.
fn put(object: &mut Value, path: &[&str], value: Value) {
    let Some((last, above)) = path.split_last() else { return };
    let place = above.iter().try_fold(object, |value, key| value.get_mut(key));
    place.into_iter().for_each(|place| place.insert(last, value.clone()));
}
