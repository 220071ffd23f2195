//! Pods.

use super::super::pod;
use super::super::values::{Pod, Probe, Values};
use super::Source;
use super::row::{At, Row, Why, says};

macro_rules! rows {
    ($($field:literal => $why:expr,)*) => {
        &[$(Row {
            objects: &["deployment", "stateful-set"],
            field: concat!("spec.template.", $field),
            why: $why,
        }),*]
    };
}

pub(super) const ROWS: &[Row] = rows! {
    "metadata.annotations.*" => secret_version,
    "spec.terminationGracePeriodSeconds" => grace,
    "spec.securityContext.runAsUser" => user,
    "spec.securityContext.runAsGroup" => user,
    "spec.securityContext.fsGroup" => user,
    "spec.topologySpreadConstraints[*].maxSkew" => |at| at.fixed(1, "domains may differ by one replica: the fullest holds as few as can be"),
    "spec.topologySpreadConstraints[*].minDomains" => min_domains,
    "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight" => |at| at.fixed(100, "the most there is: another node wherever there is one"),
    "spec.tolerations[*].tolerationSeconds" => node_loss,
    "spec.containers[app].command[*]" => |at| word(at, "command", |pod| &pod.command),
    "spec.containers[app].args[*]" => |at| word(at, "args", |pod| &pod.args),
    "spec.containers[app].ports[*].containerPort" => port,
    "spec.containers[app].startupProbe.periodSeconds" => |at| period(at, |pod| &pod.startup),
    "spec.containers[app].startupProbe.timeoutSeconds" => |at| timeout(at, |pod| &pod.startup),
    "spec.containers[app].startupProbe.failureThreshold" => start_failures,
    "spec.containers[app].startupProbe.exec.command[*]" => |at| probe_word(at, "live", |pod| &pod.startup),
    "spec.containers[app].livenessProbe.periodSeconds" => |at| period(at, |pod| &pod.live),
    "spec.containers[app].livenessProbe.timeoutSeconds" => |at| timeout(at, |pod| &pod.live),
    "spec.containers[app].livenessProbe.failureThreshold" => |at| failures(at, "it is restarted", |pod| &pod.live),
    "spec.containers[app].livenessProbe.exec.command[*]" => |at| probe_word(at, "live", |pod| &pod.live),
    "spec.containers[app].readinessProbe.periodSeconds" => |at| period(at, |pod| &pod.ready),
    "spec.containers[app].readinessProbe.timeoutSeconds" => |at| timeout(at, |pod| &pod.ready),
    "spec.containers[app].readinessProbe.failureThreshold" => |at| failures(at, "it gets no more requests", |pod| &pod.ready),
    "spec.containers[app].readinessProbe.exec.command[*]" => |at| probe_word(at, "ready", |pod| &pod.ready),
    "spec.containers[app].lifecycle.preStop.sleep.seconds" => settle,
    "spec.containers[app].resources.requests.cpu" => |at| Some(says(&of(at)?.resources.cpu, "set aside for each replica").from(capacity(at, "cpu"))),
    "spec.containers[app].resources.requests.memory" => |at| Some(says(&of(at)?.resources.memory, "set aside for each replica").from(capacity(at, "memory"))),
    "spec.containers[app].resources.requests.ephemeral-storage" => |at| {
        at.fixed(&of(at)?.resources.storage, "set aside on the node for logs, and for what is written beside scratch folders")
    },
    "spec.containers[app].resources.limits.cpu" => cpu_limit,
    "spec.containers[app].resources.limits.memory" => |at| {
        let words = "the same as the request: memory cannot be taken back, so a higher limit is a promise that a full node breaks";
        Some(says(&of(at)?.resources.memory, words).from(capacity(at, "memory")))
    },
    "spec.containers[app].resources.limits.ephemeral-storage" => storage_limit,
    "spec.volumes[*].emptyDir.sizeLimit" => scratch,
};

fn of<'a>(at: &At<'a>) -> Option<&'a Pod> {
    if let Values::Workload(workload) = at.values { Some(&workload.pod) } else { None }
}

fn with(why: Why, source: Option<Source>) -> Why {
    match source {
        Some(source) => why.from(source),
        None => why,
    }
}

fn secret_version(at: &At<'_>) -> Option<Why> {
    let said = of(at)?.annotations.get(at.captured[0])?;
    let name = at.captured[0].strip_prefix("secret.ninefold.dev/")?;
    let index = at.here.service.secrets.iter().position(|secret| secret.name == name)?;
    let source = at.spec(&["secrets", &index.to_string(), "version"]);
    let words = format!("the declared version of the secret `{name}`: another one makes new pods");
    Some(with(says(said, words), source))
}

fn grace(at: &At<'_>) -> Option<Why> {
    let service = at.here.service;
    let words = format!(
        "how long a pod may take to end: {} until nobody sends it requests, {} for what it has begun, {} to leave",
        service.tier.settle,
        service.drain,
        pod::EXIT,
    );
    let why = says(of(at)?.grace, words).from(at.spec_or_tier(&["drain"], "drain"));
    Some(why.from(at.tier("settle")).from(at.decided()))
}

fn user(at: &At<'_>) -> Option<Why> {
    let written = at.fleet(&["defaults", "user"]);
    let words = "the user and group of all containers: not root, and above those of the system";
    Some(says(of(at)?.user, words).from(written.unwrap_or_else(|| at.decided())))
}

fn min_domains(at: &At<'_>) -> Option<Why> {
    let spread = of(at)?.spread.iter().find(|spread| spread.key == at.captured[0])?;
    let words = format!(
        "one less than the {} zones: when the nodes of a lost zone are deleted it is no domain any more, and demanding it would keep every replacement waiting (KEP-5980)",
        at.here.size.zones
    );
    Some(says(spread.min_domains?, words).from(at.region(&["zones"])).from(at.tier("zone_spread")))
}

fn node_loss(at: &At<'_>) -> Option<Why> {
    let words = "how long a pod stays on a node that does not answer, in seconds; Kubernetes' own default is 300";
    Some(says(of(at)?.node_loss, words).from(at.tier("node_loss")))
}

fn word(at: &At<'_>, key: &'static str, words: fn(&Pod) -> &Vec<String>) -> Option<Why> {
    let index = at.item(0)?;
    let said = words(of(at)?).get(index)?;
    let source = at.spec(&[key, &index.to_string()]);
    Some(with(says(said, format!("as it stands in `{key}`")), source))
}

fn port(at: &At<'_>) -> Option<Why> {
    let port = of(at)?.ports.iter().find(|port| port.name == at.captured[0])?;
    let index = at.here.service.ports.iter().position(|written| written.name == port.name)?;
    let written = at.spec(&["ports", &index.to_string(), "port"]);
    let words = match written {
        Some(_) => "what it listens on",
        None => "what a service listens on unless its spec has `[[ports]]`",
    };
    Some(says(port.port, words).from(written.unwrap_or_else(|| at.decided())))
}

type Which = fn(&Pod) -> &Option<Probe>;

fn period(at: &At<'_>, which: Which) -> Option<Why> {
    at.fixed(which(of(at)?).as_ref()?.period, "between two probes")
}

fn timeout(at: &At<'_>, which: Which) -> Option<Why> {
    at.fixed(which(of(at)?).as_ref()?.timeout, "after which a probe has failed")
}

fn failures(at: &At<'_>, then: &str, which: Which) -> Option<Why> {
    let probe = which(of(at)?).as_ref()?;
    let words = format!(
        "failures in a row until {then}: at most {} × {}s + {}s",
        probe.failures, probe.period, probe.timeout
    );
    at.fixed(probe.failures, &words)
}

fn start_failures(at: &At<'_>) -> Option<Why> {
    let probe = of(at)?.startup.as_ref()?;
    let words = format!(
        "the first start may take {}, asked every {}s; then it is restarted",
        pod::start_within(at.here.service),
        probe.period
    );
    let written = at.spec(&["probes", "start_within"]);
    Some(says(probe.failures, words).from(written.unwrap_or_else(|| at.decided())))
}

fn probe_word(at: &At<'_>, key: &'static str, which: Which) -> Option<Why> {
    let index = at.item(0)?;
    let said = which(of(at)?).as_ref()?.command.as_ref()?.get(index)?;
    let other = if key == "live" { "ready" } else { "live" };
    let index = index.to_string();
    let source = at.spec(&["probes", key, &index]).or(at.spec(&["probes", other, &index]));
    Some(with(says(said, "as it stands in `probes`"), source))
}

fn settle(at: &At<'_>) -> Option<Why> {
    let words = "a pod that is to end goes on serving for this long, until every node has seen that it is no endpoint any more";
    Some(says(of(at)?.settle, words).from(at.tier("settle")))
}

/// CPU or memory: of the spec, of the fleet, or decided.
fn capacity(at: &At<'_>, key: &'static str) -> Source {
    at.spec(&["capacity", key])
        .or_else(|| at.fleet(&["defaults", key]))
        .unwrap_or_else(|| at.decided())
}

fn cpu_limit(at: &At<'_>) -> Option<Why> {
    let resources = &of(at)?.resources;
    let words =
        format!("{} × the {} that are set aside", at.here.service.tier.cpu_burst, resources.cpu);
    let why = says(resources.cpu_limit.as_ref()?, words).from(at.tier("cpu_burst"));
    Some(why.from(capacity(at, "cpu")))
}

fn storage_limit(at: &At<'_>) -> Option<Why> {
    let scratch = &at.here.service.scratch;
    let folders: Vec<String> =
        scratch.iter().map(|scratch| format!("{} of {}", scratch.size, scratch.path)).collect();
    let words = match folders.is_empty() {
        true => format!("{}, as there is no scratch folder", pod::EPHEMERAL),
        false => format!("{} and {}", pod::EPHEMERAL, folders.join(" and ")),
    };
    let source = at.spec(&["scratch"]).unwrap_or_else(|| at.decided());
    Some(says(&of(at)?.resources.storage_limit, words).from(source))
}

fn scratch(at: &At<'_>) -> Option<Why> {
    let volume = of(at)?.volumes.iter().find(|volume| volume.name == at.captured[0])?;
    let index = volume.name.strip_prefix("scratch-")?;
    let folder = at.here.service.scratch.get(index.parse::<usize>().ok()?)?;
    let written = at.spec(&["scratch", index, "size"]);
    let words = match written {
        Some(_) => format!("the most that fits into {}", folder.path),
        None => {
            format!("the most that fits into {}, unless the spec has `[[scratch]]`", folder.path)
        }
    };
    Some(says(volume.size.as_ref()?, words).from(written.unwrap_or_else(|| at.decided())))
}
