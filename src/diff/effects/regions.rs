//! Regions that come, go and change their part.

use super::{Match, Service, promise, strategy, workload};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::diff::side::Unit;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    // What services share comes and goes with them; and a tree of one cluster has no regions.
    if service.is_fleet() {
        return Vec::new();
    }
    let (old, new) = (of(service.old), of(service.new));
    let mut matches = Vec::new();
    match (old.is_empty(), new.is_empty()) {
        (true, true) => {}
        (true, false) => matches.push(added(service, &new)),
        (false, true) => matches.push(removed(service, &old)),
        (false, false) => {
            let lost: Vec<&str> = old.difference(&new).copied().collect();
            let gained: Vec<&str> = new.difference(&old).copied().collect();
            if !lost.is_empty() {
                matches.push(loses(service, &old, &new, &lost));
            }
            if !gained.is_empty() {
                matches.push(gains(service, &old, &new, &gained));
            }
            if !lost.is_empty() && !gained.is_empty() {
                matches.push(swaps(service, &lost, &gained));
            }
            let stay: Vec<&str> = old.intersection(&new).copied().collect();
            let parts = roles(service, &stay).into_iter().chain(empties(service, &stay));
            matches.extend(strategy::told(service, &stay, parts.collect()));
        }
    }
    matches
}

/// The regions in which something of a unit is current.
pub(super) fn of<'a>(unit: Option<&'a Unit<'_>>) -> BTreeSet<&'a str> {
    let items = unit.map(Unit::items).unwrap_or_default();
    let current = items.iter().filter(|item| item.retained.is_none());
    current.map(|item| item.identity.region.as_str()).collect()
}

fn listed(regions: &[&str]) -> String {
    regions.join(", ")
}

fn plural(regions: &[&str]) -> &'static str {
    if regions.len() == 1 { "region" } else { "regions" }
}

/// The pods in each of the regions.
fn pods(unit: Option<&Unit<'_>>, regions: &BTreeSet<&str>) -> Vec<u64> {
    let of = |region: &&str| match promise::of(unit, region) {
        Some(promise) => promise.replicas,
        None => workload::running(unit, region),
    };
    regions.iter().map(of).collect()
}

/// The numbers of what differs in `regions`.
pub(super) fn objects(service: &Service<'_>, regions: &[&str]) -> Vec<usize> {
    let there = service.changed.iter().filter(|changed| {
        let item = changed.new.or(changed.old);
        item.is_some_and(|item| regions.contains(&item.identity.region.as_str()))
    });
    there.map(|changed| changed.number).collect()
}

/// The objects in `regions` that kept data on the old side: `StatefulSet orders`.
fn with_data(service: &Service<'_>, regions: &[&str]) -> Vec<String> {
    let items = service.old.map(Unit::items).unwrap_or_default();
    let there = items.iter().filter(|item| {
        regions.contains(&item.identity.region.as_str()) && workload::keeps_data(item)
    });
    let names: BTreeSet<String> = there
        .map(|item| format!("{} {}", item.identity.kind, item.identity.logical_name))
        .collect();
    names.into_iter().collect()
}

fn data(service: &Service<'_>, regions: &[&str]) -> String {
    let count = objects(service, regions).len();
    let objects = if count == 1 { "1 object".to_owned() } else { format!("{count} objects") };
    match with_data(service, regions).as_slice() {
        [] => format!("{objects} deleted, none of them holds data"),
        names => format!(
            "{objects} deleted; {} holds data: its volumes stay behind, where nothing uses them, unless their namespace goes too",
            names.join(", ")
        ),
    }
}

fn loses(
    service: &Service<'_>,
    old: &BTreeSet<&str>,
    new: &BTreeSet<&str>,
    lost: &[&str],
) -> Match {
    let (before, after) = (pods(service.old, old), pods(service.new, new));
    let left = |pods: &[u64]| pods.iter().sum::<u64>() - pods.iter().max().unwrap_or(&0);
    let title = format!("loses {} {}", plural(lost), listed(lost));
    let mut matched = Match::loosens(Code::LOSES_REGION, Severity::Critical, title)
        .detail(format!(
            "regions {} → {}; after the loss of the largest, {} of {} pods → {} of {}",
            old.len(),
            new.len(),
            left(&before),
            before.iter().sum::<u64>(),
            left(&after),
            after.iter().sum::<u64>()
        ))
        .detail(data(service, lost))
        .changed("regions", old.len(), new.len())
        .changed("pods", before.iter().sum::<u64>(), after.iter().sum::<u64>())
        .changed("pods_after_loss_of_largest_region", left(&before), left(&after))
        .objects(objects(service, lost));
    if new.len() == 1 {
        matched = matched.detail("one region is left: nothing can take over from it");
    }
    lost.iter().fold(matched, |matched, region| matched.at(region))
}

fn gains(
    service: &Service<'_>,
    old: &BTreeSet<&str>,
    new: &BTreeSet<&str>,
    gained: &[&str],
) -> Match {
    let there: BTreeSet<&str> = gained.iter().copied().collect();
    let running: u64 = pods(service.new, &there).iter().sum();
    let nothing = if running == 0 { ", in which nothing runs" } else { "" };
    let title = format!("gains {} {}{nothing}", plural(gained), listed(gained));
    let matched = Match::new(Code::GAINS_REGION, Severity::Info, Direction::Tightens, title)
        .detail(format!("regions {} → {}", old.len(), new.len()))
        .detail(match running {
            0 => "it serves nobody until somebody takes over there".to_owned(),
            running => format!("{} run there", super::amount::pods(running)),
        })
        .changed("regions", old.len(), new.len())
        .objects(objects(service, gained));
    gained.iter().fold(matched, |matched, region| matched.at(region))
}

fn swaps(service: &Service<'_>, lost: &[&str], gained: &[&str]) -> Match {
    let data = with_data(service, lost);
    let (severity, line) = match data.as_slice() {
        [] => (Severity::Medium, "it keeps no data of its own".to_owned()),
        names => (
            Severity::Critical,
            format!("{} begins with empty volumes in {}", names.join(", "), listed(gained)),
        ),
    };
    let title = format!("{} for {}: data does not move", listed(gained), listed(lost));
    let matched = Match::neutral(Code::REGION_SWAPPED, severity, title)
        .detail(line)
        .fact("holds_data", !data.is_empty())
        .objects(objects(service, lost))
        .objects(objects(service, gained));
    lost.iter().chain(gained).fold(matched, |matched, region| matched.at(region))
}

fn added(service: &Service<'_>, regions: &BTreeSet<&str>) -> Match {
    let all: Vec<&str> = regions.iter().copied().collect();
    let matched = Match::new(Code::SERVICE_ADDED, Severity::Info, Direction::Tightens, "is new")
        .fact("regions", all.len())
        .objects(objects(service, &all));
    all.iter()
        .filter(|region| !region.is_empty())
        .fold(matched, |matched, region| matched.at(region))
}

fn removed(service: &Service<'_>, regions: &BTreeSet<&str>) -> Match {
    let all: Vec<&str> = regions.iter().copied().collect();
    let pods = pods(service.old, regions).iter().sum::<u64>();
    let matched =
        Match::loosens(Code::SERVICE_REMOVED, Severity::Critical, "goes from every region")
            .detail(data(service, &all))
            .changed("regions", all.len(), 0)
            .changed("pods", pods, 0)
            .objects(objects(service, &all));
    all.iter()
        .filter(|region| !region.is_empty())
        .fold(matched, |matched, region| matched.at(region))
}

/// Whether a region with this role takes traffic.
fn serves(role: &str) -> bool {
    role != "standby"
}

/// Regions that begin or cease to serve.
fn roles(service: &Service<'_>, stay: &[&str]) -> Option<Match> {
    let mut moved = Vec::new();
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for region in stay {
        let old = promise::of(service.old, region)?.role;
        let new = promise::of(service.new, region)?.role;
        before.extend(serves(&old).then_some(*region));
        after.extend(serves(&new).then_some(*region));
        if serves(&old) != serves(&new) {
            moved.push((*region, old, new));
        }
    }
    if before == after {
        return None;
    }
    let all = |regions: &BTreeSet<&str>| listed(&regions.iter().copied().collect::<Vec<_>>());
    let (severity, direction, title) = match before.len().cmp(&after.len()) {
        std::cmp::Ordering::Greater => {
            let title = format!("{} of {} regions serve", after.len(), before.len());
            (Severity::High, Direction::Loosens, title)
        }
        std::cmp::Ordering::Less => {
            let title = format!("{} regions serve, not {}", after.len(), before.len());
            (Severity::Info, Direction::Tightens, title)
        }
        std::cmp::Ordering::Equal => {
            let title = format!("{} serves in place of {}", all(&after), all(&before));
            (Severity::High, Direction::Neutral, title)
        }
    };
    let mut matched = Match::new(Code::REGION_ROLE_CHANGES, severity, direction, title).changed(
        "serving_regions",
        before.len(),
        after.len(),
    );
    for (region, old, new) in &moved {
        matched = matched.at(region).detail(format!("{region}: {old} → {new}"));
    }
    let keep = with_data(service, &moved.iter().map(|(region, ..)| *region).collect::<Vec<_>>());
    if !keep.is_empty() {
        matched = matched
            .detail(format!("{} keeps data, which does not move by itself", keep.join(", ")));
    }
    let places: Vec<&str> = moved.iter().map(|(region, ..)| *region).collect();
    Some(matched.objects(objects(service, &places)))
}

/// Standbys in which nothing runs any more, or something does now.
fn empties<'a>(service: &'a Service<'_>, stay: &'a [&'a str]) -> impl Iterator<Item = Match> + 'a {
    stay.iter().filter_map(|region| {
        let (old, new) = (promise::of(service.old, region)?, promise::of(service.new, region)?);
        if old.role != new.role || (old.replicas == 0) == (new.replicas == 0) {
            return None;
        }
        let (severity, direction, title) = if new.replicas == 0 {
            (Severity::High, Direction::Loosens, "nothing runs in the standby any more")
        } else {
            (Severity::Info, Direction::Tightens, "the standby runs")
        };
        Some(
            Match::new(Code::REGION_ROLE_CHANGES, severity, direction, title)
                .at(region)
                .detail(format!("pods {} → {}", old.replicas, new.replicas))
                .changed("pods", old.replicas, new.replicas)
                .objects(objects(service, &[region])),
        )
    })
}
