//! Every page of an effect says what is true: its first example has that effect, its second one
//! has not. An example is two sides in one fence: lines that begin with `-` are on the old side
//! only, lines with `+` on the new one only.

use super::{Version, diff};
use crate::explain::fences;
use crate::support::FLEET;
use expect_test::expect_file;
use ninefold::diag::CODES;
use ninefold::diff::report::{Direction, Effect, Report, Severity, Side, SideKind};
use ninefold::diff::{Options, Specs, Tree, between};
use std::collections::{BTreeMap, BTreeSet};

/// Effects without an example on their page, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("another-version", "it takes another Ninefold: see the scenarios"),
    ("generation-leaves", "it takes three builds: see below"),
    ("hand-edited", "it takes a hand: see the scenarios"),
];

#[test]
fn every_example_has_its_effect_and_the_other_one_has_not() {
    let mut wrong = Vec::new();
    for row in CODES.iter().filter(|row| row.effect) {
        let examples: Vec<Example<'_>> = fences(row.page).filter_map(Example::read).collect();
        let verbs: Vec<&str> = examples.iter().map(|example| example.verb).collect();
        if OTHERWISE.iter().any(|(name, _)| *name == row.name) {
            assert_eq!(verbs.len(), 0, "{} has an example", row.name);
            continue;
        }
        assert_eq!(verbs, ["reports", "passes"], "{}", row.name);
        let [reports, passes] = [&examples[0], &examples[1]].map(|example| example.report(false));
        if !names(&reports.effects).contains(row.name) {
            wrong.push(format!("{} has not its effect:\n{}", row.name, told(&reports)));
        }
        if names(&passes.effects).contains(row.name) {
            wrong.push(format!("the other example of {} has it:\n{}", row.name, told(&passes)));
        }
        if passes.is_empty() {
            wrong.push(format!("in the other example of {} nothing differs", row.name));
        }
        for (example, there) in examples.iter().zip([&reports, &passes]) {
            wrong.extend(opposite(row.name, there, &example.report(true)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What holds of every effect, and of the same change the other way round: what loosens does not
/// loosen back.
fn opposite(name: &str, there: &Report, back: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    for effect in there.effects.iter().chain(&back.effects) {
        // A promise may change without any object.
        let promise = [
            "availability-loosened",
            "next-loss-later",
            "promise-tighter",
            "residency-loosened",
            "rpo-loosened",
            "rto-loosened",
            "strategy-changes",
            "verify-changes",
            "warning-added",
        ];
        let silent = effect.objects.is_empty() && !promise.contains(&effect.rule.name());
        if effect.title.is_empty() || silent || effect.service.is_empty() {
            wrong.push(format!("an effect of {name} says too little: {effect:?}"));
        }
        if effect.details.contains(&effect.title) {
            wrong.push(format!("an effect of {name} says it twice: {}", effect.title));
        }
    }
    let of = |report: &Report| -> BTreeSet<(&str, String, Vec<String>, bool)> {
        let directed =
            report.effects.iter().filter(|effect| effect.direction != Direction::Neutral);
        let key = |effect: &Effect| {
            let loosens = effect.direction == Direction::Loosens;
            let of = format!("{} {}", effect.service, effect.title);
            (effect.rule.name(), of, effect.regions.clone(), loosens)
        };
        directed.map(key).collect()
    };
    for same in of(there).intersection(&of(back)) {
        wrong.push(format!("{same:?} goes the same way in both directions of {name}"));
    }
    wrong
}

fn names(effects: &[Effect]) -> BTreeSet<&'static str> {
    effects.iter().map(|effect| effect.rule.name()).collect()
}

/// A report's effects, to be read when a test fails, and in expectations.
pub(super) fn told(report: &Report) -> String {
    let line = |effect: &Effect| {
        let regions = effect.regions.join(", ");
        let details: String = effect.details.iter().map(|line| format!("    {line}\n")).collect();
        let (severity, rule) = (effect.severity.word(), effect.rule.name());
        format!("{severity} {rule} {} [{regions}]: {}\n{details}", effect.service, effect.title)
    };
    report.effects.iter().map(line).collect()
}

/// An example on a page.
struct Example<'a> {
    verb: &'a str,
    /// Whether it shows manifests; else it shows specs.
    manifests: bool,
    text: &'a str,
}

impl<'a> Example<'a> {
    fn read((info, text): (&'a str, &'a str)) -> Option<Example<'a>> {
        let (manifests, verb) = match info.strip_prefix("diff ")?.split_once(' ')? {
            ("toml", verb) => (false, verb),
            ("yaml", verb) => (true, verb),
            other => panic!("a fence with {other:?}"),
        };
        Some(Example { verb, manifests, text })
    }

    /// One side of it: files by name.
    fn side(&self, other: char) -> BTreeMap<String, String> {
        let first = if self.manifests { "eastus2/shop.yaml" } else { "specs/service.toml" };
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let mut file = first.to_owned();
        for line in self.text.lines() {
            match line.strip_prefix(" #--- ") {
                Some(name) => file = format!("specs/{name}"),
                None if line.starts_with(other) => {}
                None => {
                    let text = files.entry(file.clone()).or_default();
                    text.push_str(line.get(1..).unwrap_or_default());
                    text.push('\n');
                }
            }
        }
        files.retain(|_, text| !text.trim().is_empty());
        files
    }

    /// What a diff says of it, or of its reverse.
    fn report(&self, reversed: bool) -> Report {
        let (old, new) = if reversed { ('-', '+') } else { ('+', '-') };
        let (old, new) = (self.side(old), self.side(new));
        if self.manifests {
            return of_manifests(old, new);
        }
        let with_fleet = |mut files: BTreeMap<String, String>| {
            files.entry("specs/fleet.toml".to_owned()).or_insert_with(|| FLEET.to_owned());
            files
        };
        let old = Version::new(with_fleet(old)).built();
        let new = Version { inputs: with_fleet(new), tree: old.tree.clone() }.built();
        diff(&old, &new)
    }
}

/// The difference between manifests that no ledger speaks of.
pub(super) fn of_manifests(old: BTreeMap<String, String>, new: BTreeMap<String, String>) -> Report {
    let side = |name: &str| Side { kind: SideKind::Folder, name: name.to_owned(), commit: None };
    let (old, new) = (
        Version { inputs: BTreeMap::new(), tree: old },
        Version { inputs: BTreeMap::new(), tree: new },
    );
    let paths = |version: &Version| version.tree.keys().cloned().collect::<Vec<_>>();
    let from = Tree::without_ledger(&old, &paths(&old)).expect("the example is YAML");
    let to = Tree::without_ledger(&new, &paths(&new)).expect("the example is YAML");
    let specs = Specs::default();
    between((side("old"), &from), (side("new"), &to), &specs, Options::default())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// Two Gslbs of one host each become one with both: it answers for what its route answers for.
#[test]
fn a_merged_gslb_answers_for_what_both_did() {
    let route = |name: &str, hosts: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{hostnames: [{hosts}]}}\n"
        )
    };
    let gslb = |name: &str| {
        format!(
            "apiVersion: k8gb.io/v1beta1\nkind: Gslb\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{resourceRef: {{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, name: {name}}}}}\n"
        )
    };
    let tree = |objects: &[(&str, String)]| -> BTreeMap<String, String> {
        let file = |(name, text): &(&str, String)| (format!("eastus2/{name}.yaml"), text.clone());
        objects.iter().map(file).collect()
    };
    let two = tree(&[
        ("route-a", route("a", "a.example.com")),
        ("route-b", route("b", "b.example.com")),
        ("gslb-a", gslb("a")),
        ("gslb-b", gslb("b")),
    ]);
    let merged = |hosts: &str| tree(&[("route-a", route("a", hosts)), ("gslb-a", gslb("a"))]);
    let both = of_manifests(two.clone(), merged("a.example.com, b.example.com"));
    assert!(!names(&both.effects).contains("address-removed"), "{}", told(&both));
    let one = of_manifests(two, merged("a.example.com"));
    assert!(names(&one.effects).contains("address-removed"), "{}", told(&one));
}

#[test]
fn what_is_said_of_every_example() {
    let mut text = String::new();
    for row in CODES.iter().filter(|row| row.effect) {
        for example in fences(row.page).filter_map(Example::read).take(1) {
            text.push_str(&format!("## {}\n\n{}\n", row.name, told(&example.report(false))));
        }
    }
    expect_file!["effects.txt"].assert_eq(&text);
}

/// The service that the tests below edit.
const CHECKOUT: &str = r#"
name    = "checkout"
image   = "registry.example.com/shop/checkout@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
tier    = "gold"
regions = ["eastus2", "centralus"]
rpo     = "4h"
rto     = "4h"
"#;

/// Digests of images; the first is that of [`CHECKOUT`].
const FIRST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const OTHER: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const THIRD: &str = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9";

/// The fleet of the tests with these services, built.
fn built(services: &[(&str, &str)]) -> Version {
    let files = services.iter().map(|(name, text)| (format!("specs/{name}"), (*text).to_owned()));
    let fleet = ("specs/fleet.toml".to_owned(), FLEET.to_owned());
    Version::new(files.chain([fleet]).collect()).built()
}

/// The same with another text for the service, built over its tree.
fn rebuilt(old: &Version, text: &str) -> Version {
    let edit = |path: &str, then: &str| match path {
        "specs/checkout.toml" => text.to_owned(),
        _ => then.to_owned(),
    };
    old.edit(edit).built()
}

fn effect<'a>(report: &'a Report, rule: &str) -> &'a Effect {
    let found = report.effects.iter().find(|effect| effect.rule.name() == rule);
    found.unwrap_or_else(|| panic!("no {rule} in\n{}", told(report)))
}

#[test]
fn a_generation_that_is_pushed_out_is_more_than_one_that_is_retired() {
    let first = built(&[("checkout.toml", CHECKOUT)]);
    let second = rebuilt(&first, &CHECKOUT.replace(FIRST, OTHER));
    // Retired in the same step as something is released.
    let retired = built(&[("checkout.toml", &CHECKOUT.replace(FIRST, OTHER))]);
    let third = rebuilt(&retired, &CHECKOUT.replace(FIRST, THIRD));
    assert!(!names(&diff(&first, &second).effects).contains("generation-leaves"));
    let report = diff(&second, &third);
    let pushed_out = effect(&report, "generation-leaves");
    assert_eq!((pushed_out.severity, pushed_out.regions.len()), (Severity::Medium, 2));
    // As `ninefold retire` leaves it.
    let report = diff(&second, &retired);
    assert_eq!(names(&report.effects), BTreeSet::from(["generation-leaves"]), "{}", told(&report));
    assert_eq!(effect(&report, "generation-leaves").severity, Severity::Info);
}

#[test]
fn without_a_former_generation_the_old_pods_go_first() {
    let old = built(&[("checkout.toml", CHECKOUT)]);
    // As a tree is that was deleted and built again, where no git is.
    let report = diff(&old, &built(&[("checkout.toml", &CHECKOUT.replace(FIRST, OTHER))]));
    let replaced = effect(&report, "pods-replaced");
    assert_eq!(replaced.severity, Severity::High);
    assert_eq!(replaced.evidence["order"], "delete-first");
    assert_eq!(replaced.evidence["pods"], 6);
}

#[test]
fn going_back_is_create_first_as_well() {
    let first = built(&[("checkout.toml", CHECKOUT)]);
    let second = rebuilt(&first, &CHECKOUT.replace(FIRST, OTHER));
    let report = diff(&second, &rebuilt(&second, CHECKOUT));
    assert_eq!(effect(&report, "pods-replaced").severity, Severity::Medium);
    assert!(!names(&report.effects).contains("generation-leaves"), "{}", told(&report));
}

/// [`CHECKOUT`] with a volume.
fn stateful() -> String {
    let volume = "[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
    format!("{CHECKOUT}kind = \"stateful\"\n{volume}")
}

#[test]
fn a_service_with_volumes_that_gets_another_name_begins_with_empty_ones() {
    let old = built(&[("checkout.toml", &stateful())]);
    let renamed = stateful().replace("\"checkout\"", "\"till\"\npreviously = \"checkout\"");
    let report = diff(&old, &rebuilt(&old, &renamed));
    let stranded = effect(&report, "data-stranded");
    assert_eq!((stranded.severity, stranded.service.as_str()), (Severity::Critical, "till"));
    assert!(!names(&report.effects).contains("service-removed"), "{}", told(&report));
}

#[test]
fn a_warning_about_the_objects_of_a_service_is_not_new_under_its_new_name() {
    let patched = format!(
        "{CHECKOUT}[[patch.deployment.spec.template.spec.initContainers]]\n\
         name = \"check\"\n\
         image = \"registry.example.com/check@sha256:{OTHER}\"\n\
         securityContext = {{ allowPrivilegeEscalation = false, capabilities = {{ drop = [\"ALL\"] }} }}\n"
    );
    let old = built(&[("checkout.toml", CHECKOUT)]);
    let brought = diff(&old, &rebuilt(&old, &patched));
    assert!(names(&brought.effects).contains("warning-added"), "{}", told(&brought));
    let old = built(&[("checkout.toml", &patched)]);
    let renamed = patched.replacen("\"checkout\"", "\"till\"\npreviously = \"checkout\"", 1);
    let report = diff(&old, &rebuilt(&old, &renamed));
    assert!(!names(&report.effects).contains("warning-added"), "{}", told(&report));
}

#[test]
fn a_strategy_that_changes_is_told_once() {
    let of = |text: &str, recovery: &str| format!("{text}recovery = \"{recovery}\"\n");
    let told_of = |text: &str, from: &str, to: &str| {
        let old = built(&[("checkout.toml", &of(text, from))]);
        let report = diff(&old, &rebuilt(&old, &of(text, to)));
        let effects = report.effects.iter();
        let tells = effects.filter(|effect| {
            let mut lines = std::iter::once(&effect.title).chain(&effect.details);
            lines.any(|line| line.ends_with(&format!("recovery: {from} → {to}")))
        });
        let tells: Vec<&Effect> = tells.collect();
        let [one] = tells.as_slice() else { panic!("{from} → {to}:\n{}", told(&report)) };
        let evidence = one.evidence["strategy"].to_string();
        assert!(evidence.contains(from) && evidence.contains(to), "{evidence}");
        (one.rule.name(), one.severity, one.direction)
    };
    let plain = CHECKOUT.replace("rto     = \"4h\"", "rto     = \"6h\"");
    let (roles, alone) = ("region-role-changes", "strategy-changes");
    // Roles follow from it.
    let fewer = told_of(&plain, "active/active", "warm standby");
    assert_eq!(fewer, (roles, Severity::High, Direction::Loosens));
    let nothing_runs = told_of(&plain, "warm standby", "pilot light");
    assert_eq!(nothing_runs, (roles, Severity::High, Direction::Loosens));
    assert_eq!(told_of(&plain, "pilot light", "warm standby").0, roles);
    // With volumes, nothing runs in either standby.
    let volumes = format!("{plain}kind = \"stateful\"\nVOLUMES")
        .replace("rto     = \"6h\"", "rto     = \"9h\"");
    let volumes = |recovery: &str| {
        let volume = "[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
        of(&volumes.replace("VOLUMES", ""), recovery) + volume
    };
    let old = built(&[("checkout.toml", &volumes("warm standby"))]);
    let report = diff(&old, &rebuilt(&old, &volumes("pilot light")));
    assert_eq!(effect(&report, alone).severity, Severity::High, "{}", told(&report));
    assert!(!names(&report.effects).contains(roles), "{}", told(&report));
    let back = diff(&rebuilt(&old, &volumes("pilot light")), &old);
    assert_eq!(effect(&back, alone).direction, Direction::Tightens);
}

#[test]
fn another_kind_of_workload_is_another_object() {
    let old = built(&[("checkout.toml", CHECKOUT)]);
    let report = diff(&old, &rebuilt(&old, &stateful()));
    assert_eq!(effect(&report, "kind-changes").severity, Severity::High);
    assert_eq!(effect(&report, "pods-replaced").severity, Severity::Medium);
}

#[test]
fn an_acceptance_holds_for_its_rule() {
    let accept = |rule: &str| {
        let until = "2027-01-31";
        format!("[[accept]]\nrule = \"{rule}\"\nreason = \"agreed\"\nuntil = \"{until}\"\n")
    };
    let one = CHECKOUT.replace("[\"eastus2\", \"centralus\"]", "[\"eastus2\"]");
    let old = built(&[("checkout.toml", CHECKOUT)]);
    let gate = |text: &str| {
        let report = diff(&old, &rebuilt(&old, text));
        let loss = effect(&report, "loses-region").clone();
        let stopped = report.unaccepted(Severity::Critical).any(|effect| *effect == loss);
        (loss.accepted, stopped)
    };
    assert_eq!(gate(&one), (None, true));
    let (accepted, stopped) = gate(&format!("{one}{}", accept("loses-region")));
    let accepted = accepted.expect("it is accepted");
    assert_eq!((accepted.reason.as_str(), accepted.until.as_str()), ("agreed", "2027-01-31"));
    assert!(!stopped);
    assert_eq!(gate(&format!("{one}{}", accept("rpo-loosened"))), (None, true));
}

#[test]
fn a_service_that_goes_is_accepted_by_its_last_spec() {
    let other = CHECKOUT.replace("\"checkout\"", "\"orders\"");
    let accept = |rule: &str, until: &str| {
        format!("[[accept]]\nrule = \"{rule}\"\nreason = \"replaced\"\nuntil = \"{until}\"\n")
    };
    let all = accept("service-removed", "2027-01-31") + &accept("data-deleted", "2027-03-31");
    let text = format!("{CHECKOUT}{all}");
    let old = built(&[("checkout.toml", &text), ("orders.toml", &other)]);
    let report = diff(&old, &built(&[("orders.toml", &other)]));
    let until = |rule: &str| {
        let accepted = effect(&report, rule).accepted.as_ref();
        accepted.map(|accepted| accepted.until.clone())
    };
    assert_eq!(until("service-removed").as_deref(), Some("2027-01-31"));
    // Its namespace goes with it, which is the fleet's.
    assert_eq!(until("data-deleted").as_deref(), Some("2027-03-31"));
    assert_eq!(report.unaccepted(Severity::Critical).count(), 0, "{}", told(&report));
}

#[test]
fn a_service_that_goes_is_accepted_by_the_fleet_in_the_same_change() {
    let other = CHECKOUT.replace("\"checkout\"", "\"orders\"");
    let old = built(&[("checkout.toml", CHECKOUT), ("orders.toml", &other)]);
    let accept = |service: &str| -> String {
        let of = |rule: &str| {
            format!(
                "[[accept]]\nservice = \"{service}\"\nrule = \"{rule}\"\nreason = \"r\"\nuntil = \"2027-01-31\"\n"
            )
        };
        of("service-removed") + &of("data-deleted")
    };
    let stopped = |service: &str| {
        let fleet = format!("{FLEET}\n{}", accept(service));
        let files = [
            ("specs/fleet.toml".to_owned(), fleet),
            ("specs/orders.toml".to_owned(), other.clone()),
        ];
        let report = diff(&old, &Version::new(files.into()).built());
        report.unaccepted(Severity::Critical).count()
    };
    assert_eq!((stopped("checkout"), stopped("orders")), (0, 2));
}

#[test]
fn a_policy_that_looks_at_generations_closes_ways_of_the_next() {
    let spec = format!("{CHECKOUT}\n[[manifests]]\npath = \"manifests/only.yaml\"\n");
    let with = |spec: &str, generation: &str| {
        let policy = format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: only\n  namespace: checkout\nspec:\n  podSelector:\n    matchExpressions:\n    - {{ key: ninefold.dev/generation, operator: In, values: [{generation}] }}\n  ingress:\n  - from:\n    - podSelector: {{ matchLabels: {{ app: debug }} }}\n"
        );
        Version::new(BTreeMap::from([
            ("specs/fleet.toml".to_owned(), FLEET.to_owned()),
            ("specs/checkout.toml".to_owned(), spec.to_owned()),
            ("specs/manifests/only.yaml".to_owned(), policy),
        ]))
    };
    let generation = |version: &Version| {
        let deployment = &version.tree["eastus2/checkout/deployment.yaml"];
        let (_, label) = deployment.split_once("ninefold.dev/generation: ").expect("it has one");
        label.lines().next().unwrap_or_default().to_owned()
    };
    let first = generation(&with(&spec, "none").built());
    let old = with(&spec, &first).built();
    let new = Version {
        inputs: with(&spec.replace(FIRST, OTHER), &first).inputs,
        tree: old.tree.clone(),
    };
    let report = diff(&old, &new.built());
    let closed = report.effects.iter().any(|effect| effect.rule.name() == "network-path-closed");
    assert!(closed, "{:?}", report.effects.iter().map(|it| it.rule.name()).collect::<Vec<_>>());
}

#[test]
fn who_edits_accepts_what_it_does_to_others() {
    let caller = |rest: &str| format!("{}{rest}", CHECKOUT.replace("\"checkout\"", "\"web\""));
    let calls = "[[depends_on]]\nservice = \"checkout\"\n";
    let accept =
        "[[accept]]\nrule = \"network-path-closed\"\nreason = \"agreed\"\nuntil = \"2027-01-31\"\n";
    let old = built(&[("checkout.toml", CHECKOUT), ("web.toml", &caller(calls))]);
    let closed = |rest: &str| {
        let new = Version {
            inputs: built(&[("checkout.toml", CHECKOUT), ("web.toml", &caller(rest))]).inputs,
            tree: old.tree.clone(),
        };
        let report = diff(&old, &new.built());
        let of = |service: &str| {
            let mut effects = report.effects.iter();
            let found =
                effects.find(|it| it.rule.name() == "network-path-closed" && it.service == service);
            found.unwrap_or_else(|| panic!("{}", told(&report))).accepted.is_some()
        };
        (of("web"), of("checkout"))
    };
    assert_eq!(closed(""), (false, false));
    assert_eq!(closed(accept), (true, true));
}

#[test]
fn names_of_secrets_are_shown() {
    let with = |name: &str| format!("{CHECKOUT}[[secrets]]\nname = \"{name}\"\nenv = true\n");
    let old = built(&[("checkout.toml", &with("checkout-password"))]);
    let report = diff(&old, &rebuilt(&old, &with("checkout-token")));
    let told = format!("{} {}", told(&report), report.causes[0].title);
    assert!(told.contains("checkout-token") && !told.contains("masked"), "{told}");
}

#[test]
fn a_region_in_which_nothing_runs_is_called_that() {
    let one = CHECKOUT.replace("[\"eastus2\", \"centralus\"]", "[\"eastus2\"]");
    let old = built(&[("checkout.toml", &one)]);
    let pilot = format!("{CHECKOUT}recovery = \"pilot light\"\n");
    let gains =
        |text: &str| effect(&diff(&old, &rebuilt(&old, text)), "gains-region").title.clone();
    assert_eq!(gains(&pilot), "gains region centralus, in which nothing runs");
    assert_eq!(
        gains(&format!("{CHECKOUT}recovery = \"active/active\"\n")),
        "gains region centralus"
    );
}

/// Where an effect is said to come from: file and line of each place.
fn places(report: &Report, effect: &Effect) -> BTreeSet<(String, Option<usize>)> {
    let causes = effect.causes.iter().map(|cause| &report.causes[*cause]);
    let places = causes.flat_map(|cause| &cause.places);
    places.map(|place| (place.file.clone(), place.line.or(place.old_line))).collect()
}

#[test]
fn a_host_that_goes_and_one_that_comes_have_causes_of_their_own() {
    let with = |hosts: &str| {
        format!(
            "{CHECKOUT}\n[[ports]]\nname = \"http\"\nport = 8080\ngateway = true\n\n[traffic]\nhosts = [\n  \"a.example.net\",\n{hosts}]\n"
        )
    };
    let old = built(&[("checkout.toml", &with("  \"b.example.net\",\n"))]);
    let report = diff(&old, &rebuilt(&old, &with("  \"c.example.net\",\n")));
    let titles = |rule: &str| -> Vec<&str> {
        let causes = effect(&report, rule).causes.iter();
        causes.map(|cause| report.causes[*cause].title.as_str()).collect()
    };
    assert_eq!(titles("address-removed"), ["traffic.hosts: − \"b.example.net\""]);
    assert_eq!(titles("address-added"), ["traffic.hosts: + \"c.example.net\""]);
}

#[test]
fn a_rename_is_traced_to_its_own_lines() {
    let of = |name: &str, rest: &str| format!("{}{rest}", CHECKOUT.replace("\"checkout\"", name));
    let calls = |name: &str| {
        format!("[[depends_on]]\nservice = \"stock\"\n\n[[depends_on]]\nservice = \"{name}\"\n")
    };
    let stock = of("\"stock\"", "");
    let old = built(&[
        ("checkout.toml", &of("\"checkout\"", &calls("email"))),
        ("email.toml", &of("\"email\"", "")),
        ("stock.toml", &stock),
    ]);
    let files = [
        ("specs/checkout.toml".to_owned(), of("\"checkout\"", &calls("mailer"))),
        ("specs/email.toml".to_owned(), of("\"mailer\"", "previously = \"email\"\n")),
        ("specs/stock.toml".to_owned(), stock.clone()),
        ("specs/fleet.toml".to_owned(), FLEET.to_owned()),
    ];
    let report = diff(&old, &Version { inputs: files.into(), tree: old.tree.clone() }.built());
    let right = BTreeSet::from([
        ("specs/checkout.toml".to_owned(), Some(12)),
        ("specs/email.toml".to_owned(), Some(2)),
    ]);
    let mut wrong = Vec::new();
    for effect in &report.effects {
        let places = places(&report, effect);
        if places.is_empty() || !places.is_subset(&right) {
            wrong.push(format!("{} {} comes of {places:?}", effect.service, effect.rule.name()));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), told(&report));
    assert!(report.effects.iter().any(|effect| effect.service == "checkout"), "{}", told(&report));
}

#[test]
fn an_acceptance_ends_with_the_inventory_that_is_younger() {
    let accept = "[[accept]]\nrule = \"loses-region\"\nreason = \"r\"\nuntil = \"2026-12-31\"\n";
    let one = CHECKOUT.replace("[\"eastus2\", \"centralus\"]", "[\"eastus2\"]") + accept;
    let old = built(&[("checkout.toml", CHECKOUT)]);
    let new = rebuilt(&old, &one);
    let accepted = |new: &Version| effect(&diff(&old, new), "loses-region").accepted.is_some();
    assert!(accepted(&new));
    // The tree is the same; the specs beside it are from a later day, and no longer compile.
    let later = new.edit(|_, text| text.replace("2026-11-01", "2027-01-01"));
    assert!(!accepted(&later));
}

#[test]
fn nothing_is_said_of_a_tree_and_itself() {
    let tree = built(&[("checkout.toml", CHECKOUT)]);
    assert_eq!(told(&diff(&tree, &tree)), "");
}

#[test]
fn manifests_alone_tell_what_a_change_does() {
    let mut wrong = Vec::new();
    let cases = include_str!("manifests.txt").split("\n## ").skip(1);
    let mut count = 0;
    for case in cases {
        let (head, text) = case.split_once('\n').expect("a title and two sides");
        let (_, expected) = head.rsplit_once(": ").expect("a title and an effect");
        let (severity, rule) = expected.split_once(' ').expect("a severity and a rule");
        let report = Example { verb: "reports", manifests: true, text }.report(false);
        let found = report.effects.iter().find(|effect| effect.rule.name() == rule);
        let severe = found.map_or("not", |effect| effect.severity.word());
        assert!(CODES.iter().any(|row| row.name == rule), "{head}");
        if severe != severity || report.objects.is_empty() {
            wrong.push(format!("{head}\n  is {severe}:\n{}", told(&report)));
        }
        count += 1;
    }
    assert!(wrong.is_empty() && count > 40, "{count} cases\n{}", wrong.join("\n"));
}
