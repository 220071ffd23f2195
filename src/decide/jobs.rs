//! Jobs of a service: where they run, how long they may take, and what they need.

use super::containers::{self, ContainerHere};
use super::{Decided, Number, Reason, ServiceInRegion, resources};
use crate::by_name::ByName;
use crate::kube::read::cron::Cron;
use crate::kube::{RegionName, ServiceName, labels};
use crate::model::{Given, Job, Overlap, Place, Run, Service, Setting, ValueSource};
use crate::quantity::{Bytes, Cpu, Duration};
use std::collections::BTreeSet;

/// The longest that a job may take unless its spec says otherwise.
const DEADLINE: Duration = Duration::minutes(60);

/// The same where a release waits for it.
const BEFORE_A_RELEASE: Duration = Duration::minutes(10);

/// How often a job is tried again, and how many runs stay, unless its spec says otherwise.
const RETRIES: u32 = 2;
const HISTORY: u32 = 3;

/// The longest that a run may begin after its time.
const LATE: Duration = Duration::minutes(60);

/// From one run to the next of a job that runs at most once in more than a year, as on a leap day.
const RARELY: Duration = Duration::minutes(4 * 366 * 24 * 60);

/// Why it has CPU and memory.
const RUN: &str = "set aside for each run";

/// The time zone of schedules that name none.
pub(crate) const UTC: &str = "Etc/UTC";

/// A job of a service in a region.
#[derive(Clone, Copy)]
pub(crate) struct JobHere<'a> {
    pub(crate) here: &'a ServiceInRegion<'a>,
    pub(crate) job: &'a Job,
    index: usize,
}

/// The jobs of a service in a region, in the order of its spec.
pub(crate) fn of<'a>(here: &'a ServiceInRegion<'a>) -> impl Iterator<Item = JobHere<'a>> {
    let jobs = here.service.jobs.iter().enumerate();
    jobs.map(move |(index, job)| JobHere { here, job, index })
}

impl JobHere<'_> {
    /// Whether it runs here while this region does what it does.
    pub(crate) fn runs(&self) -> bool {
        self.here.leads || self.job.place == Some(Place::Everywhere)
    }

    /// Whether pods wait for it.
    pub(crate) fn comes_first(&self) -> bool {
        self.job.run == Some(Run::BeforeRelease)
    }

    /// The longest that it may take.
    pub(crate) fn deadline(&self) -> Number<Duration, impl FnOnce() -> Reason> {
        let default = if self.comes_first() { BEFORE_A_RELEASE } else { DEADLINE };
        self.number(self.job.deadline, default, "deadline", || {
            "the longest that it may take, with all that is tried again; then it is ended, and has failed"
        })
    }

    /// How often it is tried again.
    pub(crate) fn retries(&self) -> Number<u32, impl FnOnce() -> Reason> {
        self.number(self.job.retries, RETRIES, "retries", || "tried again after it failed")
    }

    /// How many runs that have ended stay.
    pub(crate) fn history(&self) -> Number<u32, impl FnOnce() -> Reason> {
        self.number(
            self.job.history,
            HISTORY,
            "history",
            || "runs that have ended stay, with their logs, until so many others have",
        )
    }

    /// How long a run that has ended stays; none where `history` alone counts.
    pub(crate) fn keep(&self) -> Option<Number<Duration, impl FnOnce() -> Reason>> {
        let keep = self.job.keep?;
        Some(self.number(
            Some(keep),
            keep,
            "keep",
            || "a run that has ended stays so long, with its logs",
        ))
    }

    /// The longest from one run to the next, or four years where it runs once in
    /// all the time that is looked at.
    pub(crate) fn gap(&self) -> Duration {
        let cron = self.job.schedule.as_deref().and_then(Cron::read);
        cron.and_then(|cron| cron.longest_gap()).unwrap_or(RARELY)
    }

    /// The longest that a run may begin after its time, where something kept it from beginning: no
    /// longer than from one run to the next.
    pub(crate) fn late(&self) -> Number<Duration, impl FnOnce() -> Reason> {
        Number::new(self.gap().min(LATE), || {
            let words = "a run that could not begin at its time begins up to so much later, also in a standby that takes over";
            Reason::new(words).or_built_in(self.written("schedule"))
        })
    }

    /// CPU that it needs.
    pub(crate) fn cpu(&self) -> Number<Cpu, impl FnOnce() -> Reason> {
        Number::new(self.job.cpu.unwrap_or(self.here.service.cpu), || self.reserved("cpu", RUN))
    }

    /// The most CPU that it may use; none where the tier sets no limit.
    pub(crate) fn cpu_limit(&self) -> Option<Number<Cpu, impl FnOnce() -> Reason>> {
        let burst = self.here.service.tier.cpu_burst;
        let (cpu, written) = (self.cpu().value, self.job.cpu_limit);
        (burst > 0 || written.is_some()).then(|| {
            Number::new(written.unwrap_or(cpu * u64::from(burst)), move || {
                if written.is_some() {
                    let why = Reason::new(resources::CPU_LIMIT_WRITTEN);
                    return why.from(self.written("cpu_limit"));
                }
                let words = format!("{burst} × the {cpu} that are set aside");
                Reason::new(words).from(self.here.in_tier("cpu_burst")).from(self.written("cpu"))
            })
        })
    }

    /// Memory that it needs.
    pub(crate) fn memory(&self) -> Number<Bytes, impl FnOnce() -> Reason> {
        let memory = self.job.memory.unwrap_or(self.here.service.memory);
        Number::new(memory, || self.reserved("memory", RUN))
    }

    /// The most memory that it may use.
    pub(crate) fn memory_limit(&self) -> Number<Bytes, impl FnOnce() -> Reason> {
        let written = self.job.memory_limit;
        Number::new(written.unwrap_or(self.memory().value), move || match written {
            Some(_) => {
                Reason::new(resources::MEMORY_LIMIT_WRITTEN).from(self.written("memory_limit"))
            }
            None => self.reserved("memory", resources::MEMORY_LIMIT),
        })
    }

    /// What ends before it starts, in order.
    pub(crate) fn init(&self) -> impl Iterator<Item = ContainerHere<'_>> {
        self.job.init.iter().map(|container| containers::one(self.here, container))
    }

    /// CPU and memory that the scheduler reserves for a run.
    pub(super) fn room(&self) -> (Cpu, Bytes) {
        self.job.reserved((self.here.service.cpu, self.here.service.memory))
    }

    /// How many of its pods there may be at once. Runs that may overlap do so for no longer than
    /// each may take.
    pub(crate) fn at_once(&self) -> u32 {
        if !self.runs() {
            return 0;
        }
        if self.job.overlap != Some(Overlap::Allow) {
            return 1;
        }
        let gap = self.job.schedule.as_deref().and_then(Cron::read);
        let gap = gap.and_then(|cron| cron.shortest_gap()).unwrap_or(DEADLINE);
        let runs = self.deadline().value.as_seconds().div_ceil(gap.as_seconds().max(1));
        u32::try_from(runs.max(1)).unwrap_or(u32::MAX)
    }

    /// A key of it, where it is written.
    pub(crate) fn written(&self, key: &str) -> Option<super::proof::Source> {
        self.here.in_spec(&["jobs", &self.index.to_string(), key])
    }

    fn number<T>(
        &self,
        written: Option<T>,
        default: T,
        key: &'static str,
        words: impl FnOnce() -> &'static str,
    ) -> Number<T, impl FnOnce() -> Reason> {
        Number::new(written.unwrap_or(default), move || {
            Reason::new(words()).or_built_in(self.written(key))
        })
    }

    /// CPU or memory: of the job, or what a replica has.
    fn reserved(&self, key: &str, words: &str) -> Reason {
        let here = self.here;
        let written = self.written(key).or_else(|| here.in_spec(&["capacity", key]));
        let written = written.or_else(|| here.in_fleet(&["defaults", key]));
        Reason::new(words).or_built_in(written)
    }
}

/// The jobs that come before each release of a service, each with what tells its content from another:
/// the same in every region.
pub(crate) fn before_releases(service: &Service) -> impl Iterator<Item = (&str, String)> {
    let first = service.jobs.iter().filter(|job| job.run == Some(Run::BeforeRelease));
    first.map(|job| (job.name.as_str(), content(job)))
}

/// A digest of what a job says itself. What it is given besides is the service's, and makes a new
/// generation by that.
fn content(job: &Job) -> String {
    let mut hasher = blake3::Hasher::new();
    // Framed by its length, so that no text runs into the next.
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add_container(&mut add, (job.image.as_ref(), &job.command, &job.args), &job.config);
    for one in &job.init {
        add(&one.name);
        add_container(&mut add, (one.image.as_ref(), &one.command, &one.args), &one.config);
    }
    // No number, whatever its digits are.
    format!("x{}", &hasher.finalize().to_hex()[..12])
}

/// What a container of a job runs, and with which variables.
fn add_container(
    add: &mut impl FnMut(&str),
    (image, command, args): (Option<&String>, &Option<Vec<String>>, &Option<Vec<String>>),
    config: &ByName<Setting>,
) {
    add(image.map_or("", String::as_str));
    for words in [command, args] {
        match words {
            Some(words) => {
                add(&words.len().to_string());
                words.iter().for_each(|word| add(word));
            }
            None => add(""),
        }
    }
    for (name, setting) in config.iter() {
        add(name);
        for (region, given) in setting.all() {
            add(region.unwrap_or_default());
            match given {
                Given::Written(value) => add(&value.to_string()),
                Given::From(ValueSource::Secret { secret, key, .. }) => {
                    add(secret);
                    add(key);
                }
                Given::From(ValueSource::Field { field }) => add(field),
                Given::From(ValueSource::Regions { regions }) => add(regions),
                Given::From(ValueSource::Resource { resource, divisor }) => {
                    add(resource);
                    add(divisor.as_deref().unwrap_or_default());
                }
            }
        }
    }
}

/// Selects what belongs to the jobs of a service: Jobs and their pods.
pub(crate) fn selector(service: &Service) -> String {
    format!("{}={}", labels::JOB_OF, service.name.plain())
}

/// Whether the pods of a release wait for a job here.
pub(crate) fn hold_releases(here: &ServiceInRegion<'_>) -> bool {
    of(here).any(|job| job.comes_first() && job.runs())
}

/// Where the releases of a service wait for its jobs.
pub(crate) type Held<'a> = BTreeSet<(&'a RegionName, &'a ServiceName)>;

/// Every service whose releases wait somewhere, with the region.
pub(crate) fn held(decided: &Decided) -> Held<'_> {
    let services = decided.services().iter();
    let places = services.flat_map(|service| decided.places(service));
    let held = places.filter(hold_releases);
    held.map(|here| (&here.region.name, &here.service.name)).collect()
}

/// What the jobs here ask for when all of them run: pods, CPU, memory.
pub(crate) fn demand(here: &ServiceInRegion<'_>) -> (u32, Cpu, Bytes) {
    let none = (0, Cpu::millis(0), Bytes::mebibytes(0));
    of(here).fold(none, |(pods, cpu, memory), job| {
        let own = job.at_once();
        let times = u64::from(own);
        let (own_cpu, own_memory) = job.room();
        (pods.saturating_add(own), cpu + own_cpu * times, memory + own_memory * times)
    })
}
