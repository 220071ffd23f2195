//! VolSync: a source for each volume of each replica where data is written, a destination where
//! another region takes over, and an opening for the pods that copy.

use super::Planned;
use super::values::{Map, Meta, Values};
use crate::decide::resources::{self, RunsAs};
use crate::decide::{ServiceInRegion, network, replication};
use crate::kube::{Kind, labels};
use crate::model::Volume;
use serde::Serialize;

/// One end of the copy of one volume of one replica.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeCopy {
    /// Its metadata.
    pub meta: Meta,
    /// Five fields of cron, in UTC; none for a copy that is made once.
    pub cron: Option<String>,
    /// The word that asks for the one copy.
    pub once: Option<String>,
    /// The claim that is copied.
    pub claim: String,
    /// The Secret with the repository in between.
    pub repository: String,
    /// The size of the volume.
    pub size: String,
    /// Its storage class.
    pub class: String,
    /// The VolumeSnapshotClass.
    pub snapshots: String,
    /// The size of the cache of what copies.
    pub cache: &'static str,
    /// Days between two removals of what no kept copy needs.
    pub prune_days: u32,
    /// Hours of which a copy is kept.
    pub kept_hourly: u32,
    /// Days of which a copy is kept.
    pub kept_daily: u32,
    /// The labels of the pods that copy.
    pub mover: Map,
    /// Whom they run as: as the service does, or they could not read what it wrote.
    #[serde(flatten)]
    pub runs_as: RunsAs,
}

/// A claim that begins with what VolSync has copied.
#[derive(Clone, Debug, Serialize)]
pub struct FilledClaim {
    /// Its metadata.
    pub meta: Meta,
    /// Its storage class.
    pub class: String,
    /// Its size.
    pub size: String,
    /// The ReplicationDestination.
    pub destination: String,
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let Some(copying) = here.copying else { return };
    let kind = match here.role.backs_up {
        true => Kind::ReplicationSource,
        false => Kind::ReplicationDestination,
    };
    for Copied { part, mut values, .. } in copies(here) {
        let schedule = replication::schedule(here, copying, &values.meta.name).value;
        values.cron = Some(schedule);
        let values = Values::Copy(Box::new(values));
        objects.push(here.object(kind.clone(), &part, "data.replication", values));
    }
    let policy = policy(here, here.meta("copies"));
    objects.push(here.object(Kind::NetworkPolicy, "copies", "data.replication", policy));
}

/// This end of the copy of one volume of one replica; without when it copies.
pub(crate) struct Copied<'a> {
    /// What tells it from the others: `data-0`.
    pub(crate) part: String,
    /// The volume of the spec.
    pub(crate) volume: &'a str,
    pub(crate) values: VolumeCopy,
}

/// All of them; none where VolSync copies nothing.
pub(crate) fn copies<'a>(here: &ServiceInRegion<'a>) -> Vec<Copied<'a>> {
    let Some(replication) = replication::by_volsync(here.service) else { return Vec::new() };
    let service = here.service;
    let prefix = replication.repository.clone().unwrap_or_else(|| service.logical("volsync"));
    let each = |volume: &'a Volume, ordinal: u32| {
        let class = service.class_of(volume, here.region);
        let class = class.expect("the model checked the storage class");
        let part = format!("{}-{ordinal}", volume.name);
        let values = VolumeCopy {
            meta: here.meta(&part),
            cron: None,
            once: None,
            // `<claim template>-<StatefulSet>-<ordinal>`
            claim: format!("{}-{}-{ordinal}", volume.name, service.name.plain()),
            repository: format!("{prefix}-{part}"),
            size: replication::capacity(here, volume).value.to_string(),
            class: class.name.clone(),
            snapshots: class.snapshots.clone().expect("the model checked the class"),
            cache: replication::cache().value,
            prune_days: replication::prune_days().value,
            kept_hourly: replication::kept_hourly().value,
            kept_daily: replication::kept_daily().value,
            mover: movers(here),
            runs_as: resources::runs_as(here),
        };
        Copied { part, volume: &volume.name, values }
    };
    replication::copied(service)
        .into_iter()
        .flat_map(|volume| (0..here.size.full).map(move |ordinal| each(volume, ordinal)))
        .collect()
}

/// The claim that a copy fills: the one that the pods of the StatefulSet look for. One that exists is
/// not filled.
pub(crate) fn filled(here: &ServiceInRegion<'_>, copy: &Copied<'_>) -> FilledClaim {
    let mut labels = here.selector();
    labels.insert(labels::VOLUME.to_owned(), copy.volume.to_owned());
    let values = &copy.values;
    FilledClaim {
        meta: Meta { name: values.claim.clone(), labels, ..values.meta.clone() },
        class: values.class.clone(),
        size: values.size.clone(),
        destination: values.meta.name.clone(),
    }
}

/// Pods that copy resolve names, and reach object storage.
pub(crate) fn policy(here: &ServiceInRegion<'_>, meta: Meta) -> Values {
    Values::NetworkPolicy {
        meta,
        selector: movers(here),
        ingress: Vec::new(),
        egress: vec![network::dns(here), network::to_repository(here)],
    }
}

fn movers(here: &ServiceInRegion<'_>) -> Map {
    Map::from([(labels::MOVER.to_owned(), here.service.name.plain().to_owned())])
}
