//! Runbooks: for each scenario the page that somebody reads at night, with the names of this tree
//! and the times of the proof (`ha-dr` 6.4). Templates spell them; everything that differs between
//! services is decided here.

mod place; //  a service in a region
mod ready; //  what must stand where it takes over
pub mod values; // what the templates say

use super::checklist::Needs;
use super::{Here, calendar, places};
use crate::kube::delivery::Delivery;
use crate::kube::labels;
use crate::model::{Model, Service};
use crate::spec::service::{Engine, Strategy};
use place::place;
use values::{Place, Runbook};

/// A page of a service.
#[derive(Debug)]
pub struct Page {
    /// Its file, below the folder of the service.
    pub file: String,
    /// The template that spells it.
    pub template: &'static str,
    /// What the template says.
    pub values: Runbook,
}

/// The pages of a service, whose objects have these `needs`.
pub fn pages(model: &Model, service: &Service, needs: &Needs) -> Vec<Page> {
    let all: Vec<Here<'_>> = places(model.fleet(), service).collect();
    let told: Vec<Place> = all.iter().map(place).collect();
    let page = |file: String, template, about: Option<&Place>| {
        let other = |place: &&Place| about.is_none_or(|about| about.region != place.region);
        let others: Vec<Place> = told.iter().filter(other).cloned().collect();
        let mut values = runbook(model, service, &told);
        let lost = about.map(|about| about.region.clone());
        let order = others.iter().map(|place| place.region.clone()).chain(lost);
        let order: Vec<String> = order.map(|region| format!("\"{region}\"")).collect();
        values.regions_after = format!("regions = [{}]", order.join(", "));
        values.here = about.cloned();
        values.others = others;
        Page { file, template, values }
    };
    let mut pages = vec![
        page("node.md".to_owned(), "runbook/node.md", None),
        page("zone.md".to_owned(), "runbook/zone.md", None),
        page("drills.md".to_owned(), "runbook/calendar.md", None),
        page("control-plane.md".to_owned(), "runbook/control-plane.md", None),
    ];
    if service.keeps_data() || service.postgresql.is_some() {
        pages.push(page("corruption.md".to_owned(), "runbook/corruption.md", None));
    }
    for here in told.iter().filter(|place| place.writes) {
        pages.push(page(format!("region-{}.md", here.region), "runbook/region.md", Some(here)));
    }
    if service.keeps_data() {
        for here in &told {
            pages.push(page(format!("drill-{}.md", here.region), "runbook/drill.md", Some(here)));
        }
    }
    ready::add(&mut pages, &all, needs);
    pages
}

fn runbook(model: &Model, service: &Service, told: &[Place]) -> Runbook {
    let stateful = service.kind == crate::spec::service::WorkloadKind::Stateful;
    Runbook {
        service: service.name.to_string(),
        namespace: service.namespace.to_string(),
        team: service.team.clone(),
        tier: service.tier.name.clone(),
        strategy: match service.strategy {
            Strategy::BackupAndRestore => "backup and restore",
            Strategy::PilotLight => "pilot light",
            Strategy::WarmStandby => "warm standby",
            Strategy::ActiveActive => "active/active",
        },
        rpo: service.rpo.to_string(),
        rto: service.rto.to_string(),
        workload: if stateful { "statefulset" } else { "deployment" },
        selector: format!("{}={}", labels::SERVICE, service.name),
        delivery: match model.fleet().delivery {
            Delivery::Kubectl => "kubectl",
            Delivery::ArgoCd => "argo-cd",
            Delivery::Flux => "flux",
        },
        keeps_data: service.keeps_data(),
        database: service.postgresql.as_ref().map(|_| service.logical("db")),
        replication: service.replication.as_ref().map(|replication| match replication.engine {
            Engine::External => "external",
            Engine::Volsync => "volsync",
            Engine::Postgresql => "postgresql",
        }),
        automatic: service.moves_by_itself() && service.traffic.is_some(),
        hosts: service.traffic.as_ref().map(|traffic| traffic.hosts.clone()).unwrap_or_default(),
        ttl: service.ttl().to_string(),
        verifies: !service.backup.verify.is_empty(),
        places: told.to_vec(),
        here: None,
        others: Vec::new(),
        drills: calendar::of(model, service),
        regions_after: String::new(),
    }
}
