//! `ninefold calendar`: when drills are due.

use super::args::Calendar;
use super::disk::{self, Trouble};
use super::{exit::Exit, print};
use crate::diag::Sink;
use crate::plan::calendar;

pub(super) fn run(arguments: &Calendar) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let fleet = match crate::prepare(&mut sink, input) {
        Ok(fleet) if sink.errors() == 0 => fleet,
        Ok(fleet) => {
            print::findings(&sink.sorted(fleet.sources()), fleet.sources());
            return Ok(Exit::Findings);
        }
        Err(sources) => {
            print::findings(&sink.sorted(&sources), &sources);
            return Ok(Exit::Findings);
        }
    };
    let services = fleet.model().services();
    let mut drills: Vec<calendar::Drill> =
        services.iter().flat_map(|service| calendar::of(fleet.model(), service)).collect();
    // What was never done is due first.
    drills.sort_by(|a, b| (&a.due, &a.service, a.every).cmp(&(&b.due, &b.service, b.every)));
    let widest = drills.iter().map(|drill| drill.service.len()).max().unwrap_or(0);
    let mut late = false;
    let mut text = String::new();
    for drill in &drills {
        let overdue = arguments.today.is_some_and(|today| drill.overdue(today));
        late |= overdue;
        let due = drill.due.as_deref().unwrap_or("at once   ");
        let last = match &drill.last {
            Some(last) => format!("last on {last}"),
            None => "never measured".to_owned(),
        };
        text.push_str(&format!(
            "{due}  {:widest$}  {}, every {} days, {last}{}\n",
            drill.service,
            drill.what,
            drill.every,
            if overdue { ": overdue" } else { "" }
        ));
    }
    print::data(&text);
    Ok(if late { Exit::Findings } else { Exit::Done })
}
