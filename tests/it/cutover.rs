//! The page that moves a running service: its commands are run, one after the other, on a model of what
//! Services find, and no step leaves fewer ready endpoints than the one before.

use crate::workbench::{Files, compile, repository};
use expect_test::expect_file;
use ninefold::diag::{Sink, Sources};
use ninefold::import::{self, Imported, Options, Request};
use serde_json::Value;
use std::collections::BTreeMap;

type Labels = BTreeMap<String, String>;

/// The folder of the input, its file, and what the service is called.
const CASES: &[(&str, &str, &str)] = &[
    ("plain", "tests/cutover/plain.yaml", "api"),
    ("routed", "tests/cutover/routed.yaml", "web"),
    ("claims", "tests/import/database/in.yaml", "db"),
    ("worker", "tests/cutover/worker.yaml", "worker"),
];

const ENGINES: [&str; 3] = ["kubectl", "argo-cd", "flux"];

fn import(path: &str, fleet: Option<String>) -> Imported {
    let text = std::fs::read_to_string(repository(path)).unwrap();
    let mut sources = Sources::default();
    let file = sources.add("in.yaml", text);
    let options = Options::new("specs", "data");
    let (files, beside) = (vec![file], BTreeMap::new());
    let ledgers = Vec::new();
    let request = Request { options, sources: &sources, files, fleet, beside, ledgers };
    import::run(&mut Sink::default(), request).expect("it is imported")
}

/// What an import makes for an engine: the specs, the fleet among them, and the page.
fn moved(path: &str, service: &str, engine: &str) -> (Files, String) {
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
    let begun = import(path, None);
    let fleet = text(&begun.files["fleet.toml"]);
    let (line, rest) = ("delivery  = \"kubectl\"", format!("delivery  = \"{engine}\""));
    assert!(fleet.contains(line), "{fleet}");
    let fleet = fleet.replace(line, &rest);
    let imported = import(path, Some(fleet.clone()));
    let page = imported.cutover[&format!("{service}.md")].clone();
    let specs = imported.files.iter().map(|(path, bytes)| (path.clone(), text(bytes)));
    let specs = specs.chain([("fleet.toml".to_owned(), fleet)]).collect();
    (compile(&specs, &Files::new()).tree, page)
}

#[test]
fn the_page_of_each_engine() {
    for (case, path, service) in CASES {
        for engine in ENGINES {
            let (_, page) = moved(path, service, engine);
            let golden = repository("tests/cutover").join(format!("{case}.{engine}.md"));
            expect_file![golden].assert_eq(&page);
        }
    }
}

#[derive(Clone, Debug)]
struct Pod {
    name: String,
    labels: Labels,
    ready: bool,
    /// Who makes it anew; none where its owner was deleted and it stayed.
    owner: Option<String>,
    revision: usize,
}

/// What makes pods: a Deployment or a StatefulSet.
#[derive(Clone, Debug)]
struct Maker {
    stateful: bool,
    replicas: usize,
    selector: Labels,
    labels: Labels,
    revision: usize,
}

/// What Services find.
struct Cluster<'a> {
    tree: &'a Files,
    makers: BTreeMap<String, Maker>,
    services: BTreeMap<String, Labels>,
    pods: Vec<Pod>,
    /// The fewest ready endpoints of each Service at any moment since the last look.
    fewest: BTreeMap<String, usize>,
    revisions: usize,
}

fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let read = |one| <Value as serde::Deserialize>::deserialize(one).expect("it is YAML");
    documents.map(read).filter(|one: &Value| !one.is_null()).collect()
}

fn labels(value: &Value) -> Labels {
    let map = value.as_object().cloned().unwrap_or_default();
    map.into_iter().map(|(key, value)| (key, value.as_str().unwrap_or("").to_owned())).collect()
}

fn pairs(text: &str, between: char) -> Labels {
    let pairs = text.split(between).filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn selects(selector: &Labels, labels: &Labels) -> bool {
    !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

impl<'a> Cluster<'a> {
    /// The cluster as it runs before anything is done.
    fn running(source: &str, tree: &'a Files) -> Cluster<'a> {
        let (makers, services, fewest) = Default::default();
        let pods = Vec::new();
        let mut cluster = Cluster { tree, makers, services, pods, fewest, revisions: 0 };
        for object in documents(source) {
            cluster.apply(&object);
        }
        for scaler in
            documents(source).iter().filter(|one| one["kind"] == "HorizontalPodAutoscaler")
        {
            let name = scaler["spec"]["scaleTargetRef"]["name"].as_str().unwrap();
            let least = scaler["spec"]["minReplicas"].as_u64().unwrap();
            cluster.makers.get_mut(name).unwrap().replicas = usize::try_from(least).unwrap();
        }
        for maker in cluster.makers.keys().cloned().collect::<Vec<_>>() {
            cluster.roll(&maker);
        }
        // How it came to run is not asked.
        cluster.fewest.clear();
        cluster.look();
        cluster
    }

    fn endpoints(&self, service: &str) -> usize {
        let selector = &self.services[service];
        self.pods.iter().filter(|pod| pod.ready && selects(selector, &pod.labels)).count()
    }

    /// Notes how many endpoints are ready now.
    fn look(&mut self) {
        for service in self.services.keys().cloned().collect::<Vec<_>>() {
            let now = self.endpoints(&service);
            let fewest = self.fewest.entry(service).or_insert(now);
            *fewest = now.min(*fewest);
        }
    }

    fn apply(&mut self, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let spec = &object["spec"];
        match object["kind"].as_str().unwrap_or_default() {
            "Service" => {
                // Keys of the selector that another manager has written stay.
                let selector = labels(&spec["selector"]);
                self.services.entry(name).or_default().extend(selector);
            }
            kind @ ("Deployment" | "StatefulSet") => {
                self.revisions += 1;
                let maker = Maker {
                    stateful: kind == "StatefulSet",
                    replicas: match (spec["replicas"].as_u64(), self.makers.get(&name)) {
                        (Some(replicas), _) => usize::try_from(replicas).unwrap(),
                        // A field that is not applied stays as it is.
                        (None, old) => old.map_or(1, |old| old.replicas),
                    },
                    selector: labels(&spec["selector"]["matchLabels"]),
                    labels: labels(&spec["template"]["metadata"]["labels"]),
                    revision: self.revisions,
                };
                if let Some(old) = self.makers.get(&name) {
                    // The same object is no new revision.
                    if old.labels == maker.labels && old.stateful == maker.stateful {
                        let old = self.makers.get_mut(&name).unwrap();
                        old.replicas = maker.replicas;
                        return;
                    }
                    assert_eq!(old.selector, maker.selector, "a selector cannot change: {name}");
                }
                // It takes pods that nobody owns, by their labels.
                for pod in self.pods.iter_mut().filter(|pod| pod.owner.is_none()) {
                    if selects(&maker.selector, &pod.labels) {
                        pod.owner = Some(name.clone());
                    }
                }
                self.makers.insert(name, maker);
            }
            _ => {}
        }
    }

    /// Lets a workload end its rollout.
    fn roll(&mut self, name: &str) {
        let maker = self.makers.get(name).unwrap_or_else(|| panic!("no {name}")).clone();
        let make = |at: usize| Pod {
            name: format!("{name}-{at}"),
            labels: maker.labels.clone(),
            ready: true,
            owner: Some(name.to_owned()),
            revision: maker.revision,
        };
        let has = |pods: &[Pod], at: usize| {
            pods.iter()
                .any(|pod| pod.name == format!("{name}-{at}") && pod.owner.as_deref() == Some(name))
        };
        for at in (0..maker.replicas).filter(|at| !has(&self.pods, *at)).collect::<Vec<_>>() {
            let taken = self.pods.iter().any(|pod| pod.name == format!("{name}-{at}"));
            let stateful = maker.stateful;
            assert!(!taken || !stateful, "{name}-{at} is there, and is not its own");
            self.pods.push(make(at));
            self.look();
        }
        self.pods.retain(|pod| {
            let at = pod.name.rsplit('-').next().and_then(|at| at.parse::<usize>().ok());
            pod.owner.as_deref() != Some(name) || at.is_some_and(|at| at < maker.replicas)
        });
        if maker.stateful {
            for at in (0..maker.replicas).rev() {
                let pod = self.pods.iter_mut().find(|pod| pod.name == format!("{name}-{at}"));
                let pod = pod.expect("it was made");
                if pod.revision == maker.revision {
                    continue;
                }
                pod.ready = false;
                pod.labels = maker.labels.clone();
                self.look();
                let pod = self.pods.iter_mut().find(|pod| pod.name == format!("{name}-{at}"));
                let pod = pod.expect("it was made");
                (pod.ready, pod.revision) = (true, maker.revision);
            }
        }
        self.look();
    }

    /// Runs a line of the page.
    fn run(&mut self, line: &str) {
        let line = line.split("   #").next().unwrap_or_default().trim();
        let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "kubectl").collect();
        let words = match words.as_slice() {
            ["-n", _, rest @ ..] => rest,
            rest => rest,
        };
        match words {
            ["apply", "--server-side", "--force-conflicts", rest @ ..] => {
                for target in rest.iter().filter_map(|word| word.strip_prefix("out/")) {
                    let below = format!("{target}/");
                    let files = self
                        .tree
                        .iter()
                        .filter(|(path, _)| *path == target || path.starts_with(&below));
                    let objects: Vec<Value> = files.flat_map(|(_, text)| documents(text)).collect();
                    assert!(!objects.is_empty(), "{target} is not in the tree");
                    objects.iter().for_each(|object| self.apply(object));
                }
            }
            ["replace", "--force", "-f", file] => {
                let path = file.strip_prefix("out/").unwrap();
                for object in documents(&self.tree[path]) {
                    self.services.remove(object["metadata"]["name"].as_str().unwrap());
                    self.apply(&object);
                }
            }
            ["rollout", "status", what, ..] => self.roll(what.split_once('/').unwrap().1),
            ["patch", "service", name, "--type=json", "-p", ..] => {
                let patch = line.split_once("-p '").unwrap().1.trim_end_matches('\'');
                let patch: Value = serde_json::from_str(patch).expect("it is JSON");
                assert_eq!(patch[0]["path"], "/spec/selector");
                self.services.insert((*name).to_owned(), labels(&patch[0]["value"]));
            }
            ["label", "pods", "-l", selector, "--overwrite", added @ ..] => {
                let (selector, added) = (pairs(selector, ','), pairs(&added.join(" "), ' '));
                for pod in self.pods.iter_mut().filter(|pod| selects(&selector, &pod.labels)) {
                    pod.labels.extend(added.clone());
                }
            }
            ["scale", what, replicas] => {
                let (_, name) = what.split_once('/').unwrap();
                let replicas = replicas.strip_prefix("--replicas=").unwrap().parse().unwrap();
                self.makers.get_mut(name).unwrap_or_else(|| panic!("no {name}")).replicas =
                    replicas;
                self.roll(name);
            }
            ["delete", "replicaset", "-l", selector] => {
                let (selector, without) =
                    selector.trim_matches('\'').rsplit_once(",!").expect("it leaves new pods out");
                let selector = pairs(selector, ',');
                self.pods.retain(|pod| {
                    !selects(&selector, &pod.labels) || pod.labels.contains_key(without)
                });
            }
            ["delete", "statefulset" | "deployment", name, "--cascade=orphan"] => {
                self.makers.remove(*name).expect("it is there");
                let own = |pod: &&mut Pod| pod.owner.as_deref() == Some(*name);
                self.pods.iter_mut().filter(own).for_each(|pod| pod.owner = None);
            }
            ["delete", what] => {
                let (kind, name) = what.split_once('/').unwrap();
                match kind {
                    "deployment" => {
                        self.makers.remove(name).expect("it is there");
                        self.pods.retain(|pod| pod.owner.as_deref() != Some(name));
                    }
                    "service" => drop(self.services.remove(name).expect("it is there")),
                    "cronjob" | "ingress" | "configmap" | "serviceaccount" => {}
                    other => panic!("{other} is deleted: {line}"),
                }
            }
            ["delete", "hpa" | "pdb", _]
            | ["get" | "annotate" | "diff", ..]
            | ["patch", "hpa", ..] => {}
            ["argocd" | "flux" | "#" | "true", ..] | [] => {}
            other => panic!("the model does not know {other:?}"),
        }
        self.look();
    }
}

/// The commands of the page, by step; those of a way back are left out.
fn steps(page: &str) -> Vec<Vec<String>> {
    let mut steps = Vec::new();
    for part in page.split("\n## ").skip(1) {
        let blocks = part.split("```sh\n").skip(1);
        let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
        steps.push(blocks.flat_map(str::lines).map(str::to_owned).collect());
    }
    steps
}

/// The fewest endpoints of each Service while the page is followed, and how many it has before and after.
fn follow(case: usize, engine: &str, order: &[usize]) -> BTreeMap<String, (usize, usize, usize)> {
    let (_, path, service) = CASES[case];
    let (tree, page) = moved(path, service, engine);
    let source = std::fs::read_to_string(repository(path)).unwrap();
    let mut cluster = Cluster::running(&source, &tree);
    let before = cluster.fewest.clone();
    let steps = steps(&page);
    assert_eq!(steps.len(), 6, "{page}");
    for step in order {
        steps[*step].iter().for_each(|line| cluster.run(line));
    }
    let names = before.keys().filter(|name| cluster.services.contains_key(*name));
    names
        .map(|name| (name.clone(), (before[name], cluster.fewest[name], cluster.endpoints(name))))
        .collect()
}

const IN_ORDER: [usize; 6] = [0, 1, 2, 3, 4, 5];

#[test]
fn no_step_has_fewer_ready_endpoints_than_before() {
    for (case, service) in [(0, "api"), (1, "web")] {
        for engine in ENGINES {
            let found = follow(case, engine, &IN_ORDER);
            let (before, fewest, after) = found[service];
            assert!(before > 0);
            assert!(fewest >= before, "{service} by {engine}: {fewest} of {before}");
            assert!(after >= before, "{service} by {engine}: {after} of {before}");
        }
    }
}

/// What listens on nothing keeps its name, so its selector is in the way: its pods go on meanwhile.
#[test]
fn a_worker_runs_on() {
    let (_, path, service) = CASES[3];
    let (tree, page) = moved(path, service, "kubectl");
    let source = std::fs::read_to_string(repository(path)).unwrap();
    let mut cluster = Cluster::running(&source, &tree);
    assert_eq!(cluster.pods.len(), 2);
    for step in steps(&page) {
        for line in step {
            cluster.run(&line);
            assert!(cluster.pods.iter().filter(|pod| pod.ready).count() >= 2, "{line}");
        }
    }
    assert!(cluster.pods.iter().all(|pod| pod.labels.contains_key("ninefold.dev/service")));
}

/// A StatefulSet replaces its pods, one after the other, and nothing else takes an endpoint away.
#[test]
fn a_stateful_set_has_one_less_while_a_pod_starts_anew() {
    for engine in ENGINES {
        for (service, (before, fewest, after)) in follow(2, engine, &IN_ORDER) {
            assert_eq!((before, fewest, after), (3, 2, 3), "{service} by {engine}");
        }
    }
}

/// Lines that are pasted into a shell say nothing that somebody wrote into a manifest.
#[test]
fn what_somebody_wrote_is_no_command() {
    let text = std::fs::read_to_string(repository("tests/cutover/routed.yaml")).unwrap();
    let bad = "release-name: \"shop; rm -rf / `id` $(id)\\n```\"";
    let text = text.replace("release-name: shop,", &format!("{bad},"));
    assert!(text.contains("rm -rf"), "{text}");
    let mut sources = Sources::default();
    let files = vec![sources.add("in.yaml", text)];
    let options = Options::new("specs", "data");
    let request = Request {
        options,
        sources: &sources,
        files,
        fleet: None,
        beside: BTreeMap::new(),
        ledgers: Vec::new(),
    };
    let imported = import::run(&mut Sink::default(), request).expect("it is imported");
    let page = &imported.cutover["web.md"];
    assert!(page.contains("of shop? rm -rf / ?id? ??id????? from now on"), "{page}");
}

/// The model sees what goes wrong where the steps are taken in another order.
#[test]
fn another_order_loses_endpoints() {
    let handed_first = follow(0, "kubectl", &[0, 2, 1, 3, 4, 5]);
    assert_eq!(handed_first["api"].1, 0, "{handed_first:?}");
    let let_go_first = follow(0, "kubectl", &[0, 3, 1, 2, 4, 5]);
    assert_eq!(let_go_first["api"].1, 0, "{let_go_first:?}");
}
