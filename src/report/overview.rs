//! The first screen: the fleet in a line, and what is at risk.

use super::cell::{Cell, State};
use super::lists::{Accepted, Drill, Finding, Generation};
use super::map::Region;
use super::promises::Service;
use crate::Fleet;
use schemars::JsonSchema;
use serde::Serialize;

/// What the page shows further down.
pub(super) struct Shown<'a> {
    pub(super) services: &'a [Service],
    pub(super) regions: &'a [Region],
    pub(super) drills: &'a [Drill],
    pub(super) generations: &'a [Generation],
    pub(super) accepted: &'a [Accepted],
    pub(super) findings: &'a [Finding],
}

/// The first screen.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Overview {
    /// `12 services in 3 regions`
    fleet: String,
    /// The day of the inventory.
    inventory: String,
    /// Promises that are kept.
    kept: usize,
    /// All promises.
    promised: usize,
    /// Whether all of them are.
    state: State,
    /// What to look at first, the worst at the top.
    risks: Vec<Risk>,
}

/// Something that is at risk.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Risk {
    /// How bad it is.
    state: State,
    #[schemars(skip)]
    symbol: &'static str,
    /// In a sentence.
    text: String,
    /// The part of the page that shows it.
    #[schemars(skip)]
    link: String,
}

/// A promise with little left.
struct Near<'a> {
    service: &'a str,
    regions: String,
    /// The losses at which it is the same.
    losses: Vec<&'static str>,
    cell: &'a Cell,
}

/// Promises that are named because little of them is left.
const NAMED: usize = 4;

/// Broken promises that are named; the rest is in the grid.
const BROKEN: usize = 12;

/// What the first screen shows.
pub(super) fn of(fleet: &Fleet, shown: &Shown<'_>) -> Overview {
    let cells = || all(shown).map(|near| near.cell);
    let promised = cells().filter(|cell| cell.state != State::Open).count();
    let broken = cells().filter(|cell| cell.state == State::Broken).count();
    Overview {
        fleet: format!(
            "{} in {}",
            count(shown.services.len(), "service"),
            count(shown.regions.len(), "region")
        ),
        inventory: fleet.model().fleet().inventory.to_string(),
        kept: promised - broken,
        promised,
        state: if broken > 0 { State::Broken } else { State::Kept },
        risks: risks(shown),
    }
}

fn all<'a>(shown: &'a Shown<'_>) -> impl Iterator<Item = Near<'a>> {
    let of_service = |service: &'a Service| {
        service.rows.iter().flat_map(move |row| {
            row.losses.iter().flat_map(move |loss| {
                loss.cells.iter().map(move |cell| Near {
                    service: service.name.as_str(),
                    regions: row.regions.join(", "),
                    losses: vec![loss.words],
                    cell,
                })
            })
        })
    };
    shown.services.iter().flat_map(of_service)
}

fn risks(shown: &Shown<'_>) -> Vec<Risk> {
    let mut risks = Vec::new();
    let errors = shown.findings.iter().filter(|finding| finding.severity == "error").count();
    if errors > 0 {
        let text = format!("{}: the specs do not compile as they are", count(errors, "error"));
        risks.push(risk(State::Broken, text, "#findings"));
    }
    promises(shown, &mut risks);
    let overdue = shown.drills.iter().filter(|drill| drill.overdue).count();
    let never = shown.drills.iter().filter(|drill| drill.never).count();
    if overdue > 0 {
        risks.push(risk(State::Near, format!("{} overdue", count(overdue, "drill")), "#drills"));
    } else if never > 0 {
        let text = format!("{} of {} never done", never, count(shown.drills.len(), "drill"));
        risks.push(risk(State::Near, text, "#drills"));
    }
    risks.extend(least_room(shown));
    let all: usize = shown.findings.iter().map(|finding| 1 + finding.more).sum();
    let warnings = all - errors;
    if warnings > 0 {
        risks.push(risk(State::Near, count(warnings, "warning"), "#findings"));
    }
    if !shown.generations.is_empty() {
        let kept = count(shown.generations.len(), "former generation");
        let text = format!("{kept} kept beside the current ones, until somebody retires them");
        risks.push(risk(State::Open, text, "#generations"));
    }
    if let Some(first) = shown.accepted.first() {
        let text = format!(
            "{} accepted; the first until {}: {} of {}",
            count(shown.accepted.len(), "finding"),
            first.until,
            first.rule,
            first.service
        );
        risks.push(risk(State::Open, text, "#accepted"));
    }
    risks
}

/// What is broken, all of it; then what has the least left.
fn promises(shown: &Shown<'_>, risks: &mut Vec<Risk>) {
    let mut near: Vec<Near<'_>> =
        all(shown).filter(|near| matches!(near.cell.state, State::Near | State::Broken)).collect();
    near.sort_by_key(|near| std::cmp::Reverse((near.cell.state, near.cell.used)));
    near.dedup_by(|one, first| {
        let what = |near: &Near<'_>| {
            let cell = near.cell;
            (cell.objective, cell.worst.clone(), cell.promised.clone(), near.regions.clone())
        };
        let same = one.service == first.service && what(one) == what(first);
        if same {
            first.losses.append(&mut one.losses);
        }
        same
    });
    let broken = near.iter().filter(|near| near.cell.state == State::Broken).count();
    let named = broken.clamp(NAMED, BROKEN).min(near.len());
    for near in &near[..named] {
        risks.push(risk(near.cell.state, at_risk(near), &format!("#service-{}", near.service)));
    }
    let more = broken.saturating_sub(named);
    if more > 0 {
        let text = format!("{} broken", count(more, "more promise"));
        risks.push(risk(State::Broken, text, "#promises"));
    }
    let more = near.len() - named - more;
    if more > 0 {
        let text = format!("{} with less than a quarter left", count(more, "more promise"));
        risks.push(risk(State::Near, text, "#promises"));
    }
    let times = || all(shown).filter(|near| near.cell.used.is_some());
    let assumed = times().filter(|near| near.cell.assumed).count();
    if assumed > 0 {
        let text = format!(
            "{assumed} of {} rest in part on what nobody has measured",
            count(times().count(), "promised time")
        );
        risks.push(risk(State::Open, text, "#sums"));
    }
}

/// What a promise with little left says, or a broken one.
fn at_risk(near: &Near<'_>) -> String {
    let cell = near.cell;
    let worst = cell.worst.as_ref().map_or("without bound", |worst| worst.text.as_str());
    let promised = cell.promised.as_ref().map_or("", |promised| promised.text.as_str());
    let what = match cell.objective {
        "availability" => format!("available {worst} of a year, {promised} promised"),
        "survivors" => format!("{worst} left, {promised} needed"),
        _ => format!("{} is {worst} of {promised}", cell.short),
    };
    let losses = near.losses.join(" or of ");
    format!("{} in {}, loss of {losses}: {what}", near.service, near.regions)
}

/// The nodes with the least room after the worst loss.
fn least_room(shown: &Shown<'_>) -> Option<Risk> {
    let pools = shown.regions.iter().flat_map(|region| {
        region
            .pools
            .iter()
            .flat_map(move |pool| pool.rooms.iter().map(move |room| (region, pool, room)))
    });
    let (region, pool, room) = pools.min_by_key(|(.., room)| room.share)?;
    let of = match pool.name.as_str() {
        "" => region.name.clone(),
        pool => format!("the pool {pool} of {}", region.name),
    };
    // A share: an amount is of one zone or of several, and would not compare with those of the map.
    let (percent, resource) = (room.share / 10, &room.resource);
    let text = format!(
        "Least room: {percent} % of the {resource} left in {of} after the loss of {}",
        room.lost
    );
    let state = if room.share < 100 { State::Near } else { State::Open };
    Some(risk(state, text, "#map"))
}

fn risk(state: State, text: String, link: &str) -> Risk {
    let symbol = match state {
        State::Broken => "✗",
        State::Near => "△",
        State::Open | State::Kept => "–",
    };
    Risk { state, symbol, text, link: link.to_owned() }
}

fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}
