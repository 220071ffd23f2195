//! Who depends on whom, with tiers and roles.

use super::layout;
use crate::Fleet;
use crate::decide::Proof;
use crate::diag::natural;
use crate::model;
use crate::model::service::Call;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The dependencies between services.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Graph {
    /// Whether it is drawn: beyond some size, a drawing shows nothing.
    #[schemars(skip)]
    drawn: bool,
    #[schemars(skip)]
    width: usize,
    #[schemars(skip)]
    height: usize,
    #[schemars(skip)]
    nodes: Vec<Node>,
    #[schemars(skip)]
    arrows: Vec<Arrow>,
    /// Services that neither call another nor are called.
    alone: Vec<String>,
    /// How often one tier depends on another.
    tiers: Vec<Between>,
}

#[derive(Clone, Debug, Serialize)]
struct Node {
    name: String,
    /// As much of the name as the box holds.
    short: String,
    tier: String,
    rank: usize,
    /// `primary, standby`
    roles: String,
    x: usize,
    y: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Arrow {
    from: String,
    to: String,
    /// Whether what is called survives less than its caller.
    weaker: bool,
    /// The line, as SVG has it.
    path: String,
}

/// How often services of one tier call services of another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Between {
    /// The tier of the callers.
    from: String,
    /// The tier of what they call.
    to: String,
    /// How many calls.
    count: usize,
    /// Whether what is called survives less than its caller.
    weaker: bool,
}

/// The most services that are drawn.
const DRAWN: usize = 60;

/// Boxes, and the room between them.
const WIDTH: usize = 176;
const HEIGHT: usize = 46;
const COLUMN: usize = 236;
const ROW: usize = 64;
const MARGIN: usize = 8;

/// Characters of a name that a box holds.
const NAME: usize = 21;

/// The graph of a fleet.
pub(super) fn of(fleet: &Fleet) -> Graph {
    let services = fleet.model().services();
    let mut linked: BTreeSet<&str> = BTreeSet::new();
    let mut pairs: Vec<(&model::Service, &model::Service)> = Vec::new();
    for service in services {
        for callee in called(fleet, service) {
            linked.extend([service.name.address(), callee.name.address()]);
            pairs.push((service, callee));
        }
    }
    let (mut nodes, mut alone): (Vec<&model::Service>, Vec<&model::Service>) =
        services.iter().partition(|service| linked.contains(service.name.address()));
    let by_name =
        |a: &&model::Service, b: &&model::Service| natural(a.name.address(), b.name.address());
    nodes.sort_by(by_name);
    alone.sort_by(by_name);
    let graph = Graph {
        drawn: false,
        width: 0,
        height: 0,
        nodes: Vec::new(),
        arrows: Vec::new(),
        alone: alone.iter().map(|service| service.name.to_string()).collect(),
        tiers: between(&pairs),
    };
    match (1..=DRAWN).contains(&nodes.len()) {
        true => drawing(fleet, &nodes, &pairs, graph),
        false => graph,
    }
}

/// The services that one calls, once each.
fn called<'a>(fleet: &'a Fleet, service: &model::Service) -> Vec<&'a model::Service> {
    let mut names: Vec<_> = (service.calls.iter())
        .filter_map(|call| match call {
            Call::Service { name, .. } => Some(name),
            Call::Pods { .. } | Call::Host { .. } | Call::Addresses { .. } => None,
        })
        .collect();
    names.sort();
    names.dedup();
    names.into_iter().filter_map(|name| fleet.model().service(name)).collect()
}

fn is_weaker(from: &model::Service, to: &model::Service) -> bool {
    to.survives() < from.survives()
}

fn between(pairs: &[(&model::Service, &model::Service)]) -> Vec<Between> {
    let mut counts: BTreeMap<(&str, &str), (usize, bool)> = BTreeMap::new();
    for (from, to) in pairs {
        let of = counts.entry((from.tier.name.as_str(), to.tier.name.as_str())).or_default();
        of.0 += 1;
        of.1 |= is_weaker(from, to);
    }
    let one = |((from, to), (count, weaker)): ((&str, &str), (usize, bool))| Between {
        from: from.to_owned(),
        to: to.to_owned(),
        count,
        weaker,
    };
    counts.into_iter().map(one).collect()
}

fn drawing(
    fleet: &Fleet,
    nodes: &[&model::Service],
    pairs: &[(&model::Service, &model::Service)],
    graph: Graph,
) -> Graph {
    let index: BTreeMap<&str, usize> =
        nodes.iter().enumerate().map(|(at, service)| (service.name.address(), at)).collect();
    let at = |service: &model::Service| index[service.name.address()];
    let arrows: Vec<(usize, usize)> = pairs.iter().map(|(from, to)| (at(from), at(to))).collect();
    let places = layout::of(nodes.len(), &arrows).places;
    let place = |node: usize| {
        let (column, row) = places[node];
        (MARGIN + column * COLUMN, MARGIN + row * ROW)
    };
    let one = |(index, service): (usize, &&model::Service)| {
        let (x, y) = place(index);
        let proofs = fleet.proofs(service.name.address()).unwrap_or_default();
        Node {
            name: service.name.to_string(),
            short: short(service.name.address()),
            tier: service.tier.name.clone(),
            rank: service.survives() as usize,
            roles: roles(&proofs),
            x,
            y,
        }
    };
    let drawn = pairs.iter().zip(&arrows).map(|((from, to), (a, b))| Arrow {
        from: from.name.to_string(),
        to: to.name.to_string(),
        weaker: is_weaker(from, to),
        path: line(place(*a), place(*b)),
    });
    let end = |of: fn(&(usize, usize)) -> usize| places.iter().map(of).max().unwrap_or(0);
    Graph {
        drawn: true,
        width: 2 * MARGIN + end(|place| place.0) * COLUMN + WIDTH,
        height: 2 * MARGIN + end(|place| place.1) * ROW + HEIGHT,
        nodes: nodes.iter().enumerate().map(one).collect(),
        arrows: drawn.collect(),
        ..graph
    }
}

/// From the right side of one box to the left side of another.
fn line((x, y): (usize, usize), (to_x, to_y): (usize, usize)) -> String {
    let (from_x, from_y) = (x + WIDTH, y + HEIGHT / 2);
    let to_y = to_y + HEIGHT / 2;
    let bend = (COLUMN - WIDTH) / 2 + 14;
    let before = to_x.saturating_sub(bend);
    format!("M{from_x} {from_y}C{} {from_y} {before} {to_y} {to_x} {to_y}", from_x + bend)
}

fn short(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end - 1]),
        None => name.to_owned(),
    }
}

/// The roles of its regions: `primary, standby`, `3 × active`.
fn roles(proofs: &[Proof]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for proof in proofs {
        match counts.iter_mut().find(|(role, _)| *role == proof.role) {
            Some((_, count)) => *count += 1,
            None => counts.push((proof.role, 1)),
        }
    }
    let one = |(role, count): &(&str, usize)| match count {
        1 => (*role).to_owned(),
        _ => format!("{count} × {role}"),
    };
    counts.iter().map(one).collect::<Vec<String>>().join(", ")
}
