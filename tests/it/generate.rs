//! Random valid fleets from a seed, TOML in any spelling, and compiling in memory.
//!
//! A fleet is a [`toml::Table`] for each file, so that a test can change one value and compile
//! again.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "all other kinds of TOML values are alike here"
)]

use crate::input::{below, input};
use crate::random::Random;
use ninefold::compile::prepare;
use ninefold::diag::{Severity, Sink, Sources};
use std::collections::BTreeMap;
use std::fmt::Write;
use toml::{Table, Value};

/// Path → text.
pub(crate) type Files = BTreeMap<String, String>;

/// A finding, as far as tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) file: String,
    /// The text that it points at.
    pub(crate) text: String,
}

/// Compiles specs, by their paths below `specs/`, to the whole tree, ledgers included.
pub(crate) fn compile(specs: &Files) -> Result<Files, Vec<Finding>> {
    compile_with(specs, &Files::new())
}

/// Compiles with templates of the user's own; `crds/` below them works as on disk.
pub(crate) fn compile_with(specs: &Files, templates: &Files) -> Result<Files, Vec<Finding>> {
    let files = below("specs", specs).into_iter().chain(below("templates", templates));
    let input = input(files);
    let mut sink = Sink::default();
    let fleet = match prepare(&mut sink, input) {
        Ok(fleet) => fleet,
        Err(sources) => return Err(findings(sink, &sources)),
    };
    let mut tree = Files::new();
    for unit in fleet.units() {
        let Ok(compiled) = fleet.compile(&mut sink, &unit, &ninefold::tree::Previous::nothing())
        else {
            continue;
        };
        for document in compiled.documents().iter().cloned().chain([compiled.ledger_document()]) {
            assert!(
                tree.insert(document.path.clone(), document.text).is_none(),
                "{} is written twice",
                document.path
            );
        }
    }
    if sink.errors() > 0 { Err(findings(sink, fleet.sources())) } else { Ok(tree) }
}

fn findings(sink: Sink, sources: &Sources) -> Vec<Finding> {
    let errors = sink.sorted(sources).into_iter();
    (errors.filter(|finding| finding.severity == Severity::Error))
        .map(|finding| {
            let (file, text) = finding.primary.map_or_else(Default::default, |label| {
                let source = sources.get(label.span.file);
                let range = label.span.start as usize..label.span.end as usize;
                (source.path.clone(), source.text.get(range).unwrap_or_default().to_owned())
            });
            Finding { code: finding.code.name().to_owned(), message: finding.message, file, text }
        })
        .collect()
}

/// The manifests of a tree that an engine applies: without the ledgers, and what a person applies.
pub(crate) fn manifests(tree: &Files) -> impl Iterator<Item = (&String, &String)> {
    tree.iter().filter(|(path, _)| !path.starts_with("ledger/") && !path.starts_with("recovery/"))
}

/// The files below a folder of this repository, with their texts.
#[expect(clippy::disallowed_methods, reason = "tests read the example fleet from the disk")]
pub(crate) fn folder(name: &str) -> Files {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let files = walkdir::WalkDir::new(&root).into_iter().map(|entry| entry.expect("readable"));
    (files.filter(|entry| entry.file_type().is_file()))
        .map(|entry| {
            let below = entry.path().strip_prefix(&root).expect("below the root");
            let below = below.to_string_lossy().replace('\\', "/");
            (below, std::fs::read_to_string(entry.path()).expect("readable"))
        })
        .collect()
}

/// A fleet, and services by the names of their files.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) fleet: Table,
    pub(crate) services: Vec<Table>,
}

impl Fleet {
    /// The files, each service in one of its name.
    pub(crate) fn files(&self) -> Files {
        let services =
            self.services.iter().map(|service| (format!("{}.toml", name(service)), text(service)));
        services.chain([("fleet.toml".to_owned(), text(&self.fleet))]).collect()
    }

    /// Compiles; the fleet is valid, so a finding is a failure of the test.
    pub(crate) fn compile(&self) -> Files {
        compile(&self.files()).unwrap_or_else(|findings| {
            let specs: Vec<String> = self.files().into_values().collect();
            panic!("the fleet is not valid: {findings:#?}\n{}", specs.join("\n# ---\n"))
        })
    }
}

pub(crate) fn name(service: &Table) -> &str {
    service["name"].as_str().expect("text")
}

/// The regions of a service.
pub(crate) fn regions(service: &Table) -> Vec<&str> {
    let regions = service["regions"].as_array().expect("a list");
    regions.iter().map(|region| region.as_str().expect("text")).collect()
}

/// Canonical TOML.
pub(crate) fn text(table: &Table) -> String {
    toml::to_string(table).expect("a table is TOML")
}

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(items.into_iter().collect())
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

const REGIONS: &[&str] = &["eastus2", "centralus", "westeurope", "eu-north-1", "asia-3"];
const SERVICES: &[&str] = &[
    "api", "billing", "cart", "dispatch", "emails", "feed", "geo", "home", "index", "jobs", "keys",
    "ledgers", "media", "notes", "offers",
];

/// A valid fleet of 2 to 4 regions and `services` services.
pub(crate) fn fleet(seed: u64, services: usize) -> Fleet {
    let mut random = Random::new(seed);
    let mut names = REGIONS.to_vec();
    random.shuffle(&mut names);
    names.truncate(2 + random.below(3));
    let mut regions = Table::new();
    let mut zones = BTreeMap::new();
    let entered = random.once_in(2);
    for (index, name) in names.iter().enumerate() {
        // The first two can take every tier.
        let count = if index < 2 { 3 + random.below(2) } else { 1 + random.below(4) };
        zones.insert((*name).to_owned(), count);
        let peer = names[(index + 1) % names.len()];
        regions.insert((*name).to_owned(), region(&mut random, name, count, peer, entered));
    }
    let mut fleet = Table::new();
    fleet.insert("inventory".to_owned(), "2026-11-01".into());
    fleet.insert("regions".to_owned(), Value::Table(regions));
    if entered {
        let zone = table([("engine", "k8gb".into())]);
        fleet.insert("dns".to_owned(), table([("example.com", zone)]));
    }
    if random.once_in(2) {
        fleet.insert("defaults".to_owned(), table([("team", "platform".into())]));
    }
    let mut made: Vec<Table> = Vec::new();
    for name in SERVICES.iter().take(services) {
        let service = service(&mut random, name, (&names, entered), &zones, &made);
        made.push(service);
    }
    upgrade_standbys(&mut fleet, &made);
    run_some_control_planes(&mut Random::new(seed ^ 0xe7cd), &mut fleet);
    Fleet { fleet, services: made }
}

/// Raises the Kubernetes of every region that restores the backups of a newer one.
fn upgrade_standbys(fleet: &mut Table, services: &[Table]) {
    let versions = fleet["regions"].as_table_mut().expect("a table");
    let version = |versions: &Table, region: &str| {
        let text = versions[region]["kubernetes"].as_str().expect("text");
        text.trim_start_matches("1.").parse::<u32>().expect("a number")
    };
    for _ in services {
        for service in services.iter().filter(|service| service.contains_key("kind")) {
            let (primary, others) = match regions(service).as_slice() {
                [primary, others @ ..] => (version(versions, primary), others.to_vec()),
                [] => continue,
            };
            for region in others {
                let raised = primary.max(version(versions, region));
                let region = versions[region].as_table_mut().expect("a table");
                region.insert("kubernetes".to_owned(), format!("1.{raised}").into());
            }
        }
    }
}

/// Gives some regions a control plane of their own: its etcd is saved, in another region or outside
/// the fleet, and Cluster API may replace its workers. A random of its own leaves the rest as it was.
fn run_some_control_planes(random: &mut Random, fleet: &mut Table) {
    let regions = fleet["regions"].as_table_mut().expect("a table");
    let geographies: Vec<(String, Value)> =
        regions.iter().map(|(name, region)| (name.clone(), region["geography"].clone())).collect();
    for (name, geography) in &geographies {
        if !random.once_in(3) {
            continue;
        }
        let region = regions[name].as_table_mut().expect("a table");
        let mut control_plane = Table::new();
        if region["provider"].as_str() != Some("other") {
            control_plane.insert("self_managed".to_owned(), true.into());
        }
        if random.once_in(2) {
            let machines = table([("cluster", name.as_str().into()), ("namespace", "capi".into())]);
            control_plane.insert("machines".to_owned(), machines);
        }
        if !random.once_in(4) {
            let alike = geographies.iter().find(|(other, its)| other != name && its == geography);
            let args = ["copyto", "/snapshot/snapshot.db", "vault:etcd/$(SNAPSHOT).db"];
            let digest = "0".repeat(64);
            let upload = table([
                ("image", format!("registry.example.com/rclone@sha256:{digest}").into()),
                ("args", list(args.map(Value::from))),
            ]);
            let mut snapshots = Table::new();
            let mut put = |key: &str, value: Value| drop(snapshots.insert(key.to_owned(), value));
            put("image", format!("registry.example.com/etcd:3.6.4-0@sha256:{digest}").into());
            put("every", (*random.pick(&["15m", "1h", "6h", "1d"])).into());
            put("upload", upload);
            match alike {
                Some((other, _)) => put("stored_in", other.as_str().into()),
                None => {
                    put("stored_in", "elsewhere".into());
                    put("geography", geography.clone());
                }
            }
            control_plane.insert("snapshots".to_owned(), Value::Table(snapshots));
        }
        region.insert("control_plane".to_owned(), Value::Table(control_plane));
    }
}

fn region(random: &mut Random, name: &str, zones: usize, peer: &str, entered: bool) -> Value {
    let even = random.between(5, 9);
    let uneven = random.once_in(3);
    let zones = (1..=zones).map(|zone| {
        let nodes = if uneven { random.between(4, 12) } else { even };
        table([
            ("name", format!("{name}-{zone}").into()),
            ("nodes", nodes.into()),
            ("cpu", (nodes * 32).to_string().into()),
            ("memory", format!("{}Gi", nodes * 128).into()),
        ])
    });
    let zones = list(zones.collect::<Vec<_>>());
    let class = |name: &str, topology: &str| {
        table([
            ("name", name.into()),
            ("topology", topology.into()),
            ("binding", "wait-for-first-consumer".into()),
            ("snapshots", "csi".into()),
        ])
    };
    let bucket = random.once_in(2);
    let location = |name: String, stored_in: &str| {
        let mut made = Table::new();
        made.insert("name".to_owned(), name.into());
        made.insert("stored_in".to_owned(), stored_in.into());
        if bucket {
            made.insert("bucket".to_owned(), format!("backups-{stored_in}").into());
            made.insert("provider".to_owned(), "aws".into());
        }
        Value::Table(made)
    };
    let mut made = Table::new();
    made.insert("geography".to_owned(), (*random.pick(&["us", "eu"])).into());
    made.insert("provider".to_owned(), (*random.pick(&["azure", "aws", "other"])).into());
    made.insert("cluster".to_owned(), format!("cluster-{name}").into());
    made.insert("kubernetes".to_owned(), format!("1.{}", random.between(31, 37)).into());
    made.insert("zones".to_owned(), zones);
    made.insert("storage".to_owned(), list([class("all-zones", "region"), class("one", "zone")]));
    let locations =
        list([location(format!("{peer}-vault"), peer), location(format!("{name}-vault"), name)]);
    let concurrency = random.between(8, 12).into();
    made.insert(
        "backup".to_owned(),
        table([
            ("locations", locations),
            ("concurrency", concurrency),
            ("snapshot", "20s".into()),
            ("objects", "20s".into()),
        ]),
    );
    let archive = table([("archive", "archive".into()), ("stored_in", peer.into())]);
    made.insert("postgresql".to_owned(), archive);
    if entered {
        made.insert("gateway".to_owned(), "gateway-system".into());
        let entry = if random.once_in(2) { ("gateway", "shop") } else { ("class", "nginx") };
        made.insert("entry".to_owned(), table([(entry.0, entry.1.into())]));
    }
    if random.once_in(2) {
        made.insert("prometheus".to_owned(), table([("labels", table([("release", "a".into())]))]));
    }
    if random.once_in(2) {
        made.insert("short".to_owned(), name[..2].into());
    }
    Value::Table(made)
}

fn service(
    random: &mut Random,
    name: &str,
    (all, entered): (&[&str], bool),
    zones: &BTreeMap<String, usize>,
    others: &[Table],
) -> Table {
    let tier = *random.pick(&["bronze", "silver", "gold", "gold", "platinum"]);
    let (min_zones, min_regions) = match tier {
        "bronze" => (1, 1),
        "silver" => (2, 1),
        "gold" => (3, 1),
        _ => (3, 2),
    };
    let mut regions: Vec<&str> =
        all.iter().copied().filter(|region| zones[*region] >= min_zones).collect();
    random.shuffle(&mut regions);
    let spare = regions.len() - min_regions;
    regions.truncate(min_regions + random.below(spare + 1));
    let mut made = Table::new();
    let mut put = |key: &str, value: Value| drop(made.insert(key.to_owned(), value));
    put("name", name.into());
    let digest: String = (0..64).map(|_| *random.pick(&['0', '7', 'a', 'c', 'f'])).collect();
    put("image", format!("registry.example.com/shop/{name}@sha256:{digest}").into());
    put("tier", tier.into());
    put("regions", list(regions.iter().map(|region| Value::from(*region))));
    put("rpo", (*random.pick(&["12h", "24h", "2d"])).into());
    put("rto", (*random.pick(&["2h", "4h", "1d"])).into());
    let stateful = random.once_in(4);
    let mut recovery = None;
    let mut kept = 0;
    if regions.len() > 1 && random.once_in(2) {
        let allowed: &[&str] = match tier {
            "bronze" | "silver" => &["backup and restore", "pilot light", "warm standby"],
            "gold" => &["warm standby", "pilot light", "active/active"],
            _ => &["active/active", "warm standby"],
        };
        recovery = Some(*random.pick(allowed));
        put("recovery", recovery.unwrap_or_default().into());
    }
    if random.once_in(3) {
        put("namespace", (*random.pick(&["shop", "core"])).into());
    }
    if random.once_in(3) {
        put("team", (*random.pick(&["red", "blue"])).into());
    }
    let mut capacity = Table::new();
    if random.once_in(2) {
        capacity.insert("peak".to_owned(), random.between(1, 6).into());
    }
    if !stateful && random.once_in(3) {
        let bounds = table([("max", random.between(24, 40).into())]);
        capacity.insert("autoscale".to_owned(), bounds);
    }
    if !capacity.is_empty() {
        put("capacity", Value::Table(capacity));
    }
    if stateful {
        put("kind", "stateful".into());
        kept = random.below(3);
        let volumes = (0..kept).map(|index| {
            table([
                ("name", format!("v{index}").into()),
                ("path", format!("/var/lib/v{index}").into()),
                ("size", "5Gi".into()),
                ("backup", (index == 0).into()),
            ])
        });
        put("volumes", list(volumes.collect::<Vec<_>>()));
    } else if random.once_in(3) {
        put("rollout", "rolling".into());
    }
    if entered && random.once_in(3) {
        let port = table([("name", "p0".into()), ("port", 8080.into()), ("gateway", true.into())]);
        put("ports", list([port]));
        // Not its name: a new one moves no user.
        let host = format!("h{}.example.com", &digest[..16]);
        put("traffic", table([("hosts", list([host.into()]))]));
    } else if random.once_in(2) {
        let ports = (0..random.below(3)).map(|index| {
            let number = 8080 + i64::try_from(index).expect("small");
            table([("name", format!("p{index}").into()), ("port", number.into())])
        });
        let ports = list(ports.collect::<Vec<_>>());
        let none = ports.as_array().is_none_or(Vec::is_empty);
        put("ports", ports);
        if none {
            put("probes", table([("live", list(["/bin/check".into()]))]));
        }
    }
    let copies = data(random, stateful, &regions, recovery);
    if let Some(data) = copies.filter(|_| !stateful || kept > 0) {
        put("data", data);
    }
    put("config", config(random, &regions));
    if random.once_in(2) {
        put("files", files(random, &regions));
    }
    if random.once_in(4) {
        let secret = table([("name", "keys".into()), ("mount", "/etc/keys".into())]);
        put("secrets", list([secret]));
    }
    if random.once_in(2) {
        let callee = others.iter().find(|other| {
            let there = self::regions(other);
            let listens = other
                .get("ports")
                .is_none_or(|ports| ports.as_array().is_some_and(|ports| !ports.is_empty()));
            let everywhere = regions.iter().all(|region| there.contains(region));
            listens && everywhere && serves_with(other, (tier, recovery, &regions))
        });
        let outside = table([("cidr", "10.0.0.0/16".into()), ("tcp", list([5432.into()]))]);
        let callee = callee.map(|other| table([("service", self::name(other).into())]));
        put("depends_on", list(callee.into_iter().chain([outside])));
    }
    if kept == 0 && random.once_in(5) {
        put("backup", "none".into());
    }
    let one_region = recovery != Some("active/active");
    if stateful && one_region && !made.contains_key("capacity") && random.once_in(3) {
        made.insert("single_writer".to_owned(), true.into());
    }
    made
}

/// Whether a service serves wherever one of such a tier, recovery and regions does, also once its
/// first region is lost.
fn serves_with(called: &Table, (tier, recovery, regions): (&str, Option<&str>, &[&str])) -> bool {
    let moves = |tier: &str, recovery: Option<&str>| match recovery {
        Some(recovery) => recovery != "active/active",
        None => tier != "platinum",
    };
    let text = |key: &str| called.get(key).and_then(Value::as_str);
    let there = self::regions(called);
    if !moves(text("tier").unwrap_or_default(), text("recovery")) {
        return text("recovery").is_some();
    }
    match regions {
        [only] => there.first() == Some(only),
        _ => moves(tier, recovery) && there.get(..2) == regions.get(..2),
    }
}

/// Who copies the data of a service, now and then; nobody where every region may write.
fn data(
    random: &mut Random,
    stateful: bool,
    regions: &[&str],
    recovery: Option<&str>,
) -> Option<Value> {
    let copied = regions.len() > 1;
    if recovery == Some("active/active") || !random.once_in(3) {
        return None;
    }
    let replication = |engine: &str, lag: &str| {
        let mode = "asynchronous".into();
        table([("engine", engine.into()), ("mode", mode), ("lag", lag.into())])
    };
    let mut made = Table::new();
    if stateful {
        made.insert("replication".to_owned(), replication("volsync", "45m"));
        return copied.then_some(Value::Table(made));
    }
    let digest = "0".repeat(64);
    let image = format!("registry.example.com/postgresql:17.6@sha256:{digest}");
    let database = table([("image", image.into()), ("size", "5Gi".into())]);
    made.insert("postgresql".to_owned(), database);
    if copied {
        made.insert("replication".to_owned(), replication("postgresql", "5m"));
    }
    Some(Value::Table(made))
}

const WORDS: &[&str] =
    &["plain", "", "on", "12:30", "0x1F", "a: b", "two\nlines\n", "ümlaut", "{{ x }}", "' \" \\"];

/// One entry is always there, the same in every region; `BY_REGION` has a value for each.
fn config(random: &mut Random, regions: &[&str]) -> Value {
    let mut made = Table::new();
    made.insert("EVERYWHERE".to_owned(), (*random.pick(WORDS)).into());
    for index in 0..random.below(4) {
        let value = match random.below(3) {
            0 => Value::from(random.between(-5, 5000)),
            1 => Value::from(random.once_in(2)),
            _ => Value::from(*random.pick(WORDS)),
        };
        made.insert(format!("KEY_{index}"), value);
    }
    let mut by_region = Table::new();
    for region in regions {
        by_region.insert((*region).to_owned(), format!("in {region}").into());
    }
    made.insert("BY_REGION".to_owned(), Value::Table(by_region));
    Value::Table(made)
}

/// One file is the same in every region.
fn files(random: &mut Random, regions: &[&str]) -> Value {
    let same = table([
        ("name", "same".into()),
        ("path", "/etc/app/same.conf".into()),
        ("content", format!("threads = {}\n", random.between(1, 9)).into()),
    ]);
    let mut content = Table::new();
    content.insert("default".to_owned(), "a = 1\n".into());
    content.insert(regions[0].to_owned(), "a = 2\n".into());
    let other = table([
        ("name", "other".into()),
        ("path", "/etc/app/other.conf".into()),
        ("content", Value::Table(content)),
    ]);
    list([same, other])
}

/// The same TOML in another spelling: keys in any order, comments, tables inline or not, strings
/// in any of their forms.
pub(crate) fn respell(table: &Table, random: &mut Random) -> String {
    let mut out = String::from("# An introduction.\n\n");
    let (mut tables, mut values): (Vec<_>, Vec<_>) =
        table.iter().partition(|(_, value)| is_section(value));
    random.shuffle(&mut values);
    random.shuffle(&mut tables);
    for (key, value) in values {
        entry(&mut out, key, value, random);
    }
    for (key, value) in tables {
        if random.once_in(3) {
            let _ = write!(out, "\n# The {key}.\n");
        }
        match value {
            Value::Array(items) => {
                for item in items {
                    section(&mut out, &format!("[[{key}]]"), item, random);
                }
            }
            Value::Table(inner) if inner.values().all(Value::is_table) && random.once_in(2) => {
                let mut inner: Vec<_> = inner.iter().collect();
                random.shuffle(&mut inner);
                for (name, value) in inner {
                    section(&mut out, &format!("[{key}.{}]", quoted_key(name)), value, random);
                }
            }
            value => section(&mut out, &format!("[{key}]"), value, random),
        }
    }
    out
}

fn is_section(value: &Value) -> bool {
    match value {
        Value::Table(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_table),
        _ => false,
    }
}

fn section(out: &mut String, header: &str, value: &Value, random: &mut Random) {
    let _ = write!(out, "\n{header}\n");
    let mut entries: Vec<_> = value.as_table().expect("a table").iter().collect();
    random.shuffle(&mut entries);
    for (key, value) in entries {
        entry(out, key, value, random);
    }
}

fn entry(out: &mut String, key: &str, value: &Value, random: &mut Random) {
    let space = *random.pick(&["", " ", "    "]);
    let _ = write!(out, "{}{space}={space}{}", quoted_key(key), inline(value, random));
    out.push_str(random.pick::<&str>(&["\n", "  # why\n", "\n\n# Next.\n"]));
}

fn quoted_key(key: &str) -> String {
    let bare = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare && !key.is_empty() { key.to_owned() } else { basic(key) }
}

fn inline(value: &Value, random: &mut Random) -> String {
    match value {
        Value::String(text) if !text.contains(['\'', '\n']) && random.once_in(2) => {
            format!("'{text}'")
        }
        Value::String(text) => basic(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, random)).collect();
            format!("[{}]", items.join(*random.pick(&[", ", ",", ",\n  "])))
        }
        Value::Table(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            random.shuffle(&mut entries);
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{} = {}", quoted_key(key), inline(value, random)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A basic string of TOML in which everything but printable ASCII is escaped.
pub(crate) fn basic(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}
