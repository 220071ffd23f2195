//! What follows from the fields of a service.

use super::Service;
use crate::by_name::ByName;
use crate::diag::{Code, Span};
use crate::model::containers::Container;
use crate::model::fleet::Region;
use crate::model::routes::Route;
use crate::quantity::Duration;
use crate::spec::fleet::{StorageClass, Survives};
use crate::spec::service::{self as written, Given, Setting, Strategy, ValueSource};

impl Service {
    /// The place of the value at `path` in its spec.
    pub fn at(&self, path: &[&str]) -> Span {
        self.document.at(path)
    }

    /// The place of the key at the end of `path`, or that of the service's name.
    pub fn origin(&self, path: &[&str]) -> Span {
        if self.document.has(path) { self.document.key(path) } else { self.document.key(&["name"]) }
    }

    /// Whether it accepts a finding.
    pub fn accepts(&self, code: Code) -> bool {
        self.accepts.iter().any(|accept| Code::find(&accept.rule) == Some(code))
    }

    /// Every container beside that of the service, and before those of its jobs.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().chain(self.jobs.iter().flat_map(|job| &job.init))
    }

    /// Every `config` of the spec, with its path: of the service, of what is beside it, and of its jobs.
    pub fn configs(&self) -> impl Iterator<Item = (Vec<String>, &ByName<Setting>)> {
        let path =
            |index: usize| ["jobs", &index.to_string(), "config"].map(str::to_owned).to_vec();
        let jobs = self.jobs.iter().enumerate().map(move |(at, job)| (path(at), &job.config));
        let beside = self.all_containers().map(|container| {
            let path = container.key("config").into_iter().map(str::to_owned);
            (path.collect(), &container.config)
        });
        std::iter::once((vec!["config".to_owned()], &self.config)).chain(beside).chain(jobs)
    }

    /// Every image that its pods and jobs name, with its path in the spec, and whose it is.
    pub fn images(&self) -> impl Iterator<Item = (Vec<String>, &str, String)> {
        let own = (vec!["image".to_owned()], self.image.as_str(), format!("`{}`", self.name));
        let beside = self.all_containers().filter_map(|container| {
            let path = container.key("image").into_iter().map(str::to_owned).collect();
            let what = if container.stays { "sidecar" } else { "init container" };
            Some((path, container.image.as_deref()?, format!("the {what} `{}`", container.name)))
        });
        let jobs = self.jobs.iter().enumerate().filter_map(|(index, job)| {
            let path = ["jobs", &index.to_string(), "image"].map(str::to_owned).to_vec();
            Some((path, job.image.as_deref()?, format!("the job `{}`", job.name)))
        });
        std::iter::once(own).chain(beside).chain(jobs)
    }

    /// Whether it keeps data of its own that must not be lost.
    pub fn keeps_data(&self) -> bool {
        self.volumes.iter().any(|volume| volume.backup != Some(false))
    }

    /// The largest loss of which its replicas leave enough to carry the peak: one that writes alone
    /// leaves nothing.
    pub fn survives(&self) -> Survives {
        if self.single_writer { Survives::Pod } else { self.tier.survives }
    }

    /// Whether its volumes are backed up.
    pub fn backs_up_data(&self) -> bool {
        self.backed_up && self.keeps_data()
    }

    /// Whether a Schedule that all services of its tier share backs it up: it has no volume, and asks
    /// for nothing that such a one could not give.
    pub fn shares_backups(&self) -> bool {
        let written = &self.backup;
        let asks = written.every.is_some()
            || written.keep.is_some()
            || written.scope == Some(written::Scope::Namespace)
            || self.patches.iter().any(|patch| patch.object == "schedule");
        self.backed_up && !self.keeps_data() && !asks
    }

    /// What its backups hold: where it shares its namespace, what bears its label.
    pub fn backup_scope(&self) -> written::Scope {
        let shared = if self.alone { written::Scope::Namespace } else { written::Scope::Service };
        self.backup.scope.unwrap_or(shared)
    }

    /// The Secrets that its pods wait for in any region, in the order of the spec: what it lists,
    /// and what its variables come from.
    pub fn secret_names(&self) -> Vec<&str> {
        let listed = self.secrets.iter().filter(|secret| !secret.optional);
        let mut names: Vec<&str> = listed.map(|secret| secret.name.as_str()).collect();
        let settings = self.configs().flat_map(|(_, config)| config.values());
        for (_, given) in settings.flat_map(Setting::all) {
            if let Given::From(ValueSource::Secret { secret, optional, .. }) = given
                && *optional != Some(true)
                && !names.contains(&secret.as_str())
            {
                names.push(secret);
            }
        }
        names
    }

    /// The name of its ServiceAccount.
    pub fn account(&self) -> String {
        self.pod.service_account.clone().unwrap_or_else(|| self.name.plain().to_owned())
    }

    /// Whether its containers run as root.
    pub fn is_root(&self) -> bool {
        self.pod.user == Some(0)
    }

    /// Whether its containers have a limit of CPU.
    pub fn limits_cpu(&self) -> bool {
        self.cpu_limit.is_some() || self.tier.cpu_burst > 0
    }

    /// The storage class of a volume in a region; none when the region has none of that name.
    pub fn class_of<'a>(
        &self,
        volume: &written::Volume,
        region: &'a Region,
    ) -> Option<&'a StorageClass> {
        region.class(volume.class.as_ref())
    }

    /// The port that users reach: the one that the spec names, or the first that is open to the
    /// gateway.
    pub fn port_of_users(&self) -> Option<&written::Port> {
        let named = self.traffic.as_ref().and_then(|traffic| traffic.port.as_ref());
        match named {
            Some(name) => self.ports.iter().find(|port| port.name == *name),
            None => self.ports.iter().find(|port| port.gateway),
        }
    }

    /// The port that a route leads to.
    pub fn port_of(&self, route: &Route) -> Option<&written::Port> {
        match &route.port {
            Some(name) => self.ports.iter().find(|port| port.name == *name),
            None => self.port_of_users(),
        }
    }

    /// The longest time to live of its records: a quarter of its RTO.
    pub fn longest_ttl(&self) -> Duration {
        Duration::seconds(self.rto.as_seconds() / 4)
    }

    /// How long a resolver may keep an answer.
    pub fn ttl(&self) -> Duration {
        let written = self.traffic.as_ref().and_then(|traffic| traffic.ttl);
        written.unwrap_or_else(|| Duration::seconds(60).min(self.longest_ttl()))
    }

    /// Whether health checks move its traffic.
    pub fn moves_by_itself(&self) -> bool {
        let default = match self.strategy {
            Strategy::ActiveActive => written::Failover::Automatic,
            Strategy::BackupAndRestore | Strategy::PilotLight | Strategy::WarmStandby => {
                written::Failover::Manual
            }
        };
        self.regions.len() > 1 && self.failover.unwrap_or(default) == written::Failover::Automatic
    }

    /// The fewest instances of a database, so that one is left after a loss that the tier
    /// survives; of three, two are, and one of them has every commit.
    pub fn min_instances(&self) -> u32 {
        match self.tier.survives {
            Survives::Pod => 1,
            Survives::Node => 2,
            Survives::Zone | Survives::Region => 3,
        }
    }

    /// The logical name of an object of the service: its name, and what tells the object apart.
    pub fn logical(&self, part: &str) -> String {
        match part {
            "" => self.name.plain().to_owned(),
            part => format!("{}-{part}", self.name.plain()),
        }
    }
}
