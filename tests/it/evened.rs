//! A descheduler evens out the replicas once a lost zone is back: what it is told, and by when it has.

use crate::support::compile;
use serde_json::Value;

const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const TERM: &str = "until the next zone may be lost";

/// A region of so many zones, with what is said of its descheduler.
fn fleet(zones: u32, descheduler: &str) -> String {
    let zone = |number: u32| {
        format!(
            "  {{ name = \"zone-{number}\", nodes = 40, cpu = \"400\", memory = \"1600Gi\" }},\n"
        )
    };
    let zones: String = (1..=zones).map(zone).collect();
    format!(
        "inventory = \"2026-11-01\"\n[tiers.gold]\nzones = 2\n[regions.east]\ngeography = \"us\"\nprovider = \"other\"\ncluster = \"east\"\nkubernetes = \"1.34\"\n{descheduler}\nzones = [\n{zones}]\nbackup.locations = [{{ name = \"vault\", stored_in = \"elsewhere\", geography = \"us\" }}]\nstorage = [\n  {{ name = \"zonal\", topology = \"zone\", binding = \"wait-for-first-consumer\", snapshots = \"csi\" }},\n  {{ name = \"regional\", topology = \"region\", binding = \"wait-for-first-consumer\", snapshots = \"csi\" }},\n]\n"
    )
}

fn spec(more: &str) -> String {
    format!(
        "name = \"web\"\nimage = \"registry.example.com/shop/web@sha256:{DIGEST}\"\ntier = \"gold\"\nregions = [\"east\"]\nrpo = \"4h\"\nrto = \"4h\"\n{more}\n"
    )
}

/// The tree of a service in such a fleet.
fn tree(fleet: &str, spec: &str) -> std::collections::BTreeMap<String, String> {
    let outcome = compile(&[("fleet.toml", fleet), ("web.toml", spec)]);
    assert!(!outcome.files.is_empty(), "{}", outcome.report());
    outcome.files
}

fn promise(tree: &std::collections::BTreeMap<String, String>) -> Value {
    let ledger: Value = serde_json::from_str(&tree["ledger/web.json"]).unwrap();
    ledger["promises"]["east"].clone()
}

fn next_loss(promise: &Value) -> Option<u64> {
    promise["claims"]["zone"]["survivors"]["terms"][TERM].as_u64()
}

fn premises(promise: &Value) -> Vec<&str> {
    promise["premises"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn its_policy_says_what_its_version_reads() {
    let of = |version: &str| {
        let said = format!("descheduler = {{ version = \"{version}\" }}");
        tree(&fleet(3, &said), &spec(""))["east/fleet/config-map-descheduler.yaml"].clone()
    };
    let policy = of("0.34.0");
    expect_test::expect![[r#"
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: descheduler-policy-configmap
          namespace: kube-system
          labels:
            app.kubernetes.io/managed-by: ninefold
            ninefold.dev/region: east
        data:
          policy.yaml: |
            apiVersion: descheduler/v1alpha2
            kind: DeschedulerPolicy
            profiles:
              - name: ninefold
                pluginConfig:
                  - name: DefaultEvictor
                    args:
                      labelSelector:
                        matchExpressions:
                          - key: ninefold.dev/service
                            operator: Exists
                      nodeFit: true
                      podProtections:
                        defaultDisabled:
                          - PodsWithLocalStorage
                  - name: RemovePodsViolatingTopologySpreadConstraint
                    args:
                      constraints:
                        - DoNotSchedule
                plugins:
                  balance:
                    enabled:
                      - RemovePodsViolatingTopologySpreadConstraint
        immutable: false
    "#]]
    .assert_eq(&policy);
    let before = of("v0.33.0");
    let old = "              evictLocalStoragePods: true\n";
    let new = "              podProtections:\n                defaultDisabled:\n                  - PodsWithLocalStorage\n";
    assert_eq!(before, policy.replace(new, old));
    // Under the name, and where, its Deployment looks.
    let said = "descheduler = { version = \"0.36.0\", namespace = \"ops\", policy = \"evener\" }";
    let elsewhere = &tree(&fleet(3, said), &spec(""))["east/fleet/config-map-descheduler.yaml"];
    assert!(elsewhere.contains("  name: evener\n  namespace: ops\n"), "{elsewhere}");
    assert!(!tree(&fleet(3, ""), &spec("")).contains_key("east/fleet/config-map-descheduler.yaml"));
}

/// The fields that a version reads, of those that it has (kubernetes-sigs/descheduler
/// `pkg/api/v1alpha2/types.go`, and `types.go` of both plugins): with any other it does not start.
fn known(minor: u32) -> Vec<&'static str> {
    let all = [
        "apiVersion",
        "kind",
        "profiles.name",
        "profiles.pluginConfig.args.constraints",
        "profiles.pluginConfig.args.labelSelector.matchExpressions.key",
        "profiles.pluginConfig.args.labelSelector.matchExpressions.operator",
        "profiles.pluginConfig.args.nodeFit",
        "profiles.pluginConfig.name",
        "profiles.plugins.balance.enabled",
    ];
    let protections = "profiles.pluginConfig.args.podProtections.defaultDisabled";
    let local = "profiles.pluginConfig.args.evictLocalStoragePods";
    all.into_iter().chain([if minor < 34 { local } else { protections }]).collect()
}

/// The paths to what is no map.
fn leaves(value: &Value, path: &str, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                leaves(value, &format!("{path}{dot}{key}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, path, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.insert(path.to_owned());
        }
    }
}

#[test]
fn a_version_knows_every_field_of_its_policy() {
    for minor in [29, 33, 34, 36] {
        let said = format!("descheduler = {{ version = \"0.{minor}.0\" }}");
        let map = &tree(&fleet(3, &said), &spec(""))["east/fleet/config-map-descheduler.yaml"];
        let map: Value = serde_yaml::from_str(map).unwrap();
        let policy = map["data"]["policy.yaml"].as_str().unwrap();
        let policy: Value = serde_yaml::from_str(policy).unwrap();
        let mut found = std::collections::BTreeSet::new();
        leaves(&policy, "", &mut found);
        let known: std::collections::BTreeSet<String> =
            known(minor).into_iter().map(str::to_owned).collect();
        assert_eq!(found, known, "0.{minor}");
        // It enables what it configures; the evictor is always enabled.
        let profile = &policy["profiles"][0];
        let enabled = &profile["plugins"]["balance"]["enabled"];
        assert_eq!(enabled[0], profile["pluginConfig"][1]["name"]);
        assert_eq!(profile["pluginConfig"][0]["name"], "DefaultEvictor");
    }
}

#[test]
fn the_claim_says_when_the_next_zone_may_be_lost() {
    let without = promise(&tree(&fleet(3, ""), &spec("")));
    assert_eq!(next_loss(&without), None);
    assert!(premises(&without).contains(&"first-loss"));
    let said = "descheduler = { version = \"0.34.0\", interval = \"10m\" }";
    let with = promise(&tree(&fleet(3, said), &spec("")));
    // One replica moves, and one round is waited for.
    assert_eq!(next_loss(&with), Some(2 * 600));
    assert!(premises(&with).contains(&"next-loss") && !premises(&with).contains(&"first-loss"));
    let claim = &with["claims"]["zone"]["survivors"];
    assert_eq!(claim.get("assumed"), None);
    // An interval of which nobody speaks is assumed.
    let said = "descheduler = { version = \"0.34.0\" }";
    let assumed = promise(&tree(&fleet(3, said), &spec("")));
    assert_eq!(assumed["claims"]["zone"]["survivors"]["assumed"][0], TERM);
    // A replica that is slower to be ready than the descheduler looks takes several intervals.
    let said = "descheduler = { version = \"0.34.0\", interval = \"1m\" }";
    let slow = spec("[probes]\nready = \"/ready\"\nstart_within = \"5m\"");
    let slow = next_loss(&promise(&tree(&fleet(3, said), &slow))).unwrap();
    assert!(slow > 2 * 5 * 60 && slow.is_multiple_of(120), "{slow}");
    // A volume of a zone holds its replica there; one of a region does not.
    let said = "descheduler = { version = \"0.34.0\", interval = \"10m\" }";
    let volume = |class: &str| {
        format!(
            "kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\nclass = \"{class}\""
        )
    };
    let zonal = promise(&tree(&fleet(3, said), &spec(&volume("zonal"))));
    assert_eq!(next_loss(&zonal), None);
    let regional = promise(&tree(&fleet(3, said), &spec(&volume("regional"))));
    assert!(next_loss(&regional).is_some());
}

/// Rounds of a descheduler until no zone holds more than its share, where each evicts as many as the
/// budget admits, and the scheduler puts what was evicted where the least is.
fn rounds(replicas: u64, zones: u64, admitted: u64) -> u64 {
    let mut there: Vec<u64> =
        (0..zones - 1).map(|zone| (replicas + zone) / (zones - 1)).chain([0]).collect();
    let mut rounds = 0;
    loop {
        let (most, least) = (*there.iter().max().unwrap(), *there.iter().min().unwrap());
        if most <= least + 1 {
            return rounds;
        }
        rounds += 1;
        for _ in 0..admitted {
            there.sort_unstable();
            let (first, last) = (there[0], there[there.len() - 1]);
            if last > first + 1 {
                there[0] += 1;
                *there.last_mut().unwrap() -= 1;
            }
        }
    }
}

#[test]
fn by_then_the_replicas_are_even_whatever_their_number() {
    const HOUR: u64 = 3600;
    let said = "descheduler = { version = \"0.34.0\", interval = \"1h\" }";
    let (mut checked, mut exact) = (0, 0);
    for zones in 2..=5 {
        let fleet = fleet(zones, said);
        for peak in [1, 2, 3, 5, 8, 13, 21] {
            let tree = tree(&fleet, &spec(&format!("[capacity]\npeak = {peak}")));
            let promise = promise(&tree);
            let budget = &tree["east/web/pod-disruption-budget.yaml"];
            let admitted = budget.split("maxUnavailable: ").nth(1).unwrap();
            let admitted: u64 = admitted.lines().next().unwrap().parse().unwrap();
            let replicas = promise["replicas"].as_u64().unwrap();
            let claimed = next_loss(&promise).expect("somebody evens them out") / HOUR;
            let needed = rounds(replicas, u64::from(zones), admitted) + 1;
            assert!(needed <= claimed, "{replicas} in {zones}: {needed} rounds, {claimed} claimed");
            checked += 1;
            exact += u64::from(needed == claimed);
        }
    }
    // One round more is claimed than is needed where the shares of zones differ.
    assert!(checked == 28 && exact * 3 > checked, "{exact} of {checked} are exact");
}

#[test]
fn who_reads_the_claim_is_told_when() {
    let said = "descheduler = { version = \"0.34.0\", interval = \"10m\" }";
    let tree = tree(&fleet(3, said), &spec(""));
    let card = &tree["recovery/web.md"];
    assert!(card.contains("again 20m after it is back"), "{card}");
    let bench = crate::workbench::Workbench::empty();
    bench.write("specs/fleet.toml", &fleet(3, said));
    bench.write("specs/web.toml", &spec(""));
    let page = bench.run(&["explain", "web"]).code(0).stdout;
    assert!(page.contains("until the next zone may be lost, 2 × 10m"), "{page}");
    assert!(page.contains("fleet regions.east.descheduler.interval, specs/fleet.toml:9"), "{page}");
    let report = bench.run(&["report", "--format", "json"]).code(0).stdout;
    assert!(report.contains("until the next zone may be lost"), "{report}");
}

/// Whoever drains a node takes a pod with local storage for one that keeps something, unless it says
/// otherwise of each volume: neither a descheduler nor the cluster autoscaler would move it.
#[test]
fn no_pod_holds_up_who_moves_it() {
    let annotation = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";
    let mut seen = 0;
    for (case, tree) in crate::workbench::TREES.iter() {
        let workloads = tree.iter().filter(|(path, _)| {
            let file = path.rsplit('/').next().unwrap_or_default();
            !path.contains("/retained/") && ["deployment.yaml", "stateful-set.yaml"].contains(&file)
        });
        for (path, text) in workloads {
            let workload: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
            let template = &workload["spec"]["template"];
            let local = |volume: &&serde_yaml::Value| volume.get("emptyDir").is_some();
            let volumes = template["spec"]["volumes"].as_sequence().into_iter().flatten();
            let local: Vec<&str> =
                volumes.filter(local).filter_map(|volume| volume["name"].as_str()).collect();
            let named =
                template["metadata"]["annotations"][annotation].as_str().unwrap_or_default();
            let named: Vec<&str> = named.split(',').collect();
            for volume in &local {
                assert!(named.contains(volume), "{case} {path}: {volume}");
            }
            seen += local.len();
        }
    }
    assert!(seen > 20, "{seen}");
}
