//! A stage: [`Plan`] → [`Manifests`].
//!
//! YAML text, one for each planned object. Templates spell what the plan decided.

mod library; //   the built-in templates, and a folder that overrides them
mod tokens; //    interpolated strings, kept out of the text until it is parsed
mod outline; //   what a template can tell of its values
mod pattern; //   what a text says, until strings are in place of its tokens
mod recent; //    what was made lately
mod variables; // what templates read
mod own; //       files with objects of the user's own
mod trace; //     which line of which template a rendered line came from

pub use library::{TemplateFiles, TemplateSets, Templates, warm};
pub use outline::Strings;
pub use pattern::{Pattern, resolve_numbers};
pub use recent::Recent;
pub use tokens::StrayToken;

use crate::decide::Promise;
use crate::diag::{Reported, Sink, Sources, all};
use crate::kube::ObjectId;
use crate::kube::kinds::Naming;
use crate::plan::values::{Extra, Values};
use crate::plan::{Origin, Plan, Unit};
use crate::yaml::written::Written;
use std::sync::Arc;

/// The manifests of one unit.
#[derive(Debug)]
pub struct Manifests {
    unit: Unit,
    manifests: Vec<Manifest>,
    promises: Vec<Promise>,
    whole: Result<(), Reported>,
}

impl Manifests {
    /// Whether every file of the user's own could be read; what is wrong with the others can be said
    /// either way.
    pub fn whole(&self) -> Result<(), Reported> {
        self.whole
    }

    /// The parts.
    pub fn into_parts(self) -> (Unit, Vec<Manifest>, Vec<Promise>) {
        (self.unit, self.manifests, self.promises)
    }
}

/// The text of one object, and what belongs to it.
#[derive(Debug)]
pub struct Manifest {
    /// Who the object is.
    pub id: ObjectId,
    /// The stem of its file.
    pub file: String,
    /// How it gets its final name.
    pub naming: Naming,
    /// What asked for it.
    pub origin: Origin,
    /// The template that spelled it.
    pub template: String,
    /// What the template said, to trace a line back.
    pub values: Values,
    /// The text; every string that was interpolated is a token.
    pub text: Arc<str>,
    /// The strings behind the tokens.
    pub strings: Strings,
    /// What stands in a file of the user's own, which no template spelled; then there is no text.
    pub written: Option<Written>,
    /// What every template of the service can say here, beside its own values.
    pub everywhere: Option<Arc<Extra>>,
}

/// Whether a text has no document in it.
fn is_empty(text: &str) -> bool {
    let says_nothing =
        |line: &str| line.is_empty() || line.starts_with('#') || line == "---" || line == "...";
    text.lines().all(|line| says_nothing(line.trim()))
}

/// Renders every planned object.
///
/// # Errors
///
/// When a template does not render; it was reported with the line of the template and the key of
/// the spec.
pub fn render(
    sink: &mut Sink,
    plan: Plan,
    templates: &Templates,
    sources: &Sources,
) -> Result<Manifests, Reported> {
    let environments = plan.environments().clone();
    let (unit, objects, promises) = plan.into_parts();
    let mut whole = Ok(());
    let manifests = all(objects.into_iter().map(|planned| {
        if let Values::Own(own) = &planned.values {
            return Ok(own::read(sink, &planned, own, sources).unwrap_or_else(|reported| {
                whole = Err(reported);
                Vec::new()
            }));
        }
        let everywhere = environments.get(&planned.id.region).map(Arc::clone);
        let of = (&planned.values, everywhere.as_deref());
        let (text, strings) = templates.render(&planned.template, of).map_err(|error| {
            sink.error(templates.finding(&planned.template, &error, planned.origin))
        })?;
        // A template of the user's own may have nothing to say about a service.
        if matches!(planned.values, Values::Extra(_)) && is_empty(&text) {
            return Ok(Vec::new());
        }
        Ok(vec![Manifest {
            id: planned.id,
            file: planned.file,
            naming: planned.naming,
            origin: planned.origin,
            template: planned.template,
            values: planned.values,
            text,
            strings,
            written: None,
            everywhere,
        }])
    }))?;
    let manifests = manifests.into_iter().flatten().collect();
    Ok(Manifests { unit, manifests, promises, whole })
}
