//! What a text must be like, and what a type takes, in words.

use super::has_token;
use crate::kube::schema::Type;
use crate::yaml::Value;

/// A path as people write it: `spec.containers[0].name`.
pub fn shown(path: &[String]) -> String {
    let mut out = String::new();
    for part in path {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str(&format!("[{part}]"));
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(part);
        }
    }
    out
}

pub(super) fn fits(of: &Type, value: &Value) -> bool {
    match of {
        Type::Any => true,
        Type::String => matches!(value, Value::String(_)),
        Type::Bytes => has_token(value) || value.as_str().is_some_and(is_base64),
        Type::Time => has_token(value) || value.as_str().is_some_and(is_time),
        Type::Int32 => matches!(value, Value::Int(int) if i32::try_from(*int).is_ok()),
        Type::Int64 => matches!(value, Value::Int(_)),
        Type::Number => matches!(value, Value::Int(_) | Value::Float(_)),
        Type::Boolean => matches!(value, Value::Bool(_)),
        Type::IntOrString => matches!(value, Value::Int(_) | Value::String(_)),
        Type::Quantity => matches!(value, Value::Int(_) | Value::Float(_) | Value::String(_)),
        Type::OneOf(..) | Type::Nullable(_) | Type::Object(_) | Type::List(..) | Type::Map(_) => {
            false
        }
    }
}

/// Standard base64 with padding, in lines or not, as Go's decoder takes it.
fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let padding = bytes.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    bytes.len().is_multiple_of(4)
        && bytes[..bytes.len() - padding]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// The form of `2026-01-31T12:00:00Z`, with a fraction or another zone or not.
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let zone = bytes.get(FORM.len()..).unwrap_or_default();
    let begins = bytes.iter().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == form,
    });
    let zone_begins = zone.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.');
    begins
        && match zone_begins.map(|at| &zone[at..]) {
            Some(b"Z") => true,
            Some([b'+' | b'-', rest @ ..]) => rest.len() == 5 && rest[2] == b':',
            Some(_) | None => false,
        }
}

/// What stands there. The text of a string that holds a token is not the user's.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Bool(bool) => format!("boolean `{bool}`"),
        Value::Int(int) => format!("integer `{int}`"),
        Value::Float(float) => format!("number `{float}`"),
        Value::String(text) if !has_token(value) => format!("string {text:?}"),
        Value::Null | Value::String(_) | Value::List(_) | Value::Map(_) => {
            value.type_name().to_owned()
        }
    }
}

/// What a type takes, for somebody who wrote `value`.
pub(super) fn expected(of: &Type, value: &Value) -> &'static str {
    match of {
        Type::Any => "anything",
        Type::String => "a string",
        Type::Bytes => "a string in base64",
        Type::Time => "a time like `2026-01-31T12:00:00Z`",
        Type::Int32 if matches!(value, Value::Int(_)) => "one of 32 bits",
        Type::Int32 | Type::Int64 => "an integer",
        Type::Number => "a number",
        Type::Boolean => "a boolean",
        Type::IntOrString => "an integer or a string",
        Type::Quantity => "a quantity",
        Type::OneOf(_, of) | Type::Nullable(of) => expected(of, value),
        Type::Object(_) | Type::Map(_) => "a map",
        Type::List(..) => "a list",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_times_are_read() {
        for (text, right) in [("aGk=", true), ("aGk", false), ("a%==", false), ("", true)] {
            assert_eq!(is_base64(text), right, "{text}");
        }
        for (text, right) in [
            ("2026-01-31T12:00:00Z", true),
            ("2026-01-31T12:00:00.123456+01:00", true),
            ("2026-01-31", false),
            ("2026-01-31T12:00:00", false),
        ] {
            assert_eq!(is_time(text), right, "{text}");
        }
    }
}
