//! The workload: a Deployment, or a StatefulSet with its headless Service.

use super::pod::Pod;
use super::values::{Map, Meta, Values};
use super::{Planned, meta, pod};
use crate::decide::lifecycle::{self, UpdateStrategy};
use crate::decide::{ServiceInRegion, scaling, size};
use crate::kube::kinds::Naming;
use crate::kube::{Kind, labels};
use crate::model::{Rollout, WorkloadKind};
use serde::Serialize;

/// A Deployment or a StatefulSet.
#[derive(Clone, Debug, Serialize)]
pub struct Workload {
    /// Its metadata.
    pub meta: Meta,
    /// None where an autoscaler decides.
    pub replicas: Option<u32>,
    /// Whose pods it owns. Of a Deployment with a hashed name, the generation is added later.
    pub selector: Map,
    /// How it replaces its pods.
    #[serde(flatten)]
    pub update: UpdateStrategy,
    /// The headless Service of a StatefulSet.
    pub headless: Option<String>,
    /// The claims of a StatefulSet.
    pub claims: Vec<Claim>,
    /// Its pods.
    pub pod: Pod,
}

/// A claim template.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: Map,
    /// Its storage class.
    pub class: String,
    /// Its size.
    pub size: String,
}

/// What tells the pods of a workload with a stable name from those of every other: a service that
/// changes its kind or its rollout has both for a while, and neither may select the other's pods.
const ROLLING: &str = "rolling";
const STATEFUL: &str = "stateful";

/// A ServiceAccount.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// Its metadata.
    pub meta: Meta,
    /// Whether pods get its token.
    pub token: bool,
    /// The Secrets with which their images are pulled.
    pub pull_secrets: Vec<String>,
}

pub(crate) fn plan(here: &ServiceInRegion<'_>, objects: &mut Vec<Planned>) {
    let service = here.service;
    let (kind, generation, key) = match (service.kind, service.rollout) {
        (WorkloadKind::Deployment, Rollout::Replace) => (Kind::Deployment, None, "image"),
        (WorkloadKind::Deployment, Rollout::Rolling) => (Kind::Deployment, Some(ROLLING), "image"),
        (WorkloadKind::Stateful, _) => (Kind::StatefulSet, Some(STATEFUL), "image"),
    };
    let workload = workload(here, generation);
    let mut planned = here.object(kind, "", key, Values::Workload(Box::new(workload)));
    if generation.is_some() {
        planned.naming = Naming::Stable;
    }
    objects.push(planned);
}

/// The identity of its pods, and the Secrets with which their images are pulled.
pub(crate) fn account(here: &ServiceInRegion<'_>) -> Planned {
    let name = here.service.account();
    let values = Account {
        meta: Meta { name: name.clone(), ..here.meta("") },
        token: here.service.pod.token,
        pull_secrets: pod::pull_secrets(here),
    };
    let named = here.service.pod.service_account.is_some();
    let key = if named { "pod.service_account" } else { "name" };
    here.object_in(
        here.service.namespace.clone(),
        Kind::ServiceAccount,
        name,
        "",
        key,
        Values::Account(values),
    )
}

fn workload(here: &ServiceInRegion<'_>, generation: Option<&str>) -> Workload {
    let service = here.service;
    let stateful = service.kind == WorkloadKind::Stateful;
    let mut pod = pod::plan(here);
    let mut meta = here.meta("");
    meta.annotations = annotations(here);
    let mut selector = here.selector();
    if let Some(generation) = generation {
        for map in [&mut selector, &mut pod.labels, &mut meta.labels] {
            map.insert(labels::GENERATION.to_owned(), generation.to_owned());
        }
    }
    Workload {
        meta,
        // With an autoscaler, every delivery of a number would take its replicas away again.
        replicas: (!scaling::scales(here)).then_some(size::replicas(here).value),
        selector,
        update: lifecycle::update_strategy(here),
        headless: stateful.then(|| service.logical("headless")),
        claims: claims(here),
        pod,
    }
}

/// The size promise in words, and what linters are told (`docs/facts.md`, "What linters are told"):
/// the reason stands beside each exception.
fn annotations(here: &ServiceInRegion<'_>) -> Map {
    let mut map = Map::from([
        (labels::PEAK.to_owned(), size::peak(here).value.to_string()),
        (
            "checkov.io/skip1".to_owned(),
            "CKV_K8S_15=the image is pinned by digest; pulling it again at each start would make a restart depend on the registry during a disaster"
                .to_owned(),
        ),
    ]);
    if here.service.single_writer {
        map.insert(labels::SINGLE_WRITER.to_owned(), "true".to_owned());
    }
    map.extend(meta::shared_account(here));
    if here.service.tier.cpu_burst == 0 {
        map.insert(
            "checkov.io/skip2".to_owned(),
            "CKV_K8S_11=the tier sets no limit of CPU, as throttling costs latency and protects nobody who has requests"
                .to_owned(),
        );
    }
    let pod = &here.service.pod;
    if pod.read_only_root == Some(false) {
        map.insert(
            "checkov.io/skip4".to_owned(),
            "CKV_K8S_22=the spec says that the image writes to files of its own".to_owned(),
        );
    }
    if pod.user.is_some_and(|user| user < 10_000) {
        map.insert(
            "checkov.io/skip5".to_owned(),
            "CKV_K8S_40=the spec says which user the image has".to_owned(),
        );
    }
    let own = std::iter::once(here.service.image.as_str());
    let beside = here.service.containers.iter().filter_map(|one| one.image.as_deref());
    if own.chain(beside).any(|image| !image.contains('@')) {
        map.insert(
            "checkov.io/skip3".to_owned(),
            "CKV_K8S_43=the tier allows an image without a digest".to_owned(),
        );
    }
    map
}

fn claims(here: &ServiceInRegion<'_>) -> Vec<Claim> {
    (here.service.volumes.iter())
        .map(|volume| {
            let class = here.service.class_of(volume, here.region);
            let mut map = here.selector();
            // Nothing else: the labels of a claim template can never change. What is backed up is
            // said in the volume policy.
            map.insert(labels::VOLUME.to_owned(), volume.name.clone());
            Claim {
                name: volume.name.clone(),
                labels: map,
                class: class.expect("the model checked the storage class").name.clone(),
                size: volume.size.to_string(),
            }
        })
        .collect()
}
