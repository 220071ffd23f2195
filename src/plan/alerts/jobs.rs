//! Jobs that fail, that do not run, or of which nobody knows.
//!
//! Metrics are those of kube-state-metrics 2 (`docs/metrics/workload/{cronjob,job}-metrics.md`). The
//! time of the last run is the one that its schedule names, that of the last success the one at which
//! a run ended. A Job bears a condition `Failed` once it is given up.

use super::{Condition, Severity, any_generation};
use crate::decide::ServiceInRegion;
use crate::decide::jobs::{self, JobHere};
use crate::decide::watch::{RUN_SEEN, SILENCE};
use crate::quantity::Duration;

/// The section of a card.
const SECTION: &str = "a-job-fails";

pub(super) fn conditions(here: &ServiceInRegion<'_>) -> Vec<Condition> {
    let conditions = jobs::of(here).filter(JobHere::runs).flat_map(|job| match job.job.schedule {
        Some(_) => vec![failing(&job), overdue(&job), unseen(&job)],
        None => vec![failed(&job)],
    });
    conditions.collect()
}

/// `job` is what Prometheus calls whatever it scrapes.
fn about(job: &JobHere<'_>) -> Option<(&'static str, String)> {
    Some(("ninefold_job", job.job.name.clone()))
}

/// A metric of the CronJob, once although two instances of kube-state-metrics may tell of it.
fn of_cron_job(job: &JobHere<'_>, metric: &str) -> String {
    format!("max by (cronjob) ({metric}{})", series(job))
}

fn series(job: &JobHere<'_>) -> String {
    let service = job.here.service;
    let name = service.logical(&job.job.name);
    format!("{{namespace=\"{}\",cronjob=\"{name}\"}}", service.namespace)
}

/// The last run that began has not ended well, although it must be over.
fn failing(job: &JobHere<'_>) -> Condition {
    let scheduled = of_cron_job(job, "kube_cronjob_status_last_schedule_time");
    let succeeded = of_cron_job(job, "kube_cronjob_status_last_successful_time");
    let deadline = job.deadline().value;
    Condition {
        name: "JobFailed",
        expression: format!("{scheduled} > ({succeeded} or {scheduled} * 0)"),
        hold: deadline + RUN_SEEN,
        severity: Severity::Warning,
        summary: format!(
            "The last run of {{{{ $labels.cronjob }}}} in {} has not ended well",
            job.here.region.name
        ),
        reason: format!("a run had {deadline}, {}; no run since has succeeded either", tries(job)),
        about: about(job),
        section: SECTION.to_owned(),
        action: Some(look(job)),
    }
}

/// No run has begun for longer than the schedule explains.
fn overdue(job: &JobHere<'_>) -> Condition {
    let scheduled = of_cron_job(job, "kube_cronjob_status_last_schedule_time");
    let (gap, deadline, late) = (job.gap(), job.deadline().value, job.late().value);
    let longest = gap + deadline + late;
    Condition {
        name: "JobNotRun",
        expression: format!("time() - {scheduled} > {}", longest.as_seconds()),
        hold: RUN_SEEN,
        severity: Severity::Warning,
        summary: format!(
            "{{{{ $labels.cronjob }}}} in {} last ran {{{{ $value | humanizeDuration }}}} ago",
            job.here.region.name
        ),
        reason: format!(
            "from one run to the next there are at most {gap}, and {deadline} where one still runs; it begins up to {late} late"
        ),
        about: about(job),
        section: SECTION.to_owned(),
        action: Some(look(job)),
    }
}

fn unseen(job: &JobHere<'_>) -> Condition {
    Condition {
        name: "JobNotSeen",
        expression: format!("absent(kube_cronjob_info{})", series(job)),
        hold: SILENCE,
        severity: Severity::Warning,
        summary: format!(
            "Nothing tells of the job {{{{ $labels.cronjob }}}} in {}",
            job.here.region.name
        ),
        reason:
            "nobody would be told that it fails: it is gone, or kube-state-metrics is not scraped"
                .to_owned(),
        about: about(job),
        section: SECTION.to_owned(),
        action: Some(look(job)),
    }
}

/// One that runs once for each content. Argo CD takes one away that has failed, so what was seen of
/// it counts for a while.
fn failed(job: &JobHere<'_>) -> Condition {
    let service = job.here.service;
    let name = any_generation(&service.logical(&job.job.name));
    let series =
        format!("{{namespace=\"{}\",job_name=~\"{name}\",condition=\"true\"}}", service.namespace);
    let then = match job.comes_first() {
        true => "the release that it comes before does not begin, and what serves goes on",
        false => "it is not tried again until it, its image or its configuration changes",
    };
    Condition {
        name: "JobFailed",
        expression: format!("max by (job_name) (max_over_time(kube_job_failed{series}[15m])) == 1"),
        hold: Duration::default(),
        severity: Severity::Warning,
        summary: format!("{{{{ $labels.job_name }}}} in {} has failed", job.here.region.name),
        reason: format!("it had {}, {}; {then}", job.deadline().value, tries(job)),
        about: about(job),
        section: SECTION.to_owned(),
        action: Some(look(job)),
    }
}

fn tries(job: &JobHere<'_>) -> String {
    match job.retries().value {
        0 => "and was tried once".to_owned(),
        retries => format!("and was tried up to {} times", retries.saturating_add(1)),
    }
}

/// How one sees what became of it.
fn look(job: &JobHere<'_>) -> String {
    let service = job.here.service;
    let (namespace, pods) = (&service.namespace, jobs::selector(service));
    format!(
        "kubectl --namespace {namespace} get cronjobs,jobs,pods --selector {pods}; then kubectl --namespace {namespace} logs --selector {pods} --prefix --tail=50"
    )
}
