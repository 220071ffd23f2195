//! The card of a service: the promise, the steps with their times, what to paste, and where the
//! procedures are (`docs/facts.md`, "Order of a failover"). What is the same for other services is
//! in [`super::procedure`].

pub(crate) mod values; // what the templates say
mod claims; //            what is claimed about a loss
mod sections; //          what each loss means
mod region; //            what the loss of a region means
mod data; //              what brings data back

use super::checklist::{self, Needs};
use super::variables::Variables;
use super::{Page, calendar, functions, procedure};
use crate::decide::order::{self, Turn};
use crate::decide::{Decided, Proof, ServiceInRegion};
use crate::kube::labels;
use crate::model::{Region, Service, WorkloadKind};
use crate::plan::recovery;
pub(crate) use sections::Loss;
use values::{Card, Check, Place};

/// A service as its card sees it.
pub(super) struct View<'a> {
    pub(super) service: &'a Service,
    /// Everywhere that it is.
    pub(super) all: Vec<ServiceInRegion<'a>>,
    /// What is promised there.
    pub(super) proofs: &'a [Proof],
    /// When it moves, once its first region is lost; none where it does not.
    pub(super) turn: Option<Turn>,
}

/// The card of a service, of which `proofs` has one for each region, and whose objects have these
/// `needs`.
pub(crate) fn page(
    decided: &Decided,
    service: &Service,
    proofs: &[Proof],
    needs: &Needs,
) -> Page<Card> {
    let values = of(decided, service, proofs, needs);
    Page { file: format!("{}.md", service.name), template: "card/card.md", values }
}

/// What a card says.
pub(crate) fn of(decided: &Decided, service: &Service, proofs: &[Proof], needs: &Needs) -> Card {
    let all: Vec<ServiceInRegion<'_>> = decided.places(service).collect();
    let view = View { service, all, proofs, turn: order::turn(decided, service) };
    let places: Vec<Place> =
        view.all.iter().zip(proofs).map(|(here, proof)| place(here, proof)).collect();
    Card {
        service: service.name.to_string(),
        team: service.team.clone(),
        tier: service.tier.name.clone(),
        strategy: service.strategy.word(),
        rpo: service.rpo.to_string(),
        rto: service.rto.to_string(),
        writes_data: !procedure::data(service).is_empty(),
        variables: pasted(&view),
        entered: places.iter().any(|place| place.address.is_some()),
        places,
        sections: sections::of(&view).into_iter().filter(says_more).collect(),
        checks: checks(decided, &view, needs),
        drills: calendar::of(decided, service),
        drilled: data::drills(&view),
        files: files(&view),
        printed: false,
    }
}

/// A release that does not come up has a section of its own where there is more to say than the page
/// for a bad release says.
fn says_more(section: &values::Section) -> bool {
    section.loss != Loss::Release || !section.notes.is_empty()
}

/// What all procedures need.
pub(super) fn variables(view: &View<'_>) -> Variables {
    let service = view.service;
    let stateful = service.kind == WorkloadKind::Stateful;
    let mut variables = Variables::default();
    variables.set("SERVICE", service.name.plain());
    if view.all.first().is_some_and(|here| !here.fleet.environments().is_empty()) {
        variables.set("LEDGER", service.name.address());
    }
    variables.set("NAMESPACE", service.namespace.as_str());
    variables.set("LABEL", format!("{}={}", labels::SERVICE, service.name.plain()));
    variables.set("WORKLOAD", if stateful { "statefulset" } else { "deployment" });
    variables.set("MANIFEST", if stateful { "stateful-set.yaml" } else { "deployment.yaml" });
    let running = view.all.iter().filter(|here| here.size.running > 0);
    variables.set("REGIONS", words(running.map(|here| here.region.name.as_str())));
    let hosts = service.traffic.iter().flat_map(|traffic| &traffic.hosts);
    variables.set("HOSTS", words(hosts.map(String::as_str)));
    if service.keeps_data() {
        let kept = service.volumes.iter().filter(|volume| volume.backup != Some(false));
        let kept: Vec<&str> = kept.map(|volume| volume.name.as_str()).collect();
        let label = format!("{}={}", labels::SERVICE, service.name.plain());
        variables.set("VOLUMES", format!("{label},{} in ({})", labels::VOLUME, kept.join(",")));
    }
    if service.postgresql.is_some() {
        variables.set("DATABASE", service.logical("db"));
    }
    variables
}

/// What is pasted first: what all procedures need, and the region that most are about.
fn pasted(view: &View<'_>) -> Vec<String> {
    let running = view.all.iter().filter(|here| here.size.running > 0);
    let names: Vec<&str> = running.map(|here| here.region.name.as_str()).collect();
    let region = names.split_first().map(|(first, rest)| match rest {
        [] => format!("REGION={first}"),
        rest => format!("REGION={first}    # or {}", rest.join(", ")),
    });
    let read = [functions::READ.to_owned()].into_iter();
    read.chain(variables(view).lines()).chain(region).collect()
}

/// Words with a space between.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

fn place(here: &ServiceInRegion<'_>, proof: &Proof) -> Place {
    let address = here.region.entry.as_ref().and_then(|entry| entry.address.clone());
    Place {
        region: here.region.name.to_string(),
        cluster: here.region.cluster.clone(),
        address: address.filter(|_| here.service.traffic.is_some()),
        role: here.role.word,
        replicas: here.size.running,
        peak: here.size.peak,
        survivors: proof.survivors_of_zone_loss,
        again: proof.next_loss().map(|time| time.to_string()),
    }
}

/// What must stand in each region that takes over.
fn checks(decided: &Decided, view: &View<'_>, needs: &Needs) -> Vec<Check> {
    let check = |here: &ServiceInRegion<'_>| {
        let leads = view.all.iter().filter(|one| one.role.backs_up).map(|one| one.region);
        let lost: Vec<&Region> = leads.filter(|one| one.name != here.region.name).collect();
        let names: Vec<&str> = lost.iter().map(|region| region.name.as_str()).collect();
        let list = checklist::of(decided, here, &lost, needs);
        (!lost.is_empty()).then(|| Check {
            region: here.region.name.to_string(),
            lost: names.join(" or "),
            does: if here.role.shares { "carries its share without" } else { "takes over from" },
            lines: list.lines,
            judged: list.judged,
        })
    };
    view.all.iter().filter(|here| here.role.takes_over).filter_map(check).collect()
}

/// The sets of the service in the tree.
fn files(view: &View<'_>) -> Vec<String> {
    let of = |here: &ServiceInRegion<'_>| {
        let sets = recovery::stores(here).filter_map(|store| {
            let kept = recovery::kept(here, store)?;
            Some(format!("recovery/{}/{kept}-{}/", view.service.name.plain(), here.region.name))
        });
        sets.collect::<Vec<_>>()
    };
    view.all.iter().flat_map(of).collect()
}
