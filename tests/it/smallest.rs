//! The smallest change that a finding proposes: with it the finding is gone, with one step less it
//! is not. Over random sizes, for every rule that counts.

use crate::random::Random;
use crate::support::{Outcome, compile};
use std::fmt::Write;

/// A zone whose nodes are alike.
#[derive(Clone, Copy, Debug)]
struct Zone {
    nodes: u64,
    /// Of a node, in thousandths.
    cpu: u64,
    /// Of a node, in mebibytes.
    memory: u64,
}

/// A fleet of regions on such zones, and the service `probe` with six required keys.
#[derive(Clone, Debug)]
struct Specs {
    regions: Vec<Vec<Zone>>,
    tiers: String,
    tier: &'static str,
    rpo: String,
    rto: String,
    rest: String,
}

impl Specs {
    fn new(tier: &'static str, regions: Vec<Vec<Zone>>) -> Specs {
        let (rpo, rto, tiers, rest) = ("2d".into(), "30m".into(), String::new(), String::new());
        Specs { regions, tiers, tier, rpo, rto, rest }
    }

    fn compile(&self) -> Outcome {
        let mut fleet = format!("inventory = \"2026-11-01\"\n{}", self.tiers);
        for (region, zones) in self.regions.iter().enumerate() {
            let zones: Vec<String> = (zones.iter().enumerate())
                .map(|(index, zone)| {
                    format!(
                        "{{ name = \"r{region}-z{index}\", nodes = {}, cpu = \"{}m\", memory = \"{}Mi\" }}",
                        zone.nodes,
                        zone.nodes * zone.cpu,
                        zone.nodes * zone.memory
                    )
                })
                .collect();
            write!(
                fleet,
                "\n[regions.r{region}]\ngeography = \"us\"\nprovider = \"other\"\ncluster = \"c\"\n\
                 kubernetes = \"1.34\"\nzones = [{}]\nbackup.locations = [{{ name = \"vault\", \
                 stored_in = \"elsewhere\", geography = \"us\" }}]\n",
                zones.join(", ")
            )
            .unwrap();
        }
        let names: Vec<String> =
            (0..self.regions.len()).map(|index| format!("\"r{index}\"")).collect();
        let service = format!(
            "name = \"probe\"\nimage = \"registry.example.com/probe@sha256:{}\"\ntier = \"{}\"\n\
             regions = [{}]\nrpo = \"{}\"\nrto = \"{}\"\n{}",
            "0".repeat(64),
            self.tier,
            names.join(", "),
            self.rpo,
            self.rto,
            self.rest
        );
        compile(&[("fleet.toml", &fleet), ("probe.toml", &service)])
    }

    /// The help of the first finding of that code.
    fn help(&self, code: &str) -> Option<String> {
        let outcome = self.compile();
        let other: Vec<&str> = outcome.codes().into_iter().filter(|found| *found != code).collect();
        assert!(other.is_empty(), "{other:?} in\n{}", outcome.report());
        let first = outcome.findings.into_iter().find(|finding| finding.code.name() == code)?;
        Some(first.help.expect("a smallest change"))
    }

    fn with(&self, change: impl FnOnce(&mut Specs)) -> Specs {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }
}

/// Holds that `change(least)` removes the finding of that code, and `change(less)` does not.
#[track_caller]
fn check(
    specs: &Specs,
    code: &str,
    enough: impl FnOnce(&mut Specs),
    less: impl FnOnce(&mut Specs),
) {
    let help = specs.help(code);
    assert_eq!(specs.with(enough).help(code), None, "{help:?} is not enough for {specs:?}");
    assert!(specs.with(less).help(code).is_some(), "less than {help:?} is enough for {specs:?}");
}

/// How many more nodes a help asks for, by region and zone: `2 more nodes in each of `r0-z1`, …`.
fn more_nodes(help: &str) -> Vec<(usize, usize, u64)> {
    let mut found = Vec::new();
    let mut count = 0;
    for part in help.split(", as large").next().unwrap_or_default().split(", ") {
        if let Some((number, _)) = part.split_once(" more node") {
            count = number.parse().expect("a number");
        }
        let name = part.split('`').nth(1).expect("a zone");
        let Some((region, zone)) = name.strip_prefix('r').and_then(|name| name.split_once("-z"))
        else {
            continue;
        };
        found.push((region.parse().expect("a region"), zone.parse().expect("a zone"), count));
    }
    found
}

fn add(specs: &mut Specs, more: &[(usize, usize, u64)]) {
    for (region, zone, count) in more {
        specs.regions[*region][*zone].nodes += count;
    }
}

/// The same, with one node less in one of the zones.
fn one_less(random: &mut Random, more: &[(usize, usize, u64)]) -> Vec<(usize, usize, u64)> {
    let mut less = more.to_vec();
    less[random.below(more.len())].2 -= 1;
    less
}

fn number(random: &mut Random, min: i64, max: i64) -> u64 {
    u64::try_from(random.between(min, max)).expect("positive")
}

fn zones(random: &mut Random, count: usize, max: i64) -> Vec<Zone> {
    let zone = |random: &mut Random| Zone {
        nodes: number(random, 1, max),
        cpu: number(random, 900, 4000),
        memory: number(random, 1500, 8000),
    };
    (0..count).map(|_| zone(random)).collect()
}

#[test]
fn nodes_for_the_share_of_a_zone() {
    let mut refused = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let count = 3 + random.below(3);
        let mut specs = Specs::new("gold", vec![zones(&mut random, count, 4)]);
        let (cpu, memory) = (random.between(100, 900), random.between(100, 1500));
        specs.rest = format!(
            "rollout = \"{}\"\n[capacity]\npeak = {}\ncpu = \"{cpu}m\"\nmemory = \"{memory}Mi\"\n",
            random.pick(&["replace", "rolling"]),
            random.between(3, 40)
        );
        let Some(help) = specs.help("zone-too-small") else { continue };
        refused += 1;
        let outcome = specs.compile();
        // One finding for each resource: each zone takes the most that one of them asks for.
        let mut more: Vec<(usize, usize, u64)> = Vec::new();
        let helps = outcome.findings.iter().filter_map(|finding| finding.help.as_deref());
        more.extend(helps.flat_map(more_nodes));
        more.sort_unstable();
        more.dedup();
        assert!(!more_nodes(&help).is_empty());
        let less = one_less(&mut random, &more);
        check(&specs, "zone-too-small", |specs| add(specs, &more), |specs| add(specs, &less));
    }
    assert!(refused > 15, "{refused}");
}

#[test]
fn nodes_for_what_a_lost_region_ran() {
    let mut refused = 0;
    for seed in 0..90 {
        let mut random = Random::new(seed);
        let large = vec![Zone { nodes: 50, cpu: 4000, memory: 16_000 }; 3];
        let small = zones(&mut random, 3, 6);
        let mut specs = Specs::new("gold", vec![large, small]);
        specs.rto = "4h".to_owned();
        let standby = random.pick(&["pilot light", "warm standby"]);
        specs.rest = format!(
            "recovery = \"{standby}\"\nrollout = \"rolling\"\n[capacity]\npeak = {}\ncpu = \"{}m\"\n",
            random.between(2, 20),
            random.between(100, 600)
        );
        let outcome = specs.compile();
        if !outcome.codes().contains(&"region-too-small") {
            continue;
        }
        refused += 1;
        let helps = outcome.findings.iter().filter_map(|finding| finding.help.as_deref());
        let mut more: Vec<(usize, usize, u64)> = helps.flat_map(more_nodes).collect();
        more.sort_unstable();
        more.dedup();
        let less = one_less(&mut random, &more);
        check(&specs, "region-too-small", |specs| add(specs, &more), |specs| add(specs, &less));
    }
    assert!(refused > 10, "{refused}");
}

#[test]
fn nodes_for_replicas_that_must_not_share_one_or_a_lower_peak() {
    let mut refused = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut specs = Specs::new("silver", vec![zones(&mut random, 2, 3)]);
        for zone in &mut specs.regions[0] {
            (zone.cpu, zone.memory) = (64_000, 256_000);
        }
        let peak = random.between(1, 9);
        let capacity = |peak: i64| format!("[capacity]\npeak = {peak}\ncpu = \"10m\"\n");
        specs.rest = capacity(peak);
        let Some(help) = specs.help("too-few-nodes") else { continue };
        refused += 1;
        let more: u64 = help.split(' ').next().and_then(|count| count.parse().ok()).expect("nodes");
        let zone = random.below(2);
        let grow = |more: u64| move |specs: &mut Specs| specs.regions[0][zone].nodes += more;
        check(&specs, "too-few-nodes", grow(more), grow(more - 1));
        if let Some((_, lower)) = help.split_once("`capacity.peak = ") {
            let lower: i64 = lower.trim_end_matches('`').parse().expect("a number");
            let set = |peak: i64| move |specs: &mut Specs| specs.rest = capacity(peak);
            check(&specs, "too-few-nodes", set(lower), set(lower + 1));
        }
    }
    assert!(refused > 15, "{refused}");
}

#[test]
fn nodes_of_each_zone_for_a_spread_that_is_demanded() {
    let mut refused = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut specs = Specs::new("gold", vec![zones(&mut random, 3, 6)]);
        for zone in &mut specs.regions[0] {
            (zone.cpu, zone.memory) = (64_000, 256_000);
        }
        specs.tiers = "[tiers.gold]\nhost_spread = \"required\"\n".to_owned();
        specs.rest = format!("[capacity]\npeak = {}\ncpu = \"10m\"\n", random.between(1, 12));
        let Some(help) = specs.help("too-few-nodes") else { continue };
        refused += 1;
        let more = more_nodes(help.split(", or ").next().expect("nodes"));
        let less = one_less(&mut random, &more);
        check(&specs, "too-few-nodes", |specs| add(specs, &more), |specs| add(specs, &less));
    }
    assert!(refused > 15, "{refused}");
}

/// The text between the first quotes after `key`.
fn quoted<'a>(help: &'a str, key: &str) -> &'a str {
    let (_, rest) = help.split_once(&format!("{key} = \"")).expect("the key is proposed");
    rest.split('"').next().expect("a value")
}

/// `2d1h20m` in seconds.
fn seconds(text: &str) -> u64 {
    let mut sum = 0;
    let mut number = 0;
    for c in text.chars() {
        match c.to_digit(10) {
            Some(digit) => number = number * 10 + u64::from(digit),
            None => {
                let unit = match c {
                    'd' => 86_400,
                    'h' => 3600,
                    'm' => 60,
                    's' => 1,
                    other => panic!("{text} has the unit {other}"),
                };
                sum += std::mem::take(&mut number) * unit;
            }
        }
    }
    sum
}

const ROOM: Zone = Zone { nodes: 20, cpu: 16_000, memory: 64_000 };

#[test]
fn a_time_to_keep_backups() {
    for (tier, every) in [("bronze", "1d"), ("bronze", "8h"), ("silver", "6h"), ("gold", "1h")] {
        for failed in 0..4 {
            let mut specs = Specs::new(tier, vec![vec![ROOM; 3]]);
            let keep = |keep: &str| {
                format!(
                    "[tiers.{tier}]\nbackup = {{ keep = \"{keep}\", every = \"{every}\", failed_runs = {failed} }}\n"
                )
            };
            specs.tiers = keep("30m");
            let help = specs.help("retention-too-short").expect("half an hour is too short");
            let proposed = seconds(quoted(&help, "keep"));
            let set = |seconds: u64| {
                let tiers = keep(&format!("{seconds}s"));
                move |specs: &mut Specs| specs.tiers = tiers
            };
            check(&specs, "retention-too-short", set(proposed), set(proposed - 1));
        }
    }
}

#[test]
fn an_rto_that_the_budget_of_the_year_holds() {
    for availability in ["90.0", "99.5", "99.9", "99.97", "99.994"] {
        let mut specs = Specs::new("gold", vec![vec![ROOM; 3]]);
        specs.tiers = format!("[tiers.gold]\navailability = {availability}\n");
        specs.rto = "40d".to_owned();
        let help = specs.help("availability-budget").expect("40 days are too long");
        let proposed = seconds(quoted(&help, "rto"));
        let set = |seconds: u64| move |specs: &mut Specs| specs.rto = format!("{seconds}s");
        check(&specs, "availability-budget", set(proposed), set(proposed + 1));
    }
}

#[test]
fn a_tier_whose_budget_holds_the_rto() {
    for (rto, tier) in [("5h", "silver"), ("9h", "bronze"), ("52m", "platinum")] {
        let mut specs = Specs::new("gold", vec![vec![ROOM; 3]]);
        specs.tiers = "[tiers.gold]\navailability = 99.994\n".to_owned();
        specs.rto = rto.to_owned();
        let help = specs.help("availability-budget").expect("26 minutes are not enough");
        assert!(help.ends_with(&format!("or choose `tier = \"{tier}\"`")), "{help}");
    }
}

#[test]
fn what_a_replica_may_ask_of_a_node() {
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let zones = zones(&mut random, 3, 9).into_iter();
        let zones = zones.map(|zone| Zone { nodes: zone.nodes + 40, ..zone }).collect();
        let mut specs = Specs::new("gold", vec![zones]);
        let ask = |cpu: u64, memory: u64| {
            format!("[capacity]\npeak = 1\ncpu = \"{cpu}m\"\nmemory = \"{memory}Mi\"\n")
        };
        specs.rest = ask(4001, 8001);
        let help = specs.help("node-too-small").expect("no node has that");
        let cpu: u64 = match quoted(&help, "cpu").split_once('m') {
            Some((millis, _)) => millis.parse().expect("a number"),
            None => quoted(&help, "cpu").parse::<u64>().expect("a number") * 1000,
        };
        let memory = quoted(&help, "memory");
        let memory: u64 = match memory.strip_suffix("Gi") {
            Some(gibi) => gibi.parse::<u64>().expect("a number") * 1024,
            None => memory.trim_end_matches("Mi").parse().expect("a number"),
        };
        let set = |cpu, memory| move |specs: &mut Specs| specs.rest = ask(cpu, memory);
        check(&specs, "node-too-small", set(cpu, memory), set(cpu + 1, memory));
        check(&specs, "node-too-small", set(cpu, memory), set(cpu, memory + 1));
    }
}

#[test]
fn bounds_of_an_autoscaler() {
    for peak in 1..12 {
        let mut specs = Specs::new("gold", vec![vec![ROOM; 3]]);
        let bounds = |min: u64, max: u64| {
            format!("[capacity]\npeak = {peak}\nautoscale = {{ min = {min}, max = {max} }}\n")
        };
        let value = |help: &str, key: &str| -> u64 {
            let (_, rest) = help.split_once(&format!("`{key} = ")).expect("the key");
            rest.split('`').next().and_then(|number| number.parse().ok()).expect("a number")
        };
        specs.rest = bounds(0, 60);
        let min = value(&specs.help("autoscale-bounds").expect("0 is too few"), "min");
        let set = |min, max| move |specs: &mut Specs| specs.rest = bounds(min, max);
        check(&specs, "autoscale-bounds", set(min, 60), set(min - 1, 60));
        specs.rest = bounds(min, 1);
        let max = value(&specs.help("autoscale-bounds").expect("1 is no room"), "max");
        check(&specs, "autoscale-bounds", set(min, max), set(min, max - 1));
    }
}

#[test]
fn zones_for_a_tier() {
    for (has, needs) in [(1, 2), (1, 3), (2, 3), (2, 5), (4, 5)] {
        let mut specs = Specs::new("gold", vec![vec![ROOM; has]]);
        specs.tiers = format!("[tiers.gold]\nzones = {needs}\n");
        let help = specs.help("too-few-zones").expect("too few");
        let more: usize = help.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
        let set = |count: usize| move |specs: &mut Specs| specs.regions[0] = vec![ROOM; count];
        check(&specs, "too-few-zones", set(has + more), set(has + more - 1));
    }
}

#[test]
fn how_many_may_be_missing_during_a_rollout() {
    for peak in 1..12 {
        let mut specs = Specs::new("gold", vec![vec![ROOM; 3]]);
        specs.rest = format!("rollout = \"rolling\"\n[capacity]\npeak = {peak}\n");
        let missing = |count: u64| format!("[tiers.gold]\nunavailable = {count}\n");
        specs.tiers = missing(40);
        let help = specs.help("rollout-below-peak").expect("40 are too many");
        let (_, count) = help.split_once("unavailable = ").expect("a number");
        let count: u64 = count.trim_end_matches('`').parse().expect("a number");
        let set = |count: u64| move |specs: &mut Specs| specs.tiers = missing(count);
        check(&specs, "rollout-below-peak", set(count), set(count + 1));
    }
}

#[test]
fn nodes_for_what_a_lost_zone_ran() {
    let mut refused = 0;
    for (peak, count) in (3..20).flat_map(|peak| [(peak, 2), (peak, 3), (peak, 4)]) {
        // Room for the share of each zone, and no more.
        let share = (peak + 1u64).div_ceil(count) + peak.div_ceil(count);
        let zone = Zone { nodes: share, cpu: 700, memory: 64_000 };
        let mut specs = Specs::new("bronze", vec![vec![zone; usize::try_from(count).unwrap()]]);
        specs.rest = format!("[capacity]\npeak = {peak}\ncpu = \"700m\"\n");
        let Some(help) = specs.help("no-room-elsewhere") else { continue };
        refused += 1;
        let more = more_nodes(&help);
        let less: Vec<_> =
            more.iter().map(|(region, zone, count)| (*region, *zone, count - 1)).collect();
        check(&specs, "no-room-elsewhere", |specs| add(specs, &more), |specs| add(specs, &less));
    }
    assert!(refused > 20, "{refused}");
}
