//! What a ledger promises for a region: the one place that knows how it is written there.

use crate::diff::side::Unit;
use crate::spec::quantity::Duration;
use serde_json::Value as Json;

/// What a service promises in one region. Whatever the ledger does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Promise {
    /// `primary`, `active`, `standby`
    pub(super) role: String,
    /// Replicas that run.
    pub(super) replicas: u64,
    /// Replicas that carry what the region must carry.
    pub(super) peak: u64,
    /// The zones of the region.
    pub(super) zones: u64,
    /// Replicas left after the loss of any one zone.
    pub(super) survivors: u64,
    /// The most data that a loss costs, where backups bound it.
    pub(super) rpo: Option<Duration>,
    /// Its terms, by name.
    pub(super) rpo_terms: Vec<(String, u64)>,
    /// The RPO of the spec.
    pub(super) rpo_promised: Option<Duration>,
    /// The longest time until it serves again, where that is proven.
    pub(super) rto: Option<Duration>,
    /// The RTO of the spec.
    pub(super) rto_promised: Option<Duration>,
}

/// What the ledger of a unit promises for a region.
pub(super) fn of(unit: Option<&Unit<'_>>, region: &str) -> Option<Promise> {
    let promises = unit?.ledger.as_ref()?.promises();
    Some(read(promises.get(region)?))
}

fn read(promise: &Json) -> Promise {
    let number = |key: &str| promise.get(key).and_then(Json::as_u64);
    let seconds = |value: Option<u64>| value.map(Duration::seconds);
    let total = |key: &str| seconds(promise.get(key)?.get("total")?.as_u64());
    let terms = promise.get("rpo").and_then(Json::as_object).into_iter().flatten();
    let terms = terms.filter(|(name, _)| *name != "total");
    Promise {
        role: promise.get("role").and_then(Json::as_str).unwrap_or_default().to_owned(),
        replicas: number("replicas").unwrap_or(0),
        peak: number("peak").unwrap_or(0),
        zones: number("zones").unwrap_or(0),
        survivors: number("survivors_of_zone_loss").unwrap_or(0),
        rpo: total("rpo"),
        rpo_terms: terms
            .filter_map(|(name, value)| Some((name.clone(), value.as_u64()?)))
            .collect(),
        rpo_promised: seconds(number("rpo_promised")),
        rto: total("rto"),
        rto_promised: seconds(number("rto_promised")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_read_with_its_terms() {
        let promise = read(&serde_json::json!({
            "role": "primary", "replicas": 3, "peak": 2, "zones": 3, "survivors_of_zone_loss": 2,
            "rpo": { "gap": 900, "total": 3420 }, "rpo_promised": 3600, "rto_promised": 7200,
        }));
        assert_eq!((promise.replicas, promise.survivors), (3, 2));
        assert_eq!(promise.rpo, Some(Duration::seconds(3420)));
        assert_eq!(promise.rpo_terms, [("gap".to_owned(), 900)]);
        assert_eq!((promise.rto, promise.rto_promised), (None, Some(Duration::seconds(7200))));
    }
}
