//! Promises: the smallest change that a refusal names is enough, and one step less is not; and
//! nothing that helps ever breaks a promise that was kept.

use crate::random::Random;
use crate::support::{FLEET, Outcome, compile};
use ninefold::decide::cron::INTERVALS;
use ninefold::diag::Severity;
use ninefold::quantity::Duration;
use std::collections::BTreeMap;

const IMAGE: &str = "registry.example.com/shop/orders@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A stateful service of random shape: what its keys are, without those that promise something.
#[derive(Clone)]
struct Shape {
    tier: &'static str,
    regions: &'static str,
    peak: usize,
    volumes: usize,
    gigabytes: usize,
    hook: Option<usize>,
}

impl Shape {
    fn random(random: &mut Random) -> Shape {
        let tier = *random.pick(&["bronze", "silver", "gold"]);
        Shape {
            tier,
            regions: random.pick::<&str>(&["\"eastus2\"", "\"eastus2\", \"centralus\""]),
            peak: 1 + random.below(4),
            volumes: 1 + random.below(3),
            gigabytes: 1 + random.below(400),
            hook: random.once_in(2).then(|| 5 + random.below(60)),
        }
    }

    fn spec(&self, name: &str, rpo: &str, rto: &str, backup: &str) -> String {
        let volumes: String = (0..self.volumes)
            .map(|n| {
                let size = self.gigabytes + n;
                format!("[[volumes]]\nname = \"v{n}\"\npath = \"/v{n}\"\nsize = \"{size}Gi\"\n")
            })
            .collect();
        let hook = self.hook.map_or(String::new(), |seconds| {
            format!("[[backup.hooks]]\nname = \"hold\"\nbefore = [\"/hold\"]\ntimeout = \"{seconds}s\"\n")
        });
        let standby = self.tier == "gold" && self.regions.contains(',');
        let accept = if standby {
            "[[accept]]\nrule = \"standby-without-data\"\nreason = \"it is restored\"\nuntil = \"2027-06-30\"\n"
        } else {
            ""
        };
        format!(
            "name = \"{name}\"\nimage = \"{IMAGE}\"\ntier = \"{}\"\nregions = [{}]\nrpo = \"{rpo}\"\nrto = \"{rto}\"\nkind = \"stateful\"\nrecovery = \"{}\"\ncapacity = {{ peak = {}, cpu = \"10m\", memory = \"16Mi\" }}\n[backup]\n{backup}{hook}{volumes}{accept}",
            self.tier,
            self.regions,
            if standby { "pilot light" } else { "backup and restore" },
            self.peak,
        )
    }
}

/// Compiles one spec among a fleet with `backup` in every region: lines of `backup.<key> = …`.
fn among(spec: &str, backup: &str) -> Outcome {
    let fleet = fleet(backup);
    compile(&[("fleet.toml", fleet.as_str()), ("a.toml", spec)])
}

fn fleet(backup: &str) -> String {
    FLEET.replace("backup.locations", &format!("{backup}backup.locations"))
}

/// The codes of what stops a build. That one failure may use up a year's downtime, or that volumes
/// are copied one after the other, is not what these laws are about.
fn errors(outcome: &Outcome) -> Vec<&'static str> {
    let errors = outcome.findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.code.name()).collect()
}

fn is(outcome: &Outcome, code: &str) -> bool {
    outcome.codes().contains(&code)
}

/// What stands in quotes behind `key = ` in the help of the first finding of `code`.
fn proposed(outcome: &Outcome, code: &str, key: &str) -> Option<String> {
    let finding = outcome.findings.iter().find(|finding| finding.code.name() == code)?;
    let help = finding.help.as_deref()?;
    let (_, rest) = help.split_once(&format!("{key} = \""))?;
    rest.split('"').next().map(str::to_owned)
}

fn a_second_less(duration: &str) -> String {
    let seconds = duration.parse::<Duration>().unwrap().as_seconds() - 1;
    Duration::seconds(seconds).to_string().replace(' ', "")
}

#[test]
fn the_rpo_that_is_proposed_is_kept_and_a_second_less_is_not() {
    let mut random = Random::new(1);
    let mut seen = 0;
    for _ in 0..40 {
        let shape = Shape::random(&mut random);
        let refused = among(&shape.spec("orders", "16m", "30d", ""), "");
        if is(&refused, "backup-too-long") {
            continue;
        }
        let rpo = proposed(&refused, "rpo-out-of-reach", "rpo").expect("an RPO is proposed");
        assert_eq!(errors(&among(&shape.spec("orders", &rpo, "30d", ""), "")), [""; 0]);
        let less = among(&shape.spec("orders", &a_second_less(&rpo), "30d", ""), "");
        assert_eq!(errors(&less), ["rpo-out-of-reach"]);
        seen += 1;
    }
    assert!(seen > 20);
}

#[test]
fn the_interval_that_is_proposed_keeps_the_rpo_and_the_next_rarer_does_not() {
    let mut random = Random::new(2);
    let mut seen = 0;
    for _ in 0..40 {
        let shape = Shape { tier: "gold", ..Shape::random(&mut random) };
        let rpo = format!("{}m", 60 + random.below(120));
        let spec =
            |every: &str| shape.spec("orders", &rpo, "30d", &format!("every = \"{every}\"\n"));
        let refused = among(&spec("1h"), "");
        let Some(every) = proposed(&refused, "rpo-out-of-reach", "every") else { continue };
        assert_eq!(errors(&among(&spec(&every), "")), [""; 0], "{rpo} {every}");
        let parsed = every.parse::<Duration>().unwrap();
        let rarer = INTERVALS.iter().find(|interval| **interval > parsed).unwrap();
        let rarer = among(&spec(&rarer.to_string()), "");
        assert_eq!(errors(&rarer), ["rpo-out-of-reach"], "{rpo} {every}");
        // Left out, it is chosen.
        let chosen = among(&shape.spec("orders", &rpo, "30d", ""), "");
        let cron = |outcome: &Outcome| {
            let schedule = &outcome.files["eastus2/orders/schedule.yaml"];
            schedule.lines().find(|line| line.contains("  schedule: ")).map(str::to_owned)
        };
        assert_eq!(cron(&chosen), cron(&among(&spec(&every), "")));
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn the_time_for_a_snapshot_that_is_proposed_is_short_enough_and_a_second_more_is_not() {
    for (peak, volumes) in [(40, 1), (12, 4), (80, 2)] {
        let shape =
            Shape { tier: "gold", regions: "\"eastus2\"", peak, volumes, gigabytes: 1, hook: None };
        let spec = shape.spec("orders", "4h", "2d", "");
        let refused = among(&spec, "");
        let time = proposed(&refused, "backup-too-long", "snapshot").expect("one is proposed");
        let with = |time: &str| among(&spec, &format!("backup.snapshot = \"{time}\"\n"));
        assert_eq!(errors(&with(&time)), [""; 0]);
        let more = time.parse::<Duration>().unwrap() + Duration::seconds(1);
        assert_eq!(errors(&with(&more.to_string().replace(' ', ""))), ["backup-too-long"]);
    }
}

#[test]
fn the_rto_that_is_proposed_is_kept_and_a_second_less_is_not() {
    let mut random = Random::new(3);
    for _ in 0..40 {
        let shape = Shape::random(&mut random);
        let refused = among(&shape.spec("orders", "2d", "10s", ""), "");
        let rto = proposed(&refused, "rto-out-of-reach", "rto").expect("an RTO is proposed");
        assert_eq!(errors(&among(&shape.spec("orders", "2d", &rto, ""), "")), [""; 0]);
        let less = among(&shape.spec("orders", "2d", &a_second_less(&rto), ""), "");
        assert_eq!(errors(&less), ["rto-out-of-reach"]);
    }
}

#[test]
fn the_throughput_that_is_proposed_is_enough_and_a_mebibyte_less_is_not() {
    let mut random = Random::new(4);
    let mut seen = 0;
    for _ in 0..40 {
        let shape = Shape::random(&mut random);
        let rto = format!("{}m", 42 + random.below(60));
        let with = |rate: &str| {
            among(
                &shape.spec("orders", "2d", &rto, ""),
                &format!("backup.throughput = \"{rate}\"\n"),
            )
        };
        let refused = with("1Mi");
        let Some(rate) = proposed(&refused, "rto-out-of-reach", "throughput") else { continue };
        let bytes: u64 = rate.parse::<ninefold::quantity::Bytes>().unwrap().get() >> 20;
        assert_eq!(errors(&with(&format!("{bytes}Mi"))), [""; 0], "{rate}");
        assert!(is(&with(&format!("{}Mi", bytes - 1)), "rto-out-of-reach"), "{rate}");
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn health_checks_that_are_proposed_are_enough() {
    let spec = |traffic: &str| {
        format!(
            "name = \"web\"\nimage = \"{IMAGE}\"\ntier = \"platinum\"\nregions = [\"eastus2\", \"centralus\"]\nrpo = \"0s\"\nrto = \"10m\"\nports = [{{ name = \"http\", port = 8080, gateway = true }}]\n{traffic}"
        )
    };
    let refused = among(&spec(""), "");
    let way = proposed(&refused, "rto-out-of-reach", "failover");
    assert_eq!(way.as_deref(), Some("automatic"));
    let mended = among(&spec("[traffic]\nfailover = \"automatic\"\n"), "");
    assert!(!is(&mended, "rto-out-of-reach"), "{}", mended.report());
}

/// Several services of that many snapshots each, on servers with so many slots.
fn crowd(
    count: usize,
    shape: &Shape,
    slots: Option<u64>,
    changed: Option<(&str, &str)>,
) -> Outcome {
    let slots = slots.map_or(String::new(), |slots| format!("backup.concurrency = {slots}\n"));
    let fleet = fleet(&slots);
    let specs: Vec<(String, String)> = (0..count)
        .map(|n| {
            let name = format!("s{n}");
            let rpo = changed.filter(|(of, _)| name == **of).map_or("1h30m", |(_, rpo)| rpo);
            (format!("{name}.toml"), shape.spec(&name, rpo, "30d", ""))
        })
        .collect();
    let mut files = vec![("fleet.toml", fleet.as_str())];
    files.extend(specs.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    compile(&files)
}

#[test]
fn the_slots_that_are_proposed_are_enough_and_one_less_is_not() {
    let mut random = Random::new(5);
    let (mut seen, mut promised) = (0, 0);
    for _ in 0..20 {
        let shape = Shape {
            tier: "gold",
            regions: "\"eastus2\"",
            peak: 1 + random.below(2),
            hook: None,
            ..Shape::random(&mut random)
        };
        let count = 2 + random.below(5);
        let refused = crowd(count, &shape, None, None);
        let Some(finding) = refused.findings.iter().find(|f| f.code.name() == "backup-queue")
        else {
            continue;
        };
        let help = finding.help.clone().unwrap_or_default();
        let number = help.split_once("concurrency = ").expect("slots are proposed").1;
        let slots: u64 = number.split('`').next().unwrap().parse().unwrap();
        assert_eq!(errors(&crowd(count, &shape, Some(slots), None)), [""; 0], "{help}");
        assert!(is(&crowd(count, &shape, Some(slots - 1), None), "backup-queue"), "{help}");
        for more in [slots + 1, slots + 5] {
            assert_eq!(errors(&crowd(count, &shape, Some(more), None)), [""; 0], "{help}");
        }
        if let Some(rpo) = proposed(&refused, "backup-queue", "rpo") {
            let name = help.split_once("for `").unwrap().1.split('`').next().unwrap();
            let mended = crowd(count, &shape, None, Some((name, &rpo)));
            assert_eq!(errors(&mended), [""; 0], "{help}");
            promised += 1;
        }
        seen += 1;
    }
    assert!(seen > 8 && promised > 0, "{seen} {promised}");
}

#[test]
fn what_helps_breaks_no_promise() {
    let mut random = Random::new(6);
    for _ in 0..40 {
        let shape = Shape::random(&mut random);
        let (rpo, rto) =
            (format!("{}m", 40 + random.below(600)), format!("{}m", 40 + random.below(200)));
        let (rate, slots) = (10 + random.below(90), 1 + random.below(3));
        let with = |backup: &str, rate: usize, slots: usize| {
            let of_fleet =
                format!("backup.throughput = \"{rate}Mi\"\nbackup.concurrency = {slots}\n");
            among(&shape.spec("orders", &rpo, &rto, backup), &of_fleet)
        };
        let kept = with("", rate, slots);
        if !kept.findings.is_empty() {
            continue;
        }
        assert_eq!(errors(&with("", rate + 7, slots)), [""; 0], "more bandwidth");
        assert_eq!(errors(&with("", rate, slots + 1)), [""; 0], "more slots");
        // Shorter intervals keep the RPO, as long as a backup has the time.
        for every in INTERVALS {
            let every = format!("every = \"{}\"\n", every.to_string().replace(' ', ""));
            let found = with(&every, rate, slots);
            let fits = found
                .codes()
                .iter()
                .all(|code| *code == "backup-too-long" || *code == "wrong-value");
            if fits {
                continue;
            }
            // It is one of the rarer ones, and so are all that follow.
            assert_eq!(errors(&found), ["rpo-out-of-reach"]);
            break;
        }
    }
}

#[test]
fn in_every_ledger_the_terms_of_a_claim_are_its_worst_case() {
    let mut random = Random::new(7);
    let mut sums = 0;
    for _ in 0..30 {
        let shape = Shape::random(&mut random);
        let outcome = among(&shape.spec("orders", "2d", "2d", ""), "");
        let ledger: serde_json::Value =
            serde_json::from_str(&outcome.files["ledger/orders.json"]).unwrap();
        let promises: BTreeMap<String, ninefold::decide::Promise> =
            serde_json::from_value(ledger["promises"].clone()).unwrap();
        // Those that are times; what is left, and the share of a year, are no sums.
        let times = |claims: &BTreeMap<String, ninefold::decide::proof::Kept>| {
            let time = |(name, _): &(&String, &ninefold::decide::proof::Kept)| {
                ["rpo", "rto"].contains(&name.as_str())
            };
            claims.iter().filter(time).map(|(_, claim)| claim.clone()).collect::<Vec<_>>()
        };
        for claim in promises.values().flat_map(|promise| promise.claims.values()).flat_map(times) {
            let sum: u64 = claim.terms.values().sum();
            assert_eq!(claim.worst.unwrap_or(0), sum);
            assert!(claim.promised.is_none() || claim.worst <= claim.promised);
            assert!(claim.assumed.iter().all(|name| claim.terms.contains_key(name)));
            sums += usize::from(sum > 0);
        }
    }
    assert!(sums > 100, "{sums}");
}

#[test]
fn a_copy_in_the_same_region_does_not_count_for_its_loss() {
    let shape = Shape {
        tier: "bronze",
        regions: "\"eastus2\", \"centralus\"",
        peak: 1,
        volumes: 1,
        gigabytes: 1,
        hook: None,
    };
    let own = "  { name = \"eastus2-vault\", stored_in = \"eastus2\" },\n";
    let first =
        FLEET.replacen("backup.locations = [\n", &format!("backup.locations = [\n{own}"), 1);
    let fleet = first.replacen(&format!("{own}]"), "]", 1);
    assert_ne!(fleet, FLEET);
    let of = |fleet: &str, spec: &str| compile(&[("fleet.toml", fleet), ("a.toml", spec)]);
    let spec = shape.spec("orders", "2d", "2d", "");
    assert_eq!(errors(&of(&fleet, &spec)), ["rpo-out-of-reach"]);
    assert_eq!(errors(&of(FLEET, &spec)), [""; 0]);
    // With nowhere to go, nothing is promised about the region.
    let single = Shape { regions: "\"eastus2\"", ..shape }.spec("orders", "2d", "2d", "");
    assert_eq!(errors(&of(&fleet, &single)), [""; 0]);
}

/// A measurement counts with the bytes that it moved, and never beats what the throughput allows.
#[test]
fn a_restore_that_was_measured_counts_in_proportion_to_its_bytes() {
    let shape = Shape {
        tier: "gold",
        regions: "\"eastus2\"",
        peak: 2,
        volumes: 1,
        gigabytes: 40,
        hook: None,
    };
    let spec = shape.spec("orders", "2d", "30d", "");
    let restored = |measured: &str, throughput: &str| -> u64 {
        let measured = match measured {
            "" => String::new(),
            took => format!(
                "[[measured]]\nwhat = \"restore\"\nservice = \"orders\"\nregion = \"eastus2\"\non = \"2026-10-20\"\nsource = \"a drill\"\n{took}\n"
            ),
        };
        let fleet = format!("{}\n{measured}", self::fleet(throughput));
        let outcome = compile(&[("fleet.toml", fleet.as_str()), ("a.toml", &spec)]);
        assert_eq!(errors(&outcome), [""; 0], "{}", outcome.report());
        let ledger: serde_json::Value =
            serde_json::from_str(&outcome.files["ledger/orders.json"]).unwrap();
        let terms = &ledger["promises"]["eastus2"]["claims"]["data"]["rto"]["terms"];
        terms["data restored"].as_u64().expect("it is restored")
    };
    let declared = "backup.throughput = \"50Mi\"\n";
    // Three volumes of 40Gi side by side, by one data mover each.
    let physics = (40u64 << 30).div_ceil(50 << 20);
    let all = 120u64 << 30;
    assert_eq!(restored("", ""), physics, "assumed");
    assert_eq!(restored("", declared), physics, "declared");
    for (took, moved, bytes) in
        [(20, "10Mi", 10u64 << 20), (600, "60Gi", 60 << 30), (900, "93Gi", 93 << 30)]
    {
        let scaled = (took * all).div_ceil(bytes);
        let written = format!("took = \"{took}s\"\nbytes = \"{moved}\"");
        assert_eq!(restored(&written, ""), scaled, "{written}");
        assert_eq!(restored(&written, declared), scaled.max(physics), "{written}");
    }
    // What nobody wrote the bytes of says nothing where the throughput says more.
    assert_eq!(restored("took = \"20s\"", ""), physics);
    assert_eq!(restored("took = \"2000s\"", ""), 2000);
    // As much as there may be, and more of it: faster than is assumed, and never than is declared.
    for moved in ["120Gi", "400Gi"] {
        let written = format!("took = \"60s\"\nbytes = \"{moved}\"");
        assert_eq!(restored(&written, ""), 60, "{written}");
        assert_eq!(restored(&written, declared), physics, "{written}");
    }
}
