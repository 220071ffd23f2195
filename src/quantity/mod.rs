//! Durations, sizes, shares of a CPU, dates, permissions: text to a typed value, once.
//!
//! Each type has one parser; reading, the JSON Schema's `pattern` and messages all follow it.

/// Sums and multiples of an amount. What is too large for its type is the largest that there is.
macro_rules! adds_up {
    ($type:ident) => {
        impl std::ops::Add for $type {
            type Output = $type;
            fn add(self, other: $type) -> $type {
                $type(self.0.saturating_add(other.0))
            }
        }
        impl std::ops::Mul<u64> for $type {
            type Output = $type;
            fn mul(self, times: u64) -> $type {
                $type(self.0.saturating_mul(times))
            }
        }
    };
}
use adds_up;

mod duration; // how long
mod bytes; //    how large
mod cpu; //      how much of a core
mod date; //     when
mod mode; //     who may read, write and run a file

pub use bytes::Bytes;
pub use cpu::Cpu;
pub use date::{Date, Moment};
pub use duration::Duration;
pub use mode::Permissions;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

/// A text format: its name in the JSON Schema, its pattern, and the check behind both.
pub(crate) struct Format {
    /// The value of `format` in the schema.
    pub(crate) name: &'static str,
    /// A regular expression that every accepted text matches.
    pub(crate) pattern: &'static str,
    /// What an editor offers.
    pub(crate) example: &'static str,
    /// Says what is wrong with a text, if anything.
    pub(crate) check: fn(&str) -> Result<(), String>,
}

/// All text formats.
pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "duration",
        pattern: "^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
        example: "1h30m",
        check: |text| Duration::parse(text).map(drop),
    },
    Format {
        name: "size",
        pattern: "^[0-9]+(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)$",
        example: "256Mi",
        check: |text| Bytes::parse(text).map(drop),
    },
    Format {
        name: "cpu",
        pattern: "^([0-9]+m|[0-9]+(\\.[0-9]{1,3})?)$",
        example: "250m",
        check: |text| Cpu::parse(text).map(drop),
    },
    Format {
        name: "date",
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        example: "2026-11-22",
        check: |text| Date::parse(text).map(drop),
    },
    Format {
        name: "moment",
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        example: "2026-11-22T09:30:00Z",
        check: |text| Moment::parse(text).map(drop),
    },
    Format {
        name: "permissions",
        pattern: "^(0|0o)?[0-7]{3}$",
        example: "0755",
        check: |text| Permissions::parse(text).map(drop),
    },
];

macro_rules! read_as_text {
    ($($type:ident as $format:literal),*) => {$(
        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<$type, String> {
                $type::parse(text)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let text = String::deserialize(deserializer)?;
                $type::parse(&text).map_err(serde::de::Error::custom)
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let format = FORMATS.iter().find(|format| format.name == $format)
                    .expect("every quantity has a format");
                json_schema!({
                    "type": "string",
                    "format": format.name,
                    "pattern": format.pattern,
                    "examples": [format.example],
                })
            }
        }
    )*};
}

read_as_text!(
    Duration as "duration",
    Bytes as "size",
    Cpu as "cpu",
    Date as "date",
    Moment as "moment",
    Permissions as "permissions"
);
