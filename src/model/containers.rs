//! Containers beside that of a service, in the order in which they start.

use super::{Mounted, Port, Probes, Service, Setting};
use crate::by_name::ByName;
use crate::quantity::{Bytes, Cpu, Duration};
use crate::spec::service as written;

/// How long what comes before a service may take, unless the spec says: an assumption.
const TAKES: Duration = Duration::minutes(1);

/// A container beside that of the service: what ends before it starts, or what runs beside it.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Where the spec says it: `["init", "0"]`, `["jobs", "0", "init", "0"]`.
    pub path: Vec<String>,
    /// Its image; none for the service's.
    pub image: Option<String>,
    /// The command in place of the image's; none where nothing is reported.
    pub command: Option<Vec<String>>,
    /// The arguments.
    pub args: Option<Vec<String>>,
    /// Environment variables.
    pub config: ByName<Setting>,
    /// What of the service's mounts it sees; none where nothing is reported.
    pub mounts: Option<Vec<Mounted>>,
    /// CPU that it needs.
    pub cpu: Cpu,
    /// Memory that it needs.
    pub memory: Bytes,
    /// Whether it runs beside the service; else it ends before.
    pub stays: bool,
    /// How it is asked, where it is.
    pub probes: Option<Probes>,
    /// How long it may take until what comes after it starts.
    pub takes: Duration,
}

impl Container {
    /// A key of it, as the spec has it.
    pub fn key<'a>(&'a self, key: &'a str) -> Vec<&'a str> {
        self.path.iter().map(String::as_str).chain([key]).collect()
    }

    /// Where the spec says the job that it is before; none where it is before the service, or beside it.
    pub fn job(&self) -> Option<[&str; 2]> {
        if let [jobs, index, ..] = &*self.path
            && self.path.len() > 2
        {
            Some([jobs, index])
        } else {
            None
        }
    }

    fn of_init(path: Vec<String>, init: written::Init, (cpu, memory): (Cpu, Bytes)) -> Container {
        Container {
            name: init.name,
            path,
            image: init.image,
            command: init.command,
            args: init.args,
            config: init.config,
            mounts: init.mounts,
            cpu: init.cpu.unwrap_or(cpu),
            memory: init.memory.unwrap_or(memory),
            stays: false,
            probes: None,
            takes: init.takes.unwrap_or(TAKES),
        }
    }

    fn of_sidecar(index: usize, sidecar: written::Sidecar, fleet: (Cpu, Bytes)) -> Container {
        // The next container starts when it has started, which is at once where nothing asks it.
        let takes = sidecar.probes.as_ref().map_or(Duration::default(), |probes| {
            probes.start_within.unwrap_or(written::Probes::START)
        });
        Container {
            name: sidecar.name,
            path: vec!["sidecars".to_owned(), index.to_string()],
            image: sidecar.image,
            command: sidecar.command,
            args: sidecar.args,
            config: sidecar.config,
            mounts: sidecar.mounts,
            cpu: sidecar.cpu.unwrap_or(fleet.0),
            memory: sidecar.memory.unwrap_or(fleet.1),
            stays: true,
            probes: sidecar.probes,
            takes,
        }
    }
}

/// What a spec says of them, with what a replica and the fleet have by default.
pub(super) fn of(
    init: Vec<written::Init>,
    sidecars: Vec<written::Sidecar>,
    replica: (Cpu, Bytes),
    fleet: (Cpu, Bytes),
) -> Vec<Container> {
    let init = before(&[], init, replica);
    let sidecars = sidecars.into_iter().enumerate();
    let (late, early): (Vec<_>, Vec<_>) = sidecars.partition(|(_, sidecar)| sidecar.after_init);
    let sidecar = |(index, sidecar)| Container::of_sidecar(index, sidecar, fleet);
    early.into_iter().map(sidecar).chain(init).chain(late.into_iter().map(sidecar)).collect()
}

/// What ends before something starts that is written at `path`; `needs` is what that needs itself.
pub(super) fn before(
    path: &[&str],
    init: Vec<written::Init>,
    needs: (Cpu, Bytes),
) -> Vec<Container> {
    let one = |(index, init): (usize, written::Init)| {
        let index = index.to_string();
        let path = path.iter().copied().chain(["init", &index]).map(str::to_owned);
        Container::of_init(path.collect(), init, needs)
    };
    init.into_iter().enumerate().map(one).collect()
}

/// The ports of sidecars, each with its place in the spec.
pub(super) fn ports(sidecars: &[written::Sidecar]) -> Vec<(Port, [String; 4])> {
    let of = |(index, sidecar): (usize, &written::Sidecar)| {
        let name = sidecar.name.clone();
        let ports = sidecar.ports.clone().into_iter().enumerate();
        let port = move |(at, port): (usize, Port)| {
            let path = ["sidecars", &index.to_string(), "ports", &at.to_string()];
            (Port { of: Some(name.clone()), ..port }, path.map(str::to_owned))
        };
        ports.map(port).collect::<Vec<_>>()
    };
    sidecars.iter().enumerate().flat_map(of).collect()
}

impl Service {
    /// CPU that a pod asks for.
    pub fn pod_cpu(&self) -> Cpu {
        let beside = self.containers.iter().map(|one| (one.cpu.as_millis(), one.stays));
        Cpu::millis(asked_of_pod(self.cpu.as_millis(), beside))
    }

    /// Memory that a pod asks for.
    pub fn pod_memory(&self) -> Bytes {
        let beside = self.containers.iter().map(|one| (one.memory.get(), one.stays));
        Bytes::new(asked_of_pod(self.memory.get(), beside))
    }

    /// The ports that a container listens on: of the sidecar of that name, or of the service.
    pub fn ports_of<'a>(&'a self, sidecar: Option<&'a str>) -> impl Iterator<Item = &'a Port> {
        self.ports.iter().filter(move |port| port.of.as_deref() == sidecar)
    }
}

/// What the scheduler reserves for a pod: what runs together, or the most while it starts, where each
/// of the others runs beside the sidecars before it (`pkg/api/v1/resource/helpers.go`, `PodRequests`).
pub(crate) fn asked_of_pod(own: u64, beside: impl Iterator<Item = (u64, bool)>) -> u64 {
    let (mut staying, mut starting) = (0_u64, 0_u64);
    for (asks, stays) in beside {
        let now = staying.saturating_add(asks);
        starting = starting.max(now);
        if stays {
            staying = now;
        }
    }
    own.saturating_add(staying).max(starting)
}

#[cfg(test)]
mod tests {
    use super::asked_of_pod;

    #[test]
    fn a_pod_asks_for_what_runs_together_or_for_the_most_while_it_starts() {
        for (own, beside, asks) in [
            (100, &[][..], 100),
            (100, &[(50, true)], 150),
            (100, &[(400, false)], 400),
            (100, &[(80, false), (90, false)], 100),
            (100, &[(50, true), (80, false)], 150),
            (100, &[(50, true), (120, false)], 170),
            (100, &[(120, false), (50, true)], 150),
            (100, &[(30, true), (100, false), (20, true)], 150),
            (100, &[(30, true), (130, false), (20, true)], 160),
            (1, &[(u64::MAX, true), (1, false)], u64::MAX),
        ] {
            assert_eq!(asked_of_pod(own, beside.iter().copied()), asks, "{own}, {beside:?}");
        }
    }
}
