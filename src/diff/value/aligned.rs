//! Two values without what differs in spelling alone: what is left to compare is what means something.

use super::{Change, FieldOperation};
use crate::yaml::{Value, pointer};

/// Both values of an object, with what `changes` call equal as the old one has it, or left out where only one
/// of them writes it.
pub fn aligned(old: &Value, new: &Value, changes: &[Change]) -> (Value, Value) {
    let (mut then, mut now) = (old.clone(), new.clone());
    // From the back: the places of what stands before stay what they are.
    for change in changes.iter().rev().filter(|change| change.equal) {
        match (change.operation, &change.old_pointer, &change.new_pointer) {
            (FieldOperation::Add, _, Some(pointer)) => take(&mut now, pointer),
            (FieldOperation::Remove, Some(pointer), _) => take(&mut then, pointer),
            (FieldOperation::Replace, Some(from), Some(to)) => {
                let written = find(&mut then, from).cloned();
                if let (Some(written), Some(place)) = (written, find(&mut now, to)) {
                    *place = written;
                }
            }
            _ => {}
        }
    }
    (then, now)
}

/// What stands at a pointer (RFC 6901).
fn find<'v>(value: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    pointer.split('/').skip(1).try_fold(value, |value, token| {
        let key = pointer::key(token);
        match value {
            Value::Map(entries) => {
                entries.iter_mut().find(|(name, _)| *name == key).map(|(_, value)| value)
            }
            Value::List(items) => items.get_mut(key.parse::<usize>().ok()?),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {
                None
            }
        }
    })
}

fn take(value: &mut Value, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    let key = pointer::key(last);
    match find(value, above) {
        Some(Value::Map(entries)) => entries.retain(|(name, _)| *name != key),
        Some(Value::List(items)) => {
            if let Some(at) = key.parse().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare;
    use super::*;
    use crate::yaml::read::document;

    #[test]
    fn what_means_something_is_left() {
        let old = "spec: {template: {spec: {dnsPolicy: ClusterFirst, containers: [{name: a, env: [], resources: {limits: {memory: 1Gi}}}]}}}";
        let new = "spec: {template: {spec: {containers: [{name: a, image: b, resources: {limits: {memory: 1024Mi}}}]}}}";
        let (old, new) = (document(old).unwrap(), document(new).unwrap());
        let (then, now) = aligned(&old, &new, &compare("Deployment", &old, &new));
        let changes = compare("Deployment", &then, &now);
        let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["spec.template.spec.containers[name=a].image"]);
    }

    #[test]
    fn of_lists_that_take_everything_nothing_is_left() {
        let of = |list: &str| {
            document(&format!("spec: {{template: {{includedNamespaces: {list}}}}}")).unwrap()
        };
        let (old, new) = (of("['*']"), of("[]"));
        let (then, now) = aligned(&old, &new, &compare("Schedule", &old, &new));
        assert_eq!(then, now);
    }
}
