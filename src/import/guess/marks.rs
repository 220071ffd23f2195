//! Labels and annotations.

use super::Guessing;
use crate::import::object::{self, Object};
use crate::import::toml::{fits, inline};
use crate::import::{routes, rules};
use crate::kube::labels;
use crate::kube::read::selector::Labels;
use crate::yaml::Value;

impl Guessing<'_> {
    /// `[metadata]`: what all of its objects have stands once.
    pub(super) fn marks(&mut self) {
        let group = self.group;
        let objects = self.context.objects;
        let deployment = Some(group.workload);
        let parts = [
            ("deployment", deployment),
            ("service", group.service),
            ("service_account", group.account),
            ("route", group.route),
        ];
        let there: Vec<(&str, &Object)> =
            parts.iter().filter_map(|(part, at)| Some((*part, &objects[(*at)?]))).collect();
        let labels: Vec<Labels> =
            there.iter().map(|(_, object)| free(object::labels_of(object))).collect();
        // What an account lacks does it no harm.
        let marked: Vec<&Labels> = (there.iter().zip(&labels))
            .filter(|((part, _), _)| ["deployment", "service"].contains(part))
            .map(|(_, labels)| labels)
            .collect();
        let shared: Labels = match marked.as_slice() {
            [first, _, ..] => {
                let all = |mark: &(&String, &String)| {
                    marked.iter().all(|other| other.get(mark.0) == Some(mark.1))
                };
                first.iter().filter(all).map(|(key, value)| (key.clone(), value.clone())).collect()
            }
            _ => Labels::new(),
        };
        self.mark("all", &shared, &Labels::new());
        for ((part, object), mut labels) in there.into_iter().zip(labels) {
            labels.retain(|key, _| !shared.contains_key(key));
            let annotations = object::annotations_of(object);
            let mut annotations = written(object, "metadata", free(annotations));
            if part == "route" {
                annotations.remove(routes::CLASS);
            }
            self.mark(part, &labels, &annotations);
        }
        let mut path = object::pod_path(self.workload).unwrap_or_default();
        path.pop();
        path.extend(["metadata", "annotations"]);
        let annotations = self.workload.at(&path).map(object::labels).unwrap_or_default();
        path.pop();
        let annotations = written(self.workload, &path.join("."), free(annotations));
        self.mark("pod", &free(object::pod_labels(self.workload)), &annotations);
        self.namespace();
    }

    /// The marks of its namespace, which the first service in it says.
    fn namespace(&mut self) {
        if !self.context.groups.groups[self.at].is_first {
            return;
        }
        let own = self.group.namespace.as_str();
        // What says `default` is in the namespace that was chosen for it.
        let found = [own, "default"].into_iter().find_map(|name| {
            let none = self.context.options.namespace(None);
            let at = *self.context.groups.places.all("Namespace", &none, name).first()?;
            let is_own = self.context.options.namespace(Some(name)) == own;
            is_own.then(|| &self.context.objects[at])
        });
        if let Some(namespace) = found {
            let (own, annotations) =
                (object::labels_of(namespace), object::annotations_of(namespace));
            let free = |mut marks: Labels| {
                marks.retain(|key, _| !labels::is_taken_of_namespace(key));
                marks
            };
            self.mark("namespace", &free(own), &free(annotations));
        }
    }

    fn mark(&mut self, part: &str, labels: &Labels, annotations: &Labels) {
        let both = [("labels", labels), ("annotations", annotations)];
        for (key, marks) in both.into_iter().filter(|(_, marks)| !marks.is_empty()) {
            let marks = marks.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            let short = inline(marks.clone().map(|(key, value)| (key, value.into())));
            if fits(key, &short) {
                self.document.table(&["metadata", part]).set(key, short);
                continue;
            }
            let table = self.document.table(&["metadata", part, key]);
            for (key, value) in marks {
                table.set(key, value);
            }
        }
    }
}

/// Those that a spec can say.
fn free(mut marks: Labels) -> Labels {
    marks.retain(|key, _| !labels::is_taken(key));
    marks
}

/// The annotations below some metadata of an object that nobody but a person writes.
fn written(object: &Object, metadata: &str, mut annotations: Labels) -> Labels {
    annotations.retain(|key, _| {
        let path = format!("{metadata}.annotations.{key}");
        rules::filled_in(&object.kind, &path, &Value::Null).is_none()
    });
    annotations
}
