//! Random histories of a repository, each commit of whose default branch is delivered.

use super::cluster::{Cluster, Key, is_failing_job, is_workload, key, leads_to, peak, text};
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

/// One that replaces, one that rolls and calls it, one that an autoscaler scales, one with volumes.
pub(super) const SERVICES: [(&str, &str); 4] = [
    ("hello", ""),
    ("shop", "rollout = \"rolling\"\n\n[[depends_on]]\nservice = \"hello\"\n"),
    ("search", "capacity = { autoscale = { max = 12 } }\n"),
    (
        "store",
        "kind = \"stateful\"\n\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"10Gi\"\n",
    ),
];

pub(super) struct History {
    pub(super) bench: Workbench,
    pub(super) cluster: Cluster,
    pub(super) random: Random,
    /// What was done.
    pub(super) told: Vec<String>,
    /// Whether something that somebody retired without looking is still to be deleted.
    pub(super) blind: bool,
    /// Whether anything was ever retired.
    pub(super) retired: bool,
    pub(super) releases: u64,
    /// Whether people have jobs that come before releases.
    pub(super) jobs: bool,
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
            retired: false,
            releases: 0,
            jobs: false,
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

    fn run(&self, arguments: &[&str]) {
        let run = self.bench.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.success(), "{arguments:?}: {told}\n  {}", self.story());
    }

    pub(super) fn build(&self) {
        self.run(&["build"]);
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

    /// The fewest endpoints that each Service may have while a tree is delivered: those that carry the
    /// peak, or those that there are, if that is fewer.
    fn floors(&self, tree: &Files) -> BTreeMap<Key, u64> {
        let objects = engine::folder(tree, REGION);
        let mut floors = BTreeMap::new();
        for service in self.cluster.objects().filter(|object| text(object, "/kind") == "Service") {
            let of = key(service);
            let stays = objects.values().any(|object| key(object) == of);
            if text(service, "/spec/clusterIP") == "None" || (!stays && self.retired) {
                continue;
            }
            let now = objects.iter().filter(|(path, _)| !path.contains("/retained/"));
            let now = now.filter(|(_, object)| is_workload(object) && leads_to(service, object));
            let ready = self.cluster.endpoints(&of);
            let there = self.cluster.objects();
            let there = there.filter(|object| is_workload(object) && leads_to(service, object));
            let most = now.filter_map(|(_, workload)| peak(workload)).max();
            let most = most.or(there.filter_map(peak).max()).unwrap_or(0);
            floors.insert(of, ready.min(most));
        }
        floors
    }

    /// Delivers a tree, perhaps not to the end; what fell meanwhile.
    pub(super) fn deliver(&mut self, tree: &Files) -> Vec<String> {
        let ends_after = match self.random.below(6) {
            0 => self.random.below(50),
            _ => u64::MAX,
        };
        let fallen = self.deliver_until(tree, ends_after);
        let settles = self.random.below(4) > 0;
        self.told.push(match (ends_after, settles) {
            (u64::MAX, true) => "delivered".to_owned(),
            (_, true) => format!("delivered until {ends_after}"),
            (_, false) => format!("delivered until {ends_after}, and no pod is up yet"),
        });
        if settles {
            self.cluster.settle();
        }
        fallen
    }

    /// Delivers a tree to its end, and waits.
    pub(super) fn deliver_whole(&mut self, tree: &Files) -> Vec<String> {
        let fallen = self.deliver_until(tree, u64::MAX);
        self.cluster.settle();
        fallen
    }

    /// Delivers a tree; the engine ends after so many calls, folders or syncs.
    fn deliver_until(&mut self, tree: &Files, ends_after: u64) -> Vec<String> {
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
