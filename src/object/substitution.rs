//! Text that an engine would replace: `${…}` in a field is meant as it is, whoever wrote it.

use super::{Context, Object, own};
use crate::kube::delivery;
use crate::yaml::Value;

/// Tells the engine to leave the text of objects with a `${` as it is. What nobody substitutes in our
/// Kustomizations, somebody's own may.
pub(super) fn off(objects: &mut [Object], context: Context<'_>) {
    let Some((key, value)) = delivery::unsubstituted(context.delivery) else { return };
    for object in objects.iter_mut().filter(|object| says(&object.value, "${")) {
        if let Some(metadata) = object.value.get_mut("metadata") {
            own::add(metadata, "annotations", [(key, value.to_owned())].into_iter());
        }
    }
}

/// Whether a text stands anywhere in a value.
fn says(value: &Value, text: &str) -> bool {
    value.as_str().is_some_and(|value| value.contains(text))
        || value.items().iter().any(|item| says(item, text))
        || value.entries().iter().any(|(_, field)| says(field, text))
}
