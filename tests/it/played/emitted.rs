//! What the emitted objects, the ledgers and the declared fleet say, as far as a loss is played with it.

use crate::generate::{self, Files};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A service in a region.
pub(super) type Place = (String, String);

/// A tree on its fleet.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) regions: BTreeMap<String, Region>,
    pub(super) workloads: BTreeMap<Place, Workload>,
    pub(super) services: BTreeMap<String, Service>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) copies: Vec<Copy>,
    /// By service, region, loss and objective.
    pub(super) claims: BTreeMap<(Place, String, String), Claim>,
}

/// What the fleet declares.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// Nodes, by zone.
    pub(super) zones: Vec<usize>,
    /// Seconds without a sign of life.
    pub(super) grace: u64,
    /// Storage classes that stand in one zone.
    pub(super) zonal: BTreeSet<String>,
    /// Backups that a Velero server makes at once.
    pub(super) concurrency: usize,
    /// What collecting the objects of a backup takes at most.
    pub(super) objects: u64,
}

/// A Deployment or a StatefulSet.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    pub(super) replicas: usize,
    pub(super) peak: usize,
    pub(super) stateful: bool,
    pub(super) apart: Apart,
    /// Seconds on a lost node.
    pub(super) stays: u64,
    pub(super) grace: u64,
    pub(super) startup: Option<Probe>,
    pub(super) live: Option<Probe>,
    pub(super) ready: Option<Probe>,
    pub(super) listens: bool,
    /// What the service itself asks for, and may use, in thousandths of a core.
    cpu: [Option<usize>; 2],
    /// The autoscaler that says how many there are; none where nothing does.
    pub(super) scaler: Option<Scaler>,
    /// The classes of its volumes.
    pub(super) classes: Vec<String>,
}

/// An autoscaler by CPU.
#[derive(Clone, Debug)]
pub(super) struct Scaler {
    pub(super) max: usize,
    /// What it aims at, and the most that it can see, in percent of what a pod asks for.
    pub(super) aim: usize,
    pub(super) sees: Option<usize>,
    /// Seconds for which a load must have been there.
    pub(super) looks_back: u64,
    /// Percent, replicas, and seconds of a period.
    pub(super) policies: Vec<(usize, usize, u64)>,
}

/// What a required spread keeps apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Apart {
    pub(super) zones: bool,
    pub(super) nodes: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    pub(super) period: u64,
    pub(super) failures: u64,
    pub(super) timeout: u64,
}

/// What the spec says, and the ledger of its roles.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) regions: Vec<String>,
    pub(super) strategy: String,
    pub(super) calls: Vec<String>,
    /// The time to live of what resolvers are told; none where nobody comes from outside.
    pub(super) ttl: Option<u64>,
    pub(super) replicated: bool,
    /// Whether health checks move its users.
    pub(super) automatic: bool,
    /// Bytes of each volume of a replica that is to be kept.
    pub(super) kept: Vec<u64>,
    /// Instances of its database, by region; none without one.
    pub(super) database: BTreeMap<String, u64>,
    /// Bytes of its database.
    pub(super) database_size: u64,
    /// Seconds after which a segment of the log is closed.
    pub(super) archive_timeout: u64,
    pub(super) failed_runs: usize,
}

/// A Schedule of Velero.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) region: String,
    pub(super) service: String,
    /// Whether it is the one that keeps the RPO.
    pub(super) first: bool,
    /// `*` for any but those that are apart.
    namespace: String,
    apart: BTreeSet<String>,
    /// Minutes of the day.
    pub(super) minutes: Vec<u64>,
    /// What holds a slot of the server, at most: hooks, objects, snapshots.
    pub(super) slot: u64,
    /// What is copied afterwards, at most.
    pub(super) operations: u64,
}

impl Schedule {
    /// Whether two of them back up a namespace that both have.
    pub(super) fn meets(&self, other: &Schedule) -> bool {
        match (self.namespace.as_str(), other.namespace.as_str()) {
            ("*", "*") => true,
            ("*", own) => !self.apart.contains(own),
            (own, "*") => !other.apart.contains(own),
            (own, others) => own == others,
        }
    }
}

/// One end of a copy of a volume.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) region: String,
    pub(super) service: String,
    pub(super) name: String,
    /// Whether it pushes.
    pub(super) source: bool,
    /// Minutes of the day.
    minutes: Vec<u64>,
}

impl Copy {
    /// The second of a turn.
    pub(super) fn at(&self, turn: usize) -> u64 {
        let (day, index) = (turn / self.minutes.len(), turn % self.minutes.len());
        day as u64 * 86_400 + self.minutes[index] * 60
    }
}

#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) worst: Option<u64>,
    pub(super) promised: Option<u64>,
    pub(super) terms: BTreeMap<String, u64>,
}

/// How many services without volumes are collected in the time that is declared for one.
const MANY: u64 = 240;

/// As Ninefold's tiers are declared: how many runs in a row may fail.
fn failed_runs(tier: &str) -> usize {
    let table: toml::Table = include_str!("../../../src/model/tiers.toml").parse().expect("TOML");
    let runs = table[tier]["backup"]["failed_runs"].as_integer().expect("a number");
    usize::try_from(runs).expect("small")
}

pub(super) fn read(fleet: &generate::Fleet, tree: &Files) -> World {
    let mut world = World::default();
    for (name, region) in fleet.fleet["regions"].as_table().expect("a table") {
        world.regions.insert(name.clone(), of_region(region));
    }
    let objects: Vec<(&str, Value)> = generate::manifests(tree)
        .filter(|(path, _)| path.ends_with(".yaml"))
        .map(|(path, text)| (path.as_str(), serde_yaml::from_str(text).expect("YAML")))
        .collect();
    for service in &fleet.services {
        world.services.insert(generate::name(service).to_owned(), of_service(service, &objects));
    }
    for (path, object) in &objects {
        if let kind @ ("Deployment" | "StatefulSet") = text(object, "/kind") {
            let (region, service) = place(path);
            let workload = workload(object, kind == "StatefulSet");
            world.workloads.insert((service, region), workload);
        }
    }
    // An autoscaler says how many there are at least.
    for (path, object) in &objects {
        let (region, service) = place(path);
        if text(object, "/kind") == "HorizontalPodAutoscaler"
            && let Some(workload) = world.workloads.get_mut(&(service, region))
        {
            workload.replicas = count(object, "/spec/minReplicas");
            workload.scaler = Some(scaler(object, workload.cpu));
        }
    }
    // How long one takes hangs on the pods of its service.
    for (path, object) in objects.iter().filter(|(_, it)| text(it, "/kind") == "Schedule") {
        let schedule = schedule(&world, place(path), path, object);
        world.schedules.push(schedule);
    }
    for (path, object) in &objects {
        let kind = text(object, "/kind");
        if let "ReplicationSource" | "ReplicationDestination" = kind {
            let (region, service) = place(path);
            world.copies.push(Copy {
                region,
                service,
                name: text(object, "/metadata/name").to_owned(),
                source: kind == "ReplicationSource",
                minutes: of_day(text(object, "/spec/trigger/schedule")),
            });
        }
    }
    for (path, ledger) in tree.iter().filter(|(path, _)| path.starts_with("ledger/")) {
        read_claims(&mut world, path, &serde_json::from_str(ledger).expect("JSON"));
    }
    world
}

fn of_region(region: &toml::Value) -> Region {
    let zones = region["zones"].as_array().expect("a list").iter();
    let nodes = |zone: &toml::Value| usize::try_from(zone["nodes"].as_integer().expect("a number"));
    let minor: u64 = region["kubernetes"].as_str().expect("text")[2..].parse().expect("a number");
    let classes = region["storage"].as_array().expect("a list").iter();
    let backup = &region["backup"];
    Region {
        zones: zones.map(|zone| nodes(zone).expect("small")).collect(),
        // `--node-monitor-grace-period`: 40s, and 50s from 1.32 on.
        grace: if minor >= 32 { 50 } else { 40 },
        zonal: classes
            .filter(|class| class["topology"].as_str() == Some("zone"))
            .map(|class| class["name"].as_str().expect("text").to_owned())
            .collect(),
        concurrency: usize::try_from(backup["concurrency"].as_integer().expect("a number"))
            .expect("small"),
        objects: seconds(backup["objects"].as_str().expect("text")),
    }
}

fn of_service(service: &toml::Table, objects: &[(&str, Value)]) -> Service {
    let name = generate::name(service);
    let text = |key: &str| service.get(key).and_then(toml::Value::as_str).unwrap_or_default();
    let own = || objects.iter().filter(|(path, _)| place(path).1 == name);
    let kind =
        |kind: &'static str| own().filter(move |(_, object)| self::text(object, "/kind") == kind);
    let data = service.get("data").and_then(toml::Value::as_table);
    let database = data.and_then(|data| data.get("postgresql"));
    let lists = |key: &str| service.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    let clusters = kind("Cluster");
    let instances = clusters.map(|(path, cluster)| {
        (place(path).0, u64::try_from(count(cluster, "/spec/instances")).expect("small"))
    });
    let gslb = kind("Gslb").next();
    Service {
        regions: generate::regions(service).into_iter().map(str::to_owned).collect(),
        strategy: String::new(),
        calls: lists("depends_on")
            .filter_map(|call| Some(call.get("service")?.as_str()?.to_owned()))
            .collect(),
        ttl: gslb.map(|(_, gslb)| count(gslb, "/spec/strategy/dnsTtlSeconds") as u64),
        kept: lists("volumes")
            .filter(|volume| volume.get("backup").and_then(toml::Value::as_bool) != Some(false))
            .map(|volume| bytes(volume["size"].as_str().expect("text")))
            .collect(),
        automatic: service
            .get("traffic")
            .and_then(|traffic| traffic.get("failover")?.as_str())
            .is_some_and(|failover| failover == "automatic"),
        replicated: data.is_some_and(|data| data.contains_key("replication")),
        database: instances.collect(),
        database_size: database.map_or(0, |it| bytes(it["size"].as_str().expect("text"))),
        archive_timeout: kind("Cluster")
            .filter_map(|(_, it)| {
                let path = "/spec/postgresql/parameters/archive_timeout";
                let text = self::text(it, path);
                (!text.is_empty()).then(|| seconds(text))
            })
            .max()
            .unwrap_or(0),
        failed_runs: failed_runs(text("tier")),
    }
}

fn workload(object: &Value, stateful: bool) -> Workload {
    let pod = at(object, "/spec/template/spec");
    let spread = list(pod, "/topologySpreadConstraints");
    let apart = |key: &str| {
        spread.iter().any(|one| {
            text(one, "/topologyKey") == key && text(one, "/whenUnsatisfiable") == "DoNotSchedule"
        })
    };
    let app = list(pod, "/containers").into_iter().find(|one| text(one, "/name") == "app");
    let app = app.expect("the service itself");
    let tolerations = list(pod, "/tolerations").into_iter();
    let claims = list(object, "/spec/volumeClaimTemplates");
    let annotations = at(object, "/metadata/annotations");
    Workload {
        replicas: count(object, "/spec/replicas"),
        peak: annotations["ninefold.dev/peak-replicas"]
            .as_str()
            .expect("text")
            .parse()
            .expect("a number"),
        stateful,
        apart: Apart {
            zones: apart("topology.kubernetes.io/zone"),
            nodes: apart("kubernetes.io/hostname"),
        },
        stays: tolerations
            .filter(|one| text(one, "/key") == "node.kubernetes.io/unreachable")
            .map(|one| count(&one, "/tolerationSeconds") as u64)
            .next()
            .unwrap_or(300),
        grace: count(pod, "/terminationGracePeriodSeconds") as u64,
        startup: probe(&app, "/startupProbe"),
        live: probe(&app, "/livenessProbe"),
        ready: probe(&app, "/readinessProbe"),
        listens: !list(&app, "/ports").is_empty(),
        cpu: ["requests", "limits"].map(|list| {
            let cpu = at(&app, &format!("/resources/{list}/cpu"));
            (!cpu.is_null()).then(|| millis(cpu))
        }),
        scaler: None,
        classes: claims.iter().map(|it| text(it, "/spec/storageClassName").to_owned()).collect(),
    }
}

fn scaler(object: &Value, [asks, limit]: [Option<usize>; 2]) -> Scaler {
    let metric = &list(object, "/spec/metrics")[0];
    let up = at(object, "/spec/behavior/scaleUp");
    let policies = list(up, "/policies").into_iter().map(|policy| {
        let value = count(&policy, "/value");
        let (percent, pods) = match text(&policy, "/type") {
            "Percent" => (value, 0),
            _ => (0, value),
        };
        (percent, pods, count(&policy, "/periodSeconds") as u64)
    });
    Scaler {
        max: count(object, "/spec/maxReplicas"),
        aim: count(metric, "/resource/target/averageUtilization"),
        sees: limit.map(|limit| limit * 100 / asks.expect("a share of it is aimed at")),
        looks_back: count(up, "/stabilizationWindowSeconds") as u64,
        policies: policies.collect(),
    }
}

/// `250m`, `2`.
fn millis(cpu: &Value) -> usize {
    let Some(text) = cpu.as_str() else {
        return 1000 * usize::try_from(cpu.as_u64().expect("cores")).expect("small");
    };
    match text.strip_suffix('m') {
        Some(millis) => millis.parse().expect("a number"),
        None => 1000 * text.parse::<usize>().expect("a number"),
    }
}

fn probe(container: &Value, path: &str) -> Option<Probe> {
    let probe = at(container, path);
    let number = |key: &str| count(probe, key) as u64;
    (!probe.is_null()).then(|| Probe {
        period: number("/periodSeconds"),
        failures: number("/failureThreshold"),
        timeout: number("/timeoutSeconds"),
    })
}

/// The minutes of a day at which five fields of cron are due.
fn of_day(cron: &str) -> Vec<u64> {
    let fields: Vec<&str> = cron.split(' ').collect();
    let [minutes, hours, "*", "*", "*"] = fields.as_slice() else { panic!("{cron}") };
    let all = |field: &str, end: u64| match field {
        "*" => (0..end).collect::<Vec<u64>>(),
        list => list.split(',').map(|one| one.parse().expect("a number")).collect(),
    };
    let hours = all(hours, 24);
    let minutes = all(minutes, 60).into_iter();
    let mut of_day: Vec<u64> =
        minutes.flat_map(|minute| hours.iter().map(move |hour| hour * 60 + minute)).collect();
    of_day.sort_unstable();
    of_day
}

/// What the commands of all hooks may take in the pods of a service, one after the other.
fn hooks(spec: &Value, pods: usize) -> u64 {
    let commands = list(spec, "/hooks/resources").into_iter().flat_map(|hook| {
        let mut commands = list(&hook, "/pre");
        commands.extend(list(&hook, "/post"));
        commands
    });
    commands.map(|command| go(text(&command, "/exec/timeout"))).sum::<u64>() * pods as u64
}

fn schedule(
    world: &World,
    (region, service): (String, String),
    path: &str,
    object: &Value,
) -> Schedule {
    let spec = at(object, "/spec/template");
    let workload = world.workloads.get(&(service.clone(), region.clone()));
    let kept = world.services.get(&service).map_or(0, |it| it.kept.len());
    let snapshots = workload.map_or(0, |it| (it.replicas * kept) as u64);
    let snapshot = go(text(spec, "/csiSnapshotTimeout"));
    let namespace = text(&list(spec, "/includedNamespaces")[0], "").to_owned();
    // What is asked of the API server once for all of them is most of it.
    let objects = world.regions[&region].objects;
    let of_others = match namespace.as_str() {
        "*" => (objects * world.services.len() as u64).div_ceil(MANY),
        _ => 0,
    };
    Schedule {
        first: path.ends_with("/schedule.yaml"),
        apart: list(spec, "/excludedNamespaces")
            .iter()
            .map(|one| text(one, "").to_owned())
            .collect(),
        namespace,
        minutes: of_day(text(object, "/spec/schedule")),
        slot: objects
            + of_others
            + snapshot * snapshots
            + hooks(spec, workload.map_or(0, |it| it.replicas)),
        operations: go(text(spec, "/itemOperationTimeout")),
        region,
        service,
    }
}

fn read_claims(world: &mut World, path: &str, ledger: &serde_json::Value) {
    let service = path.trim_start_matches("ledger/").trim_end_matches(".json");
    let Some(promises) = ledger["promises"].as_object() else { return };
    for (region, promise) in promises {
        if let (Some(strategy), Some(of)) =
            (promise["strategy"].as_str(), world.services.get_mut(service))
        {
            of.strategy = strategy.to_owned();
        }
        for (scope, claims) in promise["claims"].as_object().expect("claims") {
            for (objective, claim) in claims.as_object().expect("claims") {
                let terms = claim["terms"].as_object().into_iter().flatten();
                let claim = Claim {
                    worst: claim["worst"].as_u64(),
                    promised: claim["promised"].as_u64(),
                    terms: terms
                        .map(|(name, amount)| (name.clone(), amount.as_u64().expect("a number")))
                        .collect(),
                };
                let place = (service.to_owned(), region.clone());
                world.claims.insert((place, scope.clone(), objective.clone()), claim);
            }
        }
    }
}

/// Region and service of a path; whatever the object says of itself.
fn place(path: &str) -> (String, String) {
    let mut parts = path.split('/');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    (next(), next())
}

fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('/').filter(|step| !step.is_empty()).fold(value, |value, step| &value[step])
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    at(value, path).as_str().unwrap_or_default()
}

fn count(value: &Value, path: &str) -> usize {
    at(value, path).as_u64().map_or(0, |number| usize::try_from(number).expect("small"))
}

fn list(value: &Value, path: &str) -> Vec<Value> {
    at(value, path).as_sequence().cloned().unwrap_or_default()
}

/// `45m`, `2d`.
pub(super) fn seconds(text: &str) -> u64 {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text[..text.len() - unit.len()].parse().expect("a number");
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        other => panic!("{other} of {text}"),
    };
    number * factor
}

/// `1h2m3s`, as Go spells it.
fn go(text: &str) -> u64 {
    let mut sum = 0;
    let mut rest = text;
    while let Some(end) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        sum += seconds(&rest[..=end]);
        rest = &rest[end + 1..];
    }
    sum
}

/// `5Gi`.
fn bytes(text: &str) -> u64 {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text[..text.len() - unit.len()].parse().expect("a number");
    match unit {
        "Mi" => number << 20,
        "Gi" => number << 30,
        other => panic!("{other} of {text}"),
    }
}
