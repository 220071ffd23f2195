//! What must not go with the region that is lost.

use super::{Needs, Row};
use crate::decide::ServiceInRegion;
use crate::kube::engines::replication::Copies;
use crate::kube::image;
use crate::kube::needs::Need;
use crate::model::service::Call;
use crate::model::{Fleet, Protocol, Region, Registry};
use std::collections::BTreeSet;

pub(super) fn rows(here: &ServiceInRegion<'_>, lost: &[&Region], needs: &Needs) -> Vec<Row> {
    let service = here.service;
    let names: Vec<&str> = lost.iter().map(|region| region.name.as_str()).collect();
    let away = names.join(" or ");
    let images = needs.get(&here.region.name).into_iter().flatten().filter_map(|need| match need {
        Need::Image(image) => Some(image::registry(image)),
        Need::Served { .. } | Need::Named { .. } | Need::Identity { .. } | Need::Done { .. } => {
            None
        }
    });
    let registries: BTreeSet<&str> = images.collect();
    let mut rows: Vec<Row> = (registries.into_iter())
        .map(|registry| match registry_answers(here.fleet, here.region, registry) {
            Some(row) => row,
            None => Row::judge(format!(
                "The registry `{registry}` answers without {away}: the fleet file does not say where its images are."
            )),
        })
        .collect();
    let copies = service.replication.as_ref().map(|one| one.engine.copies());
    if copies == Some(Copies::Elsewhere) {
        let what = format!("Whoever replicates the data has a copy near {}.", here.region.name);
        rows.push(Row::judge(what));
    }
    rows.extend(service.calls.iter().filter_map(|call| match call {
        Call::Addresses { ports, .. } | Call::Host { ports, .. } => {
            let (whom, ports) = (call.whom(), ports_in_words(ports));
            Some(Row::judge(format!("{whom} answers without {away}, on {ports}.")))
        }
        Call::Pods { namespace, ports, .. } => {
            let (whom, region) = (call.whom(), &here.region.name);
            let ports = ports_in_words(ports);
            let what = format!("In `{namespace}` of {region}, {whom} answer on {ports}.");
            Some(Row::judge(what))
        }
        Call::Service { .. } => None,
    }));
    rows
}

/// `TCP 443 and UDP 53`
fn ports_in_words(ports: &[(u16, Protocol)]) -> String {
    let of = |wanted: Protocol| {
        let own = ports.iter().filter(|(_, protocol)| *protocol == wanted);
        let numbers: Vec<String> = own.map(|(port, _)| port.to_string()).collect();
        (!numbers.is_empty()).then(|| format!("{} {}", wanted.name(), numbers.join(", ")))
    };
    let words: Vec<String> = [Protocol::Tcp, Protocol::Udp].into_iter().filter_map(of).collect();
    words.join(" and ")
}

/// Every registry of the fleet file that a region pulls from.
pub(super) fn registries(fleet: &Fleet, region: &Region) -> Vec<Row> {
    let pulled = fleet.registries.iter().map(|(host, one)| {
        one.mirrors.get(region.name.as_str()).map_or(host.as_str(), String::as_str)
    });
    let pulled: BTreeSet<&str> = pulled.collect();
    pulled.into_iter().filter_map(|host| registry_answers(fleet, region, host)).collect()
}

/// That a registry answers when a region is away, and who says so; none where nobody does.
fn registry_answers(fleet: &Fleet, region: &Region, registry: &str) -> Option<Row> {
    let mirror =
        |one: &Registry| one.mirrors.get(region.name.as_str()).is_some_and(|host| host == registry);
    let why = match fleet.registries.get(registry) {
        Some(known) if known.elsewhere => "its images are outside our regions".to_owned(),
        Some(known) => format!("its images are in {}", known.stored_in.join(", ")),
        None if fleet.registries.values().any(mirror) => {
            format!("it is the mirror of {}", region.name)
        }
        None => return None,
    };
    Some(Row::judge(format!(
        "`{registry}` answers without the lost region: {why}, says the fleet file."
    )))
}
