//! `ninefold runbook`: what to do when something is lost, as one page with everything filled in.

use super::args::{Lost, Runbook};
use super::disk::{self, Trouble};
use super::{exit::Exit, prepared, print};
use crate::compile;
use crate::diag::{self, Code, Diagnostic, Sink};
use crate::pages::runbook::{self, Scenario};

pub(super) fn run(arguments: &Runbook) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    // A promise that does not hold is no reason to print nothing at night.
    let fleet = match compile::prepare_to_explain(&mut sink, input) {
        Ok(fleet) => fleet,
        Err(sources) => {
            prepared::report(sink, &sources);
            return Ok(Exit::Trouble);
        }
    };
    let name = &arguments.service;
    let mut wrong = Sink::default();
    let Some(service) = fleet.called(name, arguments.name.as_deref().into_iter()) else {
        wrong.error(
            Diagnostic::new(Code::UNKNOWN_SERVICE, format!("no spec describes `{name}`"))
                .help(diag::did_you_mean(name, fleet.services().collect::<Vec<_>>())),
        );
        print::findings(&wrong.sorted(fleet.sources()), fleet.sources());
        return Ok(Exit::Trouble);
    };
    let scenario = match arguments.loss {
        Lost::Node => Scenario::Node,
        Lost::Zone => Scenario::Zone,
        Lost::Region => Scenario::Region,
        Lost::Data => Scenario::Data,
        Lost::ControlPlane => Scenario::ControlPlane,
    };
    let chosen = runbook::choose(fleet.decided(), service, scenario, arguments.name.as_deref());
    let region = match chosen {
        Ok(region) => region,
        Err(finding) => {
            wrong.error(*finding);
            print::findings(&wrong.sorted(fleet.sources()), fleet.sources());
            return Ok(Exit::Trouble);
        }
    };
    let Ok(Some(page)) = fleet.runbook(&mut sink, service, (scenario, &region)) else {
        prepared::report(sink, fleet.sources());
        return Ok(Exit::Trouble);
    };
    if arguments.name.is_none() && service.regions.len() > 1 {
        print::error(&format!(
            "note: this is about `{region}`; for another region, name it behind the loss\n"
        ));
    }
    print::data(&page);
    Ok(Exit::Done)
}
