//! A database, from its archive: a Cluster of CloudNativePG as it was at a moment. The operator
//! recovers into a new Cluster only, never over one that is there (cloudnative-pg
//! `docs/src/recovery.md`).
//!
//! What is recovered must never write to the archive that it came from: a drill archives nowhere, and
//! what may take over has a server name of its own. The ObjectStore is no part of a set: the platform
//! makes it, with a credential, and nothing of it is known here. A drill needs a copy of it in its
//! namespace, without a retention, which the page says how to make.

use super::super::values::Values;
use super::super::{Planned, postgresql};
use super::{Set, source, step, step_of};
use crate::decide::drills;
use crate::decide::network::to_database;
use crate::kube::{Kind, Namespace};

impl Set<'_> {
    /// A Cluster beside the one that is damaged, with a way to it, that may take over: it archives,
    /// under its own name, from its first moment.
    pub(crate) fn database(&self) -> Vec<Planned> {
        let here = &self.here;
        let namespace = &here.service.namespace;
        let name = format!("{}-{}", postgresql::cluster(here), self.ids.id);
        let server = format!("{name}-{}", here.region.short);
        let meta = |name: &str| self.meta(name, Some(namespace));
        let from = (here.region, self.ids.moment);
        let Some(cluster) = postgresql::recovered(here, meta(&name), from, Some(&server)) else {
            return Vec::new();
        };
        let way = Values::NetworkPolicy {
            meta: meta(&format!("{name}-way")),
            selector: here.selector(),
            ingress: Vec::new(),
            egress: vec![to_database(&name)],
        };
        let mut steps = vec![
            step(Kind::NetworkPolicy, postgresql::policy(here, meta(&name), &name)),
            step_of(Kind::NetworkPolicy, "way", way),
            step(Kind::PostgresqlCluster, Values::Database(Box::new(cluster))),
        ];
        let base = postgresql::base_backups(here, meta(&name), &name);
        steps.extend(base.map(|values| step(Kind::ScheduledBackup, values)));
        self.lay("restore-database", steps)
    }

    /// The database in a namespace of its own, under the name by which the service knows it, and one
    /// replica of the service.
    pub(crate) fn drill_of_database(&self) -> Vec<Planned> {
        let here = &self.here;
        let namespace = Namespace::new(self.name("drill-db"));
        let cluster = postgresql::cluster(here);
        let meta = || self.meta(&cluster, Some(&namespace));
        let from = (source(here), self.ids.moment);
        let Some(database) = postgresql::recovered(here, meta(), from, None) else {
            return Vec::new();
        };
        let mut steps = vec![
            self.namespace(&namespace),
            self.closed(&namespace),
            step_of(Kind::NetworkPolicy, "db", postgresql::policy(here, meta(), &cluster)),
            self.quota(&namespace, drills::of_database()),
            step(Kind::PostgresqlCluster, Values::Database(Box::new(database))),
        ];
        steps.extend(self.service(&namespace, 1));
        steps.extend(self.verification(&namespace));
        self.lay("drill-database", steps)
    }
}
