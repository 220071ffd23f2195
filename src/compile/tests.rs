//! What is emitted is held against what was decided.

use super::*;
use crate::decide::Taken;
use crate::kube::ServiceName;
use crate::quantity::{Bytes, Cpu, Duration};

const FLEET: &str = r#"
inventory = "2026-11-01"
[regions.east]
geography = "us"
provider = "other"
cluster = "east"
kubernetes = "1.34"
zones = [
  { name = "east-1", nodes = 4, cpu = "60", memory = "240Gi" },
  { name = "east-2", nodes = 4, cpu = "60", memory = "240Gi" },
  { name = "east-3", nodes = 4, cpu = "60", memory = "240Gi" },
]
storage = [{ name = "zrs", topology = "region", binding = "wait-for-first-consumer", snapshots = "csi" }]
backup.locations = [{ name = "vault", stored_in = "elsewhere", geography = "us" }]
postgresql = { archive = "archive", stored_in = "elsewhere", geography = "us" }
"#;

const SPEC: &str = r#"
name = "NAME"
image = "registry.example.com/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
tier = "gold"
regions = ["east"]
rpo = "4h"
rto = "4h"
probes = { ready = "/ready", live = "/live" }
"#;

/// A service with volumes, one whose replicas an autoscaler says, and one with a database.
fn input() -> Input {
    let volumes =
        "kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
    let scaled = "[capacity]\npeak = 3\nautoscale = { max = 9 }\n";
    let image = "registry.example.com/postgresql:17.6@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let database = format!("[data.postgresql]\nimage = \"{image}\"\nsize = \"10Gi\"\n");
    let mut input = Input { root: "specs".to_owned(), ..Input::default() };
    let file = input.sources.add("specs/fleet.toml", FLEET);
    input.add_spec("fleet.toml", file);
    for (name, more) in [("store", volumes), ("web", scaled), ("books", &*database)] {
        let text = format!("{}{more}", SPEC.replace("NAME", name));
        let file = input.sources.add(format!("specs/{name}.toml"), text);
        input.add_spec(&format!("{name}.toml"), file);
    }
    input
}

fn fleet() -> Fleet {
    let mut sink = Sink::default();
    let fleet = prepare(&mut sink, input());
    fleet.unwrap_or_else(|_| panic!("{:?}", sink.all()))
}

/// The findings about a service when something else was decided than is emitted.
fn findings(fleet: &Fleet, name: &str, decided: impl Fn(&mut Taken)) -> Vec<(String, String)> {
    let service = fleet.decided.service(&ServiceName::read(name)).unwrap();
    let mut taken = fleet.decided.taken(service);
    taken.iter_mut().for_each(decided);
    let plan = fleet.plan(service, &fleet.decided.proofs(service));
    let mut sink = Sink::default();
    let _ = fleet.held(&mut sink, plan, Some(service), Some(&taken));
    let all = sink.all().into_iter();
    let errors = all.filter(|found| found.severity == crate::diag::Severity::Error);
    errors.map(|found| (found.code.name().to_owned(), found.message.clone())).collect()
}

/// A service, what a finding about it says, and what makes that of what was decided.
type Worse = (&'static str, &'static str, fn(&mut Taken));

#[test]
fn what_is_emitted_and_what_was_decided_are_held_against_each_other() {
    let fleet = fleet();
    for name in ["store", "web", "books"] {
        assert_eq!(findings(&fleet, name, |_| {}), [], "{name}");
    }
    let worse: [Worse; 11] = [
        ("store", "`spec.replicas` is", |taken| taken.replicas += 1),
        ("web", "may leave", |taken| taken.replicas += 1),
        ("books", "the database has", |taken| *taken.instances.as_mut().unwrap() += 1),
        ("store", "stays on a lost node", |taken| taken.stays = Duration::default()),
        ("store", "to be ready", |taken| taken.start = Some(Duration::default())),
        ("store", "to end", |taken| taken.grace = Duration::default()),
        ("store", "that hangs", |taken| {
            taken.live.as_mut().unwrap().after = Duration::default();
        }),
        ("store", "cannot serve", |taken| {
            taken.ready.as_mut().unwrap().after = Duration::default();
        }),
        ("store", "of cpu beyond", |taken| taken.cpu = Cpu::millis(1)),
        ("store", "of memory beyond", |taken| taken.memory = Bytes::new(1)),
        ("store", "volume `data` keeps data", |taken| taken.volumes.clear()),
    ];
    for (name, says, decided) in worse {
        let found = findings(&fleet, name, decided);
        let of_ours = found.iter().all(|(code, _)| code == "judge-disagrees");
        let said = found.iter().any(|(_, message)| message.contains(says));
        assert!(of_ours && said, "{name}, {says}: {found:?}");
    }
    // What is better than decided is nobody's fault.
    let better = findings(&fleet, "store", |taken| {
        taken.replicas -= 1;
        taken.stays = taken.stays + Duration::seconds(1);
        taken.cpu = Cpu::millis(taken.cpu.as_millis() + 1);
    });
    assert_eq!(better, []);
}

/// What is known of texts changes nothing but how long they take.
#[test]
fn texts_in_which_nothing_was_found_are_read_alike_again() {
    let first = fleet();
    assert_eq!(first.sound().len(), 3);
    let input = Input { known_sound: Arc::clone(first.sound()), ..input() };
    let again = prepare(&mut Sink::default(), input).unwrap();
    assert_eq!(again.sound(), first.sound());
    for unit in first.units() {
        let of = |fleet: &Fleet| fleet.fingerprint(&unit, &BTreeSet::new());
        assert_eq!(of(&again), of(&first), "{}", unit.name());
        let ledger = |fleet: &Fleet| {
            let tree = fleet.objects(&mut Sink::default(), &unit).unwrap();
            tree.ledger().to_text()
        };
        assert_eq!(ledger(&again), ledger(&first), "{}", unit.name());
    }
}

/// Of two services of one name, the first stays, with what is decided of it.
#[test]
fn a_service_has_the_numbers_of_its_own_spec() {
    let mut input = Input { root: "specs".to_owned(), ..Input::default() };
    let (_, east) = FLEET.split_once("[regions.east]").unwrap();
    let west = east.replace("\"east", "\"west").replace("east-", "west-");
    let fleet = format!("{FLEET}[regions.west]{west}");
    let file = input.sources.add("specs/fleet.toml", fleet);
    input.add_spec("fleet.toml", file);
    for (file, peak, most) in [("a", 2, "autoscale = { max = 9 }\n"), ("b", 9, "")] {
        let spec = SPEC.replace("NAME", "web").replace("[\"east\"]", "[\"east\", \"west\"]");
        let text = format!("{spec}[capacity]\npeak = {peak}\n{most}");
        let id = input.sources.add(format!("specs/{file}.toml"), text);
        input.add_spec(&format!("{file}.toml"), id);
    }
    let mut sink = Sink::default();
    assert!(prepare(&mut sink, input).is_err());
    let all = sink.all().into_iter();
    let codes: BTreeSet<&str> = all.map(|finding| finding.code.name()).collect();
    assert_eq!(codes, BTreeSet::from(["duplicate-service"]));
}
