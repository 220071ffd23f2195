//! The pod template.

mod container; // what runs in it
mod mounts; //    what appears in its containers
mod spread; //    how replicas spread

use super::values::Map;
use super::{config, meta};
use crate::decide::containers;
use crate::decide::jobs::{self, JobHere};
use crate::decide::lifecycle::{self, Termination};
use crate::decide::resources::{self, RunsAs};
use crate::decide::{ServiceInRegion, load, network, placement, scaling};
use crate::kube::labels;
use crate::model::{Service, Taint};
pub(crate) use container::ports;
pub use container::{Container, ContainerPort, EnvSecret, Variable};
use container::{app, beside, variables, words};
pub use mounts::{Mount, Volume};
use serde::Serialize;
pub use spread::Spread;
use spread::{revision, spread};
use std::collections::BTreeSet;

/// A pod template.
#[derive(Clone, Debug, Serialize)]
pub struct Pod {
    /// Its labels.
    pub labels: Map,
    /// Its annotations; often none.
    pub annotations: Map,
    /// Its ServiceAccount.
    pub service_account: String,
    /// The Secrets with which its images are pulled, where its ServiceAccount does not say so.
    pub pull_secrets: Vec<String>,
    /// Its PriorityClass.
    pub priority_class: Option<String>,
    /// `Never` or `OnFailure` for one that ends by itself; none for one that is always there.
    pub restart: Option<&'static str>,
    /// How it ends.
    #[serde(flatten)]
    pub termination: Termination,
    /// Whether it gets a token for the API server.
    pub token: bool,
    /// Whom its processes run as.
    #[serde(flatten)]
    pub runs_as: RunsAs,
    /// The first port that needs no privilege, where that is not the kernel's own; as text.
    pub low_ports: Option<String>,
    /// Whether its containers can write to no file of their images.
    pub read_only_root: bool,
    /// What starts before, one after the other: it ends, or runs on beside.
    pub init: Vec<Container>,
    /// What runs in it; `app` is the first.
    pub containers: Vec<Container>,
    /// What can be mounted.
    pub volumes: Vec<Volume>,
    /// The labels of the nodes that it may run on; none for any.
    pub nodes: Map,
    /// The taints that it bears.
    pub tolerations: Vec<Toleration>,
    /// How replicas spread.
    pub spread: Vec<Spread>,
    /// Whom it avoids on the same node, where it can; often its own replicas.
    pub avoid: Map,
    /// How much, from 1 to 100.
    pub avoidance: u32,
    /// What tells its generation from others, for spread and avoidance.
    pub revision: Vec<String>,
}

/// A taint of nodes that pods bear.
#[derive(Clone, Debug, Serialize)]
pub struct Toleration {
    /// Its key.
    pub key: String,
    /// Its value; none for any.
    pub value: Option<String>,
    /// Its effect.
    pub effect: String,
}

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
        termination: lifecycle::termination(here),
        runs_as: resources::runs_as(here),
        low_ports: resources::low_ports(here).map(|port| port.value.to_string()),
        read_only_root: service.pod.read_only_root.unwrap_or(true),
        init,
        containers: vec![app],
        volumes,
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
    env.retain(|variable| written.config.get(&variable.name).is_none());
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
        resources: resources::of_job(job),
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
