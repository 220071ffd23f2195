//! When drills are due: how often follows from what the tier survives, since when from what the
//! fleet says was measured. The clock has no part in it.

use crate::decide::{Decided, ServiceInRegion};
use crate::diag::natural;
use crate::model::Service;
use crate::model::{Step, Survives};
use crate::plan::recovery;
use crate::quantity::Date;
use serde::Serialize;
use std::cmp::Ordering;

/// How often each drill is done, in days; none where the tier asks for none (`docs/facts.md`,
/// "Drills").
struct Row {
    survives: Survives,
    /// A restore into a namespace, anywhere.
    restore: u64,
    /// A restore in the region that would take over.
    elsewhere: Option<u64>,
    /// The users move to another region.
    failover: Option<u64>,
}

const ROWS: &[Row] = &[
    Row { survives: Survives::Pod, restore: 365, elsewhere: None, failover: None },
    Row { survives: Survives::Node, restore: 91, elsewhere: Some(365), failover: Some(365) },
    Row { survives: Survives::Zone, restore: 30, elsewhere: Some(91), failover: Some(365) },
    Row { survives: Survives::Region, restore: 7, elsewhere: Some(30), failover: Some(182) },
];

/// One drill of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drill {
    /// The service.
    pub service: String,
    /// What is done.
    pub what: &'static str,
    /// Days between two.
    pub every: u64,
    /// The day on which the last was measured; none when the fleet has no measurement.
    pub last: Option<String>,
    /// The day until which the next is to be done; none when there was none: at once.
    pub due: Option<String>,
}

impl Drill {
    /// Whether it should have been done by `today`.
    pub fn overdue(&self, today: Date) -> bool {
        // Days are written so that their order is that of their texts.
        self.due.as_ref().is_none_or(|due| *due < today.to_string())
    }

    /// The order in which they are shown: what was never done is due first.
    pub fn in_order(a: &Drill, b: &Drill) -> Ordering {
        (a.due.cmp(&b.due))
            .then_with(|| natural(&a.service, &b.service))
            .then_with(|| a.every.cmp(&b.every))
    }
}

/// The drills of a service, the most frequent first.
pub fn of(decided: &Decided, service: &Service) -> Vec<Drill> {
    let row = ROWS.iter().find(|row| row.survives == service.tier.survives);
    let row = row.expect("every survival has a row");
    let all: Vec<ServiceInRegion<'_>> = decided.places(service).collect();
    let elsewhere = |region: &str| {
        all.iter().any(|here| here.role.takes_over && here.region.name.as_str() == region)
    };
    let drill = |what, every: u64, steps: &[Step], counts: &dyn Fn(Option<&str>) -> bool| {
        let own = decided.fleet().measured.iter().filter(|measured| {
            let of = measured.service.as_deref();
            of.is_none_or(|name| name == service.name.address())
                && steps.contains(&measured.what)
                && counts(measured.region.as_deref())
        });
        let last = own.map(|measured| measured.on).max();
        Drill {
            service: service.name.to_string(),
            what,
            every,
            last: last.map(|last| last.to_string()),
            due: last.map(|last| last.after(every).to_string()),
        }
    };
    let mut drills = Vec::new();
    if all.iter().any(|here| recovery::stores(here).next().is_some()) {
        let steps = [Step::Restore, Step::Base, Step::Replay];
        drills.push(drill("restore into a namespace", row.restore, &steps, &|_| true));
        if let Some(every) = row.elsewhere.filter(|_| all.len() > 1) {
            let counts = |region: Option<&str>| region.is_some_and(elsewhere);
            let what = "restore in a region that takes over";
            drills.push(drill(what, every, &steps, &counts));
        }
    }
    if let Some(every) = row.failover.filter(|_| all.len() > 1) {
        let steps = [Step::Switch, Step::Promotion];
        let what = "move of the users to another region, and back";
        drills.push(drill(what, every, &steps, &|_| true));
    }
    drills
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_survives_more_is_drilled_more_often() {
        assert!(ROWS.windows(2).all(|pair| {
            let often = |days: Option<u64>| days.unwrap_or(u64::MAX);
            pair[0].survives < pair[1].survives
                && pair[0].restore > pair[1].restore
                && often(pair[0].elsewhere) > often(pair[1].elsewhere)
                && often(pair[0].failover) >= often(pair[1].failover)
        }));
    }
}
