//! What a change leaves beside itself: one case for each kind of change, and the laws that hold
//! after any sequence of them.

#![expect(clippy::unwrap_used, reason = "a test helper that fails has failed the test")]

use crate::history::{
    Prepared, Tree, assert_same, build, ledger_of, ledgers, over, prepare, retire, sealed,
    try_build, verify,
};
use crate::random::Random;
use expect_test::{Expect, expect};
use std::collections::{BTreeMap, BTreeSet};

const IMAGE_A: &str =
    "r.example.com/a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A small service; `rest` is appended, and may replace a line by writing it first.
fn shop(rest: &str) -> String {
    let mut spec = String::new();
    let top = || rest.lines().take_while(|line| !line.starts_with('['));
    let has = |key: &str| top().any(|line| line.starts_with(key));
    for (key, value) in [
        ("name", "\"shop\""),
        ("image", &format!("\"{IMAGE_A}\"")),
        ("tier", "\"silver\""),
        ("regions", "[\"east\"]"),
        ("rpo", "\"4h\""),
        ("rto", "\"4h\""),
    ] {
        if !has(&format!("{key} =")) {
            spec.push_str(&format!("{key} = {value}\n"));
        }
    }
    spec + rest
}

/// Builds the steps one after the other and draws the last one: what is new (`+`), what changed
/// its bytes (`~`), what moved into a former generation (`>`), what left (`-`).
fn check(steps: &[String], expected: Expect) {
    let mut before = Tree::new();
    let mut tree = Tree::new();
    for step in steps {
        before = tree;
        tree = build(std::slice::from_ref(step), &before);
        assert_eq!(verify(&tree), [""; 0]);
        assert_same(&build(std::slice::from_ref(step), &tree), &tree, "a second build");
    }
    expected.assert_eq(&draw(&before, &tree));
}

fn draw(before: &Tree, after: &Tree) -> String {
    let yaml = |tree: &Tree| -> BTreeMap<String, String> {
        tree.iter()
            .filter(|(path, _)| path.ends_with(".yaml") && !path.starts_with("recovery/"))
            .map(|(p, t)| (p.clone(), t.clone()))
            .collect()
    };
    let (before, after) = (yaml(before), yaml(after));
    let name = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("  name: "));
        line.unwrap_or_default()[8..].to_owned()
    };
    let mut lines = Vec::new();
    for (path, text) in &after {
        let sign = match before.get(path) {
            Some(old) if old == text => continue,
            Some(_) => "~",
            None if path.contains("/retained/") && before.values().any(|old| old == text) => ">",
            None => "+",
        };
        lines.push(format!("{sign} {path} {}\n", name(text)));
    }
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        lines.push(format!("- {path}\n"));
    }
    lines.concat()
}

#[test]
fn a_config_edit_keeps_the_deployment_and_its_config_map() {
    check(
        &[shop("[config]\nA = \"1\"\n"), shop("[config]\nA = \"2\"\n")],
        expect![[r#"
            ~ east/shop/config-map-region.yaml shop-region-6f6trnfbkp
            ~ east/shop/deployment.yaml shop-h79wk2kbhd
            > east/shop/retained/t8j8xzgvzf/config-map-region.yaml shop-region-426z7trt9n
            > east/shop/retained/t8j8xzgvzf/deployment.yaml shop-t8j8xzgvzf
        "#]],
    );
}

#[test]
fn an_image_edit_keeps_the_deployment_and_shares_the_config_map() {
    check(
        &[shop(""), shop(&format!("image = \"{}\"\n", IMAGE_A.replace("aaaa", "bbbb")))],
        expect![[r#"
            ~ east/shop/deployment.yaml shop-wkdqm9gf4s
            > east/shop/retained/2l6mdr5j4r/deployment.yaml shop-2l6mdr5j4r
        "#]],
    );
}

#[test]
fn a_scale_edit_makes_no_new_name() {
    check(
        &[shop(""), shop("[capacity]\npeak = 5\n")],
        expect![[r#"
            ~ east/shop/deployment.yaml shop-2l6mdr5j4r
        "#]],
    );
}

#[test]
fn a_schedule_edit_keeps_the_schedule() {
    let every = |time: &str| shop(&format!("[backup]\nevery = \"{time}\"\n"));
    check(
        &[every("1h"), every("30m")],
        expect![[r#"
            > east/shop/retained/qlqpk5m7qm/schedule.yaml shop-east-qlqpk5m7qm
            ~ east/shop/schedule.yaml shop-east-vfdp78rlnd
        "#]],
    );
}

/// What it writes itself, what its tier shares cannot give.
#[test]
fn a_service_that_leaves_the_shared_schedule_gets_its_own() {
    check(
        &[shop(""), shop("[backup]\nevery = \"30m\"\n")],
        expect![[r#"
            ~ east/shop/config-map-region.yaml shop-region-2z5q6d4nhq
            ~ east/shop/deployment.yaml shop-2l6mdr5j4r
            ~ east/shop/network-policy.yaml shop-69jntj6rxj
            ~ east/shop/pod-disruption-budget.yaml shop
            + east/shop/schedule.yaml shop-east-vfdp78rlnd
            ~ east/shop/service-account.yaml shop
            ~ east/shop/service.yaml shop
            - east/fleet/schedule-silver.yaml
        "#]],
    );
}

#[test]
fn a_region_that_is_added_keeps_nothing() {
    check(
        &[shop(""), shop("regions = [\"east\", \"west\"]\n")],
        expect![[r#"
            + west/fleet/namespace-shop.yaml shop
            + west/fleet/network-policy-shop.yaml default-deny
            + west/shop/config-map-region.yaml shop-region-ks4ttsk747
            + west/shop/deployment.yaml shop-s8ph69n8n8
            + west/shop/network-policy.yaml shop-69jntj6rxj
            + west/shop/pod-disruption-budget.yaml shop
            + west/shop/service-account.yaml shop
            + west/shop/service.yaml shop
        "#]],
    );
}

#[test]
fn a_region_that_is_removed_leaves_at_once() {
    let both = |rest: &str| shop(&format!("regions = [\"east\", \"west\"]\n{rest}"));
    check(
        &[both(""), both("args = [\"x\"]\n"), shop("args = [\"x\"]\n")],
        expect![[r#"
            - west/fleet/namespace-shop.yaml
            - west/fleet/network-policy-shop.yaml
            - west/shop/config-map-region.yaml
            - west/shop/deployment.yaml
            - west/shop/network-policy.yaml
            - west/shop/pod-disruption-budget.yaml
            - west/shop/retained/s8ph69n8n8/deployment.yaml
            - west/shop/service-account.yaml
            - west/shop/service.yaml
        "#]],
    );
}

#[test]
fn a_rename_keeps_everything_under_the_old_name() {
    check(
        &[shop(""), shop("name = \"store\"\npreviously = \"shop\"\n")],
        expect![[r#"
            + east/fleet/namespace-store.yaml store
            + east/fleet/network-policy-store.yaml default-deny
            + east/store/config-map-region.yaml store-region-2z5q6d4nhq
            + east/store/deployment.yaml store-8g9rbh929w
            + east/store/network-policy.yaml store-mncvzm7qrx
            + east/store/pod-disruption-budget.yaml store
            > east/store/retained/2l6mdr5j4r-shop-shop/config-map-region.yaml shop-region-2z5q6d4nhq
            > east/store/retained/2l6mdr5j4r-shop-shop/deployment.yaml shop-2l6mdr5j4r
            > east/store/retained/2l6mdr5j4r-shop-shop/pod-disruption-budget.yaml shop
            > east/store/retained/2l6mdr5j4r-shop-shop/service-account.yaml shop
            > east/store/retained/2l6mdr5j4r-shop-shop/service.yaml shop
            > east/store/retained/69jntj6rxj-shop-shop/network-policy.yaml shop-69jntj6rxj
            + east/store/service-account.yaml store
            + east/store/service.yaml store
            - east/shop/config-map-region.yaml
            - east/shop/deployment.yaml
            - east/shop/network-policy.yaml
            - east/shop/pod-disruption-budget.yaml
            - east/shop/service-account.yaml
            - east/shop/service.yaml
        "#]],
    );
}

#[test]
fn a_rollout_that_is_switched_keeps_the_hashed_deployment() {
    check(
        &[shop(""), shop("rollout = \"rolling\"\n")],
        expect![[r#"
            ~ east/shop/deployment.yaml shop
            > east/shop/retained/2l6mdr5j4r/deployment.yaml shop-2l6mdr5j4r
        "#]],
    );
}

#[test]
fn a_rollout_that_is_switched_back_keeps_the_rolling_deployment() {
    check(
        &[shop("rollout = \"rolling\"\n"), shop("")],
        expect![[r#"
            ~ east/shop/deployment.yaml shop-2l6mdr5j4r
            > east/shop/retained/deployment/deployment.yaml shop
        "#]],
    );
}

#[test]
fn a_rolling_deployment_keeps_its_former_config_map_only() {
    let rolling =
        |value: &str| shop(&format!("rollout = \"rolling\"\n[config]\nA = \"{value}\"\n"));
    check(
        &[rolling("1"), rolling("2")],
        expect![[r#"
            ~ east/shop/config-map-region.yaml shop-region-6f6trnfbkp
            ~ east/shop/deployment.yaml shop
            > east/shop/retained/426z7trt9n/config-map-region.yaml shop-region-426z7trt9n
        "#]],
    );
}

#[test]
fn a_namespace_that_changes_keeps_the_old_one_with_what_is_in_it() {
    check(
        &[shop(""), shop("namespace = \"mall\"\n")],
        expect![[r#"
            + east/fleet/namespace-mall.yaml mall
            + east/fleet/network-policy-mall.yaml default-deny
            ~ east/shop/config-map-region.yaml shop-region-2z5q6d4nhq
            ~ east/shop/deployment.yaml shop-2l6mdr5j4r
            ~ east/shop/network-policy.yaml shop-69jntj6rxj
            ~ east/shop/pod-disruption-budget.yaml shop
            > east/shop/retained/2l6mdr5j4r-shop/config-map-region.yaml shop-region-2z5q6d4nhq
            > east/shop/retained/2l6mdr5j4r-shop/deployment.yaml shop-2l6mdr5j4r
            > east/shop/retained/2l6mdr5j4r-shop/pod-disruption-budget.yaml shop
            > east/shop/retained/2l6mdr5j4r-shop/service-account.yaml shop
            > east/shop/retained/2l6mdr5j4r-shop/service.yaml shop
            > east/shop/retained/69jntj6rxj-shop/network-policy.yaml shop-69jntj6rxj
            ~ east/shop/service-account.yaml shop
            ~ east/shop/service.yaml shop
        "#]],
    );
}

#[test]
fn a_kind_that_changes_keeps_the_former_workload() {
    check(
        &[shop(""), shop("kind = \"stateful\"\n")],
        expect![[r#"
            ~ east/shop/network-policy.yaml shop-lbgpsqfcrj
            > east/shop/retained/2l6mdr5j4r/deployment.yaml shop-2l6mdr5j4r
            > east/shop/retained/69jntj6rxj/network-policy.yaml shop-69jntj6rxj
            + east/shop/service-headless.yaml shop-headless
            + east/shop/stateful-set.yaml shop
            - east/shop/deployment.yaml
        "#]],
    );
}

#[test]
fn a_database_that_leaves_a_spec_stays_until_it_is_retired() {
    let digest = "0".repeat(64);
    let database =
        format!("[data.postgresql]\nimage = \"postgresql:17.6@sha256:{digest}\"\nsize = \"1Gi\"\n");
    let tree = build(&[shop(&database)], &Tree::new());
    assert!(tree.contains_key("east/shop/postgresql-cluster-db.yaml"));
    let (after, findings) = try_build(&[shop("")], &tree);
    assert!(findings.contains("database `shop-db` stays behind in east"), "{findings}");
    let after = after.expect("it is a warning");
    let kept: Vec<&String> =
        after.keys().filter(|path| path.ends_with("/postgresql-cluster-db.yaml")).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(kept[0].starts_with("east/shop/retained/"), "{kept:?}");
}

#[test]
fn volumes_that_stay_behind_are_said() {
    let stateful = shop(
        "kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n",
    );
    let tree = build(&[stateful], &Tree::new());
    let (after, findings) = try_build(&[shop("")], &tree);
    assert!(findings.contains("data-left-behind"), "{findings}");
    let empty = build(&[shop("kind = \"stateful\"\n")], &Tree::new());
    assert_eq!(try_build(&[shop("")], &empty).1, "", "there are no volumes");
    let kept = after.unwrap().keys().filter(|path| path.ends_with("stateful-set.yaml")).count();
    assert_eq!(kept, 1);
}

#[test]
fn an_autoscaler_stays_with_its_deployment() {
    let scaled =
        |arg: &str| shop(&format!("args = [\"{arg}\"]\n[capacity]\nautoscale = {{ max = 9 }}\n"));
    check(
        &[scaled("1"), scaled("2")],
        expect![[r#"
            ~ east/shop/deployment.yaml shop-fp2qdstttt
            ~ east/shop/horizontal-pod-autoscaler.yaml shop-fp2qdstttt
            > east/shop/retained/mfstfzftl4/deployment.yaml shop-mfstfzftl4
            > east/shop/retained/mfstfzftl4/horizontal-pod-autoscaler.yaml shop-mfstfzftl4
        "#]],
    );
}

#[test]
fn going_back_makes_the_former_generation_current_again() {
    let at = |value: &str| shop(&format!("[config]\nA = \"{value}\"\n"));
    check(
        &[at("1"), at("2"), at("1")],
        expect![[r#"
            ~ east/shop/config-map-region.yaml shop-region-426z7trt9n
            ~ east/shop/deployment.yaml shop-t8j8xzgvzf
            > east/shop/retained/h79wk2kbhd/config-map-region.yaml shop-region-6f6trnfbkp
            > east/shop/retained/h79wk2kbhd/deployment.yaml shop-h79wk2kbhd
            - east/shop/retained/t8j8xzgvzf/config-map-region.yaml
            - east/shop/retained/t8j8xzgvzf/deployment.yaml
        "#]],
    );
    let first = build(&[at("1")], &Tree::new());
    let back = [at("2"), at("1")]
        .iter()
        .fold(first.clone(), |tree, step| build(std::slice::from_ref(step), &tree));
    for (path, text) in first.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        assert_eq!(back.get(path), Some(text), "{path}");
    }
}

#[test]
fn the_oldest_generation_stays_and_its_config_map_with_it() {
    let at = |value: &str| shop(&format!("[config]\nA = \"{value}\"\n"));
    check(
        &[at("1"), at("2"), at("3")],
        expect![[r#"
            ~ east/shop/config-map-region.yaml shop-region-ldbgwszvmz
            ~ east/shop/deployment.yaml shop-lqgnfx8qmg
            > east/shop/retained/h79wk2kbhd/config-map-region.yaml shop-region-6f6trnfbkp
            > east/shop/retained/h79wk2kbhd/deployment.yaml shop-h79wk2kbhd
        "#]],
    );
}

#[test]
fn every_generation_stays_however_many_there_are() {
    let at = |value: &str| shop(&format!("[config]\nA = \"{value}\"\n"));
    let tree = ["1", "2", "3", "4", "5", "6"]
        .iter()
        .fold(Tree::new(), |tree, value| build(&[at(value)], &tree));
    let kept =
        tree.keys().filter(|path| path.contains("/retained/") && path.ends_with("deployment.yaml"));
    assert_eq!(kept.count(), 5);
    assert_eq!(verify(&tree), [""; 0]);
}

#[test]
fn retiring_drops_every_former_generation_and_nothing_else() {
    let steps = [shop(""), shop("namespace = \"mall\"\n")];
    let tree =
        steps.iter().fold(Tree::new(), |tree, step| build(std::slice::from_ref(step), &tree));
    let retired = retire(&tree, "shop");
    assert_same(&retired, &build(&[steps[1].clone()], &Tree::new()), "from scratch");
    assert_same(&build(&[steps[1].clone()], &retired), &retired, "a build after");
}

#[test]
fn a_generation_that_was_edited_by_hand_is_not_kept_silently() {
    let mut tree = build(&[shop("")], &Tree::new());
    tree.get_mut("east/shop/deployment.yaml").unwrap().push_str("# mine\n");
    let (after, findings) = try_build(&[shop("args = [\"x\"]\n")], &tree);
    assert!(after.is_none());
    assert!(findings.contains("generation-lost"), "{findings}");
    assert_eq!(verify(&tree), ["`east/shop/deployment.yaml` is not what its ledger says"]);
}

#[test]
fn verify_sees_every_kind_of_damage() {
    let tree = build(&[shop("[config]\nA = \"1\"\n")], &Tree::new());
    let config_map = "east/shop/config-map-region.yaml";
    let damaged = |change: &dyn Fn(&mut Tree)| {
        let mut tree = tree.clone();
        change(&mut tree);
        verify(&tree)
    };
    assert_eq!(damaged(&|_| {}), [""; 0]);
    assert!(!damaged(&|tree| drop(tree.remove(config_map))).is_empty());
    assert!(
        !damaged(&|tree| drop(tree.insert("east/shop/mine.yaml".to_owned(), String::new())))
            .is_empty()
    );
    // A file and its ledger edited together, so that only the name gives it away.
    let together = damaged(&|tree| {
        let text = tree[config_map].replace("A: \"1\"", "A: \"2\"");
        let old = ledger_of(tree, "shop").unwrap();
        let entry = old.objects().iter().find(|entry| entry.path == config_map).unwrap();
        let digest = ninefold::name::Digest::of(text.as_bytes()).to_string();
        let ledger = tree["ledger/shop.json"].replace(&entry.file.to_string(), &digest);
        tree.insert("ledger/shop.json".to_owned(), sealed(&ledger));
        tree.insert(config_map.to_owned(), text);
    });
    assert!(
        together.iter().any(|message| message.contains("its content is that of")),
        "{together:?}"
    );
}

#[test]
fn a_former_workload_keeps_every_policy_that_it_may_run_on() {
    let to = |port: &str, image: &str| {
        let image = IMAGE_A.replace("aaaa", image);
        shop(&format!(
            "image = \"{image}\"\n[[depends_on]]\ncidr = \"10.0.0.0/8\"\ntcp = [{port}]\n"
        ))
    };
    let steps = [to("1", "aaaa"), to("2", "bbbb"), to("3", "bbbb"), to("4", "bbbb")];
    let tree =
        steps.iter().fold(Tree::new(), |tree, step| build(std::slice::from_ref(step), &tree));
    let kept = |file: &str| {
        tree.keys().filter(|path| path.contains("/retained/") && path.ends_with(file)).count()
    };
    assert_eq!((kept("deployment.yaml"), kept("network-policy.yaml")), (1, 3));
    assert_eq!(verify(&tree), [""; 0]);
}

#[test]
fn edits_in_place_that_kubernetes_refuses_or_that_take_a_service_down_are_said() {
    let found = |before: &str, after: &str| {
        let tree = build(&[shop(before)], &Tree::new());
        try_build(&[shop(after)], &tree).1
    };
    let volume = |size: &str| {
        format!(
            "kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"{size}\"\n"
        )
    };
    assert!(found(&volume("1Gi"), &volume("2Gi")).contains("warning[immutable-field]"));
    assert_eq!(found(&volume("1Gi"), &volume("1Gi")), "");
    let addressless = found("", "headless = true\n");
    assert!(
        addressless.contains("warning[immutable-field]: `clusterIP` of Service"),
        "{addressless}"
    );
    assert!(found("headless = true\n", "").contains("warning[immutable-field]"));
    let unwanted = format!(
        "{}backup = false\n[[accept]]\nrule = \"nothing-backed-up\"\nreason = \"it is a cache\"\nuntil = \"2027-01-01\"\n",
        volume("1Gi")
    );
    assert_eq!(found(&volume("1Gi"), &unwanted), "", "what is backed up is no part of a claim");
    let port = |name: &str, port: &str| {
        format!(
            "[[ports]]\nname = \"{name}\"\nport = {port}\n[[called_by]]\nnamespace = \"edge\"\n"
        )
    };
    assert!(found(&port("http", "8080"), &port("web", "8080")).contains("error[port-renamed]"));
    let moved = found(&port("http", "8080"), &port("http", "9090"));
    assert!(moved.contains("error[port-renamed]: port 8080 of `shop` in east is port 9090 now"));
    assert!(moved.contains("write `service = 8080` beside `port` of `http`"), "{moved}");
    assert_eq!(found(&port("http", "8080"), &port("http", "9090\nservice = 8080")), "");
    let beside = |more: &str| port("http", "8080") + &port(more, "9090");
    assert_eq!(found(&port("http", "8080"), &beside("web")), "");
    // What is taken out is meant: a diff says which addresses go.
    assert_eq!(found(&beside("web"), &port("http", "8080")), "");
    let accepted = format!(
        "{}[[accept]]\nrule = \"port-renamed\"\nreason = \"nobody calls it\"\nuntil = \"2027-01-01\"\n",
        port("web", "8080")
    );
    assert_eq!(found(&port("http", "8080"), &accepted), "");
}

#[test]
fn an_autoscaler_takes_over_without_a_moment_with_one_pod() {
    let accepted = |rule: &str| {
        format!("[[accept]]\nrule = \"{rule}\"\nreason = \"it may\"\nuntil = \"2027-01-01\"\n")
    };
    let (rolling, scaled) = ("rollout = \"rolling\"\n", "autoscale = { max = 9 }\n");
    let of =
        |top: &str, peak: u32, more: &str| shop(&format!("{top}[capacity]\npeak = {peak}\n{more}"));
    let found = |before: &str, after: &str| {
        let tree = build(&[before.to_owned()], &Tree::new());
        try_build(&[after.to_owned()], &tree)
    };
    let (fixed, rolls) = (of(rolling, 2, ""), of(rolling, 2, scaled));
    let (none, error) = found(&fixed, &rolls);
    assert!(none.is_none());
    expect![[r#"
        error[replicas-reset]: the 3 replicas of Deployment `shop` in east fall to 1 before its autoscaler raises them
         --> specs/0.toml:1:1
          |
        1 | name = "shop"
          | ^^^^ of this service
          |
          = it keeps its name, and the number goes from its manifest: Kubernetes takes 1 for it until the autoscaler has looked; 2 carry the peak
          = help: write `rollout = "replace"` for this change: a Deployment with a name of its own comes up beside this one, which serves until `ninefold retire`; then `rolling` may come back the same way; or accept this

    "#]]
    .assert_eq(&error);
    // What carries the peak comes with the number.
    assert_eq!(found(&rolls, &fixed).1, "");
    // One pod carries it: that is said.
    assert!(
        found(&of(rolling, 1, ""), &of(rolling, 1, scaled)).1.contains("warning[replicas-reset]")
    );
    assert_eq!(found(&fixed, &(rolls.clone() + &accepted("replicas-reset"))).1, "");
    // A region that is to stand by is emptied in place; a failover is not held up by that.
    let regions = |first: &str, second: &str| {
        let two = format!("regions = [\"{first}\", \"{second}\"]\nrecovery = \"pilot light\"\n");
        of(&(two + rolling), 2, "")
    };
    let (moved, said) = found(&regions("east", "west"), &regions("west", "east"));
    assert!(moved.is_some());
    assert!(said.contains("warning[replicas-reset]: every pod of Deployment `shop` in east ends"));
    assert!(!said.contains("in west"), "{said}");
    // By the way that the finding names: nothing is said on it, and each step is a Deployment beside
    // the one that serves.
    let tree = build(&[fixed], &Tree::new());
    let tree = build(&[of("", 2, scaled)], &tree);
    let (none, back) = try_build(std::slice::from_ref(&rolls), &tree);
    assert!(none.is_none() && back.contains("ninefold retire --generation shop"), "{back}");
    let tree = build(&[rolls], &retire(&tree, "shop"));
    assert!(!tree["east/shop/deployment.yaml"].contains("\n  replicas:"));
    let kept =
        tree.keys().filter(|path| path.contains("/retained/") && path.ends_with("deployment.yaml"));
    assert_eq!(kept.count(), 1);
    // Under `replace`, both versions of what takes work from a queue would do it.
    let worker = "ports = []\n";
    let error = found(&of(worker, 2, ""), &of(worker, 2, scaled)).1;
    assert!(error.contains("--field-manager=autoscaler"), "{error}");
}

#[test]
fn what_takes_work_from_a_queue_stands_beside_its_former_self_only_when_that_is_accepted() {
    let end = "[probes]\nlive = [\"/bin/check\"]\n[[depends_on]]\nhost = \"queue.example.com\"\ntcp = [5671]\n";
    let worker = |rest: &str| shop(&format!("ports = []\n{rest}{end}"));
    let tree = build(&[worker("")], &Tree::new());
    let accepted = "[[accept]]\nrule = \"consumed-twice\"\nreason = \"twice is once\"\nuntil = \"2027-01-01\"\n";
    let mall = "namespace = \"mall\"\n";
    for moved in [mall, "kind = \"stateful\"\n", "name = \"shops\"\npreviously = \"shop\"\n"] {
        let (none, error) = try_build(&[worker(moved)], &tree);
        assert!(none.is_none() && error.contains("error[consumed-twice]"), "{moved}: {error}");
        assert_eq!(try_build(&[worker(&(moved.to_owned() + accepted))], &tree).1, "", "{moved}");
    }
    assert_eq!(try_build(&[worker("args = [\"x\"]\n")], &tree).1, "");
    // What was called takes its work from whoever calls.
    assert_eq!(try_build(&[worker("")], &build(&[shop("")], &Tree::new())).1, "");
    let tree = retire(&build(&[worker(&(mall.to_owned() + accepted))], &tree), "shop");
    assert_eq!(try_build(&[worker(mall)], &tree).1, "");
}

#[test]
fn turning_an_autoscaler_on_makes_a_generation() {
    let scaled = shop("[capacity]\nautoscale = { max = 9 }\n");
    let tree = build(&[scaled], &build(&[shop("")], &Tree::new()));
    assert!(
        tree.keys().any(|path| path.contains("/retained/") && path.ends_with("deployment.yaml"))
    );
}

/// Everything about a service that edits change.
#[derive(Clone)]
struct Knobs([usize; 10]);

impl Knobs {
    const ENDS: [usize; 10] = [3, 3, 3, 2, 2, 2, 2, 3, 2, 3];

    fn edit(&mut self, random: &mut Random) {
        let knob = random.below(10);
        self.0[knob] = random.below(Self::ENDS[knob]);
    }

    fn spec(&self, name: &str) -> String {
        let [image, config, args, rollout, kind, namespace, scaled, regions, file, peak] = self.0;
        let digest = ["a", "b", "c"][image].repeat(64);
        let mut spec = format!(
            "name = \"{name}\"\nimage = \"r.example.com/a@sha256:{digest}\"\ntier = \"silver\"\nrpo = \"4h\"\nrto = \"4h\"\nargs = [\"{args}\"]\n",
        );
        spec.push_str(
            [
                "regions = [\"east\"]\n",
                "regions = [\"east\", \"west\"]\n",
                "regions = [\"west\"]\n",
            ][regions],
        );
        if kind == 1 {
            spec.push_str("kind = \"stateful\"\n");
        } else if rollout == 1 {
            spec.push_str("rollout = \"rolling\"\n");
        }
        if namespace == 1 {
            spec.push_str("namespace = \"mall\"\n");
        }
        spec.push_str(&format!("[capacity]\npeak = {}\n", peak + 1));
        if scaled == 1 && kind == 0 {
            spec.push_str("autoscale = { max = 20 }\n");
        }
        spec.push_str(&format!("[config]\nA = \"{config}\"\n"));
        if file == 1 {
            spec.push_str(&format!(
                "[[files]]\nname = \"f\"\npath = \"/etc/f\"\ncontent = \"{config}\"\n"
            ));
        }
        spec
    }
}

#[test]
fn the_laws_hold_after_any_sequence_of_edits() {
    for seed in 1..=8 {
        let random = &mut Random::new(seed);
        let mut services: Vec<(String, Knobs)> =
            (0..3).map(|n| (format!("s{n}"), Knobs([0; 10]))).collect();
        let mut tree = Tree::new();
        for step in 0..16 {
            let at = random.below(3);
            services[at].1.edit(random);
            let specs: Vec<String> =
                services.iter().map(|(name, knobs)| knobs.spec(name)).collect();
            let read = prepare(&specs);
            let after = made(&read, &tree);
            law_of_one_build(&specs, &read, (&tree, &after), &format!("seed {seed}, step {step}"));
            tree = after;
            if random.below(5) == 0 {
                tree = retire(&tree, &services[at].0);
                assert_eq!(verify(&tree), [""; 0], "retired: seed {seed}, step {step}");
                assert_same(
                    &made(&read, &tree),
                    &tree,
                    &format!("retired: seed {seed}, step {step}"),
                );
            }
        }
    }
}

/// The tree that specs make on top of another.
fn made(specs: &Prepared, before: &Tree) -> Tree {
    let (tree, findings) = over(specs, before);
    tree.unwrap_or_else(|| panic!("{findings}"))
}

fn law_of_one_build(
    specs: &[String],
    read: &Prepared,
    (before, after): (&Tree, &Tree),
    when: &str,
) {
    assert_same(&made(read, after), after, when);
    assert_eq!(verify(after), [""; 0], "{when}");
    let scratch = made(read, &Tree::new());
    for (path, text) in scratch.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        assert_eq!(after.get(path), Some(text), "not as from scratch: {path}, {when}");
    }
    let texts: BTreeSet<&String> = before.values().collect();
    for ledger in ledgers(after) {
        for entry in ledger.objects().iter().filter(|entry| entry.retained.is_some()) {
            assert!(
                texts.contains(&after[&entry.path]),
                "kept with other bytes: {}, {when}",
                entry.path
            );
        }
    }
    nothing_live_is_dropped(specs, before, after, when);
}

/// A workload that ran, of a service that is still in the region, is still
/// in the tree, and so is everything that it refers to.
fn nothing_live_is_dropped(specs: &[String], before: &Tree, after: &Tree, when: &str) {
    let all: Vec<_> = ledgers(after).iter().flat_map(|ledger| ledger.objects().to_vec()).collect();
    for ledger in ledgers(before).iter().filter(|ledger| ledger.unit() != "fleet") {
        let spec = specs
            .iter()
            .find(|spec| spec.contains(&format!("name = \"{}\"", ledger.unit())))
            .unwrap();
        let was = |kind: &str| ["Deployment", "StatefulSet"].contains(&kind);
        for entry in
            ledger.objects().iter().filter(|entry| entry.retained.is_none() && was(&entry.kind))
        {
            if !spec.contains(&format!("\"{}\"", entry.region)) {
                continue;
            }
            let find = |kind: &str, name: &str| {
                all.iter().any(|now| {
                    now.region == entry.region
                        && now.kind == kind
                        && now.name == name
                        && now.namespace == entry.namespace
                })
            };
            assert!(
                find(&entry.kind, &entry.name),
                "{} {} is gone: {when}",
                entry.kind,
                entry.name
            );
        }
    }
}

#[test]
fn a_dependency_that_moves_keeps_the_former_policy_open() {
    let to = |port: &str| shop(&format!("[[depends_on]]\ncidr = \"10.0.0.0/8\"\ntcp = [{port}]\n"));
    check(
        &[to("5432"), to("5433")],
        expect![[r#"
        ~ east/shop/network-policy.yaml shop-thr7vqbh8k
        > east/shop/retained/lzkzxhzmx4/network-policy.yaml shop-lzkzxhzmx4
    "#]],
    );
}
