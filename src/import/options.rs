//! What is asked for.

use super::object::Object;
use std::collections::BTreeMap;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The tier of every service.
    pub tier: String,
    /// Whether nobody named it.
    pub tier_is_guessed: bool,
    /// The regions of every service; none for those of the fleet, or one that is made up.
    pub regions: Vec<String>,
    /// Whether nobody named the regions.
    pub(crate) regions_are_guessed: bool,
    /// The namespace of what has none of its own.
    pub namespace: String,
    /// The folder of the specs, as reports name it.
    pub into: String,
    /// Digests of images: `nginx:1.29` → `sha256:…`.
    pub digests: BTreeMap<String, String>,
    /// The day on which the facts of a new fleet were taken.
    pub inventory: String,
    /// Whether pages are made that move what runs.
    pub cutover: bool,
    /// Whether an image without a digest gets one that is made up, to see what would follow.
    pub(crate) made_up: bool,
}

impl Options {
    /// Those of an import into the folder `into`, where nothing else is asked for: what a cluster would
    /// have today, with `namespace` for what has none.
    pub fn new(into: &str, namespace: &str) -> Options {
        Options {
            tier: "bronze".to_owned(),
            tier_is_guessed: true,
            regions: Vec::new(),
            regions_are_guessed: true,
            namespace: namespace.to_owned(),
            into: into.to_owned(),
            digests: BTreeMap::new(),
            inventory: SOME_DAY.to_owned(),
            cutover: true,
            made_up: false,
        }
    }

    /// The same with a tier.
    pub fn with_tier(self, tier: &str) -> Options {
        Options { tier: tier.to_owned(), tier_is_guessed: false, ..self }
    }

    /// The same with digests of images.
    pub fn with_digests(self, digests: BTreeMap<String, String>) -> Options {
        Options { digests, ..self }
    }

    /// The namespace that an object has, where it says this one.
    pub(super) fn namespace(&self, written: Option<&str>) -> String {
        written.filter(|name| *name != "default").unwrap_or(&self.namespace).to_owned()
    }

    pub(super) fn namespace_of(&self, object: &Object) -> String {
        self.namespace(object.namespace.as_deref())
    }

    /// An image, by the digest that is known of it.
    pub(super) fn image(&self, image: &str) -> String {
        match self.digests.get(image).filter(|_| !image.contains('@')) {
            Some(digest) => format!("{image}@{digest}"),
            None if self.made_up && !image.contains('@') && !image.is_empty() => {
                format!("{image}{MADE_UP}")
            }
            None => image.to_owned(),
        }
    }
}

/// The day on which facts were taken that say none.
const SOME_DAY: &str = "2026-01-01";

/// A digest that no image has.
pub(super) const MADE_UP: &str =
    "@sha256:0000000000000000000000000000000000000000000000000000000000000000";
