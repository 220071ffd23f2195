//! Jobs that can run, and when.

use super::names;
use crate::diag::{Code, Diagnostic, Sink, Span};
use crate::kube::engines::delivery::Delivery;
use crate::kube::read::cron::Cron;
use crate::kube::{Kind, id, time_zone};
use crate::model::{Installation, Job, Model, Run, Service};
use crate::quantity::Duration;

/// Whether something makes pods wait for the jobs that come before them: what Argo CD is told stands on
/// the objects, what Flux and `kubectl` are told is made beside them, where the fleet says so.
pub(super) fn awaited(sink: &mut Sink, model: &Model, service: &Service) {
    let fleet = model.fleet();
    let (engine, help) = match (fleet.delivery, &fleet.installation) {
        (Delivery::Kubectl, Installation::ByHand) => {
            ("`kubectl`", "`[delivery]` with `engine = \"kubectl\"`, for a script that waits")
        }
        (Delivery::Flux, Installation::ByHand) => (
            "Flux",
            "`[delivery]` with `engine = \"flux\"` and its `repository`, for Kustomizations that wait",
        ),
        (Delivery::ArgoCd | Delivery::Flux | Delivery::Kubectl, _) => return,
    };
    for (index, job) in service.jobs.iter().enumerate() {
        if job.run != Some(Run::BeforeRelease) {
            continue;
        }
        sink.report(
            Diagnostic::new(
                Code::JOB_NOT_AWAITED,
                format!("nothing makes the pods of `{}` wait for the job `{}`", service.name, job.name),
            )
            .at(service.at(&["jobs", &index.to_string(), "run"]), "")
            .note(format!(
                "{engine} delivers, and the fleet leaves how to you: it applies the job and the pods at once"
            ))
            .help(format!(
                "in the fleet, write {help}; or `run = \"once\"`, where nothing has to wait"
            )),
        );
    }
}

pub(super) fn check(sink: &mut Sink, _: &Model, service: &Service) {
    for (index, job) in service.jobs.iter().enumerate() {
        let index = index.to_string();
        let at = |key: &str| service.at(&["jobs", &index, key]);
        when(sink, job, &at);
        of_a_schedule(sink, job, &at);
        if let Some(zone) = &job.timezone {
            timezone(sink, zone, at("timezone"));
        }
        length(sink, service, job, at("name"));
        if job.deadline.is_some_and(|deadline| deadline == Duration::default()) {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, "`deadline` cannot be 0s")
                    .at(at("deadline"), "it would be ended before it starts")
                    .help("write the longest that it may take, such as `30m`"),
            );
        }
    }
}

/// Whether it has a schedule, and one that ever comes.
fn when(sink: &mut Sink, job: &Job, at: &impl Fn(&str) -> Span) {
    if job.schedule.is_some() && job.run.is_some() {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("the job `{}` runs at two times", job.name))
                .at(at("run"), "and this is the other")
                .related(at("schedule"), "this is one")
                .help("remove one of them, or write two `[[jobs]]`"),
        );
        return;
    }
    if job.run.is_some() {
        return;
    }
    let Some(schedule) = &job.schedule else {
        let message = format!("nothing says when the job `{}` runs", job.name);
        sink.error(Diagnostic::new(Code::MISSING_KEY, message).at(at("name"), "").help(
            "add `schedule = \"0 3 * * *\"`: at three every night; or `run = \"before-release\"`",
        ));
        return;
    };
    let wrong = |problem: &str, help: &str| {
        Diagnostic::new(Code::WRONG_VALUE, format!("`{schedule}` is not a schedule of a job"))
            .at(at("schedule"), problem)
            .help(help.to_owned())
    };
    let example = "write minute, hour, day of the month, month and day of the week: `0 3 * * *` is three every night";
    // What a CronJob takes: `pkg/apis/batch/validation`, `validateScheduleFormat`.
    if schedule.contains("TZ=") {
        sink.error(wrong("it names a time zone", "write that in `timezone`"));
    } else if schedule.starts_with("@every") {
        // The clock of `@every` starts anew with each change of the object.
        sink.error(wrong("it names no time of a clock", example));
    } else if !schedule.starts_with('@') && schedule.split_whitespace().count() != 5 {
        let fields = schedule.split_whitespace().count();
        sink.error(wrong(&format!("it has {fields} fields, a CronJob takes 5"), example));
    } else {
        match Cron::read(schedule) {
            None => {
                sink.error(wrong(Cron::unread(schedule), example));
            }
            Some(cron) if !cron.runs() => {
                let problem = "no year has such a day";
                sink.error(wrong(problem, "write a day that there is"));
            }
            Some(_) => {}
        }
    }
}

/// What only a schedule has.
fn of_a_schedule(sink: &mut Sink, job: &Job, at: &impl Fn(&str) -> Span) {
    if job.run.is_none() {
        return;
    }
    let keys = [
        ("timezone", job.timezone.is_some(), "it runs at no time of a clock"),
        ("overlap", job.overlap.is_some(), "it runs once"),
        ("history", job.history.is_some(), "it runs once"),
        ("keep", job.keep.is_some(), "once it were gone, it would be delivered, and run, again"),
    ];
    for (key, _, why) in keys.into_iter().filter(|(_, written, _)| *written) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` is for jobs on a schedule"))
                .at(at(key), why)
                .help("remove it"),
        );
    }
}

/// The API server looks a time zone up by its name, and refuses what depends on where it runs.
fn timezone(sink: &mut Sink, zone: &str, place: Span) {
    let Some(problem) = time_zone::problem(zone) else { return };
    sink.error(
        Diagnostic::new(Code::WRONG_VALUE, format!("`{zone}` is not a time zone"))
            .at(place, problem)
            .note("the API server takes the names of the IANA database, and their letters as they are")
            .help(time_zone::instead(zone)),
    );
}

fn length(sink: &mut Sink, service: &Service, job: &Job, place: Span) {
    let name = service.logical(&job.name);
    let (kind, name) = match job.run {
        Some(_) => (Kind::Job, format!("{name}-<hash>")),
        None => (Kind::CronJob, name),
    };
    let (max, why) = kind.longest_name();
    let length = name.trim_end_matches("<hash>").len();
    let length = if job.run.is_some() { length + id::SUFFIX_LENGTH } else { length };
    if length > max {
        names::too_long(sink, &format!("the {kind} `{name}`"), length, max, why, place);
    }
}
