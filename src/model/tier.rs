//! Tiers: the built-in table, and what a fleet changes in it.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::quantity::Duration;
use crate::spec;
use crate::spec::fleet::{Spread, Stored, Survives, Tier as WrittenTier, TierBackup};
use crate::spec::service::Strategy;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a tier means: every field has its value.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// What it survives without losing the peak.
    pub survives: Survives,
    /// The share of the year, in percent, for which it serves.
    pub availability: f64,
    /// The fewest regions.
    pub regions: u32,
    /// The fewest zones in a region.
    pub zones: u32,
    /// Replicas that carry the peak unless the service says.
    pub peak: u32,
    /// The fewest replicas.
    pub replicas: u32,
    /// How replicas spread over zones.
    pub zone_spread: Spread,
    /// How replicas spread over nodes.
    pub host_spread: Spread,
    /// Replicas above the wanted number during a rollout.
    pub surge: u32,
    /// Replicas below the wanted number during a rollout.
    pub unavailable: u32,
    /// How long a new pod must be ready before it counts.
    pub min_ready: Duration,
    /// How long a pod stays on a lost node.
    pub node_loss: Duration,
    /// How long a pod goes on serving while it is taken out of the endpoints.
    pub settle: Duration,
    /// How long work in flight may take after that.
    pub drain: Duration,
    /// The limit of CPU as a multiple of the request; 0 means no limit.
    pub cpu_burst: u32,
    /// The PriorityClass; none means the cluster's default.
    pub priority_class: Option<String>,
    /// Former generations that stay in the tree.
    pub retain: u32,
    /// The recovery strategies that it allows, the default for several regions first.
    pub strategies: Vec<Strategy>,
    /// The share of the peak, in percent, that a warm standby runs.
    pub standby: u32,
    /// How old a measurement may be that its promises rest on; none means any age.
    pub evidence: Option<Duration>,
    /// How it backs up.
    pub backup: Backup,
}

/// How a tier backs up.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The longest time between backups.
    pub every: Duration,
    /// How long backups are kept.
    pub keep: Duration,
    /// Where they are stored.
    pub stored: Stored,
    /// In how many locations backups of volumes are.
    pub copies: u32,
    /// How many runs in a row may fail.
    pub failed_runs: u32,
    /// The least time that a backup is given.
    pub duration: Duration,
}

/// 365.25 days.
const YEAR: u32 = 31_557_600;

/// What an availability, in percent, leaves of a year.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and a year"
)]
pub(crate) fn downtime(availability: f64) -> Duration {
    // A millionth of a second more than the arithmetic of fractions leaves.
    let seconds = (100.0 - availability) / 100.0 * f64::from(YEAR) + 1e-6;
    Duration::seconds(seconds.max(0.0) as u64)
}

const BUILT_IN: &str = include_str!("tiers.toml");

/// The built-in tiers with the changes and additions of a fleet.
pub(super) fn resolve(
    sink: &mut Sink,
    fleet: &mut spec::Spec<spec::Fleet>,
) -> BTreeMap<String, Arc<Tier>> {
    let built_in: BTreeMap<String, WrittenTier> =
        toml::from_str(BUILT_IN).expect("the built-in tiers are valid");
    let mut tiers: BTreeMap<String, Arc<Tier>> = (built_in.iter())
        .map(|(name, tier)| (name.clone(), Arc::new(complete(name, tier))))
        .collect();
    let mut unknown = Vec::new();
    for (name, change) in &fleet.value.tiers {
        let base = match (&change.like, built_in.get(name)) {
            (Some(like), _) => like,
            (None, Some(_)) => name,
            (None, None) => {
                let place = fleet.document.key(&["tiers", name]);
                sink.error(
                    Diagnostic::new(Code::UNKNOWN_TIER, format!("`{name}` is no built-in tier"))
                        .at(place, "")
                        .note("a tier of your own begins as a copy of a built-in one")
                        .help(match diag::nearest(name, built_in.keys().map(String::as_str)) {
                            Some(near) => {
                                format!("did you mean `{near}`? Or add `like = \"gold\"`")
                            }
                            None => "add `like = \"gold\"`".to_owned(),
                        }),
                );
                unknown.push(name.clone());
                continue;
            }
        };
        let Some(base) = built_in.get(base) else {
            let known = built_in.keys().map(String::as_str);
            sink.error(
                Diagnostic::new(Code::UNKNOWN_TIER, format!("`{base}` is no built-in tier"))
                    .at(fleet.document.at(&["tiers", name, "like"]), "")
                    .help(diag::did_you_mean(base, known)),
            );
            unknown.push(name.clone());
            continue;
        };
        let tier = complete(name, &overlay(change, base));
        tiers.insert(name.clone(), Arc::new(tier));
    }
    unknown.into_iter().for_each(|name| fleet.doubts.add(format!("tiers.{name}")));
    tiers
}

macro_rules! overlay {
    ($change:expr, $base:expr, $type:ident { $($field:ident),* }, $($rest:tt)*) => {
        $type { $($field: $change.$field.clone().or_else(|| $base.$field.clone()),)* $($rest)* }
    };
}

/// `base` with every field that `change` writes.
fn overlay(change: &WrittenTier, base: &WrittenTier) -> WrittenTier {
    let none = TierBackup::default();
    let from = change.backup.as_ref().unwrap_or(&none);
    let to = base.backup.as_ref().unwrap_or(&none);
    let backup =
        overlay!(from, to, TierBackup { every, keep, stored, copies, failed_runs, duration },);
    overlay!(change, base, WrittenTier {
        survives, availability, regions, zones, peak, replicas, zone_spread, host_spread, surge,
        unavailable, min_ready, node_loss, settle, drain, cpu_burst, priority_class, retain,
        strategies, standby, evidence
    }, backup: Some(backup), like: None)
}

fn complete(name: &str, tier: &WrittenTier) -> Tier {
    let told = "the built-in tiers tell every field";
    let backup = tier.backup.as_ref().expect(told);
    Tier {
        name: name.to_owned(),
        survives: tier.survives.expect(told),
        availability: tier.availability.expect(told),
        regions: tier.regions.expect(told),
        zones: tier.zones.expect(told),
        peak: tier.peak.expect(told),
        replicas: tier.replicas.expect(told),
        zone_spread: tier.zone_spread.expect(told),
        host_spread: tier.host_spread.expect(told),
        surge: tier.surge.expect(told),
        unavailable: tier.unavailable.expect(told),
        min_ready: tier.min_ready.expect(told),
        node_loss: tier.node_loss.expect(told),
        settle: tier.settle.expect(told),
        drain: tier.drain.expect(told),
        cpu_burst: tier.cpu_burst.expect(told),
        priority_class: tier.priority_class.clone(),
        retain: tier.retain.expect(told),
        strategies: tier.strategies.clone().expect(told),
        standby: tier.standby.expect(told),
        evidence: tier.evidence,
        backup: Backup {
            every: backup.every.expect(told),
            keep: backup.keep.expect(told),
            stored: backup.stored.expect(told),
            copies: backup.copies.expect(told),
            failed_runs: backup.failed_runs.expect(told),
            duration: backup.duration.expect(told),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_tier_is_complete_and_the_better_one_survives_more() {
        let built_in: BTreeMap<String, WrittenTier> = toml::from_str(BUILT_IN).unwrap();
        let survives: Vec<Survives> = ["bronze", "silver", "gold", "platinum"]
            .iter()
            .map(|name| complete(name, &built_in[*name]).survives)
            .collect();
        assert!(survives.is_sorted());
    }

    /// The table of `ha-dr` 5.1.
    #[test]
    fn budgets_are_those_that_everybody_knows() {
        let shown = |availability| downtime(availability).to_string();
        assert_eq!(shown(99.0), "3d 15h 39m 36s");
        assert_eq!(shown(99.5), "1d 19h 49m 48s");
        assert_eq!(shown(99.9), "8h 45m 57s");
        assert_eq!(shown(99.95), "4h 22m 58s");
        assert_eq!(shown(99.99), "52m 35s");
        assert_eq!(shown(99.999), "5m 15s");
        assert_eq!(shown(100.0), "0s");
    }
}
