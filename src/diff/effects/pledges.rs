//! What a service is pledged to that no object shows: where its data may be, who judges it after a
//! restore, for how much of the year it serves, how soon it can lose another zone.

use super::{Match, Service, promise, regions};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::quantity::Duration;
use std::collections::BTreeSet;

pub(super) fn check(service: &Service<'_>) -> Vec<Match> {
    let (old, new) = (regions::of(service.old), regions::of(service.new));
    let mut matches = Vec::new();
    for region in old.intersection(&new) {
        let then = promise::of(service.old, region);
        let now = promise::of(service.new, region);
        let Some((then, now)) = then.zip(now) else { continue };
        let found = [
            residency(&then, &now),
            verify(&then, &now),
            availability(&then, &now),
            next_loss(&then, &now),
        ];
        let objects = regions::objects(service, &[region]);
        let told = found.into_iter().flatten();
        matches.extend(told.map(|matched| matched.at(region).objects(objects.iter().copied())));
    }
    matches
}

fn residency(then: &promise::Promise, now: &promise::Promise) -> Option<Match> {
    // Ledgers that were written before they told say nothing of it.
    let (then, now) = (then.residency.as_ref()?, now.residency.as_ref()?);
    if then == now {
        return None;
    }
    let shown = |set: &BTreeSet<String>| match set.is_empty() {
        true => "anywhere".to_owned(),
        false => set.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    };
    let (before, after) = (shown(then), shown(now));
    let more = !then.is_empty() && (now.is_empty() || !now.is_subset(then));
    let (severity, direction, title) = match more {
        true => (
            Severity::High,
            Direction::Loosens,
            format!("data may be in {after}, not only in {before}"),
        ),
        false => (Severity::Info, Direction::Tightens, format!("data may be in {after} only")),
    };
    let matched = Match::new(Code::RESIDENCY_LOOSENED, severity, direction, title).changed(
        "residency",
        before,
        after,
    );
    Some(match more {
        true => matched
            .detail("nothing moves at once; from now on no build refuses what takes it there"),
        false => matched,
    })
}

fn verify(then: &promise::Promise, now: &promise::Promise) -> Option<Match> {
    let shown = |command: &[String]| command.join(" ");
    match (then.verify.as_ref()?.as_slice(), now.verify.as_ref()?.as_slice()) {
        (before, after) if before == after => None,
        (before, []) => Some(
            Match::loosens(
                Code::VERIFY_CHANGES,
                Severity::Medium,
                "nothing judges restored data any more",
            )
            .detail("a drill sees that pods are ready, and not that the data is whole")
            .changed("verify", shown(before), None::<String>),
        ),
        ([], after) => Some(
            Match::new(
                Code::VERIFY_CHANGES,
                Severity::Info,
                Direction::Tightens,
                "restored data is judged",
            )
            .changed("verify", None::<String>, shown(after)),
        ),
        (before, after) => Some(
            Match::neutral(
                Code::VERIFY_CHANGES,
                Severity::Low,
                "restored data is checked differently",
            )
            .detail(format!("{} → {}", shown(before), shown(after)))
            .changed("verify", shown(before), shown(after)),
        ),
    }
}

/// Percent of the year, from millionths: `99.95 %`.
fn percent(millionths: u64) -> String {
    let text = format!("{}.{:04}", millionths / 10_000, millionths % 10_000);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn availability(then: &promise::Promise, now: &promise::Promise) -> Option<Match> {
    let promised = then.availability.iter().filter_map(|(scope, before)| {
        let after = now.availability.get(scope)?;
        Some((scope, before.promised?, after.promised.unwrap_or(0)))
    });
    let less = promised
        .filter(|(_, before, after)| after < before)
        .max_by_key(|(_, before, after)| before - after);
    if let Some((_, before, after)) = less {
        let title = format!("promised for {} of the year, not {}", percent(after), percent(before));
        return Some(Match::loosens(Code::AVAILABILITY_LOOSENED, Severity::High, title).changed(
            "millionths",
            before,
            after,
        ));
    }
    let expected = then.availability.iter().filter_map(|(scope, before)| {
        let after = now.availability.get(scope)?;
        Some((scope, before.worst?, after.worst.unwrap_or(0), after.promised))
    });
    let (scope, before, after, promised) = expected
        .filter(|(_, before, after, _)| after < before)
        .max_by_key(|(_, before, after, _)| before - after)?;
    let below = promised.is_some_and(|promised| after < promised);
    let severity = if below { Severity::High } else { Severity::Low };
    let title =
        format!("expected to serve {} of the year, not {}", percent(after), percent(before));
    Some(
        Match::loosens(Code::AVAILABILITY_LOOSENED, severity, title)
            .detail(format!("losses up to that of a {scope} counted"))
            .changed("millionths", before, after),
    )
}

fn next_loss(then: &promise::Promise, now: &promise::Promise) -> Option<Match> {
    let (before, after) = (then.next_loss, now.next_loss);
    let tightens =
        |title| Match::new(Code::NEXT_LOSS_LATER, Severity::Info, Direction::Tightens, title);
    let matched = match (before, after) {
        (None, None) => return None,
        (Some(before), Some(after)) if before == after => return None,
        (None, Some(after)) => tightens(format!("can lose another zone {after} after one is back")),
        (Some(before), Some(after)) if after < before => {
            tightens(format!("can lose another zone sooner, {before} → {after}"))
        }
        (Some(before), Some(after)) => Match::loosens(
            Code::NEXT_LOSS_LATER,
            Severity::Low,
            format!("can lose another zone later, {before} → {after} after one is back"),
        ),
        (Some(_), None) => Match::loosens(
            Code::NEXT_LOSS_LATER,
            Severity::Medium,
            "only the first loss of a zone is borne: nothing evens out the replicas any more",
        )
        .detail("once a zone is back, replicas stay where they went until a rollout"),
    };
    let shown = |time: Option<Duration>| time.map(|time| time.to_string());
    Some(matched.changed("next_loss", shown(before), shown(after)))
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn shares_are_told_in_percent() {
        assert_eq!(percent(999_500), "99.95 %");
        assert_eq!(percent(990_000), "99 %");
        assert_eq!(percent(999_982), "99.9982 %");
    }
}
