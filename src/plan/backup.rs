//! Schedules: how often, how long each backup may take, and what is lost at worst.
//!
//! Worst-case loss = (1 + failed runs) × gap + ticks + queue + duration (`ha-dr` 1.14). Velero
//! neither retries a failed run before the next tick nor counts a backup that is not durable yet.
//! The duration is enforced, not hoped for: the timeouts of each Schedule follow from it.

use super::values::{Hook, Map, Schedule, Values};
use super::{Here, Planned, cron};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::{Kind, labels};
use crate::spec::quantity::Duration;
use crate::spec::service::{Engine, Mode, Scope};
use crate::yaml::{self, Value};
use serde::Serialize;

/// The controller looks for due Schedules every 60 s and at its queue every 60 s
/// (velero `pkg/controller/schedule_controller.go`, `backup_queue_controller.go`).
const TICKS: Duration = Duration::minutes(2);

/// How long a backup is assumed to wait for those of other services.
const QUEUE: Duration = Duration::minutes(5);

/// What collecting the objects of a namespace is given before any volume is copied.
const OBJECTS: Duration = Duration::minutes(5);

/// The least that copying is given after the snapshots.
const OPERATIONS: Duration = Duration::minutes(5);

/// The least that one snapshot of a volume is given.
const SNAPSHOT: Duration = Duration::minutes(1);

/// The most that a backup is given: Velero's own default for its operations.
const LONGEST: Duration = Duration::minutes(240);

/// Below this, backups cannot keep up whatever their interval: two of the shortest, and the least
/// time for one.
const FLOOR: Duration = Duration::minutes(15);

/// What a hook's command may take unless the spec says.
const HOOK_TIMEOUT: Duration = Duration::seconds(30);

/// How often, and how long each may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Between two backups.
    pub interval: Duration,
    /// What one may take, from its start until it is durable.
    pub duration: Duration,
    /// Runs in a row that may fail.
    pub failed_runs: u32,
}

/// What is lost at worst, term by term, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorstCase {
    /// The largest gap between two backups.
    pub gap: u64,
    /// How many gaps: one, and one for each run that may fail.
    pub gaps: u64,
    /// Until the controller sees that a backup is due.
    pub ticks: u64,
    /// Until it is its turn; assumed.
    pub queue: u64,
    /// Until it is durable; enforced by its timeouts.
    pub duration: u64,
    /// The sum.
    pub total: u64,
}

impl Cadence {
    /// The sum of what is lost at worst.
    pub fn worst_case(&self) -> WorstCase {
        let gaps = u64::from(self.failed_runs) + 1;
        let total = self.interval * gaps + TICKS + QUEUE + self.duration;
        WorstCase {
            gap: self.interval.as_seconds(),
            gaps,
            ticks: TICKS.as_seconds(),
            queue: QUEUE.as_seconds(),
            duration: self.duration.as_seconds(),
            total: total.as_seconds(),
        }
    }

    fn sum(&self) -> String {
        format!(
            "worst case: {} × {} between backups + {TICKS} ticks + {QUEUE} queue (assumed) + {} until durable",
            self.failed_runs + 1,
            self.interval,
            self.duration
        )
    }
}

/// The rarest cadence that keeps the RPO within the tier's bounds, and the tier's own where the
/// RPO does not bind; the cadence that comes nearest when none keeps it.
pub(super) fn cadence(here: &Here<'_>) -> Result<Cadence, Cadence> {
    let service = here.service;
    let tier = &service.tier.backup;
    let least = least_duration(here);
    let budget = |interval: Duration| {
        let gaps = u64::from(tier.failed_runs) + 1;
        service.rpo.saturating_sub(interval * gaps + TICKS + QUEUE)
    };
    let cadence = |interval: Duration, duration: Duration| Cadence {
        interval,
        duration,
        failed_runs: tier.failed_runs,
    };
    let fitting = |interval: Duration| {
        let room = budget(interval).min(LONGEST.max(least));
        (room >= least).then(|| cadence(interval, whole(room).max(least)))
    };
    let bound = bound_by_rpo(here);
    let (fit, otherwise) = match service.backup.every {
        Some(every) => (fitting(every), every),
        None if bound => {
            let allowed = cron::INTERVALS.iter().rev().filter(|interval| **interval <= tier.every);
            (allowed.copied().find_map(fitting), cron::INTERVALS[0])
        }
        None => (None, nearest(tier.every)),
    };
    let otherwise = cadence(otherwise, least);
    fit.ok_or(otherwise).or_else(|cadence| if bound { Err(cadence) } else { Ok(cadence) })
}

/// Whether the RPO binds the backups: not where something replicates all the time, nor where the
/// service keeps nothing, as then the committed tree is all there is to lose.
pub(super) fn bound_by_rpo(here: &Here<'_>) -> bool {
    here.service.keeps_data() && here.service.replication.is_none()
}

/// The longest interval that is no longer than `every`.
fn nearest(every: Duration) -> Duration {
    let mut shorter = cron::INTERVALS.iter().rev().copied().filter(|interval| *interval <= every);
    shorter.next().unwrap_or(cron::INTERVALS[0])
}

/// In steps of 5 minutes, or of one below 10: numbers that people recognise.
fn whole(duration: Duration) -> Duration {
    let minutes = duration.as_seconds() / 60;
    Duration::minutes(if minutes >= 10 { minutes / 5 * 5 } else { minutes })
}

/// The volumes that one backup snapshots, one after the other.
fn snapshots(here: &Here<'_>) -> u64 {
    let volumes = here.service.volumes.iter().filter(|volume| volume.backup != Some(false)).count();
    volumes as u64 * u64::from(here.size.full)
}

/// What the hooks of all pods may take.
fn hooks_duration(here: &Here<'_>) -> Duration {
    let of_one = here.service.backup.hooks.iter().fold(Duration::default(), |sum, hook| {
        let commands = u64::from(!hook.before.is_empty()) + u64::from(!hook.after.is_empty());
        sum + hook.timeout.unwrap_or(HOOK_TIMEOUT) * commands
    });
    of_one * u64::from(here.size.full)
}

fn least_duration(here: &Here<'_>) -> Duration {
    let needed = SNAPSHOT * snapshots(here) + hooks_duration(here) + OBJECTS + OPERATIONS;
    needed.max(here.service.tier.backup.duration)
}

/// The timeouts that enforce a duration: for one snapshot, and for everything that is copied
/// after them. Snapshots are waited for one after the other (`item-block-worker-count` is 1).
fn timeouts(here: &Here<'_>, cadence: &Cadence) -> (Duration, Duration) {
    let count = snapshots(here);
    let rest = cadence.duration.saturating_sub(hooks_duration(here) + OBJECTS);
    if count == 0 {
        return (Duration::minutes(10).min(rest), rest);
    }
    let one = whole(Duration::seconds(rest.as_seconds() / (2 * count)))
        .min(Duration::minutes(10))
        .max(SNAPSHOT);
    (one, rest.saturating_sub(one * count))
}

pub(super) fn check(sink: &mut Sink, here: &Here<'_>) {
    let service = here.service;
    if let Some(every) = service.backup.every.filter(|every| !cron::INTERVALS.contains(every)) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!("backups every {every} do not divide the day"),
            )
            .at(service.at(&["backup", "every"]), "")
            .note("cron repeats by the hour and by the day, so one of the gaps would be another")
            .help(format!("write `every = \"{}\"`", nearest(every).compact())),
        );
        return;
    }
    if let Some(every) = service.backup.every.filter(|every| *every > service.tier.backup.every) {
        let longest = nearest(service.tier.backup.every);
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!(
                    "backups every {every}, `{}` asks for one every {longest}",
                    service.tier.name
                ),
            )
            .at(service.at(&["backup", "every"]), "longer than the tier's")
            .help(format!("remove it, or write at most `every = \"{}\"`", longest.compact())),
        );
        return;
    }
    if let Some(keep) = service.backup.keep.filter(|keep| *keep < service.tier.backup.keep) {
        sink.error(
            Diagnostic::new(
                Code::WRONG_VALUE,
                format!(
                    "backups are kept for {keep}, `{}` keeps them for {}",
                    service.tier.name, service.tier.backup.keep
                ),
            )
            .at(service.at(&["backup", "keep"]), "shorter than the tier's")
            .help("remove it, or write a longer time"),
        );
    }
    if let Some(replication) = &service.replication {
        replication_lag(sink, here, replication);
    }
    if here.role.backs_up
        && bound_by_rpo(here)
        && let Err(cadence) = cadence(here)
    {
        out_of_reach(sink, here, &cadence);
    }
}

fn replication_lag(
    sink: &mut Sink,
    here: &Here<'_>,
    replication: &crate::spec::service::Replication,
) {
    let service = here.service;
    let finding = match (replication.mode, replication.lag) {
        (Mode::Synchronous, None) => return,
        (Mode::Synchronous, Some(_)) => {
            Diagnostic::new(Code::WRONG_VALUE, "a synchronous replication has no lag")
                .at(service.at(&["data", "replication", "lag"]), "")
                .help("remove it, or write `mode = \"asynchronous\"`")
        }
        (Mode::Asynchronous, None) => Diagnostic::new(Code::MISSING_KEY, "`lag` is missing")
            .at(
                service.at(&["data", "replication", "mode"]),
                "how far behind is the copy at worst?",
            )
            .help("add `lag = \"30s\"`"),
        (Mode::Asynchronous, Some(lag)) if lag > service.rpo => Diagnostic::new(
            Code::REPLICATION_LAG,
            format!(
                "the copy of `{}` is up to {lag} behind, its RPO is {}",
                service.name, service.rpo
            ),
        )
        .at(service.at(&["data", "replication", "lag"]), "")
        .related(service.at(&["rpo"]), "promised here")
        .help(match service.rpo.as_seconds() {
            0 => "an RPO of 0 needs `mode = \"synchronous\"`".to_owned(),
            _ => format!("bring the lag down to {}, or promise {lag}", service.rpo),
        }),
        (Mode::Asynchronous, Some(_)) => return,
    };
    sink.error(finding);
}

fn out_of_reach(sink: &mut Sink, here: &Here<'_>, cadence: &Cadence) {
    let service = here.service;
    let rpo = service.at(&["rpo"]);
    if service.rpo < FLOOR {
        sink.error(
            Diagnostic::new(
                Code::RPO_NEEDS_REPLICATION,
                format!("no backup keeps an RPO of {} for `{}`", service.rpo, service.name),
            )
            .at(rpo, "promised here")
            .note(format!("two backups every {} and the time for one are more", cron::INTERVALS[0]))
            .help(
                "declare who replicates: `[data.replication]`, `engine = \"external\"`, `mode = …`",
            ),
        );
        return;
    }
    let lost = Duration::seconds(cadence.worst_case().total);
    let mut finding = Diagnostic::new(
        Code::RPO_OUT_OF_REACH,
        format!("`{}` can lose {lost} of data, its RPO is {}", service.name, service.rpo),
    )
    .at(rpo, "promised here")
    .note(cadence.sum());
    if service.backup.every.is_some() {
        finding = finding.related(service.at(&["backup", "every"]), "chosen here");
        finding = finding.help(without_every(here));
    } else {
        finding = finding.help(format!(
            "promise `rpo = \"{}\"`, or declare `[data.replication]`",
            lost.compact()
        ));
    }
    sink.error(finding);
}

/// What to write instead of an interval that is too long.
fn without_every(here: &Here<'_>) -> String {
    let service = here.service;
    let gaps = u64::from(service.tier.backup.failed_runs) + 1;
    let fits = |interval: &&Duration| {
        **interval * gaps + TICKS + QUEUE + least_duration(here) <= service.rpo
    };
    match cron::INTERVALS.iter().rev().find(fits) {
        Some(interval) => format!(
            "backups every {interval} keep it: write `every = \"{}\"`, or leave it out",
            interval.compact()
        ),
        None => "no interval keeps it: promise more, or declare `[data.replication]`".to_owned(),
    }
}

/// The part of the name of a second Schedule, which writes the other copy.
pub const COPY: &str = "copy";

pub(super) fn plan(here: &Here<'_>, cadence: &Cadence, objects: &mut Vec<Planned>) {
    let service = here.service;
    let policy = service.keeps_data().then(|| service.logical("volume-policy"));
    if let Some(policy) = &policy {
        let data = Map::from([("policy.yaml".to_owned(), volume_policy(here))]);
        let values = Values::ConfigMap { meta: in_velero(here, policy), data };
        let namespace = here.region.backup_namespace.clone();
        let name = policy.clone();
        let (kind, part) = (Kind::ConfigMap, "volume-policy");
        objects.push(here.object_in(namespace, kind, name, part, "volumes", values));
    }
    let locations = crate::model::backup_locations(here.fleet, service, here.region);
    for (location, (part, cadence)) in locations.iter().zip(copies(here, cadence)) {
        let short = &here.region.short;
        let part_of_name = if part.is_empty() { short.clone() } else { format!("{short}-{part}") };
        let name = service.logical(&part_of_name);
        let schedule = schedule(here, &name, &cadence, &location.name, policy.clone());
        let values = Values::Schedule(Box::new(schedule));
        let namespace = here.region.backup_namespace.clone();
        objects.push(here.object_in(namespace, Kind::Schedule, name, part, "rpo", values));
    }
}

/// The Schedules of a service, by the part of their names: one for each copy, as a backup has one
/// location (velero `site/content/docs/main/locations.md`). The first keeps the RPO. The other is
/// for the loss of what the first wrote, for which no RPO is promised, and keeps the tier's pace.
pub(super) fn copies(here: &Here<'_>, cadence: &Cadence) -> [(&'static str, Cadence); 2] {
    let pace = nearest(here.service.tier.backup.every).max(cadence.interval);
    [("", *cadence), (COPY, Cadence { interval: pace, ..*cadence })]
}

fn in_velero(here: &Here<'_>, name: &str) -> super::values::Meta {
    let mut meta = here.meta("");
    name.clone_into(&mut meta.name);
    meta.namespace = Some(here.region.backup_namespace.to_string());
    meta
}

fn schedule(
    here: &Here<'_>,
    name: &str,
    cadence: &Cadence,
    location: &str,
    policy: Option<String>,
) -> Schedule {
    let service = here.service;
    let scope = service.backup.scope.unwrap_or(if service.alone {
        Scope::Namespace
    } else {
        Scope::Service
    });
    let (snapshot_timeout, operation_timeout) = timeouts(here, cadence);
    let mut backup_labels = here.selector();
    backup_labels.insert(labels::REGION.to_owned(), here.region.name.to_string());
    Schedule {
        cron: cron::expression(cadence.interval, name),
        meta: in_velero(here, name),
        backup_labels,
        namespace: service.namespace.to_string(),
        selector: match scope {
            Scope::Namespace => Map::new(),
            Scope::Service => here.selector(),
        },
        location: location.to_owned(),
        volumes: service.keeps_data(),
        policy,
        ordered_pods: ordered_pods(here),
        snapshot_timeout: snapshot_timeout.go(),
        operation_timeout: operation_timeout.go(),
        keep: service.backup.keep.unwrap_or(service.tier.backup.keep).go(),
        hooks: hooks(here),
    }
}

/// The replicas of a stateful service, the last one first: where one of them leads, it is by custom
/// the first, and the snapshot of what follows it must not be the younger one.
fn ordered_pods(here: &Here<'_>) -> Option<String> {
    let service = here.service;
    let pod = |ordinal: u32| format!("{}/{}-{ordinal}", service.namespace, service.name);
    let pods: Vec<String> = (0..here.size.full).rev().map(pod).collect();
    (service.keeps_data() && pods.len() > 1).then(|| pods.join(","))
}

fn hooks(here: &Here<'_>) -> Vec<Hook> {
    (here.service.backup.hooks.iter())
        .map(|hook| Hook {
            name: hook.name.clone(),
            namespace: here.service.namespace.to_string(),
            selector: here.selector(),
            before: hook.before.clone(),
            after: hook.after.clone(),
            timeout: hook.timeout.unwrap_or(HOOK_TIMEOUT).go(),
        })
        .collect()
}

/// First match wins: volumes that are not wanted, volumes that only live as long as their pod,
/// and an explicit rule for everything else, as what no rule matches falls back to opt-in
/// annotations (velero `internal/resourcepolicies`).
fn volume_policy(here: &Here<'_>) -> String {
    let map = |entries: &[(&str, Value)]| {
        Value::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    };
    let text = |text: &str| Value::String(text.to_owned());
    let rule = |conditions: Value, action: &str| {
        map(&[("conditions", conditions), ("action", map(&[("type", text(action))]))])
    };
    let skipped = ["configMap", "downwardAPI", "emptyDir", "secret"].map(text).to_vec();
    let unwanted = here.service.volumes.iter().filter(|volume| volume.backup == Some(false));
    let unwanted = unwanted.map(|volume| {
        let labels = [
            (labels::SERVICE, text(here.service.name.as_str())),
            (labels::VOLUME, text(&volume.name)),
        ];
        rule(map(&[("pvcLabels", map(&labels))]), "skip")
    });
    // What VolSync makes for itself in the namespace: caches, and clones of what is backed up.
    let engine = here.service.replication.as_ref().map(|replication| replication.engine);
    let copies = (engine == Some(Engine::Volsync)).then(|| {
        let labels = [("app.kubernetes.io/created-by", text("volsync"))];
        rule(map(&[("pvcLabels", map(&labels))]), "skip")
    });
    let rules = unwanted.chain(copies).chain([
        rule(map(&[("volumeTypes", Value::List(skipped))]), "skip"),
        rule(map(&[]), "snapshot"),
    ]);
    let policy = map(&[("version", text("v1")), ("volumePolicies", Value::List(rules.collect()))]);
    yaml::write::document(&policy)
}
