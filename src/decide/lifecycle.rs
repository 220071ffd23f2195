//! The times of pods: how long they may take to start and to end, how one sees that they work, and
//! how long a rollout may take.

use super::containers::first_of_tcp;
use super::proof::Source;
use super::{Number, Reason, ServiceInRegion};
use crate::model::{self, Check, Port, Scheme, Service, WorkloadKind};
use crate::quantity::Duration;
use serde::Serialize;
use std::collections::BTreeMap;

/// Between the end of draining and the kill: time for the process to leave by itself.
const EXIT: Duration = Duration::seconds(5);

/// What a step of a rollout is given beside the time that a pod needs.
const TO_SPARE: Duration = Duration::minutes(5);

/// Between two looks at whether something has started, in seconds, unless the spec says.
const START_PERIOD: u64 = 5;

/// Former revisions of a workload that stay.
const REVISIONS: u32 = 3;

/// The least that a step of a rollout is given: what Kubernetes gives it by default.
const MIN_DEADLINE: Duration = Duration::minutes(10);

/// How a workload replaces its pods.
#[derive(Clone, Debug, Serialize)]
pub struct UpdateStrategy {
    /// Former revisions that stay.
    pub revisions: u32,
    /// How long a new pod must be ready before it counts, in seconds.
    pub min_ready: u64,
    /// When a rollout that does not move is called failed, in seconds.
    pub progress_deadline: u64,
    /// Replicas above the wanted number during a rollout.
    pub surge: u32,
    /// Replicas below the wanted number during a rollout.
    pub unavailable: u32,
}

/// How the workload of a service replaces its pods.
pub(crate) fn update_strategy(here: &ServiceInRegion<'_>) -> UpdateStrategy {
    UpdateStrategy {
        revisions: revisions().value,
        min_ready: min_ready(here).value,
        progress_deadline: progress_deadline(here).value,
        surge: surge(here).value,
        unavailable: unavailable(here).value,
    }
}

/// How a pod ends.
#[derive(Clone, Debug, Serialize)]
pub struct Termination {
    /// How long it may take to end, in seconds.
    pub grace: u64,
    /// How long it stays on a lost node, in seconds.
    pub node_loss: u64,
}

/// How a pod of a service ends.
pub(crate) fn termination(here: &ServiceInRegion<'_>) -> Termination {
    Termination { grace: grace(here).value, node_loss: node_loss(here).value }
}

/// Former revisions of a workload that stay.
pub(crate) fn revisions() -> Number<u32, impl FnOnce() -> Reason> {
    Number::new(REVISIONS, || {
        Reason::new("former revisions that `kubectl rollout undo` can go back to").built_in()
    })
}

/// How long a pod may take to end, in seconds.
pub(crate) fn grace(here: &ServiceInRegion<'_>) -> Number<u64, impl FnOnce() -> Reason> {
    let (settle, drain) = (here.service.tier.settle, here.service.drain);
    Number::new((settle + drain + EXIT).as_seconds(), move || {
        let words = format!(
            "how long a pod may take to end: {settle} until nobody sends it requests, {drain} for what it has begun, {EXIT} to leave"
        );
        Reason::new(words)
            .from(here.in_spec_or_tier(&["drain"], "drain"))
            .from(here.in_tier("settle"))
            .built_in()
    })
}

/// How long a pod that is to end goes on serving, in seconds.
pub(crate) fn settle(here: &ServiceInRegion<'_>) -> Number<u64, impl FnOnce() -> Reason> {
    Number::new(here.service.tier.settle.as_seconds(), || {
        let words = "a pod that is to end goes on serving for this long, until every node has seen that it is no endpoint any more";
        Reason::new(words).from(here.in_tier("settle"))
    })
}

/// How long a pod stays on a lost node, in seconds.
pub(crate) fn node_loss(here: &ServiceInRegion<'_>) -> Number<u64, impl FnOnce() -> Reason> {
    Number::new(here.service.tier.node_loss.as_seconds(), || {
        let words = "how long a pod stays on a node that does not answer, in seconds; Kubernetes' own default is 300";
        Reason::new(words).from(here.in_tier("node_loss"))
    })
}

/// How long a new pod must be ready before it counts, in seconds.
pub(crate) fn min_ready(here: &ServiceInRegion<'_>) -> Number<u64, impl FnOnce() -> Reason> {
    Number::new(here.service.tier.min_ready.as_seconds(), || {
        let words = "a new pod counts after it was ready for this long, so that a rollout stops at pods that fail early";
        Reason::new(words).from(here.in_tier("min_ready"))
    })
}

/// When a rollout that does not move is called failed, in seconds.
///
/// The deadline is for one step forward: a pod that starts and becomes ready (the API server
/// demands more than `minReadySeconds`).
pub(crate) fn progress_deadline(
    here: &ServiceInRegion<'_>,
) -> Number<u64, impl FnOnce() -> Reason> {
    let (start, min_ready) = (start(here.service), here.service.tier.min_ready);
    let deadline = (start + min_ready + TO_SPARE).max(MIN_DEADLINE);
    Number::new(deadline.as_seconds(), move || {
        let words = format!(
            "a rollout that does not move for so many seconds has failed: {start} to start, {min_ready} until a pod counts, and {TO_SPARE} to spare; at least {MIN_DEADLINE}"
        );
        Reason::new(words)
            .from(here.in_tier("min_ready"))
            .from(here.in_spec(&["probes", "start_within"]))
            .built_in()
    })
}

/// Pods above the wanted number during a rollout.
pub(crate) fn surge(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    let service = here.service;
    Number::new(service.tier.surge, || {
        let words = "pods above the wanted number while a rollout goes on";
        let by_default = service.ports.is_empty() && !service.document.has(&["rollout"]);
        if service.kind != WorkloadKind::Deployment || !by_default {
            return Reason::new(words).from(here.in_tier("surge"));
        }
        let words = format!(
            "{words}; it rolls, as it listens on nothing: whatever it takes its work from, two versions must not do so side by side unless `rollout` asks for it"
        );
        Reason::new(words).from(here.in_tier("surge")).from(here.in_spec(&["ports"]))
    })
}

/// Pods below the wanted number during a rollout.
pub(crate) fn unavailable(here: &ServiceInRegion<'_>) -> Number<u32, impl FnOnce() -> Reason> {
    let tier = &here.service.tier;
    let unavailable = if tier.surge == 0 { tier.unavailable.max(1) } else { tier.unavailable };
    Number::new(unavailable, || {
        let words = "pods below the wanted number while a rollout goes on; without a surge at least 1, or it could not begin";
        Reason::new(words).from(here.in_tier("unavailable"))
    })
}

/// How long the first start of the service itself may take.
pub(crate) fn start_within(service: &Service) -> Duration {
    let written = service.probes.start_within.unwrap_or(model::Probes::START).as_seconds();
    // The probe that ends it asks a whole number of times.
    Duration::seconds(written.div_ceil(start_period(service)).max(1) * start_period(service))
}

/// Between two looks at whether it has started, in seconds.
fn start_period(service: &Service) -> u64 {
    service.probes.every.map_or(START_PERIOD, Duration::as_seconds).max(1)
}

/// How long may pass until that begins: what ends before it, and sidecars that are waited for.
pub(crate) fn before_start(service: &Service) -> Duration {
    let takes = service.containers.iter().map(|container| container.takes);
    takes.fold(Duration::default(), |sum, takes| sum + takes)
}

/// How long a pod may take until it has started.
pub(crate) fn start(service: &Service) -> Duration {
    before_start(service) + start_within(service)
}

/// A probe: exactly one of `path`, `command`, `grpc` and `tcp` is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// A path of HTTP on `port`.
    pub path: Option<String>,
    /// The headers that are sent.
    pub headers: BTreeMap<String, String>,
    /// `HTTPS`, where it is asked over TLS.
    pub scheme: Option<&'static str>,
    /// A command.
    pub command: Option<Vec<String>>,
    /// The number of the port whose health service of gRPC is asked.
    pub grpc: Option<u16>,
    /// What that is asked for.
    pub grpc_service: Option<String>,
    /// A connection to `port`.
    pub tcp: bool,
    /// The name of the port.
    pub port: Option<String>,
    /// Seconds between two.
    pub period: u64,
    /// Seconds until one has failed.
    pub timeout: u64,
    /// Failures in a row that count.
    pub failures: u64,
}

/// What a failed probe is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It has not started.
    Startup,
    /// It hangs.
    Liveness,
    /// It cannot serve.
    Readiness,
}

/// The probes of a service; none where there is nothing to ask.
#[derive(Clone, Debug)]
pub(crate) struct Probes {
    pub(crate) startup: Option<Probe>,
    pub(crate) live: Option<Probe>,
    pub(crate) ready: Option<Probe>,
}

impl Probes {
    /// The probe for a purpose.
    pub(crate) fn of(&self, purpose: Purpose) -> Option<&Probe> {
        match purpose {
            Purpose::Startup => self.startup.as_ref(),
            Purpose::Liveness => self.live.as_ref(),
            Purpose::Readiness => self.ready.as_ref(),
        }
    }
}

/// Startup, liveness, readiness. Detection takes period × failures + timeout.
pub(crate) fn probes(service: &Service) -> Probes {
    probes_of(service, &service.probes, None)
}

/// The same of a sidecar, or of the service itself.
pub(crate) fn probes_of(
    service: &Service,
    probes: &model::Probes,
    sidecar: Option<&str>,
) -> Probes {
    let ports: Vec<&Port> = service.ports_of(sidecar).collect();
    let port = port_of_probes(&ports, probes);
    let seconds = |written: Option<Duration>, or| written.map_or(or, Duration::as_seconds);
    let timeout = seconds(probes.timeout, 2);
    let check = |check: Option<&Check>, period, failures| {
        let asked = asked(&ports, port, check)?;
        Some(Probe { period: seconds(probes.every, period), timeout, failures, ..asked })
    };
    // A service that says one of the two is asked the same way for the other, and more patiently
    // for the one that restarts it.
    let live = probes.live.as_ref().or(probes.ready.as_ref().filter(|_| port.is_none()));
    let ready = probes.ready.as_ref().or(probes.live.as_ref().filter(|_| port.is_none()));
    let start = probes.start.as_ref().or(probes.live.as_ref()).or(probes.ready.as_ref());
    let start_within = probes.start_within.unwrap_or(model::Probes::START);
    let start_period = seconds(probes.every, START_PERIOD).max(1);
    let start_failures = start_within.as_seconds().div_ceil(start_period).max(1);
    Probes {
        startup: check(start, START_PERIOD, start_failures),
        live: check(live, 10, 3),
        ready: check(ready, 5, 2),
    }
}

/// The port that probes ask unless they name one: that of `[probes]`, or the first of TCP.
fn port_of_probes<'a>(ports: &[&'a Port], probes: &model::Probes) -> Option<&'a Port> {
    let named = ports.iter().copied().find(|port| Some(&port.name) == probes.port.as_ref());
    named.or_else(|| first_of_tcp(ports.iter().copied()))
}

/// What a probe asks; none where there is nothing to ask.
fn asked(ports: &[&Port], port: Option<&Port>, check: Option<&Check>) -> Option<Probe> {
    let name = |port: &Port| Some(port.name.clone());
    let called = |name: &String| ports.iter().copied().find(|port| port.name == *name);
    let none = Probe::default();
    Some(match check {
        None => Probe { tcp: true, port: name(port?), ..none },
        Some(Check::Path(path)) => Probe { path: Some(path.clone()), port: name(port?), ..none },
        Some(Check::Command(command)) => Probe { command: Some(command.clone()), ..none },
        Some(Check::Http { http, headers, port: own, scheme }) => Probe {
            path: Some(http.clone()),
            headers: headers.clone(),
            port: name(own.as_ref().map_or(port, called)?),
            scheme: (*scheme == Some(Scheme::Https)).then_some("HTTPS"),
            ..none
        },
        Some(Check::Grpc { grpc, service }) => {
            Probe { grpc: Some(called(grpc)?.port), grpc_service: service.clone(), ..none }
        }
        Some(Check::Tcp { tcp }) => Probe { tcp: true, port: name(called(tcp)?), ..none },
    })
}

/// Seconds between two probes, as `written` says where it does.
pub(crate) fn period(
    probe: &Probe,
    written: Option<Source>,
) -> Number<u64, impl FnOnce() -> Reason> {
    Number::new(probe.period, || Reason::new("between two probes").or_built_in(written))
}

/// Seconds until a probe has failed, as `written` says where it does.
pub(crate) fn timeout(
    probe: &Probe,
    written: Option<Source>,
) -> Number<u64, impl FnOnce() -> Reason> {
    Number::new(probe.timeout, || {
        Reason::new("after which a probe has failed").or_built_in(written)
    })
}

/// Why a probe may fail so often in a row.
pub(crate) fn why_failures(here: &ServiceInRegion<'_>, purpose: Purpose, probe: &Probe) -> Reason {
    let then = match purpose {
        Purpose::Startup => {
            let words = format!(
                "the first start may take {}, asked every {}s; then it is restarted",
                start_within(here.service),
                probe.period
            );
            return Reason::new(words).or_built_in(here.in_spec(&["probes", "start_within"]));
        }
        Purpose::Liveness => "it is restarted",
        Purpose::Readiness => "it gets no more requests",
    };
    let words = format!(
        "failures in a row until {then}: at most {} × {}s + {}s",
        probe.failures, probe.period, probe.timeout
    );
    Reason::new(words).built_in()
}
