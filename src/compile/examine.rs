//! What is wrong with a unit: its objects under their logical names, and no file of it.

use super::Fleet;
use super::unit::shared_account;
use crate::diag::{Reported, Sink};
use crate::kube::ObjectId;
use crate::model;
use crate::name;
use crate::object::Object;
use crate::plan::{Plan, Unit, recovery};
use crate::tree::{self, Previous};

impl Fleet {
    /// Everything that [`Fleet::compile`] finds where nothing was before, in less time: no file is made.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn examine(&self, sink: &mut Sink, unit: &Unit) -> Result<(), Reported> {
        // Nothing can be wrong with a page but what a user's own template says.
        if self.templates.general().has_users() {
            return self.compile(sink, unit, &Previous::nothing()).map(drop);
        }
        let mut found = Sink::default();
        let service = self.service(unit);
        let right = match service {
            Some(service) => self.check_objects(&mut found, unit, service),
            None => self.check_shared(&mut found, unit),
        };
        found.accept(|finding| service.is_some_and(|service| service.accepts(finding.code)));
        found.refuse();
        let refused = found.ok();
        sink.absorb(found);
        refused.and(right)
    }

    /// What is wrong with the objects of a service, and with those of its recovery sets.
    fn check_objects(
        &self,
        sink: &mut Sink,
        unit: &Unit,
        service: &model::Service,
    ) -> Result<(), Reported> {
        let plan = self.plan(service, &self.decided.proofs(service));
        let objects = self.logical(sink, plan, Some(service))?;
        let sets =
            recovery::make(&self.decided, service, recovery::Of::Tree, recovery::Ids::TEMPLATE);
        self.logical(sink, sets, None)?;
        tree::check(sink, objects.iter().map(|object| tree::path(unit, object)).collect())
    }

    /// What is wrong with the objects that services share.
    fn check_shared(&self, sink: &mut Sink, unit: &Unit) -> Result<(), Reported> {
        let regions = &self.decided.fleet().regions;
        let place = |object: Object| {
            let path = tree::path(unit, &object);
            let ObjectId { region, kind, namespace, name } = object.id;
            let host = regions.get(&region).map(|region| region.host.clone());
            (path, (host, kind, namespace, name))
        };
        let places = |sink: &mut Sink, plan| {
            let objects = self.logical(sink, plan, None)?;
            Ok(objects.into_iter().map(place).collect::<Vec<_>>())
        };
        let mut found = Sink::default();
        let (mut paths, mut in_clusters) = (Vec::new(), Vec::new());
        let each = |places: Vec<_>| {
            for (path, in_cluster) in places {
                paths.push(path);
                in_clusters.push(in_cluster);
            }
        };
        if let Err(reported) = self.of_plans(&mut found, places, each) {
            sink.absorb(found);
            return Err(reported);
        }
        in_clusters.sort();
        // Two may still have other names in their cluster, which their hashes tell.
        if in_clusters.windows(2).any(|pair| pair[0] == pair[1]) {
            return self.compile(sink, unit, &Previous::nothing()).map(drop);
        }
        sink.absorb(found);
        tree::check(sink, paths)
    }

    /// Objects in which nothing is wrong, under their logical names.
    fn logical(
        &self,
        sink: &mut Sink,
        plan: Plan,
        patched: Option<&model::Service>,
    ) -> Result<Vec<Object>, Reported> {
        let taken = patched.map(|service| self.decided.taken(service)).unwrap_or_default();
        let (_, objects, ..) = self.parsed(sink, plan, patched, Some(&taken))?.into_parts();
        let account = shared_account(patched);
        let others = (account.as_deref(), &self.beside);
        name::check(sink, objects, &self.decided.fleet().references, others)
    }
}
