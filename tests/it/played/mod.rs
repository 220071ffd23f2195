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
const SEEDS: std::ops::Range<u64> = 700..716;

/// How often each loss is played, beside once in which everything is as late as it may be.
const TIMES: usize = 6;

/// How often two days of copies are played.
const COPIED: usize = 3;

/// A claim that was broken, in words.
type Broken = String;

/// What was claimed and what was played at worst.
type Tightness = BTreeMap<(&'static str, Scope), Vec<(u64, u64)>>;

/// A random fleet in which some services have other shapes than the generator knows.
fn fleet(seed: u64) -> Fleet {
    let mut fleet = generate::fleet(seed, 5);
    let mut random = Random::new(seed ^ 0x9e37);
    for service in &mut fleet.services {
        // Probes that look rarely, and starts that are no multiple of that.
        if random.once_in(2) && service.get("probes").is_none() {
            let every = *random.pick(&["3s", "7s", "20s"]);
            let start = format!("{}s", random.between(30, 400));
            let probes = [("every", every.to_owned()), ("start_within", start)];
            let probes = probes.map(|(key, text)| (key.to_owned(), toml::Value::from(text)));
            service.insert("probes".to_owned(), toml::Value::Table(probes.into_iter().collect()));
        }
        // Commands before and after the snapshots, in every pod.
        if random.once_in(2) && service.contains_key("volumes") && !service.contains_key("backup") {
            let hook = "hooks = [{ name = \"hold\", before = [\"/hold\"], after = [\"/go-on\"], timeout = \"25s\" }]";
            let backup = hook.parse::<toml::Table>().expect("TOML");
            service.insert("backup".to_owned(), toml::Value::Table(backup));
        }
        // Health checks move the users to fewer replicas, and an autoscaler makes more.
        if generate::regions(service).len() > 1
            && !service.contains_key("volumes")
            && let Some(traffic) = service.get_mut("traffic").and_then(toml::Value::as_table_mut)
        {
            traffic.insert("failover".to_owned(), "automatic".into());
        }
        // A volume that stands in one zone.
        if random.once_in(2)
            && let Some(volumes) = service.get_mut("volumes").and_then(toml::Value::as_array_mut)
        {
            for volume in volumes {
                let volume = volume.as_table_mut().expect("a table");
                volume.insert("class".to_owned(), "one".into());
            }
        }
    }
    fleet
}

/// The fleet of a seed, without what the rules refuse of it.
fn compiled(seed: u64) -> Option<(Fleet, Files)> {
    let fleet = fleet(seed);
    if let Ok(tree) = generate::compile(&fleet.files()) {
        return Some((fleet, tree));
    }
    let plain = generate::fleet(seed, 5);
    let tree = generate::compile(&plain.files()).ok()?;
    Some((plain, tree))
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
        "between two backups",
        "until a segment is closed",
    ] {
        assert_eq!(found.get(name), Some(&true), "`{name}` may be left out: {found:#?}");
    }
}
