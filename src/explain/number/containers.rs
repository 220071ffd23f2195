//! Containers beside that of a service.

use super::row::{At, Row, Shown, rows, show, written};
use crate::decide::containers::{self, ContainerHere};
use crate::decide::lifecycle::{self, Probe, Purpose};
use crate::decide::{Reason, network, resources};
use crate::model::{Container, Given, Job};
use crate::plan::config;
use crate::plan::values::Values;

const WORKLOAD: &[&str] = &["deployment", "stateful-set"];
const CRON: &[&str] = &["cron-job"];
const JOB: &[&str] = &["job"];

/// The probes of a container, below its name.
macro_rules! probe {
    ($probe:literal, $purpose:expr) => {
        rows! {
            WORKLOAD, concat!("spec.template.spec.initContainers[*].", $probe, ".periodSeconds") => |at| with(at, |one| show(lifecycle::period(one.probes().of($purpose)?, one.written_of_probes("every"))));
            WORKLOAD, concat!("spec.template.spec.initContainers[*].", $probe, ".timeoutSeconds") => |at| with(at, |one| show(lifecycle::timeout(one.probes().of($purpose)?, one.written_of_probes("timeout"))));
            WORKLOAD, concat!("spec.template.spec.initContainers[*].", $probe, ".failureThreshold") => |at| failures(at, $purpose);
            WORKLOAD, concat!("spec.template.spec.initContainers[*].", $probe, ".exec.command[*]") => |at| asked(at, $purpose, |probe| as_written(at, probe.command.as_ref()?.get(at.item(1)?)?, "probes"));
            WORKLOAD, concat!("spec.template.spec.initContainers[*].", $probe, ".grpc.port") => |at| asked(at, $purpose, |probe| as_written(at, probe.grpc?, "probes"));
            WORKLOAD, concat!("spec.template.spec.initContainers[*].", $probe, ".httpGet.httpHeaders[*].value") => |at| asked(at, $purpose, |probe| as_written(at, probe.headers.get(at.captured[1])?, "probes"));
        }
    };
}

/// A container that starts before another, below the template of their pods.
macro_rules! of_pods {
    ($objects:expr, $template:literal) => {
        rows! {
            $objects, concat!($template, ".spec.initContainers[*].command[*]") => |at| word(at, "command");
            $objects, concat!($template, ".spec.initContainers[*].args[*]") => |at| word(at, "args");
            $objects, concat!($template, ".spec.initContainers[*].env[*].value") => variable;
            $objects, concat!($template, ".spec.initContainers[*].ports[*].containerPort") => port;
            $objects, concat!($template, ".spec.initContainers[*].resources.requests.cpu") => |at| with(at, |one| show(one.cpu()));
            $objects, concat!($template, ".spec.initContainers[*].resources.requests.memory") => |at| with(at, |one| show(one.memory()));
            $objects, concat!($template, ".spec.initContainers[*].resources.requests.ephemeral-storage") => |_| show(resources::storage());
            $objects, concat!($template, ".spec.initContainers[*].resources.limits.cpu") => |at| with(at, |one| show(one.cpu_limit()?));
            $objects, concat!($template, ".spec.initContainers[*].resources.limits.memory") => |at| with(at, |one| show(one.memory_limit()));
            $objects, concat!($template, ".spec.initContainers[*].resources.limits.ephemeral-storage") => |at| show(resources::storage_limit(at.here));
        }
    };
}

pub(super) const CONTAINERS: &[Row] = of_pods!(WORKLOAD, "spec.template");
pub(super) const OF_JOBS: &[Row] = of_pods!(JOB, "spec.template");
pub(super) const OF_CRON_JOBS: &[Row] = of_pods!(CRON, "spec.jobTemplate.spec.template");
pub(super) const STARTUP: &[Row] = probe!("startupProbe", Purpose::Startup);
pub(super) const LIVENESS: &[Row] = probe!("livenessProbe", Purpose::Liveness);
pub(super) const READINESS: &[Row] = probe!("readinessProbe", Purpose::Readiness);

/// Shows something of the container whose name stands for the first `*`.
fn with(at: &At<'_>, shown: impl FnOnce(&ContainerHere<'_>) -> Option<Shown>) -> Option<Shown> {
    let named = |one: &&Container| one.name == at.captured[0];
    let found = match job_of(at) {
        Some(job) => job.init.iter().find(named),
        None => at.here.service.containers.iter().find(named),
    };
    shown(&containers::one(at.here, found?))
}

/// The job that the object is of, where it is of one.
fn job_of<'a>(at: &At<'a>) -> Option<&'a Job> {
    let Values::Job(values) = at.values else { return None };
    at.here.service.jobs.iter().find(|job| job.name == values.name)
}

/// Shows what a key of it says.
fn as_written(at: &At<'_>, says: impl ToString, key: &str) -> Option<Shown> {
    with(at, |one| {
        let words = format!("as it stands in `{key}` of `{}`", one.container.name);
        written(says, words, one.written(key))
    })
}

fn asked(
    at: &At<'_>,
    purpose: Purpose,
    shown: impl FnOnce(&Probe) -> Option<Shown>,
) -> Option<Shown> {
    with(at, |one| shown(one.probes().of(purpose)?))
}

fn failures(at: &At<'_>, purpose: Purpose) -> Option<Shown> {
    with(at, |one| {
        let probes = one.probes();
        let probe = probes.of(purpose)?;
        let why = match purpose {
            Purpose::Startup => {
                let words = format!(
                    "its start may take {}, asked every {}s; then it is restarted",
                    one.container.takes, probe.period
                );
                Reason::new(words).or_built_in(one.written("probes"))
            }
            Purpose::Liveness | Purpose::Readiness => {
                lifecycle::why_failures(at.here, purpose, probe)
            }
        };
        Some(Shown { says: probe.failures.to_string(), why })
    })
}

/// A word of a command: its own, or that of what it comes before, or is beside.
fn word(at: &At<'_>, key: &str) -> Option<Shown> {
    let command = key == "command";
    with(at, |one| {
        let container = one.container;
        let own = if command { &container.command } else { &container.args };
        if let Some(words) = own {
            return as_written(at, words.get(at.item(1)?)?, key);
        }
        if let Some((words, path)) =
            job_of(at).and_then(|job| words_of(job, command)).zip(container.job())
        {
            let path = [&path[..], &[key]].concat();
            return at.word(words, &[&path], &format!("as it stands in `{key}` of the job"));
        }
        let service = at.here.service;
        let words = if command { &service.command } else { &service.args };
        at.word(words, &[&[key]], &format!("as it stands in `{key}` of the service"))
    })
}

/// What a job says of its command, or of its arguments.
fn words_of(job: &Job, command: bool) -> Option<&Vec<String>> {
    if command { job.command.as_ref() } else { job.args.as_ref() }
}

fn variable(at: &At<'_>) -> Option<Shown> {
    with(at, |one| {
        let setting = one.container.config.get(at.captured[1])?;
        match setting.in_region(at.here.region.name.as_str())? {
            Given::Written(value) => as_written(at, value, "config"),
            from @ Given::From(_) => as_written(at, config::text(at.here, from)?, "config"),
        }
    })
}

fn port(at: &At<'_>) -> Option<Shown> {
    let port = at.here.service.ports.iter().find(|port| port.name == at.captured[1])?;
    show(network::container_port(at.here, port))
}
