//! What claims take for granted of the objects that make a service, as the objects say it.
//!
//! A build reads it of every workload, whoever wrote it, and holds it against what was decided.

use super::cluster::{HOST, ZONE};
use super::fields::{Fields, Problem};
use super::read;
use crate::kube::read::cron::Cron;
use crate::quantity::Duration;
use crate::yaml::Value;
use std::collections::BTreeSet;

/// The container of a workload that is the service.
const APP: &str = "app";

/// What a Deployment or a StatefulSet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Replicas; none where something else says how many.
    pub(crate) replicas: Option<u64>,
    /// Seconds for which a pod stays on a lost node; none when it stays for ever.
    pub(crate) stays: Option<u64>,
    /// The most seconds until it is ready, as far as its probes bound that.
    pub(crate) start: u64,
    /// Seconds that it may take to end.
    pub(crate) grace: u64,
    /// How one sees that it hangs; none when nobody looks.
    pub(crate) live: Option<Probed>,
    /// How one sees that it cannot serve; none when nobody looks.
    pub(crate) ready: Option<Probed>,
    /// Whether a start that takes too long is ended.
    pub(crate) starts_in_time: bool,
    /// Whether zones may differ by one pod at most.
    pub(crate) zones_apart: bool,
    /// Whether nodes may differ by one pod at most.
    pub(crate) nodes_apart: bool,
    /// What a pod asks for, in thousandths of a core and in bytes.
    pub(crate) asks: Asks,
    /// The volumes that outlive a pod, by their names.
    pub(crate) keeps: BTreeSet<String>,
}

/// What a pod asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asks {
    /// Thousandths of a core.
    pub(crate) cpu: u64,
    /// Bytes.
    pub(crate) memory: u64,
}

/// What a probe does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probed {
    /// The most seconds until it has failed often enough.
    pub(crate) seconds: u64,
    /// Whether it only connects, and does not see a process that hangs.
    pub(crate) connects: bool,
}

/// What a workload says; none of one that cannot be read.
pub(crate) fn of(workload: &Value, stateful: bool) -> Option<Facts> {
    facts(&Fields::new("", workload), stateful).ok()
}

/// What the pods whose `spec` this is ask for, each; none when it cannot be read.
pub(crate) fn asks(pod: &Value) -> Option<Asks> {
    let requests = read::requests(&Fields::new("", pod)).ok()?;
    Some(Asks { cpu: requests.cpu, memory: requests.memory })
}

/// The longest time between two runs of a Schedule; none when it never runs twice.
pub(crate) fn gap(schedule: &Value) -> Option<Duration> {
    let text = schedule.at(&["spec", "schedule"]).and_then(Value::as_str)?;
    let paused = schedule.at(&["spec", "paused"]) == Some(&Value::Bool(true));
    Cron::read(text).filter(|_| !paused)?.longest_gap()
}

fn facts(fields: &Fields<'_>, stateful: bool) -> Result<Facts, Problem> {
    let pod = fields.at("spec.template.spec");
    let labels = fields.map("spec.template.metadata.labels")?;
    let (spread, _) = read::spread(&pod, &labels)?;
    let apart = |key: &str| {
        let one = |spread: &&super::pods::Spread| spread.key == key && spread.max_skew == 1;
        spread.iter().filter(one).any(|spread| spread.selector.selects(&labels))
    };
    let containers = pod.list("containers")?;
    let mut app = containers.first().cloned();
    for container in &containers {
        if container.text("name")? == Some(APP) {
            app = Some(container.clone());
        }
    }
    let probe = |name: &str| app.as_ref().map_or(Ok(None), |app| probed(&app.at(name)));
    let requests = read::requests(&pod)?;
    Ok(Facts {
        replicas: fields.number("spec.replicas")?,
        stays: super::pods::stays(&read::tolerations(&pod)?),
        start: read::start(&pod)?,
        grace: pod.number("terminationGracePeriodSeconds")?.unwrap_or(30),
        live: probe("livenessProbe")?,
        ready: probe("readinessProbe")?,
        starts_in_time: app.is_some_and(|app| app.has("startupProbe")),
        zones_apart: apart(ZONE),
        nodes_apart: apart(HOST),
        asks: Asks { cpu: requests.cpu, memory: requests.memory },
        keeps: keeps(fields, &pod, stateful)?,
    })
}

/// The defaults of the API server: every 10s, 3 failures, 1s for each.
fn probed(probe: &Fields<'_>) -> Result<Option<Probed>, Problem> {
    if !probe.is_there() {
        return Ok(None);
    }
    let period = probe.number("periodSeconds")?.unwrap_or(10);
    let failures = probe.number("failureThreshold")?.unwrap_or(3);
    let timeout = probe.number("timeoutSeconds")?.unwrap_or(1);
    let seconds = period.saturating_mul(failures).saturating_add(timeout);
    Ok(Some(Probed { seconds, connects: probe.has("tcpSocket") }))
}

fn keeps(
    fields: &Fields<'_>,
    pod: &Fields<'_>,
    stateful: bool,
) -> Result<BTreeSet<String>, Problem> {
    let mut names = BTreeSet::new();
    if stateful {
        for claim in fields.list("spec.volumeClaimTemplates")? {
            names.extend(claim.text("metadata.name")?.map(str::to_owned));
        }
    }
    for volume in pod.list("volumes")? {
        let read_only = volume.at("persistentVolumeClaim").is_true("readOnly");
        if volume.has("persistentVolumeClaim") && !read_only {
            names.extend(volume.text("name")?.map(str::to_owned));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read::document;

    #[test]
    fn what_a_workload_does_not_say_is_what_the_api_server_makes_of_it() {
        let workload = document(
            "spec:\n  template:\n    spec:\n      containers:\n      - name: proxy\n      - name: app\n        livenessProbe: { tcpSocket: { port: 1 } }\n        resources: { limits: { cpu: 500m, memory: 1Mi } }\n      volumes:\n      - { name: data, persistentVolumeClaim: { claimName: data } }\n      - { name: tool, persistentVolumeClaim: { claimName: tool, readOnly: true } }\n      - { name: scratch, emptyDir: {} }\n",
        )
        .unwrap();
        let facts = of(&workload, false).unwrap();
        assert_eq!(facts.replicas, None);
        assert_eq!(facts.stays, Some(300));
        assert_eq!((facts.grace, facts.starts_in_time), (30, false));
        assert_eq!(facts.live, Some(Probed { seconds: 31, connects: true }));
        assert_eq!(facts.ready, None);
        assert_eq!((facts.zones_apart, facts.nodes_apart), (false, false));
        assert_eq!(facts.asks, Asks { cpu: 500, memory: 1 << 20 });
        assert_eq!(facts.keeps, BTreeSet::from(["data".to_owned()]));
    }

    #[test]
    fn a_schedule_that_rests_has_no_gap() {
        let gap = |text: &str| gap(&document(text).unwrap());
        assert_eq!(gap("spec: { schedule: '0 * * * *' }"), Some(Duration::minutes(60)));
        assert_eq!(gap("spec: { schedule: '0 * * * *', paused: true }"), None);
    }
}
