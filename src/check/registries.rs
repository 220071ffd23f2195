//! Registries: hosts that are some, in places that are known, so that a slip of the pen does not
//! pass for a place that is never lost.

use super::names::named;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::id;
use crate::model::{Fleet, PullSecret, Region, known_region};

/// The credentials of a region: each host once, each Secret with a name.
pub(super) fn pull_secrets(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let name = region.name.as_str();
    for (index, registry) in region.registries.iter().enumerate() {
        let at = |index: usize, key: &str| {
            fleet.document.at(&["regions", name, "registries", &index.to_string(), key])
        };
        self::host(sink, at(index, "host"), &registry.host);
        let secret = ("a Secret", registry.pull_secret.as_str());
        named(sink, id::subdomain_problem, secret, || at(index, "pull_secret"), "");
        let same = |other: &PullSecret| other.host == registry.host;
        if let Some(first) = region.registries[..index].iter().position(same) {
            let what = format!("two registries have the host `{}`", registry.host);
            sink.error(
                Diagnostic::new(Code::DUPLICATE_NAME, what)
                    .at(at(index, "host"), "here again")
                    .related(at(first, "host"), "first here")
                    .help("remove one of them"),
            );
        }
    }
}

pub(super) fn check(sink: &mut Sink, fleet: &Fleet) {
    let (document, regions) = (&fleet.document, fleet.region_names());
    for (host, registry) in &fleet.registries {
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
            known_region(sink, document.at(&place), region, &regions);
        }
        for (region, mirror) in &registry.mirrors {
            let place = ["registries", host, "mirrors", region];
            known_region(sink, document.key(&place), region, &regions);
            self::host(sink, document.at(&place), mirror);
        }
    }
}

fn host(sink: &mut Sink, place: Span, host: &str) {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let problem = id::subdomain_problem(name)
        .or_else(|| port.parse::<u16>().is_err().then(|| format!("`{port}` is not a port")));
    if let Some(problem) = problem {
        sink.error(
            Diagnostic::new(Code::INVALID_NAME, format!("`{host}` is not a host of a registry"))
                .at(place, problem)
                .help(
                    "write what stands before the first `/` of its images: `registry.example.com`",
                ),
        );
    }
}
