//! Regions, zones and pools, with the room that they have.

use super::place;
use crate::Fleet;
use crate::decide::room::{self, Quantity, ResourceRoom, Room};
use crate::model;
use crate::words::Provider;
use schemars::JsonSchema;
use serde::Serialize;

/// A region.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Region {
    /// Its name.
    pub(super) name: String,
    /// `Azure`, `AWS`, `Google Cloud` or `own`.
    provider: &'static str,
    /// The geography that data may not leave.
    geography: String,
    /// Its cluster.
    cluster: String,
    /// The version of Kubernetes that it runs.
    kubernetes: String,
    /// Its environment; empty for the default one.
    environment: String,
    /// The region whose cluster it shares; empty where it has its own.
    shares: String,
    /// Where it is declared: `specs/fleet.toml:7`.
    place: String,
    /// How many services have replicas in it.
    running: usize,
    /// How many services stand by in it, without replicas.
    waiting: usize,
    /// The nodes that every service may use, then its pools.
    pub(super) pools: Vec<Pool>,
}

/// Nodes of a region.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Pool {
    /// Empty for the nodes that every service may use.
    pub(super) name: String,
    /// Its zones.
    zones: Vec<Zone>,
    /// What the worst loss leaves of each resource.
    pub(super) rooms: Vec<OneRoom>,
}

/// Nodes of a zone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Zone {
    /// Its name.
    name: String,
    /// How many nodes it has.
    nodes: u32,
    /// What it has of each resource.
    resources: Vec<Bar>,
}

/// What a zone has of one resource, and what is asked of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Bar {
    /// `cpu`, `memory`, or an extended resource.
    resource: String,
    /// What the zone has.
    has: Amount,
    /// What is asked of it.
    asked: Amount,
    /// In thousandths of what it has.
    #[schemars(skip)]
    asked_length: u64,
    /// What the worst loss adds, where that is the loss of another region; in thousandths, too.
    #[schemars(skip)]
    more_length: u64,
}

/// An amount of a resource.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Amount {
    /// In thousandths of a CPU, in bytes, or a count.
    pub(super) number: u64,
    /// As people read it.
    pub(super) text: String,
}

/// What the worst loss leaves of one resource.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct OneRoom {
    /// `cpu`, `memory`, or an extended resource.
    pub(super) resource: String,
    /// `centralus`, or `the largest zone`.
    pub(super) lost: String,
    /// The zones whose room this is: `in the fullest zone`, or `in the other zones`.
    within: &'static str,
    /// What is asked of them after it.
    asked: Amount,
    /// What they have after it.
    has: Amount,
    /// What is left then.
    pub(super) left: Amount,
    /// What is left, in thousandths of what there is.
    pub(super) share: u64,
}

impl Amount {
    /// The same beside the name of its resource.
    fn bare(quantity: &Quantity) -> Amount {
        let text = quantity.text.trim_end_matches(" of memory").to_owned();
        Amount { number: quantity.number, text }
    }
}

impl From<&Quantity> for Amount {
    fn from(quantity: &Quantity) -> Amount {
        Amount { number: quantity.number, text: quantity.text.clone() }
    }
}

/// Every region, in the order of names.
pub(super) fn regions(fleet: &Fleet) -> Vec<Region> {
    let rooms = room::of(fleet.decided());
    let declared = fleet.model().fleet();
    let of = |region: &std::sync::Arc<model::Region>| one(fleet, region, &rooms);
    declared.regions.values().map(of).collect()
}

fn one(fleet: &Fleet, region: &model::Region, rooms: &[Room]) -> Region {
    let declared = &fleet.model().fleet().document;
    let place = declared.key(&["regions", region.name.as_str()]);
    let here: Vec<u32> = (fleet.model().services().iter())
        .filter(|service| service.regions.iter().any(|other| other.name == region.name))
        .filter_map(|service| {
            let proofs = fleet.proofs(service.name.address())?;
            Some(proofs.into_iter().find(|proof| proof.region == region.name)?.replicas)
        })
        .collect();
    let running = here.iter().filter(|replicas| **replicas > 0).count();
    Region {
        name: region.name.to_string(),
        provider: match region.provider {
            Provider::Azure => "Azure",
            Provider::Aws => "AWS",
            Provider::Google => "Google Cloud",
            Provider::Other => "own",
        },
        geography: region.geography.clone(),
        cluster: region.cluster.clone(),
        kubernetes: region.kubernetes.to_string(),
        environment: region.environment.clone().unwrap_or_default(),
        shares: match region.host == region.name {
            true => String::new(),
            false => region.host.to_string(),
        },
        place: place::of_span(fleet.sources(), place),
        running,
        waiting: here.len() - running,
        pools: rooms.iter().filter(|room| room.region == region.name).map(pool).collect(),
    }
}

fn pool(room: &Room) -> Pool {
    let zones = room.zones.iter().enumerate().map(|(index, zone)| Zone {
        name: zone.name.clone(),
        nodes: zone.nodes,
        resources: room.resources.iter().map(|resource| bar(resource, index)).collect(),
    });
    Pool {
        name: room.pool.clone().unwrap_or_default(),
        zones: zones.collect(),
        rooms: room.resources.iter().filter_map(left).collect(),
    }
}

fn bar(resource: &ResourceRoom, zone: usize) -> Bar {
    let has = &resource.has[zone];
    let length = |number: u64| (number.saturating_mul(1000) / has.number.max(1)).min(1000);
    let asked_length = length(resource.asked.number);
    let after = resource.worst.as_ref().filter(|worst| worst.region.is_some());
    let after_length = after.map_or(asked_length, |worst| length(worst.asked.number));
    Bar {
        resource: resource.name.clone(),
        has: Amount::bare(has),
        asked: Amount::bare(&resource.asked),
        asked_length,
        more_length: after_length.saturating_sub(asked_length),
    }
}

fn left(resource: &ResourceRoom) -> Option<OneRoom> {
    let worst = resource.worst.as_ref()?;
    let lost = worst.region.as_ref();
    Some(OneRoom {
        resource: resource.name.clone(),
        lost: lost.map_or_else(|| "the largest zone".to_owned(), ToString::to_string),
        within: if lost.is_some() { "in the fullest zone" } else { "in the other zones" },
        asked: Amount::bare(&worst.asked),
        has: Amount::bare(&worst.has),
        left: (&worst.left).into(),
        share: worst.left.number.saturating_mul(1000) / worst.has.number.max(1),
    })
}
