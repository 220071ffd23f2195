//! Which Kubernetes Service and which account are a workload's own, and what the service is called.

use super::{Fate, Sorting};
use crate::diag::Sink;
use crate::diag::{Code, Diagnostic, Severity};
use crate::import::object::{self, Object};
use crate::kube::id;
use crate::kube::read::selector::Selector;
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of the name of a service.
const LONGEST: usize = 30;

/// Names that the tree has taken.
const TAKEN: &[&str] =
    &["fleet", "ledger", "recovery", "procedures", "retained", "delivery", "default"];

impl Sorting<'_> {
    /// Kubernetes Services: the one that has the name of the workload is the service's own.
    pub(super) fn services(&mut self, sink: &mut Sink) {
        let mut led: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, object) in self.objects.iter().enumerate() {
            let Some(selector) = object.at(&["spec", "selector"]) else { continue };
            let open = self.fates[at] == Fate::Manifest(None);
            if object.kind != "Service" || selector.entries().is_empty() || !open {
                continue;
            }
            let selector = Selector::of(&object::labels(selector));
            let found = self.workloads.selected(&self.namespace(at), &selector);
            if let [first, second, ..] = found.as_slice() {
                self.shared(sink, object, (*first, *second));
                self.fates[at] = Fate::Manifest(Some(*first));
            } else if let [only] = found.as_slice() {
                led.entry(*only).or_default().push(at);
                self.fates[at] = Fate::Manifest(Some(*only));
            }
            let outside =
                matches!(object.text(&["spec", "type"]), Some("LoadBalancer" | "NodePort"));
            found.iter().for_each(|group| self.groups[*group].exposed |= outside);
        }
        for (group, mut services) in led {
            let workload = &self.objects[self.groups[group].workload].name;
            let rank = |at: &usize| {
                let object = &self.objects[*at];
                let outside =
                    object.text(&["spec", "type"]).is_some_and(|kind| kind != "ClusterIP");
                (object.name.len() > LONGEST, object.name != *workload, outside, *at)
            };
            services.sort_by_key(rank);
            let best = services[0];
            let name = &self.objects[best].name;
            // What Prometheus reads is no name for a service.
            let of_metrics = name.ends_with("-metrics") && name != workload;
            if name.len() <= LONGEST && !(of_metrics && workload.len() <= LONGEST) {
                self.groups[group].service = Some(best);
                self.groups[group].name = name.clone();
                self.fates[best] = Fate::Service(group);
            }
        }
    }

    fn shared(&self, sink: &mut Sink, service: &Object, (first, second): (usize, usize)) {
        let of = |group: usize| &self.objects[self.groups[group].workload];
        let (first, second) = (of(first), of(second));
        let message = format!(
            "the Kubernetes Service `{}` leads to two workloads, `{}` and `{}`",
            service.name, first.name, second.name
        );
        sink.report(
            Diagnostic::new(Code::IMPORT_DECIDE, message)
                .severity(Severity::Warning)
                .at(service.place, "")
                .related(first.place, "one of them")
                .related(second.place, "and the other")
                .note("it stays as it is, among `[[manifests]]`; each of the two is a service with an address of its own")
                .help("where one of them replaces the other in steps, import only the one that stays"),
        );
    }

    /// Names that a service can have, each once.
    pub(super) fn names(&mut self) {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for group in &mut self.groups {
            let mut name = fitting(&group.name, LONGEST);
            if seen.contains(&name) {
                name = fitting(&format!("{name}-{}", group.namespace), LONGEST);
            }
            let mut count = 1;
            while seen.contains(&name) {
                count += 1;
                name = format!("{}-{count}", fitting(&group.name, LONGEST - 3));
            }
            seen.insert(name.clone());
            group.name = name;
        }
        for at in 0..self.groups.len() {
            let group = &self.groups[at];
            let Some(service) = group.service else { continue };
            if self.objects[service].name != group.name {
                // Its address must stay.
                self.fates[service] = Fate::Manifest(Some(at));
                self.groups[at].service = None;
            }
        }
    }

    pub(super) fn accounts(&mut self) {
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        for at in 0..self.groups.len() {
            let group = &self.groups[at];
            let Some(name) = object::account(&self.objects[group.workload]) else { continue };
            let found = self.find("ServiceAccount", &group.namespace, name);
            if let Some(found) = found.filter(|found| taken.insert(*found))
                && self.fates[found] == Fate::Manifest(None)
            {
                self.fates[found] = Fate::Service(at);
                self.groups[at].account = Some(found);
            }
        }
    }
}

/// The nearest name that a service can have.
fn fitting(name: &str, longest: usize) -> String {
    let near = id::nearest_label(name);
    let near = match near.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("x{near}"),
        false => near,
    };
    let near = if TAKEN.contains(&near.as_str()) { format!("{near}-service") } else { near };
    let cut: String = near.chars().take(longest).collect();
    cut.trim_end_matches('-').to_owned()
}
