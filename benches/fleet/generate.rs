//! A fleet of any size, the same for the same seed: the mixture of `specs/`, over and over.

use std::fmt::Write;
use std::path::Path;

/// How large, and which.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) services: usize,
    pub(crate) regions: usize,
    pub(crate) seed: u64,
}

/// Writes `fleet.toml` and a file for each service into `folder`.
pub(crate) fn write(folder: &Path, size: Size) {
    std::fs::create_dir_all(folder.join("services")).expect("a folder for the specs");
    std::fs::write(folder.join("fleet.toml"), fleet(size)).expect("the fleet is written");
    let mut random = Random(size.seed);
    let mut callable = Vec::new();
    for number in 0..size.services {
        let name = name(number);
        let text = service(&mut random, &name, size.regions, &mut callable);
        let path = folder.join(format!("services/{name}.toml"));
        std::fs::write(path, text).expect("a spec is written");
    }
}

/// Splitmix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("the bound is a usize")
    }

    fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

const DOMAINS: &[&str] = &[
    "cart",
    "catalog",
    "checkout",
    "claims",
    "customer",
    "fraud",
    "inventory",
    "invoice",
    "ledger",
    "loyalty",
    "media",
    "notify",
    "orders",
    "payments",
    "pricing",
    "returns",
    "search",
    "shipping",
    "stock",
    "tax",
];

const TEAMS: &[&str] = &["buying", "identity", "logistics", "money", "platform", "web"];

fn name(number: usize) -> String {
    format!("{}-{number}", DOMAINS[number % DOMAINS.len()])
}

fn region(number: usize) -> String {
    format!("region{}", number + 1)
}

/// Regions that hold whatever runs in them, each with its backups in the next.
fn fleet(size: Size) -> String {
    let mut out = "inventory = \"2026-11-01\"\ndelivery = \"argo-cd\"\n\n[defaults]\nteam = \"platform\"\ncpu = \"100m\"\nmemory = \"256Mi\"\n".to_owned();
    for number in 0..size.regions {
        let (name, next) = (region(number), region((number + 1) % size.regions));
        let zones: String = (1..=3)
            .map(|zone| {
                format!("  {{ name = \"{name}-{zone}\", nodes = 300, cpu = \"10000\", memory = \"4000000Gi\" }},\n")
            })
            .collect();
        write!(
            out,
            r#"
[regions.{name}]
short      = "r{number}"
geography  = "us"
provider   = "azure"
cluster    = "aks-{name}"
kubernetes = "1.34"
gateway    = "gateway-system"
zones = [
{zones}]
storage = [
  {{ name = "managed-csi-zrs", topology = "region", binding = "wait-for-first-consumer", snapshots = "csi-azuredisk", redundancy = "ZRS" }},
]
dns = {{ node_local = "169.254.20.10" }}

[regions.{name}.backup]
concurrency = 100
objects     = "5s"
snapshot    = "10s"
locations = [
  {{ name = "{next}-vault", stored_in = "{next}" }},
  {{ name = "{name}-vault", stored_in = "{name}" }},
]
"#
        )
        .expect("writing to a string does not fail");
    }
    out
}

/// A service that others of its tier may depend on: its name and its tier.
type Callable = (String, &'static str);

/// One service in every region. `callable` gathers the services that others may depend on.
fn service(
    random: &mut Random,
    name: &str,
    regions: usize,
    callable: &mut Vec<Callable>,
) -> String {
    let stateful = random.percent(15);
    let worker = !stateful && random.percent(15);
    // A fleet with one region has nothing to fail over to.
    let tiers: &[&str] = match (regions, stateful) {
        (1, _) => &["bronze", "silver"],
        (_, true) => &["silver", "gold", "gold"],
        (_, false) => &["bronze", "silver", "silver", "gold", "gold", "gold", "platinum"],
    };
    let tier = random.one(tiers);
    let everywhere: Vec<String> =
        (0..regions).map(|number| format!("\"{}\"", region(number))).collect();
    let rpo = random.one(if stateful { &["4h", "8h", "24h"] } else { &["4h", "12h", "24h"] });
    let image: String = (0..4).map(|_| format!("{:016x}", random.next())).collect();
    let mut out = format!(
        r#"# What {name} is for, and whom to ask about it.
name    = "{name}"
image   = "registry.example.com/shop/{name}@sha256:{image}"
tier    = "{tier}"
regions = [{}]
rpo     = "{rpo}"
rto     = "{rpo}"
team    = "{}"
"#,
        everywhere.join(", "),
        random.one(TEAMS),
    );
    let mut add = |text: &str| out.push_str(text);
    if stateful {
        add("kind    = \"stateful\"\n");
    } else if random.percent(15) {
        add("rollout = \"rolling\"\n");
    }
    if worker {
        add(&format!("args    = [\"work\", \"--queue\", \"{name}\"]\n"));
    }
    if random.percent(50) {
        let (peak, cpu) = (2 + random.below(6), random.one(&["50m", "100m", "250m"]));
        add(&format!("\n[capacity]\npeak   = {peak}\ncpu    = \"{cpu}\"\nmemory = \"512Mi\"\n"));
        if !stateful && random.percent(30) {
            add(&format!("autoscale = {{ max = {}, cpu = 65 }}\n", 3 * peak));
        }
    }
    if worker {
        add(
            "\n[probes]\nready = [\"/app\", \"health\", \"--queue\"]\nlive  = [\"/app\", \"health\"]\n",
        );
    } else {
        let gateway = random.percent(40);
        add(&format!("\n[[ports]]\nname    = \"http\"\nport    = 8080\ngateway = {gateway}\n"));
        if random.percent(25) {
            add("\n[[ports]]\nname = \"grpc\"\nport = 9090\n");
        }
        if random.percent(50) {
            add("\n[probes]\nready = \"/ready\"\nlive  = \"/live\"\n");
        }
    }
    add(&format!(
        "\n[config]\nLOG_LEVEL = {{ default = \"info\", {} = \"debug\" }}\nWORKERS   = {}\n",
        region(0),
        1 + random.below(16)
    ));
    for number in 0..random.below(8) {
        add(&format!("SETTING_{number} = \"https://{name}.example.com/v{}\"\n", random.below(9)));
    }
    if random.percent(25) {
        add(&format!(
            "\n[[secrets]]\nname    = \"{name}-client\"\nmount   = \"/etc/{name}/client\"\nversion = \"1\"\n"
        ));
    }
    for file in ["limits", "routes"].iter().filter(|_| random.percent(20)) {
        add(&format!(
            "\n[[files]]\nname    = \"{file}\"\npath    = \"/etc/{name}/{file}.toml\"\ncontent = \"\"\"\n"
        ));
        let lines: String = (0..20)
            .map(|line| format!("entry_{line} = \"{name}, line {line}: all of it is text\"\n"))
            .collect();
        add(&lines);
        add("\"\"\"\n");
    }
    if stateful {
        add(&format!(
            "\n[[volumes]]\nname = \"data\"\npath = \"/var/lib/{name}\"\nsize = \"40Gi\"\n"
        ));
        if random.percent(50) {
            add(
                "\n[[backup.hooks]]\nname    = \"hold-writes\"\nbefore  = [\"/app\", \"hold\", \"--at-most\", \"60s\"]\nafter   = [\"/app\", \"resume\"]\ntimeout = \"20s\"\n",
            );
        }
    }
    // What rests on a lower tier is refused, or warned of.
    let alike: Vec<&String> =
        callable.iter().filter(|(_, of)| *of == tier).map(|(name, _)| name).collect();
    let calls = if alike.is_empty() { 0 } else { random.below(4) };
    let mut called: Vec<usize> = (0..calls).map(|_| random.below(alike.len())).collect();
    called.sort_unstable();
    called.dedup();
    for target in called {
        add(&format!("\n[[depends_on]]\nservice = \"{}\"\n", alike[target]));
    }
    if random.percent(40) {
        add("\n[[depends_on]]\ncidr = \"10.40.0.0/16\"\ntcp  = [5432]\n");
    }
    if !worker {
        callable.push((name.to_owned(), tier));
    }
    out
}
