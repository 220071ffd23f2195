//! What a scalar means to Kubernetes, which reads YAML by `sigs.k8s.io/yaml`: plain ones are those of
//! YAML 1.1 (`yes` is a boolean, `0644` a number in octal) as `goyaml.v2/resolve.go` has them.

use super::Value;
use saphyr_parser::{ScalarStyle, Tag};
use std::borrow::Cow;

/// The value of a scalar, or why JSON has none.
pub(super) fn scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<Value, String> {
    match tag {
        None if style == ScalarStyle::Plain => plain(text),
        None => Ok(Value::String(text.into_owned())),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => {
            Ok(Value::String(text.into_owned()))
        }
        Some(tag)
            if tag.is_yaml_core_schema()
                && ["int", "bool", "float", "null"].contains(&&*tag.suffix) =>
        {
            plain(text)
        }
        Some(tag) => Err(format!("Kubernetes does not read the tag `{tag}`")),
    }
}

/// A key is text in JSON; numbers and booleans become some.
pub(super) fn key(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<String, String> {
    match scalar(text, style, tag)? {
        Value::String(key) => Ok(key),
        Value::Bool(key) => Ok(key.to_string()),
        Value::Int(key) => Ok(key.to_string()),
        Value::Float(key) => Ok(key.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => Err("a key is missing".to_owned()),
    }
}

/// What a plain scalar means.
fn plain(text: Cow<'_, str>) -> Result<Value, String> {
    Ok(match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF"
        | "-.inf" | "-.Inf" | "-.INF" => return Err(format!("JSON has no number `{text}`")),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            number(&text)?.unwrap_or_else(|| Value::String(text.into_owned()))
        }
        _ => Value::String(text.into_owned()),
    })
}

/// A number as Go's `strconv` reads it; none for text that only begins like one.
fn number(text: &str) -> Result<Option<Value>, String> {
    let digits = text.replace('_', "");
    if let Some(whole) = whole(&digits) {
        return match i64::try_from(whole) {
            Ok(whole) => Ok(Some(Value::Int(whole))),
            Err(_) => Err(format!("the number {text} does not fit 64 bits")),
        };
    }
    let form = digits.trim_start_matches(['+', '-']);
    let (mantissa, exponent) =
        form.split_once(['e', 'E']).map_or((form, None), |(m, e)| (m, Some(e)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa = match mantissa.split_once('.') {
        Some((whole, part)) => {
            (is_digits(whole) && (part.is_empty() || is_digits(part)))
                || (whole.is_empty() && is_digits(part))
        }
        None => is_digits(mantissa),
    };
    let exponent =
        exponent.is_none_or(|one| is_digits(one.strip_prefix(['+', '-']).unwrap_or(one)));
    let one_sign = digits.len() - form.len() < 2;
    if !(mantissa && exponent && one_sign) {
        return Ok(None);
    }
    let Some(found) = digits.parse::<f64>().ok().filter(|found| found.is_finite()) else {
        return Err(format!("the number {text} does not fit 64 bits"));
    };
    // In JSON, a number without a fraction is a whole one.
    #[expect(clippy::cast_possible_truncation, reason = "below 2^53 it is exact")]
    Ok(Some(match found.fract() == 0.0 && found.abs() < 9_007_199_254_740_992.0 {
        true => Value::Int(found as i64),
        false => Value::Float(found),
    }))
}

/// A whole number with the prefixes of Go: `0x`, `0o`, `0b`, and `0` for octal.
fn whole(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefixed = |prefixes: [&str; 2], radix| {
        let digits = prefixes.iter().find_map(|prefix| digits.strip_prefix(prefix))?;
        Some((digits, radix))
    };
    let (digits, radix) = prefixed(["0x", "0X"], 16)
        .or_else(|| prefixed(["0o", "0O"], 8))
        .or_else(|| prefixed(["0b", "0B"], 2))
        .or_else(|| Some((digits.strip_prefix('0').filter(|rest| !rest.is_empty())?, 8)))
        .unwrap_or((digits, 10));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let found = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -found } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Value {
        crate::yaml::read::document(text).unwrap()
    }

    #[test]
    fn plain_scalars_are_those_of_yaml_1_1() {
        let int = Value::Int;
        let text = |text: &str| Value::String(text.to_owned());
        for (written, expected) in [
            ("yes", Value::Bool(true)),
            ("Off", Value::Bool(false)),
            ("n", Value::Bool(false)),
            ("\"yes\"", text("yes")),
            ("!!str yes", text("yes")),
            ("0644", int(420)),
            ("0o17", int(15)),
            ("0x1F", int(31)),
            ("0b11", int(3)),
            ("1_000", int(1000)),
            ("-7", int(-7)),
            ("+5", int(5)),
            ("08", int(8)),
            ("1e3", int(1000)),
            ("8.0", int(8)),
            ("0.5", Value::Float(0.5)),
            (".5", Value::Float(0.5)),
            ("2026-01-31", text("2026-01-31")),
            ("1.2.3", text("1.2.3")),
            ("12:30", text("12:30")),
            ("--1", text("--1")),
            ("500m", text("500m")),
            ("yesterday", text("yesterday")),
            ("~", Value::Null),
        ] {
            assert_eq!(one(&format!("a: {written}\n")).get("a"), Some(&expected), "{written}");
        }
        assert!(crate::yaml::read::document("a: 18446744073709551616\n").is_err());
        assert!(crate::yaml::read::document("a: .inf\n").is_err());
    }

    #[test]
    fn keys_are_text() {
        let value = one("on: 1\n8080: 2\n");
        assert_eq!(value.get("true"), Some(&Value::Int(1)));
        assert_eq!(value.get("8080"), Some(&Value::Int(2)));
    }
}
