//! Containers beside that of a service: what they need, and how they are asked.

use super::lifecycle::{self, Probes};
use super::proof::Source;
use super::{Number, Reason, ServiceInRegion, resources};
use crate::model::{self, Port, Protocol};
use crate::quantity::{Bytes, Cpu};

/// A container beside that of a service, in a region.
#[derive(Clone, Copy)]
pub(crate) struct ContainerHere<'a> {
    pub(super) here: &'a ServiceInRegion<'a>,
    pub(crate) container: &'a model::Container,
}

/// Those of a service in a region, in the order in which they start.
pub(crate) fn of<'a>(here: &'a ServiceInRegion<'a>) -> impl Iterator<Item = ContainerHere<'a>> {
    here.service.containers.iter().map(move |container| one(here, container))
}

/// One of them, or what ends before a job.
pub(crate) fn one<'a>(
    here: &'a ServiceInRegion<'a>,
    container: &'a model::Container,
) -> ContainerHere<'a> {
    ContainerHere { here, container }
}

impl<'a> ContainerHere<'a> {
    /// CPU that it needs.
    pub(crate) fn cpu(&self) -> Number<Cpu, impl FnOnce() -> Reason> {
        Number::new(self.container.cpu, || self.reserved(self.words(), "cpu"))
    }

    /// The most CPU that it may use; none where the tier sets no limit.
    pub(crate) fn cpu_limit(&self) -> Option<Number<Cpu, impl FnOnce() -> Reason>> {
        let (burst, cpu) = (self.here.service.tier.cpu_burst, self.container.cpu);
        (burst > 0).then(|| {
            Number::new(cpu * u64::from(burst), move || {
                let words = format!("{burst} × the {cpu} that are set aside");
                let why = Reason::new(words).from(self.here.in_tier("cpu_burst"));
                why.from(self.written("cpu"))
            })
        })
    }

    /// Memory that it needs, and may have.
    pub(crate) fn memory(&self) -> Number<Bytes, impl FnOnce() -> Reason> {
        Number::new(self.container.memory, || self.reserved(self.words(), "memory"))
    }

    /// The most memory that it may have.
    pub(crate) fn memory_limit(&self) -> Number<Bytes, impl FnOnce() -> Reason> {
        let words = resources::MEMORY_LIMIT;
        Number::new(self.container.memory, || self.reserved(words, "memory"))
    }

    /// How it is asked; it is not, unless the spec says how.
    pub(crate) fn probes(&self) -> Probes {
        let Some(probes) = &self.container.probes else {
            return Probes { startup: None, live: None, ready: None };
        };
        lifecycle::probes_of(self.here.service, probes, Some(&self.container.name))
    }

    /// What it listens on.
    pub(crate) fn ports(&self) -> impl Iterator<Item = &'a Port> {
        let name = self.container.stays.then_some(self.container.name.as_str());
        let ports = name.map(|name| self.here.service.ports_of(Some(name)));
        ports.into_iter().flatten()
    }

    /// A key of it, where it is written.
    pub(crate) fn written(&self, key: &str) -> Option<Source> {
        self.here.in_spec(&self.container.key(key))
    }

    /// Where a key of its probes is written.
    pub(crate) fn written_of_probes(&self, key: &str) -> Option<Source> {
        let mut path = self.container.key("probes");
        path.push(key);
        self.here.in_spec(&path)
    }

    fn words(&self) -> &'static str {
        match (self.container.stays, self.container.job()) {
            (true, _) => "set aside for it in each replica",
            (false, None) => {
                "what it needs before the service starts; the most of these, or what runs together, is set aside"
            }
            (false, Some(_)) => {
                "what it needs before the job starts; the most of these, and of the job, is set aside"
            }
        }
    }

    fn reserved(&self, words: &str, key: &str) -> Reason {
        let here = self.here;
        let replica = || here.in_spec(&["capacity", key]).filter(|_| !self.container.stays);
        let of_job = || here.in_spec(&[&self.container.job()?[..], &[key]].concat());
        let written = self.written(key).or_else(of_job).or_else(replica);
        Reason::new(words).or_built_in(written.or_else(|| here.in_fleet(&["defaults", key])))
    }
}

/// The first port of TCP among some.
pub(crate) fn first_of_tcp<'a>(mut ports: impl Iterator<Item = &'a Port>) -> Option<&'a Port> {
    ports.find(|port| port.protocol == Protocol::Tcp)
}
