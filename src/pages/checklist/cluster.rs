//! What every service needs of a region: the fleet file declares it, and the card of the cluster asks
//! for it once.

use super::{Row, Says, command, lost_with_region, needed, platform};
use crate::decide::{Decided, queue};
use crate::kube::Namespace;
use crate::kube::kinds::KINDS;
use crate::kube::needs::Thing;
use crate::kube::operators;
use crate::model::{Fleet, Region};
use crate::plan::control_plane;

/// Everything that a card of a service need not ask again.
pub(super) fn rows(decided: &Decided, region: &Region) -> Vec<Row> {
    let fleet = decided.fleet();
    let nodes = region.zones.iter();
    let mut rows: Vec<Row> =
        nodes.map(|zone| Row::new(Says::Fleet, command::nodes(&zone.name, zone.nodes))).collect();
    rows.extend(agents(fleet, region));
    let server = || command::server(region.backup_namespace.as_str(), queue::concurrency(region));
    rows.extend(region.velero.then(|| Row::new(Says::Fleet, server())));
    rows.extend(region.backup_locations.iter().flat_map(|one| platform::location(region, one)));
    rows.extend(read(decided, region));
    rows.extend(served(fleet, region));
    rows.extend(named(region));
    rows.extend(snapshots(region));
    rows.extend(platform::records(fleet, region));
    rows.extend(lost_with_region::registries(fleet, region));
    rows
}

/// What delivers to this region, where it runs.
fn agents(fleet: &Fleet, region: &Region) -> Vec<Row> {
    let from = region.delivered_from.as_str();
    let declared = from != region.name.as_str();
    let says = if declared { Says::Fleet } else { Says::You };
    let declared_in = crate::plan::delivery::namespace(fleet);
    let agent = |(namespace, label): &(&str, &str)| {
        let namespace = declared_in.map_or(*namespace, Namespace::as_str);
        Row::new(
            says,
            match declared {
                true => command::pods_ready_in(from, namespace, label),
                false => command::pods_ready(namespace, label),
            },
        )
    };
    fleet.delivery.row().agents.iter().map(agent).collect()
}

/// What reading the backups of other regions takes.
fn read(decided: &Decided, region: &Region) -> Vec<Row> {
    let fleet = decided.fleet();
    let own = decided.twins().iter().filter(|twin| twin.reader == region.name);
    let rows = own.flat_map(|twin| {
        let writer = &fleet.regions[&twin.writer];
        let location = writer.backup_locations.iter().find(|one| one.name == twin.location);
        let mut rows: Vec<Row> = (location.into_iter())
            .flat_map(|location| platform::twin(region, writer, location))
            .collect();
        rows.extend(platform::restores(region, writer));
        rows
    });
    rows.collect()
}

/// The kinds that the fleet declares somebody to serve there.
fn served(fleet: &Fleet, region: &Region) -> Vec<Row> {
    let kinds = KINDS.iter().filter(|row| {
        !operators::is_own(operators::group(row.api_version))
            && needed::declared(fleet, region, operators::group(row.api_version))
    });
    kinds.map(|row| Row::new(Says::Fleet, command::served(row.api_version, row.name))).collect()
}

/// What the snapshots of etcd take for granted.
fn snapshots(region: &Region) -> Vec<Row> {
    let secrets =
        region.snapshots().map_or(Vec::new(), |written| control_plane::secrets(region, written));
    let get = |name: &String| command::get(Some(control_plane::NAMESPACE), "secret", name);
    secrets.iter().map(|name| Row::new(Says::You, get(name))).collect()
}

/// What stands there by a name in the fleet file.
fn named(region: &Region) -> Vec<Row> {
    let get = |thing: Thing, name: &str| {
        Row::new(Says::Fleet, command::get(None, thing.resource(), name))
    };
    let mut rows = Vec::new();
    for class in &region.storage {
        rows.push(get(Thing::StorageClass, &class.name));
        rows.extend(class.snapshots.iter().map(|name| get(Thing::SnapshotClass, name)));
    }
    let Some(entry) = &region.entry else { return rows };
    rows.extend(entry.class.iter().map(|name| get(Thing::IngressClass, name)));
    rows.extend(entry.gateway.iter().map(|name| {
        let namespace = region.gateway.as_ref().map(|namespace| namespace.as_str());
        needed::gateway(namespace, name)
    }));
    rows
}
