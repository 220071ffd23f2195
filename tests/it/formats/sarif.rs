//! What code scanning reads: SARIF 2.1.0, as far as GitHub asks for it.

use super::reports;
use crate::support::compile;
use ninefold::diag::CODES;
use ninefold::diff::format::Hidden;
use ninefold::diff::format::sarif::{Options, render};
use ninefold::diff::report::Severity;
use serde_json::Value;

const ALL: Options = Options { min: Severity::Info, hidden: None };

/// The results of a log, after everything that must be there was looked at.
pub(crate) fn results(text: &str) -> Vec<Value> {
    let log: Value = serde_json::from_str(text).expect("it is JSON");
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().contains("sarif-2.1.0"));
    let [run] = log["runs"].as_array().unwrap().as_slice() else { panic!("one run") };
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "ninefold");
    let rules: Vec<&str> = driver["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert!(rules.is_sorted(), "{rules:?}");
    for (rule, told) in rules.iter().zip(driver["rules"].as_array().unwrap()) {
        assert!(CODES.iter().any(|row| row.name == *rule), "{rule}");
        assert!(!told["shortDescription"]["text"].as_str().unwrap().is_empty());
    }
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index], result["ruleId"].as_str().unwrap());
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let locations = result["locations"].as_array().unwrap();
        assert!(!locations.is_empty(), "GitHub refuses a result without a place: {result}");
        for location in locations {
            let place = &location["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
            assert!(!uri.is_empty() && !uri.starts_with('/') && uri.chars().all(plain), "{uri}");
            assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
        }
    }
    results.clone()
}

#[test]
fn an_effect_stands_at_the_line_that_was_edited() {
    let results = results(&render(&reports::region_lost(), &ALL));
    let first = &results[0];
    let place = &first["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "specs/orders.toml");
    assert_eq!(place["region"]["startLine"], 5);
    assert_eq!(
        (first["level"].as_str(), first["properties"]["severity"].as_str()),
        (Some("error"), Some("critical"))
    );
    assert!(first["message"]["text"].as_str().unwrap().starts_with("orders: loses region"));
    // What is accepted is closed, and says why.
    let accepted: Vec<&Value> = results.iter().filter(|it| !it["suppressions"].is_null()).collect();
    let [accepted] = accepted.as_slice() else { panic!("one is accepted") };
    assert!(
        accepted["suppressions"][0]["justification"]
            .as_str()
            .unwrap()
            .contains("the archive keeps them")
    );
    let high = render(&reports::region_lost(), &Options { min: Severity::Critical, hidden: None });
    assert_eq!(self::results(&high).len(), 1);
    assert!(self::results(&render(&reports::nothing(), &ALL)).is_empty());
    self::results(&render(&reports::hostile(), &ALL));
}

#[test]
fn a_finding_stands_at_its_columns() {
    let text = "name = \"web\"\nimage = \"registry.example.com/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\ntier = \"golden\"\nregions = [\"eastus2\"]\nrpo = \"4h\"\nrto = \"4h\"\n";
    let outcome = compile(&[("web.toml", text)]);
    let results = results(&outcome.sarif());
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(results[0]["ruleId"], "unknown-tier");
    assert_eq!(
        (
            region["startLine"].as_u64(),
            region["startColumn"].as_u64(),
            region["endColumn"].as_u64()
        ),
        (Some(3), Some(8), Some(16))
    );
    assert!(results[0]["message"]["text"].as_str().unwrap().contains("did you mean"));
}

#[test]
fn what_a_filter_hides_is_said_of_the_run() {
    let effects = reports::region_lost().effects;
    let hidden = Hidden { objects: 12, effects, by: "--service api".to_owned() };
    let text = render(&reports::nothing(), &Options { hidden: Some(hidden), ..ALL });
    assert!(self::results(&text).is_empty());
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0]["invocations"][0];
    assert_eq!(run["executionSuccessful"], true);
    let note = run["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(note.starts_with("filtered (--service api): 12 changes"), "{note}");
    assert!(note.contains("critical"), "{note}");
    let log: Value = serde_json::from_str(&render(&reports::nothing(), &ALL)).unwrap();
    assert!(log["runs"][0]["invocations"].is_null());
}
