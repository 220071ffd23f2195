//! Findings where backups may wait for longer than their RPOs count on.

use super::super::Decided;
use super::super::cadence;
use super::server::{Server, servers};
use super::wait::Load;
use super::{Former, wait};
use crate::diag::{Code, Diagnostic, Severity, Sink};
use crate::quantity::Duration;
use rayon::prelude::*;

/// Refuses regions in which some backup may wait for longer than its RPO counts on.
pub(crate) fn check(sink: &mut Sink, decided: &Decided) {
    // A partial sum proves nothing.
    if !decided.is_whole() {
        return;
    }
    let servers = servers(decided, &[]);
    let overloaded = |server: &Server<'_>| {
        let loads = server.loads();
        (!server.holds(&loads, server.slots())).then(|| refusal(decided, server, &loads))
    };
    let found: Vec<Diagnostic> = servers.par_iter().filter_map(overloaded).collect();
    for finding in found {
        sink.error(finding);
    }
}

/// Says of regions whose queue holds only once `former` Schedules are retired.
pub fn check_with_former(sink: &mut Sink, decided: &Decided, former: &[Former]) {
    if former.is_empty() {
        return;
    }
    for server in servers(decided, former) {
        let loads = server.loads();
        if server.entries.iter().all(|entry| !entry.former) || server.holds(&loads, server.slots())
        {
            continue;
        }
        let mut names: Vec<&str> = (server.entries.iter())
            .filter(|entry| entry.former)
            .map(|entry| entry.name.as_str())
            .collect();
        names.dedup();
        let path = ["regions", server.region.name.as_str(), "backup"];
        sink.report(
            Diagnostic::new(
                Code::BACKUP_QUEUE,
                format!(
                    "until they are retired, former Schedules keep the backups of `{}` waiting for longer than their RPOs count on",
                    server.region.name
                ),
            )
            .severity(Severity::Warning)
            .at(decided.fleet().document.key(&path), "")
            .note("a former Schedule runs beside its successor, and both are counted")
            .help(format!("`ninefold retire {}` once the new ones have run", names.join(" "))),
        );
    }
}

fn refusal(decided: &Decided, server: &Server<'_>, loads: &[Load]) -> Diagnostic {
    let region = server.region;
    let slots = server.slots();
    let document = &decided.fleet().document;
    let path = |key| ["regions", region.name.as_str(), "backup", key];
    let place = match region.backups.concurrency {
        Some(_) => document.at(&path("concurrency")),
        None => document.key(&path("concurrency")[..3]),
    };
    let use_of_all = wait::utilisation(loads, slots as usize);
    let mut finding = Diagnostic::new(
        Code::BACKUP_QUEUE,
        format!("backups of `{}` may wait for longer than their RPOs count on", region.name),
    )
    .at(
        place,
        format!(
            "{slots} at a time{}",
            if region.backups.concurrency.is_some() { "" } else { " (Velero's default)" }
        ),
    );
    if region.backups.queue.is_some() {
        finding = finding.related(document.at(&path("queue")), "every RPO counts on this");
    }
    let share = |index: &usize| {
        let entry = &server.entries[*index];
        let slot = Duration::seconds(entry.load.slot);
        format!("`{}` {slot} every {}", entry.name, entry.interval)
    };
    let order = server.by_use();
    let shown: Vec<String> = order.iter().take(4).map(share).collect();
    let more = match order.len().saturating_sub(4) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    finding = finding
        .note(format!("what holds a slot the longest: {}{more}", shown.join(", ")))
        .note(format!(
            "together they may take {} of the time that {slots} at a time have",
            percent(use_of_all)
        ));
    let mut ways = Vec::new();
    if let Some(needed) = server.slots_needed(loads) {
        ways.push(format!(
            "`concurrency = {needed}`, which Velero is told by `--concurrent-backups`"
        ));
    }
    if let Some((entry, every)) = server.rarer(loads) {
        let here = entry.of.as_ref().expect("only current ones are asked");
        let rpo = cadence::min_rpo(here, every).to_string().replace(' ', "");
        ways.push(format!(
            "promise `rpo = \"{rpo}\"` for `{}`, so that a backup every {every} is enough",
            here.service.name
        ));
    }
    if ways.is_empty() {
        ways.push(
            "no number of slots is enough: give services that share a namespace one of their own, or allow a longer `queue`"
                .to_owned(),
        );
    }
    finding.help(ways.join("; or "))
}

fn percent(millionths: u64) -> String {
    format!("{}%", millionths.div_ceil(10_000))
}
