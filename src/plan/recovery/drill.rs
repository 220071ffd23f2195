//! What every drill begins and ends with: a namespace of its own that nothing leaves, closed before
//! anything is in it, and the judgement of what came back (`docs/facts.md`, "Drills").

use super::super::values::{Map, Values};
use super::super::{config, namespaces, network, pod, workload};
use super::{Set, Step, step};
use crate::decide::drills::{Max, VERIFICATION};
use crate::decide::network::{among_all, dns};
use crate::kube::{Kind, Namespace, delivery, labels};

impl Set<'_> {
    /// The namespace of a drill.
    pub(crate) fn namespace(&self, namespace: &Namespace) -> Step {
        let mut meta = self.meta(namespace.as_str(), None);
        let service = self.here.service;
        let level = self.here.fleet.level(&service.namespace, service.is_root());
        meta.labels.extend(namespaces::pod_security(self.here.region, level));
        step(Kind::Namespace, Values::Plain { meta })
    }

    /// Nothing goes out of the namespace, and nothing comes in: what is restored has the credentials
    /// of what runs.
    pub(crate) fn closed(&self, namespace: &Namespace) -> Step {
        let among = among_all();
        let policy = Values::NetworkPolicy {
            meta: self.meta("default-deny", Some(namespace)),
            selector: Map::new(),
            ingress: vec![among.clone()],
            egress: vec![dns(&self.here), among],
        };
        step(Kind::NetworkPolicy, policy)
    }

    /// A drill takes no more than this, and nothing that has an address outside.
    pub(crate) fn quota(&self, namespace: &Namespace, max: Max) -> Step {
        let requests = max.requests.map(|(cpu, memory)| {
            [("requests.cpu", cpu.to_string()), ("requests.memory", memory.to_string())]
        });
        let claims = max.claims.map(|claims| ("persistentvolumeclaims", claims.to_string()));
        let outside = ["services.loadbalancers", "services.nodeports"];
        let outside = outside.map(|kind| (kind, "0".to_owned()));
        let hard = std::iter::once(("pods", max.pods.to_string()))
            .chain(requests.into_iter().flatten())
            .chain(claims)
            .chain(outside);
        let hard = hard.map(|(key, value)| (key.to_owned(), value)).collect();
        let meta = self.meta("drill", Some(namespace));
        step(Kind::ResourceQuota, Values::Quota { meta, hard })
    }

    /// The service as the tree has it, in the namespace of the drill, with so many replicas: what
    /// shows that the data is what the service needs.
    pub(crate) fn service(&self, namespace: &Namespace, replicas: u32) -> Vec<Step> {
        let numbers = self.here.numbers_leading(replicas);
        let here = self.here.leading(&numbers);
        let mut planned = Vec::new();
        config::plan(&here, &mut planned);
        network::services(&here, &mut planned);
        planned.push(workload::account(&here));
        workload::plan(&here, &mut planned);
        let mut steps = Vec::new();
        for mut object in planned {
            let annotations = delivery::annotations(here.fleet.delivery, &object.id.kind);
            let meta = object.values.meta_mut();
            meta.namespace = Some(namespace.to_string());
            meta.annotations.retain(|key, _| annotations.iter().all(|(steps, _)| steps != key));
            meta.labels.insert(labels::DRILL.to_owned(), self.ids.id.to_owned());
            if let Values::Workload(workload) = &mut object.values {
                workload.replicas = Some(replicas);
                // A drill must push nothing aside that serves users.
                workload.pod.priority_class = None;
            }
            steps.push((object.id.kind, object.file, object.values));
        }
        steps
    }

    /// The command that judges the data, in a Job that waits until it is let go. Nothing of the
    /// service selects its pod.
    pub(crate) fn verification(&self, namespace: &Namespace) -> Option<Step> {
        let service = self.here.service;
        if service.backup.verify.is_empty() {
            return None;
        }
        let mut pod = pod::plan(&self.here);
        let own = [
            ("app.kubernetes.io/name".to_owned(), "drill-verification".to_owned()),
            (labels::DRILL.to_owned(), self.ids.id.to_owned()),
        ];
        pod.labels = Map::from(own.clone());
        pod.service_account = "default".to_owned();
        let app = pod.containers.first_mut().expect("the service has a container");
        app.command = service.backup.verify.clone();
        // Secrets and scratch space only: ConfigMaps have the names of another day.
        pod.volumes.retain(|volume| volume.config_map.is_none());
        let there = |name: &str| pod.volumes.iter().any(|volume| volume.name == name);
        app.mounts.retain(|mount| there(&mount.name));
        let mut meta = self.meta("drill-verification", Some(namespace));
        meta.labels = Map::from(own);
        meta.labels.insert("app.kubernetes.io/managed-by".to_owned(), "ninefold".to_owned());
        let deadline = VERIFICATION.as_seconds();
        Some(step(Kind::Job, Values::DrillJob { meta, deadline, pod: Box::new(pod) }))
    }
}
