//! The replicas that are left after a loss.

use super::super::{ServiceInRegion, load, scaling, size};
use super::{
    Amount, Claim, Formula, Objective, Premise, Promised, Scope, Source, Term, Unit, next_loss,
};
use crate::decide::region_loss_capacity;
use crate::model::Survives;

/// A claim for each scope, where something runs.
pub(super) fn claims(here: &ServiceInRegion<'_>) -> Vec<Claim> {
    if here.size.running == 0 {
        return Vec::new();
    }
    let running = here.size.running;
    let mut claims = vec![
        lost(here, Scope::Pod, 1).by("replicas − 1"),
        lost(here, Scope::Node, here.placement.max_on_a_node)
            .by("replicas − those that may stand on one node"),
    ];
    if here.size.zones > 1 {
        let left = here.placement.survivors_of_zone_loss;
        claims.push(
            lost(here, Scope::Zone, running - left)
                .by("replicas − those that may stand in one zone"),
        );
    }
    claims.extend(of_region(here));
    claims
}

fn claim(here: &ServiceInRegion<'_>, scope: Scope, terms: Vec<Term>, left: u32) -> Claim {
    let worst = Some(Amount::replicas(left));
    let formula = "what is left".into();
    let objective = Objective::Survivors;
    let again = (scope == Scope::Zone && here.size.running > 1).then(|| next_loss::premise(here));
    let premises = Vec::new();
    let promised = promised(here, scope);
    let claim = Claim { scope, objective, terms, formula, worst, promised, premises, void: false };
    claim.given([Premise::Inventory, Premise::Placement]).given(again)
}

/// The peak, where the tier survives such a loss.
fn promised(here: &ServiceInRegion<'_>, scope: Scope) -> Option<Promised> {
    let survives = match scope {
        Scope::Pod | Scope::Data => return None,
        Scope::Node => Survives::Node,
        Scope::Zone => Survives::Zone,
        Scope::Region => Survives::Region,
    };
    let kept = here.service.survives() >= survives;
    kept.then(|| Promised { amount: Amount::replicas(here.size.peak), source: peak(here) })
}

fn peak(here: &ServiceInRegion<'_>) -> Source {
    let service = here.service;
    match service.document.has(&["capacity", "peak"]) {
        true => {
            Source::Spec { key: "capacity.peak".into(), span: service.at(&["capacity", "peak"]) }
        }
        false => here.in_tier("peak"),
    }
}

fn replicas(name: &'static str, number: u32, source: Source) -> Term {
    Term { name, times: 1, amount: Amount::replicas(number), source, formula: Formula::default() }
}

fn lost(here: &ServiceInRegion<'_>, scope: Scope, lost: u32) -> Claim {
    let lost = lost.min(here.size.running);
    let left = here.size.running - lost;
    let spread = Source::Decided { field: "pod.topologySpreadConstraints" };
    let why: Formula = match scope {
        Scope::Pod => "one".into(),
        Scope::Node | Scope::Zone if here.service.single_writer => {
            "the one that writes; nothing is left until it is back".into()
        }
        Scope::Node if lost == 1 => "the spread over nodes is required".into(),
        Scope::Zone if left > 0 => {
            format!("{} over {} zones, evened out to one", here.size.running, here.size.zones)
                .into()
        }
        Scope::Node | Scope::Zone | Scope::Region | Scope::Data => {
            "nothing keeps them apart, or not so far".into()
        }
    };
    let mut terms = vec![
        replicas("replicas", here.size.running, Source::Decided { field: field(here) })
            .because(Formula::Replicas(size::because(here.service, &here.size))),
        replicas("lost at most", lost, spread).because(why),
    ];
    if scope == Scope::Zone {
        terms.extend(next_loss::term(here));
    }
    claim(here, scope, terms, left)
}

/// The field that holds the number of replicas.
fn field(here: &ServiceInRegion<'_>) -> &'static str {
    match (scaling::scales(here), here.service.kind) {
        (true, _) if load::by_keda(here) => "scaled-object.spec.minReplicaCount",
        (true, _) => "horizontal-pod-autoscaler.spec.minReplicas",
        (false, crate::model::WorkloadKind::Deployment) => "deployment.spec.replicas",
        (false, crate::model::WorkloadKind::Stateful) => "stateful-set.spec.replicas",
    }
}

/// What the other regions have: those that serve already, or the one that takes over, once it
/// has. That their zones have room for it is proven for all services together.
fn of_region(here: &ServiceInRegion<'_>) -> Option<Claim> {
    let service = here.service;
    let others: Vec<ServiceInRegion<'_>> = here.elsewhere().collect();
    if !here.role.backs_up || others.is_empty() {
        return None;
    }
    let serving: u32 =
        others.iter().filter(|other| other.role.backs_up).map(|other| other.size.running).sum();
    let claim = if serving > 0 {
        let source = Source::Decided { field: field(here) };
        let terms = vec![replicas("in the other regions", serving, source)];
        // Each region carries its share of what the lost one carried.
        let regions = u32::try_from(others.len() + 1).expect("a spec is not that large");
        let mut claim = claim(here, Scope::Region, terms, serving).by("the other regions serve");
        if let Some(promised) = &mut claim.promised {
            promised.amount = Amount::replicas(service.peak * regions);
        }
        claim
    } else {
        let next = others
            .iter()
            .find(|other| region_loss_capacity::takes_over(service, other.region, here.region))?;
        let size = next.leading_size;
        let source = Source::Decided { field: field(next) };
        let terms = vec![
            replicas("in the region that takes over", size.full, source)
                .because(Formula::Replicas(size::because(service, &size))),
        ];
        claim(here, Scope::Region, terms, size.full).by("once the other region has taken over")
    };
    debug_assert!(claim.worst.is_some_and(|worst| worst.unit == Unit::Replicas));
    Some(claim.given([Premise::Capacity]))
}
