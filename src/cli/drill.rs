//! `ninefold drill`: the set of one drill, under names that no other drill has.

use super::answers::{self, Applied};
use super::args::{Drill, Shown};
use super::disk::{self, Trouble};
use super::{exit::Exit, prepared, print};
use crate::Fleet;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::{RegionName, id};
use crate::model::Service;
use crate::name::{Digest, suffix};
use crate::plan::recovery::{self, Ids, LONGEST_ID, SET_BACKUP, SET_MOMENT, Store};
use crate::tree::Document;
use std::path::Path;

pub(super) fn run(arguments: &Drill) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let fleet = match prepared::fleet(&mut sink, input) {
        Ok(fleet) => fleet,
        Err(sources) => return Ok(prepared::report(sink, &sources)),
    };
    let mut wrong = Sink::default();
    names(&mut wrong, arguments);
    let chosen = chosen(&mut wrong, arguments, &fleet);
    let Some((service, store)) = chosen.filter(|_| wrong.errors() == 0) else {
        print::findings(&wrong.sorted(fleet.sources()), fleet.sources());
        return Ok(Exit::Trouble);
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
    let Ok(documents) = documents else { return Ok(prepared::report(sink, fleet.sources())) };
    let notes = notes(arguments, store, &fleet, service);
    match (&arguments.write, arguments.format) {
        (Some(folder), _) => write(folder, &documents)?,
        (None, Shown::Text) => print::data(&text(&documents)),
        (None, Shown::Json) => {
            print::data(&answers::json(&answers::Drill {
                service: &arguments.service,
                region: &arguments.region,
                from: store.word(),
                objects: documents.iter().map(applied).collect(),
                notes,
            }));
            return Ok(Exit::Done);
        }
    }
    notes.iter().for_each(|note| print::error(&format!("note: {note}\n")));
    Ok(Exit::Done)
}

fn applied(document: &Document) -> Applied<'_> {
    Applied { path: &document.path, text: &document.text }
}

/// What must be set or known before the set is applied.
fn notes(arguments: &Drill, store: Store, fleet: &Fleet, service: &Service) -> Vec<String> {
    let mut notes = Vec::new();
    if arguments.id.is_none() {
        notes.push(
            "the id follows from the content: for another drill of the same, write `--id`"
                .to_owned(),
        );
    }
    if store == Store::Archive && arguments.moment.is_none() {
        notes.push(format!(
            "it goes back to `{SET_MOMENT}`, which the operator refuses; write `--moment` with a time in UTC"
        ));
    }
    if store == Store::Backup && arguments.backup.is_none() {
        let region = RegionName::new(&*arguments.region);
        notes.push(format!(
            "it restores `{SET_BACKUP}`, which is no backup; write `--backup` with one of\n  {}",
            fleet.backups_query(service, &region).unwrap_or_default()
        ));
    }
    notes
}

/// The service, and what of it comes back in that region.
fn chosen<'a>(
    sink: &mut Sink,
    arguments: &Drill,
    fleet: &'a Fleet,
) -> Option<(&'a Service, Store)> {
    let name = &arguments.service;
    let Some(service) = fleet.called(name, [arguments.region.as_str()].into_iter()) else {
        sink.error(
            Diagnostic::new(Code::UNKNOWN_SERVICE, format!("no spec describes `{name}`"))
                .help(diag::did_you_mean(name, fleet.services().collect::<Vec<_>>())),
        );
        return None;
    };
    let (name, region) = (service.name.address(), &arguments.region);
    let regions = || service.regions.iter().map(|region| region.name.as_str());
    if !regions().any(|known| known == region) {
        sink.error(
            Diagnostic::new(Code::UNKNOWN_REGION, format!("`{name}` is not in `{region}`"))
                .at(service.at(&["regions"]), "a drill restores into one of these")
                .help(diag::did_you_mean(region, regions())),
        );
    }
    let stores = fleet.stores(service, &RegionName::new(&**region));
    let wanted = arguments.from.map(Store::from);
    let store = stores.iter().copied().find(|store| wanted.is_none_or(|wanted| wanted == *store));
    if !service.keeps_data() && service.postgresql.is_none() {
        sink.error(
            Diagnostic::new(
                Code::NOTHING_TO_RESTORE,
                format!("`{name}` keeps no data of its own, so there is nothing to restore"),
            )
            .at(service.at(&["name"]), "the tree has everything of it")
            .help(match service.regions.len() {
                1 => {
                    format!(
                        "what a loss takes is on its card: see `recovery/{name}.md` in the tree"
                    )
                }
                _ => format!(
                    "its drill is the move to another region: see `recovery/{name}.md` in the tree"
                ),
            }),
        );
    } else if stores.is_empty() && regions().any(|known| known == region) {
        sink.error(
            Diagnostic::new(
                Code::NOTHING_TO_RESTORE,
                format!("nothing of `{name}` can be brought back in `{region}`"),
            )
            .at(service.at(&["backup"]), "")
            .help("ask whoever keeps its data for a drill of theirs"),
        );
    } else if store.is_none() && !stores.is_empty() {
        let have = stores.iter().map(|store| format!("`--from {}`", store.word()));
        sink.error(
            Diagnostic::new(
                Code::NOTHING_TO_RESTORE,
                format!("nothing of `{name}` comes back from there in `{region}`"),
            )
            .help(format!("write {}", have.collect::<Vec<_>>().join(" or "))),
        );
    }
    Some((service, store?))
}

/// What is wrong with the names that were given.
fn names(sink: &mut Sink, arguments: &Drill) {
    let mut wrong = |code, message: String, help: &str| {
        sink.error(Diagnostic::new(code, message).help(help));
    };
    if let Some(id) = &arguments.id {
        let length = id.chars().count();
        if length > LONGEST_ID {
            let message =
                format!("the id `{id}` has {length} characters, {LONGEST_ID} are the most");
            wrong(Code::NAME_TOO_LONG, message, "it is a part of names that have their own limits");
        } else if let Some(problem) = id::label_problem(id) {
            let message = format!("`{id}` cannot be the id of a drill: {problem}");
            let near = format!("write `--id {}`", id::nearest_label(id));
            wrong(Code::INVALID_NAME, message, &near);
        }
    }
    if let Some(problem) = arguments.moment.as_deref().and_then(recovery::moment_problem) {
        wrong(Code::WRONG_VALUE, "`--moment` is not a moment".to_owned(), problem);
    }
    let backup = arguments.backup.as_deref();
    if let Some((backup, problem)) =
        backup.and_then(|backup| Some((backup, id::subdomain_problem(backup)?)))
    {
        let message = format!("no backup is called `{backup}`: {problem}");
        wrong(
            Code::INVALID_NAME,
            message,
            "write the name as `kubectl get backups.velero.io` shows it",
        );
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
