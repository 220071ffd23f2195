//! What a page says about a service in a region.

use super::values::{Place, Stored, Zone};
use super::{sets, told};
use crate::decide::proof::rto::restore_deadline;
use crate::decide::proof::{Proof, Scope};
use crate::decide::role::Runs;
use crate::decide::{ServiceInRegion, database, scaling};
use crate::model;
use crate::model::Topology;
use crate::model::Volume;
use crate::plan::{postgresql, recovery};

/// `leader` is the region that leads while nothing is lost.
pub(super) fn place(
    here: &ServiceInRegion<'_>,
    leader: &ServiceInRegion<'_>,
    proof: &Proof,
) -> Place {
    let (service, region) = (here.service, here.region);
    let zone = |zone: &crate::model::Zone| Zone { name: zone.name.clone(), nodes: zone.nodes };
    let address = region.entry.as_ref().and_then(|entry| entry.address.clone());
    let address = address.filter(|_| service.traffic.is_some());
    let archive = postgresql::archive(here, region).filter(|_| service.postgresql.is_some());
    Place {
        region: region.name.to_string(),
        short: region.short.clone(),
        context: region.name.to_string(),
        cluster: region.cluster.clone(),
        role: here.role.word,
        velero: region.backup_namespace.to_string(),
        replicas: here.size.running,
        full: here.size.full,
        leading: here.leading_size.full,
        peak: here.size.peak,
        autoscaled: scaling::scales(here),
        survivors: proof.survivors_of_zone_loss,
        zones: region.zones.iter().map(zone).collect(),
        synchronous: here.database.is_some_and(|it| database::is_synchronous(it.instances)),
        zonal: zonal(here),
        node_loss: service.tier.node_loss.to_string(),
        machines: (region.control_plane.as_ref()).is_some_and(|plane| plane.machines.is_some()),
        record: address.as_ref().map(|address| model::record_type(address)),
        address,
        writes: here.role.backs_up,
        takes_over: here.role.takes_over,
        restores: recovery::fails_over_by_restore(here),
        cold: here.role.runs == Runs::Nothing,
        backups: recovery::backups(here),
        newest: recovery::newest(here),
        restore_ends: restore_deadline(here).go(),
        claims: claims(here, leader),
        stored: stored(here),
        server: archive.as_ref().map(|archive| archive.server.clone()),
        archive: archive.map(|archive| archive.store),
        sets: sets::of(here),
        ready: None,
        node: told::of(proof, Scope::Node),
        zone: told::of(proof, Scope::Zone),
        lost: told::of(proof, Scope::Region),
        data: told::of(proof, Scope::Data),
    }
}

/// The volumes that no other zone has.
fn zonal(here: &ServiceInRegion<'_>) -> Vec<String> {
    let goes = |volume: &&Volume| {
        let class = here.service.class_of(volume, here.region);
        class.is_some_and(|class| class.topology == Topology::Zone)
    };
    here.service.volumes.iter().filter(goes).map(|volume| volume.name.clone()).collect()
}

fn kept<'a>(here: &ServiceInRegion<'a>) -> impl Iterator<Item = &'a Volume> + use<'a> {
    here.service.volumes.iter().filter(|volume| volume.backup != Some(false))
}

/// The claims of the replicas that are backed up: `<volume>-<StatefulSet>-<ordinal>`.
fn claims(here: &ServiceInRegion<'_>, leader: &ServiceInRegion<'_>) -> Vec<String> {
    let name =
        |volume: &Volume, ordinal| format!("{}-{}-{ordinal}", volume.name, here.service.name);
    let replicas = if here.role.backs_up { here.size.full } else { leader.size.full };
    kept(here).flat_map(|volume| (0..replicas).map(move |ordinal| name(volume, ordinal))).collect()
}

fn stored(here: &ServiceInRegion<'_>) -> Vec<Stored> {
    let locations = model::backup_locations(here.fleet, here.service, here.region);
    let stored = locations.into_iter().map(|location| Stored {
        location: location.name.clone(),
        region: location.stored_in.to_string(),
    });
    stored.collect()
}
