//! Random histories of a repository, each commit of whose default branch is delivered.

use super::cluster::{
    Address, Cluster, Key, addresses, is_failing_job, is_workload, key, leads_to, peak, text, work,
};
use super::engine::{self, REGION};
use super::script::Script;
use crate::workbench::{Files, Workbench};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use toml::Table;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Flux,
    ArgoCd,
    Kubectl,
}

impl Engine {
    pub(super) const ALL: [Engine; 3] = [Engine::Flux, Engine::ArgoCd, Engine::Kubectl];

    fn delivery(self) -> &'static str {
        match self {
            Engine::Flux => {
                "\n[delivery]\nengine = \"flux\"\nrepository = \"https://git.example.com/fleet.git\"\n"
            }
            Engine::ArgoCd => {
                "\n[delivery]\nengine = \"argo-cd\"\nrepository = \"https://git.example.com/fleet.git\"\n"
            }
            Engine::Kubectl => "\n[delivery]\nengine = \"kubectl\"\n",
        }
    }
}

/// A source of numbers that is the same every time.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end
    }
}

/// One that replaces, one that rolls and calls it, one that an autoscaler scales, one with volumes, one
/// that nothing calls.
pub(super) const SERVICES: [(&str, &str); 5] = [
    ("hello", ""),
    ("shop", "rollout = \"rolling\"\n\n[[depends_on]]\nservice = \"hello\"\n"),
    ("search", "capacity = { autoscale = { max = 12 } }\n"),
    (
        "store",
        "kind = \"stateful\"\n\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"10Gi\"\n",
    ),
    ("worker", "ports = []\n\n[probes]\nlive = [\"/worker\", \"health\"]\n"),
];

pub(super) struct History {
    pub(super) bench: Workbench,
    pub(super) cluster: Cluster,
    pub(super) random: Random,
    /// What was done.
    pub(super) told: Vec<String>,
    /// Whether something that somebody retired without looking is still to be deleted.
    pub(super) blind: bool,
    /// What somebody retired, while it is in no tree that is delivered.
    pub(super) retired: BTreeSet<Key>,
    pub(super) releases: u64,
    /// Whether people have jobs that come before releases.
    pub(super) jobs: bool,
    /// The commit that was delivered last.
    pub(super) delivered: String,
    engine: Engine,
    script: Script,
}

impl History {
    /// A repository with its first release delivered.
    pub(super) fn begin(engine: Engine, seed: u64) -> History {
        let bench = Workbench::initialised();
        let fleet = bench.read("specs/fleet.toml").replace("delivery = \"kubectl\"", "");
        let storage = "storage = [{ name = \"disk\", topology = \"region\", binding = \"wait-for-first-consumer\", snapshots = \"disk\" }]\n\n# Where Velero";
        let fleet = fleet.replace("# Where Velero", storage);
        bench.write("specs/fleet.toml", &(fleet + engine.delivery()));
        let first = bench.read("specs/hello.toml");
        for (name, more) in SERVICES {
            let spec = first.replace("\"hello\"", &format!("\"{name}\""));
            let spec = spec.replace("example.com/hello@", &format!("example.com/{name}@"));
            bench.write(&format!("specs/{name}.toml"), &format!("{}\n{more}", spec.trim_end()));
        }
        bench.git(&["init", "-q", "-b", "main"]);
        let mut history = History {
            bench,
            cluster: Cluster::default(),
            random: Random(seed * 0x9E37_79B9 + 1),
            told: vec![format!("{engine:?}, seed {seed}")],
            blind: false,
            retired: BTreeSet::new(),
            releases: 0,
            jobs: false,
            delivered: String::new(),
            engine,
            script: Script::new(),
        };
        for (name, _) in SERVICES {
            history.set(name, &["config", "RELEASE"], Some("good-0".into()));
        }
        history.bench.run(&["build"]).code(0);
        history.commit("first");
        let tree = history.bench.tree();
        history.deliver_whole(&tree);
        history.delivered = history.bench.git(&["rev-parse", "HEAD"]);
        history
    }

    pub(super) fn commit(&self, message: &str) {
        self.bench.git(&["add", "-A"]);
        self.bench.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Changes a value of a spec, or takes it out.
    pub(super) fn set(&mut self, service: &str, path: &[&str], value: Option<toml::Value>) {
        let file = format!("specs/{service}.toml");
        let mut spec: Table = self.bench.read(&file).parse().unwrap();
        let (last, above) = path.split_last().unwrap();
        let mut table = &mut spec;
        for key in above {
            let inner = table.entry(*key).or_insert_with(|| Table::new().into());
            table = inner.as_table_mut().unwrap();
        }
        let shown = value.as_ref().map_or("none".to_owned(), ToString::to_string);
        self.told.push(format!("{service}: {} = {shown}", path.join(".")));
        match value {
            Some(value) => drop(table.insert((*last).to_owned(), value)),
            None => drop(table.remove(*last)),
        }
        self.bench.write(&file, &toml::to_string(&spec).unwrap());
    }

    /// Writes a line into a spec, in place of what it has under that key.
    pub(super) fn write(&mut self, service: &str, line: &str) {
        let (path, value) = line.split_once(" = ").unwrap();
        let mut written: Table = format!("value = {value}").parse().unwrap();
        let path: Vec<&str> = path.split('.').collect();
        self.set(service, &path, written.remove("value"));
    }

    /// What a command says when it ends otherwise than well.
    pub(super) fn trouble(&self, arguments: &[&str]) -> Option<String> {
        let run = self.bench.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        (!run.status.success()).then_some(told)
    }

    fn run(&self, arguments: &[&str]) {
        if let Some(told) = self.trouble(arguments) {
            panic!("{arguments:?}: {told}\n  {}", self.story());
        }
    }

    pub(super) fn build(&self) {
        self.run(&["build"]);
    }

    /// Builds; or, as a service would lose what serves and nobody accepts that, takes back what was
    /// done since the last delivery.
    pub(super) fn build_or_give_up(&mut self) -> bool {
        let Some(told) = self.trouble(&["build"]) else { return true };
        let refused = ["replicas-reset", "port-renamed", "consumed-twice"];
        let errors: Vec<&str> = told.lines().filter(|line| line.starts_with("error[")).collect();
        let known = |line: &&str| refused.iter().any(|code| line.contains(&format!("[{code}]")));
        assert!(!errors.is_empty() && errors.iter().all(known), "{told}\n  {}", self.story());
        self.told.push(format!("given up: {}", errors[0]));
        self.bench.git(&["reset", "-q", "--hard", &self.delivered]);
        false
    }

    /// What is committed is what a build makes of it, again and again.
    pub(super) fn settled(&self) {
        let tree = self.bench.tree();
        self.run(&["build", "--check"]);
        self.build();
        assert!(tree == self.bench.tree(), "a second build changes the tree: {}", self.story());
        self.run(&["verify"]);
    }

    pub(super) fn story(&self) -> String {
        self.told.join("\n  ")
    }

    /// The fewest endpoints that each address may have while a tree is delivered: those that carry the
    /// peak, or those that there are, if that is fewer.
    fn floors(&self, tree: &Files) -> BTreeMap<Address, u64> {
        let objects = engine::folder(tree, REGION);
        let current = objects.iter().filter(|(path, _)| !path.contains("/retained/"));
        let current: Vec<&Value> = current.map(|(_, object)| object).collect();
        let there = |kind: &'static str| {
            self.cluster.objects().filter(move |object| text(object, "/kind") == kind)
        };
        let workloads: Vec<&Value> = self.cluster.objects().filter(|it| is_workload(it)).collect();
        let mut floors = BTreeMap::new();
        let mut floor = |address: Address, of: &dyn Fn(&Value) -> bool| {
            let peak_of = |objects: &[&Value]| {
                let of = objects.iter().filter(|object| is_workload(object) && of(object));
                of.filter_map(|workload| peak(workload)).max()
            };
            let max = peak_of(&current).or(peak_of(&workloads)).unwrap_or(0);
            floors.insert(address.clone(), self.cluster.endpoints(&address).min(max));
        };
        for service in there("Service") {
            let gone = self.retired.contains(&key(service));
            if text(service, "/spec/clusterIP") != "None" && !gone {
                for address in addresses(service) {
                    floor(address, &|workload| leads_to(service, workload));
                }
            }
        }
        for worker in there("Deployment") {
            if worker.pointer("/spec/template/spec/containers/0/ports").is_none() {
                floor(work(worker), &|workload| work(workload) == work(worker));
            }
        }
        floors
    }

    /// Delivers a tree, perhaps not to the end; what fell meanwhile.
    pub(super) fn deliver(&mut self, tree: &Files) -> Vec<String> {
        let ends_after = match self.random.below(6) {
            0 => self.random.below(50),
            _ => u64::MAX,
        };
        let mut fallen = self.deliver_until(tree, ends_after);
        let settles = self.random.below(4) > 0;
        self.told.push(match (ends_after, settles) {
            (u64::MAX, true) => "delivered".to_owned(),
            (_, true) => format!("delivered until {ends_after}"),
            (_, false) => format!("delivered until {ends_after}, and no pod is up yet"),
        });
        if settles {
            self.cluster.settle();
            fallen.append(&mut self.cluster.fallen);
        }
        fallen
    }

    /// Delivers a tree to its end, and waits.
    pub(super) fn deliver_whole(&mut self, tree: &Files) -> Vec<String> {
        let mut fallen = self.deliver_until(tree, u64::MAX);
        self.cluster.settle();
        fallen.append(&mut self.cluster.fallen);
        fallen
    }

    /// Delivers a tree; the engine ends after so many calls, folders or syncs.
    fn deliver_until(&mut self, tree: &Files, ends_after: u64) -> Vec<String> {
        let objects: BTreeSet<Key> = engine::folder(tree, REGION).values().map(key).collect();
        self.retired.retain(|gone| !objects.contains(gone));
        self.cluster.watch(if self.blind { BTreeMap::new() } else { self.floors(tree) });
        let (cluster, random) = (&mut self.cluster, &mut self.random);
        match self.engine {
            Engine::Flux => {
                let mut left = ends_after / 10;
                let ends = || {
                    left = left.saturating_sub(1);
                    left == 0
                };
                engine::flux(cluster, tree, |end| random.below(end), ends);
            }
            Engine::ArgoCd => engine::argo_cd(cluster, tree, 2.min(ends_after / 20)),
            Engine::Kubectl => self.script.deliver(cluster, tree, ends_after),
        }
        let objects = engine::folder(tree, REGION);
        let there: BTreeSet<Key> = objects.values().map(key).collect();
        let is_over =
            |object: &Value| text(object, "/kind") == "Deployment" && !there.contains(&key(object));
        self.blind &= self.cluster.objects().any(is_over);
        std::mem::take(&mut self.cluster.fallen)
    }

    /// What the newest release serves in the end, where it is a good one.
    pub(super) fn serves(&mut self) {
        let tree = self.bench.tree();
        for _ in 0..3 {
            self.deliver_whole(&tree);
        }
        let objects = engine::folder(&tree, REGION);
        let folder = |path: &str| path.rsplit_once('/').expect("a folder").0.to_owned();
        let held: BTreeSet<String> = (objects.iter())
            .filter(|(_, object)| is_failing_job(object))
            .map(|(path, _)| folder(path))
            .collect();
        let now = objects.iter().filter(|(path, object)| {
            !path.contains("/retained/")
                && !held.contains(&folder(path))
                && is_workload(object)
                && self.cluster.is_good(&key(object))
        });
        for (path, workload) in now {
            let ready = self.cluster.ready(&key(workload));
            let peak = peak(workload).unwrap();
            assert!(ready >= peak, "{path} has {ready} of {peak} pods: {}", self.story());
        }
    }
}
