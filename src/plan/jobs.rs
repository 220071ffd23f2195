//! Jobs of a service, and what they may connect to.

use super::pod::Pod;
use super::values::{Meta, Values};
use super::{Planned, meta, pod};
use crate::decide::jobs::{self, JobHere, UTC};
use crate::decide::{ServiceInRegion, network};
use crate::kube::delivery;
use crate::kube::{Kind, labels};
use crate::model::Overlap;
use serde::Serialize;

/// A CronJob, or a Job.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// Its metadata.
    pub meta: Meta,
    /// What it is called in the spec.
    #[serde(skip)]
    pub(crate) name: String,
    /// How often it is tried again.
    pub retries: u32,
    /// The longest that it may take, in seconds.
    pub deadline: u64,
    /// When it runs; none for a Job, which runs once.
    pub schedule: Option<Recurrence>,
    /// Its pod.
    pub pod: Pod,
}

/// When a job runs, again and again.
#[derive(Clone, Debug, Serialize)]
pub struct Recurrence {
    /// Five fields of cron.
    pub cron: String,
    /// The time zone that they are meant in.
    pub timezone: String,
    /// Whether it waits for this region to lead.
    pub suspended: bool,
    /// What becomes of a run when the one before has not ended: `Forbid`, `Allow` or `Replace`.
    pub overlap: &'static str,
    /// How late a run may begin, in seconds.
    pub late: u64,
    /// How many runs that have ended stay.
    pub history: u32,
    /// How long a run that has ended stays, in seconds; none where `history` alone counts.
    pub keep: Option<u64>,
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    objects.extend(jobs::of(here).filter_map(|job| planned(&job)));
    if !here.service.jobs.is_empty() {
        let policy = Values::NetworkPolicy {
            meta: here.meta("jobs"),
            selector: network::pods_of_jobs(here.service.name.plain()),
            ingress: Vec::new(),
            egress: network::egress_of_jobs(here),
        };
        objects.push(here.object(Kind::NetworkPolicy, "jobs", "jobs", policy));
    }
}

/// The object of a job. One on a schedule is suspended where it does not run; any other would run at
/// once, and is not there.
fn planned(job: &JobHere<'_>) -> Option<Planned> {
    let here = job.here;
    let values = Values::Job(Box::new(values(job)));
    let name = &job.job.name;
    if job.job.schedule.is_some() {
        return Some(here.object(Kind::CronJob, name, "jobs", values));
    }
    let mut planned = job.runs().then(|| here.object(Kind::Job, name, "jobs", values))?;
    if job.comes_first() {
        let added = delivery::before_pods(here.fleet.delivery).iter().copied();
        let added = added.chain([(labels::BEFORE, labels::RELEASE)]);
        let added = added.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let annotations = &mut planned.values.meta_mut().annotations;
        annotations.remove(labels::AFTER);
        annotations.extend(added);
    } else {
        // Nothing waits for it, whether it fails or not.
        meta::after_all(here.fleet, &mut planned.values);
    }
    Some(planned)
}

/// Tells the engine that the database, which a job before releases may be about, waits for none.
pub(crate) fn order(here: &ServiceInRegion<'_>, objects: &mut [Planned]) {
    if !jobs::hold_releases(here) || !here.role.backs_up {
        return;
    }
    let own = objects.iter_mut().filter(|object| object.id.region == here.region.name);
    for database in own.filter(|object| object.id.kind == Kind::PostgresqlCluster) {
        let added = delivery::with_jobs(here.fleet.delivery);
        let added = added.map(|(key, value)| (key.to_owned(), value.to_owned()));
        database.values.meta_mut().annotations.extend(added);
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
    let mut meta = job.here.meta(&written.name);
    meta.annotations.extend(meta::shared_account(job.here));
    meta.labels.insert(labels::JOB_OF.to_owned(), job.here.service.name.plain().to_owned());
    Job {
        meta,
        name: written.name.clone(),
        retries: job.retries().value,
        deadline: job.deadline().value.as_seconds(),
        schedule: written.schedule.as_ref().map(recurrence),
        pod: pod::of_job(job),
    }
}
