//! The data: deleted or damaged, while everything runs.

use super::super::super::ServiceInRegion;
use super::super::rpo::NOT_BACKED_UP;
use super::super::{Claim, Objective, Premise, Scope, Term};
use super::terms::{THROUGHPUT, decision, guessed, monitoring, restore, start};
use super::{Instead, claim};
use crate::model::Postgresql;
use crate::model::Step;
use crate::quantity::Duration;

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
        terms.extend([base(here, database), replay(here, database)]);
        premises.push(Premise::Log);
    }
    terms.push(start(here));
    claim(Scope::Data, terms).given(premises)
}

/// The base backup, by one stream from object storage. Nothing that is published bounds it, so it is
/// planned with what one data mover copies.
fn base(here: &ServiceInRegion<'_>, database: &Postgresql) -> Term {
    let time = Duration::seconds(database.size.get().div_ceil(THROUGHPUT.get()));
    let term = guessed(here, here.region, Step::Base, time);
    assumed(term, format!("{} ÷ {THROUGHPUT} a second", database.size))
}

/// The log from the base backup to the moment. PostgreSQL replays it in one process, segment by
/// segment from the archive (PostgreSQL `continuous-archiving`, `runtime-config-wal`).
fn replay(here: &ServiceInRegion<'_>, database: &Postgresql) -> Term {
    let time = Duration::seconds(database.size.get().div_ceil(THROUGHPUT.get()));
    let every = here.database.map(|it| it.base_interval).unwrap_or_default();
    let term = guessed(here, here.region, Step::Replay, time);
    let max = format!("what was written since the base backup, at most {every} before");
    assumed(term, format!("{max}: no more than {} ÷ {THROUGHPUT} a second", database.size))
}

/// How a term is added up, unless it was measured.
fn assumed(term: Term, formula: String) -> Term {
    if term.source.is_assumed() { term.because(formula) } else { term }
}
