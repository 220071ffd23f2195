//! What a ledger promises for a region. Of one that was read the text is kept, which takes less
//! room: of a large tree, hardly anybody asks for all.

use crate::decide::Promise;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A promise, as JSON.
#[derive(Clone, Debug)]
pub enum Promised {
    /// One that was made.
    Made(Box<Promise>),
    /// One that was read, as it is written.
    Read(Box<RawValue>),
}

impl Promised {
    /// What it says, made anew with each call.
    pub fn value(&self) -> Value {
        match self {
            Promised::Made(promise) => {
                serde_json::to_value(promise).expect("a promise holds numbers and words")
            }
            Promised::Read(text) => {
                serde_json::from_str(text.get()).expect("it was parsed when it was read")
            }
        }
    }
}

impl PartialEq for Promised {
    fn eq(&self, other: &Promised) -> bool {
        match (self, other) {
            (Promised::Made(one), Promised::Made(other)) => one == other,
            (Promised::Read(one), Promised::Read(other)) if one.get() == other.get() => true,
            _ => self.value() == other.value(),
        }
    }
}

impl Serialize for Promised {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Promised::Made(promise) => promise.serialize(serializer),
            // It may be laid out otherwise.
            Promised::Read(_) => self.value().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Promised {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Promised, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        if !is_plain(text.get()) {
            serde_json::from_str::<Value>(text.get()).map_err(D::Error::custom)?;
        }
        Ok(Promised::Read(text))
    }
}

/// More lists and maps may stand in each other deeper than a reader takes, which is 127 levels.
const MOST_BRACKETS: usize = 100;

/// More digits may be a number that no reader takes; one of 308 always fits an `f64`.
const MOST_DIGITS: usize = 300;

/// Whether every reader takes a text that is JSON: it is not deep, its numbers are short and have no
/// exponent, no escape in it can be half of a character, and no key can be one of `serde_json`'s own,
/// which have a `$`. A promise hardly ever is otherwise.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_exponent = |pair: &[u8]| pair[0].is_ascii_digit() && matches!(pair[1], b'e' | b'E');
    // Without a way out in the middle, it looks at many bytes at once.
    let exponents = bytes.windows(2).filter(|pair| is_exponent(pair)).count();
    let brackets = bytes.iter().filter(|byte| matches!(byte, b'{' | b'[')).count();
    // Of more digits than that in a row, some fill a part.
    let mut parts = bytes.chunks_exact(MOST_DIGITS / 2);
    let long = parts.any(|part| part.iter().all(u8::is_ascii_digit));
    !bytes.contains(&b'\\')
        && !bytes.contains(&b'$')
        && exponents == 0
        && brackets < MOST_BRACKETS
        && !long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_reader_takes_is_refused_when_it_is_read() {
        let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
        let half = r#""\ud800""#.to_owned();
        let own_key = r#"{"$serde_json::private::RawValue": 1}"#.to_owned();
        let numbers = ["1e999".to_owned(), "1.5E999".to_owned(), "9".repeat(400)];
        let numbers = numbers.into_iter().chain([format!("[1, {}]", "9".repeat(310))]);
        for text in numbers.chain([deep, half, own_key]) {
            assert!(serde_json::from_str::<Promised>(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_read_is_what_was_made_however_it_is_laid_out() {
        let written = r#""claims":{},"peak":3,"premises":[],"replicas":3,"residency":[]"#;
        let rest = r#""role":"primary","survivors_of_zone_loss":2,"verify":[],"zones":3"#;
        let promise = serde_json::from_str(&format!("{{{written},{rest}}}")).unwrap();
        let made = Promised::Made(Box::new(promise));
        let read = |text: &str| serde_json::from_str::<Promised>(text).unwrap();
        let compact = read(&format!("{{{written},{rest}}}"));
        let wide = read(&format!("{{ {rest},\n {written} }}"));
        assert_eq!(made, compact);
        assert_eq!(compact, wide);
        assert_ne!(compact, read(r#"{"role":"standby","replicas":3}"#));
        let pretty = |promised: &Promised| serde_json::to_string_pretty(promised).unwrap();
        assert_eq!(pretty(&made), pretty(&wide));
    }
}
