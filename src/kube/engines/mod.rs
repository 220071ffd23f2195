//! Who does the work in a cluster that Kubernetes does not do itself, and of whom a fleet or a service
//! chooses one. Adding one begins with a literal in its table.

pub mod delivery; //    what delivers the tree
pub mod replication; // who copies data to another region
pub mod traffic; //     who makes records, and who serves their zones

/// Makes an enum, whose variants are written as in a spec, and the row of each.
macro_rules! engines {
    (
        $(#[$about:meta])*
        $name:ident: $rows:ty { $($(#[$of:meta])* $variant:ident = $row:expr),* $(,)? }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// What is true of it.
            pub fn row(self) -> &'static $rows {
                match self {
                    $($name::$variant => const { &$row },)*
                }
            }

            /// As it is written.
            pub fn word(self) -> &'static str {
                self.row().word
            }
        }

        #[cfg(test)]
        #[test]
        fn words_are_those_that_are_read() {
            use serde::de::IntoDeserializer;
            for one in $name::ALL {
                let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
                    one.word().into_deserializer();
                assert_eq!(<$name as serde::Deserialize>::deserialize(word), Ok(*one));
            }
        }
    };
}
use engines;
