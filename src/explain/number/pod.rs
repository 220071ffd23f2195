//! Workloads, their pods, and what adds replicas and keeps them.

use super::network::marked;
use super::row::{At, Row, Shown, rows, show, written};
use crate::decide::lifecycle::{self, Probe, Purpose};
use crate::decide::load::{self, Direction};
use crate::decide::{Reason, network, placement, resources, scaling, size};
use crate::model::Taint;
use crate::plan::values::{Autoscaler, Values};

const WORKLOAD: &[&str] = &["deployment", "stateful-set"];
const AUTOSCALER: &[&str] = &["horizontal-pod-autoscaler"];
const SCALED: &[&str] = &["scaled-object"];

pub(super) const WORKLOADS: &[Row] = rows! {
    WORKLOAD, "spec.replicas" => |at| show(size::replicas(at.here));
    WORKLOAD, "spec.revisionHistoryLimit" => |_| show(lifecycle::revisions());
    WORKLOAD, "spec.minReadySeconds" => |at| show(lifecycle::min_ready(at.here));
    WORKLOAD, "spec.progressDeadlineSeconds" => |at| show(lifecycle::progress_deadline(at.here));
    WORKLOAD, "spec.strategy.rollingUpdate.maxSurge" => |at| show(lifecycle::surge(at.here));
    WORKLOAD, "spec.strategy.rollingUpdate.maxUnavailable" => |at| show(lifecycle::unavailable(at.here));
    WORKLOAD, "metadata.annotations[ninefold.dev/peak-replicas]" => |at| show(size::peak(at.here));
    WORKLOAD, "spec.volumeClaimTemplates[*].spec.resources.requests.storage" => claim;
};

pub(super) const PODS: &[Row] = rows! {
    WORKLOAD, "spec.template.metadata.annotations.*" => of_pod;
    WORKLOAD, "spec.template.spec.terminationGracePeriodSeconds" => |at| show(lifecycle::grace(at.here));
    WORKLOAD, "spec.template.spec.securityContext.runAsUser" => |at| show(resources::user(at.here));
    WORKLOAD, "spec.template.spec.securityContext.runAsGroup" => |at| show(resources::group(at.here));
    WORKLOAD, "spec.template.spec.securityContext.fsGroup" => |at| show(resources::fs_group(at.here));
    WORKLOAD, "spec.template.spec.topologySpreadConstraints[*].maxSkew" => |_| show(placement::max_skew());
    WORKLOAD, "spec.template.spec.topologySpreadConstraints[*].minDomains" => |at| show(placement::min_domains(at.here)?);
    WORKLOAD, "spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight" => |_| show(placement::avoidance());
    WORKLOAD, "spec.template.spec.tolerations[*].value" => toleration;
    WORKLOAD, "spec.template.spec.tolerations[*].tolerationSeconds" => |at| show(lifecycle::node_loss(at.here));
    WORKLOAD, "spec.template.spec.containers[app].command[*]" => |at| at.word(&at.here.service.command, &[&["command"]], "as it stands in `command`");
    WORKLOAD, "spec.template.spec.containers[app].args[*]" => |at| at.word(&at.here.service.args, &[&["args"]], "as it stands in `args`");
    WORKLOAD, "spec.template.spec.containers[app].ports[*].containerPort" => port;
    WORKLOAD, "spec.template.spec.containers[app].startupProbe.periodSeconds" => |at| period(at, Purpose::Startup);
    WORKLOAD, "spec.template.spec.containers[app].startupProbe.timeoutSeconds" => |at| timeout(at, Purpose::Startup);
    WORKLOAD, "spec.template.spec.containers[app].startupProbe.failureThreshold" => |at| failures(at, Purpose::Startup);
    WORKLOAD, "spec.template.spec.containers[app].startupProbe.exec.command[*]" => |at| probe_word(at, Purpose::Startup);
    WORKLOAD, "spec.template.spec.containers[app].startupProbe.grpc.port" => |at| probe_port(at, Purpose::Startup);
    WORKLOAD, "spec.template.spec.containers[app].startupProbe.httpGet.httpHeaders[*].value" => |at| probe_header(at, Purpose::Startup);
    WORKLOAD, "spec.template.spec.containers[app].livenessProbe.periodSeconds" => |at| period(at, Purpose::Liveness);
    WORKLOAD, "spec.template.spec.containers[app].livenessProbe.timeoutSeconds" => |at| timeout(at, Purpose::Liveness);
    WORKLOAD, "spec.template.spec.containers[app].livenessProbe.failureThreshold" => |at| failures(at, Purpose::Liveness);
    WORKLOAD, "spec.template.spec.containers[app].livenessProbe.exec.command[*]" => |at| probe_word(at, Purpose::Liveness);
    WORKLOAD, "spec.template.spec.containers[app].livenessProbe.grpc.port" => |at| probe_port(at, Purpose::Liveness);
    WORKLOAD, "spec.template.spec.containers[app].livenessProbe.httpGet.httpHeaders[*].value" => |at| probe_header(at, Purpose::Liveness);
    WORKLOAD, "spec.template.spec.containers[app].readinessProbe.periodSeconds" => |at| period(at, Purpose::Readiness);
    WORKLOAD, "spec.template.spec.containers[app].readinessProbe.timeoutSeconds" => |at| timeout(at, Purpose::Readiness);
    WORKLOAD, "spec.template.spec.containers[app].readinessProbe.failureThreshold" => |at| failures(at, Purpose::Readiness);
    WORKLOAD, "spec.template.spec.containers[app].readinessProbe.exec.command[*]" => |at| probe_word(at, Purpose::Readiness);
    WORKLOAD, "spec.template.spec.containers[app].readinessProbe.grpc.port" => |at| probe_port(at, Purpose::Readiness);
    WORKLOAD, "spec.template.spec.containers[app].readinessProbe.httpGet.httpHeaders[*].value" => |at| probe_header(at, Purpose::Readiness);
    WORKLOAD, "spec.template.spec.containers[app].lifecycle.preStop.sleep.seconds" => |at| show(lifecycle::settle(at.here));
    WORKLOAD, "spec.template.spec.containers[app].resources.requests.cpu" => |at| show(resources::cpu(at.here));
    WORKLOAD, "spec.template.spec.containers[app].resources.requests.memory" => |at| show(resources::memory(at.here));
    WORKLOAD, "spec.template.spec.containers[app].resources.requests.ephemeral-storage" => |_| show(resources::storage());
    WORKLOAD, "spec.template.spec.containers[app].resources.limits.cpu" => |at| show(resources::cpu_limit(at.here)?);
    WORKLOAD, "spec.template.spec.containers[app].resources.limits.memory" => |at| show(resources::memory_limit(at.here));
    WORKLOAD, "spec.template.spec.containers[app].resources.limits.ephemeral-storage" => |at| show(resources::storage_limit(at.here));
    WORKLOAD, "spec.template.spec.containers[app].resources.requests.*" => extended;
    WORKLOAD, "spec.template.spec.containers[app].resources.limits.*" => extended;
    WORKLOAD, "spec.template.spec.volumes[*].emptyDir.sizeLimit" => scratch;
    WORKLOAD, "spec.template.spec.volumes[*].configMap.defaultMode" => mode;
    WORKLOAD, "spec.template.spec.volumes[*].secret.defaultMode" => mode;
    WORKLOAD, "spec.template.spec.securityContext.sysctls[*].value" => low_ports;
};

pub(super) const SCALING: &[Row] = rows! {
    AUTOSCALER, "spec.minReplicas" => |at| show(scaling::min(at.here));
    AUTOSCALER, "spec.maxReplicas" => |at| show(scaling::max(at.here)?);
    AUTOSCALER, "spec.metrics[*].*.target.*" => |at| aim(at);
    AUTOSCALER, "spec.behavior.*.stabilizationWindowSeconds" => |at| pace(at, "stabilize");
    AUTOSCALER, "spec.behavior.*.policies[*].value" => |at| policy(at);
    AUTOSCALER, "spec.behavior.*.policies[*].periodSeconds" => |at| pace(at, "period");
    SCALED, "spec.minReplicaCount" => |at| show(scaling::min(at.here));
    SCALED, "spec.maxReplicaCount" => |at| show(scaling::max(at.here)?);
    SCALED, "spec.triggers[*].metadata.*" => |at| trigger(at);
    SCALED, "spec.advanced.horizontalPodAutoscalerConfig.behavior.*.stabilizationWindowSeconds" => |at| pace(at, "stabilize");
    SCALED, "spec.advanced.horizontalPodAutoscalerConfig.behavior.*.policies[*].value" => |at| policy(at);
    SCALED, "spec.advanced.horizontalPodAutoscalerConfig.behavior.*.policies[*].periodSeconds" => |at| pace(at, "period");
    &["pod-disruption-budget"], "spec.maxUnavailable" => |at| show(scaling::max_unavailable(at.here)?);
};

/// The value of a taint of its pool; tolerations are named by their keys, or by their place.
pub(super) fn toleration(at: &At<'_>) -> Option<Shown> {
    let pool = at.here.region.pool.as_ref()?;
    let named = |taint: &&Taint| taint.key == at.captured[0];
    let taint = pool.taints.iter().find(named).or_else(|| pool.taints.get(at.item(0)?))?;
    let why = Reason::new("a taint of the nodes of its pool, which the pods bear")
        .from(at.here.in_nodes());
    Some(Shown { says: taint.value.clone()?, why })
}

fn autoscaler<'a>(at: &At<'a>) -> Option<&'a Autoscaler> {
    let Values::Autoscaler(autoscaler) = at.values else { return None };
    Some(autoscaler)
}

/// What a metric is aimed at.
fn aim(at: &At<'_>) -> Option<Shown> {
    let metric = autoscaler(at)?.metrics.get(at.item(0)?)?;
    if let Some(share) = metric.share {
        let resource = if metric.name == "cpu" { "cpu" } else { "memory" };
        return show(load::share(at.here, resource, share));
    }
    let written = at.here.service.autoscale.as_ref()?.metrics.get(metric.index)?;
    show(load::target(at.here, written, metric.index))
}

/// A setting of a scaler of KEDA.
fn trigger(at: &At<'_>) -> Option<Shown> {
    let trigger = autoscaler(at)?.triggers.get(at.item(0)?)?;
    let key = at.captured[1];
    let says = trigger.metadata.get(key)?;
    let Some(index) = trigger.index else {
        let resource = if trigger.scaler == "cpu" { "cpu" } else { "memory" };
        return show(load::share(at.here, resource, says.parse().ok()?));
    };
    let index = index.to_string();
    let path = ["capacity", "autoscale", "triggers", &index, "metadata", key];
    written(says, "what the scaler of KEDA is told, as the spec says", at.here.in_spec(&path)?)
}

fn direction(at: &At<'_>) -> Direction {
    if at.captured[0] == "scaleUp" { Direction::Up } else { Direction::Down }
}

fn pace(at: &At<'_>, key: &'static str) -> Option<Shown> {
    show(load::pace(at.here, direction(at), key)?)
}

fn policy(at: &At<'_>) -> Option<Shown> {
    let autoscaler = autoscaler(at)?;
    let written = match direction(at) {
        Direction::Up => autoscaler.up.as_ref(),
        Direction::Down => autoscaler.down.as_ref(),
    };
    let policy = written?.policies.get(at.item(1)?)?;
    pace(at, if policy.sort == "Percent" { "percent" } else { "pods" })
}

pub(super) fn scratch(at: &At<'_>) -> Option<Shown> {
    let mut folders = at.here.service.scratch.iter().enumerate();
    let (index, _) = folders.find(|(index, one)| one.volume(*index) == at.captured[0])?;
    show(resources::scratch(at.here, index)?)
}

/// The permissions of a file, or of the files of a Secret, by the name of the volume.
pub(super) fn mode(at: &At<'_>) -> Option<Shown> {
    let (service, volume) = (at.here.service, at.captured[0]);
    if let Some(name) = volume.strip_prefix("file-") {
        let index = service.files.iter().position(|file| file.name == name)?;
        return show(resources::mode(at.here, "files", index)?);
    }
    let name = volume.strip_prefix("secret-")?;
    let index = service.secrets.iter().position(|secret| secret.name == name)?;
    show(resources::mode(at.here, "secrets", index)?)
}

/// The first port that a container may open without a privilege.
pub(super) fn low_ports(at: &At<'_>) -> Option<Shown> {
    show(resources::low_ports(at.here)?)
}

fn extended(at: &At<'_>) -> Option<Shown> {
    show(resources::extended(at.here, at.captured[0])?)
}

fn claim(at: &At<'_>) -> Option<Shown> {
    let mut volumes = at.here.service.volumes.iter().enumerate();
    let (index, volume) = volumes.find(|(_, volume)| volume.name == at.captured[0])?;
    let source = at.here.in_spec(&["volumes", &index.to_string(), "size"]);
    written(volume.size, "the size of the volume, for each replica", source)
}

fn of_pod(at: &At<'_>) -> Option<Shown> {
    let added = &at.here.service.metadata.pod.annotations;
    secret_version(at).or_else(|| marked(at, at.captured[0], added))
}

pub(super) fn secret_version(at: &At<'_>) -> Option<Shown> {
    let name = at.captured[0].strip_prefix("secret.ninefold.dev/")?;
    let mut secrets = at.here.service.secrets.iter().enumerate();
    let (index, secret) = secrets.find(|(_, secret)| secret.name == name)?;
    let source = at.here.in_spec(&["secrets", &index.to_string(), "version"]);
    let words = format!("the declared version of the secret `{name}`: another one makes new pods");
    written(secret.version.as_ref()?, words, source)
}

fn port(at: &At<'_>) -> Option<Shown> {
    let port = at.here.service.ports.iter().find(|port| port.name == at.captured[0])?;
    show(network::container_port(at.here, port))
}

fn with_probe(
    at: &At<'_>,
    purpose: Purpose,
    shown: impl FnOnce(&Probe) -> Option<Shown>,
) -> Option<Shown> {
    shown(lifecycle::probes(at.here.service).of(purpose)?)
}

fn period(at: &At<'_>, purpose: Purpose) -> Option<Shown> {
    with_probe(at, purpose, |probe| {
        show(lifecycle::period(probe, at.here.in_spec(&["probes", "every"])))
    })
}

fn timeout(at: &At<'_>, purpose: Purpose) -> Option<Shown> {
    with_probe(at, purpose, |probe| {
        show(lifecycle::timeout(probe, at.here.in_spec(&["probes", "timeout"])))
    })
}

fn failures(at: &At<'_>, purpose: Purpose) -> Option<Shown> {
    with_probe(at, purpose, |probe| {
        let why = lifecycle::why_failures(at.here, purpose, probe);
        Some(Shown { says: probe.failures.to_string(), why })
    })
}

/// The keys of the spec that may say what a probe asks, the nearest first.
fn keys(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Startup => &["start", "live", "ready"],
        Purpose::Liveness => &["live", "ready"],
        Purpose::Readiness => &["ready", "live"],
    }
}

fn probe_word(at: &At<'_>, purpose: Purpose) -> Option<Shown> {
    let keys: Vec<[&str; 2]> = keys(purpose).iter().map(|key| ["probes", *key]).collect();
    let keys: Vec<&[&str]> = keys.iter().map(|key| &key[..]).collect();
    with_probe(at, purpose, |probe| {
        at.word(probe.command.as_ref()?, &keys, "as it stands in `probes`")
    })
}

fn probe_port(at: &At<'_>, purpose: Purpose) -> Option<Shown> {
    let written_in = |key: &&str| at.here.in_spec(&["probes", key, "grpc"]);
    let source = keys(purpose).iter().find_map(written_in);
    let words = "the number of the port that the spec names: a probe of gRPC takes no name";
    with_probe(at, purpose, |probe| written(probe.grpc?, words, source))
}

fn probe_header(at: &At<'_>, purpose: Purpose) -> Option<Shown> {
    let name = at.captured[0];
    let written_in = |key: &&str| at.here.in_spec(&["probes", key, "headers", name]);
    let source = keys(purpose).iter().find_map(written_in);
    with_probe(at, purpose, |probe| {
        written(probe.headers.get(name)?, "as it stands in `probes`", source)
    })
}
