//! What the text of a manifest says, with tokens, and what it says with what they stand for.

use super::outline::Strings;
use super::tokens::{StrayToken, alone, has_token, replace};
use crate::yaml::{Value, field_order};

/// A value with tokens in it. Many objects are made of one.
#[derive(Debug)]
pub enum Pattern {
    /// No token is in it.
    Plain(Value),
    /// A string or a number.
    Token(usize),
    /// A text around tokens.
    Text(String),
    /// A list.
    List(Vec<Pattern>),
    /// A map, and whether tokens are in its keys.
    Map(Vec<(String, Pattern)>, bool),
}

impl Pattern {
    /// The pattern that a text was parsed to.
    pub fn of(value: Value) -> Pattern {
        match value {
            Value::String(text) if has_token(&text) => {
                let place = alone(&text).and_then(|place| place.parse().ok());
                place.map_or(Pattern::Text(text), Pattern::Token)
            }
            Value::List(items) => {
                let items: Vec<Pattern> = items.into_iter().map(Pattern::of).collect();
                if items.iter().all(Pattern::is_plain) {
                    return Pattern::Plain(Value::List(
                        items.into_iter().filter_map(plain).collect(),
                    ));
                }
                Pattern::List(items)
            }
            Value::Map(entries) => {
                let in_keys = entries.iter().any(|(key, _)| has_token(key));
                let of = |(key, value)| (key, Pattern::of(value));
                let entries: Vec<(String, Pattern)> = entries.into_iter().map(of).collect();
                if !in_keys && entries.iter().all(|(_, value)| value.is_plain()) {
                    let plain = |(key, value)| Some((key, plain(value)?));
                    return Pattern::Plain(Value::Map(
                        entries.into_iter().filter_map(plain).collect(),
                    ));
                }
                Pattern::Map(entries, in_keys)
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::String(_) => {
                Pattern::Plain(value)
            }
        }
    }

    fn is_plain(&self) -> bool {
        matches!(self, Pattern::Plain(_))
    }

    /// A value with everything in place of its token.
    ///
    /// # Errors
    ///
    /// When a filter cut a token, or when two keys of one map are the same text.
    pub fn resolve(&self, strings: &Strings) -> Result<Value, StrayToken> {
        Ok(match self {
            Pattern::Plain(value) => value.clone(),
            Pattern::Token(place) => match strings.number(*place) {
                Some(number) => Value::Int(number),
                None => Value::String(string(*place, strings)?.to_owned()),
            },
            Pattern::Text(text) => Value::String(replace(text, strings)?),
            Pattern::List(items) => {
                let items = items.iter().map(|item| item.resolve(strings));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Pattern::Map(entries, in_keys) => {
                let mut map = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = if *in_keys { replace(key, strings)? } else { key.clone() };
                    map.push((key, value.resolve(strings)?));
                }
                if *in_keys {
                    map.sort_by(|(a, _), (b, _)| field_order::compare(a, b));
                    if let Some(pair) = map.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                        let message = format!("the key `{}` stands twice in one map", pair[0].0);
                        return Err(StrayToken { message });
                    }
                }
                Value::Map(map)
            }
        })
    }
}

fn string(place: usize, strings: &Strings) -> Result<&str, StrayToken> {
    strings.get(place).ok_or_else(StrayToken::cut)
}

fn plain(pattern: Pattern) -> Option<Value> {
    if let Pattern::Plain(value) = pattern { Some(value) } else { None }
}

/// A copy of `value` with every number in its place, and tokens of strings as they are.
pub fn resolve_numbers(value: &Value, strings: &Strings) -> Value {
    match value {
        Value::String(text) => {
            let number = alone(text).and_then(|place| strings.number(place.parse().ok()?));
            number.map_or_else(|| value.clone(), Value::Int)
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| resolve_numbers(item, strings)).collect())
        }
        Value::Map(entries) => {
            let of =
                |(key, value): &(String, Value)| (key.clone(), resolve_numbers(value, strings));
            Value::Map(entries.iter().map(of).collect())
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => value.clone(),
    }
}
