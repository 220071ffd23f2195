//! Every service: what is promised of it at each loss.

use super::cell::{self, Cell, Shown, State};
use super::place;
use super::sums::{Owner, Sums, scopes};
use crate::Fleet;
use crate::decide::Proof;
use crate::decide::proof::{Objective, Scope};
use crate::diag::natural;
use crate::model::service::Call;
use crate::model::{self, WorkloadKind};
use crate::quantity::Duration;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Something that is lost: a column of the grid.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Loss {
    /// `pod`, `node`, `zone`, `region` or `data`.
    key: &'static str,
    /// `a pod`
    words: &'static str,
}

/// All of them, from the smallest.
pub(super) fn losses() -> Vec<Loss> {
    scopes().map(|scope| Loss { key: scope.key(), words: scope.lost() }).collect()
}

/// A service.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Service {
    /// Its name; in another environment than the default one, `checkout@staging`.
    pub(super) name: String,
    /// Its tier.
    pub(super) tier: String,
    /// The place of the tier among all, from the one that survives least.
    rank: usize,
    /// `deployment` or `stateful`.
    kind: &'static str,
    /// How it recovers from the loss of a region: `active-active`, `warm-standby`, …; `one region`.
    recovery: &'static str,
    /// The team that has it; empty where nobody says.
    team: String,
    /// The namespace of its objects.
    namespace: String,
    /// Where its name is written: `specs/orders.toml:1`.
    spec: String,
    /// Its RPO.
    rpo: Written,
    /// Its RTO.
    rto: Written,
    /// Where the replicas that carry the peak are written, as far as their survival is promised: `line 11`,
    /// or a field of the tier.
    peak: String,
    /// Its regions, in the order of the spec.
    regions: Vec<String>,
    /// What is promised, once for regions in which all of it is the same.
    pub(super) rows: Vec<Row>,
    /// What it calls.
    calls: Vec<Called>,
    /// The services that call it.
    callers: Vec<String>,
}

/// A promise as the spec has it, and in which line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Written {
    /// In seconds.
    seconds: u64,
    /// As people read it.
    text: String,
    /// The line of the spec.
    line: usize,
}

/// What a region does for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Standing {
    /// Its role: `active`, `primary`, `standby`, ….
    role: &'static str,
    /// How many replicas run in it.
    replicas: u32,
    /// How many carry the peak.
    peak: u32,
    /// Over how many zones they are spread.
    zones: u32,
    /// How many the loss of the fullest zone leaves.
    survivors: u32,
}

/// Services in which all of it is the same: of a thousand, a few hundred differ.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Panel {
    /// The first of them, in the place of all.
    like: Service,
    /// The columns of their losses.
    columns: Vec<Column>,
    /// All of them.
    services: Vec<Service>,
}

/// A column of the losses of a service: an objective.
#[derive(Clone, Debug, Serialize)]
struct Column {
    objective: &'static str,
    words: &'static str,
    /// Whether its numbers count what its words name, and need no unit.
    counts: bool,
    /// What is promised of it, where all promises of the column are the same.
    promised: Option<Shown>,
}

/// The columns, in their order.
const COLUMNS: [(Objective, &str); 4] = [
    (Objective::Rto, "RTO"),
    (Objective::Rpo, "RPO"),
    (Objective::Survivors, "Replicas left"),
    (Objective::Availability, "Availability"),
];

fn columns(rows: &[Row]) -> Vec<Column> {
    let cells = || rows.iter().flat_map(|row| &row.losses).flat_map(|loss| &loss.cells);
    let column = |(objective, words): (Objective, &'static str)| {
        let of = cells().filter(|cell| cell.objective == objective.key());
        let promises: BTreeSet<&Shown> = of.filter_map(|cell| cell.promised.as_ref()).collect();
        let one = (promises.len() == 1).then(|| promises.first().copied().cloned()).flatten();
        let counts = objective == Objective::Survivors;
        Column { objective: objective.key(), words, counts, promised: one }
    };
    COLUMNS.into_iter().map(column).collect()
}

/// The services, those that are alike together, in the order of the first of each.
pub(super) fn panels(services: &[Service]) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for service in services {
        let what = (&service.tier, service.kind, service.recovery, &service.regions, &service.rows);
        let at = *known.entry(format!("{what:?}")).or_insert(panels.len());
        // Their claims are on the panel once.
        let one = Service { rows: Vec::new(), ..service.clone() };
        match panels.get_mut(at) {
            Some(panel) => panel.services.push(one),
            None => panels.push(Panel {
                like: service.clone(),
                columns: columns(&service.rows),
                services: vec![one],
            }),
        }
    }
    panels
}

/// What a service calls.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Called {
    /// The service, or the pods or addresses in words.
    name: String,
    /// Whether a spec describes it.
    service: bool,
}

/// What is promised in one region, or in several where it is the same.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Row {
    /// Their names.
    pub(super) regions: Vec<String>,
    /// What they do for it.
    #[serde(flatten)]
    standing: Standing,
    /// One for each loss, from the smallest; none where nothing is claimed.
    pub(super) losses: Vec<LossOf>,
}

/// What is promised about one loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct LossOf {
    /// The loss: the key of one of `losses`.
    scope: &'static str,
    /// The same in words.
    pub(super) words: &'static str,
    /// The claim that the grid shows: the one that breaks, or has the least left.
    #[schemars(skip)]
    pub(super) shown: Option<Cell>,
    /// Every claim about it.
    pub(super) cells: Vec<Cell>,
}

/// Every service, in the order in which people count.
pub(super) fn services(fleet: &Fleet, sums: &mut Sums) -> Vec<Service> {
    let mut services: Vec<&model::Service> = fleet.model().services().iter().collect();
    services.sort_by(|a, b| natural(a.name.address(), b.name.address()));
    services.into_iter().map(|service| one(fleet, service, sums)).collect()
}

fn one(fleet: &Fleet, service: &model::Service, sums: &mut Sums) -> Service {
    let proofs = fleet.proofs(service.name.address()).unwrap_or_default();
    let called = |call: &Call| match call {
        Call::Service { name, .. } => Called { name: name.to_string(), service: true },
        Call::Pods { .. } | Call::Host { .. } | Call::Addresses { .. } => {
            Called { name: call.whom().replace('`', ""), service: false }
        }
    };
    let mut callers: Vec<String> =
        service.callers.iter().map(|caller| caller.name.to_string()).collect();
    callers.dedup();
    let written = |time: Duration, key| Written {
        seconds: time.as_seconds(),
        text: time.to_string(),
        line: fleet.sources().position(service.at(&[key])).line,
    };
    Service {
        peak: peak(fleet, &proofs),
        rpo: written(service.rpo, "rpo"),
        rto: written(service.rto, "rto"),
        name: service.name.to_string(),
        tier: service.tier.name.clone(),
        rank: service.survives() as usize,
        kind: match service.kind {
            WorkloadKind::Deployment => "deployment",
            WorkloadKind::Stateful => "stateful",
        },
        recovery: if proofs.len() > 1 { service.strategy.word() } else { "one region" },
        team: service.team.clone().unwrap_or_default(),
        namespace: service.namespace.to_string(),
        spec: place::of_span(fleet.sources(), service.document.key(&["name"])),
        regions: proofs.iter().map(|proof| proof.region.to_string()).collect(),
        rows: rows(fleet, service, &proofs, sums),
        calls: service.calls.iter().map(called).collect(),
        callers,
    }
}

fn peak(fleet: &Fleet, proofs: &[Proof]) -> String {
    let claims = proofs.iter().flat_map(|proof| &proof.claims);
    let survivors = claims.filter(|claim| claim.objective == Objective::Survivors);
    let promised = survivors.filter_map(|claim| claim.promised.as_ref()).next();
    let Some(promised) = promised else { return String::new() };
    match promised.source.span() {
        Some(span) => format!("line {}", fleet.sources().position(span).line),
        None => promised.source.to_string(),
    }
}

fn rows(fleet: &Fleet, service: &model::Service, proofs: &[Proof], sums: &mut Sums) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for proof in proofs {
        let owner = Owner { service: service.name.address(), region: proof.region.as_str() };
        let region = proof.region.to_string();
        let standing = Standing {
            role: proof.role,
            replicas: proof.replicas,
            peak: proof.peak,
            zones: proof.zones,
            survivors: proof.survivors_of_zone_loss,
        };
        let claimed = scopes().filter(|_| !proof.claims.is_empty());
        let mut losses: Vec<LossOf> =
            claimed.map(|scope| loss(fleet, proof, scope, owner, sums)).collect();
        let times = losses.iter().flat_map(|loss| &loss.cells).filter(|it| it.objective == "rto");
        let longest = times.filter_map(|cell| Some(cell.worst.as_ref()?.number)).max();
        let longest = longest.unwrap_or(0).max(1);
        for cell in losses.iter_mut().flat_map(|loss| &mut loss.cells) {
            cell.scale(longest);
        }
        let same = |row: &&mut Row| row.standing == standing && row.losses == losses;
        match rows.iter_mut().find(same) {
            Some(row) => row.regions.push(region),
            None => rows.push(Row { regions: vec![region], standing, losses }),
        }
    }
    rows
}

fn loss(fleet: &Fleet, proof: &Proof, scope: Scope, owner: Owner<'_>, sums: &mut Sums) -> LossOf {
    let claims = proof.claims.iter().filter(|claim| claim.scope == scope);
    let cells: Vec<Cell> =
        claims.map(|claim| cell::of(claim, fleet.sources(), owner, sums)).collect();
    let shown = shown(&cells).cloned();
    LossOf { scope: scope.key(), words: scope.lost(), shown, cells }
}

/// What breaks comes first, then the time of which the least is left, then any time that is not
/// promised.
fn shown(cells: &[Cell]) -> Option<&Cell> {
    let times = || cells.iter().filter(|cell| matches!(cell.objective, "rto" | "rpo"));
    let broken = cells.iter().find(|cell| cell.state == State::Broken);
    let nearest = || times().filter(|cell| cell.used.is_some()).max_by_key(|cell| cell.used);
    broken.or_else(nearest).or_else(|| times().next_back()).or_else(|| cells.first())
}
