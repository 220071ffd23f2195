//! A descheduler that counts as the scheduler does, and is where its policy is put.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::descheduler::OLDEST;
use crate::kube::id;
use crate::model::{Fleet, Region};
use crate::quantity::Duration;

pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let Some(descheduler) = &region.descheduler else { return };
    let name = region.name.as_str();
    let at = |key: &str| fleet.document.at(&["regions", name, "descheduler", key]);
    if descheduler.version < OLDEST {
        let message = format!(
            "`{name}` runs the descheduler {}, and {OLDEST} is the first that counts replicas as the scheduler does",
            descheduler.version
        );
        sink.error(
            Diagnostic::new(Code::DESCHEDULER_VERSION, message)
                .at(at("version"), "")
                .note("it reads no `matchLabelKeys`: it counts former generations with the current one, and evicts what is even, or leaves what is not")
                .help(format!("upgrade it to {OLDEST} or later, then write its version here; or leave `descheduler` out")),
        );
    }
    if descheduler.interval.is_some_and(|interval| interval == Duration::default()) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                "a descheduler that looks every `0s` looks once".to_owned(),
            )
            .at(at("interval"), "")
            .note("it ends then, and after the next loss nobody evens out the replicas")
            .help("write what `--descheduling-interval` says, such as `5m`"),
        );
    }
    let names = [
        (
            "namespace",
            descheduler.namespace.as_str(),
            id::label_problem(descheduler.namespace.as_str()),
        ),
        ("policy", descheduler.policy.as_str(), id::subdomain_problem(&descheduler.policy)),
    ];
    for (key, written, problem) in names {
        let Some(problem) = problem else { continue };
        let what = if key == "policy" { "a ConfigMap" } else { "a namespace" };
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{written}` cannot name {what}"))
                .at(at(key), problem)
                .help("write the name that it has in the cluster"),
        );
    }
}
