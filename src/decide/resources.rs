//! What a pod has: CPU, memory, disk, and the user that it runs as.

use super::containers::ContainerHere;
use super::jobs::JobHere;
use super::{Number, Reason, ServiceInRegion};
use crate::model::Medium;
use crate::quantity::{Bytes, Cpu, Permissions};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is set aside beside scratch space: logs, and the writable layer that a read-only root
/// still has.
const EPHEMERAL: Bytes = Bytes::mebibytes(64);

/// What a process may write beside scratch folders, where its image is writable.
const WRITABLE: Bytes = Bytes::mebibytes(1024);

/// The first port that needs no privilege (`net.ipv4.ip_unprivileged_port_start` of Linux).
pub(crate) const FIRST_FREE_PORT: u16 = 1024;

/// Why the limit of memory is the request.
pub(super) const MEMORY_LIMIT: &str = "the same as the request: memory cannot be taken back, so a higher limit is a promise that a full node breaks";

/// Why a limit is what it is where the spec says it.
pub(super) const CPU_LIMIT_WRITTEN: &str = "as the spec says: beyond it, it is slowed down";
pub(super) const MEMORY_LIMIT_WRITTEN: &str =
    "as the spec says: of what is above the request, a node that is full takes the process";

/// What a replica needs, and may use.
#[derive(Clone, Debug, Serialize)]
pub struct Resources {
    /// CPU that is set aside.
    pub cpu: String,
    /// CPU that it may use; none means what is there.
    pub cpu_limit: Option<String>,
    /// Memory that is set aside.
    pub memory: String,
    /// Memory that it may use.
    pub memory_limit: String,
    /// Extended resources, which are both.
    pub extended: BTreeMap<String, u32>,
    /// Disk of the node that is set aside.
    pub storage: String,
    /// Disk of the node that it may use.
    pub storage_limit: String,
}

/// What a container of a service needs, and may use.
pub(crate) fn of(here: &ServiceInRegion<'_>) -> Resources {
    Resources {
        cpu: cpu(here).value.to_string(),
        cpu_limit: cpu_limit(here).map(|limit| limit.value.to_string()),
        memory: memory(here).value.to_string(),
        memory_limit: memory_limit(here).value.to_string(),
        extended: here.service.resources.clone(),
        storage: storage().value.to_string(),
        storage_limit: storage_limit(here).value.to_string(),
    }
}

/// The same of a container beside it in its pods.
pub(crate) fn of_container(one: &ContainerHere<'_>) -> Resources {
    let (cpu, memory) = (one.cpu().value, one.memory().value);
    let limits = (one.cpu_limit().map(|limit| limit.value), one.memory_limit().value);
    beside(one.here, (cpu, memory), limits)
}

/// The same of a job.
pub(crate) fn of_job(job: &JobHere<'_>) -> Resources {
    let (cpu, memory) = (job.cpu().value, job.memory().value);
    let limits = (job.cpu_limit().map(|limit| limit.value), job.memory_limit().value);
    beside(job.here, (cpu, memory), limits)
}

/// What is no replica has none of its devices.
fn beside(
    here: &ServiceInRegion<'_>,
    (cpu, memory): (Cpu, Bytes),
    (cpu_limit, memory_limit): (Option<Cpu>, Bytes),
) -> Resources {
    Resources {
        cpu: cpu.to_string(),
        cpu_limit: cpu_limit.map(|limit| limit.to_string()),
        memory: memory.to_string(),
        memory_limit: memory_limit.to_string(),
        extended: BTreeMap::new(),
        ..of(here)
    }
}

/// CPU and memory of so many replicas.
pub(crate) fn of_replicas(here: &ServiceInRegion<'_>, count: u32) -> (Cpu, Bytes) {
    let (service, count) = (here.service, u64::from(count));
    (service.pod_cpu() * count, service.pod_memory() * count)
}

/// CPU of a replica.
pub(crate) fn cpu(here: &ServiceInRegion<'_>) -> Number<Cpu, impl FnOnce() -> Reason> {
    Number::new(here.service.cpu, || reserved(here, "set aside for each replica", "cpu"))
}

/// Memory of a replica.
pub(crate) fn memory(here: &ServiceInRegion<'_>) -> Number<Bytes, impl FnOnce() -> Reason> {
    Number::new(here.service.memory, || reserved(here, "set aside for each replica", "memory"))
}

/// The most memory that a replica may use.
pub(crate) fn memory_limit(here: &ServiceInRegion<'_>) -> Number<Bytes, impl FnOnce() -> Reason> {
    let written = here.service.memory_limit;
    Number::new(written.unwrap_or(here.service.memory), move || match written {
        Some(_) => {
            Reason::new(MEMORY_LIMIT_WRITTEN).from(here.in_spec(&["capacity", "memory_limit"]))
        }
        None => reserved(here, MEMORY_LIMIT, "memory"),
    })
}

/// The most CPU that a replica may use; none where the tier sets no limit.
pub(crate) fn cpu_limit(
    here: &ServiceInRegion<'_>,
) -> Option<Number<Cpu, impl FnOnce() -> Reason>> {
    let (burst, cpu) = (here.service.tier.cpu_burst, here.service.cpu);
    let written = here.service.cpu_limit;
    let number = || {
        Number::new(written.unwrap_or(cpu * u64::from(burst)), move || {
            if written.is_some() {
                let source = here.in_spec(&["capacity", "cpu_limit"]);
                return Reason::new(CPU_LIMIT_WRITTEN).from(source);
            }
            let words = format!("{burst} × the {cpu} that are set aside");
            let Reason { sources, .. } = reserved(here, "", "cpu");
            let why = Reason::new(words).from(here.in_tier("cpu_burst"));
            sources.into_iter().fold(why, Reason::from)
        })
    };
    here.service.limits_cpu().then(number)
}

/// CPU or memory: of the spec, of the fleet, or built in.
fn reserved(here: &ServiceInRegion<'_>, words: &str, key: &str) -> Reason {
    let written = here.in_spec(&["capacity", key]).or_else(|| here.in_fleet(&["defaults", key]));
    Reason::new(words).or_built_in(written)
}

/// Disk of the node that is set aside.
pub(crate) fn storage() -> Number<Bytes, impl FnOnce() -> Reason> {
    Number::new(EPHEMERAL, || {
        let words =
            "set aside on the node for logs, and for what is written beside scratch folders";
        Reason::new(words).built_in()
    })
}

/// Disk of the node that a replica may use.
pub(crate) fn storage_limit(here: &ServiceInRegion<'_>) -> Number<Bytes, impl FnOnce() -> Reason> {
    let on_disk = || here.service.scratch.iter().filter(|one| one.medium == Medium::Disk);
    let writable = here.service.pod.read_only_root == Some(false);
    let least = if writable { EPHEMERAL + WRITABLE } else { EPHEMERAL };
    Number::new(on_disk().fold(least, |sum, scratch| sum + scratch.size), move || {
        let mut parts: Vec<String> =
            on_disk().map(|scratch| format!("{} of {}", scratch.size, scratch.path)).collect();
        if writable {
            parts.push(format!("{WRITABLE} for what is written into the image"));
        }
        let words = match parts.is_empty() {
            true => format!("{EPHEMERAL}, as there is no scratch folder on the disk"),
            false => format!("{EPHEMERAL} and {}", parts.join(" and ")),
        };
        let reason = Reason::new(words).or_built_in(here.in_spec(&["scratch"]));
        reason.from(here.in_spec(&["pod", "read_only_root"]).filter(|_| writable))
    })
}

/// The most that fits into a scratch folder; none where there is no such folder.
pub(crate) fn scratch(
    here: &ServiceInRegion<'_>,
    index: usize,
) -> Option<Number<Bytes, impl FnOnce() -> Reason>> {
    let folder = here.service.scratch.get(index)?;
    Some(Number::new(folder.size, move || {
        let written = here.in_spec(&["scratch", &index.to_string(), "size"]);
        let unless = if written.is_some() { "" } else { ", unless the spec has `[[scratch]]`" };
        Reason::new(format!("the most that fits into {}{unless}", folder.path)).or_built_in(written)
    }))
}

/// The permissions of the files of a volume that come from a ConfigMap or a Secret, as Kubernetes writes
/// them; none where the spec does not say.
pub(crate) fn mode(
    here: &ServiceInRegion<'_>,
    list: &'static str,
    index: usize,
) -> Option<Number<u32, impl FnOnce() -> Reason>> {
    let service = here.service;
    let mode: Permissions = match list {
        "files" => service.files.get(index)?.mode?,
        _ => service.secrets.get(index)?.mode?,
    };
    Some(Number::new(mode.bits(), move || {
        let words =
            format!("{mode}, as the spec says, in decimal: manifests have no octal numbers");
        Reason::new(words).from(here.in_spec(&[list, &index.to_string(), "mode"]))
    }))
}

/// How many of an extended resource a replica has; none where it asks for none of that name.
pub(crate) fn extended<'a>(
    here: &'a ServiceInRegion<'_>,
    name: &'a str,
) -> Option<Number<u32, impl FnOnce() -> Reason>> {
    let amount = *here.service.resources.get(name)?;
    Some(Number::new(amount, move || {
        let words =
            "what a replica has for itself; Kubernetes takes no more and no less as the limit";
        Reason::new(words).from(here.in_spec(&["capacity", "resources", name]))
    }))
}

/// The first port that a container may open without a privilege; none where that is the kernel's own.
pub(crate) fn low_ports(
    here: &ServiceInRegion<'_>,
) -> Option<Number<u16, impl FnOnce() -> Reason>> {
    let low =
        here.service.pod.low_ports.then(|| {
            here.service.ports.iter().map(|port| port.port).min().unwrap_or(FIRST_FREE_PORT)
        });
    let low = low.filter(|port| *port < FIRST_FREE_PORT)?;
    Some(Number::new(low, || {
        let words = "the lowest port that it listens on: from there on, no port of its network needs a privilege";
        Reason::new(words).from(here.in_spec(&["pod", "low_ports"]))
    }))
}

/// Whom the processes of a pod run as.
#[derive(Clone, Debug, Serialize)]
pub struct RunsAs {
    /// The user.
    pub user: u32,
    /// Its group.
    pub group: u32,
    /// The group that volumes belong to.
    pub fs_group: u32,
    /// Whether root is refused.
    pub non_root: bool,
}

/// Whom the processes of a service run as, and those that read what it wrote.
pub(crate) fn runs_as(here: &ServiceInRegion<'_>) -> RunsAs {
    RunsAs {
        user: user(here).value,
        group: group(here).value,
        fs_group: fs_group(here).value,
        non_root: !here.service.is_root(),
    }
}

/// The user of all containers.
pub(crate) fn user(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(here.service.pod.user.unwrap_or(here.fleet.user), || {
        let written = here.in_spec(&["pod", "user"]);
        let words = match written {
            Some(_) => "the user of all containers, as the spec says",
            None => "the user and group of all containers: not root, and above those of the system",
        };
        Reason::new(words).or_built_in(written.or_else(|| here.in_fleet(&["defaults", "user"])))
    })
}

/// The group of all containers.
pub(crate) fn group(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    let user = user(here);
    Number::new(here.service.pod.group.unwrap_or(user.value), || {
        match here.in_spec(&["pod", "group"]) {
            Some(written) => {
                Reason::new("the group of all containers, as the spec says").from(written)
            }
            None => user.why(),
        }
    })
}

/// The group that volumes belong to.
pub(crate) fn fs_group(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    let group = group(here);
    Number::new(here.service.pod.fs_group.unwrap_or(group.value), || {
        match here.in_spec(&["pod", "fs_group"]) {
            Some(written) => {
                Reason::new("the group that volumes belong to, as the spec says").from(written)
            }
            None => group.why(),
        }
    })
}
