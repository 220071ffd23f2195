//! The room that zones need, worked out anew from what is emitted: with exactly that, a fleet
//! compiles; with a thousandth of a core less in one zone, it is refused.

use crate::generate::{self, Files, Fleet};
use serde_yaml::Value;
use std::collections::BTreeMap;

/// A workload as emitted, and what its spec says of other regions.
struct Workload {
    region: String,
    service: String,
    /// Whether it runs here, and others stand by.
    primary: bool,
    /// The region that takes over from the primary.
    next: Option<String>,
    /// Whether one replica may write, of which a lost zone leaves nothing.
    alone: bool,
    /// Replicas that carry the peak, of the spec or the tier.
    peak: u64,
    tier: String,
    /// The most that run here.
    max: u64,
    autoscaled: u64,
    surge: u64,
    /// Former generations that stand beside it.
    kept: u64,
    /// Thousandths of a core.
    cpu: u64,
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64()
}

fn cpu(text: &str) -> u64 {
    match text.strip_suffix('m') {
        Some(millis) => millis.parse().expect("a number"),
        None => text.parse::<u64>().expect("whole cores") * 1000,
    }
}

fn workloads(tree: &Files, fleet: &Fleet) -> Vec<Workload> {
    let values: BTreeMap<&String, Value> = generate::manifests(tree)
        .map(|(path, text)| (path, serde_yaml::from_str(text).expect("YAML")))
        .collect();
    let workloads = values.iter().filter(|(path, _)| {
        path.ends_with("/deployment.yaml") || path.ends_with("/stateful-set.yaml")
    });
    workloads.map(|(path, value)| workload(path, value, &values, fleet)).collect()
}

fn workload(
    path: &str,
    value: &Value,
    values: &BTreeMap<&String, Value>,
    fleet: &Fleet,
) -> Workload {
    let (folder, _) = path.rsplit_once('/').expect("a folder");
    let (region, service) = folder.split_once('/').expect("a region");
    let beside = |file: &str| values.get(&format!("{folder}/{file}"));
    let spec = fleet.services.iter().find(|spec| generate::name(spec) == service);
    let spec = spec.expect("every workload is of a service");
    let tier = spec["tier"].as_str().expect("text").to_owned();
    let role = &beside("config-map-region.yaml").expect("every service has one")["data"];
    let primary = role["REGION_ROLE"].as_str() == Some("primary");
    let regions = generate::regions(spec);
    let capacity = spec.get("capacity");
    let of_spec = |keys: &[&str]| {
        let value = keys.iter().try_fold(capacity?, |value, key| value.get(*key));
        value?.as_integer().and_then(|number| u64::try_from(number).ok())
    };
    let of_tier = match tier.as_str() {
        "bronze" => 1,
        "platinum" => 3,
        _ => 2,
    };
    let autoscaler = beside("horizontal-pod-autoscaler.yaml");
    let autoscaler = autoscaler.and_then(|scaler| number(&scaler["spec"]["maxReplicas"]));
    let unheard = spec.get("ports").and_then(|ports| ports.as_array()).is_some_and(Vec::is_empty);
    let rolls = spec.contains_key("rollout") || unheard;
    let replaced = value["kind"] == "Deployment" && !rolls;
    let container = &value["spec"]["template"]["spec"]["containers"][0];
    let alone = spec.contains_key("single_writer");
    Workload {
        alone,
        region: region.to_owned(),
        service: service.to_owned(),
        primary,
        next: regions.get(1).map(|next| (*next).to_owned()),
        peak: of_spec(&["peak"]).unwrap_or(of_tier),
        tier,
        max: number(&value["spec"]["replicas"]).or(autoscaler).expect("replicas"),
        autoscaled: of_spec(&["autoscale", "max"]).unwrap_or(0),
        surge: 1,
        kept: u64::from(replaced),
        cpu: cpu(container["resources"]["requests"]["cpu"].as_str().expect("text")),
    }
}

/// What carries a peak in a region of so many zones, by tier.
fn full(tier: &str, peak: u64, zones: u64) -> u64 {
    match tier {
        "bronze" => peak.max(1),
        "silver" => (peak + 1).max(2),
        // The least that leaves the peak when the fullest zone is lost.
        _ => (peak.max(3)..).find(|all| all - all.div_ceil(zones) >= peak).expect("enough"),
    }
}

/// Thousandths of a core in each zone of a region: as it runs, after the loss of the region that
/// costs most, and after the loss of a zone.
fn needed(workloads: &[Workload], region: &str, zones: u64, regions: &[String]) -> (u64, u64, u64) {
    let here = || workloads.iter().filter(|workload| workload.region == region);
    let share = |workload: &Workload, replicas: u64| {
        let current = (replicas + workload.surge).div_ceil(zones);
        (current + workload.kept * workload.max.div_ceil(zones)) * workload.cpu
    };
    let runs = |workload: &Workload| match workload.max {
        0 => 0,
        max => share(workload, max),
    };
    let base: u64 = here().map(runs).sum();
    let without = |lost: &String| -> u64 {
        here()
            .map(|workload| {
                let moves = !workload.primary
                    && workload.next.as_deref() == Some(region)
                    && workloads.iter().any(|other| {
                        other.primary && other.region == *lost && other.service == workload.service
                    });
                match moves {
                    false => runs(workload),
                    true => {
                        let replicas = match workload.alone {
                            true => 1,
                            false => full(&workload.tier, workload.peak, zones),
                        };
                        share(workload, replicas.max(workload.autoscaled))
                    }
                }
            })
            .sum()
    };
    let lost = regions.iter().filter(|lost| *lost != region);
    let after = lost.map(without).max().unwrap_or(base);
    // Of what does not survive a zone, the pods start in the others.
    let goes = |one: &Workload| one.alone || one.tier.starts_with(['b', 's']);
    let rests = zones > 1 && here().any(|one| one.max > 0 && goes(one));
    let all: u64 = here().map(|one| one.max * (1 + one.kept) * one.cpu).sum();
    (base, after, if rests { all.div_ceil(zones - 1) } else { 0 })
}

/// Thousandths of a core that the databases of a region ask of its fullest zone.
fn databases(tree: &Files, region: &str, zones: u64) -> u64 {
    let of_region = generate::manifests(tree)
        .filter(|(path, _)| path.starts_with(&format!("{region}/")))
        .filter(|(path, _)| path.contains("/postgresql-cluster"));
    let ask = of_region.map(|(_, text)| {
        let value: Value = serde_yaml::from_str(text).expect("YAML");
        let requests = &value["spec"]["resources"]["requests"];
        let instances = number(&value["spec"]["instances"]).expect("instances");
        instances.div_ceil(zones) * cpu(requests["cpu"].as_str().expect("text"))
    });
    ask.sum()
}

/// Sets the cores of a zone of a region, or of all.
fn set(fleet: &mut Fleet, region: &str, zone: Option<usize>, millis: u64) {
    let zones = fleet.fleet["regions"][region]["zones"].as_array_mut().expect("a list");
    for (index, one) in zones.iter_mut().enumerate() {
        if zone.is_none_or(|zone| zone == index) {
            let table = one.as_table_mut().expect("a table");
            table.insert("cpu".to_owned(), format!("{millis}m").into());
        }
    }
}

/// The fleet once a region is lost, and what it leads has moved to the next.
fn moved(fleet: &Fleet, workloads: &[Workload], lost: &str) -> Fleet {
    let mut moved = fleet.clone();
    // No backup is restored into an older one, and versions take no room.
    for (_, region) in moved.fleet["regions"].as_table_mut().expect("a table").iter_mut() {
        region["kubernetes"] = "1.34".into();
    }
    for spec in &mut moved.services {
        let name = generate::name(spec).to_owned();
        let leads = |one: &Workload| one.primary && one.region == lost && one.service == name;
        if workloads.iter().any(leads) {
            spec["regions"].as_array_mut().expect("a list").rotate_left(1);
        }
    }
    moved
}

#[test]
fn exactly_what_is_needed_is_enough_and_a_thousandth_less_is_not() {
    let mut refused = BTreeMap::new();
    for seed in 400..425 {
        let mut fleet = generate::fleet(seed, 5);
        let tree = fleet.compile();
        let workloads = workloads(&tree, &fleet);
        let regions: Vec<String> =
            fleet.fleet["regions"].as_table().expect("a table").keys().cloned().collect();
        let mut needs = BTreeMap::new();
        let moved = regions.iter().map(|lost| moved(&fleet, &workloads, lost));
        let moved = moved.map(|fleet| (fleet.compile(), fleet));
        for (tree, fleet) in moved.chain([(tree, fleet.clone())]) {
            let workloads = self::workloads(&tree, &fleet);
            for region in &regions {
                let zones = fleet.fleet["regions"][region]["zones"].as_array().expect("a list");
                let zones = zones.len() as u64;
                let (base, after, elsewhere) = needed(&workloads, region, zones, &regions);
                let kept = databases(&tree, region, zones);
                let needs: &mut (u64, u64, u64) = needs.entry(region.clone()).or_default();
                needs.0 = needs.0.max(base + kept);
                needs.1 = needs.1.max(after + kept);
                needs.2 = needs.2.max(elsewhere);
            }
        }
        let max = |(base, after, elsewhere): (u64, u64, u64)| base.max(after).max(elsewhere);
        for (region, needs) in &needs {
            set(&mut fleet, region, None, max(*needs).max(1));
        }
        fleet.compile();
        for (region, needs) in needs.into_iter().filter(|(_, needs)| max(*needs) > 1) {
            let need = max(needs);
            let (base, after, elsewhere) = needs;
            let codes = ["zone-too-small", "region-too-small", "no-room-elsewhere"];
            let codes = codes.into_iter().zip([base, after, elsewhere]);
            // Where two of them need as much, either may be told.
            let codes: Vec<&str> =
                codes.filter(|(_, of)| *of == need).map(|(code, _)| code).collect();
            // One zone is not missed where the sum of the others is rounded up.
            let zone = (codes != ["no-room-elsewhere"]).then_some(0);
            let mut less = fleet.clone();
            set(&mut less, &region, zone, need - 1);
            let findings = generate::compile(&less.files()).expect_err("it is too small");
            let told = codes.iter().find(|code| findings.iter().any(|one| one.code == **code));
            let told = *told.unwrap_or_else(|| panic!("{seed}: {codes:?}: {findings:#?}"));
            *refused.entry(told).or_insert(0) += 1;
        }
    }
    let each = ["zone-too-small", "region-too-small", "no-room-elsewhere"];
    assert!(each.iter().all(|code| refused[code] > 3), "{refused:?}");
}
