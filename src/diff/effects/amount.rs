//! Amounts as manifests write them: counts and percentages.

use crate::yaml::Value;

/// A whole number, of at least 0.
pub(super) fn count(value: Option<&Value>) -> Option<u64> {
    if let Value::Int(number) = value? { u64::try_from(*number).ok() } else { None }
}

/// A count or a percentage, of `whole`; `up` says how a part of one is rounded
/// (apimachinery `pkg/util/intstr`).
pub(super) fn share(value: Option<&Value>, whole: u64, up: bool) -> Option<u64> {
    if let Some(number) = count(value) {
        return Some(number);
    }
    let percent: u64 = value?.as_str()?.strip_suffix('%')?.parse().ok()?;
    let hundredfold = whole.checked_mul(percent)?;
    Some(if up { hundredfold.div_ceil(100) } else { hundredfold / 100 })
}

/// A scalar as one writes it: `5`, `50%`, `true`; of anything else its sort.
pub(super) fn shown(value: Option<&Value>) -> String {
    match value {
        None => "none".to_owned(),
        Some(value) => plain(value).unwrap_or_else(|| value.type_name().to_owned()),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// `1 pod`, `3 pods`
pub(super) fn pods(count: u64) -> String {
    if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_as_asked() {
        let percent = Value::String("50%".to_owned());
        assert_eq!(share(Some(&percent), 3, true), Some(2));
        assert_eq!(share(Some(&percent), 3, false), Some(1));
        assert_eq!(share(Some(&Value::Int(4)), 3, true), Some(4));
        assert_eq!(share(None, 3, true), None);
    }
}
