//! What is promised, and what of it objects of somebody else void.

use super::Fleet;
use crate::decide::proof::{Objective, Scope};
use crate::decide::{Proof, Void};
use crate::diag::Sink;
use crate::kube::ServiceName;
use crate::model;

impl Fleet {
    /// What is promised of a service, region by region in the order of its spec, with every number
    /// and where it comes from; nothing for a service that there is no spec of.
    pub fn proofs(&self, service: &str) -> Option<Vec<Proof>> {
        let service = self.decided.service(&ServiceName::read(service))?;
        let mut proofs = self.decided.proofs(service);
        let own = self.own_voids(service);
        for void in own.iter().chain(&self.voids_below(service)) {
            proofs.iter_mut().for_each(|proof| proof.void(void));
        }
        Some(proofs)
    }

    /// Whether somebody else than Ninefold wrote something of the objects of a service.
    pub(super) fn has_users(&self, service: &model::Service) -> bool {
        !service.patches.is_empty()
            || !service.manifests.is_empty()
            || self.templates.of(service.name.plain()).has_users()
    }

    /// What of its promises a service voids by objects that somebody else than Ninefold wrote.
    pub(super) fn own_voids(&self, service: &model::Service) -> &[Void] {
        let governed = || self.governing.manifests(&self.decided, service).next().is_some();
        if !self.has_users(service) && !governed() {
            return &[];
        }
        let Some(known) = self.voids.get(&service.name) else { return &[] };
        known.get_or_init(|| {
            let plan = self.plan(service, &self.decided.proofs(service));
            // What is wrong with it is said where it is compiled.
            let named = self.named(&mut Sink::default(), plan, Some(service));
            named.map(|named| named.voids().to_vec()).unwrap_or_default()
        })
    }

    /// What a service waits for after a loss, and those that it calls void.
    pub(super) fn voids_below(&self, service: &model::Service) -> Vec<Void> {
        let mut voids = Vec::new();
        for rest in self.decided.rests_of(service) {
            let called = rest.all.iter().filter_map(|name| self.decided.service(name));
            for (called, void) in
                called.flat_map(|one| self.own_voids(one).iter().map(move |void| (one, void)))
            {
                let waits = |scope: Scope| rest.waits(scope);
                let of = void.claims.iter().filter(|_| void.region == rest.region);
                let of = of.filter(|(scope, objective)| match objective {
                    Objective::Rto => waits(*scope),
                    Objective::Availability => true,
                    Objective::Rpo | Objective::Survivors => false,
                });
                let claims: Vec<_> = of.copied().collect();
                let by = format!("{} of `{}`, which it rests on", void.by, called.name);
                if !claims.is_empty() {
                    voids.push(Void { region: void.region.clone(), claims, by });
                }
            }
        }
        voids
    }
}
