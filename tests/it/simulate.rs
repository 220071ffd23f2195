//! `ninefold simulate`: what it says of the example fleet, that it sees what is broken, and that it
//! agrees with what the ledgers promise.

use crate::generate::{self, Files};
use crate::input::{below, input};
use crate::random::Random;
use crate::workbench::{Workbench, repository};
use expect_test::{Expect, expect, expect_file};
use ninefold::diag::Sink;
use ninefold::judge::{self, How, Problem, Promised, Promises, Question, Report, Scope};
use ninefold::tree::Ledger;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const SCOPES: [Scope; 3] = [Scope::Node, Scope::Zone, Scope::Region];

/// A tree on a fleet, to be asked.
struct Asked {
    fleet: ninefold::model::Fleet,
    tree: judge::Tree,
    promises: Promises,
}

impl Asked {
    fn new(tree: &Files, fleet: &str) -> Result<Asked, Vec<Problem>> {
        // The example's measurements name its services.
        let measured = fleet.contains("[[measured]]");
        let specs = if measured { generate::folder("specs") } else { Files::new() };
        let specs = specs.iter().filter(|(path, _)| *path != "fleet.toml");
        let fleet = [("specs/fleet.toml".to_owned(), fleet)];
        let input = input(below("specs", specs).into_iter().chain(fleet));
        let fleet =
            ninefold::compile::fleet(&mut Sink::default(), input).expect("the fleet is valid");
        let mut promises = Promises::new();
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for (path, text) in tree {
            let unit = path.strip_prefix("ledger/").and_then(|path| path.strip_suffix(".json"));
            if let Some(unit) = unit {
                let ledger = Ledger::read(unit, text).expect("a ledger");
                promises.insert(unit.to_owned(), ledger.promises_as_json());
                continue;
            }
            if path.starts_with("recovery/") {
                continue;
            }
            match judge::look(path, text) {
                Ok(object) => found.extend(object),
                Err(problem) => problems.push(problem),
            }
        }
        let tree = judge::Tree::gather(found);
        if problems.is_empty() { Ok(Asked { fleet, tree, promises }) } else { Err(problems) }
    }

    fn ask(&self, scope: Scope, name: Option<&str>) -> Result<Report, Vec<Problem>> {
        self.ask_how(scope, How::Gone, name)
    }

    fn ask_how(&self, scope: Scope, how: How, name: Option<&str>) -> Result<Report, Vec<Problem>> {
        let question = Question { scope, name: name.map(str::to_owned), how };
        judge::run(&self.fleet, &self.tree, &self.promises, &question)
    }

    /// The answer; there is one.
    #[track_caller]
    fn answer(&self, scope: Scope, name: Option<&str>) -> Report {
        self.ask(scope, name).expect("an answer")
    }
}

/// The answer of a tree on a fleet.
fn ask(
    tree: &Files,
    fleet: &str,
    scope: Scope,
    name: Option<&str>,
) -> Result<Report, Vec<Problem>> {
    Asked::new(tree, fleet)?.ask(scope, name)
}

/// Every service that breaks, with the reasons.
fn broken(report: &Report) -> Vec<String> {
    let reasons = report.services.iter().flat_map(|one| {
        one.breaks.iter().map(move |reason| format!("{}: {}", one.service, reason.text))
    });
    reasons.collect()
}

fn example() -> (Files, String) {
    (generate::folder("out"), generate::folder("specs")["fleet.toml"].clone())
}

// What it says -----------------------------------------------------------------------------------

#[test]
fn what_is_said_of_the_example_fleet() {
    let (tree, fleet) = example();
    let asked = Asked::new(&tree, &fleet).expect("it can be read");
    for (scope, name, file) in [
        (Scope::Node, None, "node"),
        (Scope::Zone, None, "zone"),
        (Scope::Region, None, "region"),
        (Scope::Node, Some("westeurope-2"), "node-westeurope-2"),
        (Scope::Zone, Some("eastus2-3"), "zone-eastus2-3"),
        (Scope::Region, Some("centralus"), "region-centralus"),
    ] {
        let report = asked.answer(scope, name);
        let path = repository("tests/simulate").join(format!("{file}.txt"));
        expect_file![path].assert_eq(&report.to_text("out", false));
    }
}

/// The screen in the docs is what the command prints.
#[test]
fn the_docs_show_a_real_screen() {
    let bench = Workbench::empty();
    let (out, specs) = (repository("out"), repository("specs"));
    let arguments = ["simulate", "--lose", "zone", "eastus2-1", "--out"];
    let arguments = [&arguments[..], &[out.to_str().unwrap(), "--specs", specs.to_str().unwrap()]];
    let printed = bench.run(&arguments.concat()).code(0).stdout;
    let (screen, _) = printed.split_once("\nPremises\n").expect("premises come last");
    let path = repository("docs/simulate.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let begin = "$ ninefold simulate --lose zone eastus2-1\n";
    let (before, rest) = page.split_once(begin).expect("the page shows the command");
    let (_, after) = rest.split_once("```").expect("the block ends");
    expect_file![path].assert_eq(&format!("{before}{begin}{screen}```{after}"));
}

/// A database of three instances in three zones, in which a commit waits for one of the others.
#[test]
fn the_database_of_a_service_is_lost_with_it() {
    let file = "eastus2/accounts/postgresql-cluster-db.yaml";
    let said = |scope: Scope, edits: &[(&str, &str)]| {
        let (mut tree, fleet) = example();
        let text = tree.get_mut(file).expect("there is a database");
        for (from, to) in edits {
            assert!(text.contains(from), "{from}: {text}");
            *text = text.replace(from, to);
        }
        let report =
            ask(&tree, &fleet, scope, Some("eastus2-1").filter(|_| scope != Scope::Region));
        let report = report.expect("an answer");
        let own = report.services.into_iter().find(|one| one.service == "accounts");
        let own = own.expect("it is judged");
        let breaks: Vec<String> = own.breaks.into_iter().map(|reason| reason.text).collect();
        (own.notes.join("; "), breaks.join("; "))
    };
    // As it is emitted, another instance leads in time.
    for scope in [Scope::Node, Scope::Zone] {
        let (notes, breaks) = said(scope, &[]);
        assert!(
            notes.contains("2 of 3 instances of its database, another leads within"),
            "{notes}"
        );
        assert_eq!(breaks, "");
    }
    // A commit that waits for both others waits for the one that is lost.
    let both = ("number: 1", "number: 2");
    let (notes, breaks) = said(Scope::Node, &[both]);
    assert!(notes.contains("it goes on when one is back"), "{notes}");
    assert!(breaks.contains("its database accounts-db serves again within"), "{breaks}");
    // Nothing that is required keeps them apart: one zone may hold all of them.
    let wished = ("podAntiAffinityType: required", "podAntiAffinityType: preferred");
    let free = ("managed-csi-premium", "managed-csi-zrs");
    let (notes, breaks) = said(Scope::Zone, &[wished, free]);
    assert!(notes.contains("0 of 3 instances"), "{notes}");
    assert!(breaks.contains("its database accounts-db serves again within"), "{breaks}");
    // And their volumes stay with the zone.
    let (notes, breaks) = said(Scope::Zone, &[wished]);
    assert!(notes.contains("it does not go on"), "{notes}");
    assert!(breaks.contains("none comes back: its volume stands in eastus2-1"), "{breaks}");
    // One that follows leads nothing, so that nothing stops with it.
    let follows = ("    primary: accounts-db-eus2", "    primary: accounts-db-cus");
    let (notes, breaks) = said(Scope::Node, &[follows]);
    assert_eq!((notes.contains("its database"), breaks.as_str()), (false, ""), "{notes}");
    // A region that takes over needs a copy of it.
    let (mut tree, fleet) = example();
    tree.remove("centralus/accounts/postgresql-cluster-db.yaml").expect("there is a copy");
    let report = ask(&tree, &fleet, Scope::Region, Some("eastus2")).expect("an answer");
    let broken = broken(&report).join("; ");
    assert!(broken.contains("no copy of its database accounts-db is in centralus"), "{broken}");
}

/// Devices of a pool are room like CPU and memory: what a node has, and what all of them have.
#[test]
fn devices_of_a_pool_are_room() {
    let case = repository("tests/cases/pool-of-nodes");
    let tree = crate::workbench::compile_case(&case).tree;
    let fleet = std::fs::read_to_string(case.join("specs/fleet.toml")).unwrap();
    let broken = |from: &str, to: &str| {
        let mut tree = tree.clone();
        tree.values_mut().for_each(|text| *text = text.replace(from, to));
        let report = ask(&tree, &fleet, Scope::Node, None).expect("an answer");
        broken(&report)
    };
    assert_eq!(broken("nvidia.com/gpu: 1\n", "nvidia.com/gpu: 4\n"), Vec::<String>::new());
    let five = broken("nvidia.com/gpu: 1\n", "nvidia.com/gpu: 5\n");
    assert!(five.iter().any(|reason| reason.contains("no node has room")), "{five:?}");
    let other = broken("nvidia.com/gpu: 1\n", "example.com/fpga: 1\n");
    assert!(other.iter().any(|reason| reason.contains("no node has room")), "{other:?}");
}

// It can say no ----------------------------------------------------------------------------------

/// What breaks, and did not before, once `from` reads `to` in the files of a service that end with
/// `file`.
#[track_caller]
fn doctored(scope: Scope, service: &str, file: &str, from: &str, to: &str) -> Vec<String> {
    let (mut tree, fleet) = example();
    let mine = |path: &str| path.split('/').nth(1) == Some(service);
    static WAS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let (tree, fleet) = example();
        let asked = Asked::new(&tree, &fleet).expect("it can be read");
        SCOPES.iter().flat_map(|scope| broken(&asked.answer(*scope, None))).collect()
    });
    let mut changed = 0;
    for (_, text) in tree.iter_mut().filter(|(path, _)| mine(path) && path.ends_with(file)) {
        changed += usize::from(text.contains(from));
        *text = text.replace(from, to);
    }
    assert!(changed > 0, "`{from}` is nowhere");
    let report = ask(&tree, &fleet, scope, None).expect("an answer");
    let now = broken(&report);
    assert_eq!(report.holds, now.is_empty());
    now.into_iter().filter(|reason| !WAS.contains(reason)).collect()
}

#[track_caller]
fn check(broken: &[String], expected: &Expect) {
    // One reason a line, so that each expectation is a text of several lines.
    let lines: Vec<String> = broken.iter().map(|reason| format!("{reason}\n")).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn a_spread_that_is_only_wished_for_keeps_nothing() {
    let (must, wish) = ("DoNotSchedule", "ScheduleAnyway");
    check(
        &doctored(Scope::Zone, "checkout", "deployment.yaml", must, wish),
        &expect![[r#"
            checkout: 2 replicas carry the peak, and none stays at worst: nothing that is required keeps them apart (the spread over `topology.kubernetes.io/zone` is only preferred), so one zone may hold them all
            checkout: it serves again within 6m 5s, and the ledger claims 1m
        "#]],
    );
    check(
        &doctored(Scope::Node, "mailer", "deployment.yaml", must, wish),
        &expect![[r#"
            mailer: 2 replicas carry the peak, and none stays at worst: nothing that is required keeps them apart (the spread over `kubernetes.io/hostname` is only preferred), so one node may hold them all
            mailer: it serves again within 5m 55s, and the ledger claims 55s
        "#]],
    );
    let spread = "topologySpreadConstraints:";
    check(
        &doctored(Scope::Zone, "orders", "stateful-set.yaml", spread, "was:"),
        &expect![[r#"
            orders: 2 replicas carry the peak, and none stays at worst: nothing keeps them apart over `topology.kubernetes.io/zone`, so one zone may hold them all
            orders: it serves again within 12m 5s, and the ledger claims 1m
        "#]],
    );
}

#[test]
fn too_few_replicas_lose_the_peak() {
    check(
        &doctored(Scope::Zone, "checkout", "deployment.yaml", "replicas: 3", "replicas: 2"),
        &expect![[r#"
            checkout: the tree runs 2 replicas, the ledger promises 3
            checkout: 2 replicas carry the peak, and 1 of 2 stay at worst: the spread allows 1 in one zone
            checkout: it serves again within 6m 5s, and the ledger claims 1m
        "#]],
    );
    check(
        &doctored(
            Scope::Zone,
            "search",
            "horizontal-pod-autoscaler.yaml",
            "minReplicas: ",
            "minReplicas: 2 # ",
        ),
        &expect![[r#"
            search: the tree runs 2 replicas, the ledger promises 6
            search: 4 replicas carry the peak, and 1 of 2 stay at worst: the spread allows 1 in one zone
        "#]],
    );
    check(
        &doctored(Scope::Region, "payments", "deployment.yaml", "replicas: 9", "replicas: 5"),
        &expect![[r#"
            payments: eastus2 runs 5 of the 6 that carry its load and the share of a region that is lost
        "#]],
    );
}

#[test]
fn pods_that_stay_on_a_lost_node_are_not_replaced_in_time() {
    let seconds = "tolerationSeconds: 60";
    let file = "deployment.yaml";
    check(
        &doctored(Scope::Node, "checkout", file, "tolerations:", "was:"),
        &expect![[r#"
        checkout: its pods stay on a lost node for 5m, and the tier promises 1m: a toleration of `node.kubernetes.io/unreachable` or `not-ready` is missing or too long
    "#]],
    );
    check(
        &doctored(Scope::Zone, "checkout", file, seconds, "tolerationSeconds: 61"),
        &expect![[r#"
            checkout: its pods stay on a lost node for 1m 1s, and the tier promises 1m: a toleration of `node.kubernetes.io/unreachable` or `not-ready` is missing or too long
        "#]],
    );
    check(
        &doctored(Scope::Zone, "checkout", file, seconds, "value: \"\""),
        &expect![[r#"
        checkout: its pods tolerate a lost node without end, so nothing takes their place
    "#]],
    );
    check(
        &doctored(
            Scope::Zone,
            "backoffice",
            file,
            "tolerationSeconds: 300",
            "tolerationSeconds: 90000",
        ),
        &expect![[r#"
            backoffice: its pods stay on a lost node for 1d 1h, and the tier promises 5m: a toleration of `node.kubernetes.io/unreachable` or `not-ready` is missing or too long
            backoffice: it serves again within 1d 1h 5m 5s, and its RTO is 1d
        "#]],
    );
}

#[test]
fn a_volume_stays_in_its_zone() {
    let (zones, zone) = ("managed-csi-zrs", "managed-csi-premium");
    let file = "stateful-set.yaml";
    check(&doctored(Scope::Node, "orders", file, zones, zone), &expect![[r#""#]]);
    check(
        &doctored(Scope::Zone, "orders", file, zones, zone),
        &expect![[r#"
        orders: 1 replica cannot come back, and its data is out of reach: its volume stands in eastus2-1 and cannot leave it
    "#]],
    );
    check(
        &doctored(Scope::Zone, "profiles", file, zones, zone),
        &expect![[r#"
            profiles: 2 replicas carry the peak, and only 0 run again within the RTO of 8h: its volume stands in westeurope-1 and cannot leave it
        "#]],
    );
}

/// What a build warns of, and takes for granted, breaks nothing in a simulation.
#[test]
fn a_volume_that_goes_with_its_zone_is_judged_as_the_build_does() {
    let bench = Workbench::empty();
    bench.write("specs/fleet.toml", include_str!("fleet.toml"));
    for (backup, own_copies) in [("true", true), ("false", false)] {
        let spec = format!(
            r#"
name = "orders"
image = "registry.example.com/orders@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
tier = "gold"
regions = ["eastus2"]
rpo = "4h"
rto = "4h"
kind = "stateful"
volumes = [{{ name = "data", path = "/data", size = "20Gi", class = "lrs", backup = {backup} }}]
"#
        );
        bench.write("specs/orders.toml", &spec);
        let built = bench.run(&["build"]).code(0);
        assert!(built.stderr.contains("warning[zone-volume]"), "{}", built.stderr);
        let simulated = bench.run(&["simulate", "--lose", "zone", "eastus2-1"]).code(0).stdout;
        assert!(
            simulated.contains("nothing on it is missed, as is taken for granted"),
            "{simulated}"
        );
        assert_eq!(bench.read("out/ledger/orders.json").contains("own-copies"), own_copies);
    }
}

#[test]
fn replacements_that_the_constraints_keep_waiting_are_told() {
    let file = "deployment.yaml";
    check(
        &doctored(Scope::Zone, "checkout", file, "minDomains: 2", "minDomains: 3"),
        &expect![[r#"
            checkout: 1 replica may stay Pending while the lost nodes are still listed: `minDomains` of the spread over `topology.kubernetes.io/zone` asks for more domains than there are
        "#]],
    );
    let (honor, ignore) = ("nodeTaintsPolicy: Honor", "nodeTaintsPolicy: Ignore");
    check(
        &doctored(Scope::Zone, "checkout", file, honor, ignore),
        &expect![[r#"
        checkout: 1 replica may stay Pending while the lost nodes are still listed: the spread over `topology.kubernetes.io/zone` still counts nodes that do not answer (`nodeTaintsPolicy` is not `Honor`), and next to their empty domains every other is full
    "#]],
    );
    check(
        &doctored(Scope::Node, "payments", file, "minDomains: 2", "minDomains: 7"),
        &expect![[r#"
            payments: 6 of 9 replicas may never run, before anything is lost: `minDomains` of the spread over `topology.kubernetes.io/zone` asks for more domains than there are
        "#]],
    );
    let everything = "key: node.kubernetes.io/unreachable\n        operator: Exists\n";
    let tolerant = "operator: Exists\n      - effect: NoExecute\n        key: other\n        operator: Exists\n";
    let broken = doctored(
        Scope::Zone,
        "mailer",
        file,
        &format!("- effect: NoExecute\n        {everything}"),
        &format!("- {tolerant}"),
    );
    check(
        &broken,
        &expect![[r#"
            mailer: 2 replicas carry the peak, and only 0 run again within the RTO of 8h: it tolerates nodes that do not answer, so the scheduler may choose one of them
            mailer: its pods tolerate a lost node without end, so nothing takes their place
        "#]],
    );
}

#[test]
fn nodes_that_a_pod_asks_for_are_those_of_the_fleet() {
    let spec = "    spec:\n      affinity:\n";
    let on = |labels: &str| {
        format!("    spec:\n      nodeSelector:\n        {labels}\n      affinity:\n")
    };
    let file = "centralus/checkout/deployment.yaml";
    let zone = "topology.kubernetes.io/zone";
    let broken = |labels: &str| doctored(Scope::Zone, "checkout", file, spec, &on(labels));
    check(
        &broken("disk: fast"),
        &expect![[r#"
        checkout: 3 of 3 replicas may never run, before anything is lost: no node that the fleet declares has the labels it asks for (disk)
    "#]],
    );
    check(
        &broken(&format!("{zone}: centralus-1")),
        &expect![[r#"
            checkout: 2 of 3 replicas may never run, before anything is lost: `minDomains` of the spread over `topology.kubernetes.io/zone` asks for more domains than there are
            checkout: 1 replica may stay Pending while the lost nodes are still listed: no node that it may use is left
        "#]],
    );
    check(&broken("kubernetes.io/os: linux"), &expect![[r#""#]]);
    let cpu = |cores: &str| {
        doctored(
            Scope::Node,
            "checkout",
            "deployment.yaml",
            "cpu: \"250m\"",
            &format!("cpu: \"{cores}\""),
        )
    };
    check(
        &cpu("16"),
        &expect![[r#"
        checkout: 3 of 3 replicas may never run, before anything is lost: no node has room for it beside the pods of its service
    "#]],
    );
    check(&cpu("15"), &expect![[r#""#]]);
}

#[test]
fn required_affinity_holds_in_both_directions() {
    let wish = "preferredDuringSchedulingIgnoredDuringExecution:\n          - podAffinityTerm:\n              labelSelector:";
    let must = "requiredDuringSchedulingIgnoredDuringExecution:\n          - labelSelector:";
    let file = "deployment.yaml";
    // What belongs to the term stands further left, then.
    let (mut tree, fleet) = example();
    let text = tree["eastus2/checkout/deployment.yaml"].clone();
    let (before, after) = text.split_once(wish).expect("it is wished for");
    let (term, rest) = after.split_once("            weight: 100\n").expect("its weight");
    let term =
        term.replace("\n  ", "\n").replace("kubernetes.io/hostname", "topology.kubernetes.io/zone");
    tree.insert(format!("eastus2/checkout/{file}"), format!("{before}{must}{term}{rest}"));
    let report = ask(&tree, &fleet, Scope::Zone, Some("eastus2-1")).expect("an answer");
    check(
        &broken(&report),
        &expect![[r#"
        checkout: 1 replica may stay Pending while the lost nodes are still listed: required pod affinity or anti-affinity over `topology.kubernetes.io/zone` leaves no node
    "#]],
    );
}

#[test]
fn a_budget_is_judged_with_a_node() {
    let file = "pod-disruption-budget.yaml";
    let broken = |from: &str, to: &str| doctored(Scope::Node, "checkout", file, from, to);
    check(
        &broken("maxUnavailable: 1", "maxUnavailable: 0"),
        &expect![[r#"
        checkout: a drain waits for ever: the disruption budget allows no eviction
    "#]],
    );
    check(
        &broken("maxUnavailable: 1", "minAvailable: 67%"),
        &expect![[r#"
        checkout: a drain waits for ever: the disruption budget allows no eviction
    "#]],
    );
    check(&broken("maxUnavailable: 1", "minAvailable: 66%"), &expect![[r#""#]]);
    check(
        &broken("maxUnavailable: 1", "maxUnavailable: 2"),
        &expect![[r#"
        checkout: a drain may take the peak: the disruption budget lets 2 of 3 go at once, and 2 carry the peak
    "#]],
    );
    let (own, others) = ("service: checkout\n  unhealthy", "service: nobody\n  unhealthy");
    check(
        &broken(own, others),
        &expect![[r#"
        checkout: a drain may take all replicas at once: no disruption budget selects them
    "#]],
    );
    let (mut tree, fleet) = example();
    let twice = tree["eastus2/checkout/pod-disruption-budget.yaml"].clone();
    tree.insert("eastus2/checkout/second.yaml".to_owned(), twice);
    let report = ask(&tree, &fleet, Scope::Node, Some("eastus2-1")).expect("an answer");
    assert!(!report.holds, "{report:#?}");
}

#[test]
fn a_region_takes_its_backups_with_it() {
    // The one that is kept for longer runs once a day, which keeps no RPO.
    let file = "eastus2/orders/schedule.yaml";
    let broken = |from: &str, to: &str| doctored(Scope::Region, "orders", file, from, to);
    check(
        &broken("centralus-vault", "eastus2-vault"),
        &expect![[r#"
        orders: its backups are in `eastus2-vault`, which is gone with the region
    "#]],
    );
    check(
        &broken("snapshotMoveData: true", "snapshotMoveData: false"),
        &expect![[r#"
        orders: its backups are snapshots only, which are gone with the region
    "#]],
    );
    check(
        &broken("kind: Schedule", "kind: Elsewhere"),
        &expect![[r#"
            orders: it is backed up every 1d, and promises an RPO of 1h
        "#]],
    );
    check(
        &broken("paused: false", "paused: true"),
        &expect![[r#"
            orders: it is backed up every 1d, and promises an RPO of 1h
        "#]],
    );
    let all = |from: &str, to: &str| doctored(Scope::Region, "orders", ".yaml", from, to);
    check(
        &all("kind: Schedule", "kind: Elsewhere"),
        &expect![[r#"
            orders: no Schedule backs its volumes up in eastus2
        "#]],
    );
    let standby = "centralus/search/deployment.yaml";
    check(
        &doctored(Scope::Region, "search", standby, "kind: Deployment", "kind: Elsewhere"),
        &expect![[r#"
            search: the tree has no workload for centralus
        "#]],
    );
}

/// Pods of a cordoned zone are ready, and serve nobody until somebody drains its nodes.
#[test]
fn a_cordoned_zone_keeps_its_pods_and_serves_nobody() {
    let (tree, fleet) = example();
    let cordoned = |tree: &Files| {
        let asked = Asked::new(tree, &fleet).expect("it can be read");
        asked.ask_how(Scope::Zone, How::Cordoned, None).expect("an answer")
    };
    let report = cordoned(&tree);
    assert!(report.holds, "{:?}", broken(&report));
    let path = repository("tests/simulate").join("zone-cordoned.txt");
    expect_file![path].assert_eq(&report.to_text("out", false));
    let asked = Asked::new(&tree, &fleet).expect("it can be read");
    let zone = Some("eastus2-1");
    let one = asked.ask_how(Scope::Zone, How::Cordoned, zone).expect("an answer");
    let gone = asked.answer(Scope::Zone, zone);
    for (cordoned, gone) in one.services.iter().zip(&gone.services) {
        assert_eq!((&cordoned.service, cordoned.stay), (&gone.service, gone.stay));
        let says = |outcome: &judge::Outcome| outcome.notes.iter().any(|it| it.contains("drains"));
        let lost = cordoned.stay < cordoned.replicas;
        assert_eq!((says(cordoned), says(gone)), (lost, false), "{cordoned:?}");
        assert!(!cordoned.terms.contains_key("pods stay"), "nothing evicts them");
    }
    // An alert that counts ready replicas sees nothing.
    let unseen = |report: &Report| {
        let says =
            |outcome: &&judge::Outcome| outcome.notes.iter().any(|it| it.contains("no alert"));
        report.services.iter().filter(says).count()
    };
    assert_eq!(unseen(&report), 0);
    let mut blind = tree;
    for text in blind.values_mut() {
        *text = text.replace("kube_endpointslice_endpoints{", "kube_other{");
    }
    assert!(unseen(&cordoned(&blind)) > 4);
}

#[test]
fn users_of_a_lost_region_go_by_the_weights_that_are_emitted() {
    let (from, to) = ("westeurope: 20", "westeurope: 400");
    let found = doctored(Scope::Region, "storefront", "gslb.yaml", from, to);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("westeurope runs") && found[0].contains("by the weights"),
        "{found:?}"
    );
}

#[test]
fn a_promise_breaks_with_one_that_it_rests_on() {
    let (tree, fleet) = example();
    let mut asked = Asked::new(&tree, &fleet).expect("it can be read");
    let was = broken(&asked.answer(Scope::Region, Some("eastus2")));
    let claim = &mut asked
        .promises
        .get_mut("catalog")
        .expect("a ledger")
        .get_mut("eastus2")
        .expect("it is there")["claims"]["region"]["rto"];
    claim["worst"] = 999_999.into();
    claim["promised"] = 999_999.into();
    let now = broken(&asked.answer(Scope::Region, Some("eastus2")));
    let new: Vec<&String> = now.iter().filter(|reason| !was.contains(reason)).collect();
    for caller in ["search", "storefront"] {
        let says =
            |one: &&&String| one.starts_with(caller) && one.contains("it rests on `catalog`");
        assert!(new.iter().any(|one| says(&one)), "{caller}: {new:?}");
    }
}

#[test]
fn a_workload_that_is_not_there_is_missed() {
    for (scope, region) in [(Scope::Zone, "eastus2"), (Scope::Region, "eastus2")] {
        let file = format!("{region}/checkout/deployment.yaml");
        let broken = doctored(scope, "checkout", &file, "kind: Deployment", "kind: Elsewhere");
        check(
            &broken,
            &expect![[r#"
            checkout: the ledger promises 3 replicas in eastus2, and the tree has no workload for them
        "#]],
        );
    }
    let (standby, was) = ("centralus/search/horizontal-pod-autoscaler.yaml", "minReplicas: 3");
    check(
        &doctored(Scope::Region, "search", standby, was, "minReplicas: 2"),
        &expect![[r#"
        search: centralus runs 2, and the ledger promises 3
    "#]],
    );
}

/// What takes over, or comes back, needs nodes that are large enough.
#[test]
fn what_the_fleet_has_no_room_for_does_not_come_back() {
    let (tree, fleet) = example();
    let (before, after) = fleet.split_once("[regions.centralus]").expect("the region");
    let small = after.replacen("nodes = 8, cpu = \"120\"", "nodes = 4, cpu = \"4\"", 3);
    let fleet = format!("{before}[regions.centralus]{small}");
    let report = ask(&tree, &fleet, Scope::Region, Some("eastus2")).expect("an answer");
    let room = broken(&report).into_iter().filter(|reason| reason.contains("room"));
    check(
        &room.collect::<Vec<_>>(),
        &expect![[r#"
            accounts: centralus has no room for 6 of 6 that take over
            carts: centralus has no room for 3 of 3 that take over
            checkout: centralus has no room for 3 of 3 that take over
            mailer: centralus has no room for 3 of 3 that take over
            reference: centralus has no room for 3 of 3 that take over
        "#]],
    );
    let report = ask(&tree, &fleet, Scope::Zone, Some("centralus-1")).expect("an answer");
    check(
        &broken(&report),
        &expect![[r#"
            accounts: 2 of 3 replicas have no room, before anything is lost: the pods of the region ask for more than its nodes have
            catalog: 5 of 8 replicas have no room, before anything is lost: the pods of the region ask for more than its nodes have
            checkout: 2 of 3 replicas have no room, before anything is lost: the pods of the region ask for more than its nodes have
            storefront: 10 of 18 replicas have no room, before anything is lost: the pods of the region ask for more than its nodes have
            storefront: 2 replicas may stay Pending while the lost nodes are still listed: no node has room for it beside the pods of its service
        "#]],
    );
    let told: Vec<String> = (report.services.iter())
        .flat_map(|one| one.notes.iter().map(move |note| format!("{}: {note}", one.service)))
        .collect();
    check(
        &told,
        &expect![[r#"
            payments: 3 without room until the zone is back
            search: 1 without room until the zone is back
        "#]],
    );
    let mut fleet = generate::folder("specs")["fleet.toml"].clone();
    for zone in ["eastus2-2", "eastus2-3"] {
        let zone = format!("\"{zone}\", nodes = ");
        fleet = fleet.replace(&format!("{zone}8, cpu = \"120\""), &format!("{zone}1, cpu = \"1\""));
    }
    let report = ask(&tree, &fleet, Scope::Zone, Some("eastus2-1")).expect("an answer");
    let mailer = broken(&report).into_iter().filter(|reason| reason.starts_with("mailer"));
    check(
        &mailer.collect::<Vec<_>>(),
        &expect![[r#"
        mailer: 2 replicas carry the peak, and only 0 run again within the RTO of 8h: the nodes that are left have no room
    "#]],
    );
}

/// Jobs take room, and carry nothing: those of the region that is lost, too, where it is taken over.
#[test]
fn jobs_take_room_and_carry_nothing() {
    let (mut tree, fleet) = example();
    let job = |region: &str| format!("{region}/reference/cron-job-report.yaml");
    for region in ["eastus2", "centralus"] {
        let text = tree.get_mut(&job(region)).expect("the example has it");
        assert!(text.contains("cpu: \"200m\""), "{text}");
        // More than all nodes of a region have.
        *text = text
            .replace("cpu: \"200m\"", "cpu: \"15\"")
            .replace("backoffLimit:", "parallelism: 1000\n      backoffLimit:");
    }
    let scenes =
        [(Scope::Zone, "eastus2-1"), (Scope::Zone, "centralus-1"), (Scope::Region, "eastus2")];
    let lacking = scenes.map(|(scope, name)| {
        let report = ask(&tree, &fleet, scope, Some(name)).expect("an answer");
        assert!(report.services.iter().all(|one| one.replicas < 100), "a job serves nobody");
        broken(&report).iter().any(|reason| reason.contains("room"))
    });
    // In a standby it rests, until another region is lost.
    assert_eq!(lacking, [true, false, true]);
}

/// Former generations take room, and carry nothing.
#[test]
fn a_former_generation_carries_nothing() {
    let (mut tree, fleet) = example();
    let text = tree["eastus2/checkout/deployment.yaml"].replace("checkout-", "checkout-old-");
    let fewer = tree["eastus2/checkout/deployment.yaml"].replace("replicas: 3", "replicas: 1");
    tree.insert("eastus2/checkout/retained/old/deployment.yaml".to_owned(), text.clone());
    let report = ask(&tree, &fleet, Scope::Zone, Some("eastus2-1")).expect("an answer");
    assert!(report.holds, "{report:#?}");
    tree.insert("eastus2/checkout/deployment.yaml".to_owned(), fewer);
    let report = ask(&tree, &fleet, Scope::Zone, Some("eastus2-1")).expect("an answer");
    assert!(!report.holds, "{report:#?}");
    // 300 replicas of 1 core leave no room for anybody's replacement, and take no peak.
    let (mut tree, _) = example();
    let large = text.replace("replicas: 3", "replicas: 300").replace("\"250m\"", "\"1\"");
    tree.insert("eastus2/checkout/retained/old/deployment.yaml".to_owned(), large);
    let report = ask(&tree, &fleet, Scope::Zone, Some("eastus2-1")).expect("an answer");
    let told = report.to_text("out", false);
    assert!(told.contains("without room until the zone is back"), "{told}");
    assert!(report.holds, "{told}");
}

// Laws -------------------------------------------------------------------------------------------

/// Of a fleet that compiles nothing breaks, and what the ledgers say stays.
fn agrees(seed: u64, fleet: &generate::Fleet) {
    let tree = fleet.compile();
    let asked = Asked::new(&tree, &fleet.files()["fleet.toml"]).expect("it can be read");
    for scope in SCOPES {
        let report = asked.answer(scope, None);
        // What the ledger itself calls broken is a finding of the compiler's.
        let reasons = report.services.iter().flat_map(|one| &one.breaks);
        let broken: Vec<_> = reasons.filter(|reason| !reason.path.starts_with("ledger/")).collect();
        assert!(broken.is_empty(), "seed {seed}:\n{}", report.to_text("out", false));
    }
    for (region, zone) in zones(fleet) {
        let report = asked.answer(Scope::Zone, Some(&format!("{region}/{zone}")));
        for one in &report.services {
            let promise = &asked.promises[&one.service][&region];
            let number = |key: &str| promise[key].as_u64().expect(key) as usize;
            assert!(one.stay >= number("survivors_of_zone_loss"), "seed {seed}: {one:#?}");
            let back = one.promised == Promised::Nothing || one.replicas == one.stay + one.back;
            assert!(back, "seed {seed}: {one:#?}");
            if one.promised == Promised::Peak {
                assert!(one.stay >= number("peak"), "seed {seed}: {one:#?}");
            }
        }
    }
}

/// Every zone, with its region.
fn zones(fleet: &generate::Fleet) -> Vec<(String, String)> {
    let regions = fleet.fleet["regions"].as_table().expect("regions");
    let zones = regions.iter().flat_map(|(name, region)| {
        let zones = region["zones"].as_array().expect("zones").iter();
        zones.map(move |zone| (name.clone(), zone["name"].as_str().expect("text").to_owned()))
    });
    zones.collect()
}

#[test]
fn random_fleets_keep_what_their_ledgers_promise() {
    for seed in 100..120 {
        agrees(seed, &generate::fleet(seed, 8));
    }
}

/// The worst zone leaves exactly what the ledger says, where something keeps replicas apart: less
/// would be a promise that is too large, more one that is too small.
#[test]
fn the_worst_zone_leaves_exactly_what_the_ledger_says() {
    let mut judged = 0;
    for seed in 200..215 {
        let fleet = generate::fleet(seed, 8);
        let asked = Asked::new(&fleet.compile(), &fleet.files()["fleet.toml"]).expect("readable");
        let mut min: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (region, zone) in zones(&fleet) {
            for one in asked.answer(Scope::Zone, Some(&format!("{region}/{zone}"))).services {
                let min = min.entry((one.service, region.clone())).or_insert(usize::MAX);
                *min = one.stay.min(*min);
            }
        }
        for ((service, region), stay) in min {
            let survivors = asked.promises[&service][&region]["survivors_of_zone_loss"].as_u64();
            let survivors = survivors.expect("a number") as usize;
            if survivors > 0 {
                assert_eq!(stay, survivors, "seed {seed}: {service} in {region}");
                judged += 1;
            }
        }
    }
    assert!(judged > 50, "{judged}");
}

/// What holds on few nodes holds on more of them.
#[test]
fn more_nodes_never_break_what_held() {
    let (mut held, mut broke) = (0, 0);
    for seed in 0..40 {
        let mut fleet = generate::fleet(seed, 4);
        let mut random = Random::new(seed);
        let mut sizes: Vec<i64> = (0..60).map(|_| random.between(1, 4)).collect();
        let small = on_nodes(&mut fleet, &sizes);
        sizes.iter_mut().for_each(|size| *size += random.between(0, 3));
        let large = on_nodes(&mut fleet, &sizes);
        // A tree that was made for the larger fleet, or for neither, is judged on both.
        let Ok(tree) = generate::compile(&fleet.files()) else { continue };
        let small = Asked::new(&tree, &small).expect("it can be read");
        let large = Asked::new(&tree, &large).expect("it can be read");
        for scope in [Scope::Node, Scope::Zone] {
            let before = small.answer(scope, None);
            let after = large.answer(scope, None);
            for one in &before.services {
                let same = after.services.iter().find(|other| other.service == one.service);
                let same = same.expect("it is judged on both");
                if !one.breaks.is_empty() {
                    broke += 1;
                    continue;
                }
                held += 1;
                // More nodes take longer to be tainted one by one.
                let late = |text: &str| text.starts_with("it serves again within");
                let left: Vec<_> = same.breaks.iter().filter(|why| !late(&why.text)).collect();
                assert!(left.is_empty(), "seed {seed}: {one:#?}\n{same:#?}");
            }
        }
    }
    assert!(held > 50 && broke > 2, "{held} held, {broke} did not");
}

/// The fleet with so many nodes in its zones, each of them of 8 cores.
fn on_nodes(fleet: &mut generate::Fleet, sizes: &[i64]) -> String {
    let mut sizes = sizes.iter();
    let regions = fleet.fleet["regions"].as_table_mut().expect("regions");
    for (_, region) in regions.iter_mut() {
        for zone in region["zones"].as_array_mut().expect("zones") {
            let size = *sizes.next().expect("enough");
            let zone = zone.as_table_mut().expect("a zone");
            zone.insert("nodes".to_owned(), size.into());
            zone.insert("cpu".to_owned(), (size * 8).to_string().into());
            zone.insert("memory".to_owned(), format!("{}Gi", size * 32).into());
        }
    }
    generate::text(&fleet.fleet)
}

// What cannot be answered ------------------------------------------------------------------------

#[track_caller]
fn problems(tree: &Files, fleet: &str, scope: Scope, name: Option<&str>, expected: &Expect) {
    let problems = ask(tree, fleet, scope, name).expect_err("there is no answer");
    let told: Vec<String> = (problems.iter())
        .map(|problem| format!("{}: {}\n  {}\n", problem.path, problem.message, problem.help))
        .collect();
    expected.assert_eq(&told.concat());
}

#[test]
fn what_the_fleet_or_the_ledger_does_not_know_is_told_at_once() {
    let (tree, fleet) = example();
    let known =
        |scope, name, expected: Expect| problems(&tree, &fleet, scope, Some(name), &expected);
    known(
        Scope::Zone,
        "eastus2-4",
        expect![[r#"
            : the fleet has no zone called `eastus2-4`
              did you mean `eastus2-1`?
        "#]],
    );
    known(
        Scope::Region,
        "eastus",
        expect![[r#"
            : the fleet has no region called `eastus`
              did you mean `eastus2`?
        "#]],
    );
    known(
        Scope::Node,
        "aks-node-17",
        expect![[r#"
            : the fleet has no zone called `aks-node-17`; a node is named by its zone
              known here: `centralus-1`, `centralus-2`, `centralus-3`, `eastus2-1`, `eastus2-2`, `eastus2-3`, `westeurope-1`, `westeurope-2`, `westeurope-3`
        "#]],
    );
    // Without the measurements, which name regions, too.
    let (before, rest) = fleet.split_once("[[measured]]").expect("measurements");
    let (_, after) = rest.split_once("[regions.eastus2]").expect("the first region");
    let other = format!("{before}[regions.eastus2]{after}")
        .replace("[regions.centralus", "[regions.central")
        .replace("[tiers.silver]", "[tiers.bronze]")
        .replace("centralus-", "central-")
        .replace("\"centralus\"]", "\"central\"]")
        .replace("= \"centralus\"", "= \"eastus2\"")
        .replace("managed-csi-zrs", "zrs");
    let mut tree = tree;
    let text = tree["eastus2/checkout/deployment.yaml"].replace("tier: gold", "tier: golden");
    tree.insert("eastus2/checkout/deployment.yaml".to_owned(), text);
    tree.remove("ledger/mailer.json");
    problems(
        &tree,
        &other,
        Scope::Zone,
        None,
        &expect![[r#"
            centralus: the fleet has no region `centralus`
              did you mean `central`?
            eastus2/carts/stateful-set.yaml: the fleet has no storage class `managed-csi-zrs` in `eastus2`
              declare it in the region: what its volumes survive decides the answer
            eastus2/checkout/deployment.yaml: the fleet has no tier `golden`
              did you mean `gold`?
            eastus2/orders/stateful-set.yaml: the fleet has no storage class `managed-csi-zrs` in `eastus2`
              declare it in the region: what its volumes survive decides the answer
            eastus2/reference/stateful-set.yaml: the fleet has no storage class `managed-csi-zrs` in `eastus2`
              declare it in the region: what its volumes survive decides the answer
            ledger/mailer.json: nobody knows what `mailer` promises without it
              restore the ledger from git, or build again: `ninefold build`
            westeurope/profiles/stateful-set.yaml: the fleet has no storage class `managed-csi-zrs` in `westeurope`
              declare it in the region: what its volumes survive decides the answer
        "#]],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_field() {
    let (tree, fleet) = example();
    let path = "eastus2/checkout/deployment.yaml";
    let mut broken = tree.clone();
    for (name, from, to) in [
        ("a", "replicas: 3", "replicas: three"),
        ("b", "replicas: 3", "replicas: -1"),
        ("c", "replicas: 3", "replicas: 99999999999"),
        ("d", "maxSkew: 1", "maxSkew: [1]"),
        ("e", "cpu: \"250m\"", "cpu: much"),
        (
            "f",
            "      tolerations:\n      - effect",
            "      tolerations: none\n      was:\n      - effect",
        ),
        ("g", "kind: Deployment", "kind: Deployment\nkind: Deployment"),
        ("h", "ninefold.dev/service: checkout", "ninefold.dev/service: 7"),
        ("j", "kind: Deployment", "sort: Deployment"),
        ("i", "  selector:\n    matchLabels:\n", "  selector:\n    matchLabels:\n      a: b\n"),
    ] {
        let text = tree[path].replace(from, to);
        assert_ne!(text, tree[path], "{name}");
        broken.insert(format!("eastus2/checkout/{name}.yaml"), text);
    }
    problems(
        &broken,
        &fleet,
        Scope::Zone,
        None,
        &expect![[r#"
            eastus2/checkout/a.yaml: `spec.replicas` is a string, and a whole number belongs here
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/b.yaml: `spec.replicas`: this number makes no sense here
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/c.yaml: `spec.replicas`: this number makes no sense here
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/d.yaml: `spec.template.spec.topologySpreadConstraints[0].maxSkew` is a list, and a whole number belongs here
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/e.yaml: `spec.template.spec.containers[0].resources.requests.cpu` is a string, and an amount like `250m` or `64Mi` belongs here
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/f.yaml: `spec.template.spec.tolerations` is a string, and a list belongs here
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/g.yaml: this is not one YAML document: line 3: the key `kind` stands twice in one map
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/h.yaml: `metadata.labels.ninefold.dev/service` is a whole number, and a string belongs here
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/i.yaml: `spec.selector`: it does not select the pods of its template
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
            eastus2/checkout/j.yaml: this is not a Kubernetes object
              was it edited? `ninefold verify` says; `ninefold build` rewrites it
        "#]],
    );
}

/// Whatever somebody did to a tree, there is an answer or a reason why there is none.
#[test]
fn any_edit_of_a_tree_gives_an_answer_or_a_reason() {
    let (tree, fleet) = example();
    let paths: Vec<&String> = generate::manifests(&tree).map(|(path, _)| path).collect();
    let values = ["", "0", "-1", "99999999", "x", "[]", "{}", "null", "true", "1.5", "\"100%\""];
    let mut answers = 0;
    for seed in 0..80 {
        let mut random = Random::new(seed);
        let mut edited = tree.clone();
        for _ in 0..random.between(1, 6) {
            let path = *random.pick(&paths);
            let mut lines: Vec<String> = edited[path].lines().map(str::to_owned).collect();
            let at = random.below(lines.len());
            match random.below(3) {
                0 => drop(lines.remove(at)),
                1 => lines.truncate(at),
                _ => {
                    let key = lines[at].split(": ").next().unwrap_or_default().to_owned();
                    lines[at] = format!("{key}: {}", random.pick(&values));
                }
            }
            edited.insert(path.clone(), lines.join("\n") + "\n");
        }
        let Ok(asked) = Asked::new(&edited, &fleet) else { continue };
        for scope in SCOPES {
            if let Ok(report) = asked.ask(scope, None) {
                assert!(report.to_text("out", true).contains("Premises"));
                answers += 1;
            }
        }
    }
    assert!(answers > 30, "{answers}");
}

// The command ------------------------------------------------------------------------------------

#[test]
fn the_command_ends_as_the_answer_says() {
    let bench = Workbench::initialised();
    let none = bench.run(&["simulate", "--lose", "zone"]).code(2);
    assert!(none.stderr.contains("there is no ledger below it"), "{}", none.stderr);
    bench.run(&["build"]).code(0);
    let held = bench.run(&["simulate", "--lose", "zone"]).code(0);
    assert!(
        held.stdout.starts_with("The loss of any one zone breaks no promise"),
        "{}",
        held.stdout
    );
    assert_eq!(held.stderr, "");
    let json = bench.run(&["simulate", "--lose", "node", "--format", "json"]).code(0);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["holds"], &json["services"][0]["service"]), (&true.into(), &"hello".into()));

    let unknown = bench.run(&["simulate", "--lose", "region", "region-b"]).code(2);
    assert!(unknown.stderr.contains("did you mean `region-a`?"), "{}", unknown.stderr);
    bench.run(&["simulate"]).code(2);
    bench.run(&["simulate", "--lose", "planet"]).code(2);

    let path = "out/region-a/hello/deployment.yaml";
    let text = bench.read(path);
    bench.write(path, &text.replace("replicas: 3", "replicas: 1"));
    let broken = bench.run(&["simulate", "--lose", "zone"]).code(1);
    assert!(broken.stdout.contains("hello breaks without zone"), "{}", broken.stdout);
    assert!(broken.stdout.contains(&format!("--> {path}")), "{}", broken.stdout);
    bench.write(path, "kind: Deployment\n  x: [\n");
    let unreadable = bench.run(&["simulate", "--lose", "zone"]).code(2);
    assert!(unreadable.stderr.contains(&format!("`{path}`: ")), "{}", unreadable.stderr);
    bench.write(path, &text);

    bench.edit("out/ledger/hello.json", "\"replicas\": 3", "\"replicas\": 2");
    let edited = bench.run(&["simulate", "--lose", "zone"]).code(2);
    assert!(edited.stderr.contains("error[ledger-unreadable]"), "{}", edited.stderr);
    // What is wrong with a service alone is no matter.
    bench.run(&["build"]).code(1);
    bench.write("specs/hello.toml", "not a spec");
    bench.remove("out/ledger/hello.json");
    let lost = bench.run(&["simulate", "--lose", "zone"]).code(2);
    assert!(lost.stderr.contains("nobody knows what `hello` promises"), "{}", lost.stderr);
    bench.write("specs/fleet.toml", "regions = 1\n");
    let fleet = bench.run(&["simulate", "--lose", "zone"]).code(2);
    assert!(fleet.stderr.contains("error["), "{}", fleet.stderr);
}
