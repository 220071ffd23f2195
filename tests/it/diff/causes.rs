//! Which edit is behind an effect, where several are made at once.

use super::effects::told;
use super::fields::of_services;
use super::{Version, diff};
use ninefold::diff::report::Report;
use std::collections::BTreeSet;

fn edited(base: &Version, edits: &[(&str, &str, &str)]) -> Report {
    let new = base.edit(|path, text| {
        let here = edits.iter().filter(|(file, ..)| path == format!("specs/{file}"));
        here.fold(text.to_owned(), |text, (_, from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{path} has not {from:?} once");
            text.replacen(from, to, 1)
        })
    });
    diff(base, &new.built())
}

/// The keys that the causes of an effect name.
fn keys<'r>(report: &'r Report, rule: &str) -> BTreeSet<&'r str> {
    let these = report.effects.iter().filter(|effect| effect.rule.name() == rule);
    let causes = these.flat_map(|effect| effect.causes.iter().map(|at| &report.causes[*at]));
    causes.flat_map(|cause| &cause.places).map(|place| place.key.as_str()).collect()
}

fn assert_keys(report: &Report, rows: &[(&str, &[&str])]) {
    for (rule, expected) in rows {
        let found = keys(report, rule);
        assert_eq!(found, expected.iter().copied().collect(), "{rule}\n{}", told(report));
    }
}

/// Each of these changes the Deployment.
#[test]
fn edits_of_one_object_are_told_apart() {
    let base = of_services(&["web", "api"]).expect("it is built for other tests");
    let report = edited(
        &base,
        &[
            ("web.toml", "drain     = \"30s\"", "drain     = \"10s\""),
            ("web.toml", "GREETING = \"hello\"", "GREETING = \"hi\""),
            ("web.toml", "memory       = \"512Mi\"", "memory       = \"256Mi\""),
            ("web.toml", "user            = 10002", "user            = 10003"),
        ],
    );
    assert_keys(
        &report,
        &[
            ("grace-shortened", &["drain"]),
            ("resources-loosened", &["capacity.memory"]),
            ("pods-replaced", &["drain", "config.GREETING", "capacity.memory", "pod.user"]),
        ],
    );
}

/// What services share changes by one of two specs.
#[test]
fn an_edit_that_what_services_share_does_not_see_is_not_behind_it() {
    let base = of_services(&["web", "api", "worker"]).expect("it is built for other tests");
    let report = edited(
        &base,
        &[
            ("worker.toml", "tier     = \"silver\"", "tier     = \"bronze\""),
            ("web.toml", "part = \"front\"", "part = \"back\""),
        ],
    );
    let shared: Vec<_> = report.effects.iter().filter(|effect| effect.service == "fleet").collect();
    assert!(!shared.is_empty(), "{}", told(&report));
    for effect in shared {
        let places = effect.causes.iter().flat_map(|at| &report.causes[*at].places);
        let files: BTreeSet<&str> = places.map(|place| place.file.as_str()).collect();
        assert_eq!(files, BTreeSet::from(["specs/worker.toml"]), "{effect:?}");
    }
}

/// One of the edits does not compile without another.
#[test]
fn an_edit_that_needs_another_is_behind_nothing_else() {
    let base = of_services(&["web", "api"]).expect("it is built for other tests");
    let report = edited(
        &base,
        &[
            (
                "web.toml",
                "{ path = \"/metrics/public\", port = \"http\" }",
                "{ path = \"/metrics/public\", port = \"door\" }",
            ),
            (
                "web.toml",
                "name = \"admin\"\nport = 9090",
                "name = \"admin\"\nport = 9090\n\n[[ports]]\nname = \"door\"\nport = 9191\ngateway = true",
            ),
            ("web.toml", "drain     = \"30s\"", "drain     = \"10s\""),
        ],
    );
    assert_keys(&report, &[("grace-shortened", &["drain"])]);
}

/// Of an effect that an edit brings, the hand that changed something else in its object is no cause.
#[test]
fn an_edit_is_told_apart_from_a_hand() {
    let mut base = of_services(&["web", "api"]).expect("it is built for other tests");
    let mut routes = base.tree.iter_mut().filter(|(path, text)| {
        path.starts_with("eastus2/web/http-route") && text.contains("web.example.com")
    });
    let (_, text) = routes.next().expect("web has a route");
    assert!(text.contains("cost: shop"), "{text}");
    *text = text.replacen("cost: shop", "cost: other", 1);
    let report = edited(&base, &[("web.toml", "\"web.example.com\", ", "")]);
    let kinds = |rule: &str| -> BTreeSet<String> {
        let these = report.effects.iter().filter(|effect| effect.rule.name() == rule);
        let causes = these.flat_map(|effect| effect.causes.iter().map(|at| &report.causes[*at]));
        causes.map(|cause| format!("{:?}", cause.kind)).collect()
    };
    let both = ["address-removed", "hand-edited"].map(kinds);
    assert_eq!(both[0], BTreeSet::from(["Spec".to_owned()]), "{}", told(&report));
    assert!(both[1].contains("HandEdit"), "{}", told(&report));
}
