//! The pipeline: texts in, one tree for each service and one for what services share.

use crate::check;
use crate::decide::proof::{Objective, Scope};
use crate::decide::queue::Former;
use crate::decide::{self, Decided, Proof, Void};
use crate::diag::{Code, Diagnostic, FileId, Reported, Sink, Sources};
use crate::kube::pod_security::Level;
use crate::kube::{Namespace, RegionName, ServiceName};
use crate::manifest::{self, TemplateFiles, TemplateSets};
use crate::model::{self, Model};
use crate::name::{self, Beside, Digest, Named};
use crate::object::guests::Governing;
use crate::object::{self, CustomKinds, Shapes};
use crate::pages;
use crate::plan::{self, Plan, Unit, recovery};
use crate::spec::{self, SpecFiles};
use crate::tree::{self, Layout, Previous, UnitTree};
use crate::{evidence, kube};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Everything that comes in: all text is in memory, nothing is read after this.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Every text.
    pub sources: Sources,
    /// Which of them are specs.
    pub specs: SpecFiles,
    /// The folder of the specs, as reports name it.
    pub root: String,
    /// Which of them are templates.
    pub templates: TemplateFiles,
}

impl Input {
    /// Takes in a spec, or a definition in `crds/` beside the specs, under its name below their folder.
    /// What specs refer to is [attached](Input::attach).
    pub fn add_spec(&mut self, name: &str, file: FileId) {
        match name {
            "fleet.toml" => self.specs.fleet = Some(file),
            _ if name.starts_with("crds/") => self.templates.crds.push(file),
            _ => self.specs.services.push(file),
        }
    }

    /// Takes in a file that stands below the folder of templates, under its name there.
    pub fn add_template(&mut self, name: &str, file: FileId) {
        match name.starts_with("crds/") {
            true => self.templates.crds.push(file),
            false => drop(self.templates.templates.insert(name.to_owned(), file)),
        }
    }
}

/// A fleet in which every rule holds, ready to be compiled unit by unit.
#[derive(Debug)]
pub struct Fleet {
    sources: Sources,
    root: String,
    /// The digest of the texts that concern every unit: the fleet and the templates.
    shared: Digest,
    decided: Decided,
    templates: TemplateSets,
    custom: CustomKinds,
    shapes: Shapes,
    levels: BTreeMap<(RegionName, Namespace), Level>,
    /// What objects may refer to beside those of their own unit.
    beside: Beside,
    /// What of its promises each service voids by its own objects, once somebody asked.
    voids: BTreeMap<ServiceName, OnceLock<Vec<Void>>>,
    /// The files with objects that govern the pods of a namespace.
    governing: Governing,
}

/// Reads, resolves and checks the specs, and decides every number. The input's texts come back in
/// either case, as findings point into them.
pub fn prepare(sink: &mut Sink, input: Input) -> Result<Fleet, Sources> {
    read(sink, input, Purpose::Compile)
}

/// The same for a fleet that is explained, and not compiled: a refused promise can still be
/// explained.
pub fn prepare_to_explain(sink: &mut Sink, input: Input) -> Result<Fleet, Sources> {
    read(sink, input, Purpose::Explain)
}

/// How much of a unit is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Every file.
    Files,
    /// What its ledger says of objects and promises.
    Objects,
    /// What is wrong with it.
    Findings,
}

/// What a fleet is prepared for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Compile,
    Explain,
}

fn read(sink: &mut Sink, input: Input, purpose: Purpose) -> Result<Fleet, Sources> {
    let Input { mut sources, specs, root, templates: files } = input;
    match decided(sink, &mut sources, &specs, &files, purpose) {
        Ok((decided, templates, custom)) => {
            let shared = shared(&sources, &specs, &files);
            let shapes = Shapes::default();
            let levels = decided.levels();
            let services = decided.services().iter();
            let voids = services.map(|one| (one.name.clone(), OnceLock::new())).collect();
            let beside = Beside::of(&decided);
            let governing = Governing::of(&decided);
            Ok(Fleet {
                sources,
                root,
                shared,
                decided,
                templates,
                custom,
                shapes,
                levels,
                beside,
                voids,
                governing,
            })
        }
        Err(_) => Err(sources),
    }
}

/// What the fleet file declares. The services are read as well, as the fleet may name them; what
/// is wrong with them alone stops nothing here. The texts come back as with [`prepare`].
///
/// # Errors
///
/// When nothing can be said about the fleet.
pub fn fleet(sink: &mut Sink, input: Input) -> Result<model::Fleet, Sources> {
    let Input { sources, specs, .. } = input;
    let read = spec::read(sink, &sources, &specs).and_then(|specs| {
        let model = model::resolve(sink, specs);
        let checked = check::run(sink, model);
        checked.into_fleet(sink)
    });
    read.map_err(|_| sources)
}

fn shared(sources: &Sources, specs: &SpecFiles, templates: &TemplateFiles) -> Digest {
    let files = specs.fleet.iter().chain(templates.templates.values()).chain(&templates.crds);
    let digests = files.map(|file| {
        let source = sources.get(*file);
        format!("{} {}\n", source.path, Digest::of(source.text.as_bytes()))
    });
    Digest::of(digests.collect::<String>().as_bytes())
}

fn decided(
    sink: &mut Sink,
    sources: &mut Sources,
    specs: &SpecFiles,
    files: &TemplateFiles,
    purpose: Purpose,
) -> Result<(Decided, TemplateSets, CustomKinds), Reported> {
    let templates = TemplateSets::load(sink, sources, files);
    let custom = CustomKinds::read(sink, sources, &files.crds);
    let specs = spec::read(sink, sources, specs)?;
    let model = model::resolve(sink, specs);
    let checked = check::run(sink, model);
    let decided = decide::decide(sink, checked)?;
    if purpose == Purpose::Compile {
        decided.kept()?;
    }
    decided.whole()?;
    if decided.services().is_empty() {
        return Err(sink.error(
            Diagnostic::new(Code::NO_SERVICE, "there is no spec of a service")
                .note("a build would remove everything from the tree")
                .help("name the right folder: `--specs DIR`; to empty a tree, delete it"),
        ));
    }
    let templates = templates?;
    let names: Vec<&str> = decided.services().iter().map(|service| service.name.plain()).collect();
    templates.check(sink, &names)?;
    Ok((decided, templates, custom?))
}

impl Input {
    /// Reads the files that the specs refer to: `read` is given a path as
    /// [`spec::attached::path`] makes it, and finds none where there is no such file.
    pub fn attach(&mut self, mut read: impl FnMut(&str) -> Option<spec::attached::Content>) {
        for path in self.specs.referred_to(&self.sources, &self.root) {
            if let Some(content) = read(&path) {
                self.specs.attach(&mut self.sources, path, content);
            }
        }
    }
}

impl Fleet {
    /// What is compiled by itself: what services share, and every service.
    pub fn units(&self) -> Vec<Unit> {
        let services =
            self.decided.services().iter().map(|service| Unit::Service(service.name.clone()));
        std::iter::once(Unit::Fleet).chain(services).collect()
    }

    /// The texts that findings point into.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The name that a unit had before, when its spec says so.
    pub fn previously(&self, unit: &Unit) -> Option<&str> {
        Some(self.service(unit)?.previously.as_ref()?.address())
    }

    /// The service that `name` calls: `checkout@staging`, or `checkout`. A plain name is that of the
    /// default environment, or of the one that has a region among `words`.
    pub fn called<'w>(
        &self,
        name: &str,
        words: impl Iterator<Item = &'w str>,
    ) -> Option<&model::Service> {
        let regions = &self.decided.fleet().regions;
        let named = words.filter_map(|word| regions.get(&RegionName::new(word)));
        let mut places = named.map(|region| ServiceName::of(name, region.environment.as_deref()));
        let there = places.find_map(|name| self.decided.service(&name));
        there.or_else(|| self.decided.service(&ServiceName::read(name)))
    }

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
    fn has_users(&self, service: &model::Service) -> bool {
        !service.patches.is_empty()
            || !service.manifests.is_empty()
            || self.templates.of(service.name.plain()).has_users()
    }

    /// What of its promises a service voids by objects that somebody else than Ninefold wrote.
    fn own_voids(&self, service: &model::Service) -> &[Void] {
        let governed = || self.governing.manifests(&self.decided, service).next().is_some();
        let users = self.has_users(service) || governed();
        let Some(known) = self.voids.get(&service.name).filter(|_| users) else { return &[] };
        known.get_or_init(|| {
            let plan = self.plan(service, &self.decided.proofs(service));
            // What is wrong with it is said where it is compiled.
            let named = self.named(&mut Sink::default(), plan, Some(service));
            named.map(|named| named.voids().to_vec()).unwrap_or_default()
        })
    }

    /// What a service waits for after a loss, and those that it calls void.
    fn voids_below(&self, service: &model::Service) -> Vec<Void> {
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

    /// The objects of a service, of which `proofs` has one for each of its regions.
    pub(crate) fn plan(&self, service: &model::Service, proofs: &[Proof]) -> Plan {
        plan::make(&self.decided, service, proofs, self.templates.of(service.name.plain()).extras())
    }

    /// What all services are called: `checkout`, `checkout@staging`; sorted.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.decided.services().iter().map(|service| service.name.address())
    }

    /// Says where backups wait too long while `former` Schedules stay in the tree.
    pub fn check_queues(&self, sink: &mut Sink, former: &[Former]) {
        decide::queue::check_with_former(sink, &self.decided, former);
    }

    /// Says where former generations take room that is promised to what is current.
    pub fn check_kept(&self, sink: &mut Sink, kept: &[decide::kept::Kept]) {
        decide::kept::check(sink, &self.decided, kept);
    }

    /// The regions of a service; none of what services share.
    pub fn regions(&self, unit: &Unit) -> BTreeSet<&str> {
        let service = self.service(unit).into_iter();
        service.flat_map(|service| &service.regions).map(|region| region.name.as_str()).collect()
    }

    fn service(&self, unit: &Unit) -> Option<&model::Service> {
        match unit {
            Unit::Service(name) => self.decided.service(name),
            Unit::Fleet => None,
        }
    }

    /// The digest of everything that the specs and templates contribute to a unit: when it is the
    /// same, and the tree holds what it held, compiling it gives the same. `in_use` is that of
    /// [`Previous`].
    pub fn fingerprint(&self, unit: &Unit, in_use: &BTreeSet<(String, String)>) -> Digest {
        let mut text = format!("{} {}\n", self.shared, self.root);
        match self.service(unit) {
            Some(service) => {
                let source = self.sources.get(service.document.file());
                let links = (&service.calls, &service.callers, service.alone);
                let rests = self.decided.rests_of(service);
                let turn = decide::order::turn(&self.decided, service);
                let around = format!("{links:?}{rests:?}{turn:?}");
                text.push_str(&format!("{}\n{around}\n{}", source.path, source.text));
                self.add_called(&mut text, &rests);
                for file in service.files.iter().filter(|file| file.key == "source") {
                    let digest = match &file.content {
                        model::Content::Text(held) => {
                            Digest::of(held.texts().collect::<String>().as_bytes())
                        }
                        model::Content::Bytes(bytes) => Digest::of(bytes),
                    };
                    text.push_str(&format!("\n{digest}"));
                }
                self.add_manifests(&mut text, &service.manifests);
                self.add_governed(&mut text, service);
                // Another service of its namespace may run as root, and the fleet says more.
                for region in &service.regions {
                    let of = (region.name.clone(), service.namespace.clone());
                    text.push_str(&format!("\n{:?}", self.levels.get(&of)));
                }
                // What they refer to may be in the manifests of others.
                for region in service.regions.iter().filter(|_| self.has_users(service)) {
                    let digest = self.beside.digest(&region.name, &service.namespace);
                    text.push_str(&format!("\n{digest:?}"));
                }
            }
            None => {
                for service in self.decided.services() {
                    let regions: Vec<&str> =
                        service.regions.iter().map(|region| region.name.as_str()).collect();
                    let path = &self.sources.get(service.document.file()).path;
                    let written = service.document.has(&["namespace"]);
                    let (name, namespace) = (&service.name, &service.namespace);
                    let level = self.decided.fleet().level(namespace, service.is_root());
                    let own =
                        format!("{path} {name} {namespace} {written} {level:?} {regions:?}\n");
                    text.push_str(&own);
                    text.push_str(&format!("{:?}\n", service.metadata.namespace));
                }
                text.push_str(&format!("{in_use:?}{:?}", self.decided.twins()));
                text.push_str(&format!("{:?}", decide::jobs::held(&self.decided)));
                for shared in decide::shared::of(&self.decided) {
                    let slot = shared.cadence.slot();
                    let (name, apart) = (&shared.name, &shared.apart);
                    text.push_str(&format!("{name} {} {slot} {apart:?}\n", shared.location.name));
                }
                for procedure in pages::procedure::used(&self.decided) {
                    text.push_str(&format!("{}\n", procedure.name));
                }
                self.add_manifests(&mut text, &self.decided.fleet().manifests);
                if !self.decided.fleet().manifests.is_empty() {
                    text.push_str(&format!("\n{}", self.beside.digest_of_all()));
                }
            }
        }
        Digest::of(text.as_bytes())
    }

    /// What is claimed of a service may be void by the objects of those that it calls.
    fn add_called(&self, text: &mut String, rests: &[&decide::Rest]) {
        let called = rests.first().into_iter().flat_map(|rest| &rest.all);
        for called in called.filter_map(|name| self.decided.service(name)) {
            if !called.patches.is_empty() || !called.manifests.is_empty() {
                text.push_str(&self.sources.get(called.document.file()).text);
                self.add_manifests(text, &called.manifests);
            }
            self.add_governed(text, called);
        }
    }

    /// What others wrote may void what is claimed of a service, too.
    fn add_governed(&self, text: &mut String, service: &model::Service) {
        for manifest in self.governing.manifests(&self.decided, service) {
            self.add_manifests(text, std::slice::from_ref(manifest));
            text.push_str(&format!("{:?}", manifest.regions));
        }
        text.push_str(&format!("{:?}", self.governing.others(&self.decided, service)));
    }

    fn add_manifests(&self, text: &mut String, manifests: &[model::Manifest]) {
        for manifest in manifests {
            let source = self.sources.get(manifest.file);
            let digest = Digest::of(source.text.as_bytes());
            text.push_str(&format!("\n{} {digest}", source.path));
        }
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
        self.laid_out(sinks, unit, previous, Extent::Files)
    }

    /// Everything that [`Fleet::compile`] finds where nothing was before, in less time: no file is made.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn examine(&self, sink: &mut Sink, unit: &Unit) -> Result<(), Reported> {
        self.without_pages(sink, unit, Extent::Findings).map(drop)
    }

    /// The same, with the objects, and what the ledger says of them and of promises: all but the pages.
    ///
    /// # Errors
    ///
    /// When an error was reported.
    pub fn objects(&self, sink: &mut Sink, unit: &Unit) -> Result<UnitTree, Reported> {
        self.without_pages(sink, unit, Extent::Objects)
    }

    fn without_pages(
        &self,
        sink: &mut Sink,
        unit: &Unit,
        extent: Extent,
    ) -> Result<UnitTree, Reported> {
        let mut step = Sink::default();
        let tree = self.laid_out((sink, &mut step), unit, &Previous::nothing(), extent);
        sink.absorb(step);
        tree
    }

    fn laid_out(
        &self,
        (sink, step): (&mut Sink, &mut Sink),
        unit: &Unit,
        previous: &Previous<'_>,
        extent: Extent,
    ) -> Result<UnitTree, Reported> {
        let mut layout = Layout::new(unit.clone(), &self.sources, &self.root);
        let service = self.service(unit);
        let (mut lasting, mut found) = (Sink::default(), Sink::default());
        let layout = match service {
            Some(service) => {
                if extent == Extent::Findings {
                    layout = layout.without_texts();
                }
                self.files_of(&mut lasting, service, layout, extent)
            }
            None => self.shared_files(&mut lasting, layout),
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
    ) -> Result<Layout<'a>, Reported> {
        for plan in plan::make_fleet(&self.decided) {
            layout.add(self.named(sink, plan, None)?);
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

    /// Refuses objects of the fleet that regions of one cluster would both have.
    fn once_in_a_cluster(&self, sink: &mut Sink, ledger: &tree::Ledger) -> Result<(), Reported> {
        let regions = &self.decided.fleet().regions;
        let mut seen = BTreeMap::new();
        let mut refused = Ok(());
        for entry in ledger.objects() {
            let Some(region) = regions.get(&RegionName::new(&*entry.region)) else { continue };
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
        extent: Extent,
    ) -> Result<Layout<'a>, Reported> {
        let mut proofs = self.decided.proofs(service);
        let plan = self.plan(service, &proofs);
        let mut named = self.named(sink, plan, Some(service))?;
        let below = self.voids_below(service);
        below.iter().for_each(|void| named.void(void));
        for void in named.voids().iter().chain(&below) {
            proofs.iter_mut().for_each(|proof| proof.void(void));
        }
        // Nothing can be wrong with a page but what a user's own template says.
        let has_card = extent == Extent::Files || self.templates.general().has_users();
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

    /// What asked for a page that is the same for all services.
    fn of_fleet(&self) -> plan::Origin {
        plan::Origin { span: self.decided.fleet().document.key(&["regions"]), key: "regions" }
    }

    /// Everything that was declared, with every default.
    pub fn model(&self) -> &Model {
        &self.decided
    }

    /// Everything that was decided.
    pub fn decided(&self) -> &Decided {
        &self.decided
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

    /// The text of a page.
    fn page<V: serde::Serialize>(
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
    fn named(
        &self,
        sink: &mut Sink,
        plan: Plan,
        patched: Option<&model::Service>,
    ) -> Result<Named, Reported> {
        let taken = patched.map(|service| self.decided.taken(service)).unwrap_or_default();
        self.held(sink, plan, patched, &taken)
    }

    /// The same, with the objects held against what is taken for granted of them.
    fn held(
        &self,
        sink: &mut Sink,
        plan: Plan,
        patched: Option<&model::Service>,
        taken: &[decide::Taken],
    ) -> Result<Named, Reported> {
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
            taken,
            guests: &guests,
            others: &others,
        };
        let objects = object::parse(sink, manifests, context)?;
        let shared = patched.filter(|service| service.pod.shared_account);
        let account = shared.map(model::Service::account);
        let others = (account.as_deref(), &self.beside);
        name::assign(sink, objects, &self.decided.fleet().references, others)
    }
}

/// What asked for a page of a service.
fn of_service(service: &model::Service) -> plan::Origin {
    plan::Origin { span: service.document.key(&["name"]), key: "name" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Taken;
    use crate::kube::ServiceName;
    use crate::quantity::{Bytes, Cpu, Duration};

    const FLEET: &str = r#"
inventory = "2026-11-01"
[regions.east]
geography = "us"
provider = "other"
cluster = "east"
kubernetes = "1.34"
zones = [
  { name = "east-1", nodes = 4, cpu = "60", memory = "240Gi" },
  { name = "east-2", nodes = 4, cpu = "60", memory = "240Gi" },
  { name = "east-3", nodes = 4, cpu = "60", memory = "240Gi" },
]
storage = [{ name = "zrs", topology = "region", binding = "wait-for-first-consumer", snapshots = "csi" }]
backup.locations = [{ name = "vault", stored_in = "elsewhere", geography = "us" }]
postgresql = { archive = "archive", stored_in = "elsewhere", geography = "us" }
"#;

    const SPEC: &str = r#"
name = "NAME"
image = "registry.example.com/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
tier = "gold"
regions = ["east"]
rpo = "4h"
rto = "4h"
probes = { ready = "/ready", live = "/live" }
"#;

    /// A service with volumes, one whose replicas an autoscaler says, and one with a database.
    fn fleet() -> Fleet {
        let volumes =
            "kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
        let scaled = "[capacity]\npeak = 3\nautoscale = { max = 9 }\n";
        let image = "registry.example.com/postgresql:17.6@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let database = format!("[data.postgresql]\nimage = \"{image}\"\nsize = \"10Gi\"\n");
        let mut input = Input { root: "specs".to_owned(), ..Input::default() };
        let file = input.sources.add("specs/fleet.toml", FLEET);
        input.add_spec("fleet.toml", file);
        for (name, more) in [("store", volumes), ("web", scaled), ("books", &*database)] {
            let text = format!("{}{more}", SPEC.replace("NAME", name));
            let file = input.sources.add(format!("specs/{name}.toml"), text);
            input.add_spec(&format!("{name}.toml"), file);
        }
        let mut sink = Sink::default();
        let fleet = prepare(&mut sink, input);
        fleet.unwrap_or_else(|_| panic!("{:?}", sink.all()))
    }

    /// The findings about a service when something else was decided than is emitted.
    fn findings(fleet: &Fleet, name: &str, decided: impl Fn(&mut Taken)) -> Vec<(String, String)> {
        let service = fleet.decided.service(&ServiceName::read(name)).unwrap();
        let mut taken = fleet.decided.taken(service);
        taken.iter_mut().for_each(decided);
        let plan = fleet.plan(service, &fleet.decided.proofs(service));
        let mut sink = Sink::default();
        let _ = fleet.held(&mut sink, plan, Some(service), &taken);
        let all = sink.all().into_iter();
        let errors = all.filter(|found| found.severity == crate::diag::Severity::Error);
        errors.map(|found| (found.code.name().to_owned(), found.message.clone())).collect()
    }

    /// A service, what a finding about it says, and what makes that of what was decided.
    type Worse = (&'static str, &'static str, fn(&mut Taken));

    #[test]
    fn what_is_emitted_and_what_was_decided_are_held_against_each_other() {
        let fleet = fleet();
        for name in ["store", "web", "books"] {
            assert_eq!(findings(&fleet, name, |_| {}), [], "{name}");
        }
        let worse: [Worse; 11] = [
            ("store", "`spec.replicas` is", |taken| taken.replicas += 1),
            ("web", "may leave", |taken| taken.replicas += 1),
            ("books", "the database has", |taken| *taken.instances.as_mut().unwrap() += 1),
            ("store", "stays on a lost node", |taken| taken.stays = Duration::default()),
            ("store", "to be ready", |taken| taken.start = Some(Duration::default())),
            ("store", "to end", |taken| taken.grace = Duration::default()),
            ("store", "that hangs", |taken| {
                taken.live.as_mut().unwrap().after = Duration::default();
            }),
            ("store", "cannot serve", |taken| {
                taken.ready.as_mut().unwrap().after = Duration::default();
            }),
            ("store", "of cpu beyond", |taken| taken.cpu = Cpu::millis(1)),
            ("store", "of memory beyond", |taken| taken.memory = Bytes::new(1)),
            ("store", "volume `data` keeps data", |taken| taken.volumes.clear()),
        ];
        for (name, says, decided) in worse {
            let found = findings(&fleet, name, decided);
            let of_ours = found.iter().all(|(code, _)| code == "judge-disagrees");
            let said = found.iter().any(|(_, message)| message.contains(says));
            assert!(of_ours && said, "{name}, {says}: {found:?}");
        }
        // What is better than decided is nobody's fault.
        let better = findings(&fleet, "store", |taken| {
            taken.replicas -= 1;
            taken.stays = taken.stays + Duration::seconds(1);
            taken.cpu = Cpu::millis(taken.cpu.as_millis() + 1);
        });
        assert_eq!(better, []);
    }
}
