//! CloudNativePG: one Cluster where the service writes, replica clusters where it takes over, and
//! base backups.
//!
//! A replica follows the archive of what it copies, so the clusters need no way to each other. What
//! is lost with a region is what was not archived yet: PostgreSQL closes a segment of its log after
//! `archive_timeout` at the latest, and then it is uploaded (`ha-dr` 3.5). Which cluster leads is
//! decided in the tree; to change it without rebuilding the old one needs the token that its
//! demotion gives (cloudnative-pg `docs/src/replica_cluster.md`), so a person does.

use super::values::{Archive, Database, Map, Meta, Opening, Peer, PortRule, Roles, Values};
use super::{Planned, ServiceInRegion, cadence, cron, network, role::Runs};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::Kind;
use crate::model::Region;
use crate::model::Survives;
use crate::model::{Engine, Postgresql};
use crate::quantity::{Bytes, Cpu, Duration};

/// What the upload of a closed segment, 16 MiB, is assumed to take.
pub const UPLOAD: Duration = Duration::minutes(1);

/// PostgreSQL's segments are closed no later than this: the default of CloudNativePG.
pub(crate) const LATEST: Duration = Duration::minutes(5);

/// And no earlier: each is 16 MiB in the archive, full or not.
const EARLIEST: Duration = Duration::seconds(30);

/// The part of the names of what belongs to a database.
pub(crate) const PART: &str = "db";

const POSTGRESQL: PortRule = PortRule { port: 5432, protocol: "TCP" };

/// Where Prometheus asks each instance.
const METRICS: PortRule = PortRule { port: 9187, protocol: "TCP" };

/// The namespace of Prometheus, unless the fleet says.
const MONITORING: &str = "monitoring";

/// Where the operator asks each instance for its state.
const STATUS: PortRule = PortRule { port: 8000, protocol: "TCP" };

/// The port of the API server, where the Service of it is not on 443.
const API_SERVER: PortRule = PortRule { port: 6443, protocol: "TCP" };

/// The namespace of the operator, unless the fleet says.
const OPERATOR: &str = "cnpg-system";

/// Base backups are no more frequent: each is of everything, and the archive has what is between.
pub(crate) const RAREST_BASE: Duration = Duration::minutes(360);

/// What may be missing in the archive of a database that closes its segments after `timeout`.
pub fn archive_lag(timeout: Duration) -> Duration {
    timeout + UPLOAD
}

/// When a segment must be closed so that no more than `lag` is missing; none when that is too often.
pub fn archive_timeout(lag: Duration) -> Option<Duration> {
    let timeout = lag.saturating_sub(UPLOAD).min(LATEST);
    (timeout >= EARLIEST).then_some(timeout)
}

/// What may be missing: the lag of the replication, and the RPO where nothing replicates.
pub(crate) fn allowed_lag(here: &ServiceInRegion<'_>) -> Duration {
    let replication = here.service.replication.as_ref();
    let lag = replication.filter(|replication| replication.engine == Engine::Postgresql);
    lag.and_then(|replication| replication.lag).unwrap_or(here.service.rpo)
}

/// Instances in the region that writes.
pub(crate) fn instances(here: &ServiceInRegion<'_>, postgresql: &Postgresql) -> u32 {
    postgresql.instances.unwrap_or_else(|| here.service.least_instances())
}

/// Instances in this region, and what each of them needs; none without a database.
pub(crate) fn demand(here: &ServiceInRegion<'_>) -> (u32, Cpu, Bytes) {
    let Some(postgresql) = &here.service.postgresql else {
        return (0, here.fleet.cpu, here.fleet.memory);
    };
    let full = instances(here, postgresql);
    let count = match here.role.runs {
        // A pilot light: the data, and no more than it takes to follow.
        Runs::Nothing if !here.role.backs_up => 1,
        Runs::Peak | Runs::PeakAndShareOfLost | Runs::Share | Runs::Nothing => full,
    };
    let cpu = postgresql.cpu.unwrap_or(here.fleet.cpu);
    (count, cpu, postgresql.memory.unwrap_or(here.fleet.memory))
}

/// Whether a commit is on two instances of the region before it is answered.
pub fn is_synchronous(instances: u32) -> bool {
    // With two, the loss of either would stop every write.
    instances >= 3
}

/// Whether the archive can be as close as the spec asks.
pub(crate) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let service = here.service;
    if service.postgresql.is_none() || archive_timeout(allowed_lag(here)).is_some() {
        return;
    }
    let least = archive_lag(EARLIEST);
    let replication = service.document.has(&["data", "replication", "lag"]);
    let (code, place, key) = match replication {
        true => (Code::REPLICATION_LAG, service.at(&["data", "replication", "lag"]), "lag"),
        false => (Code::RPO_OUT_OF_REACH, service.at(&["rpo"]), "rpo"),
    };
    sink.error(
        Diagnostic::new(
            code,
            format!("the archive of `{}` cannot be within {}", service.name, allowed_lag(here)),
        )
        .at(place, "")
        .related(service.document.key(&["data", "postgresql"]), "the database")
        .note(format!(
            "worst case: {EARLIEST} until a segment is closed + {UPLOAD} to upload it (assumed) = {least}"
        ))
        .help(format!("write `{key} = \"{}\"` or more; or use a database that commits in both regions: `engine = \"external\"`", least.compact())),
    );
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let Some(postgresql) = &here.service.postgresql else { return };
    let Some(timeout) = archive_timeout(allowed_lag(here)) else { return };
    let cluster = database(here, postgresql, timeout);
    let key = "data.postgresql";
    let name = cluster.meta.name.clone();
    let values = Values::Database(Box::new(cluster));
    objects.push(here.object(Kind::PostgresqlCluster, PART, key, values));
    objects.push(here.object(Kind::NetworkPolicy, PART, key, policy(here, here.meta(PART), &name)));
    if here.role.backs_up {
        let values = base_backups(here, here.meta(PART), &name);
        objects.push(here.object(Kind::ScheduledBackup, PART, key, values));
    }
}

/// How often everything is copied to the archive.
pub(crate) fn base_interval(here: &ServiceInRegion<'_>) -> Duration {
    cadence::nearest(here.service.tier.backup.every).max(RAREST_BASE)
}

/// Base backups of a Cluster, the first at once.
pub(crate) fn base_backups(here: &ServiceInRegion<'_>, meta: Meta, cluster: &str) -> Values {
    let cron = format!("0 {}", cron::expression(base_interval(here), cluster));
    Values::DatabaseBackup { meta, cron, cluster: cluster.to_owned() }
}

fn database(here: &ServiceInRegion<'_>, postgresql: &Postgresql, timeout: Duration) -> Database {
    let (service, region) = (here.service, here.region);
    let own = archive(here, region).expect("the model checked that there is an archive");
    let archives: Vec<Archive> =
        service.regions.iter().filter_map(|region| archive(here, region)).collect();
    let primary = archives.first().map(|first| first.server.clone()).unwrap_or_default();
    let others: Vec<Archive> =
        archives.into_iter().filter(|archive| archive.server != own.server).collect();
    let source = match here.role.backs_up {
        true => others.first().map(|other| other.server.clone()),
        false => Some(primary.clone()),
    };
    let roles = source.clone().filter(|_| !others.is_empty());
    let (apart, apart_by) = apart(here, demand(here).0);
    let archives = match others.is_empty() {
        true => Vec::new(),
        false => std::iter::once(own.clone()).chain(others).collect(),
    };
    Database {
        synchronous: is_synchronous(demand(here).0),
        begins_as: source.filter(|_| !here.role.backs_up),
        roles: roles.map(|source| Roles { this: own.server.clone(), primary, source }),
        archives,
        archive: Some(own),
        apart,
        apart_by,
        priority_class: service.tier.priority_class.clone(),
        ..alone(here, postgresql, here.meta(PART), timeout, demand(here).0)
    }
}

/// A database that nothing else is told of.
fn alone(
    here: &ServiceInRegion<'_>,
    postgresql: &Postgresql,
    meta: Meta,
    timeout: Duration,
    instances: u32,
) -> Database {
    let (_, cpu, memory) = demand(here);
    let class = here.region.class(postgresql.class.as_ref());
    Database {
        meta,
        instances,
        image: here.fleet.image_in(&here.region.name, &postgresql.image),
        priority_class: None,
        size: postgresql.size.to_string(),
        class: class.expect("the model checked the storage class").name.clone(),
        cpu: cpu.to_string(),
        memory: memory.to_string(),
        apart: false,
        apart_by: "kubernetes.io/hostname",
        archive_timeout: format!("{}s", timeout.as_seconds()),
        synchronous: false,
        database: database_name(here),
        begins_as: None,
        until: None,
        archive: None,
        roles: None,
        archives: Vec::new(),
    }
}

/// Whether that many instances must be apart, and by which label of nodes.
fn apart(here: &ServiceInRegion<'_>, count: u32) -> (bool, &'static str) {
    let (by, domains) = match here.service.tier.survives {
        Survives::Pod | Survives::Node => ("kubernetes.io/hostname", nodes(here.region)),
        Survives::Zone | Survives::Region => (crate::kube::labels::ZONE, here.size.zones),
    };
    (here.service.tier.survives > Survives::Pod && domains >= count, by)
}

/// The database as it was `until` a moment, made from what `from` archived. Without `archive`, it has
/// one instance and writes to no archive: that is a drill. With it, it may take over.
pub(crate) fn recovered(
    here: &ServiceInRegion<'_>,
    meta: Meta,
    (from, until): (&Region, &str),
    to: Option<&str>,
) -> Option<Database> {
    let postgresql = here.service.postgresql.as_ref()?;
    let timeout = archive_timeout(allowed_lag(here))?;
    let source = archive(here, from)?;
    let recovered = |count| Database {
        begins_as: Some(source.server.clone()),
        until: Some(until.to_owned()),
        archives: vec![source.clone()],
        ..alone(here, postgresql, meta, timeout, count)
    };
    let Some(server) = to else { return Some(recovered(1)) };
    let count = instances(here, postgresql);
    let (apart, apart_by) = apart(here, count);
    let store = here.region.postgresql.as_ref()?.archive.clone();
    Some(Database {
        archive: Some(Archive { store, server: server.to_owned() }),
        // Every write would wait until the second instance is there.
        synchronous: false,
        priority_class: here.service.tier.priority_class.clone(),
        apart,
        apart_by,
        ..recovered(count)
    })
}

/// The archive of the database in one of its regions; its server is named after both.
pub(crate) fn archive(here: &ServiceInRegion<'_>, region: &Region) -> Option<Archive> {
    let store = region.postgresql.as_ref()?.archive.clone();
    Some(Archive { store, server: here.service.logical(&format!("{PART}-{}", region.short)) })
}

fn nodes(region: &Region) -> u32 {
    region.zones.iter().map(|zone| zone.nodes).sum()
}

/// The instances of a database, which the operator labels.
fn pods(cluster: &str) -> Map {
    Map::from([("cnpg.io/cluster".to_owned(), cluster.to_owned())])
}

/// The database in the Cluster, and its owner: a name that SQL takes without quotes.
pub(crate) fn database_name(here: &ServiceInRegion<'_>) -> String {
    here.service.name.as_str().replace('-', "_")
}

/// The Cluster of a service.
pub(crate) fn cluster(here: &ServiceInRegion<'_>) -> String {
    here.service.logical(PART)
}

/// The way of a service to its own database.
pub(crate) fn way_to_database(here: &ServiceInRegion<'_>) -> Option<Opening> {
    here.service.postgresql.as_ref()?;
    Some(way_to(&cluster(here)))
}

/// The namespace of the operator.
pub(crate) fn operator(region: &Region) -> &str {
    let platform = region.postgresql.as_ref();
    platform.and_then(|platform| platform.operator.as_deref()).unwrap_or(OPERATOR)
}

/// The way to the instances of a database, in the same namespace.
pub(crate) fn way_to(cluster: &str) -> Opening {
    let peer = Peer { namespace: None, pods: pods(cluster), cidr: None };
    Opening { peers: vec![peer], ports: vec![POSTGRESQL] }
}

/// In: the service, the other instances, the operator, and Prometheus where there is one. Out: name resolution, the other instances,
/// the API server, as each instance reports its own state, and the archive
/// (cloudnative-pg `docs/src/networking.md`).
pub(crate) fn policy(here: &ServiceInRegion<'_>, meta: Meta, cluster: &str) -> Values {
    let peer = |namespace: Option<&str>, pods: Map| Peer {
        namespace: namespace.map(str::to_owned),
        pods,
        cidr: None,
    };
    let operator = operator(here.region);
    let among = |ports: &[PortRule]| Opening {
        peers: vec![peer(None, pods(cluster))],
        ports: ports.to_vec(),
    };
    let from_operator =
        Opening { peers: vec![peer(Some(operator), Map::new())], ports: vec![STATUS, POSTGRESQL] };
    let from_service =
        Opening { peers: vec![peer(None, here.selector())], ports: vec![POSTGRESQL] };
    let api_server = Opening {
        peers: network::ranges(&here.region.api_server),
        ports: vec![PortRule { port: 443, ..API_SERVER }, API_SERVER],
    };
    // Where the API server may be anywhere, the archive is reached by the same rule.
    let archive = (!here.region.api_server.is_empty()).then(|| network::object_storage(here));
    let egress = [network::dns(here), among(&[POSTGRESQL, STATUS]), api_server];
    let from_prometheus = here.region.prometheus.as_ref().map(|prometheus| {
        let namespace = prometheus.namespace.as_deref().unwrap_or(MONITORING);
        Opening { peers: vec![peer(Some(namespace), Map::new())], ports: vec![METRICS] }
    });
    let ingress = [from_service, among(&[POSTGRESQL, STATUS]), from_operator];
    Values::NetworkPolicy {
        meta,
        selector: pods(cluster),
        ingress: ingress.into_iter().chain(from_prometheus).collect(),
        egress: egress.into_iter().chain(archive).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_closed_as_late_as_the_lag_allows() {
        for seconds in 0..1000 {
            let lag = Duration::seconds(seconds);
            match archive_timeout(lag) {
                Some(timeout) => {
                    assert!(archive_lag(timeout) <= lag && timeout <= LATEST);
                    assert!(archive_lag(timeout) == lag || timeout == LATEST, "{lag}");
                }
                None => assert!(seconds < 90, "{lag}"),
            }
        }
    }
}
