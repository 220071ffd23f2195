//! How much data a loss costs, how long it takes to get back, and promises that get better.

use super::promise::{self, Promise};
use super::{Hit, Service, regions};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::spec::quantity::Duration;

pub(super) fn check(service: &Service<'_>) -> Vec<Hit> {
    let (old, new) = (regions::of(service.old), regions::of(service.new));
    let mut hits = Vec::new();
    for region in old.intersection(&new) {
        let then = promise::of(service.old, region);
        let now = promise::of(service.new, region);
        let Some((then, now)) = then.zip(now) else { continue };
        let objects = there(service, region);
        let rpo = Objective {
            rule: Code::RPO_LOOSENED,
            word: "RPO",
            worst: (then.rpo, now.rpo),
            promised: (then.rpo_promised, now.rpo_promised),
        };
        let rto = Objective {
            rule: Code::RTO_LOOSENED,
            word: "RTO",
            worst: (then.rto, now.rto),
            promised: (then.rto_promised, now.rto_promised),
        };
        let loses = rpo.looser().map(|hit| terms(&then, &now).into_iter().fold(hit, Hit::detail));
        let found = [loses, rto.looser(), better(&then, &now, &[rpo, rto])];
        let place = |hit: Hit| hit.at(region).objects(objects.iter().copied());
        hits.extend(found.into_iter().flatten().map(place));
    }
    hits
}

/// What a change of a promise follows from: everything that differs in the region.
fn there(service: &Service<'_>, region: &str) -> Vec<usize> {
    let here = service.changed.iter().filter(|changed| {
        let item = changed.new.or(changed.old);
        item.is_some_and(|item| item.identity.region == region)
    });
    here.map(|changed| changed.number).collect()
}

/// A promise about time, before and after.
struct Objective {
    rule: Code,
    word: &'static str,
    /// What is proven.
    worst: (Option<Duration>, Option<Duration>),
    /// What the spec says.
    promised: (Option<Duration>, Option<Duration>),
}

/// Both durations, when there are two and they differ.
fn differ((old, new): (Option<Duration>, Option<Duration>)) -> Option<(Duration, Duration)> {
    old.zip(new).filter(|(old, new)| old != new)
}

fn grows(pair: (Option<Duration>, Option<Duration>)) -> bool {
    differ(pair).is_some_and(|(old, new)| new > old)
}

fn falls(pair: (Option<Duration>, Option<Duration>)) -> bool {
    differ(pair).is_some_and(|(old, new)| new < old)
}

impl Objective {
    fn looser(&self) -> Option<Hit> {
        let word = self.word;
        if !grows(self.worst) && !grows(self.promised) {
            return None;
        }
        let beyond = self.worst.1.zip(self.promised.1).is_some_and(|(worst, told)| worst > told);
        let severity = if beyond { Severity::Critical } else { Severity::High };
        let title = match differ(self.worst).filter(|(old, new)| new > old) {
            Some((old, new)) => format!("{word} at worst {old} → {new}"),
            None => match differ(self.promised) {
                Some((old, new)) => format!("{word} promised {old} → {new}"),
                None => return None,
            },
        };
        Some(self.said(Hit::loosens(self.rule, severity, title)))
    }

    /// The numbers of both.
    fn said(&self, mut hit: Hit) -> Hit {
        let word = self.word;
        if let Some((old, new)) = differ(self.worst) {
            hit = hit.detail(format!("{word} at worst {old} → {new}")).changed(
                "worst_seconds",
                old.as_seconds(),
                new.as_seconds(),
            );
        }
        if let Some((old, new)) = differ(self.promised) {
            hit = hit.detail(format!("{word} promised {old} → {new}")).changed(
                "promised_seconds",
                old.as_seconds(),
                new.as_seconds(),
            );
        }
        hit
    }
}

/// The terms of the worst-case loss that differ: `gap 15m → 1h`.
fn terms(old: &Promise, new: &Promise) -> Vec<String> {
    let differ = new.rpo_terms.iter().filter_map(|(name, now)| {
        let (_, then) = old.rpo_terms.iter().find(|(other, _)| other == name)?;
        let shown = |value: &u64| match name.as_str() {
            "gaps" => value.to_string(),
            _ => Duration::seconds(*value).to_string(),
        };
        (then != now).then(|| format!("{name} {} → {}", shown(then), shown(now)))
    });
    differ.collect()
}

/// What is promised or kept better than before.
fn better(old: &Promise, new: &Promise, times: &[Objective]) -> Option<Hit> {
    let mut lines = Vec::new();
    // Of a region that begins or ceases to serve, that is what there is to say.
    if new.survivors > old.survivors && new.role == old.role && old.replicas > 0 {
        lines.push(format!(
            "survivors of a zone loss {} of {} → {} of {}",
            old.survivors, old.replicas, new.survivors, new.replicas
        ));
    }
    for time in times {
        for (what, pair) in [("at worst", time.worst), ("promised", time.promised)] {
            if let Some((then, now)) = differ(pair).filter(|_| falls(pair)) {
                lines.push(format!("{} {what} {then} → {now}", time.word));
            }
        }
    }
    let first = lines.first()?.clone();
    let title = match lines.len() {
        1 => first,
        more => format!("{first}; and {} more", more - 1),
    };
    let hit = Hit::new(Code::PROMISE_TIGHTER, Severity::Info, Direction::Tightens, title).changed(
        "survivors",
        old.survivors,
        new.survivors,
    );
    Some(lines.into_iter().fold(hit, Hit::detail))
}
