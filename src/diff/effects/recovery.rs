//! How much data a loss costs, how long it takes to get back, and promises that get better.

use super::promise::{self, Objective, Promise, Time};
use super::{Match, Service, regions};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::quantity::Duration;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let (old, new) = (regions::of(service.old), regions::of(service.new));
    let mut matches = Vec::new();
    for region in old.intersection(&new) {
        let then = promise::of(service.old, region);
        let now = promise::of(service.new, region);
        let Some((then, now)) = then.zip(now) else { continue };
        let looser = Objective::ALL.iter().filter_map(|objective| looser(*objective, &then, &now));
        let found = looser.chain(better(&then, &now));
        let objects = there(service, region);
        matches.extend(found.map(|matched| matched.at(region).objects(objects.iter().copied())));
    }
    matches
}

/// What a change of a promise follows from: everything that differs in the region.
fn there(service: &Service<'_>, region: &str) -> Vec<usize> {
    let here = service.changed.iter().filter(|changed| {
        let item = changed.new.or(changed.old);
        item.is_some_and(|item| item.identity.region == region)
    });
    here.map(|changed| changed.number).collect()
}

/// The same claim before and after.
fn pairs<'a>(
    objective: Objective,
    old: &'a Promise,
    new: &'a Promise,
) -> impl Iterator<Item = (&'a Time, &'a Time)> {
    let of = move |time: &&Time| time.objective == objective;
    new.times.iter().filter(of).filter_map(move |now| {
        let then =
            old.times.iter().find(|then| then.objective == objective && then.scope == now.scope)?;
        Some((then, now))
    })
}

/// A bound and another one: whether the second allows more. No bound allows everything.
fn allows_more(old: Option<Duration>, new: Option<Duration>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => new > old,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn shown(bound: Option<Duration>) -> String {
    bound.map_or_else(|| "without bound".to_owned(), |bound| bound.to_string())
}

/// `RPO after the loss of a region, at worst 57m → 3h 27m`
fn worst(then: &Time, now: &Time) -> String {
    let after = match now.scope.as_str() {
        "" => String::new(),
        "data" => " after data is destroyed,".to_owned(),
        scope => format!(" after the loss of a {scope},"),
    };
    let word = now.objective.word();
    format!("{word}{after} at worst {} → {}", shown(then.worst), shown(now.worst))
}

fn promised(then: &Time, now: &Time) -> String {
    let word = now.objective.word();
    format!("{word} promised {} → {}", shown(then.promised), shown(now.promised))
}

fn looser(objective: Objective, old: &Promise, new: &Promise) -> Option<Match> {
    let pairs: Vec<(&Time, &Time)> = pairs(objective, old, new).collect();
    // Without a promise there was none to loosen.
    let weaker =
        pairs.iter().find(|(then, now)| then.promised.is_some() && now.promised > then.promised);
    let slower: Vec<&(&Time, &Time)> =
        pairs.iter().filter(|(then, now)| allows_more(then.worst, now.worst)).collect();
    let widest = slower.iter().max_by_key(|(_, now)| (now.worst.is_none(), now.worst));
    let title = match (widest, weaker) {
        (Some((then, now)), _) => worst(then, now),
        (None, Some((then, now))) => promised(then, now),
        (None, None) => return None,
    };
    let beyond = slower.iter().any(|(_, now)| {
        now.promised.is_some_and(|promised| now.worst.is_none_or(|worst| worst > promised))
    });
    let (rule, within) = match objective {
        Objective::Rpo => (Code::RPO_LOOSENED, Severity::High),
        Objective::Rto => (Code::RTO_LOOSENED, Severity::Medium),
    };
    let severity = match (beyond, weaker) {
        (true, _) => Severity::Critical,
        (false, Some(_)) => Severity::High,
        (false, None) => within,
    };
    let mut matched = Match::loosens(rule, severity, title);
    for (then, now) in &slower {
        matched = matched.detail(worst(then, now)).changed(
            "worst_seconds",
            then.worst.map(Duration::as_seconds),
            now.worst.map(Duration::as_seconds),
        );
    }
    if let Some((then, now)) = weaker {
        matched = matched.detail(promised(then, now)).changed(
            "promised_seconds",
            then.promised.map(Duration::as_seconds),
            now.promised.map(Duration::as_seconds),
        );
    }
    if let Some((then, now)) = widest {
        matched = terms(then, now).into_iter().fold(matched, Match::detail);
    }
    Some(matched)
}

/// The terms of the worst case that differ: `gap 15m → 1h`.
fn terms(old: &Time, new: &Time) -> Vec<String> {
    let differ = new.terms.iter().filter_map(|(name, now)| {
        let (_, then) = old.terms.iter().find(|(other, _)| other == name)?;
        let of = |seconds: &u64| Duration::seconds(*seconds);
        (then != now).then(|| format!("{name} {} → {}", of(then), of(now)))
    });
    differ.collect()
}

/// What is promised or kept better than before.
fn better(old: &Promise, new: &Promise) -> Option<Match> {
    let mut lines = Vec::new();
    // Of a region that begins or ceases to serve, that is what there is to say.
    if new.survivors > old.survivors && new.role == old.role && old.replicas > 0 {
        lines.push(format!(
            "survivors of a zone loss {} of {} → {} of {}",
            old.survivors, old.replicas, new.survivors, new.replicas
        ));
    }
    for objective in Objective::ALL {
        let pairs: Vec<(&Time, &Time)> = pairs(objective, old, new).collect();
        let faster = pairs.iter().filter(|(then, now)| allows_more(now.worst, then.worst));
        lines.extend(faster.map(|(then, now)| worst(then, now)));
        let stronger =
            pairs.iter().find(|(then, now)| now.promised.is_some() && now.promised < then.promised);
        lines.extend(stronger.map(|(then, now)| promised(then, now)));
    }
    let title = match lines.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first}; and {} more", rest.len()),
    };
    let matched = Match::new(Code::PROMISE_TIGHTER, Severity::Info, Direction::Tightens, title)
        .changed("survivors", old.survivors, new.survivors);
    Some(matched.details(lines))
}
