//! Tiers of a fleet's own: what they say must be able to keep what they survive.

use super::names::label;
use super::names::named;
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::id;
use crate::model::{Fleet, Spread, Stored, Survives, Tier};

/// A field that breaks what the tier survives.
struct Broken {
    key: &'static str,
    has: String,
    why: &'static str,
    write: &'static str,
}

/// A tier's name is the value of a label, and its PriorityClass one that a cluster can have.
pub(super) fn names(sink: &mut Sink, fleet: &Fleet, tier: &Tier) {
    let place = fleet.document.key(&["tiers", &tier.name]);
    if let Some(name) = &tier.priority_class {
        let at = || fleet.document.at(&["tiers", &tier.name, "priority_class"]);
        let help = "write it as `kubectl get priorityclass` shows it";
        named(sink, id::subdomain_problem, ("a PriorityClass", name), at, help);
    }
    label(sink, &tier.name, place, "a tier");
}

/// A rollout can begin.
pub(super) fn rollout(sink: &mut Sink, fleet: &Fleet, tier: &Tier) {
    let place = fleet.document.key(&["tiers", &tier.name]);
    if tier.surge == 0 && tier.unavailable == 0 {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("a rollout of `{}` could not begin", tier.name),
            )
            .at(place, "`surge` and `unavailable` are both 0")
            .note("no pod may be added, and none may be taken away")
            .help("write `surge = 1`"),
        );
    }
}

/// What it says can keep what it survives.
pub(super) fn survives(sink: &mut Sink, fleet: &Fleet, tier: &Tier) {
    let document = &fleet.document;
    let loss = match tier.survives {
        Survives::Pod => return,
        Survives::Node => "a node",
        Survives::Zone => "a zone",
        Survives::Region => "a region",
    };
    let broken = broken(tier);
    let Some(first) = broken.first() else { return };
    let place = |broken: &Broken| {
        let path: Vec<&str> =
            ["tiers", &tier.name].into_iter().chain(broken.key.split('.')).collect();
        document.has(&path).then(|| document.at(&path))
    };
    let mut finding = Diagnostic::new(
        Code::TIER_CONTRADICTS,
        format!("`{}` cannot survive the loss of {loss}", tier.name),
    )
    .at(place(first).unwrap_or(document.key(&["tiers", &tier.name])), "");
    for broken in &broken {
        let what = format!("`{}` is {}: {}", broken.key, broken.has, broken.why);
        finding = match place(broken) {
            Some(place) if finding.primary.as_ref().is_some_and(|label| label.span == place) => {
                finding.at(place, broken.why)
            }
            Some(place) => finding.related(place, broken.why),
            None => finding.note(what),
        };
    }
    let survives = ["tiers", &tier.name, "survives"];
    if document.has(&survives) {
        finding = finding.related(document.at(&survives), format!("the loss of {loss}"));
    }
    let write: Vec<String> =
        broken.iter().map(|broken| format!("`{} = {}`", broken.key, broken.write)).collect();
    sink.error(finding.help(format!("write {}; or a lesser `survives`", write.join(", "))));
}

fn broken(tier: &Tier) -> Vec<Broken> {
    let spread = |spread: Spread| match spread {
        Spread::None => "\"none\"",
        Spread::Preferred => "\"preferred\"",
        Spread::Required => "\"required\"",
        Spread::RequiredWhereItFits => "\"required-where-it-fits\"",
    };
    let mut broken = Vec::new();
    let mut add = |key, has: String, why, write| broken.push(Broken { key, has, why, write });
    if tier.survives == Survives::Node
        && matches!(tier.host_spread, Spread::None | Spread::Preferred)
    {
        let why = "the scheduler may then put every replica on one node";
        let has = spread(tier.host_spread).to_owned();
        add("host_spread", has, why, "\"required-where-it-fits\"");
    }
    if tier.survives >= Survives::Zone {
        if tier.zones < 2 {
            add("zones", tier.zones.to_string(), "with one zone, its loss takes everything", "2");
        }
        if tier.zone_spread != Spread::Required {
            let why = "the scheduler may then put every replica into one zone";
            add("zone_spread", spread(tier.zone_spread).to_owned(), why, "\"required\"");
        }
    }
    if tier.survives == Survives::Region {
        if tier.regions < 2 {
            add(
                "regions",
                tier.regions.to_string(),
                "with one region, its loss takes everything",
                "2",
            );
        }
        if tier.backup.stored == Stored::Anywhere {
            let why = "a backup that is lost together with what it is of saves nothing";
            add("backup.stored", "\"anywhere\"".to_owned(), why, "\"other-region\"");
        }
    }
    broken
}
