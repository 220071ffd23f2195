//! What the loss of a region means for a service.

use super::super::procedure;
use super::super::steps::{self, Action};
use super::super::variables::Variables;
use super::sections::link;
use super::values::Section;
use super::{Loss, View, claims, data, words};
use crate::decide::order::Turn;
use crate::decide::proof::Scope;
use crate::decide::proof::rto::restore_deadline;
use crate::decide::{ServiceInRegion, jobs, load, scaling, wal};
use crate::model::{self, WorkloadKind};
use crate::plan::postgresql;
use crate::plan::recovery;
use crate::quantity::Duration;

pub(super) fn of(view: &View<'_>, lost: &ServiceInRegion<'_>) -> Section {
    let region = &lost.region.name;
    let leads = lost.role.backs_up;
    let successor = if leads { steps::successor(&view.all, lost) } else { leader(view) };
    let others = others(view, lost);
    let proof = view.proofs.iter().find(|proof| proof.region == *region);
    let claim = proof.filter(|_| leads).and_then(|proof| claims::in_region(proof, Scope::Region));
    let variables = variables(view, lost, successor, &others);
    let moved = procedure::moves_users(&view.all, lost);
    let mut links = vec![link("", &procedure::region(&view.all, lost))];
    links.extend(procedure::moves(&view.all).map(|data| link("data", &data)));
    if moved {
        let users = procedure::users(lost.fleet, view.service);
        links.extend(users.map(|users| link("users", &users)));
    }
    Section {
        loss: Loss::Region(region.clone()),
        title: format!("{region} is lost"),
        notes: notes(view, lost, successor, &others),
        claims: claim.into_iter().collect(),
        several: false,
        block: variables.lines(),
        regions: vec![(region.clone(), variables)],
        links,
    }
}

/// The region that leads while nothing is lost.
fn leader<'a, 'b>(view: &'b View<'a>) -> Option<&'b ServiceInRegion<'a>> {
    view.all.iter().find(|here| here.role.backs_up)
}

fn others<'a, 'b>(view: &'b View<'a>, lost: &ServiceInRegion<'_>) -> Vec<&'b ServiceInRegion<'a>> {
    view.all.iter().filter(|other| other.region.name != lost.region.name).collect()
}

fn notes(
    view: &View<'_>,
    lost: &ServiceInRegion<'_>,
    successor: Option<&ServiceInRegion<'_>>,
    others: &[&ServiceInRegion<'_>],
) -> Vec<String> {
    let service = view.service;
    let mut notes = Vec::new();
    if !lost.role.backs_up {
        let until = successor.map(|leader| match others.len() {
            1 => format!("; until it is back, the loss of {} is not survived", leader.region.name),
            _ => format!("; until then, one region fewer can replace {}", leader.region.name),
        });
        notes.push(format!("It stands by{}.", until.unwrap_or_default()));
        notes.extend(successor.and_then(|leader| stored(leader, lost)));
        return notes;
    }
    match successor {
        Some(successor) => {
            notes.push(format!(
                "{} takes over, and needs room for {}.",
                successor.region.name,
                replicas(successor.leading_size.full)
            ));
            notes.extend(service.single_writer.then(|| {
                let (to, from) = (&successor.region.name, &lost.region.name);
                format!("**Only one replica may write:** start none in {to} before the one in {from} has ended or cannot come back. Fence first, even for a planned move.")
            }));
            let steps = steps::steps(lost, Some(successor));
            if steps.contains(&Action::Commit) {
                let order = order(successor, others, lost);
                notes.push(format!("In the spec, at the end: `regions = [{order}]`."));
            }
            notes.extend(view.turn.as_ref().filter(|_| lost.leads).map(turn));
            notes.extend(stored(successor, lost));
        }
        None if others.is_empty() => {}
        None => {
            let serve = others
                .iter()
                .map(|other| format!("{} ({})", other.region.name, replicas(other.size.running)));
            let serve = serve.collect::<Vec<_>>().join(" and ");
            let verb = if others.len() == 1 { "carries" } else { "carry" };
            notes.push(format!("{serve} {verb} its load as well."));
        }
    }
    let next = successor.or(others.first().copied());
    notes.extend(next.and_then(|next| jobs(lost, next, successor.is_none())));
    if others.is_empty() && service.backs_up_data() {
        let places = model::backup_locations(lost.fleet, service, lost.region);
        let places = places.iter().map(|location| location.stored_in.as_str());
        notes.push(format!("The backups are stored in {}.", places.collect::<Vec<_>>().join(", ")));
    }
    notes
}

/// When it moves, among all that do, by what nobody else's spec says.
fn turn(turn: &Turn) -> String {
    let names: Vec<String> = turn.after.iter().map(|name| format!("`{name}`")).collect();
    let after = match names.is_empty() {
        true => String::new(),
        false => format!(", after {}", names.join(", ")),
    };
    let movers = match turn.restores > Duration::default() {
        true => format!("; others that are restored in {} share its data movers", turn.to),
        false => String::new(),
    };
    format!("Turn **{}**{after}{movers}.", turn.turn)
}

/// `1 replica`, `2 replicas`
fn replicas(count: u32) -> String {
    if count == 1 { "1 replica".to_owned() } else { format!("{count} replicas") }
}

/// The jobs that run on a schedule in the region that is lost, and nowhere else.
fn moved_jobs(lost: &ServiceInRegion<'_>, to: &ServiceInRegion<'_>) -> Vec<String> {
    let there = jobs::of(to).filter(|job| job.job.schedule.is_some() && !job.runs());
    let there = there.filter(|_| lost.leads);
    there.map(|job| lost.service.logical(&job.job.name)).collect()
}

/// What becomes of these jobs. Where all regions serve, no page has a step for them.
fn jobs(lost: &ServiceInRegion<'_>, to: &ServiceInRegion<'_>, serves: bool) -> Option<String> {
    let names = moved_jobs(lost, to);
    if names.is_empty() {
        return None;
    }
    let (from, to) = (&lost.region.name, &to.region.name);
    let names = names.join(" ");
    Some(match serves {
        false => format!(
            "`{names}` runs only in {from}: two steps suspend it there and start it in {to}."
        ),
        true => format!(
            "`{names}` runs only in {from}, until the spec names {to} first. To start it sooner, once {from} runs none: `kubectl --context {to} -n {} patch cronjob {names} --type merge -p '{{\"spec\":{{\"suspend\":false}}}}'`.",
            lost.service.namespace
        ),
    })
}

/// The regions as the spec names them once the lost one has given up its place.
fn order(
    successor: &ServiceInRegion<'_>,
    others: &[&ServiceInRegion<'_>],
    lost: &ServiceInRegion<'_>,
) -> String {
    let all = [successor].into_iter().chain(others.iter().copied()).chain([lost]);
    let mut regions: Vec<String> = Vec::new();
    for one in all {
        let name = format!("\"{}\"", one.region.name);
        if !regions.contains(&name) {
            regions.push(name);
        }
    }
    regions.join(", ")
}

/// What the region that writes, or will, stores in the one that is lost.
fn stored(writes: &ServiceInRegion<'_>, lost: &ServiceInRegion<'_>) -> Option<String> {
    let (service, away) = (writes.service, lost.region.name.as_str());
    let region = &writes.region.name;
    if service.keeps_data() {
        let locations = model::backup_locations(writes.fleet, service, writes.region);
        let (first, rest) = locations.split_first()?;
        return (first.stored_in == away).then(|| {
            let copies = match rest.is_empty() {
                true => String::new(),
                false => " The other copy continues.".to_owned(),
            };
            format!(
                "**Backups of {region} go to `{}`, in {away}: they fail until that is back.**{copies}",
                first.name
            )
        });
    }
    let database = writes.database.as_ref()?;
    let platform = writes.region.postgresql.as_ref()?;
    (platform.stored_in == away).then(|| {
        format!(
            "**The archive of {region}, `{}`, is stored in {away}: nothing is archived until that is back. Name another within {}: after that the WAL volume is full, and the database stops ({}).**",
            platform.archive,
            database.holds(),
            wal::rate(writes, database)
        )
    })
}

fn variables(
    view: &View<'_>,
    lost: &ServiceInRegion<'_>,
    successor: Option<&ServiceInRegion<'_>>,
    others: &[&ServiceInRegion<'_>],
) -> Variables {
    let service = view.service;
    let mut variables = Variables::default();
    variables.set("FROM", lost.region.name.as_str());
    if let Some(successor) = successor {
        variables.set("TO", successor.region.name.as_str());
    }
    if !others.is_empty() {
        variables.set("OTHERS", words(others.iter().map(|other| other.region.name.as_str())));
    }
    if let Some(successor) =
        successor.filter(|to| to.is_backed_up() && !procedure::data(service).is_empty())
    {
        variables.set("VELERO", successor.region.backup_namespace.as_str());
    }
    if !lost.role.backs_up || others.is_empty() {
        return variables;
    }
    let Some(to) = successor else {
        variables.set("TARGETS", words(others.iter().map(|other| other.region.name.as_str())));
        return variables;
    };
    variables.set("TARGETS", to.region.name.as_str());
    let stateful = service.kind == WorkloadKind::Stateful;
    let (file, size) = match scaling::scales(to) {
        true if load::by_keda(to) => ("scaled-object.yaml", "minReplicaCount"),
        true => ("horizontal-pod-autoscaler.yaml", "minReplicas"),
        false if stateful => ("stateful-set.yaml", "replicas"),
        false => ("deployment.yaml", "replicas"),
    };
    variables.set("SIZED", file);
    variables.set("SIZE", format!("{{\"spec\":{{\"{size}\":{}}}}}", to.leading_size.full));
    let restores = recovery::fails_over_by_restore(to);
    let limit = if restores { restore_deadline(to).go() } else { "10m".to_owned() };
    variables.set("LIMIT", limit);
    let moved = moved_jobs(lost, to);
    if !moved.is_empty() {
        variables.set("JOBS", moved.join(" "));
    }
    let address = to.region.entry.as_ref().and_then(|entry| entry.address.clone());
    let address = address.filter(|_| service.traffic.is_some());
    variables.set("ADDRESS", address.clone().unwrap_or_default());
    let host = service.traffic.as_ref().and_then(|traffic| traffic.hosts.first());
    let zone = host.and_then(|host| lost.fleet.zone_of(host));
    if let (Some(address), Some((zone, _))) = (&address, zone) {
        variables.set("ZONE", zone.as_str());
        variables.set("RECORD", model::record_type(address));
        variables.set("TTL", service.ttl().as_seconds().to_string());
    }
    if restores {
        variables.set("SHORT", to.region.short.as_str());
        variables.set("CLAIMS", data::claims(view, to));
    }
    if service.postgresql.is_some() {
        let server = |of: &ServiceInRegion<'_>| postgresql::archive(of, of.region);
        if let Some(archive) = server(to) {
            variables.set("SERVER", archive.server);
        }
        if let Some(archive) = server(lost) {
            variables.set("OLD_SERVER", archive.server);
            variables.set("OLD_STORE", archive.store);
        }
    }
    variables
}
