//! Two values of one object, field by field.

pub mod fields; // the walk
mod items; //     which item of a list is which
mod path; //      where a field is
mod script; //    the least that turns one sequence into another
mod equal; //     other spelling, same meaning
mod beside; //    the same by what another field says
pub mod aligned; // two values without what differs in spelling alone
pub mod lines; // texts, line by line
mod embedded; //  JSON, YAML and TOML inside a text
pub mod apply; // the old value and the changes → the new value
mod hidden; //    what of a text is secret
pub mod mask; //  what no output shows

pub use aligned::aligned;
pub use apply::apply;
pub(super) use embedded::mean_the_same;
pub(super) use equal::{at_the_same_times, nanoseconds};
pub use fields::{compare, compare_by, whole};
pub use items::Lists;
pub use mask::Masks;
pub use path::Step;

use crate::yaml::Value;
use schemars::JsonSchema;
use serde::Serialize;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// The field, for people: `spec.template.spec.containers[name=web].image`.
    pub path: String,
    /// The same, step by step, for whoever has to know where it is; never masked.
    #[serde(skip)]
    pub steps: Vec<Step>,
    /// Where it is in the old document (RFC 6901); none when it is not there.
    pub old_pointer: Option<String>,
    /// Where it is in the new one.
    pub new_pointer: Option<String>,
    /// What becomes of it.
    pub operation: FieldOperation,
    /// The old value; `None` when there was none, which is not the same as `null`.
    #[serde(serialize_with = "as_json", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "serde_json::Value")]
    pub old: Option<Value>,
    /// The new value.
    #[serde(serialize_with = "as_json", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "serde_json::Value")]
    pub new: Option<Value>,
    /// Whether both mean the same: `1` and `1000m`.
    pub equal: bool,
    /// Whether it is an order that means nothing. Only who has to get the very bytes of the new
    /// document looks at it; nobody needs to read it.
    pub cosmetic: bool,
    /// For [`FieldOperation::Reorder`]: which item of the old list each item of the new one is, from
    /// 0; none for one that is new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Option<usize>>,
    /// Whether the values are replaced by marks: `‹masked #3›`, with one number for each value.
    /// Before [`Masks`] did so: whether they are a secret by what stands beside them.
    pub masked: bool,
    /// A text of several lines: what differs in it, with a few lines around.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// A text that holds a document of its own: what differs inside. Paths and pointers begin at
    /// its root. Better to read than `lines`, which are there as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<Change>,
}

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldOperation {
    /// It is new.
    Add,
    /// It goes.
    Remove,
    /// It has another value.
    Replace,
    /// The items that both lists have stand in another order. `old` and `new` name the items.
    Reorder,
}

/// A line of a text that differs, or one beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// ` `, `-` or `+`; `…` where the text is a remark: `12 lines alike`.
    pub mark: char,
    /// Without its end; a carriage return before that is shown as `␍`.
    pub text: String,
    /// The parts of it that differ from its counterpart: byte ranges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emphasis: Vec<(usize, usize)>,
}

impl Change {
    /// What it is when the sides are exchanged.
    pub fn inverse(&self) -> Change {
        let mut order = vec![None; self.old.as_ref().map_or(0, |old| old.items().len())];
        for (new, old) in self.order.iter().enumerate() {
            if let Some(slot) = old.and_then(|old| order.get_mut(old)) {
                *slot = Some(new);
            }
        }
        Change {
            path: self.path.clone(),
            steps: self.steps.clone(),
            old_pointer: self.new_pointer.clone(),
            new_pointer: self.old_pointer.clone(),
            operation: match self.operation {
                FieldOperation::Add => FieldOperation::Remove,
                FieldOperation::Remove => FieldOperation::Add,
                same @ (FieldOperation::Replace | FieldOperation::Reorder) => same,
            },
            old: self.new.clone(),
            new: self.old.clone(),
            equal: self.equal,
            cosmetic: self.cosmetic,
            order: if self.order.is_empty() { Vec::new() } else { order },
            masked: self.masked,
            lines: lines::inverse(&self.lines),
            inside: self.inside.iter().map(Change::inverse).collect(),
        }
    }
}

#[expect(clippy::ref_option, reason = "serde asks for this signature")]
fn as_json<S: serde::Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(serde_json::Value::from).serialize(serializer)
}
