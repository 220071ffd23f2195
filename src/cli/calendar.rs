//! `ninefold calendar`: when drills are due.

use super::answers::{self, Due};
use super::args::{Calendar, Shown};
use super::disk::{self, Trouble};
use super::{exit::Exit, prepared, print};
use crate::diag::Sink;
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
    }
    drills.sort_by(calendar::Drill::in_order);
    let overdue = |drill: &calendar::Drill| Some(drill.overdue(arguments.today?));
    print::data(&match arguments.format {
        Shown::Text => text(&drills, &overdue),
        Shown::Json => answers::json(&answers::Calendar {
            today: arguments.today.map(|today| today.to_string()),
            drills: drills.iter().map(|drill| due(drill, overdue(drill))).collect(),
        }),
    });
    let late = drills.iter().any(|drill| overdue(drill) == Some(true));
    Ok(if late { Exit::Findings } else { Exit::Done })
}

/// One drill a line.
fn text(drills: &[calendar::Drill], overdue: &impl Fn(&calendar::Drill) -> Option<bool>) -> String {
    let widest = drills.iter().map(|drill| drill.service.len()).max().unwrap_or(0);
    let mut text = String::new();
    for drill in drills {
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
            if overdue(drill) == Some(true) { ": overdue" } else { "" }
        ));
    }
    text
}

fn due(drill: &calendar::Drill, overdue: Option<bool>) -> Due<'_> {
    Due {
        service: &drill.service,
        what: drill.what,
        every_days: drill.every,
        last: drill.last.as_deref(),
        due: drill.due.as_deref(),
        overdue,
    }
}
