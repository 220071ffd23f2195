//! Promises played second by second: losses at random over random fleets with dependencies, and nothing is
//! back later, or lost more of, than the ledgers say.
//!
//! Nothing here comes from `decide`: a loss is played on the emitted objects and the declared fleet, by what
//! controllers do. `PLAYED=7 cargo test --test it played -- --nocapture` plays another seed, and tells how
//! tight the bounds are.

mod emitted; // what the objects, the ledgers and the fleet say
mod play; //    a loss, second by second
mod backups; // Velero's servers, the same way
mod copies; //  VolSync's copies, too

use crate::generate::{self, Files, Fleet};
use crate::random::Random;
use emitted::{Place, World};
use play::{Dice, Scope};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The seeds of every run.
const SEEDS: std::ops::Range<u64> = 700..720;

/// How often each loss is played, beside once in which everything is as late as it may be.
const TIMES: usize = 6;

/// How often two days of copies are played.
const COPIED: usize = 3;

/// A claim that was broken, in words.
type Broken = String;

/// What was claimed and what was played at worst.
type Tightness = BTreeMap<(&'static str, Scope), Vec<(u64, u64)>>;

/// A shape of a service that the generator of all fleets does not know.
type Shape = fn(&mut toml::Table, &mut Random);

/// The shapes, each of which some of the services have.
const SHAPES: &[Shape] = &[probed, hooked, moved_by_health_checks, scaled, copied, in_one_zone];

fn toml(text: &str) -> toml::Table {
    text.parse().expect("TOML")
}

/// Probes that look rarely, and starts that are no multiple of that.
fn probed(service: &mut toml::Table, random: &mut Random) {
    let every = *random.pick(&["3s", "7s", "20s"]);
    let start = random.between(30, 400);
    if random.once_in(2) && !service.contains_key("probes") {
        service.extend(toml(&format!(
            "probes = {{ every = \"{every}\", start_within = \"{start}s\" }}"
        )));
    }
}

/// Commands before and after the snapshots, in every pod.
fn hooked(service: &mut toml::Table, random: &mut Random) {
    let timeout = *random.pick(&["25s", "2m", "3m"]);
    let hook = format!(
        "[[backup.hooks]]\nname = \"hold\"\nbefore = [\"/hold\"]\nafter = [\"/go-on\"]\ntimeout = \"{timeout}\""
    );
    if random.once_in(2) && service.contains_key("volumes") && !service.contains_key("backup") {
        service.extend(toml(&hook));
    }
}

fn several_regions(service: &toml::Table) -> bool {
    generate::regions(service).len() > 1 && !service.contains_key("volumes")
}

/// Health checks move the users to fewer replicas.
fn moved_by_health_checks(service: &mut toml::Table, _: &mut Random) {
    if several_regions(service)
        && let Some(traffic) = service.get_mut("traffic").and_then(toml::Value::as_table_mut)
    {
        traffic.insert("failover".to_owned(), "automatic".into());
    }
}

/// One that stands by is small, and an autoscaler makes more of it once the users are there.
fn scaled(service: &mut toml::Table, random: &mut Random) {
    let peak = random.between(6, 12);
    let up = *random
        .pick(&["", ", behavior = { up = { pods = 2, period = \"5m\", stabilize = \"2m\" } }"]);
    if several_regions(service) && service.contains_key("traffic") && !service.contains_key("data")
    {
        let scaled = format!(
            "recovery = \"warm standby\"\ncapacity = {{ peak = {peak}, cpu = \"50m\", memory = \"64Mi\", autoscale = {{ max = 40{up} }} }}"
        );
        service.extend(toml(&scaled));
    }
}

/// Copies that are as far behind as is allowed.
fn copied(service: &mut toml::Table, random: &mut Random) {
    let lag = *random.pick(&["30m", "50m", "70m"]);
    let data = service.get_mut("data").and_then(toml::Value::as_table_mut);
    let replication = data.and_then(|data| data.get_mut("replication")?.as_table_mut());
    if let Some(replication) = replication.filter(|it| it["engine"].as_str() == Some("volsync")) {
        replication.insert("lag".to_owned(), lag.into());
    }
}

/// A volume that stands in one zone.
fn in_one_zone(service: &mut toml::Table, random: &mut Random) {
    if random.once_in(2)
        && let Some(volumes) = service.get_mut("volumes").and_then(toml::Value::as_array_mut)
    {
        for volume in volumes {
            let volume = volume.as_table_mut().expect("a table");
            volume.insert("class".to_owned(), "one".into());
        }
    }
}

/// Backups that wait for no more than the servers make them.
fn hurried(fleet: &mut toml::Table) {
    let regions = fleet["regions"].as_table_mut().expect("a table");
    for (_, region) in regions.iter_mut() {
        let backup = region["backup"].as_table_mut().expect("a table");
        backup.insert("queue".to_owned(), "2m".into());
    }
}

/// The fleet of a seed, in which regions and services have other shapes as far as the rules admit, and its
/// tree.
fn compiled(seed: u64) -> Option<(Fleet, Files)> {
    let plain = generate::fleet(seed, 5);
    let mut random = Random::new(seed ^ 0x9e37);
    let mut shaped = plain.clone();
    hurried(&mut shaped.fleet);
    for service in &mut shaped.services {
        SHAPES.iter().for_each(|shape| shape(service, &mut random));
    }
    if let Ok(tree) = generate::compile(&shaped.files()) {
        return Some((shaped, tree));
    }
    let mut tree = generate::compile(&plain.files()).ok()?;
    let mut fleet = plain;
    let mut admit = |change: &dyn Fn(&mut Fleet)| {
        let mut other = fleet.clone();
        change(&mut other);
        if let Ok(compiled) = generate::compile(&other.files()) {
            (fleet, tree) = (other, compiled);
        }
    };
    for at in 0..shaped.services.len() {
        admit(&|fleet| fleet.services[at] = shaped.services[at].clone());
    }
    admit(&|fleet| fleet.fleet = shaped.fleet.clone());
    Some((fleet, tree))
}

/// Plays every loss of a world, and holds it against `claimed`.
fn play(world: &World, seed: u64, tightness: &mut Tightness) -> Vec<Broken> {
    let mut broken = Vec::new();
    for ((place, scope, objective), claim) in &world.claims {
        let losses = Scope::ALL.into_iter().filter(|loss| loss.key() == scope);
        for loss in losses {
            let played = (0..=TIMES).filter_map(|turn| {
                let mut random = Random::new(seed ^ hash(place) ^ turn as u64);
                let mut dice = Dice::new(&mut random, turn == 0);
                match objective.as_str() {
                    "rto" => play::time(world, place, loss, &mut dice),
                    "rpo" if claim.terms.contains_key("until a segment is closed") => {
                        Some(play::unarchived(world, place, &mut dice))
                    }
                    "rpo" if loss == Scope::Region && turn < COPIED => {
                        copies::behind(world, place, &mut dice)
                    }
                    _ => None,
                }
            });
            let Some(played) = played.max() else { continue };
            // Only people bring back what a cordoned zone ran: the ledger tells of one that is gone.
            let bound = if loss == Scope::Cordoned { claim.promised } else { claim.worst };
            let Some(bound) = bound else { continue };
            let objective = if objective == "rto" { "rto" } else { "rpo" };
            tightness.entry((objective, loss)).or_default().push((bound, played));
            if played > bound {
                broken.push(format!(
                    "{objective} of {place:?}, {loss:?}: {bound}s claimed, {played}s played"
                ));
            }
        }
    }
    broken.extend(backups(world, seed, tightness));
    broken
}

/// Plays some days of every Velero server.
fn backups(world: &World, seed: u64, tightness: &mut Tightness) -> Vec<Broken> {
    let mut broken = Vec::new();
    for region in world.regions.keys() {
        for late in [false, true] {
            let mut random = Random::new(seed ^ region.len() as u64);
            let lost = backups::worst(world, region, &mut Dice::new(&mut random, late));
            for (service, played) in lost {
                let place = (service.clone(), region.clone());
                for scope in [Scope::Data, Scope::Region, Scope::Zone] {
                    let key = (place.clone(), scope.key().to_owned(), "rpo".to_owned());
                    let claim = world.claims.get(&key);
                    let backed = claim.filter(|it| it.terms.contains_key("between two backups"));
                    let Some(claimed) = backed.and_then(|claim| claim.worst) else { continue };
                    tightness.entry(("rpo", scope)).or_default().push((claimed, played));
                    if played > claimed {
                        broken.push(format!(
                            "rpo of {place:?}, {scope:?}: {claimed}s claimed, {played}s played"
                        ));
                    }
                }
            }
        }
    }
    broken
}

fn hash(place: &Place) -> u64 {
    let bytes = place.0.bytes().chain(place.1.bytes());
    bytes.fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// Leaves services out for as long as something is broken.
fn smallest(seed: u64, fleet: &Fleet) -> String {
    let broken = |fleet: &Fleet| {
        let tree = generate::compile(&fleet.files()).ok()?;
        let found = play(&emitted::read(fleet, &tree), seed, &mut Tightness::new());
        (!found.is_empty()).then_some(found)
    };
    let mut fleet = fleet.clone();
    let mut at = 0;
    while at < fleet.services.len() {
        let mut less = fleet.clone();
        less.services.remove(at);
        match broken(&less) {
            Some(_) => fleet = less,
            None => at += 1,
        }
    }
    let specs: Vec<String> = fleet.files().into_values().collect();
    format!("seed {seed}: {:#?}\n{}", broken(&fleet), specs.join("\n# ---\n"))
}

#[test]
fn nothing_is_back_later_nor_lost_more_of_than_promised() {
    let written = std::env::var("PLAYED").ok().map(|seed| seed.parse::<u64>().expect("a number"));
    let seeds: Vec<u64> = SEEDS.chain(written).collect();
    let played: Vec<Result<(Tightness, usize), String>> = (seeds.par_iter())
        .filter_map(|seed| {
            let (fleet, tree) = compiled(*seed)?;
            let world = emitted::read(&fleet, &tree);
            let mut tightness = Tightness::new();
            let broken = play(&world, *seed, &mut tightness);
            let calls = world.services.values().filter(|it| !it.calls.is_empty()).count();
            Some(match broken.is_empty() {
                true => Ok((tightness, calls)),
                false => Err(format!("{broken:#?}\n{}", smallest(*seed, &fleet))),
            })
        })
        .collect();
    let played: Result<Vec<(Tightness, usize)>, String> = played.into_iter().collect();
    let played = played.unwrap_or_else(|broken| panic!("{broken}"));
    assert!(played.len() * 4 >= seeds.len() * 3, "{} of {} compile", played.len(), seeds.len());
    assert!(played.iter().map(|(_, calls)| calls).sum::<usize>() > 4, "some rest on others");
    let mut all = Tightness::new();
    for (tightness, ..) in &played {
        for (key, pairs) in tightness {
            all.entry(*key).or_default().extend(pairs);
        }
    }
    for scope in ["pod", "node", "zone", "region", "data"] {
        assert!(all.keys().any(|(_, known)| known.key() == scope), "no loss of a {scope}");
    }
    println!("objective  loss      claims  claimed ÷ played (least, middle, most)");
    for ((objective, scope), pairs) in &all {
        let mut ratios: Vec<f64> = pairs
            .iter()
            .filter(|(_, played)| *played > 0)
            .map(|(claimed, played)| *claimed as f64 / *played as f64)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (ratios.first(), ratios.last()) else { continue };
        let middle = ratios[ratios.len() / 2];
        let scope = format!("{scope:?}");
        println!(
            "{objective:<9}  {scope:<8}  {:>6}  {least:.2}  {middle:.2}  {most:.2}",
            ratios.len()
        );
    }
}

/// Where a promise leaves a term out, something is back later than it says.
#[test]
fn a_term_that_is_left_out_is_found() {
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for seed in SEEDS {
        let Some((fleet, tree)) = compiled(seed) else { continue };
        let whole = emitted::read(&fleet, &tree);
        let names: std::collections::BTreeSet<String> =
            whole.claims.values().flat_map(|claim| claim.terms.keys().cloned()).collect();
        for name in names {
            let known = found.entry(name.clone()).or_insert(false);
            if *known {
                continue;
            }
            let mut less = whole.clone();
            for ((_, _, objective), claim) in &mut less.claims {
                let term = claim.terms.get(&name).copied().unwrap_or(0);
                if objective == "rto" || objective == "rpo" {
                    claim.worst = claim.worst.map(|worst| worst.saturating_sub(term));
                }
            }
            *known = !play(&less, seed, &mut Tightness::new()).is_empty();
        }
    }
    for name in [
        "detection",
        "wait on the lost node",
        "nodes tainted one by one",
        "volumes leave the lost node",
        "image pulled",
        "start",
        "endpoints follow",
        "decision",
        "data restored",
        "wait for what it calls",
        "switch of traffic",
        "autoscaler reacts",
        "between two backups",
        "hooks",
        "replication lag",
        "until a segment is closed",
    ] {
        assert_eq!(found.get(name), Some(&true), "`{name}` may be left out: {found:#?}");
    }
}
