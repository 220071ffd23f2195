//! What services call: no promise is better than those that it rests on, with circles and over several
//! calls, and what a refusal proposes is enough.

use crate::random::Random;
use crate::support::{Outcome, compile};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const IMAGE: &str = "registry.example.com/shop/a@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A service without data: its tier and recovery, how long its pods may take to start, and whom it calls.
#[derive(Clone, Debug)]
struct Service {
    tier: &'static str,
    recovery: &'static str,
    start: u64,
    rto: String,
    calls: BTreeSet<usize>,
}

impl Service {
    fn spec(&self, number: usize) -> String {
        let mut spec = format!(
            "name = \"s{number}\"\nimage = \"{IMAGE}\"\ntier = \"{}\"\nregions = [\"eastus2\", \"centralus\"]\nrpo = \"1d\"\nrto = \"{}\"\nrecovery = \"{}\"\ncapacity = {{ peak = 2, cpu = \"10m\", memory = \"16Mi\" }}\n[probes]\nready = \"/ready\"\nlive = \"/live\"\nstart_within = \"{}s\"\n",
            self.tier, self.rto, self.recovery, self.start
        );
        for called in &self.calls {
            write!(spec, "[[depends_on]]\nservice = \"s{called}\"\n").unwrap();
        }
        spec
    }
}

fn together(services: &[Service]) -> Outcome {
    let specs = services.iter().enumerate();
    let specs: Vec<(String, String)> =
        specs.map(|(number, one)| (format!("s{number}.toml"), one.spec(number))).collect();
    let files: Vec<(&str, &str)> = specs.iter().map(|(name, text)| (&**name, &**text)).collect();
    compile(&files)
}

/// Services of one tier and recovery, each of which calls some others, itself excepted.
fn random(random: &mut Random) -> Vec<Service> {
    let tier = *random.pick(&["bronze", "silver", "gold"]);
    let recovery = *random.pick(&["pilot light", "warm standby", "active/active"]);
    let count = 2 + random.below(4);
    let one = |random: &mut Random, number: usize| {
        let calls = (0..count).filter(|other| *other != number && random.once_in(3));
        let calls = calls.collect();
        let start = 10 + random.below(900) as u64;
        Service { tier, recovery, start, rto: "3h".to_owned(), calls }
    };
    (0..count).map(|number| one(random, number)).collect()
}

/// The worst case of the RTO by service, region and loss, as the ledgers have it.
fn worst(outcome: &Outcome) -> BTreeMap<(usize, String, String), u64> {
    let mut all = BTreeMap::new();
    for (path, text) in &outcome.files {
        let Some(name) = path.strip_prefix("ledger/s") else { continue };
        let number = name.trim_end_matches(".json").parse().expect("a number");
        let ledger: Value = serde_json::from_str(text).expect("JSON");
        for (region, promise) in ledger["promises"].as_object().expect("promises") {
            for (scope, claims) in promise["claims"].as_object().expect("claims") {
                if let Some(worst) = claims["rto"]["worst"].as_u64() {
                    all.insert((number, region.clone(), scope.clone()), worst);
                }
                let terms = claims["rto"]["terms"].as_object();
                let sum: u64 =
                    terms.iter().flat_map(|it| it.values()).filter_map(Value::as_u64).sum();
                assert_eq!(claims["rto"]["worst"].as_u64().unwrap_or(sum), sum, "{path} {scope}");
            }
        }
    }
    all
}

/// Everything that can be reached by calls.
fn below(services: &[Service], from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open: Vec<usize> = services[from].calls.iter().copied().collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(&services[next].calls);
        }
    }
    found
}

#[test]
fn a_service_is_back_when_the_last_is_that_it_rests_on_and_no_later() {
    let mut waited = 0;
    for seed in 0..16 {
        let services = random(&mut Random::new(seed));
        let alone: Vec<Service> =
            services.iter().map(|one| Service { calls: BTreeSet::new(), ..one.clone() }).collect();
        let (outcome, alone) = (together(&services), together(&alone));
        assert_eq!(outcome.report(), "", "{services:?}");
        let (together, alone) = (worst(&outcome), worst(&alone));
        assert!(!together.is_empty());
        for (key, time) in &together {
            let (number, region, scope) = key;
            let standing_by = services[*number].recovery != "active/active" && region != "eastus2";
            let all = below(&services, *number).into_iter().chain([*number]);
            let slowest = all
                .filter_map(|other| alone.get(&(other, region.clone(), scope.clone())))
                .max()
                .expect("its own");
            let own = alone[key];
            // Where it does not serve, the loss of the region takes nothing from it.
            let expected = if standing_by && scope == "region" { own } else { *slowest };
            assert_eq!(*time, expected, "{key:?} in {services:?}");
            waited += usize::from(*time > own);
        }
    }
    assert!(waited > 40, "{waited}");
}

#[test]
fn the_rto_that_is_proposed_is_kept_and_a_second_less_is_not() {
    let mut refused = 0;
    for seed in 0..12 {
        let mut random = Random::new(100 + seed);
        let mut services = self::random(&mut random);
        services[1].calls.clear();
        services[0].calls = BTreeSet::from([1]);
        services.truncate(2);
        services[0].start = 10;
        services[1].start = 1000 + random.below(900) as u64;
        let mut with = |rto: &str| {
            services[0].rto = rto.to_owned();
            together(&services)
        };
        let own = with("16m");
        let Some(help) = own.findings.iter().find(|one| one.code.name() == "dependency-slower")
        else {
            continue;
        };
        let help = help.help.clone().expect("a smallest change");
        let proposed = help.split("rto = \"").nth(1).and_then(|rest| rest.split('"').next());
        let proposed = proposed.expect("an RTO");
        assert!(!with(proposed).codes().contains(&"dependency-slower"), "{help}");
        let less = proposed.parse::<ninefold::quantity::Duration>().unwrap().as_seconds() - 1;
        assert!(with(&format!("{less}s")).codes().contains(&"dependency-slower"), "{help}");
        refused += 1;
    }
    assert!(refused > 4, "{refused}");
}

#[test]
fn one_that_stands_by_where_its_caller_serves_is_refused_unless_it_is_accepted() {
    let service = |recovery, calls: &[usize]| Service {
        tier: "gold",
        recovery,
        start: 60,
        rto: "3h".to_owned(),
        calls: calls.iter().copied().collect(),
    };
    let pair = |called| together(&[service("active/active", &[1]), service(called, &[])]);
    assert_eq!(pair("active/active").codes(), [""; 0]);
    for called in ["warm standby", "pilot light"] {
        assert_eq!(pair(called).codes(), ["dependency-stands-by"], "{called}");
    }
    let accept = "[[accept]]\nrule = \"dependency-stands-by\"\nreason = \"it only reads\"\nuntil = \"2027-06-30\"\n";
    for (called, codes) in
        [("warm standby", &[][..]), ("pilot light", &["dependency-stands-by"][..])]
    {
        let caller = service("active/active", &[1]).spec(0) + accept;
        let called = service(called, &[]).spec(1);
        let outcome = compile(&[("s0.toml", &caller), ("s1.toml", &called)]);
        assert_eq!(outcome.codes(), codes);
    }
}

/// What is wrong with the services that one calls.
fn of_calls(outcome: &Outcome) -> Vec<&'static str> {
    outcome.codes().into_iter().filter(|code| code.starts_with("dependency-")).collect()
}

#[test]
fn a_faster_callee_a_later_promise_and_one_call_less_break_nothing() {
    let mut held = 0;
    for seed in 0..12 {
        let mut random = Random::new(300 + seed);
        let mut services = self::random(&mut random);
        for service in &mut services {
            service.rto = format!("{}m", 20 + random.below(180));
        }
        if !of_calls(&together(&services)).is_empty() {
            continue;
        }
        held += 1;
        let with = |change: &mut dyn FnMut(&mut Service)| {
            let mut changed = services.clone();
            changed.iter_mut().for_each(change);
            of_calls(&together(&changed))
        };
        assert_eq!(with(&mut |one| one.start = one.start.div_ceil(2)), [""; 0], "{services:?}");
        assert_eq!(with(&mut |one| one.rto = "1d".to_owned()), [""; 0], "{services:?}");
        assert_eq!(
            with(&mut |one| one.calls = one.calls.iter().skip(1).copied().collect()),
            [""; 0],
            "{services:?}"
        );
    }
    assert!(held > 3, "{held}");
}

#[test]
fn the_tier_and_the_recovery_that_are_proposed_are_enough_and_less_is_not() {
    let service = |tier, recovery, calls: &[usize]| Service {
        tier,
        recovery,
        start: 60,
        rto: "3h".to_owned(),
        calls: calls.iter().copied().collect(),
    };
    let tiers = ["bronze", "silver", "gold"];
    for (own, tier) in tiers.iter().enumerate() {
        for (theirs, called) in tiers.iter().enumerate() {
            let caller = service(tier, "warm standby", &[1]);
            let outcome = together(&[caller, service(called, "warm standby", &[])]);
            let lower = of_calls(&outcome) == ["dependency-lower-tier"];
            assert_eq!(lower, theirs < own, "{tier} calls {called}: {}", outcome.report());
            if lower {
                let help = outcome.findings[0].help.clone().expect("a change");
                assert!(help.contains(&format!("write `tier = \"{tier}\"` for `s1`")), "{help}");
            }
        }
    }
    let pair =
        |called| together(&[service("gold", "active/active", &[1]), service("gold", called, &[])]);
    let refused = pair("warm standby");
    let help = refused.findings[0].help.clone().expect("a change");
    assert_eq!(help, "write `recovery = \"active/active\"` for `s1`");
    assert_eq!(of_calls(&pair("active/active")), [""; 0]);
}
