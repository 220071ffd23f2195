//! Clusters that several environments share: they say the same of it, and each has namespaces of its own.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::{Namespace, RegionName};
use crate::model::{Fleet, Model, Region, Service};
use std::collections::BTreeMap;

/// What the cluster of a region is, key by key.
fn facts(region: &Region) -> [(&'static str, String); 9] {
    let velero = (region.velero, &region.backup_namespace, &region.backups);
    let stores = (&region.backup_locations, &region.snapshot_locations);
    [
        ("provider", format!("{:?}", region.provider)),
        ("kubernetes", region.kubernetes.to_string()),
        ("zones", format!("{:?}", region.zones)),
        ("pools", format!("{:?}", region.pools)),
        ("storage", format!("{:?}", region.storage)),
        ("backup", format!("{velero:?}{stores:?}")),
        ("prometheus", format!("{:?}", region.prometheus)),
        ("descheduler", format!("{:?}", region.descheduler)),
        ("control_plane", format!("{:?}", region.control_plane)),
    ]
}

/// Regions of one cluster say the same of it: its nodes are counted once, and what it has once is made by
/// one of them.
pub(super) fn alike(sink: &mut Sink, fleet: &Fleet) {
    for region in fleet.regions.values().filter(|region| region.is_guest()) {
        let host = &fleet.regions[&region.host];
        let differ = facts(host).into_iter().zip(facts(region)).filter(|(a, b)| a != b);
        for ((key, _), _) in differ {
            let place = |region: &Region| {
                let path = ["regions", region.name.as_str(), key];
                match fleet.document.has(&path) {
                    true => fleet.document.key(&path),
                    false => fleet.document.key(&path[..2]),
                }
            };
            sink.error(
                Diagnostic::new(
                    Code::CLUSTER_SHARED,
                    format!("`{}` and `{}` say different `{key}` of one cluster", host.name, region.name),
                )
                .at(place(region), format!("of the cluster `{}`", region.cluster))
                .related(place(host), "and so is this")
                .note("regions of several environments that name one `cluster` share its nodes and its Velero")
                .help("say the same in both; or name another `cluster`, if these are two"),
            );
        }
    }
}

/// A namespace of a cluster belongs to one region: each has it in its folder, and what delivers one folder
/// takes away what another puts into the namespace.
pub(super) fn namespaces(sink: &mut Sink, model: &Model) {
    let mut first: BTreeMap<(&RegionName, &Namespace), (&Service, &RegionName)> = BTreeMap::new();
    for service in model.services() {
        for region in &service.regions {
            let place = (&region.host, &service.namespace);
            let (other, there) = *first.entry(place).or_insert((service, &region.name));
            if *there != region.name {
                sink.error(meet(service, other, region));
            }
        }
    }
}

fn meet(service: &Service, other: &Service, region: &Region) -> Diagnostic {
    let (name, namespace) = (&service.name, &service.namespace);
    let (place, help) = match service.name.environment() {
        Some(environment) => (
            service.document.key(&["environments", environment]),
            format!(
                "write `namespace = \"{namespace}-{environment}\"` below `[environments.{environment}]`"
            ),
        ),
        None => (service.origin(&["namespace"]), "write another `namespace`".to_owned()),
    };
    Diagnostic::new(
        Code::CLUSTER_SHARED,
        format!("`{}` and `{name}` would both be in `{namespace}` of the cluster `{}`", other.name, region.cluster),
    )
    .at(place, "in the same namespace")
    .related(other.at(&["regions"]), format!("`{}` is in that cluster, too", other.name))
    .note("each environment has a folder of its own: what delivers one takes away what the other puts there")
    .help(format!("{help}; or run it in another cluster"))
}
