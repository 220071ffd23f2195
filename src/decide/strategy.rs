//! How a service gets back after the loss of a region, where its spec does not say.

use super::{in_regions, numbers, proof};
use crate::check::Checked;
use crate::kube::engines::replication::Copies;
use crate::model::{Fleet, Service, Strategy};
use rayon::prelude::*;
use std::sync::Arc;

/// Chooses the recovery strategy of every service that names none.
pub(super) fn choose(checked: &mut Checked) {
    let (fleet, services) = checked.without_strategy();
    services.into_par_iter().for_each(|service| choose_one(fleet, service));
}

/// The first of its tier's that a service can have, and with which it keeps its RTO. When none keeps
/// it, the tier's first, and the sum says why.
pub(super) fn choose_one(fleet: &Fleet, service: &mut Service) {
    let tier = Arc::clone(&service.tier);
    for strategy in &tier.strategies {
        if suits(service, *strategy) {
            service.strategy = *strategy;
            if keeps_region_loss(fleet, service) {
                return;
            }
        }
    }
    service.strategy = tier.strategies[0];
}

/// Whether a service can have a strategy without anybody having asked for it. Where several regions
/// write, somebody must have thought of what becomes of two writes at once; what is outside this
/// fleet has.
pub(super) fn suits(service: &Service, strategy: Strategy) -> bool {
    let keeps_state = service.keeps_data() || service.postgresql.is_some();
    let outside = service.replication.as_ref();
    let outside = outside.is_some_and(|one| one.engine.copies() == Copies::Elsewhere);
    strategy != Strategy::ActiveActive || (!service.single_writer && (!keeps_state || outside))
}

/// Whether a service is back in time after the loss of a region, with the strategy that it has.
fn keeps_region_loss(fleet: &Fleet, service: &Service) -> bool {
    let numbers = numbers(fleet, service);
    let claims =
        in_regions(fleet, service, (&numbers, &[])).map(|here| proof::rto::of_region_loss(&here));
    claims.into_iter().all(|claim| claim.verdict() != proof::Verdict::Broken)
}
