//! Jobs.

use super::network::marked;
use super::row::{At, Row, Shown, rows, show, written};
use crate::decide::jobs::{self, JobHere};
use crate::decide::{lifecycle, resources};
use crate::plan::values::Values;
use crate::quantity::Duration;

const CRON: &[&str] = &["cron-job"];
const JOB: &[&str] = &["job"];

pub(super) const JOBS: &[Row] = rows! {
    CRON, "spec.schedule" => schedule;
    CRON, "spec.startingDeadlineSeconds" => |at| with(at, |job| seconds(job.late().value, job.late().why()));
    CRON, "spec.successfulJobsHistoryLimit" => |at| with(at, |job| show(job.history()));
    CRON, "spec.failedJobsHistoryLimit" => |at| with(at, |job| show(job.history()));
    CRON, "spec.jobTemplate.spec.backoffLimit" => |at| with(at, |job| show(job.retries()));
    CRON, "spec.jobTemplate.spec.activeDeadlineSeconds" => |at| with(at, |job| seconds(job.deadline().value, job.deadline().why()));
    CRON, "spec.jobTemplate.spec.ttlSecondsAfterFinished" => |at| with(at, |job| seconds(job.keep()?.value, job.keep()?.why()));
    JOB, "spec.backoffLimit" => |at| with(at, |job| show(job.retries()));
    JOB, "spec.activeDeadlineSeconds" => |at| with(at, |job| seconds(job.deadline().value, job.deadline().why()));
};

/// The pods of jobs, below the field of their template.
macro_rules! of_pods {
    ($objects:expr, $template:literal) => {
        rows! {
            $objects, concat!($template, ".metadata.annotations.*") => annotation;
            $objects, concat!($template, ".spec.terminationGracePeriodSeconds") => |at| show(lifecycle::grace(at.here));
            $objects, concat!($template, ".spec.securityContext.runAsUser") => |at| show(resources::user(at.here));
            $objects, concat!($template, ".spec.securityContext.runAsGroup") => |at| show(resources::group(at.here));
            $objects, concat!($template, ".spec.securityContext.fsGroup") => |at| show(resources::fs_group(at.here));
            $objects, concat!($template, ".spec.tolerations[*].value") => super::pod::toleration;
            $objects, concat!($template, ".spec.tolerations[*].tolerationSeconds") => |at| show(lifecycle::node_loss(at.here));
            $objects, concat!($template, ".spec.containers[app].command[*]") => |at| word(at, "command");
            $objects, concat!($template, ".spec.containers[app].args[*]") => |at| word(at, "args");
            $objects, concat!($template, ".spec.containers[app].resources.requests.cpu") => |at| with(at, |job| show(job.cpu()));
            $objects, concat!($template, ".spec.containers[app].resources.requests.memory") => |at| with(at, |job| show(job.memory()));
            $objects, concat!($template, ".spec.containers[app].resources.requests.ephemeral-storage") => |_| show(resources::storage());
            $objects, concat!($template, ".spec.containers[app].resources.limits.cpu") => |at| with(at, |job| show(job.cpu_limit()?));
            $objects, concat!($template, ".spec.containers[app].resources.limits.memory") => |at| with(at, |job| show(job.memory_limit()));
            $objects, concat!($template, ".spec.containers[app].resources.limits.ephemeral-storage") => |at| show(resources::storage_limit(at.here));
            $objects, concat!($template, ".spec.volumes[*].emptyDir.sizeLimit") => super::pod::scratch;
            $objects, concat!($template, ".spec.volumes[*].configMap.defaultMode") => super::pod::mode;
            $objects, concat!($template, ".spec.volumes[*].secret.defaultMode") => super::pod::mode;
            $objects, concat!($template, ".spec.securityContext.sysctls[*].value") => super::pod::low_ports;
        }
    };
}

pub(super) const CRON_PODS: &[Row] = of_pods!(CRON, "spec.jobTemplate.spec.template");
pub(super) const PODS: &[Row] = of_pods!(JOB, "spec.template");

/// Shows something of the job that an object is of.
fn with(at: &At<'_>, shown: impl FnOnce(&JobHere<'_>) -> Option<Shown>) -> Option<Shown> {
    let Values::Job(values) = at.values else { return None };
    let job = jobs::of(at.here).find(|job| job.job.name == values.name)?;
    shown(&job)
}

/// An annotation of its pods.
fn annotation(at: &At<'_>) -> Option<Shown> {
    let added = &at.here.service.metadata.job.annotations;
    super::pod::secret_version(at).or_else(|| marked(at, at.captured[0], added))
}

fn seconds(value: Duration, why: crate::decide::Reason) -> Option<Shown> {
    Some(Shown { says: value.as_seconds().to_string(), why })
}

fn schedule(at: &At<'_>) -> Option<Shown> {
    with(at, |job| {
        let schedule = job.job.schedule.as_ref()?;
        written(schedule, "when it runs, as the spec says", job.written("schedule"))
    })
}

/// A word of a command: of the job, or of the service.
fn word(at: &At<'_>, key: &str) -> Option<Shown> {
    with(at, |job| {
        let service = at.here.service;
        let (own, inherited) = match key {
            "command" => (&job.job.command, &service.command),
            _ => (&job.job.args, &service.args),
        };
        match own {
            Some(words) => {
                let word = words.get(at.item(0)?)?;
                written(word, format!("as it stands in `{key}` of the job"), job.written(key))
            }
            None => {
                at.word(inherited, &[&[key]], &format!("as it stands in `{key}` of the service"))
            }
        }
    })
}
