//! Two values of one object, field by field.

use super::items::{Lists, Matched};
use super::path::{Place, Step};
use super::{Change, FieldOperation, beside, embedded, equal, hidden, lines};
use crate::yaml::Value;
use crate::yaml::field_order;
use std::cmp::Ordering;

/// Every field that differs between two values of an object of `kind`, in the order of fields; in
/// lists, what both have and what goes comes before what is new.
///
/// A subtree that only one side has is one change. Orders that mean nothing are changes as well,
/// marked as cosmetic: [`super::apply()`] makes the new value of the old one, byte for byte as soon
/// as both are sorted. Of a key that a map repeats, the first entry counts.
pub fn compare(kind: &str, old: &Value, new: &Value) -> Vec<Change> {
    compare_by(Lists { kind, schema: None }, old, new)
}

/// The same where the schema of a custom kind may tell how to compare lists.
pub fn compare_by(lists: Lists<'_>, old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = compare_within(lists, old, new, 0);
    beside::mark(lists.kind, (old, new), &mut changes);
    changes
}

/// `depth` counts the documents around it.
pub(super) fn compare_within(
    lists: Lists<'_>,
    old: &Value,
    new: &Value,
    depth: usize,
) -> Vec<Change> {
    let mut walk = Walk { lists, depth, place: Place::default(), changes: Vec::new() };
    walk.value(old, new);
    walk.changes
}

/// An object that comes or goes: one change at the root; none when neither side has it.
pub fn whole(old: Option<&Value>, new: Option<&Value>) -> Vec<Change> {
    let operation = match (old, new) {
        (None, None) => return Vec::new(),
        (None, Some(_)) => FieldOperation::Add,
        (Some(_), None) => FieldOperation::Remove,
        (Some(_), Some(_)) => FieldOperation::Replace,
    };
    vec![Place::default().change(operation, old, new)]
}

impl Place {
    fn change(
        &self,
        operation: FieldOperation,
        old: Option<&Value>,
        new: Option<&Value>,
    ) -> Change {
        Change {
            path: self.path.clone(),
            steps: self.steps.clone(),
            old_pointer: old.map(|_| self.old.clone()),
            new_pointer: new.map(|_| self.new.clone()),
            operation,
            old: old.cloned(),
            new: new.cloned(),
            equal: false,
            cosmetic: false,
            order: Vec::new(),
            masked: false,
            lines: Vec::new(),
            inside: Vec::new(),
        }
    }
}

struct Walk<'a> {
    lists: Lists<'a>,
    depth: usize,
    place: Place,
    changes: Vec<Change>,
}

impl Walk<'_> {
    fn value(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            // Nearly all of an object is what it was.
            _ if alike(old, new, true) => {}
            (Value::Map(old), Value::Map(new)) => self.map(old, new),
            (Value::List(old_items), Value::List(new_items)) => {
                if !same(old, new) {
                    self.list(old_items, new_items);
                }
            }
            _ if same(old, new) => {}
            _ => self.replaced(old, new),
        }
    }

    fn replaced(&mut self, old: &Value, new: &Value) {
        let mut change = self.place.change(FieldOperation::Replace, Some(old), Some(new));
        change.equal = equal::means_the_same(&self.place.steps, old, new)
            || self.depth == 0 && equal::is_filled_in(&self.place.steps);
        if let (Value::String(old), Value::String(new)) = (old, new) {
            detail(&mut change, old, new, self.depth);
        }
        self.changes.push(change);
    }

    fn one_side(&mut self, old: Option<&Value>, new: Option<&Value>) {
        let operation = if old.is_none() { FieldOperation::Add } else { FieldOperation::Remove };
        let mut change = self.place.change(operation, old, new);
        change.equal =
            self.depth == 0 && equal::says_nothing(self.lists.kind, &self.place.steps, old.or(new));
        self.changes.push(change);
    }

    fn map(&mut self, old: &[(String, Value)], new: &[(String, Value)]) {
        let (old, new) = (in_order(old), in_order(new));
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((old, _)), Some((new, _))) => field_order::compare(old, new),
            };
            let before = if order.is_le() { old.next() } else { None };
            let after = if order.is_ge() { new.next() } else { None };
            let Some((key, _)) = before.or(after) else { return };
            self.place.key(key);
            match (before, after) {
                (Some((_, old)), Some((_, new))) => self.value(old, new),
                _ => self.one_side(before.map(|(_, old)| old), after.map(|(_, new)| new)),
            }
            self.place.back();
        }
    }

    fn list(&mut self, old: &[Value], new: &[Value]) {
        let matched = self.lists.matched(&self.place.steps, old, new);
        self.reordered(&matched, old, new);
        let first = self.changes.len();
        for (before, after, step) in matched.items {
            let (from, depth) = (self.changes.len(), self.place.steps.len() + 2);
            let announced = [(before, old), (after, new)].into_iter().any(|(at, items)| {
                at.and_then(|at| items.get(at.checked_sub(1)?)).is_some_and(hidden::announces)
            });
            self.place.item(step, before, after);
            match (before.map(|at| &old[at]), after.map(|at| &new[at])) {
                (Some(old), Some(new)) => self.value(old, new),
                (old, new) => self.one_side(old, new),
            }
            self.place.back();
            for change in self.changes[from..].iter_mut().filter(|c| c.steps.len() == depth) {
                change.equal |= spells_default(change, &matched.defaults);
            }
            for change in self.changes[from..].iter_mut().filter(|c| c.steps.len() < depth) {
                change.masked |= announced;
            }
        }
        let all = self.depth == 0
            && equal::are_everything(self.lists.kind, &self.place.steps, [old, new]);
        self.changes[first..].iter_mut().for_each(|change| change.equal |= all);
    }

    /// An order that cannot be told from which items come and go.
    fn reordered(&mut self, matched: &Matched, old: &[Value], new: &[Value]) {
        let mut order = vec![None; new.len()];
        for (before, after, _) in &matched.items {
            if let (Some(before), Some(after)) = (before, after) {
                order[*after] = Some(*before);
            }
        }
        if order.iter().flatten().is_sorted() {
            return;
        }
        let mut names: (Vec<Value>, Vec<Value>) = (old.to_vec(), new.to_vec());
        for (before, after, step) in &matched.items {
            if let Step::Item(parts) = step {
                let values: Vec<&str> = parts.iter().map(|(_, value)| value.as_str()).collect();
                let name = Value::String(values.join(" "));
                if let Some(at) = before {
                    names.0[*at] = name.clone();
                }
                if let Some(at) = after {
                    names.1[*at] = name;
                }
            }
        }
        let (before, after) = (Value::List(names.0), Value::List(names.1));
        let mut change = self.place.change(FieldOperation::Reorder, Some(&before), Some(&after));
        change.cosmetic = matched.cosmetic;
        change.order = order;
        self.changes.push(change);
    }
}

/// What differs in a text, line by line and inside.
pub(super) fn detail(change: &mut Change, old: &str, new: &str, depth: usize) {
    if old.contains('\n') || new.contains('\n') {
        change.lines = lines::of(old, new);
    }
    change.inside = embedded::inside(old, new, depth);
    change.equal |= change.inside.is_empty() && embedded::mean_the_same(old, new);
}

/// Whether a part of a key appears or goes that has the value which it has anyway.
fn spells_default(change: &Change, defaults: &[(String, String)]) -> bool {
    let Some(Step::Key(key)) = change.steps.last() else { return false };
    let text = match (&change.old, &change.new) {
        (Some(value), None) | (None, Some(value)) => value.as_str(),
        _ => return false,
    };
    defaults.iter().any(|(field, default)| field == key && text == Some(default.as_str()))
}

/// The entries of a map in the order of fields, each key once.
fn in_order(entries: &[(String, Value)]) -> Vec<&(String, Value)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by(|a, b| field_order::compare(&a.0, &b.0));
    entries.dedup_by(|later, earlier| later.0 == earlier.0);
    entries
}

/// Whether nothing tells two values apart, but for the order of entries in maps.
fn same(old: &Value, new: &Value) -> bool {
    alike(old, new, false)
}

/// The same; where entries count by their places, so does their order, and nothing is sorted to find out.
fn alike(old: &Value, new: &Value, by_place: bool) -> bool {
    let entry = |(a, old): &(String, Value), (b, new): &(String, Value)| {
        a == b && alike(old, new, by_place)
    };
    match (old, new) {
        (Value::Float(old), Value::Float(new)) => old.to_bits() == new.to_bits(),
        (Value::List(old), Value::List(new)) => {
            let mut pairs = old.iter().zip(new);
            old.len() == new.len() && pairs.all(|(old, new)| alike(old, new, by_place))
        }
        (Value::Map(old), Value::Map(new)) if by_place => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| entry(old, new))
        }
        (Value::Map(old), Value::Map(new)) => {
            let (old, new) = (in_order(old), in_order(new));
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| entry(old, new))
        }
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::value::apply;
    use crate::yaml::{read::document, write};

    /// The changes as lines, after the laws were held to.
    fn changes(kind: &str, old: &str, new: &str) -> String {
        let (old, new) = (document(old).unwrap(), document(new).unwrap());
        let changes = compare(kind, &old, &new);
        assert_eq!(write::document(&apply(&old, &changes)), write::document(&new));
        let line = |change: &Change| {
            let sign = match change.operation {
                FieldOperation::Add => '+',
                FieldOperation::Remove => '-',
                FieldOperation::Replace => '~',
                FieldOperation::Reorder => '%',
            };
            let mark = if change.cosmetic { " cosmetic" } else { "" };
            let equal = if change.equal { " equal" } else { "" };
            format!("{sign} {}{mark}{equal}\n", change.path)
        };
        changes.iter().map(line).collect()
    }

    fn in_pod(spec: &str) -> String {
        format!("spec: {{template: {{spec: {spec}}}}}")
    }

    const POD: &str = "spec.template.spec";

    #[test]
    fn paths_name_items_by_their_keys() {
        let ports = |name: &str, list: &str| {
            in_pod(&format!(
                "{{containers: [{{name: web, ports: [{list}, {{containerPort: 8080, name: {name}}}]}}]}}"
            ))
        };
        let (tcp, udp) = ("{containerPort: 53}", "{containerPort: 53, protocol: UDP}");
        assert_eq!(
            changes("Deployment", &ports("a", tcp), &ports("b", udp)),
            format!(
                "- {POD}.containers[name=web].ports[containerPort=53,protocol=TCP]\n\
                 ~ {POD}.containers[name=web].ports[containerPort=8080,protocol=TCP].name\n\
                 + {POD}.containers[name=web].ports[containerPort=53,protocol=UDP]\n"
            )
        );
        let labels =
            |value: &str| format!("metadata: {{labels: {{app.kubernetes.io/name: {value}}}}}");
        assert_eq!(
            changes("Service", &labels("a"), &labels("b")),
            "~ metadata.labels[\"app.kubernetes.io/name\"]\n"
        );
    }

    #[test]
    fn pointers_lead_into_both_documents() {
        let old = document("spec: {ports: [{port: 1, a/b: x}, {port: 2}]}").unwrap();
        let new = document("spec: {ports: [{port: 0}, {port: 2}, {port: 1, a/b: y}]}").unwrap();
        let changes = compare("Service", &old, &new);
        let [reorder, replace, add] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(reorder.order, [None, Some(1), Some(0)]);
        assert_eq!(replace.old_pointer.as_deref(), Some("/spec/ports/0/a~1b"));
        assert_eq!(replace.new_pointer.as_deref(), Some("/spec/ports/2/a~1b"));
        assert_eq!(
            (add.old_pointer.as_deref(), add.new_pointer.as_deref()),
            (None, Some("/spec/ports/0"))
        );
    }

    #[test]
    fn a_written_default_changes_nothing() {
        assert_eq!(
            changes(
                "Service",
                "spec: {ports: [{port: 1}]}",
                "spec: {ports: [{port: 1, protocol: TCP}]}"
            ),
            "+ spec.ports[port=1,protocol=TCP].protocol equal\n"
        );
    }

    #[test]
    fn order_counts_where_it_means_something() {
        let list = |field: &str, items: &str| in_pod(&format!("{{{field}: [{items}]}}"));
        let both = |field: &str, a: &str, b: &str| {
            let (ab, ba) = (format!("{a}, {b}"), format!("{b}, {a}"));
            changes("Deployment", &list(field, &ab), &list(field, &ba))
        };
        let (a, b) = ("{name: a}", "{name: b}");
        assert_eq!(both("volumes", a, b), format!("% {POD}.volumes cosmetic\n"));
        assert_eq!(both("initContainers", a, b), format!("% {POD}.initContainers\n"));
        let env = |a: &str, b: &str| {
            both("containers", &format!("{{name: x, env: [{a}, {b}]}}"), "{name: y}");
            let of = |first: &str, second: &str| {
                list("containers", &format!("{{name: x, env: [{first}, {second}]}}"))
            };
            changes("Deployment", &of(a, b), &of(b, a))
        };
        let at = format!("{POD}.containers[name=x].env");
        assert_eq!(env(a, b), format!("% {at} cosmetic\n"));
        assert_eq!(env("{name: a, value: $(b)}", b), format!("% {at}\n"));
        let ports = |ports: &str| format!("spec: {{ports: [{ports}]}}");
        let (one, two) = (ports("{port: 1}, {port: 2}"), ports("{port: 2}, {port: 1}"));
        assert_eq!(changes("Service", &one, &two), "% spec.ports\n");
        let args = both("containers", "{name: a, args: [x, y]}", "{name: b}");
        assert_eq!(args, format!("% {POD}.containers cosmetic\n"));
        let args = |args: &str| list("containers", &format!("{{name: a, args: [{args}]}}"));
        assert_eq!(
            changes("Deployment", &args("x, y, z"), &args("z, x, y")),
            format!("% {POD}.containers[name=a].args\n")
        );
        // Nobody knows what an unknown list means.
        assert_eq!(changes("X", "a: [{id: 1}, {id: 2}]", "a: [{id: 2}, {id: 1}]"), "% a\n");
    }

    #[test]
    fn sequences_change_by_the_least() {
        let args = |args: &str| in_pod(&format!("{{containers: [{{name: a, args: [{args}]}}]}}"));
        let at = format!("{POD}.containers[name=a].args");
        assert_eq!(
            changes("Deployment", &args("a, b, c, d"), &args("new, a, x, c")),
            format!("+ {at}[0]\n~ {at}[2]\n- {at}[3]\n")
        );
    }

    #[test]
    fn sets_have_no_places_and_one_edited_map_is_followed() {
        assert_eq!(
            changes(
                "PersistentVolumeClaim",
                "spec: {accessModes: [ReadWriteOnce, ReadOnlyMany]}",
                "spec: {accessModes: [ReadWriteMany, ReadOnlyMany]}"
            ),
            "- spec.accessModes[=ReadWriteOnce]\n+ spec.accessModes[=ReadWriteMany]\n"
        );
        let rules = |first: &str, port: u16| {
            format!("spec: {{egress: [{{to: [{first}]}}, {{ports: [{{port: {port}}}]}}]}}")
        };
        assert_eq!(
            changes("NetworkPolicy", &rules("{a: 1}, {b: 2}", 1), &rules("{b: 2}, {a: 1}", 2)),
            "% spec.egress[0].to cosmetic\n~ spec.egress[1].ports[0].port\n"
        );
    }

    #[test]
    fn hashes_of_names_do_not_part_sources() {
        let from = |hash: &str| {
            let source = format!("{{configMapRef: {{name: web-{hash}}}}}");
            in_pod(&format!("{{containers: [{{name: a, envFrom: [{source}]}}]}}"))
        };
        assert_eq!(
            changes("Deployment", &from("mgjktd9f4w"), &from("6h2m97sjw9")),
            format!(
                "~ {POD}.containers[name=a].envFrom[configMapRef.name=web-6h2m97sjw9].configMapRef.name\n"
            )
        );
    }

    #[test]
    fn absent_and_null_differ() {
        assert_eq!(changes("X", "a: null", "b: null"), "- a\n+ b\n");
        assert_eq!(changes("X", "a: null", "a: {}"), "~ a\n");
        assert_eq!(changes("X", "a: 1", "a: \"1\""), "~ a\n");
        assert_eq!(changes("X", "a: 1", "a: 1.0"), "");
    }
}
