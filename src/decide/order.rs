//! In which order services move when a region is lost, and what they share then.
//!
//! Whoever is called moves before its callers; of those that nothing is between, the one to which the
//! least time is left. That is said of each service by what its own spec, and those of its callees, say: so
//! a service that comes changes no card of another team. Who else moves is asked for, and told then.

use super::Decided;
use super::proof::Premise;
use super::proof::rto::{self, step};
use super::rests::{self, called};
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{RegionName, ServiceName};
use crate::model::{Service, Strategy};
use crate::quantity::Duration;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The turn of a service when the region that it is led from is lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Turn {
    pub(crate) service: ServiceName,
    /// The region that takes over.
    pub(crate) to: RegionName,
    /// 1, or one after the last of those that it calls and that move, too.
    pub(crate) turn: usize,
    /// Those.
    pub(crate) after: Vec<ServiceName>,
    /// Whether a person moves it.
    pub(crate) by_hand: bool,
    /// When it serves again at the worst; none where nothing bounds it.
    pub(crate) takes: Option<Duration>,
    pub(crate) rto: Duration,
    /// For how long it has the data movers of the region that takes over.
    pub(crate) restores: Duration,
    /// How long others have them before.
    pub(crate) waits: Duration,
}

impl Turn {
    /// What its RTO leaves.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.takes.map(|takes| self.rto.saturating_sub(takes))
    }

    /// Whether it is restored where another one goes.
    fn shares_with(&self, other: &Turn) -> bool {
        self.to == other.to && self.restores > Duration::default()
    }

    /// By what the turns are sorted.
    fn key(&self) -> (usize, Option<Duration>, &ServiceName) {
        (self.turn, self.left(), &self.service)
    }
}

/// Whether a service moves when its first region is lost: where all serve, none does.
pub(super) fn moves(service: &Service) -> bool {
    service.regions.len() > 1 && service.strategy != Strategy::ActiveActive
}

/// The turn of a service that moves; `waits` is of nobody yet.
pub(crate) fn turn(decided: &Decided, service: &Service) -> Option<Turn> {
    let lost = &service.regions.first().filter(|_| moves(service))?.name;
    let here = decided.places(service).next()?;
    let to = here.elsewhere().find(|other| other.role.takes_over)?;
    let claim = rests::join(&here, rto::of_region_loss(&here));
    let restores = claim.term(step::RESTORE).map_or(0, |term| term.total());
    let with_it = |name: &&ServiceName| {
        let below = decided.service(name);
        below.is_some_and(|below| moves(below) && below.regions[0].name == *lost)
    };
    Some(Turn {
        service: service.name.clone(),
        to: to.region.name.clone(),
        turn: decided.depth_of(service),
        after: called(service).filter(with_it).cloned().collect(),
        by_hand: claim.premises.contains(&Premise::People),
        takes: claim.worst.map(|worst| Duration::seconds(worst.number)),
        rto: service.rto,
        restores: Duration::seconds(restores),
        waits: Duration::default(),
    })
}

/// Of every service, in their order: how many move one after the other, down to it, when the region
/// that it is led from is lost.
pub(super) fn depths(services: &[Service]) -> Vec<usize> {
    let index = |name: &ServiceName| services.binary_search_by(|other| other.name.cmp(name)).ok();
    let moves_with = |service: &Service, at: &usize| {
        let (below, lost) = (&services[*at], service.regions.first());
        moves(below) && lost.is_some_and(|lost| below.regions[0].name == lost.name)
    };
    let moving = |service: &Service| -> Vec<usize> {
        called(service).filter_map(index).filter(|at| moves_with(service, at)).collect()
    };
    let all: Vec<Vec<usize>> = services.par_iter().map(moving).collect();
    let depths = without_circles(&all).into_iter().enumerate();
    depths.map(|(at, depth)| depth.unwrap_or_else(|| from(at, &all))).collect()
}

/// The depths of those from which no circle is reached: of each once all that it calls have theirs.
fn without_circles(called: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut callers = vec![Vec::new(); called.len()];
    for (at, called) in called.iter().enumerate() {
        called.iter().for_each(|below: &usize| callers[*below].push(at));
    }
    let mut open: Vec<usize> = called.iter().map(Vec::len).collect();
    let mut depths = vec![None; called.len()];
    let mut ready: Vec<usize> = (0..called.len()).filter(|at| open[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        let below = called[at].iter().filter_map(|below| depths[*below]).max();
        depths[at] = Some(1 + below.unwrap_or_default());
        for caller in &callers[at] {
            open[*caller] -= 1;
            if open[*caller] == 0 {
                ready.push(*caller);
            }
        }
    }
    depths
}

/// The depth of one from which a circle is reached, which ends where it was begun.
fn from(start: usize, called: &[Vec<usize>]) -> usize {
    let mut known = BTreeMap::from([(start, 0)]);
    // Those on the way down, and how many of what they call were looked at.
    let mut way = vec![(start, 0)];
    while let Some((at, looked)) = way.last_mut() {
        let at = *at;
        match called[at].get(*looked) {
            Some(below) => {
                *looked += 1;
                if !known.contains_key(below) {
                    known.insert(*below, 0);
                    way.push((*below, 0));
                }
            }
            None => {
                way.pop();
                let below = called[at].iter().map(|below| known[below]).max();
                known.insert(at, 1 + below.unwrap_or_default());
            }
        }
    }
    known[&start]
}

/// Everything that moves when a region is lost, in order.
pub(crate) fn of(decided: &Decided, lost: &RegionName) -> Vec<Turn> {
    let led = |service: &&Service| service.regions.first().is_some_and(|first| first.name == *lost);
    let moved = decided.services().par_iter().filter(led);
    let mut turns: Vec<Turn> = moved.filter_map(|service| turn(decided, service)).collect();
    turns.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut busy: BTreeMap<RegionName, Duration> = BTreeMap::new();
    for turn in turns.iter_mut().filter(|turn| turn.restores > Duration::default()) {
        let until = busy.entry(turn.to.clone()).or_default();
        turn.waits = *until;
        *until = *until + turn.restores;
    }
    turns
}

/// What is restored late as others are restored before it: data movers of a region are shared, and what
/// is promised of a service alone takes all of them.
pub(super) fn check(sink: &mut Sink, decided: &Decided) {
    // Of what moves after a failover, this was reported of the fleet as it was.
    if !decided.lost.is_empty() || !decided.is_whole() {
        return;
    }
    let restored = |service: &&Service| {
        moves(service) && service.keeps_data() && service.replication.is_none()
    };
    let from: BTreeSet<&RegionName> =
        decided.services().iter().filter(restored).map(|it| &it.regions[0].name).collect();
    for lost in from {
        let turns = of(decided, lost);
        // Who has the data movers of a region before.
        let mut in_turn: BTreeMap<&RegionName, Vec<&str>> = BTreeMap::new();
        for late in &turns {
            let others = in_turn.entry(&late.to).or_default();
            let before = others.len();
            if late.restores > Duration::default() {
                others.push(late.service.address());
            }
            let (Some(takes), Some(service)) = (late.takes, decided.service(&late.service)) else {
                continue;
            };
            let all = takes + late.waits;
            if takes > late.rto || all <= late.rto || late.waits == Duration::default() {
                continue;
            }
            let finding = Diagnostic::new(
                Code::RESTORES_TOGETHER,
                format!(
                    "when `{lost}` is lost, `{}` waits for other restores, and serves again in {all}",
                    late.service
                ),
            )
            .at(service.at(&["rto"]), "promised of it alone")
            .note(format!(
                "{} of {} first, with the same data movers of `{}`; then {takes}",
                late.waits,
                diag::shortened(others[..before].iter().copied()),
                late.to
            ))
            .help(format!(
                "write `rto = \"{}\"`; or give `{}` more nodes or `backup.throughput`; or have one of them copied all the time (`[data.replication]`)",
                all.compact(),
                late.to
            ));
            let mut accepted = Sink::default();
            accepted.report(finding);
            accepted.accept(|finding| service.accepts(finding.code));
            sink.absorb(accepted);
        }
    }
}

/// The order as a person reads it, with the service in question; nothing where it moves alone.
pub(crate) fn words(decided: &Decided, service: &Service) -> Vec<String> {
    let Some(first) = service.regions.first().filter(|_| moves(service)) else {
        return Vec::new();
    };
    let turns = of(decided, &first.name);
    if turns.len() < 2 {
        return Vec::new();
    }
    let name = |turn: &Turn| match turn.service == service.name {
        true => format!("{} (this one)", turn.service),
        false => turn.service.to_string(),
    };
    let all: Vec<String> = turns.iter().map(name).collect();
    let mut lines = vec![format!(
        "When {} is lost, these move, in this order: {}. Who is called moves first; then to whom the least time is left.",
        first.name,
        all.join(", ")
    )];
    let by_hand = turns.iter().filter(|turn| turn.by_hand).count();
    if by_hand > 1 {
        lines.push(format!(
            "{by_hand} of them need a person's hands: one each, or one after the other. Who decides, decides once."
        ));
    }
    let own = turns.iter().find(|turn| turn.service == service.name);
    if let Some(own) = own.filter(|own| own.restores > Duration::default()) {
        let others = turns.iter().filter(|one| one.shares_with(own));
        let others: Vec<String> = others.map(|one| one.service.to_string()).collect();
        if others.len() > 1 {
            lines.push(format!(
                "In {}, Velero and its data movers restore {}, one after the other: this one waits {} at most, and serves again in {}.",
                own.to,
                others.join(", "),
                own.waits,
                own.takes.map_or("no bounded time".to_owned(), |takes| (takes + own.waits).to_string())
            ));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{from, without_circles};

    #[test]
    fn a_service_moves_after_the_longest_way_down() {
        // 0 calls 1 and 2, and 1 calls 2.
        let depths = without_circles(&[vec![1, 2], vec![2], vec![], vec![0]]);
        assert_eq!(depths, [Some(3), Some(2), Some(1), Some(4)]);
    }

    #[test]
    fn a_circle_ends_where_it_was_begun() {
        // 0 and 1 call each other, 2 calls 0, and 3 nobody.
        let called = [vec![1], vec![0], vec![0], vec![]];
        assert_eq!(without_circles(&called), [None, None, None, Some(1)]);
        assert_eq!([0, 1, 2].map(|at| from(at, &called)), [2, 2, 3]);
    }

    #[test]
    fn a_way_of_any_length_has_a_depth() {
        const LAST: usize = 100_000;
        let mut called: Vec<Vec<usize>> = (1..=LAST).map(|below| vec![below]).collect();
        called.push(vec![]);
        assert_eq!(without_circles(&called)[0], Some(LAST + 1));
        called[LAST].push(0);
        assert_eq!(from(0, &called), LAST + 1);
    }
}
