//! What the ledger promises of a service in a region.

use super::fields::Problem;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The promises of ledgers, by service and region, as they stand there.
pub type Promises = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

/// What a loss is held against. Fields that are not needed here are not read.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Promise {
    /// `primary`, `standby` or `active`.
    pub(super) role: String,
    /// Replicas that run.
    pub(super) replicas: usize,
    /// Replicas that carry what the region must carry.
    pub(super) peak: usize,
    /// Replicas left after the loss of any zone; 0 where nothing keeps them apart.
    pub(super) survivors_of_zone_loss: usize,
    /// The longest time until it serves again, in seconds.
    pub(super) rto_promised: u64,
    /// The most data that a loss costs, where backups bound it.
    pub(super) rpo: Option<Loss>,
}

/// A worst case.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Loss {
    /// In seconds.
    pub(super) total: u64,
}

/// The promises of one service, by region.
pub(super) type OfService = BTreeMap<String, Promise>;

/// Reads all of them.
pub(super) fn read(
    promises: &Promises,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, OfService> {
    let mut read: BTreeMap<String, OfService> = BTreeMap::new();
    for (service, regions) in promises {
        for (region, value) in regions {
            match Promise::deserialize(value) {
                Ok(promise) => {
                    read.entry(service.clone()).or_default().insert(region.clone(), promise);
                }
                Err(error) => problems.push(Problem::new(
                    &format!("ledger/{service}.json"),
                    format!("the promise for `{region}` cannot be read: {error}"),
                    "build again: `ninefold build`",
                )),
            }
        }
    }
    read
}
