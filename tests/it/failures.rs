//! The oracle: loses a node, a zone, a region in the *output* and counts what is left.
//!
//! It reads only what Kubernetes reads (the emitted YAML), the inventory of nodes and the peak of
//! each service (the specs, as bare TOML), and shares no code with `plan`: so it can disagree with
//! it. It schedules as `pkg/scheduler/framework/plugins/podtopologyspread/filtering.go` does, one
//! pod after the other, and wherever the scheduler is free to choose it lets an adversary choose.

use crate::generate::{self, Files};
use crate::random::Random;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

type Labels = BTreeMap<String, String>;

const ZONE: &str = "topology.kubernetes.io/zone";
const HOST: &str = "kubernetes.io/hostname";

// What is there ----------------------------------------------------------------------------------

#[derive(Clone, Debug)]
struct Node {
    labels: Labels,
    /// Numbers in place of the labels that name its zone and itself.
    zone: usize,
    host: usize,
    /// Key and effect.
    taints: Vec<(String, String)>,
}

impl Node {
    fn zone(&self) -> &str {
        &self.labels[ZONE]
    }

    /// The domain that it is in, by the key of a constraint.
    fn domain(&self, key: &str) -> usize {
        match key {
            ZONE => self.zone,
            HOST => self.host,
            other => panic!("the oracle knows no nodes with `{other}`"),
        }
    }
}

/// The nodes of each region.
fn inventory(fleet: &str) -> BTreeMap<String, Vec<Node>> {
    let fleet: toml::Table = fleet.parse().expect("TOML");
    let regions = fleet["regions"].as_table().expect("a table");
    let nodes = |region: &toml::Value| {
        let mut nodes = Vec::new();
        for (zone_number, zone) in region["zones"].as_array().expect("a list").iter().enumerate() {
            let name = zone["name"].as_str().expect("text");
            for index in 0..zone["nodes"].as_integer().expect("a number") {
                let host = format!("{name}-node-{index}");
                let labels = [(ZONE, name.to_owned()), (HOST, host)];
                let labels = labels.map(|(key, value)| (key.to_owned(), value)).into();
                let (zone, host) = (zone_number, nodes.len());
                nodes.push(Node { labels, zone, host, taints: Vec::new() });
            }
        }
        nodes
    };
    regions.iter().map(|(name, region)| (name.clone(), nodes(region))).collect()
}

/// One object of the tree.
#[derive(Debug)]
struct Object {
    region: String,
    kind: String,
    namespace: String,
    name: String,
    value: Value,
}

fn objects(tree: &Files) -> Vec<Object> {
    generate::manifests(tree)
        .map(|(path, text)| {
            let value: Value = serde_yaml::from_str(text).expect(path);
            let field =
                |key: &str| value["metadata"][key].as_str().map(str::to_owned).unwrap_or_default();
            Object {
                region: path.split('/').next().expect("a region").to_owned(),
                kind: value["kind"].as_str().expect("a kind").to_owned(),
                namespace: field("namespace"),
                name: field("name"),
                value,
            }
        })
        .collect()
}

fn labels(value: &Value) -> Labels {
    let entries = value.as_mapping().into_iter().flatten();
    let text = |value: &Value| value.as_str().expect("labels are text").to_owned();
    entries.map(|(key, value)| (text(key), text(value))).collect()
}

/// A selector of labels; only `matchLabels`, as nothing else is emitted.
fn selector(value: &Value) -> Labels {
    let keys: Vec<&str> =
        value.as_mapping().into_iter().flatten().filter_map(|(key, _)| key.as_str()).collect();
    assert!(keys.iter().all(|key| *key == "matchLabels"), "the oracle does not know {keys:?}");
    labels(&value["matchLabels"])
}

fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// A Deployment or a StatefulSet.
#[derive(Clone, Debug)]
struct Workload {
    region: String,
    namespace: String,
    name: String,
    service: String,
    tier: String,
    stateful: bool,
    /// Whether one replica may write, of which a lost node leaves nothing.
    alone: bool,
    /// The fewest that run: those of the autoscaler where there is one.
    replicas: usize,
    /// The most that run.
    max: usize,
    surge: usize,
    unavailable: usize,
    peak: usize,
    labels: Labels,
    constraints: Vec<Constraint>,
    /// Key (none: every) and effect (none: every).
    tolerations: Vec<(Option<String>, Option<String>)>,
}

/// A constraint that the scheduler enforces.
#[derive(Clone, Debug)]
struct Constraint {
    key: String,
    max_skew: usize,
    min_domains: usize,
    honours_taints: bool,
    selector: Labels,
    /// Keys of labels whose values the incoming pod adds to the selector.
    match_keys: Vec<String>,
}

fn number(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

fn workloads(objects: &[Object]) -> Vec<Workload> {
    let is = |object: &&Object| object.kind == "Deployment" || object.kind == "StatefulSet";
    objects.iter().filter(is).map(|object| workload(object, objects)).collect()
}

fn workload(object: &Object, objects: &[Object]) -> Workload {
    let Object { region, namespace, name, value, .. } = object;
    let spec = &value["spec"];
    let pod = &spec["template"]["spec"];
    for unknown in ["nodeSelector", "nodeName", "schedulerName", "schedulingGates"] {
        assert!(pod.get(unknown).is_none(), "the oracle does not know `{unknown}`");
    }
    for (kind, term) in pod["affinity"].as_mapping().into_iter().flatten() {
        let required = term.get("requiredDuringSchedulingIgnoredDuringExecution");
        assert!(required.is_none(), "the oracle does not know required {kind:?}");
    }
    let labels_of = |value: &Value| labels(&value["metadata"]["labels"]);
    let pod_labels = labels_of(&spec["template"]);
    assert!(
        selects(&selector(&spec["selector"]), &pod_labels),
        "{region}/{name} does not select its own pods"
    );
    let scaler = objects.iter().find(|other| {
        let target = &other.value["spec"]["scaleTargetRef"];
        other.kind == "HorizontalPodAutoscaler"
            && (&other.region, &other.namespace) == (region, namespace)
            && target["kind"].as_str() == Some(object.kind.as_str())
            && target["name"].as_str() == Some(name.as_str())
    });
    let scaler = scaler.map(|scaler| &scaler.value["spec"]);
    assert!(
        scaler.is_none() || spec.get("replicas").is_none(),
        "{region}/{name}: two say how many replicas there are"
    );
    let replicas = match scaler {
        Some(scaler) => number(&scaler["minReplicas"]).expect("minReplicas"),
        None => number(&spec["replicas"]).unwrap_or(1),
    };
    let max = scaler.map_or(replicas, |scaler| number(&scaler["maxReplicas"]).expect("most"));
    let rolling = &spec["strategy"]["rollingUpdate"];
    let own = labels_of(value);
    let peak = value["metadata"]["annotations"]["ninefold.dev/peak-replicas"].as_str();
    Workload {
        region: region.clone(),
        namespace: namespace.clone(),
        name: name.clone(),
        service: own["ninefold.dev/service"].clone(),
        tier: own["ninefold.dev/tier"].clone(),
        stateful: object.kind == "StatefulSet",
        alone: value["metadata"]["annotations"].get("ninefold.dev/single-writer").is_some(),
        replicas,
        max,
        surge: number(&rolling["maxSurge"]).unwrap_or(0),
        unavailable: number(&rolling["maxUnavailable"]).unwrap_or(0),
        peak: peak.expect("the peak is annotated").parse().expect("a number"),
        labels: pod_labels,
        constraints: constraints(pod),
        tolerations: tolerations(pod),
    }
}

fn constraints(pod: &Value) -> Vec<Constraint> {
    let all = pod["topologySpreadConstraints"].as_sequence().into_iter().flatten();
    all.filter(|one| one["whenUnsatisfiable"].as_str() == Some("DoNotSchedule"))
        .map(|one| Constraint {
            key: one["topologyKey"].as_str().expect("a key").to_owned(),
            max_skew: number(&one["maxSkew"]).expect("a skew"),
            min_domains: number(&one["minDomains"]).unwrap_or(1),
            // The default is `Ignore`.
            honours_taints: one["nodeTaintsPolicy"].as_str() == Some("Honor"),
            selector: selector(&one["labelSelector"]),
            match_keys: one["matchLabelKeys"].as_sequence().map_or_else(Vec::new, |keys| {
                keys.iter().map(|key| key.as_str().expect("a key").to_owned()).collect()
            }),
        })
        .collect()
}

fn tolerations(pod: &Value) -> Vec<(Option<String>, Option<String>)> {
    let all = pod["tolerations"].as_sequence().into_iter().flatten();
    all.map(|one| {
        let text = |key: &str| one[key].as_str().map(str::to_owned);
        assert_eq!(one["operator"].as_str(), Some("Exists"), "the oracle knows `Exists` only");
        (text("key"), text("effect"))
    })
    .collect()
}

// Scheduling -------------------------------------------------------------------------------------

/// A pod that runs.
#[derive(Clone, Debug)]
struct Pod {
    labels: Rc<Labels>,
    node: usize,
}

/// Nodes, and the pods of one namespace on them.
#[derive(Clone, Debug)]
struct Cluster {
    /// None where a node object is gone.
    nodes: Vec<Option<Node>>,
    pods: Vec<Pod>,
}

impl Cluster {
    fn new(nodes: &[Node]) -> Cluster {
        Cluster { nodes: nodes.iter().cloned().map(Some).collect(), pods: Vec::new() }
    }

    /// The nodes on which the scheduler may put a pod.
    fn feasible(&self, workload: &Workload, labels: &Labels) -> Vec<usize> {
        let tolerated = |node: &Node| {
            node.taints.iter().all(|(key, effect)| {
                workload.tolerations.iter().any(|(k, e)| {
                    k.as_ref().is_none_or(|k| k == key) && e.as_ref().is_none_or(|e| e == effect)
                })
            })
        };
        let there = |at: usize| self.nodes[at].as_ref().is_some_and(|node: &Node| tolerated(node));
        let mut feasible: Vec<usize> = (0..self.nodes.len()).filter(|at| there(*at)).collect();
        for constraint in &workload.constraints {
            let mut selector = constraint.selector.clone();
            for key in &constraint.match_keys {
                if let Some(value) = labels.get(key) {
                    selector.insert(key.clone(), value.clone());
                }
            }
            // Nodes that lack a key of any constraint are no candidates; all of ours have both.
            let mut counts: Vec<Option<usize>> = vec![None; self.nodes.len()];
            for node in self.nodes.iter().flatten() {
                if !constraint.honours_taints || tolerated(node) {
                    counts[node.domain(&constraint.key)] = Some(0);
                }
            }
            for pod in self.pods.iter().filter(|pod| selects(&selector, &pod.labels)) {
                let Some(node) = &self.nodes[pod.node] else { continue };
                if let Some(count) = &mut counts[node.domain(&constraint.key)] {
                    *count += 1;
                }
            }
            let min = match counts.iter().flatten().count() < constraint.min_domains {
                true => 0,
                false => counts.iter().flatten().copied().min().unwrap_or(0),
            };
            let own = usize::from(selects(&selector, labels));
            feasible.retain(|at| {
                let node = self.nodes[*at].as_ref().expect("it is there");
                let count = counts[node.domain(&constraint.key)].unwrap_or(0);
                count + own <= min + constraint.max_skew
            });
        }
        feasible
    }

    /// Schedules one pod; false when it stays pending.
    fn schedule(&mut self, workload: &Workload, revision: &str, adversary: &mut Adversary) -> bool {
        let mut labels = workload.labels.clone();
        let key = if workload.stateful { "controller-revision-hash" } else { "pod-template-hash" };
        labels.insert(key.to_owned(), format!("{}-{revision}", workload.name));
        let feasible = self.feasible(workload, &labels);
        if feasible.is_empty() {
            return false;
        }
        let node = adversary.choose(self, &feasible);
        self.pods.push(Pod { labels: Rc::new(labels), node });
        true
    }

    /// Schedules pods until `count` of them run; how many stay pending.
    fn fill(
        &mut self,
        workload: &Workload,
        count: usize,
        revision: &str,
        adversary: &mut Adversary,
    ) -> usize {
        let missing = count.saturating_sub(self.running(workload));
        (0..missing).filter(|_| !self.schedule(workload, revision, adversary)).count()
    }

    fn running(&self, workload: &Workload) -> usize {
        self.pods.iter().filter(|pod| selects(&workload.labels, &pod.labels)).count()
    }

    fn lost(&self, lost: &dyn Fn(&Node) -> bool) -> Cluster {
        let mut cluster = self.clone();
        let is_lost =
            |pod: &Pod| cluster.nodes[pod.node].as_ref().is_none_or(|node: &Node| lost(node));
        cluster.pods = self.pods.iter().filter(|pod| !is_lost(pod)).cloned().collect();
        cluster
    }

    /// The nodes are still listed, and do not answer. (What ran there was evicted.)
    fn unreachable(&self, lost: &dyn Fn(&Node) -> bool) -> Cluster {
        let mut cluster = self.lost(lost);
        for node in cluster.nodes.iter_mut().flatten().filter(|node| lost(node)) {
            for effect in ["NoSchedule", "NoExecute"] {
                node.taints.push(("node.kubernetes.io/unreachable".to_owned(), effect.to_owned()));
            }
        }
        cluster
    }

    /// The nodes are gone from the list, too.
    fn deleted(&self, lost: &dyn Fn(&Node) -> bool) -> Cluster {
        let mut cluster = self.lost(lost);
        for node in &mut cluster.nodes {
            if node.as_ref().is_some_and(lost) {
                *node = None;
            }
        }
        cluster
    }
}

/// Chooses among the nodes that the scheduler may take, so that a loss costs most.
#[derive(Clone, Debug)]
enum Adversary {
    /// Fills this zone first, then the fullest node.
    Zone(String),
    /// Fills this node first.
    Node(usize),
    /// The emptiest node, as the scheduler's scores would have it.
    Kind,
    /// Any.
    Random(Random),
}

impl Adversary {
    fn choose(&mut self, cluster: &Cluster, feasible: &[usize]) -> usize {
        let load = |at: usize| cluster.pods.iter().filter(|pod| pod.node == at).count();
        let zone_of = |at: usize| cluster.nodes[at].as_ref().expect("it is there").zone();
        let chosen = match self {
            Adversary::Zone(zone) => {
                feasible.iter().max_by_key(|at| (zone_of(**at) == zone.as_str(), load(**at)))
            }
            Adversary::Node(node) => feasible.iter().max_by_key(|at| (*at == node, load(**at))),
            Adversary::Kind => {
                let zone_load = |zone: &str| {
                    cluster.pods.iter().filter(|pod| zone_of(pod.node) == zone).count()
                };
                feasible.iter().min_by_key(|at| (zone_load(zone_of(**at)), load(**at)))
            }
            Adversary::Random(random) => Some(random.pick(feasible)),
        };
        *chosen.expect("there is a feasible node")
    }
}

fn zones(nodes: &[Node]) -> BTreeSet<String> {
    nodes.iter().map(|node| node.zone().to_owned()).collect()
}

/// Every adversary that is tried against a cluster.
fn adversaries(nodes: &[Node]) -> Vec<Adversary> {
    let mut all: Vec<Adversary> = zones(nodes).into_iter().map(Adversary::Zone).collect();
    all.extend([0, nodes.len() - 1].map(Adversary::Node));
    all.extend((0..2).map(|seed| Adversary::Random(Random::new(seed))));
    all.push(Adversary::Kind);
    all
}

// The checks -------------------------------------------------------------------------------------

/// What a tree does not keep.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Broken {
    /// Pods stay pending on a healthy cluster.
    Placement,
    /// Less than the peak is left after the loss of a zone.
    ZoneLoss,
    /// Less than the peak is left after the loss of a node.
    NodeLoss,
    /// What the lost zone ran finds no place in the others.
    Replacement,
    /// What the lost zone ran finds no place in the others once its nodes are deleted.
    ReplacementNodesGone,
    /// A rollout stops, or takes capacity away.
    Rollout,
    /// After zone and nodes are back, a rollout does not even the replicas out.
    Evening,
    /// A budget that blocks every drain.
    BudgetBlocks,
    /// A budget that lets a drain take the peak.
    BudgetTakesPeak,
    /// A budget that selects other pods than those of its service, or not all of them.
    BudgetSelects,
    /// Two budgets over one pod: the eviction API answers with an error.
    TwoBudgets,
    /// Less than the peak of all regions is left after the loss of one.
    RegionLoss,
}

#[derive(Debug, Default)]
struct Verdict {
    found: BTreeMap<Broken, BTreeSet<String>>,
    /// Placements that were judged: region, workload, pods on each node.
    seen: BTreeSet<(String, String, Vec<usize>)>,
}

impl Verdict {
    fn add(&mut self, broken: Broken, what: String) {
        self.found.entry(broken).or_default().insert(what);
    }
}

/// What a tree does not keep, in words.
pub(crate) fn broken(tree: &Files, specs: &Files) -> Vec<String> {
    let found = judge(tree, specs).found.into_iter();
    found
        .flat_map(|(broken, what)| what.into_iter().map(move |what| format!("{broken:?}: {what}")))
        .collect()
}

/// The fewest replicas that adversaries leave of what runs, by region and service: without any one
/// zone, and without any one node.
pub(crate) fn fewest_left(tree: &Files, specs: &Files) -> BTreeMap<(String, String), [usize; 2]> {
    let inventory = inventory(&specs["fleet.toml"]);
    let workloads = workloads(&objects(tree));
    let running = workloads.iter().filter(|workload| workload.replicas > 0);
    let worst = running.map(|workload| {
        let nodes = &inventory[&workload.region];
        let mut worst = [workload.replicas; 2];
        let by_node = (0..nodes.len()).map(Adversary::Node);
        for mut adversary in adversaries(nodes).into_iter().chain(by_node) {
            let mut cluster = Cluster::new(nodes);
            assert_eq!(cluster.fill(workload, workload.replicas, "1", &mut adversary), 0);
            for zone in zones(nodes) {
                let left = cluster.lost(&|node| node.zone() == zone).running(workload);
                worst[0] = worst[0].min(left);
            }
            for host in 0..nodes.len() {
                let left = cluster.lost(&|node| node.host == host).running(workload);
                worst[1] = worst[1].min(left);
            }
        }
        ((workload.region.clone(), workload.service.clone()), worst)
    });
    worst.collect()
}

/// Judges a tree against the nodes of `fleet.toml` and the peaks that the specs ask for.
fn judge(tree: &Files, specs: &Files) -> Verdict {
    let mut verdict = Verdict::default();
    let objects = objects(tree);
    let workloads = workloads(&objects);
    let inventory = inventory(&specs["fleet.toml"]);
    for workload in workloads.iter().filter(|workload| workload.replicas > 0) {
        let nodes = &inventory[&workload.region];
        place_and_lose(&mut verdict, workload, nodes);
        roll_out(&mut verdict, workload, nodes);
    }
    budgets(&mut verdict, &objects, &workloads);
    regions(&mut verdict, &objects, &workloads, specs);
    verdict
}

fn keeps_zone_loss(workload: &Workload) -> bool {
    !workload.alone && matches!(workload.tier.as_str(), "gold" | "platinum")
}

fn keeps_node_loss(workload: &Workload) -> bool {
    !workload.alone && (keeps_zone_loss(workload) || workload.tier == "silver")
}

fn place_and_lose(verdict: &mut Verdict, workload: &Workload, nodes: &[Node]) {
    let who = format!("{} in {}", workload.name, workload.region);
    // Growing to the most that an autoscaler asks for is no harder than growing to the least, but
    // for the places; what is lost is judged at the least.
    for count in BTreeSet::from([workload.replicas, workload.max]) {
        for mut adversary in adversaries(nodes) {
            let mut cluster = Cluster::new(nodes);
            let pending = cluster.fill(workload, count, "1", &mut adversary);
            if pending > 0 {
                let what = format!("{who}: {pending} of {count} pending with {adversary:?}");
                verdict.add(Broken::Placement, what);
                continue;
            }
            if count == workload.replicas {
                lose(verdict, workload, &cluster, &who);
            }
        }
    }
    // The loss of a zone is worse than that of any node in it.
    if keeps_node_loss(workload) && !keeps_zone_loss(workload) {
        for at in 0..nodes.len() {
            let mut cluster = Cluster::new(nodes);
            cluster.fill(workload, workload.replicas, "1", &mut Adversary::Node(at));
            lose_nodes(verdict, workload, &cluster, &who);
        }
    }
}

fn lose(verdict: &mut Verdict, workload: &Workload, cluster: &Cluster, who: &str) {
    // Adversaries often end at the same placement.
    let mut places = vec![0; cluster.nodes.len()];
    cluster.pods.iter().for_each(|pod| places[pod.node] += 1);
    if !verdict.seen.insert((workload.region.clone(), workload.name.clone(), places)) {
        return;
    }
    if keeps_node_loss(workload) {
        lose_nodes(verdict, workload, cluster, who);
    }
    if !keeps_zone_loss(workload) {
        return;
    }
    let nodes: Vec<Node> = cluster.nodes.iter().flatten().cloned().collect();
    for zone in zones(&nodes) {
        let lost = |node: &Node| node.zone() == zone;
        let left = cluster.lost(&lost).running(workload);
        if left < workload.peak {
            let what = format!("{who}: {left} of {} left without {zone}", workload.peak);
            verdict.add(Broken::ZoneLoss, what);
        }
        for (broken, after) in [
            (Broken::Replacement, cluster.unreachable(&lost)),
            (Broken::ReplacementNodesGone, cluster.deleted(&lost)),
        ] {
            let last = nodes.iter().rev().find(|node| !lost(node)).map(Node::zone);
            let last = Adversary::Zone(last.expect("a zone is left").to_owned());
            for mut adversary in [last, Adversary::Node(0), Adversary::Kind] {
                let mut after = after.clone();
                let pending = after.fill(workload, workload.replicas, "1", &mut adversary);
                if pending > 0 {
                    let what = format!("{who}: {pending} pending without {zone}");
                    verdict.add(broken.clone(), what);
                }
            }
        }
    }
}

fn lose_nodes(verdict: &mut Verdict, workload: &Workload, cluster: &Cluster, who: &str) {
    let used: BTreeSet<usize> = cluster.pods.iter().map(|pod| pod.node).collect();
    for at in used {
        let host = cluster.nodes[at].as_ref().expect("pods run on it").labels[HOST].clone();
        let left = cluster.lost(&|node| node.labels[HOST] == host).running(workload);
        if left < workload.peak {
            let what = format!("{who}: {left} of {} left without {host}", workload.peak);
            verdict.add(Broken::NodeLoss, what);
        }
    }
}

/// Rolls out a new revision step by step, on a whole cluster, on one that has lost a zone, and on
/// one whose zone is back, where the replicas are still where they went.
fn roll_out(verdict: &mut Verdict, workload: &Workload, nodes: &[Node]) {
    let who = format!("{} in {}", workload.name, workload.region);
    for adversary in adversaries(nodes) {
        let mut cluster = Cluster::new(nodes);
        if cluster.fill(workload, workload.replicas, "1", &mut adversary.clone()) > 0 {
            continue;
        }
        let mut whole = cluster.clone();
        if let Err(why) = replace_all(&mut whole, workload, &mut adversary.clone()) {
            verdict.add(Broken::Rollout, format!("{who}: {why}"));
        } else {
            lose(verdict, workload, &whole, &format!("{who} after a rollout"));
        }
        if !keeps_zone_loss(workload) {
            continue;
        }
        for zone in zones(nodes) {
            let lost = |node: &Node| node.zone() == zone;
            let mut without = cluster.deleted(&lost);
            if without.fill(workload, workload.replicas, "1", &mut adversary.clone()) > 0 {
                continue;
            }
            if let Err(why) = replace_all(&mut without.clone(), workload, &mut adversary.clone()) {
                verdict.add(Broken::Rollout, format!("{who}: {why}, without {zone}"));
            }
            without.nodes = nodes.iter().cloned().map(Some).collect();
            if let Err(why) = replace_all(&mut without, workload, &mut adversary.clone()) {
                verdict.add(Broken::Rollout, format!("{who}: {why}, after {zone} came back"));
            }
            let mut found = Verdict::default();
            lose(&mut found, workload, &without, &who);
            if found.found.contains_key(&Broken::ZoneLoss) {
                let what = format!("{who}: uneven after {zone} came back and a rollout");
                verdict.add(Broken::Evening, what);
            }
        }
    }
}

/// Replaces every pod by one of a new revision, as the controllers do.
fn replace_all(
    cluster: &mut Cluster,
    workload: &Workload,
    adversary: &mut Adversary,
) -> Result<(), String> {
    let wanted = cluster.running(workload);
    let (surge, unavailable) = match workload.stateful {
        // A StatefulSet deletes a pod, then makes it anew.
        true => (0, 1),
        false => (workload.surge, workload.unavailable),
    };
    if surge == 0 && unavailable == 0 {
        return Err("a rollout may neither add nor take a pod".to_owned());
    }
    let old = cluster.pods.clone();
    for (done, pod) in old.iter().enumerate() {
        let remove = |cluster: &mut Cluster| {
            let at = (cluster.pods.iter())
                .position(|other| (&other.labels, other.node) == (&pod.labels, pod.node));
            cluster.pods.remove(at.expect("it was not replaced yet"));
        };
        if surge == 0 {
            remove(cluster);
        }
        if !cluster.schedule(workload, "2", adversary) {
            return Err(format!("the rollout stops after {done} of {wanted} replicas"));
        }
        if surge > 0 {
            remove(cluster);
        }
    }
    Ok(())
}

fn budgets(verdict: &mut Verdict, objects: &[Object], workloads: &[Workload]) {
    let budgets: Vec<&Object> =
        objects.iter().filter(|object| object.kind == "PodDisruptionBudget").collect();
    for budget in &budgets {
        let spec = &budget.value["spec"];
        let who = format!("the budget {} in {}", budget.name, budget.region);
        let chosen = selector(&spec["selector"]);
        let service = &labels(&budget.value["metadata"]["labels"])["ninefold.dev/service"];
        for workload in workloads.iter().filter(|workload| here(budget, workload)) {
            if selects(&chosen, &workload.labels) != (workload.service == *service) {
                verdict.add(Broken::BudgetSelects, format!("{who}: {}", workload.name));
            }
        }
        let mine = || {
            workloads
                .iter()
                .filter(|workload| here(budget, workload) && selects(&chosen, &workload.labels))
        };
        if mine().next().is_none() {
            verdict.add(Broken::BudgetSelects, format!("{who}: nothing"));
        }
        let running: usize = mine().map(|workload| workload.replicas).sum();
        if running == 0 {
            continue;
        }
        let allowed = evictions(spec, running);
        if allowed == 0 {
            verdict.add(Broken::BudgetBlocks, who.clone());
        }
        for workload in mine().filter(|workload| keeps_node_loss(workload)) {
            if workload.replicas - allowed.min(workload.replicas) < workload.peak {
                let what = format!("{who}: {allowed} of {running}, {} needed", workload.peak);
                verdict.add(Broken::BudgetTakesPeak, what);
            }
        }
    }
    for workload in workloads {
        let over = |budget: &&&Object| {
            here(budget, workload)
                && selects(&selector(&budget.value["spec"]["selector"]), &workload.labels)
        };
        let count = budgets.iter().filter(over).count();
        if count > 1 {
            verdict.add(Broken::TwoBudgets, format!("{} in {}", workload.name, workload.region));
        }
        if count == 0 && workload.replicas > 1 {
            let what = format!("none over {} in {}", workload.name, workload.region);
            verdict.add(Broken::BudgetSelects, what);
        }
    }
}

fn here(budget: &Object, workload: &Workload) -> bool {
    (&budget.region, &budget.namespace) == (&workload.region, &workload.namespace)
}

/// How many of `running` healthy pods a budget lets go at once. Percentages round up.
fn evictions(spec: &Value, running: usize) -> usize {
    let amount = |value: &Value| match value.as_str() {
        Some(share) => {
            let share: usize = share.trim_end_matches('%').parse().expect("a percentage");
            (running * share).div_ceil(100)
        }
        None => number(value).expect("a number"),
    };
    let desired = match (spec.get("minAvailable"), spec.get("maxUnavailable")) {
        (Some(min), None) => amount(min),
        (None, Some(max)) => running.saturating_sub(amount(max)),
        both => panic!("the API server takes exactly one of the two: {both:?}"),
    };
    running.saturating_sub(desired)
}

/// Where every region of a platinum service serves, the others carry the load of one that is lost.
fn regions(verdict: &mut Verdict, objects: &[Object], workloads: &[Workload], specs: &Files) {
    for (path, text) in
        specs.iter().filter(|(path, _)| path.ends_with(".toml") && *path != "fleet.toml")
    {
        let spec: toml::Table = text.parse().expect(path);
        let (service, tier) = (generate::name(&spec), spec["tier"].as_str().expect("text"));
        let regions = generate::regions(&spec);
        let serves = |region: &str| {
            objects.iter().any(|object| {
                object.region == region
                    && object.kind == "ConfigMap"
                    && object.value["metadata"]["labels"]["ninefold.dev/service"] == *service
                    && object.value["data"]["REGION_ROLE"] == *"active"
            })
        };
        if tier != "platinum" || regions.len() < 2 || !regions.iter().all(|region| serves(region)) {
            continue;
        }
        let asked = spec.get("capacity").and_then(|capacity| capacity.get("peak"));
        let peak = asked.map_or(3, |peak| peak.as_integer().expect("a number"));
        let load = usize::try_from(peak).expect("positive") * regions.len();
        for lost in &regions {
            let others = || {
                workloads
                    .iter()
                    .filter(|workload| workload.service == service && workload.region != **lost)
            };
            let running: usize = others().map(|workload| workload.replicas).sum();
            let carried: usize = others().map(|workload| workload.peak).sum();
            if running < load || carried < load {
                let what = format!("{service}: {running}, {carried} of {load} without {lost}");
                verdict.add(Broken::RegionLoss, what);
            }
        }
    }
}

// What holds -------------------------------------------------------------------------------------

fn example() -> (Files, Files) {
    (generate::folder("out"), generate::folder("specs"))
}

#[test]
fn the_example_fleet_keeps_what_it_promises() {
    let (tree, specs) = example();
    let verdict = judge(&tree, &specs);
    assert!(verdict.found.is_empty(), "{:#?}", verdict.found);
    assert!(workloads(&objects(&tree)).len() > 15, "the oracle saw the fleet");
}

#[test]
fn random_fleets_keep_what_they_promise() {
    for seed in 0..20 {
        let fleet = generate::fleet(seed, 6);
        let verdict = judge(&fleet.compile(), &fleet.files());
        assert!(verdict.found.is_empty(), "seed {seed}: {:#?}", verdict.found);
    }
}

/// Few nodes, and not as many in each zone: either the fleet is refused, or it keeps its promises.
#[test]
fn small_and_uneven_fleets_keep_what_they_promise_or_are_refused() {
    let (mut judged, mut refused) = (0, 0);
    for seed in 0..30 {
        let mut fleet = generate::fleet(seed, 3);
        let mut random = Random::new(seed);
        let regions = fleet.fleet["regions"].as_table_mut().expect("a table");
        for (_, region) in regions.iter_mut() {
            for zone in region["zones"].as_array_mut().expect("a list") {
                let zone = zone.as_table_mut().expect("a table");
                zone.insert(
                    "nodes".to_owned(),
                    random.between(1, 2 + i64::from(seed % 2 == 0)).into(),
                );
                zone.insert("cpu".to_owned(), "800".into());
                zone.insert("memory".to_owned(), "3Ti".into());
            }
        }
        match generate::compile(&fleet.files()) {
            Ok(tree) => {
                let verdict = judge(&tree, &fleet.files());
                assert!(verdict.found.is_empty(), "seed {seed}: {:#?}", verdict.found);
                judged += 1;
            }
            Err(findings) => {
                let known = findings.iter().all(|finding| finding.code == "too-few-nodes");
                assert!(known, "seed {seed}: {findings:#?}");
                refused += 1;
            }
        }
    }
    assert!(judged > 10 && refused > 0, "{judged} judged, {refused} refused");
}

/// Specs of one service on zones of so many nodes.
fn on_zones(service: &str, nodes: &[u32]) -> Files {
    let zone = |(index, nodes): (usize, &u32)| {
        format!("{{ name = \"z{index}\", nodes = {nodes}, cpu = \"800\", memory = \"1Ti\" }}")
    };
    let zones: Vec<String> = nodes.iter().enumerate().map(zone).collect();
    let fleet = format!(
        "inventory = \"2026-11-01\"\n[regions.one]\ngeography = \"us\"\nprovider = \"other\"\n\
         cluster = \"one\"\nkubernetes = \"1.34\"\nzones = [{}]\nbackup.locations = \
         [{{ name = \"vault\", stored_in = \"elsewhere\", geography = \"us\" }}]\n",
        zones.join(", ")
    );
    let service = format!(
        "name = \"probe\"\nimage = \"registry.example.com/probe@sha256:{}\"\n\
         regions = [\"one\"]\nrpo = \"2d\"\nrto = \"1d\"\n{service}",
        "0".repeat(64)
    );
    [("fleet.toml", fleet), ("probe.toml", service)]
        .map(|(path, text)| (path.to_owned(), text))
        .into()
}

#[test]
fn replicas_that_outlive_a_node_need_nodes_of_their_own() {
    let specs = on_zones("tier = \"silver\"", &[1, 1]);
    let findings = generate::compile(&specs).expect_err("3 replicas on 2 nodes");
    assert_eq!(findings[0].code, "too-few-nodes");
    assert_eq!(findings[0].message, "`probe` needs 3 nodes in `one`, it has 2");
    assert_eq!(findings[0].text, "\"one\"");
    // Whatever the zones look like, and however far an autoscaler may go.
    for (more, nodes) in [("", [1, 2]), ("capacity.autoscale = { max = 20 }", [2, 7])] {
        let specs = on_zones(&format!("tier = \"silver\"\n{more}"), &nodes);
        let tree = generate::compile(&specs).expect("it is valid");
        assert_eq!(judge(&tree, &specs).found, BTreeMap::new());
    }
}

#[test]
fn what_a_lost_zone_ran_has_room_in_zones_of_unequal_size() {
    for peak in 4..9 {
        let specs = on_zones(&format!("tier = \"gold\"\ncapacity.peak = {peak}"), &[4, 10, 10]);
        let tree = generate::compile(&specs).expect("it is valid");
        assert_eq!(judge(&tree, &specs).found, BTreeMap::new(), "peak {peak}");
    }
}

// The oracle can say no ------------------------------------------------------------------------

/// What is broken once `from` reads `to` in the files of a service of the example fleet that end
/// with `file`.
#[track_caller]
fn doctored(service: &str, file: &str, from: &str, to: &str) -> Vec<Broken> {
    let (mut tree, specs) = example();
    tree.retain(|path, _| path.split('/').nth(1) == Some(service));
    let mut changed = 0;
    for (path, text) in tree.iter_mut().filter(|(path, _)| path.ends_with(file)) {
        assert!(text.contains(from), "{path} has no `{from}`");
        *text = text.replace(from, to);
        changed += 1;
    }
    assert!(changed > 0, "no such file");
    judge(&tree, &specs).found.into_keys().collect()
}

#[test]
fn all_zones_as_domains_block_replacements() {
    let broken = doctored("checkout", "deployment.yaml", "minDomains: 2", "minDomains: 3");
    assert_eq!(broken, [Broken::Replacement, Broken::ReplacementNodesGone]);
}

#[test]
fn nodes_that_do_not_answer_block_replacements_unless_their_taints_count() {
    let (honor, ignore) = ("nodeTaintsPolicy: Honor", "nodeTaintsPolicy: Ignore");
    assert_eq!(doctored("checkout", "deployment.yaml", honor, ignore), [Broken::Replacement]);
    assert_eq!(doctored("orders", "stateful-set.yaml", honor, ignore), [Broken::Replacement]);
}

#[test]
fn a_wish_keeps_nothing() {
    let (must, wish) = ("DoNotSchedule", "ScheduleAnyway");
    assert_eq!(
        doctored("checkout", "deployment.yaml", must, wish),
        [Broken::ZoneLoss, Broken::NodeLoss, Broken::Evening]
    );
    assert_eq!(doctored("mailer", "deployment.yaml", must, wish), [Broken::NodeLoss]);
}

#[test]
fn too_few_replicas_lose_the_peak_with_a_zone() {
    let broken = doctored("checkout", "deployment.yaml", "replicas: 3", "replicas: 2");
    assert!(broken.contains(&Broken::ZoneLoss) && broken.contains(&Broken::NodeLoss), "{broken:?}");
    let broken =
        doctored("search", "horizontal-pod-autoscaler.yaml", "minReplicas: ", "minReplicas: 2 # ");
    assert!(broken.contains(&Broken::ZoneLoss), "{broken:?}");
}

#[test]
fn domains_that_do_not_exist_keep_pods_pending() {
    let broken = doctored("payments", "deployment.yaml", "minDomains: 2", "minDomains: 7");
    assert!(broken.contains(&Broken::Placement), "{broken:?}");
}

#[test]
fn revisions_that_are_counted_together_end_uneven() {
    let keys = "matchLabelKeys:\n        - pod-template-hash";
    let broken = doctored("payments", "deployment.yaml", keys, "matchLabelKeys: []");
    assert!(broken.contains(&Broken::ZoneLoss), "{broken:?}");
}

#[test]
fn a_rollout_that_may_neither_add_nor_take_stops() {
    let broken = doctored("checkout", "deployment.yaml", "maxSurge: 1", "maxSurge: 0");
    assert_eq!(broken, [Broken::Rollout, Broken::Evening]);
}

#[test]
fn a_budget_is_judged() {
    let file = "pod-disruption-budget.yaml";
    let check = |from: &str, to: &str| doctored("checkout", file, from, to);
    assert_eq!(check("maxUnavailable: 1", "maxUnavailable: 0"), [Broken::BudgetBlocks]);
    assert_eq!(check("maxUnavailable: 1", "minAvailable: 3"), [Broken::BudgetBlocks]);
    assert_eq!(check("maxUnavailable: 1", "minAvailable: 67%"), [Broken::BudgetBlocks]);
    assert_eq!(check("maxUnavailable: 1", "minAvailable: 66%"), []);
    assert_eq!(check("maxUnavailable: 1", "maxUnavailable: 2"), [Broken::BudgetTakesPeak]);
    let chosen = "matchLabels:\n      ninefold.dev/service: checkout";
    let others = "matchLabels:\n      ninefold.dev/service: others";
    assert_eq!(check(chosen, others), [Broken::BudgetSelects]);
}

#[test]
fn a_budget_over_its_neighbours_is_found_and_two_over_one_pod_too() {
    let (mut tree, specs) = example();
    // Three services share this namespace.
    tree.retain(|path, _| path.starts_with("eastus2/"));
    let path = "eastus2/search/pod-disruption-budget.yaml";
    let wide = tree[path].replace("  selector:", "  selector: {}\n  was:");
    tree.insert(path.to_owned(), wide);
    let found = judge(&tree, &specs).found;
    assert!(found.contains_key(&Broken::BudgetSelects), "{found:?}");
    assert!(found[&Broken::TwoBudgets].len() > 1, "{found:?}");
}

#[test]
fn regions_too_small_for_each_other_are_found() {
    let (from, to) = ("peak-replicas: \"6\"", "peak-replicas: \"5\"");
    assert_eq!(doctored("payments", "deployment.yaml", from, to), [Broken::RegionLoss]);
}

// What is not kept, and said -------------------------------------------------------------------

/// The one workload of a service in a region of the example, with its nodes.
fn one(service: &str, region: &str) -> (Workload, Vec<Node>) {
    let (tree, specs) = example();
    let workloads = workloads(&objects(&tree));
    let found = workloads.into_iter().find(|one| one.service == service && one.region == region);
    (found.expect("it is there"), inventory(&specs["fleet.toml"])[region].clone())
}

/// The scheduler moves nothing that runs: a premise of every claim, and a step of the runbook.
#[test]
fn after_a_zone_came_back_the_next_loss_takes_too_much_until_a_rollout() {
    let (workload, nodes) = one("payments", "eastus2");
    let adversary = &mut Adversary::Kind;
    let mut cluster = Cluster::new(&nodes);
    assert_eq!(cluster.fill(&workload, 9, "1", adversary), 0);
    let in_zone = |zone: &'static str| move |node: &Node| node.zone() == zone;
    let mut cluster = cluster.unreachable(&in_zone("eastus2-1"));
    assert_eq!(cluster.fill(&workload, 9, "1", adversary), 0);
    cluster.nodes = nodes.iter().cloned().map(Some).collect();
    assert!(cluster.lost(&in_zone("eastus2-2")).running(&workload) < workload.peak);
    assert_eq!(replace_all(&mut cluster, &workload, adversary), Ok(()));
    assert!(cluster.lost(&in_zone("eastus2-2")).running(&workload) >= workload.peak);
}

/// A ReplicaSet that shrinks looks at nodes, not at zones (`getPodsToDelete` in
/// `pkg/controller/replicaset/replica_set.go`), so after a peak the zones may be uneven.
#[test]
fn after_an_autoscaler_shrank_a_service_a_zone_may_hold_too_much() {
    let (workload, nodes) = one("search", "eastus2");
    let mut cluster = Cluster::new(&nodes);
    assert_eq!(cluster.fill(&workload, workload.max, "1", &mut Adversary::Kind), 0);
    let in_zone = |node: &Node| node.zone() == "eastus2-1";
    // One pod on each node, all equal to the controller: it takes from the other zones.
    let (kept, spare): (Vec<Pod>, Vec<Pod>) = (cluster.pods.iter().cloned())
        .partition(|pod| cluster.nodes[pod.node].as_ref().is_some_and(in_zone));
    let more = spare.into_iter().take(workload.replicas - kept.len());
    cluster.pods = kept.into_iter().chain(more).collect();
    assert_eq!(cluster.running(&workload), workload.replicas);
    assert!(cluster.lost(&in_zone).running(&workload) < workload.peak);
}
