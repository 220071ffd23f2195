//! What a person asks of one service: runbooks, drills, what records of drills are worth.

use super::{Fleet, of_service};
use crate::diag::{Reported, Sink};
use crate::evidence;
use crate::kube;
use crate::model;
use crate::pages;
use crate::plan::{Unit, recovery};
use crate::spec;
use crate::tree::{self, Layout};

impl Fleet {
    /// The runbook of a service for a loss in a region, as one page with everything filled in; nothing
    /// where nothing of the service can be lost so there.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn runbook(
        &self,
        sink: &mut Sink,
        service: &model::Service,
        (scenario, region): (pages::runbook::Scenario, &kube::RegionName),
    ) -> Result<Option<String>, Reported> {
        let proofs = self.proofs(service.name.address()).unwrap_or_default();
        let needs = self.named(sink, self.plan(service, &proofs), Some(service))?.needs();
        let of = (&*proofs, &needs);
        let parts = pages::runbook::parts(&self.decided, service, of, (scenario, region));
        let Some(mut parts) = parts else { return Ok(None) };
        let (own, shared) = (of_service(service), self.of_fleet());
        if let Some(users) = &parts.users {
            let text = self.page(sink, users, shared)?;
            parts.procedures.iter_mut().for_each(|page| page.values.users_text = text.clone());
        }
        let head = self.page(sink, &parts.head, own)?;
        let functions = parts.functions.as_ref();
        let functions = functions.map(|page| self.page(sink, page, shared)).transpose()?;
        let cluster = parts.cluster.as_ref();
        let cluster = cluster.map(|page| self.page(sink, page, shared)).transpose()?;
        let procedures = parts.procedures.iter().map(|page| self.page(sink, page, shared));
        let procedures = procedures.collect::<Result<Vec<String>, Reported>>()?;
        Ok(Some(parts.page(pages::runbook::Rendered { head, functions, cluster, procedures })))
    }

    /// The command that lists the backups which a restore in `region` takes.
    pub fn backups_query(
        &self,
        service: &model::Service,
        region: &kube::RegionName,
    ) -> Option<String> {
        recovery::query(&self.decided, service, region)
    }

    /// What data of a service can come back from in a region; empty for one that keeps none.
    pub fn stores(
        &self,
        service: &model::Service,
        region: &kube::RegionName,
    ) -> Vec<recovery::Store> {
        recovery::stores_in(&self.decided, service, region)
    }

    /// The set of the drill of a service in a region, in the order in which it is applied; empty for
    /// a service that has no such store there, as there is nothing to restore.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn drill(
        &self,
        sink: &mut Sink,
        service: &model::Service,
        region: &kube::RegionName,
        store: recovery::Store,
        ids: recovery::Ids<'_>,
    ) -> Result<Vec<tree::Document>, Reported> {
        let plan = recovery::make(&self.decided, service, recovery::Of::Drill(region, store), ids);
        Ok(Layout::sets(&Unit::Service(service.name.clone()), self.named(sink, plan, None)?))
    }

    /// Holds records of drills against what is promised; those that count come out, in their order.
    pub fn evidence(
        &self,
        sink: &mut Sink,
        records: &[spec::Spec<spec::evidence::Evidence>],
        today: Option<crate::quantity::Date>,
    ) -> Vec<evidence::Counted> {
        let against = evidence::Against { model: &self.decided, sources: &self.sources, today };
        evidence::judge(sink, against, records)
    }
}
