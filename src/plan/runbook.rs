//! Runbooks: for each scenario the page that somebody reads at night, with the names of this tree
//! and the times of the proof (`ha-dr` 6.4). Templates spell them; everything that differs between
//! services is decided here.

use super::proof::{self, Claim, Objective, Scope, rto::step};
use super::{Here, calendar, places, recovery, role::Runs};
use crate::kube::delivery::Delivery;
use crate::kube::labels;
use crate::model::{Model, Service};
use crate::spec::service::{Engine, Strategy};
use serde::Serialize;

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

/// What the template of a page says.
#[derive(Clone, Debug, Serialize)]
pub struct Runbook {
    /// The service.
    pub service: String,
    /// Its namespace.
    pub namespace: String,
    /// Who answers for it; none when nobody is named.
    pub team: Option<String>,
    /// Its tier.
    pub tier: String,
    /// `warm standby`.
    pub strategy: &'static str,
    /// The most data that may be lost.
    pub rpo: String,
    /// The longest time until it serves again.
    pub rto: String,
    /// `deployment` or `statefulset`.
    pub workload: &'static str,
    /// `ninefold.dev/service=orders`
    pub selector: String,
    /// What delivers the tree: `argo-cd`, `flux`, `kubectl`.
    pub delivery: &'static str,
    /// Whether it has volumes of its own that are backed up.
    pub keeps_data: bool,
    /// The Cluster of its database.
    pub database: Option<String>,
    /// Who replicates its data: `external`, `volsync`, `postgresql`.
    pub replication: Option<&'static str>,
    /// Whether health checks move its traffic.
    pub automatic: bool,
    /// The names under which users come.
    pub hosts: Vec<String>,
    /// How long resolvers keep an answer.
    pub ttl: String,
    /// Whether a command judges restored data.
    pub verifies: bool,
    /// Its regions.
    pub places: Vec<Place>,
    /// The region that the page is about; none where it is about all.
    pub here: Option<Place>,
    /// The others.
    pub others: Vec<Place>,
    /// Its drills.
    pub drills: Vec<calendar::Drill>,
    /// The regions as the spec names them once one of them is lost: the others first.
    pub regions_after: String,
}

/// A service in a region.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The region.
    pub region: String,
    /// Its short form.
    pub short: String,
    /// The context of `kubectl`: it has the name of the region.
    pub context: String,
    /// What the region does for the service.
    pub role: &'static str,
    /// The namespace of Velero.
    pub velero: String,
    /// Replicas that run.
    pub replicas: u32,
    /// Replicas when it serves.
    pub full: u32,
    /// Replicas that carry the peak.
    pub peak: u32,
    /// Replicas left after the loss of any zone.
    pub survivors: u32,
    /// The zones.
    pub zones: Vec<String>,
    /// Whether it is written here.
    pub writes: bool,
    /// Whether it takes over from others.
    pub takes_over: bool,
    /// Whether a restore brings the data here when another region is lost.
    pub restores: bool,
    /// Whether nothing runs here until it takes over.
    pub cold: bool,
    /// The command that lists the backups that are restored here.
    pub backups: String,
    /// What VolSync has copied here, for each claim that is made from it.
    pub copies: Vec<Copied>,
    /// What is claimed when something is lost here; none where nothing is.
    pub node: Option<Told>,
    /// Of a zone.
    pub zone: Option<Told>,
    /// Of the region.
    pub lost: Option<Told>,
    /// Of the data.
    pub data: Option<Told>,
}

/// A claim that is made from what VolSync has copied.
#[derive(Clone, Debug, Serialize)]
pub struct Copied {
    /// The claim.
    pub claim: String,
    /// The volume of the spec.
    pub volume: String,
    /// The ReplicationDestination.
    pub destination: String,
    /// Its storage class.
    pub class: String,
    /// Its size.
    pub size: String,
}

/// What a proof claims about one loss.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Told {
    /// The most data lost; none where nothing bounds it, or nothing is claimed.
    pub rpo: Option<String>,
    /// The longest time until it serves.
    pub rto: Option<String>,
    /// `kept`, `not promised`.
    pub verdict: &'static str,
    /// How the worst case comes about, in words.
    pub formula: &'static str,
    /// The steps, with their times.
    pub steps: Vec<Step>,
    /// The time of each step that has one.
    pub times: Times,
    /// What is taken for granted.
    pub premises: Vec<&'static str>,
}

/// A step of a recovery.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// How long it takes at most.
    pub time: String,
    /// Where the number comes from.
    pub source: String,
}

/// The times of steps, by the word that templates use.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Times {
    /// Until it is seen.
    pub detect: Option<String>,
    /// Until a person has decided.
    pub decide: Option<String>,
    /// Until the pods of a lost node are replaced.
    pub evict: Option<String>,
    /// Until a volume leaves a lost node.
    pub detach: Option<String>,
    /// Until the backups are seen.
    pub sync: Option<String>,
    /// Until the objects are restored.
    pub objects: Option<String>,
    /// Until the data is restored.
    pub restore: Option<String>,
    /// Until the copy leads.
    pub promote: Option<String>,
    /// Until the image is there.
    pub pull: Option<String>,
    /// Until a pod is ready.
    pub start: Option<String>,
    /// Until traffic goes elsewhere.
    pub switch: Option<String>,
}

/// The pages of a service.
pub fn pages(model: &Model, service: &Service) -> Vec<Page> {
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

fn place(here: &Here<'_>) -> Place {
    let proof = proof::of(here);
    let told = |scope| {
        let rto = proof.claim(scope, Objective::Rto);
        let rpo = proof.claim(scope, Objective::Rpo);
        (rto.is_some() || rpo.is_some()).then(|| told(rpo, rto))
    };
    let region = here.region;
    Place {
        region: region.name.to_string(),
        short: region.short.clone(),
        context: region.name.to_string(),
        role: here.role.word,
        velero: region.backup_namespace.to_string(),
        replicas: here.size.running,
        full: here.size.full,
        peak: here.size.peak,
        survivors: proof.survivors_of_zone_loss,
        zones: region.zones.iter().map(|zone| zone.name.clone()).collect(),
        writes: here.role.backs_up,
        takes_over: here.role.takes_over,
        restores: recovery::fails_over_by_restore(here),
        cold: here.role.runs == Runs::Nothing,
        backups: recovery::backups(here),
        copies: copies(here),
        node: told(Scope::Node),
        zone: told(Scope::Zone),
        lost: told(Scope::Region),
        data: told(Scope::Data),
    }
}

fn copies(here: &Here<'_>) -> Vec<Copied> {
    let service = here.service;
    let engine = service.replication.as_ref().map(|replication| replication.engine);
    if engine != Some(Engine::Volsync) || !here.role.takes_over {
        return Vec::new();
    }
    let copied = service.volumes.iter().filter(|volume| volume.backup != Some(false));
    let each = |volume: &crate::spec::service::Volume, ordinal: u32| Copied {
        claim: format!("{}-{}-{ordinal}", volume.name, service.name),
        volume: volume.name.clone(),
        destination: service.logical(&format!("{}-{ordinal}", volume.name)),
        class: (service.class_of(volume, here.region))
            .map(|class| class.name.clone())
            .unwrap_or_default(),
        size: volume.size.to_string(),
    };
    copied
        .flat_map(|volume| (0..here.size.full).map(move |ordinal| each(volume, ordinal)))
        .collect()
}

fn told(rpo: Option<&Claim>, rto: Option<&Claim>) -> Told {
    let worst = |claim: Option<&Claim>| claim?.worst.map(|worst| worst.to_string());
    let mut premises: Vec<proof::Premise> =
        rpo.into_iter().chain(rto).flat_map(|claim| claim.premises.iter().copied()).collect();
    premises.sort_unstable();
    premises.dedup();
    let time = |name: &str| {
        let term = rto?.term(name)?;
        Some(proof::Amount { number: term.total(), unit: term.amount.unit }.to_string())
    };
    let terms = rto.map(|claim| claim.terms.as_slice()).unwrap_or_default();
    Told {
        rpo: worst(rpo),
        rto: worst(rto),
        verdict: rto.map_or("not promised", |claim| claim.verdict().word()),
        formula: rto.map_or("", |claim| claim.formula),
        steps: (terms.iter())
            .map(|term| Step {
                name: term.name,
                time: proof::Amount { number: term.total(), unit: term.amount.unit }.to_string(),
                source: cell(&term.source.to_string()),
            })
            .collect(),
        times: Times {
            detect: time(step::DETECT),
            decide: time(step::DECIDE),
            evict: time(step::EVICT),
            detach: time(step::DETACH),
            sync: time(step::SYNC),
            objects: time(step::OBJECTS),
            restore: time(step::RESTORE),
            promote: time(step::PROMOTE),
            pull: time(step::PULL),
            start: time(step::START),
            switch: time(step::SWITCH),
        },
        premises: premises.into_iter().map(proof::Premise::text).collect(),
    }
}

/// Free text as it may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
