//! How many Backups a server holds, and lists each time that it looks what is in its locations.
//!
//! Velero has one object for each backup in a location, those too that it only reads for another
//! region, and compares all of them with the location every minute (velero
//! `pkg/controller/backup_sync_controller.go`). So their number is bounded, as the queue is.

use super::super::retention::COLLECTION;
use super::super::schedules;
use super::super::{Decided, locations, shared};
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::kube::RegionName;
use crate::model::Region;
use crate::quantity::Duration;
use std::collections::BTreeMap;

/// What a server is assumed to hold: some 4 KiB each, that is 80 MiB of the 2 GiB of etcd, and 20 pages
/// of a bucket's list a minute for each location (velero#2701 tells of an etcd that was full).
const ASSUMED: u64 = 20_000;

/// The Backups of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its region.
    pub region: RegionName,
    /// Those that it makes.
    pub made: u64,
    /// Those that it reads for other regions.
    pub read: u64,
    /// How many there may be.
    pub most: u64,
    /// Whether the fleet says so.
    pub declared: bool,
    /// Those of each Schedule that writes there, by its logical name.
    pub schedules: BTreeMap<String, u64>,
}

impl Held {
    /// All that it lists.
    pub fn listed(&self) -> u64 {
        self.made + self.read
    }
}

/// A Schedule, as far as its Backups go.
struct Kept<'a> {
    writer: &'a RegionName,
    host: &'a RegionName,
    location: &'a str,
    name: String,
    interval: Duration,
    keep: Duration,
    /// The tier whose `recent` says how long.
    thinned_by: Option<&'a str>,
}

impl Kept<'_> {
    fn count(&self) -> u64 {
        count(self.keep, self.interval)
    }
}

/// How many Backups there are at most of what is made every `interval` and kept for so long: each goes
/// within an hour after its end.
fn count(keep: Duration, interval: Duration) -> u64 {
    let lives = keep + COLLECTION;
    lives.as_seconds().div_ceil(interval.as_seconds().max(1))
}

/// The servers of the fleet, in the order of their regions.
pub fn of(decided: &Decided) -> Vec<Held> {
    held(decided, &kept(decided))
}

fn kept(decided: &Decided) -> Vec<Kept<'_>> {
    let mut all = Vec::new();
    for service in decided.services() {
        for here in decided.places(service).filter(|here| here.backups.is_some()) {
            let tier = service.backup.recent.is_none().then_some(service.tier.name.as_str());
            for one in schedules::of(&here) {
                let keep = one.keep(&here).value;
                all.push(Kept {
                    writer: &here.region.name,
                    host: &here.region.host,
                    location: &one.location.name,
                    interval: one.cadence.interval,
                    keep,
                    thinned_by: tier.filter(|_| one.thins_out()),
                    name: one.name,
                });
            }
        }
    }
    all.extend(shared::of(decided).into_iter().map(|one| Kept {
        writer: &one.region.name,
        host: &one.region.host,
        location: &one.location.name,
        interval: one.cadence.interval,
        keep: one.keep(),
        thinned_by: None,
        name: one.name,
    }));
    all
}

fn held(decided: &Decided, kept: &[Kept<'_>]) -> Vec<Held> {
    let fleet = decided.fleet();
    let mut held: BTreeMap<&RegionName, Held> = BTreeMap::new();
    let server = |region: &Region| Held {
        region: region.name.clone(),
        made: 0,
        read: 0,
        most: region.backups.max.unwrap_or(ASSUMED),
        declared: region.backups.max.is_some(),
        schedules: BTreeMap::new(),
    };
    for one in kept {
        let host = held.entry(one.host).or_insert_with(|| server(&fleet.regions[one.host]));
        host.made += one.count();
        host.schedules.insert(one.name.clone(), one.count());
    }
    for twin in &locations::twins(decided) {
        let host = &fleet.regions[&twin.reader].host;
        let written = |one: &&Kept<'_>| *one.writer == twin.writer && one.location == twin.location;
        let read: u64 = kept.iter().filter(written).map(Kept::count).sum();
        held.entry(host).or_insert_with(|| server(&fleet.regions[host])).read += read;
    }
    held.into_values().collect()
}

/// Says where a server would hold more than it may; where nobody declared how many these are, it is a
/// warning.
pub(crate) fn check(sink: &mut Sink, decided: &Decided) {
    if !decided.is_whole() {
        return;
    }
    let kept = kept(decided);
    for held in held(decided, &kept) {
        if held.listed() > held.most {
            sink.report(too_many(decided, &kept, &held));
        }
    }
}

fn too_many(decided: &Decided, kept: &[Kept<'_>], held: &Held) -> Diagnostic {
    let document = &decided.fleet().document;
    let path = ["regions", held.region.as_str(), "backup", "max_backups"];
    let (place, label) = match held.declared {
        true => (document.at(&path), "declared here"),
        false => (document.key(&path[..3]), "assumed, as `max_backups` is not declared"),
    };
    let mut largest: Vec<(&String, &u64)> = held.schedules.iter().collect();
    largest.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
    let shown: Vec<String> =
        largest.iter().take(4).map(|(name, count)| format!("`{name}` {count}")).collect();
    let more = match largest.len().saturating_sub(4) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let mut ways = vec![format!(
        "`max_backups = {}`, when the server and its etcd are known to bear them",
        held.listed()
    )];
    ways.extend(sooner(kept, held));
    Diagnostic::new(
        Code::BACKUPS_TOO_MANY,
        format!(
            "Velero in `{}` would hold {} Backups, {} are the most",
            held.region,
            held.listed(),
            held.most
        ),
    )
    .severity(if held.declared { Severity::Error } else { Severity::Warning })
    .at(place, label)
    .note(format!(
        "{} that it makes + {} that it reads for other regions = {}; it lists all of them every minute",
        held.made,
        held.read,
        held.listed()
    ))
    .note(format!("the most are of {}{more}", shown.join(", ")))
    .help(ways.join("; or "))
}

/// The tier with the most Backups that go while one of each day stays, and for how many hours at most
/// it could keep them.
fn sooner(kept: &[Kept<'_>], held: &Held) -> Option<String> {
    let here = || kept.iter().filter(|one| held.schedules.contains_key(&one.name));
    let mut tiers: BTreeMap<&str, u64> = BTreeMap::new();
    for one in here() {
        if let Some(tier) = one.thinned_by {
            *tiers.entry(tier).or_default() += one.count();
        }
    }
    let (tier, _) =
        tiers.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name)))?;
    let of_tier: Vec<&Kept<'_>> = here().filter(|one| one.thinned_by == Some(tier)).collect();
    let now: u64 = of_tier.iter().map(|one| one.count()).sum();
    let too_many = held.listed() - held.most;
    let longest = of_tier.iter().map(|one| one.keep).max()?.as_seconds() / 3600;
    // Two backups at least, or the next one may be too late.
    let shortest = of_tier.iter().map(|one| one.interval * 3).max()?.as_seconds().div_ceil(3600);
    let fits = |hours: &u64| {
        let keep = Duration::minutes(hours * 60);
        let then: u64 = of_tier.iter().map(|one| count(one.keep.min(keep), one.interval)).sum();
        then + too_many <= now
    };
    let hours = (shortest..longest).rev().find(fits)?;
    Some(format!(
        "`recent = \"{hours}h\"` under `[tiers.{tier}.backup]`, so that every backup is kept for less long"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_counts_until_the_server_has_deleted_it() {
        let hours = |hours: u64| Duration::minutes(hours * 60);
        assert_eq!(count(hours(48), hours(1)), 49);
        assert_eq!(count(hours(30 * 24), hours(24)), 31);
        assert_eq!(count(hours(48), Duration::minutes(15)), 196);
    }
}
