//! `ninefold drill`: the set of one drill, under names that no other drill has.

use super::args::Drill;
use super::disk::{self, Trouble};
use super::{exit::Exit, print};
use crate::diag::{self, Sink};
use crate::kube::{RegionName, ServiceName, id};
use crate::model::Service;
use crate::name::{Digest, suffix};
use crate::plan::recovery::{self, Ids, LONGEST_ID, SET_BACKUP, SET_MOMENT, Store};
use crate::tree::Document;
use std::path::Path;

pub(super) fn run(arguments: &Drill) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let fleet = match crate::prepare(&mut sink, input) {
        Ok(fleet) if sink.errors() == 0 => fleet,
        Ok(fleet) => return Ok(report(sink, fleet.sources())),
        Err(sources) => return Ok(report(sink, &sources)),
    };
    let (service, store) = match chosen(arguments, &fleet) {
        Ok(chosen) => chosen,
        Err(message) => {
            print::error(&format!("error: {message}\n"));
            return Ok(Exit::Trouble);
        }
    };
    let region = RegionName::new(&*arguments.region);
    let backup = arguments.backup.as_deref().unwrap_or(SET_BACKUP);
    let moment = arguments.moment.as_deref().unwrap_or(SET_MOMENT);
    let mut set =
        |id: &str| fleet.drill(&mut sink, service, &region, store, Ids { id, backup, moment });
    let documents = match &arguments.id {
        Some(id) => set(id),
        None => set(Ids::TEMPLATE.id).and_then(|template| set(&of_content(&template))),
    };
    let Ok(documents) = documents else { return Ok(report(sink, fleet.sources())) };
    match &arguments.write {
        Some(folder) => write(folder, &documents)?,
        None => print::data(&text(&documents)),
    }
    if arguments.id.is_none() {
        print::error(
            "note: the id follows from the content: for another drill of the same, write `--id`\n",
        );
    }
    if store == Store::Archive && arguments.moment.is_none() {
        print::error(&format!(
            "note: it goes back to `{SET_MOMENT}`, which the operator refuses; write `--moment` with a time in UTC\n"
        ));
    }
    if store == Store::Backup && arguments.backup.is_none() {
        print::error(&format!(
            "note: it restores `{SET_BACKUP}`, which is no backup; write `--backup` with one of\n  {}\n",
            fleet.backups_query(service, &region).unwrap_or_default()
        ));
    }
    Ok(Exit::Done)
}

fn report(sink: Sink, sources: &diag::Sources) -> Exit {
    print::findings(&sink.sorted(sources), sources);
    Exit::Findings
}

/// The service, when it has something to restore in that region, under a name that fits.
fn chosen<'a>(arguments: &Drill, fleet: &'a crate::Fleet) -> Result<(&'a Service, Store), String> {
    let services = fleet.model().services();
    let names = || services.iter().map(|service| service.name.as_str());
    let name = &arguments.service;
    let service = fleet.model().service(&ServiceName::new(&**name)).ok_or_else(|| {
        format!("no spec describes a service `{name}`\nhelp: {}", diag::did_you_mean(name, names()))
    })?;
    let region = &arguments.region;
    let regions = || service.regions.iter().map(|region| region.name.as_str());
    if !regions().any(|known| known == region) {
        return Err(format!(
            "`{name}` is not in `{region}`\nhelp: {}",
            diag::did_you_mean(region, regions())
        ));
    }
    let stores = fleet.stores(service, &RegionName::new(&**region));
    let wanted = arguments.from.map(Store::from);
    let Some(store) = stores.iter().copied().find(|store| wanted.is_none_or(|it| it == *store))
    else {
        let have: Vec<&str> = stores.iter().map(|store| store.word()).collect();
        return Err(match have.is_empty() {
            true => format!(
                "`{name}` keeps no data of its own, so there is nothing to restore\nhelp: its drill is the move to another region: see `recovery/{name}/` in the tree"
            ),
            false => format!(
                "nothing of `{name}` comes back from there in `{region}`\nhelp: write `--from {}`",
                have.join("`, or `--from ")
            ),
        });
    };
    if let Some(problem) = arguments.moment.as_deref().and_then(recovery::moment_problem) {
        return Err(format!("`--moment` is no moment: {problem}"));
    }
    if let Some(id) = &arguments.id {
        let problem = id::label_problem(id).or_else(|| {
            (id.len() > LONGEST_ID)
                .then(|| format!("it has {} characters, {LONGEST_ID} are the most", id.len()))
        });
        if let Some(problem) = problem {
            return Err(format!("`{id}` cannot be the id of a drill: {problem}"));
        }
    }
    match arguments.backup.as_deref().and_then(id::subdomain_problem) {
        Some(problem) => Err(format!("no backup has such a name: {problem}")),
        None => Ok((service, store)),
    }
}

/// An id that every edit of what a drill applies changes.
fn of_content(template: &[Document]) -> String {
    let digests = template.iter().map(|document| document.digest.to_string());
    suffix(&Digest::of(digests.collect::<String>().as_bytes()))
}

/// A file for each object; their names are in the order in which they are applied.
fn write(folder: &Path, documents: &[Document]) -> Result<(), Trouble> {
    let files = documents.iter().map(|document| {
        let name = document.path.rsplit('/').next().unwrap_or(&document.path);
        (folder.join(name), &document.text)
    });
    let files: Vec<_> = files.collect();
    if let Some((path, _)) = files.iter().find(|(path, _)| disk::exists(path)) {
        return Err(Trouble::new("writing", path, "it exists already, and nothing was changed"));
    }
    for (path, text) in &files {
        disk::write_new(path, text)?;
        print::data(&format!("Wrote {}.\n", path.display()));
    }
    Ok(())
}

/// One stream, in the order in which it is applied.
fn text(documents: &[Document]) -> String {
    let one = |document: &Document| format!("---\n# {}\n{}", document.path, document.text);
    documents.iter().map(one).collect()
}
