//! Fields that are read and checked, and from which nothing is compiled yet.
//!
//! Silence would be a promise that is not kept.

use crate::diag::{Code, Diagnostic, Sink};
use crate::spec::{self, Document, Spec};

/// A field, whether a spec uses it, and what becomes of it.
type Row = (&'static [&'static str], fn(&spec::Service) -> bool, &'static str);

const FIELDS: &[Row] = &[(
    &["traffic"],
    |service| service.traffic.is_some(),
    "no route, no DNS record and no failover is compiled from it",
)];

/// The findings of one spec.
pub(in crate::model) fn find(spec: &Spec<spec::Service>) -> Vec<Diagnostic> {
    (FIELDS.iter())
        .filter(|(_, used, _)| used(&spec.value))
        .map(|(path, _, becomes)| {
            let name = path.join(".");
            Diagnostic::new(Code::NOT_SUPPORTED, format!("`{name}` is not yet supported"))
                .at(spec.document.key(path), "")
                .note(*becomes)
                .help("leave it out, or accept this: `[[accept]]` with `rule = \"not-yet-supported\"`, `reason` and `until`")
        })
        .collect()
}

/// Fields of a region that nothing is compiled from yet.
const OF_REGIONS: &[(&[&str], &str)] = &[
    (&["backup", "concurrency"], "the wait of a backup for its turn is assumed, not computed"),
    (&["backup", "throughput"], "the time of a restore is not computed"),
];

/// Reports those that a fleet uses.
pub(in crate::model) fn of_fleet(sink: &mut Sink, document: &Document, regions: &[String]) {
    for region in regions {
        for (path, becomes) in OF_REGIONS {
            let path: Vec<&str> =
                ["regions", region].into_iter().chain(path.iter().copied()).collect();
            if document.has(&path) {
                sink.report(
                    Diagnostic::new(
                        Code::NOT_SUPPORTED,
                        format!("`{}` is not yet supported", path[2..].join(".")),
                    )
                    .at(document.key(&path), "")
                    .note(*becomes)
                    .help("leave it out until it is"),
                );
            }
        }
    }
}
