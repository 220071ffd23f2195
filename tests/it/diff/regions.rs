//! A region that a service gains restarts no pod elsewhere, unless the service asked for the list.

use super::{Version, diff};
use crate::support::FLEET;
use ninefold::diff::report::{Report, Severity};
use std::collections::{BTreeMap, BTreeSet};

const IMAGE: &str = "registry.example.com/shop/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A service that gains its third region.
fn gained(more: &str) -> Report {
    let spec = |regions: &str| {
        format!(
            "name = \"web\"\nimage = \"{IMAGE}\"\ntier = \"gold\"\nregions = [{regions}]\nrpo = \"1d\"\nrto = \"4h\"\n{more}"
        )
    };
    let files = |regions: &str| -> BTreeMap<String, String> {
        let fleet = ("specs/fleet.toml".to_owned(), FLEET.to_owned());
        [fleet, ("specs/web.toml".to_owned(), spec(regions))].into()
    };
    let old = Version::new(files("\"eastus2\", \"centralus\"")).built();
    let new = Version {
        inputs: files("\"eastus2\", \"centralus\", \"westeurope\""),
        tree: old.tree.clone(),
    };
    diff(&old, &new.built())
}

/// The regions in which pods restart.
fn restarts(report: &Report) -> BTreeSet<&str> {
    let rules = ["pods-replaced", "pods-rolled", "all-regions-at-once"];
    let these = report.effects.iter().filter(|effect| rules.contains(&effect.rule.name()));
    these.flat_map(|effect| effect.regions.iter().map(String::as_str)).collect()
}

#[test]
fn a_region_that_is_gained_restarts_nobody_elsewhere() {
    for more in [
        "recovery = \"pilot light\"\n",
        "recovery = \"warm standby\"\n",
        "recovery = \"active/active\"\n",
        "rollout = \"rolling\"\n",
        "recovery = \"active/active\"\n[[jobs]]\nname = \"report\"\nschedule = \"0 3 * * *\"\ncommand = [\"/report\"]\n[[jobs]]\nname = \"migrate\"\nrun = \"before-release\"\ncommand = [\"/migrate\"]\n",
    ] {
        let report = gained(more);
        assert_eq!(restarts(&report), BTreeSet::new(), "{more}\n{:#?}", report.effects);
        let rules: Vec<&str> = report.effects.iter().map(|effect| effect.rule.name()).collect();
        assert!(rules.contains(&"gains-region"), "{more} {rules:?}");
    }
}

#[test]
fn who_asked_for_the_list_restarts_when_it_changes() {
    for (more, at) in [
        ("[config]\nPEERS = { regions = \"others\" }\n", "pods-replaced"),
        (
            "[[sidecars]]\nname = \"mesh\"\nimage = \"registry.example.com/mesh@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\ncpu = \"50m\"\nmemory = \"64Mi\"\nconfig = { PEERS = { regions = \"others\" } }\n",
            "pods-replaced",
        ),
    ] {
        let report = gained(&format!("recovery = \"active/active\"\n{more}"));
        assert_eq!(
            restarts(&report),
            BTreeSet::from(["centralus", "eastus2"]),
            "{:#?}",
            report.effects
        );
        let effect = report.effects.iter().find(|effect| effect.rule.name() == at).unwrap();
        assert_eq!(effect.severity, Severity::Medium);
        let change = report.objects.iter().flat_map(|object| &object.changes);
        let values: Vec<String> = change
            .filter(|change| {
                change.path.contains("PEERS") || format!("{change:?}").contains("PEERS")
            })
            .map(|change| format!("{change:?}"))
            .collect();
        assert!(values.iter().any(|value| value.contains("westeurope")), "{values:?}");
    }
}
