//! Random histories of a repository, delivered commit by commit to a model of a cluster by models of
//! Flux and Argo CD and by the script itself: no edit, in any order and by any habit of git, takes
//! away what serves, unless a person retired it without looking.

mod cluster; // what runs, and to what a Service leads
mod engine; //  Flux and Argo CD
mod script; //  the script for `kubectl`
mod history; // a repository, and what is delivered of it
mod steps; //   what people do to it

use crate::workbench::Files;
use history::{Engine, History};

/// The seeds of the histories: one that found something once, or with `HISTORIES=7`, or
/// `HISTORIES=1..100`, others.
fn seeds(one: u64) -> std::ops::Range<u64> {
    let written = std::env::var("HISTORIES").unwrap_or(one.to_string());
    let (first, end) = written.split_once("..").unwrap_or((&written, ""));
    let first = first.parse().expect("a number");
    first..end.parse().unwrap_or(first + 1)
}

fn histories(engine: Engine, one: u64) {
    for seed in seeds(one) {
        let mut history = History::begin(engine, seed);
        let mut steps = 0;
        // One in which nothing is released shows nothing.
        while steps < 8 || history.releases < 2 {
            assert!(steps < 40, "{}", history.story());
            history.step();
            steps += 1;
        }
        history.serves();
    }
}

#[test]
fn no_history_takes_away_what_serves_under_flux() {
    histories(Engine::Flux, 5);
}

#[test]
fn no_history_takes_away_what_serves_under_argo_cd() {
    histories(Engine::ArgoCd, 1);
}

#[test]
fn no_history_takes_away_what_serves_under_the_script() {
    histories(Engine::Kubectl, 1);
}

#[test]
fn no_history_with_jobs_before_releases_takes_away_what_serves() {
    for engine in Engine::ALL {
        for seed in seeds(3) {
            let mut history = History::begin(engine, seed);
            history.jobs = true;
            for _ in 0..8 {
                history.step();
            }
            history.serves();
        }
    }
}

/// A release of a service whose job fails, and what is mended after it: whether the pods in the cluster
/// are those of the tree.
fn is_released(history: &History, service: &str, workload: &str) -> bool {
    let tree = history.bench.tree();
    let path = format!("{}/{service}/{workload}.yaml", engine::REGION);
    let now: serde_json::Value = serde_yaml::from_str(&tree[&path]).unwrap();
    let there = history.cluster.get(&cluster::key(&now));
    there.is_some_and(|there| there["spec"]["template"] == now["spec"]["template"])
}

#[test]
fn while_the_job_of_a_release_fails_its_pods_do_not_start_and_what_serves_goes_on() {
    // One that makes a new Deployment, one that rolls, one with volumes.
    let services = [("hello", "deployment"), ("shop", "deployment"), ("store", "stateful-set")];
    for engine in Engine::ALL {
        let mut history = History::begin(engine, 1);
        let mut deliver = |what: &str| {
            for (service, _) in services {
                history.set(service, &["config", "RELEASE"], Some(format!("good-{what}").into()));
                history.set(service, &["jobs"], Some(steps::job(what)));
            }
            history.bench.run(&["build"]).code(0);
            history.commit(what);
            assert_eq!(history.deliver_whole(&history.bench.tree()), [""; 0], "{engine:?}: {what}");
            services.map(|(service, workload)| is_released(&history, service, workload))
        };
        assert_eq!(deliver("works"), [true; 3], "{engine:?}");
        assert_eq!(deliver("fails"), [false; 3], "{engine:?}");
        assert_eq!(deliver("fails-again"), [false; 3], "{engine:?}");
        assert_eq!(deliver("works-again"), [true; 3], "{engine:?}");
    }
}

/// Whether anything falls when these releases of `hello` are delivered one after the other, each tree
/// with `breach` done to it, the last one with `last`.
fn falls(
    engine: Engine,
    releases: &[&str],
    breach: impl Fn(&mut Files),
    last: impl FnOnce(&mut Files),
) -> bool {
    let mut history = History::begin(engine, 1);
    for release in releases {
        let mut tree = history.bench.tree();
        breach(&mut tree);
        assert_eq!(history.deliver_whole(&tree), [""; 0]);
        history.set("hello", &["config", "RELEASE"], Some((*release).into()));
        history.bench.run(&["build"]).code(0);
        history.commit(release);
    }
    let mut tree = history.bench.tree();
    breach(&mut tree);
    last(&mut tree);
    !history.deliver_whole(&tree).is_empty()
}

/// Takes out each folder of a former generation in which this stands.
fn without_generation(tree: &mut Files, text: &str) {
    let folder = |path: &str| path.rsplit_once('/').unwrap().0.to_owned();
    let gone: Vec<String> = (tree.iter())
        .filter(|(path, file)| path.contains("/hello/retained/") && file.contains(text))
        .map(|(path, _)| folder(path))
        .collect();
    assert!(!gone.is_empty());
    tree.retain(|path, _| !gone.contains(&folder(path)));
}

fn without_files(tree: &mut Files, part: &str) {
    let before = tree.len();
    tree.retain(|path, _| !(path.contains("/hello/retained/") && path.contains(part)));
    assert!(tree.len() < before);
}

const FIXED: [&str; 2] = ["bad-1", "good-2"];
const BROKEN: [&str; 2] = ["bad-1", "bad-2"];

#[test]
fn whole_trees_take_nothing_away() {
    for engine in Engine::ALL {
        for releases in [FIXED, BROKEN] {
            assert!(!falls(engine, &releases, |_| {}, |_| {}), "{engine:?}");
        }
    }
}

#[test]
fn a_tree_that_keeps_one_generation_is_seen_to_lose_what_serves() {
    let one = |tree: &mut Files| without_generation(tree, "RELEASE: good-0");
    // Flux deletes at once. Argo CD waits for a good release, and a sync that is tried again waits
    // for nothing that is applied already. The script deletes nothing beside a bad release.
    for (engine, releases, fell) in [
        (Engine::Flux, FIXED, true),
        (Engine::Flux, BROKEN, true),
        (Engine::ArgoCd, FIXED, false),
        (Engine::ArgoCd, BROKEN, true),
        (Engine::Kubectl, FIXED, false),
        (Engine::Kubectl, BROKEN, false),
    ] {
        assert_eq!(falls(engine, &releases, |_| {}, one), fell, "{engine:?}, {releases:?}");
    }
}

#[test]
fn an_engine_that_does_not_wait_is_seen_to_lose_what_serves() {
    let hasty = |tree: &mut Files| {
        for text in tree.values_mut() {
            *text = text.replace("PruneLast=true", "Validate=true");
            *text = text.replace("kube rollout status", "true");
        }
    };
    for (engine, releases) in [(Engine::ArgoCd, FIXED), (Engine::Kubectl, BROKEN)] {
        let last = |tree: &mut Files| without_generation(tree, "RELEASE: good-0");
        assert!(falls(engine, &releases, hasty, last), "{engine:?}");
    }
}

#[test]
fn a_generation_without_all_that_it_names_is_seen_to_fall() {
    for engine in [Engine::Flux, Engine::ArgoCd] {
        let last = |tree: &mut Files| without_files(tree, "config-map");
        assert!(falls(engine, &BROKEN, |_| {}, last), "{engine:?}");
    }
}

#[test]
fn a_service_that_leads_to_one_generation_only_is_seen_to_fall() {
    for engine in Engine::ALL {
        let last = |tree: &mut Files| {
            let service = tree.get_mut("region-a/hello/service.yaml").unwrap();
            let selector = "  selector:\n    app.kubernetes.io/version: new\n";
            *service = service.replace("  selector:\n", selector);
        };
        assert!(falls(engine, &BROKEN, |_| {}, last), "{engine:?}");
    }
}

#[test]
fn a_policy_that_closes_the_former_ports_is_seen() {
    let moved = |keeps: bool| {
        let mut history = History::begin(Engine::Flux, 1);
        let port = "name = \"http\"\nport = 9090\nservice = 8080\n";
        let port = port.parse::<toml::Table>().unwrap();
        history.set("hello", &["ports"], Some(toml::Value::Array(vec![port.into()])));
        history.set("hello", &["config", "RELEASE"], Some("bad-1".into()));
        history.bench.run(&["build"]).code(0);
        let mut tree = history.bench.tree();
        if !keeps {
            without_files(&mut tree, "network-policy");
        }
        history.deliver_whole(&tree)
    };
    assert_eq!(moved(true), [""; 0]);
    assert!(!moved(false).is_empty());
}

#[test]
fn what_is_retired_without_looking_is_seen_to_fall_and_with_looking_stays() {
    for engine in [Engine::Flux, Engine::ArgoCd] {
        for looks in [true, false] {
            let mut history = History::begin(engine, 1);
            history.set("hello", &["config", "RELEASE"], Some("bad-1".into()));
            history.bench.run(&["build"]).code(0);
            history.commit("bad-1");
            assert_eq!(history.deliver_whole(&history.bench.tree()), [""; 0]);
            let mut retire = vec!["retire"];
            if looks {
                history.bench.write(".git/region-a.json", &history.cluster.observed());
                retire.extend(["--observed", ".git/region-a.json"]);
            }
            let _ = history.bench.run(&retire);
            let fell = !history.deliver_whole(&history.bench.tree()).is_empty();
            assert_eq!(fell, !looks, "{engine:?}");
        }
    }
}

/// What is refused in a service, and takes something away when it is accepted: a rule, and edits.
const REFUSED: [(&str, &str, &[&str]); 5] = [
    ("shop", "replicas-reset", &["rollout = \"rolling\"", "capacity.autoscale = { max = 12 }"]),
    ("worker", "replicas-reset", &["capacity.autoscale = { max = 12 }"]),
    ("hello", "port-renamed", &["ports = [{ name = \"web\", port = 8080 }]"]),
    ("hello", "port-renamed", &["ports = [{ name = \"http\", port = 8081 }]"]),
    ("worker", "consumed-twice", &["namespace = \"mall\""]),
];

/// A history whose `service` carries its peak with two pods, and is edited; and what the build says.
fn refused(engine: Engine, service: &str, edits: &[&str]) -> (History, Option<String>) {
    let mut history = History::begin(engine, 1);
    history.set(service, &["capacity", "peak"], Some(2.into()));
    history.build();
    history.commit("peak");
    assert_eq!(history.deliver_whole(&history.bench.tree()), [""; 0]);
    for edit in edits {
        history.write(service, edit);
    }
    let told = history.trouble(&["build"]);
    (history, told)
}

fn accept(history: &mut History, service: &str, rule: &str) {
    let more = "reason = \"it may\", until = 2100-01-01";
    history.write(service, &format!("accept = [{{ rule = \"{rule}\", {more} }}]"));
    history.build();
}

#[test]
fn what_is_refused_is_seen_to_fall_when_it_is_accepted() {
    for engine in Engine::ALL {
        for (service, rule, edits) in REFUSED {
            let (mut history, told) = refused(engine, service, edits);
            let told = told.unwrap_or_else(|| panic!("{service}, {edits:?}"));
            assert!(told.contains(&format!("error[{rule}]")), "{told}");
            accept(&mut history, service, rule);
            let fallen = history.deliver_whole(&history.bench.tree());
            assert!(!fallen.is_empty(), "{engine:?}, {service}, {edits:?}");
        }
    }
}

#[test]
fn a_number_that_another_manager_says_stays() {
    for engine in Engine::ALL {
        let (service, rule, edits) = REFUSED[1];
        let (mut history, _) = refused(engine, service, edits);
        accept(&mut history, service, rule);
        let tree = history.bench.tree();
        history.hand_over(&tree);
        assert_eq!(history.deliver_whole(&tree), [""; 0], "{engine:?}");
    }
}

#[test]
fn an_autoscaler_takes_over_by_the_way_that_is_named_and_leaves_without_one() {
    for engine in Engine::ALL {
        let (mut history, _) = refused(engine, "shop", &["capacity.autoscale = { max = 12 }"]);
        history.write("shop", "rollout = \"replace\"");
        for step in ["replace", "retired", "rolling", "retired", "off"] {
            match step {
                "rolling" => history.write("shop", "rollout = \"rolling\""),
                "off" => history.set("shop", &["capacity", "autoscale"], None),
                _ => {}
            }
            if step == "retired" {
                history.bench.write(".git/region-a.json", &history.cluster.observed());
                let looks = ["retire", "shop", "--observed", ".git/region-a.json"];
                history.bench.run(&looks).code(0);
            }
            history.build();
            history.commit(step);
            let fallen = history.deliver_whole(&history.bench.tree());
            assert_eq!(fallen, [""; 0], "{engine:?}, {step}: {}", history.story());
        }
        let tree = history.bench.tree();
        assert!(tree["region-a/shop/deployment.yaml"].contains("\n  replicas: "));
        assert!(tree.keys().all(|path| !path.contains("/shop/retained/")));
    }
}
