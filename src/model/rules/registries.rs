//! Registries: hosts that are some, in places that are known, so that a slip of the pen does not
//! pass for a place that is never lost.

use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::id;
use crate::spec::Document;
use crate::spec::fleet::Registry;
use std::collections::BTreeMap;

pub(in crate::model) fn check(
    sink: &mut Sink,
    document: &Document,
    regions: &[String],
    registries: &BTreeMap<String, Registry>,
) {
    for (host, registry) in registries {
        let key = document.key(&["registries", host]);
        self::host(sink, key, host);
        if registry.stored_in.is_empty() && !registry.elsewhere {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "`stored_in` is missing")
                    .at(key, "where does it keep its images?")
                    .help("add `stored_in = [\"…\"]`; or `elsewhere = true` where no region of this fleet has them"),
            );
        }
        for (index, region) in registry.stored_in.iter().enumerate() {
            let place = ["registries", host, "stored_in", &index.to_string()].map(str::to_owned);
            let place: Vec<&str> = place.iter().map(String::as_str).collect();
            unknown_region(sink, document.at(&place), region, regions);
        }
        for (region, mirror) in &registry.mirrors {
            let place = ["registries", host, "mirrors", region];
            unknown_region(sink, document.key(&place), region, regions);
            self::host(sink, document.at(&place), mirror);
        }
    }
}

fn host(sink: &mut Sink, place: Span, host: &str) {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let problem = id::subdomain_problem(name)
        .or_else(|| port.parse::<u16>().is_err().then(|| format!("`{port}` is no port")));
    if let Some(problem) = problem {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{host}` is no host of a registry"))
                .at(place, problem)
                .help(
                    "write what stands before the first `/` of its images: `registry.example.com`",
                ),
        );
    }
}

/// Says that `region`, which stands at `place`, is none of this fleet's, unless it is.
pub(in crate::model) fn unknown_region(
    sink: &mut Sink,
    place: Span,
    region: &str,
    known: &[String],
) {
    if known.iter().any(|name| name == region) {
        return;
    }
    sink.error(
        Diagnostic::new(Code::UNKNOWN_REGION, format!("the fleet has no region `{region}`"))
            .at(place, "")
            .help(diag::did_you_mean(region, known.iter().map(String::as_str))),
    );
}
