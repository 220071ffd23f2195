//! CloudNativePG: one Cluster where the service writes, replica clusters where it takes over, and
//! base backups.
//!
//! A replica follows the archive of what it copies, so the clusters need no way to each other. Which cluster leads is
//! decided in the tree; to change it without rebuilding the old one needs the token that its
//! demotion gives (cloudnative-pg `docs/src/replica_cluster.md`), so a person does.

use super::Planned;
use super::alerts;
use super::network::Endpoint;
use super::pod::Toleration;
use super::values::{Map, Meta, Values};
pub(crate) use crate::decide::database::PART;
use crate::decide::{ServiceInRegion, database, network, wal};
use crate::kube::{Kind, labels};
use crate::model::Region;
use serde::Serialize;

/// A Cluster of CloudNativePG.
#[derive(Clone, Debug, Serialize)]
pub struct Database {
    /// Its metadata.
    pub meta: Meta,
    /// How many instances.
    pub instances: u32,
    /// Whether there is more than one: a budget for a single one would let its node never be drained.
    pub several: bool,
    /// The image.
    pub image: String,
    /// The Secrets with which it is pulled.
    pub pull_secrets: Vec<String>,
    /// The PriorityClass.
    pub priority_class: Option<String>,
    /// The size of each volume.
    pub size: String,
    /// Its storage class.
    pub class: String,
    /// The size of the volume of the log of each.
    pub wal_size: String,
    /// What is kept of the data in memory: `1024MB`.
    pub shared_buffers: String,
    /// CPU that is set aside.
    pub cpu: String,
    /// Memory that is set aside, and the most it may use.
    pub memory: String,
    /// Whether instances must be apart, or only should.
    pub apart: bool,
    /// The label of nodes that they are apart by.
    pub apart_by: &'static str,
    /// The labels of the nodes that it may run on; none for any.
    pub nodes: Map,
    /// The taints that it bears.
    pub tolerations: Vec<Toleration>,
    /// When what was written is archived at the latest: `240s`.
    pub archive_timeout: String,
    /// How many other instances a commit waits for; none where it waits for none.
    pub synchronous: Option<u32>,
    /// The database, and its owner.
    pub database: String,
    /// The Secret with the credentials of the owner, which somebody else makes; none where the operator
    /// makes it.
    pub secret: Option<String>,
    /// The server that it begins as a copy of; none where it begins empty.
    pub begins_as: Option<String>,
    /// The moment of that server that it begins with; none for the latest.
    pub until: Option<String>,
    /// Where it archives; none where it must not.
    pub archive: Option<Archive>,
    /// Who leads, and who follows; none for a database of one region.
    pub roles: Option<Roles>,
    /// The archives that it knows.
    pub archives: Vec<Archive>,
}

/// Which copy of a database leads.
#[derive(Clone, Debug, Serialize)]
pub struct Roles {
    /// Its own server.
    pub this: String,
    /// The server that is written.
    pub primary: String,
    /// The server that this one follows, or would.
    pub source: String,
}

/// The archive of a database in one region.
#[derive(Clone, Debug, Serialize)]
pub struct Archive {
    /// The ObjectStore.
    pub store: String,
    /// The name under which it archives.
    pub server: String,
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let Some(instances) = here.database.as_deref().map(|database| database.instances) else {
        return;
    };
    let Some(cluster) = leading(here, instances) else { return };
    let key = "data.postgresql";
    let name = cluster.meta.name.clone();
    let values = Values::Database(Box::new(cluster));
    let mut cluster = here.object(Kind::PostgresqlCluster, PART, key, values);
    if !here.role.backs_up {
        // It begins from the first base backup of what it follows, which no one here can hasten.
        super::meta::after_all(here.fleet, &mut cluster.values);
    }
    objects.push(cluster);
    objects.push(here.object(Kind::NetworkPolicy, PART, key, policy(here, here.meta(PART), &name)));
    objects.extend(monitor(here, &name));
    let base = base_backups(here, here.meta(PART), &name).filter(|_| here.role.backs_up);
    objects.extend(base.map(|values| here.object(Kind::ScheduledBackup, PART, key, values)));
}

/// What Prometheus reads of a Cluster, where there is an operator of it: each instance tells on a port
/// that is called `metrics` (cloudnative-pg `docs/src/monitoring.md`).
fn monitor(here: &ServiceInRegion<'_>, cluster: &str) -> Option<Planned> {
    here.region.prometheus.as_ref()?;
    let mut meta = here.meta(PART);
    alerts::select(here.region, &mut meta.labels);
    let endpoint = Endpoint { port: "metrics".to_owned(), path: "/metrics".to_owned() };
    let selector = network::pods_of_database(cluster);
    let values = Values::Monitor { meta, selector, endpoints: vec![endpoint] };
    Some(here.object(Kind::PodMonitor, PART, "data.postgresql", values))
}

/// Base backups of a Cluster, the first at once; none without a database.
pub(crate) fn base_backups(
    here: &ServiceInRegion<'_>,
    meta: Meta,
    cluster: &str,
) -> Option<Values> {
    let cron = database::base_schedule(here, here.database.as_deref()?, cluster).value;
    Some(Values::DatabaseBackup { meta, cron, cluster: cluster.to_owned() })
}

fn leading(here: &ServiceInRegion<'_>, instances: u32) -> Option<Database> {
    let (service, region) = (here.service, here.region);
    let own = archive(here, region)?;
    let archives: Vec<Archive> =
        service.regions.iter().filter_map(|region| archive(here, region)).collect();
    let primary = archives.first().map(|first| first.server.clone()).unwrap_or_default();
    let others: Vec<Archive> =
        archives.into_iter().filter(|archive| archive.server != own.server).collect();
    // The operator makes none for a cluster that follows (`api/v1/cluster_funcs.go`), and two that it
    // made would not be the same.
    let secret = (!others.is_empty()).then(|| format!("{}-app", cluster(here)));
    let source = match here.role.backs_up {
        true => others.first().map(|other| other.server.clone()),
        false => Some(primary.clone()),
    };
    let roles = source.clone().filter(|_| !others.is_empty());
    let (apart, apart_by) = database::apart(here, instances);
    let archives = match others.is_empty() {
        true => Vec::new(),
        false => std::iter::once(own.clone()).chain(others).collect(),
    };
    let mut meta = here.meta(PART);
    let made_anew = service.postgresql.iter().flat_map(|it| &it.made_anew);
    if made_anew.into_iter().any(|name| name == region.name.as_str()) {
        meta.annotations.insert(labels::MADE_ANEW.to_owned(), "true".to_owned());
    }
    Some(Database {
        secret,
        synchronous: database::synchronous(instances).map(|number| number.value),
        begins_as: source.filter(|_| !here.role.backs_up),
        roles: roles.map(|source| Roles { this: own.server.clone(), primary, source }),
        archives,
        archive: Some(own),
        apart,
        apart_by,
        priority_class: service.tier.priority_class.clone(),
        ..alone(here, meta, instances)?
    })
}

/// A database of which nothing else is known.
fn alone(here: &ServiceInRegion<'_>, meta: Meta, instances: u32) -> Option<Database> {
    let (postgresql, decided) = (here.service.postgresql.as_ref()?, here.database.as_deref()?);
    let timeout = database::timeout(here, decided.archive_timeout?, decided.allowed_lag);
    let class = here.region.class(postgresql.class.as_ref());
    let image = here.fleet.image_in(&here.region.name, &postgresql.image);
    Some(Database {
        meta,
        instances,
        several: instances > 1,
        // The operator gives its pods a ServiceAccount of their own.
        pull_secrets: here.region.pull_secret(&image).map(str::to_owned).into_iter().collect(),
        image,
        priority_class: None,
        size: database::volume(here)?.value.to_string(),
        class: class.expect("the model checked the storage class").name.clone(),
        wal_size: wal::volume(here, decided).value.to_string(),
        shared_buffers: database::shared_buffers(here, decided).value,
        cpu: database::cpu(here, decided).value.to_string(),
        memory: database::memory(here, decided).value.to_string(),
        apart: false,
        apart_by: "kubernetes.io/hostname",
        nodes: super::pod::nodes(here),
        tolerations: super::pod::tolerations(here),
        archive_timeout: timeout.value,
        synchronous: None,
        database: database_name(here),
        secret: None,
        begins_as: None,
        until: None,
        archive: None,
        roles: None,
        archives: Vec::new(),
    })
}

/// The database as it was `until` a moment, made from what `from` archived. Without `archive`, it has
/// one instance and writes to no archive: that is a drill. With it, it may take over.
pub(crate) fn recovered(
    here: &ServiceInRegion<'_>,
    meta: Meta,
    (from, until): (&Region, &str),
    to: Option<&str>,
) -> Option<Database> {
    let source = archive(here, from)?;
    let recovered = |count| {
        Some(Database {
            begins_as: Some(source.server.clone()),
            until: Some(until.to_owned()),
            archives: vec![source.clone()],
            ..alone(here, meta, count)?
        })
    };
    let Some(server) = to else { return recovered(1) };
    let count = here.database.as_deref()?.full;
    let (apart, apart_by) = database::apart(here, count);
    let store = here.region.postgresql.as_ref()?.archive.clone();
    Some(Database {
        archive: Some(Archive { store, server: server.to_owned() }),
        // Every write would wait until the second instance is there.
        synchronous: None,
        priority_class: here.service.tier.priority_class.clone(),
        apart,
        apart_by,
        ..recovered(count)?
    })
}

/// The archive of the database in one of its regions; its server is named after both.
pub(crate) fn archive(here: &ServiceInRegion<'_>, region: &Region) -> Option<Archive> {
    let store = region.postgresql.as_ref()?.archive.clone();
    Some(Archive { store, server: here.service.logical(&format!("{PART}-{}", region.short)) })
}

/// The database in the Cluster, and its owner: a name that SQL takes without quotes.
pub(crate) fn database_name(here: &ServiceInRegion<'_>) -> String {
    here.service.name.plain().replace('-', "_")
}

/// The Cluster of a service.
pub(crate) fn cluster(here: &ServiceInRegion<'_>) -> String {
    here.service.logical(PART)
}

/// The network of the instances of a database.
pub(crate) fn policy(here: &ServiceInRegion<'_>, meta: Meta, cluster: &str) -> Values {
    Values::NetworkPolicy {
        meta,
        selector: network::pods_of_database(cluster),
        ingress: network::database_ingress(here, cluster),
        egress: network::database_egress(here, cluster),
    }
}
