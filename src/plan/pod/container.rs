//! The containers of a pod.

use super::APP;
use super::mounts::Mount;
use crate::by_name::ByName;
use crate::decide::containers::ContainerHere;
use crate::decide::lifecycle::{self, Probe, Probes};
use crate::decide::resources::{self, Resources};
use crate::decide::{ServiceInRegion, network};
use crate::model::{Given, Mounted, Port, Service, Setting, ValueSource};
use crate::plan::config;
use serde::Serialize;

/// A container of a pod.
#[derive(Clone, Debug, Serialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// `Always` for one that starts before the others, and runs beside them.
    pub restart: Option<&'static str>,
    /// Its image.
    pub image: String,
    /// The command in place of the image's.
    pub command: Vec<String>,
    /// The arguments.
    pub args: Vec<String>,
    /// The ConfigMaps whose entries are environment variables; of two that say the same, the later.
    pub env_from: Vec<String>,
    /// The Secrets whose entries are environment variables, less those of a ConfigMap.
    pub env_secrets: Vec<EnvSecret>,
    /// The environment variables that come from somewhere else.
    pub env: Vec<Variable>,
    /// What it listens on.
    pub ports: Vec<ContainerPort>,
    /// Whether it has started.
    pub startup: Option<Probe>,
    /// Whether it must be restarted.
    pub live: Option<Probe>,
    /// Whether it can serve.
    pub ready: Option<Probe>,
    /// How long it goes on serving before it gets SIGTERM, in seconds.
    pub settle: Option<u64>,
    /// What it needs, and may use.
    pub resources: Resources,
    /// What appears where.
    pub mounts: Vec<Mount>,
}

/// A Secret whose every entry is an environment variable.
#[derive(Clone, Debug, Serialize)]
pub struct EnvSecret {
    /// Its name.
    pub name: String,
    /// What the names of the variables begin with.
    pub prefix: Option<String>,
    /// Whether a pod starts without it.
    pub optional: bool,
}

/// An environment variable: exactly one of `value`, `secret`, `field` and `resource` is there.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What is written.
    pub value: Option<String>,
    /// The Secret that has its value.
    pub secret: Option<String>,
    /// The key in the Secret.
    pub key: Option<String>,
    /// Whether a pod starts without it.
    pub optional: bool,
    /// The field of the pod that is its value.
    pub field: Option<String>,
    /// The resource of the container that is its value.
    pub resource: Option<String>,
    /// The unit in which the resource is counted.
    pub divisor: Option<String>,
}

/// A port of the container.
#[derive(Clone, Debug, Serialize)]
pub struct ContainerPort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

/// The container of the service.
pub(super) fn app(here: &ServiceInRegion<'_>, mounts: Vec<Mount>) -> Container {
    let service = here.service;
    let Probes { startup, live, ready } = lifecycle::probes(service);
    Container {
        name: APP.to_owned(),
        restart: None,
        image: here.fleet.image_in(&here.region.name, &service.image),
        command: service.command.clone(),
        args: service.args.clone(),
        env_from: vec![service.logical("region")],
        env_secrets: env_secrets(service),
        env: variables(here, &service.config, false),
        ports: ports(here, service.ports_of(None)),
        startup,
        live,
        ready,
        settle: Some(lifecycle::settle(here).value),
        resources: resources::of(here),
        mounts,
    }
}

/// A container beside `app`, that of the service or of a job. With its image it has what that has,
/// unless it says otherwise; with one of its own it has what it names.
pub(super) fn beside(
    here: &ServiceInRegion<'_>,
    one: &ContainerHere<'_>,
    app: &Container,
) -> Container {
    let written = one.container;
    let image = written.image.as_ref();
    let inherits = image.is_none();
    let (command, args) = words(app, inherits, (&written.command, &written.args));
    let mut env: Vec<Variable> = app.env.iter().filter(|_| inherits).cloned().collect();
    env.retain(|variable| written.config.get(&variable.name).is_none());
    env.extend(variables(here, &written.config, true));
    let mounts = match &written.mounts {
        Some(mounts) => mounts.iter().filter_map(|mounted| seen(app, mounted)).collect(),
        None if inherits => app.mounts.clone(),
        None => Vec::new(),
    };
    let Probes { startup, live, ready } = one.probes();
    Container {
        name: written.name.clone(),
        restart: written.stays.then_some("Always"),
        image: image
            .map_or(app.image.clone(), |image| here.fleet.image_in(&here.region.name, image)),
        command,
        args,
        env_from: app.env_from.iter().filter(|_| inherits).cloned().collect(),
        env_secrets: app.env_secrets.iter().filter(|_| inherits).cloned().collect(),
        env,
        ports: ports(here, one.ports()),
        startup,
        live,
        ready,
        settle: None,
        resources: resources::of_container(one),
        mounts,
    }
}

/// What the service mounts, as another container of its pods sees it.
fn seen(app: &Container, mounted: &Mounted) -> Option<Mount> {
    let own = app.mounts.iter().find(|mount| mount.path == mounted.of())?;
    let read_only = own.read_only || matches!(mounted, Mounted::At { read_only: true, .. });
    Some(Mount { path: mounted.path().to_owned(), read_only, ..own.clone() })
}

/// Command and arguments of a container that inherits them, or not, and may say others. Arguments go
/// with their command, and a command with its image.
pub(super) fn words(
    app: &Container,
    inherits: bool,
    (command, args): (&Option<Vec<String>>, &Option<Vec<String>>),
) -> (Vec<String>, Vec<String>) {
    let unless = |own: bool, words: &[String]| if own { Vec::new() } else { words.to_vec() };
    let own = !inherits || command.is_some();
    let args = args.clone().unwrap_or_else(|| unless(own, &app.args));
    (command.clone().unwrap_or_else(|| unless(!inherits, &app.command)), args)
}

/// What a container listens on.
pub(crate) fn ports<'a>(
    here: &ServiceInRegion<'_>,
    ports: impl Iterator<Item = &'a Port>,
) -> Vec<ContainerPort> {
    let port = |port: &Port| ContainerPort {
        name: port.name.clone(),
        port: network::container_port(here, port).value,
        protocol: port.protocol.name(),
    };
    ports.map(port).collect()
}

/// The Secrets whose every key becomes a variable. What the spec itself says comes after them, and
/// so stands against a key of the same name.
fn env_secrets(service: &Service) -> Vec<EnvSecret> {
    let secrets = service.secrets.iter().filter(|secret| secret.env);
    let one = |secret: &crate::model::Secret| EnvSecret {
        name: secret.name.clone(),
        prefix: secret.prefix.clone(),
        optional: secret.optional,
    };
    secrets.map(one).collect()
}

/// The variables whose value stands in the cluster, and what is written, where no ConfigMap has it.
pub(super) fn variables(
    here: &ServiceInRegion<'_>,
    config: &ByName<Setting>,
    with_written: bool,
) -> Vec<Variable> {
    let variable = |(name, value): (&String, &Setting)| {
        let given = value.in_region(here.region.name.as_str())?;
        let none = Variable { name: name.clone(), ..Variable::default() };
        Some(match given {
            Given::Written(_) | Given::From(ValueSource::Regions { .. }) => {
                let value = Some(config::text(here, given)?).filter(|_| with_written)?;
                Variable { value: Some(value), ..none }
            }
            Given::From(ValueSource::Secret { secret, key, optional }) => {
                let (secret, key) = (Some(secret.clone()), Some(key.clone()));
                Variable { secret, key, optional: *optional == Some(true), ..none }
            }
            Given::From(ValueSource::Field { field }) => {
                Variable { field: Some(field.clone()), ..none }
            }
            Given::From(ValueSource::Resource { resource, divisor }) => {
                let (resource, divisor) = (Some(resource.clone()), divisor.clone());
                Variable { resource, divisor, ..none }
            }
        })
    };
    config.iter().filter_map(variable).collect()
}
