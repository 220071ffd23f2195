//! Volumes, from what VolSync has copied to the region.
//!
//! A claim is filled from the latest image of a ReplicationDestination in its own namespace, and only
//! while that is there (volsync `docs/usage/volume-populator`). A drill in another namespace therefore
//! has a ReplicationDestination of its own, which copies once: it reads the repository as the one
//! of the service does at every interval, with a lock and no more (volsync
//! `mover-restic/entry.sh`).

use super::super::values::Values;
use super::super::{Planned, replication};
use super::{Set, step_of};
use crate::decide::drills;
use crate::kube::{Kind, Namespace, labels};

impl Set<'_> {
    /// The claims of the service, under the names that its StatefulSet looks for.
    pub(crate) fn claims(&self) -> Vec<Planned> {
        let copies = replication::copies(&self.here);
        let claim = |copy: &replication::Copied<'_>| {
            let claim = replication::filled(&self.here, copy);
            step_of(Kind::PersistentVolumeClaim, &copy.part, Values::FilledClaim(claim))
        };
        self.lay("failover", copies.iter().map(claim).collect())
    }

    /// The service on copies of its copies, in a namespace of its own.
    pub(crate) fn drill_of_copies(&self) -> Vec<Planned> {
        let namespace = Namespace::new(self.name("drill-copies"));
        let copies = replication::copies(&self.here);
        let moved = |mut values: Values| {
            let meta = values.meta_mut();
            meta.namespace = Some(namespace.to_string());
            meta.labels.insert(labels::DRILL.to_owned(), self.ids.id.to_owned());
            values
        };
        let movers = self.meta("copies", Some(&namespace));
        let mut steps = vec![
            self.namespace(&namespace),
            self.closed(&namespace),
            step_of(Kind::NetworkPolicy, "copies", replication::policy(&self.here, movers)),
            self.quota(&namespace, drills::of_copies(&self.here)),
        ];
        steps.extend(copies.iter().map(|copy| {
            let mut values = copy.values.clone();
            values.once = Some(self.ids.id.to_owned());
            let values = moved(Values::Copy(Box::new(values)));
            step_of(Kind::ReplicationDestination, &copy.part, values)
        }));
        steps.extend(copies.iter().map(|copy| {
            let claim = moved(Values::FilledClaim(replication::filled(&self.here, copy)));
            step_of(Kind::PersistentVolumeClaim, &copy.part, claim)
        }));
        steps.extend(self.service(&namespace, self.here.size.full));
        steps.extend(self.verification(&namespace));
        self.lay("drill-copies", steps)
    }
}
