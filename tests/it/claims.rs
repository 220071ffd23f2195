//! Claims about what is left and about the share of a year, held against an oracle that schedules
//! as Kubernetes does, and against the arithmetic of their own terms.

use crate::failures;
use crate::generate::{self, Files};
use crate::workbench::compile;
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

/// Of three regions of which one has nine tenths of the users, each carries its part of what is left when
/// the worst of the others is lost, worked out anew, and never less than an equal one.
#[test]
fn a_region_is_sized_by_its_weight_when_the_worst_other_one_is_lost() {
    let west = "backup.locations = [\n  { name = \"northeurope-vault\"";
    let entry = "entry = { gateway = \"shop\", address = \"west.entry.example\" }\n";
    let fleet = include_str!("fleet.toml").replace(west, &format!("{entry}{west}"));
    for weights in [[90u64, 5, 5], [1, 1, 1], [50, 30, 20], [98, 1, 1]] {
        let [east, central, west] = weights;
        let service = format!(
            r#"
name = "web"
image = "registry.example.com/web@sha256:0000000000000000000000000000000000000000000000000000000000000000"
tier = "gold"
regions = ["eastus2", "centralus", "westeurope"]
rpo = "4h"
rto = "1h"
recovery = "active/active"
capacity = {{ peak = 10 }}
ports = [{{ name = "http", port = 8080, gateway = true }}]

[traffic]
hosts = ["web.example.net"]
weights = {{ eastus2 = {east}, centralus = {central}, westeurope = {west} }}
"#
        );
        let files = Files::from([
            ("fleet.toml".to_owned(), fleet.clone()),
            ("web.toml".to_owned(), service),
        ]);
        let compiled = compile(&files, &Files::new());
        let all: u64 = weights.iter().sum();
        for (at, region) in ["eastus2", "centralus", "westeurope"].into_iter().enumerate() {
            let path = format!("{region}/web/deployment.yaml");
            let Some(text) = compiled.tree.get(&path) else { panic!("{}", compiled.report()) };
            let deployment: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
            let replicas = deployment["spec"]["replicas"].as_u64().expect("a number");
            let lost = (0..3).filter(|lost| *lost != at);
            let share = lost.map(|lost| (30 * weights[at]).div_ceil(all - weights[lost])).max();
            let carried = share.expect("there are others").max(15);
            assert_eq!(replicas, carried + carried.div_ceil(2), "{region} of {weights:?}");
        }
    }
}
