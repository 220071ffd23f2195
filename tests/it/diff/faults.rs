//! What a diff did not say once, or said falsely: each has a case of its own.

use super::effects::{of_manifests, told};
use super::fields::of_services;
use super::{Version, diff};
use ninefold::diff::report::{Report, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// What comes of edits of the fleet of `tests/fields/base` with these services.
fn edited(services: &[&str], edits: &[(&str, &str, &str)]) -> Report {
    let base = of_services(services).expect("it is built for other tests");
    let new = base.edit(|path, text| {
        let here = edits.iter().filter(|(file, ..)| path == format!("specs/{file}"));
        here.fold(text.to_owned(), |text, (_, from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{path} has not {from:?} once");
            text.replacen(from, to, 1)
        })
    });
    diff(&base, &new.built())
}

fn rules(report: &Report) -> BTreeSet<&'static str> {
    report.effects.iter().map(|effect| effect.rule.name()).collect()
}

/// The titles of the causes of each effect of a rule.
fn causes(report: &Report, rule: &str) -> Vec<Vec<String>> {
    let these = report.effects.iter().filter(|effect| effect.rule.name() == rule);
    let titles = |at: &usize| report.causes[*at].title.clone();
    these.map(|effect| effect.causes.iter().map(titles).collect()).collect()
}

const PROMETHEUS: &str = "prometheus     = { labels = { release = \"monitoring\" }, runbooks = \"https://git.example.com/out/\", namespace = \"monitoring\" }";

const PROBES: &str = "[probes]\nport         = \"http\"\nready        = { http = \"/ready\", headers = { Host = \"web\" }, port = \"http\", scheme = \"HTTP\" }\nlive         = \"/live\"\nstart        = \"/started\"\nstart_within = \"3m\"\nevery        = \"5s\"\ntimeout      = \"3s\"";

#[test]
fn d1_probes_residency_judgement_and_rules_that_go_are_said() {
    let rows: &[(&[&str], &str, &str, &str)] = &[
        (&["web", "api"], "web.toml", PROBES, "probe-loosened"),
        (&["orders"], "orders.toml", "residency = [\"us\"]", "residency-loosened"),
        (&["orders"], "orders.toml", "verify = [\"/orders\", \"verify\"]", "verify-changes"),
        (&["web", "api"], "fleet.toml", PROMETHEUS, "monitoring-changes"),
    ];
    for (services, file, gone, rule) in rows {
        let report = edited(services, &[(file, gone, "")]);
        assert!(rules(&report).contains(rule), "{gone}\n{}", told(&report));
    }
}

#[test]
fn d3_of_hosts_that_go_and_come_each_has_its_own_cause() {
    let hosts = ("web.toml", "\"web.example.com\", ", "\"new.example.com\", ");
    let report = edited(&["web", "api"], &[hosts]);
    for (rule, sign) in
        [("address-removed", "− \"web.example.com\""), ("address-added", "+ \"new.example.com\"")]
    {
        let found = causes(&report, rule);
        assert!(!found.is_empty(), "{}", told(&report));
        for of_one in found {
            assert_eq!(of_one, [format!("traffic.hosts: {sign}")], "{rule}\n{}", told(&report));
        }
    }
}

#[test]
fn d3_unrelated_edits_are_not_merged() {
    let report = edited(
        &["web", "api", "orders"],
        &[
            ("web.toml", "GREETING = \"hello\"", "GREETING = \"hi\""),
            ("orders.toml", "keep   = \"60d\"", "keep   = \"59d\""),
            ("api.toml", "@sha256:8970", "@sha256:7970"),
        ],
    );
    for effect in &report.effects {
        let places = effect.causes.iter().flat_map(|at| &report.causes[*at].places);
        let files: BTreeSet<&str> = places.map(|place| place.file.as_str()).collect();
        let own = match effect.service.as_str() {
            "web" if effect.rule.name().starts_with("network-path") => continue,
            other => format!("specs/{other}.toml"),
        };
        assert_eq!(files, BTreeSet::from([own.as_str()]), "{effect:?}");
    }
    assert!(rules(&report).contains("retention-shortened"), "{}", told(&report));
}

#[test]
fn d4_one_number_of_tcp_and_udp_is_two_ports_and_told_where_they_mix() {
    let tree = |ports: &str| -> BTreeMap<String, String> {
        let text = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: dns, namespace: shop}}\nspec: {{ports: [{ports}]}}\n"
        );
        [("east/dns.yaml".to_owned(), text)].into()
    };
    let tcp = "{name: tcp, port: 53, protocol: TCP}";
    let udp = "{name: udp, port: 53, protocol: UDP}";
    let both = of_manifests(tree(tcp), tree(&format!("{tcp}, {udp}")));
    let effect = both.effects.iter().find(|effect| effect.rule.name() == "port-changes");
    let effect = effect.unwrap_or_else(|| panic!("{}", told(&both)));
    assert!(effect.details.iter().any(|line| line.contains("merges ports by their number")));
    let order = of_manifests(tree(&format!("{udp}, {tcp}")), tree(&format!("{tcp}, {udp}")));
    assert_eq!(order.worst().filter(|worst| *worst > Severity::Info), None, "{}", told(&order));
}

#[test]
fn d5_a_policy_that_never_selected_anything_selects_nothing_silently() {
    let report = edited(&["accounts"], &[("fleet.toml", "\"10.20.0.4/32\"", "\"10.20.0.5/32\"")]);
    assert!(!rules(&report).contains("selects-nothing"), "{}", told(&report));
    assert!(rules(&report).contains("network-path-closed"), "{}", told(&report));
}

#[test]
fn d7_names_of_secrets_are_shown_and_what_they_hold_is_not() {
    let report = edited(&["web", "api"], &[("web.toml", "\"web-signing\"", "\"web-sealing\"")]);
    let text = format!("{report:?}");
    assert!(text.contains("web-signing") && text.contains("web-sealing"), "{}", told(&report));
    let secret = |value: &str| -> BTreeMap<String, String> {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\nstringData: {{password: {value}}}\n"
        );
        [("east/db.yaml".to_owned(), text)].into()
    };
    let report = of_manifests(secret("hunter-two"), secret("hunter-three"));
    let text = format!("{report:?}");
    assert!(text.contains("secret-changes") || rules(&report).contains("secret-changes"));
    assert!(!text.contains("hunter"), "{}", told(&report));
}

/// A rename is traced to the line of the name, whatever else is edited.
#[test]
fn d3_a_rename_is_traced_to_its_own_line() {
    let base = of_services(&["web", "api"]).expect("it is built for other tests");
    let mut new: Version = base.clone();
    let text = new.inputs.remove("specs/api.toml").unwrap();
    let text =
        text.replacen("name      = \"api\"", "name      = \"door\"\npreviously = \"api\"", 1);
    new.inputs.insert("specs/door.toml".to_owned(), text);
    let web = new.inputs["specs/web.toml"].replacen("service = \"api\"", "service = \"door\"", 1);
    new.inputs.insert("specs/web.toml".to_owned(), web.replacen("4317", "4318", 1));
    let report = diff(&base, &new.built());
    let found = causes(&report, "address-removed");
    assert!(!found.is_empty(), "{}", told(&report));
    for of_one in found {
        assert_eq!(of_one, ["name: \"api\" → \"door\""], "{}", told(&report));
    }
}

/// No object shows a promise about time: an edit of something else in the service is not behind it.
#[test]
fn d3_a_promise_is_traced_to_the_fleet_where_its_service_was_edited_too() {
    let report = edited(
        &["orders"],
        &[
            ("fleet.toml", "took   = \"10m\"", "took   = \"20m\""),
            ("orders.toml", "keep   = \"60d\"", "keep   = \"59d\""),
        ],
    );
    for (rule, file) in
        [("rto-loosened", "specs/fleet.toml"), ("retention-shortened", "specs/orders.toml")]
    {
        let effect = report.effects.iter().find(|effect| effect.rule.name() == rule);
        let effect = effect.unwrap_or_else(|| panic!("no {rule} in\n{}", told(&report)));
        let places = effect.causes.iter().flat_map(|at| &report.causes[*at].places);
        let files: BTreeSet<&str> = places.map(|place| place.file.as_str()).collect();
        assert_eq!(files, BTreeSet::from([file]), "{effect:?}\n{:?}", report.causes);
    }
}

/// Where the fleet says something of a service that a changed one has nothing to do with, each edit is
/// still made alone.
#[test]
fn d3_edits_are_told_apart_in_a_fleet_that_names_services() {
    let mut base = of_services(&["web", "api", "orders"]).expect("it is built for other tests");
    let fleet = base.inputs.get_mut("specs/fleet.toml").unwrap();
    *fleet = fleet.replacen(
        "region = \"centralus\"\nwhat ",
        "service = \"orders\"\nregion = \"centralus\"\nwhat ",
        1,
    );
    assert!(fleet.contains("service = \"orders\""));
    let base = base.built();
    let new = base.edit(|path, text| match path {
        "specs/web.toml" => text
            .replacen("drain     = \"30s\"", "drain     = \"10s\"", 1)
            .replacen("scrape   = true", "scrape   = \"/numbers\"", 1),
        _ => text.to_owned(),
    });
    let report = diff(&base, &new.built());
    for (rule, key) in [("grace-shortened", "drain"), ("monitoring-changes", "scrape")] {
        let found = causes(&report, rule);
        let only = |titles: &Vec<String>| titles.len() == 1 && titles[0].contains(key);
        assert!(!found.is_empty() && found.iter().all(only), "{found:?}\n{}", told(&report));
    }
}
