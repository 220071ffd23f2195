//! What must stand in a region before it has to take over (`docs/facts.md`, "What stands in a
//! region before a service moves there"): all that the objects of the service take for granted
//! there, as they are emitted, and what the fleet declares.
//!
//! The list is read by day, at every drill; at night it tells what can still be mended.

mod command; //  what answers yes or no
mod needed; //   what the objects take for granted
mod platform; // what is around them
mod cluster; //  what every service needs of a region
mod lost_with_region; // what must not go with the region that is lost

use crate::decide::{Decided, ServiceInRegion};
use crate::kube::RegionName;
use crate::kube::needs::Need;
use crate::model::Region;
use std::collections::{BTreeMap, BTreeSet};

/// What the objects of a service need, by region.
pub(crate) type Needs = BTreeMap<RegionName, BTreeSet<Need>>;

/// Something that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Who answers that it is so.
    pub(crate) says: Says,
    /// How one sees it.
    pub(crate) check: Check,
}

/// Who answers that something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// This tree delivers it.
    Tree,
    /// The fleet file declares it.
    Fleet,
    /// Nobody: whoever reads the list.
    You,
}

/// How one sees whether something is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// A command that ends with 0 where it is.
    Command(String),
    /// A person judges what the command prints.
    Shown(String),
    /// A person judges this.
    Judge(String),
}

/// The list of one region, as its card has it.
#[derive(Clone, Debug)]
pub(crate) struct Checklist {
    /// Lines of the shell, by who answers that it is so.
    pub(crate) lines: Vec<String>,
    /// What no command shows.
    pub(crate) judged: Vec<String>,
}

/// The list for the region of `here`, which takes over when one of `lost` is away, without what the
/// card of its cluster asks.
pub(crate) fn of(
    decided: &Decided,
    here: &ServiceInRegion<'_>,
    lost: &[&Region],
    needs: &Needs,
) -> Checklist {
    let asked = cluster::rows(decided, here.region);
    let mut rows = rows(here, lost, needs);
    rows.retain(|row| !asked.contains(row));
    list(&rows)
}

/// What every service needs of a region, as the card of its cluster asks for it.
pub(crate) fn of_region(decided: &Decided, region: &Region) -> Checklist {
    list(&once(cluster::rows(decided, region)))
}

fn list(rows: &[Row]) -> Checklist {
    let mut lines = asked(rows);
    let shown = rows.iter().filter_map(|row| match &row.check {
        Check::Shown(command) => Some(command.clone()),
        Check::Command(_) | Check::Judge(_) => None,
    });
    lines.extend(shown);
    let judged = rows.iter().filter_map(|row| match &row.check {
        Check::Judge(what) => Some(what.clone()),
        Check::Command(_) | Check::Shown(_) => None,
    });
    Checklist { lines, judged: judged.collect() }
}

/// Lines of the shell that answer yes or no, by who says that it is so.
fn asked(rows: &[Row]) -> Vec<String> {
    let mut lines = Vec::new();
    let titles =
        [(Says::Tree, ""), (Says::Fleet, "# in the fleet file"), (Says::You, "# declared nowhere")];
    for (says, title) in titles {
        let asked = rows.iter().filter(|row| row.says == says).filter_map(Row::asks);
        let asked = command::joined(asked.collect());
        lines.extend((!title.is_empty() && !asked.is_empty()).then(|| title.to_owned()));
        lines.extend(asked.into_iter().map(|command| format!("there {command}")));
    }
    lines
}

/// Everything that must be there, each once.
fn rows(here: &ServiceInRegion<'_>, lost: &[&Region], needs: &Needs) -> Vec<Row> {
    let mut rows = platform::rows(here, lost);
    let own = needs.get(&here.region.name).into_iter().flatten();
    rows.extend(needed::rows(here, own));
    rows.extend(lost_with_region::rows(here, lost, needs));
    once(rows)
}

/// The same rows, each where it is first.
fn once(rows: Vec<Row>) -> Vec<Row> {
    let mut seen: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        if !seen.contains(&row) {
            seen.push(row);
        }
    }
    seen
}

impl Row {
    fn new(says: Says, command: String) -> Row {
        Row { says, check: Check::Command(command) }
    }

    fn shown(command: String) -> Row {
        Row { says: Says::You, check: Check::Shown(command) }
    }

    fn judge(what: String) -> Row {
        Row { says: Says::You, check: Check::Judge(what) }
    }

    fn asks(&self) -> Option<&str> {
        match &self.check {
            Check::Command(command) => Some(command),
            Check::Shown(_) | Check::Judge(_) => None,
        }
    }
}
