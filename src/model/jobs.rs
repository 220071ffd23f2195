//! Jobs of a service, and what ends before each starts.

use super::containers::{self, Container};
use super::{Overlap, Place, Restart, Run, Setting};
use crate::by_name::ByName;
use crate::quantity::{Bytes, Cpu, Duration};
use crate::spec::service as written;

/// Work of a service that ends by itself; where none is written, `decide` has the default.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// When it runs: the five fields of cron.
    pub schedule: Option<String>,
    /// In place of a schedule: once for each content, and when.
    pub run: Option<Run>,
    /// The time zone of the schedule.
    pub timezone: Option<String>,
    /// What becomes of a run when the one before has not ended.
    pub overlap: Option<Overlap>,
    /// The longest that it may take, with all that is tried again.
    pub deadline: Option<Duration>,
    /// How often it is tried again after it failed.
    pub retries: Option<u32>,
    /// Where it is tried again.
    pub restart: Restart,
    /// How long a run that has ended stays.
    pub keep: Option<Duration>,
    /// How many runs that have ended stay.
    pub history: Option<u32>,
    /// Where it runs.
    pub place: Option<Place>,
    /// Its image; none for the service's.
    pub image: Option<String>,
    /// The command in place of the image's; none where nothing is reported.
    pub command: Option<Vec<String>>,
    /// The arguments.
    pub args: Option<Vec<String>>,
    /// Environment variables.
    pub config: ByName<Setting>,
    /// CPU that it needs.
    pub cpu: Option<Cpu>,
    /// Memory that it needs.
    pub memory: Option<Bytes>,
    /// CPU that it may use.
    pub cpu_limit: Option<Cpu>,
    /// Memory that it may use.
    pub memory_limit: Option<Bytes>,
    /// What ends before it starts, in order.
    pub init: Vec<Container>,
}

impl Job {
    /// What the scheduler reserves for a run; `replica` is what a replica of the service needs.
    pub(crate) fn reserved(&self, replica: (Cpu, Bytes)) -> (Cpu, Bytes) {
        let (cpu, memory) = (self.cpu.unwrap_or(replica.0), self.memory.unwrap_or(replica.1));
        let before = |of: fn(&Container) -> u64| self.init.iter().map(move |one| (of(one), false));
        let millis = containers::asked_of_pod(cpu.as_millis(), before(|one| one.cpu.as_millis()));
        let bytes = containers::asked_of_pod(memory.get(), before(|one| one.memory.get()));
        (Cpu::millis(millis), Bytes::new(bytes))
    }
}

/// What a spec says of them, with what a replica needs.
pub(super) fn of(jobs: Vec<written::Job>, replica: (Cpu, Bytes)) -> Vec<Job> {
    jobs.into_iter().enumerate().map(|(index, job)| one(index, job, replica)).collect()
}

fn one(index: usize, job: written::Job, replica: (Cpu, Bytes)) -> Job {
    let own = (job.cpu.unwrap_or(replica.0), job.memory.unwrap_or(replica.1));
    Job {
        init: containers::before(&["jobs", &index.to_string()], job.init, own),
        name: job.name,
        schedule: job.schedule,
        run: job.run,
        timezone: job.timezone,
        overlap: job.overlap,
        deadline: job.deadline,
        retries: job.retries,
        restart: job.restart.unwrap_or_default(),
        keep: job.keep,
        history: job.history,
        place: job.place,
        image: job.image,
        command: job.command,
        args: job.args,
        config: job.config,
        cpu: job.cpu,
        memory: job.memory,
        cpu_limit: job.cpu_limit,
        memory_limit: job.memory_limit,
    }
}
