//! The finding about a promise that does not hold: the sum, and the smallest change.

use super::cadence::{self, Backups, Cadence, Trouble};
use super::proof::rto::{self, Instead};
use super::proof::{self, Claim, Objective, Proof, Scope, Verdict};
use super::{ServiceInRegion, cron};
use crate::diag::{Code, Diagnostic, Sink};
use crate::model::Region;
use crate::model::{Failover, Mode, Replication};
use crate::quantity::{Bytes, Duration};
use std::sync::Arc;

/// Below this, backups cannot keep up whatever their interval: two of the shortest, and the least
/// time for one.
const FLOOR: Duration = Duration::minutes(15);

/// No data mover copies more MiB than this in a second: it is what a fast disk reads.
const FASTEST: u64 = 1024;

pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>, proof: &Proof) {
    if chosen_badly(sink, here) {
        return;
    }
    if let Some(replication) = &here.service.replication {
        replication_lag(sink, here, replication);
    }
    let overlapping = |backups: &&Backups| backups.trouble == Some(Trouble::OverlapsItself);
    if let Some(backups) = here.backups.as_deref().filter(overlapping) {
        overlaps_itself(sink, here, &backups.first);
        return;
    }
    // The backups are the same whatever was lost: one finding says it.
    let by_backups =
        |claim: &&Claim| claim.objective == Objective::Rpo && claim.scope == Scope::Data;
    if let Some(claim) = proof.broken().find(by_backups) {
        rpo_out_of_reach(sink, here, claim);
    }
    let unbounded = |claim: &&Claim| claim.objective == Objective::Rpo && claim.worst.is_none();
    if let Some(claim) = proof.broken().find(unbounded) {
        lost_with_the_region(sink, here, claim);
    }
    if proof.broken().any(|claim| claim.objective == Objective::Rto) {
        // What others keep from being back, `rests` says.
        let alone = rto::alone(here);
        let late = alone.iter().filter(|claim| claim.verdict() == Verdict::Broken);
        // The loss after which it takes the longest; what keeps that promise may keep the others.
        if let Some(claim) = late.max_by_key(|claim| (claim.worst, std::cmp::Reverse(claim.scope)))
        {
            rto_out_of_reach(sink, here, claim);
        }
    }
}

/// Reports what the spec says about backups and the tier does not allow.
fn chosen_badly(sink: &mut Sink, here: &ServiceInRegion<'_>) -> bool {
    let service = here.service;
    let tier = &service.tier;
    let wrong = |message: String, key, label: &str| {
        let place = service.at(&["backup", key]);
        Diagnostic::new(Code::WRONG_VALUE, message).at(place, label)
    };
    if let Some(keep) = service.backup.keep.filter(|keep| *keep < tier.backup.keep) {
        let message = format!(
            "backups are kept for {keep}, `{}` keeps them for {}",
            tier.name, tier.backup.keep
        );
        sink.error(
            wrong(message, "keep", "shorter than the tier's")
                .help("remove it, or write a longer time"),
        );
    }
    if let Some(recent) = service.backup.recent.filter(|recent| *recent < tier.backup.recent) {
        let message = format!(
            "every backup is kept for {recent}, `{}` keeps each for {}",
            tier.name, tier.backup.recent
        );
        sink.error(
            wrong(message, "recent", "shorter than the tier's")
                .help("remove it, or write a longer time"),
        );
    }
    let Some(every) = service.backup.every else { return false };
    if !cron::INTERVALS.contains(&every) {
        let nearest = compact(cron::nearest(every));
        sink.error(
            wrong(format!("cron cannot say every {every}"), "every", "")
                .note(
                    "it repeats by the hour, the day and the week, so one of the gaps would be another",
                )
                .help(format!("write `every = \"{nearest}\"`")),
        );
        return true;
    }
    if every > tier.backup.every {
        let longest = cron::nearest(tier.backup.every);
        let message =
            format!("backups every {every}, `{}` asks for one every {longest}", tier.name);
        sink.error(
            wrong(message, "every", "longer than the tier's")
                .help(format!("remove it, or write at most `every = \"{}\"`", compact(longest))),
        );
        return true;
    }
    false
}

fn replication_lag(sink: &mut Sink, here: &ServiceInRegion<'_>, replication: &Replication) {
    let service = here.service;
    let finding = match (replication.mode, replication.lag) {
        (Mode::Synchronous, None) => return,
        (Mode::Synchronous, Some(_)) => {
            Diagnostic::new(Code::WRONG_VALUE, "a synchronous replication has no lag")
                .at(service.at(&["data", "replication", "lag"]), "")
                .help("remove it, or write `mode = \"asynchronous\"`")
        }
        (Mode::Asynchronous, None) => Diagnostic::new(Code::MISSING_KEY, "`lag` is missing")
            .at(
                service.at(&["data", "replication", "mode"]),
                "how far behind is the copy at worst?",
            )
            .help("add `lag = \"30s\"`"),
        (Mode::Asynchronous, Some(lag)) if lag == Duration::default() => {
            Diagnostic::new(Code::WRONG_VALUE, "an asynchronous copy is always behind")
                .at(service.at(&["data", "replication", "lag"]), "")
                .help("write how far at worst, or `mode = \"synchronous\"` without a lag")
        }
        (Mode::Asynchronous, Some(lag)) if lag > service.rpo => Diagnostic::new(
            Code::REPLICATION_LAG,
            format!(
                "the copy of `{}` is up to {lag} behind, its RPO is {}",
                service.name, service.rpo
            ),
        )
        .at(service.at(&["data", "replication", "lag"]), "")
        .related(service.at(&["rpo"]), "promised here")
        .help(match service.rpo.as_seconds() {
            0 => "an RPO of 0 needs `mode = \"synchronous\"`".to_owned(),
            _ => format!("bring the lag down to {}, or promise {lag}", service.rpo),
        }),
        (Mode::Asynchronous, Some(_)) => return,
    };
    sink.error(finding);
}

/// One backup would still hold its slot when the next is due.
fn overlaps_itself(sink: &mut Sink, here: &ServiceInRegion<'_>, chosen: &Cadence) {
    let service = here.service;
    let slot = chosen.slot();
    let place = match service.backup.every {
        Some(_) => service.at(&["backup", "every"]),
        None => service.origin(&["volumes"]),
    };
    let help = match cadence::shortest_on_time(here) {
        Some(every) if every <= service.tier.backup.every => {
            format!(
                "backups every {every} leave time for it: write `every = \"{}\"`",
                compact(every)
            )
        }
        _ => {
            let shorter = cadence::snapshot_on_time(here).map_or(String::new(), |snapshot| {
                let (time, region) = (compact(snapshot), &here.region.name);
                format!("; or, if snapshots are that fast, `snapshot = \"{time}\"` in `[regions.{region}.backup]`")
            });
            format!("write `backup = false` for volumes that can be made again{shorter}")
        }
    };
    sink.error(
        Diagnostic::new(
            Code::BACKUP_TOO_LONG,
            format!(
                "a backup of `{}` may take {slot} in `{}`, and is due every {}",
                service.name, here.region.name, chosen.interval
            ),
        )
        .at(place, "")
        .note(format!(
            "hooks and snapshots run one after the other, after ticks and a wait of up to {}; Velero begins no backup while the last one runs",
            chosen.queue
        ))
        .help(help),
    );
}

fn rpo_out_of_reach(sink: &mut Sink, here: &ServiceInRegion<'_>, claim: &Claim) {
    let service = here.service;
    let rpo = service.at(&["rpo"]);
    if service.rpo < FLOOR {
        sink.error(
            Diagnostic::new(
                Code::RPO_NEEDS_REPLICATION,
                format!("no backup keeps an RPO of {} for `{}`", service.rpo, service.name),
            )
            .at(rpo, "promised here")
            .note(format!("two backups every {} and the time for one are more", cron::INTERVALS[0]))
            .help(
                "declare who replicates: `[data.replication]`, `engine = \"external\"`, `mode = …`",
            ),
        );
        return;
    }
    let lost = Duration::seconds(claim.worst.map_or(0, |worst| worst.number));
    let mut finding = Diagnostic::new(
        Code::RPO_OUT_OF_REACH,
        format!("`{}` can lose {lost} of data, its RPO is {}", service.name, service.rpo),
    )
    .at(rpo, "promised here")
    .note(format!("worst case: {}", claim.sum_words()));
    if service.backup.every.is_some() {
        finding = finding.related(service.at(&["backup", "every"]), "chosen here");
        finding = finding.help(match cadence::rarest_that_fits(here) {
            Some(every) => format!(
                "backups every {every} keep it: write `every = \"{}\"`, or leave it out",
                compact(every)
            ),
            None => {
                "no interval keeps it: promise more, or declare `[data.replication]`".to_owned()
            }
        });
    } else {
        finding = finding.help(format!(
            "promise `rpo = \"{}\"`, or declare `[data.replication]`",
            compact(lost)
        ));
    }
    sink.error(finding);
}

/// No backup outlives what it is a backup of.
fn lost_with_the_region(sink: &mut Sink, here: &ServiceInRegion<'_>, claim: &Claim) {
    let (service, region) = (here.service, here.region);
    let path = ["regions", region.name.as_str(), "backup", "locations"];
    sink.error(
        Diagnostic::new(
            Code::RPO_OUT_OF_REACH,
            format!("`{}` loses all its data with `{}`", service.name, region.name),
        )
        .at(service.at(&["rpo"]), "promised here")
        .related(here.fleet.document.key(&path), "the first of these is used")
        .note(claim.formula.to_string())
        .help("put a location first that is stored in another region, or run in this one only"),
    );
}

fn rto_out_of_reach(sink: &mut Sink, here: &ServiceInRegion<'_>, claim: &Claim) {
    let service = here.service;
    let takes = Duration::seconds(claim.worst.map_or(0, |worst| worst.number));
    let mut ways = vec![format!("promise `rto = \"{}\"`", compact(takes))];
    let keeps = |instead: Instead| {
        let claims = rto::alone_if(here, instead);
        claims.iter().all(|claim| claim.verdict() != Verdict::Broken)
    };
    if service.failover != Some(Failover::Automatic)
        && keeps(Instead { automatic: true, ..Instead::default() })
    {
        ways.push("let health checks switch: `[traffic]`, `failover = \"automatic\"`".to_owned());
    }
    if let Some(rate) = throughput_that_keeps(claim, keeps) {
        ways.push(format!(
            "restore faster: `throughput = \"{rate}\"` in {}, once a drill has shown it",
            restored_in(here, rate)
        ));
    }
    let mut finding = Diagnostic::new(
        Code::RTO_OUT_OF_REACH,
        format!(
            "`{}` may take {takes} to be back after {}, its RTO is {}",
            service.name,
            claim.scope.words(),
            service.rto
        ),
    )
    .at(service.at(&["rto"]), "promised here")
    .note(format!("worst case: {}", claim.sum_words()));
    let copied = [rto::step::RESTORE, rto::step::BASE, rto::step::REPLAY];
    for term in claim.terms.iter().filter(|term| copied.contains(&term.name)) {
        if !term.formula.is_empty() {
            finding = finding.note(format!("{}: {}", term.name, term.formula));
        }
    }
    if claim.terms.iter().any(|term| term.source.is_assumed()) {
        finding = finding.note("what is assumed, a drill can measure: `[[measured]]` in the fleet");
    }
    sink.error(finding.help(ways.join("; or ")));
}

/// The regions whose data movers restore too slowly, as keys of the fleet.
fn restored_in(here: &ServiceInRegion<'_>, rate: Bytes) -> String {
    let proof = proof::of(here);
    let late = |claim: &&Claim| claim.term(rto::step::RESTORE).is_some();
    let scopes: Vec<Scope> = proof.broken().filter(late).map(|claim| claim.scope).collect();
    let restores = |region: &&Arc<Region>| match region.name == here.region.name {
        true => scopes.iter().any(|scope| *scope != Scope::Region),
        false => scopes.contains(&Scope::Region),
    };
    let slower = |region: &&Arc<Region>| rto::throughput(region) < rate;
    let regions = here.service.regions.iter().filter(restores).filter(slower);
    let keys: Vec<String> =
        regions.map(|region| format!("`[regions.{}.backup]`", region.name)).collect();
    keys.join(" and ")
}

/// The least throughput with which every RTO is kept, in whole MiB.
fn throughput_that_keeps(claim: &Claim, keeps: impl Fn(Instead) -> bool) -> Option<Bytes> {
    claim.terms.iter().find(|term| term.name == rto::step::RESTORE)?;
    let keeps = |rate: u64| {
        let throughput = Some(Bytes::mebibytes(rate));
        keeps(Instead { throughput, ..Instead::default() })
    };
    let (mut slow, mut fast) = (0, FASTEST);
    if !keeps(fast) {
        return None;
    }
    while fast - slow > 1 {
        let middle = u64::midpoint(slow, fast);
        if keeps(middle) { fast = middle } else { slow = middle }
    }
    Some(Bytes::mebibytes(fast))
}

/// As it is written in a spec.
fn compact(duration: Duration) -> String {
    duration.to_string().replace(' ', "")
}
