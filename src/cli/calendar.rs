//! `ninefold calendar`: when drills are due.

use super::args::Calendar;
use super::disk::{self, Trouble};
use super::{exit::Exit, prepared, print};
use crate::diag::{Sink, natural};
use crate::pages::calendar;

/// Why nothing is due, when nothing ever is.
const NONE: &str = "note: no drill is due, ever: no service keeps data in volumes, and none in several regions has a tier that survives a node\n";

pub(super) fn run(arguments: &Calendar) -> Result<Exit, Trouble> {
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &arguments.inputs)?.input;
    let fleet = match prepared::fleet(&mut sink, input) {
        Ok(fleet) => fleet,
        Err(sources) => return Ok(prepared::report(sink, &sources)),
    };
    let services = fleet.model().services();
    let mut drills: Vec<calendar::Drill> =
        services.iter().flat_map(|service| calendar::of(fleet.decided(), service)).collect();
    if drills.is_empty() {
        print::error(NONE);
        return Ok(Exit::Done);
    }
    // What was never done is due first.
    drills.sort_by(|a, b| {
        (a.due.cmp(&b.due))
            .then_with(|| natural(&a.service, &b.service))
            .then_with(|| a.every.cmp(&b.every))
    });
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
