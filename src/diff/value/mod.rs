//! Two values of one object, field by field.

pub mod fields; // the walk
mod equal; //     other spelling, same meaning
mod lines; //     texts, line by line
mod embedded; //  JSON, YAML and TOML inside a text
pub mod mask; //  what no output shows

use crate::yaml::Value;
use schemars::JsonSchema;
use serde::Serialize;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// The field, for people: `spec.template.spec.containers[name=web].image`.
    pub path: String,
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
    /// Whether both spell the same: `1` and `1000m`.
    pub equal: bool,
    /// Whether the values are replaced by marks: `‹masked #3›`, with one number for each value.
    pub masked: bool,
    /// A text of several lines: what differs in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// A text that holds a document of its own: what differs inside.
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
    /// A list has the same items in another order, which matters.
    Reorder,
}

/// A line of a text that differs, or one beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// ` `, `-` or `+`.
    pub mark: char,
    /// Without its end.
    pub text: String,
    /// The parts of it that differ from its counterpart: byte ranges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emphasis: Vec<(usize, usize)>,
}

#[expect(clippy::ref_option, reason = "serde asks for this signature")]
fn as_json<S: serde::Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(serde_json::Value::from).serialize(serializer)
}
