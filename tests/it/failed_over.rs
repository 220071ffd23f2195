//! The commit of a failover: what it may not be refused for, and what is refused again once the lost
//! region is back.

use crate::generate::{self, Fleet};
use crate::random::Random;
use crate::workbench::Workbench;
use std::collections::BTreeSet;

/// Three regions, of which the last can make one backup at a time.
fn fleet(lost: bool) -> String {
    let mut fleet = include_str!("fleet.toml").to_owned();
    for region in ["eastus2", "centralus"] {
        let table = format!("[regions.{region}]\n");
        assert!(fleet.contains(&table));
        fleet = fleet.replace(&table, &format!("{table}backup.concurrency = 6\n"));
    }
    match lost {
        true => fleet.replace("[regions.eastus2]\n", "[regions.eastus2]\nlost = true\n"),
        false => fleet,
    }
}

const HOME: &str = r#"["eastus2", "centralus", "westeurope"]"#;
const MOVED: &str = r#"["centralus", "westeurope", "eastus2"]"#;

fn write(bench: &Workbench, regions: &str, lost: bool) {
    bench.write("specs/fleet.toml", &fleet(lost));
    for name in ["a", "b", "c", "d"] {
        let spec = format!(
            r#"
name = "{name}"
image = "registry.example.com/{name}@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
tier = "silver"
regions = {regions}
rpo = "1h"
rto = "8h"
kind = "stateful"
recovery = "backup and restore"
volumes = [{{ name = "data", path = "/data", size = "20Gi", class = "zrs" }}]
"#
        );
        bench.write(&format!("specs/{name}.toml"), &spec);
    }
}

/// The queue of westeurope holds two of them: nobody asks before a second region is lost.
#[test]
fn what_one_more_failover_breaks_is_a_warning_until_the_region_is_back() {
    let bench = Workbench::empty();
    let at_home = || write(&bench, HOME, false);
    at_home();
    let first = bench.run(&["build"]).code(0);
    assert_eq!(first.stderr, "");

    write(&bench, MOVED, false);
    let refused = bench.run(&["check"]).code(1);
    let told = refused.stdout + &refused.stderr;
    assert!(told.contains("error[backup-queue]: after a failover from `centralus`"), "{told}");
    assert!(told.contains("`lost = true` in its table of the fleet"), "{told}");

    write(&bench, MOVED, true);
    let built = bench.run(&["build"]).code(0);
    for line in [
        "warning[region-lost]: until `eastus2` is back, what another loss would break is a warning",
        "warning[backup-queue]: after a failover from `centralus`",
        "a warning until `eastus2` is back",
    ] {
        assert!(built.stderr.contains(line), "{line}\n{}", built.stderr);
    }
    assert!(!built.stderr.contains("error["), "{}", built.stderr);
    let again = bench.run(&["build", "--check"]).code(0);
    assert!(again.stderr.contains("warning[region-lost]"), "{}", again.stderr);

    // Whatever the order: nobody moves to a region that is lost.
    write(&bench, r#"["centralus", "eastus2", "westeurope"]"#, true);
    let told = bench.run(&["check"]).code(0);
    let told = told.stdout + &told.stderr;
    let line = "warning[backup-queue]: after a failover from `centralus`, backups of `westeurope`";
    assert!(told.contains(line), "{told}");

    write(&bench, MOVED, false);
    let back = bench.run(&["check"]).code(1);
    assert!((back.stdout + &back.stderr).contains("error[backup-queue]"));
    at_home();
    let home = bench.run(&["check"]).code(0);
    assert_eq!(home.stdout + &home.stderr, "");
}

/// What is refused of the fleet as it stands is no matter of the next loss.
#[test]
fn a_lost_region_excuses_nothing_else() {
    let bench = Workbench::empty();
    write(&bench, MOVED, true);
    bench.edit(
        "specs/fleet.toml",
        "[regions.centralus]\nbackup.concurrency = 6",
        "[regions.centralus]\nbackup.concurrency = 1",
    );
    let refused = bench.run(&["check"]).code(1);
    let told = refused.stdout + &refused.stderr;
    assert!(told.contains("error[backup-queue]: backups of `centralus` may wait"), "{told}");
}

/// A standby that is older than its primary is told as a warning, and why it is none.
#[test]
fn an_older_standby_is_a_warning_that_says_why() {
    let bench = Workbench::empty();
    let older = |lost: bool, regions: &str| {
        write(&bench, regions, lost);
        let fleet = bench.read("specs/fleet.toml");
        let (before, rest) = fleet.split_once("[regions.westeurope]").expect("it is there");
        let rest = rest.replacen("kubernetes = \"1.34\"", "kubernetes = \"1.33\"", 1);
        bench.write("specs/fleet.toml", &format!("{before}[regions.westeurope]{rest}"));
    };
    older(false, HOME);
    let refused = bench.run(&["check"]).code(1);
    assert!((refused.stdout + &refused.stderr).contains("error[older-cluster]: backups of `a`"));

    older(true, MOVED);
    let told = bench.run(&["check"]).code(0);
    let told = told.stdout + &told.stderr;
    assert!(told.contains("warning[older-cluster]: backups of `a`"), "{told}");
    let why = "= a warning until `eastus2` is back: promises are for one loss at a time";
    assert!(told.contains(why), "{told}");
}

/// The way back needs the same: every upgrade passes through it, so nobody is stopped.
#[test]
fn a_newer_standby_is_no_matter_of_a_lost_region() {
    let bench = Workbench::empty();
    write(&bench, r#"["eastus2", "centralus"]"#, false);
    let fleet = bench.read("specs/fleet.toml");
    bench.write(
        "specs/fleet.toml",
        &fleet.replacen("kubernetes = \"1.34\"", "kubernetes = \"1.33\"", 1),
    );
    let told = bench.run(&["check"]).code(0);
    let told = told.stdout + &told.stderr;
    let line = "warning[older-cluster]: after a failover from `eastus2`, backups of `a`";
    assert!(told.contains(line), "{told}");
    assert!(told.contains("= a warning: every upgrade passes through this"), "{told}");
    assert!(!told.contains("`lost = true`"), "{told}");
}

/// A region that is lost is no place to go: claims and the simulation say so.
#[test]
fn a_lost_region_takes_nothing_over() {
    let bench = Workbench::empty();
    write(&bench, r#"["centralus", "eastus2"]"#, true);
    let built = bench.run(&["build"]).code(0);
    let waiting = "until `eastus2` is back, `a`, `b`, `c`, `d` have no other region to move to";
    assert!(built.stderr.contains(waiting), "{}", built.stderr);
    assert!(!built.stderr.contains("after a failover"), "nothing can move: {}", built.stderr);
    let lose = ["simulate", "--lose", "region", "centralus"];
    let told = bench.run(&lose).code(0).stdout;
    assert!(told.contains("until eastus2 is back, there is no other region"), "{told}");
    assert!(!told.contains("takes over"), "{told}");
    let premise = "The region that the fleet calls lost is back";
    let explained = |bench: &Workbench| bench.run(&["explain", "a"]).code(0).stdout;
    assert!(explained(&bench).replace("\n", " ").contains(premise), "{}", explained(&bench));
    let ledger = |bench: &Workbench| bench.read("out/ledger/a.json").contains("returned");
    assert!(ledger(&bench));

    // What it leads still can be moved.
    write(&bench, r#"["eastus2", "centralus"]"#, true);
    let before = bench.run(&["check"]).code(0);
    let told = before.stdout + &before.stderr;
    let line = "warning[region-lost]: until `eastus2` is back, what another loss would break";
    assert!(told.contains(line), "{told}");

    write(&bench, r#"["centralus", "eastus2"]"#, false);
    bench.run(&["build"]).code(0);
    let told = bench.run(&lose).code(0).stdout;
    assert!(told.contains("eastus2 takes over"), "{told}");
    assert!(!explained(&bench).contains("calls lost") && !ledger(&bench));
}

/// The regions that lead something in a tree which another one takes over, with what they lead.
fn led(fleet: &Fleet, tree: &generate::Files) -> BTreeSet<(String, String)> {
    let of = |service: &toml::Table| {
        let (name, regions) = (generate::name(service), generate::regions(service));
        let map = tree.get(&format!("{}/{name}/config-map-region.yaml", regions[0]))?;
        let moves = regions.len() > 1 && !map.contains("REGION_ROLE: active");
        moves.then(|| (regions[0].to_owned(), name.to_owned()))
    };
    fleet.services.iter().filter_map(of).collect()
}

/// What compiles, compiles once any of its regions is lost, its services have moved as their cards say,
/// and the fleet says so.
#[test]
fn the_commit_of_any_failover_compiles() {
    let (mut moved, mut refused) = (0, 0);
    for seed in 0..48 {
        let mut random = Random::new(seed ^ 0x10_57);
        let mut fleet = generate::fleet(seed, 7);
        let regions = fleet.fleet["regions"].as_table_mut().expect("a table");
        for (_, region) in regions.iter_mut() {
            region["backup"]["concurrency"] = random.between(1, 4).into();
            if random.once_in(3) {
                region["kubernetes"] = "1.37".into();
            }
        }
        let Ok(tree) = generate::compile(&fleet.files()) else { continue };
        let led = led(&fleet, &tree);
        let lost: BTreeSet<&String> = led.iter().map(|(region, _)| region).collect();
        for lost in lost {
            let mut after = fleet.clone();
            for spec in &mut after.services {
                if led.contains(&(lost.clone(), generate::name(spec).to_owned())) {
                    spec["regions"].as_array_mut().expect("a list").rotate_left(1);
                }
            }
            refused += usize::from(generate::compile(&after.files()).is_err());
            after.fleet["regions"][lost.as_str()]
                .as_table_mut()
                .expect("a table")
                .insert("lost".to_owned(), true.into());
            after.compile();
            moved += 1;
        }
    }
    assert!(moved > 16 && refused > 1, "{moved} moved, {refused} refused unless it is said");
}
