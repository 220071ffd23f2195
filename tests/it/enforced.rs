//! What no spec can ask for, since nothing spells it: read from what is emitted, as Kubernetes and
//! Velero read it. Each check is named by its row of the reference of refusals.

use crate::generate::{self, Files};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An object, with its region and its path.
struct Object {
    path: String,
    region: String,
    kind: String,
    value: Value,
}

fn objects(tree: &Files) -> Vec<Object> {
    (generate::manifests(tree))
        .map(|(path, text)| {
            let value: Value = serde_yaml::from_str(text).expect(path);
            let region = path.split('/').next().expect("a region").to_owned();
            let kind = value["kind"].as_str().expect("a kind").to_owned();
            Object { path: path.clone(), region, kind, value }
        })
        .collect()
}

/// What is wrong with a tree, each by row and path.
fn judge(tree: &Files, specs: &Files) -> BTreeSet<String> {
    let objects = objects(tree);
    let mut wrong = BTreeSet::new();
    for object in &objects {
        let mut fault = |row: &str| {
            wrong.insert(format!("{row} {}", object.path));
        };
        match object.kind.as_str() {
            "Deployment" | "StatefulSet" => workload(&mut fault, object, &objects),
            "HorizontalPodAutoscaler" => autoscaler(&mut fault, object),
            "PodDisruptionBudget" => budget(&mut fault, object),
            "Service" => stable(&mut fault, &object.value["spec"]["selector"]),
            "Schedule" => schedule(&mut fault, object, &objects),
            "Backup" | "Restore" => fault("N4"),
            _ => {}
        }
    }
    schedules(&mut wrong, &objects);
    durations(&mut wrong, &objects, specs);
    wrong
}

/// T6: one says how many replicas there are. T9: spread over zones and nodes only. S2: nothing
/// that Pod Security `restricted` refuses.
fn workload(fault: &mut impl FnMut(&str), object: &Object, objects: &[Object]) {
    let scaled = objects.iter().any(|other| {
        other.kind == "HorizontalPodAutoscaler"
            && other.region == object.region
            && other.value["metadata"]["namespace"] == object.value["metadata"]["namespace"]
            && other.value["spec"]["scaleTargetRef"]["name"] == object.value["metadata"]["name"]
    });
    if scaled == object.value["spec"].get("replicas").is_some() {
        fault("T6");
    }
    let pod = &object.value["spec"]["template"]["spec"];
    for constraint in pod["topologySpreadConstraints"].as_sequence().into_iter().flatten() {
        let key = constraint["topologyKey"].as_str().expect("a key");
        if !["topology.kubernetes.io/zone", "kubernetes.io/hostname"].contains(&key) {
            fault("T9");
        }
    }
    if !restricted(pod) {
        fault("S2");
    }
}

/// The Pod Security Standard `restricted` (`pod-security-admission/policy`).
fn restricted(pod: &Value) -> bool {
    let yes = |value: &Value| value.as_bool() == Some(true);
    let host = ["hostNetwork", "hostPID", "hostIPC"].iter().any(|key| yes(&pod[*key]));
    let volumes = pod["volumes"].as_sequence().into_iter().flatten();
    let allowed = ["configMap", "emptyDir", "secret", "projected", "persistentVolumeClaim", "name"];
    let volumes_allowed = volumes.into_iter().all(|volume| {
        let keys = volume.as_mapping().expect("a volume").keys();
        keys.into_iter().all(|key| allowed.contains(&key.as_str().expect("text")))
    });
    let containers = pod["containers"].as_sequence().expect("containers");
    let each = containers.iter().all(|container| {
        let context = &container["securityContext"];
        let drops = context["capabilities"]["drop"].as_sequence();
        let drops = drops.is_some_and(|all| all.iter().any(|one| one.as_str() == Some("ALL")));
        let ports = container["ports"].as_sequence().into_iter().flatten();
        context["allowPrivilegeEscalation"].as_bool() == Some(false)
            && !yes(&context["privileged"])
            && drops
            && context["capabilities"].get("add").is_none()
            && ports.into_iter().all(|port| port.get("hostPort").is_none())
    });
    let context = &pod["securityContext"];
    let user = context["runAsUser"].as_u64().is_some_and(|user| user > 0);
    let seccomp = context["seccompProfile"]["type"].as_str() == Some("RuntimeDefault");
    !host && volumes_allowed && each && user && seccomp && yes(&context["runAsNonRoot"])
}

/// T6: an autoscaler never goes to nothing.
fn autoscaler(fault: &mut impl FnMut(&str), object: &Object) {
    let bounds = |key: &str| object.value["spec"][key].as_u64().expect("a number");
    if bounds("minReplicas") < 1 || bounds("maxReplicas") <= bounds("minReplicas") {
        fault("T6");
    }
}

/// T7: a budget lets at least one pod go. N2: its selector holds across generations.
fn budget(fault: &mut impl FnMut(&str), object: &Object) {
    let spec = &object.value["spec"];
    if spec["maxUnavailable"].as_u64().is_none_or(|max| max < 1) {
        fault("T7");
    }
    stable(fault, &spec["selector"]["matchLabels"]);
}

/// N2: no hash and no version in a selector that must hold across generations.
fn stable(fault: &mut impl FnMut(&str), selector: &Value) {
    let keys = selector.as_mapping().expect("a selector").keys();
    if keys.into_iter().any(|key| key.as_str() != Some("ninefold.dev/service")) {
        fault("N2");
    }
}

/// P4: what is on a volume is copied away, not only snapshotted. P5: five fields. P9: a rule for
/// every volume. P10: no file of a volume is read by the node agent. N7: durations that Go reads.
/// N8: one family of filters, one selector. N9: one key in a policy.
fn schedule(fault: &mut impl FnMut(&str), object: &Object, objects: &[Object]) {
    let spec = &object.value["spec"];
    let template = &spec["template"];
    if template["snapshotVolumes"] != template["snapshotMoveData"] {
        fault("P4");
    }
    let cron = spec["schedule"].as_str().expect("text");
    let plain = |c: char| c.is_ascii_digit() || c == ',';
    let fields: Vec<&str> = cron.split(' ').collect();
    let known = fields.iter().all(|field| *field == "*" || field.chars().all(plain));
    if fields.len() != 5 || !known || fields[2..] != ["*", "*", "*"] {
        fault("P5");
    }
    if template["defaultVolumesToFsBackup"].as_bool() != Some(false) {
        fault("P10");
    }
    for key in ["ttl", "csiSnapshotTimeout", "itemOperationTimeout"] {
        if go(template[key].as_str().expect("text")).is_none() {
            fault("N7");
        }
    }
    let old = ["includedResources", "excludedResources", "includeClusterResources"];
    if old.iter().any(|key| template.get(key).is_some())
        || template.get("labelSelector").is_some() && template.get("orLabelSelectors").is_some()
    {
        fault("N8");
    }
    let Some(policy) = template["resourcePolicy"]["name"].as_str() else {
        if template["snapshotVolumes"].as_bool() != Some(false) {
            fault("P9");
        }
        return;
    };
    let found = objects.iter().find(|other| {
        other.kind == "ConfigMap"
            && other.region == object.region
            && other.value["metadata"]["name"].as_str() == Some(policy)
    });
    let data = found.and_then(|found| found.value["data"].as_mapping());
    let Some(data) = data.filter(|data| data.len() == 1) else { return fault("N9") };
    let text = data.values().next().and_then(Value::as_str).expect("text");
    let rules: Value = serde_yaml::from_str(text).expect("YAML");
    let last = rules["volumePolicies"].as_sequence().and_then(|rules| rules.last());
    let all = last.is_some_and(|rule| {
        rule["conditions"].as_mapping().is_some_and(serde_yaml::Mapping::is_empty)
            && rule["action"]["type"].as_str() == Some("snapshot")
    });
    if !all {
        fault("P9");
    }
}

/// P14: no two clusters have a Schedule of one name. P15: a region that only stands by backs
/// nothing up.
fn schedules(wrong: &mut BTreeSet<String>, objects: &[Object]) {
    let mut names = BTreeMap::new();
    for object in objects.iter().filter(|object| object.kind == "Schedule") {
        let name = object.value["metadata"]["name"].as_str().expect("text");
        if names.insert(name, &object.region).is_some_and(|other| *other != object.region) {
            wrong.insert(format!("P14 {}", object.path));
        }
        let service = &object.value["metadata"]["labels"]["ninefold.dev/service"];
        // What services share is of none of them.
        if object.path.contains("/fleet/") {
            continue;
        }
        let role = objects.iter().find_map(|other| {
            let same = other.region == object.region
                && other.kind == "ConfigMap"
                && other.value["metadata"]["labels"]["ninefold.dev/service"] == *service;
            if same { other.value["data"]["REGION_ROLE"].as_str() } else { None }
        });
        if role.is_none_or(|role| role == "standby") {
            wrong.insert(format!("P15 {}", object.path));
        }
    }
}

/// `1h30m0s`, in seconds; none for what Go does not read.
fn go(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0)?;
        let number: u64 = rest[..digits].parse().ok()?;
        let factor = match rest.as_bytes()[digits] {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        sum += number * factor;
        rest = &rest[digits + 1..];
    }
    Some(sum)
}

/// The largest time between two runs of a cron of lists and stars, in seconds, over three days.
fn largest_gap(cron: &str) -> u64 {
    let fields: Vec<&str> = cron.split(' ').collect();
    let holds = |field: &str, value: u64| {
        field == "*" || field.split(',').any(|item| item.parse() == Ok(value))
    };
    let runs: Vec<u64> = (0..3 * 1440)
        .filter(|minute| holds(fields[0], minute % 60) && holds(fields[1], minute / 60 % 24))
        .collect();
    runs.windows(2).map(|pair| (pair[1] - pair[0]) * 60).max().unwrap_or(u64::MAX)
}

/// P7: for a service whose RPO backups keep, the timeouts that a Schedule enforces leave room for
/// the gap. P8: a backup outlives two gaps and its own duration. N5: what a Schedule refers to is
/// there.
fn durations(wrong: &mut BTreeSet<String>, objects: &[Object], specs: &Files) {
    for object in objects.iter().filter(|object| object.kind == "Schedule") {
        let template = &object.value["spec"]["template"];
        let seconds = |key: &str| go(template[key].as_str().expect("text")).expect("Go reads it");
        let gap = largest_gap(object.value["spec"]["schedule"].as_str().expect("text"));
        let name = object.value["metadata"]["labels"]["ninefold.dev/service"].as_str();
        let Some(name) = name else {
            if seconds("ttl") < 2 * gap + 3600 || !object.path.contains("/fleet/") {
                wrong.insert(format!("P8 {}", object.path));
            }
            continue;
        };
        let spec = specs.values().filter_map(|text| text.parse::<toml::Table>().ok());
        let spec = spec
            .into_iter()
            .find(|spec| spec.get("name").and_then(toml::Value::as_str) == Some(name));
        let spec = spec.expect("every Schedule is of a service");
        let workload = objects.iter().find(|other| {
            other.region == object.region
                && other.kind == "StatefulSet"
                && other.value["metadata"]["name"].as_str() == Some(name)
        });
        let snapshots = workload.map_or(0, |workload| {
            let volumes = spec.get("volumes").and_then(toml::Value::as_array).into_iter().flatten();
            let kept = volumes.filter(|volume| {
                volume.get("backup").and_then(toml::Value::as_bool) != Some(false)
            });
            kept.count() as u64 * workload.value["spec"]["replicas"].as_u64().expect("replicas")
        });
        let enforced = snapshots * seconds("csiSnapshotTimeout") + seconds("itemOperationTimeout");
        if seconds("ttl") < 2 * gap + enforced + 3600 {
            wrong.insert(format!("P8 {}", object.path));
        }
        let replicated = spec.get("data").is_some_and(|data| data.get("replication").is_some());
        let rpo = written(spec["rpo"].as_str().expect("text"));
        let runs = if spec["tier"].as_str() == Some("bronze") { 1 } else { 2 };
        // The daily ones are kept for longer than those that keep the RPO.
        let daily = object.path.contains("/schedule-day");
        if snapshots > 0 && !replicated && !daily && runs * gap + enforced > rpo {
            wrong.insert(format!("P7 {}", object.path));
        }
    }
}

/// A duration of a spec, in seconds.
fn written(text: &str) -> u64 {
    let at = text.find(|c: char| !c.is_ascii_digit()).expect("a unit");
    let number: u64 = text[..at].parse().expect("a number");
    number
        * match &text[at..] {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            other => panic!("the oracle does not know `{other}`"),
        }
}

fn example() -> (Files, Files) {
    (generate::folder("out"), generate::folder("specs"))
}

#[test]
fn nothing_of_it_is_in_the_example_fleet() {
    let (tree, specs) = example();
    assert_eq!(judge(&tree, &specs), BTreeSet::new());
}

#[test]
fn nothing_of_it_is_in_random_fleets() {
    for seed in 200..216 {
        let fleet = generate::fleet(seed, 6);
        assert_eq!(judge(&fleet.compile(), &fleet.files()), BTreeSet::new(), "seed {seed}");
    }
}

/// The rows that are broken once `from` reads `to` in the files that end with `file`.
#[track_caller]
fn doctored(file: &str, from: &str, to: &str) -> BTreeSet<String> {
    let (mut tree, specs) = example();
    let mut changed = 0;
    for (_, text) in tree.iter_mut().filter(|(path, _)| path.ends_with(file)) {
        changed += usize::from(text.contains(from));
        *text = text.replace(from, to);
    }
    assert!(changed > 0, "no {file} has `{from}`");
    let row = |fault: &String| fault.split(' ').next().expect("a row").to_owned();
    judge(&tree, &specs).iter().map(row).collect()
}

#[test]
fn the_oracle_can_say_no() {
    let schedule = |from: &str, to: &str| doctored("eastus2/orders/schedule.yaml", from, to);
    let deployment = |from: &str, to: &str| doctored("eastus2/checkout/deployment.yaml", from, to);
    let broken = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(deployment("  replicas: 3\n", ""), broken(&["T6"]));
    assert_eq!(
        deployment("topology.kubernetes.io/zone", "topology.kubernetes.io/region"),
        broken(&["T9"])
    );
    assert_eq!(
        deployment("runAsNonRoot: true\n        runAsUser: 10001", "runAsUser: 0"),
        broken(&["S2"])
    );
    assert_eq!(
        deployment("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
        broken(&["S2"])
    );
    let budget = "pod-disruption-budget.yaml";
    assert_eq!(doctored(budget, "maxUnavailable: 1", "maxUnavailable: 0"), broken(&["T7"]));
    assert_eq!(
        doctored(
            "eastus2/checkout/service.yaml",
            "ninefold.dev/service: checkout\n  type",
            "ninefold.dev/generation: abc\n  type"
        ),
        broken(&["N2"])
    );
    assert_eq!(schedule("snapshotMoveData: true", "snapshotMoveData: false"), broken(&["P4"]));
    assert_eq!(schedule(" * * *\"", " 31 2 *\""), broken(&["P5"]));
    assert_eq!(
        schedule("defaultVolumesToFsBackup: false", "defaultVolumesToFsBackup: true"),
        broken(&["P10"])
    );
    assert_eq!(schedule("    ttl: \"48h0m0s\"", "    ttl: \"1h0m0s\""), broken(&["P8"]));
    assert_eq!(schedule("itemOperationTimeout: \"", "itemOperationTimeout: \"9h"), broken(&["P7"]));
    assert_eq!(
        schedule("    snapshotVolumes", "    includedResources: []\n    snapshotVolumes"),
        broken(&["N8"])
    );
    let policy = "eastus2/orders/config-map-volume-policy.yaml";
    assert_eq!(doctored(policy, "data:\n", "data:\n  more: x\n"), broken(&["N9"]));
    assert_eq!(doctored(policy, "type: snapshot", "type: skip"), broken(&["P9"]));
    let region = "eastus2/orders/config-map-region.yaml";
    assert_eq!(doctored(region, "REGION_ROLE: primary", "REGION_ROLE: standby"), broken(&["P15"]));
    assert_eq!(go("30d"), None);
    assert_eq!(go("1h30m0s"), Some(5400));
}
