//! Jobs.

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
    CRON, "spec.jobTemplate.spec.template.metadata.annotations.*" => super::pod::secret_version;
    CRON, "spec.jobTemplate.spec.template.spec.terminationGracePeriodSeconds" => |at| show(lifecycle::grace(at.here));
    CRON, "spec.jobTemplate.spec.template.spec.securityContext.runAsUser" => |at| show(resources::user(at.here));
    CRON, "spec.jobTemplate.spec.template.spec.securityContext.runAsGroup" => |at| show(resources::group(at.here));
    CRON, "spec.jobTemplate.spec.template.spec.securityContext.fsGroup" => |at| show(resources::fs_group(at.here));
    CRON, "spec.jobTemplate.spec.template.spec.tolerations[*].tolerationSeconds" => |at| show(lifecycle::node_loss(at.here));
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].command[*]" => |at| word(at, "command");
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].args[*]" => |at| word(at, "args");
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].resources.requests.cpu" => |at| with(at, |job| show(job.cpu()));
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].resources.requests.memory" => |at| with(at, |job| show(job.memory()));
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].resources.requests.ephemeral-storage" => |_| show(resources::storage());
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].resources.limits.cpu" => |at| with(at, |job| show(job.cpu_limit()?));
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].resources.limits.memory" => |at| with(at, |job| show(job.memory_limit()));
    CRON, "spec.jobTemplate.spec.template.spec.containers[app].resources.limits.ephemeral-storage" => |at| show(resources::storage_limit(at.here));
    CRON, "spec.jobTemplate.spec.template.spec.volumes[*].emptyDir.sizeLimit" => super::pod::scratch;
    JOB, "spec.backoffLimit" => |at| with(at, |job| show(job.retries()));
    JOB, "spec.activeDeadlineSeconds" => |at| with(at, |job| seconds(job.deadline().value, job.deadline().why()));
    JOB, "spec.template.metadata.annotations.*" => super::pod::secret_version;
    JOB, "spec.template.spec.terminationGracePeriodSeconds" => |at| show(lifecycle::grace(at.here));
    JOB, "spec.template.spec.securityContext.runAsUser" => |at| show(resources::user(at.here));
    JOB, "spec.template.spec.securityContext.runAsGroup" => |at| show(resources::user(at.here));
    JOB, "spec.template.spec.securityContext.fsGroup" => |at| show(resources::user(at.here));
    JOB, "spec.template.spec.tolerations[*].tolerationSeconds" => |at| show(lifecycle::node_loss(at.here));
    JOB, "spec.template.spec.containers[app].command[*]" => |at| word(at, "command");
    JOB, "spec.template.spec.containers[app].args[*]" => |at| word(at, "args");
    JOB, "spec.template.spec.containers[app].resources.requests.cpu" => |at| with(at, |job| show(job.cpu()));
    JOB, "spec.template.spec.containers[app].resources.requests.memory" => |at| with(at, |job| show(job.memory()));
    JOB, "spec.template.spec.containers[app].resources.requests.ephemeral-storage" => |_| show(resources::storage());
    JOB, "spec.template.spec.containers[app].resources.limits.cpu" => |at| with(at, |job| show(job.cpu_limit()?));
    JOB, "spec.template.spec.containers[app].resources.limits.memory" => |at| with(at, |job| show(job.memory_limit()));
    JOB, "spec.template.spec.containers[app].resources.limits.ephemeral-storage" => |at| show(resources::storage_limit(at.here));
    JOB, "spec.template.spec.volumes[*].emptyDir.sizeLimit" => super::pod::scratch;
};

/// Shows something of the job that an object is of.
fn with(at: &At<'_>, shown: impl FnOnce(&JobHere<'_>) -> Option<Shown>) -> Option<Shown> {
    let Values::Job(values) = at.values else { return None };
    let job = jobs::of(at.here).find(|job| job.job.name == values.name)?;
    shown(&job)
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
