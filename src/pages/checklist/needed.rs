//! What the objects of the service take for granted in the region.

use super::{Row, Says, command};
use crate::decide::ServiceInRegion;
use crate::kube::engines::traffic::DnsEngine;
use crate::kube::needs::{self, Need, Thing};
use crate::kube::{Kind, operators};
use crate::model::{Fleet, Region};

/// Whether the fleet declares something in a region.
type Declared = fn(&Fleet, &Region) -> bool;

/// Whether the fleet declares who serves a group, for groups of which it can.
const DECLARED: &[(&str, Declared)] = &[
    ("gateway.networking.k8s.io", |_, region| {
        region.entry.as_ref().is_some_and(|entry| entry.gateway.is_some())
    }),
    ("monitoring.coreos.com", |_, region| region.prometheus.is_some()),
    ("postgresql.cnpg.io", |_, region| region.postgresql.is_some()),
    ("velero.io", |_, region| region.velero),
];

/// Whether somebody who makes records of the fleet serves a group.
fn records(fleet: &Fleet, group: &str) -> bool {
    let serves = |engine: DnsEngine| operators::group(engine.row().kind.api_version()) == group;
    fleet.dns.values().any(|zone| serves(zone.engine))
}

/// Whether the fleet declares who serves a group in a region.
pub(super) fn declared(fleet: &Fleet, region: &Region, group: &str) -> bool {
    let known = DECLARED.iter().find(|(of, _)| *of == group);
    known.is_some_and(|(_, declared)| declared(fleet, region)) || records(fleet, group)
}

pub(super) fn rows<'a>(
    here: &'a ServiceInRegion<'_>,
    needs: impl Iterator<Item = &'a Need>,
) -> impl Iterator<Item = Row> {
    let all = needs.cloned().chain(once_it_leads(here));
    all.map(|need| row(here, &need))
}

/// What the region gets once it leads, and may not have yet.
fn once_it_leads(here: &ServiceInRegion<'_>) -> Vec<Need> {
    let served = |kind: Kind| {
        let row = kind.row()?;
        Some(Need::Served { api_version: row.api_version.to_owned(), kind: row.name.to_owned() })
    };
    let backed_up = here.is_backed_up();
    let mut kinds = Vec::new();
    kinds.extend(backed_up.then_some(Kind::Schedule));
    kinds.extend((backed_up && here.service.keeps_data()).then_some(Kind::Restore));
    kinds.extend(engine(here).map(|engine| engine.row().kind.clone()));
    let mut needs: Vec<Need> = kinds.into_iter().filter_map(served).collect();
    // Its volumes are backed up then, or copied: from snapshots.
    let engine = here.service.replication.as_ref().map(|replication| replication.engine);
    let snapshots = backed_up || engine.is_some_and(|engine| engine.row().snapshots);
    let volumes = here.service.volumes.iter().filter(|_| snapshots);
    let kept = volumes.filter(|volume| volume.backup != Some(false));
    let classes = kept.filter_map(|volume| here.service.class_of(volume, here.region));
    needs.extend(classes.filter_map(|class| class.snapshots.clone()).map(|name| Need::Named {
        thing: Thing::SnapshotClass,
        namespace: None,
        name,
    }));
    needs
}

/// Who makes the records of the service, where the fleet says.
pub(super) fn engine(here: &ServiceInRegion<'_>) -> Option<DnsEngine> {
    let host = here.service.traffic.as_ref()?.hosts.first()?;
    Some(here.fleet.zone_of(host)?.1.engine)
}

fn row(here: &ServiceInRegion<'_>, need: &Need) -> Row {
    let account = here.service.pod.service_account.as_ref();
    let account = account.filter(|account| **account != here.service.name.plain());
    match need {
        Need::Served { api_version, kind } => served(here, api_version, kind),
        Need::Image(_) => Row::shown(command::pulls(account.map(String::as_str))),
        Need::Named { thing, namespace, name } => named(here, *thing, namespace.as_deref(), name),
        Need::Identity { annotation, namespace, account } => Row::judge(format!(
            "The cloud trusts this cluster for the ServiceAccount `{account}` of `{namespace}` (`{annotation}`): its issuer differs from those of the other regions (`kubectl --context {} get --raw /.well-known/openid-configuration`).",
            here.region.name
        )),
        Need::Done { kind, namespace, name } => {
            let state = needs::done(kind).unwrap_or_default().0;
            let group = kind.row().map(|row| operators::group(row.api_version)).unwrap_or_default();
            let resource = format!("{}.{group}/{name}", kind.name().to_ascii_lowercase());
            Row::new(Says::Tree, command::wait(Some(namespace), &resource, state))
        }
    }
}

/// Whether the API serves a kind, and whose operator must be there otherwise.
fn served(here: &ServiceInRegion<'_>, api_version: &str, kind: &str) -> Row {
    let declared = declared(here.fleet, here.region, operators::group(api_version));
    let says = if declared { Says::Fleet } else { Says::You };
    Row::new(says, command::served(api_version, kind))
}

fn named(here: &ServiceInRegion<'_>, thing: Thing, namespace: Option<&str>, name: &str) -> Row {
    let get = |says| Row::new(says, command::get(namespace, thing.resource(), name));
    let wait = |says, state| {
        let object = format!("{}/{name}", thing.resource());
        Row::new(says, command::wait(namespace, &object, state))
    };
    match thing {
        Thing::PriorityClass if here.fleet.priority_classes.contains_key(name) => get(Says::Tree),
        Thing::Secret | Thing::PriorityClass | Thing::RuntimeClass => get(Says::You),
        Thing::Certificate => wait(Says::You, "jsonpath={.type}=kubernetes.io/tls"),
        Thing::StorageClass | Thing::SnapshotClass | Thing::IngressClass | Thing::Archive => {
            get(Says::Fleet)
        }
        Thing::Gateway => gateway(namespace, name),
        Thing::Api => wait(Says::You, "condition=Available"),
    }
}

/// Whether a Gateway works.
pub(super) fn gateway(namespace: Option<&str>, name: &str) -> Row {
    let object = format!("{}/{name}", Thing::Gateway.resource());
    Row::new(Says::Fleet, command::wait(namespace, &object, "condition=Programmed"))
}
