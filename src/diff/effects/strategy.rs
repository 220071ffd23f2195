//! How a service gets back after the loss of a region.

use super::{Match, Service, promise, regions};
use crate::diag::Code;
use crate::diff::report::{Direction, Severity};
use crate::model::Strategy;

/// Adds that the strategy changed: to `told`, what is said of the roles of regions, as they follow
/// from it; by itself where no role changes.
pub(super) fn told(service: &Service<'_>, stay: &[&str], told: Vec<Match>) -> Vec<Match> {
    let Some((old, new)) = changed(service, stay) else { return told };
    let title = format!("recovery: {} → {}", old.word(), new.word());
    if told.is_empty() {
        return vec![alone(service, stay, title, (old, new))];
    }
    let with_it = |matched: Match| {
        matched.detail(&*title).detail(follows(new)).changed("strategy", old.word(), new.word())
    };
    told.into_iter().map(with_it).collect()
}

/// The strategy before and after, where it is another and both sides tell it.
fn changed(service: &Service<'_>, stay: &[&str]) -> Option<(Strategy, Strategy)> {
    stay.iter().find_map(|region| {
        let old = promise::of(service.old, region)?.strategy?;
        let new = promise::of(service.new, region)?.strategy?;
        (old != new).then_some((old, new))
    })
}

fn alone(
    service: &Service<'_>,
    stay: &[&str],
    title: String,
    (old, new): (Strategy, Strategy),
) -> Match {
    let (severity, direction) = match new < old {
        true => (Severity::High, Direction::Loosens),
        false => (Severity::Info, Direction::Tightens),
    };
    let objects = regions::objects(service, stay);
    let mut matched = Match::new(Code::STRATEGY_CHANGES, severity, direction, title)
        .detail(follows(new))
        .changed("strategy", old.word(), new.word());
    if objects.is_empty() {
        matched = matched
            .detail("no object differs: what changes is how people act, and what is allowed");
    }
    stay.iter().fold(matched.objects(objects), |matched, region| matched.at(region))
}

fn follows(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::BackupAndRestore => "the other regions get the data back from a backup",
        Strategy::PilotLight => {
            "nothing runs in the other regions; the data stands by where something replicates it"
        }
        Strategy::WarmStandby => "the other regions run with fewer replicas, and no volumes",
        Strategy::ActiveActive => "every region serves, and carries what another one loses",
    }
}
