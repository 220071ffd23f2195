//! The numbers of a database of CloudNativePG: instances, the archive, base backups.
//!
//! What is lost with a region is what was not archived yet: PostgreSQL closes a segment of its log
//! after `archive_timeout` at the latest, and then it is uploaded (`docs/facts.md`, "Engines that
//! replicate data").

use super::role::Runs;
use super::{Number, Reason, ServiceInRegion, cadence, cron, resources, wal};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::engines::replication::Copies;
use crate::model::{Region, Survives};
use crate::quantity::{Bytes, Cpu, Duration};

/// What the upload of a closed segment, 16 MiB, is assumed to take.
pub const UPLOAD: Duration = Duration::minutes(1);

/// What PostgreSQL writes its log in, and archives at once.
pub(super) const SEGMENT: Bytes = Bytes::mebibytes(16);

/// PostgreSQL's segments are closed no later than this: the default of CloudNativePG.
const LATEST: Duration = Duration::minutes(5);

/// And no earlier: each is 16 MiB in the archive, full or not.
const EARLIEST: Duration = Duration::seconds(30);

/// Base backups are no more frequent: each is of everything, and the archive has what is between.
const MIN_BASE_INTERVAL: Duration = Duration::minutes(360);

/// The part of the names of what belongs to a database.
pub(crate) const PART: &str = "db";

/// The namespace of the operator, unless the fleet says.
const OPERATOR: &str = "cnpg-system";

/// How long Kubernetes leaves a pod on a lost node that does not say.
pub(crate) const TOLERATION_REFERENCE: &str = "5m, as `DefaultTolerationSeconds` gives every pod (plugin/pkg/admission/defaulttolerationseconds)";

/// The label of nodes by which instances are apart.
const NODE: &str = "kubernetes.io/hostname";

/// What is decided of a database in one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Instances in this region.
    pub(crate) instances: u32,
    /// Instances where it is written.
    pub(crate) full: u32,
    /// CPU of each.
    pub(crate) cpu: Cpu,
    /// Memory of each.
    pub(crate) memory: Bytes,
    /// What may be missing in the archive: the lag of the replication, and the RPO where nothing
    /// replicates.
    pub(crate) allowed_lag: Duration,
    /// When a segment is closed at the latest; none when the archive cannot be as close as that.
    pub(crate) archive_timeout: Option<Duration>,
    /// Between two base backups.
    pub(crate) base_interval: Duration,
    /// How much log is written in an hour.
    pub(crate) wal_per_hour: Bytes,
    /// The volume of the log of each.
    pub(crate) wal_size: Bytes,
}

/// The database of a service here; none without one.
pub(super) fn decide(here: &ServiceInRegion<'_>) -> Option<Numbers> {
    let service = here.service;
    let postgresql = service.postgresql.as_ref()?;
    let full = postgresql.instances.unwrap_or_else(|| service.min_instances());
    let lag = service.replication.as_ref().filter(|it| it.engine.copies() == Copies::Database);
    let allowed_lag = lag.and_then(|replication| replication.lag).unwrap_or(service.rpo);
    let archive_timeout = archive_timeout(allowed_lag);
    let base_interval = cadence::nearest(service.tier.backup.every).max(MIN_BASE_INTERVAL);
    let wal_per_hour = wal::per_hour(postgresql, (base_interval, archive_timeout));
    Some(Numbers {
        instances: match here.role.runs {
            // A pilot light: the data, and no more than it takes to follow.
            Runs::Nothing if !here.role.backs_up => 1,
            Runs::Peak | Runs::PeakAndShareOfLost | Runs::Share | Runs::Nothing => full,
        },
        full,
        cpu: postgresql.cpu.unwrap_or(here.fleet.cpu),
        memory: postgresql.memory.unwrap_or(here.fleet.memory),
        allowed_lag,
        archive_timeout,
        base_interval,
        wal_per_hour,
        wal_size: wal::size(postgresql, wal_per_hour),
    })
}

impl Numbers {
    /// What may be missing in the archive; none when it cannot be as close as the spec asks.
    pub(crate) fn lag(&self) -> Option<Duration> {
        self.archive_timeout.map(archive_lag)
    }
}

/// What may be missing in the archive of a database that closes its segments after `timeout`.
pub fn archive_lag(timeout: Duration) -> Duration {
    timeout + UPLOAD
}

/// When a segment must be closed so that no more than `lag` is missing; none when that is too often.
pub fn archive_timeout(lag: Duration) -> Option<Duration> {
    let timeout = lag.saturating_sub(UPLOAD).min(LATEST);
    (timeout >= EARLIEST).then_some(timeout)
}

/// Whether a commit is on two instances of the region before it is answered.
pub fn is_synchronous(instances: u32) -> bool {
    // With two, the loss of either would stop every write.
    instances >= 3
}

/// The namespace of the operator.
pub(crate) fn operator(region: &Region) -> &str {
    let platform = region.postgresql.as_ref();
    platform.and_then(|platform| platform.operator.as_deref()).unwrap_or(OPERATOR)
}

/// Whether that many instances must be apart, and by which label of nodes.
pub(crate) fn apart(here: &ServiceInRegion<'_>, count: u32) -> (bool, &'static str) {
    let nodes: u32 = here.region.zones.iter().map(|zone| zone.nodes).sum();
    let (by, domains) = match here.service.tier.survives {
        Survives::Pod | Survives::Node => (NODE, nodes),
        Survives::Zone | Survives::Region => (crate::kube::labels::ZONE, here.size.zones),
    };
    (here.service.tier.survives > Survives::Pod && domains >= count, by)
}

/// Whether no zone may hold two of that many instances.
pub(crate) fn zones_apart(here: &ServiceInRegion<'_>, count: u32) -> bool {
    apart(here, count) == (true, crate::kube::labels::ZONE)
}

/// Instances in this region.
pub(crate) fn instances<'a>(
    here: &'a ServiceInRegion<'_>,
    database: &'a Numbers,
) -> Number<u32, impl FnOnce() -> Reason> {
    let Numbers { instances, full, .. } = *database;
    Number::new(instances, move || {
        if instances < full {
            let words = format!(
                "one instance follows the archive while nothing runs here; where it is written there are {full}"
            );
            return Reason::new(words).or_built_in(here.in_spec(&["recovery"]));
        }
        let own = here.in_spec(&["data", "postgresql", "instances"]);
        let words = match (&own, instances) {
            (Some(_), _) => "as the spec says",
            (None, 1) => "the tier survives the loss of a pod only, and then the volume is there",
            (None, _) => {
                "the least with which another has every commit when what the tier survives is lost"
            }
        };
        Reason::new(words).from(own.unwrap_or_else(|| here.in_tier("survives")))
    })
}

/// CPU of an instance.
pub(crate) fn cpu<'a>(
    here: &'a ServiceInRegion<'_>,
    database: &Numbers,
) -> Number<Cpu, impl FnOnce() -> Reason + use<'a>> {
    Number::new(database.cpu, || reserved(here, "set aside for each instance", "cpu"))
}

/// Memory of an instance.
pub(crate) fn memory<'a>(
    here: &'a ServiceInRegion<'_>,
    database: &Numbers,
) -> Number<Bytes, impl FnOnce() -> Reason + use<'a>> {
    Number::new(database.memory, || reserved(here, "set aside for each instance", "memory"))
}

/// The most memory that an instance may use.
pub(crate) fn memory_limit<'a>(
    here: &'a ServiceInRegion<'_>,
    database: &Numbers,
) -> Number<Bytes, impl FnOnce() -> Reason + use<'a>> {
    Number::new(database.memory, || reserved(here, resources::MEMORY_LIMIT, "memory"))
}

/// What PostgreSQL keeps of its data in memory, as it reads it: `1024MB`.
pub(crate) fn shared_buffers<'a>(
    here: &'a ServiceInRegion<'_>,
    database: &Numbers,
) -> Number<String, impl FnOnce() -> Reason + use<'a>> {
    let mebibytes = (database.memory.get() / 4 / (1 << 20)).max(1);
    Number::new(format!("{mebibytes}MB"), || {
        reserved(
            here,
            "a quarter of the memory, where PostgreSQL advises to begin; the rest is for its sessions and for what the kernel keeps of its files",
            "memory",
        )
    })
}

/// CPU or memory: of the spec, of the fleet, or built in.
fn reserved(here: &ServiceInRegion<'_>, words: &str, key: &str) -> Reason {
    let own = here.in_spec(&["data", "postgresql", key]);
    Reason::new(words).or_built_in(own.or_else(|| here.in_fleet(&["defaults", key])))
}

/// The size of the volume of an instance.
pub(crate) fn volume(here: &ServiceInRegion<'_>) -> Option<Number<Bytes, impl FnOnce() -> Reason>> {
    let size = here.service.postgresql.as_ref()?.size;
    Some(Number::new(size, || {
        let source = here.in_spec(&["data", "postgresql", "size"]);
        Reason::new("the volume of each instance").from(source)
    }))
}

/// When a segment is closed at the latest, as PostgreSQL reads it: `240s`.
pub(crate) fn timeout(
    here: &ServiceInRegion<'_>,
    timeout: Duration,
    allowed: Duration,
) -> Number<String, impl FnOnce() -> Reason> {
    Number::new(format!("{}s", timeout.as_seconds()), move || {
        let words = match timeout == LATEST {
            true => format!(
                "a segment of the log is closed after {timeout} at the latest, the default of CloudNativePG, and uploaded in {UPLOAD} (assumed): less is missing in the archive than the {allowed} that may be"
            ),
            false => format!(
                "a segment of the log is closed after {timeout} at the latest, and uploaded in {UPLOAD} (assumed): no more than {allowed} is missing in the archive"
            ),
        };
        Reason::new(words).from(here.in_spec(lag_key(here))).built_in()
    })
}

/// The key of the spec that says what may be missing in the archive.
fn lag_key(here: &ServiceInRegion<'_>) -> &'static [&'static str] {
    let replication = here.service.replication.as_ref();
    let own =
        replication.is_some_and(|it| it.engine.copies() == Copies::Database && it.lag.is_some());
    if own { &["data", "replication", "lag"] } else { &["rpo"] }
}

/// Instances that have a commit before it is answered, beside the one that writes.
pub(crate) fn synchronous(instances: u32) -> Option<Number<u32, impl FnOnce() -> Reason>> {
    let number = || {
        Number::new(1, move || {
            let words = format!(
                "a commit waits until one other of the {instances} instances has it, so that the loss of any one loses nothing"
            );
            Reason::new(words).built_in()
        })
    };
    is_synchronous(instances).then(number)
}

/// When base backups of a Cluster run: six fields of cron, seconds first.
pub(crate) fn base_schedule<'a>(
    here: &'a ServiceInRegion<'_>,
    database: &Numbers,
    cluster: &str,
) -> Number<String, impl FnOnce() -> Reason + use<'a>> {
    let every = database.base_interval;
    Number::new(format!("0 {}", cron::expression(every, cluster)), move || {
        let asked = here.service.tier.backup.every;
        let why = match every > asked {
            true => format!(
                "the tier asks for backups every {asked}, but each of these is of everything, and the archive has what is between"
            ),
            false => "the pace of the tier; the archive has what is between".to_owned(),
        };
        let words = format!(
            "a base backup every {every}: {why}. The first field is seconds; hours and minutes follow from the name, so that not all begin at once"
        );
        Reason::new(words).from(here.in_tier("backup.every")).built_in()
    })
}

/// Whether the archive can be as close as the spec asks.
pub(super) fn check(sink: &mut Sink, here: &ServiceInRegion<'_>) {
    let service = here.service;
    let Some(database) = here.database.as_deref().filter(|one| one.archive_timeout.is_none())
    else {
        return;
    };
    let min = archive_lag(EARLIEST);
    let replication = service.document.has(&["data", "replication", "lag"]);
    let (code, place, key) = match replication {
        true => (Code::REPLICATION_LAG, service.at(&["data", "replication", "lag"]), "lag"),
        false => (Code::RPO_OUT_OF_REACH, service.at(&["rpo"]), "rpo"),
    };
    sink.error(
        Diagnostic::new(
            code,
            format!("the archive of `{}` cannot be within {}", service.name, database.allowed_lag),
        )
        .at(place, "")
        .related(service.document.key(&["data", "postgresql"]), "the database")
        .note(format!(
            "worst case: {EARLIEST} until a segment is closed + {UPLOAD} to upload it (assumed) = {min}"
        ))
        .help(format!("write `{key} = \"{}\"` or more; or use a database that commits in both regions: `engine = \"external\"`", min.compact())),
    );
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
