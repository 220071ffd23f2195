//! The answer for people.

use super::super::report::{Outcome, Report, Scope};
use super::super::text::{BOLD, DIM, GREEN, PLAIN, RED, columns, wrapped};
use super::super::verdict::count;
use super::spelled;
use super::weak::Weak;
use crate::quantity::Duration;
use std::collections::BTreeMap;

/// How many workloads of one weakness are listed; the JSON has all of them.
const SHOWN: usize = 10;

pub(in super::super) fn shown(report: &Report) -> String {
    let mut text = format!("{}\n", verdict(report));
    if !report.services.is_empty() {
        text.push('\n');
        text.push_str(&table(report));
    }
    text.push_str(&weaknesses(report));
    if !report.unread.is_empty() {
        text.push_str(&format!("\n{BOLD}Not read{PLAIN}\n"));
        for unread in &report.unread {
            text.push_str(&wrapped(&spelled(&format!("{} ({})", unread.why, unread.at))));
        }
    }
    text.push_str(&format!("\n{BOLD}Premises{PLAIN}\n"));
    report.premises.iter().for_each(|premise| text.push_str(&wrapped(&spelled(premise))));
    text
}

fn verdict(report: &Report) -> String {
    let what = report.lost();
    let all = report.services.len();
    let down: Vec<&Outcome> = report.services.iter().filter(|one| one.stay == 0).collect();
    let lasting = down.iter().filter(|one| one.back == 0).count();
    let nothing = "No ledger: nothing is promised here, so no promise breaks.";
    match (all, down.len()) {
        (0, _) => format!(
            "{BOLD}No Deployment, StatefulSet, ReplicaSet or Pod was read: nothing can be said of the loss of {what}.{PLAIN}"
        ),
        (_, 0) => format!(
            "{GREEN}The loss of {what} leaves a replica of each of {}{PLAIN}. {nothing}",
            count(all, "workload")
        ),
        (_, down) => {
            let lasting = match lasting {
                0 => String::new(),
                lasting => format!(", {lasting} of them until somebody acts or it is back"),
            };
            format!(
                "{RED}The loss of {what} takes {down} of {} down{PLAIN}{lasting}. {nothing}",
                count(all, "workload")
            )
        }
    }
}

fn table(report: &Report) -> String {
    let loss = if report.name.is_some() { "loss" } else { "worst loss" };
    let title = ["workload", loss, "left", "then", "at"].map(str::to_owned);
    let mut sorted: Vec<&Outcome> = report.services.iter().collect();
    sorted.sort_by_key(|one| (one.stay.min(1), one.back.min(1), &one.service));
    let rows = sorted.into_iter().map(|outcome| {
        [
            outcome.service.clone(),
            spelled(&outcome.lost.shown()),
            format!("{} of {}", outcome.stay, outcome.replicas),
            then(outcome),
            outcome.at.clone(),
        ]
    });
    columns(&std::iter::once(title).chain(rows).collect::<Vec<_>>())
}

/// What becomes of a workload, in words.
pub(super) fn then(outcome: &Outcome) -> String {
    let within = outcome.within.map(|within| Duration::seconds(within).to_string());
    let lost = outcome.replicas - outcome.stay;
    let mut text = match (outcome.stay, outcome.back, within) {
        (0, 0, _) => "down until it is back".to_owned(),
        (0, back, Some(within)) => format!("down; {back} back within {within}"),
        (_, 0, _) if lost == 0 => "all stay".to_owned(),
        (_, 0, _) => "keeps serving, none back".to_owned(),
        (_, back, Some(within)) => format!("keeps serving; {back} back within {within}"),
        (_, back, None) => format!("{back} back"),
    };
    if outcome.lost.scope == Scope::Region {
        text = match outcome.stay {
            0 => "down until it is replaced".to_owned(),
            _ => "others keep serving".to_owned(),
        };
    }
    for note in &outcome.notes {
        text.push_str(&format!("; {note}"));
    }
    text
}

fn weaknesses(report: &Report) -> String {
    let mut found: BTreeMap<Weak, Vec<(&Outcome, &str)>> = BTreeMap::new();
    for outcome in &report.services {
        for weakness in &outcome.weaknesses {
            found.entry(weakness.kind).or_default().push((outcome, &weakness.text));
        }
    }
    let mut text = String::new();
    for (kind, all) in found {
        text.push_str(&format!("\n{BOLD}{}{PLAIN}: {}\n", kind.title(), count(all.len(), "time")));
        for (outcome, what) in all.iter().take(SHOWN) {
            text.push_str(&wrapped(&format!("{}: {what}", outcome.service)));
            text.push_str(&format!("    {DIM}--> {}{PLAIN}\n", outcome.at));
        }
        if all.len() > SHOWN {
            text.push_str(&format!(
                "  - and {} more (`--format json` has all)\n",
                all.len() - SHOWN
            ));
        }
    }
    text
}
