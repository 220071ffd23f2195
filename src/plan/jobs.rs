//! Jobs of a service, and what they may connect to.

use super::values::{Job, Recurrence, Values};
use super::{Planned, pod};
use crate::decide::jobs::{self, JobHere, UTC};
use crate::decide::{ServiceInRegion, network};
use crate::kube::Kind;
use crate::model::Overlap;

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    for job in jobs::of(here) {
        let values = Values::Job(Box::new(values(&job)));
        objects.push(here.object(Kind::CronJob, &job.job.name, "jobs", values));
    }
    if !here.service.jobs.is_empty() {
        let policy = Values::NetworkPolicy {
            meta: here.meta("jobs"),
            selector: network::pods_of_jobs(here.service.name.as_str()),
            ingress: Vec::new(),
            egress: network::egress_of_jobs(here),
        };
        objects.push(here.object(Kind::NetworkPolicy, "jobs", "jobs", policy));
    }
}

fn values(job: &JobHere<'_>) -> Job {
    let written = job.job;
    let recurrence = |cron: &String| Recurrence {
        cron: cron.clone(),
        timezone: written.timezone.clone().unwrap_or_else(|| UTC.to_owned()),
        suspended: !job.runs(),
        overlap: written.overlap.unwrap_or(Overlap::Forbid).policy(),
        late: job.late().value.as_seconds(),
        history: job.history().value,
        keep: job.keep().map(|keep| keep.value.as_seconds()),
    };
    Job {
        meta: job.here.meta(&written.name),
        name: written.name.clone(),
        retries: job.retries().value,
        deadline: job.deadline().value.as_seconds(),
        schedule: written.schedule.as_ref().map(recurrence),
        pod: pod::of_job(job),
    }
}
