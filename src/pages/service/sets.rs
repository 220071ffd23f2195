//! What the pages of sets say beside what every page says.

use crate::decide::ServiceInRegion;
use crate::decide::proof::rto::step;
use crate::decide::proof::{self, Amount, Objective, Scope};
use crate::plan::{postgresql, recovery, replication};
use serde::Serialize;

/// What data comes back from in a region.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Sets {
    /// The archive of the database; none without one.
    pub(crate) archive: Option<Archive>,
    /// The Secrets of the repositories from which VolSync pulls.
    pub(crate) repositories: Vec<String>,
    /// The Secrets that the service mounts, and that nothing in a drill makes.
    pub(crate) secrets: Vec<String>,
}

/// The archive that a database comes back from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Archive {
    /// The ObjectStore.
    pub(crate) store: String,
    /// The name under which it archives.
    pub(crate) server: String,
    /// The database in it.
    pub(crate) database: String,
    /// How long it takes at most until a commit is in it.
    pub(crate) lag: String,
    /// How long the base backup takes at most.
    pub(crate) base: Option<String>,
    /// How long the log takes at most.
    pub(crate) replay: Option<String>,
}

pub(super) fn of(here: &ServiceInRegion<'_>) -> Sets {
    // The operator makes those of the Cluster anew.
    let own = here.service.postgresql.as_ref().map(|_| format!("{}-", postgresql::cluster(here)));
    let mounted = here.service.secrets.iter().map(|secret| secret.name.clone());
    let made = |name: &String| own.as_ref().is_some_and(|own| name.starts_with(own.as_str()));
    let copies = if here.role.takes_over { replication::copies(here) } else { Vec::new() };
    Sets {
        archive: archive(here),
        repositories: copies.into_iter().map(|copy| copy.values.repository).collect(),
        secrets: mounted.filter(|name| !made(name)).collect(),
    }
}

fn archive(here: &ServiceInRegion<'_>) -> Option<Archive> {
    here.service.postgresql.as_ref()?;
    let source = recovery::source(here);
    let archive = postgresql::archive(here, source)?;
    let lag = here.database.and_then(|database| database.lag())?;
    let written = here.everywhere().find(|place| place.region.name == source.name);
    let proof = written.map(|written| proof::of(&written));
    let time = |name: &str| {
        let term = proof.as_ref()?.claim(Scope::Data, Objective::Rto)?.term(name)?;
        Some(Amount { number: term.total(), unit: term.amount.unit }.to_string())
    };
    Some(Archive {
        store: archive.store,
        server: archive.server,
        database: postgresql::database_name(here),
        lag: lag.to_string(),
        base: time(step::BASE),
        replay: time(step::REPLAY),
    })
}
