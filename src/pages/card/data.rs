//! What brings the data of a service back, and how that is drilled.

use super::super::procedure;
use super::super::variables::Variables;
use super::sections::{block, calls, link, start};
use super::values::Section;
use super::{Loss, View, claims, words};
use crate::decide::ServiceInRegion;
use crate::decide::proof::rto::{restore_deadline, step};
use crate::decide::proof::{Amount, Objective, Proof, Scope};
use crate::model::Volume;
use crate::plan::recovery::{self, Store};
use crate::plan::{postgresql, replication};

/// The section for damaged data, and for what may have damaged it.
pub(super) fn of(view: &View<'_>) -> Section {
    let (fleet, service) = (view.all[0].fleet, view.service);
    let mut notes = vec![start(view)];
    if service.replication.is_some() {
        notes.push("The copy in another region does not help: damage is copied too.".to_owned());
    }
    let called = calls(view);
    if !service.keeps_data() && service.postgresql.is_none() {
        notes.push(match called.as_slice() {
            [] => "It keeps no data, and calls nothing: there is nothing to restore.".to_owned(),
            called => {
                format!("It keeps no data of its own. What it calls may: {}.", called.join(", "))
            }
        });
    } else {
        if service.keeps_data() && !service.backed_up {
            notes.push("Nothing here backs up its volumes (`backup = \"none\"` in the spec): for older data, ask whoever keeps it.".to_owned());
        }
        if view.all.iter().any(|here| recovery::stores(here).next().is_some()) {
            notes.push(judged(view));
        }
        let secrets: Vec<String> =
            service.secret_names().into_iter().map(|name| format!("`{name}`")).collect();
        if !secrets.is_empty() {
            notes.push(format!("Its Secrets: {}.", secrets.join(", ")));
        }
    }
    let mut links = vec![link("release", &procedure::bad_release(fleet))];
    let damaged = procedure::damaged(fleet, service);
    links.extend(damaged.iter().map(|page| link("data", page)));
    let writers = view.all.iter().filter(|here| here.role.backs_up);
    let each: Vec<_> = writers
        .map(|here| {
            let mut variables = here_variables(view, here);
            variables.set("FULL", here.size.full.to_string());
            (here.region.name.clone(), variables)
        })
        .collect();
    Section {
        loss: Loss::Data,
        title: "Data or a release is bad".to_owned(),
        notes,
        claims: claims::of(view.proofs, Scope::Data),
        several: claims::several(view.proofs, Scope::Data),
        // Only a page for damaged data asks for it.
        block: if damaged.is_empty() { Vec::new() } else { block(&each) },
        regions: each,
        links,
    }
}

/// What judges restored data.
fn judged(view: &View<'_>) -> String {
    match view.service.backup.verify.as_slice() {
        [] => "No command checks restored data (`[backup] verify`): use its own tools.".to_owned(),
        command => {
            format!("`{}` checks restored data: the drill shows how to run it.", command.join(" "))
        }
    }
}

/// What restores and drills in a region need.
fn here_variables(view: &View<'_>, here: &ServiceInRegion<'_>) -> Variables {
    let service = view.service;
    let mut variables = Variables::default();
    variables.set("REGION", here.region.name.as_str());
    if service.backs_up_data() {
        variables.set("VELERO", here.region.backup_namespace.as_str());
        variables.set("SHORT", here.region.short.as_str());
        variables.set("LIMIT", restore_deadline(here).go());
        variables.set("CLAIMS", claims(view, here));
    }
    if service.keeps_data() {
        let copied = view
            .all
            .iter()
            .find(|other| !replication::copies(other).is_empty() && other.role.takes_over);
        if let Some(copied) = copied.filter(|_| procedure::data(service) == "volsync") {
            variables.set("COPY_REGION", copied.region.name.as_str());
        }
    }
    archive(here, &mut variables);
    variables
}

/// The archive that a database comes back from in a region.
fn archive(here: &ServiceInRegion<'_>, variables: &mut Variables) {
    let source = recovery::source(here);
    let Some(archive) = postgresql::archive(here, source) else { return };
    let Some(lag) = here.database.as_deref().and_then(|database| database.lag()) else { return };
    variables.set("SHORT", here.region.short.as_str());
    variables.set("STORE", archive.store);
    variables.set("ARCHIVED_AS", archive.server);
    variables.set("DB", postgresql::database_name(here));
    variables.set("LAG", lag.to_string());
}

/// The claims of the replicas that are backed up, as `kubectl wait` takes them.
pub(super) fn claims(view: &View<'_>, here: &ServiceInRegion<'_>) -> String {
    let kept = here.service.volumes.iter().filter(|volume| volume.backup != Some(false));
    let name = |volume: &Volume, ordinal: u32| {
        format!("pvc/{}-{}-{ordinal}", volume.name, here.service.name.plain())
    };
    let leader = &view.all[0];
    let replicas = if here.role.backs_up { here.size.full } else { leader.leading_size.full };
    let names = kept.flat_map(|volume| (0..replicas).map(move |ordinal| name(volume, ordinal)));
    words(names.collect::<Vec<_>>().iter().map(String::as_str))
}

/// How each drill of the service is done.
pub(super) fn drills(view: &View<'_>) -> Vec<Section> {
    let mut sections = Vec::new();
    for store in Store::ALL {
        let here: Vec<&ServiceInRegion<'_>> = (view.all.iter())
            .filter(|here| recovery::stores(here).any(|one| one == store))
            .collect();
        let Some(first) = here.first() else { continue };
        let page = procedure::drill(first, store);
        let each: Vec<_> = here
            .iter()
            .map(|here| (here.region.name.clone(), drill_variables(view, here, store)))
            .collect();
        sections.push(Section {
            loss: Loss::Data,
            title: format!("A drill from {}", store.word()),
            notes: times(view, store).into_iter().chain(idle_jobs(view)).collect(),
            claims: Vec::new(),
            several: false,
            block: block(&each),
            regions: each,
            links: vec![link("", &page)],
        });
    }
    sections
}

/// What a drill leaves out.
fn idle_jobs(view: &View<'_>) -> Option<String> {
    let names: Vec<String> =
        view.service.jobs.iter().map(|job| format!("`{}`", job.name)).collect();
    (!names.is_empty()).then(|| {
        format!("No job runs in it: {}. Run by hand what restored data needs.", names.join(", "))
    })
}

/// How long a database may take to come back.
fn times(view: &View<'_>, store: Store) -> Option<String> {
    let proof = view.proofs.first().filter(|_| store == Store::Archive)?;
    let (base, replay) = (time(proof, step::BASE)?, time(proof, step::REPLAY)?);
    Some(format!("At most {base} for the base backup, and {replay} for the log."))
}

fn time(proof: &Proof, name: &str) -> Option<String> {
    let term = proof.claim(Scope::Data, Objective::Rto)?.term(name)?;
    Some(Amount { number: term.total(), unit: term.amount.unit }.to_string())
}

fn drill_variables(view: &View<'_>, here: &ServiceInRegion<'_>, store: Store) -> Variables {
    let service = view.service;
    let mut variables = Variables::default();
    variables.set("REGION", here.region.name.as_str());
    match store {
        Store::Backup => {
            variables.set("VELERO", here.region.backup_namespace.as_str());
            variables.set("SHORT", here.region.short.as_str());
            variables.set("BACKED_UP", recovery::source(here).name.as_str());
            variables.set("LIMIT", restore_deadline(here).go());
        }
        Store::Archive => archive(here, &mut variables),
        Store::Copies => {
            variables.set("SHORT", here.region.short.as_str());
            let copies = replication::copies(here);
            let mut names: Vec<&str> =
                copies.iter().map(|copy| copy.values.repository.as_str()).collect();
            names.dedup();
            variables.set("REPOSITORIES", words(names.into_iter()));
        }
    }
    if store != Store::Backup {
        // The operator makes those of the Cluster anew.
        let own = service.postgresql.as_ref().map(|_| format!("{}-", postgresql::cluster(here)));
        let made = |name: &&str| own.as_ref().is_some_and(|own| name.starts_with(own.as_str()));
        let read = service.secret_names().into_iter();
        variables.set("SECRETS", words(read.filter(|name| !made(name))));
    }
    variables
}
