//! More of anything breaks no promise: a fleet that compiles and keeps what it promises does so
//! with more replicas, more nodes, larger nodes, another zone.

use crate::failures;
use crate::generate::{self, Fleet};
use crate::random::Random;
use toml::{Table, Value};

/// Holds that a fleet, which compiles and keeps everything, does so after a change.
#[track_caller]
fn check(seed: u64, fleet: &Fleet, change: impl FnOnce(&mut Fleet)) {
    let mut changed = fleet.clone();
    change(&mut changed);
    let tree = changed.compile();
    let broken = failures::broken(&tree, &changed.files());
    assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
}

fn fleets() -> impl Iterator<Item = (u64, Fleet)> {
    (100..106).map(|seed| (seed, generate::fleet(seed, 4)))
}

fn zones(fleet: &mut Fleet) -> Vec<&mut Vec<Value>> {
    let regions = fleet.fleet["regions"].as_table_mut().expect("a table");
    let regions = regions.iter_mut().map(|(_, region)| region);
    regions.map(|region| region["zones"].as_array_mut().expect("a list")).collect()
}

fn number(zone: &Table, key: &str) -> i64 {
    let value = &zone[key];
    let text = value.as_str().map(|text| text.trim_end_matches("Gi").parse());
    value.as_integer().or_else(|| text?.ok()).expect("a number")
}

/// A zone with so many more nodes like those it has.
fn grow(zone: &mut Table, more: i64) {
    let nodes = number(zone, "nodes");
    let (cpu, memory) = (number(zone, "cpu") / nodes, number(zone, "memory") / nodes);
    zone.insert("nodes".to_owned(), (nodes + more).into());
    zone.insert("cpu".to_owned(), ((nodes + more) * cpu).to_string().into());
    zone.insert("memory".to_owned(), format!("{}Gi", (nodes + more) * memory).into());
}

#[test]
fn more_nodes_break_no_promise() {
    for (seed, fleet) in fleets() {
        let mut random = Random::new(seed);
        check(seed, &fleet, |fleet| {
            for zones in zones(fleet) {
                let more = random.between(1, 4);
                let at = random.below(zones.len());
                grow(zones[at].as_table_mut().expect("a table"), more);
            }
        });
    }
}

#[test]
fn larger_nodes_break_no_promise() {
    for (seed, fleet) in fleets() {
        check(seed, &fleet, |fleet| {
            for zone in zones(fleet).into_iter().flatten() {
                let zone = zone.as_table_mut().expect("a table");
                let double = number(zone, "cpu") * 2;
                zone.insert("cpu".to_owned(), double.to_string().into());
                let double = number(zone, "memory") * 2;
                zone.insert("memory".to_owned(), format!("{double}Gi").into());
            }
        });
    }
}

/// A zone as large as the smallest of the region: a smaller one could not hold its share.
#[test]
fn another_zone_breaks_no_promise() {
    for (seed, fleet) in fleets() {
        check(seed, &fleet, |fleet| {
            for zones in zones(fleet) {
                let smallest = zones.iter().filter_map(Value::as_table);
                let smallest = smallest.min_by_key(|zone| number(zone, "nodes"));
                let mut another = smallest.expect("a region has a zone").clone();
                let name = another["name"].as_str().expect("text");
                let (region, _) = name.rsplit_once('-').expect("a region and a number");
                let name = format!("{region}-{}", zones.len() + 1);
                another.insert("name".to_owned(), name.into());
                zones.push(Value::Table(another));
            }
        });
    }
}

#[test]
fn more_replicas_than_a_tier_needs_break_no_promise() {
    for (seed, fleet) in fleets() {
        for more in [4, 7] {
            check(seed, &fleet, |fleet| {
                let tiers = ["bronze", "silver", "gold", "platinum"].map(|tier| {
                    let floor = Table::from_iter([("replicas".to_owned(), Value::from(more))]);
                    (tier.to_owned(), Value::Table(floor))
                });
                fleet.fleet.insert("tiers".to_owned(), Value::Table(tiers.into_iter().collect()));
            });
        }
    }
}

/// The other way round: less is not always enough, so the laws are about something.
#[test]
fn less_may_break_a_promise() {
    let refused = fleets().filter(|(_, fleet)| {
        let mut small = fleet.clone();
        for zone in zones(&mut small).into_iter().flatten() {
            let zone = zone.as_table_mut().expect("a table");
            zone.insert("cpu".to_owned(), "1".into());
        }
        generate::compile(&small.files()).is_err()
    });
    assert!(refused.count() > 2);
}
