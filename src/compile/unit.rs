//! One unit, from its plan to its files.

use super::{Fleet, of_service};
use crate::decide::{self, Proof};
use crate::diag::{Code, Diagnostic, Reported, Sink};
use crate::manifest;
use crate::model;
use crate::name::{self, Named};
use crate::object::{self, Objects};
use crate::pages;
use crate::plan::{self, Plan, Unit, recovery};
use crate::tree::{self, Layout, Previous, Take, UnitTree};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much of a unit is wanted.
#[derive(Clone, Copy)]
enum Extent<'a> {
    /// Every file; those of shared objects are offered to whoever takes them early.
    Files(&'a Take<'a>),
    /// What its ledger says of objects and promises.
    Objects,
    /// What its ledger says of objects, and nothing is judged.
    Written,
}

/// Plans of what services share that are followed at once.
const AT_ONCE: usize = 16;

impl Fleet {
    /// The objects of a service, of which `proofs` has one for each of its regions.
    pub(crate) fn plan(&self, service: &model::Service, proofs: &[Proof]) -> Plan {
        plan::make(&self.decided, service, proofs, self.templates.of(service.name.plain()).extras())
    }

    /// From `plan` to `tree` for one unit; units know nothing of each other. `previous` is what the tree
    /// held of it: former generations that are still in use are kept from there.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn compile(
        &self,
        sink: &mut Sink,
        unit: &Unit,
        previous: &Previous<'_>,
    ) -> Result<UnitTree, Reported> {
        let mut step = Sink::default();
        let tree = self.compile_apart((sink, &mut step), unit, previous);
        sink.absorb(step);
        tree
    }

    /// The same: the first sink gets what holds of the unit however the tree was, and the second one
    /// what is said about the step from there.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn compile_apart(
        &self,
        sinks: (&mut Sink, &mut Sink),
        unit: &Unit,
        previous: &Previous<'_>,
    ) -> Result<UnitTree, Reported> {
        self.laid_out(sinks, unit, previous, Extent::Files(&Some))
    }

    /// The same; `take` gets the file of each object that services share as soon as it is made, if it is
    /// not read again, so that a large unit never stands in memory whole.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn compile_in_parts(
        &self,
        sinks: (&mut Sink, &mut Sink),
        unit: &Unit,
        previous: &Previous<'_>,
        take: &Take<'_>,
    ) -> Result<UnitTree, Reported> {
        self.laid_out(sinks, unit, previous, Extent::Files(take))
    }

    /// All of a unit but the pages where nothing was before: the objects, and what the ledger says of them
    /// and of promises.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn objects(&self, sink: &mut Sink, unit: &Unit) -> Result<UnitTree, Reported> {
        let mut step = Sink::default();
        let previous = Previous::nothing();
        let tree = self.laid_out((sink, &mut step), unit, &previous, Extent::Objects);
        sink.absorb(step);
        tree
    }

    /// The objects as they are written, without judging them as a cluster would: only what they are called and
    /// their digests are of use, and none of the promises.
    ///
    /// # Errors
    ///
    /// When an object cannot be made or named.
    pub fn written(&self, unit: &Unit) -> Result<UnitTree, Reported> {
        let (mut sink, mut step) = (Sink::default(), Sink::default());
        self.laid_out((&mut sink, &mut step), unit, &Previous::nothing(), Extent::Written)
    }

    fn laid_out(
        &self,
        (sink, step): (&mut Sink, &mut Sink),
        unit: &Unit,
        previous: &Previous<'_>,
        extent: Extent<'_>,
    ) -> Result<UnitTree, Reported> {
        let layout = Layout::new(unit.clone(), &self.sources, &self.root);
        let service = self.service(unit);
        let (mut lasting, mut found) = (Sink::default(), Sink::default());
        let layout = match service {
            Some(service) => self.files_of(&mut lasting, service, layout, extent),
            None => self.shared_files(&mut lasting, layout, extent),
        };
        let tree = layout.and_then(|layout| layout.finish(&mut found, previous));
        let tree = tree.and_then(|tree| match service {
            Some(_) => Ok(tree),
            None => self.once_in_a_cluster(&mut lasting, tree.ledger()).map(|()| tree),
        });
        let mut refused = Ok(());
        for (mut found, sink) in [(lasting, sink), (found, step)] {
            found.accept(|finding| service.is_some_and(|service| service.accepts(finding.code)));
            found.refuse();
            refused = refused.and(found.ok());
            sink.absorb(found);
        }
        refused.and(tree)
    }

    /// The files of what services share.
    fn shared_files<'a>(
        &self,
        sink: &mut Sink,
        mut layout: Layout<'a>,
        extent: Extent<'_>,
    ) -> Result<Layout<'a>, Reported> {
        let take = match extent {
            Extent::Files(take) => take,
            Extent::Objects | Extent::Written => &Some,
        };
        let is_judged = !matches!(extent, Extent::Written);
        let maker = layout.maker().clone();
        let part = |sink: &mut Sink, plan| {
            let named = self.held(sink, plan, None, is_judged.then_some(&[]))?;
            Ok(maker.part(named, take))
        };
        self.of_plans(sink, part, |part| layout.join(part))?;
        if !is_judged {
            return Ok(layout);
        }
        for (page, origin) in pages::cluster::pages(&self.decided) {
            layout.add_page(&page.file, self.page(sink, &page, origin)?);
        }
        for page in pages::procedure::pages(pages::procedure::used(&self.decided)) {
            layout.add_page(&page.file, self.page(sink, &page, self.of_fleet())?);
        }
        for (region, script, origin) in pages::apply_script::scripts(&self.decided) {
            layout.add_script(&region, &script.file, self.page(sink, &script, origin)?);
        }
        Ok(layout)
    }

    /// What `make` makes of each plan of what services share, which may be many, side by side: `each` gets
    /// it in the order of the plans.
    pub(super) fn of_plans<T: Send>(
        &self,
        sink: &mut Sink,
        make: impl Fn(&mut Sink, Plan) -> Result<T, Reported> + Sync,
        mut each: impl FnMut(T),
    ) -> Result<(), Reported> {
        let mut plans = plan::make_fleet(&self.decided);
        // No more than these and those that come next are in memory at once.
        let mut take = || plans.by_ref().take(AT_ONCE).collect::<Vec<Plan>>();
        let one = |plan: Plan| {
            let mut sink = Sink::default();
            let made = make(&mut sink, plan);
            (sink, made)
        };
        let (mut some, mut failed) = (take(), Ok(()));
        while !some.is_empty() {
            let (made, next): (Vec<(Sink, Result<T, Reported>)>, _) =
                rayon::join(|| some.into_par_iter().map(one).collect(), &mut take);
            some = next;
            for (found, made) in made {
                sink.absorb(found);
                match made {
                    Ok(made) => each(made),
                    Err(reported) => failed = Err(reported),
                }
            }
        }
        failed
    }

    /// Refuses objects of the fleet that regions of one cluster would both have.
    fn once_in_a_cluster(&self, sink: &mut Sink, ledger: &tree::Ledger) -> Result<(), Reported> {
        let regions = &self.decided.fleet().regions;
        let shares = |region: &&Arc<model::Region>| {
            regions.values().filter(|other| other.host == region.host).count() > 1
        };
        let of_shared =
            regions.values().filter(shares).map(|region| (region.name.as_str(), region));
        let of_shared: BTreeMap<&str, &Arc<model::Region>> = of_shared.collect();
        let mut seen = BTreeMap::new();
        let mut refused = Ok(());
        for entry in ledger.objects() {
            let Some(region) = of_shared.get(&*entry.region) else { continue };
            let who = (&region.host, &entry.kind, &entry.namespace, &entry.name);
            let first = seen.insert(who, entry);
            if let Some(first) = first.filter(|first| first.region != entry.region) {
                let message = format!(
                    "`{}` and `{}` are one object of the cluster `{}`",
                    first.path, entry.path, region.cluster
                );
                let finding = Diagnostic::new(Code::CLUSTER_SHARED, message)
                    .note("what delivers one folder takes away what the other puts there")
                    .help(format!("name one of the regions: `regions = [\"{}\"]`", first.region));
                refused = Err(sink.error(finding));
            }
        }
        refused
    }

    /// The files of a service; what it accepts is still among what is found.
    fn files_of<'a>(
        &self,
        sink: &mut Sink,
        service: &model::Service,
        mut layout: Layout<'a>,
        extent: Extent<'_>,
    ) -> Result<Layout<'a>, Reported> {
        let mut proofs = self.decided.proofs(service);
        let plan = self.plan(service, &proofs);
        if matches!(extent, Extent::Written) {
            layout.add(self.held(sink, plan, Some(service), None)?);
            return Ok(layout);
        }
        let mut named = self.named(sink, plan, Some(service))?;
        let below = self.voids_below(service);
        below.iter().for_each(|void| named.void(void));
        for void in named.voids().iter().chain(&below) {
            proofs.iter_mut().for_each(|proof| proof.void(void));
        }
        let has_card = matches!(extent, Extent::Files(_)) || self.templates.general().has_users();
        // Where there is no other region, nothing takes over.
        let takes_over = has_card && service.regions.len() > 1;
        let needs = if takes_over { named.needs() } else { BTreeMap::new() };
        layout.add(named);
        let sets =
            recovery::make(&self.decided, service, recovery::Of::Tree, recovery::Ids::TEMPLATE);
        layout.add_sets(self.named(sink, sets, None)?);
        if !has_card {
            return Ok(layout);
        }
        let card = pages::card::page(&self.decided, service, &proofs, &needs);
        layout.add_page(&card.file, self.page(sink, &card, of_service(service))?);
        Ok(layout)
    }

    /// The text of a page.
    pub(super) fn page<V: serde::Serialize>(
        &self,
        sink: &mut Sink,
        page: &pages::Page<V>,
        origin: plan::Origin,
    ) -> Result<String, Reported> {
        let failed =
            |error| sink.error(self.templates.general().finding(page.template, &error, origin));
        self.templates.general().page(page.template, &page.values).map_err(failed)
    }

    /// From `manifest` to `name`.
    pub(super) fn named(
        &self,
        sink: &mut Sink,
        plan: Plan,
        patched: Option<&model::Service>,
    ) -> Result<Named, Reported> {
        let taken = patched.map(|service| self.decided.taken(service)).unwrap_or_default();
        self.held(sink, plan, patched, Some(&taken))
    }

    /// The same, with the objects held against what a cluster says and what is taken for granted of them; or
    /// against nothing.
    pub(super) fn held(
        &self,
        sink: &mut Sink,
        plan: Plan,
        patched: Option<&model::Service>,
        taken: Option<&[decide::Taken]>,
    ) -> Result<Named, Reported> {
        let objects = self.parsed(sink, plan, patched, taken)?;
        let account = shared_account(patched);
        let others = (account.as_deref(), &self.beside);
        name::assign(sink, objects, &self.decided.fleet().references, others)
    }

    /// From `manifest` to `object`.
    pub(super) fn parsed(
        &self,
        sink: &mut Sink,
        plan: Plan,
        patched: Option<&model::Service>,
        taken: Option<&[decide::Taken]>,
    ) -> Result<Objects, Reported> {
        let templates = self.templates.of(plan.unit().folder());
        let manifests = manifest::render(sink, plan, templates, &self.sources)?;
        let guests =
            patched.map(|service| self.governing.guests(&self.decided, &self.sources, service));
        let guests = guests.unwrap_or_default();
        let others = patched.map(|service| self.governing.others(&self.decided, service));
        let others = others.unwrap_or_default();
        let context = object::Context {
            templates,
            sources: &self.sources,
            regions: &self.decided.fleet().regions,
            custom: &self.custom,
            shapes: &self.shapes,
            levels: &self.levels,
            delivery: self.decided.fleet().delivery,
            patched,
            judged: taken,
            guests: &guests,
            others: &others,
        };
        object::parse(sink, manifests, context)
    }
}

/// The ServiceAccount of a service that somebody else makes.
pub(super) fn shared_account(service: Option<&model::Service>) -> Option<String> {
    service.filter(|service| service.pod.shared_account).map(model::Service::account)
}
