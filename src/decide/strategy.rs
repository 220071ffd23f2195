//! How a service gets back after the loss of a region, where its spec does not say.

use super::{Numbers, in_regions, numbers, proof};
use crate::check::Checked;
use crate::diag::FileId;
use crate::kube::ServiceName;
use crate::kube::engines::replication::Copies;
use crate::model::{Fleet, Service, Strategy};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Chooses the recovery strategy of every service that names none, and says what was decided of each
/// in the course of it.
pub(super) fn choose(checked: &mut Checked) -> BTreeMap<Written, Vec<Numbers>> {
    let (fleet, services) = checked.without_strategy();
    let one = |service: &mut Service| Some((written(service), choose_one(fleet, service)?));
    let decided: Vec<(Written, Vec<Numbers>)> = services.into_par_iter().filter_map(one).collect();
    decided.into_iter().collect()
}

/// Which service it is, where two of one name may still be there.
pub(super) type Written = (FileId, ServiceName);

pub(super) fn written(service: &Service) -> Written {
    (service.document.file(), service.name.clone())
}

/// The first of its tier's that a service can have, and with which it keeps its RTO. When none keeps
/// it, the tier's first, and the sum says why. Out comes what is decided of the service with it, where
/// it was tried.
pub(super) fn choose_one(fleet: &Fleet, service: &mut Service) -> Option<Vec<Numbers>> {
    let tier = Arc::clone(&service.tier);
    for strategy in &tier.strategies {
        if suits(service, *strategy) {
            service.strategy = *strategy;
            let numbers = numbers(fleet, service);
            if keeps_region_loss(fleet, service, &numbers) {
                return Some(numbers);
            }
        }
    }
    service.strategy = tier.strategies[0];
    None
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
fn keeps_region_loss(fleet: &Fleet, service: &Service, numbers: &[Numbers]) -> bool {
    let claims =
        in_regions(fleet, service, (numbers, &[])).map(|here| proof::rto::of_region_loss(&here));
    claims.into_iter().all(|claim| claim.verdict() != proof::Verdict::Broken)
}
