//! A cluster in memory that runs what it is given, and is watched meanwhile.
//!
//! It knows manifests only: which pods a workload has, when they become ready, and which of them a
//! Service leads to. Nothing of it knows what a generation is. Where it is in doubt it is strict: a
//! pod whose ConfigMap is gone counts as lost, as it would not come back after a restart.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kind, namespace and name.
pub(super) type Key = (String, String, String);

/// Where work is done: at a port of a Service; or, for what nothing calls, by the pods of a service.
pub(super) type Address = (Key, u64);

/// Stands in an [`Address`] for the kind of what nothing calls.
const WORK: &str = "Work";

/// The work of a service that nothing calls.
pub(super) fn work(workload: &Value) -> Address {
    let service = text(workload, "/spec/template/metadata/labels/ninefold.dev~1service");
    ((WORK.to_owned(), String::new(), service.to_owned()), 0)
}

/// The ports of a Service.
pub(super) fn addresses(service: &Value) -> Vec<Address> {
    let ports = service.pointer("/spec/ports").and_then(Value::as_array).into_iter().flatten();
    ports.map(|port| (key(service), port["port"].as_u64().unwrap())).collect()
}

/// The annotation with the replicas that carry the peak.
const PEAK: &str = "ninefold.dev/peak-replicas";

pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn annotation<'a>(object: &'a Value, name: &str) -> &'a str {
    text(object, &format!("/metadata/annotations/{}", name.replace('/', "~1")))
}

pub(super) fn key(object: &Value) -> Key {
    let [kind, namespace, name] =
        ["/kind", "/metadata/namespace", "/metadata/name"].map(|path| text(object, path));
    (kind.to_owned(), namespace.to_owned(), name.to_owned())
}

pub(super) fn is_workload(object: &Value) -> bool {
    matches!(text(object, "/kind"), "Deployment" | "StatefulSet")
}

/// Whether an object is a Job that comes before the pods of a release, and fails.
pub(super) fn is_failing_job(object: &Value) -> bool {
    !annotation(object, "ninefold.dev/before").is_empty()
        && text(object, "/spec/template/spec/containers/0/args/0").starts_with("fails")
}

/// The replicas that carry the peak, as the manifest of a workload says.
pub(super) fn peak(object: &Value) -> Option<u64> {
    annotation(object, PEAK).parse().ok()
}

fn labels<'a>(value: &'a Value, path: &str) -> BTreeMap<&'a str, &'a str> {
    let map = value.pointer(path).and_then(Value::as_object).into_iter().flatten();
    map.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())).collect()
}

/// Whether the labels at `selector` are among those of the pods of a template.
fn selects(object: &Value, selector: &str, template: &Value) -> bool {
    let (wanted, has) = (labels(object, selector), labels(template, "/metadata/labels"));
    wanted.iter().all(|(key, value)| has.get(key) == Some(value))
}

/// Whether a Service leads to the pods of a workload.
pub(super) fn leads_to(service: &Value, workload: &Value) -> bool {
    text(service, "/metadata/namespace") == text(workload, "/metadata/namespace")
        && selects(service, "/spec/selector", &workload["spec"]["template"])
}

/// An object, and whoever applied it last.
#[derive(Clone)]
struct Held {
    value: Value,
    owner: String,
}

/// Pods of one template.
#[derive(Clone)]
struct Pods {
    template: Value,
    ready: u64,
}

#[derive(Clone, Default)]
pub(super) struct Cluster {
    objects: BTreeMap<Key, Held>,
    /// The pods of every workload: those of its newest template last.
    pods: BTreeMap<Key, Vec<Pods>>,
    /// How many it is told to have.
    scale: BTreeMap<Key, u64>,
    /// The number that somebody says beside whoever applies the workload.
    said: BTreeMap<Key, u64>,
    /// The fewest pods that may be ready at each address.
    floors: BTreeMap<Address, u64>,
    /// What fell below.
    pub(super) fallen: Vec<String>,
}

impl Cluster {
    /// From now on, each of these addresses has no fewer endpoints.
    pub(super) fn watch(&mut self, floors: BTreeMap<Address, u64>) {
        self.floors = floors;
        self.fallen.clear();
    }

    fn look(&mut self, what: &str) {
        for (address, floor) in &self.floors {
            let ready = self.endpoints(address);
            let ((kind, _, name), port) = address;
            if ready < *floor {
                self.fallen
                    .push(format!("{name}:{port}: {ready} ready, not {floor}, after {what}"));
            }
            let workers = self.pods.iter().filter(|(key, pods)| {
                pods.iter().any(|pods| pods.ready > 0) && self.works(key) == Some(address.clone())
            });
            if kind == WORK && workers.count() > 1 {
                self.fallen.push(format!("{name}: two versions work at once, after {what}"));
            }
        }
    }

    fn works(&self, workload: &Key) -> Option<Address> {
        self.get(workload).map(work)
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key).map(|held| &held.value)
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &Value> {
        self.objects.values().map(|held| &held.value)
    }

    /// What somebody applied last.
    pub(super) fn of(&self, owner: &str) -> Vec<Key> {
        let of = self.objects.iter().filter(|(_, held)| held.owner == owner);
        of.map(|(key, _)| key.clone()).collect()
    }

    pub(super) fn is_as(&self, owner: &str, object: &Value) -> bool {
        let held = self.objects.get(&key(object));
        held.is_some_and(|held| held.owner == owner && held.value == *object)
    }

    /// Server-side apply.
    pub(super) fn apply(&mut self, owner: &str, object: &Value) {
        let key = key(object);
        if is_workload(object) {
            self.roll(&key, object);
        }
        let held = Held { value: object.clone(), owner: owner.to_owned() };
        self.objects.insert(key.clone(), held);
        self.look(&format!("{} {} was applied", key.0, key.2));
    }

    fn roll(&mut self, key: &Key, object: &Value) {
        let told = object["spec"]["replicas"].as_u64();
        let had = self.get(key).and_then(|old| old["spec"]["replicas"].as_u64());
        let scale = match (told, self.scale.get(key)) {
            (Some(replicas), _) => replicas,
            // A number that nobody else has set goes with whoever set it, and the default is 1.
            (None, Some(scale)) if had.is_none() || self.said.contains_key(key) => *scale,
            (None, _) => 1,
        };
        // Whoever applies says it by force.
        if told.is_some_and(|told| self.said.get(key) != Some(&told)) {
            self.said.remove(key);
        }
        self.scale.insert(key.clone(), scale);
        let pods = self.pods.entry(key.clone()).or_default();
        let template = &object["spec"]["template"];
        if pods.last().is_none_or(|newest| newest.template != *template) {
            let same = pods.iter().position(|pods| pods.template == *template);
            let ready = same.map_or(0, |same| pods.remove(same).ready);
            pods.push(Pods { template: template.clone(), ready });
            trim(pods, scale.saturating_sub(unavailable(object)).max(ready));
        }
        trim(pods, scale);
    }

    pub(super) fn delete(&mut self, key: &Key) {
        self.objects.remove(key);
        self.pods.remove(key);
        self.scale.remove(key);
        self.said.remove(key);
        self.look(&format!("{} {} was deleted", key.0, key.2));
    }

    /// Somebody says the number of replicas that a workload has, beside whoever applies it.
    pub(super) fn say(&mut self, workload: &Key) {
        let scale = self.scale.get(workload).map(|scale| (workload.clone(), *scale));
        self.said.extend(scale);
    }

    /// Time passes: autoscalers scale, pods start, rollouts end.
    pub(super) fn settle(&mut self) {
        let mut scale = self.scale.clone();
        for scaler in self.objects().filter(|it| text(it, "/kind") == "HorizontalPodAutoscaler") {
            let target =
                ["/spec/scaleTargetRef/kind", "/metadata/namespace", "/spec/scaleTargetRef/name"];
            let [kind, namespace, name] = target.map(|path| text(scaler, path).to_owned());
            let min = scaler["spec"]["minReplicas"].as_u64().unwrap_or(1);
            scale.entry((kind, namespace, name)).and_modify(|scale| *scale = (*scale).max(min));
        }
        let good: BTreeSet<Key> = (self.pods.iter())
            .filter(|(key, pods)| pods.last().is_some_and(|pods| self.starts(key, &pods.template)))
            .map(|(key, _)| key.clone())
            .collect();
        for (key, pods) in &mut self.pods {
            if good.contains(key) {
                pods.drain(..pods.len() - 1);
                pods[0].ready = scale[key];
            }
        }
        self.scale = scale;
        self.look("a while");
    }

    /// Whether everything that the pods of a template name is there.
    fn is_sound(&self, workload: &Key, template: &Value) -> bool {
        let there = |(kind, name): (&str, &str)| {
            self.objects.contains_key(&(kind.to_owned(), workload.1.clone(), name.to_owned()))
        };
        named(template).into_iter().all(there)
    }

    /// Whether pods of a template become ready: those of a bad release do not.
    fn starts(&self, workload: &Key, template: &Value) -> bool {
        let config = |(kind, name): (&str, &str)| {
            let key = (kind.to_owned(), workload.1.clone(), name.to_owned());
            self.get(&key).map_or("", |config| text(config, "/data/RELEASE"))
        };
        let bad = named(template).into_iter().any(|named| config(named).starts_with("bad"))
            || text(template, "/spec/containers/0/image").contains("@sha256:bad");
        !bad && self.is_sound(workload, template)
    }

    /// Whether a workload is what it is told to be.
    pub(super) fn is_healthy(&self, key: &Key) -> bool {
        let (Some(pods), Some(scale)) = (self.pods.get(key), self.scale.get(key)) else {
            return self.objects.contains_key(key);
        };
        pods.len() == 1 && pods[0].ready == *scale && self.is_sound(key, &pods[0].template)
    }

    /// Whether the newest pods of a workload are ready sooner or later.
    pub(super) fn is_good(&self, key: &Key) -> bool {
        let newest = self.pods.get(key).and_then(|pods| pods.last());
        newest.is_some_and(|pods| self.starts(key, &pods.template))
    }

    pub(super) fn ready(&self, workload: &Key) -> u64 {
        let pods = self.pods.get(workload).into_iter().flatten();
        pods.filter(|pods| self.is_sound(workload, &pods.template)).map(|pods| pods.ready).sum()
    }

    /// The pods to which a port of a Service leads, that are ready, and that something may reach; or
    /// those that work.
    pub(super) fn endpoints(&self, address: &Address) -> u64 {
        let (of, number) = address;
        let service = self.get(of).and_then(|service| {
            let ports = service.pointer("/spec/ports")?.as_array()?;
            Some((service, ports.iter().find(|port| port["port"] == *number)?))
        });
        let mut ready = 0;
        for (workload, pods) in &self.pods {
            for pods in pods.iter().filter(|pods| pods.ready > 0) {
                let leads = match service {
                    Some((service, port)) => {
                        of.1 == workload.1
                            && selects(service, "/spec/selector", &pods.template)
                            && self.is_open(port, &of.1, &pods.template)
                    }
                    None => self.works(workload).as_ref() == Some(address),
                };
                let serves = leads && self.is_sound(workload, &pods.template);
                ready += if serves { pods.ready } else { 0 };
            }
        }
        ready
    }

    /// Whether a port of a Service leads to a port of the pods that the policies leave open: where
    /// anybody may call them, policies add up.
    fn is_open(&self, port: &Value, namespace: &str, template: &Value) -> bool {
        let items = |value: &Value, path: &str| {
            value.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let ports = items(template, "/spec/containers/0/ports");
        let listens = ports.iter().find(|listens| listens["name"] == port["targetPort"]);
        let Some(listens) = listens else { return false };
        let rules: Vec<Value> = (self.objects())
            .filter(|object| text(object, "/kind") == "NetworkPolicy")
            .filter(|policy| text(policy, "/metadata/namespace") == namespace)
            .filter(|policy| selects(policy, "/spec/podSelector/matchLabels", template))
            .flat_map(|policy| items(policy, "/spec/ingress"))
            .collect();
        let allows = |rule: &Value| {
            let open = items(rule, "/ports");
            open.is_empty()
                || open.iter().any(|open| {
                    open["port"] == listens["containerPort"] || open["port"] == listens["name"]
                })
        };
        rules.is_empty() || rules.iter().any(allows)
    }

    /// What `kubectl get deployments,statefulsets -A -o json` prints.
    pub(super) fn observed(&self) -> String {
        let items: Vec<Value> = (self.objects.iter())
            .filter(|(_, held)| is_workload(&held.value))
            .map(|(key, held)| {
                let (mut seen, scale) = (held.value.clone(), self.scale[key]);
                let (pods, ready) = (&self.pods[key], self.ready(key));
                // Of a rollout that is stuck, one pod is new.
                let updated = if pods.len() == 1 { scale } else { scale.min(1) };
                let former: u64 = pods.iter().rev().skip(1).map(|pods| pods.ready).sum();
                seen["metadata"]["generation"] = 1.into();
                seen["spec"]["replicas"] = scale.into();
                seen["status"] = serde_json::json!({
                    "observedGeneration": 1, "replicas": updated + former,
                    "updatedReplicas": updated, "readyReplicas": ready, "availableReplicas": ready
                });
                seen
            })
            .collect();
        serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string()
    }
}

/// Takes pods away, the oldest first, until no more than so many are ready.
fn trim(pods: &mut [Pods], max: u64) {
    let mut more = pods.iter().map(|pods| pods.ready).sum::<u64>().saturating_sub(max);
    for pods in pods {
        let less = pods.ready.min(more);
        pods.ready -= less;
        more -= less;
    }
}

/// How many pods may be missing during a rollout.
fn unavailable(workload: &Value) -> u64 {
    match text(workload, "/kind") {
        "StatefulSet" => 1,
        _ => workload["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"].as_u64().unwrap_or(1),
    }
}

/// The ConfigMaps and the ServiceAccount that pods name.
fn named(template: &Value) -> BTreeSet<(&str, &str)> {
    let mut named = BTreeSet::new();
    let mut open = vec![&template["spec"]];
    while let Some(value) = open.pop() {
        for (key, value) in value.as_object().into_iter().flatten() {
            match (key.as_str(), value["name"].as_str(), value.as_str()) {
                ("configMapRef" | "configMapKeyRef" | "configMap", Some(name), _) => {
                    named.insert(("ConfigMap", name));
                }
                ("serviceAccountName", _, Some(name)) => {
                    named.insert(("ServiceAccount", name));
                }
                _ => open.push(value),
            }
        }
        open.extend(value.as_array().into_iter().flatten());
    }
    named
}
