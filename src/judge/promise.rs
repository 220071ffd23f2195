//! What the ledger promises of a service in a region.

use super::fields::Problem;
use super::report::Scope;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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
    /// The services that it calls itself.
    #[serde(default)]
    pub(super) rests_on: Vec<String>,
    /// By scope and objective.
    claims: BTreeMap<String, BTreeMap<String, Claim>>,
    /// The codes of what is taken for granted.
    premises: BTreeSet<String>,
}

/// What is claimed about one loss, in seconds.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Claim {
    /// None where nothing is promised.
    pub(super) promised: Option<u64>,
    /// None where nothing bounds it.
    pub(super) worst: Option<u64>,
    #[serde(default)]
    terms: BTreeMap<String, u64>,
}

impl Promise {
    /// The time until it serves again.
    pub(super) fn rto(&self, scope: Scope) -> Option<&Claim> {
        self.claims.get(scope.key())?.get("rto")
    }

    /// The data that is lost.
    pub(super) fn rpo(&self, scope: Scope) -> Option<&Claim> {
        self.claims.get(scope.key())?.get("rpo")
    }

    /// Of the replicas of all regions, those that must be left where one is lost; none where no tier
    /// promises that.
    pub(super) fn of_all_regions(&self) -> Option<u64> {
        self.claims.get(Scope::Region.key())?.get("survivors")?.promised
    }

    /// The share of a year for which it is promised to serve, in millionths, up to its largest loss.
    pub(super) fn availability(&self) -> Option<u64> {
        let claims = self.claims.values().filter_map(|of| of.get("availability"));
        claims.filter_map(|claim| claim.promised).next()
    }

    /// Whether something outside Ninefold has a copy of its data, as declared.
    pub(super) fn replicates(&self) -> bool {
        self.premises.contains("replication")
    }

    /// Whether nothing is missed of a volume that goes with its zone, as the ledger takes for granted.
    pub(super) fn misses_nothing(&self) -> bool {
        ["own-copies", "unwanted"].iter().any(|premise| self.premises.contains(*premise))
    }

    /// How long an image takes to be pulled, in seconds, where a claim says so.
    pub(super) fn pull(&self) -> Option<u64> {
        self.longest("image pulled")
    }

    /// The longest that a term of that name takes, in seconds, where a claim has one.
    pub(super) fn longest(&self, term: &str) -> Option<u64> {
        let claims = self.claims.values().flat_map(BTreeMap::values);
        claims.filter_map(|claim| claim.terms.get(term).copied()).max()
    }
}

impl Promise {
    /// Whether the time of a loss counts on that term.
    pub(super) fn makes_anew(&self, scope: Scope, term: &str) -> bool {
        self.rto(scope).is_some_and(|claim| claim.terms.contains_key(term))
    }
}

impl Claim {
    /// Whether people restore its data from a backup.
    pub(super) fn restores(&self) -> bool {
        self.terms.contains_key("data restored")
    }
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
