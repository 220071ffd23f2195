//! Whether one failure leaves something of the year's downtime (`docs/facts.md`, "Availability":
//! the RTO of what is survived is within the budget, whatever the probabilities are).

use crate::diag::{Code, Diagnostic, Sink};
use crate::model::{Model, Service, downtime};
use crate::quantity::Duration;

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    let tier = &service.tier;
    let budget = downtime(tier.availability);
    if service.rto <= budget {
        return;
    }
    let used = match budget.as_seconds() {
        0 => "it has no downtime at all".to_owned(),
        seconds => {
            let years = service.rto.as_seconds().div_ceil(seconds);
            format!("one failure may use up what {years} years have")
        }
    };
    let written = ["tiers", &tier.name, "availability"];
    let mut finding = Diagnostic::new(
        Code::AVAILABILITY_BUDGET,
        format!(
            "`{}` may be down for {} at a time, `{}` for {budget} in a year",
            service.name, service.rto, tier.name
        ),
    )
    .at(service.at(&["rto"]), "promised here")
    .related(service.at(&["tier"]), format!("serves for {} % of the year", tier.availability));
    if model.fleet().document.has(&written) {
        finding = finding.related(model.fleet().document.at(&written), "declared here");
    }
    sink.report(finding.note(used).help(help(model, service, budget)));
}

/// The longest RTO that the tier's budget holds, and the best tier whose budget holds this one.
fn help(model: &Model, service: &Service, budget: Duration) -> String {
    let tiers = model.fleet().tiers.values();
    let holding = tiers.filter(|tier| downtime(tier.availability) >= service.rto);
    let best = holding
        .max_by(|a, b| a.availability.total_cmp(&b.availability).then_with(|| b.name.cmp(&a.name)));
    let promise = format!("promise `rto = \"{}\"`", budget.to_string().replace(' ', ""));
    match (best, budget.as_seconds()) {
        (Some(tier), 0) => format!("choose `tier = \"{}\"`", tier.name),
        (Some(tier), _) => format!("{promise}, or choose `tier = \"{}\"`", tier.name),
        (None, 0) => "lower the tier's `availability`".to_owned(),
        (None, _) => promise,
    }
}
