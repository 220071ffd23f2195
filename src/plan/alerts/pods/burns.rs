//! The error budget: how fast a service uses it up.

use super::NODE;
use crate::decide::ServiceInRegion;
use crate::decide::watch::{self, Burn, STEP};
use crate::plan::alerts::{Condition, Severity, prometheus_time};
use crate::quantity::Duration;

/// The share of time for which fewer replicas are ready than carry the peak, against what the tier
/// leaves. It sees no errors of requests.
pub(super) fn burns(here: &ServiceInRegion<'_>, ready: &str) -> Vec<Condition> {
    let (availability, peak) = (here.service.tier.availability, here.size.peak);
    let of = |burn: Burn| {
        let (name, severity) = match burn.fast {
            true => ("ErrorBudgetBurnsFast", Severity::Critical),
            false => ("ErrorBudgetBurnsSlowly", Severity::Warning),
        };
        let (limit, step) = (fraction(burn.limit), prometheus_time(STEP));
        let exceeded = |window| {
            let window = prometheus_time(window);
            format!("(avg_over_time(({ready} < bool {peak})[{window}:{step}]) > {limit})")
        };
        Condition {
            name,
            expression: format!("{} and {}", exceeded(burn.long), exceeded(burn.short)),
            hold: Duration::default(),
            severity,
            summary: format!(
                "{} in {} was short of the peak for {{{{ $value | humanizePercentage }}}} of the last {}",
                here.service.name.plain(),
                here.region.name,
                prometheus_time(burn.long)
            ),
            reason: format!(
                "the tier {} serves {availability} % of the time, which leaves {} in {} days; this burns them {} times too fast",
                here.service.tier.name,
                burn.budget,
                burn.days,
                words(burn.tenths)
            ),
            about: None,
            section: NODE.to_owned(),
            action: None,
        }
    };
    watch::burns(availability).map(of).collect()
}

/// Tenths, in a sentence.
fn words(tenths: u64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// Millionths as PromQL writes a number.
fn fraction(millionths: u64) -> String {
    let digits = format!("{millionths:06}");
    format!("0.{}", digits.trim_end_matches('0')).trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_as_numbers() {
        let cases = [(144_000, "0.144"), (7_200, "0.0072"), (600, "0.0006"), (0, "0")];
        for (millionths, written) in cases {
            assert_eq!(fraction(millionths), written);
        }
    }
}
