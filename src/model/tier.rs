//! Tiers: the built-in table, and what a fleet changes in it.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::quantity::Duration;
use crate::spec;
pub use crate::spec::fleet::{Tier, TierBackup};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::{Table, Value};

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

/// The names of the tiers that every fleet has.
pub fn built_in() -> Vec<String> {
    let tiers: BTreeMap<String, Table> =
        toml::from_str(BUILT_IN).expect("the built-in tiers are valid");
    tiers.into_keys().collect()
}

/// The built-in tiers with the changes and additions of a fleet.
pub(super) fn resolve(
    sink: &mut Sink,
    fleet: &mut spec::Spec<spec::Fleet>,
) -> BTreeMap<String, Arc<Tier>> {
    let built_in: BTreeMap<String, Table> =
        toml::from_str(BUILT_IN).expect("the built-in tiers are valid");
    let mut tiers: BTreeMap<String, Arc<Tier>> = (built_in.iter())
        .map(|(name, table)| {
            let tier = tier(name, table.clone()).expect("a built-in tier says every field");
            (name.clone(), Arc::new(tier))
        })
        .collect();
    let mut unknown = Vec::new();
    for (name, change) in &fleet.value.tiers {
        let base = match (change.get("like").and_then(Value::as_str), built_in.get(name)) {
            (Some(like), _) => like,
            (None, Some(_)) => name,
            (None, None) => {
                let place = fleet.document.key(&["tiers", name]);
                sink.error(
                    Diagnostic::new(Code::UNKNOWN_TIER, format!("`{name}` is not a built-in tier"))
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
                Diagnostic::new(Code::UNKNOWN_TIER, format!("`{base}` is not a built-in tier"))
                    .at(fleet.document.at(&["tiers", name, "like"]), "")
                    .help(diag::did_you_mean(base, known)),
            );
            unknown.push(name.clone());
            continue;
        };
        let mut table = base.clone();
        merge(&mut table, change);
        match tier(name, table) {
            Ok(tier) => {
                tiers.insert(name.clone(), Arc::new(tier));
            }
            Err(error) => {
                sink.error(
                    Diagnostic::new(Code::WRONG_VALUE, error.message().to_owned())
                        .at(fleet.document.key(&["tiers", name]), "here"),
                );
                unknown.push(name.clone());
            }
        }
    }
    unknown.into_iter().for_each(|name| fleet.doubts.add(format!("tiers.{name}")));
    tiers
}

/// Writes every field of `change` over that of `base`.
fn merge(base: &mut Table, change: &Table) {
    for (key, value) in change {
        match (base.get_mut(key), value) {
            (Some(Value::Table(base)), Value::Table(change)) => merge(base, change),
            (_, value) => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

fn tier(name: &str, table: Table) -> Result<Tier, toml::de::Error> {
    let tier: Tier = table.try_into()?;
    Ok(Tier { name: name.to_owned(), ..tier })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::fleet::Survives;

    #[test]
    fn every_built_in_tier_is_complete_and_the_better_one_survives_more() {
        let mut built_in: BTreeMap<String, Table> = toml::from_str(BUILT_IN).unwrap();
        let survives: Vec<Survives> = ["bronze", "silver", "gold", "platinum"]
            .map(|name| tier(name, built_in.remove(name).unwrap()).unwrap().survives)
            .into();
        assert!(survives.is_sorted());
    }

    /// The table of `docs/facts.md`, "Availability".
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
