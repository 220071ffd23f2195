//! Runbooks: for each scenario the page that somebody reads at night, with the names of this tree
//! and the times of the proof (`ha-dr` 6.4). Templates spell them; everything that differs between
//! services is decided here.

mod place; //  a service in a region
mod sets; //   what data comes back from
mod told; //   what is claimed there
mod ready; //  what must stand where it takes over
mod steps; //  what is done when it is lost, in order
mod traffic; // who makes the records
pub(crate) mod values; // what the templates say

use super::checklist::Needs;
use super::{Page, calendar};
use crate::decide::{Decided, Proof, ServiceInRegion, lifecycle};
use crate::kube::delivery::Delivery;
use crate::kube::labels;
use crate::model::Service;
use crate::model::service::Call;
use crate::model::{Engine, Rollout, Scope, WorkloadKind};
use crate::plan::recovery::{self, Store};
use place::place;
use values::{Place, Runbook};

/// The pages of a service, of which `proofs` has one for each region, and whose objects have these
/// `needs`.
pub(crate) fn pages(
    decided: &Decided,
    service: &Service,
    proofs: &[Proof],
    needs: &Needs,
) -> Vec<Page<Runbook>> {
    let all: Vec<ServiceInRegion<'_>> = decided.places(service).collect();
    let told = all.iter().zip(proofs).map(|(here, proof)| place(here, &all[0], proof)).collect();
    let common = runbook(decided, service, told);
    let page =
        |file: &str, template| Page { file: file.to_owned(), template, values: common.clone() };
    let mut pages = vec![
        page("node.md", "runbook/node.md"),
        page("zone.md", "runbook/zone.md"),
        page("corruption.md", "runbook/corruption.md"),
        page("control-plane.md", "runbook/control-plane.md"),
        page("drills.md", "runbook/calendar.md"),
    ];
    for here in &all {
        pages.push(region(&common, &all, here));
    }
    for (here, place) in all.iter().zip(&common.places) {
        pages.extend(recovery::stores(here).map(|store| {
            let (name, template) = match store {
                Store::Backup => ("drill", "runbook/drill.md"),
                Store::Archive => ("drill-database", "runbook/drill-database.md"),
                Store::Copies => ("drill-copies", "runbook/drill-copies.md"),
            };
            let others = others(&common, place);
            let values = Runbook { others, here: Some(place.clone()), ..common.clone() };
            Page { file: format!("{name}-{}.md", place.region), template, values }
        }));
    }
    ready::add(&mut pages, &all, needs);
    let mut files: Vec<String> = pages.iter().map(|page| page.file.clone()).collect();
    files.sort_unstable();
    for page in &mut pages {
        page.values.pages = files.iter().filter(|file| **file != page.file).cloned().collect();
    }
    pages
}

/// The page for the loss of the region `lost`.
fn region(
    common: &Runbook,
    all: &[ServiceInRegion<'_>],
    lost: &ServiceInRegion<'_>,
) -> Page<Runbook> {
    let told = |of: &ServiceInRegion<'_>| {
        let is = |place: &&Place| place.region == of.region.name.as_str();
        common.places.iter().find(is).expect("a page has every region").clone()
    };
    let here = told(lost);
    let mut values = Runbook { others: others(common, &here), ..common.clone() };
    let template = if here.writes {
        let heir = steps::heir(all, lost);
        values.steps = steps::steps(lost, heir);
        values.heir = heir.map(&told);
        let heir = values.heir.iter().map(|heir| heir.region.as_str());
        let rest = values.others.iter().map(|other| other.region.as_str());
        let rest = rest.filter(|other| heir.clone().all(|heir| heir != *other));
        let order: Vec<String> = (heir.clone().chain(rest).chain([here.region.as_str()]))
            .map(|region| format!("\"{region}\""))
            .collect();
        values.regions_after = format!("regions = [{}]", order.join(", "));
        "runbook/region.md"
    } else {
        "runbook/standby.md"
    };
    let file = format!("region-{}.md", here.region);
    values.here = Some(here);
    Page { file, template, values }
}

fn others(common: &Runbook, here: &Place) -> Vec<Place> {
    common.places.iter().filter(|other| other.region != here.region).cloned().collect()
}

fn runbook(decided: &Decided, service: &Service, places: Vec<Place>) -> Runbook {
    let stateful = service.kind == WorkloadKind::Stateful;
    let kept = service.volumes.iter().filter(|volume| volume.backup != Some(false));
    let kept: Vec<&str> = kept.map(|volume| volume.name.as_str()).collect();
    let running = places.iter().filter(|place| place.replicas > 0).cloned().collect();
    Runbook {
        service: service.name.to_string(),
        namespace: service.namespace.to_string(),
        team: service.team.clone(),
        tier: service.tier.name.clone(),
        strategy: service.strategy.word(),
        rpo: service.rpo.to_string(),
        rto: service.rto.to_string(),
        workload: if stateful { "statefulset" } else { "deployment" },
        manifest: if stateful { "stateful-set.yaml" } else { "deployment.yaml" },
        generations: !stateful && service.rollout == Rollout::Replace,
        selector: format!("{}={}", labels::SERVICE, service.name),
        delivery: match decided.fleet().delivery {
            Delivery::Kubectl => "kubectl",
            Delivery::ArgoCd => "argo-cd",
            Delivery::Flux => "flux",
        },
        keeps_data: service.keeps_data(),
        writes_data: service.keeps_data()
            || service.postgresql.is_some()
            || service.replication.is_some(),
        volumes_selector: format!(
            "{}={},{} in ({})",
            labels::SERVICE,
            service.name,
            labels::VOLUME,
            kept.join(",")
        ),
        secrets: service.secrets.iter().map(|secret| secret.name.clone()).collect(),
        labelled_only: service.backup_scope() == Scope::Service,
        calls_services: service.calls.iter().filter_map(called).collect(),
        calls_outside: service.calls.iter().filter_map(outside).collect(),
        start: lifecycle::start_within(service).to_string(),
        database: service.postgresql.as_ref().map(|_| service.logical("db")),
        replication: service.replication.as_ref().map(|replication| match replication.engine {
            Engine::External => "external",
            Engine::Volsync => "volsync",
            Engine::Postgresql => "postgresql",
        }),
        automatic: steps::moves_by_itself(service),
        hosts: service.traffic.as_ref().map(|traffic| traffic.hosts.clone()).unwrap_or_default(),
        ttl: service.ttl().to_string(),
        ttl_seconds: service.ttl().as_seconds(),
        records: traffic::records(decided.fleet(), service),
        verifies: !service.backup.verify.is_empty(),
        places,
        running,
        here: None,
        others: Vec::new(),
        heir: None,
        steps: Vec::new(),
        pages: Vec::new(),
        drills: calendar::of(decided, service),
        regions_after: String::new(),
    }
}

fn called(call: &Call) -> Option<String> {
    match call {
        Call::Service { name, .. } => Some(name.to_string()),
        Call::Addresses { .. } => None,
    }
}

fn outside(call: &Call) -> Option<String> {
    match call {
        Call::Service { .. } => None,
        Call::Addresses { cidr, .. } => Some(format!("`{cidr}`")),
    }
}
