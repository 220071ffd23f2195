//! The data: deleted or damaged, while everything runs.

use super::super::super::{ServiceInRegion, wal};
use super::super::rpo::NOT_BACKED_UP;
use super::super::{Claim, Objective, Premise, Scope, Term};
use super::terms::{THROUGHPUT, decision, monitoring, moved, planned, restore, start};
use super::{Instead, claim};
use crate::model::Postgresql;
use crate::model::Step;
use crate::quantity::{Bytes, Duration};

/// Volumes come back in place, a database into a new Cluster that the service is then pointed to.
pub(crate) fn data_loss(here: &ServiceInRegion<'_>, instead: Instead) -> Claim {
    let service = here.service;
    if service.keeps_data() && !service.backed_up {
        return Claim::unbounded(Scope::Data, Objective::Rto, NOT_BACKED_UP);
    }
    let mut terms = vec![monitoring(here, here.region), decision(here, here.region)];
    let mut premises = vec![Premise::People, Premise::Vault];
    if service.keeps_data() {
        terms.push(restore(here, here.region, instead));
    }
    if let Some(database) = &service.postgresql {
        terms.push(base(here, database));
        terms.extend(replay(here));
        premises.push(Premise::Log);
    }
    terms.push(start(here));
    claim(Scope::Data, terms).given(premises)
}

/// A database whose volume is gone, from what a person decides until it has replayed.
pub(super) fn from_archive(here: &ServiceInRegion<'_>, database: &Postgresql) -> Vec<Term> {
    let seen = [monitoring(here, here.region), decision(here, here.region)];
    // What sees a lost node is in the sum already.
    let seen = seen.into_iter().filter(|term| term.name != super::step::DETECT);
    seen.chain([base(here, database)]).chain(replay(here)).collect()
}

/// The base backup, by one stream from object storage. Nothing that is published bounds it, so it is
/// planned with what one data mover copies.
fn base(here: &ServiceInRegion<'_>, database: &Postgresql) -> Term {
    copied(here, database.size, Step::Base, String::new())
}

/// The log from the base backup to the moment. PostgreSQL replays it in one process, segment by
/// segment from the archive (PostgreSQL `continuous-archiving`, `runtime-config-wal`). How much there
/// is, the load decides, and no size of the database.
fn replay(here: &ServiceInRegion<'_>) -> Option<Term> {
    let database = here.database.as_deref()?;
    let every = database.base_interval;
    let before = format!("{} in the {every} since the base backup: ", wal::rate(here, database));
    Some(copied(here, database.since_base(), Step::Replay, before))
}

/// So much, as one data mover copies it, or as it was measured.
fn copied(here: &ServiceInRegion<'_>, size: Bytes, what: Step, before: String) -> Term {
    let time = Duration::seconds(size.get().div_ceil(THROUGHPUT.get()));
    let assumed = || {
        let formula = format!("{before}{size} ÷ {THROUGHPUT} a second");
        planned(what, time).because(formula)
    };
    moved(here, here.region, what, (size, time, false)).unwrap_or_else(assumed)
}
