//! Backups of large fleets: few Schedules where nothing is lost, and a number of Backups that a server
//! holds. Everything is counted in what is emitted, but for the number that is held against it.

use crate::generate::Files;
use crate::input::{below, input};
use ninefold::Fleet;
use ninefold::compile::prepare;
use ninefold::decide::queue::held;
use ninefold::diag::Sink;
use ninefold::plan::Unit;
use ninefold::tree::Previous;
use serde_yaml::Value;
use std::fmt::Write;

const IMAGE: &str = "registry.example.com/shop/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn fleet(more: &str) -> String {
    let zones = (1..4).map(|zone| {
        format!("  {{ name = \"zone-{zone}\", nodes = 2000, cpu = \"32000\", memory = \"128000Gi\" }},\n")
    });
    format!(
        "inventory = \"2026-11-01\"\n[regions.eastus2]\nshort = \"eus2\"\ngeography = \"us\"\nprovider = \"other\"\ncluster = \"one\"\nkubernetes = \"1.34\"\nvelero = \"1.18.4\"\nzones = [\n{}]\nstorage = [{{ name = \"zrs\", topology = \"region\", binding = \"wait-for-first-consumer\", snapshots = \"csi\" }}]\n[regions.eastus2.backup]\nconcurrency = 40\nlocations = [{{ name = \"vault\", stored_in = \"elsewhere\", geography = \"us\" }}]\n{more}",
        zones.collect::<String>()
    )
}

/// Services of every tier in turn, and what differs from one to the next.
fn stateless(count: usize) -> Files {
    let tiers = ["bronze", "silver", "gold"];
    let spec = |index: usize| {
        let tier = tiers[index % tiers.len()];
        let spec = format!(
            "name = \"web-{index}\"\nimage = \"{IMAGE}\"\ntier = \"{tier}\"\nregions = [\"eastus2\"]\nrpo = \"1h\"\nrto = \"24h\"\n"
        );
        (format!("web-{index}.toml"), spec)
    };
    (0..count).map(spec).chain([("fleet.toml".to_owned(), fleet(""))]).collect()
}

fn stateful(count: usize, rpo: &str, more: &str) -> Files {
    let spec = |index: usize| {
        let mut spec = format!(
            "name = \"data-{index}\"\nimage = \"{IMAGE}\"\ntier = \"gold\"\nregions = [\"eastus2\"]\nrpo = \"{rpo}\"\nrto = \"8h\"\nkind = \"stateful\"\n"
        );
        write!(spec, "[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n").unwrap();
        (format!("data-{index}.toml"), spec)
    };
    (0..count).map(spec).chain([("fleet.toml".to_owned(), fleet(more))]).collect()
}

/// The fleet, and the codes and helps of what is said about it.
fn prepared(specs: &Files) -> (Option<Fleet>, Vec<(String, Option<String>)>) {
    let mut sink = Sink::default();
    let fleet = prepare(&mut sink, input(below("specs", specs)));
    let said = sink.all().into_iter();
    let said = said.map(|found| (found.code.name().to_owned(), found.help.clone())).collect();
    (fleet.ok(), said)
}

/// The Schedules of a unit, by their paths.
fn schedules(fleet: &Fleet, unit: &Unit) -> Vec<(String, String)> {
    let tree =
        fleet.compile(&mut Sink::default(), unit, &Previous::nothing()).expect("it compiles");
    let all = tree.documents().iter().filter(|document| document.path.contains("/schedule"));
    all.map(|document| (document.path.clone(), document.text.clone())).collect()
}

/// How many Backups a Schedule has at most: an hour after the end of each, it is deleted.
fn backups(text: &str) -> u64 {
    let value: Value = serde_yaml::from_str(text).unwrap();
    let ttl = value["spec"]["template"]["ttl"].as_str().unwrap();
    let hours: u64 = ttl.split_once('h').unwrap().0.parse().unwrap();
    let cron = value["spec"]["schedule"].as_str().unwrap();
    let fields: Vec<&str> = cron.split(' ').collect();
    let times = |field: &str, all: usize| if field == "*" { all } else { field.split(',').count() };
    let a_day = (times(fields[0], 60) * times(fields[1], 24)) as u64;
    ((hours + 1) * a_day).div_ceil(24)
}

#[test]
fn a_thousand_services_without_volumes_share_a_handful_of_schedules() {
    let (fleet, said) = prepared(&stateless(1000));
    let fleet = fleet.unwrap_or_else(|| panic!("{said:?}"));
    let shared = schedules(&fleet, &Unit::Fleet);
    assert_eq!(shared.len(), 3, "{shared:?}");
    let some = fleet.units().into_iter().filter(|unit| *unit != Unit::Fleet).step_by(100);
    for unit in some {
        assert_eq!(schedules(&fleet, &unit), [], "{unit:?}");
    }
    // A new service changes none of them.
    let (one_more, _) = prepared(&stateless(1001));
    assert_eq!(schedules(&one_more.expect("it is kept"), &Unit::Fleet), shared);
    // One with volumes is left out by its namespace, at which alone Velero's queue looks (velero
    // `pkg/controller/backup_queue_controller.go`, `namespacesForBackup`), and changes nothing else.
    let mut with_volumes = stateless(1000);
    with_volumes.extend(stateful(1, "4h", ""));
    let (with_volumes, said) = prepared(&with_volumes);
    let with_volumes = with_volumes.unwrap_or_else(|| panic!("{said:?}"));
    for ((path, now), (_, before)) in schedules(&with_volumes, &Unit::Fleet).iter().zip(&shared) {
        let apart = "    excludedNamespaces:\n    - data-0\n";
        assert!(now.contains(apart) && now.replace(apart, "") == *before, "{path}: {now}");
    }
    let held = &held::of(fleet.decided())[0];
    assert_eq!(held.made, shared.iter().map(|(_, text)| backups(text)).sum::<u64>());
    assert!(held.listed() < 2000, "{held:?}");
}

#[test]
fn two_hundred_services_with_volumes_stay_under_twenty_thousand_backups() {
    let (fleet, said) = prepared(&stateful(200, "4h", ""));
    let fleet = fleet.unwrap_or_else(|| panic!("{said:?}"));
    let of_services = fleet.units().into_iter().flat_map(|unit| schedules(&fleet, &unit));
    let counted: u64 = of_services.map(|(_, text)| backups(&text)).sum();
    let held = &held::of(fleet.decided())[0];
    assert_eq!(held.made, counted);
    assert!(counted > 200 * 60 && counted < 20_000, "{counted}");
    assert!(said.iter().all(|(code, _)| code != "backups-too-many"), "{said:?}");
}

#[test]
fn more_backups_than_the_fleet_declares_are_refused_with_the_smallest_change() {
    let bound = |most: u64| format!("max_backups = {most}\n");
    let help = |specs: &Files| {
        let (_, said) = prepared(specs);
        let found = said.into_iter().find(|(code, _)| code == "backups-too-many");
        found.map(|(_, help)| help.expect("it says what to write"))
    };
    let few = |most: u64, more: &str| stateful(5, "4h", &format!("{}{more}", bound(most)));
    let made = 5 * (49 + 31);
    assert_eq!(help(&few(made, "")), None);
    let said = help(&few(made - 20, "")).expect("it is too much");
    assert!(said.contains(&format!("max_backups = {made}")), "{said}");
    let recent = said.split("recent = \"").nth(1).and_then(|rest| rest.split('"').next());
    let hours: u64 = recent.and_then(|text| text.strip_suffix('h')).unwrap().parse().unwrap();
    let with = |hours: u64| format!("[tiers.gold]\nbackup = {{ recent = \"{hours}h\" }}\n");
    assert_eq!(help(&few(made - 20, &with(hours))), None);
    assert!(help(&few(made - 20, &with(hours + 1))).is_some());
}

#[test]
fn a_region_that_stands_in_for_another_counts_what_it_reads() {
    let mut specs = stateful(3, "4h", "");
    let two = fleet("")
        .replace("vault\", stored_in", "vault\", bucket = \"b\", provider = \"aws\", stored_in");
    let other = two.split("[regions").skip(1).map(|part| format!("[regions{part}"));
    let other: String = other.collect::<String>().replace("eastus2", "centralus");
    let other = other
        .replace("eus2", "cus")
        .replace("\"one\"", "\"two\"")
        .replace("bucket = \"b\"", "bucket = \"c\"");
    specs.insert("fleet.toml".to_owned(), format!("{two}{other}"));
    for (name, text) in &mut specs {
        if name != "fleet.toml" {
            *text = text.replace("[\"eastus2\"]", "[\"eastus2\", \"centralus\"]");
        }
    }
    let (fleet, said) = prepared(&specs);
    let fleet = fleet.unwrap_or_else(|| panic!("{said:?}"));
    let held = held::of(fleet.decided());
    let of = |name: &str| held.iter().find(|one| one.region.as_str() == name).unwrap();
    assert_eq!((of("eastus2").made, of("eastus2").read), (240, 0));
    assert_eq!((of("centralus").made, of("centralus").read), (0, 240));
}
