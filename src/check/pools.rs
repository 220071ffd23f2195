//! Pools of nodes: pods get there by labels, and others are kept away by taints.

use super::names::named;
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::id;
use crate::model::{EFFECTS, Fleet, NO_POOL, Region, Taint};

/// What services have that name no nodes.
pub(super) fn defaults(sink: &mut Sink, fleet: &Fleet) {
    let at = |rest: &[&str]| fleet.document.at(&[&["defaults", "placement"], rest].concat());
    for (key, value) in &fleet.node_labels {
        let problem = id::label_key_problem(key).or_else(|| id::label_value_problem(value));
        if let Some(problem) = problem {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{key}: {value}` is not a label"))
                    .at(at(&["labels", key]), problem)
                    .help("write it as `kubectl get nodes --show-labels` shows it"),
            );
        }
    }
    let Some(pool) = &fleet.pool else { return };
    for region in fleet.regions.values() {
        if !region.pools.iter().any(|own| own.name == *pool) {
            let known: Vec<&str> = region.pools.iter().map(|own| own.name.as_str()).collect();
            let help = match known.as_slice() {
                [] => {
                    format!("add it to `pools` of `[regions.{}]`, or remove this line", region.name)
                }
                known => diag::did_you_mean(pool, known.iter().copied()),
            };
            sink.error(
                Diagnostic::new(
                    Code::UNKNOWN_POOL,
                    format!("`{}` has no pool of nodes `{pool}`", region.name),
                )
                .at(at(&["pool"]), "for every service that names none")
                .related(fleet.document.key(&["regions", region.name.as_str()]), "declared here")
                .help(help),
            );
        }
    }
}

pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    for index in 0..region.pools.len() {
        Checker { fleet, region, index }.check(sink);
    }
}

struct Checker<'a> {
    fleet: &'a Fleet,
    region: &'a Region,
    index: usize,
}

impl Checker<'_> {
    fn at(&self, rest: &[&str]) -> Span {
        let index = self.index.to_string();
        let path = ["regions", self.region.name.as_str(), "pools", &index];
        self.fleet.document.at(&[&path[..], rest].concat())
    }

    fn check(&self, sink: &mut Sink) {
        self.name(sink);
        self.zones(sink);
        self.labels(sink);
        self.taints(sink);
        self.resources(sink);
        self.apart(sink);
    }

    fn name(&self, sink: &mut Sink) {
        let pools = &self.region.pools;
        let name = &pools[self.index].name;
        let at = || self.at(&["name"]);
        named(sink, id::label_problem, ("a pool", name), at, "write it like `gpu`");
        if name == NO_POOL {
            sink.error(
                Diagnostic::new(Code::RESERVED_NAME, format!("a pool cannot be called `{name}`"))
                    .at(at(), "")
                    .note("in a spec, that means the nodes of `zones`")
                    .help("write what its nodes are for"),
            );
        }
        if let Some(first) = pools[..self.index].iter().position(|other| other.name == *name) {
            let first = Checker { index: first, ..*self }.at(&["name"]);
            sink.error(
                Diagnostic::new(Code::DUPLICATE_NAME, format!("two pools are called `{name}`"))
                    .at(self.at(&["name"]), "here again")
                    .related(first, "first here"),
            );
        }
    }

    fn zones(&self, sink: &mut Sink) {
        let zones = self.region.pools[self.index].zones.iter().flatten();
        let known = || self.region.zones.iter().map(|zone| zone.name.as_str());
        for (index, zone) in zones.enumerate().filter(|(_, zone)| !known().any(|own| own == *zone))
        {
            sink.error(
                Diagnostic::new(
                    Code::WRONG_VALUE,
                    format!("`{zone}` is not a zone of `{}`", self.region.name),
                )
                .at(self.at(&["zones", &index.to_string()]), "")
                .help(diag::did_you_mean(zone, known())),
            );
        }
        if self.region.pools[self.index].zones.as_ref().is_some_and(Vec::is_empty) {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, "a pool in no zone has no nodes")
                    .at(self.at(&["zones"]), "")
                    .help("name some, or leave `zones` out for all of the region"),
            );
        }
    }

    fn labels(&self, sink: &mut Sink) {
        let labels = &self.region.pools[self.index].labels;
        if labels.is_empty() {
            sink.error(
                Diagnostic::new(Code::MISSING_KEY, "nothing leads pods to the nodes of this pool")
                    .at(self.at(&["labels"]), "")
                    .help("write the labels that its nodes have: `labels = { pool = \"gpu\" }`"),
            );
        }
        for (key, value) in labels {
            let problem = id::label_key_problem(key).or_else(|| id::label_value_problem(value));
            if let Some(problem) = problem {
                sink.error(
                    Diagnostic::new(Code::WRONG_VALUE, format!("`{key}: {value}` is not a label"))
                        .at(self.at(&["labels", key]), problem)
                        .help("write it as `kubectl get nodes --show-labels` shows it"),
                );
            }
        }
    }

    fn taints(&self, sink: &mut Sink) {
        let written = &self.region.pools[self.index].taints;
        let mut keeps_away = false;
        for (index, text) in written.iter().enumerate() {
            let taint = Taint::parse(text);
            keeps_away |= taint.as_ref().is_none_or(Taint::keeps_away);
            let problem = match &taint {
                None => Some(format!("an effect is one of {}", diag::list(EFFECTS))),
                Some(taint) => id::label_key_problem(&taint.key)
                    .or_else(|| id::label_value_problem(taint.value.as_deref()?)),
            };
            if let Some(problem) = problem {
                sink.error(
                    Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not a taint"))
                        .at(self.at(&["taints", &index.to_string()]), problem)
                        .help("write it like `gpu=true:NoSchedule`, or `gpu:NoSchedule`"),
                );
            }
        }
        if !keeps_away {
            let name = &self.region.pools[self.index].name;
            sink.report(
                Diagnostic::new(
                    Code::POOL_OPEN,
                    format!(
                        "every pod of `{}` may take room in the pool `{name}`",
                        self.region.name
                    ),
                )
                .at(self.at(&[]), "no taint keeps them away")
                .note("what the pool has is promised to services that name it, and to no other")
                .help(format!(
                    "taint its nodes, and write it here: `taints = [\"{name}:NoSchedule\"]`"
                )),
            );
        }
    }

    fn resources(&self, sink: &mut Sink) {
        for name in self.region.pools[self.index].resources.keys() {
            let problem = match name.contains('/') {
                true => id::label_key_problem(name),
                false => Some("it has a domain, and a `/`".to_owned()),
            };
            if let Some(problem) = problem {
                sink.error(
                    Diagnostic::new(
                        Code::WRONG_VALUE,
                        format!("`{name}` is not an extended resource"),
                    )
                    .at(self.at(&["resources", name]), problem)
                    .help("write it as `kubectl describe node` shows it: `\"nvidia.com/gpu\" = 8`"),
                );
            }
        }
    }

    /// Pods of this pool that the scheduler could put on nodes of another.
    fn apart(&self, sink: &mut Sink) {
        let own = &self.region.pools[self.index];
        if own.labels.is_empty() {
            return;
        }
        let other = self.region.pools.iter().position(|other| {
            let fits = own.labels.iter().all(|(key, value)| other.labels.get(key) == Some(value));
            let kept_away = other.taints.iter().any(|taint| {
                let keeps = Taint::parse(taint).is_some_and(|taint| taint.keeps_away());
                keeps && !own.taints.contains(taint)
            });
            other.name != own.name && fits && !kept_away
        });
        let Some(other) = other else { return };
        let there = Checker { index: other, ..*self };
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!(
                    "pods of the pool `{}` may run in the pool `{}`",
                    own.name, self.region.pools[other].name
                ),
            )
            .at(self.at(&["labels"]), "these labels")
            .related(there.at(&["labels"]), "are among these")
            .note("what each of them has is promised by itself")
            .help("add a label that only its own nodes have, or a taint to the other pool"),
        );
    }
}
