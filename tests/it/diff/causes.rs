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

/// Sixty edits of one service: entries of its configuration, which do the same, and two that do not.
#[test]
fn among_many_edits_each_is_told_apart() {
    let mut base = of_services(&["web", "api"]).expect("it is built for other tests");
    let entries = |value: &str| -> String {
        (0..60).map(|at| format!("MANY_{at} = \"{value} {at}\"\n")).collect()
    };
    let greeting = "GREETING = \"hello\"\n";
    let with = |value: &str| format!("{greeting}{}", entries(value));
    let web = base.inputs.get_mut("specs/web.toml").unwrap();
    *web = web.replacen(greeting, &with("one"), 1);
    let base = base.built();
    let new = base.edit(|path, text| match path {
        "specs/web.toml" => text
            .replacen(&with("one"), &with("two"), 1)
            .replacen("drain     = \"30s\"", "drain     = \"10s\"", 1)
            .replacen("memory       = \"512Mi\"", "memory       = \"256Mi\"", 1),
        _ => text.to_owned(),
    });
    let report = diff(&base, &new.built());
    assert_keys(
        &report,
        &[("grace-shortened", &["drain"]), ("resources-loosened", &["capacity.memory"])],
    );
    let behind = keys(&report, "pods-replaced");
    assert_eq!(behind.len(), 62, "{behind:?}\n{}", told(&report));
}

/// Thirty specs are edited in two ways each, and what services share changes by one of these edits.
#[test]
fn of_what_services_share_the_one_edit_is_named() {
    let base = super::scenarios::fleet().built();
    let new = base.edit(|path, text| match path {
        "specs/fleet.toml" => text.to_owned(),
        "specs/svc07.toml" => text.replacen("tier = ", "namespace = \"seven\"\ntier = ", 1),
        path => {
            let number = path.trim_matches(|c: char| !c.is_ascii_digit());
            text.replacen("rto = \"4h\"", &format!("rto = \"4h{number}m\""), 1).replacen(
                "[capacity]",
                "[pod]\nuser = 1234\n\n[capacity]",
                1,
            )
        }
    });
    let report = diff(&base, &new.built());
    let notes: Vec<&String> =
        report.notes.iter().filter(|note| note.contains("too many edits")).collect();
    assert!(notes.is_empty(), "{notes:?}");
    let shared = report.effects.iter().filter(|effect| effect.service == "fleet");
    let shared: Vec<_> =
        shared.filter(|effect| effect.rule.name().starts_with("object-")).collect();
    assert!(!shared.is_empty(), "{}", told(&report));
    for effect in shared {
        let places = effect.causes.iter().flat_map(|at| &report.causes[*at].places);
        let files: BTreeSet<&str> = places.map(|place| place.file.as_str()).collect();
        assert_eq!(files, BTreeSet::from(["specs/svc07.toml"]), "{effect:?}");
    }
}

/// Two edits in each of thirty services: each service has its own two.
#[test]
fn edits_of_many_services_are_told_apart_in_each() {
    let base = super::scenarios::fleet().built();
    let new = base.edit(|path, text| match path {
        "specs/fleet.toml" => text.to_owned(),
        path => text
            .replacen("[capacity]", &format!("drain = \"1{}s\"\n[capacity]", &path[9..11]), 1)
            .replacen("max = 12", "max = 9", 1),
    });
    let report = diff(&base, &new.built());
    let looser = report.effects.iter().filter(|effect| effect.rule.name() == "autoscaler-loosened");
    let looser: Vec<_> = looser.collect();
    assert_eq!(looser.len(), 30, "{}", told(&report));
    for effect in looser {
        let places = effect.causes.iter().flat_map(|at| &report.causes[*at].places);
        let keys: BTreeSet<&str> = places.map(|place| place.key.as_str()).collect();
        assert_eq!(keys, BTreeSet::from(["capacity.autoscale.max"]), "{effect:?}");
    }
}

/// What was committed and never built is no edit's doing.
#[test]
fn what_nobody_built_has_no_edit_behind_it() {
    use ninefold::diff::report::CauseKind;
    let base = of_services(&["web", "api"]).expect("it is built for other tests");
    let never = Version::new(base.inputs.clone());
    let stale = base.edit(|path, text| match path {
        "specs/api.toml" => text.replacen("drain     = \"30s\"", "drain     = \"20s\"", 1),
        _ => text.to_owned(),
    });
    for before in [never, stale] {
        let new = before.edit(|path, text| match path {
            "specs/web.toml" => text.replacen("GREETING = \"hello\"", "GREETING = \"hi\"", 1),
            _ => text.to_owned(),
        });
        let report = diff(&before, &new.built());
        let of_api: Vec<_> =
            report.objects.iter().filter(|object| object.service == "api").collect();
        for object in &of_api {
            let kinds: Vec<CauseKind> =
                object.causes.iter().map(|cause| report.causes[*cause].kind).collect();
            assert!(
                !kinds.contains(&CauseKind::Spec),
                "{}: {kinds:?}\n{}",
                object.id,
                told(&report)
            );
        }
    }
}
