//! VolSync: a source for each volume of each replica where data is written, a destination where
//! another region takes over, and an opening for the pods that copy.
//!
//! They meet in a repository in object storage. What the destination holds when its region must
//! take over is behind by: the wait for the next push, the push, the wait for the next pull, the
//! pull (`ha-dr` 3.5). The interval follows from the lag that the spec allows.

use super::values::{FilledClaim, Map, Meta, Values, VolumeCopy};
use super::{Planned, ServiceInRegion, cron, network};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::{Kind, labels};
use crate::model::Service;
use crate::model::{Engine, Replication, Volume};
use crate::quantity::Duration;

/// What a push, and what a pull, of the changes since the one before is assumed to take: VolSync
/// bounds neither. An alert on `volsync_missed_intervals_total` tells when it takes longer.
pub const COPY: Duration = Duration::minutes(5);

/// How far a copy of VolSync's is behind at worst.
pub fn volsync_lag(interval: Duration) -> Duration {
    interval * 2 + COPY * 2
}

/// The longest interval that keeps the copy within `lag`; none when none does.
pub fn volsync_interval(lag: Duration) -> Option<Duration> {
    cron::INTERVALS.into_iter().rev().find(|interval| volsync_lag(*interval) <= lag)
}

/// The lag that VolSync is to keep for this service, and how often it copies for that; nothing
/// where it does not copy.
pub(crate) fn by_volsync_every(here: &ServiceInRegion<'_>) -> Option<(Duration, Duration)> {
    let lag = by_volsync(here)?.lag?;
    Some((lag, volsync_interval(lag)?))
}

/// The volumes that it copies.
pub(crate) fn copied(service: &Service) -> Vec<&Volume> {
    service.volumes.iter().filter(|volume| volume.backup != Some(false)).collect()
}

fn by_volsync<'a>(here: &ServiceInRegion<'a>) -> Option<&'a Replication> {
    here.service.replication.as_ref().filter(|replication| replication.engine == Engine::Volsync)
}

/// Whether VolSync can keep the lag that the spec allows.
pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let lag = by_volsync(here).and_then(|replication| replication.lag);
    let Some(lag) = lag.filter(|lag| volsync_interval(*lag).is_none()) else { return };
    let shortest = cron::INTERVALS[0];
    let least = volsync_lag(shortest);
    sink.error(
        Diagnostic::new(
            Code::REPLICATION_LAG,
            format!("VolSync cannot keep the copy of `{}` within {lag}", here.service.name),
        )
        .at(here.service.at(&["data", "replication", "lag"]), "")
        .note(format!(
            "worst case: {shortest} until the next push + {COPY} to push + {shortest} until the next pull + {COPY} to pull (assumed) = {least}"
        ))
        .help(format!("write `lag = \"{}\"` or more, or use a store that replicates by itself: `engine = \"external\"`", least.compact())),
    );
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let Some((_, interval)) = by_volsync_every(here) else { return };
    let (kind, later) = match here.role.backs_up {
        true => (Kind::ReplicationSource, Duration::default()),
        false => (Kind::ReplicationDestination, COPY),
    };
    for Copied { part, mut values, .. } in copies(here) {
        values.cron = Some(cron::expression_after(interval, &values.meta.name, later));
        let values = Values::Copy(Box::new(values));
        objects.push(here.object(kind.clone(), &part, "data.replication", values));
    }
    let policy = policy(here, here.meta("copies"));
    objects.push(here.object(Kind::NetworkPolicy, "copies", "data.replication", policy));
}

/// This end of the copy of one volume of one replica; when it copies is not said.
pub(crate) struct Copied<'a> {
    /// What tells it from the others: `data-0`.
    pub(crate) part: String,
    /// The volume of the spec.
    pub(crate) volume: &'a str,
    pub(crate) values: VolumeCopy,
}

/// All of them; none where VolSync copies nothing.
pub(crate) fn copies<'a>(here: &ServiceInRegion<'a>) -> Vec<Copied<'a>> {
    let Some(replication) = by_volsync(here) else { return Vec::new() };
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
            claim: format!("{}-{}-{ordinal}", volume.name, service.name),
            repository: format!("{prefix}-{part}"),
            size: volume.size.to_string(),
            class: class.name.clone(),
            snapshots: class.snapshots.clone().expect("the model checked the class"),
            mover: movers(here),
            user: here.fleet.user,
        };
        Copied { part, volume: &volume.name, values }
    };
    copied(service)
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
        egress: vec![network::dns(here), network::object_storage(here)],
    }
}

fn movers(here: &ServiceInRegion<'_>) -> Map {
    Map::from([(labels::MOVER.to_owned(), here.service.name.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_longest_that_keeps_the_lag() {
        for minutes in 1..3000 {
            let lag = Duration::minutes(minutes);
            match volsync_interval(lag) {
                Some(interval) => {
                    assert!(volsync_lag(interval) <= lag);
                    let longer = cron::INTERVALS.into_iter().find(|other| *other > interval);
                    assert!(longer.is_none_or(|longer| volsync_lag(longer) > lag), "{lag}");
                }
                None => assert!(minutes < 20, "{lag}"),
            }
        }
    }
}
