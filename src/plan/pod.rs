//! The pod template.

use super::values::{
    Container, ContainerPort, EnvSecret, Map, Mount, Pod, Resources, Spread, Toleration, Variable,
};
use super::{config, meta, mounts};
use crate::decide::containers::{self, ContainerHere};
use crate::decide::jobs::{self, JobHere};
use crate::decide::lifecycle::{self, Probes};
use crate::decide::{ServiceInRegion, load, network, placement, resources, scaling};
use crate::kube::labels;
use crate::model::{Given, Mounted, Port, Service, Setting, Taint, ValueSource, WorkloadKind};
use std::collections::{BTreeMap, BTreeSet};

const HOST: &str = "kubernetes.io/hostname";

/// The container of a service, or of a job.
const APP: &str = "app";

pub(crate) fn plan(here: &ServiceInRegion<'_>) -> Pod {
    let service = here.service;
    let (mounts, volumes) = mounts::plan(here);
    let (mut labels, mut annotations) = (here.pod_labels(), annotations(here));
    meta::below(&service.metadata.pod.labels, &mut labels);
    meta::below(&service.metadata.pod.annotations, &mut annotations);
    let app = app(here, mounts);
    let init = containers::of(here).map(|container| beside(here, &container, &app)).collect();
    Pod {
        labels,
        annotations,
        service_account: service.account(),
        pull_secrets: if service.pod.shared_account { pull_secrets(here) } else { Vec::new() },
        token: service.pod.token,
        priority_class: service.tier.priority_class.clone(),
        restart: None,
        grace: lifecycle::grace(here).value,
        user: resources::user(here).value,
        group: resources::group(here).value,
        fs_group: resources::fs_group(here).value,
        low_ports: resources::low_ports(here).map(|port| port.value.to_string()),
        non_root: !service.is_root(),
        read_only_root: service.pod.read_only_root.unwrap_or(true),
        init,
        containers: vec![app],
        volumes,
        node_loss: lifecycle::node_loss(here).value,
        nodes: nodes(here),
        tolerations: tolerations(here),
        spread: spread(here),
        avoid: here.selector(),
        avoidance: placement::avoidance().value,
        revision: revision(service),
    }
}

/// The Secrets with which its images are pulled. They stand in its ServiceAccount; where that is of
/// others, too, in the pods.
pub(crate) fn pull_secrets(here: &ServiceInRegion<'_>) -> Vec<String> {
    let images = here.service.images();
    let images = images.map(|(_, image, _)| here.fleet.image_in(&here.region.name, image));
    let secrets = images.filter_map(|image| here.region.pull_secret(&image).map(str::to_owned));
    secrets.collect::<BTreeSet<String>>().into_iter().collect()
}

/// The labels of the nodes of its pool, and those that all nodes of the fleet have.
pub(crate) fn nodes(here: &ServiceInRegion<'_>) -> Map {
    let mut labels = here.region.pool.as_ref().map(|pool| pool.labels.clone()).unwrap_or_default();
    meta::below(&here.fleet.node_labels, &mut labels);
    labels
}

/// The taints of its pool.
pub(crate) fn tolerations(here: &ServiceInRegion<'_>) -> Vec<Toleration> {
    let taints = here.region.pool.iter().flat_map(|pool| &pool.taints);
    let toleration = |taint: &Taint| Toleration {
        key: taint.key.clone(),
        value: taint.value.clone(),
        effect: taint.effect.clone(),
    };
    taints.map(toleration).collect()
}

/// The container of the service.
fn app(here: &ServiceInRegion<'_>, mounts: Vec<Mount>) -> Container {
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
        resources: resources_of(here),
        mounts,
    }
}

/// A container beside `app`, that of the service or of a job. With its image it has what that has,
/// unless it says otherwise; with one of its own it has what it names.
fn beside(here: &ServiceInRegion<'_>, one: &ContainerHere<'_>, app: &Container) -> Container {
    let written = one.container;
    let image = written.image.as_ref();
    let inherits = image.is_none();
    let (command, args) = words(app, inherits, (&written.command, &written.args));
    let mut env: Vec<Variable> = app.env.iter().filter(|_| inherits).cloned().collect();
    env.retain(|variable| !written.config.contains_key(&variable.name));
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
        resources: Resources {
            cpu: one.cpu().value.to_string(),
            cpu_limit: one.cpu_limit().map(|limit| limit.value.to_string()),
            memory: one.memory().value.to_string(),
            memory_limit: one.memory_limit().value.to_string(),
            extended: BTreeMap::new(),
            ..app.resources.clone()
        },
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
fn words(
    app: &Container,
    inherits: bool,
    (command, args): (&Option<Vec<String>>, &Option<Vec<String>>),
) -> (Vec<String>, Vec<String>) {
    let unless = |said: bool, words: &[String]| if said { Vec::new() } else { words.to_vec() };
    let said = !inherits || command.is_some();
    let args = args.clone().unwrap_or_else(|| unless(said, &app.args));
    (command.clone().unwrap_or_else(|| unless(!inherits, &app.command)), args)
}

/// The pod of a job: what the service is given, and what the job says in its place. No volume of a
/// replica is in it, nothing waits for it, and no Service and no budget selects it.
pub(crate) fn of_job(job: &JobHere<'_>) -> Pod {
    let here = job.here;
    let (service, written) = (here.service, job.job);
    let name = service.logical(&written.name);
    let mut labels = network::pods_of_jobs(service.name.plain());
    labels.insert("app.kubernetes.io/name".to_owned(), name);
    labels.insert("app.kubernetes.io/part-of".to_owned(), service.name.plain().to_owned());
    let mut pod = plan(here);
    let app = pod.containers.remove(0);
    let there = |mount: &Mount| pod.volumes.iter().any(|volume| volume.name == mount.name);
    let inherits = written.image.is_none();
    let (command, args) = words(&app, inherits, (&written.command, &written.args));
    let mounts = app.mounts.into_iter().filter(there).collect();
    let image = written.image.as_ref();
    let image = image.map_or(app.image, |image| here.fleet.image_in(&here.region.name, image));
    // A variable stands against what ConfigMaps say, so none of the service's may have a name of its.
    let mut env = app.env;
    env.retain(|variable| !written.config.contains_key(&variable.name));
    env.extend(variables(here, &written.config, false));
    let own = (!written.config.is_empty()).then(|| service.logical(&config::part_of_job(written)));
    let container = Container {
        name: app.name,
        restart: None,
        image,
        command,
        args,
        env_from: app.env_from.into_iter().chain(own).collect(),
        env_secrets: app.env_secrets,
        env,
        ports: Vec::new(),
        startup: None,
        live: None,
        ready: None,
        settle: None,
        resources: Resources {
            cpu: job.cpu().value.to_string(),
            cpu_limit: job.cpu_limit().map(|limit| limit.value.to_string()),
            memory: job.memory().value.to_string(),
            memory_limit: job.memory_limit().value.to_string(),
            extended: BTreeMap::new(),
            ..app.resources
        },
        mounts,
    };
    let mut annotations = versions(service);
    meta::below(&service.metadata.job.labels, &mut labels);
    meta::below(&service.metadata.job.annotations, &mut annotations);
    Pod {
        labels,
        annotations,
        restart: Some(written.restart.policy()),
        init: job.init().map(|one| beside(here, &one, &container)).collect(),
        containers: vec![container],
        spread: Vec::new(),
        avoid: Map::new(),
        revision: Vec::new(),
        ..pod
    }
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
fn variables(
    here: &ServiceInRegion<'_>,
    config: &BTreeMap<String, Setting>,
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

/// What makes a new generation although no container sees it: the declared versions of secrets,
/// whether an autoscaler decides, and the jobs that come before.
fn annotations(here: &ServiceInRegion<'_>) -> Map {
    let scaled = scaling::scales(here);
    // Two autoscalers never meet at one workload.
    let by = if load::by_keda(here) { "keda" } else { "true" };
    let scaled = scaled.then(|| (labels::AUTOSCALED.to_owned(), by.to_owned()));
    let first = jobs::before_releases(here.service)
        .map(|(name, content)| (format!("{}{name}", labels::JOB), content));
    versions(here.service).into_iter().chain(scaled).chain(first).chain(evictable(here)).collect()
}

/// The folders that nothing is lost with. The cluster autoscaler drains no node with a pod that has
/// others in `emptyDir` (`FAQ.md` of the cluster autoscaler).
fn evictable(here: &ServiceInRegion<'_>) -> Option<(String, String)> {
    let scratch = here.service.scratch.iter().enumerate();
    let names: Vec<String> = scratch.map(|(index, one)| one.volume(index)).collect();
    // Where a patch adds others, the spec may name them as well.
    let own = here.service.metadata.pod.annotations.contains_key(labels::EVICTABLE);
    (!names.is_empty() && !own).then(|| (labels::EVICTABLE.to_owned(), names.join(",")))
}

/// The declared versions of secrets, whose content nobody reads.
fn versions(service: &Service) -> Map {
    let versions = service.secrets.iter().filter_map(|secret| {
        let version = secret.version.clone()?;
        Some((format!("secret.ninefold.dev/{}", secret.name), version))
    });
    versions.collect()
}

fn resources_of(here: &ServiceInRegion<'_>) -> Resources {
    Resources {
        cpu: resources::cpu(here).value.to_string(),
        cpu_limit: resources::cpu_limit(here).map(|limit| limit.value.to_string()),
        memory: resources::memory(here).value.to_string(),
        memory_limit: resources::memory_limit(here).value.to_string(),
        extended: here.service.resources.clone(),
        storage: resources::storage().value.to_string(),
        storage_limit: resources::storage_limit(here).value.to_string(),
    }
}

/// The spread constraints of a pod; the template adds what is the same for all of them.
///
/// Both are written whenever one is: a pod with any constraint of its own gets none of the
/// cluster's defaults.
fn spread(here: &ServiceInRegion<'_>) -> Vec<Spread> {
    let min_domains = placement::min_domains(here).map(|number| number.value);
    let constraint = |spread, key, min_domains| Spread {
        key,
        max_skew: placement::max_skew().value,
        when: match spread {
            placement::Spread::Required => "DoNotSchedule",
            placement::Spread::Preferred => "ScheduleAnyway",
        },
        min_domains,
        selector: here.selector(),
    };
    let zones = here.placement.zones.map(|spread| constraint(spread, labels::ZONE, min_domains));
    let nodes = here.placement.nodes.map(|spread| constraint(spread, HOST, None));
    zones.into_iter().chain(nodes).collect()
}

/// The labels that tell one revision of the pods from another, so that a rollout does not count
/// the pods that it replaces: otherwise it ends skewed.
///
/// None for a StatefulSet: its volumes hold each replica in its zone, and a constraint that counts
/// revisions apart could keep a replica from coming back to where its volume is.
fn revision(service: &Service) -> Vec<String> {
    match service.kind {
        WorkloadKind::Deployment => vec!["pod-template-hash".to_owned()],
        WorkloadKind::Stateful => Vec::new(),
    }
}
