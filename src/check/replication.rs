//! Replication that the engine can do: of what the service has, between regions that it has, in a
//! mode that it knows.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::engines::replication::{Copies, Engine};
use crate::model::{Model, Service};
use crate::spec::service::{Mode, Strategy};

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    let Some(replication) = &service.replication else { return };
    let engine = replication.engine;
    let place = service.at(&["data", "replication", "engine"]);
    let readers = Engine::ALL.iter().filter(|engine| engine.row().repository);
    let readers = diag::list(readers.map(|engine| engine.word()));
    if replication.repository.is_some() && !engine.row().repository {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, "`repository` has no meaning for this engine")
                .at(service.document.key(&["data", "replication", "repository"]), "")
                .related(place, format!("not {readers}"))
                .help("remove it"),
        );
    }
    if engine.copies() == Copies::Elsewhere {
        return;
    }
    let word = engine.word();
    if replication.mode == Mode::Synchronous {
        sink.error(
            Diagnostic::new(
                Code::REPLICATION_MODE,
                format!("`{word}` makes no write wait for another region"),
            )
            .at(service.at(&["data", "replication", "mode"]), "")
            .related(place, "copies after the write")
            .note("what was written since the last copy is lost with the region")
            .help("write `mode = \"asynchronous\"` with a `lag`; for an RPO of 0, a store that commits in both regions: `engine = \"external\"`"),
        );
    }
    if service.regions.len() < 2 && !service.doubts.any(&["regions"]) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{word}` has no region to copy to"))
                .at(place, "")
                .related(service.at(&["regions"]), "one region")
                .help("add a region, or remove `[data.replication]`"),
        );
    }
    if service.strategy == Strategy::ActiveActive && !service.doubts.any(&["recovery", "tier"]) {
        sink.error(
            Diagnostic::new(
                Code::STRATEGY_NOT_ALLOWED,
                format!("`{word}` copies from one region, and `active/active` writes in all of them"),
            )
            .at(service.origin(&["recovery"]), "every region writes")
            .related(place, "one writes, the others follow")
            .note("a copy would overwrite what its region wrote itself")
            .help("write `recovery = \"warm standby\"`; or use a store that merges or orders the writes of all regions: `engine = \"external\"`"),
        );
    }
    if engine.copies() == Copies::Volumes && !service.keeps_data() {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("`{}` has nothing for `{word}` to copy", service.name),
            )
            .at(place, "it copies volumes")
            .note("there is no `[[volumes]]`, or none that is backed up")
            .help(
                "remove `[data.replication]`, or name what holds the data: `engine = \"external\"`",
            ),
        );
    }
}
