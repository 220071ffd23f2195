//! What rests on backups where nothing makes them: the spec wants none, or the region has no Velero.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::model::{Model, Service};

pub(super) fn check(sink: &mut Sink, model: &Model, service: &Service) {
    // The tree has everything of what keeps no data.
    if !service.keeps_data() {
        return;
    }
    match (service.backed_up, &service.replication) {
        (true, _) => regions(sink, model, service),
        (false, None) => needed(sink, service),
        (false, Some(_)) => damage(sink, service),
    }
}

/// The names of the volumes that must be kept.
fn kept(service: &Service) -> String {
    let kept = service.volumes.iter().filter(|volume| volume.backup != Some(false));
    diag::list(kept.map(|volume| volume.name.as_str()))
}

/// Only backups keep what is on the volumes, and the spec wants none.
fn needed(sink: &mut Sink, service: &Service) {
    sink.error(
        Diagnostic::new(
            Code::BACKUP_NEEDED,
            format!("the RPO of `{}` rests on backups, and nothing makes any", service.name),
        )
        .at(service.at(&["backup"]), "")
        .related(service.document.key(&["volumes"]), format!("{} must be kept", kept(service)))
        .related(service.at(&["rpo"]), "promised here")
        .help("remove it; or write `backup = false` for volumes that hold nothing that must be kept; or name who copies them to another place: `[data.replication]`, `engine = \"external\"`"),
    );
}

/// A replica keeps the RPO, and has the damage as soon as the original.
fn damage(sink: &mut Sink, service: &Service) {
    sink.report(
        Diagnostic::new(
            Code::NOTHING_BACKED_UP,
            format!("nothing brings damaged data of `{}` back", service.name),
        )
        .at(service.at(&["backup"]), "")
        .related(service.document.key(&["data", "replication"]), "copies damage as well")
        .note("what a release, a person or an attacker deletes is deleted in every copy")
        .help("remove it, or accept this with who keeps what there was before"),
    );
}

/// Regions in which nothing can back it up, nor restore it.
fn regions(sink: &mut Sink, model: &Model, service: &Service) {
    let fleet = model.fleet();
    for (index, region) in service.regions.iter().enumerate().filter(|(_, one)| !one.velero) {
        let name = region.name.as_str();
        let others = fleet.regions.values().filter(|other| other.velero);
        let others: Vec<&str> = others.map(|other| other.name.as_str()).collect();
        let elsewhere = match others.as_slice() {
            [] => String::new(),
            [..] => format!("; or run it where there is one: {}", diag::list(others)),
        };
        let external = match &service.replication {
            Some(_) => "; or write `backup = \"none\"`, where somebody else keeps its data",
            None => "",
        };
        sink.error(
            Diagnostic::new(
                Code::BACKUP_NEEDED,
                format!("`{}` keeps data, and `{name}` has no Velero to back it up", service.name),
            )
            .at(service.at(&["regions", &index.to_string()]), "")
            .related(service.document.key(&["volumes"]), format!("{} must be kept", kept(service)))
            .related(fleet.document.key(&["regions", name]), "declares no `backup`")
            .help(format!("declare it in the fleet: `[regions.{name}.backup]`, with its `locations`{elsewhere}{external}")),
        );
    }
}
