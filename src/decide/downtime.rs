//! Whether what is survived leaves something of the year's downtime.

use super::ServiceInRegion;
use super::proof::availability::survived;
use super::proof::{Amount, Claim, Objective, Proof, Scope};
use crate::diag::{Code, Diagnostic, Sink};
use crate::quantity::Duration;

pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>, proof: &Proof) {
    let largest = survived(here.service.tier.survives);
    let budget = crate::model::downtime(here.service.tier.availability);
    let over = |claim: &&Claim| {
        let survived = claim.objective == Objective::Rto && claim.scope <= largest;
        survived && claim.worst.is_some_and(|worst| worst.number > budget.as_seconds())
    };
    // The smallest loss says it for the larger ones.
    if let Some(claim) = proof.claims.iter().find(over) {
        over_budget(sink, here, claim, budget);
        return;
    }
    if let Some(claim) = proof.broken().find(|claim| claim.objective == Objective::Availability) {
        expected_to_break(sink, here, claim);
    }
}

/// One loss that the tier survives takes longer than the whole year may (`docs/facts.md`,
/// "Availability").
fn over_budget(sink: &mut Sink, here: &ServiceInRegion<'_>, claim: &Claim, budget: Duration) {
    let (service, tier) = (here.service, &here.service.tier);
    let worst = claim.worst.unwrap_or(Amount::seconds(budget));
    sink.error(
        Diagnostic::new(
            Code::AVAILABILITY_BUDGET,
            format!(
                "{} may take `{}` down for {worst}, `{}` for {budget} in a year",
                claim.scope.words(),
                service.name,
                tier.name
            ),
        )
        .at(
            service.at(&["tier"]),
            format!("survives it, and serves for {} % of the year", tier.availability),
        )
        .note(claim.sum_words())
        .help(help(here, claim)),
    );
}

/// The longest term is where something can be gained.
fn help(here: &ServiceInRegion<'_>, claim: &Claim) -> String {
    let longest = claim.terms.iter().max_by_key(|term| term.total());
    let shorten = longest.map_or_else(String::new, |term| format!("shorten `{}`, or ", term.name));
    let fits = |budget: Duration| claim.worst.is_some_and(|worst| worst <= Amount::seconds(budget));
    let tiers = here.fleet.tiers.values();
    let tiers = tiers.filter(|tier| {
        let budget = crate::model::downtime(tier.availability);
        here.service.rto <= budget && (fits(budget) || survived(tier.survives) < claim.scope)
    });
    let best = tiers.max_by(|a, b| a.availability.total_cmp(&b.availability));
    match best {
        Some(tier) => format!("{shorten}choose `tier = \"{}\"`", tier.name),
        None => format!("{shorten}lower the tier's `availability`"),
    }
}

/// With rates that are assumed: a warning.
fn expected_to_break(sink: &mut Sink, here: &ServiceInRegion<'_>, claim: &Claim) {
    let (service, tier) = (here.service, &here.service.tier);
    let Some(worst) = claim.worst else { return };
    let written = ["tiers", &tier.name, "availability"];
    let place = service.at(&["tier"]);
    let mut finding = Diagnostic::new(
        Code::AVAILABILITY_EXPECTED,
        format!(
            "`{}` is expected to serve for {worst} of a year, `{}` for {} %",
            service.name, tier.name, tier.availability
        ),
    )
    .at(place, "the tier");
    if here.fleet.document.has(&written) {
        finding = finding.related(here.fleet.document.at(&written), "declared here");
    }
    let counted = match claim.scope {
        Scope::Pod => "lost pods",
        Scope::Node => "lost pods and nodes",
        Scope::Zone => "lost pods, nodes and zones",
        Scope::Region | Scope::Data => "lost pods, nodes, zones and regions",
    };
    sink.report(
        finding
            .note(format!("{counted} take {} of a year", claim.sum_words()))
            .note("how often something is lost is assumed; bad releases are not counted")
            .help(format!("write `availability = {}` for the tier", percent(worst.number))),
    );
}

/// Millionths as a number of TOML, in percent.
fn percent(millionths: u64) -> String {
    let text = format!("{}.{:04}", millionths / 10_000, millionths % 10_000);
    let text = text.trim_end_matches('0');
    if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
}
