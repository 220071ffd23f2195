//! Labels, selectors and annotations.

use super::values::{Map, Meta, Values};
use crate::decide::ServiceInRegion;
use crate::decide::network::pods_of_service;
use crate::decide::shared;
use crate::kube::{Kind, delivery, labels};
use crate::model::{Fleet, Marks, Metadata};

impl ServiceInRegion<'_> {
    /// The metadata of an object in the service's own namespace.
    pub(crate) fn meta(&self, part: &str) -> Meta {
        Meta {
            name: self.service.logical(part),
            namespace: Some(self.service.namespace.to_string()),
            labels: self.labels(),
            annotations: Map::new(),
        }
    }

    /// The labels of every object. None of them is hashed, so that a new team or another tier
    /// renames nothing by itself.
    pub(crate) fn labels(&self) -> Map {
        let mut map = self.pod_labels();
        map.insert("app.kubernetes.io/managed-by".to_owned(), "ninefold".to_owned());
        map.insert(labels::REGION.to_owned(), self.region.name.to_string());
        map.insert(labels::TIER.to_owned(), self.service.tier.name.clone());
        map.extend(shared::mark(self).map(|mark| (labels::BACKUP.to_owned(), mark)));
        if let Some(team) = &self.service.team {
            map.insert("ninefold.dev/team".to_owned(), team.clone());
        }
        map
    }

    /// The labels of pods: part of what is hashed, so only what pods are selected by, and the
    /// same in every region.
    pub(crate) fn pod_labels(&self) -> Map {
        let mut map = self.selector();
        map.insert(labels::NAME.to_owned(), self.service.name.plain().to_owned());
        map
    }

    /// Selects the pods of every generation of the service.
    pub(crate) fn selector(&self) -> Map {
        pods_of_service(self.service.name.plain())
    }
}

/// Says that the ServiceAccount of its pods is made by somebody else, if so.
pub(crate) fn shared_account(here: &ServiceInRegion<'_>) -> Option<(String, String)> {
    let shared = here.service.pod.shared_account;
    shared.then(|| (labels::SHARED_ACCOUNT.to_owned(), "true".to_owned()))
}

/// Adds what the spec says of objects of a kind. What has a meaning of its own stays as it is.
pub(crate) fn of_the_spec(metadata: &Metadata, kind: &Kind, meta: &mut Meta) {
    let own = kind.facts().metadata.map(|part| metadata.part(part));
    own.into_iter().chain([&metadata.all]).for_each(|marks| add(marks, meta));
}

/// Adds marks whose keys are not taken.
pub(crate) fn add(marks: &Marks, meta: &mut Meta) {
    below(&marks.labels, &mut meta.labels);
    below(&marks.annotations, &mut meta.annotations);
}

/// Adds entries under the keys that are not there.
pub(crate) fn below(added: &Map, to: &mut Map) {
    for (key, value) in added {
        to.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// Adds what the fleet's delivery engine reads.
pub(crate) fn for_delivery(fleet: &Fleet, kind: &Kind, values: &mut Values) {
    let added = delivery::annotations(fleet.delivery, kind).into_iter();
    let added = added.map(|(key, value)| (key.to_owned(), value));
    values.meta_mut().annotations.extend(added);
}

/// Has the engine apply an object after everything else, where its health waits for another region.
pub(crate) fn after_all(fleet: &Fleet, values: &mut Values) {
    let added = delivery::after_all(fleet.delivery);
    let added = added.map(|(key, value)| (key.to_owned(), value.to_owned()));
    values.meta_mut().annotations.extend(added);
}
