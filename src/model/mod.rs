//! Stage 2 of 8: [`Specs`] → [`Model`].
//!
//! What the specs mean: names are well-formed and unique, references resolve, every default is
//! filled, every rule holds. Whoever has a `Model` never asks again whether it is valid.

pub mod fleet; //    regions, and what stands in them
pub mod tier; //     what a tier means
pub mod service; //  one service
mod links; //        who calls whom
mod rules; //        what must hold

pub use fleet::{Fleet, Region};
pub(crate) use rules::backups::location as backup_location;
pub use service::Service;
pub use tier::Tier;

use crate::diag::{Reported, Sink};
use crate::kube::ServiceName;
use crate::spec::Specs;

/// The fleet and its services; services in the order of their names.
#[derive(Debug)]
pub struct Model(Draft);

/// A model whose rules have not been checked yet.
#[derive(Debug)]
struct Draft {
    fleet: Fleet,
    services: Vec<Service>,
}

impl Model {
    /// The fleet.
    pub fn fleet(&self) -> &Fleet {
        &self.0.fleet
    }

    /// The services, in the order of their names.
    pub fn services(&self) -> &[Service] {
        &self.0.services
    }

    /// The service of that name.
    pub fn service(&self, name: &ServiceName) -> Option<&Service> {
        let found = self.0.services.binary_search_by(|service| service.name.cmp(name));
        found.ok().map(|at| &self.0.services[at])
    }
}

/// Fills defaults, resolves references and checks every rule.
///
/// # Errors
///
/// When an error was reported.
pub fn check(sink: &mut Sink, specs: Specs) -> Result<Model, Reported> {
    let (fleet, specs) = specs.into_parts();
    let fleet = fleet::resolve(sink, fleet)?;
    let mut accepted = Vec::new();
    let mut unsupported = Vec::new();
    let mut services = Vec::new();
    let mut unresolved = Vec::new();
    for mut spec in specs {
        let dependencies = std::mem::take(&mut spec.value.depends_on);
        accepted.extend(rules::accept::read(&spec));
        unsupported.extend(rules::not_supported::find(&spec));
        let name = spec.value.name.clone();
        match service::resolve(sink, &fleet, spec) {
            Some(service) => services.push((service, dependencies)),
            None => unresolved.push(name),
        }
    }
    services.sort_by(|(a, _), (b, _)| {
        a.name.cmp(&b.name).then_with(|| a.document.file().cmp(&b.document.file()))
    });
    let (mut services, dependencies): (Vec<Service>, Vec<_>) = services.into_iter().unzip();
    links::mark_shared(&mut services);
    links::resolve(sink, &mut services, &dependencies, &unresolved);
    let draft = Draft { fleet, services };
    unsupported.into_iter().for_each(|finding| sink.report(finding));
    rules::run(sink, &draft);
    rules::accept::apply(sink, &draft.fleet, accepted);
    sink.ok()?;
    Ok(Model(draft))
}
