//! Ways to recover: each page is written once, for what it has to know of a service, and in the
//! variables that cards set.

use super::steps::{self, Action};
use super::{Page, cluster};
use crate::decide::{Decided, ServiceInRegion};
use crate::kube::engines::traffic::DnsProvider;
use crate::model::{Fleet, Region, Service};
use crate::model::{Rollout, Scope, Topology, WorkloadKind};
use crate::plan::recovery::{self, Store};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;

/// One way to recover: a page of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Procedure {
    /// The name of its file: it says everything that `facts` say.
    pub(crate) name: String,
    /// The template that spells it.
    pub(crate) template: &'static str,
    /// What differs between pages of that template.
    pub(crate) facts: Facts,
}

/// What a page has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Facts {
    /// What delivers the tree: `argo-cd`, `flux`, `kubectl`.
    pub(crate) delivery: &'static str,
    /// The namespace in which that runs.
    pub(crate) engine_namespace: String,
    /// What the ledger of a service is called, as a variable: its environment is a part of it.
    pub(crate) ledger: &'static str,
    /// What its card is called, for the services of one region.
    pub(crate) card: &'static str,
    /// How the data gets elsewhere: `backup`, `volsync`, `database`, `external`; empty without any, or
    /// where it makes no difference.
    pub(crate) data: &'static str,
    /// Whether it has its namespace for itself, so that backups hold all of it.
    pub(crate) alone: bool,
    /// Whether one other region takes over.
    pub(crate) successor: bool,
    /// What is done when a region is lost.
    pub(crate) steps: Vec<Action>,
    /// Who makes records: `route-53`, `external-dns`, `k8gb`, `by-hand`.
    pub(crate) users: &'static str,
    /// Who serves the zone of the records.
    pub(crate) provider: &'static str,
    /// Who runs the control plane, if not the fleet.
    pub(crate) managed: bool,
    /// Whether its etcd is saved.
    pub(crate) etcd: bool,
    /// Whether Cluster API replaces its nodes.
    pub(crate) machines: bool,
    /// Whether Velero runs in a region of the page, or backs up what the page is about.
    pub(crate) velero: bool,
    /// The user that containers run as.
    pub(crate) user: u32,
    /// Whether the page is printed with everything filled in.
    pub(crate) printed: bool,
    /// Whether the pods of the service of a page that is printed have volumes or a database.
    pub(crate) holds: bool,
    /// Whether a change of the service of a page that is printed makes a new generation beside the
    /// former.
    pub(crate) generations: bool,
    /// Whether that service has a database.
    pub(crate) database: bool,
    /// Whether it has jobs.
    pub(crate) jobs: bool,
    /// How users are sent elsewhere, on a page that is printed.
    pub(crate) users_text: String,
}

impl Procedure {
    /// Its file, below `recovery/`.
    pub(crate) fn file(&self) -> String {
        match self.template {
            FUNCTIONS => format!("procedures/{}.sh", self.name),
            _ => format!("procedures/{}.md", self.name),
        }
    }

    /// Whether it stops what runs, for which the delivery is held.
    fn stops(&self) -> bool {
        let damaged = ["volumes", "database", "elsewhere"];
        let stops =
            damaged.iter().any(|what| self.template.ends_with(&format!("damaged-{what}.md")));
        stops || self.template.ends_with("bad-release.md")
    }

    /// The same for what Velero backs up, or does not.
    pub(super) fn with_velero(mut self, velero: bool) -> Self {
        self.facts.velero = velero;
        self
    }

    /// `words` that are not empty make the name.
    fn new(template: &'static str, words: &[&str], fleet: &Fleet, facts: Facts) -> Self {
        let words = words.iter().copied().filter(|word| !word.is_empty());
        let name = words.collect::<Vec<_>>().join("-");
        let engine_namespace = match crate::plan::delivery::namespace(fleet) {
            Some(namespace) => namespace.to_string(),
            None => fleet.delivery.row().namespace.to_owned(),
        };
        let velero = fleet.regions.values().any(|region| region.velero);
        let (ledger, card) = match fleet.environments().is_empty() {
            true => ("${SERVICE:?}", "$SERVICE"),
            false => ("${LEDGER:?}", "$SERVICE${ENVIRONMENT:+@$ENVIRONMENT}"),
        };
        let delivery = fleet.delivery.word();
        let facts = Facts { delivery, engine_namespace, ledger, card, velero, ..facts };
        Procedure { name, template, facts }
    }
}

/// The words in the name of a page about what is not backed up.
fn without_backups(velero: bool) -> &'static str {
    if velero { "" } else { "without-backups" }
}

/// Every page that some service or cluster of the fleet leads to.
pub(crate) fn used(decided: &Decided) -> BTreeSet<Procedure> {
    let fleet = decided.fleet();
    let of_service = |mut used: BTreeSet<Procedure>, service: &Service| {
        let all: Vec<ServiceInRegion<'_>> = decided.places(service).collect();
        used.insert(bad_release(fleet));
        used.extend(damaged(fleet, service));
        used.extend(moves(&all));
        used.extend(late_copies(fleet, service));
        used.extend(
            users(fleet, service).filter(|_| all.iter().any(|lost| moves_users(&all, lost))),
        );
        used.extend(all.iter().map(|lost| region(&all, lost)));
        for here in &all {
            used.extend(recovery::stores(here).map(|store| drill(here, store)));
        }
        used
    };
    let of_some = decided.services().par_iter().fold(BTreeSet::new, of_service);
    let mut used = of_some.reduce(BTreeSet::new, |mut some, others| {
        some.extend(others);
        some
    });
    used.extend(fleet.regions.values().map(|region| cluster(fleet, region)));
    used.extend([node(fleet), zone(fleet), control_plane(fleet), new_cluster(fleet)]);
    let holds = |one: &Procedure| !one.facts.steps.is_empty() || one.stops();
    used.extend(used.iter().any(holds).then(|| held(fleet)));
    let stored = used.iter().any(|one| {
        let away = ["backup", "volsync"].contains(&one.facts.data) && one.facts.velero;
        one.template == DATA && away && one.facts.successor
    });
    used.extend(stored.then(|| backup_elsewhere(fleet)));
    let drilled = used.iter().any(|one| one.template == DRILL);
    used.extend(drilled.then(|| drill_end(fleet)));
    let shared = !crate::decide::shared::of(decided).is_empty();
    used.extend(shared.then(|| one_service(fleet)));
    let watched = fleet.regions.values().any(|region| region.prometheus.is_some());
    used.extend(watched.then(|| shared_alerts(fleet)));
    used.extend([functions(fleet), ready(fleet), evidence(fleet), cluster_whole(fleet)]);
    used
}

/// The pages of these.
pub(crate) fn pages(used: BTreeSet<Procedure>) -> impl Iterator<Item = Page<Facts>> {
    used.into_iter().map(|one| Page { file: one.file(), template: one.template, values: one.facts })
}

/// How the data of a service gets to another region, or back; empty where it keeps none.
pub(crate) fn data(service: &Service) -> &'static str {
    match &service.replication {
        Some(replication) => replication.engine.row().procedure,
        None if service.keeps_data() => "backup",
        None if service.postgresql.is_some() => "database",
        None => "",
    }
}

/// Whether a service has volumes or a database in its pods.
pub(crate) fn holds(service: &Service) -> bool {
    service.kind == WorkloadKind::Stateful || service.postgresql.is_some()
}

pub(crate) fn node(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/node.md", &["node"], fleet, Facts::default())
}

/// The volumes of a service that no other zone of a region has.
pub(crate) fn zonal(here: &ServiceInRegion<'_>) -> Vec<String> {
    let goes = |volume: &&crate::model::Volume| {
        let class = here.service.class_of(volume, here.region);
        class.is_some_and(|class| class.topology == Topology::Zone)
    };
    here.service.volumes.iter().filter(goes).map(|volume| volume.name.clone()).collect()
}

pub(crate) fn zone(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/zone.md", &["zone"], fleet, Facts::default())
}

pub(crate) fn control_plane(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/control-plane.md", &["control-plane"], fleet, Facts::default())
}

/// The page for the loss of the region `lost`.
pub(crate) fn region(all: &[ServiceInRegion<'_>], lost: &ServiceInRegion<'_>) -> Procedure {
    let fleet = lost.fleet;
    if !lost.role.backs_up {
        return Procedure::new("procedures/standby.md", &["standby"], fleet, Facts::default());
    }
    let successor = steps::successor(all, lost).is_some();
    let mut steps = steps::steps(lost, steps::successor(all, lost));
    let moved = steps.contains(&Action::Commit);
    if !steps.is_empty() && (moved || !successor) && !steps.contains(&Action::Data) {
        // One page for all of these services: those without data have no page for that step.
        steps.insert(if moved { 3 } else { 1 }, Action::Data);
    }
    let has = |step: Action| steps.contains(&step);
    let name = match (successor, steps.is_empty()) {
        (_, true) => "region-alone",
        (true, false) if has(Action::Commit) => "region",
        (true, false) => "region-health-checks",
        (false, false) if has(Action::Watch) => "region-all-serve",
        (false, false) => "region-all-serve-by-hand",
    };
    let facts = Facts { successor, steps, ..Facts::default() };
    Procedure::new("procedures/region.md", &[name], fleet, facts)
}

/// The template of [`moves`].
const DATA: &str = "procedures/data.md";

/// How the data of a service gets to another region when one is lost; none where it keeps none, or
/// there is no other.
pub(crate) fn moves(all: &[ServiceInRegion<'_>]) -> Option<Procedure> {
    let (fleet, service) = (all[0].fleet, all[0].service);
    let data = data(service);
    if data.is_empty() || all.len() < 2 {
        return None;
    }
    let successor = all.iter().any(|lost| steps::successor(all, lost).is_some());
    let serve = if successor { "" } else { "all-serve" };
    let facts = Facts { data, successor, ..Facts::default() };
    let page = |alone| Procedure::new(DATA, &["data", data, serve, alone], fleet, facts);
    // Only of copies that VolSync brings may there be backups beside, or none.
    Some(match data {
        "volsync" => page(without_backups(service.backed_up)).with_velero(service.backed_up),
        _ => page(""),
    })
}

/// Whether a person sends the users elsewhere when a region is lost.
pub(crate) fn moves_users(all: &[ServiceInRegion<'_>], lost: &ServiceInRegion<'_>) -> bool {
    lost.role.backs_up && steps::steps(lost, steps::successor(all, lost)).contains(&Action::Users)
}

/// How users of a service are sent to another region by hand; none where no host leads to it.
pub(crate) fn users(fleet: &Fleet, service: &Service) -> Option<Procedure> {
    let host = service.traffic.as_ref()?.hosts.first()?;
    let zone = fleet.zone_of(host).map(|(_, zone)| zone);
    let engine = zone.map_or("by-hand", |zone| zone.engine.row().procedure);
    let (users, provider, of) = match zone.and_then(|zone| zone.provider).map(DnsProvider::row) {
        None => (engine, "", ""),
        Some(row) => match row.procedure {
            Some(own) => (own, "", ""),
            None => (engine, row.name, row.page),
        },
    };
    let facts = Facts { users, provider, ..Facts::default() };
    Some(Procedure::new("procedures/users.md", &["users", users, of], fleet, facts))
}

/// Whether a change makes a new generation beside the former.
pub(crate) fn generations(service: &Service) -> bool {
    service.kind != WorkloadKind::Stateful && service.rollout == Rollout::Replace
}

pub(crate) fn bad_release(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/bad-release.md", &["bad-release"], fleet, Facts::default())
}

/// The pages for damaged data, each of another store.
pub(crate) fn damaged(fleet: &Fleet, service: &Service) -> Vec<Procedure> {
    let facts = Facts::default;
    let mut pages = Vec::new();
    if data(service) == "volsync" {
        let name = ["damaged-copies"];
        pages.push(Procedure::new("procedures/damaged-copies.md", &name, fleet, facts()));
    }
    if service.backs_up_data() {
        let (alone, shared) = alone(service);
        let facts = Facts { data: "backup", alone, ..facts() };
        let name = ["damaged-volumes", shared];
        pages.push(Procedure::new("procedures/damaged-volumes.md", &name, fleet, facts));
    }
    if service.postgresql.is_some() {
        let name = ["damaged-database"];
        pages.push(Procedure::new("procedures/damaged-database.md", &name, fleet, facts()));
    }
    if pages.is_empty() && (data(service) == "external" || !service.calls.is_empty()) {
        let name = ["damaged-elsewhere"];
        pages.push(Procedure::new("procedures/damaged-elsewhere.md", &name, fleet, facts()));
    }
    pages
}

/// What is done about copies of volumes that do not arrive; none where VolSync makes none.
pub(crate) fn late_copies(fleet: &Fleet, service: &Service) -> Option<Procedure> {
    let page = || {
        let facts = Facts::default();
        Procedure::new("procedures/late-copies.md", &["late-copies"], fleet, facts)
    };
    (data(service) == "volsync").then(page)
}

/// Whether backups of a service hold all of its namespace, and the word for it if not.
fn alone(service: &Service) -> (bool, &'static str) {
    let shared = service.backup_scope() == Scope::Service;
    (!shared, if shared { "shared" } else { "" })
}

/// The template of [`drill`].
const DRILL: &str = "procedures/drill.md";

pub(crate) fn drill(here: &ServiceInRegion<'_>, store: Store) -> Procedure {
    let (alone, shared) = alone(here.service);
    let (name, data) = match store {
        Store::Backup => (["drill-backup", shared], "backup"),
        Store::Archive => (["drill-database", ""], "database"),
        Store::Copies => (["drill-copies", ""], "volsync"),
    };
    let alone = alone || store != Store::Backup;
    let facts = Facts { data, alone, ..Facts::default() };
    Procedure::new(DRILL, &name, here.fleet, facts)
}

/// How the delivery is held, and goes on.
pub(crate) fn held(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/delivery.md", &["delivery"], fleet, Facts::default())
}

/// How backups go elsewhere while what they are stored in is away.
fn backup_elsewhere(fleet: &Fleet) -> Procedure {
    let facts = Facts { data: "backup", ..Facts::default() };
    Procedure::new("procedures/backup-elsewhere.md", &["backup-elsewhere"], fleet, facts)
}

/// How a drill is judged, and ends.
fn drill_end(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/drill-end.md", &["drill-end"], fleet, Facts::default())
}

/// How the objects of one service come back from a backup that several share.
pub(crate) fn one_service(fleet: &Fleet) -> Procedure {
    let facts = Facts::default();
    Procedure::new("procedures/one-service.md", &["one-service"], fleet, facts)
}

/// What is done about alerts that no service has alone.
fn shared_alerts(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/shared-alerts.md", &["shared-alerts"], fleet, Facts::default())
}

/// Whether a cluster is what it was, and what is kept of its loss.
fn cluster_whole(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/cluster-whole.md", &["cluster-whole"], fleet, Facts::default())
}

/// What is kept of a loss, and of a drill.
pub(crate) fn evidence(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/evidence.md", &["evidence"], fleet, Facts::default())
}

/// The template of [`functions`].
const FUNCTIONS: &str = "procedures/functions.sh";

/// The functions that cards and procedures use.
fn functions(fleet: &Fleet) -> Procedure {
    let facts = Facts { user: fleet.user, ..Facts::default() };
    Procedure::new(FUNCTIONS, &["functions"], fleet, facts)
}

/// How a region is asked whether it is ready.
pub(crate) fn ready(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/ready.md", &["ready"], fleet, Facts::default())
}

/// The page for the control plane of a region.
pub(crate) fn cluster(fleet: &Fleet, region: &Region) -> Procedure {
    let managed = cluster::managed(region).is_some();
    let etcd = region.snapshots().is_some();
    let machines =
        region.control_plane.as_ref().is_some_and(|control_plane| control_plane.machines.is_some());
    let name = [
        if managed { "cluster-managed" } else { "cluster-own" },
        if etcd { "etcd" } else { "" },
        if machines { "machines" } else { "" },
        without_backups(region.velero),
    ];
    let facts = Facts { managed, etcd, machines, ..Facts::default() };
    Procedure::new("procedures/cluster.md", &name, fleet, facts).with_velero(region.velero)
}

pub(crate) fn new_cluster(fleet: &Fleet) -> Procedure {
    Procedure::new("procedures/new-cluster.md", &["new-cluster"], fleet, Facts::default())
}
