//! What the fleet says of a record now: of which spec it is, and whether promises may rest on it.

use super::Judge;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{RegionName, ServiceName};
use crate::model::Service;
use crate::quantity::{Date, Duration};

impl<'a> Judge<'a> {
    pub(super) fn service(&self, sink: &mut Sink) -> Option<&'a Service> {
        if !self.sure(&["service"]) {
            return None;
        }
        let name = &self.record.value.service;
        let model = self.against.model;
        let service = model.service(&ServiceName::read(name));
        if service.is_none() {
            let known = model.services().iter().map(|service| service.name.address());
            sink.error(
                Diagnostic::new(Code::UNKNOWN_SERVICE, format!("no spec describes `{name}`"))
                    .at(self.at(&["service"]), "")
                    .help(diag::did_you_mean(name, known)),
            );
        }
        service
    }

    /// The region that a cluster of the service is.
    pub(super) fn region(&self, service: &'a Service, cluster: &str) -> Option<&'a RegionName> {
        let region = service.regions.iter().find(|region| region.cluster == cluster);
        region.map(|region| &region.name)
    }

    pub(super) fn clusters(&self, sink: &mut Sink, service: &Service) {
        if !self.sure(&["clusters"]) {
            return;
        }
        let clusters = &self.record.value.clusters;
        for (key, cluster) in [("source", &clusters.source), ("target", &clusters.target)] {
            if self.region(service, cluster).is_none() {
                let known = service.regions.iter().map(|region| region.cluster.as_str());
                sink.error(
                    Diagnostic::new(
                        Code::WRONG_VALUE,
                        format!("`{}` is not in `{cluster}`", service.name),
                    )
                    .at(self.at(&["clusters", key]), "")
                    .related(service.at(&["regions"]), "it runs in the clusters of these")
                    .help(diag::did_you_mean(cluster, known)),
                );
            }
        }
    }

    /// What was measured beside what is promised now.
    pub(super) fn promises(&self, sink: &mut Sink, service: &Service) {
        if !self.sure(&["measured", "targets"]) {
            return;
        }
        let (measured, targets) = (&self.record.value.measured, &self.record.value.targets);
        let rows = [
            ("rpo", service.rpo, measured.rpo_s, targets.rpo_s, "lost"),
            ("rto", service.rto, measured.rto_s, targets.rto_s, "took"),
        ];
        for (key, promised, measured, target, verb) in rows {
            let (measured, target) = (Duration::seconds(measured), Duration::seconds(target));
            if measured <= promised {
                continue;
            }
            let mut finding = Diagnostic::new(
                Code::PROMISE_MISSED,
                format!("the drill {verb} {measured}, `{}` promises {promised}", service.name),
            )
            .at(self.at(&["measured", &format!("{key}_s")]), measured.to_string())
            .related(service.at(&[key]), "promised here");
            if target != promised {
                finding = finding.note(format!("on that day, {target} were promised"));
            }
            sink.error(finding.help(match key {
                "rpo" => "copy more often, and drill again; or promise less".to_owned(),
                _ => format!("take its steps over into the fleet, and see `ninefold explain {} {key}`: it says what would keep the promise", service.name),
            }));
        }
    }

    /// Of which spec it is, and what it says of the promises in it.
    pub(super) fn spec(&self, sink: &mut Sink, service: &Service) {
        let record = &self.record.value;
        if !self.sure(&["spec_sha256", "tier", "targets"]) || !self.has_digest() {
            return;
        }
        let mut former = Vec::new();
        if record.tier != service.tier.name {
            let words = format!("the tier was `{}`, it is `{}`", record.tier, service.tier.name);
            former.push((vec!["tier"], words));
        }
        let targets = &record.targets;
        for (key, now, then) in
            [("rpo_s", service.rpo, targets.rpo_s), ("rto_s", service.rto, targets.rto_s)]
        {
            let then = Duration::seconds(then);
            if now != then {
                let words = format!("`{key}` was to be {then}, {now} is promised");
                former.push((vec!["targets", key], words));
            }
        }
        let source = self.against.sources.get(service.document.file());
        let (path, digest) = (&source.path, sha256(&source.text));
        if record.spec_sha256.eq_ignore_ascii_case(&digest) {
            for (place, words) in former {
                sink.error(
                    Diagnostic::new(Code::EVIDENCE_CONTRADICTS, words)
                        .at(self.at(&place), "")
                        .related(self.at(&["spec_sha256"]), format!("it is of `{path}` as it is"))
                        .help("write what the spec said on that day, or the digest of that spec"),
                );
            }
            return;
        }
        let mut finding = Diagnostic::new(
            Code::EVIDENCE_OF_ANOTHER_SPEC,
            format!("this drill was of another spec of `{}`", service.name),
        )
        .at(self.at(&["spec_sha256"]), format!("`sha256sum {path}` prints {}…", &digest[..12]));
        for (_, words) in former {
            finding = finding.note(words);
        }
        sink.report(
            finding
                .note("it is evidence of the past: what was changed since was not drilled")
                .help("drill again when the change touches what is restored, or how"),
        );
    }

    /// Whether a promise may still rest on it.
    pub(super) fn age(&self, sink: &mut Sink, service: &Service) {
        let Some(bears) = service.tier.evidence.filter(|_| self.sure(&["on"])) else { return };
        let on = self.record.value.on;
        let inventory = self.against.model.fleet().inventory;
        let old = |day: Date| day.since(on) > bears;
        let (day, place) = match self.against.today.filter(|today| old(*today)) {
            Some(today) => (today, None),
            None if old(inventory) => {
                (inventory, Some(self.against.model.fleet().document.at(&["inventory"])))
            }
            None => return,
        };
        let finding = Diagnostic::new(
            Code::MEASUREMENT_STALE,
            format!("this drill of `{}` was {} ago", service.name, day.since(on)),
        )
        .at(
            self.at(&["on"]),
            format!("lapsed after {}: `{}` bears {bears}", self.lapses(bears), service.tier.name),
        );
        sink.error(
            match place {
                Some(place) => finding.related(place, "counted until this day"),
                None => finding.note(format!("counted until {day}, as `--today` says")),
            }
            .help("drill again"),
        );
    }

    /// The last day on which it counts.
    pub(super) fn lapses(&self, bears: Duration) -> Date {
        self.record.value.on.after(bears.as_seconds() / 86_400)
    }
}

/// The SHA-256 of a text, as `sha256sum` prints it.
fn sha256(text: &str) -> String {
    let digest = hmac_sha256::Hash::hash(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of the test vectors of FIPS 180-4, and that of nothing.
    #[test]
    fn a_digest_is_that_of_sha256sum() {
        assert!(sha256("abc").starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert!(sha256("").starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
    }
}
