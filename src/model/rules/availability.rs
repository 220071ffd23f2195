//! Whether one failure leaves something of the year's downtime (`ha-dr` 5.3: the RTO of what is
//! survived is within the budget, whatever the probabilities are).

use super::super::{Draft, Service};
use crate::diag::{Code, Diagnostic, Sink};
use crate::quantity::Duration;

/// 365.25 days.
const YEAR: u32 = 31_557_600;

/// What an availability, in percent, leaves of a year.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is between 0 and a year"
)]
pub(crate) fn budget(availability: f64) -> Duration {
    // A millionth of a second more than the arithmetic of fractions leaves.
    let seconds = (100.0 - availability) / 100.0 * f64::from(YEAR) + 1e-6;
    Duration::seconds(seconds.max(0.0) as u64)
}

pub(super) fn check(sink: &mut Sink, draft: &Draft, service: &Service) {
    let tier = &service.tier;
    let budget = budget(tier.availability);
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
    if draft.fleet.document.has(&written) {
        finding = finding.related(draft.fleet.document.at(&written), "declared here");
    }
    sink.report(finding.note(used).help(help(draft, service, budget)));
}

/// The longest RTO that the tier's budget holds, and the best tier whose budget holds this one.
fn help(draft: &Draft, service: &Service, budget: Duration) -> String {
    let tiers = draft.fleet.tiers.values();
    let holding = tiers.filter(|tier| self::budget(tier.availability) >= service.rto);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `ha-dr` 5.1.
    #[test]
    fn budgets_are_those_that_everybody_knows() {
        let shown = |availability| budget(availability).to_string();
        assert_eq!(shown(99.0), "3d 15h 39m 36s");
        assert_eq!(shown(99.5), "1d 19h 49m 48s");
        assert_eq!(shown(99.9), "8h 45m 57s");
        assert_eq!(shown(99.95), "4h 22m 58s");
        assert_eq!(shown(99.99), "52m 35s");
        assert_eq!(shown(99.999), "5m 15s");
        assert_eq!(shown(100.0), "0s");
    }
}
