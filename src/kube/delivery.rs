//! Annotations for the delivery engines on each object: in which order to apply it, and what never
//! to delete without a person.

use super::engines::delivery::Delivery;
use super::{Kind, operators};

/// What a Job is annotated with that ends before the pods of a release start.
pub fn before_pods(delivery: Delivery) -> &'static [(&'static str, &'static str)] {
    delivery.row().before_pods
}

/// What an object is annotated with that such a Job needs, although it comes with the pods otherwise.
pub fn with_jobs(delivery: Delivery) -> Option<(&'static str, &'static str)> {
    delivery.row().with_jobs
}

/// Whether objects of a kind wait for such Jobs: what runs the release, and what brings users to it.
/// So does a claim, which may be bound only once a pod asks for it.
pub fn waits_for_jobs(kind: &Kind) -> bool {
    let row = kind.facts();
    let runs = row.pods.template.is_some() || row.pods.replicas.is_some();
    runs || row.wave > 0 || *kind == Kind::PersistentVolumeClaim
}

/// What an object is annotated with that waits for another region: later than every kind.
pub fn after_all(delivery: Delivery) -> Option<(&'static str, &'static str)> {
    delivery.row().wave
}

/// Keeps the `${…}` of an object as they are, where `delivery` would put something in their place.
pub fn unsubstituted(delivery: Delivery) -> Option<(&'static str, &'static str)> {
    delivery.row().unsubstituted
}

/// The annotations that `delivery` reads on an object of `kind`. What is precious is never pruned: a
/// person deletes it.
pub fn annotations(delivery: Delivery, kind: &Kind) -> Vec<(&'static str, String)> {
    let (engine, row) = (delivery.row(), kind.facts());
    let wave = engine.wave.map(|(key, _)| (key, row.wave.to_string()));
    let built_in = operators::is_own(operators::group(kind.api_version()));
    let more = if built_in { "" } else { engine.not_built_in };
    let annotations = if row.precious { engine.precious } else { engine.others };
    let annotations = annotations.map(|(key, value)| (key, [value, more].concat()));
    let late = engine.late.filter(|_| waits_for_jobs(kind));
    let late = late.map(|(key, value)| (key, value.to_owned()));
    wave.into_iter().chain(annotations).chain(late).collect()
}
