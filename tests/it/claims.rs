//! Claims about what is left and about the share of a year, held against an oracle that schedules
//! as Kubernetes does, and against the arithmetic of their own terms.

use crate::failures;
use crate::generate::{self, Files};
use serde_json::Value;

/// The claims of the ledgers of a tree: region, service, and the promise.
fn promises(tree: &Files) -> Vec<(String, String, Value)> {
    let ledgers = tree.iter().filter_map(|(path, text)| {
        let service = path.strip_prefix("ledger/")?.strip_suffix(".json")?.to_owned();
        let ledger: Value = serde_json::from_str(text).expect("JSON");
        let promises = ledger["promises"].as_object()?.clone();
        Some(promises.into_iter().map(move |(region, promise)| (region, service.clone(), promise)))
    });
    ledgers.flatten().collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

/// The example fleet, and random ones.
fn trees() -> impl Iterator<Item = (Files, Files)> {
    let example = (generate::folder("out"), generate::folder("specs"));
    let random = (300..310).map(|seed| generate::fleet(seed, 4));
    std::iter::once(example).chain(random.map(|fleet| (fleet.compile(), fleet.files())))
}

#[test]
fn what_is_claimed_to_be_left_is_left_whoever_chooses_the_places() {
    let (mut claimed, mut exact) = (0, 0);
    for (tree, specs) in trees() {
        let left = failures::fewest_left(&tree, &specs);
        for (region, service, promise) in promises(&tree) {
            let Some(left) = left.get(&(region.clone(), service.clone())) else { continue };
            for (scope, left) in ["zone", "node"].into_iter().zip(left) {
                let claim = &promise["claims"][scope]["survivors"];
                let Some(worst) = claim["worst"].as_u64() else { continue };
                let left = *left as u64;
                assert!(worst <= left, "{service} in {region}, {scope}: {worst} claimed, {left}");
                if claim.get("promised").is_some() {
                    claimed += 1;
                    exact += usize::from(worst == left);
                }
            }
        }
    }
    assert!(claimed > 60 && exact * 10 >= claimed * 9, "{exact} of {claimed} are exact");
}

#[test]
fn what_a_tier_survives_leaves_the_peak() {
    let mut promised = 0;
    for (tree, _) in trees() {
        for (region, service, promise) in promises(&tree) {
            for (scope, claims) in promise["claims"].as_object().expect("claims") {
                let claim = &claims["survivors"];
                let Some(peak) = claim["promised"].as_u64() else { continue };
                assert!(number(&claim["worst"]) >= peak, "{service} in {region}: {scope} {claim}");
                promised += 1;
            }
        }
    }
    assert!(promised > 100, "{promised}");
}

#[test]
fn the_share_of_a_year_is_the_year_less_the_terms() {
    const YEAR: u64 = 31_557_600;
    let mut seen = 0;
    for (tree, _) in trees() {
        for (region, service, promise) in promises(&tree) {
            for (scope, claims) in promise["claims"].as_object().expect("claims") {
                let claim = &claims["availability"];
                let Some(worst) = claim["worst"].as_u64() else { continue };
                let terms = claim["terms"].as_object().expect("terms");
                let down: u64 = terms.values().map(number).sum();
                let share = (YEAR - down) * 1_000_000 / YEAR;
                assert_eq!(worst, share, "{service} in {region}, {scope}");
                // Nothing of it is known: every term says that it is assumed.
                let assumed = claim["assumed"].as_array().expect("a list");
                assert_eq!(assumed.len(), terms.len());
                let premises = promise["premises"].as_array().expect("a list");
                for premise in ["rates", "common-cause", "changes"] {
                    assert!(premises.iter().any(|one| one == premise), "{premise}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "{seen}");
}
