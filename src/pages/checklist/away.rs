//! What must not go with the region that is lost.

use super::{Needs, Row};
use crate::decide::ServiceInRegion;
use crate::kube::image;
use crate::kube::needs::Need;
use crate::model::Engine;
use crate::model::Protocol;
use crate::model::Region;
use crate::model::Registry;
use crate::model::service::Call;
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
        .map(|registry| registry_answers(here, registry, &away))
        .map(Row::judge)
        .collect();
    if service.replication.as_ref().is_some_and(|one| one.engine == Engine::External) {
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

/// That a registry answers, and who says so.
fn registry_answers(here: &ServiceInRegion<'_>, registry: &str, away: &str) -> String {
    let registries = &here.fleet.registries;
    let mirror = |one: &Registry| {
        one.mirrors.get(here.region.name.as_str()).is_some_and(|host| host == registry)
    };
    let why = match registries.get(registry) {
        Some(known) if known.elsewhere => {
            "the fleet file says that it has them outside of our regions".to_owned()
        }
        Some(known) => {
            format!("the fleet file says that it has them in {}", known.stored_in.join(", "))
        }
        None if registries.values().any(mirror) => {
            format!("the fleet file says that it is the mirror of {}", here.region.name)
        }
        None => "the fleet file does not say where it has them".to_owned(),
    };
    format!("The registry `{registry}` gives its images without {away}: {why}.")
}
