//! Fleets and services at the edges of what can be written: whatever they are, they compile or are
//! refused; and what repeats, repeats as cron can say it.

use crate::workbench::{Compiled, Files, compile};
use rayon::prelude::*;

const IMAGE: &str = "registry.example.com/shop/orders@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

const TIERS: [&str; 4] = ["bronze", "silver", "gold", "platinum"];

/// What the service says beside its name, image, tier, regions, and promises.
const KINDS: [&str; 4] = [
    "",
    "kind = \"stateful\"\nvolumes = [{ name = \"data\", path = \"/data\", size = \"10Gi\" }]\n",
    "[data.postgresql]\nimage = \"registry.example.com/shop/postgres@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\nsize = \"10Gi\"\n",
    "headless = true\nports = [{ name = \"dns\", port = 1 }]\npod = { low_ports = true }\nscratch = [{ path = \"/a\", size = \"1024Pi\", medium = \"memory\" }, { path = \"/b\", size = \"1024Pi\", medium = \"memory\" }]\njobs = [{ name = \"j\", run = \"once\", memory = \"1024Pi\", memory_limit = \"1024Pi\", init = [{ name = \"i\", args = [\"a\"], memory = \"1024Pi\" }] }]\n",
];

fn region(name: &str, zones: usize, nodes: usize, vault: &str) -> String {
    let zone = |zone| {
        format!("{{ name = \"{name}-{zone}\", nodes = {nodes}, cpu = \"48\", memory = \"192Gi\" }}")
    };
    let zones: Vec<String> = (1..=zones).map(zone).collect();
    format!(
        "[regions.{name}]\ngeography = \"us\"\nprovider = \"other\"\ncluster = \"{name}\"\nkubernetes = \"1.34\"\nzones = [{}]\nbackup = {{ locations = [{{ name = \"vault\", stored_in = \"{vault}\" }}] }}\nstorage = [{{ name = \"zrs\", topology = \"region\", binding = \"wait-for-first-consumer\", snapshots = \"csi\" }}]\npostgresql = {{ archive = \"archive\", stored_in = \"{vault}\" }}\n",
        zones.join(", ")
    )
}

fn built(fleet: &str, service: &str) -> Compiled {
    let files = [("fleet.toml", fleet), ("service.toml", service)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    compile(&Files::from(files), &Files::new())
}

/// No size, spread, share or sum of a room divides by what a fleet does not have.
#[test]
fn no_number_of_zones_and_nodes_is_a_panic() {
    let regions = ["\"one\", \"two\"", "\"two\", \"one\"", "\"two\""];
    let fleets: Vec<(usize, usize)> =
        (0..=6).flat_map(|zones| [0, 1, 3].map(|nodes| (zones, nodes))).collect();
    fleets.par_iter().for_each(|(zones, nodes)| {
        let fleet = format!(
            "inventory = \"2026-11-01\"\n\n{}\n{}",
            region("one", 3, 3, "two"),
            region("two", *zones, *nodes, "one")
        );
        for (number, tier) in TIERS.iter().enumerate() {
            let number = zones + nodes + number;
            let (kind, regions) = (KINDS[number % 4], regions[number / 2 % 3]);
            let service = format!(
                "name = \"orders\"\nimage = \"{IMAGE}\"\ntier = \"{tier}\"\nregions = [{regions}]\nrpo = \"4h\"\nrto = \"8h\"\n{kind}"
            );
            let report = built(&fleet, &service).report();
            let kept = *zones >= 3 && *nodes >= 1 || ["bronze", "silver"].contains(tier);
            assert!(
                kept || report.contains("error["),
                "{zones} zones of {nodes} nodes for {tier} in {regions}"
            );
        }
    });
}

/// What a spec asks for every so often is kept, or refused with what cron can say next to it.
#[test]
fn any_time_between_backups_is_kept_or_refused() {
    let weekly = "[tiers.weekly]\nlike = \"bronze\"\nbackup.every = \"7d\"\nbackup.keep = \"8w\"\n";
    let fleet = format!(
        "inventory = \"2026-11-01\"\n\n{}\n{}\n{weekly}",
        region("one", 3, 3, "two"),
        region("two", 3, 3, "one")
    );
    let of = |every: &str| {
        let service = format!(
            "name = \"orders\"\nimage = \"{IMAGE}\"\ntier = \"weekly\"\nregions = [\"one\"]\nrpo = \"8w\"\nrto = \"8h\"\nkind = \"stateful\"\nvolumes = [{{ name = \"data\", path = \"/data\", size = \"10Gi\" }}]\n\n[backup]\nevery = \"{every}\"\n"
        );
        built(&fleet, &service)
    };
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for every in [
        "0s", "1s", "59s", "1m", "5m", "7m", "45m", "1h", "1h30m", "6h", "24h", "36h", "2d", "6d",
        "7d", "8d", "14d", "52w",
    ] {
        let report = of(every).report();
        match report.contains("error[wrong-value]") {
            true => {
                let help = report.split("help: write `every = \"").nth(1).expect("a way out");
                let nearest = help.split('"').next().expect("one").to_owned();
                let again = of(&nearest).report();
                assert!(!again.contains("error[wrong-value]"), "{every}, then {nearest}: {again}");
                refused.push((every, nearest));
            }
            false => kept.push(every),
        }
    }
    assert_eq!(kept, ["5m", "1h", "6h", "24h", "7d"]);
    let nearest: Vec<&str> = refused.iter().map(|(_, nearest)| nearest.as_str()).collect();
    assert_eq!(
        nearest,
        ["5m", "5m", "5m", "5m", "6m", "30m", "1h", "1d", "1d", "1d", "7d", "7d", "7d"]
    );
    let weekly = of("7d");
    assert_eq!(weekly.report(), "");
    let schedule = &weekly.tree["one/orders/schedule.yaml"];
    let cron = schedule.lines().find_map(|line| line.trim().strip_prefix("schedule: "));
    let fields: Vec<&str> = cron.expect("a schedule").trim_matches('"').split(' ').collect();
    let [minute, hour, "*", "*", day] = fields.as_slice() else { panic!("{fields:?}") };
    let below = |field: &str, end: u8| field.parse::<u8>().is_ok_and(|number| number < end);
    assert!(below(minute, 60) && below(hour, 24) && below(day, 7), "{fields:?}");
}
