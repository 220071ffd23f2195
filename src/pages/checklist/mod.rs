//! What must stand in a region before it has to take over (`ha-dr` 3.2): all that the objects of
//! the service take for granted there, as they are emitted, and what the fleet declares.
//!
//! By day the whole list is read, at every drill; at night only what can still be mended.

mod command; //  what answers yes or no
mod needed; //   what the objects take for granted
mod platform; // what is around them
mod away; //     what must not go with the region that is lost

use crate::decide::ServiceInRegion;
use crate::kube::RegionName;
use crate::kube::needs::Need;
use crate::model::Region;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the objects of a service need, by region.
pub(crate) type Needs = BTreeMap<RegionName, BTreeSet<Need>>;

/// Something that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What: "Secret `stripe`".
    pub(crate) what: String,
    /// Who answers that it is so.
    pub(crate) says: Says,
    /// How one sees it.
    pub(crate) check: Check,
    /// Whether it can still be mended in the night in which the other region is lost.
    pub(crate) tonight: bool,
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
    /// A person judges, by what the command prints if there is one.
    Judge(Option<String>),
}

/// The list of one region, as pages print it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Checklist {
    /// The region that takes over.
    pub(crate) region: String,
    /// Those that it takes over from.
    pub(crate) lost: Vec<String>,
    /// What this tree delivers.
    pub(crate) tree: Vec<Item>,
    /// What the fleet file declares.
    pub(crate) fleet: Vec<Item>,
    /// What nobody says.
    pub(crate) you: Vec<Item>,
    /// What no command answers by itself; what none shows, comes first.
    pub(crate) judge: Vec<Judged>,
    /// What can still be mended at night, whoever says that it is there.
    pub(crate) night: Vec<Item>,
}

/// A line of the list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Item {
    /// What, as a word of the shell.
    pub(crate) what: String,
    /// The command that ends with 0 where it is there.
    pub(crate) check: String,
}

/// What a person judges.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Judged {
    /// What must be so.
    pub(crate) what: String,
    /// What shows it.
    pub(crate) command: Option<String>,
}

/// The list for the region of `here`, which takes over when one of `lost` is away.
pub(crate) fn of(here: &ServiceInRegion<'_>, lost: &[&Region], needs: &Needs) -> Checklist {
    let rows = rows(here, lost, needs);
    let items = |chosen: &dyn Fn(&Row) -> bool| {
        let item = |row: &Row| match &row.check {
            Check::Command(check) => {
                let what = command::word(&row.what.replace('`', ""));
                Some(Item { what, check: check.clone() })
            }
            Check::Judge(_) => None,
        };
        rows.iter().filter(|row| chosen(row)).filter_map(item).collect()
    };
    let judged = rows.iter().filter_map(|row| match &row.check {
        Check::Judge(command) => Some(Judged { what: row.what.clone(), command: command.clone() }),
        Check::Command(_) => None,
    });
    let (plain, shown): (Vec<Judged>, Vec<Judged>) = judged.partition(|one| one.command.is_none());
    Checklist {
        region: here.region.name.to_string(),
        lost: lost.iter().map(|region| region.name.to_string()).collect(),
        tree: items(&|row| row.says == Says::Tree),
        fleet: items(&|row| row.says == Says::Fleet),
        you: items(&|row| row.says == Says::You),
        judge: plain.into_iter().chain(shown).collect(),
        night: items(&|row| row.tonight),
    }
}

/// Everything that must be there, each once.
fn rows(here: &ServiceInRegion<'_>, lost: &[&Region], needs: &Needs) -> Vec<Row> {
    let mut rows = platform::rows(here, lost);
    let own = needs.get(&here.region.name).into_iter().flatten();
    rows.extend(needed::rows(here, own));
    rows.extend(away::rows(here, lost, needs));
    let mut seen: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        if !seen.contains(&row) {
            seen.push(row);
        }
    }
    seen
}

impl Row {
    fn new(says: Says, what: String, command: String) -> Row {
        Row { what, says, check: Check::Command(command), tonight: false }
    }

    fn judge(what: String, command: Option<String>) -> Row {
        Row { what, says: Says::You, check: Check::Judge(command), tonight: false }
    }

    fn tonight(self) -> Row {
        Row { tonight: true, ..self }
    }
}
