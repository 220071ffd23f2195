//! The policy of the descheduler of a region (`docs/facts.md`, "Evening out replicas").

use super::namespaces::managed;
use super::values::{Map, Meta, Values};
use super::{Origin, Planned, shared};
use crate::kube::descheduler::PROTECTIONS;
use crate::kube::{Kind, labels};
use crate::model::{Descheduler, Fleet, Model, Region};

pub(crate) fn plan(model: &Model) -> Vec<Planned> {
    let fleet = model.fleet();
    let policy = |region: &Region| Some(policy(fleet, region, region.descheduler.as_ref()?));
    fleet.hosts().filter_map(policy).collect()
}

/// The ConfigMap that it reads: under the name at which it looks, so it changes in place.
fn policy(fleet: &Fleet, region: &Region, written: &Descheduler) -> Planned {
    let meta = Meta {
        name: written.policy.clone(),
        namespace: Some(written.namespace.to_string()),
        labels: managed(region),
        annotations: Map::new(),
    };
    let values = Values::DeschedulerPolicy {
        meta,
        protections: written.version >= PROTECTIONS,
        evicts: labels::SERVICE,
    };
    let span = fleet.document.key(&["regions", region.name.as_str(), "descheduler"]);
    let origin = Origin { span, key: "descheduler" };
    let namespace = Some(written.namespace.clone());
    let id = (Kind::ConfigMap, namespace, written.policy.as_str(), "descheduler");
    let planned = shared(fleet, region, id, values, origin);
    Planned { template: "descheduler-policy.yaml".to_owned(), ..planned }
}
